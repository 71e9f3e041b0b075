"""How a session speaks and sounds: who has the floor, what is placed where, and what goes out.

A second, small machine beside the session's state says who has the floor. When somebody begins to speak the coach falls
silent; what it had not said is kept, and is said when the floor comes back, or dropped where it no longer fits. What it
would begin to say meanwhile is kept too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from voicecoach.coaching.messages import Action, PlayTone, Say, SpeechTable, StopSounds, StopSpeech, Tone
from voicecoach.coaching.placing import NEVER_MS, Schedule, Spoken
from voicecoach.routine.plan import Cue


@dataclass(slots=True)
class _PersonSpeaks:
    """Somebody has the floor: until when at the latest, and what the coach has to say after them."""

    until_ms: int
    unsaid: tuple[Spoken, ...]
    cut: int | None
    """Which of these sentences was cut in its middle."""


class Delivery:
    """Everything a session lets out. Owned by the session, which keeps `now` up to date."""

    def __init__(self, speech: SpeechTable) -> None:
        self.now = 0
        self.last_cue: Cue | None = None
        """What "say that again" says."""
        self._schedule = Schedule(speech)
        self._floor: _PersonSpeaks | None = None
        self._out: list[Action] = []

    # Actions

    def emit(self, action: Action) -> None:
        """Let an action out. A stop takes back what this same call has scheduled: it has not reached anybody yet."""
        if isinstance(action, (StopSpeech, StopSounds)):
            stopped = (Say, PlayTone) if isinstance(action, StopSounds) else Say
            self._out = [a for a in self._out if not (isinstance(a, stopped) and a.at_ms >= action.at_ms)]
        self._out.append(action)

    def take_actions(self) -> list[Action]:
        """Return what was let out since the last call."""
        actions, self._out = self._out, []
        return actions

    def forget_the_past(self) -> None:
        """Drop what is over."""
        self._schedule.forget_before(self.now)

    # The floor

    @property
    def person_speaks(self) -> bool:
        """Whether somebody has the floor."""
        return self._floor is not None

    @property
    def floor_returns_ms(self) -> int:
        """When the floor comes back by itself; `NEVER_MS` while the coach has it."""
        return NEVER_MS if self._floor is None else self._floor.until_ms

    def give_floor(self, for_ms: int) -> None:
        """Fall silent for somebody who speaks, for so long at the most."""
        if self._floor is None:
            saying = self._schedule.saying(self.now)
            unsaid = self._hush(for_voice=True)
            is_cut = saying is not None and saying.start_ms < self.now
            self._floor = _PersonSpeaks(self.now + for_ms, unsaid, 0 if is_cut else None)

    def return_floor(self) -> tuple[Spoken, ...] | None:
        """Take the floor back and return what is still to be said; none if the coach had it anyway."""
        if self._floor is None:
            return None
        unsaid, self._floor = self._floor.unsaid, None
        return unsaid

    def forgive(self) -> None:
        """Take it that whoever has the floor had something to say: a command does not count as an interruption."""
        if self._floor is not None:
            self._floor.unsaid = tuple(
                replace(one, interruptions=one.interruptions - 1) if number == self._floor.cut else one
                for number, one in enumerate(self._floor.unsaid)
            )
            self._floor.cut = None

    # Speech

    @property
    def speech_ends_ms(self) -> int:
        """When everything placed so far has been said; now, if nothing is left."""
        return max(self.now, self._schedule.speech_ends_ms)

    def length_ms(self, cue: Cue) -> int:
        """Return how long the full form of a cue sounds; 0 where it cannot be said."""
        return self._schedule.length_ms(cue.full) or 0

    def saying(self, now: int) -> str | None:
        """Return the sentence that sounds at `now`."""
        spoken = self._schedule.saying(now)
        return None if spoken is None else spoken.text

    def change_speech(self, speech: SpeechTable) -> None:
        """Place sentences by these timings from now on."""
        self._schedule.speech = speech

    def say(
        self,
        cue: Cue,
        at_ms: int,
        *,
        latest_ms: int = NEVER_MS,
        until_ms: int = NEVER_MS,
        kind: str = "",
        name: Hashable = None,
        repeatable: bool = True,
    ) -> bool:
        """Place a sentence. False where there is no room for it. Kept for later while somebody has the floor.

        `kind` and `name` are those of `Spoken`.
        """
        if repeatable:
            self.last_cue = cue
        wanted = Spoken(cue, cue.full, at_ms, at_ms + self.length_ms(cue), kind=kind, name=name)
        return self.say_again(wanted, at_ms, latest_ms=latest_ms, until_ms=until_ms)

    def say_again(self, spoken: Spoken, at_ms: int, *, latest_ms: int = NEVER_MS, until_ms: int = NEVER_MS) -> bool:
        """Place what was taken back, from where it was cut. Otherwise as `say`."""
        if self._floor is not None:
            self._floor.unsaid += (replace(spoken, start_ms=at_ms, end_ms=at_ms + spoken.length_ms),)
            return True
        placed = self._schedule.place(replace(spoken, start_ms=max(at_ms, self.now)), latest_ms, until_ms)
        if placed is None:
            return False
        self.emit(placed.action)
        return True

    def say_in_order(self, cues: Iterable[Cue], *, after_ms: int = 0) -> None:
        """Place sentences one after the other, the first one not before `after_ms` from now."""
        at_ms = self.now + after_ms
        for cue in cues:
            self.say(cue, at_ms)
            at_ms = max(at_ms, self.speech_ends_ms)

    def say_all(self, cues: Sequence[tuple[Cue, Hashable]], until_ms: int) -> list[str] | None:
        """Place sentences with their names one after the other, or none of them where not all have room.

        Returns the forms that fitted. While somebody has the floor all are kept for later, in full.
        """
        if self._floor is not None:
            for cue, name in cues:
                self.say(cue, self.now, name=name)
            return [cue.full for cue, _ in cues]
        placed: list[Spoken] = []
        at_ms = self.now
        for cue, name in cues:
            one = self._schedule.place(Spoken(cue, cue.full, at_ms, at_ms, name=name), NEVER_MS, until_ms)
            if one is None:
                self._schedule.take_out(placed)
                return None
            placed.append(one)
            at_ms = max(at_ms, one.end_ms)
        for one in placed:
            self.last_cue = one.cue
            self.emit(one.action)
        return [one.text for one in placed]

    def drop_names(self) -> None:
        """Drop sentences with a name that wait for the floor: what they name is said in another way."""
        if self._floor is not None:
            self._floor.unsaid = tuple(one for one in self._floor.unsaid if one.name is None)

    def was_named(self, name: Hashable) -> bool:
        """Tell whether a sentence with this name has been said to its end."""
        return self._schedule.was_named(name, self.now)

    def forget_names(self) -> None:
        """Forget what was named."""
        self._schedule.forget_names()

    def room_ms(self, until_ms: int) -> int:
        """Return how long a sentence may be that begins now or later and is over by `until_ms`."""
        return max(0, self._schedule.room_ms(self.now, until_ms))

    def drop_speech(self) -> None:
        """Drop what is said and was to be said. Whoever has the floor keeps it."""
        if self._floor is not None:
            self._floor.unsaid = ()
        else:
            self._hush(for_voice=False)

    def take_back_speech(self) -> tuple[Spoken, ...]:
        """Cut what is said, forget what was to be said, and return both. The coach has the floor afterwards."""
        unsaid = self._hush(for_voice=False)
        return unsaid + (self.return_floor() or ())

    def _hush(self, *, for_voice: bool) -> tuple[Spoken, ...]:
        unsaid = self._schedule.hush(self.now, for_voice=for_voice)
        if unsaid:
            self.emit(StopSpeech(self.now, for_voice))
        return unsaid

    # Tones

    def sound(self, tone: Tone, at_ms: int | None = None) -> None:
        """Schedule a tone: at once, unless said otherwise."""
        at_ms = self.now if at_ms is None else at_ms
        self._schedule.add_tone(tone, at_ms)
        self.emit(PlayTone(tone, at_ms))

    def sound_after_tones(self, tone: Tone, at_ms: int) -> None:
        """Schedule a tone for the first moment from `at_ms` on at which no other sounds."""
        self.sound(tone, self._schedule.after_tones(at_ms))

    def reserve(self, tone: Tone, at_ms: int) -> None:
        """Keep a place clear for a tone that will be scheduled later."""
        self._schedule.add_tone(tone, at_ms)

    def stop_sounds(self) -> tuple[Spoken, ...]:
        """Cut everything that sounds, forget everything scheduled, and return what was not said."""
        unsaid = self._schedule.hush(self.now) + (self.return_floor() or ())
        self.emit(StopSounds(self.now))
        self._schedule.clear()
        return unsaid
