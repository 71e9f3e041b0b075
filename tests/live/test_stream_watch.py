"""Where the sound server says that a stream is, and what that means."""

from __future__ import annotations

import os
from typing import Any

import pytest

from voicecoach.live.devices import Device, Direction
from voicecoach.live.stream_watch import StreamWatch

SINKS = [{"index": 1, "name": "headphones"}, {"index": 2, "name": "speakers"}]


class Server:
    """A sound server as far as it answers questions."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.answers = True

    def ask(self, *arguments: str) -> Any:
        if not self.answers:
            return {}
        if arguments[1] == "sinks":
            return SINKS
        others = [{"sink": 2, "properties": {"application.process.id": "1"}}, {"sink": 2}]
        ours = [{"sink": self.at, "properties": {"application.process.id": str(os.getpid())}}]
        return others + (ours if self.at is not None else [])


def watched(name: str, server: Server) -> StreamWatch:
    device = Device(name, Direction.OUTPUT, "", 48_000, 2, is_default=False, index=0)
    watch = StreamWatch(device, server.ask)
    watch.look()
    return watch


@pytest.mark.parametrize("name", ["pulse:headphones", "default"])
def test_a_stream_that_stays_is_no_news(name: str) -> None:
    watch = watched(name, Server(at=1))
    watch.look()
    assert watch.gone is None


@pytest.mark.parametrize("name", ["pulse:headphones", "default"])
def test_a_stream_that_was_there_and_is_no_more_has_gone(name: str) -> None:
    server = Server(at=1)
    watch = watched(name, server)
    server.at = None
    watch.look()
    watch.look()
    assert watch.gone == f"'{name}' has gone."
    server.at = 1
    watch.look()
    assert watch.gone == f"'{name}' has gone.", "a stream does not come back"


def test_a_stream_that_is_made_anew_after_a_gap_has_not_gone() -> None:
    server = Server(at=1)
    watch = watched("default", server)
    for at in (None, 1, None, 1):
        server.at = at
        watch.look()
    assert watch.gone is None


def test_a_stream_that_was_moved_away_from_the_device_that_was_asked_for_is_at_the_wrong_place() -> None:
    server = Server(at=1)
    watch = watched("pulse:headphones", server)
    server.at = 2
    watch.look()
    assert watch.gone == "The sound server has moved the stream from 'pulse:headphones' to 'pulse:speakers'."


def test_where_any_device_is_good_it_may_be_moved() -> None:
    server = Server(at=1)
    watch = watched("default", server)
    server.at = 2
    watch.look()
    assert watch.gone is None


def test_a_server_that_knows_nothing_of_the_stream_or_does_not_answer_proves_nothing() -> None:
    server = Server(at=None)
    watch = watched("default", server)
    assert watch.gone is None
    server.at = 1
    watch.look()
    server.answers = False
    watch.look()
    assert watch.gone is None


def test_a_stream_that_was_closed_on_purpose_has_not_gone_and_another_one_may_take_its_place() -> None:
    server = Server(at=1)
    watch = watched("default", server)
    watch.closed()
    server.at = None
    watch.look()
    watch.opened()
    watch.look()
    assert watch.gone is None, "the server may not know the new one yet"
    server.at = 2
    watch.look()
    assert watch.gone is None
    server.at = None
    watch.look()
    watch.look()
    assert watch.gone == "'default' has gone."
