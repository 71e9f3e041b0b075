"""What is left out of hearing on a machine that does not keep up, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from tests.listening.gates import AskedGate
from tests.listening.sounds import Speaker, in_a_quiet_room
from voicecoach.commands import Command
from voicecoach.language.pack import load_pack
from voicecoach.listening.detector import OVER_NOISE_SPEECH, SPEECH, Detectors, WebRtcDetector
from voicecoach.listening.ears import Ears, Engine, hear
from voicecoach.listening.recognizer import Explanation, Pcm
from voicecoach.listening.sensations import Heard

PACK = load_pack("en")
NEXT = {Command.NEXT: [*PACK.phrases[Command.NEXT], "onward"]}
OWN = PACK.model_copy(update={"phrases": {**PACK.phrases, **NEXT}})


class Asked:
    """Scorer and second opinion that are in doubt of everything, and keep what they were asked."""

    name = "asked"
    ways = frozenset(phrase.casefold() for phrase in PACK.all_phrases)

    def __init__(self) -> None:
        self.forms: list[int] = []
        self.about: list[str] = []

    def log_odds(self, utterance: Pcm, cleaned: Pcm | None) -> Mapping[str, float]:
        del utterance
        self.forms.append(1 if cleaned is None else 2)
        return dict.fromkeys(self.ways, -12.0) | {"next": 0.0}

    def explained(self, utterance: Pcm, ways: Sequence[str]) -> Mapping[str, Explanation]:
        del utterance
        self.about += ways
        return {way: Explanation(1.0, 20.0) for way in ways}


def ears_of(asked: Asked, thrift: int) -> Ears:
    ears = Ears(Engine("asked", asked, lambda: asked), OWN)
    ears.thrift = thrift
    return ears


@pytest.mark.parametrize(("thrift", "about"), [(0, {"next", "onward"}), (1, {"onward"}), (3, {"onward"})])
def test_from_1_on_only_what_the_scorer_does_not_know_is_asked_about(thrift: int, about: set[str]) -> None:
    asked = Asked()
    sound = in_a_quiet_room(Speaker("en", "slt").says("next"))
    heard = [one for one in hear(ears_of(asked, thrift), sound, ("next", "onward")) if isinstance(one, Heard)]
    assert set(asked.about) == about
    assert heard, "what nobody but the second opinion knows is understood all the same"


@pytest.mark.parametrize(("thrift", "least"), [(0, OVER_NOISE_SPEECH), (2, OVER_NOISE_SPEECH), (3, SPEECH)])
def test_from_3_on_nobody_is_noticed_at_once_over_the_coach(thrift: int, least: float) -> None:
    gate, asked = AskedGate(), Asked()
    ears = Ears(Engine("asked", asked, lambda: asked), OWN, Detectors(WebRtcDetector(), gate))
    ears.thrift = thrift
    noise = np.random.default_rng(3).normal(0.0, 100.0, 16_000).astype(np.int16)
    ears.feed(noise, ("next",), None)
    gate.asked.clear()
    ears.feed(noise[:320], ("next",), "And slowly out.")
    assert gate.asked == [least]


@pytest.mark.parametrize(("thrift", "forms"), [(0, 2), (1, 2), (2, 1), (3, 1)])
def test_from_2_on_noise_is_taken_out_of_nothing(thrift: int, forms: int) -> None:
    asked = Asked()
    said = in_a_quiet_room(Speaker("en", "slt").says("next"))
    noisy = said + np.random.default_rng(1).normal(0.0, 900.0, len(said)).astype(np.int16)
    list(hear(ears_of(asked, thrift), noisy, ("next",)))
    assert asked.forms
    assert set(asked.forms) == {forms}
