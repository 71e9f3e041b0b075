"""The process in which pyttsx3 works: `python -m voicecoach.speech.pyttsx3_worker [auto|system|bundled]`.

A synthesizer can hang or crash, and pyttsx3 prints to stdout as it pleases, so it lives here, where it can be killed,
and never plays anything. Requests come in on stdin, one JSON object a line: `{"text": ..., "voice": ...,
"words_per_minute": ...}`. Each is answered on what was stdout by a line of JSON, and the sound after it:

    {"ok": true, "bytes": 123456, "words_ms": [0, 263, ...]}     and then 123456 bytes: a WAV file
    {"ok": false, "error": "there is no voice 'xx'"}

`words_ms` has the start of each word in the sound. The first line answers no request; it says
whether the engine could be started. Sound is kept in memory where the system can: nothing can be left behind on a disk.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

from voicecoach.errors import VoiceError
from voicecoach.speech.espeak_library import EspeakSource, find_espeak

_NICE: Final = 5
NO_SOUND_SERVER: Final = "/proc/no-sound-server"
"""No socket can be made there."""


class _Engine:
    """pyttsx3, reduced to one text, one file, one run: all that it does reliably."""

    def __init__(self, source: EspeakSource) -> None:
        # A system's espeak-ng calls on the sound server as it starts, and waits for one that hangs, though it is to
        # play nothing. So it is told of one that cannot be there.
        os.environ["PULSE_SERVER"] = NO_SOUND_SERVER
        find_espeak(source).load_for_pyttsx3()
        import pyttsx3
        from pyttsx3.drivers import _espeak

        # By itself espeak-ng renders in a thread of its own. pyttsx3 waits 10 ms for it, so that the file of a long
        # sentence is not there yet, and sets the voice beside that thread, so that now and then the speed is another.
        _espeak.AUDIO_OUTPUT_RETRIEVAL = _espeak.AUDIO_OUTPUT_SYNCHRONOUS
        self._engine: Any = pyttsx3.init("espeak")
        self._errors: list[BaseException] = []
        self._words_ms: list[int] = []
        self._voices: dict[str, str] = {}
        self._finished = False
        self._engine.connect("error", self._note_error)
        self._engine.connect("finished-utterance", self._note_finished)
        for voice in self._engine.getProperty("voices"):
            # The first of a language is its usual one. An id is `gmw/en-us`, or `ko`; a language `en-gb`.
            for known_as in (*voice.languages, voice.id, voice.id.rpartition("/")[2]):
                self._voices.setdefault(known_as.lower(), voice.name)
        self._listen(_espeak)

    def render(self, text: str, voice: str, words_per_minute: int, path: str) -> list[int]:
        """Write a WAV file to `path`, and return where the words begin."""
        name = self._voices.get(voice.lower())
        if name is None:
            raise VoiceError(f"there is no voice '{voice}'")
        self._errors.clear()
        self._words_ms.clear()
        self._finished = False
        self._engine.setProperty("voice", name)
        self._engine.setProperty("rate", words_per_minute)
        self._engine.save_to_file(text, path)
        self._engine.runAndWait()
        if self._errors:
            raise VoiceError(str(self._errors[0]))
        if not self._finished:
            raise VoiceError("the voice did not finish the sentence")
        return list(self._words_ms)

    def _note_error(self, name: object, exception: BaseException) -> None:  # noqa: ARG002 - pyttsx3 calls it so
        self._errors.append(exception)

    def _note_finished(self, name: object, completed: bool) -> None:  # noqa: ARG002 - as above
        self._finished = completed

    def _listen(self, espeak: Any) -> None:
        """Listen to what espeak-ng tells pyttsx3's driver.

        For where in the sound each word begins, which pyttsx3's own notice of a word leaves out; and for the end, at
        which espeak-ng gives no sound, and in the caller's thread not the event that the driver writes its file at.
        """
        end = (espeak.EVENT * 2)()
        end[0].type = espeak.EVENT_MSG_TERMINATED
        driver_callback: Callable[[Any, int, Any], int] = self._engine.proxy._driver._onSynth

        def on_sound(sound: Any, frames: int, events: Any) -> int:
            index = 0
            while events[index].type != espeak.EVENT_LIST_TERMINATED:
                if events[index].type == espeak.EVENT_WORD:
                    self._words_ms.append(events[index].audio_position)
                index += 1
            stop = driver_callback(sound, frames, events)
            return stop if sound else driver_callback(sound, 0, end)

        espeak.SetSynthCallback(on_sound)


def _private_stdout() -> BinaryIO:
    """Keep stdout for answers; whatever anything prints from now on goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return answers


@contextlib.contextmanager
def _sound_file() -> Iterator[str]:
    """Give a path that can be written again and again, of a file that is gone with the process."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("voicecoach-speech", os.MFD_CLOEXEC)
        try:
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with tempfile.TemporaryDirectory(prefix="voicecoach-") as directory:
            yield os.path.join(directory, "speech.wav")  # noqa: PTH118 - pyttsx3 takes text


def _answer(answers: BinaryIO, message: dict[str, object], sound: bytes = b"") -> None:
    data = json.dumps(message).encode("ascii") + b"\n" + sound
    while data:
        data = data[answers.write(data) :]


def main() -> None:
    """Answer requests until stdin ends."""
    answers = _private_stdout()
    with contextlib.suppress(OSError):
        # A session may sound meanwhile.
        os.nice(_NICE)
    try:
        engine = _Engine(EspeakSource(sys.argv[1] if len(sys.argv) > 1 else "auto"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent shall hear of it
        _answer(answers, {"ok": False, "error": str(error) or type(error).__name__})
        return
    _answer(answers, {"ok": True})
    with _sound_file() as path:
        for line in sys.stdin.buffer:
            # Each sentence in a copy of the fresh process: espeak-ng sounds a little different after another one.
            child = os.fork()
            if child == 0:
                _render(engine, json.loads(line), path, answers)
                os._exit(0)
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                os.kill(os.getpid(), os.WTERMSIG(status))
            elif status:
                sys.exit(os.waitstatus_to_exitcode(status))


def _render(engine: _Engine, request: dict[str, Any], path: str, answers: BinaryIO) -> None:
    try:
        words_ms = engine.render(request["text"], request["voice"], request["words_per_minute"], path)
        with open(path, "rb") as file:  # noqa: PTH123 - a path under /proc
            sound = file.read()
    except Exception as error:  # noqa: BLE001 - as above
        _answer(answers, {"ok": False, "error": str(error) or type(error).__name__})
    else:
        _answer(answers, {"ok": True, "bytes": len(sound), "words_ms": words_ms}, sound)


if __name__ == "__main__":
    main()
