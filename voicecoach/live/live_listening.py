"""Listening without a session, to find out what the coach would hear: microphone and hearing process, and this loop."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from voicecoach.errors import DeviceError, ModelError
from voicecoach.listening.sensations import Heard, Ignored, VoiceBegan
from voicecoach.live.child import Child
from voicecoach.live.clock import NS_PER_MS
from voicecoach.live.hearing_line import HearingLine
from voicecoach.live.keeper import NS_PER_S, Keeper, Limits
from voicecoach.live.loudness import Loudness, Silence, SilenceWatch, loudness
from voicecoach.live.wakening import Wakening
from voicecoach.live.wire import (
    FROM_MICROPHONE,
    Deaf,
    Decoded,
    Listen,
    Message,
    Microphone,
    MicrophoneOpened,
    NotOpened,
    Ready,
    Silenced,
)
from voicecoach.settings import UnreadableSettingsError

LIMITS: Final = Limits(start_s=15.0, progress_s=6.0)
"""A microphone that stops giving sound is reported after 5 s, and then opened anew."""
_TURN_NS: Final = 50 * NS_PER_MS
_CLOSE_LIMIT_S: Final = 0.3
WHAT_TO_DO: Final = {
    Silence.NOTHING: "Nothing comes from the microphone. Is it plugged in? `voicecoach devices` lists those that there "
    "are, and `voicecoach doctor` finds out more.",
    Silence.ZEROS: "The microphone gives nothing but zeros: it is muted, switched off, or the wrong one. Look for a "
    "switch at it, unmute it with `alsamixer` (F4), or name another one with --microphone.",
    Silence.FAINT: "All is so quiet that the coach takes it for silence. If you have spoken, come nearer, or raise the "
    "microphone's volume with `alsamixer` (F4).",
    Silence.OVER: "The microphone gives sound again.",
}


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told what happens. Called by the thread that listens."""

    sensed: Callable[[VoiceBegan | Heard | Ignored], None]
    """Times are milliseconds from the beginning of the listening."""
    level: Callable[[Loudness], None]
    """Fifty times a second."""
    tell: Callable[[str], None]
    """Lines for people."""


def microphone_keeper(microphone: str) -> Keeper:
    """Return what keeps the microphone process going; an empty name is the usual microphone."""
    return Keeper(lambda: Child("voicecoach.live.microphone", (microphone,), FROM_MICROPHONE), LIMITS)


class LiveListening:
    """Listens until it is asked to end. Used once, by the main thread."""

    def __init__(
        self, microphone: Keeper, hearing: Keeper, wakening: Wakening, phrases: Sequence[str], listener: Listener
    ) -> None:
        """Take the parts, and the phrases that are open all the time."""
        self._microphone = microphone
        self._hearing = hearing
        self._wakening = wakening
        self._phrases = tuple(phrases)
        self._listener = listener
        self._line = HearingLine()
        self._hearing_child: Child | None = None
        self._was_open = False
        self._is_open = False
        self._told: dict[str, str] = {}
        self._started_ns = time.monotonic_ns()
        self._silence = SilenceWatch(self._started_ns)

    def run(self) -> None:
        """Listen.

        Raises `DeviceError` where there is no microphone to begin with, and `ModelError` or `UnreadableSettingsError`
        where there are no ears; a microphone that is lost later is waited for.
        """
        try:
            while not self._wakening.asked_to_end:
                self._receive(_TURN_NS / NS_PER_S)
                now_ns = time.monotonic_ns()
                self._supervise(now_ns)
                silence = self._silence.see(now_ns)
                if silence is not None:
                    self._listener.tell(WHAT_TO_DO[silence])
        finally:
            for keeper in (self._microphone, self._hearing):
                keeper.close(_CLOSE_LIMIT_S)

    def _receive(self, timeout_s: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._wakening.socket, selectors.EVENT_READ)
            for keeper in (self._microphone, self._hearing):
                if keeper.child is not None and keeper.child.alive:
                    wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if keeper.child.has_unsent else 0)
                    selector.register(keeper.child.socket, wanted, keeper.child)
            for key, ready in selector.select(timeout_s):
                if key.data is None:
                    self._wakening.clear()
                    continue
                if ready & selectors.EVENT_WRITE:
                    key.data.send_unsent()
                if ready & selectors.EVENT_READ:
                    for message in key.data.receive():
                        self._take(message, time.monotonic_ns())

    def _take(self, message: Message, now_ns: int) -> None:
        match message:
            case MicrophoneOpened(microphone=microphone, rate_hz=rate_hz):
                self._was_open = self._is_open = True
                self._microphone.progress(now_ns)
                self._tell_once("microphone", f"Listening to '{microphone}' at {rate_hz} Hz.")
                self._invite()
            case NotOpened(why=why):
                if not self._was_open:
                    raise DeviceError(why)
                self._tell_once("microphone", f"No microphone: {why} Waiting for it.")
            case Silenced(microphone=why):
                self._tell_once("silence", why or "The microphone is not silenced any more.")
            case Microphone():
                self._microphone.progress(now_ns)
                self._hear(message, now_ns)
            case Ready(engine=engine, left_aside=left_aside):
                assert self._hearing.child is not None
                self._line.connect(self._hearing.child)
                self._hearing.progress(now_ns)
                if left_aside is not None:
                    self._tell_once("person", left_aside)
                self._tell_once("ears", f"Hearing with {engine}.")
                self._invite()
            case Deaf(why=why, by_settings=by_settings):
                raise UnreadableSettingsError(why) if by_settings else ModelError(why)
            case Decoded(blocks=blocks):
                self._hearing.progress(now_ns)
                self._line.decoded(blocks)
            case VoiceBegan() | Heard() | Ignored():
                self._listener.sensed(self._line.in_session_time(message, self._ms(now_ns)))

    def _hear(self, block: Microphone, now_ns: int) -> None:
        loud = loudness(block.data)
        self._silence.hear(now_ns, loud)
        if self._line.connected:
            self._listener.level(loud)
            if not self._line.behind:
                self._hearing.progress(now_ns)
        self._line.send(Listen(block.data, block.echo_power), self._ms(block.at_ns), self._phrases, None)

    def _supervise(self, now_ns: int) -> None:
        if self._line.connected and not self._line.behind:
            self._hearing.progress(now_ns)
        lost = self._microphone.attend(now_ns)
        if lost is not None and self._is_open:
            self._is_open = False
            self._tell_once("microphone", f"The microphone was lost ({lost}); it is opened anew.")
        lost = self._hearing.attend(now_ns)
        if self._hearing.child is not self._hearing_child:
            self._hearing_child = self._hearing.child
            self._line.disconnect()
        if lost is not None:
            self._tell_once("ears", f"The hearing process was lost ({lost}); it is started again.")

    def _invite(self) -> None:
        if self._is_open and self._line.connected:
            self._tell_once("invitation", "Say something; Ctrl-C ends it.")

    def _ms(self, at_ns: int) -> int:
        return max(0, at_ns - self._started_ns) // NS_PER_MS

    def _tell_once(self, about: str, what: str) -> None:
        """Tell something, unless it is what was told last about the same."""
        if self._told.get(about) != what:
            self._told[about] = what
            self._listener.tell(what)
