"""The session's own durations and steps. What the routine's author decides stands in the plan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """The session's own durations, all in milliseconds. The plan's are the routine's."""

    resume_ms: int = 3_000
    """Lead-in before work goes on after an interruption: three ticks."""
    long_pause_ms: int = 10_000
    """A pause longer than this is followed by that lead-in."""
    after_ready_ms: int = 5_000
    """Lead-in once the person has said that they are ready: room for "left side", then three ticks."""
    more_ms: int = 15_000
    """What "more time" adds."""
    silence_ms: int = 400
    """After a cramp, before the coach speaks: the silence itself says that it was heard."""
    breath_in_ms: int = 4_000
    breath_out_ms: int = 6_000
    breaths: int = 3
    """A recovery is this many slow breaths."""
    least_owed_ms: int = 10_000
    """Less than this takes no longer than the question and the lead-in, and is not offered."""
    answer_ms: int = 10_000
    """How long an offer waits for yes or no after it was spoken."""
    answer_delay_ms: int = 4_000
    """An answer that cannot begin within this waits until there is room for it."""
    again_ms: int = 5_000
    """"Go back" within this of the last one goes back one exercise more."""
    voice_ms: int = 8_000
    """The floor comes back after this, should nobody say that the voice ended."""
    interruptions: int = 4
    """A sentence that was cut into more often is given up: a coach that hears itself must not begin it for ever."""
    notice_again_ms: int = 60_000
    """The same about the machine is not told again within this."""
    not_understood_ms: int = 10_000
    """At most one not-understood earcon in this."""
    stopped_hint_ms: int = 6_000
    stopped_reminds_ms: int = 60_000
    paused_reminds_ms: int = 120_000
    abandoned_ms: int = 1_800_000
    """A pause or stop as long as this ends the session."""
    come_back_after: int = 2
    """How many other exercises come first after a cramp with the policy `come_back`."""
    half_from_ms: int = 20_000
    """Holds shorter than this have no halfway tone."""
    remind_from_ms: int = 20_000
    """Work shorter than this has no reminders: said at every station, they would only tire."""
    late_ms: int = 1_000
    """A deadline noticed later than this was a stall, and is taken to be now: nobody was coached meanwhile."""


VOLUME_STEP_DB, LEAST_VOLUME_DB, MOST_VOLUME_DB = 3, -18, 6
SPEED_STEP, SLOWEST_WPM, FASTEST_WPM = 1.15, 100, 240
