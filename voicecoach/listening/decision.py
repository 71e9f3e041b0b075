"""Whether an utterance was a command: every accept and reject, and every threshold. Pure.

Where there is a scorer it decides. It says for every phrase that it was taught how likely it is, and the shares of
phrases that mean the same are added up. Where that leaves doubt, a second opinion says how well
the sound explains just these words, and moves the share up or down. What the scorer was not taught, as a person's own
phrases, is judged by that alone.

Where there is no scorer, a recognizer's words are believed if they are exactly a phrase.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from voicecoach.commands import ALARMS, URGENT, Command
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.recognizer import Explanation, Hypothesis
from voicecoach.listening.sensations import Reason

UNKNOWN: Final = "[unk]"
"""What Vosk calls speech outside of its grammar."""

BELIEVED: Final = 0.5
"""Confidence from which a command is believed."""
URGENT_BELIEVED: Final = 0.4
"""The same for urgent commands: a cramp that is overheard is worse than a pause that nobody wanted."""
SURE: Final = 0.7
"""Confidence from which a command is acted on in the first lull, before the utterance is known to be over. Of 192
recorded commands in quiet 95 in 100 have it."""
AMONG_TALK: Final = 0.75
"""The confidence that it takes where people have been talking just before, be it the television. Of the same 90 in 100
have it."""
TALK_MS: Final = 1500
"""So much talk in the last seconds (`talk.LATELY_MS`) is a conversation: five of six utterances in talk come after as
much."""

EXPLAINED_WORTH: Final = 3.0
"""What a whole explanation by the sound is worth against none, in nats of the log-odds of a share. This and the next
two were chosen on real people (docs/lab/one-network.md)."""
USUALLY_EXPLAINED: Final = 0.45
"""The explanation that speaks neither for a command nor against it."""
LEAST_EXPLAINED: Final = 0.2
"""A poorer explanation says no more than this: what one ear understands the other may not."""
UNTAUGHT_EXPLAINED: Final = 0.4
"""The explanation from which a phrase is believed that the scorer was not taught. In 14 minutes of talk one sentence of
259 explained "I'm done" by 0.38, and nothing more than 0.2 a call of the coach (docs/lab/one-network.md)."""
UNTAUGHT_NATS: Final = 8.0
"""And it takes so many nats: short words that everybody says ("okay") have to be taught. Without this 141 of 1,687
other words of real people were taken for a command, most of them for "okay" or "ouch"."""
UNTAUGHT_WORTH: Final = 12.0
"""How its confidence grows with it: 0.7, which a call takes, is reached at 0.47."""

LEAST_CONFIDENCE: Final = 0.6
"""Mean confidence of a recognizer's words that is believed where there is no scorer. Korean Vosk gave 0.72 and more
when it was right, but 0.89 once when it was wrong: this alone separates little."""
LEAST_VOICE_MS: Final = 120
"""Shorter voice is a blip. The shortest recorded command has 220 ms of it; of 712 of held-out voices that were
understood, in noise mostly, one had less than 120, and five less than 140."""
LONGEST_MS: Final = 1400
LONGEST_MORE_MS: Final = 800
"""The longest a phrase of one word may take, and each word more, where there is no scorer. The recordings take 700
ms at most for one word and 1460 ms for two."""
SPEECH_MS: Final = 160
"""Voice from this length on is taken for somebody's speech, who deserves an answer when it was not understood."""


