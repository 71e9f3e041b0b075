"""One recognizer and one voice for all rehearsals, and those rehearsals that several tests look at.

What the person says is timed so that the coach is silent meanwhile, by what the session alone would do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rehearsal.performing import ENGLISH, ONE_BREATH, Performed, Rehearsals, Says, plan_of
from voicecoach.listening.factory import open_ears
from voicecoach.speech.clip_cache import ClipCache
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice
from voicecoach.speech.speech import Speech


@pytest.fixture(scope="session")
def rehearsals(kept_clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Rehearsals:
    voice = Voice(ENGLISH.voice.espeak, ENGLISH.voice.words_per_minute)
    return Rehearsals(
        open_ears(ENGLISH, engine="moonshine").engine,
        Speech(Pyttsx3Engine(voice), ClipCache(kept_clips / "voicecoach" / "clips")),
        tmp_path_factory.mktemp("rehearsals"),
    )


@pytest.fixture(scope="session")
def left_alone(rehearsals: Rehearsals) -> Performed:
    return rehearsals.perform(plan_of("one-hold"))


@pytest.fixture(scope="session")
def paused(rehearsals: Rehearsals) -> Performed:
    """A pause in the left hold; and one in the right hold, with a cramp in it."""
    plan = plan_of("one-hold")
    person: list[Says] = []

    def then(phrase: str, state: str, number: int, later_ms: int = 0, voice: str = "slt") -> None:
        alone = rehearsals.alone(plan, person, until_ms=120_000, timing=ONE_BREATH)
        person.append(Says(alone.quiet_moment(state, number) + later_ms, phrase, voice))

    then("pause", "hold", 1)
    then("continue", "paused", 1, 4_000)
    then("pause", "hold", 3, voice="rms")
    then("cramp, back off", "paused", 2, 2_000, voice="rms")
    then("carry on", "paused", 3, 3_000)
    return rehearsals.perform(plan, person, timing=ONE_BREATH)


@pytest.fixture(scope="session")
def switched(rehearsals: Rehearsals) -> Performed:
    """The feet are switched in the first hold, and there is a cramp when the rest of it is offered."""
    plan = plan_of("one-hold")
    switch = Says(rehearsals.alone(plan).quiet_moment("hold"), "switch foot")
    offered_ms = rehearsals.alone(plan, [switch], timing=ONE_BREATH).quiet_moment("offering")
    return rehearsals.perform(plan, [switch, Says(offered_ms + 1_000, "cramp, back off")], timing=ONE_BREATH)


@pytest.fixture(scope="session")
def moved(rehearsals: Rehearsals) -> Performed:
    """On from the first exercise, and back to the beginning of the second."""
    plan = plan_of("three-small")
    on = Says(rehearsals.alone(plan).quiet_moment("hold"), "next", "rms")
    back = Says(rehearsals.alone(plan, [on]).quiet_moment("hold", 2), "go back")
    return rehearsals.perform(plan, [on, back])
