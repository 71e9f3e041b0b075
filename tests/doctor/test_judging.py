"""What is made of facts: no device, file or process is touched here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.doctor import (
    clock,
    devices,
    disk,
    echo,
    levels,
    model,
    pace,
    permissions,
    power,
    settings_file,
    sound_server,
)
from voicecoach.doctor import voice as voices
from voicecoach.doctor.finding import Finding, Standing, exit_code, skipped
from voicecoach.doctor.sound import EchoFacts, LevelFacts, StreamFacts
from voicecoach.language.pack import load_pack
from voicecoach.live.devices import Direction
from voicecoach.live.opening import refusal
from voicecoach.live.overload import LEFT_OUT, STEPS
from voicecoach.speech.texts import check_text

PACK = load_pack("en")
OK, WARNING, FAILURE, SKIPPED = Standing
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()


def assert_sensible(finding: Finding) -> None:
    """Everything that is not well comes with advice, and can be spoken."""
    assert finding.found.strip()
    if finding.standing in (WARNING, FAILURE):
        assert finding.advice.strip(), finding
    if finding.standing is FAILURE:
        assert finding.spoken, finding
    if finding.spoken:
        check_text(finding.spoken)
        assert not any(mark in finding.spoken for mark in "`/_="), finding.spoken
    if finding.standing in (OK, SKIPPED):
        assert finding.exit_code == 0


def assert_finds(finding: Finding, standing: Standing, code: str, exits: int = 0) -> None:
    assert (finding.standing, finding.code, finding.exit_code) == (standing, code, exits), finding
    assert_sensible(finding)


MEGABYTE = 10**6


@pytest.mark.parametrize(
    ("free", "standing", "code"),
    [
        (5_000 * MEGABYTE, OK, "room"),
        (100 * MEGABYTE, WARNING, "little_room"),
        (3 * MEGABYTE, FAILURE, "full"),
        (0, FAILURE, "full"),
        (None, SKIPPED, "skipped"),
    ],
)
def test_disk(free: int | None, standing: Standing, code: str) -> None:
    assert_finds(disk.judge([disk.Place("history", "/home/x", free, writable=True)]), standing, code)


def test_a_folder_that_cannot_be_written_is_named() -> None:
    finding = disk.judge([disk.Place("history", "/home/x", 10**12, writable=False)])
    assert_finds(finding, WARNING, "unwritable")
    assert "/home/x" in finding.found


@pytest.mark.parametrize(
    ("now_s", "synchronised", "own", "standing", "code"),
    [
        (NOW, True, False, OK, "right"),
        (NOW, None, False, OK, "right"),
        (NOW, False, True, OK, "not_synchronised"),
        (NOW, False, False, WARNING, "not_synchronised"),
        (12.0, False, False, WARNING, "not_set"),
        (-5.0, True, True, WARNING, "not_set"),
    ],
)
def test_clock(now_s: float, synchronised: bool | None, own: bool, standing: Standing, code: str) -> None:
    assert_finds(clock.judge(clock.ClockFacts(now_s, synchronised, own)), standing, code)


@pytest.mark.parametrize(
    ("flags", "alarm", "standing", "code"),
    [
        ([], None, SKIPPED, "skipped"),
        ([0], None, OK, "steady"),
        ([], False, OK, "steady"),
        ([0x50005], None, WARNING, "under_voltage"),
        ([0x50000], None, WARNING, "under_voltage_before"),
        ([0], True, WARNING, "under_voltage"),
        ([0, 0x50000], False, WARNING, "under_voltage_before"),
        ([0x50000, 0], False, WARNING, "under_voltage_before"),
        ([0x8], None, WARNING, "hot"),
        ([0xE0000], None, WARNING, "hot_before"),
    ],
)
def test_power(flags: Iterable[int], alarm: bool | None, standing: Standing, code: str) -> None:
    assert_finds(power.judge(power.PowerFacts(tuple(flags), alarm)), standing, code)


def test_what_the_firmware_prints_is_read_in_both_ways() -> None:
    assert power.parse_throttled("throttled=0x50005\n") == 0x50005
    assert power.parse_throttled("50005\n") == 0x50005


@given(st.text(max_size=30))
def test_anything_else_that_is_printed_is_no_answer(text: str) -> None:
    bits = power.parse_throttled(text)
    assert bits is None or (0 <= bits < 1 << 32 and text.strip())


CARD = permissions.PermissionFacts("pi", 2, (), in_group=True, in_group_next_time=True)


@pytest.mark.parametrize(
    ("changes", "has_server", "standing", "code"),
    [
        ({}, False, OK, "open"),
        ({"cards": None}, False, WARNING, "no_card"),
        ({"cards": 0}, True, OK, "no_card"),
        ({"closed": ("/dev/snd/pcmC0D0p",)}, True, WARNING, "closed"),
        ({"closed": ("/dev/snd/pcmC0D0p",), "in_group": False}, False, FAILURE, "closed"),
    ],
)
def test_permissions(changes: Mapping[str, Any], has_server: bool, standing: Standing, code: str) -> None:
    assert_finds(permissions.judge(replace(CARD, **changes), has_server=has_server), standing, code)


def test_who_was_added_to_the_group_since_the_log_in_is_told_to_log_in_again() -> None:
    closed = replace(CARD, closed=("/dev/snd/pcmC0D0p",), in_group=False)
    assert "log out" in permissions.judge(closed, has_server=False).advice
    never = replace(closed, in_group_next_time=False)
    assert "usermod -aG audio pi" in permissions.judge(never, has_server=False).advice


SERVER = sound_server.ServerFacts(
    user="pi",
    uid=1000,
    runtime_folder="/run/user/1000",
    usual_folder=True,
    named=None,
    sockets=("pulse/native",),
    answers=True,
    server="PulseAudio (on PipeWire 1.2)",
    has_systemd=True,
    lingers=True,
    is_graphical=False,
    others=(),
)
ABSENT = replace(SERVER, sockets=(), answers=False, server=None)


@pytest.mark.parametrize(
    ("facts", "standing", "code"),
    [
        (SERVER, OK, "answers"),
        (replace(SERVER, lingers=False, is_graphical=True), OK, "answers"),
        (replace(SERVER, lingers=False, has_systemd=False), OK, "answers"),
        (replace(SERVER, lingers=False), WARNING, "ends_with_login"),
        (replace(SERVER, answers=False, server=None), FAILURE, "hangs"),
        (replace(SERVER, answers=None, server=None), OK, "answers"),
        (ABSENT, OK, "none"),
        (replace(ABSENT, lingers=False), OK, "none"),
        (replace(ABSENT, sockets=("pipewire-0",), runtime_folder=None), WARNING, "not_told"),
        (replace(ABSENT, user="voicecoach", uid=998, others=("pi",)), WARNING, "of_somebody_else"),
    ],
)
def test_sound_server(facts: sound_server.ServerFacts, standing: Standing, code: str) -> None:
    assert_finds(sound_server.judge(facts), standing, code)


SPOKE = voices.VoiceFacts(None, "pyttsx3 2.99, espeak-ng 1.51, en-us, 150", 1_300, 200, 0.5)


@pytest.mark.parametrize(
    ("facts", "standing", "code", "exits"),
    [
        (SPOKE, OK, "speaks", 0),
        (replace(SPOKE, took_ms=9_000), WARNING, "slow", 0),
        (replace(SPOKE, length_ms=10), FAILURE, "none", 6),
        (replace(SPOKE, peak=0.0), FAILURE, "none", 6),
        (voices.VoiceFacts("the coach has no voice: no espeak-ng; install it"), FAILURE, "none", 6),
    ],
)
def test_voice(facts: voices.VoiceFacts, standing: Standing, code: str, exits: int) -> None:
    finding = voices.judge(facts, PACK)
    assert (finding.standing, finding.code, finding.exit_code) == (standing, code, exits)
    assert finding.advice or standing is OK
    assert not finding.spoken, "who has no voice says nothing"


EARS = model.ModelFacts(None, 0, "Moonshine", True, 600, 80, 3, 3, 0.15, has_second_opinion=True)


@pytest.mark.parametrize(
    ("facts", "standing", "code", "exits"),
    [
        (EARS, OK, "hears", 0),
        (replace(EARS, has_scorer=False), WARNING, "no_scorer", 0),
        (replace(EARS, load=0.9), WARNING, "slow", 0),
        (replace(EARS, understood=0), FAILURE, "understands_nothing", 5),
        (replace(EARS, understood=0, tried=0), OK, "hears", 0),
        (model.ModelFacts("There is no speech model; run setup.", 5), FAILURE, "unusable", 5),
        (model.ModelFacts("config.yaml:3:1: unknown words", 3), FAILURE, "settings", 3),
    ],
)
def test_model(facts: model.ModelFacts, standing: Standing, code: str, exits: int) -> None:
    finding = model.judge(facts, PACK)
    assert (finding.standing, finding.code, finding.exit_code) == (standing, code, exits)
    assert finding.standing is OK or finding.advice or code == "settings"


STREAM = StreamFacts("pulse:usb", 44_100, 48_000, 2, 10, None)
REFUSED = replace(STREAM, opened_hz=0, callbacks=0)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (StreamFacts("", 0, 0, 0, 0, "There is no loudspeaker: connect one, then look."), "absent"),
        (
            replace(
                REFUSED, trouble=refusal("usb", "Error opening RawOutputStream: Device unavailable [PaErrorCode -9985]")
            ),
            "closed",
        ),
        (replace(REFUSED, trouble=refusal("usb", "Invalid sample rate [PaErrorCode -9997]")), "closed"),
        (replace(STREAM, callbacks=0), "stands_still"),
    ],
)
def test_a_device_that_does_not_work(facts: StreamFacts, code: str, direction: Direction) -> None:
    finding = devices.judge(facts, direction, is_named=False)
    assert_finds(finding, FAILURE, code, exits=4 if direction is Direction.OUTPUT else 0)


def test_a_device_that_works_is_told_with_its_rates() -> None:
    finding = devices.judge(STREAM, Direction.INPUT, is_named=True)
    assert_finds(finding, OK, "works")
    assert "48000 Hz (natively 44100 Hz)" in finding.found


def test_a_named_microphone_that_is_not_there_keeps_a_session_from_starting() -> None:
    absent = StreamFacts("usb", 0, 0, 0, 0, "There is no microphone 'usb'; did you mean 'hw:CARD=USB'?")
    finding = devices.judge(absent, Direction.INPUT, is_named=True)
    assert_finds(finding, FAILURE, "absent", exits=4)
    assert "did you mean 'hw:CARD=USB'" in finding.found


def test_who_holds_a_busy_card_is_named() -> None:
    busy = replace(REFUSED, trouble=refusal("usb", "Device unavailable [PaErrorCode -9985]"))
    assert "mpd (812)" in devices.judge(busy, Direction.OUTPUT, is_named=True, holders=("mpd (812)",)).found


ROOM = LevelFacts(144_000, 48_000, -30.0, -58.0, -40.0, 0.0, 0.0, is_stuck=False, overflows=0)


@pytest.mark.parametrize(
    ("changes", "standing", "code"),
    [
        ({}, OK, "good"),
        ({"loud_db": -57.0}, OK, "good"),
        ({"frames": 0, "is_stuck": True}, FAILURE, "nothing"),
        ({"is_stuck": True, "peak_db": -120.0}, FAILURE, "stuck"),
        ({"is_stuck": True, "peak_db": -3.0, "offset": 0.7}, FAILURE, "stuck"),
        ({"clipped": 0.02, "peak_db": 0.0, "loud_db": -5.0}, WARNING, "clipped"),
        ({"offset": -0.11}, WARNING, "offset"),
        ({"floor_db": -78.0, "loud_db": -70.0}, WARNING, "silent"),
        ({"floor_db": -70.0, "loud_db": -52.0}, WARNING, "faint"),
        ({"floor_db": -28.0, "loud_db": -25.0}, WARNING, "noisy"),
    ],
)
def test_levels(changes: Mapping[str, Any], standing: Standing, code: str) -> None:
    assert_finds(levels.judge(replace(ROOM, **changes), hears_chirps=False), standing, code)


def test_a_microphone_that_gives_zeros_only_while_it_is_quiet_is_not_taken_for_a_dead_one() -> None:
    gated = replace(ROOM, is_stuck=True, peak_db=-120.0)
    assert_finds(levels.judge(gated, hears_chirps=True), WARNING, "gated")


AIR = EchoFacts(3, (141.0, 142.0, 143.0), (-21.0, -20.0, -19.0), (40.0, 40.0, 40.0), -30.0, 0.0, 0, None)


@pytest.mark.parametrize(
    ("changes", "standing", "code"),
    [
        ({}, OK, "steady"),
        ({"delays_ms": (141.0, 142.0), "gains_db": (-20.0, -20.0)}, OK, "steady"),
        ({"played": 0}, FAILURE, "not_played"),
        ({"delays_ms": (), "gains_db": ()}, WARNING, "not_heard"),
        ({"delays_ms": (141.0,), "gains_db": (-20.0,)}, WARNING, "not_heard"),
        ({"clipped": 0.001}, WARNING, "too_loud"),
        ({"peak_db": -1.0}, WARNING, "too_loud"),
        ({"delays_ms": (500.0, 501.0, 502.0)}, WARNING, "late"),
        ({"delays_ms": (100.0, 140.0, 180.0)}, WARNING, "unsteady"),
        ({"canceller": "No module named 'pywebrtc_audio'"}, WARNING, "no_canceller"),
    ],
)
def test_echo(changes: Mapping[str, Any], standing: Standing, code: str) -> None:
    finding = echo.judge(replace(AIR, **changes))
    assert (finding.standing, finding.code) == (standing, code), finding
    if code != "unsteady":
        assert_sensible(finding)


@pytest.mark.parametrize(
    ("voice_db", "code"), [(None, "steady"), (-25.0, "steady"), (-45.0, "steady"), (-51.0, "over_voice")]
)
def test_an_echo_is_held_against_how_loud_the_person_is(voice_db: float | None, code: str) -> None:
    # Speech of -20 dB that comes back 20 dB weaker is at -40 dB.
    finding = echo.judge(AIR, voice_db)
    assert finding.code == code
    assert_sensible(finding)


def test_only_what_stands_out_from_the_room_is_taken_for_a_voice() -> None:
    assert levels.voice_db(replace(ROOM, floor_db=-60.0, loud_db=-52.0)) is None
    assert levels.voice_db(replace(ROOM, floor_db=-60.0, loud_db=-30.0)) == -30.0


def test_the_echo_is_told_in_milliseconds_and_decibels() -> None:
    finding = echo.judge(AIR)
    assert "142 ms, 20 dB weaker" in finding.found
    assert (finding.facts["delay_ms"], finding.facts["loss_db"]) == (142.0, 20.0)


def test_settings_that_cannot_be_used_are_told_with_every_fault_and_the_rest_goes_by_the_defaults(
    tmp_path: Path,
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("format: 1\nvoice: {volume: 3}\ntimings: {}\n")
    facts = settings_file.probe(str(file))
    finding = settings_file.judge(facts)
    assert_finds(finding, FAILURE, "unusable", exits=3)
    assert len(finding.found.splitlines()) == 2
    assert facts.configuration.settings.voice.volume_db == 0


def test_settings_that_are_in_order_and_those_that_are_absent_are_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("format: 1\n")
    assert_finds(settings_file.judge(settings_file.probe(str(file))), OK, "valid")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("VOICECOACH_CONFIG", raising=False)
    assert settings_file.judge(settings_file.probe(None)).standing is OK


@pytest.mark.parametrize(
    ("codes", "worst"), [([], 0), ([0, 0], 0), ([3, 6], 6), ([6, 5, 3], 5), ([3, 5, 4, 6], 4), ([0, 3], 3)]
)
def test_the_exit_code_is_that_of_the_worst_failure(codes: list[int], worst: int) -> None:
    findings = [Finding("a", FAILURE, "b", "c", exit_code=code) for code in codes]
    assert exit_code([skipped("x", "why"), *findings]) == worst


def test_a_machine_that_keeps_up_needs_no_advice() -> None:
    assert_finds(pace.judge(pace.PaceFacts("machine.json")), OK, "keeps_up")


@pytest.mark.parametrize("step", STEPS[1:])
def test_what_is_done_on_a_machine_that_does_not_keep_up_is_said_for_each_loudspeaker(step: Any) -> None:
    finding = pace.judge(pace.PaceFacts("machine.json", {"": STEPS[1], "USB Speaker": step}))
    assert_finds(finding, WARNING, "slow")
    assert "the usual loudspeaker" in finding.found
    assert "'USB Speaker'" in finding.found
    assert LEFT_OUT[step.thrift] in finding.found
    assert "machine.json" in finding.advice
