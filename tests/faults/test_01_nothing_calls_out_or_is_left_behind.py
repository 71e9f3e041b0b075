"""No verb but `setup` speaks to a network, and that to one address. None leaves other people's files.

`apart.py` tells how a call is seen. What sends in the background begins some seconds after its first
use: what is seen at once is that it leaves no file and no thread. `scripts/try-network` waits for it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.apart import run_apart, why_not
from tests.faults.verbs import VERBS, environment_in, try_verbs, verbs_of_parser

WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))

OURS = (".cache/voicecoach", ".config/voicecoach", ".local/share/voicecoach")
"""As docs/settings.md and docs/privacy.md tell."""
ENCODER = """
import os
import numpy as np
from voicecoach.listening.moonshine import Encoder
Encoder().encode(np.zeros(16_000, np.int16))
print(os.environ["ORT_DISABLE_TELEMETRY"], len(os.listdir("/proc/self/task")))
"""
CALLS = """
import socket
from contextlib import suppress
with suppress(OSError):
    socket.getaddrinfo("voicecoach.example", 443)
with suppress(OSError):
    socket.create_connection(("192.0.2.1", 443))
"""


@pytest.fixture(scope="module")
def tried(kept_clips: Path) -> dict[str, Any]:
    return try_verbs(kept_clips)


@pytest.fixture
def home(tmp_path: Path, kept_clips: Path) -> dict[str, str]:
    """Return the environment of an empty home, on a processor with one core."""
    one_core = {"OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "0"}
    return environment_in(tmp_path / "home", tmp_path / "temporary", kept_clips, **one_core)


def run(environment: dict[str, str], program: str) -> dict[str, Any]:
    words = [sys.executable, "-P", "-c", program]
    (came_of,) = run_apart([{"words": words, "folder": "/", "environment": environment}])
    return came_of


def cached(folder: Path) -> list[str]:
    return [path.name for path in (folder / "home" / ".cache").iterdir()]


def test_every_verb_is_tried() -> None:
    assert set(VERBS) == verbs_of_parser()


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_calls_out(verb: str, tried: dict[str, Any]) -> None:
    came_of = tried["verbs"][verb]
    assert "Traceback" not in came_of["err"]
    assert came_of["code"] in (0, 4, 5, 130), came_of["err"]
    if verb == "setup":
        assert set(came_of["asked"]) == {"alphacephei.com"}
    else:
        assert (came_of["asked"], came_of["packets"]) == ([], 0)


def test_the_rehearsal_understood_what_was_said_in_it(tried: dict[str, Any]) -> None:
    assert "heard    time_left" in tried["verbs"]["rehearse"]["out"]


def test_after_every_verb_there_are_only_our_folders(tried: dict[str, Any]) -> None:
    parents = {str(parent) for ours in OURS for parent in Path(ours).parents}
    assert [path for path in tried["home"] if not path.startswith(OURS) and path not in parents] == []
    assert tried["temporary"] == []


def test_the_encoder_starts_no_thread_and_leaves_no_file_whatever_a_person_has_set(
    home: dict[str, str], tmp_path: Path
) -> None:
    came_of = run(home, ENCODER)
    assert (came_of["code"], came_of["out"]) == (0, "1 1\n"), came_of["err"]
    assert cached(tmp_path) == ["voicecoach"]


def test_a_call_would_be_seen(home: dict[str, str]) -> None:
    came_of = run(home, CALLS)
    assert set(came_of["asked"]) == {"voicecoach.example"}
    assert came_of["packets"] > 2 * len(came_of["asked"])


def test_what_the_encoder_would_leave_without_us_is_seen(home: dict[str, str], tmp_path: Path) -> None:
    run(home, "import onnxruntime")
    if cached(tmp_path) == ["voicecoach"]:
        pytest.skip("this onnxruntime leaves nothing behind")
