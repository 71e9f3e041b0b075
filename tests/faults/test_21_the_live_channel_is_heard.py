"""A microphone is heard by whichever of its channels hears the room."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.sound_card import SoundCard, fine, times
from voicecoach.audio.clip import Samples
from voicecoach.live.channels import MOST_CHANNELS, BestChannel
from voicecoach.live.streams import Input
from voicecoach.rehearsal.voices import spoken

RATE_HZ = 16_000
BLOCK = RATE_HZ // 100


@pytest.fixture(scope="module")
def voice() -> Samples:
    """A phrase after a second of silence, and a second of silence after it."""
    return np.pad(spoken("en", "slt", "switch foot"), RATE_HZ).astype(np.float32)


def noise(frames: int, level_db: float, seed: int = 1) -> Samples:
    return np.random.default_rng(seed).normal(0.0, 10 ** (level_db / 20), frames).astype(np.float32)


def passed(best: BestChannel, *channels: Samples, own: bool = False, block: int = BLOCK) -> Samples:
    """Return what comes out, block by block."""
    sound = np.stack(channels, axis=1)
    return np.concatenate([best.take(sound[at : at + block], own=own) for at in range(0, len(sound), block)])


def level_db(sound: Samples) -> float:
    return 20 * float(np.log10(np.sqrt((sound.astype(np.float64) ** 2).mean()) + 1e-12))


@pytest.mark.parametrize("channels", [2, 3, 6, 8])
@pytest.mark.parametrize("silent", [0.0, 0.05, -0.9])
def test_the_only_channel_with_sound_is_heard_from_its_first_sample(
    voice: Samples, channels: int, silent: float
) -> None:
    room = voice + noise(len(voice), -55)
    for live in range(channels):
        sounds = [np.full_like(room, silent)] * channels
        sounds[live] = room
        assert np.array_equal(passed(BestChannel(channels, RATE_HZ), *sounds)[BLOCK:], room[BLOCK:])


@pytest.mark.parametrize("hiss_db", [-75.0, -50.0, -30.0, -15.0])
def test_a_channel_that_only_hisses_gives_way_at_the_first_word_however_loud_it_is(
    voice: Samples, hiss_db: float
) -> None:
    room = voice + noise(len(voice), -60)
    best = BestChannel(2, RATE_HZ)
    heard = passed(best, noise(len(room), hiss_db, seed=2), room)
    assert best.channel == 1
    begins = int(np.flatnonzero(np.abs(voice) > 0.01)[0])
    assert np.array_equal(heard[begins + RATE_HZ // 5 :], room[begins + RATE_HZ // 5 :])


@pytest.mark.parametrize("hum_hz", [50.0, 100.0])
def test_a_channel_that_hums_is_not_taken_for_one_that_hears(voice: Samples, hum_hz: float) -> None:
    hum = (0.3 * np.sin(2 * np.pi * hum_hz * np.arange(len(voice)) / RATE_HZ)).astype(np.float32)
    best = BestChannel(2, RATE_HZ)
    passed(best, hum + noise(len(hum), -70, seed=3), voice + noise(len(voice), -60))
    assert best.channel == 1


@pytest.mark.parametrize("later", [1, 3, 8, -1])
def test_two_microphones_that_differ_are_never_added_up(voice: Samples, later: int) -> None:
    """Neither notches, where one is later, nor nothing at all, where one is wired the other way round."""
    room = voice + noise(len(voice), -60)
    other = -room if later < 0 else np.roll(room, later)
    heard = passed(BestChannel(2, RATE_HZ), room, other)
    assert np.array_equal(heard, room) or np.array_equal(heard[RATE_HZ:], other[RATE_HZ:])


def test_who_goes_to_the_other_microphone_is_heard_by_it_without_a_click(voice: Samples) -> None:
    near, far = voice, 0.1 * voice
    left = np.concatenate((near, near, far, far, far)) + noise(5 * len(voice), -60)
    right = np.concatenate((far, far, near, near, near)) + noise(5 * len(voice), -60, seed=4)
    best = BestChannel(2, RATE_HZ)
    heard = passed(best, left, right)
    assert np.array_equal(heard[: 2 * len(voice)], left[: 2 * len(voice)])
    assert np.array_equal(heard[-len(voice) :], right[-len(voice) :])
    steepest = max(np.abs(np.diff(left)).max(), np.abs(np.diff(right)).max())
    assert np.abs(np.diff(heard)).max() <= 1.1 * steepest


def test_the_loudspeaker_does_not_draw_the_coach_to_the_microphone_beside_it(voice: Samples) -> None:
    room = [noise(len(voice), -60, seed=seed) for seed in (5, 6)]
    best = BestChannel(2, RATE_HZ)
    passed(best, voice + room[0], 0.3 * voice + room[1])
    for _ in range(10):
        passed(best, 0.01 * voice + room[0], voice + room[1], own=True)
    assert best.channel == 0


def test_an_echo_is_enough_to_find_the_channel_that_hears_at_all(voice: Samples) -> None:
    best = BestChannel(2, RATE_HZ)
    passed(best, noise(len(voice), -40, seed=7), voice + noise(len(voice), -60), own=True)
    assert best.channel == 1


def test_a_gate_that_closes_between_words_keeps_the_channel(voice: Samples) -> None:
    gated = np.where(np.abs(voice) > 0, voice, 0).astype(np.float32)
    best = BestChannel(2, RATE_HZ)
    passed(best, noise(len(voice), -70), gated)
    for _ in range(3):
        assert best.channel == 1
        passed(best, noise(len(voice), -70), gated)


def test_what_is_no_number_changes_nothing(voice: Samples) -> None:
    best = BestChannel(2, RATE_HZ)
    passed(best, np.zeros_like(voice), voice + noise(len(voice), -60))
    broken = np.full_like(voice, np.nan)
    passed(best, broken, broken)
    passed(best, np.zeros_like(voice), voice + noise(len(voice), -60))
    assert best.channel == 1


@given(
    channels=st.integers(1, MOST_CHANNELS),
    rate_hz=st.sampled_from([8_000, 16_000, 44_100, 48_000, 96_000]),
    lengths=st.lists(st.integers(0, 3_000), max_size=12),
    seed=st.integers(0, 1 << 16),
)
@settings(max_examples=60, deadline=None)
def test_blocks_of_any_length_come_out_as_long_as_they_went_in(
    channels: int, rate_hz: int, lengths: list[int], seed: int
) -> None:
    random = np.random.default_rng(seed)
    best = BestChannel(channels, rate_hz)
    for length in lengths:
        scale = random.choice([0.0, 1e-4, 0.1, 1.0], channels)
        block = (random.uniform(-1, 1, (length, channels)) * scale).astype(np.float32)
        heard = best.take(block, own=bool(random.integers(2)))
        assert heard.shape == (length,)
        assert heard.dtype == np.float32
        assert np.abs(heard).max(initial=0.0) <= np.abs(block).max(initial=0.0) + 1e-6
        assert 0 <= best.channel < channels


@pytest.mark.parametrize(("rate_hz", "channels"), [(48_000, 2), (44_100, 6), (16_000, 8), (44_100, 1)])
def test_a_microphone_is_opened_with_all_that_it_has(
    monkeypatch: pytest.MonkeyPatch, rate_hz: int, channels: int
) -> None:
    card = SoundCard(rate_hz, channels)
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    source = Input(None)
    assert (source.rate_hz, source.best.channels) == (rate_hz, channels)
    block = np.zeros((rate_hz // 10, channels), np.float32)
    block[:, -1] = noise(len(block), -30)
    card.streams[0].callback(block.tobytes(), len(block), times(), fine())
    (_, data) = source.heard.popleft()
    assert level_db(source.mono(data)) > level_db(block[:, -1]) - 6
    assert source.faults == 0
