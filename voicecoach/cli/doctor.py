"""`doctor`: what is wrong here, and what to do about it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from voicecoach import __version__
from voicecoach.cli.telling import show_json
from voicecoach.doctor import Examination, Finding, Standing, Wishes, exit_code
from voicecoach.doctor.examination import Announcement
from voicecoach.errors import EXIT_DONE, plain

FORMAT: Final = 1
"""Version of what `--json` prints."""
_WIDEST: Final = 110
_STYLES: Final = {
    Standing.OK: "green",
    Standing.WARNING: "yellow",
    Standing.FAILURE: "bold red",
    Standing.SKIPPED: "dim",
}


def run(arguments: argparse.Namespace) -> int:
    """Make every check, and print each finding as soon as it is known; or all of them as one JSON object."""
    wishes = Wishes(
        settings=arguments.config or "",
        language=arguments.language or "",
        loudspeaker=arguments.loudspeaker or "",
        microphone=arguments.microphone or "",
        model=arguments.model or "",
        plays=not arguments.silent,
    )
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    console.width = min(console.width, _WIDEST) if sys.stdout.isatty() else _WIDEST
    findings = []
    with _shown_progress() as shown:
        for finding in Examination(wishes, shown.announce).findings():
            shown.clear()
            findings.append(finding)
            if not arguments.json:
                _print(console, finding)
    code = exit_code(findings)
    if arguments.json:
        show_json(_as_json(findings, code))
    else:
        console.print(_summary(findings, code))
    if arguments.spoken:
        from voicecoach.cli.introducing import speak_of

        speak_of(arguments, findings)
    return code


def _print(console: Console, finding: Finding) -> None:
    with console.capture() as captured:
        console.print(_row(finding))
    # A table fills its cells with spaces, which nobody wants in a file.
    lines = (line.rstrip() for line in captured.get().splitlines())
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _row(finding: Finding) -> Table:
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=7)
    row.add_column(width=12)
    row.add_column()
    text = Text(plain(finding.found))
    if finding.advice:
        text.append(plain(f"\n→ {finding.advice}"), style="" if finding.standing is Standing.OK else "bold")
    row.add_row(Text(finding.standing, style=_STYLES[finding.standing]), finding.check, text)
    return row


def _summary(findings: list[Finding], code: int) -> str:
    count = {standing: sum(finding.standing is standing for finding in findings) for standing in Standing}
    if code != EXIT_DONE:
        return f"\nA session cannot run here yet (exit code {code}): see what stands after the arrows."
    deaf = any(f.standing is Standing.FAILURE and f.check in ("microphone", "levels") for f in findings)
    if deaf:
        return "\nA session can run, but the coach cannot hear you: it goes through the exercises by itself."
    if count[Standing.FAILURE] or count[Standing.WARNING]:
        return "\nA session can run. What stands after the arrows would make it better."
    return "\nAll is well: a session can run."


def _as_json(findings: list[Finding], code: int) -> dict[str, object]:
    return {
        "format": FORMAT,
        "version": __version__,
        "can_run": code == EXIT_DONE,
        "exit_code": code,
        "checks": [asdict(finding) for finding in findings],
    }


class _Shown:
    """What is going on: a line that comes and goes on a terminal, lines elsewhere. All on standard error."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self._status = self._console.status("") if sys.stderr.isatty() else None

    def announce(self, announcement: Announcement) -> None:
        """Show what is done next."""
        text = plain(announcement.text if announcement.concerns_person else f"{announcement.text} ...")
        if announcement.concerns_person or self._status is None:
            self.clear()
            self._console.print(text)
        else:
            self._status.update(text)
            self._status.start()

    def clear(self) -> None:
        """Take the line away."""
        if self._status is not None:
            self._status.stop()


@contextmanager
def _shown_progress() -> Iterator[_Shown]:
    shown = _Shown()
    try:
        yield shown
    finally:
        shown.clear()
