"""Whatever lies in the folder that one stands in, no process of ours imports it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.faults.apart import ROOT, run_apart, why_not
from tests.faults.verbs import PROGRAM, environment_in, poison, poisoned, try_verbs

WHY_NOT = why_not()
apart = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))
SOME = ("argparse", "json", "numpy", "platformdirs", "pydantic", "sounddevice", "yaml")
"""What Python does not import before a line of ours runs."""
UNGUARDED = re.compile(r"""(sys\.executable|PYTHON), "(?!-[IP]"|-m", "tests\.)""")
"""But for what a script starts in the checkout, where it goes first."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def person(tmp_path: Path, kept_clips: Path) -> dict[str, str]:
    return environment_in(tmp_path / "home", tmp_path / "temporary", kept_clips)


def assert_not_poisoned(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, poisoned(folder)) == (0, []), done.stderr


@apart
def test_no_verb_and_no_child_of_one_imports_anything_there(kept_clips: Path) -> None:
    tried: dict[str, Any] = try_verbs(kept_clips)
    assert tried["poisoned"] == []
    assert [came_of["code"] for came_of in tried["verbs"].values() if "poisoned" in came_of["err"]] == []


@pytest.mark.parametrize("path", ["", ":", ".", "/nowhere:", ":/nowhere", "here/..", "./here"])
def test_a_path_that_names_the_current_folder_brings_none_of_it(path: str, here: Path, person: dict[str, str]) -> None:
    poison(here, SOME)
    # Python imports the program itself before a line of it runs.
    (here / "voicecoach").rename(here / "elsewhere")
    assert_not_poisoned([PROGRAM, "devices"], here, person | {"PYTHONPATH": path})


def test_nor_does_the_checkouts_own_script(here: Path, person: dict[str, str]) -> None:
    poison(here)
    script = str(ROOT / "scripts" / "voicecoach")
    assert_not_poisoned([script, "devices"], here, person | {"PYTHONPATH": str(here)})


def test_nor_does_python_where_it_is_told_to_run_the_program(here: Path, person: dict[str, str]) -> None:
    poison(here, SOME)
    (here / "voicecoach").rename(here / "elsewhere")
    assert_not_poisoned([str(Path(PROGRAM).with_name("python")), "-m", "voicecoach", "devices"], here, person)


def test_what_somebody_names_in_full_still_counts(tmp_path: Path, person: dict[str, str]) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "platformdirs.py").write_text("raise SystemExit(71)\n")
    path = f":{tmp_path / 'elsewhere'}"
    done = subprocess.run([PROGRAM, "history"], env=person | {"PYTHONPATH": path}, check=False)
    assert done.returncode == 71


@apart
@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes the service's user")
def test_nor_do_the_children_of_a_verb_that_the_services_user_runs(
    here: Path, tmp_path: Path, person: dict[str, str]
) -> None:
    poison(here)
    (tmp_path / "passwd").write_text("root:x:0:0::/root:/bin/sh\nvoicecoach:x:0:0::/:/bin/false\n")
    prepared = f"mount --bind {tmp_path / 'passwd'} /etc/passwd"
    prepared += " && mount -t tmpfs none /var/lib && mount -t tmpfs none /var/cache"
    words = ["/bin/sh", "-c", f'{prepared} && exec "$0" service do devices', PROGRAM]
    (came_of,) = run_apart([{"words": words, "folder": str(here), "environment": person}])
    assert (came_of["code"], poisoned(here)) == (0, []), came_of["err"]


def test_every_python_that_we_start_is_told_to_leave_the_current_folder_out() -> None:
    files = [*(ROOT / "voicecoach").rglob("*.py"), *(ROOT / "scripts").iterdir()]
    unguarded = [file.name for file in files if file.is_file() and UNGUARDED.search(file.read_text())]
    assert unguarded == []
