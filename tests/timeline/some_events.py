"""Hypothesis strategies for the events of a timeline."""

from __future__ import annotations

from hypothesis import strategies as st

from voicecoach.coaching.messages import Tone
from voicecoach.commands import Command
from voicecoach.timeline.events import (
    Ducked,
    Ended,
    Event,
    Heard,
    Ignored,
    LedgerChanged,
    Said,
    StateEntered,
    ToneSounded,
)

times_ms = st.integers(0, 5 * 3_600_000)
sides = st.sampled_from(["left", "right", "both"])
some_states = st.sampled_from(
    ["talk", "wait", "get_ready", "changeover", "hold", "repetitions", "paused", "recovering", "stopped", "ended"]
)
words = st.text(max_size=40)

some_event: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        StateEntered,
        times_ms,
        some_states | words,
        st.none() | words,
        st.none() | sides | words,
        st.none() | st.integers(0, 99),
        st.none() | words,
        st.none() | times_ms,
    ),
    st.builds(Said, times_ms, words, times_ms, st.booleans(), times_ms),
    st.builds(ToneSounded, times_ms, st.sampled_from(Tone), times_ms),
    st.builds(Heard, times_ms, st.sampled_from(Command), words, times_ms, times_ms, st.floats(0, 1)),
    st.builds(Ignored, times_ms, words),
    st.builds(Ducked, times_ms),
    st.builds(LedgerChanged, times_ms, words, sides | words, times_ms, times_ms, words),
    st.builds(Ended, times_ms, words, times_ms, times_ms, times_ms, times_ms),
)
event_lists = st.lists(some_event, max_size=40)
