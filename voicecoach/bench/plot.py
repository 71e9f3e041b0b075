"""The curve over the threshold, as SVG: missed commands against false accepts, one line a kind of noise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from voicecoach.bench.scoring import Point
from voicecoach.timeline.svg import Canvas, polyline

_WIDTH: Final = 920.0
_LEFT, _TOP, _RIGHT, _BOTTOM = 70.0, 84.0, 300.0, 60.0
_HEIGHT: Final = 480.0
_MOST_PER_HOUR: Final = 100.0
_COLOURS: Final = ("#1f8a4c", "#1769c2", "#8a58c9", "#6b7078", "#b4480f", "#12909c")
_ACROSS: Final = (0, 0.5, 1, 2, 5, 10, 20, 50, 100)
_UP: Final = (0, 1, 2, 5, 10, 20, 50, 100)
AIM: Final = (0.5, 0.05)
"""False accepts an hour, and missed commands: openWakeWord's own target."""
_STYLE: Final = """
.paper{fill:#fff}.rule{stroke:#d5dae1;fill:none}.ink{fill:#1d232b;font:13px sans-serif}
.title{fill:#1d232b;font:bold 17px sans-serif}.faint{fill:#68717d;font:12px sans-serif}.aim{fill:#d1382c}
@media (prefers-color-scheme:dark){.paper{fill:#14171c}.rule{stroke:#39414c}
.ink,.title{fill:#eef1f5}.faint{fill:#97a1ae}}
"""


def draw_curves(curves: Mapping[str, Sequence[Point]], title: str) -> str:
    """Return the picture as the text of an SVG file. Both axes are stretched near 0, where it matters."""
    colours = "".join(
        f".c{number}{{stroke:{colour};fill:none;stroke-width:2}}.d{number}{{fill:{colour}}}"
        for number, colour in enumerate(_COLOURS)
    )
    canvas = Canvas(_WIDTH, _STYLE + colours, title)
    canvas.text(_LEFT, 32, title, "title")
    canvas.text(
        _LEFT, 52, "each line: one kind of noise, all its levels; the dot is the threshold that is used", "faint"
    )
    for value in _ACROSS:
        x = _x(value)
        canvas.path([polyline([(x, _TOP), (x, _HEIGHT - _BOTTOM)])], "rule")
        canvas.text(x - 8, _HEIGHT - _BOTTOM + 18, f"{value:g}", "faint")
    for value in _UP:
        y = _y(value / 100)
        canvas.path([polyline([(_LEFT, y), (_WIDTH - _RIGHT, y)])], "rule")
        canvas.text(_LEFT - 42, y + 4, f"{value} %", "faint")
    canvas.text(_LEFT, _HEIGHT - 16, "false accepts an hour of unrelated talk  →", "ink")
    canvas.text(_LEFT - 42, _TOP - 8, "missed", "ink")
    for number, (name, points) in enumerate(curves.items()):
        colour = number % len(_COLOURS)
        places = [(_x(point.false_accepts_per_hour), _y(point.missed)) for point in points]
        canvas.path([polyline(places)], f"c{colour}")
        canvas.circle(*places[0], 4, f"d{colour}", tip=name)
        y = _TOP + 14 + 24 * number
        canvas.path([polyline([(_WIDTH - _RIGHT + 20, y - 4), (_WIDTH - _RIGHT + 44, y - 4)])], f"c{colour}")
        canvas.text(_WIDTH - _RIGHT + 52, y, name, "ink")
    canvas.circle(_x(AIM[0]), _y(AIM[1]), 5, "aim", tip="the aim: 0.5 an hour with 5 % missed")
    canvas.text(
        _WIDTH - _RIGHT + 20, _TOP + 24 + 24 * len(curves), "red dot: the aim, 0.5 an hour, 5 % missed", "faint"
    )
    return canvas.finish(_HEIGHT)


def _x(per_hour: float) -> float:
    part = math.log1p(min(per_hour, _MOST_PER_HOUR) * 2) / math.log1p(_MOST_PER_HOUR * 2)
    return _LEFT + part * (_WIDTH - _LEFT - _RIGHT)


def _y(missed: float) -> float:
    part = math.log1p(missed * 50) / math.log1p(50)
    return _HEIGHT - _BOTTOM - part * (_HEIGHT - _TOP - _BOTTOM)
