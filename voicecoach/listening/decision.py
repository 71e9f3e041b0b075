"""Whether an utterance was a command: the recognizer's proposal, weighed with what the verifier thinks of it. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from voicecoach.commands import Command
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.recognizer import Hypothesis

UNKNOWN = "[unk]"
"""What Vosk calls speech outside of its grammar."""

FITS = -1.7
"""Phoneme score from which a phrase is believed. With it and `FITS_BEST`, 150 of 153 recorded commands are kept and
none of 220 unrelated sentences; of 253 short words, many chosen to sound like commands ("text", "paws"), 28 pass.
At -1.5 and -2.0 it is 147 and 21, at -2.0 and -3.0 it is 152 and 47."""
FITS_BEST = -2.4
"""Enough where the verifier, too, finds no phrase that fits better: two witnesses who agree may each be less sure."""
RIVAL = 0.6
"""A phrase of another command that fits better by this much makes the proposal doubtful; by less, the recognizer's word
counts."""
SURE = -1.0
"""Score from which an urgent command is acted on in the first lull, before the utterance is known to be over."""

ALONE_FITS = -0.8
ALONE_RIVAL = 1.0
"""The verifier may propose by itself where the recognizer's proposal was rejected: a phrase from this score on, ahead
of all other commands by that. Of 306 commands from 2 m (RT60 0.1 and 0.3 s) 287 are understood with it and 282 without;
of 190 unrelated sentences none in both, of 71 short words 9 and 8. In a rumble 12 dB below the voice it is 64 and 60 of
78."""

LEAST_CONFIDENCE = 0.6
"""Mean confidence of the words that is believed where there is no verifier. Korean Vosk gave 0.72 and more when it was
right, but 0.89 once when it was wrong: this alone separates little."""
LEAST_VOICE_MS = 80
"""Shorter voice is a blip. The shortest recorded command has 220 ms of it."""
LONGEST_MS = 1400
LONGEST_MORE_MS = 800
"""The longest a phrase of one word may take, and each word more. The recordings take 700 ms at most for one word and
1460 ms for two. It is a sanity check only: without it no more of 220 unrelated sentences pass."""
SPEECH_MS = 160
"""Voice from this length on is taken for somebody's speech, who deserves an answer when it was not understood."""


class Reason(StrEnum):
    """Why an utterance was or was not accepted."""

    ACCEPTED = "accepted"
    NO_SPEECH = "no_speech"
    """The recognizer heard no words."""
    NOT_A_PHRASE = "not_a_phrase"
    """The words are not exactly a phrase, or one that is not open now."""
    UNKNOWN_WORDS = "unknown_words"
    POOR_FIT = "poor_fit"
    """The sound does not fit the phrase that the recognizer proposes."""
    UNSURE = "unsure"
    """The recognizer itself is not confident, and there is no verifier to ask."""
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    AMBIGUOUS = "ambiguous"
    """A phrase of another command fits better."""
    OWN_VOICE = "own_voice"
    """The coach itself said these words meanwhile."""
    REPEATED = "repeated"
    """Belongs to a command that has been obeyed already."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of an utterance."""

    hypothesis: Hypothesis
    scores: Mapping[str, float] | None
    """The verifier's, for every way to say something in the language; none where there is no verifier."""
    length_ms: int
    """From the first to the last voice."""
    voiced_ms: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """It was this command."""

    command: Command
    phrase: str
    """As it is written in the language pack."""
    confidence: float
    """0 to 1."""
    sure: bool
    """Good enough to act on before the utterance is certainly over."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """It was no command."""

    reason: Reason
    confidence: float
    """How well the best proposal did, 0 to 1."""


Verdict = Accepted | Rejected


def ways_to_say(pack: LanguagePack, phrases: Collection[str]) -> dict[str, str]:
    """Return what recognizers listen for, in lower case, with the phrase that it stands for.

    Urgent phrases of one word are also what they say twice and three times: frightened people repeat themselves.
    Where the coach must be addressed, everything is said after its address; the urgent phrases also without.
    """
    ways = {phrase.casefold(): phrase for phrase in phrases}
    for phrase in phrases:
        if phrase in pack.urgent_phrases and " " not in phrase:
            ways |= {" ".join([phrase.casefold()] * times): phrase for times in (2, 3)}
    if pack.must_be_addressed:
        addressed = {f"{pack.address.casefold()} {way}": phrase for way, phrase in ways.items()}
        ways = {way: phrase for way, phrase in ways.items() if phrase in pack.urgent_phrases} | addressed
    return ways


def decide(evidence: Evidence, pack: LanguagePack, open_phrases: Collection[str], own: Collection[str]) -> Verdict:
    """Judge an utterance. Only `open_phrases` can be accepted, and none that is in `own`, the coach's own words."""
    said = tuple(word.text.casefold() for word in evidence.hypothesis.words)
    confidence = _confidence(evidence)
    if evidence.voiced_ms < LEAST_VOICE_MS:
        return Rejected(Reason.TOO_SHORT, confidence)
    if not said:
        return Rejected(Reason.NO_SPEECH, confidence)
    ways = ways_to_say(pack, open_phrases)
    phrase = ways.get(" ".join(said))
    if phrase is None and UNKNOWN in said:
        # A cry may come out of a groan: unknown speech before urgent words is no reason to overhear them.
        rest = " ".join(said[len(said) - said[::-1].index(UNKNOWN) :])
        phrase = ways.get(rest) if ways.get(rest) in pack.urgent_phrases else None
        if phrase is None:
            return Rejected(Reason.UNKNOWN_WORDS, confidence)
    command = None if phrase is None else pack.command_of(phrase)
    if phrase is None or command is None:
        return Rejected(Reason.NOT_A_PHRASE, confidence)
    if phrase in own:
        return Rejected(Reason.OWN_VOICE, confidence)
    if UNKNOWN not in said and evidence.length_ms > LONGEST_MS + LONGEST_MORE_MS * (len(said) - 1):
        return Rejected(Reason.TOO_LONG, confidence)
    if evidence.scores is None:
        sure = _mean_confidence(evidence.hypothesis) >= LEAST_CONFIDENCE
        return Accepted(command, phrase, confidence, sure) if sure else Rejected(Reason.UNSURE, confidence)
    whole = _whole_phrase(evidence.scores, ways, " ".join(said))
    return _weigh(evidence.scores, pack, ways.get(whole, phrase), whole, command, confidence=confidence)


