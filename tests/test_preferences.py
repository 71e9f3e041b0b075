from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.errors import UsageError
from voicecoach.preferences import Preferences, load_preferences, save_preferences

VOLUMES, SPEEDS = range(-18, 7), range(100, 241)


def loaded(path: Path) -> Preferences:
    return load_preferences(path, VOLUMES, SPEEDS)


def test_what_was_wished_holds_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "voicecoach" / "preferences.json"
    save_preferences(path, Preferences().with_volume(-6, 0).with_speed(172, 150))
    assert (loaded(path).volume(0), loaded(path).speed(150)) == (-6, 172)


def test_a_setting_that_was_changed_since_comes_first() -> None:
    wished = Preferences().with_volume(-6, 0).with_speed(172, 150)
    assert (wished.volume(3), wished.speed(120)) == (3, 120)


def test_without_a_wish_the_settings_hold(tmp_path: Path) -> None:
    assert loaded(tmp_path / "none.json") == Preferences()
    assert (Preferences().volume(-3), Preferences().speed(140)) == (-3, 140)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"volume_db": "loud"}', '{"volume_db": true}', "9" * 5000, "[" * 5000, "\udcff", "{}"],
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "preferences.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert loaded(path) == Preferences()


@given(st.binary(max_size=200))
def test_no_file_is_too_strange(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "strange.json"
    path.write_bytes(data)
    assert loaded(path).volume(0) in VOLUMES


def test_what_nobody_could_have_wished_is_left_aside(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    path.write_text('{"volume_db": 60, "volume_of_settings_db": 0, "words_per_minute": 120, "words_of_settings": 150}')
    assert (loaded(path).volume(0), loaded(path).speed(150)) == (0, 120)


def test_a_disk_that_refuses_is_an_error_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot keep what was wished"):
        save_preferences(tmp_path / "file" / "preferences.json", Preferences())
