"""One score for an utterance: how likely each command is, given what the witnesses make of it. Pure.

Every way to say something gets a sum of what speaks for it, "none of them" gets zero, and the softmax over all shares
out one whole among them. Phrases that are not open take their share, too: what was meant for nobody often fits one of
them best. `scripts/fit-hearing` looks for the weights.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from voicecoach.commands import Command

LEAST_SCORE: Final = -6.0
"""Phoneme scores below this say no more than this."""
USUAL_MS: Final = 70.0
"""How long a letter takes, about."""
SHORTEST_MS: Final = 60
UNASKED: Final = 2.0
"""A way that the transcriber was not asked for counts by this much less than the worst of the others."""
LOUDEST_DB: Final = 25.0
"""A voice that stands out by so much is as good as in quiet; the least is 0."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each observation of an utterance is worth, in nats."""

    fit: float
    """The mean phoneme score of the sound as it is and with its noise taken out."""
    long_fit: float
    """The same times the square root of the number of letters: many phonemes that fit are better than few."""
    letters: float
    """The logarithm of the number of letters."""
    recognized: float
    """The recognizer proposes this command."""
    recognized_cleaned: float
    """It does, in the sound with the noise taken out."""
    recognized_twice: float
    """It does in both."""
    noise: float
    """How little the voice stands out, from 0 to 1."""
    pace: float
    """The logarithm of the voice's length against `USUAL_MS` a letter."""
    odd_pace: float
    """Its square."""
    bias: float
    written: float = 0.0
    """The transcriber's log-likelihood ratio."""


WEIGHTS: Final = Weights(
    fit=0.05,
    long_fit=0.90,
    letters=1.78,
    recognized=0.86,
    recognized_cleaned=1.38,
    recognized_twice=-0.25,
    noise=1.03,
    pace=-0.34,
    odd_pace=-0.62,
    bias=-0.97,
)
"""Found by the method of `scripts/fit-hearing`, on 408 commands of the bench's tuning voices (quiet dry, 2 m at 0.3 and
0.6 s; steady noise 6, 12, 18 dB; babble 12, 18 dB; 51 each), 20 minutes of talk and 178 near misses. The script takes
all conditions of these kinds, so that what it finds will differ somewhat."""


WEIGHTS_OF_THREE: Final = Weights(
    fit=0.97,
    long_fit=0.14,
    letters=0.71,
    recognized=1.48,
    recognized_cleaned=1.27,
    recognized_twice=-0.76,
    noise=2.65,
    pace=1.14,
    odd_pace=-0.31,
    bias=-3.28,
    written=0.355,
)
"""The same where the transcriber was asked, too. Found by the method of `scripts/fit-hearing` on 1260 commands of the
tuning voices (quiet, every kind of noise, babble, one talker; 36 under each condition), 25 minutes of talk, 220 near
misses and 284 recorded prompts."""

WORTH: Final[Mapping[str, float]] = {
    "next": 0.8,
    "next exercise": 0.5,
    "go back": 0.3,
    "previous": 0.2,
    "repeat": 0.4,
    "say again": -0.9,
    "say that again": -0.7,
    "explain": -0.2,
    "wait": -0.3,
    "hold on": -0.5,
    "resume": 0.3,
    "continue": 0.6,
    "carry on": -0.6,
    "ready": -0.3,
    "start": -0.3,
    "go": -0.4,
    "switch foot": 0.4,
    "switch feet": 1.2,
    "other foot": -1.2,
    "cramp": 0.5,
    "cramp back off": 0.8,
    "back off": 0.4,
    "too much": 0.8,
    "that hurts": -0.3,
    "easier": 0.5,
    "harder": 0.8,
    "more time": -1.0,
    "longer": 0.9,
    "how long": 0.5,
    "how long left": 1.1,
    "what's next": -0.2,
    "where am i": -1.1,
    "louder": 0.9,
    "quieter": 0.2,
    "faster": -0.5,
    "finish": 0.7,
    "end session": -0.8,
    "help": 1.2,
    "what can i say": -1.4,
    "yes": -0.6,
    "no": -1.5,
    "no thanks": -0.2,
    "wait wait": -0.6,
    "wait wait wait": -0.3,
    "stop stop": -0.2,
}
"""What single ways to say something are worth beside that, in nats, found together with the weights: "help" and
"louder" are understood worse than others whoever says them, and "no" is in much that nobody meant. Of 700 commands of
held-out voices 586 are right and 12 wrong with it, 566 and 10 without it at the same number of false accepts (9 of 742
utterances of talk and recorded prompts). What is not in here, such as phrases of a person's own, has none."""


@dataclass(frozen=True, slots=True)
class Offsets:
    """What is different for one person: added to the sums of a command, in nats. Without any, nobody is special."""

    by_command: Mapping[Command, float]


NOBODY: Final = Offsets({})


@dataclass(frozen=True, slots=True)
class Observed:
    """What the witnesses say of one utterance."""

    fits: Mapping[str, float]
    """The verifier's phoneme scores, for every way to say something."""
    fits_cleaned: Mapping[str, float]
    """Those of the sound with the noise taken out; the same where there is no noise."""
    proposed: Command | None
    """The command that the recognizer proposes, if any."""
    proposed_cleaned: Command | None
    length_ms: int
    """From the first to the last voice."""
    stands_out_db: float
    """How far the loudest part of the voice is above what stands out from the background."""
    written: Mapping[str, float] | None = None
    """The transcriber's log-likelihood ratios of the ways that it was asked for; none where it was not asked."""


def shares(
    observed: Observed, commands: Mapping[str, Command], offsets: Offsets = NOBODY, weights: Weights | None = None
) -> dict[str, float]:
    """Return the share of every way in one whole; what is missing to 1 is that of "none of them".

    `commands` tells the command of every way that has a phoneme score.
    """
    weights = weights or (WEIGHTS if observed.written is None else WEIGHTS_OF_THREE)
    written = observed.written
    unasked = min(0.0, *written.values()) - UNASKED if written else 0.0
    noise = 1.0 - min(max(observed.stands_out_db, 0.0), LOUDEST_DB) / LOUDEST_DB
    sums = {}
    for way, command in commands.items():
        fit = (max(observed.fits[way], LEAST_SCORE) + max(observed.fits_cleaned[way], LEAST_SCORE)) / 2
        letters = len(way.replace(" ", ""))
        pace = math.log(max(observed.length_ms, SHORTEST_MS) / (letters * USUAL_MS))
        raw, cleaned = observed.proposed == command, observed.proposed_cleaned == command
        sums[way] = (
            weights.bias
            + (weights.fit + weights.long_fit * math.sqrt(letters)) * fit
            + weights.letters * math.log(letters)
            + weights.recognized * raw
            + weights.recognized_cleaned * cleaned
            + weights.recognized_twice * (raw and cleaned)
            + weights.noise * noise
            + weights.pace * pace
            + weights.odd_pace * pace * pace
            + (0.0 if written is None else weights.written * written.get(way, unasked) + WORTH.get(way, 0.0))
            + offsets.by_command.get(command, 0.0)
        )
    highest = max(0.0, *sums.values())
    parts = {way: math.exp(value - highest) for way, value in sums.items()}
    whole = math.exp(-highest) + sum(parts.values())
    return {way: part / whole for way, part in parts.items()}


def of_commands(
    share: Mapping[str, float], commands: Mapping[str, Command], ways: Collection[str]
) -> dict[Command, float]:
    """Return the share of each command, of those of its ways that count."""
    together: dict[Command, float] = {}
    for way in ways:
        together[commands[way]] = together.get(commands[way], 0.0) + share[way]
    return together
