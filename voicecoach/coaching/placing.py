"""Where sentences go between the tones: which form fits, where it starts, and what is left of it when a person cuts in.

A tone never waits for a sentence; a sentence gives way to a tone. So tones are entered first, at their exact times, and
a sentence takes the first gap that holds it. All lengths are known beforehand, so nothing is ever begun that a tone
would run into.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Final

from voicecoach.coaching.messages import TONE_LENGTH_MS, CueTiming, Say, SpeechTable, Tone
from voicecoach.routine.plan import Cue

GAP_MS = 120
"""Quiet between a sentence and the tone or sentence beside it, so that neither masks the other's edge."""
NEVER_MS = 1 << 50
"""A bound that no session reaches."""


_UNPLACED: Final = CueTiming(0)


@dataclass(frozen=True, slots=True)
class WordBreak:
    """A place between two words of a sentence, at whatever speed it is spoken."""

    number: int
    """From 1."""
    of: int
    """How many the rendering had in which it was found."""

    def at_ms(self, timing: CueTiming) -> int:
        """Return where it is in a rendering: not later in the text, and before the rendering's end."""
        breaks = timing.breaks_ms
        number = self.number if len(breaks) == self.of else self.number * len(breaks) // self.of
        number = min(number, len(breaks))
        while number and breaks[number - 1] >= timing.length_ms:
            number -= 1
        return max(0, breaks[number - 1]) if number else 0


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence that has a place, or had one when it was taken back."""

    cue: Cue
    text: str
    """The form of the cue that fitted."""
    start_ms: int
    end_ms: int
    begin: WordBreak | None = None
    """Where in the text it begins; none for its first word."""
    from_ms: int = 0
    """The same in the rendering that it was placed with."""
    timing: CueTiming = _UNPLACED
    """The rendering that it was placed with."""
    interruptions: int = 0
    """How often somebody's voice has cut into it."""
    kind: str = ""
    """What it answers or tells: a newer sentence of a kind takes its place. Empty for what the plan says."""
    name: Hashable = None
    """What of the work it names, where the person has to be told that."""

    @property
    def action(self) -> Say:
        """What makes it sound."""
        return Say(self.text, self.start_ms, self.from_ms)

    @property
    def length_ms(self) -> int:
        """How long it sounds."""
        return self.end_ms - self.start_ms


class Schedule:
    """What sounds and will sound: tones with fixed times, and sentences placed between them."""

    def __init__(self, speech: SpeechTable) -> None:
        self.speech = speech
        self._tones: list[tuple[int, int]] = []
        self._spoken: list[Spoken] = []
        self._named: set[Hashable] = set()

    def forget_before(self, now: int) -> None:
        """Drop what is over, so that memory stays flat however long the session is."""
        self._note_named(now)
        self._tones = [tone for tone in self._tones if tone[1] > now - GAP_MS]
        self._spoken = [spoken for spoken in self._spoken if spoken.end_ms > now - GAP_MS]

    def was_named(self, name: Hashable, now: int) -> bool:
        """Tell whether a sentence that names this has been said to its end."""
        self._note_named(now)
        return name in self._named

    def forget_names(self) -> None:
        """Forget what was named: what is worked now is something else."""
        self._named.clear()

    def _note_named(self, now: int) -> None:
        self._named |= {one.name for one in self._spoken if one.name is not None and one.end_ms <= now}

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
        return None if timing is None else max(0, timing.length_ms)

    def room_ms(self, earliest_ms: int, end_ms: int) -> int:
        """Return the longest stretch between these times that is free for a sentence."""
        widest, start = 0, earliest_ms
        for begin, stop in [*self._busy(), (NEVER_MS, NEVER_MS)]:
            widest = max(widest, min(end_ms, begin - GAP_MS) - start)
            start = max(start, stop + GAP_MS)
        return widest

    def place(self, wanted: Spoken, latest_ms: int, end_ms: int) -> Spoken | None:
        """Give a sentence the first place that holds it, and return it; none if it does not fit.

        It starts between `wanted.start_ms` and `latest_ms` and is over by `end_ms`. In each gap the full form is
        tried, then the short one; only the full form where it does not begin with its first word.
        """
        forms = (wanted.cue.full,) if wanted.begin else tuple(dict.fromkeys((wanted.cue.full, wanted.cue.short)))
        start = wanted.start_ms
        for begin, stop in [*self._busy(), (NEVER_MS, NEVER_MS)]:
            if start > latest_ms:
                break
            if begin - GAP_MS >= start:
                for text in forms:
                    placed = self._placed(wanted, text, start)
                    if placed is not None and placed.end_ms <= min(end_ms, begin - GAP_MS):
                        self._spoken.append(placed)
                        return placed
            start = max(start, stop + GAP_MS)
        return None

    def _busy(self) -> list[tuple[int, int]]:
        return sorted([*self._tones, *((spoken.start_ms, spoken.end_ms) for spoken in self._spoken)])

    def _placed(self, wanted: Spoken, text: str, start: int) -> Spoken | None:
        timing = self.speech.get(text)
        if timing is None:
            return None
        from_ms = 0 if wanted.begin is None else wanted.begin.at_ms(timing)
        end = start + max(0, timing.length_ms - from_ms)
        return replace(wanted, text=text, start_ms=start, end_ms=end, from_ms=from_ms, timing=timing)

    def take_out(self, these: list[Spoken]) -> None:
        """Take sentences out again that were placed and that nobody has been told of."""
        self._spoken = [spoken for spoken in self._spoken if not any(spoken is one for one in these)]

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

    def hush(self, now: int, *, for_voice: bool = False) -> tuple[Spoken, ...]:
        """Take back what is not yet said, and return it; a sentence in its middle as from its last word boundary."""
        self._note_named(now)
        unsaid = tuple(self._rest(spoken, now, for_voice) for spoken in self._spoken if spoken.end_ms > now)
        self._spoken = [spoken for spoken in self._spoken if spoken.end_ms <= now]
        return tuple(sorted(unsaid, key=lambda spoken: spoken.start_ms))

    def _rest(self, spoken: Spoken, now: int, for_voice: bool) -> Spoken:
        if spoken.start_ms >= now:
            return spoken
        reached = spoken.from_ms + now - spoken.start_ms
        breaks = spoken.timing.breaks_ms
        number = sum(at <= reached for at in breaks)
        return replace(
            spoken,
            cue=Cue(spoken.text, spoken.text),
            start_ms=now,
            end_ms=now + spoken.length_ms,
            begin=WordBreak(number, len(breaks)) if number else None,
            interruptions=spoken.interruptions + for_voice,
        )
