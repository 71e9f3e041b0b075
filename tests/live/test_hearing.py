from __future__ import annotations

import os
import select
import socket
from pathlib import Path

import pytest

from voicecoach.language.pack import load_pack
from voicecoach.listening.factory import open_ears
from voicecoach.live import hearing
from voicecoach.live.child import Child
from voicecoach.live.children import FIRST, LAST, NO_SETTINGS
from voicecoach.live.wire import FROM_HEARING, Deaf, Message, Spare, encode

FAKES = Path(__file__).parent.parent / "fakes"


@pytest.mark.parametrize("order", [FIRST, LAST])
def test_ears_whose_model_is_damaged_in_whatever_way_say_so_before_they_end(order: str) -> None:
    environment = {"PYTHONPATH": os.pathsep.join((str(FAKES / "modelless"), str(FAKES.parent.parent)))}
    child = Child("voicecoach.live.hearing", (NO_SETTINGS, "en", "", "calls", order, "0"), FROM_HEARING, environment)
    told: list[Message] = []
    while child.alive:
        select.select([child.socket], [], [], 60)
        told += child.receive()
    child.kill()
    assert child.reap(10)
    (deaf,) = told
    assert isinstance(deaf, Deaf)
    assert deaf.why.startswith("The speech model cannot be loaded (")
    assert not deaf.by_settings


def test_what_the_coach_wants_left_out_is(monkeypatch: pytest.MonkeyPatch) -> None:
    last: list[bool] = []
    monkeypatch.setattr(hearing, "go_last", lambda: last.append(True))
    ears = open_ears(load_pack("en"), engine="moonshine")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(encode(Spare(2)))
        ours.shutdown(socket.SHUT_WR)
        hearing.serve(theirs, ears)
    assert ears.thrift == 2
    assert last
