"""Somebody who talks over the coach: one command after the other, each in the middle of a sentence."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from voicecoach.audio.clip import Samples, Sentence
from voicecoach.bench.bare import BareEngine
from voicecoach.bench.coach import CoachLoop, Moment, coach_room
from voicecoach.bench.conditions import KITCHEN_SNR_DB, Condition
from voicecoach.bench.corpora import Trial
from voicecoach.bench.records import Attended, Judged, Record, StreamRecord, TrialRecord
from voicecoach.bench.scenes import SEATS, voice_bounds
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.ears import Ears
from voicecoach.rehearsal.room import Room
from voicecoach.units import INPUT_FRAMES_PER_MS

WARM_UP_MS: Final = 8000
"""Nobody says anything before: the canceller learns the room in the first sentences of a session."""
_INTO_SPEECH_MS: Final = (400, 1800)
"""How long the coach has been speaking when the person begins."""
_REST_MS: Final = (500, 1500)
BETWEEN_COMMANDS: Final = "between commands over the coach"
DECIDES_WITHIN_MS: Final = 1500
"""What is not decided so long after the phrase has ended was not understood."""
_NEAR_MS: Final = 300
_LONGEST_WAIT_MS: Final = 30_000
"""Should the coach not come to speak any more, the person speaks all the same."""


class Interrupter:
    """Somebody who says one thing after the other over a coach. Used once, by one thread."""

    def __init__(self, sounds: Sequence[Samples], seed: int) -> None:
        """Take what is said, mono at 16 kHz."""
        self._waiting = list(sounds)
        self._chance = random.Random(seed)
        self._begins_at = WARM_UP_MS
        self._into_ms = self._chance.randint(*_INTO_SPEECH_MS)
        self._done_at: int | None = None
        self.spoken: list[tuple[int, int]] = []
        """From when to when each thing was said, as the microphone heard it."""

    def step(self, loop: CoachLoop, moment: Moment) -> bool:
        """Speak where it is time to; false when all has been said."""
        now = moment.now_ms
        if self._done_at is not None:
            if now < self._done_at:
                return True
            self._done_at = None
            self._begins_at = now + self._chance.randint(*_REST_MS)
            self._into_ms = self._chance.randint(*_INTO_SPEECH_MS)
        if not self._waiting:
            return False
        since = moment.saying_since_ms
        ripe = since is not None and now - since >= self._into_ms and now >= self._begins_at
        if ripe or now >= self._begins_at + _LONGEST_WAIT_MS:
            self._say(self._waiting.pop(0), now, loop)
        return True

    def _say(self, said: Samples, now: int, loop: CoachLoop) -> None:
        arrives = loop.room.play_person(said, now * INPUT_FRAMES_PER_MS) - len(said)
        first, last = voice_bounds(said)
        start_ms, end_ms = ((arrives + frame) // INPUT_FRAMES_PER_MS for frame in (first, last))
        self.spoken.append((start_ms, end_ms))
        self._done_at = end_ms + DECIDES_WITHIN_MS


def say_over_coach(
    fresh_ears: Callable[[], Ears],
    bare: BareEngine,
    pack: LanguagePack,
    *,
    sentences: Mapping[str, Sentence],
    trials: Sequence[Trial],
    sounds: Mapping[Trial, Samples],
    noise: Samples | None,
    seed: int,
) -> list[Record]:
    """Return what comes of trials, all of one condition, that are said over the coach, in a fresh room with a noise.

    The bare engine hears the same voices over the same sentences, from a coach that does not give way.
    """
    condition = trials[0].condition
    texts = list(sentences)
    shuffled = np.random.default_rng([seed, trials[0].number]).permutation(len(texts))
    reading = {texts[number]: sentences[texts[number]] for number in shuffled}

    def loop() -> CoachLoop:
        room = room_of(condition, noise, seed=trials[0].number % SEATS)
        return CoachLoop(fresh_ears(), pack, reading, room, again=True)

    said = [sounds[trial] for trial in trials]
    deafly, person = Interrupter(said, seed), Interrupter(said, seed)
    deaf, hearing = loop(), loop()
    sound = deaf.run_deaf(lambda moment: deafly.step(deaf, moment))
    attended = hearing.run(lambda moment: person.step(hearing, moment))
    rest = list(attended.judged)
    records: list[Record] = []
    for trial, (start_ms, end_ms), bounds in zip(trials, person.spoken, deafly.spoken, strict=True):
        own = [judged for judged in rest if _belongs(judged, start_ms, end_ms)]
        rest = [judged for judged in rest if judged not in own]
        began = tuple(at for at in attended.began_ms if start_ms - _NEAR_MS <= at <= end_ms + _NEAR_MS)
        record = record_of(trial, start_ms, end_ms, Attended(tuple(own), began, 0, 0.0))
        records.append(replace(record, bare=bare.command_at(sound, *bounds), bare_asked=True))
    between = Attended(tuple(rest), (), attended.sound_ms, attended.worked_ms)
    return [*records, StreamRecord(BETWEEN_COMMANDS, "", between, 0, bare_asked=False)]


def room_of(condition: Condition, noise: Samples | None, seed: int) -> Room:
    """Return a fresh room of a condition over the coach, with a kitchen's noise in it if there is one."""
    assert condition.level_db is not None
    assert condition.place is not None
    room = coach_room(
        person_over_echo_db=condition.level_db,
        rt60_s=condition.place.rt60_s,
        distance_m=condition.place.distance_m,
        seed=seed,
    )
    if noise is not None:
        room.add_noise(noise, KITCHEN_SNR_DB)
    return room


def record_of(trial: Trial, start_ms: int, end_ms: int, attended: Attended) -> TrialRecord:
    """Return the record of a trial that no bare engine was asked about."""
    condition = trial.condition
    return TrialRecord(
        condition=condition.name,
        noise=condition.noise,
        level_db=condition.level_db,
        phrase=trial.phrase,
        command=trial.command,
        speaker=trial.speaker.name,
        group=trial.speaker.group,
        said_from_ms=start_ms,
        said_to_ms=end_ms,
        attended=attended,
        bare=None,
        bare_asked=False,
    )


def _belongs(judged: Judged, start_ms: int, end_ms: int) -> bool:
    return judged.end_ms >= start_ms - _NEAR_MS and judged.start_ms <= end_ms + _NEAR_MS
