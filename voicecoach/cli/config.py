"""`config`: the settings that hold, and where each comes from."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from voicecoach.cli.telling import show, show_json, tell
from voicecoach.errors import EXIT_DONE
from voicecoach.language.pack import unspelt
from voicecoach.live.known_machine import known_efforts, machine_file
from voicecoach.live.overload import LEFT_OUT, Effort
from voicecoach.settings import (
    DEFAULT_LANGUAGE,
    DEFAULT_SOURCE,
    Configuration,
    Setting,
    find_file,
    load_configuration,
    user_file,
)
from voicecoach.sound_alikes import warnings


def run(arguments: argparse.Namespace) -> int:
    """Print every setting with its value and its source, or the path of the file alone."""
    if arguments.path:
        path = find_file(arguments.config)
        if path is None:
            tell(f"There is no settings file. Yours would be {user_file()}.")
        else:
            show(f"{path}")
        return EXIT_DONE
    configuration = load_configuration(arguments.config)
    check_words(configuration)
    for warning in warnings(configuration, configuration.pack()):
        tell(warning)
    settings = configuration.effective()
    if arguments.json:
        show_json(_as_json(configuration, settings))
        return EXIT_DONE
    rows = [(setting.key, _text(setting), setting.source) for setting in settings if _is_shown(setting)]
    if not any(setting.key.startswith("phrases.") and setting.value for setting in settings):
        rows.append(("phrases", "(none added)", DEFAULT_SOURCE))
    rows += _machine_rows()
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for key, value, source in rows:
        show(f"{key:<{widths[0]}}  {value:<{widths[1]}}  {source}")
    return EXIT_DONE


def _machine_rows() -> list[tuple[str, str, str]]:
    """Return what sessions found out about this machine, if anything: it decides what is heard with as well."""
    path = machine_file()
    return [
        (f"(pace) {name or 'usual loudspeaker'}", _effort_text(effort), str(path))
        for name, effort in known_efforts(path).items()
    ]


def _effort_text(effort: Effort) -> str:
    without = f", without {LEFT_OUT[effort.thrift]}" if effort.thrift else ""
    return f"{effort.buffer_ms} ms kept ready{without}"


def check_words(configuration: Configuration) -> None:
    """Raise `DocumentError` for extra phrases that Moonshine or PocketSphinx could not hear, where one of them listens.

    What a Vosk model knows is only known once it is loaded, which takes seconds: `listen` and `rehearse` say it.
    """
    words = configuration.extra_words()
    hearing = configuration.settings.hearing
    if not words or configuration.pack().language != DEFAULT_LANGUAGE:
        return
    if hearing.engine == "pocketsphinx":
        from voicecoach.listening.pronunciation import pronunciations

        ways = pronunciations(words, configuration.pack().recognition.pronunciations)
        unknown = [word for word in words if not ways[word]]
    else:
        unknown = unspelt(words)
    if faults := configuration.unknown_words(unknown):
        raise faults


def _is_shown(setting: Setting) -> bool:
    """Tell whether a person wants to read it: 26 lines about phrases that nobody added are noise."""
    return setting.value != [] or setting.source != DEFAULT_SOURCE


def _text(setting: Setting) -> str:
    match setting.value:
        case None if setting.key in ("address", "on_event") or setting.key.startswith("standby."):
            return "(none)"
        case None:
            return "(the system's)" if setting.key.startswith("devices.") else "(the installed one, if any)"
        case list() as phrases:
            return ", ".join(phrases) or "(none)"
        case float() as number:
            return f"{number:g}"
        case value:
            return str(value)


def _as_json(configuration: Configuration, settings: list[Setting]) -> dict[str, object]:
    return {
        "machine": {name: asdict(effort) for name, effort in known_efforts(machine_file()).items()},
        "path": None if configuration.path is None else str(configuration.path),
        "settings": {setting.key: {"value": setting.value, "source": setting.source} for setting in settings},
    }
