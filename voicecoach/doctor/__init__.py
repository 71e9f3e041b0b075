"""What is wrong with this machine, and what to do about it.

Each check is a module: a thin `probe` that gathers facts, and a pure `judge` that makes a `Finding` of them. Whatever
is native, and so can crash or hang, is asked in a process of its own with a time limit.
"""

from voicecoach.doctor.examination import Examination, Wishes
from voicecoach.doctor.finding import Finding, Standing, exit_code

__all__ = ["Examination", "Finding", "Standing", "Wishes", "exit_code"]
