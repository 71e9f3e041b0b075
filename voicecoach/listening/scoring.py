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
    classified: float = 0.0
    """The classifier's log-odds."""
    written: float = 0.0
    """The transcriber's log-likelihood ratio."""
    much_noise: float = 0.0
    """The square of `noise`: in noise everything fits worse, but in what hardly stands out much is a scrap of talk."""


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
    fit=1.99,
    long_fit=-0.28,
    letters=-0.11,
    recognized=1.37,
    recognized_cleaned=1.56,
    recognized_twice=-1.12,
    noise=10.52,
    pace=1.36,
    odd_pace=0.12,
    bias=-1.68,
    written=0.363,
    much_noise=-9.4,
)
"""The same where the transcriber was asked, of what the classifier was not taught. Found by the method of
`scripts/fit-hearing` on 1680 commands of the tuning voices (quiet, every kind of noise, babble, one talker; 48 under
each condition), 25 minutes of talk, 437 near misses and 316 recorded prompts."""

WEIGHTS_OF_TAUGHT: Final = Weights(
    fit=0.33,
    long_fit=0.14,
    letters=1.45,
    recognized=0.92,
    recognized_cleaned=1.23,
    recognized_twice=-1.77,
    noise=14.27,
    pace=0.42,
    odd_pace=0.24,
    bias=-2.88,
    classified=1.26,
    much_noise=-12.01,
)
"""The same for what the classifier was taught. Found by the method of `scripts/fit-hearing` on 840 commands of the
tuning and the teaching voices (24 under each of 35 conditions), an hour of talk, 439 near misses and 579 recorded
prompts; what the classifier says of a voice was that of one which half of the voices, this one among them, had not
taught, as the script did it then. Weights that it finds now, by voices that teach nothing, mistake more in noise
(docs/design.md, "The encoder itself")."""


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
    classified: Mapping[str, float] | None = None
    """The classifier's log-odds, of the ways that it knows; none where there is none."""
    written: Mapping[str, float] | None = None
    """The transcriber's log-likelihood ratios of the ways that it was asked for; none where it was not asked."""


def shares(observed: Observed, commands: Mapping[str, Command], offsets: Offsets = NOBODY) -> dict[str, float]:
    """Return the share of every way in one whole; what is missing to 1 is that of "none of them".

    `commands` tells the command of every way that has a phoneme score.
    """
    classified = observed.classified or {}
    written = observed.written
    unasked = min(0.0, *written.values()) - UNASKED if written else 0.0
    of_untaught = WEIGHTS if written is None else WEIGHTS_OF_THREE
    noise = 1.0 - min(max(observed.stands_out_db, 0.0), LOUDEST_DB) / LOUDEST_DB
    sums = {}
    for way, command in commands.items():
        fit = (max(observed.fits[way], LEAST_SCORE) + max(observed.fits_cleaned[way], LEAST_SCORE)) / 2
        is_taught = way in classified
        weights = WEIGHTS_OF_TAUGHT if is_taught else of_untaught
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
            + weights.much_noise * noise * noise
            + weights.pace * pace
            + weights.odd_pace * pace * pace
            + (weights.classified * classified[way] if is_taught else 0.0)
            + (0.0 if written is None else weights.written * written.get(way, unasked))
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
