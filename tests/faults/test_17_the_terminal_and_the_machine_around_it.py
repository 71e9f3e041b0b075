"""No locale, stream, folder or signal ends a verb otherwise than by one line and a documented code."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import voicecoach
from tests.cli.conftest import SMALL
from tests.device.sound_server import until
from tests.faults.verbs import PROGRAM, VERBS
from voicecoach.cli import main

CODES = {0, 2, 3, 4, 5, 6, 130}
QUICK = ["plan", "config", "new"]
LIMIT_S = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = tmp_path / "here"
    here.mkdir()
    (here / "small.yaml").write_text(SMALL)
    return here


@pytest.fixture
def environment(tmp_path: Path, kept_clips: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {"HOME": str(home), "XDG_CACHE_HOME": str(kept_clips), "LC_ALL": "C.UTF-8"}


def asked(
    words: list[str], folder: Path, environment: Mapping[str, str], shell: str = ""
) -> subprocess.CompletedProcess[bytes]:
    command = ["sh", "-c", f'exec "$@" {shell}', "sh", PROGRAM, *words]
    return subprocess.run(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )


def assert_orderly(done: subprocess.CompletedProcess[bytes], codes: set[int] = CODES) -> None:
    told = done.stderr.decode("utf-8", "replace")
    assert done.returncode in codes, told
    assert "Traceback" not in told
    assert "our bug" not in told
    assert "Exception ignored" not in told


@pytest.fixture(scope="module")
def latin_1(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what sets a locale of one byte a letter."""
    locales = tmp_path_factory.mktemp("locales")
    command = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", str(locales / "de_DE.ISO-8859-1")]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("not installed: the sources of locales")
    return {"LOCPATH": str(locales), "LC_ALL": "de_DE.ISO-8859-1", "LANG": "de_DE.ISO-8859-1"}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("verb", ["plan", "rehearse", "doctor"])
def test_letters_that_an_encoding_lacks_are_replaced(
    verb: str, encoding: str, folder: Path, environment: dict[str, str]
) -> None:
    done = asked(
        VERBS[verb] if verb != "check" else ["check", "small.yaml"],
        folder,
        environment | {"PYTHONIOENCODING": encoding},
    )
    assert_orderly(done)
    assert done.stdout


def test_a_rehearsal_is_printed_in_a_locale_of_latin_letters(
    latin_1: dict[str, str], folder: Path, environment: dict[str, str]
) -> None:
    done = asked(["rehearse", "./small.yaml"], folder, environment | latin_1)
    assert_orderly(done, {0})
    assert b"?Hello.?" in done.stdout


@pytest.mark.parametrize("verb", QUICK)
@pytest.mark.parametrize("shell", [">/dev/full", ">&-", "2>/dev/full", "2>&-", ">&- 2>&- <&-"])
def test_streams_that_are_full_or_closed_cost_one_line_at_most(
    verb: str, shell: str, folder: Path, environment: dict[str, str]
) -> None:
    done = asked(VERBS[verb], folder, environment, shell)
    assert_orderly(done)
    if shell in (">/dev/full", ">&-"):
        assert done.returncode == 2
        assert done.stderr.decode().splitlines()[-1].startswith("Cannot write to standard output: ")
    else:
        assert done.returncode == 2 if ">&-" in shell.split() else done.returncode == 0


def test_a_reader_who_has_seen_enough_is_nobodys_fault(folder: Path, environment: dict[str, str]) -> None:
    for verb in ("plan", "rehearse", "routines"):
        assert_orderly(asked(VERBS[verb], folder, environment, "| head -1"), {0})


