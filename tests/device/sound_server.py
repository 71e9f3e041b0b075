"""A PulseAudio of the tests' own, which can be stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HEADSET = "module-remap-source source_name=headset master=microphone.monitor rate=16000 channels=1"
"""A microphone that can be plugged in: at another rate than ours, with a clock of its own."""
PROGRAMS = ("pulseaudio", "pactl", "parec", "paplay")
_MODULES = (
    "module-null-sink sink_name=loudspeaker rate=48000 channels=2",
    "module-null-sink sink_name=microphone rate=48000 channels=2",
    "module-native-protocol-unix",
)

_COMMAND = ("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm=yes")


def until(condition: Callable[[], bool], limit_s: float, what: str, known: Callable[[], object] = str) -> None:
    """Wait until something holds. Fails after a generous time, and says then what is known."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, f"waited {limit_s:g} s for {what}: {known()}"
        time.sleep(0.02)


class SoundServer:
    _process: subprocess.Popen[str]
    _is_changed = False
    """Whether it has other devices than at its start."""

    def __init__(self) -> None:
        # A socket's path must be short, and pytest's folders are not.
        self._folder = tempfile.TemporaryDirectory(prefix="vc")
        folder = Path(self._folder.name)
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PULSE_", "XDG_", "VOICECOACH_"))
        } | {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}

    def start(self) -> str | None:
        """Start it; return what it says where it does not start."""
        # Our own child, not a daemon: so it can be waited for when it was killed.
        self._process = subprocess.Popen(
            [*_COMMAND, *(f"--load={module}" for module in _MODULES)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: self._answers() or self._process.poll() is not None, 20, "PulseAudio to start")
        if self._process.poll() is not None:
            return self._process.communicate()[1].strip()
        self.control("set-default-sink", "loudspeaker")
        self.control("set-default-source", "microphone.monitor")
        return None

    def restore(self) -> None:
        """Have it running, whatever a test did with it."""
        self.go_on()
        if self._process.poll() is None and not self._is_changed:
            return
        if self._process.poll() is None:
            self.kill()
        self._is_changed = False
        assert self.start() is None

    def plug_in(self, module: str) -> str:
        """Have it work with a device more, and return what to unplug."""
        self._is_changed = True
        return self.control("load-module", *module.split()).strip()

    def unplug(self, module: str) -> None:
        """Take a device away: by the number that plugging it in returned, or all of that kind of module."""
        self._is_changed = True
        self.control("unload-module", module)

    def control(self, *arguments: str) -> str:
        done = self._run("pactl", *arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def hang(self) -> None:
        """Have it do nothing, as one that waits for a device that has gone."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def close(self) -> None:
        self.kill()
        self._folder.cleanup()

    def _answers(self) -> bool:
        return self._run("pactl", "info").returncode == 0

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
            check=False,
        )
