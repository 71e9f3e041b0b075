"""A sound server of our own, with a loudspeaker that can be recorded and a microphone that can be spoken into."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.device.living import FAKES, ROUTINES, Home
from tests.device.sound_server import PROGRAMS, SoundServer
from voicecoach.cli.choosing import read_plan
from voicecoach.cli.reception import render_sessions
from voicecoach.language.pack import load_pack

_HERE = Path(__file__).parent


def missing() -> str | None:
    """Return why there can be no sound server here."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


@pytest.fixture(scope="session")
def server() -> Iterator[SoundServer]:
    why = missing()
    if why is not None:
        pytest.skip(why)
    server = SoundServer()
    try:
        trouble = server.start()
        if trouble is not None:
            pytest.skip(f"PulseAudio does not start here: {trouble}")
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def rendered(kept_clips: Path) -> Path:
    """Return the folder for XDG_CACHE_HOME with all that the coach says here: rendered once, not by each worker."""
    pack = load_pack("en")
    with (kept_clips.with_name("rendering.lock")).open("w") as lock, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        patch.setenv("XDG_CACHE_HOME", str(kept_clips))
        render_sessions([read_plan(str(routine), pack) for routine in sorted(ROUTINES.glob("*.yaml"))], pack)
    return kept_clips


@pytest.fixture
def home(server: SoundServer, rendered: Path, tmp_path: Path) -> Iterator[Home]:
    """Return a home in which the coach can be run; what still runs at the end is killed."""
    server.restore()
    home = Home(server, rendered, tmp_path)
    yield home
    home.close()


@pytest.fixture
def preloaded(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Return what gives the environment in which a library of the fakes, by its source, comes before ALSA's."""
    if (compiler := shutil.which("cc")) is None:
        pytest.skip("not installed: a C compiler")

    def preload(source: str) -> dict[str, str]:
        library = tmp_path / f"{source}.so"
        command = [compiler, "-shared", "-fPIC", "-o", str(library), str(FAKES / source), "-ldl"]
        subprocess.run(command, check=True, timeout=60)
        return {"LD_PRELOAD": str(library)}

    return preload


@pytest.fixture
def echo(server: SoundServer) -> Iterator[None]:
    """Have the microphone hear the loudspeaker, as loud as it is."""
    loaded = server.control(
        "load-module", "module-loopback", "source=loudspeaker.monitor", "sink=microphone", "latency_msec=50"
    ).strip()
    yield
    if any(line.split()[:1] == [loaded] for line in server.control("list", "short", "modules").splitlines()):
        # A server that was restarted in between has it no more.
        server.control("unload-module", loaded)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where nobody looks, a set of tests that skips itself must not pass for one that passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    stats = reporter.stats
    ran = [r for name in ("passed", "failed", "error") for r in stats.get(name, []) if "tests/device/" in r.nodeid]
    skipped = [r for r in stats.get("skipped", []) if "tests/device/" in r.nodeid]
    if skipped and not ran and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
