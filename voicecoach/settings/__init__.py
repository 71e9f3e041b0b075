"""The settings of this machine: one file that nobody has to write, and that is only ever read."""

from voicecoach.settings.model import DEFAULT_LANGUAGE, EngineName, Settings
from voicecoach.settings.reader import (
    DEFAULT_SOURCE,
    FILE_VARIABLE,
    SYSTEM_FILE,
    Configuration,
    Setting,
    UnreadableSettingsError,
    configuration_from,
    find_file,
    load_configuration,
    user_file,
)

__all__ = [
    "DEFAULT_LANGUAGE",
    "DEFAULT_SOURCE",
    "FILE_VARIABLE",
    "SYSTEM_FILE",
    "Configuration",
    "EngineName",
    "Setting",
    "Settings",
    "UnreadableSettingsError",
    "configuration_from",
    "find_file",
    "load_configuration",
    "user_file",
]
