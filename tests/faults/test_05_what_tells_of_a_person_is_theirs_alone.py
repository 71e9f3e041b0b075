"""Files that tell of a person can be read by nobody else.

What is no file in their place is refused, and not waited for.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from tests.cli.conftest import SMALL, CommandLine, assert_one_message, home, voicecoach
from tests.coaching.stage import one_exercise_plan
from tests.history.keeping import KeptStage
from voicecoach.atomic_file import AtomicFile, AtomicTextFile, NotOrdinaryError, open_ordinary
from voicecoach.cli.performing import _TimelineFile
from voicecoach.coaching.states import Ended
from voicecoach.errors import EXIT_DONE, EXIT_USAGE, UsageError
from voicecoach.history import history_folder
from voicecoach.history.store import NAME
from voicecoach.preferences import Preferences, load_preferences, preferences_file, save_preferences
from voicecoach.settings import user_file
from voicecoach.speech.clip_cache import ClipCache
from voicecoach.timeline.events import Ducked

__all__ = ["home", "voicecoach"]


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def a_session() -> list[str]:
    stage = KeptStage(history_folder(), one_exercise_plan())
    stage.begin()
    for path in history_folder().iterdir():
        assert mode(path) == 0o600, path
    stage.until_state(Ended)
    stage.close()
    return stage.told


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_whatever_the_umask_nobody_else_can_read_them(mask: int, home: Path) -> None:
    with umask(mask):
        a_session()
        save_preferences(preferences_file(), Preferences(volume_db=-3, volume_of_settings_db=0))
        timeline = _TimelineFile(home / "t.jsonl")
        timeline(Ducked(5))
        timeline.close()
    for path in (history_folder() / NAME, preferences_file(), home / "t.jsonl"):
        assert mode(path) == 0o600, path
    folder = history_folder()
    while folder != home.parent:
        assert mode(folder) == 0o700, folder
        folder = folder.parent


def test_those_of_an_earlier_time_become_so() -> None:
    with umask(0):
        a_session()
        save_preferences(preferences_file(), Preferences(volume_db=-3, volume_of_settings_db=0))
        kept = [history_folder() / NAME, preferences_file()]
        for path in kept:
            path.chmod(0o666)
            path.parent.chmod(0o777)
        a_session()
        assert load_preferences(preferences_file(), range(-18, 7), range(1)).volume_db == -3
        assert [mode(path) for path in kept] == [0o600] * 2
        assert mode(history_folder()) == 0o700
        preferences_file().chmod(0o644)
        save_preferences(preferences_file(), Preferences())
        assert mode(preferences_file()) == 0o600


def test_a_folder_that_somebody_named_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("shared").mkdir(mode=0o755)
    monkeypatch.setenv("VOICECOACH_HISTORY", str(tmp_path / "shared"))
    a_session()
    assert mode(tmp_path / "shared") == 0o755
    assert mode(tmp_path / "shared" / NAME) == 0o600


@pytest.mark.parametrize("before", [0o600, 0o640, 0o644])
def test_a_file_that_is_written_anew_keeps_its_mode(before: int, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    for private in (True, False):
        path.write_text("before")
        path.chmod(before)
        with umask(0o022), AtomicTextFile(path, private=private) as file:
            file.write("after")
        assert mode(path) == before


def test_what_tells_of_nobody_goes_by_the_umask(tmp_path: Path) -> None:
    with umask(0o022), AtomicFile(tmp_path / "session.wav"):
        pass
    assert mode(tmp_path / "session.wav") == 0o644


# What is no file

KINDS = ["fifo", "socket", "device", "directory"]


def put(kind: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "socket":
            here = Path.cwd()
            os.chdir(path.parent)  # A socket's path is short.
            with socket.socket(socket.AF_UNIX) as one:
                one.bind(path.name)
            os.chdir(here)
        case "device":
            path.symlink_to("/dev/zero")
        case "directory":
            path.joinpath("in it").mkdir(parents=True)


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    def waits(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, waits)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [NAME, f"{NAME}-wal", f"{NAME}-shm", "history.lock"])
def test_in_the_history_s_place_it_is_told_and_the_session_goes_on(
    kind: str, name: str, voicecoach: CommandLine
) -> None:
    put(kind, history_folder() / name)
    (told,) = a_session_without_history()
    assert "cannot be used: it is not an ordinary file" in told
    assert "\n" not in told
    if name == NAME:
        assert_one_message(voicecoach("history"), EXIT_USAGE, "not an ordinary file")
    else:
        assert voicecoach("history").code in (EXIT_DONE, EXIT_USAGE)


def a_session_without_history() -> list[str]:
    stage = KeptStage(history_folder(), one_exercise_plan())
    stage.begin()
    stage.until_state(Ended)
    stage.close()
    return stage.told


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_of_wishes_it_is_as_good_as_none(kind: str) -> None:
    put(kind, preferences_file())
    assert load_preferences(preferences_file(), range(1), range(1)) == Preferences()
    with pytest.raises(UsageError, match="cannot write"):
        save_preferences(preferences_file(), Preferences())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "read",
    [
        lambda path: ("plan", str(path)),
        lambda path: ("check", str(path)),
        lambda path: ("config", "--config", str(path)),
        lambda path: ("listen", "--from", str(path)),
        lambda path: ("rehearse", "feet-quick", "--noise", str(path)),
        lambda path: ("rehearse", "feet-quick", "--play", f"0:05 {path}"),
        lambda path: ("setup", "--from", str(path)),
    ],
)
def test_as_an_input_it_is_refused_in_one_line(
    kind: str, read: Callable[[Path], tuple[str, ...]], home: Path, voicecoach: CommandLine
) -> None:
    put(kind, home / "input.yaml")
    outcome = voicecoach(*read(home / "input.yaml"))
    told = outcome.err.replace("Loading the speech model ...\n", "")
    assert outcome.code in (EXIT_USAGE, 3, 5)
    assert told.count("\n") == 1, told
    assert str(home / "input.yaml") in told


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_of_the_settings_it_is_refused(kind: str, voicecoach: CommandLine) -> None:
    put(kind, user_file())
    outcome = voicecoach("plan", "feet")
    assert outcome.code in (EXIT_USAGE, 3)
    assert outcome.err.count("\n") == 1
    assert str(user_file()) in outcome.err


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_of_a_kept_sentence_it_makes_room_or_is_done_without(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.speech.test_clip_cache import clip, only_file, same

    ClipCache(tmp_path / "clips").put("engine", "Hold.", clip())
    path = only_file(tmp_path / "clips")
    path.unlink()
    put(kind, path)
    cache = ClipCache(tmp_path / "clips")
    assert cache.get("engine", "Hold.") is None
    cache.put("engine", "Hold.", clip())
    assert same(cache.get("engine", "Hold."), clip())
    cache.prune()
    assert capsys.readouterr().err.count("\n") == (1 if kind == "directory" else 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR, os.O_WRONLY | os.O_CREAT])
def test_it_is_not_opened(kind: str, flags: int, tmp_path: Path) -> None:
    put(kind, tmp_path / "x")
    with pytest.raises(NotOrdinaryError):
        open_ordinary(tmp_path / "x", flags)


def test_a_routine_is_read_by_every_name_that_a_file_can_have(home: Path, voicecoach: CommandLine) -> None:
    home.joinpath("mine.yaml").write_text(SMALL)
    home.joinpath("link.yaml").symlink_to("mine.yaml")
    for name in ("./mine.yaml", "link.yaml", "/proc/self/cwd/mine.yaml"):
        assert voicecoach("plan", name).code == EXIT_DONE
