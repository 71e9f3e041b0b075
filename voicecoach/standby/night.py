"""Whether it is a time at which nothing is said unasked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours that come every day; they may pass midnight. Equal ends are a whole day."""

    from_min: int
    """Minutes after midnight."""
    until_min: int

    @classmethod
    def parse(cls, quiet_from: str, quiet_until: str) -> QuietHours:
        """Return the hours between two times such as `22:30`."""
        return cls(*(int(text[:2]) * 60 + int(text[3:]) for text in (quiet_from, quiet_until)))

    def contain(self, minute: int) -> bool:
        """Tell whether a minute of the day, 0 to 1439, is one of them."""
        length = (self.until_min - self.from_min - 1) % _DAY_MIN + 1
        return (minute - self.from_min) % _DAY_MIN < length
