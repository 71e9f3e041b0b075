"""The work of a run, cut into units of a few seconds that any process can do, and the process that does them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar, assert_never

from voicecoach.audio.clip import Samples, Sentence
from voicecoach.bench.attending import attend
from voicecoach.bench.bare import BareEngine
from voicecoach.bench.coach import CoachLoop, coach_room, everything_said, sentences_of_routines
from voicecoach.bench.conditions import KITCHEN_SNR_DB, Noise
from voicecoach.bench.corpora import STREAM_S, Corpora, Spec, Trial
from voicecoach.bench.over_coach import record_of, say_over_coach
from voicecoach.bench.people import Clip, ClipRecord, Surroundings, hear_clip
from voicecoach.bench.records import Record, StreamRecord
from voicecoach.bench.silero import SileroDetector
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.detector import Detectors, WebRtcDetector
from voicecoach.listening.ears import Ears
from voicecoach.listening.factory import open_ears
from voicecoach.settings import EngineName
from voicecoach.units import INPUT_RATE_HZ

COACH_ALONE: Final = "coach alone"
COACH_IN_STEADY: Final = "coach in steady noise"
COACH_IN_UNSTEADY: Final = "coach in unsteady noise"
ECHOES_ALONE_DB: Final = (0, -10)
"""What the coach is heard with while nobody else is there: as loud as a person, and three times as loud."""
_TRIALS_A_UNIT: Final = 5
_SPECS_A_UNIT: Final = 8
_SENTENCES_A_UNIT: Final = 20
_TRIALS_OVER_COACH: Final = 9
_CLIPS_A_UNIT: Final = 20


class Detector(StrEnum):
    """What tells voice from other sound."""

    BOTH = "both"
    """As the coach does: voice begins where WebRTC's and Silero's agree, and goes on with WebRTC's."""
    WEBRTC = "webrtc"
    SILERO = "silero"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured, and with what."""

    pack: LanguagePack
    engine: EngineName
    model: Path | None
    seed: int
    recordings: Path | None
    detector: Detector = Detector.BOTH

    def open(self) -> Ears:
        """Load the engine. Raises as `open_ears`."""
        return open_ears(self.pack, self.model, self.engine)

    def corpora(self) -> Corpora:
        """Return what it is measured with. Raises as `Corpora`."""
        return Corpora(self.pack, seed=self.seed, recordings=self.recordings)


@dataclass(frozen=True, slots=True)
class Commands:
    """Trials, each a scene of its own."""

    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class OverCoach:
    """Trials of one condition, one after the other over the same coach."""

    trials: tuple[Trial, ...]
    part: int
    """Which of the condition's: a kitchen has another noise in each."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Sound without commands."""

    specs: tuple[Spec, ...]


@dataclass(frozen=True, slots=True)
class CoachAlone:
    """The coach reads, and nobody else speaks."""

    corpus: str
    part: int
    """Which of its sentences, in portions of 20; or, in a kitchen, which minute."""
    person_over_echo_db: int
    noise: Noise


@dataclass(frozen=True, slots=True)
class Clips:
    """Recordings of a set, with their numbers in it."""

    clips: tuple[tuple[int, Clip], ...]
    around: Surroundings


Unit = Commands | OverCoach | Streams | CoachAlone | Clips


def weight(unit: Unit) -> float:
    """Return about how many seconds of sound a unit has."""
    match unit:
        case Commands(trials=trials):
            return 5.0 * len(trials)
        case OverCoach(trials=trials):
            return 10.0 + 7.0 * len(trials)
        case Streams(specs=specs):
            return sum(float(STREAM_S) if spec.is_long else 4.0 for spec in specs)
        case CoachAlone():
            return 80.0
        case Clips(clips=clips):
            return 4.0 * len(clips)
        case _:
            assert_never(unit)


def cut(trials: Sequence[Trial], specs: Sequence[Spec]) -> list[Unit]:
    """Cut trials and sounds into units, in their order."""
    units: list[Unit] = []
    over: dict[str, list[Trial]] = {}
    for trial in trials:
        if trial.condition.noise is Noise.COACH:
            over.setdefault(trial.condition.name, []).append(trial)
    alone = [trial for trial in trials if trial.condition.noise is not Noise.COACH]
    units += [Commands(part) for part in _parts(alone, _TRIALS_A_UNIT)]
    for listed in over.values():
        units += [OverCoach(part, number) for number, part in enumerate(_parts(listed, _TRIALS_OVER_COACH))]
    units += [Streams((spec,)) for spec in specs if spec.is_long]
    units += [Streams(part) for part in _parts([spec for spec in specs if not spec.is_long], _SPECS_A_UNIT)]
    return units


def people_units(clips: Sequence[tuple[int, Clip]], around: Surroundings) -> list[Unit]:
    """Cut the recordings of a set, each with its number in it, into units."""
    return [Clips(part, around) for part in _parts(clips, _CLIPS_A_UNIT)]


