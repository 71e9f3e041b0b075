"""Stands in for `systemctl` where no systemd runs: writes down how it is called and answers as it is told.

Put in front of the real one by `standing_in`; the answer to `show` is the text in the file `show.txt` beside the calls.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path


def standing_in(folder: Path) -> Path:
    """Make a folder for PATH with a `systemctl` in it. The calls are noted in `calls.txt` there."""
    folder.mkdir(exist_ok=True)
    program = folder / "systemctl"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(__file__)} {folder} "$@"\n')
    program.chmod(0o755)
    return folder


def calls(folder: Path) -> list[str]:
    """Return what it was asked, but for its version."""
    noted = folder / "calls.txt"
    return noted.read_text().splitlines() if noted.exists() else []


def main() -> None:
    """Answer."""
    folder, *words = sys.argv[1:]
    if words == ["--version"]:
        print("systemd 257 (257.9-1)")
        return
    with (Path(folder) / "calls.txt").open("a") as noted:
        noted.write(shlex.join(words) + "\n")
    shown = Path(folder) / "show.txt"
    if "show" in words and shown.exists():
        print(shown.read_text(), end="")


if __name__ == "__main__":
    main()
