"""Run a fuzzer for a number of cases. Called by `scripts/fuzz`.

Each kind runs in a process of its own. A case that raises, takes longer than `LIMIT_S` or kills the
process is a finding: it is printed with the seed that repeats it, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import FrameType

import tests.fuzz

LIMIT_S = 20
"""A case takes milliseconds; one that takes this long hangs."""


def main() -> int:
    """Run the kinds that were asked for, one after the other, and return the exit code."""
    kinds = sorted(m.name for m in pkgutil.iter_modules(tests.fuzz.__path__) if m.name != "runner")
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Try random hostile inputs.")
    parser.add_argument("kind", nargs="+", choices=[*kinds, "all"], help=f"one of {', '.join(kinds)}; or all")
    parser.add_argument("--count", type=int, default=1_000, help="how many cases of each kind (1,000)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first case (1)")
    parser.add_argument("--minutes", type=float, help="stop a kind after so many minutes")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--note", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        return _run(asked.kind[0], asked.seed, asked.count, asked.minutes, Path(asked.note))
    wanted = kinds if "all" in asked.kind else asked.kind
    return max(_watch(kind, asked.seed, asked.count, asked.minutes) for kind in wanted)


def _watch(kind: str, seed: int, count: int, minutes: float | None) -> int:
    """Run one kind in a child, so that a crash of native code is a finding and not the end."""
    with tempfile.TemporaryDirectory(prefix="vcfuzz") as folder:
        note = Path(folder) / "seed"
        command = [sys.executable, "-m", "tests.fuzz.runner", kind, "--child", "--note", str(note)]
        command += ["--seed", str(seed), "--count", str(count)]
        command += ["--minutes", str(minutes)] if minutes is not None else []
        began = time.monotonic()
        code = subprocess.run(command, check=False).returncode
        at = note.read_text() if note.exists() else str(seed)
    took = time.monotonic() - began
    tried = int(at) - seed + 1
    if code:
        how = "raised or took too long" if code == 1 else f"ended the process with {code}"
        print(f"{kind}: FOUND: case {at} {how}. Repeat: scripts/fuzz {kind} --seed {at} --count 1")
        return 1
    print(f"{kind}: {tried} cases from seed {seed} in {took:.0f} s, nothing found")
    return 0


def _run(kind: str, seed: int, count: int, minutes: float | None, note: Path) -> int:
    try_one = importlib.import_module(f"tests.fuzz.{kind}").try_one

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"the case takes longer than {LIMIT_S} s")

    signal.signal(signal.SIGALRM, too_long)
    until = None if minutes is None else time.monotonic() + 60 * minutes
    for case in range(seed, seed + count):
        note.write_text(str(case))
        signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
        try:
            try_one(case)
        except BaseException:  # noqa: BLE001 (whatever a case raises is the finding)
            traceback.print_exc()
            return 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if until is not None and time.monotonic() > until:
            break
    return 0


if __name__ == "__main__":
    sys.exit(main())
