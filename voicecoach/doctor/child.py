"""Asking native code in a process of its own: it may crash, hang, or talk nonsense, and that is an answer too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from voicecoach.isolation import python_command
from voicecoach.speech.worker_process import WorkerFailedError, WorkerProcess


class ProbeFailedError(Exception):
    """The process did not answer. The text says what it did instead, as "was ended by SIGSEGV"."""


class _Answer(dict[str, Any]):
    """What a probe answered: where something is missing in it, it has failed."""

    def __missing__(self, key: str) -> Any:
        raise ProbeFailedError("gave an answer that makes no sense")


class Probe:
    """One run of `python -m MODULE PARENT ARGUMENTS...`, which answers each request with an object of JSON."""

    def __init__(self, module: str, *arguments: str) -> None:
        """Start it. Raises `ProbeFailedError` where it cannot be started."""
        command = python_command("-m", module, str(os.getpid()), *arguments)
        try:
            self._worker = WorkerProcess(command)
        except WorkerFailedError as error:
            raise ProbeFailedError(str(error)) from None

    def ask(self, request: Mapping[str, object], limit_s: float) -> dict[str, Any]:
        """Return the answer. Raises `ProbeFailedError` where there is none in time, after killing the process."""
        try:
            answer, _ = self._worker.request(request, limit_s)
        except WorkerFailedError as error:
            raise ProbeFailedError(str(error)) from None
        return _Answer(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.kill()
