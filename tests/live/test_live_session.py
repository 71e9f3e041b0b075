"""The coach's loop with child processes that have neither device nor model."""

from __future__ import annotations

import os
import select
import socket
import time
from dataclasses import dataclass
from functools import partial
from itertools import count

import pytest

from tests.fakes.forked_child import ForkedChild, Sounds
from voicecoach.coaching.messages import Action, Input
from voicecoach.commands import Command
from voicecoach.errors import VoiceError
from voicecoach.language.pack import load_pack
from voicecoach.listening.sensations import Heard, Ignored, VoiceBegan
from voicecoach.live.children import HEARING_LIMITS, SOUND_LIMITS, Names
from voicecoach.live.keeper import Keeper
from voicecoach.live.live_session import Act, LiveSession, Outcome
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.live.microphone_watch import MicrophoneWatch
from voicecoach.live.overload import STEPS, Effort, found_wanting
from voicecoach.live.rendering import BackgroundRenderer, Sentences
from voicecoach.live.wakening import Wakening
from voicecoach.live.wire import (
    FROM_HEARING,
    FROM_SOUND,
    TO_HEARING,
    TO_SOUND,
    Decoder,
    Deepen,
    Listen,
    Opened,
    Ready,
    Spare,
    Status,
    encode,
)
from voicecoach.performance import Performance
from voicecoach.timeline.timeline import Timeline

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


@dataclass
class Idle:
    """A session in which nothing happens until its ears have been told to do with less."""

    told: int
    """A descriptor that can be read when they have."""
    now_ms: int = 0

    @property
    def ended(self) -> bool:
        return bool(select.select([self.told], [], [], 0)[0])

    def saying(self, _now: int) -> str | None:
        return None

    def open_commands(self) -> frozenset[Command]:
        return frozenset()

    def next_deadline(self) -> int | None:
        return None

    def begin(self, _now: int) -> list[Action]:
        return []

    def receive(self, _message: Input, _now: int) -> list[Action]:
        return []

    def advance(self, _now: int) -> list[Action]:
        return []


def sound_with_gaps(deepened: int, coach: socket.socket) -> None:
    """Be a sound process with a gap in every status, and write down which buffers it is asked for."""
    decoder = Decoder(TO_SOUND)
    coach.sendall(encode(Opened("fake", 48_000, None, None, "There is no microphone.", True)))
    began = time.monotonic_ns()
    for turn in count(1):
        data = coach.recv(1 << 20) if select.select([coach], [], [], 0.01)[0] else None
        if data == b"":
            return
        for message in decoder.feed(data or b""):
            if isinstance(message, Deepen):
                os.write(deepened, f"{message.buffer_ms}\n".encode())
        position = (time.monotonic_ns() - began) * 48 // 1_000_000
        coach.sendall(encode(Status(position, time.monotonic_ns(), turn, turn, turn, 0, 0, 0)))


def ears_that_are_told(told: int, coach: socket.socket) -> None:
    """Be a hearing process, and write down how much it is to leave out."""
    coach.sendall(encode(Ready("nothing", (), None)))
    decoder = Decoder(TO_HEARING)
    while data := coach.recv(1 << 20):
        for message in decoder.feed(data):
            if isinstance(message, Spare) and message.thrift == 1:
                os.write(told, b"less\n")


def test_a_machine_that_does_not_keep_up_is_asked_for_less_and_told_of_once() -> None:
    (deepened, deepen), (told, tell_ears) = os.pipe(), os.pipe()
    kinds = (*FROM_HEARING, VoiceBegan, Heard, Ignored)
    sound = Keeper(lambda: ForkedChild(partial(sound_with_gaps, deepen), FROM_SOUND), SOUND_LIMITS)
    hearing = Keeper(lambda: ForkedChild(partial(ears_that_are_told, tell_ears), kinds), HEARING_LIMITS)
    lines: list[str] = []
    kept: list[Effort] = []

    def keep(loudspeaker: str, effort: Effort) -> None:
        assert loudspeaker == "speaker"
        kept.append(effort)

    loudspeaker = Loudspeaker()
    with Wakening() as wakening, Timeline() as timeline:
        renderer = BackgroundRenderer(lambda _speed: {}, wakening.wake)

        def compose(sentences: Sentences) -> Performance:
            session, pack = Idle(told), load_pack("en")
            return Performance(session, sentences, pack, mixer=loudspeaker, timeline=timeline, render=renderer)

        live = LiveSession(
            Names("speaker", "", "", "", ""),
            sound=sound,
            hearing=hearing,
            wakening=wakening,
            microphone_watch=MicrophoneWatch(""),
            tell=lines.append,
            keep=keep,
        )
        renderer(150)
        assert live.perform(Act(compose, loudspeaker, renderer)) is Outcome.DONE
        live.close()
        renderer.close()
    longer = [step.buffer_ms for step in STEPS if step.thrift == 0][1:]
    assert os.read(deepened, 100).decode().split() == [str(buffer_ms) for buffer_ms in longer]
    assert kept[: len(longer) + 1] == list(STEPS[1 : len(longer) + 2])
    assert sum("does not keep up" in line for line in lines) == 1, lines
    assert found_wanting(kept[-1]) in lines[-1]
    for descriptor in (deepened, deepen, told, tell_ears):
        os.close(descriptor)
