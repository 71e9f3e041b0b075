"""Whether this user may use the sound cards."""

from __future__ import annotations

import grp
import os
import pwd
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicecoach.doctor.finding import Fact, Finding, Standing

CHECK: Final = "permissions"
_FOLDER: Final = Path("/dev/snd")
_GROUP: Final = "audio"


@dataclass(frozen=True, slots=True)
class PermissionFacts:
    """What the kernel offers, and to whom."""

    user: str
    cards: int | None
    """Files of sound cards in `/dev/snd`; None where there is no such folder."""
    closed: tuple[str, ...]
    """Those of them that this process may not read and write."""
    in_group: bool
    """Whether this process has the group `audio`."""
    in_group_next_time: bool
    """Whether the user is listed in that group: it counts from the next log-in on."""


def probe() -> PermissionFacts:
    """Look at `/dev/snd` and the groups."""
    cards = sorted(_FOLDER.glob("pcm*")) if _FOLDER.is_dir() else None
    closed = [str(card) for card in cards or () if not os.access(card, os.R_OK | os.W_OK)]
    user = str(os.getuid())
    with suppress(KeyError):
        user = pwd.getpwuid(os.getuid()).pw_name
    group: grp.struct_group | None = None
    with suppress(KeyError):
        group = grp.getgrnam(_GROUP)
    return PermissionFacts(
        user=user,
        cards=None if cards is None else len(cards),
        closed=tuple(closed),
        in_group=group is not None and group.gr_gid in os.getgroups(),
        in_group_next_time=group is not None and user in group.gr_mem,
    )


def judge(facts: PermissionFacts, *, has_server: bool) -> Finding:
    """Say whether cards can be opened. With a sound server they need not be: it opens them for everybody."""
    numbers: dict[str, Fact] = {"user": facts.user, "cards": facts.cards, "closed": list(facts.closed)}
    if not facts.cards:
        what = "Linux knows no sound card here" if facts.cards == 0 else "There is no /dev/snd: no sound card"
        if has_server:
            return Finding(CHECK, Standing.OK, "no_card", f"{what}; the sound server has what there is.", facts=numbers)
        return Finding(
            CHECK,
            Standing.WARNING,
            "no_card",
            f"{what}.",
            "Plug a USB sound card or headset in and look with `cat /proc/asound/cards`. In a container, give it the "
            "device /dev/snd.",
            "I have no sound card.",
            numbers,
        )
    if not facts.closed:
        return Finding(
            CHECK, Standing.OK, "open", f"'{facts.user}' may use all of /dev/snd ({facts.cards}).", facts=numbers
        )
    found = f"'{facts.user}' may not use {len(facts.closed)} of the {facts.cards} in /dev/snd"
    if facts.in_group_next_time and not facts.in_group:
        advice = "You are in the group audio since your last log-in: log out and in again, or restart the machine."
    elif facts.in_group:
        advice = "The group audio does not help here: look at `ls -l /dev/snd`, and at DeviceAllow of the service."
    else:
        advice = f"Run `sudo usermod -aG {_GROUP} {facts.user}`, then log out and in again."
    return Finding(
        CHECK,
        Standing.WARNING if has_server else Standing.FAILURE,
        "closed",
        f"{found}{'; the sound server does it instead' if has_server else ''}.",
        advice,
        "" if has_server else "I am not allowed to use the sound card.",
        numbers,
    )
