from __future__ import annotations

import os
import threading
from pathlib import Path

from voicecoach.live.priority import go_last


def test_all_threads_of_a_process_that_goes_last_are_nice() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        done = threading.Event()
        other = threading.Thread(target=done.wait)
        other.start()
        go_last()
        nice = {os.getpriority(os.PRIO_PROCESS, int(one.name)) for one in Path("/proc/self/task").iterdir()}
        os.write(writer, " ".join(map(str, nice)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    told = os.read(reader, 100).decode().split()
    assert len(told) == 1
    assert int(told[0]) >= 10
    os.close(reader)
    os.close(writer)
