"""One row of the picture: some minutes of a session, from left to right, with a lane for everything that happens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from voicecoach.timeline.events import Ducked, Heard, Ignored, Said, ToneSounded
from voicecoach.timeline.picture_style import TONE_HEIGHT, letters_class, state_class, tone_class
from voicecoach.timeline.recap import WORKING, Recap, Span
from voicecoach.timeline.svg import Canvas, fitted, printable, staggered, upright, width_of
from voicecoach.units import clock

LEFT_EDGE = 78.0
"""Where time begins; names of the lanes stand left of it."""
RIGHT_MARGIN = 24.0
_FLAG_LEVELS, _FLAG_HEIGHT = 5, 17.0
_NAME_LEVELS, _NAME_HEIGHT = 3, 16.0
_TIP_CHARACTERS = 160

# From the top of the lanes: where each begins.
_STATE, _STATE_HEIGHT = 0.0, 17.0
_FEET, _FOOT_HEIGHT = 21.0, 13.0
_COACH, _COACH_HEIGHT = 52.0, 9.0
_TONES = 65.0
_AXIS = 81.0
_LANES_HEIGHT = 97.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the times of a row are."""

    start_ms: int
    end_ms: int
    """Of the row, which the session may not fill."""
    width: float
    """Of the whole row in pixels."""

    def x(self, ms: int) -> float:
        """Return the place of a time, kept within the row."""
        inside = min(max(ms, self.start_ms), self.end_ms) - self.start_ms
        return LEFT_EDGE + self.width * inside / (self.end_ms - self.start_ms)

    def holds(self, ms: int) -> bool:
        """Return whether a moment is told in this row."""
        return self.start_ms <= ms < self.end_ms

    def touches(self, start_ms: int, end_ms: int) -> bool:
        """Return whether some of a stretch of time, which may have no length, is in this row."""
        return start_ms < self.end_ms and (end_ms > self.start_ms or self.holds(start_ms))


def draw_row(canvas: Canvas, session: Recap, scale: Scale, tick_ms: int, top: float) -> float:
    """Draw one row with its upper edge at `top`, and return where its lower edge is."""
    flags = _placed_flags([event for event in session.events if isinstance(event, Heard)], scale)
    names = _placed_names(session.exercises, scale)
    names_top = top + _height(flags, _FLAG_HEIGHT)
    lanes = names_top + _height(names, _NAME_HEIGHT)
    end_x = scale.x(session.length_ms)
    canvas.rect(LEFT_EDGE, lanes + _FEET, end_x - LEFT_EDGE, _FOOT_HEIGHT, "lane")
    canvas.rect(LEFT_EDGE, lanes + _FEET + _FOOT_HEIGHT + 1, end_x - LEFT_EDGE, _FOOT_HEIGHT, "lane")
    for name, y in (
        ("left foot", _FEET + 10),
        ("right foot", _FEET + 24),
        ("coach", _COACH + 8),
        ("tones", _TONES + 9),
    ):
        canvas.text(LEFT_EDGE - 8, lanes + y, name, "small faint end")
    _draw_states(canvas, session.states, scale, lanes)
    _draw_work(canvas, session.work, scale, lanes)
    _draw_coach(canvas, session, scale, lanes)
    _draw_axis(canvas, scale, tick_ms, session.length_ms, lanes)
    _draw_flags_and_names(canvas, flags, names, names_top, lanes)
    return lanes + _LANES_HEIGHT


@dataclass(frozen=True, slots=True)
class _Label:
    """Words that belong to a moment, and where there is room for them."""

    x: float
    """Of the moment."""
    left: float
    width: float
    level: int | None
    """Counted upwards; none where there is no room left."""
    words: str
    tip: str


def _height(labels: list[_Label], each: float) -> float:
    return each * max([0, *(label.level + 1 for label in labels if label.level is not None)])


