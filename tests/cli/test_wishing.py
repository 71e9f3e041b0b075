"""What is wished by voice in a session is written down before what confirms it, and holds the next time."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicecoach.cli.wishing import SessionWishes, Wishes
from voicecoach.coaching.timing import LEAST_VOLUME_DB
from voicecoach.errors import VoiceError
from voicecoach.language.pack import load_pack
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.settings import Configuration, Settings

PACK = load_pack("en")
USUAL = PACK.voice.words_per_minute
CONFIGURATION = Configuration(Settings(), None, None)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def wishes() -> Wishes:
    """Return what a process that starts now knows."""
    return Wishes(CONFIGURATION, PACK, print)


def session(of: Wishes, loudspeaker: Loudspeaker, softer_db: int = 0, fails: bool = False) -> SessionWishes:
    def render(_speed: int) -> dict[str, object]:
        if fails:
            raise VoiceError("the voice is hoarse")
        return {}

    return SessionWishes(of, loudspeaker, of.pack.voice.words_per_minute, render, softer_db)  # type: ignore[arg-type]


def test_a_volume_is_kept_at_the_turn_at_which_it_is_changed() -> None:
    loudspeaker = Loudspeaker()
    followed = session(wishes(), loudspeaker)
    followed.keep()
    assert wishes().preferences.volume_db is None, "nobody has wished for anything"
    loudspeaker.gain_db = 6
    followed.keep()
    assert wishes().volume_db == 6
    assert wishes().configuration(6).settings.voice.volume_db == 6


def test_at_night_it_is_softer_and_what_is_wished_then_is_kept_for_the_day() -> None:
    first = wishes()
    first.keep_volume(3)
    loudspeaker = Loudspeaker()
    followed = session(first, loudspeaker, softer_db=12)
    assert loudspeaker.gain_db == -9
    followed.keep()
    assert wishes().volume_db == 3
    loudspeaker.gain_db = -6
    followed.keep()
    assert wishes().volume_db == 6


def test_the_softest_that_is_wished_is_not_made_louder_by_a_night() -> None:
    first = wishes()
    first.keep_volume(LEAST_VOLUME_DB)
    loudspeaker = Loudspeaker()
    session(first, loudspeaker, softer_db=12).keep()
    assert loudspeaker.gain_db == LEAST_VOLUME_DB
    assert wishes().volume_db == LEAST_VOLUME_DB


def test_a_speed_is_kept_when_it_is_asked_for_and_not_only_when_it_has_been_rendered() -> None:
    asked: list[int] = []
    followed = session(wishes(), Loudspeaker())
    followed.asks(asked.append)(USUAL + 10)
    followed.keep()
    assert asked == [USUAL + 10]
    assert wishes().pack.voice.words_per_minute == USUAL + 10


def test_a_speed_that_cannot_be_spoken_is_not_kept() -> None:
    followed = session(wishes(), Loudspeaker(), fails=True)
    followed.asks(lambda _speed: None)(USUAL + 10)
    followed.keep()
    with pytest.raises(VoiceError):
        followed.render(USUAL + 10)
    followed.keep()
    assert wishes().pack.voice.words_per_minute == USUAL
