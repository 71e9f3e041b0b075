"""Odd values in what is kept are damage, and what steers a terminal never reaches one."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import SMALL, CommandLine, home, voicecoach
from tests.fuzz.records import ODD, try_one
from tests.speech.test_clip_cache import clip, only_file, same
from voicecoach.cli.telling import show, show_json, tell
from voicecoach.doctor.finding import Finding, Standing
from voicecoach.errors import EXIT_DONE, DocumentError, Fault, UsageError, escaped, plain
from voicecoach.history import history_folder
from voicecoach.history.records import insertion
from voicecoach.history.store import NAME, Store
from voicecoach.listening.model_check import MANIFEST, find_damage
from voicecoach.preferences import Preferences, load_preferences
from voicecoach.speech.clip_cache import ClipCache

__all__ = ["home", "voicecoach"]

EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\x08\r\x7f\u202egnp.exe\u2066\u200b\ufeff"
CONTROLS = "\x1b\x07\x9b\x08\r\x7f\u202e\u2066\u200b\ufeff"


def has_none(text: str) -> bool:
    return not set(text) & set(CONTROLS)


# Odd values


@pytest.mark.parametrize("value", [*ODD, "ten hours", [1], {"a": 1}, 1e300, -5], ids=repr)
@pytest.mark.parametrize("name", ["length_ms", "breaks_ms", "checksum"])
def test_a_sentence_with_odd_notes_is_made_anew(name: str, value: object, tmp_path: Path) -> None:
    """Also where the checksum is the one that goes with them."""
    cache = ClipCache(tmp_path / "clips")
    cache.put("engine", "Hold.", clip())
    path = only_file(tmp_path / "clips")
    header, _, sound = path.read_bytes().partition(b"\n")
    notes = json.loads(header) | {name: [5, value] if name == "breaks_ms" else value}
    if name != "checksum":
        about = json.dumps([notes["length_ms"], *notes["breaks_ms"]]).encode()
        notes["checksum"] = zlib.crc32(sound, zlib.crc32(about))
    path.write_bytes(json.dumps(notes).encode() + b"\n" + sound)
    assert cache.get("engine", "Hold.") is None
    assert not path.exists()
    cache.put("engine", "Hold.", clip())
    assert same(cache.get("engine", "Hold."), clip())


def test_a_sentence_whose_notes_were_changed_within_what_can_be_is_made_anew(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path / "clips")
    cache.put("engine", "Hold.", clip())
    path = only_file(tmp_path / "clips")
    path.write_bytes(path.read_bytes().replace(b"[10, 20]", b"[10, 28]"))
    assert cache.get("engine", "Hold.") is None


@pytest.mark.parametrize(
    ("rate_hz", "channels", "length_ms"), [(16_000, 1, 300), (48_000, 2, 100), (48_000, 1, 3_600_000)]
)
def test_a_sentence_that_is_not_as_long_as_it_says_or_another_kind_of_sound_is_made_anew(
    rate_hz: int, channels: int, length_ms: int, tmp_path: Path
) -> None:
    cache = ClipCache(tmp_path / "clips")
    cache.put("engine", "Hold.", clip())
    path = only_file(tmp_path / "clips")
    soundfile.write(tmp_path / "other.flac", [[0.1] * channels] * 4_800, rate_hz, "PCM_16")
    sound = tmp_path.joinpath("other.flac").read_bytes()
    tmp_path.joinpath("other.flac").unlink()
    checksum = zlib.crc32(sound, zlib.crc32(json.dumps([length_ms]).encode()))
    notes = {"length_ms": length_ms, "breaks_ms": [], "checksum": checksum}
    path.write_bytes(json.dumps(notes).encode() + b"\n" + sound)
    assert cache.get("engine", "Hold.") is None


@pytest.mark.parametrize("name", ["\x1b[31m", "\ud800", "a\0b", "x" * 300, "\u202eabc"])
def test_no_loudspeaker_has_a_name_that_cannot_be_given_to_a_program(name: str, tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(json.dumps({"loudspeaker": name, "introduced": True}))
    assert load_preferences(path, range(1), range(1)) == Preferences(introduced=True)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=1 << 30))
def test_whatever_stands_in_small_records_a_session_starts(seed: int) -> None:
    try_one(seed)


@pytest.mark.parametrize("text", [b"\xff\xfe  x\n", b"0  " + b"x" * 300 + b"\n", b"0  a\0b\n", b"\n"])
def test_a_list_of_checksums_that_is_none_is_damage_of_the_model(
    text: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicecoach.listening.model_check._check_files", lambda _folder: None)
    tmp_path.joinpath(MANIFEST).write_bytes(text)
    assert find_damage(tmp_path, anew=True) is not None


# Control characters


@given(st.text())
def test_what_is_printed_has_no_controls_and_keeps_all_else(text: str) -> None:
    printed = plain(text)
    assert len(printed) == len(text)
    for before, after in zip(text, printed, strict=True):
        if before.isprintable() or before in "\n\t":
            assert after == before
        if before != after:
            assert after == "\N{REPLACEMENT CHARACTER}"
    assert not any((ord(one) < 32 and one not in "\n\t") or 127 <= ord(one) < 160 for one in printed)
    printed.encode()


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_that_is_printed_means_the_same(value: object) -> None:
    printed = escaped(json.dumps(value, ensure_ascii=False, indent=2))
    assert json.loads(printed) == value
    assert has_none(printed)
    printed.encode()


@pytest.mark.parametrize("text", ["Dehnen für Füße", "발 스트레칭", "naïve\u00a0café", "🦶\u200d🔥", "\u06cc\u200c"])
def test_what_people_write_stays(text: str) -> None:
    assert plain(text) == text


def test_nothing_that_is_told_or_shown_is_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    tell(EVIL)
    show(EVIL)
    show_json({EVIL: EVIL + "\ud800"})
    out, err = capsys.readouterr()
    assert has_none(out + err)
    assert "owned" in err


def test_an_error_is_one_line_whatever_is_in_it() -> None:
    for error in (UsageError(f"no {EVIL}\nfile"), DocumentError(f"a{EVIL}\nb.yaml", [Fault(1, 1, f"bad\u2028{EVIL}")])):
        assert has_none(str(error))
        assert len(str(error).splitlines()) == 1


NAME_OF_FILE = "\x1b]0;owned\x07\u202e\x85.yaml"


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "./{}"),
        ("plan", "{}"),
        ("check", "{}"),
        ("rehearse", "feet", "--noise", "{}"),
        ("rehearse", "feet", "--timeline", "no/{}"),
        ("rehearse", "feet", "--say", "{}"),
        ("rehearse", "feet", "--say", "0:10 {}"),
        ("rehearse", "feet", "--voice", "{}", "--say", "0:10 next"),
        ("rehearse", "feet", "--{}"),
        ("rehearse", "feet", "--snr", "{}"),
        ("{}",),
        ("feet", "{}"),
        ("listen", "--from", "{}"),
        ("config", "--config", "{}"),
        ("run", "--language", "{}"),
        ("new", "{}"),
        ("setup", "--from", "{}"),
        ("setup", "--from", "http://{}/"),
        ("bench", "hearing", "--only", "{}"),
        ("service", "logs", "--lines", "{}"),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_no_argument_is_echoed_as_it_is(
    words: tuple[str, ...], there: bool, home: Path, voicecoach: CommandLine
) -> None:
    if there:
        home.joinpath(NAME_OF_FILE).write_text(SMALL.replace("hold: 8", "hold: -8"))
    outcome = voicecoach(*(word.format(NAME_OF_FILE) for word in words))
    assert outcome.code != EXIT_DONE
    assert has_none(outcome.out + outcome.err)
    assert outcome.err


def test_no_entry_of_the_history_is_printed_as_it_is(voicecoach: CommandLine) -> None:
    store = Store(history_folder())
    store.write([insertion("session", (1, 1, EVIL, f"Feet{EVIL}", 1_800_000_000)), insertion("outcome", (1, EVIL, 1))])
    store.close()
    for words in (("history",), ("history", "--json")):
        outcome = voicecoach(*words)
        assert outcome.code == EXIT_DONE
        assert "Feet" in outcome.out
        assert has_none(outcome.out)
    assert json.loads(outcome.out)[0]["title"] == f"Feet{EVIL}"


def test_no_name_in_a_damaged_history_is_printed_as_it_is(voicecoach: CommandLine) -> None:
    Store(history_folder()).close()
    with closing(sqlite3.connect(history_folder() / NAME)) as connection, connection:
        connection.execute(f'CREATE TABLE "{EVIL}" (id INTEGER CHECK (id > "{EVIL}"))')
    assert has_none(voicecoach("history").err)


def test_no_name_of_a_device_or_finding_is_printed_as_it_is(
    voicecoach: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Finding("sound", Standing.WARNING, "odd", f"Loud {EVIL}", f"Do {EVIL}", facts={"name": EVIL})
    monkeypatch.setattr("voicecoach.cli.doctor.Examination.findings", lambda _self: [found])
    for words in (("doctor",), ("doctor", "--json")):
        outcome = voicecoach(*words)
        assert "Loud" in outcome.out
        assert has_none(outcome.out + outcome.err)


def test_a_folder_of_sentences_with_an_odd_name_is_told_plainly(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.joinpath("x\x1b[2J").write_text("")
    ClipCache(home / "x\x1b[2J" / "clips")
    assert has_none(capsys.readouterr().err)


def test_bytes_that_are_no_text_in_a_name_are_told_plainly(home: Path, voicecoach: CommandLine) -> None:
    name = os.fsdecode(b"\xff\x9b.yaml")
    home.joinpath(name).write_text("format: 1\n")
    outcome = voicecoach("check", name)
    assert has_none(outcome.err)
    outcome.err.encode()
