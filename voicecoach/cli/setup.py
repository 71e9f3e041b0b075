"""`setup`: the speech model, fetched, verified, tried, and put in its place."""

from __future__ import annotations

import argparse
import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from voicecoach.cli.telling import show, tell
from voicecoach.errors import EXIT_DONE, EXIT_INTERRUPTED, plain
from voicecoach.listening.models import models_folder, setup_command
from voicecoach.models.installing import fetched_bytes, install
from voicecoach.models.report import Step
from voicecoach.settings import load_configuration


def run(arguments: argparse.Namespace) -> int:
    """Install the model of a language, unless a good one is there."""
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    models = models_folder()
    try:
        with _Shown() as shown:
            done = install(pack, models, shown, source=arguments.source, force=arguments.force)
    except KeyboardInterrupt:
        here = fetched_bytes(pack, models)
        kept = f" The {here / 1e6:.1f} MB that have arrived are kept:" if here else ""
        again = f"run `{setup_command(pack.language)}` again to go on from there" if here else "Nothing was changed"
        tell(f"Interrupted.{kept} {again}.")
        return EXIT_INTERRUPTED
    what = "Installed" if done.is_new else "There already, whole and working:"
    show(f"{what} {done.folder}")
    other = configuration.model_folder(pack.language)
    if other is not None:
        tell(f"The settings name another model, which is used instead: {other}")
    return EXIT_DONE


class _Shown:
    """A bar on a terminal, a line for each quarter elsewhere; all on standard error."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<9}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True, highlight=False, markup=False, soft_wrap=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._step: Step | None = None
        self._task = TaskID(0)
        self._quarter = 0

    def progress(self, step: Step, done: int, total: int) -> None:
        """Show how far a step is."""
        if step is not self._step:
            if self._step is not None:
                self._bars.remove_task(self._task)
            self._step, self._quarter = step, 0
            self._task = self._bars.add_task(step.value, total=total)
        self._bars.update(self._task, completed=done)
        quarter = 4 * done // max(total, 1)
        if self._bars.disable and quarter > self._quarter:
            self._quarter = quarter
            tell(f"{step.value}: {25 * quarter} % of {total / 1e6:.1f} MB")
            sys.stderr.flush()

    def note(self, text: str) -> None:
        """Show a sentence."""
        # Without this a bar would stay on the screen at 100 % while something else is done.
        if self._step is not None:
            self._bars.remove_task(self._task)
            self._step = None
        self._bars.console.print(plain(text))

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()
