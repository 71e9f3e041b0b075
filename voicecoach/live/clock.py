"""Session time, and where it lies in the device's frames.

Session time is monotonic time, less the time in which nothing could have sounded: it passes only while the sound
process gives evidence that the device takes frames. The device has a clock of its own, so the frame for a session time
is found by watching how far the device has got at what time, and following that slowly.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from voicecoach.units import OUTPUT_FRAMES_PER_MS

NS_PER_MS: Final = 1_000_000
GRACE_NS: Final = 250 * NS_PER_MS
"""Session time goes on for this long after the last evidence that sound is possible. Evidence comes twenty times a
second; a busy machine may be late with it."""
MARGIN_FRAMES: Final = 20 * OUTPUT_FRAMES_PER_MS
"""Sound is placed this much after the first frame that the device has not asked for yet: what the coach needs to wake
up for a deadline, and a message needs to reach the mixer."""
_WINDOW_NS: Final = 2_000 * NS_PER_MS
_FOLLOW_NS: Final = 3_000 * NS_PER_MS
"""A difference of the clocks is made good in about this time: 50 parts in a million are 0.15 ms late then."""
_SETTLES_NS: Final = 200 * NS_PER_MS
"""After its beginning and after a gap the device's first bursts may come late: for this long the furthest is taken as
it is."""
_FAR_BEHIND_FRAMES: Final = 250 * OUTPUT_FRAMES_PER_MS


class SessionClock:
    """Counts session time. Starts at 0, with nothing able to sound."""

    def __init__(self, buffer_ms: int = 0) -> None:
        self.buffer_ms = buffer_ms
        """How much sound the device keeps ready: evidence may come so much later."""
        self._session_ns = 0
        self._counted_ns = 0
        self._good_until_ns = 0

    @property
    def now_ms(self) -> int:
        """Session time at the last `tick`, in whole milliseconds."""
        return self._session_ns // NS_PER_MS

    @property
    def now_frame(self) -> int:
        """The same as a frame at 48 kHz."""
        return self.now_ms * OUTPUT_FRAMES_PER_MS

    def sound_is_possible(self, at_ns: int) -> None:
        """Take that the device was seen to take frames at that time."""
        self._good_until_ns = max(self._good_until_ns, at_ns + GRACE_NS + self.buffer_ms * NS_PER_MS)

    def sound_is_impossible(self) -> None:
        """Take that there is no device: time stops at the last tick."""
        self._good_until_ns = 0

    def runs(self, at_ns: int) -> bool:
        """Tell whether time passes."""
        return at_ns < self._good_until_ns

    def tick(self, at_ns: int) -> None:
        """Let time pass up to `at_ns`, as far as there was sound."""
        until = min(at_ns, self._good_until_ns)
        if until > self._counted_ns:
            self._session_ns += until - self._counted_ns
        self._counted_ns = at_ns

    def start(self, at_ns: int, session_ms: int = 0) -> None:
        """Begin to count here, at that session time."""
        self._counted_ns = at_ns
        self._session_ns = session_ms * NS_PER_MS

    def ms_at(self, at_ns: int) -> int:
        """Return the session time of a moment not long ago; never less than 0 nor more than now."""
        ago = max(0, self._counted_ns - at_ns)
        return max(0, self._session_ns - ago) // NS_PER_MS

    def frame_at(self, at_ns: int) -> float:
        """Return the frame of session time at a moment around now, as if time had passed all the while."""
        return (self._session_ns + at_ns - self._counted_ns) * OUTPUT_FRAMES_PER_MS / NS_PER_MS


class FrameMap:
    """From frames of session time to the device's own, which count from when it was opened."""

    def __init__(self) -> None:
        self._recent: deque[tuple[int, float]] = deque()
        self._lead: float | None = None
        self._observed_ns = 0
        self._gaps = 0
        self._settled_ns = 0
        self.jumps = 0
        """How often following slowly was not enough, because the device or the coach had stood still."""

    @property
    def known(self) -> bool:
        """Whether the device has been observed at all."""
        return self._lead is not None

    def observe(self, at_ns: int, position: int, session_frame: float, gaps: int = 0) -> None:
        """Take that the device had asked for `position` frames when session time was at `session_frame`.

        `gaps` is how often so far it was not given enough in time. It has lost time by that, at once.
        """
        lead = position - session_frame
        if gaps != self._gaps or self._lead is None:
            self._gaps = gaps
            self._recent.clear()
            self._lead = None
            self._settled_ns = at_ns + _SETTLES_NS
        self._recent.append((at_ns, lead))
        while self._recent[0][0] < at_ns - _WINDOW_NS:
            self._recent.popleft()
        # A device asks for frames in bursts: what counts is the most it has had at any time.
        furthest = max(lead for _, lead in self._recent)
        passed_ns, self._observed_ns = at_ns - self._observed_ns, at_ns
        if self._lead is None or at_ns < self._settled_ns:
            self._lead = furthest
            return
        error = furthest - self._lead
        if error > MARGIN_FRAMES / 2 or error < -_FAR_BEHIND_FRAMES:
            self._lead = furthest
            self.jumps += 1
        else:
            self._lead += error * min(1.0, passed_ns / _FOLLOW_NS)

    def device_frame(self, session_frame: int) -> int:
        """Return the device's frame for a frame of session time."""
        return self.next_frame(session_frame) + MARGIN_FRAMES

    def next_frame(self, session_frame: int) -> int:
        """Return about the first frame that the device has not asked for at a frame of session time.

        Silence needs no margin: it may come at any time.
        """
        assert self._lead is not None
        return max(0, round(session_frame + self._lead))
