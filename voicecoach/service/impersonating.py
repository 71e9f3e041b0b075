"""Becoming the service's user, so that a verb works with the service's settings, models and history."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from voicecoach.errors import UsageError
from voicecoach.service.unit import NAME, SERVICE_ENVIRONMENT

OWN_FOLDERS: Final = (Path("/var/lib") / NAME, Path("/var/cache") / NAME)
"""As `StateDirectory=` and `CacheDirectory=` of the unit."""
_KEPT: Final = ("LANG", "LC_ALL", "NO_COLOR", "PATH", "TERM", "VOICECOACH_DEBUG")


def service_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the service with what a terminal needs; nothing else of the person's comes along."""
    kept = {name: environment[name] for name in _KEPT if name in environment}
    return {**kept, **SERVICE_ENVIRONMENT, "HOME": f"/var/lib/{NAME}"}


def become_service(program: tuple[str, ...], words: list[str]) -> None:
    """Replace this process by the program with these words, as the service's user. Returns only by `UsageError`."""
    try:
        user = pwd.getpwnam(NAME)
    except KeyError:
        raise UsageError(f"There is no user '{NAME}' yet; install the service first.") from None
    try:
        for folder in OWN_FOLDERS:
            # systemd makes them at the service's first start, which may not have been yet.
            if not folder.exists():
                folder.mkdir(mode=0o700, parents=True)
                os.chown(folder, user.pw_uid, user.pw_gid)
        os.initgroups(NAME, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        os.umask(0o077)
        os.execve(program[0], [*program, *words], service_environment(os.environ))
    except OSError as error:
        raise UsageError(f"The user '{NAME}' cannot run {program[0]}: {error}") from None
