"""The text that a new routine starts from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from voicecoach.errors import DocumentError, UsageError
from voicecoach.routine.library import shipped_names
from voicecoach.routine.reader import read_routine


def new_routine(name: str, forbidden_phrases: Sequence[str] = ()) -> str:
    """Return a small, commented, valid routine called `name`, to be written to `name.yaml`.

    Raises `UsageError` for a name that no routine can have, or that a shipped one has.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or len(name) > 40:
        raise UsageError(
            f"{name[:60]!r} cannot be the name of a routine, which is also that of its file; "
            "use up to 40 small letters, digits and single hyphens, such as `my-feet`."
        )
    if name in shipped_names():
        raise UsageError(f"`{name}` is the name of a shipped routine, which would be taken instead; choose another.")
    text = _TEMPLATE.format(name=name, title=name.replace("-", " ").capitalize())
    try:
        read_routine(text, f"{name}.yaml", forbidden_phrases)
    except DocumentError as error:
        raise UsageError(f"{name!r} cannot be the name of a routine: {error.faults[0].what}") from error
    return text


_TEMPLATE = """\
# A routine for voicecoach. Try it without moving:  voicecoach check {name}
#                                                   voicecoach plan {name}
# Words without quotes are fine; use quotes where a text has a colon followed by a space, or a # in it, and within
# braces where it has a comma.

format: 1
name: {name}
title: {title}
language: en
about: One line for the list of routines.

welcome: Welcome. This is a short one. Have a chair within reach.
safety: This is not medical advice. Should anything hurt sharply, you are done for today.
closing: That is all. Well done.

# What holds for every exercise that does not say otherwise. All of it may be left out.
defaults:
  get_ready_s: 5      # before the first work of an exercise
  changeover_s: 10    # to change sides
  rest_s: 15          # between two sets
  cramp: retry        # after a cramp: retry, ease (needs `easier`) or come_back

exercises:
  # A hold. The same time for each side.
  - id: calf-stretch
    title: Calf stretch
    kit: [chair]
    sides: each
    hold: 30          # or: {{least_s: 20, usual_s: 30, most_s: 45}}
    setup:
      full: Stand behind the chair with your hands on its back. Set one foot behind you, heel down, toes forward.
      short: Hands on the chair, one foot back.
    when_ready: true  # the coach lets the person tell when they are in place
    reminders:
      - Keep breathing.
    easier: Bring the back foot in a little.
    harder: Take the back foot a little further away.

  # Repetitions, to a beat, with both feet.
  - id: heel-raises
    title: Heel raises
    sides: both
    sets: 2
    repetitions: {{count: 8, out_s: 2, back_s: 3}}
    setup: Stand tall, feet as wide as your hips. Rise onto your toes, and lower slowly.

  # One place after the other.
  - id: sole-massage
    title: Sole massage
    kit: [ball]
    sides: each
    setup: Sit down and put one foot on the ball.
    hold: 20          # at each station
    stations:
      - name: Heel
      - name: Arch
        cue: Roll on to the arch.
      - name: Ball of the foot
        hold: 30      # this one is held for more time

  # Only words.
  - id: shoes
    title: Shoes
    tip: true
    setup: Walk barefoot at home for a few minutes today.
"""
