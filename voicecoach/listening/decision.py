"""Whether an utterance was a command: the recognizer's proposal, weighed with what the others think of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from voicecoach.commands import ALARMS, URGENT, Command
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.recognizer import Hypothesis
from voicecoach.listening.scoring import LOUDEST_DB, NOBODY, Observed, Offsets, of_commands, shares
from voicecoach.listening.sensations import Reason

UNKNOWN = "[unk]"
"""What Vosk calls speech outside of its grammar."""

BELIEVED = 0.4
"""Share of a command from which it is believed, where the voice stands out from the background."""
BELIEVED_IN_NOISE = 0.75
"""The same where the voice hardly stands out: nearly all commands that are mistaken for another are there. With these
two and those for urgent commands, of 648 commands of the bench (quiet, steady and unsteady noise, babble; 250 by
held-out voices) 478 are right and 8 wrong, 149 of 166 in quiet; one false accept in 23 minutes of talk and 4 in 43
recorded prompts. With 0.35 everywhere (0.25 for urgent commands) it is 513 and 25, 150, 3 and 10; with 0.7 everywhere
450 and 11, 137, 1 and 5. Of the held-out voices 182 right and 4 wrong, against 192 and 12. Trials on evidence that was
kept; what the whole pipeline does is in docs/hearing.md."""
URGENT_BELIEVED = 0.25
URGENT_BELIEVED_IN_NOISE = 0.4
"""The same for urgent commands: a cramp that is overheard is worse than a pause that nobody wanted. 0.35 in place of
0.25 loses 10 of 142 urgent commands, and spares 4 wrong ones of 25 and 7 near misses of 110."""
BELIEVED_BY_THREE = 0.5
URGENT_BELIEVED_BY_THREE = 0.4
"""The same where the third witness was asked, whom noise troubles less. Of 840 commands of the bench by held-out voices
(quiet, every kind of noise, babble and one talker at 6 to 24 dB) 774 are right and 8 wrong; of 1022 utterances of talk
three are taken for a command, of 579 recorded prompts eight. With 0.55 and 0.45 it is 770, 7, 3 and 5; with 0.65 and
0.55 762, 5, 3 and 3. Trials on evidence that was kept, the weights found on the same talk and prompts."""
AMONG_TALK = 0.85
"""The same where people have been talking just before, be it the television, since most of what is taken for a command
in talk is doubtful. Of 14 sentences in two hours of the bench's talk (seeds 7 and 9, chosen on the first) five are
left, as many as with 0.9; with 0.8 seven. Of 936 commands of the bench that were understood in quiet, noise, babble and
beside one talker, who talks for three seconds before, none is lost, with 0.9 two. Where somebody talks without end it
costs more: a tenth of those that were understood in babble or beside one talker had less. Not for `ALARMS`, of which
there was one in the 14: a cramp that is overheard is worse."""
TALK_MS = 1500
"""So much talk in the last seconds (`talk.LATELY_MS`) is a conversation: five of six utterances in talk come after as
much. With 1000 three of the 936 are lost, and as many sentences are left; with 2000 one more is."""
NOISE_DB = 15.0
"""A voice that stands out by less is in noise. With 12 two more are right and two more wrong, with 20
seven fewer are right."""
SURE = 0.8
"""Share from which a command is acted on in the first lull, before the utterance is known to be over. Of 393 commands
that have it in the same trials 4 are wrong; 389 of 513 that are right have it."""

BEYOND_DOUBT = 0.95
"""Share of a command by two witnesses from which no third is asked, so that what is plain is known 10 ms sooner: of the
same 700 commands, talk and prompts as many are right, wrong and taken for one as if it were always asked, of 437 near
misses two more. With 0.9 one more is right, and five more near misses are taken for one; with 0.8 two, 16, and two more
of talk."""
LEAST_DOUBT = 0.02
"""Share below which the transcriber is not asked: so it has nothing to do in nine of ten utterances of talk. Of 700
commands 33 are below; asked there, too, one more is understood, and two more of talk and prompts are taken for one.
(Found when it was asked about all phrases.)"""

LEAST_CONFIDENCE = 0.6
"""Mean confidence of the words that is believed where there is no verifier. Korean Vosk gave 0.72 and more when it was
right, but 0.89 once when it was wrong: this alone separates little."""
LEAST_VOICE_MS = 120
"""Shorter voice is a blip. The shortest recorded command has 220 ms of it; of 712 of held-out voices that were
understood, in noise mostly, one had less than 120, and five less than 140."""
LONGEST_MS = 1400
LONGEST_MORE_MS = 800
"""The longest a phrase of one word may take, and each word more, where there is no verifier. The recordings take 700 ms
at most for one word and 1460 ms for two. With a verifier it would do harm only, because voice goes on after a command
where dishes are put away or others talk: of 840 commands of held-out voices 8 were lost by it, and no talk was told
from them."""
SPEECH_MS = 160
"""Voice from this length on is taken for somebody's speech, who deserves an answer when it was not understood."""


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
    classified: Mapping[str, float] | None = None
    """The classifier's, for the ways that it was taught; none where there is none."""
    written: Mapping[str, float] | None = None
    """The transcriber's, for the likeliest of all other ways to say something; none where it was not asked."""
    talk_before_ms: int = 0
    """For how long in the last seconds people said what is no command, hardly to the coach."""


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


