"""Whether an utterance was a command: the recognizer's proposal, weighed with what the verifier thinks of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from voicecoach.commands import URGENT, Command
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.recognizer import Hypothesis
from voicecoach.listening.scoring import LOUDEST_DB, NOBODY, Observed, Offsets, of_commands, shares

UNKNOWN = "[unk]"
"""What Vosk calls speech outside of its grammar."""

BELIEVED = 0.35
"""Share of a command from which it is believed. On the commands, talk and near misses that the weights were found on,
of 408 commands right/wrong, false accepts in 20 minutes of talk, and of 178 near misses: 321/24, 4, 66 at 0.3; 311/23,
3, 50 at 0.35; 304/18, 3, 46 at 0.4; 289/11, 2, 40 at 0.5; 262/2, 2, 33 at 0.7. Separate limits for fit and rival, which
this replaced, had 310/22, 4, 56. These are trials on evidence that was kept, with one threshold for all commands; what
the whole pipeline does is in docs/hearing.md."""
URGENT_BELIEVED = 0.25
"""The same for urgent commands: a cramp that is overheard is worse than a pause that nobody wanted. A judgement, not
the outcome of a bench: "cramp, back off" over the end of a tone has 0.29 and 0.33 in tests/rehearsal."""
SURE = 0.8
"""Share from which an urgent command is acted on in the first lull, before the utterance is known to be over. About 2
of 246 commands that have it are wrong."""

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
class Cleaned:
    """What the witnesses make of an utterance with its noise taken out."""

    hypothesis: Hypothesis
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of an utterance."""

    hypothesis: Hypothesis
    scores: Mapping[str, float] | None
    """The verifier's, for every way to say something in the language; none where there is no verifier."""
    length_ms: int
    """From the first to the last voice."""
    voiced_ms: int
    stands_out_db: float = LOUDEST_DB
    """How far the loudest of it is above what stands out from the background."""
    cleaned: Cleaned | None = None
    """What the witnesses make of it with the noise taken out; none where there is hardly any."""


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


def decide(
    evidence: Evidence,
    pack: LanguagePack,
    open_phrases: Collection[str],
    own: Collection[str],
    offsets: Offsets = NOBODY,
) -> Verdict:
    """Judge an utterance. Only `open_phrases` can be accepted, and none that is in `own`, the coach's own words.

    `offsets` is what is known of the person's way to speak.
    """
    if evidence.voiced_ms < LEAST_VOICE_MS:
        return Rejected(Reason.TOO_SHORT, 0.0)
    if evidence.scores is None:
        return _by_recognizer(evidence, pack, open_phrases, own)
    return _by_both(evidence, evidence.scores, pack, open_phrases, own=own, offsets=offsets)


def _by_recognizer(
    evidence: Evidence, pack: LanguagePack, open_phrases: Collection[str], own: Collection[str]
) -> Verdict:
    said = _words(evidence.hypothesis)
    confidence = round(_mean_confidence(evidence.hypothesis), 3)
    if not said:
        return Rejected(Reason.NO_SPEECH, confidence)
    phrase = _proposed(said, pack, open_phrases)
    if phrase is None:
        return Rejected(Reason.UNKNOWN_WORDS if UNKNOWN in said else Reason.NOT_A_PHRASE, confidence)
    command = _command(pack, phrase)
    if phrase in own:
        return Rejected(Reason.OWN_VOICE, confidence)
    if UNKNOWN not in said and _is_too_long(evidence, len(said)):
        return Rejected(Reason.TOO_LONG, confidence)
    sure = confidence >= LEAST_CONFIDENCE
    return Accepted(command, phrase, confidence, sure) if sure else Rejected(Reason.UNSURE, confidence)


def _by_both(
    evidence: Evidence,
    scores: Mapping[str, float],
    pack: LanguagePack,
    open_phrases: Collection[str],
    *,
    own: Collection[str],
    offsets: Offsets,
) -> Verdict:
    said = _words(evidence.hypothesis)
    proposed = _proposed(said, pack, open_phrases)
    if UNKNOWN in said and proposed is None:
        return Rejected(Reason.UNKNOWN_WORDS, 0.0)
    cleaned = evidence.cleaned
    proposed_cleaned = proposed if cleaned is None else _proposed(_words(cleaned.hypothesis), pack, open_phrases)
    observed = Observed(
        fits=scores,
        fits_cleaned=scores if cleaned is None else cleaned.scores,
        proposed=None if proposed is None else _command(pack, proposed),
        proposed_cleaned=None if proposed_cleaned is None else _command(pack, proposed_cleaned),
        length_ms=evidence.length_ms,
        stands_out_db=evidence.stands_out_db,
    )
    meanings = ways_to_say(pack, pack.all_phrases)
    commands = {way: _command(pack, meanings[way]) for way in scores}
    share = shares(observed, commands, offsets)
    ways = [way for way in scores if meanings[way] in open_phrases]
    of_each = of_commands(share, commands, ways)
    if not of_each:
        return Rejected(Reason.NOT_A_PHRASE, 0.0)
    command = max(of_each, key=of_each.__getitem__)
    confidence = round(of_each[command], 3)
    way = max((way for way in ways if commands[way] is command), key=share.__getitem__)
    if of_each[command] < (URGENT_BELIEVED if command in URGENT else BELIEVED):
        return Rejected(_doubt(share, commands, evidence.hypothesis), confidence)
    # "Switch feet" fits nearly as well while the coach says "switch foot".
    if command in {pack.command_of(phrase) for phrase in own}:
        return Rejected(Reason.OWN_VOICE, confidence)
    if UNKNOWN not in said and _is_too_long(evidence, len(way.split())):
        return Rejected(Reason.TOO_LONG, confidence)
    # Between phrases that mean the same the recognizer tells better which it was.
    phrase = next(
        (phrase for phrase in (proposed, proposed_cleaned) if phrase and _command(pack, phrase) is command),
        meanings[way],
    )
    return Accepted(command, phrase, confidence, sure=of_each[command] >= SURE)


def _doubt(share: Mapping[str, float], commands: Mapping[str, Command], hypothesis: Hypothesis) -> Reason:
    """Tell why no command that is open is believed."""
    if sum(share.values()) < BELIEVED:
        return Reason.POOR_FIT if hypothesis.words else Reason.NO_SPEECH
    closed_too = of_commands(share, commands, share)
    return Reason.NOT_A_PHRASE if max(closed_too.values()) >= BELIEVED else Reason.AMBIGUOUS


def _words(hypothesis: Hypothesis) -> tuple[str, ...]:
    return tuple(word.text.casefold() for word in hypothesis.words)


def _proposed(said: tuple[str, ...], pack: LanguagePack, open_phrases: Collection[str]) -> str | None:
    """Return the open phrase that the recognizer's words are, exactly."""
    ways = ways_to_say(pack, open_phrases)
    if UNKNOWN not in said:
        return ways.get(" ".join(said))
    # A cry may come out of a groan: unknown speech before urgent words is no reason to overhear them.
    phrase = ways.get(" ".join(said[len(said) - said[::-1].index(UNKNOWN) :]))
    return phrase if phrase in pack.urgent_phrases else None


def _command(pack: LanguagePack, phrase: str) -> Command:
    command = pack.command_of(phrase)
    assert command is not None, "every way to say something means something"
    return command


def _is_too_long(evidence: Evidence, words: int) -> bool:
    return evidence.length_ms > LONGEST_MS + LONGEST_MORE_MS * (words - 1)


def _mean_confidence(hypothesis: Hypothesis) -> float:
    return sum(word.confidence for word in hypothesis.words) / max(1, len(hypothesis.words))
