"""The coach's loop with child processes that have neither device nor model."""

from __future__ import annotations

import os
import select
import socket
import time
from functools import partial

import pytest

from tests.fakes.forked_child import ForkedChild, Sounds
from voicecoach.errors import VoiceError
from voicecoach.listening.sensations import Heard, Ignored, VoiceBegan
from voicecoach.live.children import HEARING_LIMITS, SOUND_LIMITS, Names
from voicecoach.live.keeper import Keeper
from voicecoach.live.live_session import Act, LiveSession
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.live.microphone_watch import MicrophoneWatch
from voicecoach.live.rendering import BackgroundRenderer, Sentences
from voicecoach.live.wakening import Wakening
from voicecoach.live.wire import FROM_HEARING, FROM_SOUND, TO_HEARING, Decoder, Listen, Ready, encode
from voicecoach.performance import Performance

LIMIT_S = 20


def listen(given: int, coach: socket.socket) -> None:
    """Be a hearing process that is ready at once, and write down that it was given sound."""
    coach.sendall(encode(Ready("nothing", (), None)))
    decoder = Decoder(TO_HEARING)
    while data := coach.recv(1 << 20):
        if any(isinstance(message, Listen) for message in decoder.feed(data)):
            os.write(given, b"sound\n")


def never_composed(_sentences: Sentences) -> Performance:
    raise AssertionError("there are no sentences")


def test_ears_that_were_ready_before_the_session_looked_are_given_the_microphone() -> None:
    reader, writer = os.pipe()

    def give_up_when_it_listens(_speed: int) -> Sentences:
        raise VoiceError("it listens" if select.select([reader], [], [], LIMIT_S)[0] else "it is deaf")

    kinds = (*FROM_HEARING, VoiceBegan, Heard, Ignored)
    sound = Keeper(lambda: ForkedChild(Sounds(os.open(os.devnull, os.O_WRONLY)), FROM_SOUND), SOUND_LIMITS)
    hearing = Keeper(lambda: ForkedChild(partial(listen, writer), kinds), HEARING_LIMITS)
    for keeper in (sound, hearing):
        keeper.attend(time.monotonic_ns())
    assert hearing.child is not None
    assert select.select([hearing.child.socket], [], [], LIMIT_S)[0], "it does not say that it is ready"

    with Wakening() as wakening:
        renderer = BackgroundRenderer(give_up_when_it_listens, wakening.wake)
        live = LiveSession(
            Names("", "", "", "", ""),
            sound=sound,
            hearing=hearing,
            wakening=wakening,
            microphone_watch=MicrophoneWatch(""),
            tell=print,
        )
        renderer(150)
        with pytest.raises(VoiceError, match="it listens"):
            live.perform(Act(never_composed, Loudspeaker(), renderer))
        live.close()
        renderer.close()
    os.close(reader)
    os.close(writer)
