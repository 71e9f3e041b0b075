"""What goes on under `standby`: waiting to be called, the session that is called for, and waiting again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Final

from voicecoach.audio.clip import Sentence
from voicecoach.cli.introducing import announce, find_loudspeaker, measured, report, tell_of
from voicecoach.cli.preparing import Composer, Record
from voicecoach.cli.voicing import renderer, renderer_of
from voicecoach.cli.wishing import SessionWishes, Wishes
from voicecoach.coaching.messages import Notice
from voicecoach.doctor import Wishes as ProbeWishes
from voicecoach.errors import VoicecoachError
from voicecoach.history import BrokenOff, History, history_folder
from voicecoach.language.pack import LanguagePack
from voicecoach.live.live_session import Act, LiveSession, Outcome
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.live.night_watch import NightWatch
from voicecoach.live.rendering import BackgroundRenderer
from voicecoach.live.startables import find_startables
from voicecoach.live.wakening import Wakening
from voicecoach.performance import Performance
from voicecoach.routine.library import own_folder
from voicecoach.routine.plan import Plan
from voicecoach.settings import Configuration
from voicecoach.standby.routines import Startable
from voicecoach.standby.script import StandbyLine, StandbyScript
from voicecoach.standby.standby import QUIETER_DB, SURE_CALL, Standby
from voicecoach.timeline.events import Ended, Event, Heard
from voicecoach.timeline.hooks import Hook
from voicecoach.timeline.printing import description
from voicecoach.timeline.timeline import Sink, Timeline

_AHEAD_AFTER_S: Final = 20.0
"""Sentences are rendered ahead when nobody has called for so long: the first call after the start need not compete."""


@dataclass(frozen=True, slots=True)
class House:
    """What stays the same from act to act."""

    configuration: Configuration
    pack: LanguagePack
    live: LiveSession
    microphone: str
    """The one that it hears by; empty for the usual one."""
    wakening: Wakening
    night: NightWatch
    """Somebody else has it look all the while."""
    tell: Callable[[str], None]
    """Given lines for people."""
    status: Callable[[str], None]
    """Given a line that says what goes on now."""
    turned: Callable[[int, bool], None]
    """Called all the while, with the monotonic nanoseconds and whether all that was due has been done."""


def render_sessions(plans: Iterable[Plan], pack: LanguagePack, given_up: Callable[[], bool] = lambda: False) -> None:
    """Render what the sessions of these plans can say, so that each begins at once. Raises `VoiceError`."""
    # The short ones first: they have most of the sentences that all have.
    for plan in sorted(plans, key=lambda plan: len(plan.segments)):
        renderer(plan, pack, given_up)(pack.voice.words_per_minute)


class Reception:
    """Performs one act after the other until it is asked to end. Used by the main thread."""

    def __init__(self, house: House, opening: tuple[StandbyLine, ...]) -> None:
        """Take the house. `opening` is said once, at first."""
        self._house = house
        self._opening = opening
        settings = house.configuration.settings
        self._night = house.night
        self._wishes = Wishes(house.configuration, house.pack, house.tell)
        self._startables, self._plans = find_startables(house.pack, own_folder(), house.tell)
        self._called = house.pack.called({one.name: one.spoken for one in self._startables})
        self._script = StandbyScript(house.pack, self._startables)
        with self._history() as history:
            self._last = self._named(history.last_routine())
            broken_off = history.broken_off()
        self._broken_off = broken_off if broken_off is not None and self._named(broken_off.routine) else None
        self._hook = Hook(settings.on_event, house.tell) if settings.on_event else None
        self._is_called = threading.Event()
        """A session is called for: nothing is rendered ahead meanwhile."""
        self._ahead: threading.Thread | None = None

    def broken_off(self) -> Startable | None:
        """Return the routine of a session that the machine's end broke off a while ago, once: it is to go on."""
        return None if self._broken_off is None else self._named(self._broken_off.routine)

    def introduce(self) -> None:
        """At the first start find out by voice which loudspeaker somebody hears, and whether they are understood.

        Then levels and echo are measured, and what is wrong is said. Where nobody answers it is said what fails: it may
        be why nobody was heard.

        Raises `VoiceError` where the coach has no voice.
        """
        self._night.notice(time.monotonic_ns())
        if self._wishes.preferences.introduced or self._broken_off is not None or self._night.is_night:
            return
        house = self._house
        house.status("Looking for somebody who hears the coach.")
        named = house.configuration.settings.devices.loudspeaker or ""
        found = find_loudspeaker(house.live, house.wakening, self._wishes.pack, named, house.tell)
        if house.wakening.asked_to_end:
            return
        if found is not None:
            self._wishes.keep(replace(self._wishes.preferences, loudspeaker="" if named else found, introduced=True))
        self._measure(named if found is None else found, has_answered=found is not None)

    def _measure(self, loudspeaker: str, *, has_answered: bool) -> None:
        """Measure levels and echo, by this loudspeaker, and say what is wrong by it. Raises `VoiceError`."""
        house = self._house

        def goes_on() -> bool:
            house.turned(time.monotonic_ns(), True)
            return not house.wakening.asked_to_end

        house.status("Measuring the microphone and the loudspeaker.")
        # A sound card can be open once: this ends the process that has it, and the next act starts another one.
        house.live.open_loudspeaker(loudspeaker)
        wishes = ProbeWishes(
            loudspeaker=loudspeaker,
            microphone=house.microphone,
            wake_ms=house.configuration.settings.devices.wake_ms,
        )
        findings = measured(wishes, self._wishes.volume_db, goes_on)
        tell_of(findings, house.tell)
        pack = self._wishes.pack
        if said := report(pack, findings, has_answered=has_answered):
            announce(house.live, house.wakening, pack, said, house.tell)

    def stand_by(self) -> Startable | None:
        """Wait to be called. Return the routine that is to be led; none where the end is asked for.

        Raises `VoiceError` where the coach has no voice.
        """
        pack, wakening = self._wishes.pack, self._house.wakening
        loudspeaker = Loudspeaker()
        composed: list[Standby] = []
        self._house.status("Getting ready: waiting for the loudspeaker.")
        with ExitStack() as opened:
            timeline = opened.enter_context(Timeline(*self._sinks(self._tell_call)))
            render = renderer_of(self._script.texts(), pack, lambda: wakening.asked_to_end)
            rendering = BackgroundRenderer(render, wakening.wake)
            opened.callback(rendering.close)

            def compose(sentences: Mapping[str, Sentence]) -> Performance:
                standby = self._standby(sentences)
                composed.append(standby)
                self._render_ahead(pack)
                return Performance(
                    standby,
                    sentences,
                    self._called,
                    mixer=loudspeaker,
                    timeline=timeline,
                    render=rendering,
                    least_confidence=SURE_CALL,
                )

            def notice(now_ns: int) -> Notice | None:
                # Asked only while there is a loudspeaker, or was one.
                self._house.status("Waiting to be called.")
                # Before what confirms it is sounded.
                self._wishes.keep_volume(composed[0].volume_db)
                if composed[0].quiet and not self._night.is_night:
                    self._night.good_night(now_ns)
                return self._night.notice(now_ns)

            rendering(pack.voice.words_per_minute)
            outcome = self._house.live.perform(Act(compose, loudspeaker, rendering, rests=True, notice=notice))
        if composed:
            self._opening = ()
            self._wishes.keep_volume(composed[0].volume_db)
        return composed[0].chosen if outcome is Outcome.DONE else None

    def lead(self, routine: Startable) -> bool:
        """Lead a session. Tell whether it came to its end, and not that of the coach. Raises `VoiceError`."""
        plan, pack, wakening = self._plans[routine.name], self._wishes.pack, self._house.wakening
        loudspeaker = Loudspeaker()
        self._is_called.set()
        self._last = routine
        self._house.status(f"Leading {routine.title}.")
        self._house.tell(f"{routine.title} begins.")
        with ExitStack() as opened:
            history = opened.enter_context(self._history())
            record = Record(history, routine.name, self._take_broken_off(routine))
            softer_db = QUIETER_DB if self._night.is_night else 0
            configuration = self._wishes.configuration(self._wishes.volume_softer_by(softer_db))
            composer = Composer(plan, pack, configuration, record)
            timeline = opened.enter_context(Timeline(*self._sinks(self._tell_event)))
            render = renderer(plan, pack, lambda: wakening.asked_to_end)
            wished = SessionWishes(self._wishes, loudspeaker, composer.words_per_minute, render, softer_db)
            rendering = BackgroundRenderer(wished.render, wakening.wake)
            opened.callback(rendering.close)
            ask = wished.asks(rendering)

            def compose(sentences: Mapping[str, Sentence]) -> Performance:
                session = composer.compose(sentences)
                return Performance(session, sentences, pack, mixer=loudspeaker, timeline=timeline, render=ask)

            rendering(composer.words_per_minute)
            outcome = self._house.live.perform(Act(compose, loudspeaker, rendering, notice=wished.keep))
        wished.keep()
        return outcome is Outcome.DONE

    def close(self) -> None:
        """Wait for a person's commands that still run."""
        if self._hook is not None:
            self._hook.close()

    def _history(self) -> History:
        """Open the history: only around sessions, so that nothing is written while the coach waits."""
        return History(history_folder(), self._house.tell)

    def _named(self, name: str | None) -> Startable | None:
        return next((one for one in self._startables if one.name == name and one.is_sound), None)

    def _take_broken_off(self, routine: Startable) -> BrokenOff | None:
        """Return what is to go on, if it is this routine, and forget it."""
        broken_off, self._broken_off = self._broken_off, None
        return broken_off if broken_off is not None and broken_off.routine == routine.name else None

    def _standby(self, sentences: Mapping[str, Sentence]) -> Standby:
        self._night.notice(time.monotonic_ns())
        lines = [self._script.here() if line is StandbyLine.HERE else self._script.line(line) for line in self._opening]
        calls = {self._house.pack.call_for(spoken): one for one in self._startables for spoken in one.spoken}
        return Standby(
            self._script,
            {text: sentence.timing for text, sentence in sentences.items()},
            calls,
            last=self._last,
            volume_db=self._wishes.volume_db,
            quiet=self._night.is_night,
            opening=lines,
        )

    def _render_ahead(self, pack: LanguagePack) -> None:
        """Have the sentences of all routines rendered while nobody asks for one, so that each begins at once."""
        if self._ahead is None or not self._ahead.is_alive():
            self._is_called.clear()
            self._ahead = threading.Thread(target=self._render_all, args=(pack,), name="rendering ahead", daemon=True)
            self._ahead.start()

    def _render_all(self, pack: LanguagePack) -> None:
        def given_up() -> bool:
            return self._is_called.is_set() or self._house.wakening.asked_to_end

        if not self._is_called.wait(_AHEAD_AFTER_S):
            # What does not work now is told when somebody asks for it.
            with suppress(VoicecoachError):
                render_sessions(self._plans.values(), pack, given_up)

    # What is told of an act

    def _sinks(self, *sinks: Sink) -> tuple[Sink, ...]:
        return sinks if self._hook is None else (*sinks, self._hook)

    def _tell_call(self, event: Event) -> None:
        if isinstance(event, Heard):
            self._house.tell(f"Called: {description(event)}")

    def _tell_event(self, event: Event) -> None:
        if isinstance(event, (Heard, Ended)):
            self._house.tell(f"{event.kind}: {description(event)}")
