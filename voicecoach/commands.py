"""What a person can ask of the coach. The ids are a contract: timelines, language packs and scripts rely on them."""

from __future__ import annotations

from enum import StrEnum


class Command(StrEnum):
    """The meaning of a spoken phrase. Which words mean it is data of a language pack."""

    NEXT = "next"
    PREVIOUS = "previous"
    REPEAT = "repeat"
    EXPLAIN = "explain"
    PAUSE = "pause"
    RESUME = "resume"
    READY = "ready"
    SWITCH = "switch"
    CRAMP = "cramp"
    BACK_OFF = "back_off"
    HURTS = "hurts"
    EASIER = "easier"
    HARDER = "harder"
    MORE_TIME = "more_time"
    TIME_LEFT = "time_left"
    WHATS_NEXT = "whats_next"
    WHERE = "where"
    LOUDER = "louder"
    QUIETER = "quieter"
    SLOWER = "slower"
    FASTER = "faster"
    STOP = "stop"
    FINISH = "finish"
    HELP = "help"
    YES = "yes"
    NO = "no"
    START_ROUTINE = "start_routine"
    AGAIN = "again"
    ABILITIES = "abilities"
    GOOD_NIGHT = "good_night"


URGENT = frozenset({Command.CRAMP, Command.STOP, Command.PAUSE})
"""Acted on as early as is safe, in every state: each can be undone, and each may be about somebody's body."""


ALARMS = frozenset({Command.CRAMP, Command.STOP})
"""Those of them that are about somebody's body or the end of everything: never doubted for what others say."""


QUESTIONS = frozenset({Command.TIME_LEFT, Command.WHATS_NEXT, Command.WHERE})
"""Are answered, and change nothing. Their phrases also begin many a sentence: "what's next to the museum?"."""


STANDBY = frozenset({Command.START_ROUTINE, Command.AGAIN, Command.ABILITIES, Command.GOOD_NIGHT})
"""What can be asked between sessions only, by calling the coach."""
