from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.live.kept_ready import KeptReady
from voicecoach.live.overload import STEPS, Effort
from voicecoach.units import OUTPUT_FRAMES_PER_MS


@pytest.mark.parametrize("step", STEPS)
@given(sizes=st.lists(st.integers(0, 20_000), max_size=30))
def test_what_is_kept_ready_comes_whole_and_later_by_what_is_more_than_usual(step: Effort, sizes: list[int]) -> None:
    kept, buffer_ms = KeptReady(), step.buffer_ms
    kept.begin(buffer_ms)
    sound = np.arange(sum(sizes), dtype=np.float32)
    passed = [kept.pass_on(piece) for piece in np.split(sound, np.cumsum(sizes))]
    came = np.concatenate(passed)
    late = (buffer_ms - STEPS[0].buffer_ms) * OUTPUT_FRAMES_PER_MS
    assert np.array_equal(came, sound[: max(0, len(sound) - late)])


def test_a_stream_that_is_opened_anew_has_nothing_waiting() -> None:
    kept = KeptReady()
    kept.begin(200)
    assert not len(kept.pass_on(np.ones(480, np.float32)))
    kept.begin(STEPS[0].buffer_ms)
    assert np.array_equal(kept.pass_on(np.zeros(480, np.float32)), np.zeros(480, np.float32))
