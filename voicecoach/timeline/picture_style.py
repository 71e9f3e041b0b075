"""How the picture of a session looks: every colour and font, for light and for dark surroundings."""

from __future__ import annotations

from collections.abc import Mapping

from voicecoach.coaching.messages import Tone

STATES: Mapping[str, str] = {
    "talk": "#c3c9e8",
    "wait": "#e0d9c4",
    "get_ready": "#f4cf6b",
    "changeover": "#eda65a",
    "rest": "#b5ddd0",
    "move": "#dccb8a",
    "hold": "#4aa96c",
    "repetitions": "#4f9fd0",
    "paused": "#a9aeb6",
    "recovering": "#e9776a",
    "interlude": "#c79fd4",
    "offering": "#e6b8d6",
    "stopped": "#b5495b",
    "ending": "#c3c9e8",
    "ended": "#6b7078",
}
"""The colour of each state; light enough for dark letters, but for `stopped` and `ended`."""

TONES: Mapping[str, tuple[Tone, ...]] = {
    "beat": (Tone.TICK, Tone.COUNTDOWN, Tone.REP_OUT, Tone.REP_BACK),
    "start": (Tone.START, Tone.HALFWAY),
    "finish": (Tone.HOLD_END, Tone.EXERCISE_END, Tone.SESSION_END),
    "answer": (Tone.UNDERSTOOD,),
    "problem": (Tone.NOT_UNDERSTOOD, Tone.TROUBLE),
}
"""Kinds of tones, which share a look."""
TONE_NAMES: Mapping[str, str] = {
    "beat": "countdown, repetitions",
    "start": "start, halfway",
    "finish": "end",
    "answer": "understood",
    "problem": "not understood, trouble",
}
TONE_HEIGHT: Mapping[str, float] = {"beat": 6, "start": 12, "finish": 12, "answer": 9, "problem": 9}

_INK = {
    "paper": ("#ffffff", "#14171c"),
    "lane": ("#f1f3f6", "#20252d"),
    "strong": ("#1d232b", "#eef1f5"),
    "faint": ("#68717d", "#97a1ae"),
    "rule": ("#d5dae1", "#39414c"),
    "left": ("#12909c", "#2fb4c0"),
    "right": ("#8a58c9", "#ab82e6"),
    "both": ("#4c75b0", "#6c95d2"),
    "say": ("#7683c9", "#8f9be0"),
    "cut": ("#d1382c", "#ff6a5c"),
    "voice": ("#b4480f", "#ff9a57"),
    "pill": ("#fdeee2", "#46291a"),
    "good": ("#1f8a4c", "#4cc47f"),
    "answer": ("#1769c2", "#62a8f5"),
}
"""Each colour in light and in dark surroundings."""

_SHAPES = """
text{font-family:system-ui,-apple-system,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif;font-size:11px}
.h1{font-size:22px;font-weight:600}.h2{font-size:14px;font-weight:600}.name{font-size:12px;font-weight:600}
.small{font-size:9.5px}.onbar{font-size:9.5px;font-weight:600}.end{text-anchor:end}.mid{text-anchor:middle}
.tone{fill:none;stroke-width:1.2}.tone.start,.tone.finish{stroke-width:2}.pole{fill:none;stroke-width:1;opacity:.75}
.axis{fill:none;stroke-width:1}.owed{fill:none;stroke-width:1;stroke-dasharray:3 2}.ring{fill:none;stroke-width:1.4}
.letters{fill:#20262e}.letters.light{fill:#ffffff}
"""


def style() -> str:
    """Return the style sheet. Without support for `prefers-color-scheme` it is the light one."""
    states = "".join(f".st-{name}{{fill:{colour}}}" for name, colour in STATES.items()) + ".st-other{fill:#8d939c}"
    return f"{_SHAPES}{states}\n{_inked(0)}\n@media (prefers-color-scheme:dark){{{_inked(1)}}}\n"


def state_class(state: str) -> str:
    """Return the class of a state's colour; states that are not known share one."""
    return f"st-{state}" if state in STATES else "st-other"


def letters_class(state: str) -> str:
    """Return the class of letters that can be read on a state's colour."""
    return "small letters light" if state in ("stopped", "ended") else "small letters"


def tone_class(tone: Tone) -> str:
    """Return which kind a tone is of."""
    return next(kind for kind, tones in TONES.items() if tone in tones)


def _inked(scheme: int) -> str:
    ink = {name: colours[scheme] for name, colours in _INK.items()}
    return (
        f".paper{{fill:{ink['paper']}}}.lane{{fill:{ink['lane']}}}"
        f".h1,.h2,.name{{fill:{ink['strong']}}}.name{{stroke:{ink['paper']};stroke-width:3;paint-order:stroke}}.plain{{fill:{ink['strong']}}}.faint{{fill:{ink['faint']}}}"
        f".axis{{stroke:{ink['rule']}}}.onbar{{fill:{ink['paper']}}}"
        f".left{{fill:{ink['left']}}}.right{{fill:{ink['right']}}}.both{{fill:{ink['both']}}}.owed{{stroke:{ink['cut']}}}"
        f".say{{fill:{ink['say']}}}.cut{{fill:{ink['cut']}}}.voice{{fill:{ink['voice']}}}.pill{{fill:{ink['pill']}}}"
        f".pole{{stroke:{ink['voice']}}}.ring{{stroke:{ink['faint']}}}"
        f".tone.beat{{stroke:{ink['faint']}}}.tone.start{{stroke:{ink['good']}}}.tone.finish{{stroke:{ink['strong']}}}"
        f".tone.answer{{stroke:{ink['answer']}}}.tone.problem{{stroke:{ink['cut']}}}"
    )
