"""Sessions with a real loudspeaker and microphone: the one loop of the coach process.

    session ─▶ Loudspeaker ─▶ sound process ─▶ (echo taken out) ─▶ here ─▶ hearing process ─▶ here ─▶ session

The loop waits for messages, signals and the session's next deadline, and for nothing else: each child is a socket that
is never waited on, and sentences are rendered in a thread. Session time passes only while the sound process shows that
its device takes sound, so a session whose loudspeaker is lost stays where it is until there is one again.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from voicecoach.audio.echo import NOT_INSTALLED
from voicecoach.coaching.messages import Notice
from voicecoach.errors import DeviceError, ModelError, VoicecoachError
from voicecoach.listening.sensations import Heard, Ignored, VoiceBegan
from voicecoach.live.child import Child
from voicecoach.live.children import CLOSE_LIMIT_S, SLOW_SOUND_LIMITS, Names, open_devices
from voicecoach.live.clock import GRACE_NS, NS_PER_MS, SessionClock
from voicecoach.live.half_duplex import HalfDuplex
from voicecoach.live.hearing_line import HearingLine
from voicecoach.live.keeper import NS_PER_S, Keeper
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.live.microphone_watch import SILENT_NS, MicrophoneWatch
from voicecoach.live.overload import Effort, Overload, found_wanting
from voicecoach.live.rendering import BackgroundRenderer, Sentences
from voicecoach.live.rest import LEAD_NS, Change, Rest
from voicecoach.live.senses import Senses
from voicecoach.live.sound_faults import SoundFaults
from voicecoach.live.wakening import Wakening
from voicecoach.live.wire import (
    Began,
    Deaf,
    Decoded,
    Deepen,
    Finished,
    Listen,
    Message,
    Microphone,
    NotOpened,
    Opened,
    Ready,
    RestLoudspeaker,
    Silenced,
    Spare,
    Status,
    WakeLoudspeaker,
    Woke,
)
from voicecoach.no_network import NOT_KEPT_FROM, is_without_network
from voicecoach.performance import Performance
from voicecoach.settings import UnreadableSettingsError
from voicecoach.units import OUTPUT_FRAMES_PER_MS

WARM_UP_NS: Final = 4 * NS_PER_S // 10
"""Silence before the first sound: amplifiers and servers that sleep swallow what wakes them. More where it is set."""
EARS_LOAD_NS: Final = 60 * NS_PER_S
"""A model may take so long to load on a slow machine; only then does the coach say that it cannot hear."""
SLOW_EARS_NS: Final = 20 * NS_PER_S
"""The same, before the first word is said without them on a machine that is known not to keep up."""
DRAIN_NS: Final = NS_PER_S // 2
"""What the device has been given still has to sound at the end."""
OVERDUE_MS: Final = 2_000
"""A loop that is so late with what is due does not get on."""
_TURN_NS: Final = 20 * NS_PER_MS
_RESTING_TURN_NS: Final = 200 * NS_PER_MS
"""While the loudspeaker rests: all that matters comes as a message, or wakes the loop."""


class Outcome(Enum):
    """How a live session ended."""

    DONE = auto()
    INTERRUPTED = auto()


def _is_steady(before: Status, after: Status) -> bool:
    """Tell whether the device took at least half of what it plays in the time between: it did not stand still."""
    passed_ns = after.at_ns - before.at_ns
    return (after.position - before.position) * NS_PER_MS > passed_ns * OUTPUT_FRAMES_PER_MS / 2


def _nothing_to_notice(_now_ns: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Act:
    """One session, or one time of standing by between two."""

    compose: Callable[[Sentences], Performance]
    """Makes the performance of the sentences for which the renderer has been asked."""
    loudspeaker: Loudspeaker
    """The one that the performance sounds by, fresh."""
    renderer: BackgroundRenderer
    rests: bool = False
    """Whether the loudspeaker is let go while nothing sounds. No deadline may have to be kept then."""
    notice: Callable[[int], Notice | None] = _nothing_to_notice
    """Asked at each turn, with the monotonic nanoseconds: what else the coach is to know of the world."""
    waits_for_ears_ns: int = 0
    """Once the loudspeaker is ready, the first word waits no longer for the ears. They hear later what was said since,
    and so only who asks something at once waits for them."""


class LiveSession:
    """Performs one act after the other with the same child processes. Used by the main thread, and closed by it."""

    def __init__(
        self,
        names: Names,
        *,
        sound: Keeper,
        hearing: Keeper,
        wakening: Wakening,
        microphone_watch: MicrophoneWatch,
        tell: Callable[[str], None],
        keep: Callable[[str, Effort], None] = lambda _loudspeaker, _effort: None,
        turned: Callable[[int, bool], None] = lambda _now_ns, _gets_on: None,
        wait: bool = False,
        needs_microphone: bool = False,
        patient: bool = False,
    ) -> None:
        """Take the parts. `tell` is given lines for people. A sound process that is there has its `names` already.

        `keep` is given the loudspeaker's name and what this machine turns out to be able to do by it.
        `turned` is called after each turn of the loop, with the monotonic nanoseconds and whether all that was due has
        been done. `wait`: also before the first act for a loudspeaker. `needs_microphone`: do not begin without one.
        `patient`: also without a model that can be used, which is looked for now and then.
        """
        self._composed: Performance | None = None
        self._performance: Performance | None = None
        """None until the act has begun."""
        self._loudspeaker = Loudspeaker()
        self._names = names
        self._sound = sound
        self._hearing = hearing
        self._wakening = wakening
        self._tell = tell
        self._keep = keep
        self._overload = Overload(names.effort)
        if self._overload.is_known:
            sound.be_patient(SLOW_SOUND_LIMITS)
        self._turned = turned
        self._wait = wait
        self._needs_microphone = needs_microphone
        self._patient = patient
        self._waits_for_ears_ns = 0
        self._clock = SessionClock()
        self._line = HearingLine()
        self._half_duplex: HalfDuplex | None = None
        self._has_ears_to_come = True
        self._has_heard = False
        self._is_explained_deaf = False
        """The hearing process has said why it ends: that it ended is no news."""
        self._is_explained_silent = False
        """The same for the sound process."""
        self._has_microphone = False
        self._silenced = Silenced("", "")
        self._callbacks = 0
        self._rest = Rest()
        self._warm_up_ns = self._waking_ns(WARM_UP_NS)
        self._first_frame: int | None = None
        """The device's frame at which the loudspeaker was opened."""
        self._woken_ns = 0
        """Until then that nothing sounds is no loss: the loudspeaker, which rested, wakes."""
        self._sound_since_ns: int | None = None
        self._status: Status | None = None
        # They may have been started already, and be ready before they are looked at for the first time.
        self._sound_child: Child | None = sound.child
        self._hearing_child: Child | None = hearing.child
        self._told: dict[str, str] = {}
        self._senses = Senses(0)
        self._microphone_watch = microphone_watch
        self._is_told_silent = False
        """Whether the person was told of a silence in this act, on a machine that does not keep up."""
        self._microphone_ns = 0
        self._faults = SoundFaults()

    def perform(self, act: Act) -> Outcome:
        """Perform one act.

        Raises `VoiceError` where it has no sentences, and, unless it waits for them, `DeviceError`, `ModelError` and
        `UnreadableSettingsError` where it cannot even begin; afterwards whatever is missing is waited for, or done
        without. After an exception another act may be performed.
        """
        self._take_up(act)
        ended_ns: int | None = None
        while True:
            self._receive(self._timeout_s())
            now_ns = time.monotonic_ns()
            if self._wakening.asked_to_end:
                return self._interrupted()
            self._supervise(now_ns)
            self._let_rest(act, now_ns)
            self._clock.tick(now_ns)
            self._take_rendered(act)
            performance = self._performance
            if performance is None:
                self._begin_if_ready(now_ns)
                self._turned(now_ns, True)
                continue
            self._watch_senses(performance, now_ns)
            notice = act.notice(now_ns)
            if notice is not None:
                performance.give_notice(notice, self._clock.now_ms)
            performance.advance(self._clock.now_ms)
            self._sound_out(performance)
            self._turned(now_ns, not self._is_overdue(performance))
            if performance.ended and self._loudspeaker.quiet:
                ended_ns = ended_ns or now_ns
                if now_ns - ended_ns > DRAIN_NS:
                    return Outcome.DONE

    def open_loudspeaker(self, name: str) -> None:
        """Sound by another loudspeaker from the next act on."""
        self._names = replace(self._names, loudspeaker=name)
        self._sound.replace(time.monotonic_ns())
        self._sound_child = None
        self._forget_sound()

    def close(self) -> None:
        """End the child processes."""
        self._microphone_watch.close()
        for keeper in (self._sound, self._hearing):
            keeper.close(CLOSE_LIMIT_S)
        if (faults := self._faults.summary()) is not None:
            self._tell(faults)
        if self._overload.is_known:
            self._tell(f"This machine did not keep up: {found_wanting(self._overload.effort)}")

    # The act

    def _take_up(self, act: Act) -> None:
        self._microphone_ns = time.monotonic_ns()
        self._is_told_silent = False
        self._composed = self._performance = None
        self._loudspeaker = act.loudspeaker
        self._waits_for_ears_ns = act.waits_for_ears_ns
        if self._sound_since_ns is not None and self._sound.child is not None:
            self._loudspeaker.connect(self._sound.child.send)

    def _is_overdue(self, performance: Performance) -> bool:
        """Tell whether something should have been done long ago."""
        due_ms = performance.next_deadline()
        return due_ms is not None and self._clock.now_ms - due_ms > OVERDUE_MS

    def _begin_if_ready(self, now_ns: int) -> None:
        if self._composed is None or self._status is None or self._sound_since_ns is None:
            return
        warm_ns = now_ns - self._sound_since_ns - self._warm_up_ns
        hears = self._line.connected or not self._has_ears_to_come or not self._has_microphone
        # Ears that load would hold up the first words of a machine that is known not to keep up.
        waits_ns = max(self._waits_for_ears_ns, SLOW_EARS_NS if self._overload.is_known else 0)
        if warm_ns < 0 or not (hears or warm_ns >= waits_ns):
            return
        self._performance = self._composed
        self._clock = SessionClock(self._overload.effort.buffer_ms)
        self._clock.start(now_ns, self._performance.begins_ms)
        self._clock.sound_is_possible(now_ns)
        self._loudspeaker.restart_clock()
        self._observe(self._status)
        self._senses = Senses(now_ns, hears_in_ns=EARS_LOAD_NS if self._has_microphone else 0)
        self._performance.begin(self._clock.now_ms)
        self._sound_out(self._performance)

    def _take_rendered(self, act: Act) -> None:
        rendered = act.renderer.take()
        if self._composed is None:
            if isinstance(rendered, VoicecoachError):
                raise rendered
            if rendered is not None:
                self._composed = act.compose(rendered)
        elif isinstance(rendered, VoicecoachError):
            self._tell(f"The speed stays as it is: {rendered}")
        elif rendered is not None:
            self._composed.speech_rendered(rendered, self._clock.now_ms)

    def _sound_out(self, performance: Performance) -> None:
        self._loudspeaker.pass_time(self._clock.now_frame)
        performance.sounded()

    def _interrupted(self) -> Outcome:
        """End properly, and at once."""
        if self._performance is not None:
            self._performance.finish(self._clock.now_ms)
            self._sound_out(self._performance)
        return Outcome.INTERRUPTED

    # Messages

    def _timeout_s(self) -> float:
        """Return how long nothing has to be done: until the session's next deadline, but not for long."""
        wait_ns = _RESTING_TURN_NS if self._rest.is_resting else _TURN_NS
        due_ms = self._performance.next_deadline() if self._performance is not None else None
        if due_ms is not None:
            wait_ns = min(wait_ns, max(0, (due_ms - self._clock.now_ms) * NS_PER_MS))
        return wait_ns / NS_PER_S

    def _receive(self, timeout_s: float) -> None:
        # Made anew at each turn, which for an epoll would be a system call for each socket.
        with selectors.PollSelector() as selector:
            selector.register(self._wakening.socket, selectors.EVENT_READ)
            children = [keeper.child for keeper in (self._sound, self._hearing) if keeper.child is not None]
            for child in children:
                if child.alive:
                    wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if child.has_unsent else 0)
                    selector.register(child.socket, wanted, child)
            for key, ready in selector.select(timeout_s):
                if key.data is None:
                    self._wakening.clear()
                    continue
                if ready & selectors.EVENT_WRITE:
                    key.data.send_unsent()
                if ready & selectors.EVENT_READ:
                    messages = key.data.receive()
                    now_ns = time.monotonic_ns()
                    self._see_that_sound_went_on(messages)
                    self._clock.tick(now_ns)
                    for message in messages:
                        self._take(message, now_ns)

    def _see_that_sound_went_on(self, messages: Iterable[Message]) -> None:
        """Take what was told while this process could not run: time went on as long as the device took sound."""
        before = self._status
        for status in messages:
            if before is None or not isinstance(status, Status) or not self._rest.is_awake:
                continue
            if status.underflows == before.underflows and _is_steady(before, status):
                self._clock.sound_is_possible(status.at_ns)
            before = status

    def _take(self, message: Message, now_ns: int) -> None:
        match message:
            case Began():
                self._loudspeaker.began(message)
            case Finished():
                self._loudspeaker.finished(message)
            case Status():
                self._take_status(message, now_ns)
            case Woke():
                self._take_woke(now_ns)
            case Silenced():
                self._take_silenced(message)
            case Microphone():
                self._take_microphone(message)
            case Opened():
                self._take_opened(message)
            case NotOpened(why=why):
                if self._performance is None and not self._wait:
                    raise DeviceError(why)
                self._is_explained_silent = True
                self._tell_once("sound", f"No loudspeaker: {why} Waiting for it.")
            case Ready(engine=engine, unheard=unheard, left_aside=left_aside):
                assert self._hearing.child is not None
                self._has_heard = True
                self._is_explained_deaf = False
                self._ask_of_ears()
                self._line.connect(self._hearing.child)
                self._hearing.progress(now_ns)
                self._tell_once("ears", f"Hearing with {engine}.")
                if left_aside is not None:
                    self._tell_once("person", left_aside)
                if unheard:
                    named = ", ".join(f"'{name}'" for name in unheard)
                    self._tell_once("calls", f"Routines with words that it does not know cannot be called: {named}.")
            case Deaf(why=why, by_settings=by_settings):
                if not (self._has_heard or self._patient):
                    raise UnreadableSettingsError(why) if by_settings else ModelError(why)
                self._has_ears_to_come = self._patient
                self._is_explained_deaf = True
                how = "cannot hear any more" if self._has_heard else "cannot hear"
                self._tell_once("ears", f"The coach {how}, and goes on by itself: {why}")
            case Decoded(blocks=blocks):
                self._hearing.progress(now_ns)
                self._line.decoded(blocks)
            case VoiceBegan() | Heard() | Ignored():
                now_ms = self._clock.now_ms
                sensation = self._line.in_session_time(message, now_ms)
                if self._performance is None:
                    return
                if self._half_duplex is None or self._half_duplex.lets_through(sensation):
                    self._performance.sense([sensation], now_ms)

    def _take_opened(self, opened: Opened) -> None:
        self._is_explained_silent = False
        self._look_for_networks()
        self._has_microphone = opened.microphone is not None
        self._half_duplex = None if opened.cancels_echo else HalfDuplex()
        if opened.microphone is None:
            if self._performance is None and self._needs_microphone and not self._wait:
                raise DeviceError(str(opened.trouble))
            self._tell_once("sound", f"Sound by '{opened.loudspeaker}'. {opened.trouble} The coach goes on by itself.")
            return
        self._tell_once("sound", f"Sound by '{opened.loudspeaker}', hearing by '{opened.microphone}'.")
        if not opened.cancels_echo:
            self._tell_once("echo", NOT_INSTALLED)

    def _look_for_networks(self) -> None:
        """Tell where the processes that hear could reach a network: this kernel lets them not leave it."""
        children = [keeper.child for keeper in (self._sound, self._hearing) if keeper.child is not None]
        if not all(is_without_network(child.pid) for child in children):
            self._tell_once("network", NOT_KEPT_FROM)

    def _take_silenced(self, silenced: Silenced) -> None:
        """Tell what silences a device, and when that is over."""
        for what in ("loudspeaker", "microphone"):
            before, now = getattr(self._silenced, what), getattr(silenced, what)
            if now:
                self._tell_once(f"silent {what}", now)
            elif before:
                self._tell_once(f"silent {what}", f"The {what} is not silenced any more.")
        self._silenced = silenced

    def _take_status(self, status: Status, now_ns: int) -> None:
        self._faults.count(status)
        # While all is being loaded there are gaps in silence, on machines that keep up afterwards.
        self._ask_less(self._overload.see_gaps(now_ns, status.underflows, counts=self._performance is not None))
        if self._rest.is_resting:
            # Its own loop goes on; whether anything is heard is watched elsewhere.
            self._sound.progress(now_ns)
        if status.callbacks <= self._callbacks or self._sound.child is None or not self._rest.is_awake:
            return
        self._callbacks = status.callbacks
        self._sound.progress(now_ns)
        if self._sound_since_ns is None:
            # It may have waited to be read while this process loaded its libraries.
            self._begin_to_sound(status.at_ns)
        is_warm = self._sound_since_ns is not None and now_ns - self._sound_since_ns >= self._warm_up_ns
        if self._has_woken(status.position) and is_warm:
            self._clock.sound_is_possible(now_ns)
            self._observe(status)

    def _ask_less(self, effort: Effort | None) -> None:
        """Ask less of the machine from now on, if anything is given."""
        if effort is None:
            return
        deepens, self._names = effort.buffer_ms != self._names.effort.buffer_ms, replace(self._names, effort=effort)
        self._clock.buffer_ms = effort.buffer_ms
        if deepens and self._sound.child is not None:
            self._sound.child.send(Deepen(effort.buffer_ms))
        self._ask_of_ears()
        self._sound.be_patient(SLOW_SOUND_LIMITS)
        self._keep(self._names.loudspeaker, effort)
        self._tell_once("overload", "This machine does not keep up. `voicecoach doctor` says what is done about it.")

    def _ask_of_ears(self) -> None:
        if self._overload.is_known and self._hearing.child is not None:
            self._hearing.child.send(Spare(self._overload.effort.thrift))

    def _take_woke(self, now_ns: int) -> None:
        self._rest.opened()
        self._first_frame = None
        self._warm_up_ns = self._waking_ns(LEAD_NS)
        self._woken_ns = now_ns + self._warm_up_ns + GRACE_NS
        self._begin_to_sound(now_ns)

    def _has_woken(self, position: int) -> bool:
        """Tell whether the loudspeaker has taken what wakes it. Once it is open it may take nothing for a while."""
        if self._first_frame is None:
            self._first_frame = position
        return position - self._first_frame >= self._names.wake_ms * OUTPUT_FRAMES_PER_MS

    def _waking_ns(self, usual_ns: int) -> int:
        """Return how long the loudspeaker is given nothing to say after it was opened."""
        return max(usual_ns, self._names.wake_ms * NS_PER_MS)

    def _begin_to_sound(self, since_ns: int) -> None:
        if self._sound.child is not None:
            self._sound_since_ns = since_ns
            self._loudspeaker.connect(self._sound.child.send)

    def _let_rest(self, act: Act, now_ns: int) -> None:
        """Have the loudspeaker closed where nothing is to sound, and opened where something is."""
        rests = act.rests and not self._names.keep_awake
        wanted = not rests or self._performance is None or not self._loudspeaker.quiet
        change = self._rest.see(now_ns, works=self._sound_since_ns is not None, wanted=wanted)
        if change is not None and self._sound.child is not None:
            self._sound.child.send(RestLoudspeaker() if change is Change.LET_GO else WakeLoudspeaker())
        if change is Change.LET_GO:
            self._sound_since_ns = self._status = None
            self._loudspeaker.disconnect()
        elif change is Change.OPEN:
            self._sound.progress(now_ns)
            self._clock.sound_is_impossible()
        if self._rest.is_resting:
            self._clock.sound_is_possible(now_ns)

    def _observe(self, status: Status) -> None:
        self._status = status
        self._loudspeaker.observe(status.at_ns, status.position, self._clock.frame_at(status.at_ns), status.underflows)

    def _take_microphone(self, block: Microphone) -> None:
        self._microphone_ns = time.monotonic_ns()
        if not self._line.behind:
            self._hearing.progress(self._microphone_ns)
        performance = self._performance
        if performance is None:
            self._line.send(Listen(block.data, block.echo_power), 0, (), None)
            return
        now_ms = self._clock.now_ms
        only_urgent = self._half_duplex is not None and self._half_duplex.deafened(now_ms, self._loudspeaker.sounding)
        phrases = performance.open_phrases(only_urgent=only_urgent)
        listen = Listen(block.data, block.echo_power)
        self._line.send(listen, self._clock.ms_at(block.at_ns), phrases, performance.saying(now_ms))

    # Supervision

    def _supervise(self, now_ns: int) -> None:
        if self._line.connected and not self._line.behind:
            self._hearing.progress(now_ns)
        lost = self._sound.attend(now_ns)
        if self._sound.child is not self._sound_child:
            self._sound_child = self._sound.child
            self._forget_sound()
            open_devices(self._sound, self._names)
        if lost is not None and self._performance is not None and not self._is_explained_silent:
            self._tell_once("sound", f"The sound process was lost ({lost}); it is started again. Time stands still.")
        if not self._has_ears_to_come:
            return
        if self._performance is not None:
            self._ask_less(self._overload.see_ears(now_ns, self._line.behind))
        lost = self._hearing.attend(now_ns)
        if self._hearing.child is not self._hearing_child:
            self._hearing_child = self._hearing.child
            self._line.disconnect()
        if lost is not None and self._performance is not None and not self._is_explained_deaf:
            self._senses.lose_ears(now_ns)
            self._tell_once("ears", f"The hearing process was lost ({lost}); it is started again.")

    def _watch_senses(self, performance: Performance, now_ns: int) -> None:
        """Tell the person what has changed, and look for a microphone where none works."""
        sounds = self._clock.runs(now_ns) or now_ns < self._woken_ns
        has_microphone = now_ns - self._microphone_ns < SILENT_NS
        hears = has_microphone and self._line.connected and not self._silenced.microphone
        notice = self._senses.see(now_ns, sounds=sounds, hears=hears)
        if notice is not None and not self._is_known_silence(notice):
            performance.give_notice(notice, self._clock.now_ms)
        if notice is Notice.HEARING_LOST and self._has_microphone and not has_microphone:
            self._tell_once("sound", "The microphone does not give anything. The coach goes on by itself.")
        if self._microphone_watch.found(now_ns, works=has_microphone or not sounds):
            self._tell_once("sound", "There is a microphone that does not give anything; the devices are opened anew.")
            self._sound.replace(now_ns)

    def _is_known_silence(self, notice: Notice) -> bool:
        """Tell whether a person who was told once that this machine is silent for moments would be told again."""
        if notice is not Notice.SOUND_RETURNED or not self._overload.is_known:
            return False
        was_told, self._is_told_silent = self._is_told_silent, True
        return was_told

    def _forget_sound(self) -> None:
        self._faults.start_anew()
        self._overload.start_anew()
        self._silenced = Silenced("", "")
        self._clock.sound_is_impossible()
        self._callbacks = 0
        self._rest.opened()
        self._warm_up_ns = self._waking_ns(WARM_UP_NS)
        self._sound_since_ns = self._status = self._first_frame = None
        self._loudspeaker.disconnect()

    def _tell_once(self, about: str, what: str) -> None:
        """Tell something, unless it is what was told last about the same."""
        if self._told.get(about) != what:
            self._told[about] = what
            self._tell(what)
