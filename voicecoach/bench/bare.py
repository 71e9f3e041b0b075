"""The same engine as anybody would use it: a grammar of the phrases, and whatever it says is believed.

No echo canceller, no second witness, no gate. Utterances are cut by WebRTC's voice detector alone; that of a command is
even cut for it, so that all that can go wrong is the recognition.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import webrtcvad

from voicecoach.commands import Command
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.decision import ways_to_say
from voicecoach.listening.recognizer import Pcm, Recognizer
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

MARGIN_MS: Final = 300
"""What is left around a command."""
_FRAME: Final = 20 * INPUT_FRAMES_PER_MS
_AGGRESSIVENESS: Final = 2
_PAUSE_FRAMES: Final = 25
"""Half a second without voice ends an utterance, as in most assistants."""
_LONGEST_FRAMES: Final = 500


class BareEngine:
    """A recognizer with every phrase of a language open. Used by one thread."""

    def __init__(self, recognizer: Recognizer, pack: LanguagePack) -> None:
        self._recognizer = recognizer
        self._pack = pack
        self._ways = ways_to_say(pack, pack.all_phrases)

    def command_in(self, sound: Pcm) -> Command | None:
        """Return what it takes an utterance for; none where what it says is not exactly a phrase."""
        self._recognizer.start(tuple(self._ways))
        self._recognizer.feed(sound)
        phrase = self._ways.get(self._recognizer.finish().text.casefold())
        return None if phrase is None else self._pack.command_of(phrase)

    def command_at(self, sound: Pcm, from_ms: int, to_ms: int) -> Command | None:
        """Return what it takes the command between two times for."""
        start, end = max(0, from_ms - MARGIN_MS), to_ms + MARGIN_MS
        return self.command_in(sound[start * INPUT_FRAMES_PER_MS : end * INPUT_FRAMES_PER_MS])

    def accepts(self, sound: Pcm) -> int:
        """Return how many utterances in a sound it takes for commands."""
        return sum(self.command_in(utterance) is not None for utterance in utterances(sound))


def utterances(sound: Pcm) -> Iterator[Pcm]:
    """Yield what WebRTC's detector takes for utterances: voice without a pause of half a second, up to ten seconds."""
    detector = webrtcvad.Vad(_AGGRESSIVENESS)
    begin: int | None = None
    last = 0
    whole = len(sound) // _FRAME
    for number, frame in enumerate(np.resize(sound, whole * _FRAME).reshape(whole, _FRAME)):
        if detector.is_speech(frame.tobytes(), INPUT_RATE_HZ):
            begin, last = (number if begin is None else begin), number
        if begin is not None and (number - last >= _PAUSE_FRAMES or number - begin >= _LONGEST_FRAMES):
            yield sound[max(0, begin - 10) * _FRAME : (last + 10) * _FRAME]
            begin = None
    if begin is not None:
        yield sound[max(0, begin - 10) * _FRAME :]
