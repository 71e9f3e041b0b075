"""The default voice: pyttsx3 over espeak-ng, in a process of its own."""

from __future__ import annotations

import importlib.metadata
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import soundfile

from voicecoach.audio.clip import Clip
from voicecoach.errors import VoiceError
from voicecoach.isolation import python_command
from voicecoach.speech.espeak_library import EspeakSource, find_espeak
from voicecoach.speech.shaping import shaped
from voicecoach.speech.texts import check_text
from voicecoach.speech.worker_process import WorkerFailedError, WorkerProcess

SLOWEST_WPM: Final = 80
FASTEST_WPM: Final = 300
_START_LIMIT_S: Final = 30.0
"""A Raspberry Pi that is starting up may take its time to load Python."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, and how fast."""

    name: str
    """A language (`en-gb`, `en-us`, `ko`) or an espeak-ng voice (`gmw/en-gb-scotland`)."""
    words_per_minute: int
    """From 80 to 300."""

    def __post_init__(self) -> None:
        if not SLOWEST_WPM <= self.words_per_minute <= FASTEST_WPM:
            raise ValueError(
                f"{self.words_per_minute} words a minute cannot be spoken; give {SLOWEST_WPM} to {FASTEST_WPM}"
            )


@dataclass(frozen=True, slots=True)
class Pyttsx3Engine:
    """A voice that can be started: see `voicecoach.speech.speech.SpeechEngine`."""

    voice: Voice
    source: EspeakSource = EspeakSource.AUTO
    limit_s: float = 10.0
    """How long one text may take; 0.01 s is usual."""
    command: Sequence[str] | None = field(default=None)
    """What to start in place of our own worker."""

    def identity(self) -> str:
        """Return a text that changes whenever the same words might sound different.

        Raises `VoiceError` where there is no espeak-ng.
        """
        versions = f"pyttsx3 {importlib.metadata.version('pyttsx3')}, espeak-ng {find_espeak(self.source).version}"
        return f"{versions}, {self.voice.name}, {self.voice.words_per_minute}"

    def open(self) -> Pyttsx3Synthesizer:
        """Start the voice. Use it in a `with` block, or close it."""
        return Pyttsx3Synthesizer(self)


class Pyttsx3Synthesizer:
    """Renders sentences, one after the other, through one worker process. One thread uses it.

    A process that hangs or crashes is replaced by a new one.
    """

    def __init__(self, engine: Pyttsx3Engine) -> None:
        self._engine = engine
        self._worker: WorkerProcess | None = None

    def render(self, text: str) -> Clip:
        """Return the sound of `text`; see `Synthesizer.render`.

        A worker that hangs or crashes is replaced and asked once more.
        """
        check_text(text)
        try:
            reply, sound = self._ask(text)
        except WorkerFailedError:
            try:
                reply, sound = self._ask(text)
            except WorkerFailedError as error:
                raise VoiceError(
                    f"the coach has no voice: the synthesizer {error} (twice) with '{_shortened(text)}';"
                    " install espeak-ng again, or change that sentence"
                ) from None
        if not reply["ok"]:
            raise _refused(str(reply.get("error")))
        return self._checked(text, sound, reply.get("words_ms"))

    def close(self) -> None:
        """End the worker process. Nothing happens a second time; `render` would start a new one."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, text: str) -> tuple[dict[str, Any], bytes]:
        voice = self._engine.voice
        request = {"text": text, "voice": voice.name, "words_per_minute": voice.words_per_minute}
        try:
            worker = self._worker or self._started()
            self._worker = worker
            reply, sound = worker.request(request, self._engine.limit_s)
            if "ok" not in reply:
                worker.kill()
                raise WorkerFailedError("gave an answer that makes no sense")
        except WorkerFailedError:
            self._worker = None
            raise
        return reply, sound

    def _started(self) -> WorkerProcess:
        own = python_command("-m", "voicecoach.speech.pyttsx3_worker", self._engine.source.value)
        worker = WorkerProcess(self._engine.command or own)
        ready, _ = worker.receive(max(_START_LIMIT_S, self._engine.limit_s))
        if not ready.get("ok"):
            worker.kill()
            raise _refused(str(ready.get("error")))
        return worker

    def _checked(self, text: str, sound: bytes, words_ms: object) -> Clip:
        """Make a clip of a WAV file, or say that it cannot be what was asked for."""
        starts = words_ms if isinstance(words_ms, list) and all(isinstance(start, int) for start in words_ms) else []
        try:
            samples, rate_hz = soundfile.read(io.BytesIO(sound), dtype="float32")
            length_s = len(samples) / rate_hz
            if samples.ndim != 1 or length_s > self._longest_s(text):
                raise ValueError(f"it is {length_s:.0f} s long")
            return shaped(samples, rate_hz, starts)
        except (ValueError, RuntimeError) as error:
            raise VoiceError(
                f"the coach has no voice: '{_shortened(text)}' was not spoken properly ({error});"
                " choose another voice, or install espeak-ng again"
            ) from None

    def _longest_s(self, text: str) -> float:
        """Return more than any voice needs.

        A character takes a third of a second at most at an easy speed, and a digit is a word or two.
        """
        digits = sum(character.isdigit() for character in text)
        return 2.0 + (0.3 * len(text) + 1.0 * digits) * max(1.0, 170 / self._engine.voice.words_per_minute)


def _refused(why: str) -> VoiceError:
    if why.startswith("the coach has no voice"):
        return VoiceError(why)
    why = " ".join(why.split())[:200]
    return VoiceError(f"the coach has no voice: {why}; choose one that 'espeak-ng --voices' lists")


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."
