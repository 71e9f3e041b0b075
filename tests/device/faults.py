"""One start with some of the things missing that a coach needs, and what becomes of it when they are there.

`unshare -m -n python -m tests.device.faults FOLDER CACHE FAULT...`, as root, prints a line of JSON. It has a network of
its own, with nothing in it, and mounts of its own: the disk of its home is one in memory, which can be made read-only;
over the recognizer's model an empty folder is mounted; the clock is a fake.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.device.living import FAKES, Home
from tests.device.sound_server import SoundServer, until
from voicecoach.listening.pronunciation import model_folder

FAULTS = ("microphone", "loudspeaker", "model", "disk", "clock")
TELLS = {
    "microphone": "There is no microphone",
    "loudspeaker": "No loudspeaker",
    "model": "The coach cannot hear",
    "disk": "cannot be used",
    "clock": "The clock was never set",
}
"""What has to be told of each."""
LIMIT_S = 15.0
PATIENCE_S = 150.0
_LOUDSPEAKER = "module-null-sink sink_name=loudspeaker rate=48000 channels=2"
_MICROPHONE = "module-null-sink sink_name=microphone rate=48000 channels=2"


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


class Faulty:
    def __init__(self, folder: Path, cache: Path, faults: set[str]) -> None:
        self._faults = faults
        self._home = folder / "home"
        self._clock = folder / "clock"
        self._home.mkdir()
        mount("-t", "tmpfs", "none", str(self._home))
        shutil.copytree(cache, self._home / "cache")
        self.server = SoundServer()
        assert self.server.start() is None
        self.server.unplug("module-null-sink")
        for fault, module in (("loudspeaker", _LOUDSPEAKER), ("microphone", _MICROPHONE)):
            if fault not in faults:
                self.server.plug_in(module)
        self._choose()
        self.home = Home(self.server, self._home / "cache", self._home)
        self.home.introduce()
        if "model" in faults:
            empty = folder / "empty"
            empty.mkdir()
            mount("--bind", str(empty), str(model_folder()))
        self.environment = {}
        if "clock" in faults:
            self.environment = {"PYTHONPATH": str(FAKES / "unset_clock"), "CLOCK_IS_SET": str(self._clock)}

    def begin(self) -> None:
        """Make the disk read-only, which nothing may be prepared on then."""
        routines = self._home / "config" / "voicecoach" / "routines"
        routines.mkdir(parents=True)
        if "disk" in self._faults:
            mount("-o", "remount,ro", str(self._home))

    def mend(self) -> None:
        if "loudspeaker" in self._faults:
            self.server.plug_in(_LOUDSPEAKER)
        if "microphone" in self._faults:
            self.server.plug_in(_MICROPHONE)
        self._choose()
        if "model" in self._faults:
            subprocess.run(["umount", str(model_folder())], check=True)
        if "disk" in self._faults:
            mount("-o", "remount,rw", str(self._home))
        if "clock" in self._faults:
            self._clock.touch()

    def keeps(self) -> bool:
        """Tell whether what was wished by voice is written down."""
        return "volume_db" in (self._home / "data" / "voicecoach" / "preferences.json").read_text()

    def _choose(self) -> None:
        sinks = self.server.control("list", "short", "sinks")
        if "loudspeaker" in sinks:
            self.server.control("set-default-sink", "loudspeaker")
        if "microphone" in sinks:
            self.server.control("set-default-source", "microphone.monitor")


class Systemd:
    """Stands where systemd does."""

    def __init__(self) -> None:
        self.name = f"@voicecoach-faults-{os.getpid()}"
        self.reports: list[tuple[float, str]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{self.name[1:]}")
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            report = self._socket.recv(300).decode()
            self.reports.append((time.monotonic(), report))

    def said(self, text: str) -> bool:
        return any(text in report for _, report in self.reports)


def try_out(folder: Path, cache: Path, faults: set[str]) -> dict[str, object]:
    """Return what was seen, in seconds; none where something did not come to pass."""
    faulty, systemd = Faulty(folder, cache, faults), Systemd()
    seen: dict[str, object] = dict.fromkeys(("ready_s", "told_s", "recovered_s", "heard"))
    try:
        faulty.begin()
        began = time.monotonic()
        coach = faulty.home.stand_by(
            *("--loudspeaker", "pulse:loudspeaker", "--microphone", "pulse:microphone.monitor"),
            NOTIFY_SOCKET=systemd.name,
            **faulty.environment,
        )
        try:
            until(lambda: systemd.said("READY=1"), PATIENCE_S, "it to be ready")
            seen["ready_s"] = round(time.monotonic() - began, 1)
            wanted = [TELLS[fault] for fault in faults]
            until(lambda: all(any(one in line for line in coach.told) for one in wanted), PATIENCE_S, "the reasons")
            seen["told_s"] = round(time.monotonic() - began, 1)
            # What comes back at once would be found at once: the fault lasts a while.
            time.sleep(max(0.0, began + LIMIT_S - time.monotonic()))
            faulty.mend()
            mended = time.monotonic()

            after_s: dict[str, float] = {}
            seen["after_s"] = after_s

            def recovered() -> bool:
                lines = coach.told
                signs = {
                    "is_heard": any("hearing by 'pulse:microphone.monitor'" in line for line in lines),
                    "knows_time": "clock" not in faults or any("The clock has been set" in line for line in lines),
                    "hears": any("Hearing with" in line for line in lines),
                    "waits": systemd.said("STATUS=Waiting to be called."),
                }
                # Which of them was the last is what one wants to know of a slow one.
                now_s = round(time.monotonic() - mended, 1)
                for sign in (sign for sign, is_seen in signs.items() if is_seen):
                    after_s.setdefault(sign, now_s)
                return all(signs.values())

            until(recovered, PATIENCE_S, "it to recover")
            seen["recovered_s"] = round(time.monotonic() - mended, 1)
            for _ in range(6):
                faulty.home.speak("coach, louder")
                try:
                    coach.tells("Called: louder", 8)
                    until(faulty.keeps, 5, "the wish to be kept")
                except AssertionError:
                    continue
                seen["heard"] = True
                break
        except AssertionError as error:
            seen["trouble"] = str(error)[:1500]
        coach.process.send_signal(signal.SIGTERM)
        seen["code"] = coach.ends(20)
        seen["told"] = coach.told
    finally:
        faulty.home.close()
        faulty.server.close()
    return seen


def main() -> None:
    folder, cache, *faults = sys.argv[1:]
    seen = try_out(Path(folder), Path(cache), set(faults))
    os.write(1, (json.dumps(seen) + "\n").encode())


if __name__ == "__main__":
    main()
