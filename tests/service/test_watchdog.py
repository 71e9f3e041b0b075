from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator

import pytest

from voicecoach.service.notify import Notifier
from voicecoach.service.watchdog import Watchdog

S = 1_000_000_000


@pytest.fixture
def reports() -> Iterator[tuple[Notifier, Callable[[], list[str]]]]:
    """A notifier with a watchdog of 20 s, and what systemd has heard since it was asked last."""
    name = f"voicecoach-watchdog-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.setblocking(False)

        def heard() -> list[str]:
            found = []
            try:
                while True:
                    found.append(listening.recv(100).decode())
            except BlockingIOError:
                return found

        yield Notifier({"NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": "20000000"}), heard


def test_the_first_turn_is_the_end_of_the_start(reports: tuple[Notifier, Callable[[], list[str]]]) -> None:
    notifier, heard = reports
    watchdog = Watchdog(notifier)
    assert heard() == []
    watchdog.turned(0, gets_on=True)
    assert heard() == ["READY=1", "WATCHDOG=1"]
    watchdog.turned(S, gets_on=True)
    assert heard() == []


def test_it_is_fed_four_times_in_the_time_that_is_allowed(
    reports: tuple[Notifier, Callable[[], list[str]]],
) -> None:
    notifier, heard = reports
    watchdog = Watchdog(notifier)
    for turn in range(20 * 50):
        watchdog.turned(turn * S // 50, gets_on=True)
    assert heard().count("WATCHDOG=1") == 4


def test_a_loop_that_turns_and_does_not_get_on_is_not_alive(
    reports: tuple[Notifier, Callable[[], list[str]]],
) -> None:
    notifier, heard = reports
    watchdog = Watchdog(notifier)
    watchdog.turned(0, gets_on=True)
    heard()
    for turn in range(1, 60):
        watchdog.turned(turn * S, gets_on=False)
    assert heard() == []
    watchdog.turned(61 * S, gets_on=True)
    assert heard() == ["WATCHDOG=1"]