def decide_alone(
    scores: Mapping[str, float], pack: LanguagePack, open_phrases: Collection[str], own: Collection[str]
) -> Verdict:
    """Judge an utterance by the verifier's scores only: something must fit well, and nothing else nearly."""
    meanings = ways_to_say(pack, pack.all_phrases)
    way = max(scores, key=scores.__getitem__)
    phrase = meanings[way]
    command = pack.command_of(phrase)
    rival = max(
        (score for other, score in scores.items() if pack.command_of(meanings[other]) is not command), default=-math.inf
    )
    confidence = round(math.exp(scores[way] / 2), 3)
    if command is None or scores[way] < ALONE_FITS:
        return Rejected(Reason.POOR_FIT, confidence)
    if rival > scores[way] - ALONE_RIVAL:
        return Rejected(Reason.AMBIGUOUS, confidence)
    if phrase not in open_phrases:
        return Rejected(Reason.NOT_A_PHRASE, confidence)
    if phrase in own:
        return Rejected(Reason.OWN_VOICE, confidence)
    return Accepted(command, phrase, confidence, sure=True)


def _whole_phrase(scores: Mapping[str, float], ways: Mapping[str, str], said: str) -> str:
    """Return what was said, or what that is only the beginning of, where it fits better: recognizers lose last words.

    "Start feet" and "start feet quick" are different routines.
    """
    longer = [way for way in ways if way.startswith(f"{said} ")]
    return max([said, *longer], key=lambda way: scores.get(way, -math.inf))


def _weigh(
    scores: Mapping[str, float], pack: LanguagePack, phrase: str, said: str, command: Command, *, confidence: float
) -> Verdict:
    own = max(scores.get(said, -math.inf), scores.get(phrase.casefold(), -math.inf))
    meanings = ways_to_say(pack, pack.all_phrases)
    rival = max(
        (score for way, score in scores.items() if pack.command_of(meanings[way]) is not command), default=-math.inf
    )
    if own < (FITS_BEST if own > rival else FITS):
        return Rejected(Reason.POOR_FIT, confidence)
    if rival > own + RIVAL:
        return Rejected(Reason.AMBIGUOUS, confidence)
    return Accepted(command, phrase, confidence, sure=own >= SURE and own > rival)


def _confidence(evidence: Evidence) -> float:
    """Return the words' mean confidence times the score's worth: 1 at 0, a half at -1.4, a fifth at -3.2."""
    confidence = _mean_confidence(evidence.hypothesis)
    if evidence.scores is not None:
        confidence *= math.exp(evidence.scores.get(evidence.hypothesis.text.casefold(), -math.inf) / 2)
    return round(confidence, 3)


def _mean_confidence(hypothesis: Hypothesis) -> float:
    return sum(word.confidence for word in hypothesis.words) / max(1, len(hypothesis.words))
