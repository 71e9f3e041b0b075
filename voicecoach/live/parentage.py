"""What every child process of the coach does first: see to it that it never outlives the coach."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
from collections.abc import Iterator

from voicecoach.live.wire import Decoder, Message

_PR_SET_PDEATHSIG = 1
_READ_BYTES = 1 << 20


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent` has ended; end now if it is gone already.

    The socket to the coach closes then too, but whoever hangs in a native library does not notice that.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    # Ctrl-C is the coach's affair.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def coach_socket(descriptor: int) -> socket.socket:
    """Return the socket to the coach that this process was given."""
    return socket.socket(fileno=descriptor)


def messages(coach: socket.socket, decoder: Decoder) -> Iterator[Message]:
    """Yield what the coach sends until it has gone, waiting for it."""
    while data := coach.recv(_READ_BYTES):
        yield from decoder.feed(data)
