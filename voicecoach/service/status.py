"""How the service is, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voicecoach.service.systemd import Systemd
from voicecoach.service.unit import UNIT

_ASKED: Final = (
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "StatusText",
    "Result",
    "NRestarts",
    "ActiveEnterTimestamp",
    "ExecMainStatus",
)
_ENDS: Final = {
    "exit-code": "it ended with an error",
    "signal": "it crashed",
    "core-dump": "it crashed",
    "watchdog": "it hung, and was killed",
    "timeout": "it did not get ready in time",
    "oom-kill": "the machine had no memory left for it",
    "start-limit-hit": "it failed too often in a row",
    "resources": "the machine had no means to start it",
}


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """What systemd knows of the service."""

    is_installed: bool
    is_running: bool
    starts_by_itself: bool
    """At boot, or when its person logs in."""
    since: str
    """When it was started, as systemd writes it; empty where it does not run."""
    restarts: int
    """How often systemd had to start it again."""
    says: str
    """What the service says of itself."""
    trouble: str
    """Why it does not run; empty where it does, or was stopped."""


def ask(systemd: Systemd) -> ServiceStatus:
    """Return how the service is. Raises `UsageError` where systemd does not answer."""
    found = systemd.properties(UNIT, *_ASKED)
    is_running = found.get("ActiveState") == "active"
    is_failing = found.get("ActiveState") == "failed" or found.get("SubState") == "auto-restart"
    trouble = ""
    if is_failing:
        result = found.get("Result", "")
        trouble = _ENDS.get(result, result)
        if result == "exit-code":
            trouble += f" (code {found.get('ExecMainStatus')})"
    restarts = found.get("NRestarts", "")
    return ServiceStatus(
        is_installed=found.get("LoadState") not in (None, "not-found"),
        is_running=is_running,
        starts_by_itself=found.get("UnitFileState") == "enabled",
        since=found.get("ActiveEnterTimestamp", "") if is_running else "",
        restarts=int(restarts) if restarts.isdecimal() else 0,
        says=found.get("StatusText", "") if is_running else "",
        trouble=trouble,
    )


def sentences(status: ServiceStatus) -> list[str]:
    """Return the same for a person, the most important first."""
    if not status.is_installed:
        return ["The service is not installed."]
    found = []
    if status.is_running:
        found.append(f"The service runs since {status.since}.")
        if status.says:
            found.append(f"It says: {status.says}")
    elif status.trouble:
        found.append(f"The service does not run: {status.trouble}.")
    else:
        found.append("The service is installed and does not run.")
    if status.restarts:
        times = "once" if status.restarts == 1 else f"{status.restarts} times"
        found.append(f"It had to be started again {times}; `voicecoach service logs` may say why.")
    found.append("It starts by itself." if status.starts_by_itself else "It does not start by itself.")
    return found
