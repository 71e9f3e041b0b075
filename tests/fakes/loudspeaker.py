"""A loudspeaker that keeps a list of what really sounded: the mixer's part, without sound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voicecoach.coaching.messages import (
    TONE_LENGTH_MS,
    Action,
    CueTiming,
    PlayTone,
    Say,
    StopSounds,
    StopSpeech,
    Tone,
)


@dataclass(slots=True)
class Sounded:
    """A sentence or tone, from its start to its end or to where it was cut."""

    what: str | Tone
    start_ms: int
    end_ms: int
    whole_ms: int = 0
    """When it would end if nothing cut it."""

    @property
    def is_whole(self) -> bool:
        """Whether it was said to its end."""
        return self.end_ms == self.whole_ms

    @property
    def is_tone(self) -> bool:
        return isinstance(self.what, Tone)


class Loudspeaker:
    def __init__(self, speech: Mapping[str, CueTiming]) -> None:
        self.speech_table = speech
        self.sounded: list[Sounded] = []

    def carry_out(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Say(text, at_ms, from_ms):
                    end_ms = at_ms + self.speech_table[text].length_ms - from_ms
                    self.sounded.append(Sounded(text, at_ms, end_ms, end_ms))
                case PlayTone(tone, at_ms):
                    end_ms = at_ms + TONE_LENGTH_MS[tone]
                    self.sounded.append(Sounded(tone, at_ms, end_ms, end_ms))
                case StopSpeech(at_ms):
                    self._cut(at_ms, tones=False)
                case StopSounds(at_ms):
                    self._cut(at_ms, tones=True)
                case _:
                    pass

    def _cut(self, at_ms: int, *, tones: bool) -> None:
        kept = []
        for sound in self.sounded:
            if tones or not sound.is_tone:
                if sound.start_ms >= at_ms:
                    continue
                sound.end_ms = min(sound.end_ms, at_ms)
            kept.append(sound)
        self.sounded = kept

    def tones(self) -> list[Sounded]:
        return [sound for sound in self.sounded if sound.is_tone]

    def speech(self) -> list[Sounded]:
        return [sound for sound in self.sounded if not sound.is_tone]
