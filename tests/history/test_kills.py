"""`kill -9` of a real process that keeps a session, in the middle of holds, at many moments."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.coaching.stage import one_exercise_plan
from tests.history.keeping import KeptStage
from voicecoach.coaching.messages import Action, ReportEnd, ReportLedger
from voicecoach.coaching.states import Ended, Working
from voicecoach.commands import Command
from voicecoach.history.store import NAME

SEED = 20_260_102
KILLS = 6
AHEAD = 20
"""How many steps the child may be ahead of what was read of it: the whole session takes a fast machine two seconds."""
CHILD = """\
import sys
from collections.abc import Iterable
from pathlib import Path
from tests.coaching.stage import one_exercise_plan
from tests.history.keeping import KeptStage
stage = KeptStage(Path(sys.argv[1]), one_exercise_plan())
stage.begin()
print(stage.now, flush=True)
while not stage.session.ended:
    sys.stdin.read(1)
    stage.until(stage.now + 50)
    print(stage.now, flush=True)
"""


def killed(folder: Path, after_lines: int) -> int:
    """Kill a child after it has said so many times how far it is. Return the last that it said."""
    command = [sys.executable, "-c", CHILD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("." * (after_lines + AHEAD))
        child.stdin.flush()
        said = [child.stdout.readline() for _ in range(after_lines)]
        child.kill()
        # A last line that was not said to its end was not said.
        said += [line for line in child.stdout if line.endswith("\n")]
    return int(said[-1])


def test_every_call_is_written_before_its_effect_can_be_heard(tmp_path: Path) -> None:
    stage = KeptStage(tmp_path, one_exercise_plan())
    reader = sqlite3.connect(tmp_path / NAME)
    told = dict.fromkeys(("steps", "outcome"), 0)
    entries = set[tuple[str, str]]()
    carry_out = stage.loudspeaker.carry_out

    def heard(actions: Iterable[Action]) -> None:
        """What a loudspeaker is given: by then all of it can be read by another process."""
        actions = list(actions)
        told["steps"] += bool(actions)
        entries.update((action.exercise, action.side) for action in actions if isinstance(action, ReportLedger))
        told["outcome"] += any(isinstance(action, ReportEnd) for action in actions)
        assert reader.execute("SELECT count(*) FROM step").fetchone()[0] >= told["steps"]
        assert reader.execute("SELECT count(*) FROM ledger").fetchone()[0] >= len(entries)
        assert reader.execute("SELECT count(*) FROM outcome").fetchone()[0] == told["outcome"]
        carry_out(actions)

    stage.loudspeaker.carry_out = heard  # type: ignore[method-assign]
    stage.begin()
    stage.until_state(Working)
    stage.until(stage.now + 5_100)
    stage.hear(Command.PAUSE)
    stage.hear(Command.RESUME)
    stage.until_state(Ended)
    assert told["outcome"] == 1
    reader.close()
    stage.close()


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
