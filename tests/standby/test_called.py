"""The coach is called by recorded voices through the air of a room and the real recognizer, on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from voicecoach.audio.clip import Samples
from voicecoach.audio.echo_removal import EchoRemoval
from voicecoach.audio.mixer import Mixer
from voicecoach.commands import Command
from voicecoach.language.pack import load_pack
from voicecoach.listening.ears import Ears, Engine
from voicecoach.listening.factory import open_ears
from voicecoach.performance import Performance
from voicecoach.rehearsal.rehearsal import Rehearsal, Sound
from voicecoach.rehearsal.room import Room
from voicecoach.rehearsal.voices import spoken
from voicecoach.speech.clip_cache import ClipCache
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice
from voicecoach.speech.speech import Speech
from voicecoach.standby.routines import Startable
from voicecoach.standby.script import StandbyScript
from voicecoach.standby.standby import SURE_CALL, Standby
from voicecoach.timeline import events as kinds
from voicecoach.timeline.timeline import Timeline
from voicecoach.units import OUTPUT_RATE_HZ

ENGLISH = load_pack("en")
CALLED = ENGLISH.called(ENGLISH.calls.routines)
BOTH = ENGLISH.with_phrases_of(CALLED)
ROUTINES = tuple(Startable(name, name, tuple(names)) for name, names in ENGLISH.calls.routines.items())
CALLS = {ENGLISH.call_for(name): routine for routine in ROUTINES for name in routine.spoken}
SCRIPT = StandbyScript(ENGLISH, ROUTINES)


@dataclass(frozen=True, slots=True)
class Heard:
    chosen: Startable | None
    events: tuple[kinds.Event, ...]

    def commands(self) -> list[Command]:
        return [event.command for event in self.events if isinstance(event, kinds.Heard)]

    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, kinds.Said)]

    def tones(self) -> int:
        return sum(isinstance(event, kinds.ToneSounded) for event in self.events)


def _until(seconds: int) -> Callable[[Samples], None]:
    """Take the sound of a rehearsal, and fail where it goes on for longer: what should have ended it was not heard."""
    frames = 0

    def take(block: Samples) -> None:
        nonlocal frames
        frames += len(block)
        assert frames < seconds * OUTPUT_RATE_HZ, "the call was not heard"

    return take


class Waiting:
    """A standby with one engine and one voice."""

    def __init__(self, engine: Engine, speech: Speech) -> None:
        self._engine = engine
        self._clips = speech.clips(sorted(SCRIPT.texts()))

    def hear(self, *said: tuple[int, str], voice: str = "slt", greets: bool = False) -> Heard:
        """Say phrases at times, and return what came of it. The last one has to end it."""
        table = {text: clip.timing for text, clip in self._clips.items()}
        standby = Standby(SCRIPT, table, CALLS, opening=[SCRIPT.here()] if greets else ())
        happened: list[kinds.Event] = []
        mixer = Mixer()
        with Timeline(happened.append) as timeline:
            performance = Performance(
                standby,
                self._clips,
                CALLED,
                mixer=mixer,
                timeline=timeline,
                render=lambda _: self._clips,
                least_confidence=SURE_CALL,
            )
            sounds = [Sound(at_ms, spoken("en", voice, phrase), phrase) for at_ms, phrase in said]
            ears = Ears(self._engine, BOTH)
            room = Room(echo_db=0.0)
            Rehearsal(performance, mixer, ears, room=room, removal=EchoRemoval(), sounds=sounds).run(_until(120))
        return Heard(standby.chosen, tuple(happened))


@pytest.fixture(scope="module")
def waiting(kept_clips: Path) -> Waiting:
    voice = Voice(ENGLISH.voice.espeak, ENGLISH.voice.words_per_minute)
    return Waiting(
        open_ears(BOTH, engine="moonshine").engine,
        Speech(Pyttsx3Engine(voice), ClipCache(kept_clips / "voicecoach" / "clips")),
    )


@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
def test_called_by_voice_it_begins_the_routine(waiting: Waiting, voice: str) -> None:
    heard = waiting.hear((1_000, "coach, start feet quick"), voice=voice)
    assert heard.commands() == [Command.START_ROUTINE]
    assert heard.chosen is not None
    assert heard.chosen.name == "feet-quick"
    assert heard.texts() == ["feet-quick."]


def test_what_is_said_without_the_address_is_nothing_to_it(waiting: Waiting) -> None:
    said = ["start", "next", "cramp, back off", "stop", "louder", "help", "yes", "where am I", "how long left"]
    heard = waiting.hear(
        *((1_000 + 2_500 * at, phrase) for at, phrase in enumerate(said)), (30_000, "coach start feet")
    )
    assert heard.commands() == [Command.START_ROUTINE]
    assert heard.tones() == 1
    assert heard.texts() == ["feet."]


def test_its_own_greeting_which_teaches_a_call_does_not_call_it(waiting: Waiting) -> None:
    heard = waiting.hear((12_000, "coach start before run"), greets=True)
    assert heard.commands() == [Command.START_ROUTINE]
    assert heard.chosen is not None
    assert heard.chosen.name == "before-run"


def test_it_is_asked_one_thing_after_the_other(waiting: Waiting) -> None:
    heard = waiting.hear(
        (1_000, "coach, louder"), (4_000, "coach, again"), (12_000, "coach, good night"), (18_000, "coach, start feet")
    )
    assert heard.commands() == [Command.LOUDER, Command.AGAIN, Command.GOOD_NIGHT, Command.START_ROUTINE]
    assert heard.texts() == ["There is nothing to take up from before.", "Good night.", "feet."]
