"""`bench`: what this program does on this machine, in figures."""

from __future__ import annotations

import argparse
import json
import math
import shlex
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from voicecoach.atomic_file import AtomicTextFile
from voicecoach.bench.footprint import hearing_megabytes
from voicecoach.bench.plot import draw_curves
from voicecoach.bench.report import About, report
from voicecoach.bench.results import misses, results_of
from voicecoach.bench.running import Ending, Scope, perform, units_of
from voicecoach.bench.silero import SileroDetector
from voicecoach.bench.work import Detector, Subject
from voicecoach.cli.telling import show, tell
from voicecoach.errors import EXIT_DONE, EXIT_INTERRUPTED, UsageError
from voicecoach.listening.recognizer import UnknownWordsError
from voicecoach.settings import load_configuration


def run(arguments: argparse.Namespace) -> int:
    """Measure what was asked for, print the report, and write the files that were asked for."""
    if arguments.what == "people":
        from voicecoach.cli.bench_people import run_people

        return run_people(arguments)
    return _run_hearing(arguments)


def _run_hearing(arguments: argparse.Namespace) -> int:
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    limit_s = math.inf if arguments.minutes is None else arguments.minutes * 60
    subject = Subject(
        pack=pack,
        engine=arguments.engine or configuration.settings.hearing.engine,
        model=Path(arguments.model) if arguments.model else configuration.model_folder(pack.language),
        seed=arguments.seed,
        detector=Detector(arguments.detector),
        recordings=None if arguments.recordings is None else Path(arguments.recordings),
    )
    if subject.detector is Detector.SILERO:
        SileroDetector()
    with ExitStack() as files:
        outputs = _outputs(arguments, files)
        units = units_of(subject, Scope(arguments.quick, tuple(arguments.only), arguments.talk))
        # Opened here once, so that what is wrong with the engine is said at once and in one line.
        try:
            engine = subject.open().engine.name
        except UnknownWordsError as error:
            raise configuration.unknown_words(error.words) or error from error
        tell(f"Hearing with {engine}. What voices say is rendered the first time, and kept.")
        with TimeLeft() as left:
            done = perform(subject, units, arguments.jobs, left, limit_s)
        results = results_of(done.records)
        about = About(
            engine=engine,
            language=pack.name,
            command=f"voicecoach bench hearing {shlex.join(_given(arguments))}".strip(),
            seed=arguments.seed,
            missing=subject.corpora().cast.missing,
            ending=done.ending,
            seconds=done.seconds,
            megabytes=None if done.ending is Ending.INTERRUPTED else hearing_megabytes(subject),
        )
        text = report(results, about)
        show(text.rstrip("\n"))
        for kind, file in outputs:
            if kind == "md":
                file.write(text)
            elif kind == "svg":
                file.write(draw_curves(results.curves, f"{engine}, {pack.name}"))
            else:
                plain = {
                    "engine": engine,
                    "command": about.command,
                    "ending": done.ending,
                    **results.as_json(),
                    "not_understood": misses(done.records),
                }
                file.write(json.dumps(plain, ensure_ascii=False, indent=1) + "\n")
    return EXIT_INTERRUPTED if done.ending is Ending.INTERRUPTED else EXIT_DONE


def _outputs(arguments: argparse.Namespace, files: ExitStack) -> list[tuple[str, AtomicTextFile]]:
    """Open what is to be written before the work is done."""
    wanted: list[tuple[str, Path]] = [("json", Path(arguments.json))] if arguments.json else []
    if arguments.out:
        folder = Path(arguments.out)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot write to {folder}: {error.strerror}; give another folder") from None
        wanted += [(kind, folder / f"hearing.{kind}") for kind in ("md", "json", "svg")]
    return [(kind, files.enter_context(AtomicTextFile(path))) for kind, path in wanted]


def _given(arguments: argparse.Namespace) -> list[str]:
    """Return the options that decide what is measured, as they were given."""
    words = ["--quick"] if arguments.quick else []
    for name in ("only", "language", "engine", "model", "recordings", "talk", "minutes"):
        value = getattr(arguments, name)
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            words += [f"--{name}", Path(one).name if name in ("model", "recordings") else str(one)]
    words += ["--detector", arguments.detector] if arguments.detector != Detector.BOTH else []
    return words + (["--seed", str(arguments.seed)] if arguments.seed != 1 else [])


class TimeLeft:
    """Tells on standard error how far it is: one line that changes on a terminal, one a minute elsewhere."""

    def __init__(self) -> None:
        self._told = time.monotonic()
        self._shown = False

    def __call__(self, part: float, left_s: float | None) -> None:
        """Tell which part is done, 0 to 1, and how many seconds it will still take."""
        terminal = sys.stderr.isatty()
        now = time.monotonic()
        if not terminal and now - self._told < 60 and part < 1:
            return
        self._told = now
        left = "" if left_s is None or part == 1 else f", about {_length(left_s)} left"
        line = f"Listening: {100 * part:.0f} %{left}"
        sys.stderr.write(f"\r\x1b[K{line}" if terminal else f"{line}\n")
        sys.stderr.flush()
        self._shown = terminal

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")


def _length(seconds: float) -> str:
    return f"{max(0.0, seconds):.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
