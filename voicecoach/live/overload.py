"""Overload is a state: found by numbers, answered step by step, kept for the machine and the device.

A machine that does not keep up is first given longer buffers, which cost nothing but a later answer, and then hears
with less. Nothing is taken back within a session: what would come and go with the load of the moment is no state.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from voicecoach.live.keeper import NS_PER_S

USUAL_BUFFER_MS: Final = 40
"""On a machine that keeps up. Of 24 sessions that began beside two busy processes two had a gap, and of 24 with 50 ms
as well; with 35 ms for the loudspeaker 4 of 12 had. With 20 ms for the microphone it hears 5 ms sooner, and waiting to
be called takes twice the processor."""
_GAPS: Final = 3
"""So many gaps within the window are no accident: a machine that keeps up has one at its start, now and then."""
_WINDOW_NS: Final = 10 * NS_PER_S
_SETTLES_NS: Final = 2 * NS_PER_S
"""A stream that was opened anew begins with gaps of its own."""
BEHIND_BLOCKS: Final = 50
"""Of 20 ms. Ears that are so far behind answer later than a person waits, ..."""
_BEHIND_NS: Final = 3 * NS_PER_S
"""... if they stay so for this long. They load, and take a breath, for less."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What is asked of a machine."""

    buffer_ms: int = USUAL_BUFFER_MS
    """How much sound is kept ready, in milliseconds."""
    thrift: int = 0
    """How much of hearing is left out, see `voicecoach.live.wire.Spare`."""


STEPS: Final = (
    Effort(),
    Effort(100),
    Effort(200),
    Effort(200, thrift=1),
    Effort(200, thrift=2),
    Effort(400, thrift=3),
)
"""What is asked of it when the step before was too much. Answers come later by what is kept ready, and so only the last
step, for tones and sentences alone, has more than they can do with."""
LEFT_OUT: Final = (
    "",
    "the second opinion",
    "the second opinion and the denoised form",
    "the second opinion, the denoised form and the detail of barge-in",
)
"""What hearing does without, by its thrift."""


def found_wanting(effort: Effort) -> str:
    """Return in one or two sentences what is done on a machine that does not keep up."""
    said = f"{effort.buffer_ms} ms of sound are kept ready, so answers come a little later."
    return f"{said} Hearing does without {LEFT_OUT[effort.thrift]}." if effort.thrift else said


class Overload:
    """Watches whether the machine keeps up. Times are monotonic nanoseconds, given by the caller."""

    def __init__(self, effort: Effort = STEPS[0]) -> None:
        """Begin with what the machine was found to be able to do."""
        self.effort = effort
        self._gaps: deque[int] = deque(maxlen=_GAPS)
        self._counted = 0
        self._settled_ns = 0
        self._kept_up_ns: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether the machine does not keep up."""
        return self.effort != STEPS[0]

    def start_anew(self) -> None:
        """Take that gaps are counted from zero again, by another process."""
        self._counted = 0
        self._gaps.clear()

    def see_gaps(self, now_ns: int, gaps: int, *, counts: bool = True) -> Effort | None:
        """Take how many gaps there have been in what was played, and whether the new ones count.

        Return what is to be asked of the machine from now on, if that changes.
        """
        new, self._counted = gaps - self._counted, gaps
        if now_ns < self._settled_ns or not counts:
            return None
        self._gaps.extend([now_ns] * min(new, _GAPS))
        if len(self._gaps) < _GAPS or now_ns - self._gaps[0] > _WINDOW_NS:
            return None
        return self._step(now_ns, more_thrift=False)

    def see_ears(self, now_ns: int, blocks_behind: int) -> Effort | None:
        """Take how far the ears are behind, in blocks of 20 ms. Returns as `see_gaps`."""
        if self._kept_up_ns is None or blocks_behind < BEHIND_BLOCKS or now_ns < self._settled_ns:
            self._kept_up_ns = now_ns
        if now_ns - self._kept_up_ns < _BEHIND_NS:
            return None
        return self._step(now_ns, more_thrift=True)

    def _step(self, now_ns: int, *, more_thrift: bool) -> Effort | None:
        """Go on to the next step, or to the next one at which hearing does without more."""
        self._gaps.clear()
        self._kept_up_ns = now_ns
        self._settled_ns = now_ns + _SETTLES_NS
        found = next((step for step in STEPS if _asks_less(step, self.effort, more_thrift=more_thrift)), None)
        if found is not None:
            self.effort = found
        return found


def _asks_less(step: Effort, of: Effort, *, more_thrift: bool) -> bool:
    if more_thrift:
        return step.thrift > of.thrift
    return (step.thrift, step.buffer_ms) > (of.thrift, of.buffer_ms)
