"""Everything the coach can say, rendered before it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from voicecoach.audio.clip import Samples, Sentence
from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import CueTiming, SpeechTable, Tone
from voicecoach.errors import VoiceError
from voicecoach.speech.clip_cache import ClipCache, KeptClip
from voicecoach.speech.synthesizer import Synthesizer

Progress = Callable[[int, int], None]
"""Called with how many sentences are ready and how many there are."""


class SpeechEngine(Protocol):
    """A voice that can be started, if it is needed at all."""

    def identity(self) -> str:
        """Return a text that changes whenever the same words might sound different."""
        ...

    def open(self) -> AbstractContextManager[Synthesizer]:
        """Start the voice."""
        ...


class Speech:
    """The clips of one voice at one speed, from the cache or newly rendered. One thread uses it."""

    def __init__(self, engine: SpeechEngine, cache: ClipCache) -> None:
        self._engine = engine
        self._cache = cache
        self._clips: dict[str, Sentence] = {}

    def clips(self, texts: Iterable[str], progress: Progress | None = None) -> dict[str, Sentence]:
        """Return the clip of each text, and remember them. Those in the cache's files stay there until they sound.

        The voice is started only where something is missing in the cache, and has ended on return.

        Raises `ValueError` for a text that may not be spoken, and `VoiceError` where there is no voice.
        """
        wanted = list(dict.fromkeys(texts))
        identity = self._engine.identity()
        missing = []
        for text in wanted:
            if text not in self._clips:
                clip = self._kept(identity, text)
                if clip is None:
                    missing.append(text)
                else:
                    self._clips[text] = clip
        if progress is not None:
            progress(len(wanted) - len(missing), len(wanted))
        if missing:
            self._render(missing, identity, progress, len(wanted))
        return {text: self._clips[text] for text in wanted}

    def timings(self) -> SpeechTable:
        """Return what the session must know of every clip made so far."""
        return {text: clip.timing for text, clip in self._clips.items()}

    def _render(self, missing: list[str], identity: str, progress: Progress | None, total: int) -> None:
        with self._engine.open() as synthesizer:
            for done, text in enumerate(missing, total - len(missing) + 1):
                clip = synthesizer.render(text)
                self._cache.put(identity, text, clip)
                self._clips[text] = self._kept(identity, text) or clip
                if progress is not None:
                    progress(done, total)
        self._cache.prune()

    def _kept(self, identity: str, text: str) -> Sentence | None:
        clip = self._cache.get(identity, text)
        return _OnDisk(clip, text, self._engine) if isinstance(clip, KeptClip) else clip


@dataclass(frozen=True, slots=True, eq=False)
class _OnDisk:
    """A sentence whose sound is read when it is wanted."""

    _kept: KeptClip
    _text: str
    _engine: SpeechEngine

    @property
    def timing(self) -> CueTiming:
        return self._kept.timing

    @property
    def samples(self) -> Samples:
        """Its sound. Whoever clears the cache under a session costs it a moment, not its voice."""
        try:
            return self._kept.samples
        except (OSError, ValueError, RuntimeError):
            pass
        try:
            with self._engine.open() as synthesizer:
                return synthesizer.render(self._text).samples
        except VoiceError:
            return tone_samples(Tone.TROUBLE)
