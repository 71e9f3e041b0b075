"""A person's part: runs the coach on the sound server, speaks to it, and records what the loudspeaker plays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import soundfile

from tests.device.sound_server import SoundServer, until
from voicecoach.rehearsal.voices import spoken
from voicecoach.timeline.events import Event
from voicecoach.timeline.timeline import parse_timeline

ROUTINES = Path(__file__).with_name("routines")
FAKES = Path(__file__).parent.parent / "fakes"
VOICE = "slt"
Kind = TypeVar("Kind", bound=Event)


class Coach:
    """A `voicecoach run`, or another verb that goes on until it is ended."""

    def __init__(self, process: subprocess.Popen[str], timeline: Path) -> None:
        self.process = process
        self.lines: list[str] = []
        self.told: list[str] = []
        self._timeline = timeline
        self._readers = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((process.stdout, self.lines), (process.stderr, self.told))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: object, into: list[str]) -> None:
        for line in stream:  # type: ignore[attr-defined]
            into.append(" ".join(line.split()))

    def prints(self, text: str, limit_s: float = 180.0, after: int = 0) -> int:
        """Wait until a line of the timeline has this text, and return its number."""
        until(lambda: self._line(text, after) >= 0 or self.process.poll() is not None, limit_s, repr(text), self.known)
        number = self._line(text, after)
        assert number >= 0, f"it ended without {text!r}: {self.lines} {self.told}"
        return number

    def known(self) -> object:
        """Return what it has printed and told."""
        return self.lines, self.told

    def tells(self, text: str, limit_s: float = 120.0, after: int = 0) -> None:
        """Wait until it tells this on standard error."""
        until(lambda: any(text in line for line in self.told[after:]), limit_s, repr(text), self.known)

    def _line(self, text: str, after: int) -> int:
        return next((number for number, line in enumerate(self.lines) if number >= after and text in line), -1)

    def understands(self, after: int, limit_s: float = 6.0) -> tuple[bool, int]:
        """Wait until it has heard or ignored somebody. Return whether it heard, and where to look on from."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            for number, line in enumerate(self.lines):
                if number >= after and line.split()[1:2] in (["heard"], ["ignored"]):
                    return line.split()[1] == "heard", number + 1
            time.sleep(0.02)
        return False, after

    def child(self, module: str) -> int:
        """Return the process id of the child that runs a module."""
        (pid,) = self.children(module)
        return pid

    def children(self, module: str = "voicecoach.") -> list[int]:
        found = []
        for folder in Path("/proc").iterdir():
            try:
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                if parent == str(self.process.pid) and module in (folder / "cmdline").read_text():
                    found.append(int(folder.name))
            except (OSError, IndexError):
                continue
        return found

    def ends(self, limit_s: float = 180.0) -> int:
        """Wait for its end and return its exit code."""
        until(lambda: self.process.poll() is not None, limit_s, "the session's end", self.known)
        for reader in self._readers:
            reader.join(5)
        return self.process.returncode

    def events(self) -> list[Event]:
        """Return the timeline that it wrote."""
        return parse_timeline(self._timeline.read_text(encoding="utf-8"))

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.events() if isinstance(event, kind)]


