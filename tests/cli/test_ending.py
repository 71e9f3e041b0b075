from __future__ import annotations

import subprocess
import sys
import threading

from voicecoach import __main__ as command
from voicecoach.errors import UsageError
from voicecoach.live.rendering import BackgroundRenderer, Sentences

PROGRAM = """
import threading
import numpy as np
import soxr
from voicecoach.__main__ import end

sound, has_begun = np.zeros(4800, np.float32), threading.Event()

def resample():
    while True:
        soxr.resample(sound, 22_050, 48_000)
        has_begun.set()

threading.Thread(target=resample, name="rendering", daemon=True).start()
has_begun.wait()
print("said")
end(3)
"""


def test_a_thread_within_native_code_does_not_change_how_a_process_ends() -> None:
    for _ in range(3):
        ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stdout, ended.stderr) == (3, "said\n", "")


def test_the_thread_that_renders_has_the_name_that_is_looked_for() -> None:
    may_end, names = threading.Event(), list[str]()

    def render(_: int) -> Sentences:
        names.append(threading.current_thread().name)
        may_end.set()
        raise UsageError("nothing to say")

    rendering = BackgroundRenderer(render, lambda: None)
    rendering(150)
    assert may_end.wait(10)
    rendering.close()
    assert names == [command._RENDERING]
