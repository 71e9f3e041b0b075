"""What PocketSphinx makes of a sound in phonemes, without any words in mind. Only teaching needs it."""

from __future__ import annotations

from typing import Final

import pocketsphinx

from voicecoach.errors import ModelError
from voicecoach.listening.pronunciation import Phonemes, model_folder
from voicecoach.listening.recognizer import Pcm

LANGUAGE_WEIGHT: Final = 2.0
BEAM: Final = 1e-20
"""Both are what PocketSphinx's manual gives for decoding phonemes."""


class PhonemeDecoder:
    """Writes sounds down in the phonemes of PocketSphinx's dictionary. Loads in 0.3 s; used by one thread."""

    def __init__(self) -> None:
        """Load the model that comes with PocketSphinx. Raises `ModelError` if it is damaged."""
        model = model_folder()
        try:
            self._decoder = pocketsphinx.Decoder(
                hmm=str(model / "en-us"),
                allphone=str(model / "en-us-phone.lm.bin"),
                lm=None,
                dict=None,
                lw=LANGUAGE_WEIGHT,
                beam=BEAM,
                pbeam=BEAM,
                loglevel="FATAL",
            )
        except (RuntimeError, ValueError) as error:
            raise ModelError(
                f"PocketSphinx cannot load its model in {model} ({error}); install pocketsphinx again."
            ) from error

    def write(self, utterance: Pcm) -> Phonemes:
        """Return the likeliest phonemes of a sound, without silences and noises."""
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw(utterance.tobytes(), full_utt=True)
        self._decoder.end_utt()
        return tuple(
            segment.word for segment in self._decoder.seg() if segment.word.isalpha() and segment.word != "SIL"
        )
