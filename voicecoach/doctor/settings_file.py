"""Whether the settings can be read and make sense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voicecoach.doctor.finding import Finding, Standing
from voicecoach.errors import DocumentError, VoicecoachError
from voicecoach.settings import Configuration, configuration_from, load_configuration, user_file

CHECK: Final = "settings"


@dataclass(frozen=True, slots=True)
class SettingsFacts:
    """What came of reading them."""

    configuration: Configuration
    """What holds; the defaults where the file is of no use."""
    trouble: VoicecoachError | None


def probe(named: str | None) -> SettingsFacts:
    """Read the file that every verb would read."""
    try:
        return SettingsFacts(load_configuration(named), None)
    except VoicecoachError as error:
        return SettingsFacts(configuration_from("", user_file()), error)


def judge(facts: SettingsFacts) -> Finding:
    """Say what is wrong with the settings, all of it."""
    error = facts.trouble
    if error is not None:
        faults = len(error.faults) if isinstance(error, DocumentError) else 1
        return Finding(
            CHECK,
            Standing.FAILURE,
            "unusable",
            str(error),
            "Nothing starts until that is mended; the checks below go by the defaults.",
            f"My settings have {faults} mistake{'s' if faults != 1 else ''}. I cannot start a session until that is "
            "mended.",
            {"faults": faults},
            error.exit_code,
        )
    path = facts.configuration.path
    if path is None:
        return Finding(CHECK, Standing.OK, "defaults", "No settings file; the defaults hold.", facts={"path": None})
    return Finding(CHECK, Standing.OK, "valid", f"{path} is in order.", facts={"path": str(path)})
