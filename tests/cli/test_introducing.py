from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from voicecoach import doctor
from voicecoach.cli import introducing
from voicecoach.cli.introducing import MOST_ADVICE, MOST_LOUDSPEAKERS, advice, loudspeakers, report
from voicecoach.doctor import Finding, Standing
from voicecoach.language.pack import languages, load_pack
from voicecoach.live.devices import Device, Direction
from voicecoach.speech.texts import check_text

ENGLISH, KOREAN = load_pack("en"), load_pack("ko")


def device(name: str, *, is_default: bool = False, direction: Direction = Direction.OUTPUT) -> Device:
    return Device(name, direction, name, 48_000, 2, is_default, 0)


def test_the_usual_loudspeaker_comes_first_and_by_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        device("hw:CARD=Headset,DEV=0"),
        device("default", is_default=True),
        device("hw:CARD=vc4hdmi0,DEV=0"),
        device("hw:CARD=Mic,DEV=0", direction=Direction.INPUT),
    ]
    monkeypatch.setattr(introducing, "probe_devices", lambda: found)
    assert loudspeakers("") == ["", "hw:CARD=Headset,DEV=0", "hw:CARD=vc4hdmi0,DEV=0"]


def test_only_the_one_that_is_named_is_tried() -> None:
    assert loudspeakers("hw:CARD=Headset,DEV=0") == ["hw:CARD=Headset,DEV=0"]


def test_not_everything_that_a_machine_lists_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introducing, "probe_devices", lambda: [device(f"card{number}") for number in range(30)])
    assert len(loudspeakers("")) == MOST_LOUDSPEAKERS


def finding(standing: Standing, spoken: str) -> Finding:
    return Finding("check", standing, "code", "found", spoken=spoken)


def test_the_worst_is_said_first_once_and_what_is_well_not_at_all() -> None:
    said = advice(
        [
            finding(Standing.OK, "All is well."),
            finding(Standing.WARNING, "It is noisy."),
            finding(Standing.FAILURE, "There is no microphone."),
            finding(Standing.FAILURE, "There is no microphone."),
            finding(Standing.SKIPPED, "I could not look."),
            finding(Standing.WARNING, ""),
        ],
        ENGLISH,
    )
    assert said == ["There is no microphone.", "It is noisy."]
    assert len(advice([finding(Standing.FAILURE, f"Fault {number}.") for number in range(20)], ENGLISH)) == MOST_ADVICE


def test_whoever_has_answered_is_told_that_all_is_well_and_what_is_not_quite() -> None:
    well = finding(Standing.OK, "")
    assert report(ENGLISH, [well], has_answered=True) == ["My microphone and my loudspeaker are as they should be."]
    assert report(ENGLISH, [well, finding(Standing.WARNING, "It is noisy.")], has_answered=True) == ["It is noisy."]


def test_where_nobody_has_answered_only_what_fails_is_said() -> None:
    found = [finding(Standing.WARNING, "It is quiet."), finding(Standing.OK, "")]
    assert report(ENGLISH, found, has_answered=False) == []
    assert report(ENGLISH, [*found, finding(Standing.FAILURE, "It is dead.")], has_answered=False) == ["It is dead."]


def test_where_measuring_was_broken_off_nothing_is_said_to_be_well() -> None:
    assert report(ENGLISH, [], has_answered=True) == []


def test_a_dead_microphone_is_one_fault_and_not_two() -> None:
    dead = Finding("levels", Standing.FAILURE, "stuck", "found", spoken="It is dead.")
    silent = Finding("echo", Standing.WARNING, "not_heard", "found", spoken="I hear no echo.")
    assert advice([silent, dead], ENGLISH) == ["It is dead."]
    assert advice([silent], ENGLISH) == ["I hear no echo."]


def test_what_is_found_is_said_in_the_language_of_the_coach() -> None:
    found = Finding("levels", Standing.WARNING, "faint", "found", spoken="You are very quiet.")
    assert advice([found], KOREAN) == [KOREAN.calls.findings["levels"]["faint"]]


def spoken_findings() -> set[tuple[str, str]]:
    """Return check and code of everything that the doctor's modules can find and have a sentence for."""
    found = set()
    for path in sorted(Path(doctor.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = importlib.import_module(f"voicecoach.doctor.{path.stem}")
        checks: list[str] = [own.CHECK] if hasattr(own, "CHECK") else list(getattr(own, "CHECKS", {}).values())
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            after = {"Finding": 1, "finding": 0}.get(name)
            if after is None or len(call.args) <= after + 4:
                continue
            spoken = call.args[after + 4]
            code = call.args[after + 1]
            if isinstance(code, ast.Name) or (isinstance(spoken, ast.Constant) and not spoken.value):
                continue
            codes = [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]
            own_checks = ["sound"] if path.stem == "devices" and ast.unparse(code) == "'hangs'" else checks
            found |= {(check, ast.literal_eval(one)) for check in own_checks for one in codes}
    return found


def test_every_other_language_has_a_sentence_for_everything_that_the_doctor_speaks_of() -> None:
    wanted = spoken_findings()
    assert {("levels", "stuck"), ("echo", "over_voice"), ("microphone", "absent"), ("sound", "hangs")} <= wanted
    for pack in (load_pack(language) for language in languages() if language != "en"):
        has = {(check, code) for check, codes in pack.calls.findings.items() for code in codes}
        assert has == wanted, pack.language
        for text in (text for codes in pack.calls.findings.values() for text in codes.values()):
            check_text(text)
