"""Runs programs where any call to a network is seen.

Called as `unshare --net --mount python -m tests.faults.apart < JSON`.

The network is one of its own, in which every address leads to the loopback. So whatever is sent
anywhere is counted there; and a name server writes down what it is asked, and knows nothing.

Reads a list of runs, `{"words": [...], "folder": ..., "until": ..., "environment": {...}}`, and
prints what came of each as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LIMIT_S = 60
_NOT_FOUND = 0x8183
"""The flags of an answer that says that there is no such name."""


def why_not() -> str | None:
    """Return why nothing can be run apart here."""
    if shutil.which("ip") is None:
        return "iproute2 is not installed"
    tried = subprocess.run([*_unshare(), "true"], capture_output=True, text=True, check=False)
    return f"no network of one's own: {tried.stderr.strip()}" if tried.returncode else None


def run_apart(runs: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
    """Run programs one after the other; see above."""
    command = [*_unshare(), sys.executable, "-m", "tests.faults.apart"]
    given = json.dumps(runs)
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _unshare() -> list[str]:
    return ["unshare", "--net", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]


class NameServer:
    """Answers on this machine's loopback that there is no such name, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            question, sender = self._socket.recvfrom(4096)
            labels, at = [], 12
            while at < len(question) and question[at]:
                labels.append(question[at + 1 : at + 1 + question[at]].decode("latin-1"))
                at += 1 + question[at]
            self.asked.append(".".join(labels))
            answer = question[:2] + _NOT_FOUND.to_bytes(2, "big") + question[4:6] + bytes(6) + question[12:]
            self._socket.sendto(answer, sender)


def _prepare() -> None:
    def configure(*words: str) -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    configure("ip", "link", "set", "lo", "up")
    configure("ip", "route", "add", "local", "0.0.0.0/0", "dev", "lo")
    with tempfile.NamedTemporaryFile("w", prefix="names") as names:
        names.write("nameserver 127.0.0.1\n")
        names.flush()
        configure("mount", "--bind", names.name, "/etc/resolv.conf")


def _packets() -> int:
    line = next(line for line in Path("/proc/net/dev").read_text().splitlines() if line.strip().startswith("lo:"))
    return int(line.split(":")[1].split()[1])


def _run(given: Mapping[str, Any], server: NameServer) -> dict[str, Any]:
    before, asked_before = _packets(), len(server.asked)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            given["words"],
            cwd=given["folder"],
            env=given["environment"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        until = given.get("until")
        end = time.monotonic() + LIMIT_S
        while process.poll() is None and time.monotonic() < end:
            if until is not None and until in _read(err):
                process.terminate()
                break
            time.sleep(0.02)
        try:
            process.wait(LIMIT_S if until else 1)
        except subprocess.TimeoutExpired:
            process.kill()
        code = process.wait()
        return {
            "code": code,
            "out": _read(out),
            "err": _read(err),
            "asked": server.asked[asked_before:],
            "packets": _packets() - before,
        }


def _read(file: Any) -> str:
    return os.pread(file.fileno(), 1 << 20, 0).decode(errors="replace")


def main() -> None:
    _prepare()
    server = NameServer()
    print(json.dumps([_run(given, server) for given in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
