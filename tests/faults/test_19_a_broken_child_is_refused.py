"""Whatever a child sends, it is a message or the child is broken: killed, and replaced."""

from __future__ import annotations

import json
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.wire import ODD, try_one
from voicecoach.live import wire
from voicecoach.live.child import Child
from voicecoach.live.wire import FROM_SOUND, Decoded, Decoder, Message, WireError, encode
from voicecoach.speech.worker_process import WorkerFailedError, WorkerProcess


def sent(header: bytes, data: bytes = b"") -> list[Message]:
    return list(Decoder(FROM_SOUND).feed(struct.pack("<II", len(header), len(data)) + header + data))


GOOD = {"kind": "Began", "sound": 1, "frame": 2}


@pytest.mark.parametrize("kind", [one for one in ODD if one != "x"])
def test_a_kind_that_is_none_is_refused(kind: object) -> None:
    with pytest.raises(WireError):
        sent(json.dumps(GOOD | {"kind": kind}).encode())


@pytest.mark.parametrize("value", [one for one in ODD if type(one) is not int or abs(one) >= 1 << 62])
@pytest.mark.parametrize("field", ["sound", "frame"])
def test_a_number_that_is_none_or_absurd_is_refused(field: str, value: object) -> None:
    with pytest.raises(WireError):
        sent(json.dumps(GOOD | {field: value}).encode())


@pytest.mark.parametrize("value", ["1" * 400, "NaN", "-Infinity", "1e999", "[" * 50_000, '"\\ud800"', "1" * 5_000])
def test_what_json_can_say_and_we_cannot_use_is_refused(value: str) -> None:
    header = f'{{"kind": "Microphone", "at_ns": 1, "echo_power": {value}}}'
    with pytest.raises(WireError):
        sent(header.encode(), bytes(640))
    with pytest.raises(WireError):
        sent(f'{{"kind": "NotOpened", "why": {value}}}'.encode())


@pytest.mark.parametrize("header", [b"\xff", b"{}", b"[]", b"3", b'"x"', b'{"kind": "Began"}', b"{" * 10_000, b"\0"])
def test_what_is_no_message_is_refused(header: bytes) -> None:
    with pytest.raises(WireError):
        sent(header)


@pytest.mark.parametrize("size", [1, 639, 641, 1_281])
def test_sound_that_is_cut_off_is_refused(size: int) -> None:
    header = json.dumps({"kind": "Microphone", "at_ns": 1, "echo_power": 0.0}).encode()
    assert sent(header, bytes(1_280))
    with pytest.raises(WireError):
        sent(header, bytes(size))


def test_no_child_can_make_us_keep_more_than_half_a_minute_of_sound() -> None:
    with pytest.raises(WireError):
        list(Decoder(FROM_SOUND).feed(struct.pack("<II", 10, wire.LARGEST_BLOCK + 640)))


@given(st.integers(0, 1 << 40))
def test_nothing_but_the_one_error_leaves_the_reader(seed: int) -> None:
    try_one(seed)


def babbling(monkeypatch: pytest.MonkeyPatch, code: str) -> Child:
    """Start a child that runs this code with `link`, its socket."""
    begin = "import socket, sys; link = socket.socket(fileno=int(sys.argv[1])); "
    monkeypatch.setattr(
        "voicecoach.live.child.python_command", lambda _m, _module, *rest: [sys.executable, "-c", begin + code, *rest]
    )
    return Child("nothing", (), (Decoded,))


def received(child: Child) -> int:
    count = 0
    while child.alive:
        child.socket.setblocking(True)
        child.socket.settimeout(20)
        child.socket.recv(1, 2)
        child.socket.setblocking(False)
        count += len(child.receive())
    child.kill()
    assert child.reap(20)
    return count


def test_a_child_that_floods_is_broken_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    message = encode(Decoded(1))
    child = babbling(monkeypatch, f"[link.sendall({message!r} * 10_000) for _ in iter(int, 1)]")
    assert received(child) < 1_000_000


@pytest.mark.parametrize("sends", ["b'\\xff' * 100_000", "b'\\2\\0\\0\\0\\0\\0\\0\\0[]'"])
def test_a_child_that_sends_nonsense_is_broken(sends: str, monkeypatch: pytest.MonkeyPatch) -> None:
    child = babbling(monkeypatch, f"link.sendall({sends}); link.recv(1)")
    assert received(child) == 0


NONSENSE = [
    *("'x' * 3_000_000", "'[' * 100_000", "'[]'", "'3'", "'{\"bytes\": NaN}'", "'{\"bytes\": -1}'"),
    *("'{\"bytes\": ' + '9' * 400 + '}'", "'{\"bytes\": []}'", "'{\"bytes\": true}'", "'{\"bytes\": 1e9}'"),
    "'\\xff\\xfe'",
]


@pytest.mark.parametrize("says", NONSENSE)
def test_a_worker_that_says_nonsense_has_failed(says: str) -> None:
    worker = WorkerProcess([sys.executable, "-c", f"import sys; print({says}, flush=True); sys.stdin.read()"])
    with pytest.raises(WorkerFailedError, match="makes no sense"):
        worker.receive(20)


def test_a_worker_that_never_ends_its_line_has_failed() -> None:
    worker = WorkerProcess([sys.executable, "-c", "import sys\nwhile True: sys.stdout.write('x' * 65536)"])
    with pytest.raises(WorkerFailedError, match="makes no sense"):
        worker.receive(20)
