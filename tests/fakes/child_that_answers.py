"""A child of the live session that says once how it is, and then does as its argument says: answers, hangs or ends."""

from __future__ import annotations

import signal
import sys

from voicecoach.live.parentage import coach_socket, die_with_parent, messages
from voicecoach.live.wire import TO_HEARING, Decoded, Decoder, Listen, Ready, encode

descriptor, parent, behaviour = sys.argv[1:]
die_with_parent(int(parent))
coach = coach_socket(int(descriptor))
coach.sendall(encode(Ready("a fake", (), None)))
if behaviour == "hangs":
    signal.pause()
elif behaviour == "babbles":
    coach.sendall(b"\xff" * 100)
    signal.pause()
elif behaviour == "answers":
    for number, message in enumerate(messages(coach, Decoder(TO_HEARING)), 1):
        assert isinstance(message, Listen)
        coach.sendall(encode(Decoded(number)))
