"""`standby`: waits to be called, leads the session that is called for, and waits again."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from voicecoach.audio import echo
from voicecoach.cli.performing import keep_machine
from voicecoach.cli.reception import House, Reception, render_sessions
from voicecoach.cli.telling import tell
from voicecoach.cli.wishing import kept_preferences
from voicecoach.errors import EXIT_DONE, EXIT_INTERRUPTED, DocumentError, VoicecoachError
from voicecoach.live.children import NO_SETTINGS, Hearing, Names, hearing_keeper, sound_keeper
from voicecoach.live.known_machine import known_effort
from voicecoach.live.live_session import LiveSession
from voicecoach.live.microphone_watch import MicrophoneWatch
from voicecoach.live.night_watch import NightWatch
from voicecoach.live.startables import find_startables
from voicecoach.live.wakening import Wakening
from voicecoach.routine.library import own_folder
from voicecoach.service.notify import Notifier
from voicecoach.service.watchdog import Watchdog
from voicecoach.settings import Configuration, Settings, UnreadableSettingsError, load_configuration
from voicecoach.standby.script import StandbyLine

_RETRY_S: Final = 20.0
"""A coach without a voice tries again after this."""
_TURN_S: Final = 0.5


def run(arguments: argparse.Namespace) -> int:
    """Stand by until the end is asked for: whatever is missing is waited for."""
    configuration, opening = _configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    if arguments.prepare:
        _, plans = find_startables(pack, own_folder(), tell)
        render_sessions(plans.values(), pack)
        return EXIT_DONE
    devices = configuration.settings.devices
    loudspeaker = arguments.loudspeaker or devices.loudspeaker or kept_preferences().loudspeaker
    names = Names(
        loudspeaker=loudspeaker,
        effort=known_effort(loudspeaker),
        microphone=arguments.microphone or devices.microphone or "",
        wake_ms=devices.wake_ms,
        keep_awake=devices.keep_awake,
        settings=str(configuration.path) if configuration.path is not None else NO_SETTINGS,
        language=pack.language,
        model=arguments.model or "",
        hearing=Hearing.CALLS,
    )
    if not echo.is_installed():
        tell(echo.NOT_INSTALLED)
    notifier = Notifier()
    watchdog = Watchdog(notifier)
    night = NightWatch(configuration.settings.standby.hours, tell=tell)

    def turned(now_ns: int, gets_on: bool) -> None:
        # Whatever the coach does: it may not stand by for a long time, for lack of a loudspeaker or in a session.
        night.look(now_ns)
        watchdog.turned(now_ns, gets_on=gets_on)

    with ExitStack() as opened:
        opened.callback(notifier.stopping)
        wakening = opened.enter_context(Wakening())
        live = LiveSession(
            names,
            sound=sound_keeper(),
            hearing=hearing_keeper(names),
            wakening=wakening,
            microphone_watch=MicrophoneWatch(names.microphone),
            tell=tell,
            keep=keep_machine,
            turned=turned,
            wait=True,
            patient=True,
        )
        opened.callback(live.close)
        house = House(configuration, pack, live, names.microphone, wakening, night, tell, notifier.status, turned)
        reception = Reception(house, opening)
        opened.callback(reception.close)
        told, is_introduced = "", bool(arguments.loudspeaker)
        while not wakening.asked_to_end:
            try:
                if not is_introduced:
                    is_introduced = True
                    reception.introduce()
                routine = reception.broken_off() or reception.stand_by()
                if routine is None or not reception.lead(routine):
                    break
                told = ""
            except VoicecoachError as error:
                if str(error) != told:
                    told = str(error)
                    tell(told)
                notifier.status(told)
                _wait(wakening, turned)
    return EXIT_INTERRUPTED


def _configuration(named: str | None) -> tuple[Configuration, tuple[StandbyLine, ...]]:
    """Return the settings, or the usual ones where there is a mistake in them; and what is to be said at first.

    Nobody may be there to read an error: what can be done without the settings is better than silence.
    """
    try:
        return load_configuration(named), (StandbyLine.HERE,)
    except (DocumentError, UnreadableSettingsError) as error:
        tell(f"{error}\nThe usual settings are used until that is put right, and the service started again.")
        return Configuration(Settings(), None, None), (StandbyLine.USUAL_SETTINGS, StandbyLine.HERE)


def _wait(wakening: Wakening, turned: Callable[[int, bool], None]) -> None:
    """Let some time pass, alive."""
    ends = time.monotonic() + _RETRY_S
    while time.monotonic() < ends and not wakening.asked_to_end:
        turned(time.monotonic_ns(), True)
        time.sleep(_TURN_S)
