from __future__ import annotations

import subprocess
import sys

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
