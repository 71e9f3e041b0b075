"""`service`: the coach as a service that starts by itself."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from voicecoach.cli.telling import show, show_json
from voicecoach.errors import EXIT_DONE, UsageError
from voicecoach.isolation import python_command
from voicecoach.service.impersonating import become_service
from voicecoach.service.installing import (
    Place,
    check_program,
    install,
    lingers,
    needs_root,
    this_program,
    uninstall,
)
from voicecoach.service.status import ask, sentences
from voicecoach.service.systemd import Systemd
from voicecoach.service.unit import UNIT, Kind, unit_text


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked of the service."""
    match arguments.action:
        case "install":
            _install(arguments)
        case "uninstall":
            place = _place(arguments)
            uninstall(place, Systemd(place.kind, place.root), show)
        case "status":
            _status(arguments)
        case "logs":
            _logs(arguments)
        case "do":
            _do(arguments)
    return EXIT_DONE


def _install(arguments: argparse.Namespace) -> None:
    kind = Kind.USER if arguments.user else Kind.SYSTEM
    program = (arguments.program,) if arguments.program else this_program()
    if not Path(program[0]).is_absolute():
        raise UsageError(f"--program {program[0]}: write it in full, from / on.")
    if arguments.print:
        show(unit_text(kind, program, Systemd(kind).version()).rstrip("\n"))
        return
    place = _place(arguments)
    check_program(program, kind)
    install(place, Systemd(kind, place.root), program, show)
    if kind is Kind.USER and not lingers():
        show("It ends when you log out, and does not start at boot, until you type: sudo loginctl enable-linger $USER")


def _place(arguments: argparse.Namespace) -> Place:
    """Return where the files are. Raises `UsageError` where this person may not change them."""
    kind = Kind.USER if arguments.user else Kind.SYSTEM
    if arguments.root is None:
        place = Place(kind)
    elif kind is Kind.USER:
        raise UsageError("--root is for the system's service; leave out --user or --root.")
    else:
        root = Path(arguments.root).absolute()
        if not root.is_dir():
            raise UsageError(f"--root {arguments.root}: there is no such folder.")
        place = Place(kind, root)
    if needs_root(place):
        raise UsageError(f"This needs root; type: {_with_sudo(*_words_typed())}   (or choose --user)")
    return place


def _status(arguments: argparse.Namespace) -> None:
    kind = Kind.USER if arguments.user else Kind.SYSTEM
    systemd = Systemd(kind)
    _need_running(systemd)
    status = ask(systemd)
    if arguments.json:
        show_json(asdict(status))
        return
    for sentence in sentences(status):
        show(sentence)
    if not status.is_installed:
        words = ("service", "install")
        show(f"Type: {_with_sudo(*words) if kind is Kind.SYSTEM else _typed(*words, '--user')}")
    elif kind is Kind.USER and not lingers():
        show("It ends when you log out, until you type: sudo loginctl enable-linger $USER")


def _logs(arguments: argparse.Namespace) -> NoReturn:
    _need_running(Systemd(Kind.USER if arguments.user else Kind.SYSTEM))
    which = "--user-unit" if arguments.user else "--unit"
    command = ["journalctl", f"{which}={UNIT}", "--output=short-iso", "--no-hostname", f"--lines={arguments.lines}"]
    command += ["--follow"] if arguments.follow else ["--no-pager"]
    sys.stdout.flush()
    try:
        os.execvp(command[0], command)
    except OSError as error:
        raise UsageError(f"There is no journal to read here (journalctl: {error.strerror}).") from None


def _do(arguments: argparse.Namespace) -> None:
    if os.geteuid() != 0:
        raise UsageError(f"This needs root; type: {_with_sudo(*_words_typed())}")
    sys.stdout.flush()
    become_service(this_program(), arguments.words)


def _need_running(systemd: Systemd) -> None:
    if not systemd.runs:
        raise UsageError(
            "systemd does not run here, so there is no service to ask after."
            " Start the coach by hand: voicecoach standby"
        )


def _words_typed() -> list[str]:
    return sys.argv[1:]


def _with_sudo(*words: str) -> str:
    return f"sudo {_typed(*words)}"


def _typed(*words: str) -> str:
    """Return a command line in full: sudo does not look where a person's own programs are."""
    script = Path(sys.prefix) / "bin" / "voicecoach"
    program = [str(script)] if script.exists() else python_command("-m", "voicecoach")
    return shlex.join([*program, *words])
