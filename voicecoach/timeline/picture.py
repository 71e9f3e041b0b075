"""The picture of a whole session on one page, as SVG: what was done when, for how long on each side, and what was said.

Time runs from left to right and is wrapped into rows like text. Pointing at anything tells more about it.
"""

from __future__ import annotations

from collections.abc import Iterable

from voicecoach.timeline.events import Ducked, Event, Heard, Ignored, Said, ToneSounded
from voicecoach.timeline.picture_row import LEFT_EDGE, RIGHT_MARGIN, Scale, draw_duck, draw_row
from voicecoach.timeline.picture_style import (
    STATES,
    TONE_HEIGHT,
    TONE_NAMES,
    state_class,
    style,
    tone_class,
)
from voicecoach.timeline.recap import Balance, Recap, recap
from voicecoach.timeline.svg import Canvas, fitted, upright, width_of
from voicecoach.units import clock

_WIDTH = 1400.0
_MARGIN = 24.0
_ROW_GAP = 20.0
_MOST_ROWS = 24
_MINUTE = 60_000
_TICKS_MS = tuple(second * 1000 for second in (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600))


def draw(events: Iterable[Event], title: str) -> str:
    """Return the picture of a timeline, given in any order, as the text of an SVG file in UTF-8.

    It needs no font, script or file from elsewhere, and follows the light or dark scheme of what shows it.
    """
    session = recap(events)
    canvas = Canvas(_WIDTH, style(), title)
    y = _draw_heading(canvas, session, title)
    y = _draw_legend(canvas, session, y) + _ROW_GAP
    row_ms = _row_ms(session.length_ms)
    tick_ms = next((tick for tick in _TICKS_MS if row_ms <= 13 * tick), row_ms)
    for start_ms in range(0, session.length_ms, row_ms):
        scale = Scale(start_ms, start_ms + row_ms, _WIDTH - LEFT_EDGE - RIGHT_MARGIN)
        y = draw_row(canvas, session, scale, tick_ms, y) + _ROW_GAP
    if session.ledger:
        y = _draw_ledger(canvas, session, y + 8)
    return canvas.finish(y + _MARGIN)


def _row_ms(length_ms: int) -> int:
    """Choose rows that are easy to read: a few minutes each, longer ones where they would become too many."""
    for minutes, most_rows in ((1, 1), (2, 1), (3, 12), (5, 15), (10, _MOST_ROWS)):
        if length_ms <= most_rows * minutes * _MINUTE:
            return minutes * _MINUTE
    row_ms = 20 * _MINUTE
    while length_ms > _MOST_ROWS * row_ms:
        row_ms *= 2
    return row_ms


def _draw_heading(canvas: Canvas, session: Recap, title: str) -> float:
    canvas.text(_MARGIN, 40, fitted(title, 22, _WIDTH - 2 * _MARGIN), "h1")
    said = [event for event in session.events if isinstance(event, Said)]
    facts = [
        f"{clock(session.length_ms)} long",
        _counted(sum(isinstance(event, Heard) for event in session.events), "command"),
        f"{sum(isinstance(event, Ignored) for event in session.events)} ignored",
        f"{_counted(len(said), 'sentence')}, {sum(event.cut for event in said)} cut",
    ]
    if session.end:
        done = (
            f"left {clock(session.end.left_ms)}, right {clock(session.end.right_ms)}, both {clock(session.end.both_ms)}"
        )
        facts += [done, f"owed {clock(session.end.owed_ms)}", f"ended: {session.end.reason}"]
    canvas.text(_MARGIN, 62, fitted("  ·  ".join(facts), 11, _WIDTH - 2 * _MARGIN), "faint")
    return 80.0


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _draw_legend(canvas: Canvas, session: Recap, top: float) -> float:
    """Explain what occurs in this session, and nothing else; return where the legend ends."""
    x, y = _MARGIN, top
    for kind, name in _legend(session):
        width = 20 + width_of(name, 11) + 14
        if x + width > _WIDTH - _MARGIN:
            x, y = _MARGIN, y + 19
        _draw_sample(canvas, kind, x, y)
        canvas.text(x + 20, y + 10, name, "plain")
        x += width
    return y + 14


