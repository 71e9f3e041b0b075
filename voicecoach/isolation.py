"""Python processes of ours run no code of the folder that a person stands in."""

import os
import sys

_PATH = "PYTHONPATH"


def python_command(*words: str) -> list[str]:
    """Return the command line of a Python process of ours: as isolated as this one, or more."""
    return [sys.executable, "-I" if sys.flags.isolated else "-P", *words]


def shut_out_current_folder() -> None:
    """Start this process again where Python looks for modules in the current folder.

    Call it before anything is imported that Python has not loaded at its own start.
    """
    named = os.environ.get(_PATH, "")
    # What is not absolute, or empty, as in ":/opt/lib", is looked for from the current folder on.
    absolute = os.pathsep.join(filter(os.path.isabs, named.split(os.pathsep)))
    if sys.flags.safe_path and (sys.flags.ignore_environment or absolute == named):
        return
    if absolute:
        os.environ[_PATH] = absolute
    else:
        os.environ.pop(_PATH, None)
    os.execv(sys.executable, [sys.executable, "-P", *sys.orig_argv[1:]])
