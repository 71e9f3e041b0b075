"""The processes that are given the microphone's sound can reach no network, whoever starts them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from voicecoach.cli.options import build_parser, verbs_of
from voicecoach.doctor import network
from voicecoach.doctor.finding import Standing
from voicecoach.isolation import python_command

LEAVE = "from voicecoach.no_network import leave_network; left = leave_network()\n"
NOBODY = 65534
HEARING = ["voicecoach/live/sound.py", "voicecoach/live/microphone.py", "voicecoach/live/hearing.py",
           "voicecoach/doctor/sound_probe.py"]  # fmt: skip


@pytest.fixture
def server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def outcome(code: str, *, as_nobody: bool = False) -> str:
    command = python_command("-c", LEAVE + code)
    if as_nobody:
        if os.geteuid() != 0 or shutil.which("setpriv") is None:
            pytest.skip("only root can become somebody else")
        if not _nobody_may_read():
            pytest.skip("nobody but this user may read the program")
        command = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", *command]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()


def _nobody_may_read() -> bool:
    command = ["setpriv", "--reuid", str(NOBODY), "--clear-groups", sys.executable, "-P", "-c", "import voicecoach"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("as_nobody", [False, True])
def test_a_server_on_this_machine_cannot_be_reached_any_more(server: int, as_nobody: bool) -> None:
    code = f"""
import socket
try:
    socket.create_connection(("127.0.0.1", {server}), timeout=5)
except OSError as error:
    print(left, type(error).__name__)
else:
    print(left, "reached")
"""
    said = outcome(code, as_nobody=as_nobody)
    if said.startswith("False"):
        pytest.skip("this kernel lets nobody leave a network")
    assert said.split()[1] != "reached"


@pytest.mark.parametrize("as_nobody", [False, True])
def test_sockets_that_are_files_still_work_and_one_is_who_one_was(as_nobody: bool) -> None:
    code = """
import os, socket, struct
ours, theirs = socket.socketpair(socket.AF_UNIX)
ours.sendall(b"hello")
pid, user, group = struct.unpack("3i", theirs.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
print(left, theirs.recv(9), user == os.geteuid(), open("/proc/self/fd/%d" % os.memfd_create("x")).read() == "")
"""
    said = outcome(code, as_nobody=as_nobody)
    assert said.split(" ", 1)[1] == "b'hello' True True"


def test_every_process_that_hears_leaves_before_it_imports_anything_with_threads() -> None:
    for name in HEARING:
        lines = [
            line for line in Path(name).read_text().split('"""', 2)[2].splitlines() if line and line[0] not in " #"
        ]
        assert lines[:3] == [
            "from __future__ import annotations",
            "from voicecoach.no_network import leave_network",
            'if __name__ == "__main__":',
        ]
    code = "import os; import sys; print(len(os.listdir('/proc/self/task')), 'numpy' in sys.modules)"
    assert outcome(code) == "1 False"


def test_doctor_says_whether_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert network.judge(network.probe()).standing is (Standing.OK if network.probe() else Standing.WARNING)
    monkeypatch.setattr(network, "_CODE", "raise SystemExit(1)")
    found = network.judge(network.probe())
    assert (found.standing, found.code) == (Standing.WARNING, "reachable")
    assert found.advice


@pytest.mark.parametrize("verb", ["run", "listen"])
def test_help_says_it(verb: str) -> None:
    assert "leaves every network first" in " ".join(verbs_of(build_parser())[verb].format_help().split())
