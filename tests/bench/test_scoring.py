"""Figures against known values."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.bench.conditions import Noise
from voicecoach.bench.records import Attended, Judged, StreamRecord, TrialRecord
from voicecoach.bench.results import results_of
from voicecoach.bench.scoring import Result, curve, delay_ms, delays, false_accepts, result, tally
from voicecoach.bench.speakers import Group
from voicecoach.bench.statistics import quantile, rate, share
from voicecoach.commands import Command


def heard(command: Command | None, start_ms: int, end_ms: int, score: float = 0.9, *, took_ms: int = 0) -> Judged:
    return Judged(command, "accepted", score, start_ms, end_ms, end_ms + 400, end_ms + 400 + took_ms)


def trial(*judged: Judged) -> TrialRecord:
    """A "next" that is said from 3.0 to 3.5 s."""
    return TrialRecord(
        condition="quiet dry",
        noise=Noise.NONE,
        level_db=None,
        phrase="next",
        command=Command.NEXT,
        speaker="slt",
        group=Group.TUNING,
        said_from_ms=3000,
        said_to_ms=3500,
        attended=Attended(judged, (), 5000, 100.0),
        bare=None,
        bare_asked=False,
    )


def minutes_of_talk(count: int, *scores: float) -> StreamRecord:
    judged = tuple(heard(Command.STOP, 1000, 1500, score) for score in scores)
    return StreamRecord("talk", "", Attended(judged, (900,), count * 60_000, count * 600.0), 3, bare_asked=True)


class TestBounds:
    def test_are_those_of_clopper_and_pearson(self) -> None:
        eight_of_ten = share(8, 10)
        assert (eight_of_ten.value, eight_of_ten.low, eight_of_ten.high) == pytest.approx(
            (0.8, 0.4439, 0.9748), abs=1e-4
        )
        assert (share(0, 100).low, share(0, 100).high) == pytest.approx((0.0, 0.0362), abs=1e-4)
        assert (share(100, 100).low, share(100, 100).high) == pytest.approx((0.9638, 1.0), abs=1e-4)

    def test_of_a_rate_are_those_of_a_poisson_process(self) -> None:
        assert (rate(0, 1.0).low, rate(0, 1.0).high) == pytest.approx((0.0, 3.6889), abs=1e-4)
        assert (rate(3, 2.0).low, rate(3, 2.0).high) == pytest.approx((0.3093, 4.3836), abs=1e-4)

    def test_say_nothing_where_nothing_was_counted(self) -> None:
        assert (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)

    @given(st.integers(0, 500), st.integers(0, 500))
    def test_hold_the_figure_between_them(self, right: int, more: int) -> None:
        bounded = share(right, right + more)
        assert 0.0 <= bounded.low <= bounded.value <= bounded.high <= 1.0


def test_quantiles_are_values_that_occur() -> None:
    assert quantile([4, 1, 3, 2], 0.5) == 2
    assert quantile(list(range(1, 101)), 0.95) == 95
    assert quantile([7], 0.95) == 7
    assert quantile([], 0.5) is None


class TestTheResultOfATrial:
    def test_is_right_where_the_command_was_heard(self) -> None:
        assert result(trial(heard(Command.NEXT, 2980, 3520))) is Result.RIGHT

    def test_is_wrong_where_another_was_heard_even_beside_it(self) -> None:
        assert result(trial(heard(Command.STOP, 2980, 3520))) is Result.WRONG
        assert result(trial(heard(Command.NEXT, 2980, 3520), heard(Command.STOP, 3600, 3800))) is Result.WRONG

    def test_is_a_rejection_where_nothing_was_heard_at_that_time(self) -> None:
        assert result(trial()) is Result.REJECTED
        assert result(trial(heard(None, 2980, 3520))) is Result.REJECTED
        assert result(trial(heard(Command.NEXT, 1000, 1500))) is Result.REJECTED

    def test_depends_on_the_threshold(self) -> None:
        doubtful = trial(heard(Command.NEXT, 2980, 3520, 0.6))
        assert result(doubtful, 0.6) is Result.RIGHT
        assert result(doubtful, 0.61) is Result.REJECTED


def test_the_delay_counts_from_the_end_of_the_phrase_and_holds_what_the_machine_took() -> None:
    understood = trial(heard(Command.NEXT, 2980, 3520, took_ms=70))
    assert delay_ms(understood) == 3520 + 400 + 70 - 3500
    assert delay_ms(understood, known=False) == 3520 + 400 - 3500
    assert delay_ms(trial()) is None
    assert delays([trial(), understood]).p50 == 490


def test_a_tally_counts_each_result_once() -> None:
    counted = tally([trial(heard(Command.NEXT, 3000, 3500)), trial(heard(Command.STOP, 3000, 3500)), trial(), trial()])
    assert (counted.right, counted.wrong, counted.rejected, counted.total) == (1, 1, 2, 4)
    assert counted.accuracy.value + counted.wrong_rate.value + counted.reject_rate.value == pytest.approx(1.0)


def test_false_accepts_are_counted_by_the_hour() -> None:
    figures = false_accepts([minutes_of_talk(20, 0.9, 0.7), minutes_of_talk(10)])
    assert figures is not None
    assert (figures.hours, figures.count, figures.per_hour.value) == (0.5, 2, 4.0)
    assert figures.sounds_with.value == 0.5
    assert (figures.bare_per_hour, figures.noticed_per_hour) == (12.0, 4.0)
    assert figures.realtime == pytest.approx(0.01)
    assert false_accepts([]) is None


def test_the_curve_trades_missed_commands_for_false_accepts() -> None:
    commands = [trial(heard(Command.NEXT, 3000, 3500, score)) for score in (0.5, 0.8, 0.9, 0.95)]
    points = curve(commands, [minutes_of_talk(60, 0.4, 0.85)])
    assert (points[0].threshold, points[0].missed, points[0].false_accepts_per_hour) == (0.0, 0.0, 2.0)
    at = {point.threshold: point for point in points}
    assert (at[0.5].missed, at[0.5].false_accepts_per_hour) == (0.0, 1.0)
    assert (at[0.9].missed, at[0.9].false_accepts_per_hour) == (0.5, 0.0)
    missed = [point.missed for point in points]
    assert missed == sorted(missed)


def test_held_out_and_unseen_voices_have_figures_of_their_own() -> None:
    taught = trial(heard(Command.NEXT, 3100, 3500))
    untaught = replace(trial(), speaker="joe", group=Group.HELD_OUT)
    unseen = replace(taught, speaker="pico us", group=Group.UNSEEN)
    results = results_of([taught, taught, untaught, unseen])
    together, held_out, never_seen = (
        {line.name: (line.ours.right, line.ours.total) for line in lines}
        for lines in (results.means, results.held_out, results.unseen)
    )
    assert together == {"quiet": (3, 4), "everything": (3, 4)}
    assert held_out == {"quiet": (0, 1), "everything": (0, 1)}
    assert never_seen == {"quiet": (1, 1), "everything": (1, 1)}
    assert not results_of([taught]).held_out
    assert not results_of([taught]).unseen
