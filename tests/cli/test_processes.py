"""The program as a process: interrupted, cut off from its reader, without a home and without a voice."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, started
from voicecoach.errors import EXIT_DONE, EXIT_INTERRUPTED, EXIT_NO_VOICE

FILES = ("--out", "session.wav", "--timeline", "session.jsonl", "--picture", "session.svg")
LIMIT_S = 60
"""Only so that a test that hangs ends."""


def test_ctrl_c_in_the_middle_of_a_rehearsal_leaves_nothing_but_one_line(home: Path) -> None:
    Path("long.yaml").write_text(SMALL.replace("hold: 8", "hold: 3600"))
    with started(["rehearse", "long.yaml", *FILES]) as process:
        assert process.stdout is not None
        while "hold" not in (line := process.stdout.readline()):
            assert line, "it ended before the first hold"
        parts = [path.name for path in home.iterdir() if path.name != "long.yaml"]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT_S)
    assert len(parts) == len(FILES) // 2
    assert all(name.endswith(".part") for name in parts)
    assert process.returncode == EXIT_INTERRUPTED
    assert err.splitlines()[-1].startswith("Interrupted.")
    assert "Traceback" not in err
    assert [path.name for path in home.iterdir()] == ["long.yaml"]


def test_a_reader_who_has_seen_enough_is_no_error(home: Path) -> None:
    Path("small.yaml").write_text(SMALL)
    with started(["rehearse", "small.yaml", *FILES]) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        process.wait(timeout=LIMIT_S)
    assert process.returncode == EXIT_DONE
    assert "Traceback" not in err
    assert "Exception" not in err
    assert not list(home.glob(".*.part"))


def test_a_plan_that_nobody_reads_is_no_error() -> None:
    with started(["plan", "feet"]) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        process.wait(timeout=LIMIT_S)
    assert process.returncode == EXIT_DONE


def test_without_a_home_that_can_be_written_it_says_so_and_works(home: Path) -> None:
    nowhere = {"HOME": "/dev/null", **{f"XDG_{name}_HOME": "" for name in ("CACHE", "CONFIG", "DATA", "STATE")}}
    with started(["rehearse", "feet", *FILES], **nowhere) as process:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(4)]
        # It goes on to render every sentence, which takes a while; that is proof enough.
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT_S)
    assert sum("cannot keep the coach's sentences in /dev/null/.cache/voicecoach/clips" in line for line in said) == 1
    assert any(line.startswith("Rendering sentences") for line in said)
    assert process.returncode == EXIT_INTERRUPTED
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("words", [["config"], ["routines"]])
def test_without_a_home_what_needs_none_is_not_mentioned(words: list[str]) -> None:
    with started(words, HOME="/dev/null", XDG_CACHE_HOME="", XDG_CONFIG_HOME="", XDG_DATA_HOME="") as process:
        out, err = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, err) == (EXIT_DONE, "")
    assert out


def test_without_any_espeak_there_is_no_voice_and_one_line_says_how_to_get_one(home: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    # The linker finds these before the system's, and cannot load them; Python finds this before the wheel's module.
    for library in ("libespeak-ng.so.1", "libespeak.so.1"):
        (hidden / library).write_bytes(b"")
    (hidden / "espeakng_loader.py").write_text("raise ImportError\n")
    paths = {"LD_LIBRARY_PATH": str(hidden), "PYTHONPATH": str(hidden)}
    with started(["rehearse", "feet", *FILES], **paths) as process:
        out, err = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, out) == (EXIT_NO_VOICE, "")
    assert err.splitlines()[-1].startswith("the coach has no voice: there is no espeak-ng; install it with ")
    assert "Traceback" not in err
    assert list(home.iterdir()) == []
