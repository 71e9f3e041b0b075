"""Processes that are given the microphone's sound leave every network first, by a namespace of their own.

The coach itself stays: what a person has it tell of a session (`on_event`) may need a network.
"""

import ctypes
import os
import socket
from contextlib import suppress
from pathlib import Path

NOT_KEPT_FROM = (
    "What hears the microphone could reach a network here, since this kernel lets nobody leave it; it does not try to."
    " What to do about it: voicecoach doctor"
)
_NEW_USER, _NEW_NET = 0x1000_0000, 0x4000_0000
_PR_SET_DUMPABLE = 4


def leave_network() -> bool:
    """Leave every network but sockets that are files, and return whether that succeeded.

    Call it in a process that has no second thread yet. Whoever is not root needs a user namespace for it, in which they
    stay who they are; a kernel may refuse that.
    """
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None)
    if libc.unshare(_NEW_NET) == 0:
        return True
    if libc.unshare(_NEW_USER | _NEW_NET) != 0:
        return False
    # The kernel takes a process that has changed so for one with secrets, and hides its own files from it.
    libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


def is_without_network(process: int | None = None) -> bool:
    """Tell whether a child has left the network of this process; for none, whether this one is kept from any."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM):
        try:
            own = Path("/proc/self/ns/net").readlink()
            return process is not None and Path(f"/proc/{process}/ns/net").readlink() != own
        except PermissionError:
            # It is in a user namespace of its own.
            return process is not None
        except OSError:
            # It is gone.
            return True
    # As a service: no process of it can make such a socket.
    return True
