from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import SMALL
from voicecoach.language.pack import load_pack
from voicecoach.live.hearing import open_called_ears
from voicecoach.live.startables import find_startables, spoken_names, without_words

ENGLISH = load_pack("en")


def folder_with(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def test_what_comes_along_can_be_called_without_a_folder_of_ones_own(tmp_path: Path) -> None:
    names = spoken_names(ENGLISH, tmp_path / "none")
    assert names["feet-quick"] == ("feet quick", "quick feet")
    found, plans = find_startables(ENGLISH, tmp_path / "none", pytest.fail)
    assert {one.name for one in found} == set(plans) == set(ENGLISH.calls.routines)
    assert all(one.is_sound for one in found)


def test_a_file_is_called_as_it_is_named(tmp_path: Path) -> None:
    own = folder_with(tmp_path, **{"My-morning_stretch": SMALL})
    names = spoken_names(ENGLISH, own)
    assert names[str(own / "My-morning_stretch.yaml")] == ("my morning stretch",)
    found, plans = find_startables(ENGLISH, own, pytest.fail)
    assert found[0].title == "Small"
    assert str(own / "My-morning_stretch.yaml") in plans


def test_a_file_of_ones_own_takes_a_name_that_comes_along(tmp_path: Path) -> None:
    own = folder_with(tmp_path, **{"feet-quick": SMALL, "feet": SMALL})
    names = spoken_names(ENGLISH, own)
    assert names[str(own / "feet-quick.yaml")] == ("feet quick",)
    assert names["feet-quick"] == ("quick feet",)
    assert "feet" not in names


def test_a_file_with_a_mistake_is_known_and_told_of(tmp_path: Path) -> None:
    own = folder_with(tmp_path, broken="format: 1\n", fine=SMALL)
    told: list[str] = []
    found, plans = find_startables(ENGLISH, own, told.append)
    assert [one.is_sound for one in found[:2]] == [False, True]
    assert str(own / "broken.yaml") not in plans
    assert any(f"{own}/broken.yaml:1:" in line for line in told)


def test_a_file_whose_name_is_no_words_is_told_of(tmp_path: Path) -> None:
    own = folder_with(tmp_path, **{"routine2": SMALL, "one-two-three-four-five-six": SMALL})
    told: list[str] = []
    find_startables(ENGLISH, own, told.append)
    assert len(told) == 2
    assert all("rename it to a few words of letters" in line for line in told)


def test_names_with_a_word_that_is_not_known_are_left_out() -> None:
    names = {"a": ("my zork", "my feet"), "b": ("zork",)}
    assert without_words(names, frozenset({"zork"})) == {"a": ("my feet",)}


def test_the_ears_do_without_a_name_that_they_cannot_hear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    own = tmp_path / "voicecoach" / "routines"
    own.mkdir(parents=True)
    folder_with(own, **{"발-feet": SMALL, "morning-feet": SMALL})
    _, unheard = open_called_ears("", "en", "", print)
    assert unheard == ("발 feet",)
