"""The microphone process: `python -m voicecoach.live.microphone DESCRIPTOR PARENT MICROPHONE`.

For listening without a session: the sound process without its loudspeaker. What it sends has gone the same way, so that
the ears hear the same.
"""

from __future__ import annotations

from voicecoach.no_network import leave_network

if __name__ == "__main__":
    # Before anything is imported that has threads: with them nobody may go.
    leave_network()

import os
import select
import socket
import sys
from typing import Final

from voicecoach.errors import DeviceError
from voicecoach.live.devices import Direction, find_device, list_devices
from voicecoach.live.echo_path import BLOCK_FRAMES, DELAY_MS, EchoPath
from voicecoach.live.opening import opened
from voicecoach.live.parentage import coach_socket, die_with_parent
from voicecoach.live.stream_watch import StreamWatch
from voicecoach.live.streams import Input
from voicecoach.live.wire import Microphone, MicrophoneOpened, NotOpened, Silenced, encode
from voicecoach.units import INPUT_FRAMES_PER_MS

_TURN_S: Final = 0.01
_NS_PER_MS: Final = 1_000_000


def serve(coach: socket.socket, source: Input, watch: StreamWatch) -> None:
    """Send what the microphone gives until the coach goes, or the microphone."""
    path = EchoPath(source.rate_hz)
    silenced = ""
    while watch.gone is None:
        if watch.silenced != silenced:
            silenced = watch.silenced
            coach.sendall(encode(Silenced("", silenced)))
        readable, _, _ = select.select([coach], [], [], _TURN_S)
        if readable and not coach.recv(1):
            return
        while source.heard:
            at_ns, data = source.heard.popleft()
            blocks = path.hear(source.mono(data))
            for number, block in enumerate(blocks, 1):
                behind_ms = (len(blocks) - number) * BLOCK_FRAMES // INPUT_FRAMES_PER_MS + DELAY_MS
                coach.sendall(
                    encode(Microphone(at_ns - behind_ms * _NS_PER_MS, block.sound.tobytes(), block.echo_power))
                )
    coach.sendall(encode(NotOpened(watch.gone)))


def main() -> None:
    """Open the microphone and serve."""
    descriptor, parent, microphone = sys.argv[1:]
    die_with_parent(int(parent))
    coach = coach_socket(int(descriptor))
    try:
        ear = find_device(list_devices(), microphone or None, Direction.INPUT)
        source = opened(Input, ear)
    except DeviceError as error:
        coach.sendall(encode(NotOpened(str(error))))
        return
    coach.sendall(encode(MicrophoneOpened(ear.name, source.rate_hz)))
    watch = StreamWatch(ear)
    watch.start()
    serve(coach, source, watch)


if __name__ == "__main__":
    try:
        main()
    except OSError:
        pass  # The coach went away while it was being told something.
    finally:
        # Closing a stream of a device in trouble may never return; the kernel closes everything.
        os._exit(0)
