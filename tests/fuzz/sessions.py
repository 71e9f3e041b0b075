"""Random sessions: any plan, any speed of speech, any inputs, voices that cut in, and a machine that stands still."""

from __future__ import annotations

from random import Random

from tests.coaching.generated import COMMANDS, HARMLESS, Trial, some_plan, unexplained, unnamed


def try_one(seed: int) -> None:
    """Perform one session and look at it.

    In every fourth there is nobody, in every fourth are harmless commands only, in every fourth the same few.
    """
    chance = Random(seed)
    trial = Trial(some_plan(chance), chance=chance)
    match seed % 4:
        case 0:
            trial.perform(0, COMMANDS)
            assert not unexplained(trial)
            assert not unnamed(trial)
        case 1:
            trial.perform(chance.randint(1, 25), HARMLESS)
        case 2:
            trial.storm(chance.randint(1, 60))
        case _:
            trial.perform(chance.randint(1, 40), COMMANDS)
    trial.check()