def is_beyond_doubt(verdict: Verdict) -> bool:
    """Tell whether what two witnesses have found needs no third."""
    return isinstance(verdict, Accepted) and verdict.confidence >= BEYOND_DOUBT


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
    proposed, proposed_cleaned = _proposals(evidence, pack, open_phrases)
    if UNKNOWN in said and proposed is None:
        return Rejected(Reason.UNKNOWN_WORDS, 0.0)
    meanings = ways_to_say(pack, pack.all_phrases)
    commands = {way: _command(pack, meanings[way]) for way in scores}
    share = _shares(evidence, scores, pack, open_phrases, offsets)
    ways = [way for way in scores if meanings[way] in open_phrases]
    of_each = of_commands(share, commands, ways)
    if not of_each:
        return Rejected(Reason.NOT_A_PHRASE, 0.0)
    command = max(of_each, key=of_each.__getitem__)
    confidence = round(of_each[command], 3)
    way = max((way for way in ways if commands[way] is command), key=share.__getitem__)
    least = _least_share(command, evidence)
    if of_each[command] < least:
        return Rejected(_doubt(share, commands, evidence.hypothesis, least), confidence)
    if of_each[command] < AMONG_TALK and _is_among_talk(way, command, evidence):
        return Rejected(Reason.OTHERS_TALK, confidence)
    # "Switch feet" fits nearly as well while the coach says "switch foot".
    if command in {pack.command_of(phrase) for phrase in own}:
        return Rejected(Reason.OWN_VOICE, confidence)
    # Between phrases that mean the same the recognizer tells better which it was.
    phrase = next(
        (phrase for phrase in (proposed, proposed_cleaned) if phrase and _command(pack, phrase) is command),
        meanings[way],
    )
    return Accepted(command, phrase, confidence, sure=of_each[command] >= SURE)


def likeliest_ways(
    verdict: Verdict, evidence: Evidence, pack: LanguagePack, open_phrases: Collection[str], count: int
) -> list[str]:
    """Return the ways to say something that two witnesses find likeliest, open or not, the likeliest first.

    There are none where `verdict`, which is theirs, leaves hardly anything to be said for any of them.
    """
    if evidence.scores is None or verdict.confidence < LEAST_DOUBT:
        return []
    share = _shares(evidence, evidence.scores, pack, open_phrases, NOBODY)
    return sorted(share, key=share.__getitem__, reverse=True)[:count]


def _shares(
    evidence: Evidence,
    scores: Mapping[str, float],
    pack: LanguagePack,
    open_phrases: Collection[str],
    offsets: Offsets,
) -> dict[str, float]:
    proposed, proposed_cleaned = _proposals(evidence, pack, open_phrases)
    observed = Observed(
        fits=scores,
        fits_cleaned=scores if evidence.cleaned is None else evidence.cleaned.scores,
        proposed=None if proposed is None else _command(pack, proposed),
        proposed_cleaned=None if proposed_cleaned is None else _command(pack, proposed_cleaned),
        length_ms=evidence.length_ms,
        stands_out_db=evidence.stands_out_db,
        classified=evidence.classified,
        written=evidence.written,
    )
    meanings = ways_to_say(pack, pack.all_phrases)
    return shares(observed, {way: _command(pack, meanings[way]) for way in scores}, offsets)


def _proposals(evidence: Evidence, pack: LanguagePack, open_phrases: Collection[str]) -> tuple[str | None, str | None]:
    """Return the recognizer's phrases, in the sound as it is and with its noise taken out."""
    proposed = _proposed(_words(evidence.hypothesis), pack, open_phrases)
    if evidence.cleaned is None:
        return proposed, proposed
    return proposed, _proposed(_words(evidence.cleaned.hypothesis), pack, open_phrases)


def _least_share(command: Command, evidence: Evidence) -> float:
    """Return the share from which a command is believed."""
    if evidence.classified is not None:
        return URGENT_BELIEVED_BY_THREE if command in URGENT else BELIEVED_BY_THREE
    if command in URGENT:
        return URGENT_BELIEVED if evidence.stands_out_db >= NOISE_DB else URGENT_BELIEVED_IN_NOISE
    return BELIEVED if evidence.stands_out_db >= NOISE_DB else BELIEVED_IN_NOISE


def _is_among_talk(way: str, command: Command, evidence: Evidence) -> bool:
    """Tell whether it may be of a conversation. How much can be asked is known only of what the classifier knows."""
    is_known = evidence.classified is not None and way in evidence.classified
    return is_known and evidence.talk_before_ms >= TALK_MS and command not in ALARMS


def _doubt(share: Mapping[str, float], commands: Mapping[str, Command], hypothesis: Hypothesis, least: float) -> Reason:
    """Tell why no command that is open is believed, each of which has a share of less than `least`."""
    if sum(share.values()) < least:
        return Reason.POOR_FIT if hypothesis.words else Reason.NO_SPEECH
    closed_too = of_commands(share, commands, share)
    return Reason.NOT_A_PHRASE if max(closed_too.values()) >= least else Reason.AMBIGUOUS


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
