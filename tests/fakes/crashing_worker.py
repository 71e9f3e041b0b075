"""A synthesizer that dies at its first request: `python -m tests.fakes.crashing_worker FILE [real worker...]`.

It notes each of its starts as a line in FILE. Where a command follows, it becomes that from its second start on.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

starts = Path(sys.argv[1])
with starts.open("a") as file:
    file.write("started\n")
if len(sys.argv) > 2 and len(starts.read_text().splitlines()) > 1:
    os.execv(sys.argv[2], sys.argv[2:])
sys.stdout.write('{"ok": true}\n')
sys.stdout.flush()
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGSEGV)
