"""Feeding the ears, and keeping the books: what they made of it, when, and what it cost."""

from __future__ import annotations

import time
from collections.abc import Collection

import numpy as np

from voicecoach.bench.records import Attended, Judged
from voicecoach.listening.ears import Ears
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.sensations import Heard, Ignored, Reason, Sensation, VoiceBegan
from voicecoach.units import INPUT_FRAMES_PER_MS

BLOCK_FRAMES = 20 * INPUT_FRAMES_PER_MS


class Attention:
    """Feeds ears that have heard nothing yet. Used once, by one thread.

    The cost of a block is the processor's time, so that others on the machine are not counted. Blocks arrive every 20
    ms; one that comes while the last is still being worked on waits, as it would in the hearing process.
    """

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._judged: list[Judged] = []
        self._began: list[int] = []
        self._busy_until_ms = 0.0
        self._worked_s = 0.0

    def feed(
        self, block: Pcm, open_phrases: Collection[str], saying: str | None = None, echo_power: float = 0.0
    ) -> list[Sensation]:
        """Have a block of 20 ms heard and return what came of it."""
        begin = time.process_time()
        sensations = self._ears.feed(block, open_phrases, saying, echo_power)
        self._book(sensations, time.process_time() - begin)
        return sensations

    def finish(self) -> Attended:
        """Let an utterance that is still open be judged, and return everything."""
        begin = time.process_time()
        sensations = self._ears.flush()
        self._book(sensations, time.process_time() - begin)
        return Attended(tuple(self._judged), tuple(self._began), self._ears.now_ms, self._worked_s * 1000)

    @property
    def judged(self) -> list[Judged]:
        """Everything that was judged so far."""
        return self._judged

    def _book(self, sensations: list[Sensation], took_s: float) -> None:
        self._worked_s += took_s
        self._busy_until_ms = max(self._busy_until_ms, self._ears.now_ms) + took_s * 1000
        for sensation in sensations:
            match sensation:
                case VoiceBegan():
                    self._began.append(self._ears.now_ms)
                case Heard() | Ignored():
                    self._judged.append(_judged(sensation, round(self._busy_until_ms)))


def attend(ears: Ears, sound: Pcm, open_phrases: Collection[str]) -> Attended:
    """Have ears that have heard nothing yet hear a sound from its beginning to its end."""
    attention = Attention(ears)
    padded = np.pad(sound, (0, -len(sound) % BLOCK_FRAMES))
    for block in padded.reshape(-1, BLOCK_FRAMES):
        attention.feed(block, open_phrases)
    return attention.finish()


def _judged(result: Heard | Ignored, known_ms: int) -> Judged:
    return Judged(
        command=result.command if isinstance(result, Heard) else None,
        reason=str(Reason.ACCEPTED if isinstance(result, Heard) else result.reason),
        score=result.confidence,
        start_ms=result.start_ms,
        end_ms=result.end_ms,
        decided_ms=result.decided_ms,
        known_ms=known_ms,
    )
