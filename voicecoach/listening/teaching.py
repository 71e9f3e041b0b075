"""Learning how a person says the phrases: what each utterance is worth, and what is kept of all of them in the end.

    teacher = Teacher(pack)
    note = teacher.take("switch foot", utterance)     # what came of one utterance
    teacher.judge(note)                               # does it fit the phrase, and what was said before?
    teacher.profile()                                 # what is worth keeping

What was heard is kept in memory until the end, to compare it, and never anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voicecoach.commands import Command
from voicecoach.errors import ModelError
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.person import LEAST_SYMBOLS, MOST_SAYINGS, PersonProfile, Saying
from voicecoach.listening.phoneme_decoder import PhonemeDecoder
from voicecoach.listening.phoneme_verifier import PhonemeVerifier, SymbolChances
from voicecoach.listening.recognizer import Pcm

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

    def __init__(self, pack: LanguagePack, known: PersonProfile | None = None) -> None:
        """Load the models. Raises `ModelError` where they are missing or damaged, or do not speak the language.

        `known` is what was learnt at another time: it stays, but for phrases that are learnt anew now.
        """
        if not pack.recognition.pocketsphinx:
            raise ModelError(f"Teaching needs the phoneme model, which does not know {pack.name}; teach in English.")
        self._pack = pack
        self._verifier = PhonemeVerifier(pack.all_phrases, pack.recognition.pronunciations, pack.recognition.spellings)
        self._decoder = PhonemeDecoder()
        self._known: Mapping[str, tuple[Saying, ...]] = known.sayings if known is not None else {}
        self._notes: list[Note] = []
        self._fits: dict[tuple[int, str], float] = {}
        """How well a note, by its place, fits what was written: reckoned once, as every phrase that is learnt asks."""

    def fresh(self) -> Teacher:
        """Return one with the same models that has heard nothing yet. Do not go on with this one then."""
        other = copy(self)
        other._known = {}
        other._notes = []
        other._fits = {}
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
        """Return what is worth keeping: what another utterance of the phrase agrees with, and no other command does.

        What was known before stays for the phrases of which nothing new is worth it.
        """
        learnt = {phrase: self._worth_of(phrase) for phrase in dict.fromkeys(note.phrase for note in self._notes)}
        kept = {phrase: sayings for phrase, sayings in learnt.items() if sayings}
        return PersonProfile(self._pack.language, {**self._known, **kept})

    def keeps(self, phrase: str) -> bool:
        """Tell whether something of what was said now of a phrase is worth keeping so far."""
        return bool(self._worth_of(phrase.casefold()))

    def _worth_of(self, phrase: str) -> tuple[Saying, ...]:
        places = [place for place, note in enumerate(self._notes) if note.phrase == phrase]
        said = [self._notes[place].saying for place in places if self._is_worth(place)]
        return tuple(dict.fromkeys(saying for saying in said if saying is not None))[:MOST_SAYINGS]

    def _is_worth(self, place: int) -> bool:
        note = self._notes[place]
        if note.saying is None:
            return False
        command, symbols = self._pack.command_of(note.phrase), note.saying.symbols
        others = [(other, self._fit(at, symbols)) for at, other in enumerate(self._notes) if at != place]
        agrees = any(fit >= AGREES for other, fit in others if other.phrase == note.phrase)
        confused = any(fit >= CONFUSED for other, fit in others if self._pack.command_of(other.phrase) is not command)
        return agrees and not confused and not self._fits_known(place, command)

    def _fits_known(self, place: int, command: Command | None) -> bool:
        """Tell whether a note would be taken for another command by what was known before."""
        others = [phrase for phrase in self._known if self._pack.command_of(phrase) is not command]
        return any(self._fit(place, one.symbols) >= CONFUSED for phrase in others for one in self._known[phrase])

    def _fit(self, place: int, symbols: str) -> float:
        key = (place, symbols)
        if key not in self._fits:
            self._fits[key] = self._verifier.likeness(self._notes[place].heard, [symbols])[0]
        return self._fits[key]

    def _agree(self, note: Note, other: Note) -> bool:
        """Tell whether either utterance fits what was written of the other."""
        pairs = ((note.saying, other.heard), (other.saying, note.heard))
        return any(
            self._verifier.likeness(heard, [saying.symbols])[0] >= AGREES
            for saying, heard in pairs
            if saying is not None
        )
