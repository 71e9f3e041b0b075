"""Examples for the phrase classifier: utterances as the ears cut them out, and what was said in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from voicecoach.listening.decision import LEAST_VOICE_MS
from voicecoach.listening.detector import usual_detectors
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.segmenter import FRAME_FRAMES, Change, Segmenter, Utterance

_WHOLE: Final = 0.6
"""Share of a phrase that must be in an utterance for it to be taken for the phrase."""
_HELD_BACK_MS: Final = 120
"""Detectors notice "s" and "f" so late, but the utterance has them."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something that is said in a sound."""

    way: str | None
    """Which of `ways_to_say` it is; none for what is no phrase."""
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """An utterance, and what it is."""

    utterance: Utterance
    way: str | None


def cut(sound: Pcm, said: Sequence[Said]) -> Iterator[Example]:
    """Yield what the ears would cut out of a sound; what has half a phrase in it is left out."""
    for utterance in _utterances(sound):
        share, way = max(
            ((_share_in(utterance, one), one.way) for one in said), key=lambda pair: pair[0], default=(0.0, None)
        )
        if share <= 0.0:
            yield Example(utterance, None)
        elif way is None or share >= _WHOLE:
            yield Example(utterance, way)


def _utterances(sound: Pcm) -> Iterator[Utterance]:
    """Yield the utterances as they are when they are judged: in the pause that becomes a lull."""
    detectors = usual_detectors()
    segmenter = Segmenter(detectors.voice, detectors.gate)
    paused: Utterance | None = None
    for start in range(0, len(sound) - FRAME_FRAMES + 1, FRAME_FRAMES):
        match segmenter.feed(sound[start : start + FRAME_FRAMES]):
            case Change.PAUSED:
                paused = segmenter.utterance
            case Change.WENT_ON | Change.TALKED:
                paused = None
            case Change.LULL if paused is not None:
                if paused.voiced_ms >= LEAST_VOICE_MS:
                    yield paused
                paused = None
            case _:
                pass


def _share_in(utterance: Utterance, said: Said) -> float:
    overlap = min(utterance.end_ms, said.end_ms) - max(utterance.start_ms - _HELD_BACK_MS, said.start_ms)
    return overlap / (said.end_ms - said.start_ms)
