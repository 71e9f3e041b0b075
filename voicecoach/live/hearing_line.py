"""The coach's end of the hearing process: sends the microphone, and puts what was heard into session time."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from voicecoach.listening.sensations import Heard, Ignored, Sensation, VoiceBegan
from voicecoach.live.child import Child
from voicecoach.live.wire import Attend, Listen
from voicecoach.units import INPUT_FRAMES_PER_MS

BLOCK_MS: Final = 20
KEPT_BLOCKS: Final = 2_000 // BLOCK_MS
"""What was heard while no ears were open waits for them, so that a word said just then is not lost; but an older one
is not to be obeyed any more."""
_BLOCK_BYTES: Final = BLOCK_MS * INPUT_FRAMES_PER_MS * 2
_REMEMBERED_BLOCKS: Final = 60_000 // BLOCK_MS


@dataclass(frozen=True, slots=True)
class _Block:
    listen: Listen
    heard_ms: int
    attend: Attend


class HearingLine:
    """Outlives the hearing processes. The ears of each count time from the first block that they are sent."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._kept: deque[_Block] = deque(maxlen=KEPT_BLOCKS)
        self._sent = 0
        self._decoded = 0
        self._attended: Attend | None = None
        self._moments: deque[int] = deque(maxlen=_REMEMBERED_BLOCKS)
        """Session time at the end of each of the last blocks."""

    @property
    def connected(self) -> bool:
        """Whether there are ears."""
        return self._child is not None

    @property
    def behind(self) -> int:
        """How many blocks have been sent and not heard through."""
        return self._sent - self._decoded

    def connect(self, child: Child) -> None:
        """Have this process hear from now on, and first what has just been said."""
        self.disconnect()
        self._child = child
        while self._kept:
            self._pass_on(child, self._kept.popleft())

    def disconnect(self) -> None:
        """Forget the process: it is gone."""
        self._child = None
        self._sent = self._decoded = 0
        self._attended = None
        self._moments.clear()

    def send(self, listen: Listen, heard_ms: int, phrases: Collection[str], saying: str | None) -> None:
        """Send sound that ended at `heard_ms` of session time: 20 ms, or a multiple of them."""
        attend = Attend(tuple(phrases), saying)
        if self._child is not None:
            self._pass_on(self._child, _Block(listen, heard_ms, attend))
            return
        data = listen.data
        for start in range(0, len(data), _BLOCK_BYTES):
            after = len(data) // _BLOCK_BYTES - start // _BLOCK_BYTES - 1
            piece = replace(listen, data=data[start : start + _BLOCK_BYTES])
            self._kept.append(_Block(piece, heard_ms - BLOCK_MS * after, attend))

    def decoded(self, blocks: int) -> None:
        """Take that so many blocks have been heard through."""
        self._decoded = blocks

    def in_session_time(self, sensation: Sensation, now_ms: int) -> Sensation:
        """Return what was heard with the session's times in place of the ears'."""
        match sensation:
            case VoiceBegan(at_ms=at_ms):
                return replace(sensation, at_ms=self._session_ms(at_ms, now_ms))
            case Heard() | Ignored():
                start_ms = self._session_ms(sensation.start_ms, now_ms)
                end_ms = self._session_ms(sensation.end_ms, now_ms)
                return replace(sensation, start_ms=start_ms, end_ms=end_ms, decided_ms=now_ms)

    def _pass_on(self, child: Child, block: _Block) -> None:
        if block.attend != self._attended:
            self._attended = block.attend
            child.send(block.attend)
        child.send(block.listen)
        count = len(block.listen.data) // _BLOCK_BYTES
        self._sent += count
        self._moments.extend(block.heard_ms - BLOCK_MS * after for after in reversed(range(count)))

    def _session_ms(self, ears_ms: int, now_ms: int) -> int:
        first = self._sent - len(self._moments)
        ends = range((first + 1) * BLOCK_MS, (self._sent + 1) * BLOCK_MS, BLOCK_MS)
        block = min(bisect_left(ends, ears_ms), len(ends) - 1)
        if block < 0:
            return now_ms
        return max(0, min(now_ms, self._moments[block] - max(0, ends[block] - ears_ms)))
