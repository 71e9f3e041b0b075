"""A recognizer as anybody would use it: whatever it says is believed, where that is exactly a phrase.

Vosk and PocketSphinx have a grammar of the phrases; Moonshine, as it comes, writes down anything. No echo canceller, no
scorer, no gate. Utterances are cut by WebRTC's voice detector alone; that of a command is
even cut for it, so that all that can go wrong is the recognition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import webrtcvad

from voicecoach.commands import Command
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.decision import plain_words, ways_to_say
from voicecoach.listening.ears import Engine
from voicecoach.listening.moonshine import Decoder, Encoder
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

    def __init__(self, engine: Engine, pack: LanguagePack) -> None:
        """Take the recognizer of an engine; where it has none, Moonshine."""
        self._pack = pack
        self._ways = ways_to_say(pack, pack.all_phrases)
        self._words = _by_moonshine() if engine.recognizer is None else self._by_grammar(engine.recognizer)

    def command_in(self, sound: Pcm) -> Command | None:
        """Return what it takes an utterance for; none where what it says is not exactly a phrase."""
        phrase = self._ways.get(plain_words(self._words(sound)))
        return None if phrase is None else self._pack.command_of(phrase)

    def _by_grammar(self, recognizer: Recognizer) -> Callable[[Pcm], str]:
        def words(sound: Pcm) -> str:
            recognizer.start(tuple(self._ways))
            recognizer.feed(sound)
            return recognizer.finish().text

        return words

    def command_at(self, sound: Pcm, from_ms: int, to_ms: int) -> Command | None:
        """Return what it takes the command between two times for."""
        start, end = max(0, from_ms - MARGIN_MS), to_ms + MARGIN_MS
        return self.command_in(sound[start * INPUT_FRAMES_PER_MS : end * INPUT_FRAMES_PER_MS])

    def accepts(self, sound: Pcm) -> int:
        """Return how many utterances in a sound it takes for commands."""
        return sum(self.command_in(utterance) is not None for utterance in utterances(sound))


def _by_moonshine() -> Callable[[Pcm], str]:
    encoder, decoder = Encoder(), Decoder()
    return lambda sound: decoder.write_down(encoder.encode(sound))[0]


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
