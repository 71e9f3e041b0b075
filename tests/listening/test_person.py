from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicecoach.language.pack import load_pack
from voicecoach.listening.factory import open_taught_ears
from voicecoach.listening.person import (
    LARGEST_BYTES,
    PersonProfile,
    Saying,
    UnusableProfileError,
    find_profile,
    forget_profile,
    profile_path,
    read_profile,
    write_profile,
)
from voicecoach.listening.pronunciation import PHONEMES

PACK = load_pack("en")
REPEAT = Saying(symbols="ɹ i t i", phonemes="R IY P IY")

sayings = st.builds(
    Saying,
    symbols=st.lists(st.sampled_from(["ɹ", "i", "t͡ʃ", "æ", "s"]), min_size=1, max_size=12).map(" ".join),
    phonemes=st.lists(st.sampled_from(sorted(PHONEMES)), max_size=12).map(" ".join),
)
profiles = st.dictionaries(
    st.sampled_from([phrase.casefold() for phrase in PACK.all_phrases]),
    st.lists(sayings, min_size=1, max_size=3).map(tuple),
    min_size=1,
).map(lambda said: PersonProfile("en", said))


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def outcome(path: Path) -> str:
    try:
        return "a profile of: " + ", ".join(read_profile(path, PACK).sayings)
    except UnusableProfileError as error:
        helps = "voicecoach teach" in str(error) and "\n" not in str(error)
        return "one line that says what to do" if helps else str(error)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    @settings(max_examples=15, deadline=None)
    @given(profiles)
    def check(profile: PersonProfile) -> None:
        write_profile(tmp_path / "person.json", profile)
        assert read_profile(tmp_path / "person.json", PACK) == profile

    check()


def test_whatever_stands_in_the_file_is_a_profile_or_one_line(tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    write_profile(path, PersonProfile("en", {"repeat": (REPEAT,)}))
    whole = path.read_bytes()

    @settings(max_examples=100, deadline=None)
    @given(st.integers(0, len(whole) - 1), st.binary(max_size=6), st.integers(0, 6))
    def check(place: int, put: bytes, dropped: int) -> None:
        path.write_bytes(whole[:place] + put + whole[place + dropped :])
        assert outcome(path) in ("a profile of: repeat", "one line that says what to do")

    check()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"voicecoach_person": 2}, "voicecoach_person"),
        ({"language": "ko"}, "for the language 'ko'"),
        ({"written_by": {"hama": "0.1"}}, "taught to other models"),
        ({"sound": "UklGRg=="}, "sound"),
        ({"phrases": {"hop about": [{"symbols": "h æ p", "phonemes": ""}]}}, "none of the phrases"),
        ({"phrases": {"repeat": [{"symbols": "r i", "phonemes": "QQ"}]}}, "no phoneme 'QQ'"),
        ({"phrases": {"repeat": []}}, "repeat"),
    ],
)
def test_what_does_not_belong_is_refused_and_said(tmp_path: Path, change: dict[str, object], why: str) -> None:
    path = tmp_path / "person.json"
    write_profile(path, PersonProfile("en", {"repeat": (REPEAT,)}))
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UnusableProfileError, match=why):
        read_profile(path, PACK)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    path.write_bytes(b" " * (LARGEST_BYTES + 1))
    with pytest.raises(UnusableProfileError, match="too large"):
        read_profile(path, PACK)


def test_nothing_taught_is_no_profile_and_forgetting_it_does_nothing() -> None:
    assert find_profile(PACK) is None
    assert not forget_profile("en")


def test_a_profile_that_was_forgotten_is_gone() -> None:
    write_profile(profile_path("en"), PersonProfile("en", {"repeat": (REPEAT,)}))
    assert find_profile(PACK) == PersonProfile("en", {"repeat": (REPEAT,)})
    assert forget_profile("en")
    assert find_profile(PACK) is None


def test_ears_leave_aside_a_profile_that_cannot_be_used_and_say_so_once() -> None:
    told: list[str] = []
    write_profile(profile_path("en"), PersonProfile("en", {"repeat": (Saying(symbols="☃ i t"),)}))
    ears = open_taught_ears(PACK, None, "pocketsphinx", told.append)
    assert ears.has_verifier
    assert len(told) == 1
    assert "no symbol '☃'" in told[0]
