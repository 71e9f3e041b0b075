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
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicecoach.errors import ModelError
from voicecoach.listening.pronunciation import SYMBOLS, Phonemes, pronunciations
from voicecoach.listening.recognizer import Pcm, UnknownWordsError

LEAST_FRAMES = 16_000 // 4
"""Sounds under 250 ms are padded with silence to this."""
MOST_VARIANTS = 48
"""Pronunciations of one phrase that are tried; no phrase of the English pack has more than 8."""
FULL_SCALE = 32_768.0
OWN_HANDICAP = 0.2
"""By so much less a person's own way to say a phrase scores than the dictionary's."""
TAUGHT_HANDICAP = 0.4
"""By so much less everything scores for somebody whose own ways are known: more is tried, so more fits by chance. With
both, `scripts/bench-teaching` has more commands right, fewer wrong, and no more false accepts than without teaching:
docs/hearing.md has the figures."""

_SILENT = ("<blank>", "<wb>")
"""Word boundaries are as good as nothing: speakers run words together, and the network sees boundaries inside of
words."""


SymbolChances = npt.NDArray[np.float64]
"""The probability of each of the network's symbols in each 20 ms: shape (times, symbols)."""


class PhonemeVerifier:
    """A `Verifier` for phrases of one language. Loads in a third of a second; used by one thread."""

    def __init__(
        self,
        phrases: Sequence[str],
        more_pronunciations: Mapping[str, Sequence[str]] | None = None,
        more_spellings: Mapping[str, Sequence[str]] | None = None,
        own_symbols: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Prepare these phrases; no others can be scored.

        `more_pronunciations` adds to PocketSphinx's dictionary in its phonemes; `more_spellings` adds what the network
        itself writes for a word, in its symbols: `{"yes": ["ɟ ͡ ʝ e s"]}`. `own_symbols` is what it wrote when the
        person said whole phrases, by phrase in lower case. Raises `ModelError` where `hama` is not installed or does
        not work, `UnknownWordsError` for a word that has no pronunciation, and `ValueError` for own symbols that it
        does not have.
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
        handicaps: list[float] = []
        self._variants: dict[str, slice] = {}
        for phrase in phrases:
            combined = itertools.product(*(ways[word] for word in phrase.casefold().split()))
            variants = [tuple(itertools.chain(*parts)) for parts in itertools.islice(combined, MOST_VARIANTS)]
            handicaps += [TAUGHT_HANDICAP if own_symbols else 0.0] * len(variants)
            for said in (own_symbols or {}).get(phrase.casefold(), ()):
                variants.append(self._from_symbols(said))
                handicaps.append(TAUGHT_HANDICAP + OWN_HANDICAP)
            self._variants[phrase.casefold()] = slice(len(sequences), len(sequences) + len(variants))
            sequences += variants
        self._handicaps = np.array(handicaps)
        self._table = _lay_out(sequences, self._silent)
        self._members = np.zeros((len(self._symbols), 0))
        self._know_groups()

    def scores(self, utterance: Pcm, phrases: Sequence[str]) -> list[float]:
        """Return for each phrase a log-likelihood ratio a phoneme, at most 0; `-inf` where it cannot be that phrase."""
        return self.scores_of(self.hear(utterance), phrases)

    def hear(self, utterance: Pcm) -> SymbolChances:
        """Return what the network makes of a sound, for the methods below. This is what takes time."""
        sound = utterance.astype(np.float32) / FULL_SCALE
        sound -= sound.mean() if len(sound) else 0.0
        if len(sound) < LEAST_FRAMES:
            sound = np.pad(sound, (0, LEAST_FRAMES - len(sound)))
        log_chances, lengths = self._model.session.run(
            ["log_probs", "out_lengths"],
            {"waveform": sound.reshape(1, -1), "waveform_lengths": np.array([len(sound)], dtype=np.int64)},
        )
        chances: SymbolChances = np.exp(log_chances[0][: int(lengths[0])].astype(np.float64))
        return chances

    def scores_of(self, heard: SymbolChances, phrases: Sequence[str]) -> list[float]:
        """Return the `scores` of what was heard."""
        places = [self._variants[phrase.casefold()] for phrase in phrases]
        rows = np.concatenate([np.arange(place.start, place.stop) for place in places])
        by_variant = _score(self._to_groups(heard), self._table.of(rows)) - self._handicaps[rows]
        ends = np.cumsum([place.stop - place.start for place in places])
        return [float(part.max()) for part in np.split(by_variant, ends[:-1])]

    def write(self, heard: SymbolChances) -> str:
        """Return the network's likeliest symbols for what was heard, separated by spaces."""
        written = [self._model.decoder_tokens[number] for number, _ in itertools.groupby(heard.argmax(axis=1))]
        return " ".join(symbol for symbol in written if symbol not in _SILENT)

    def likeness(self, heard: SymbolChances, written: Sequence[str]) -> list[float]:
        """Return how well what was heard fits each of these strings of symbols, as `scores` says it of phrases."""
        sequences = [self._from_symbols(way) for way in written]
        self._know_groups()
        return [float(score) for score in _score(self._to_groups(heard), _lay_out(sequences, self._silent))]

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
            ways[word] += [self._from_symbols(way) for way in more_spellings.get(word, ())]
            if not ways[word]:
                raise UnknownWordsError(f"Nobody knows how '{word}' is pronounced; choose another phrase.", [word])
        return ways

    def _from_dictionary(self, phonemes: Phonemes) -> tuple[int, ...]:
        return tuple(self._group(SYMBOLS[phoneme].split()) for phoneme in phonemes)

    def _from_symbols(self, way: str) -> tuple[int, ...]:
        if unknown := [symbol for symbol in way.split() if symbol not in self._symbols]:
            raise ValueError(f"the phoneme recognizer has no symbol '{unknown[0]}'")
        return tuple(self._group([symbol]) for symbol in way.split())

    def _know_groups(self) -> None:
        if self._members.shape[1] < len(self._groups):
            self._members = np.zeros((len(self._symbols), len(self._groups)))
            for symbols, group in self._groups.items():
                self._members[list(symbols), group] = 1.0

    def _to_groups(self, symbols: SymbolChances) -> npt.NDArray[np.float64]:
        """Return each group's probability in each 20 ms against the likeliest symbol's: shape (times, groups)."""
        silent = symbols[:, [self._symbols[symbol] for symbol in _SILENT]].sum(axis=1, keepdims=True)
        best: npt.NDArray[np.float64] = np.maximum(symbols.max(axis=1, keepdims=True), silent)
        grouped: npt.NDArray[np.float64] = (symbols @ self._members) / best
        return grouped


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Sequences of groups, a row each: silence, first phoneme, silence, second phoneme, ... silence."""

    groups: npt.NDArray[np.intp]
    may_skip: npt.NDArray[np.float64]
    """1 where the silence before may be left out."""
    lengths: npt.NDArray[np.intp]
    """How many phonemes each has."""

    def of(self, rows: npt.NDArray[np.intp]) -> _Table:
        return _Table(self.groups[rows], self.may_skip[rows], self.lengths[rows])


def _lay_out(sequences: Sequence[tuple[int, ...]], silent: int) -> _Table:
    lengths = np.array([len(sequence) for sequence in sequences])
    width = 2 * int(lengths.max()) + 1
    groups = np.full((len(sequences), width), silent)
    may_skip = np.zeros((len(sequences), width))
    for row, sequence in enumerate(sequences):
        groups[row, 1 : 2 * len(sequence) : 2] = sequence
        # Two of the same phoneme in a row need a silence between them, else they would be one.
        for place in range(1, len(sequence)):
            may_skip[row, 2 * place + 1] = sequence[place] != sequence[place - 1]
    return _Table(groups, may_skip, lengths)


def _score(chances: npt.NDArray[np.float64], table: _Table) -> npt.NDArray[np.float64]:
    """Run the forward algorithm of connectionist temporal classification over all rows of a table at once.

    Plain probabilities do: they are quotients to the best path, and one so small that it vanishes is of no interest.
    """
    forward = np.zeros(table.groups.shape)
    forward[:, 0] = 1.0
    for now in chances:
        step = forward.copy()
        step[:, 1:] += forward[:, :-1]
        step[:, 2:] += forward[:, :-2] * table.may_skip[:, 2:]
        forward = step * now[table.groups]
    each = np.arange(len(table.lengths))
    total = forward[each, 2 * table.lengths] + forward[each, 2 * table.lengths - 1]
    with np.errstate(divide="ignore"):
        scores: npt.NDArray[np.float64] = np.minimum(np.log(total) / table.lengths, 0.0)
    return scores
