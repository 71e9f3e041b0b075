"""The simulated room does to sound what it was asked to."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.audio.clip import Samples
from voicecoach.errors import UsageError
from voicecoach.rehearsal.acoustics import room_responses
from voicecoach.rehearsal.convolution import StreamingConvolver, convolved
from voicecoach.rehearsal.room import BLOCK_FRAMES, FLOOR_DBFS, PERSON_DBFS, Pcm, Room, loudest_frame_dbfs
from voicecoach.rehearsal.voices import FOLDER
from voicecoach.units import INPUT_RATE_HZ


def _noise(frames: int, seed: int = 0) -> Samples:
    return np.random.default_rng(seed).standard_normal(frames).astype(np.float32) * np.float32(0.1)


def _syllables(seconds: float, seed: int = 0) -> Samples:
    """Noise with the spectrum of speech that comes and goes four times a second."""
    frames = round(seconds * INPUT_RATE_HZ)
    shaped = scipy.signal.lfilter(
        *scipy.signal.butter(1, [150, 800], "bandpass", fs=INPUT_RATE_HZ), _noise(frames, seed)
    )
    swell = np.sin(np.pi * 4 * np.arange(frames) / INPUT_RATE_HZ) ** 2
    return np.asarray(shaped * swell * 0.9, dtype=np.float32)


def _blocks(samples: Samples) -> list[Samples]:
    count = -(-len(samples) // BLOCK_FRAMES)
    return list(np.pad(samples, (0, count * BLOCK_FRAMES - len(samples))).reshape(count, BLOCK_FRAMES))


def _hear(room: Room, loudspeaker: Samples) -> Samples:
    return _floats(np.concatenate([room.render(block) for block in _blocks(loudspeaker)]))


def _floats(pcm: Pcm) -> Samples:
    return np.divide(pcm, 32768, dtype=np.float32)


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * INPUT_RATE_HZ), dtype=np.float32)


@given(
    response=st.integers(1, 900),
    delay=st.integers(0, 500),
    pieces=st.lists(st.tuples(st.booleans(), st.integers(1, 12)), min_size=1, max_size=6),
)
def test_convolving_block_by_block_equals_convolving_at_once(
    response: int, delay: int, pieces: list[tuple[bool, int]]
) -> None:
    impulse = np.concatenate((np.zeros(delay, np.float32), _noise(response, seed=response)))
    sound = np.concatenate(
        [_noise(64 * n, seed=n) if sounding else np.zeros(64 * n, np.float32) for sounding, n in pieces]
    )
    convolver = StreamingConvolver(impulse, 64)
    streamed = np.concatenate([convolver.process(block) for block in sound.reshape(-1, 64)])
    expected = scipy.signal.fftconvolve(sound, impulse)[: len(sound)]
    assert np.max(np.abs(streamed - expected)) < 1e-5


def test_a_recording_longer_than_one_transform_is_convolved_whole() -> None:
    sound, impulse = _noise(200_001), _noise(8_000, seed=1)
    expected = scipy.signal.fftconvolve(sound.astype(np.float64), impulse.astype(np.float64))
    assert convolved(sound, impulse).shape == expected.shape
    assert np.max(np.abs(convolved(sound, impulse) - expected)) < 1e-4


def test_the_convolver_falls_exactly_silent_when_the_tail_is_over_and_wakes_again() -> None:
    convolver = StreamingConvolver(_noise(1_000), 100)
    assert convolver.silent
    first = [
        convolver.process(block)
        for block in np.concatenate((_noise(500), np.zeros(2_000, np.float32))).reshape(-1, 100)
    ]
    assert convolver.silent
    assert not np.any(first[-1])
    again = [
        convolver.process(block)
        for block in np.concatenate((_noise(500), np.zeros(2_000, np.float32))).reshape(-1, 100)
    ]
    assert np.array_equal(np.concatenate(first), np.concatenate(again))


@pytest.mark.parametrize("rt60_s", [0.05, 0.15, 0.3, 0.7, 1.5])
@pytest.mark.parametrize("way", ["person", "loudspeaker"])
def test_the_room_reverberates_about_as_long_as_asked(rt60_s: float, way: str) -> None:
    response = getattr(room_responses(rt60_s, person_m=2.0, loudspeaker_m=0.6, seed=3), way).astype(np.float64)
    remaining = np.cumsum(response[::-1] ** 2)[::-1]
    decay_db = 10 * np.log10(remaining / remaining[0] + 1e-12)
    fitted = np.flatnonzero((decay_db <= -5) & (decay_db >= -25))
    slope = np.polyfit(fitted / INPUT_RATE_HZ, decay_db[fitted], 1)[0]
    # A dry room's few reflections take longer than statistics have it.
    assert -60 / slope == pytest.approx(rt60_s, rel=0.15 if rt60_s >= 0.15 else 0.5)


def test_the_echo_is_the_loudspeaker_convolved_with_the_room_and_late_by_the_sound_card() -> None:
    room = Room(rt60_s=0.3, echo_db=6.0, delay_ms=40, coach_dbfs=-20.0, seed=5)
    coach = _syllables(2.0) * np.float32(0.5)
    response = room_responses(0.3, 2.0, 0.6, seed=5).loudspeaker * 10 ** ((PERSON_DBFS + 6.0 + 20.0) / 20)
    expected = scipy.signal.fftconvolve(np.concatenate((_silence(0.04), coach)), response)[: len(coach)]
    difference = _hear(room, coach) - expected
    assert 20 * math.log10(np.sqrt(np.mean(difference**2))) == pytest.approx(FLOOR_DBFS, abs=0.5)


@pytest.mark.parametrize("echo_db", [-20.0, 0.0, 10.0])
def test_the_echo_is_as_loud_against_the_person_as_asked(echo_db: float) -> None:
    coach = _syllables(4.0)
    voice = _syllables(2.0, seed=1)
    of_coach = _hear(Room(echo_db=echo_db, coach_dbfs=loudest_frame_dbfs(coach)), coach)
    with_person = Room(echo_db=echo_db)
    with_person.play_person(voice, at_frame=0)
    of_person = _hear(with_person, _silence(3.0))
    assert loudest_frame_dbfs(of_person) == pytest.approx(PERSON_DBFS, abs=0.3)
    assert loudest_frame_dbfs(of_coach) - loudest_frame_dbfs(of_person) == pytest.approx(echo_db, abs=2.5)


def test_a_recorded_voice_arrives_at_its_level_whatever_level_it_was_recorded_at() -> None:
    soundfile = pytest.importorskip("soundfile")
    recordings = sorted(FOLDER.glob("en/*/*.flac"))[:1]
    if not recordings:
        pytest.skip("there are no recorded voices")
    voice, _ = soundfile.read(recordings[0], dtype="float32")
    for gain in (1.0, 0.01):
        room = Room()
        room.play_person(voice * np.float32(gain), at_frame=0, level_db=-6.0)
        heard = _hear(room, _silence(len(voice) / INPUT_RATE_HZ + 0.5))
        assert loudest_frame_dbfs(heard) == pytest.approx(PERSON_DBFS - 6.0, abs=0.3)


@pytest.mark.parametrize("snr_db", [24.0, 6.0, -3.0])
def test_noise_has_the_asked_snr_and_goes_on_for_ever(snr_db: float) -> None:
    room = Room()
    room.add_noise(_syllables(1.5, seed=2), snr_db)
    for _ in range(3):
        assert loudest_frame_dbfs(_hear(room, _silence(1.6))) == pytest.approx(PERSON_DBFS - snr_db, abs=1.5)


@pytest.mark.parametrize("frames", [1, 100, 320, 321, 5_000])
def test_noise_of_any_length_is_looped_without_a_gap(frames: int) -> None:
    loop = np.full(frames, 0.5, dtype=np.float32)
    room = Room()
    room.add_noise(loop, snr_db=0.0)
    heard = _hear(room, _silence(1.0))
    assert np.min(np.abs(heard)) > 0.5 * np.max(np.abs(heard))


def test_the_person_speaks_at_the_frame_asked_and_two_can_speak_at_once() -> None:
    click = np.zeros(4_000, dtype=np.float32)
    click[0] = 1.0
    alone = [Room(rt60_s=0.1, seed=1) for _ in range(2)]
    both = Room(rt60_s=0.1, seed=1)
    for room, at_frame in zip(alone, (1_000, 1_777), strict=True):
        room.play_person(click, at_frame, level_db=-20.0)
        both.play_person(click, at_frame, level_db=-20.0)
    first, second = (_hear(room, _silence(0.5)) for room in alone)
    floor = _hear(Room(rt60_s=0.1, seed=1), _silence(0.5))
    arrival = round(2.0 / 343 * INPUT_RATE_HZ)
    assert abs(int(np.argmax(np.abs(first))) - 1_000 - arrival) <= 2
    assert np.max(np.abs(first[:1_000] - floor[:1_000])) == 0
    assert np.max(np.abs(_hear(both, _silence(0.5)) - (first + second - floor))) < 3 / 32768


def test_the_end_of_speech_is_told_as_it_arrives() -> None:
    room = Room(rt60_s=0.05, seed=1)
    end = room.play_person(_noise(3_000), at_frame=640)
    heard = np.abs(_hear(room, _silence(1.0)))
    assert np.mean(heard[end - 200 : end]) > 5 * np.mean(heard[end + 800 : end + 1_600])


def test_after_all_sound_there_is_the_hiss_and_never_digital_silence() -> None:
    room = Room(rt60_s=0.2)
    room.play_person(_noise(1_600), at_frame=0)
    _hear(room, _noise(1_600))
    _hear(room, _silence(1.0))
    quiet = _hear(room, _silence(12.0))
    assert all(np.any(block) for block in quiet.reshape(-1, BLOCK_FRAMES))
    assert 10 * math.log10(float(np.mean(quiet**2))) == pytest.approx(FLOOR_DBFS, abs=0.3)


def test_a_seed_makes_the_same_sound_again_and_another_one_another_room() -> None:
    def session(seed: int) -> Samples:
        room = Room(seed=seed)
        room.play_person(_syllables(0.5), at_frame=300)
        room.add_noise(_noise(5_000), snr_db=20.0)
        return _hear(room, _syllables(1.0, seed=9))

    assert np.array_equal(session(1), session(1))
    assert not np.array_equal(session(1), session(2))


def test_too_loud_a_sum_is_clipped_and_does_not_wrap_around() -> None:
    room = Room(echo_db=30.0, coach_dbfs=-40.0)
    heard = np.concatenate([room.render(block) for block in _blocks(_syllables(1.0) * 10)])
    assert heard.max() == 32767
    assert heard.min() == -32768


@pytest.mark.parametrize(
    "wrong",
    [
        {"rt60_s": 0.04},
        {"rt60_s": 1.6},
        {"rt60_s": math.nan},
        {"echo_db": math.inf},
        {"distance_m": 0.1},
        {"delay_ms": -1},
        {"coach_dbfs": 3.0},
    ],
)
def test_a_room_that_cannot_be_simulated_is_refused_in_one_line(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"^The .* cannot be simulated; give one from .*\.$"):
        Room(**wrong)  # type: ignore[arg-type]


def test_a_silent_recording_is_refused_in_one_line() -> None:
    room = Room()
    for nothing in (np.zeros(0, np.float32), np.zeros(9_000, np.float32)):
        with pytest.raises(UsageError, match=r"^There is no sound in the recording"):
            room.play_person(nothing, at_frame=0)
        with pytest.raises(UsageError, match=r"^There is no sound in the noise"):
            room.add_noise(nothing, snr_db=10.0)
    with pytest.raises(UsageError, match="signal-to-noise ratio is nan"):
        room.add_noise(_noise(1_000), snr_db=math.nan)


def test_the_past_cannot_be_changed_and_blocks_have_one_size() -> None:
    room = Room()
    room.render(_silence(0.02))
    with pytest.raises(ValueError, match="rendered already"):
        room.play_person(_noise(100), at_frame=BLOCK_FRAMES - 1)
    with pytest.raises(ValueError, match="all blocks must be"):
        room.render(_silence(0.01))
    assert room.frame == BLOCK_FRAMES