_LEAST_SHARE: Final = 1e-6
"""A share is never quite certain."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of an utterance."""

    length_ms: int
    """From the first to the last voice."""
    voiced_ms: int
    odds: Mapping[str, float] | None = None
    """The scorer's log-odds, of the ways that it was taught; none where there is no scorer."""
    explained: Mapping[str, Explanation] | None = None
    """How well the sound explains them, of those ways that the second opinion was asked for; none where it was not."""
    hypothesis: Hypothesis | None = None
    """The recognizer's, where there is no scorer."""
    talk_before_ms: int = 0
    """For how long in the last seconds people said what is no command, hardly to the coach."""
    is_over_coach: bool = False
    """Whether the coach spoke meanwhile: what is left of its voice spoils a transcript, so that none counts against a
    command that was taught over it."""


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
    Where the coach must be addressed, everything is said after its address; alarms also without.
    """
    ways = {phrase.casefold(): phrase for phrase in phrases}
    for phrase in phrases:
        if phrase in pack.urgent_phrases and " " not in phrase:
            ways |= {" ".join([phrase.casefold()] * times): phrase for times in (2, 3)}
    if pack.must_be_addressed:
        alarms = frozenset(pack.phrases_of(ALARMS))
        addressed = {f"{pack.address.casefold()} {way}": phrase for way, phrase in ways.items()}
        ways = {way: phrase for way, phrase in ways.items() if phrase in alarms} | addressed
    return ways


def plain_words(text: str) -> str:
    """Return the words of a text in lower case, without signs, single spaces between them."""
    return " ".join(re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.casefold().replace("\u2019", "'")))


def decide(evidence: Evidence, pack: LanguagePack, open_phrases: Collection[str], own: Collection[str]) -> Verdict:
    """Judge an utterance. Only `open_phrases` can be accepted, and none that is in `own`, the coach's own words."""
    if evidence.voiced_ms < LEAST_VOICE_MS:
        return Rejected(Reason.TOO_SHORT, 0.0)
    if not open_phrases:
        return Rejected(Reason.NOT_A_PHRASE, 0.0)
    if evidence.odds is None:
        return _by_recognizer(evidence, pack, open_phrases, own)
    return _by_scorer(evidence, evidence.odds, pack, open_phrases, own)


def doubtful_ways(evidence: Evidence, pack: LanguagePack, open_phrases: Collection[str]) -> list[str]:
    """Return the ways that a second opinion can make or break, the likeliest first; none where there is no doubt.

    Those are what the scorer was not taught, unless it is sure of something that it was, and the ways of commands whose
    share is neither so high nor so low that nothing would matter.
    """
    if evidence.odds is None or evidence.voiced_ms < LEAST_VOICE_MS:
        return []
    ways = ways_to_say(pack, open_phrases)
    shares = _shares(evidence.odds)
    of_each = _of_commands(shares, ways, pack)
    highest = max(of_each.values(), default=0.0)
    if highest >= _NO_DOUBT:
        return []
    doubtful = [way for way in ways if way in shares and of_each[_command(pack, ways[way])] >= _NO_HOPE]
    doubtful.sort(key=shares.__getitem__, reverse=True)
    return [*doubtful, *(way for way in ways if way not in shares)]


def _by_scorer(
    evidence: Evidence,
    odds: Mapping[str, float],
    pack: LanguagePack,
    open_phrases: Collection[str],
    own: Collection[str],
) -> Verdict:
    ways = ways_to_say(pack, open_phrases)
    shares = _shares(odds)
    explained = evidence.explained or {}
    alone = {way: _of_way(way, shares, explained, may_doubt=not evidence.is_over_coach) for way in ways}
    confidences = {
        command: _with_second(share, _best(command, explained, ways, pack), may_doubt=not evidence.is_over_coach)
        for command, share in _of_commands(shares, ways, pack).items()
    }
    for way in ways:
        if way not in shares:
            command = _command(pack, ways[way])
            confidences[command] = max(confidences.get(command, 0.0), alone[way])
    if not confidences:
        return Rejected(Reason.NOT_A_PHRASE, 0.0)
    command = max(confidences, key=confidences.__getitem__)
    confidence = confidences[command]
    least = URGENT_BELIEVED if command in URGENT else BELIEVED
    if confidence < least:
        return Rejected(_doubt(shares, confidences, least), round(confidence, 3))
    way = max((way for way in ways if _command(pack, ways[way]) is command), key=alone.__getitem__)
    if confidence < AMONG_TALK and evidence.talk_before_ms >= TALK_MS and command not in ALARMS:
        return Rejected(Reason.OTHERS_TALK, round(confidence, 3))
    # "Switch feet" fits nearly as well while the coach says "switch foot".
    if command in {pack.command_of(phrase) for phrase in own}:
        return Rejected(Reason.OWN_VOICE, round(confidence, 3))
    return Accepted(command, ways[way], round(confidence, 3), sure=confidence >= SURE)


def _by_recognizer(
    evidence: Evidence, pack: LanguagePack, open_phrases: Collection[str], own: Collection[str]
) -> Verdict:
    words = () if evidence.hypothesis is None else evidence.hypothesis.words
    said = tuple(word.text.casefold() for word in words)
    confidence = round(sum(word.confidence for word in words) / max(1, len(said)), 3)
    if not said:
        return Rejected(Reason.NO_SPEECH, confidence)
    phrase = _proposed(said, pack, open_phrases)
    if phrase is None:
        return Rejected(Reason.UNKNOWN_WORDS if UNKNOWN in said else Reason.NOT_A_PHRASE, confidence)
    if phrase in own:
        return Rejected(Reason.OWN_VOICE, confidence)
    if UNKNOWN not in said and evidence.length_ms > LONGEST_MS + LONGEST_MORE_MS * (len(said) - 1):
        return Rejected(Reason.TOO_LONG, confidence)
    if confidence < LEAST_CONFIDENCE:
        return Rejected(Reason.UNSURE, confidence)
    return Accepted(_command(pack, phrase), phrase, confidence, sure=True)