def _legend(session: Recap) -> list[tuple[str, str]]:
    states = {span.state.state for span in session.states}
    kinds = {type(event) for event in session.events}
    sides = {span.state.side if span.state.side in ("left", "right") else "both" for span in session.work}
    tones = {tone_class(event.name) for event in session.events if isinstance(event, ToneSounded)}
    samples = [(state_class(state), state.replace("_", " ")) for state in STATES if state in states]
    samples += [("st-other", "other")] * bool(states - STATES.keys())
    samples += [
        (side, f"{side} {'feet' if side == 'both' else 'foot'}") for side in ("left", "right", "both") if side in sides
    ]
    samples += [("say", "the coach speaks")] * (Said in kinds)
    samples += [("cut", "cut short")] * any(isinstance(event, Said) and event.cut for event in session.events)
    samples += [("duck", "fell silent for a voice")] * (Ducked in kinds)
    samples += [("flag", "the person's command")] * (Heard in kinds)
    samples += [("ring", "ignored sound")] * (Ignored in kinds)
    return samples + [(f"tone {kind}", name) for kind, name in TONE_NAMES.items() if kind in tones]


def _draw_sample(canvas: Canvas, kind: str, x: float, y: float) -> None:
    match kind:
        case "ring":
            canvas.circle(x + 8, y + 6, 3, kind)
        case "duck":
            draw_duck(canvas, x + 8, y + 9)
        case "cut":
            canvas.rect(x, y + 2, 13, 9, "say", radius=1.5)
            canvas.rect(x + 12, y, 2.5, 13, "cut")
        case "flag":
            canvas.rect(x, y, 14, 12, "pill", radius=3)
            canvas.rect(x, y, 2.5, 12, "voice")
        case _ if kind.startswith("tone "):
            height = TONE_HEIGHT[kind.removeprefix("tone ")]
            canvas.path([upright(x + offset, y + 12 - height, height) for offset in (3, 8, 13)], kind)
        case _:
            canvas.rect(x, y, 14, 12, kind, radius=2)


def _draw_ledger(canvas: Canvas, session: Recap, top: float) -> float:
    """Draw the table of what was done and stayed owed, with bars that show whether both sides got the same."""
    columns = {"left": 460.0, "right": 540.0, "both": 620.0, "owed": 720.0}
    bars = 800.0
    canvas.text(_MARGIN, top + 12, "Done on each side", "h2")
    for name, x in columns.items():
        canvas.text(x, top + 12, name, "faint end")
    longest = max(1, *(sum(b.done_ms.values()) + sum(b.owed_ms.values()) for b in session.ledger))
    per_ms = (_WIDTH - _MARGIN - bars) / longest
    y = top + 22
    for balance in session.ledger:
        canvas.path([f"M{_MARGIN:.1f} {y:.1f}H{_WIDTH - _MARGIN:.1f}"], "axis")
        canvas.text(_MARGIN, y + 17, fitted(balance.exercise, 11, 360), "plain", balance.exercise)
        for side in ("left", "right", "both"):
            if side in balance.done_ms:
                canvas.text(columns[side], y + 17, clock(balance.done_ms[side]), "plain end")
        owed_ms = sum(balance.owed_ms.values())
        canvas.text(columns["owed"], y + 17, clock(owed_ms) if owed_ms else "-", "cut end" if owed_ms else "faint end")
        _draw_balance(canvas, balance, bars, y, per_ms)
        y += 26
    return y


def _draw_balance(canvas: Canvas, balance: Balance, x: float, y: float, per_ms: float) -> None:
    sides = [side for side in ("left", "right", "both") if side in balance.done_ms]
    height = 18 / max(1, len(sides))
    for number, side in enumerate(sides):
        at = y + 4 + number * height
        done, owed = balance.done_ms[side] * per_ms, balance.owed_ms[side] * per_ms
        canvas.rect(x, at, max(0.8, done), height - 1, side, tip=f"{side} {clock(balance.done_ms[side])}", radius=1.5)
        if owed:
            tip = f"{side} owed {clock(balance.owed_ms[side])}"
            canvas.rect(x + done + 1, at + 0.5, max(0.8, owed), height - 2, "owed", tip=tip)
