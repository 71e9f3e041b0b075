"""`kill -9` of a real process that keeps a session, in the middle of holds, at many moments."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from tests.coaching.stage import one_exercise_plan
from tests.history.keeping import KeptStage
from voicecoach.coaching.states import Ended

SEED = 20_260_102
KILLS = 6
CHILD = """\
import sys
from pathlib import Path
from tests.coaching.stage import one_exercise_plan
from tests.history.keeping import KeptStage
stage = KeptStage(Path(sys.argv[1]), one_exercise_plan())
stage.begin()
print(stage.now, flush=True)
while not stage.session.ended:
    stage.until(stage.now + 50)
    print(stage.now, flush=True)
"""


def killed(folder: Path, after_lines: int) -> int:
    """Kill a child after it has said so many times how far it is. Return the last that it said."""
    command = [sys.executable, "-c", CHILD, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(after_lines)]
        child.kill()
        # A last line that was not said to its end was not said.
        said += [line for line in child.stdout if line.endswith("\n")]
    return int(said[-1])


def test_killed_at_any_moment_it_comes_back_to_within_a_second(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    print("seed", SEED)
    for number in range(KILLS):
        folder = tmp_path / str(number)
        last_ms = killed(folder, chance.randrange(60, 1_200))
        after = KeptStage(folder, one_exercise_plan())
        assert not after.told, after.told
        assert after.comes_back
        # The child was killed within the 50 ms after it last said where it was.
        assert last_ms - 1_000 <= after.now <= last_ms + 50
        after.begin()
        after.until_state(Ended)
        assert after.done(0) == {"left": 30_000, "right": 30_000}
        after.close()
