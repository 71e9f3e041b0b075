from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.audio.clip import Samples
from voicecoach.audio.mixer import FADE_FRAMES, REPORTS_KEPT, Mixer, SoundEnded, SoundKind, SoundStarted

SPEECH, TONE = SoundKind.SPEECH, SoundKind.TONE


def noise(frames: int, seed: int = 0, peak: float = 0.4) -> Samples:
    return np.random.default_rng(seed).uniform(-peak, peak, frames).astype(np.float32)


def ones(frames: int, value: float = 0.5) -> Samples:
    return np.full(frames, value, dtype=np.float32)


def test_a_sound_begins_at_exactly_the_frame_it_was_scheduled_for() -> None:
    mixer = Mixer()
    sound = noise(700)
    mixer.schedule(sound, 1234, label="a", kind=TONE)

    out = mixer.render(4800)

    assert np.array_equal(out[1234:1934], sound)
    assert not out[:1234].any()
    assert not out[1934:].any()
    assert mixer.take_reports() == [SoundStarted("a", TONE, 1234), SoundEnded("a", TONE, 1934, cut=False)]
    assert mixer.take_reports() == []


def test_a_sound_that_ends_with_a_block_is_reported_in_that_block() -> None:
    mixer = Mixer()
    mixer.schedule(noise(960), 0, label="a", kind=TONE)
    mixer.render(960)
    assert mixer.take_reports()[-1] == SoundEnded("a", TONE, 960, cut=False)


def test_silence_is_digital_zero_and_time_still_passes() -> None:
    mixer = Mixer()
    assert not mixer.render(960).any()
    assert mixer.position == 960


def test_render_into_overwrites_what_was_in_the_block() -> None:
    mixer = Mixer()
    block = ones(480)
    mixer.render_into(block)
    assert not block.any()


def test_a_sound_cannot_be_scheduled_into_the_past() -> None:
    mixer = Mixer()
    mixer.render(960)
    with pytest.raises(ValueError, match="frame 959 has been rendered"):
        mixer.schedule(noise(10), 959, label=1, kind=TONE)
    mixer.schedule(noise(10), 960, label=1, kind=TONE)


@pytest.mark.parametrize("sound", [np.zeros(10), np.zeros((10, 1), np.float32), np.zeros(0, np.float32)])
def test_what_is_not_mono_float32_sound_is_refused(sound: Samples) -> None:
    with pytest.raises(ValueError, match=r"mono float32|no frame 0"):
        Mixer().schedule(sound, 0, label=1, kind=TONE)


def test_stopped_speech_fades_from_the_given_frame_and_is_silent_five_milliseconds_later() -> None:
    mixer = Mixer()
    mixer.schedule(ones(9600), 0, label="speech", kind=SPEECH)
    mixer.schedule(ones(960, 0.1), 2000, label="tone", kind=TONE)
    mixer.schedule(ones(960), 5000, label="later", kind=SPEECH)
    mixer.stop(1000, SPEECH)

    out = mixer.render(9600)

    assert np.array_equal(out[:1000], ones(1000))
    fade = out[1000 : 1000 + FADE_FRAMES]
    assert (np.diff(fade) < 0).all()
    assert 0.49 < fade[0] < 0.5
    assert 0 < fade[-1] < 0.01
    assert not out[1000 + FADE_FRAMES : 2000].any()
    assert np.array_equal(out[2000:2960], ones(960, 0.1))
    assert not out[2960:].any()
    assert mixer.take_reports() == [
        SoundStarted("speech", SPEECH, 0),
        SoundEnded("speech", SPEECH, 1240, cut=True),
        SoundStarted("tone", TONE, 2000),
        SoundEnded("tone", TONE, 2960, cut=False),
    ]


def test_stopping_everything_in_the_middle_of_a_sound_silences_tones_too() -> None:
    mixer = Mixer()
    mixer.schedule(ones(9600, 0.3), 0, label="speech", kind=SPEECH)
    mixer.schedule(ones(9600, 0.3), 0, label="tone", kind=TONE)
    mixer.render(960)
    mixer.stop(960)
    assert not mixer.render(960)[FADE_FRAMES:].any()


def test_a_stop_that_comes_late_takes_effect_at_once() -> None:
    mixer = Mixer()
    mixer.schedule(ones(9600), 0, label=1, kind=SPEECH)
    mixer.render(960)
    mixer.stop(100)
    assert not mixer.render(960)[FADE_FRAMES:].any()


def test_a_second_stop_does_not_make_a_sound_longer() -> None:
    mixer = Mixer()
    mixer.schedule(ones(9600), 0, label=1, kind=SPEECH)
    mixer.stop(1000)
    mixer.stop(1100)
    assert not mixer.render(9600)[1000 + FADE_FRAMES :].any()


def test_what_is_scheduled_after_a_stop_is_not_touched_by_it() -> None:
    mixer = Mixer()
    mixer.stop(1000)
    mixer.schedule(ones(960), 1000, label=1, kind=SPEECH)
    assert np.array_equal(mixer.render(2000)[1000:1960], ones(960))


