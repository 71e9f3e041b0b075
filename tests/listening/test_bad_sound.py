"""Microphones and recordings with something wrong: what was said is heard all the same, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room, silence
from voicecoach.commands import URGENT, Command
from voicecoach.language.pack import load_pack
from voicecoach.listening.ears import Ears, hear
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.sensations import Heard

ENGLISH = load_pack("en")
SLT = Speaker("en", "slt")
PHRASES = {"stop": Command.STOP, "switch foot": Command.SWITCH}


def commands(ears: Ears, sound: Pcm) -> list[Command]:
    results = hear(ears.fresh(), sound, ENGLISH.all_phrases)
    return [one.command for one in results if isinstance(one, Heard)]


def converted(sound: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Pcm:
    """Return what a converter makes of it: what is too loud is cut off."""
    return np.clip(np.rint(sound), -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda sound: sound * 10, id="20 dB too loud"),
        pytest.param(lambda sound: sound + 6_500, id="an offset of a fifth of full scale"),
        pytest.param(lambda sound: sound / 2 - 16_000, id="a negative offset of half of it"),
        pytest.param(lambda sound: sound + 8_000 * np.sin(np.arange(len(sound)) / 16_000), id="an offset that wanders"),
    ],
)
def test_a_command_is_heard_through_it(
    phrase: str, spoil: Callable[[np.ndarray[tuple[int], np.dtype[np.float64]]], np.ndarray], ears: Ears
) -> None:
    room = in_a_quiet_room(SLT.says(phrase)).astype(np.float64)
    assert commands(ears, converted(spoil(room))) == [PHRASES[phrase]]


@pytest.mark.parametrize("value", [0, -7, 1_234, 32_767])
def test_a_microphone_that_is_stuck_says_nothing_and_is_heard_when_it_wakes_up(value: int, ears: Ears) -> None:
    stuck = np.full(160_000, value, np.int16)
    assert list(hear(ears.fresh(), stuck, ENGLISH.all_phrases)) == []
    assert commands(ears, np.concatenate([stuck, in_a_quiet_room(SLT.says("stop"))])) == [Command.STOP]


def test_a_microphone_that_dies_between_two_commands_costs_neither(ears: Ears) -> None:
    said = in_a_quiet_room(SLT.says("stop"))
    assert commands(ears, np.concatenate([said, silence(5_000), said])) == [Command.STOP, Command.STOP]


def test_a_microphone_that_dies_in_the_middle_of_a_word_ends_the_utterance(ears: Ears) -> None:
    said = in_a_quiet_room(SLT.says("switch foot"))
    voiced = np.flatnonzero(np.abs(said.astype(np.int64)) > 500)
    for part in (0.2, 0.4, 0.6, 0.8):
        dead = np.concatenate([said, silence(1_000)])
        dead[voiced[int(part * len(voiced))] :] = 0
        [result] = hear(ears.fresh(), dead, ENGLISH.all_phrases)
        assert result.decided_ms < len(dead) / 16


@pytest.mark.parametrize("loudness", [80, 240, 1_000, 4_000])
def test_a_noise_that_is_there_from_the_first_sample_on_is_no_command(loudness: int, ears: Ears) -> None:
    for seed in (0, 1, 3):
        noise = np.random.default_rng(seed).normal(0, loudness, 48_000).astype(np.int16)
        assert commands(ears, noise) == [], f"seed {seed}"


def test_a_recording_that_is_cut_close_is_heard_from_its_first_sample_on(ears: Ears) -> None:
    said = SLT.says("stop")
    first = int(np.flatnonzero(np.abs(said.astype(np.int64)) > 500)[0])
    assert commands(ears, said[first:]) == [Command.STOP]


def test_full_scale_rattling_is_no_command(ears: Ears) -> None:
    assert commands(ears, np.tile(np.array([32_767, -32_768], np.int16), 40_000)) == []


def test_a_minute_of_music_interrupts_nothing(ears: Ears) -> None:
    # That it is now and then taken for "no" is counted in docs/hearing.md.
    assert URGENT.isdisjoint(commands(ears, music(seconds=60, seed=6)))


def music(seconds: int, seed: int) -> Pcm:
    """Return chords of four plucked strings with overtones, two in a second, and a beat under them."""
    chance = np.random.default_rng(seed)
    sound = np.zeros(16_000 * (seconds + 3))
    time_s = np.arange(32_000) / 16_000
    for beat in range(2 * seconds):
        root_hz = 110 * 2 ** (chance.choice([0, 3, 5, 7, 10]) / 12)
        chord = np.zeros(32_000)
        for step in (0, 4, 7, 12):
            for overtone in range(1, 6):
                hz = root_hz * 2 ** (step / 12) * overtone * (1 + chance.normal(0, 1e-3))
                chord += np.exp(-time_s * (1.5 + overtone)) * np.sin(2 * np.pi * hz * time_s) / overtone
        chord[:800] += chance.normal(0, 1, 800) * np.linspace(1, 0, 800)
        sound[8_000 * beat : 8_000 * beat + 32_000] += chord * chance.uniform(0.5, 1)
    return converted(sound[: 16_000 * seconds] * (8_000 / np.abs(sound).max()))
