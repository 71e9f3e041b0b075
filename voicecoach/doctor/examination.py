"""All checks, one after the other, from what everything depends on to what is heard in the room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from voicecoach.doctor import (
    clock,
    devices,
    disk,
    echo,
    levels,
    model,
    network,
    pace,
    permissions,
    power,
    sessions,
    settings_file,
    sound_server,
    voice,
    waking,
)
from voicecoach.doctor.finding import Finding, skipped
from voicecoach.doctor.sound import LISTEN_S, LevelFacts, ProbeFailedError, SoundProbe, StreamFacts
from voicecoach.live.devices import Direction
from voicecoach.settings import Configuration


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person said; empty for what the settings say, or else the usual."""

    settings: str = ""
    language: str = ""
    loudspeaker: str = ""
    microphone: str = ""
    model: str = ""
    plays: bool = True
    """Whether anything may sound."""
    wake_ms: int = 0
    """How long the loudspeaker is given to wake."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is done next."""

    text: str
    concerns_person: bool = False
    """Whether it will be heard, or listens: the person has to know beforehand."""


class Examination:
    """Looks at everything. Takes up to half a minute, and minutes with a new model on a small machine."""

    def __init__(self, wishes: Wishes, announce: Callable[[Announcement], None]) -> None:
        """Have every step announced before it is taken."""
        self._wishes = wishes
        self._announce = announce

    def findings(self) -> Iterator[Finding]:
        """Yield each finding when it is known. Raises `UsageError` where there is no such language."""
        settings = settings_file.probe(self._wishes.settings or None)
        configuration = settings.configuration
        pack = configuration.pack(self._wishes.language or None)
        yield settings_file.judge(settings)
        yield disk.judge(disk.probe())
        yield clock.judge(clock.probe())
        yield power.judge(power.probe())
        yield pace.judge(pace.probe())
        yield network.judge(network.probe())
        self._announce(Announcement("Asking the sound server"))
        server = sound_server.probe()
        yield sound_server.judge(server)
        yield permissions.judge(permissions.probe(), has_server=sound_server.has_server(server))
        self._announce(Announcement("Rendering a sentence"))
        yield voice.judge(voice.probe(pack), pack)
        self._announce(Announcement("Loading the speech model"))
        named = self._wishes.settings if settings.trouble is None else model.NO_SETTINGS
        yield model.judge(model.probe(named, pack, self._wishes.model), pack)
        yield from self._sound(configuration)

    def _sound(self, configuration: Configuration) -> Iterator[Finding]:
        own = configuration.settings.devices
        wishes = replace(
            self._wishes,
            loudspeaker=self._wishes.loudspeaker or own.loudspeaker or "",
            microphone=self._wishes.microphone or own.microphone or "",
            wake_ms=own.wake_ms,
        )
        busy = sessions.running()
        if busy:
            processes = ", ".join(map(str, busy))
            why = f"a session is going on (process {processes}), which is not to be disturbed; try again after it"
            yield from (
                skipped(check, why) for check in (*devices.CHECKS.values(), levels.CHECK, echo.CHECK, waking.CHECK)
            )
            return
        yield from sound_findings(wishes, configuration.settings.voice.volume_db, self._announce)


def sound_findings(wishes: Wishes, volume_db: float, announce: Callable[[Announcement], None]) -> Iterator[Finding]:
    """Open the devices that are named, listen to somebody and play chirps. Nobody else may have the devices open.

    Yields each finding when it is known, after 20 s in all, and after a minute at most. Raises nothing.
    """
    opening = "Opening the loudspeaker and the microphone"
    announce(Announcement(f"{opening}: a falling tone of 2 s sounds.", True) if wishes.plays else Announcement(opening))
    try:
        with SoundProbe(wishes.loudspeaker, wishes.microphone) as probe:
            yield from _opened(probe, wishes, volume_db, announce)
    except ProbeFailedError as error:
        yield devices.stuck("sound", str(error))


def _opened(
    probe: SoundProbe, wishes: Wishes, volume_db: float, announce: Callable[[Announcement], None]
) -> Iterator[Finding]:
    speaker, ear, woke = probe.open(plays=wishes.plays, volume_db=volume_db, wake_ms=wishes.wake_ms)
    held = devices.holders()
    yield devices.judge(speaker, Direction.OUTPUT, is_named=bool(wishes.loudspeaker), holders=held)
    yield devices.judge(ear, Direction.INPUT, is_named=bool(wishes.microphone), holders=held)
    if not _works(ear) or ear.silenced:
        why = "the microphone is muted, or turned down" if ear.silenced else "there is no microphone that works"
        yield from (skipped(check, why) for check in (levels.CHECK, echo.CHECK, waking.CHECK))
        return
    announce(Announcement(f"Listening for {LISTEN_S:g} s: say a few words as in a session, from your place.", True))
    heard = probe.levels()
    why_not = _why_no_chirps(speaker, heard, wishes)
    if why_not is not None:
        yield levels.judge(heard, hears_chirps=False)
        yield from (skipped(check, why_not) for check in (echo.CHECK, waking.CHECK))
        return
    announce(Announcement("Three short chirps sound now: please be quiet for 6 s.", True))
    returned = probe.echo(volume_db)
    yield levels.judge(heard, hears_chirps=bool(returned.delays_ms))
    yield echo.judge(returned, levels.voice_db(heard))
    if woke is not None:
        yield waking.judge(woke, returns=bool(returned.delays_ms))


def _why_no_chirps(speaker: StreamFacts, heard: LevelFacts, wishes: Wishes) -> str | None:
    if not _works(speaker):
        return "there is no loudspeaker that works"
    if speaker.silenced:
        return "the loudspeaker is muted, or turned down"
    if not wishes.plays:
        return "nothing may sound (--silent)"
    return None if heard.frames else "the microphone gives nothing"


def _works(facts: StreamFacts) -> bool:
    return facts.trouble is None and facts.callbacks > 0