def test_speech_taken_up_in_the_middle_fades_in() -> None:
    mixer = Mixer()
    sound = noise(4800)
    mixer.schedule(sound, 480, label=1, kind=SPEECH, from_frame=1200)
    out = mixer.render(9600)
    assert np.array_equal(out[480 + FADE_FRAMES : 480 + 3600], sound[1200 + FADE_FRAMES :])
    ratio = out[480 : 480 + FADE_FRAMES] / sound[1200 : 1200 + FADE_FRAMES]
    assert (np.diff(ratio) > -1e-6).all()
    assert 0 < ratio[0] < 0.01


def test_the_volume_changes_smoothly_and_completely() -> None:
    mixer = Mixer()
    mixer.schedule(ones(9600), 0, label=1, kind=SPEECH)
    mixer.render(960)
    mixer.gain_db = -6.0
    out = mixer.render(9600 - 960)
    assert np.abs(np.diff(out)).max() < 0.001
    assert out[-1] == pytest.approx(0.5 * 10 ** (-6 / 20))
    assert mixer.gain_db == -6.0


def test_too_much_sound_is_clipped_and_counted() -> None:
    mixer = Mixer()
    mixer.schedule(ones(100, 0.7), 0, label=1, kind=SPEECH)
    mixer.schedule(ones(100, 0.7), 50, label=2, kind=TONE)
    out = mixer.render(960)
    assert out.max() == 1.0
    assert mixer.overloads == 50


def test_a_sound_that_waits_can_be_moved_and_is_the_same_sound_there() -> None:
    mixer = Mixer()
    mixer.schedule(noise(100), 500, label=1, kind=TONE)
    mixer.schedule(ones(10), 700, label=2, kind=TONE)
    mixer.move(1, 800)
    out = mixer.render(960)
    assert np.array_equal(out[800:900], noise(100))
    assert mixer.take_reports()[-1] == SoundEnded(1, TONE, 900, cut=False)
    assert np.flatnonzero(out[:800]).tolist() == list(range(700, 710))


def test_a_sound_moved_to_what_is_past_begins_at_once_and_one_that_sounds_stays() -> None:
    mixer = Mixer()
    mixer.schedule(ones(100), 0, label=1, kind=TONE)
    mixer.schedule(ones(100), 900, label=2, kind=TONE)
    mixer.render(50)
    mixer.move(1, 500)
    mixer.move(2, 10)
    assert np.flatnonzero(mixer.render(960)).tolist() == list(range(100))
    assert [report.frame for report in mixer.take_reports()] == [0, 50, 100, 150]


@pytest.mark.parametrize("decibels", [25.0, float("nan"), float("-inf"), float("inf")])
def test_an_absurd_volume_is_refused(decibels: float) -> None:
    with pytest.raises(ValueError, match="gain"):
        Mixer().gain_db = decibels


def test_reports_that_nobody_takes_do_not_fill_the_memory() -> None:
    mixer = Mixer()
    for label in range(REPORTS_KEPT):
        mixer.schedule(noise(1), label, label=label, kind=TONE)
    mixer.render(REPORTS_KEPT)
    assert len(mixer.take_reports()) == REPORTS_KEPT


Sound = tuple[int, int, int, SoundKind]
sounds = st.lists(
    st.tuples(st.integers(0, 6000), st.integers(1, 4000), st.integers(0, 500), st.sampled_from(SoundKind)), max_size=6
)
stops = st.lists(st.tuples(st.integers(0, 8000), st.sampled_from([None, SPEECH, TONE])), max_size=2)


def filled(placed: list[Sound], stopped: list[tuple[int, SoundKind | None]]) -> Mixer:
    mixer = Mixer()
    mixer.gain_db = -3.0
    for number, (at_frame, length, from_frame, kind) in enumerate(placed):
        sound = noise(length + from_frame, seed=number)
        mixer.schedule(sound, at_frame, label=number, kind=kind, from_frame=from_frame)
    for at_frame, only in stopped:
        mixer.stop(at_frame, only)
    return mixer


@given(sounds, stops, st.lists(st.integers(1, 3000), min_size=1, max_size=30))
def test_the_waveform_and_reports_do_not_depend_on_how_they_are_cut_into_blocks(
    placed: list[Sound], stopped: list[tuple[int, SoundKind | None]], blocks: list[int]
) -> None:
    whole, pieces = filled(placed, stopped), filled(placed, stopped)
    expected = whole.render(sum(blocks))
    out, reports = [], []
    for block in blocks:
        out.append(pieces.render(block))
        reports += pieces.take_reports()
    assert np.array_equal(np.concatenate(out), expected)
    assert sorted(map(repr, reports)) == sorted(map(repr, whole.take_reports()))
    assert [report.frame for report in reports] == sorted(report.frame for report in reports)


@given(sounds, st.integers(0, 8000))
def test_after_stopping_everything_nothing_sounds_five_milliseconds_later(placed: list[Sound], at_frame: int) -> None:
    out = filled(placed, [(at_frame, None)]).render(16_000)
    assert not out[at_frame + FADE_FRAMES :].any()


@given(sounds, stops, st.integers(0, 5), st.integers(0, 9000))
def test_moving_a_sound_there_and_back_changes_nothing(
    placed: list[Sound], stopped: list[tuple[int, SoundKind | None]], label: int, at_frame: int
) -> None:
    mixer, moved = filled(placed, stopped), filled(placed, stopped)
    if label < len(placed):
        moved.move(label, at_frame)
        moved.move(label, placed[label][0])
    assert np.array_equal(moved.render(20_000), mixer.render(20_000))
