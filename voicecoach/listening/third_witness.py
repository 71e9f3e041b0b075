"""The third witness: Moonshine's encoder, with a classifier for the phrases of English and a transcriber for others.

The classifier was taught the phrases that come with the language, and is quick, small and the surest of all witnesses.
Of phrases of a person's own it knows nothing; for those the transcriber is loaded.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from typing import Final

from voicecoach.errors import ModelError
from voicecoach.listening.moonshine import Encoder, encoder_model
from voicecoach.listening.phrase_classifier import PhraseClassifier, classifier_file
from voicecoach.listening.recognizer import Opinion, Pcm
from voicecoach.listening.transcriber import Transcriber, hiss

TRANSCRIBER_MEMORY_MB: Final = 700
"""Machines with less, such as a Raspberry Pi Zero 2 with its 512 MB, do without the transcriber."""
LONGEST_S: Final = 0.6
"""Where a second of sound takes longer than this it is left out: who waits so long for an answer says it once more."""
_TRIED_WAYS: Final = 12


class MoonshineWitness:
    """A `ThirdWitness` for English."""

    def __init__(self, ways: Sequence[str]) -> None:
        """Prepare these ways to say something.

        Raises `ModelError` where Moonshine is not installed or does not work, or is another one than the classifier was
        taught with.
        """
        file = classifier_file("en")
        self._classifier = PhraseClassifier(file)
        if self._classifier.encoder != hashlib.sha256(encoder_model()).hexdigest():
            raise ModelError(
                f"{file} belongs to another version of Moonshine; install moonshine-voice as it is locked."
            )
        self._encoder = Encoder(self._classifier.changes)
        others = [way for way in ways if way not in self._classifier.ways]
        has_room = memory_mb() >= TRANSCRIBER_MEMORY_MB
        self._transcriber = Transcriber(others) if others and has_room else None
        self.untaught: Final = frozenset(others if has_room else ())

    def hear(self, utterance: Pcm, cleaned: Pcm | None, asked: Sequence[str]) -> Opinion:
        """Return what it makes of an utterance.

        Where there is noise the classifier hears it with and without, and the mean of what it says counts: with
        thresholds that let through 5 % of 1,826 other utterances it understands 92.2 % of 740 commands of held-out
        voices and 72.1 % of 605 of unseen ones, in place of 91.6 and 71.7.
        """
        written = None
        if asked and self._transcriber is not None:
            written = dict(zip(asked, self._transcriber.log_ratios(utterance, asked), strict=True))
        forms = (utterance,) if cleaned is None else (utterance, cleaned)
        return Opinion(self._classifier.log_odds(*map(self._encoder.encode, forms)), written)


def open_third_witness(ways: Sequence[str]) -> MoonshineWitness | None:
    """Return the third witness; none where Moonshine is not installed or does not work, or this machine is too slow.

    That is found out by trying: by the processor's time, so that other programs do not matter.
    """
    try:
        witness = MoonshineWitness(ways)
    except ModelError:
        return None
    begin = time.thread_time()
    witness.hear(hiss(), None, sorted(witness.untaught)[:_TRIED_WAYS])
    return witness if time.thread_time() - begin <= LONGEST_S else None


def memory_mb() -> int:
    """Return how much memory this machine has."""
    return (os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) >> 20
