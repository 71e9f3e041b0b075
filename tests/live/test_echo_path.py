from __future__ import annotations

import numpy as np
import pytest

from voicecoach.live.echo_path import BLOCK_FRAMES, EchoPath

RATE = 48_000


@pytest.mark.parametrize("input_rate_hz", [48_000, 44_100, 16_000])
def test_the_microphone_arrives_whole_at_any_rate_and_in_any_pieces(input_rate_hz: int) -> None:
    path = EchoPath(input_rate_hz)
    tone = np.sin(np.arange(2 * input_rate_hz) * 2 * np.pi * 500 / input_rate_hz).astype(np.float32) * 0.3
    blocks = [block.sound for piece in np.array_split(tone, 333) for block in path.hear(piece)]
    assert {len(block) for block in blocks} == {BLOCK_FRAMES}
    sound = np.concatenate(blocks)
    assert 2 * 16_000 - 1_500 < len(sound) <= 2 * 16_000
    crossings = np.count_nonzero(np.diff(np.sign(sound[8_000:24_000].astype(float))) > 0)
    assert abs(crossings - 500) <= 2


@pytest.mark.parametrize("drift", [-2e-4, 2e-4])
def test_the_coachs_echo_is_taken_out_although_the_clocks_drift_apart(drift: float) -> None:
    """The microphone's clock is off by twice what is bad, and what the coach says has pauses."""
    rng = np.random.default_rng(7)
    frames = 30 * RATE
    played = rng.standard_normal(frames).astype(np.float32) * np.float32(0.1)
    played *= (np.arange(frames) // RATE) % 3 < 2
    echo = np.concatenate((np.zeros(RATE // 12, np.float32), played)) * np.float32(0.3)
    rate = 1 + drift
    heard = np.interp(np.arange(int(frames * rate)) / rate, np.arange(len(echo)), echo).astype(np.float32)
    path = EchoPath(RATE)
    left: list[float] = []
    for at in range(0, frames, 480):
        path.play(played[at : at + 480])
        left += [
            float(np.mean(block.sound.astype(float) ** 2))
            for block in path.hear(heard[int(at * rate) : int((at + 480) * rate)])
        ]
    before = float(np.mean((heard * 32767) ** 2))
    after = float(np.mean(left[len(left) // 2 :]))
    assert 10 * np.log10(before / after) > 20


def test_after_a_rest_of_the_loudspeaker_its_echo_is_taken_out_as_before() -> None:
    rng = np.random.default_rng(7)
    path = EchoPath(RATE)

    def left(seconds: int) -> float:
        played = rng.standard_normal(seconds * RATE).astype(np.float32) * np.float32(0.1)
        played *= (np.arange(len(played)) // RATE) % 3 < 2
        echo = np.concatenate((np.zeros(RATE // 12, np.float32), played))[: len(played)] * np.float32(0.3)
        blocks = []
        for at in range(0, len(played), 480):
            path.play(played[at : at + 480])
            blocks += path.hear(echo[at : at + 480])
        after = float(np.mean([np.mean(block.sound.astype(float) ** 2) for block in blocks[len(blocks) // 2 :]]))
        return 10 * float(np.log10(after / np.mean((echo * 32767) ** 2)))

    assert left(8) < -20
    path.play(np.zeros(RATE // 10 + 7, np.float32))
    path.rest()
    silence = path.hear(np.zeros(20 * RATE, np.float32))
    assert silence[-1].echo_power == 0.0
    # The device has its buffer filled, and then some silence before the first word.
    path.play(np.zeros(RATE // 25, np.float32))
    for _ in range(30):
        path.play(np.zeros(480, np.float32))
        path.hear(np.zeros(480, np.float32))
    assert left(8) < -20


def test_without_a_canceller_the_microphone_passes_as_it_is_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.live.echo_path.is_installed", lambda: False)
    path = EchoPath(16_000)
    assert not path.cancels_echo
    path.play(np.full(48_000, 0.1, np.float32))
    blocks = path.hear(np.full(16_000, 0.25, np.float32))
    assert blocks
    assert all(block.echo_power == 0.0 for block in blocks)
    assert abs(int(blocks[-1].sound.mean()) - 8192) < 10
