"""How much people near the microphone have been talking lately, and hardly to the coach. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final

from voicecoach.listening.decision import Accepted, Rejected, Verdict
from voicecoach.listening.sensations import Reason

LATELY_MS: Final = 4000
"""Of eight sentences in an hour of the bench's talk that were taken for a command (seed 7) seven come after
`decision.TALK_MS` of talk in that time; with 6 s as many, with 3 s four."""
UNLIKE_A_COMMAND: Final = 0.2
"""What was rejected with less confidence is talk; with more it may be a command that was not understood, and whoever
says it once more deserves to be heard as before."""
_NO_TALK: Final = frozenset({Reason.TOO_SHORT, Reason.NO_SPEECH, Reason.OWN_VOICE, Reason.REPEATED})


class Talk:
    """Remembers of the last seconds when there was talk. Times are the microphone's, in milliseconds, and ascend."""

    def __init__(self) -> None:
        self._spells: deque[tuple[int, int]] = deque()

    def judged(self, start_ms: int, end_ms: int, verdict: Verdict) -> None:
        """Take what became of an utterance. A command ends what was remembered: somebody does mean the coach."""
        if isinstance(verdict, Accepted):
            self._spells.clear()
        elif _is_talk(verdict):
            self._spells.append((start_ms, end_ms))

    def before(self, at_ms: int) -> int:
        """Return for how long there was talk in the `LATELY_MS` before a moment, which must not be before the last."""
        since_ms = at_ms - LATELY_MS
        while self._spells and self._spells[0][1] <= since_ms:
            self._spells.popleft()
        return sum(end_ms - max(start_ms, since_ms) for start_ms, end_ms in self._spells)


def _is_talk(rejected: Rejected) -> bool:
    return rejected.confidence < UNLIKE_A_COMMAND and rejected.reason not in _NO_TALK
