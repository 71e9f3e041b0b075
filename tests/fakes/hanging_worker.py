"""A synthesizer that says it is ready, and then never answers: `python -m tests.fakes.hanging_worker`."""

from __future__ import annotations

import sys
import threading

sys.stdout.write('{"ok": true}\n')
sys.stdout.flush()
threading.Event().wait()
