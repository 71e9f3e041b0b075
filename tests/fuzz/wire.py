"""What a broken child may send: bytes, headers and fields of every kind, to each of the wires."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from random import Random
from typing import Any

from voicecoach.errors import DeviceError
from voicecoach.live import wire
from voicecoach.live.devices import devices_from_json
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.live.wire import Decoder, Message, WireError, encode

KINDS = (wire.FROM_SOUND, wire.FROM_MICROPHONE, wire.FROM_HEARING, wire.TO_SOUND, wire.TO_HEARING)
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1 << 62, -(1 << 63), 10**400, 1.5, -0.0, 1e308, float("nan"), float("inf")),
    *("", "x", "\ud800", "\x1b[31m", "x" * 10_000, [], [[]], ["a", 3], {}, {"kind": []}, [["a"] * 5]),
]


def try_one(seed: int) -> None:
    """Feed one stream to one wire, in pieces."""
    chance = Random(seed)
    kinds = chance.choice(KINDS)
    stream = b"".join(some_message(chance, kinds) for _ in range(chance.randint(1, 5)))
    if chance.random() < 0.3:
        damaged = bytearray(stream)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        stream = bytes(damaged)
    decoder, loudspeaker = Decoder(kinds), Loudspeaker()
    with suppress(WireError):
        while stream:
            size = chance.randint(1, len(stream))
            for message in decoder.feed(stream[:size]):
                look(message, loudspeaker)
            stream = stream[size:]
    with suppress(DeviceError):
        devices_from_json(json.dumps(chance.choice(ODD)).encode())


def some_message(chance: Random, kinds: tuple[type[Message], ...]) -> bytes:
    """Return a message that is nearly right."""
    kind = chance.choice(kinds)
    header: dict[str, Any] = {"kind": kind.__name__}
    for name in kind.__dataclass_fields__:
        if name != "data" and chance.random() < 0.95:
            header[name] = chance.choice((1, 2.5, "x", True, None, ["a"], chance.choice(ODD)))
    if chance.random() < 0.1:
        header[chance.choice(("kind", "more"))] = chance.choice(ODD)
    text = json.dumps(header).encode() if chance.random() < 0.9 else b"[" * chance.randint(1, 100_000)
    data = bytes(chance.choice((0, 0, 1, 4, 640, 1_281)))
    return struct.pack("<II", len(text), len(data)) + text + data


def look(message: Message, loudspeaker: Loudspeaker) -> None:
    """What is let through can be used as it was declared."""
    assert encode(message)
    match message:
        case wire.Began():
            loudspeaker.began(message)
        case wire.Finished():
            loudspeaker.finished(message)
        case wire.Status():
            loudspeaker.observe(message.at_ns, message.position, 0.0)
