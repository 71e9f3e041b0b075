"""What a disk does to the history: damage, no room, no permission, power cuts. Nothing false is ever served."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.coaching.stage import one_exercise_plan
from tests.history.keeping import KeptStage, log_of
from voicecoach.coaching.messages import Say
from voicecoach.coaching.states import Ended, LeadingIn, Working
from voicecoach.commands import Command
from voicecoach.history.store import KEPT_DAMAGED, NAME, Store, StoreError

SEED = 20_260_101
LOST = "record lost"
"""What the plain script says for it."""


def in_a_hold(folder: Path, seconds: int = 10) -> KeptStage:
    stage = KeptStage(folder, one_exercise_plan())
    stage.begin()
    stage.until_state(Working)
    stage.until(stage.now + seconds * 1000)
    return stage


def said(stage: KeptStage) -> list[str]:
    return [action.text for _, action in stage.actions if isinstance(action, Say)]


def test_an_overwritten_database_is_moved_aside_and_told_in_one_line_or_read_right(tmp_path: Path) -> None:
    stage = in_a_hold(tmp_path / "whole")
    stage.close()
    chance = random.Random(SEED)
    print("seed", SEED)
    size = (tmp_path / "whole" / NAME).stat().st_size
    moved = 0
    for number in range(20):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", folder)
        with (folder / NAME).open("r+b") as file:
            file.seek(0 if number == 0 else chance.randrange(size))
            file.write(chance.randbytes(chance.choice((1, 16, 1024))))
        after = KeptStage(folder, one_exercise_plan())
        assert len(after.told) <= 2, after.told
        if list(folder.glob("history-damaged-*")):
            moved += 1
            assert "The history was damaged, and a new one begins" in after.told[0]
        elif after.comes_back:
            assert stage.now - 1_000 <= after.now <= stage.now
        after.begin()
        after.until_state(Ended)
        assert LOST not in said(after)
        after.close()
    assert moved > 3


def test_damaged_files_do_not_pile_up(tmp_path: Path) -> None:
    for _ in range(KEPT_DAMAGED + 3):
        tmp_path.joinpath(NAME).write_bytes(b"This is no database. " * 200)
        Store(tmp_path).close()
    assert len(list(tmp_path.glob("history-damaged-*"))) == KEPT_DAMAGED


def test_a_power_cut_loses_nothing_that_was_waited_for_and_serves_nothing_false(tmp_path: Path) -> None:
    """The log keeps what was synced; of what came later any part may be missing, or be other bytes."""
    stage = in_a_hold(tmp_path / "before")
    stage.until_state(LeadingIn)
    store = stage.history._store
    assert store is not None
    assert store.sync(10)
    synced, acknowledged_ms = log_of(tmp_path / "before").stat().st_size, stage.now
    stage.until_state(Working)
    stage.until(stage.now + 7_000)
    chance = random.Random(SEED)
    print("seed", SEED)
    whole = stage.killed(tmp_path / "whole")
    stage.close()
    log = log_of(whole).read_bytes()
    assert len(log) > synced + 10_000
    for number in range(16):
        folder = tmp_path / f"cut {number}"
        shutil.copytree(whole, folder)
        left = bytearray(log[: chance.randrange(synced, len(log) + 1)])
        if number % 2 and len(left) > synced:
            # Pages reach a disk in any order: what lies before the end may be missing too.
            at = chance.randrange(synced, len(left))
            left[at : at + 512] = bytes(len(left[at : at + 512]))
        log_of(folder).write_bytes(left)
        after = KeptStage(folder, one_exercise_plan())
        assert not after.told, after.told
        assert after.comes_back
        assert acknowledged_ms - 1_000 <= after.now <= stage.now
        after.begin()
        after.until_state(Ended)
        assert after.done(0) == {"left": 30_000, "right": 30_000}
        after.close()


def test_the_end_of_a_hold_is_on_the_disk_before_it_is_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mutant without the sync is found: what was written when `fdatasync` returned must have the hold's end."""
    stage = in_a_hold(tmp_path / "1", 10)
    synced: list[int] = []
    real = os.fdatasync

    def fdatasync(descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        real(descriptor)
        synced.append(size)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    stage.until_state(LeadingIn)
    whole = stage.killed(tmp_path / "whole")
    on_disk = max(synced)
    stage.close()
    log_of(whole).write_bytes(log_of(whole).read_bytes()[:on_disk])
    after = KeptStage(whole, one_exercise_plan())
    assert isinstance(after.session.state, LeadingIn)
    assert after.done(0)["left"] == 30_000
    after.close()


def test_a_history_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = tmp_path.joinpath(NAME).read_bytes()
    stage = KeptStage(tmp_path, one_exercise_plan())
    assert len(stage.told) == 1
    assert "a newer voicecoach has written it (format 99" in stage.told[0]
    stage.begin()
    stage.until_state(Ended)
    assert said(stage).count(LOST) == 1
    assert stage.done(0) == {"left": 30_000, "right": 30_000}
    stage.close()
    assert tmp_path.joinpath(NAME).read_bytes() == before
    assert not list(tmp_path.glob("history-damaged-*"))


def test_a_second_session_at_the_same_time_is_not_mixed_with_the_first(tmp_path: Path) -> None:
    first = in_a_hold(tmp_path)
    second = KeptStage(tmp_path, one_exercise_plan())
    assert not second.comes_back
    assert "another session is going on" in second.told[0]
    second.begin()
    second.until_state(Ended)
    second.close()
    first.until_state(Ended)
    assert LOST not in said(first)
    first.close()


def test_a_file_in_the_folder_s_place_is_told_and_done_without(tmp_path: Path) -> None:
    tmp_path.joinpath("history").write_text("")
    stage = KeptStage(tmp_path / "history", one_exercise_plan())
    assert len(stage.told) == 1
    stage.begin()
    stage.until_state(Ended)
    assert said(stage).count(LOST) == 1
    stage.close()


def test_a_disk_that_fills_up_is_told_once_and_used_again_when_it_has_room(tmp_path: Path) -> None:
    stage = in_a_hold(tmp_path / "1", 5)
    store = stage.history._store
    assert store is not None
    connection = store._connection
    assert connection is not None
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(60):
        stage.hear(Command.LOUDER if number % 2 else Command.QUIETER)
        stage.until(stage.now + 300)
    assert [line for line in stage.told if "cannot be written down any more" in line] == stage.told
    assert len(stage.told) == 1
    connection.execute("PRAGMA max_page_count = 100000")
    stage.until_state(LeadingIn)
    stage.until_state(Working)
    assert stage.told[1:] == ["What happens is written down again."]
    assert said(stage).count(LOST) == 1
    stage.until(stage.now + 3_000)
    after = KeptStage(stage.killed(tmp_path / "2"), stage.plan)
    assert after.comes_back, after.told
    stage.close()
    after.close()


CHILD = """\
import resource, sys
from pathlib import Path
from tests.coaching.stage import one_exercise_plan
from tests.history.keeping import KeptStage
from voicecoach.coaching.messages import Say
from voicecoach.coaching.states import Ended, Working
import os, signal
folder, how = Path(sys.argv[1]), sys.argv[2]
if how == "nobody":
    os.setgid(65534); os.setuid(65534)
stage = KeptStage(folder, one_exercise_plan())
stage.begin()
stage.until_state(Working)
if how == "full":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
stage.until_state(Ended)
stage.close()
print(stage.told)
print([a.text for _, a in stage.actions if isinstance(a, Say)].count("record lost"), stage.done(0))
"""


def performed_by_a_child(folder: Path, how: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), how], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_file_that_cannot_grow_costs_nothing_but_the_record(tmp_path: Path) -> None:
    """The kernel refuses the write itself, as on a full disk."""
    told, outcome = performed_by_a_child(tmp_path / "history", "full")
    assert told.count("cannot be written down any more") == 1
    assert outcome == "1 {'left': 30000, 'right': 30000}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not write here")
def test_a_folder_that_may_not_be_written_costs_nothing_but_the_record() -> None:
    # Not in pytest's folder, which nobody else may even enter.
    folder = Path(tempfile.mkdtemp(prefix="voicecoach-"))
    folder.chmod(0o555)
    try:
        told, outcome = performed_by_a_child(folder, "nobody")
    finally:
        shutil.rmtree(folder)
    assert told.count("cannot be used: Permission denied") == 1
    assert outcome == "1 {'left': 30000, 'right': 30000}"


def test_another_owner_s_tables_are_moved_aside(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("CREATE TABLE step (something TEXT)")
    connection.close()
    store = Store(tmp_path)
    assert store.moved_aside is not None
    store.close()


def test_nothing_is_left_open_where_the_store_cannot_be_opened(tmp_path: Path) -> None:
    first = Store(tmp_path)
    with pytest.raises(StoreError):
        Store(tmp_path)
    first.close()
    Store(tmp_path).close()
