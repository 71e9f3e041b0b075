"""Under what circumstances commands are spoken in the bench."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SNRS_DB: Final = (6, 9, 12, 15, 18, 21, 24)
"""Those of the Rhino benchmark, so that figures compare."""
ECHOES_DB: Final = (5, 0, -5, -10)
"""The person's level against the coach's echo, both at the microphone."""
KITCHEN_SNR_DB: Final = 12
"""How much a person would stand out of the kitchen in which the coach speaks."""


class Noise(StrEnum):
    """What is heard beside the person."""

    NONE = "quiet"
    STEADY = "steady noise"
    """A kitchen hood, a fridge, running water, sizzling: each in its turn."""
    UNSTEADY = "unsteady noise"
    """Dishes, somebody cooking, music."""
    BABBLE = "babble"
    """Six people talking at once."""
    TALKER = "one talker"
    """A single other person."""
    COACH = "over the coach"
    """The coach is speaking, and gives way as in a session."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person is."""

    distance_m: float
    rt60_s: float


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of the table."""

    noise: Noise
    place: Place | None
    """None for speech as it was recorded, without a room."""
    level_db: int | None = None
    """How much louder than the noise, or the coach, the person is; none in quiet."""
    kitchen: Noise = Noise.NONE
    """Over the coach: what is behind both of them, `KITCHEN_SNR_DB` below the person."""

    @property
    def name(self) -> str:
        """What `--only` calls it: `quiet dry`, `quiet 2 m 0.3 s`, `babble 12 dB`, and so on."""
        if self.kitchen is not Noise.NONE:
            return f"{self.noise} in {self.kitchen} {self.level_db} dB"
        if self.level_db is not None:
            return f"{self.noise} {self.level_db} dB"
        where = "dry" if self.place is None else f"{self.place.distance_m:g} m {self.place.rt60_s:g} s"
        return f"{self.noise} {where}"


_NEAR: Final = Place(1.0, 0.3)
"""Where the person is while there is noise: the noise is what is looked at then."""

CONDITIONS: Final[tuple[Condition, ...]] = (
    Condition(Noise.NONE, None),
    *(Condition(Noise.NONE, Place(distance, rt60)) for rt60 in (0.3, 0.6) for distance in (1.0, 2.0, 3.0)),
    *(
        Condition(noise, _NEAR, snr)
        for noise in (Noise.STEADY, Noise.UNSTEADY, Noise.BABBLE, Noise.TALKER)
        for snr in SNRS_DB
    ),
    *(Condition(Noise.COACH, _NEAR, level) for level in ECHOES_DB),
    *(Condition(Noise.COACH, _NEAR, 0, kitchen) for kitchen in (Noise.STEADY, Noise.UNSTEADY)),
)
"""All of them, in the order of the table."""

QUICK: Final = frozenset(
    {
        "quiet dry",
        "quiet 2 m 0.3 s",
        "quiet 3 m 0.6 s",
        "steady noise 6 dB",
        "steady noise 12 dB",
        "unsteady noise 12 dB",
        "babble 12 dB",
        "babble 18 dB",
        "one talker 12 dB",
        "over the coach 0 dB",
        "over the coach -10 dB",
    }
)
"""The conditions of a quick run."""