def _proposed(said: tuple[str, ...], pack: LanguagePack, open_phrases: Collection[str]) -> str | None:
    """Return the open phrase that the recognizer's words are, exactly."""
    ways = ways_to_say(pack, open_phrases)
    if UNKNOWN not in said:
        return ways.get(" ".join(said))
    # A cry may come out of a groan: unknown speech before urgent words is no reason to overhear them.
    phrase = ways.get(" ".join(said[len(said) - said[::-1].index(UNKNOWN) :]))
    return phrase if phrase in pack.urgent_phrases else None


def _shares(odds: Mapping[str, float]) -> dict[str, float]:
    """Return the share of every way in one whole; what is missing to 1 is that of "none of them"."""
    highest = max(0.0, *odds.values()) if odds else 0.0
    parts = {way: math.exp(value - highest) for way, value in odds.items()}
    whole = math.exp(-highest) + sum(parts.values())
    return {way: part / whole for way, part in parts.items()}


def _of_commands(shares: Mapping[str, float], ways: Mapping[str, str], pack: LanguagePack) -> dict[Command, float]:
    """Return the share of each command, of those of its ways that are open and taught."""
    together: dict[Command, float] = {}
    for way, phrase in ways.items():
        if way in shares:
            command = _command(pack, phrase)
            together[command] = together.get(command, 0.0) + shares[way]
    return together


def _of_way(way: str, shares: Mapping[str, float], explained: Mapping[str, Explanation], *, may_doubt: bool) -> float:
    """Return the confidence of one way to say something."""
    if way in shares:
        return _with_second(shares[way], _part(explained.get(way)), may_doubt=may_doubt)
    found = explained.get(way)
    if found is None:
        return 0.0
    return _sigmoid(min(UNTAUGHT_WORTH * (found.part - UNTAUGHT_EXPLAINED), found.nats - UNTAUGHT_NATS))


def _best(
    command: Command, explained: Mapping[str, Explanation], ways: Mapping[str, str], pack: LanguagePack
) -> float | None:
    """Return the best explanation of a command's ways; none where nobody was asked for one."""
    asked = [explained[way].part for way in ways if way in explained and _command(pack, ways[way]) is command]
    return max(asked, default=None)


def _part(explanation: Explanation | None) -> float | None:
    return None if explanation is None else explanation.part


def _with_second(share: float, explained: float | None, *, may_doubt: bool) -> float:
    if explained is None:
        return share
    more = EXPLAINED_WORTH * (max(explained, LEAST_EXPLAINED) - USUALLY_EXPLAINED)
    return _sigmoid(_log_odds(share) + (more if may_doubt else max(more, 0.0)))


def _doubt(shares: Mapping[str, float], confidences: Mapping[Command, float], least: float) -> Reason:
    """Tell why no command that is open is believed, each of which is less likely than `least`."""
    if sum(confidences.values()) >= least:
        return Reason.AMBIGUOUS
    return Reason.NOT_A_PHRASE if max(shares.values(), default=0.0) >= least else Reason.POOR_FIT


def _command(pack: LanguagePack, phrase: str) -> Command:
    command = pack.command_of(phrase)
    assert command is not None, "every way to say something means something"
    return command


def _log_odds(share: float) -> float:
    share = min(max(share, _LEAST_SHARE), 1.0 - _LEAST_SHARE)
    return math.log(share / (1.0 - share))


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(value, -50.0), 50.0)))


_NO_DOUBT: Final = _sigmoid(_log_odds(BELIEVED) - EXPLAINED_WORTH * (LEAST_EXPLAINED - USUALLY_EXPLAINED))
"""From this share on a command is believed whatever a second opinion says."""
_NO_HOPE: Final = _sigmoid(_log_odds(URGENT_BELIEVED) - EXPLAINED_WORTH * (1.0 - USUALLY_EXPLAINED))
"""Below this share it is not believed whatever a second opinion says."""
