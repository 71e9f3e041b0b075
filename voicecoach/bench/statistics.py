"""Exact bounds and plain quantiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from voicecoach.errors import UsageError

CONFIDENCE: Final = 0.95
_TAIL: Final = (1 - CONFIDENCE) / 2


@dataclass(frozen=True, slots=True)
class Bounded:
    """A figure with the bounds of its 95 % confidence interval."""

    value: float
    low: float
    high: float


def share(count: int, of: int) -> Bounded:
    """Return a proportion with the bounds of Clopper and Pearson; from 0 to 1 where nothing was counted."""
    if not of:
        return Bounded(0.0, 0.0, 1.0)
    special = _special()
    low = float(special.betaincinv(count, of - count + 1, _TAIL)) if count else 0.0
    high = float(special.betaincinv(count + 1, of - count, 1 - _TAIL)) if count < of else 1.0
    return Bounded(count / of, low, high)


def rate(count: int, hours: float) -> Bounded:
    """Return events an hour with the exact bounds of a Poisson process. `hours` is more than 0."""
    special = _special()
    low = float(special.gammaincinv(count, _TAIL)) / hours if count else 0.0
    return Bounded(count / hours, low, float(special.gammaincinv(count + 1, 1 - _TAIL)) / hours)


def quantile(values: Sequence[float], part: float) -> float | None:
    """Return the smallest value that at least this part of all do not exceed; none of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def _special() -> Any:
    try:
        from scipy import special
    except ImportError:
        raise UsageError("The bench needs more packages; type: pip install 'voicecoach[bench]'") from None
    return special
