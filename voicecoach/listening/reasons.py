"""Why something was not taken for a command, in words for the person who said it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from voicecoach.listening.sensations import Reason

IN_WORDS: Final[Mapping[Reason, str]] = {
    Reason.ACCEPTED: "understood",
    Reason.NO_SPEECH: "a sound, but no words in it",
    Reason.NOT_A_PHRASE: "words, but not just one of the phrases",
    Reason.UNKNOWN_WORDS: "words that are not in any phrase",
    Reason.POOR_FIT: "no phrase fits the sound well enough",
    Reason.UNSURE: "perhaps a phrase, but the recognizer is not sure",
    Reason.TOO_SHORT: "too short to be a word",
    Reason.TOO_LONG: "too long to be a phrase: a conversation, or a television",
    Reason.AMBIGUOUS: "two phrases fit it, and they mean different things",
    Reason.OTHERS_TALK: "perhaps a phrase, but people are talking, so it has to be plain",
    Reason.OWN_VOICE: "what the coach itself was saying",
    Reason.REPEATED: "belongs to the command before it",
}
