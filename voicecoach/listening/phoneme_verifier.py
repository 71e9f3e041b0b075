"""The second witness: how well a sound fits the phonemes of a phrase, by the small phoneme recognizer inside of `hama`.

The network gives, for each 20 ms of sound, the probability of every phoneme, of a word boundary and of nothing new
("blank"). A phrase's score compares two explanations of the whole utterance: the best one of all (each frame's
likeliest symbol), and the sum of all ways to say just this phrase. The quotient's logarithm, divided by the number of
phonemes, is near 0 when the phrase was said and far below when it was not, whatever else was. The network is the cost;
scoring every phrase of a language together adds a few milliseconds.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from voicecoach.errors import ModelError
from voicecoach.listening.pronunciation import Phonemes, pronunciations
from voicecoach.listening.recognizer import Pcm

LEAST_FRAMES = 16_000 // 4
"""Sounds under 250 ms are padded with silence to this."""
MOST_VARIANTS = 48
"""Pronunciations of one phrase that are tried; no phrase of the English pack has more than 8."""
FULL_SCALE = 32_768.0

_SOUNDS: Mapping[str, str] = {
    "AA": "ɑ ɔ ɒ", "AE": "æ", "AH": "ʌ ə ɐ", "AO": "ɔ ɑ ɒ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "t͡ʃ",
    "D": "d", "DH": "ð", "EH": "ɛ e", "ER": "ɝ ɚ ɜ", "EY": "eɪ e", "F": "f", "G": "ɡ g", "HH": "h", "IH": "ɪ",
    "IY": "i ɪ", "JH": "d͡ʒ", "K": "k", "L": "l ɫ", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ o", "OY": "ɔɪ",
    "P": "p", "R": "ɹ r", "S": "s", "SH": "ʃ", "T": "t ɾ", "TH": "θ", "UH": "ʊ u", "UW": "u ʊ ʉ", "V": "v",
    "W": "w", "Y": "j ʝ", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
"""What the network may write for a phoneme of the dictionary. Any of these will do."""

_SILENT = ("<blank>", "<wb>")
"""Word boundaries are as good as nothing: speakers run words together, and the network sees boundaries inside of
words."""


class PhonemeVerifier:
    """A `Verifier` for phrases of one language. Loads in a third of a second; used by one thread."""

    def __init__(
        self,
        phrases: Sequence[str],
        more_pronunciations: Mapping[str, Sequence[str]] | None = None,
        more_spellings: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Prepare these phrases; no others can be scored.

        `more_pronunciations` adds to PocketSphinx's dictionary in its phonemes; `more_spellings` adds what the network
        itself writes for a word, in its symbols: `{"yes": ["ɟ ͡ ʝ e s"]}`. Raises `ModelError` where `hama` is not
        installed or does not work.
        """
        try:
            from hama import ASRModel

            self._model = ASRModel()
        except (ImportError, OSError, RuntimeError) as error:
            raise ModelError(f"The phoneme model cannot be loaded ({error}); install hama again.") from error
        self._symbols = {symbol: number for number, symbol in enumerate(self._model.decoder_tokens)}
        self._groups: dict[tuple[int, ...], int] = {}
        self._silent = self._group(_SILENT)
        words = {word for phrase in phrases for word in phrase.casefold().split()}
        ways = self._ways_of_words(words, more_pronunciations or {}, more_spellings or {})
        sequences: list[tuple[int, ...]] = []
        self._variants: dict[str, slice] = {}
        for phrase in phrases:
            combined = itertools.product(*(ways[word] for word in phrase.casefold().split()))
            variants = [tuple(itertools.chain(*parts)) for parts in itertools.islice(combined, MOST_VARIANTS)]
            self._variants[phrase.casefold()] = slice(len(sequences), len(sequences) + len(variants))
            sequences += variants
        self._prepare(sequences)

    def scores(self, utterance: Pcm, phrases: Sequence[str]) -> list[float]:
        """Return for each phrase a log-likelihood ratio a phoneme, at most 0; `-inf` where it cannot be that phrase."""
        chances = self._chances(utterance)
        places = [self._variants[phrase.casefold()] for phrase in phrases]
        rows = np.concatenate([np.arange(place.start, place.stop) for place in places])
        by_variant = self._score(chances, rows)
        ends = np.cumsum([place.stop - place.start for place in places])
        return [float(part.max()) for part in np.split(by_variant, ends[:-1])]

    def _group(self, symbols: Sequence[str]) -> int:
        key = tuple(self._symbols[symbol] for symbol in symbols)
        return self._groups.setdefault(key, len(self._groups))

    def _ways_of_words(
        self,
        words: set[str],
        more_pronunciations: Mapping[str, Sequence[str]],
        more_spellings: Mapping[str, Sequence[str]],
    ) -> dict[str, list[tuple[int, ...]]]:
        ways: dict[str, list[tuple[int, ...]]] = {}
        for word, listed in pronunciations(sorted(words), more_pronunciations).items():
            ways[word] = [self._from_dictionary(phonemes) for phonemes in listed]
            ways[word] += [
                tuple(self._group([symbol]) for symbol in way.split()) for way in more_spellings.get(word, ())
            ]
            if not ways[word]:
                ways[word] = [self._from_letters(word)]
        return ways

    def _from_dictionary(self, phonemes: Phonemes) -> tuple[int, ...]:
        return tuple(self._group(_SOUNDS[phoneme].split()) for phoneme in phonemes)

    def _from_letters(self, word: str) -> tuple[int, ...]:
        from hama import G2PModel

        guessed = [step.phoneme for step in G2PModel().predict(word).alignments if step.phoneme in self._symbols]
        if not guessed:
            raise ModelError(
                f"Nothing is known of how '{word}' is pronounced; add it to the language's pronunciations."
            )
        return tuple(self._group([symbol]) for symbol in guessed)

    def _prepare(self, sequences: Sequence[tuple[int, ...]]) -> None:
        """Lay all sequences out as one table: silence, first phoneme, silence, second phoneme, ... silence."""
        self._lengths = np.array([len(sequence) for sequence in sequences])
        width = 2 * int(self._lengths.max()) + 1
        self._table = np.full((len(sequences), width), self._silent)
        self._may_skip = np.zeros((len(sequences), width))
        for row, sequence in enumerate(sequences):
            self._table[row, 1 : 2 * len(sequence) : 2] = sequence
            # Two of the same phoneme in a row need a silence between them, else they would be one.
            for place in range(1, len(sequence)):
                self._may_skip[row, 2 * place + 1] = sequence[place] != sequence[place - 1]
        self._members = np.zeros((len(self._model.decoder_tokens), len(self._groups)))
        for symbols, group in self._groups.items():
            self._members[list(symbols), group] = 1.0

    def _chances(self, utterance: Pcm) -> npt.NDArray[np.float64]:
        """Return each group's probability in each 20 ms against the likeliest symbol's: shape (times, groups)."""
        sound = utterance.astype(np.float32) / FULL_SCALE
        sound -= sound.mean() if len(sound) else 0.0
        if len(sound) < LEAST_FRAMES:
            sound = np.pad(sound, (0, LEAST_FRAMES - len(sound)))
        log_chances, lengths = self._model.session.run(
            ["log_probs", "out_lengths"],
            {"waveform": sound.reshape(1, -1), "waveform_lengths": np.array([len(sound)], dtype=np.int64)},
        )
        symbols = np.exp(log_chances[0][: int(lengths[0])].astype(np.float64))
        silent = symbols[:, [self._symbols[symbol] for symbol in _SILENT]].sum(axis=1, keepdims=True)
        best: npt.NDArray[np.float64] = np.maximum(symbols.max(axis=1, keepdims=True), silent)
        grouped: npt.NDArray[np.float64] = (symbols @ self._members) / best
        return grouped

    def _score(self, chances: npt.NDArray[np.float64], rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """Run the forward algorithm of connectionist temporal classification over all rows of the table at once.

        Plain probabilities do: they are quotients to the best path, and one so small that it vanishes is of no
        interest.
        """
        table, may_skip, lengths = self._table[rows], self._may_skip[rows], self._lengths[rows]
        forward = np.zeros(table.shape)
        forward[:, 0] = 1.0
        for now in chances:
            step = forward.copy()
            step[:, 1:] += forward[:, :-1]
            step[:, 2:] += forward[:, :-2] * may_skip[:, 2:]
            forward = step * now[table]
        each = np.arange(len(rows))
        total = forward[each, 2 * lengths] + forward[each, 2 * lengths - 1]
        with np.errstate(divide="ignore"):
            scores: npt.NDArray[np.float64] = np.minimum(np.log(total) / lengths, 0.0)
        return scores
