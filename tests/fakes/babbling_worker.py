"""A synthesizer that answers every request with its argument: `python -m tests.fakes.babbling_worker ANSWER`."""

from __future__ import annotations

import sys

sys.stdout.write('{"ok": true}\n')
sys.stdout.flush()
for _ in sys.stdin:
    sys.stdout.write(sys.argv[1] + "\n")
    sys.stdout.flush()
