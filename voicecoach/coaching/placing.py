"""Where sentences go between the tones: which form fits, where it starts, and what is left of it when a person cuts in.

A tone never waits for a sentence; a sentence gives way to a tone. So tones are entered first, at their exact times, and
a sentence takes the first gap that holds it. All lengths are known beforehand, so nothing is ever begun that a tone
would run into.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicecoach.coaching.messages import TONE_LENGTH_MS, Say, SpeechTable, Tone
from voicecoach.routine.plan import Cue

GAP_MS = 120
"""Quiet between a sentence and the tone or sentence beside it, so that neither masks the other's edge."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence that has a place."""

    cue: Cue
    text: str
    """The form of the cue that fitted."""
    start_ms: int
    end_ms: int
    from_ms: int = 0
    interruptions: int = 0
    """How often somebody has cut into it."""

    @property
    def action(self) -> Say:
        """What makes it sound."""
        return Say(self.text, self.start_ms, self.from_ms)


class Schedule:
    """What sounds and will sound: tones with fixed times, and sentences placed between them."""

    def __init__(self, speech: SpeechTable) -> None:
        self.speech = speech
        self._tones: list[tuple[int, int]] = []
        self._spoken: list[Spoken] = []

    def forget_before(self, now: int) -> None:
        """Drop what is over, so that memory stays flat however long the session is."""
        self._tones = [tone for tone in self._tones if tone[1] > now - GAP_MS]
        self._spoken = [spoken for spoken in self._spoken if spoken.end_ms > now - GAP_MS]

    def add_tone(self, tone: Tone, at_ms: int) -> None:
        """Enter a tone. Sentences placed after this keep clear of it."""
        self._tones.append((at_ms, at_ms + TONE_LENGTH_MS[tone]))

    def clear(self) -> None:
        """Forget everything: all sounds were stopped."""
        self._tones.clear()
        self._spoken.clear()

    def length_ms(self, text: str) -> int | None:
        """Return how long a sentence sounds; none where it is not rendered, and so cannot be said."""
        timing = self.speech.get(text)
        return None if timing is None else timing.length_ms

    def place(
        self, cue: Cue, earliest_ms: int, latest_ms: int, end_ms: int, *, from_ms: int = 0, interruptions: int = 0
    ) -> Spoken | None:
        """Give a sentence the first place that holds it, and return it; none if it does not fit.

        It starts between `earliest_ms` and `latest_ms` and is over by `end_ms`. In each gap the full form is tried,
        then the short one. With `from_ms`, only the rest of the full form is said.
        """
        busy = sorted([*self._tones, *((spoken.start_ms, spoken.end_ms) for spoken in self._spoken)])
        start = earliest_ms
        while start <= latest_ms:
            inside = [end for begin, end in busy if begin - GAP_MS < start < end + GAP_MS]
            if inside:
                start = max(inside) + GAP_MS
                continue
            gap_end = min([end_ms, *(begin - GAP_MS for begin, _ in busy if begin >= start)])
            for text in (cue.full,) if from_ms else (cue.full, cue.short):
                length = self.length_ms(text)
                if length is not None and start + length - from_ms <= gap_end:
                    spoken = Spoken(cue, text, start, start + length - from_ms, from_ms, interruptions)
                    self._spoken.append(spoken)
                    return spoken
            after = [end for begin, end in busy if begin >= start]
            if not after:
                return None
            start = min(after) + GAP_MS
        return None

    @property
    def speech_ends_ms(self) -> int:
        """When everything placed so far has been said."""
        return max((spoken.end_ms for spoken in self._spoken), default=0)

    def after_tones(self, now: int) -> int:
        """Return the first moment from `now` on at which no tone that is known sounds any more."""
        return max([now, *(end + GAP_MS for begin, end in self._tones if begin <= now)])

    def saying(self, now: int) -> Spoken | None:
        """Return the sentence that sounds at this moment."""
        return next((spoken for spoken in self._spoken if spoken.start_ms <= now < spoken.end_ms), None)

    def hush(self, now: int) -> tuple[Spoken, ...]:
        """Take back what is not yet said, and return it; a sentence in its middle as from its last word boundary."""
        unsaid = tuple(self._rest(spoken, now) for spoken in self._spoken if spoken.end_ms > now)
        self._spoken = [spoken for spoken in self._spoken if spoken.end_ms <= now]
        return tuple(sorted(unsaid, key=lambda spoken: spoken.start_ms))

    def _rest(self, spoken: Spoken, now: int) -> Spoken:
        if spoken.start_ms >= now:
            return spoken
        reached = spoken.from_ms + now - spoken.start_ms
        breaks: Sequence[int] = self.speech[spoken.text].breaks_ms if spoken.text in self.speech else ()
        from_ms = max((at for at in breaks if at <= reached), default=0)
        cue = Cue(spoken.text, spoken.text)
        length_ms = spoken.end_ms - spoken.start_ms
        return Spoken(cue, spoken.text, now, now + length_ms, from_ms, spoken.interruptions + 1)
