"""A recognizer of closed phrases as a second opinion: what it hears is either a phrase or not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from voicecoach.listening.recognizer import Explanation, Pcm, Recognizer

_HEARD: Final = Explanation(1.0, math.inf)
_NOT_HEARD: Final = Explanation(0.0, 0.0)


class GrammarOpinion:
    """A `SecondOpinion` by a `Recognizer`. Used by one thread."""

    def __init__(self, recognizer: Recognizer, ways: Sequence[str]) -> None:
        """Take a recognizer that knows these ways, all of which it always chooses among."""
        self.name = recognizer.name
        self._recognizer = recognizer
        self._ways = tuple(ways)

    def explained(self, utterance: Pcm, ways: Sequence[str]) -> Mapping[str, Explanation]:
        """Return that the sound explains the way that is heard, and no other."""
        self._recognizer.start(self._ways)
        self._recognizer.feed(utterance)
        heard = self._recognizer.finish().text.casefold()
        return {way: _HEARD if way == heard else _NOT_HEARD for way in ways}
