"""PocketSphinx as a recognizer: US English, with the model that comes in its package, so nothing has to be fetched.

The sound of an utterance is kept and decoded at its end in one go. That costs one or two per cent of its length, and
the decoder then normalises the sound by the utterance itself: what it hears does not depend on what it has heard
before, nor on the microphone's level.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pocketsphinx

from voicecoach.errors import ModelError
from voicecoach.listening.memory_file import in_memory
from voicecoach.listening.pronunciation import model_folder, pronunciations
from voicecoach.listening.recognizer import Hypothesis, Pcm, UnknownWordsError, Word

DECODER_FRAME_MS = 10
"""PocketSphinx gives the times of words in frames of 10 ms."""
LANGUAGE_WEIGHT = 1.0
"""Any phrase is as likely as any other. Of 153 commands from 2 m in a room with an RT60 of 0.3 s, 142 are recognised
with it and 140 with the usual 6.5; at 0.5 s it is 128 and 123, at 0.1 s 152 and 151."""

BEAMS = {"beam": 1e-80, "pbeam": 1e-80, "wbeam": 1e-60}
"""Wide enough that a whole phrase survives to the end of a reverberant or noisy utterance. With the usual ones 76 of 78
such utterances ended in a whole phrase, with these all, and no more with wider ones."""
BEST_PATH = False
"""PocketSphinx's second pass over its lattice may end within a phrase ("how do", "where am"). Of 78 commands of
`voicecoach bench hearing` (quiet 2 m 0.6 s, steady noise 12 dB, babble 12 dB; a third each) 42 are recognised with it
and 53 without, all of whose hypotheses are whole phrases."""


class PocketSphinxRecognizer:
    """A `Recognizer` for phrases of English words. Has a hypothesis for any sound: never believe it alone."""

    name = "PocketSphinx"

    def __init__(
        self,
        phrases: Sequence[str],
        more_pronunciations: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Load the model for these phrases. Raises `ModelError` if it is damaged or a word has no pronunciation."""
        words = dict.fromkeys(word for phrase in phrases for word in phrase.lower().split())
        spoken = pronunciations(words, more_pronunciations)
        if unknown := [word for word, ways in spoken.items() if not ways]:
            raise UnknownWordsError(f"Nobody knows how '{unknown[0]}' is pronounced; choose another phrase.", unknown)
        self._decoder = self._load(spoken)
        self._open: tuple[str, ...] | None = None
        self._sets_opened = 0
        self._blocks: list[Pcm] = []

    def start(self, phrases: Sequence[str]) -> None:
        """Begin an utterance in which these phrases are open."""
        self._blocks = []
        key = tuple(phrase.lower() for phrase in phrases)
        if key != self._open:
            self._change_grammar(key)

    def feed(self, block: Pcm) -> None:
        """Take the next sound of the utterance."""
        self._blocks.append(block)

    def finish(self) -> Hypothesis:
        """End the utterance and return the phrase that fits it best."""
        sound = np.concatenate([np.zeros(0, dtype=np.int16), *self._blocks])
        self._blocks = []
        if not len(sound):
            return Hypothesis(())
        # Without this some of the last utterance's loudness stays in the feature extraction.
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw(sound.tobytes(), full_utt=True)
        self._decoder.end_utt()
        if self._decoder.hyp() is None:
            return Hypothesis(())
        words: list[Word] = []
        for segment in self._decoder.seg():
            if not segment.word.startswith(("<", "[", "(", "+")):
                text = re.sub(r"\(\d+\)$", "", segment.word)
                start_ms = segment.start_frame * DECODER_FRAME_MS
                words.append(Word(text, start_ms, (segment.end_frame + 1) * DECODER_FRAME_MS, confidence=1.0))
        return Hypothesis(tuple(words))

    def _change_grammar(self, phrases: tuple[str, ...]) -> None:
        # Building one takes a millisecond, and keeping one 1.8 MB: a session has a few dozen sets of phrases.
        before, after = (f"phrases-{number}" for number in (self._sets_opened, self._sets_opened + 1))
        ways = " | ".join(phrases)
        self._decoder.add_jsgf_string(after, f"#JSGF V1.0;\ngrammar phrases;\npublic <phrase> = {ways};\n")
        self._decoder.activate_search(after)
        if self._sets_opened:
            self._decoder.remove_search(before)
        self._open, self._sets_opened = phrases, self._sets_opened + 1

    @staticmethod
    def _load(spoken: Mapping[str, Sequence[tuple[str, ...]]]) -> pocketsphinx.Decoder:
        model = model_folder()
        entries = [
            f"{word}({number}) {' '.join(phonemes)}" if number > 1 else f"{word} {' '.join(phonemes)}"
            for word, ways in spoken.items()
            for number, phonemes in enumerate(ways, start=1)
        ]
        # A dictionary of our words only: a quarter of the memory and of the time to load.
        with in_memory(("\n".join(entries) + "\n").encode()) as dictionary:
            try:
                return pocketsphinx.Decoder(
                    hmm=str(model / "en-us"),
                    dict=str(dictionary),
                    lm=None,
                    lw=LANGUAGE_WEIGHT,
                    bestpath=BEST_PATH,
                    loglevel="FATAL",
                    **BEAMS,
                )
            except (RuntimeError, ValueError) as error:
                raise ModelError(
                    f"PocketSphinx cannot load its model in {model} ({error}); install pocketsphinx again."
                ) from error