class Home:
    def __init__(self, server: SoundServer, cache: Path, folder: Path) -> None:
        self._server = server
        self._environment = server.environment | {
            "XDG_CACHE_HOME": str(cache),
            "VOICECOACH_HISTORY": str(folder / "history"),
            "XDG_DATA_HOME": str(folder / "data"),
            "PYTHONUNBUFFERED": "1",
        }
        self._folder = folder
        self._running: list[subprocess.Popen[str]] = []
        self._recorded = folder / "loudspeaker.raw"

    def run(self, *arguments: str, routine: str = "tiny", fakes: str = "", **environment: str) -> Coach:
        """Start a session; `fakes` is a folder with packages that stand in for the real ones."""
        timeline = self._folder / "timeline.jsonl"
        path = ROUTINES / f"{routine}.yaml"
        more = environment | (_path_to(fakes) if fakes else {})
        command = self._command("run", str(path), "--timeline", str(timeline), *arguments)
        return Coach(self._start(*command, **more), timeline)

    def introduce(self) -> None:
        """Have somebody who has said in this home before that they hear the coach."""
        kept = self._folder / "data" / "voicecoach" / "preferences.json"
        kept.parent.mkdir(parents=True)
        kept.write_text('{"introduced": true}')

    def stand_by(self, *arguments: str, **environment: str) -> Coach:
        """Start it with a home of its own, in which "feet" is the tiny routine."""
        home = self._folder / "config" / "voicecoach" / "routines"
        if not home.exists():
            home.mkdir(parents=True)
            (home / "feet.yaml").write_text((ROUTINES / "tiny.yaml").read_text())
        environment = {"XDG_CONFIG_HOME": str(self._folder / "config"), **environment}
        return Coach(self._start(*self._command("standby", *arguments), **environment), self._folder / "none")

    def listen(self, *arguments: str, **environment: str) -> Coach:
        return Coach(self._start(*self._command("listen", *arguments), **environment), self._folder / "none")

    def ask(
        self, *arguments: str, server: bool = True, fakes: str = "", more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run something short to its end, with the sound server or where there is none; for `fakes` see `run`."""
        environment = self._environment | (_path_to(fakes) if fakes else {}) | dict(more or {})
        environment |= {} if server else {"XDG_RUNTIME_DIR": str(self._folder)}
        return subprocess.run(
            self._command(*arguments), env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    def alsa(self, settings: str) -> dict[str, str]:
        """Return the environment in which ALSA has these settings besides its usual ones."""
        path = self._folder / "asoundrc"
        path.write_text(settings)
        return {"ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{path}"}

    def speak(self, phrase: str, channels: tuple[float, ...] = (1.0,)) -> None:
        """Say a phrase with a recorded voice, near the microphone, and return when it has been said.

        `channels`: how loud it is in each.
        """
        samples, rate_hz = spoken("en", VOICE, phrase), 16_000
        # After a second and a half: what the coach sounded before is over, and its echo canceller rests.
        samples = np.pad(samples, (3 * rate_hz // 2, rate_hz // 5))
        path = self._folder / "phrase.wav"
        soundfile.write(path, np.outer(samples, channels), rate_hz)
        said = self._start("paplay", "--device=microphone", str(path))
        assert said.wait(30) == 0

    def speak_until_understood(self, phrase: str, coach: Coach, after: int = 0, when: str = "") -> int:
        """Say it up to four times, as people do: how well the coach hears is a matter of the hearing's own tests.

        `after` is the number of a line of the timeline, and `when` what has to be printed after it before each time.
        Return where to look on from; the test fails where it was not understood.
        """
        for _ in range(4):
            if when:
                coach.prints(when, after=after)
            self.speak(phrase)
            heard, after = coach.understands(after)
            if heard:
                return after
        raise AssertionError(f"not understood: {coach.known()}")

    def make_noise(self, level_db: float = -55.0, seconds: int = 60) -> None:
        """Have the microphone hear a room from now on: a steady noise."""
        noise = np.random.default_rng(8).normal(0.0, 10 ** (level_db / 20), seconds * 16_000)
        path = self._folder / "noise.wav"
        soundfile.write(path, noise, 16_000)
        self._start("paplay", "--device=microphone", str(path))

    def record(self) -> None:
        """Record the loudspeaker from now on."""
        command = ("parec", "--device=loudspeaker.monitor", "--rate=48000", "--channels=1", "--format=s16le")
        self._start("sh", "-c", f"exec {' '.join(command)} > {self._recorded}")
        until(lambda: self._recorded.exists() and self._recorded.stat().st_size > 0, 20, "the recording to begin")

    def recorded(self) -> npt.NDArray[np.int16]:
        """Return what has been recorded."""
        data = self._recorded.read_bytes()
        return np.frombuffer(data[: len(data) // 2 * 2], np.int16)

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.kill()
            process.wait(10)
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    def _start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            env=self._environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._running.append(process)
        return process

    @staticmethod
    def _command(*arguments: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "voicecoach", *arguments)


def _path_to(fakes: str) -> dict[str, str]:
    return {"PYTHONPATH": str(FAKES / fakes)}


def is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
