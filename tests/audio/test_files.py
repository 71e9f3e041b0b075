from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from voicecoach.audio.files import WavWriter, read_audio, stream_audio
from voicecoach.errors import UsageError


def sine(rate_hz: int, seconds: float = 0.5) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate_hz * seconds)) / rate_hz)


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_audio(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    assert ";" in message, "it says what to do"
    return message


@pytest.mark.parametrize("rate_hz", [4_000, 8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 384_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_any_rate_and_number_of_channels_becomes_mono_at_16_khz(tmp_path: Path, rate_hz: int, channels: int) -> None:
    path = tmp_path / "sound.wav"
    soundfile.write(path, np.stack([sine(rate_hz)] * channels, axis=1), rate_hz)
    sound = read_audio(path)
    assert sound.dtype == np.float32
    assert len(sound) == pytest.approx(8_000, abs=2)
    assert sound[1000:7000] == pytest.approx(sine(16_000)[1000:7000], abs=0.005)


@pytest.mark.parametrize(
    ("name", "kind", "subtype"),
    [
        ("a.wav", "WAV", "PCM_U8"),
        ("a.wav", "WAV", "PCM_24"),
        ("a.wav", "WAV", "PCM_32"),
        ("a.wav", "WAV", "FLOAT"),
        ("a.wav", "WAV", "DOUBLE"),
        ("a.wav", "WAV", "ULAW"),
        ("a.flac", "FLAC", "PCM_16"),
        ("a.ogg", "OGG", "VORBIS"),
        ("misnamed.txt", "FLAC", "PCM_16"),
    ],
)
def test_any_kind_of_samples_is_read(tmp_path: Path, name: str, kind: str, subtype: str) -> None:
    path = tmp_path / name
    soundfile.write(path, sine(48_000), 48_000, format=kind, subtype=subtype)
    assert read_audio(path)[1000:7000] == pytest.approx(sine(16_000)[1000:7000], abs=0.05)


def test_floats_beyond_full_scale_are_clipped(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    soundfile.write(path, sine(48_000) * 1e6, 48_000, subtype="FLOAT")
    assert np.abs(read_audio(path)).max() <= 1.0


def test_a_stream_gives_the_same_sound_in_blocks_of_the_size_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    soundfile.write(path, sine(44_100, 2.0), 44_100)
    blocks = list(stream_audio(path, 16_000, 320))
    assert {len(block) for block in blocks[:-1]} == {320}
    assert 0 < len(blocks[-1]) <= 320
    assert np.array_equal(np.concatenate(blocks), read_audio(path))


def test_a_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "missing.wav")


def test_a_directory_is_refused_in_one_line(tmp_path: Path) -> None:
    assert "directory" in refused(tmp_path)


def test_a_device_is_refused_in_one_line() -> None:
    assert "not an ordinary file" in refused(Path("/dev/zero"))


def test_a_name_that_cannot_be_one_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError):
        read_audio(Path("nul\0.wav"))


@pytest.mark.parametrize("name", ["a.wav", "a.raw", "a.flac"])
@pytest.mark.parametrize("content", [b"", b"x", b"not a sound at all\n" * 50, b"RIFF\xff\xff\xff\xffWAVEfmt "])
def test_what_is_no_sound_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refused(path)


def test_a_file_without_any_frame_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "none.wav"
    soundfile.write(path, np.zeros(0), 48_000)
    assert "no sound in it" in refused(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_refused(tmp_path: Path, value: float) -> None:
    path = tmp_path / "nan.wav"
    sound = sine(48_000).astype(np.float32)
    sound[5000] = value
    soundfile.write(path, sound, 48_000, subtype="FLOAT")
    assert "not numbers" in refused(path)


@pytest.mark.parametrize("rate_hz", [3_999, 384_001])
def test_an_absurd_rate_is_refused_in_one_line(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "rate.wav"
    soundfile.write(path, np.zeros(100), rate_hz)
    assert "sampled at" in refused(path)


def test_a_file_that_is_longer_than_asked_for_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros(16_000 * 5, np.int16), 16_000)
    with pytest.raises(UsageError, match="longer than 4 s; cut it"):
        read_audio(path, longest_s=4)
    assert len(read_audio(path, longest_s=5)) == 80_000


def test_a_header_that_claims_more_than_there_is_gives_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "claims.wav"
    soundfile.write(path, sine(16_000), 16_000)
    data = bytearray(path.read_bytes())
    data[40:44] = b"\xf0\xff\xff\x7f"
    path.write_bytes(data)
    assert len(read_audio(path)) == 8_000


def test_a_damaged_flac_is_refused_or_read_and_never_crashes(tmp_path: Path) -> None:
    path = tmp_path / "damaged.flac"
    soundfile.write(path, np.random.default_rng(1).uniform(-1, 1, 48_000), 48_000)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    path.write_bytes(data)
    try:
        assert np.isfinite(read_audio(path)).all()
    except UsageError as error:
        assert "damaged" in str(error)  # noqa: PT017 - either is right


def test_a_written_file_reads_back_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    sound = sine(48_000).astype(np.float32)
    with WavWriter(path) as writer:
        for first in range(0, len(sound), 960):
            writer.write(sound[first : first + 960])
            assert not path.exists()
    assert soundfile.info(path).subtype == "PCM_16"
    back, rate_hz = soundfile.read(path)
    assert rate_hz == 48_000
    assert back == pytest.approx(sound, abs=1 / 16_000)
    assert list(tmp_path.iterdir()) == [path]


def test_sound_beyond_full_scale_is_written_at_full_scale(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    with WavWriter(path) as writer:
        writer.write(np.array([2.0, -2.0], np.float32))
    assert soundfile.read(path, dtype="int16")[0].tolist() == [32767, -32767]


def test_an_error_on_the_way_keeps_what_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(b"before")

    def fail() -> None:
        with WavWriter(path) as writer:
            writer.write(np.zeros(960, np.float32))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
