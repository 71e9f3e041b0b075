"""What the small state machines beside the session have in common: how time passes, who has the floor, what is said.

Each of them talks with a person and is driven as a session is (`begin`, `receive`, `advance`, `next_deadline`; actions
come out). Its states and transitions are in its own file; here is only what does not depend on them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Final, assert_never

from voicecoach.coaching.delivery import Delivery
from voicecoach.coaching.messages import (
    TONE_LENGTH_MS,
    Action,
    CommandHeard,
    Input,
    MachineChanged,
    Notice,
    SpeechRendered,
    SpeechTable,
    Tone,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.coaching.placing import NEVER_MS
from voicecoach.commands import Command
from voicecoach.routine.plan import Cue

VOICE_MS: Final = 8_000
"""The floor comes back after this, should nobody say that a voice ended."""


class Dialogue(ABC):
    """Talks with a person. Not thread-safe; owned by one shell."""

    def __init__(self, speech: SpeechTable) -> None:
        """Take the timing of every text that can be said."""
        self._delivery: Final = Delivery(speech)

    # What a shell may ask

    @property
    def now_ms(self) -> int:
        """The time that it has been told."""
        return self._delivery.now

    @property
    @abstractmethod
    def ended(self) -> bool:
        """Whether it is over."""

    def saying(self, now: int) -> str | None:
        """Return the sentence that the coach says at `now`."""
        return self._delivery.saying(now)

    @abstractmethod
    def next_deadline(self) -> int | None:
        """Return when `advance` must be called at the latest; none while there is nothing to wait for."""

    @abstractmethod
    def open_commands(self) -> frozenset[Command]:
        """Return the commands that are obeyed now."""

    # What drives it

    def begin(self, now: int) -> list[Action]:
        """Start. Call once, first."""
        if self._has_begun:
            raise ValueError("it begins once")
        self._delivery.now = now
        self._begin()
        return self._delivery.take_actions()

    def receive(self, message: Input, now: int) -> list[Action]:
        """Take an input and return what to do. What was due before it is done first."""
        self._advance_to(now)
        if self._has_begun and not self.ended:
            match message:
                case CommandHeard(command=command, phrase=phrase):
                    self._hear(command, phrase)
                case VoiceStarted():
                    self._delivery.give_floor(VOICE_MS)
                case VoiceIgnored(like_speech=like_speech):
                    self._return_floor()
                    if like_speech:
                        self._miss()
                case SpeechRendered(table=table):
                    self._delivery.change_speech(table)
                case MachineChanged(notice=notice):
                    self._notice(notice)
                case _:
                    assert_never(message)
        return self._delivery.take_actions()

    def advance(self, now: int) -> list[Action]:
        """Let time pass and return what to do."""
        self._advance_to(now)
        return self._delivery.take_actions()

    def _advance_to(self, now: int) -> None:
        if now < self._delivery.now:
            raise ValueError(f"time went backwards, from {self._delivery.now} to {now} ms")
        while (deadline := self.next_deadline()) is not None and deadline <= now:
            self._delivery.now = max(self._delivery.now, deadline)
            if self._delivery.floor_returns_ms <= self._delivery.now:
                self._return_floor()
            else:
                self._pass_deadline()
        self._delivery.now = now
        self._delivery.forget_the_past()

    # What each of them does in its own way

    @property
    @abstractmethod
    def _has_begun(self) -> bool:
        """Whether `begin` was called."""

    @abstractmethod
    def _begin(self) -> None:
        """Enter the first state."""

    @abstractmethod
    def _hear(self, command: Command, phrase: str) -> None:
        """Do what was asked. Whoever spoke still has the floor."""

    @abstractmethod
    def _pass_deadline(self) -> None:
        """Do what is due now in this state."""

    @abstractmethod
    def _take_up(self) -> None:
        """Have the state last as long as what is said again now."""

    @abstractmethod
    def _miss(self) -> None:
        """Do what there is to do when somebody has said something else. The coach has the floor again."""

    @abstractmethod
    def _notice(self, notice: Notice) -> None:
        """Take note of something about the machine."""

    # Sounding

    def _confirm(self) -> None:
        self._delivery.sound(Tone.UNDERSTOOD)

    def _say(self, cues: Iterable[Cue]) -> None:
        """Say sentences one after the other, after the tone that confirms."""
        self._delivery.say_in_order(cues, after_ms=TONE_LENGTH_MS[Tone.UNDERSTOOD])

    def _end_of_telling(self, ends_ms: int) -> int:
        """Return when what ends with its last sentence is to be looked at: not while somebody has the floor."""
        returns_ms = self._delivery.floor_returns_ms
        return ends_ms if returns_ms == NEVER_MS else returns_ms

    def _return_floor(self) -> None:
        """Go on with what was being said, from the beginning of its sentence: there is no hurry here."""
        unsaid = self._delivery.return_floor()
        if unsaid:
            self._delivery.say_in_order(spoken.cue for spoken in unsaid)
            self._take_up()
