"""Rendering every sentence in a thread: before a session begins, and while it goes on for "slower" and "faster"."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Final

from voicecoach.audio.clip import Sentence
from voicecoach.errors import VoicecoachError

Sentences = Mapping[str, Sentence]
_CLOSE_LIMIT_S: Final = 0.3


class BackgroundRenderer:
    """Calls a renderer in a thread. Where another speed is asked for meanwhile, only the last one counts."""

    def __init__(self, render: Callable[[int], Sentences], wake: Callable[[], None]) -> None:
        """Have `wake` called, from another thread, when there is something to take."""
        self._render = render
        self._wake = wake
        self._wanted: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Sentences | VoicecoachError] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def __call__(self, words_per_minute: int) -> None:
        """Ask for every sentence at that speed."""
        self._wanted.put(words_per_minute)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="rendering", daemon=True)
            self._thread.start()

    def take(self) -> Sentences | VoicecoachError | None:
        """Return what has been rendered since the last call, or why it could not be; none if there is nothing."""
        return None if self._done.empty() else self._done.get()

    def close(self) -> None:
        """Ask for no more. What is being rendered is waited for, but not for long: a synthesizer may hang."""
        self._wanted.put(None)
        if self._thread is not None:
            self._thread.join(_CLOSE_LIMIT_S)

    def _work(self) -> None:
        while (speed := self._wanted.get()) is not None:
            if not self._wanted.empty():
                continue
            try:
                self._done.put(self._render(speed))
            except VoicecoachError as error:
                self._done.put(error)
            self._wake()
