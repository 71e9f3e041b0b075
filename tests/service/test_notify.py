from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from voicecoach.service.notify import Notifier


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Listen as systemd does. A short name: those of sockets may have a hundred letters."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0voicecoach-test-{os.getpid()}")
        listening.setblocking(False)
        yield listening


def heard(listening: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(listening.recv(4096).decode())
        except BlockingIOError:
            return found


def name_of(listening: socket.socket) -> str:
    address: bytes = listening.getsockname()
    return f"@{address[1:].decode()}"


def test_systemd_hears_what_it_is_told(systemd: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": name_of(systemd)})
    notifier.ready()
    notifier.alive()
    notifier.stopping()
    assert heard(systemd) == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_a_socket_in_a_folder_will_do_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("notify")
        # What begins with / or @ is an address; that a test's folder has too long a name is no fault of ours.
        notifier = Notifier({"NOTIFY_SOCKET": "/proc/self/cwd/notify"})
        notifier.ready()
        listening.setblocking(False)
        assert heard(listening) == ["READY=1"]


def test_the_status_is_one_line_and_told_when_it_changes(systemd: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": name_of(systemd)})
    for text in ("waiting\nfor sound", "waiting for  sound", "listening", "x" * 5_000):
        notifier.status(text)
    assert heard(systemd) == ["STATUS=waiting for sound", "STATUS=listening", f"STATUS={'x' * 200}"]


@pytest.mark.parametrize("name", ["", "notify", "vsock:2:9", "@nobody-listens-here", "/nowhere/at/all"])
def test_where_nobody_listens_nothing_happens(name: str) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": name})
    notifier.ready()
    notifier.alive()


def test_a_systemd_that_does_not_read_is_not_waited_for(systemd: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": name_of(systemd)})
    for _ in range(2_000):
        notifier.alive()
    assert heard(systemd)


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_it_knows_whether_and_how_often_it_has_to_say_that_it_is_alive(
    environment: dict[str, str], seconds: float | None
) -> None:
    assert Notifier({"NOTIFY_SOCKET": "@somewhere", **environment}).watchdog_s == seconds
    assert Notifier(environment).watchdog_s is None
