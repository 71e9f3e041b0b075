from __future__ import annotations

import sys

import pytest

from voicecoach.cli.meter import Meter, bar
from voicecoach.live.loudness import AUDIBLE_DB, QUIETEST_DB, Loudness


def test_the_bar_grows_with_the_level_and_passes_the_stroke_where_the_coach_begins_to_hear() -> None:
    quiet, loud = bar(Loudness(-70, -60), hears=False).plain, bar(Loudness(-20, -10), hears=False).plain
    assert quiet.count("█") < loud.count("█")
    assert "│" in quiet
    assert "┃" in loud
    assert pytest.approx(-61.3, abs=0.1) == AUDIBLE_DB


def test_what_is_no_level_is_told_in_words() -> None:
    assert "silence" in bar(Loudness(QUIETEST_DB, QUIETEST_DB), hears=False).plain
    assert "hearing" in bar(Loudness(-20, -10), hears=True).plain
    assert "too loud" in bar(Loudness(-3, 0), hears=True).plain


def test_away_from_a_terminal_there_are_lines_and_no_meter(capsys: pytest.CaptureFixture[str]) -> None:
    assert not sys.stdout.isatty()
    with Meter() as meter:
        meter.level(Loudness(-20, -10))
        meter.say("0:01.000  next")
    out, err = capsys.readouterr()
    assert (out, err) == ("0:01.000  next\n", "")
