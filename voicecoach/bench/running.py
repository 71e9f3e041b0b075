"""A whole run: the units of work spread over processes, records as they come, and how long it will still take."""

from __future__ import annotations

import math
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from voicecoach.bench.conditions import CONDITIONS, QUICK, Noise
from voicecoach.bench.corpora import Corpora, Spec
from voicecoach.bench.people import ClipRecord
from voicecoach.bench.records import Record
from voicecoach.bench.work import Subject, Unit, Worker, coach_units, cut, weight
from voicecoach.errors import ModelError, UsageError
from voicecoach.live.parentage import die_with_parent

CORPORA: Final = ("talk", "near misses", "prompts", "noise", "coach")
"""What has no commands in it, as `--only` calls it."""
TALK_MINUTES: Final = 60
QUICK_TALK_MINUTES: Final = 10
_NOISE_MINUTES: Final = 5
_KITCHEN_MINUTES: Final = 15

Tell = Callable[[float, float | None], None]
"""Is told which part is done, 0 to 1, and how many seconds it will still take; none while that is not known."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is done."""

    quick: bool = False
    only: tuple[str, ...] = ()
    """Conditions, kinds of noise or corpora; all where it is empty."""
    talk_minutes: int | None = None
    """Of unrelated talk; as many as usual where it is none."""


class Ending(StrEnum):
    """Why a run ended."""

    COMPLETE = "complete"
    TIME_WAS_UP = "time was up"
    """Only part of it was done, because no more time was given."""
    INTERRUPTED = "interrupted"
    """Only part of it was done, because somebody pressed Ctrl-C."""


@dataclass(slots=True)
class Run:
    """What a run has brought so far."""

    records: list[Record] = field(default_factory=list)
    clips: list[ClipRecord] = field(default_factory=list)
    """Of a set of recordings; in any order."""
    ending: Ending = Ending.COMPLETE
    seconds: float = 0.0


def units_of(subject: Subject, scope: Scope) -> list[Unit]:
    """Return the work of a run, in an order in which any part of it is a fair sample.

    Raises `UsageError` where `only` names what there is not, and as `Corpora`.
    """
    known = {condition.name for condition in CONDITIONS} | {str(noise) for noise in Noise} | set(CORPORA)
    for name in scope.only:
        if name not in known:
            kinds = ", ".join([*map(str, Noise), *CORPORA])
            raise UsageError(
                f"There is no condition '{name}'; there are {kinds}, and single ones such as 'babble 12 dB'."
            )

    def wanted(*names: str) -> bool:
        return not scope.only or bool(set(names) & set(scope.only))

    corpora = subject.corpora()
    conditions = [condition for condition in CONDITIONS if wanted(condition.name, str(condition.noise))]
    # Whoever names a single condition gets it, even if it is none of a quick run's.
    quick_ones = [condition for condition in conditions if condition.name in QUICK]
    conditions = quick_ones if scope.quick and quick_ones else conditions
    units = cut(corpora.commands(conditions, quick=scope.quick), _specs(corpora, scope, wanted))
    if wanted("coach"):
        units += coach_units(subject.pack, 2 if scope.quick else _KITCHEN_MINUTES, quick=scope.quick)
    random.Random(subject.seed).shuffle(units)
    return units


def _specs(corpora: Corpora, scope: Scope, wanted: Callable[..., bool]) -> list[Spec]:
    specs: list[Spec] = []
    usual = QUICK_TALK_MINUTES if scope.quick else TALK_MINUTES
    if wanted("talk"):
        specs += corpora.talk(usual if scope.talk_minutes is None else scope.talk_minutes)
    if wanted("near misses"):
        specs += corpora.near_misses(quick=scope.quick)
    if wanted("prompts"):
        specs += corpora.recorded_prompts(quick=scope.quick)
    if wanted("noise"):
        specs += corpora.noises(1 if scope.quick else _NOISE_MINUTES)
    return specs


def perform(subject: Subject, units: Sequence[Unit], jobs: int, tell: Tell, limit_s: float = math.inf) -> Run:
    """Do the work in so many processes and return what came of it; after Ctrl-C or when the time is up, what there is.

    Raises what the engine or a synthesizer raises, and `ModelError` where native code brought a process down.
    """
    run = Run()
    begin = time.monotonic()
    # Engines keep threads and state that must not be forked.
    context = multiprocessing.get_context("spawn")
    given = (subject, os.getpid())
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context, initializer=_open, initargs=given) as pool:
        waiting: set[Future[Sequence[Record | ClipRecord]]] = set()
        try:
            with _without_interrupts():
                weights = {pool.submit(_do, unit): weight(unit) for unit in units}
            waiting = set(weights)
            total = sum(weights.values())
            done_weight = 0.0
            while waiting:
                done, waiting = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in done:
                    for record in future.result():
                        if isinstance(record, ClipRecord):
                            run.clips.append(record)
                        else:
                            run.records.append(record)
                    done_weight += weights[future]
                run.seconds = time.monotonic() - begin
                part = done_weight / total
                left_s = run.seconds * (1 - part) / part if part > 0.02 else math.inf
                left_s = min(left_s, limit_s - run.seconds)
                tell(part, left_s if left_s < math.inf else None)
                if left_s <= 0 and waiting:
                    run.ending = Ending.TIME_WAS_UP
                    _give_up(pool)
                    break
        except KeyboardInterrupt:
            run.ending = Ending.INTERRUPTED
            _give_up(pool)
        except BrokenProcessPool:
            raise ModelError(
                "The engine brought down its process; try the model with `voicecoach listen`, or fetch it again."
            ) from None
        except BaseException:
            _give_up(pool)
            raise
        run.seconds = time.monotonic() - begin
    return run


_worker: Worker | None = None
"""The worker of this process."""


def _give_up(pool: ProcessPoolExecutor) -> None:
    """Drop what is waiting and what has been begun: all that workers leave behind is whole files in the cache."""
    pool.shutdown(wait=False, cancel_futures=True)
    for worker in multiprocessing.active_children():
        worker.terminate()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach, from their first instruction on; for that moment, nor us.

    It reaches every process of a terminal, and a Python that is just starting answers it with a traceback.
    """
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _open(subject: Subject, parent: int) -> None:
    global _worker  # noqa: PLW0603 - what an initializer makes for its process has no other place
    die_with_parent(parent)
    _worker = Worker(subject)


def _do(unit: Unit) -> Sequence[Record | ClipRecord]:
    assert _worker is not None
    return _worker.do(unit)