PLACES: dict[str, dict[str, str | None]] = {
    "no home": {"HOME": None},
    "a home that is not there": {"HOME": "$HERE/none/home"},
    "a relative home": {"HOME": "somewhere"},
    "a home that is a file": {"HOME": "/dev/null"},
    "an empty home": {"HOME": ""},
    "relative places": {"XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": "d", "XDG_CACHE_HOME": "e"},
    "places that are files": {
        "XDG_CONFIG_HOME": "/dev/null",
        "XDG_DATA_HOME": "/dev/null",
        "XDG_CACHE_HOME": "/dev/null",
    },
    "no temporary folder": {"TMPDIR": "/dev/null"},
    "long names": {"XDG_DATA_HOME": f"/tmp/{'x' * 256}", "XDG_CACHE_HOME": f"/tmp/{'x' * 256}"},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("verb", [*QUICK, "run"])
def test_places_that_cannot_be_used_are_no_fault_of_ours(
    verb: str, place: str, folder: Path, environment: dict[str, str]
) -> None:
    changes = {**environment, **PLACES[place]}
    changed = {name: value.replace("$HERE", str(folder)) for name, value in changes.items() if value is not None}
    assert_orderly(asked(VERBS[verb], folder, changed))


def test_who_has_neither_home_nor_account_keeps_nothing_anywhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_account(_cls: type[Path]) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(Path, "home", classmethod(no_account))
    assert main(["config", "--path"]) == 0
    assert os.environ["HOME"] == os.devnull
    assert "Yours would be /dev/null/" in capsys.readouterr().err


@pytest.mark.parametrize("verb", [*QUICK, "run"])
def test_nor_are_a_loop_of_links_and_a_name_of_256_letters(
    verb: str, folder: Path, environment: dict[str, str]
) -> None:
    loop = folder / "loop"
    loop.symlink_to(loop)
    for name in (str(loop), f"./{'x' * 256}.yaml", f"{loop}/x.yaml"):
        assert_orderly(asked([verb, name], folder, environment))
    assert_orderly(asked([verb, "--config", str(loop)], folder, environment))
    assert_orderly(asked(VERBS[verb], folder, environment | {"HOME": str(loop), "XDG_DATA_HOME": str(loop)}))


@pytest.mark.parametrize("verb", [*QUICK, "run"])
def test_a_folder_that_is_gone_is_told(verb: str, tmp_path: Path, environment: dict[str, str]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f'rmdir "{gone}"; exec "{PROGRAM}" {" ".join(VERBS[verb][:1])}'
    done = subprocess.run(
        ["sh", "-c", command], cwd=gone, env=environment, capture_output=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()[-1:]
    assert (
        line in ("The folder that you are in is not there any more; change to another one.",)
        or "usage" in done.stderr.decode()
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("after_ms", [60, 100, 150])
def test_a_signal_in_the_first_moments_leaves_no_traceback(
    number: signal.Signals, after_ms: int, folder: Path, environment: dict[str, str]
) -> None:
    process = subprocess.Popen(
        [PROGRAM, "rehearse", "./small.yaml"],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    time.sleep(after_ms / 1000)
    process.send_signal(number)
    _, told = process.communicate(timeout=LIMIT_S)
    # In the very first moments a signal just ends the process, or Python before it has come to anything of ours.
    assert process.returncode in (130, -number, 0) or b"Traceback" in told
    assert str(Path(voicecoach.__file__).parent).encode() not in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_rehearsal_that_is_ended_leaves_nothing_half_written(
    number: signal.Signals, folder: Path, environment: dict[str, str]
) -> None:
    words = [PROGRAM, "rehearse", "./small.yaml", "--timeline", "t.jsonl", "--out", "o.wav"]
    (folder / "small.yaml").write_text(SMALL.replace("hold: 8", "hold: 3600"))
    process = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(lambda: len(list(folder.iterdir())) == 3, LIMIT_S, "the files to be begun")
    process.send_signal(number)
    process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert [path.name for path in folder.iterdir()] == ["small.yaml"]


def test_what_was_told_to_ignore_a_hang_up_does(folder: Path, environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        ["nohup", PROGRAM, "rehearse", "./small.yaml"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0


def test_a_terminal_that_vanishes_ends_a_verb_quietly(folder: Path, environment: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM, "rehearse", "./small.yaml"],
        cwd=folder,
        env=environment,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.read(ours, 100)
    os.close(ours)
    assert process.wait(timeout=LIMIT_S) in CODES
