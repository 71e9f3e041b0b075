"""Whether the processes that are given the microphone's sound can reach a network."""

from __future__ import annotations

import os
import subprocess
from typing import Final

from voicecoach.doctor.finding import Finding, Standing
from voicecoach.isolation import python_command
from voicecoach.no_network import is_without_network

CHECK: Final = "network"
_LIMIT_S: Final = 20.0
_CODE: Final = "from voicecoach.no_network import leave_network; raise SystemExit(not leave_network())"


def probe() -> bool:
    """Have a process do what those processes do, and return whether it was without a network then."""
    if is_without_network():
        return True
    try:
        tried = subprocess.run(
            python_command("-c", _CODE), stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def judge(is_kept_from_it: bool) -> Finding:
    """Say whether the microphone's sound could leave this machine."""
    if is_kept_from_it:
        return Finding(CHECK, Standing.OK, "none", "What hears the microphone can reach no network.")
    return Finding(
        CHECK,
        Standing.WARNING,
        "reachable",
        "This kernel lets nobody leave its networks, so what hears the microphone could reach one. It does not try to.",
        "To be sure, install the coach as a service, or type: sudo sysctl kernel.unprivileged_userns_clone=1"
        f" user.max_user_namespaces=1000 (you are user {os.getuid()}).",
        "I could reach a network, though I do not.",
    )
