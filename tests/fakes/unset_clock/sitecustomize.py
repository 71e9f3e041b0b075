"""A wall's clock that was never set, until a file is there: stands in where this folder is on the path.

libfaketime would do it for all programs, but makes Python's sleeps fail when its time jumps.
"""

import os
import time

_began = time.monotonic()
_real = time.time


def _time() -> float:
    return _real() if os.path.exists(os.environ["CLOCK_IS_SET"]) else 60.0 + time.monotonic() - _began  # noqa: PTH110


time.time = _time