def _stacked(
    labels: list[tuple[float, str, str]], size: float, margin: float, right: float, levels: int
) -> list[_Label]:
    """Place labels, given as moment, words and tip, so that none covers another nor runs over the right edge."""
    widths = [width_of(words, size) + margin for _, words, _ in labels]
    # What would run over the edge stands left of its moment, and so perhaps before labels of earlier ones.
    lefts = [x if x + width <= right else x - width for (x, _, _), width in zip(labels, widths, strict=True)]
    order = sorted(range(len(labels)), key=lambda index: lefts[index])
    found = staggered([(lefts[index], lefts[index] + widths[index] + 3) for index in order], levels)
    return [
        _Label(labels[index][0], lefts[index], widths[index], level, *labels[index][1:])
        for index, level in zip(order, found, strict=True)
    ]


def _placed_flags(flags: Iterable[Heard], scale: Scale) -> list[_Label]:
    labels = []
    for flag in flags:
        # A timeline that says otherwise is not believed: nothing is understood before it is said.
        said_ms = min(flag.said_end_ms, flag.t_ms)
        if scale.holds(said_ms):
            took_ms = flag.acted_ms - flag.said_end_ms
            tip = f"{clock(said_ms)} “{flag.phrase}”: {flag.command}, acted {took_ms} ms later"
            labels.append((scale.x(said_ms), fitted(flag.phrase or flag.command, 11, 200), tip))
    return _stacked(labels, 11, 12, LEFT_EDGE + scale.width + RIGHT_MARGIN / 2, _FLAG_LEVELS)


def _placed_names(exercises: Iterable[Span], scale: Scale) -> list[_Label]:
    labels = []
    for span in exercises:
        name = span.state.exercise or ""
        # What begins so late in this row that its name would run over the edge is named in the next one.
        begins_late = span.end_ms > scale.end_ms and scale.x(span.start_ms) + width_of(name, 12) > scale.x(scale.end_ms)
        if scale.touches(span.start_ms, span.end_ms) and not begins_late:
            going_on = "… " if span.start_ms < scale.start_ms else ""
            labels.append((scale.x(span.start_ms), fitted(going_on + name, 12, 400), name))
    return _stacked(labels, 12, 10, LEFT_EDGE + scale.width + RIGHT_MARGIN / 2, _NAME_LEVELS)


def _draw_flags_and_names(
    canvas: Canvas, flags: list[_Label], names: list[_Label], names_top: float, lanes: float
) -> None:
    """Draw the labels over all that is in the lanes, and their poles down into them, which no label is crossed by."""
    for label in flags:
        start = names_top - 2 - (0 if label.level is None else (label.level + 1) * _FLAG_HEIGHT)
        canvas.path([upright(label.x, start, lanes + _AXIS - start)], "pole", label.tip)
        if label.level is None:
            canvas.circle(label.x, start, 2.5, "voice", label.tip)
    for label in names:
        if label.level is not None:
            baseline = lanes - 5 - label.level * _NAME_HEIGHT
            canvas.path([upright(label.x, baseline - 9, lanes - baseline + 9)], "axis")
            canvas.text(label.left + 4, baseline, label.words, "name", label.tip)
    for label in flags:
        if label.level is not None:
            top = names_top - 2 - (label.level + 1) * _FLAG_HEIGHT
            canvas.rect(label.left, top, label.width, _FLAG_HEIGHT - 2, "pill", tip=label.tip, radius=3)
            canvas.rect(label.x - (2.5 if label.left < label.x else 0), top, 2.5, _FLAG_HEIGHT - 2, "voice")
            canvas.text(label.left + 7, top + 11.5, label.words, "voice", label.tip)


def _draw_states(canvas: Canvas, states: Iterable[Span], scale: Scale, lanes: float) -> None:
    for span, x, width in _pieces(states, scale):
        state = span.state
        name = printable(state.state.replace("_", " "))
        parts = [name, state.exercise, state.side, f"set {state.set}" if state.set else None, state.station]
        tip = f"{clock(span.start_ms)} {', '.join(part for part in parts if part)}, {_seconds(span.length_ms)}"
        canvas.rect(x, lanes + _STATE, width, _STATE_HEIGHT, state_class(state.state), tip=tip[:_TIP_CHARACTERS])
        station = state.station if state.state in WORKING else None
        shown = f"{name} · {station}" if station else name
        if label := next((text for text in (shown, station, name) if text and width_of(text, 9.5) + 6 <= width), ""):
            canvas.text(x + 4, lanes + _STATE + 12, label, letters_class(state.state))


