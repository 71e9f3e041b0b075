"""The children of a coach without their devices and models: a sound process that writes down what it is given to sound,
and a hearing process that says it has heard what a list of chances says, and may kill the coach just then.

They are forked, so that they start at once, and are real processes all the same: the coach talks to them over a socket,
and the kernel ends them with it.
"""

from __future__ import annotations

import os
import random
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import Tone
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.sensations import Heard, VoiceBegan
from voicecoach.live.child import Child
from voicecoach.live.parentage import die_with_parent
from voicecoach.live.wire import (
    TO_HEARING,
    TO_SOUND,
    Attend,
    Began,
    Decoded,
    Decoder,
    Finished,
    Listen,
    Message,
    Microphone,
    Opened,
    Place,
    Ready,
    RestLoudspeaker,
    Silence,
    Status,
    WakeLoudspeaker,
    Woke,
    encode,
)

UNDERSTOOD = tone_samples(Tone.UNDERSTOOD).tobytes()


class _Forked:
    """As much of a `subprocess.Popen` as a `Child` uses."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def wait(self, limit_s: float) -> None:
        end = time.monotonic() + limit_s
        while self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
            elif time.monotonic() >= end:
                return


class ForkedChild(Child):
    def __init__(self, serve: Callable[[socket.socket], None], kinds: tuple[type[Message], ...]) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._decoder = Decoder(kinds)
        self._unsent = bytearray()
        self._alive = True
        coach = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                ours.close()
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                die_with_parent(coach)
                serve(theirs)
            finally:
                os._exit(0)
        self._process = _Forked(pid)  # type: ignore[assignment]
        theirs.close()
        ours.setblocking(False)


@dataclass(frozen=True)
class Sounds:
    """A sound process whose device is the clock."""

    evidence: int
    """A descriptor; what is written there outlives everybody."""

    def __call__(self, coach: socket.socket) -> None:
        os.write(self.evidence, f"pid {os.getpid()}\n".encode())
        decoder = Decoder(TO_SOUND)
        began = time.monotonic_ns()
        placed: dict[int, tuple[int, int]] = {}
        callbacks = 0

        def tell(message: Message) -> None:
            coach.sendall(encode(message))

        tell(Opened("fake", 48_000, "fake", 16_000, None, True))
        while True:
            readable, _, _ = select.select([coach], [], [], 0.01)
            data = coach.recv(1 << 20) if readable else None
            if data == b"":
                return
            position = (time.monotonic_ns() - began) * 48 // 1_000_000
            for message in decoder.feed(data or b""):
                match message:
                    case Place():
                        what = b"understood\n" if message.data == UNDERSTOOD else b"sound\n"
                        os.write(self.evidence, what)
                        frames = len(message.data) // 4 - message.from_frame
                        placed[message.sound] = (max(position, message.at_frame), frames)
                    case Silence():
                        for sound in placed:
                            tell(Finished(sound, position, True))
                        placed.clear()
                    case WakeLoudspeaker():
                        tell(Woke())
                    case RestLoudspeaker() | _:
                        pass
            for sound, (at, frames) in list(placed.items()):
                if position >= at:
                    if frames > 0:
                        tell(Began(sound, at))
                    placed[sound] = (at + frames, 0)
                    if frames == 0:
                        tell(Finished(sound, at, False))
                        del placed[sound]
            callbacks += 1
            tell(Status(position, time.monotonic_ns(), callbacks, 0, callbacks, 0, 0, 0))
            tell(Microphone(time.monotonic_ns(), bytes(640), 0.0))


@dataclass(frozen=True)
class Hears:
    """A hearing process that hears what chance says."""

    evidence: int
    called: LanguagePack
    """For what is said between sessions."""
    pack: LanguagePack
    chance: random.Random
    kill_after: int | None
    """The coach is killed when so many commands have been said, a little later; none where somebody else does that."""
    begins: str
    """The call by which a session begins."""

    def __call__(self, coach: socket.socket) -> None:
        os.write(self.evidence, f"pid {os.getpid()}\n".encode())
        decoder = Decoder(TO_HEARING)
        phrases: tuple[str, ...] = ()
        blocks = said = 0
        next_ns = time.monotonic_ns()
        coach.sendall(encode(Ready("chance", (), None)))
        while data := coach.recv(1 << 20):
            for message in decoder.feed(data):
                match message:
                    case Attend():
                        if phrases != message.phrases and message.phrases:
                            is_called = all(phrase.startswith(self.pack.address) for phrase in message.phrases)
                            os.write(self.evidence, b"standby\n" if is_called else b"session\n")
                        phrases = message.phrases
                    case Listen():
                        blocks += 1
                        coach.sendall(encode(Decoded(blocks)))
            if phrases and time.monotonic_ns() >= next_ns:
                next_ns = time.monotonic_ns() + self.chance.randrange(40, 160) * 1_000_000
                self._say(coach, phrases, blocks * 20)
                said += 1
                if said == self.kill_after:
                    time.sleep(self.chance.random() * 0.03)
                    os.kill(os.getppid(), signal.SIGKILL)

    def _say(self, coach: socket.socket, phrases: tuple[str, ...], now_ms: int) -> None:
        calls = [f"{self.pack.address} louder", f"{self.pack.address} quieter", self.begins]
        wanted = (
            calls if self.begins in phrases else ["louder", "quieter", "pause", "resume", "next", "finish", "start"]
        )
        can_be_said = [phrase for phrase in wanted if phrase in phrases]
        if not can_be_said:
            return
        phrase = self.chance.choice(can_be_said)
        command = (self.called if phrase in calls else self.pack).command_of(phrase)
        assert command is not None
        os.write(self.evidence, f"said {phrase}\n".encode())
        coach.sendall(encode(VoiceBegan(max(0, now_ms - 20))))
        coach.sendall(encode(Heard(command, phrase, max(0, now_ms - 20), now_ms, now_ms, 1.0)))
