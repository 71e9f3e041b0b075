from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.commands import Command
from voicecoach.listening.sensations import Heard, Ignored, Reason, VoiceBegan
from voicecoach.live.wire import (
    Attend,
    Decoder,
    Deepen,
    Listen,
    Message,
    Move,
    Opened,
    Place,
    Spare,
    Status,
    WireError,
    encode,
)

MESSAGES: list[Message] = [
    Place(1, 2, 3, True, b"\0\x01\xff" * 1000),
    Move(1, 2),
    Opened("default", 48_000, None, None, "There is no microphone.", True),
    Status(1, 2, 3, 4, 5, 6, 7, 8),
    Deepen(200),
    Spare(3),
    Attend(("ready", "쥐 났어"), None),
    Listen(b"", 0.0),
    VoiceBegan(20),
    Heard(Command.CRAMP, "cramp", 1, 2, 3, 0.5),
    Ignored(1, 2, 3, Reason.POOR_FIT, 1, True),
]
KINDS = tuple({type(message): None for message in MESSAGES})


@given(st.lists(st.integers(1, 700), max_size=20))
def test_messages_arrive_as_they_were_sent_however_they_are_cut_up(cuts: list[int]) -> None:
    data = b"".join(encode(message) for message in MESSAGES)
    decoder = Decoder(KINDS)
    arrived: list[Message] = []
    for cut in cuts:
        arrived += decoder.feed(data[:cut])
        data = data[cut:]
    arrived += decoder.feed(data)
    assert arrived == MESSAGES


@given(st.binary(max_size=200))
def test_rubbish_is_refused_or_waits_for_more_but_is_never_a_message(data: bytes) -> None:
    with suppress(WireError):
        assert list(Decoder(KINDS).feed(data)) == []


@pytest.mark.parametrize(
    "message",
    [Place(1, 2, True, True, b""), Place(1, 2, 3.0, True, b""), Place("1", 2, 3, True, b"")],  # type: ignore[arg-type]
)
def test_a_field_of_another_kind_is_refused(message: Message) -> None:
    with pytest.raises(WireError):
        list(Decoder(KINDS).feed(encode(message)))


def test_what_is_not_sent_this_way_is_refused() -> None:
    with pytest.raises(WireError):
        list(Decoder((Place,)).feed(encode(Listen(b"", 0.0))))