def _draw_work(canvas: Canvas, work: Iterable[Span], scale: Scale, lanes: float) -> None:
    for span, x, width in _pieces(work, scale):
        side = span.state.side if span.state.side in ("left", "right") else "both"
        y = lanes + _FEET + (_FOOT_HEIGHT + 1 if side == "right" else 0)
        height = 2 * _FOOT_HEIGHT + 1 if side == "both" else _FOOT_HEIGHT
        length = _seconds(span.length_ms)
        tip = f"{side}: {span.state.state} {length}, {span.state.exercise or ''}"
        canvas.rect(x, y, width, height, side, tip=tip[:_TIP_CHARACTERS], radius=2)
        if width_of(length, 9.5) + 6 <= width:
            canvas.text(x + width / 2, y + height / 2 + 3.5, length, "onbar mid")


def _draw_coach(canvas: Canvas, session: Recap, scale: Scale, lanes: float) -> None:
    y = lanes + _COACH
    strokes: dict[str, list[str]] = defaultdict(list)
    for event in session.events:
        match event:
            case Said() if scale.touches(event.t_ms, event.t_ms + event.length_ms):
                x, end_x = scale.x(event.t_ms), scale.x(event.t_ms + event.length_ms)
                tip = f"{clock(event.t_ms)} “{event.text}” {_seconds(event.length_ms)}{', cut' if event.cut else ''}"
                width = max(1.0, end_x - x - 0.6)
                canvas.rect(x, y, width, _COACH_HEIGHT, "say", tip=tip[:_TIP_CHARACTERS], radius=1.5)
                if event.cut and event.t_ms + event.length_ms <= scale.end_ms:
                    canvas.rect(x + width - 1.5, y - 2, 2.5, _COACH_HEIGHT + 4, "cut")
            case ToneSounded() if scale.holds(event.t_ms):
                kind = tone_class(event.name)
                height = TONE_HEIGHT[kind]
                strokes[kind].append(upright(scale.x(event.t_ms), lanes + _TONES + 12 - height, height))
            case Ignored() if scale.holds(event.t_ms):
                canvas.circle(scale.x(event.t_ms), lanes + _STATE - 5, 3.2, "ring", f"ignored: {event.reason}"[:80])
            case Ducked() if scale.holds(event.t_ms):
                draw_duck(canvas, scale.x(event.t_ms), y - 1)
    for kind, drawn in strokes.items():
        canvas.path(drawn, f"tone {kind}", kind)


def draw_duck(canvas: Canvas, x: float, y: float) -> None:
    """Draw the mark of a moment at which the coach fell silent: a small triangle that points down to it."""
    canvas.path([f"M{x - 3.5:.1f} {y - 5:.1f}h7l-3.5 5z"], "voice", "fell silent for a voice")


def _draw_axis(canvas: Canvas, scale: Scale, tick_ms: int, length_ms: int, lanes: float) -> None:
    y = lanes + _AXIS
    end_x = scale.x(length_ms)
    ticks = [ms for ms in range(scale.start_ms, scale.end_ms + 1, tick_ms) if ms <= max(length_ms, scale.start_ms)]
    line = f"M{LEFT_EDGE:.1f} {y:.1f}H{end_x:.1f}"
    canvas.path([line, *(upright(scale.x(ms), y, 4) for ms in ticks)], "axis")
    for ms in ticks:
        canvas.text(scale.x(ms), y + 14, clock(ms), "small faint mid")


def _pieces(spans: Iterable[Span], scale: Scale) -> Iterator[tuple[Span, float, float]]:
    """Give of each span what lies in the row, as its left edge and its width, which is always enough to be seen."""
    for span in spans:
        if scale.touches(span.start_ms, span.end_ms):
            x = scale.x(span.start_ms)
            yield span, x, max(0.8, scale.x(span.end_ms) - x - 0.6)


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.0f} s" if ms < 100_000 else clock(ms)