def coach_units(pack: LanguagePack, kitchen_minutes: int, *, quick: bool) -> list[Unit]:
    """Return the units in which the coach is alone: all that it can say, then minutes in two kitchens."""
    parts = -(-len(everything_said(pack)) // _SENTENCES_A_UNIT)
    echoes = ECHOES_ALONE_DB[-1:] if quick else ECHOES_ALONE_DB
    units: list[Unit] = [
        CoachAlone(COACH_ALONE, part, echo, Noise.NONE)
        for echo in echoes
        for part in range(0, parts, 4 if quick else 1)
    ]
    for corpus, noise in ((COACH_IN_STEADY, Noise.STEADY), (COACH_IN_UNSTEADY, Noise.UNSTEADY)):
        units += [CoachAlone(corpus, minute, 0, noise) for minute in range(kitchen_minutes)]
    return units


class Worker:
    """Does units of work. One a process."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._ears = subject.open()
        self._bare = BareEngine(self._ears.engine, subject.pack)
        self._corpora = subject.corpora()

    def do(self, unit: Unit) -> Sequence[Record | ClipRecord]:
        """Do a unit and return its records."""
        match unit:
            case Clips(clips=clips, around=around):
                phrases = self._subject.pack.all_phrases
                return [hear_clip(self._fresh_ears(), clip, number, around, phrases) for number, clip in clips]
            case Commands(trials=trials):
                return [self._command(trial) for trial in trials]
            case OverCoach(trials=trials, part=part):
                sounds = {trial: self._corpora.said(trial) for trial in trials}
                kitchen = trials[0].condition.kitchen
                return say_over_coach(
                    self._fresh_ears,
                    self._bare,
                    self._subject.pack,
                    sentences=self._sentences,
                    trials=trials,
                    sounds=sounds,
                    noise=None if kitchen is Noise.NONE else self._a_minute(kitchen, part)[1],
                    seed=self._subject.seed,
                )
            case Streams(specs=specs):
                return [self._stream(spec) for spec in specs]
            case CoachAlone():
                return [self._coach_alone(unit)]
            case _:
                assert_never(unit)

    def _fresh_ears(self) -> Ears:
        match self._subject.detector:
            case Detector.BOTH:
                return self._ears.fresh()
            case Detector.WEBRTC:
                return self._ears.fresh(Detectors(WebRtcDetector(), None))
            case Detector.SILERO:
                return self._ears.fresh(Detectors(SileroDetector(), None))
            case _:
                assert_never(self._subject.detector)

    @cached_property
    def _sentences(self) -> dict[str, Sentence]:
        return sentences_of_routines()

    @cached_property
    def _everything(self) -> dict[str, Sentence]:
        return everything_said(self._subject.pack)

    def _a_minute(self, noise: Noise, part: int) -> tuple[str, Samples]:
        return self._corpora.backdrops.piece(noise, part, 60 * INPUT_RATE_HZ)

    def _command(self, trial: Trial) -> Record:
        scene = self._corpora.scene(trial)
        attended = attend(self._fresh_ears(), scene.sound, self._subject.pack.all_phrases)
        record = record_of(trial, scene.said_from_ms, scene.said_to_ms, attended)
        return replace(
            record, bare=self._bare.command_at(scene.sound, scene.said_from_ms, scene.said_to_ms), bare_asked=True
        )

    def _stream(self, spec: Spec) -> Record:
        sound = self._corpora.stream(spec).sound
        attended = attend(self._fresh_ears(), sound, self._subject.pack.all_phrases)
        return StreamRecord(spec.corpus, spec.label, attended, self._bare.accepts(sound), bare_asked=True)

    def _coach_alone(self, unit: CoachAlone) -> Record:
        room = coach_room(person_over_echo_db=unit.person_over_echo_db, rt60_s=0.3, distance_m=2.0, seed=unit.part % 4)
        texts = list(self._everything)
        if unit.noise is Noise.NONE:
            texts = texts[unit.part * _SENTENCES_A_UNIT : (unit.part + 1) * _SENTENCES_A_UNIT]
            label = f"{unit.person_over_echo_db} dB"
        else:
            label, noise = self._a_minute(unit.noise, unit.part)
            room.add_noise(noise, KITCHEN_SNR_DB)
            random.Random(unit.part).shuffle(texts)
        loop = CoachLoop(
            self._fresh_ears(),
            self._subject.pack,
            {text: self._everything[text] for text in texts},
            room,
            again=unit.noise is not Noise.NONE,
        )
        attended = loop.run(lambda moment: unit.noise is Noise.NONE or moment.now_ms < 60_000)
        return StreamRecord(
            unit.corpus,
            label,
            attended,
            0,
            bare_asked=False,
            interruptions=loop.interruptions,
            spoken_ms=loop.spoken_ms,
        )


_T = TypeVar("_T")


def _parts(whole: Sequence[_T], size: int) -> list[tuple[_T, ...]]:
    return [tuple(whole[start : start + size]) for start in range(0, len(whole), size)]
