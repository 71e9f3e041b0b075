"""The other end of a probe: what every process does that is asked by `voicecoach.doctor.child`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from voicecoach.errors import EXIT_BUG, EXIT_DONE
from voicecoach.live.parentage import die_with_parent

Answer = Callable[[dict[str, Any]], dict[str, object]]


def answer_requests(parent: int, answer: Answer) -> None:
    """Answer every line of standard input with a line of standard output, until it ends. Never returns.

    Native libraries print where they like, so standard output is theirs no more. A stream of a device in trouble may
    never close: the process ends without asking.
    """
    die_with_parent(parent)
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    status = EXIT_BUG
    try:
        for line in sys.stdin:
            replies.write(json.dumps(answer(json.loads(line))) + "\n")
            replies.flush()
        status = EXIT_DONE
    finally:
        os._exit(status)
