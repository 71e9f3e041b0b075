"""Whole rehearsals for tests: real engines and small routines, what came of them, and the session alone beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import soundfile

from tests.coaching.stage import Stage
from tests.fakes.loudspeaker import Loudspeaker
from voicecoach.audio.clip import Sentence
from voicecoach.audio.echo_removal import EchoRemoval
from voicecoach.audio.files import WavWriter, read_audio
from voicecoach.audio.mixer import Mixer
from voicecoach.coaching.messages import (
    CommandHeard,
    CueTiming,
    Input,
    ReportLedger,
    ReportState,
    SpeechTable,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.coaching.script import Script
from voicecoach.coaching.session import Session
from voicecoach.coaching.timing import Timing
from voicecoach.commands import Command
from voicecoach.language.pack import load_pack
from voicecoach.listening.ears import Ears, Engine
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.sensations import Heard, Sensation, VoiceBegan
from voicecoach.performance import Performance
from voicecoach.rehearsal.rehearsal import Rehearsal, Sound
from voicecoach.rehearsal.room import Room
from voicecoach.rehearsal.voices import recording
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.library import load_file
from voicecoach.routine.plan import Plan
from voicecoach.speech.speech import Speech
from voicecoach.timeline import events as kinds
from voicecoach.timeline.timeline import Timeline

ENGLISH = load_pack("en")
SCRIPT = Script(ENGLISH.cues, {command: tuple(phrases) for command, phrases in ENGLISH.phrases.items()})
ROUTINES = Path(__file__).with_name("routines")
VOICE = "slt"
ONE_BREATH = Timing(breaths=1)
"""A recovery in a fraction of its time; nothing else is different."""
NOTICING_MS, DECIDING_MS = 150, 600
"""About how long it takes from the beginning of a phrase until the coach gives way, and from its end to the decision:
for choosing moments, never asserted."""

Samples16 = npt.NDArray[np.int16]
Kind = TypeVar("Kind", bound=kinds.Event)


def plan_of(routine: str) -> Plan:
    """Return the plan of a routine in `tests/rehearsal/routines`."""
    return compile_plan(load_file(ROUTINES / f"{routine}.yaml", sorted(ENGLISH.urgent_phrases)))


@dataclass(frozen=True, slots=True)
class Says:
    """The person says a phrase with a recorded voice."""

    at_ms: int
    phrase: str
    voice: str = VOICE

    @property
    def command(self) -> Command:
        command = ENGLISH.command_of(self.phrase.replace(",", ""))
        assert command is not None
        return command

    @property
    def sound(self) -> Sound:
        return Sound(self.at_ms, read_audio(recording("en", self.voice, self.phrase)), self.phrase)

    @property
    def about_decided_ms(self) -> int:
        return self.at_ms + len(self.sound.samples) // 16 + DECIDING_MS


@dataclass(frozen=True, slots=True, eq=False)
class Performed:
    """A rehearsal, and what came of it."""

    plan: Plan
    person: tuple[Says, ...]
    timing: Timing | None
    events: tuple[kinds.Event, ...]
    sound: Samples16
    """The WAV file that it wrote, at 48 kHz."""
    felt: tuple[tuple[int, Input], ...]
    """What the session was told of the person, and when."""

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.events if isinstance(event, kind)]

    def states(self, from_ms: int = 0) -> list[str]:
        """Return the states entered from a time on, with the side where there is one."""
        entered = (event for event in self.of(kinds.StateEntered) if event.t_ms >= from_ms)
        return [event.state if event.side is None else f"{event.state} {event.side}" for event in entered]

    def state_at(self, ms: int) -> kinds.StateEntered:
        """Return the state that was left, or went on, at this time."""
        return [event for event in self.of(kinds.StateEntered) if event.t_ms < ms][-1]

    def heard(self, command: Command) -> kinds.Heard:
        """Return the one time that this command was heard."""
        (heard,) = [heard for heard in self.of(kinds.Heard) if heard.command is command]
        return heard

    def loudest(self, from_ms: int, until_ms: int) -> int:
        """Return the largest sample of a stretch of the sound, of 32767; 0 is digital silence."""
        stretch = self.sound[from_ms * 48 : until_ms * 48]
        return int(np.abs(stretch.astype(np.int32)).max()) if len(stretch) else 0

    def next_say(self, from_ms: int) -> kinds.Said:
        return next(say for say in self.of(kinds.Said) if say.t_ms >= from_ms)

    def texts(self, from_ms: int = 0) -> list[str]:
        return [say.text for say in self.of(kinds.Said) if say.t_ms >= from_ms]

    def tones(self, from_ms: int, until_ms: int) -> list[tuple[str, int]]:
        sounded = self.of(kinds.ToneSounded)
        return [(tone.name.value, tone.t_ms - from_ms) for tone in sounded if from_ms <= tone.t_ms <= until_ms]


class _NotedEars(Ears):
    """Ears that keep what they made out, as the session was told it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, ENGLISH)
        self.felt: list[tuple[int, Input]] = []

    def feed(
        self, block: Pcm, open_phrases: Collection[str], saying: str | None, echo_power: float = 0.0
    ) -> list[Sensation]:
        sensations = super().feed(block, open_phrases, saying, echo_power)
        self.felt += [(self.now_ms, _told(sensation)) for sensation in sensations]
        return sensations


