"""`kill -9` of a coach that stands by and leads sessions. `scripts/kill-standby` does it a thousand times."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SEED = 20_261_125
KILLS = 20
KILLER = f"""\
import sys
from pathlib import Path
from tests.standby.killing import KilledHome
home = KilledHome(Path(sys.argv[1]), Path(sys.argv[2]), {SEED}, longest_s=0.6, most_commands=3)
for _ in range({KILLS}):
    home.live()
print(home.tally)
assert not home.tally.wrong, home.tally.wrong
assert home.tally.ready >= {KILLS} // 4, "or nothing was shown"
assert home.tally.acknowledged >= {KILLS} // 6
"""


def test_whatever_it_confirmed_is_there_after_a_kill_and_nothing_is_half_written_or_left_running(
    tmp_path: Path, kept_clips: Path
) -> None:
    # In a process of its own, because it forks, and pytest has threads.
    command = [sys.executable, "-c", KILLER, str(tmp_path), str(kept_clips)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr[-3000:])
