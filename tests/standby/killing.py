"""A coach that stands by, is killed at any moment, and is started again, again and again in the same home.

And what has to be there each time. All of it is real but the devices and the models: see `tests/fakes/forked_child.py`.

What is acknowledged is what a person could have heard: the tone that confirms a command, given to the loudspeaker.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests.fakes.forked_child import ForkedChild, Hears, Sounds
from voicecoach.cli import reception, standby
from voicecoach.cli.reception import render_sessions
from voicecoach.cli.voicing import renderer_of
from voicecoach.coaching.timing import LEAST_VOLUME_DB, MOST_VOLUME_DB, VOLUME_STEP_DB
from voicecoach.history import History
from voicecoach.history.looking_back import past_sessions
from voicecoach.history.store import NAME
from voicecoach.language.pack import LanguagePack, load_pack
from voicecoach.listening.sensations import Heard, Ignored, VoiceBegan
from voicecoach.live import live_session
from voicecoach.live.children import HEARING_LIMITS, SOUND_LIMITS, Names
from voicecoach.live.keeper import Keeper
from voicecoach.live.startables import find_startables
from voicecoach.live.wire import FROM_HEARING, FROM_SOUND
from voicecoach.standby.script import StandbyScript

LONGEST_LIFE_S = 1.2
PATIENCE_S = 30.0
SETTINGS = "voice: {volume_db: -3}\n"
FIRST_DB = -3
IN_USE = "another session is going on"
ROUTINE = """\
format: 1
name: feet
title: Feet
language: en
about: Some short holds.
welcome: Welcome.
safety: You are done if it is sharp.
closing: Done.
defaults: {get_ready_s: 5}
exercises:
""" + "".join(
    f"  - {{id: {name}, title: Part {name}, sides: each, hold: 30, setup: Sit down.}}\n"
    for name in ("a", "b", "c", "d", "e")
)


@dataclass
class Life:
    """What is known of one start."""

    evidence: list[str]
    by_chance: bool
    """Killed at any moment, and not at a command."""

    @property
    def got_ready(self) -> bool:
        return any(line in ("standby", "session") for line in self.evidence)


@dataclass
class Tally:
    """What came of all lives."""

    lives: int = 0
    ready: int = 0
    said: int = 0
    acknowledged: int = 0
    killed_in_session: int = 0
    can_go_on: int = 0
    """Of these: killed neither in the first words of a session nor in its last."""
    came_back: int = 0
    leftover_parts: int = 0
    wrong: list[str] = field(default_factory=list)


class KilledHome:
    """A home, and the coach in it. Forks, so the process that uses it should have no threads."""

    def __init__(
        self, folder: Path, cache: Path, seed: int, *, longest_s: float = LONGEST_LIFE_S, most_commands: int = 7
    ) -> None:
        """`longest_s` is that of lives that end by chance, `most_commands` that of those that end by a command."""
        self.tally = Tally()
        self._longest_s = longest_s
        self._most_commands = most_commands
        self._folder = folder
        self._chance = random.Random(seed)
        self._pack: LanguagePack = load_pack("en")
        self._volumes = {FIRST_DB}
        """What the volume may be now."""
        self._sessions = 0
        environment = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data"}
        os.environ |= {name: str(folder / where) for name, where in environment.items()} | {
            "XDG_CACHE_HOME": str(cache)
        }
        os.environ["VOICECOACH_HISTORY"] = str(self._history)
        routines = folder / "config" / "voicecoach" / "routines"
        routines.mkdir(parents=True)
        (routines / "feet.yaml").write_text(ROUTINE)
        self._settings = routines.parent / "config.yaml"
        self._settings.write_text(SETTINGS)
        self._preferences = folder / "data" / "voicecoach" / "preferences.json"
        self._preferences.parent.mkdir(parents=True)
        self._preferences.write_text('{"introduced": true, "loudspeaker": "fake"}')
        # All that is loaded once is loaded here, not in each life.
        startables, plans = find_startables(self._pack, routines, lambda _line: None)
        feet = next(one for one in startables if one.name.endswith("feet.yaml"))
        self._begins = self._pack.call_for(feet.spoken[0])
        self._called = self._pack.called({one.name: one.spoken for one in startables})
        renderer_of(StandbyScript(self._pack, startables).texts(), self._pack, lambda: False)(
            self._pack.voice.words_per_minute
        )
        render_sessions([plans[feet.name]], self._pack)

    @property
    def _history(self) -> Path:
        return self._folder / "history"

    def live(self) -> Life:
        """Start it, have it killed, and look."""
        by_chance = self._chance.random() < 0.5
        kill_after = None if by_chance else self._chance.randint(1, self._most_commands)
        limit_s = self._chance.random() * self._longest_s if by_chance else 4 * LONGEST_LIFE_S
        path = self._folder / "evidence"
        path.write_bytes(b"")
        seed = self._chance.getrandbits(32)
        coach = os.fork()
        if coach == 0:
            self._be_coach(path, seed, kill_after)
        self._kill(coach, time.monotonic() + limit_s)
        life = Life(path.read_text().splitlines(), by_chance)
        self._look(life)
        return life

    def _be_coach(self, path: Path, seed: int, kill_after: int | None) -> None:
        try:
            with (self._folder / "told").open("ab", buffering=0) as told:
                os.dup2(told.fileno(), 2)
            evidence = os.open(path, os.O_WRONLY | os.O_APPEND)
            hears = Hears(evidence, self._called, self._pack, random.Random(seed), kill_after, self._begins)
            hearing_kinds = (*FROM_HEARING, VoiceBegan, Heard, Ignored)
            live_session.WARM_UP_NS = 0  # type: ignore[misc]
            reception._AHEAD_AFTER_S = 1e6  # type: ignore[misc]

            def hearing(_names: Names) -> Keeper:
                return Keeper(lambda: ForkedChild(hears, hearing_kinds), HEARING_LIMITS)

            def sound() -> Keeper:
                return Keeper(lambda: ForkedChild(Sounds(evidence), FROM_SOUND), SOUND_LIMITS)

            vars(standby).update(sound_keeper=sound, hearing_keeper=hearing)
            nothing = ("config", "language", "loudspeaker", "microphone", "model")
            standby.run(argparse.Namespace(prepare=False, **dict.fromkeys(nothing)))
        finally:
            os.write(evidence, b"ended by itself\n")
            os._exit(1)

    def _kill(self, coach: int, at_s: float) -> None:
        while time.monotonic() < at_s:
            if os.waitpid(coach, os.WNOHANG)[0]:
                return
            time.sleep(0.002)
        os.kill(coach, signal.SIGKILL)
        os.waitpid(coach, 0)

    # What has to be there

    def _look(self, life: Life) -> None:
        tally = self.tally
        tally.lives += 1
        tally.ready += life.got_ready
        tally.wrong += [f"life {tally.lives}: {what}" for what in self._faults(life)]

    def _faults(self, life: Life) -> Iterator[str]:
        if "ended by itself" in life.evidence:
            yield "it ended by itself"
        yield from self._left_running(life)
        if self._settings.read_text() != SETTINGS:
            yield "the settings were changed"
        yield from self._volume_faults(life)
        yield from self._history_faults(life)
        parts = [path.name for path in self._folder.rglob("*.part")]
        self.tally.leftover_parts = len(parts)
        if len(parts) > 1:
            yield f"what was half-written piles up: {parts}"

    def _left_running(self, life: Life) -> Iterator[str]:
        end = time.monotonic() + PATIENCE_S
        for pid in [int(line.split()[1]) for line in life.evidence if line.startswith("pid ")]:
            while Path(f"/proc/{pid}").exists() and ") Z " not in _stat(pid):
                if time.monotonic() > end:
                    yield f"process {pid} was left running"
                    break
                time.sleep(0.002)

    def _volume_faults(self, life: Life) -> Iterator[str]:
        """Follow what was wished: what was confirmed is kept, what was only said may be."""
        possible = latest = set(self._volumes)
        for line in life.evidence:
            step = {"louder": VOLUME_STEP_DB, "quieter": -VOLUME_STEP_DB}.get(line.rpartition(" ")[2], 0)
            if line.startswith("said "):
                self.tally.said += 1
                latest = {max(LEAST_VOLUME_DB, min(MOST_VOLUME_DB, db + step)) for db in possible}
                possible = possible | latest
            elif line == "understood":
                self.tally.acknowledged += 1
                possible = latest
        found = json.loads(self._preferences.read_text())
        volume_db = found.get("volume_db")
        volume_db = FIRST_DB if volume_db is None else volume_db
        if volume_db not in possible:
            yield f"the volume is {volume_db} and should be one of {sorted(possible)}"
        if not found["introduced"] or found["loudspeaker"] != "fake":
            yield f"a wish from before is lost: {found}"
        states = [line for line in life.evidence if line in ("standby", "session")]
        # A session that goes on knows also of what was heard just before the kill, and not confirmed any more.
        self._volumes = {volume_db} | (possible if states[-1:] != ["standby"] else set())

    def _history_faults(self, life: Life) -> Iterator[str]:
        if not (self._history / NAME).exists():
            return
        with closing(sqlite3.connect(self._history / NAME)) as reader:
            [(check,)] = reader.execute("PRAGMA quick_check").fetchall()
            if check != "ok":
                yield f"the history is damaged: {check}"
            if not reader.execute("SELECT 1 FROM sqlite_master WHERE name = 'step'").fetchall():
                # Killed while it was made: there was no session before.
                if self._sessions:
                    yield "the history is empty"
                return
            [(kept,)] = reader.execute("SELECT count(*) FROM step WHERE step LIKE '%heard%'").fetchall()
            can_go_on = [row[0] for row in reader.execute("SELECT can_be_taken_up FROM progress")]
        confirmed = _confirmed(life.evidence, self._begins)
        if kept < confirmed:
            yield f"{confirmed} commands were confirmed in the session, and {kept} are kept"
        told = [IN_USE]
        end = time.monotonic() + PATIENCE_S
        while any(IN_USE in line for line in told) and time.monotonic() < end:
            # A child that was forked at the very end has what its parent had open, until it ends with it.
            told.clear()
            with History(self._history, told.append) as history:
                broken_off = history.broken_off()
        yield from told
        sessions = past_sessions(self._history)
        states = [line for line in life.evidence if line in ("standby", "session")]
        if len(sessions) < self._sessions:
            yield f"{self._sessions - len(sessions)} sessions are lost"
        self._sessions = len(sessions)
        if "session" in states and not sessions:
            yield "the session that went on is lost"
        if states and states[-1] == "session":
            self.tally.killed_in_session += 1
            self.tally.can_go_on += broken_off is not None
            if (broken_off is not None) != (can_go_on == [1]):
                yield "the session that went on cannot be gone on with"
        if states and states[0] == "session":
            self.tally.came_back += 1
        if states and states[-1] == "standby" and "session" in states and sessions[0].outcome == "broken_off":
            yield "the end of a session is lost"


def _confirmed(evidence: list[str], begins: str) -> int:
    """Return how many commands were confirmed in the last session that began or went on."""
    begun = max((number for number, line in enumerate(evidence) if line == f"said {begins}"), default=None)
    if begun is None:
        begun = next((number for number, line in enumerate(evidence) if line in ("session", "standby")), len(evidence))
        if evidence[begun : begun + 1] != ["session"]:
            return 0
    elif "session" not in evidence[begun:]:
        return 0
    said = [line for line in evidence[begun + 1 :] if line.startswith("said ") or line == "understood"]
    return sum(
        one.startswith("said ") and not one.startswith("said coach ") and next_one == "understood"
        for one, next_one in pairwise(said)
    )


def _stat(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ") Z "
