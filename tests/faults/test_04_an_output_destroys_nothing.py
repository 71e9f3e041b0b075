"""An output is no input, no other output, no file of the program's; it is whole or not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from tests.cli.conftest import SMALL, CommandLine, assert_one_message, home, voicecoach
from voicecoach.atomic_file import AtomicFile, AtomicTextFile
from voicecoach.errors import EXIT_DONE, EXIT_USAGE, UsageError
from voicecoach.history import history_folder
from voicecoach.history.store import NAME
from voicecoach.listening.models import models_folder
from voicecoach.preferences import preferences_file
from voicecoach.settings import user_file
from voicecoach.speech.clip_cache import default_directory

__all__ = ["home", "voicecoach"]


@pytest.fixture
def inputs(home: Path) -> Path:
    """Make one file of each kind that a rehearsal reads, and other names of each."""
    home.joinpath("mine.yaml").write_text(SMALL)
    home.joinpath("settings.yaml").write_text("format: 1\n")
    for name in ("noise.wav", "clip.wav"):
        soundfile.write(home / name, [0.1, -0.1] * 4_000, 16_000)
    home.joinpath("folder").mkdir()
    for path in (home / "mine.yaml", home / "noise.wav", home / "clip.wav", home / "settings.yaml"):
        home.joinpath(f"link-{path.name}").symlink_to(path.name)
        home.joinpath(f"hard-{path.name}").hardlink_to(path)
    return home


READ = ["rehearse", "./mine.yaml", "--config", "settings.yaml", "--noise", "noise.wav", "--play", "0:05 clip.wav"]


@pytest.mark.parametrize("option", ["--out", "--timeline", "--picture"])
@pytest.mark.parametrize("name", ["mine.yaml", "settings.yaml", "noise.wav", "clip.wav"])
@pytest.mark.parametrize(
    "other", ["{}", "./{}", "folder/../{}", "{here}/{}", "link-{}", "hard-{}", "/proc/self/cwd/{}"]
)
def test_no_output_is_an_input_by_any_name(
    option: str, name: str, other: str, inputs: Path, voicecoach: CommandLine
) -> None:
    before = {path.name: path.read_bytes() for path in inputs.iterdir() if path.is_file()}
    named = other.format(name, here=inputs)
    assert_one_message(voicecoach(*READ, option, named), EXIT_USAGE, f"{option} {Path(named)} would overwrite")
    assert {path.name: path.read_bytes() for path in inputs.iterdir() if path.is_file()} == before


def test_a_descriptor_of_an_input_is_no_output(inputs: Path, voicecoach: CommandLine) -> None:
    with inputs.joinpath("mine.yaml").open() as file:
        outcome = voicecoach(*READ, "--timeline", f"/proc/self/fd/{file.fileno()}")
    assert_one_message(outcome, EXIT_USAGE, "would overwrite the routine")


@pytest.mark.parametrize(
    ("one", "other"),
    [("x", "x"), ("x", "./x"), ("x", "folder/../x"), ("link", "x"), ("there", "hard"), ("x", "/proc/self/cwd/x")],
)
def test_no_two_outputs_are_one(one: str, other: str, inputs: Path, voicecoach: CommandLine) -> None:
    inputs.joinpath("link").symlink_to("x")
    inputs.joinpath("there").write_text("before")
    inputs.joinpath("hard").hardlink_to("there")
    for pair in (("--out", "--timeline"), ("--timeline", "--picture"), ("--out", "--picture")):
        outcome = voicecoach(*READ, pair[0], one, pair[1], other)
        assert_one_message(outcome, EXIT_USAGE, f"{pair[0]} and {pair[1]} name the same file")
    assert inputs.joinpath("there").read_text() == "before"
    assert not inputs.joinpath("x").exists()


def _of_ours() -> list[Path]:
    return [
        history_folder() / NAME,
        history_folder() / f"{NAME}-wal",
        preferences_file(),
        user_file(),
        user_file().parent / "routines" / "own.yaml",
        models_folder() / "some-model" / "final.mdl",
        default_directory() / "0123.clip",
    ]


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize("there", [True, False])
def test_no_output_is_one_of_the_program_s_own_files(
    number: int, there: bool, inputs: Path, voicecoach: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not the folder of sentences that all tests share.
    monkeypatch.setenv("XDG_CACHE_HOME", str(inputs / "cache"))
    path = _of_ours()[number]
    path.parent.mkdir(parents=True, exist_ok=True)
    if there:
        path.write_text("format: 1\n")
    for words in (("run", "--timeline"), ("rehearse", "--timeline"), ("bench", "hearing", "--json")):
        assert_one_message(voicecoach(*words, str(path)), EXIT_USAGE, "would overwrite")
        assert path.exists() is there


@pytest.mark.usefixtures("inputs")
def test_a_bench_does_not_write_over_its_own_figures_twice_or_its_model(voicecoach: CommandLine) -> None:
    outcome = voicecoach("bench", "hearing", "--out", "folder", "--json", "folder/hearing.json")
    assert_one_message(outcome, EXIT_USAGE, "name the same file")
    outcome = voicecoach("bench", "hearing", "--model", "folder", "--json", "folder/final.mdl")
    assert_one_message(outcome, EXIT_USAGE, "would overwrite a speech model")


def test_an_output_beside_the_inputs_and_over_an_older_output_is_fine(
    inputs: Path, voicecoach: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicecoach.rehearsal.rehearsal.Rehearsal.run", lambda *_: None)
    for _ in range(2):
        assert voicecoach("rehearse", "./mine.yaml", "--timeline", "t.jsonl", "--picture", "s.svg").code == EXIT_DONE
    assert not list(inputs.glob(".*.part"))


@pytest.mark.parametrize("kind", ["directory", "fifo", "device", "full", "stdout", "deleted", "long", "no folder"])
def test_an_output_that_can_be_none_is_refused_in_one_line(kind: str, inputs: Path, voicecoach: CommandLine) -> None:
    os.mkfifo("fifo")
    with inputs.joinpath("gone").open("w") as gone:
        inputs.joinpath("gone").unlink()
        name = {
            "directory": "folder",
            "fifo": "fifo",
            "device": "/dev/null",
            "full": "/dev/full",
            "stdout": "/dev/stdout",
            "deleted": f"/proc/self/fd/{gone.fileno()}",
            "long": "x" * 256,
            "no folder": "no/such/folder",
        }[kind]
        before = sorted(path.name for path in inputs.iterdir())
        assert_one_message(voicecoach("rehearse", "./mine.yaml", "--timeline", name), EXIT_USAGE, "cannot write")
    assert sorted(path.name for path in inputs.iterdir()) == before


def test_what_a_command_prints_is_not_moved_away_under_it(inputs: Path) -> None:
    with inputs.joinpath("printed").open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "voicecoach", "rehearse", "./mine.yaml", "--timeline", "/dev/stdout"],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
    assert (done.returncode, done.stderr.count("\n")) == (EXIT_USAGE, 1)
    assert "prints there" in done.stderr


def test_a_new_routine_is_whole_or_not_there(
    home: Path, voicecoach: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: AtomicFile, data: bytes) -> None:
        with self.guarded():
            self.file.write(data[:10])
            self.file.flush()
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(AtomicFile, "write", full)
        assert_one_message(voicecoach("new", "mine"), EXIT_USAGE, "No space left on device")
    assert list(home.iterdir()) == []
    assert voicecoach("new", "mine").code == EXIT_DONE
    before = home.joinpath("mine.yaml").read_bytes()
    assert_one_message(voicecoach("new", "mine"), EXIT_USAGE, "exists already")
    assert home.joinpath("mine.yaml").read_bytes() == before


def test_a_new_file_takes_no_place_that_was_taken_meanwhile(tmp_path: Path) -> None:
    file = AtomicTextFile(tmp_path / "mine", over=False)
    file.write("new")
    tmp_path.joinpath("mine").write_text("of somebody else")
    assert len(list(tmp_path.glob(".mine.*"))) == 1
    with pytest.raises(UsageError, match="exists already"):
        file.close()
    assert tmp_path.joinpath("mine").read_text() == "of somebody else"
    assert not list(tmp_path.glob(".mine.*"))


@pytest.mark.parametrize("how", [KeyboardInterrupt, SystemExit])
def test_an_orderly_end_leaves_nothing_half_written(
    how: type[BaseException], inputs: Path, voicecoach: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What TERM and HUP become."""
    before = sorted(path.name for path in inputs.iterdir())

    def end(*_: object) -> None:
        assert len(list(inputs.glob(".*.part"))) == 3
        raise how(130)

    monkeypatch.setattr("voicecoach.rehearsal.rehearsal.Rehearsal.run", end)
    voicecoach("rehearse", "./mine.yaml", "--out", "o.wav", "--timeline", "t.jsonl", "--picture", "s.svg")
    assert sorted(path.name for path in inputs.iterdir()) == before


WRITER = """
import sys, time
from pathlib import Path
from voicecoach.atomic_file import AtomicFile
file = AtomicFile(Path(sys.argv[1]))
file.write(b"half")
file.file.flush()
print("begun", flush=True)
time.sleep(60)
"""


def test_what_a_killed_process_left_goes_at_the_next_write_and_what_is_being_written_stays(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "t.jsonl")]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"begun\n"
        writers[0].send_signal(signal.SIGKILL)
        writers[0].wait(30)
        others = tmp_path / ".other.0123abcd.part", tmp_path / ".t.jsonl.somebody.part"
        for other in others:
            other.touch()
        assert len(list(tmp_path.glob(".t.jsonl.*.part"))) == 3
        with AtomicFile(tmp_path / "t.jsonl") as file:
            file.write(b"whole")
        assert tmp_path.joinpath("t.jsonl").read_bytes() == b"whole"
        assert len(list(tmp_path.glob(".t.jsonl.*.part"))) == 2
        assert all(other.exists() for other in others)
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