def _told(sensation: Sensation) -> Input:
    if isinstance(sensation, VoiceBegan):
        return VoiceStarted()
    if isinstance(sensation, Heard):
        return CommandHeard(sensation.command, sensation.phrase)
    return VoiceIgnored(sensation.like_speech)


@dataclass
class Understudy(Stage):
    """The session alone, with the lengths of the real clips."""

    clips: Mapping[str, Sentence] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.script = SCRIPT
        self.speech = {text: clip.timing for text, clip in self.clips.items()}
        self.session = Session(self.plan, self.script, self.speech, timing=self.timing)
        self.loudspeaker = Loudspeaker(self.speech)
        self.now = 0
        self.lines = []
        self.actions = []
        self._take(self.session.begin(0))

    def entered(self) -> list[ReportState]:
        return [action for _, action in self.actions if isinstance(action, ReportState)]

    def ledger(self) -> list[ReportLedger]:
        return [action for _, action in self.actions if isinstance(action, ReportLedger)]

    def quiet_moment(self, state: str, number: int = 1, quiet_ms: int = 2_500) -> int:
        """Return the first moment in the state, entered for that time, from which nothing sounds for so long."""
        begins, ends = self._stretch(state, number)
        sounded = [(sound.start_ms - quiet_ms, sound.end_ms + 300) for sound in self.loudspeaker.sounded]
        for at_ms in range(begins + 300, ends - quiet_ms, 20):
            if not any(start < at_ms < end for start, end in sounded):
                return at_ms
        raise AssertionError(f"there is no quiet moment in {state} {number}, from {begins} to {ends} ms")

    def end_of_speech(self, state: str, number: int = 1) -> int:
        """Return when the last sentence that begins in the state is over."""
        begins, ends = self._stretch(state, number)
        return max(sound.end_ms for sound in self.loudspeaker.speech() if begins <= sound.start_ms < ends)

    def _stretch(self, state: str, number: int) -> tuple[int, int]:
        reports = [*self.entered(), ReportState(self.now, "over")]
        stretches = [(one.at_ms, after.at_ms) for one, after in pairwise(reports) if one.state == state]
        return stretches[number - 1]


class Rehearsals:
    """Performs routines with one engine and one voice."""

    def __init__(
        self,
        engine: Engine,
        speech: Speech,
        folder: Path,
    ) -> None:
        self._engine = engine
        self._speech = speech
        self._wav = folder / "session.wav"
        self._clips: dict[Plan, Mapping[str, Sentence]] = {}

    def clips(self, plan: Plan) -> Mapping[str, Sentence]:
        if plan not in self._clips:
            self._clips[plan] = self._speech.clips(sorted(SCRIPT.texts(plan)))
        return self._clips[plan]

    def alone(
        self, plan: Plan, person: Iterable[Says] = (), *, until_ms: int | None = None, timing: Timing | None = None
    ) -> Understudy:
        """Perform without sound, each command understood about when it would be; to the end, or up to a time."""
        understudy = Understudy(plan, timing, clips=self.clips(plan))
        told: list[tuple[int, Input | Command]] = []
        for says in person:
            told += [(says.at_ms + NOTICING_MS, VoiceStarted()), (says.about_decided_ms, says.command)]
        if until_ms is None:
            understudy.play(told)
        else:
            for at_ms, message in told:
                understudy.until(at_ms)
                understudy.hear(message)
            understudy.until(until_ms)
        return understudy

    def perform(
        self,
        plan: Plan,
        person: Sequence[Says] = (),
        *,
        timing: Timing | None = None,
        echo_db: float = 0.0,
        believed: SpeechTable | None = None,
    ) -> Performed:
        """Perform through the room and the ears. `believed`: timings of sentences that are not those of the clips."""
        clips = self.clips(plan)
        table: dict[str, CueTiming] = {text: clip.timing for text, clip in clips.items()}
        session = Session(plan, SCRIPT, table | dict(believed or {}), timing=timing)
        happened: list[kinds.Event] = []
        mixer = Mixer()
        ears = _NotedEars(self._engine)
        with Timeline(happened.append) as timeline, WavWriter(self._wav) as wav:
            performance = Performance(session, clips, ENGLISH, mixer=mixer, timeline=timeline, render=lambda _: clips)
            Rehearsal(
                performance,
                mixer,
                ears,
                room=Room(echo_db=echo_db),
                removal=EchoRemoval(),
                sounds=[says.sound for says in person],
            ).run(wav.write)
        sound, rate = soundfile.read(self._wav, dtype="int16")
        assert (rate, sound.ndim) == (48_000, 1)
        return Performed(plan, tuple(person), timing, tuple(happened), sound, tuple(ears.felt))
