"""Learning how a person says the phrases: what each utterance is worth, and what is kept of all of them in the end.

    teacher = Teacher(pack)
    note = teacher.take("switch foot", utterance)     # what came of one utterance
    teacher.judge(note)                               # does it fit the phrase, and what was said before?
    teacher.profile()                                 # what is worth keeping

What was heard is kept in memory until the end, to compare it, and never anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voicecoach.errors import ModelError
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.person import MOST_SAYINGS, PersonProfile, Saying
from voicecoach.listening.phoneme_decoder import PhonemeDecoder
from voicecoach.listening.phoneme_verifier import PhonemeVerifier, SymbolChances
from voicecoach.listening.recognizer import Pcm

LEAST_SYMBOLS: Final = 3
"""Less than three symbols fit nearly anything; "go" and "no" are too short to be taught."""
AGREES: Final = -2.4
"""Score of an utterance by what was written of another, from which they are the same words. It is what the decision
believes of a phrase that nothing else fits better."""
CONFUSED: Final = -1.0
"""What scores as well as this with an utterance of another command is not kept: it would be taken for it. Of 134
sayings of a voice that is hard to understand 124 pass; at -1.7 it is 84, and most of the gain is lost."""
HOPELESS: Final = -3.2
"""An utterance whose score for its phrase is lower was something else. Of 153 utterances of a voice that is hard to
understand one in a hundred is; of the same said of another command nine in ten, of unrelated sentences all but one in a
hundred."""


class Judgement(StrEnum):
    """What an utterance is worth."""

    FIRST = "first"
    """It may be the phrase; another one has to agree."""
    AGREES = "agrees"
    """It sounds like an earlier one."""
    DIFFERS = "differs"
    """It sounds like none of those before."""
    OTHER_WORDS = "other words"
    """It does not sound like the phrase at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """One utterance of a phrase."""

    phrase: str
    """As in the language pack, in lower case."""
    saying: Saying | None
    """None where too little was heard to be kept."""
    heard: SymbolChances


class Teacher:
    """Learns from utterances. Used by one thread."""

    def __init__(self, pack: LanguagePack) -> None:
        """Load the models. Raises `ModelError` where they are missing or damaged, or do not speak the language."""
        if not pack.recognition.pocketsphinx:
            raise ModelError(f"Teaching needs the phoneme model, which does not know {pack.name}; teach in English.")
        self._pack = pack
        self._verifier = PhonemeVerifier(pack.all_phrases, pack.recognition.pronunciations, pack.recognition.spellings)
        self._decoder = PhonemeDecoder()
        self._notes: list[Note] = []

    def fresh(self) -> Teacher:
        """Return one with the same models that has heard nothing yet. Do not go on with this one then."""
        other = copy(self)
        other._notes = []
        return other

    def take(self, phrase: str, utterance: Pcm) -> Judgement:
        """Learn from somebody saying a phrase of the pack (16 kHz), and tell what it was worth.

        What was other words is forgotten at once.
        """
        phrase = phrase.casefold()
        heard = self._verifier.hear(utterance)
        if self._verifier.scores_of(heard, [phrase])[0] < HOPELESS:
            return Judgement.OTHER_WORDS
        symbols = self._verifier.write(heard)
        saying = None
        if len(symbols.split()) >= LEAST_SYMBOLS:
            phonemes = self._decoder.write(utterance)
            saying = Saying(symbols=symbols, phonemes=" ".join(phonemes) if len(phonemes) >= LEAST_SYMBOLS else "")
        before = [note for note in self._notes if note.phrase == phrase]
        note = Note(phrase, saying, heard)
        self._notes.append(note)
        if not before:
            return Judgement.FIRST
        agrees = any(self._agree(note, other) for other in before)
        return Judgement.AGREES if agrees else Judgement.DIFFERS

    def profile(self) -> PersonProfile:
        """Return what is worth keeping: what another utterance of the phrase agrees with, and no other command does."""
        written = [note.saying.symbols for note in self._notes if note.saying is not None]
        if not written:
            return PersonProfile(self._pack.language, {})
        # One row for each utterance: how well it fits what was written of each.
        fits = [dict(zip(written, self._verifier.likeness(note.heard, written), strict=True)) for note in self._notes]
        kept: dict[str, list[Saying]] = {}
        for note in self._notes:
            saying = note.saying
            if saying is None or not self._is_worth(note, saying, fits):
                continue
            sayings = kept.setdefault(note.phrase, [])
            if saying not in sayings and len(sayings) < MOST_SAYINGS:
                sayings.append(saying)
        return PersonProfile(self._pack.language, {phrase: tuple(sayings) for phrase, sayings in kept.items()})

    def _is_worth(self, note: Note, saying: Saying, fits: Sequence[Mapping[str, float]]) -> bool:
        command = self._pack.command_of(note.phrase)
        others = [
            (other, fit[saying.symbols]) for other, fit in zip(self._notes, fits, strict=True) if other is not note
        ]
        agrees = any(fit >= AGREES for other, fit in others if other.phrase == note.phrase)
        confused = any(fit >= CONFUSED for other, fit in others if self._pack.command_of(other.phrase) is not command)
        return agrees and not confused

    def _agree(self, note: Note, other: Note) -> bool:
        """Tell whether either utterance fits what was written of the other."""
        pairs = ((note.saying, other.heard), (other.saying, note.heard))
        return any(
            self._verifier.likeness(heard, [saying.symbols])[0] >= AGREES
            for saying, heard in pairs
            if saying is not None
        )
