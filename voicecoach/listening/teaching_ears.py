"""The ears while the coach is taught by voice: what is said is taken for the phrase that was asked for, or left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from voicecoach.language.pack import LanguagePack
from voicecoach.listening.ears import NOT_LIKE_SPEECH, OWN_VOICE_LINGERS_MS, Ears
from voicecoach.listening.person import PersonProfile
from voicecoach.listening.recognizer import Pcm, Recognizer, Verifier
from voicecoach.listening.segmenter import Utterance
from voicecoach.listening.sensations import Heard, Ignored, Reason, Sensation
from voicecoach.listening.teaching import Judgement, Teacher


class TeachingEars(Ears):
    """Ears that learn. `Heard` of the phrase that is asked for: it fits, and the second time, it is kept.

    What is learnt is handed to `keep` at once. Whoever asks for a phrase says it, so what begins while the coach speaks
    is never learnt from. Used by one thread.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        verifier: Verifier | None,
        pack: LanguagePack,
        teacher: Teacher,
        keep: Callable[[PersonProfile], None],
    ) -> None:
        """Take what `Ears` takes, and who learns."""
        super().__init__(recognizer, verifier, pack)
        self._teacher = teacher
        self._keep = keep
        self._asked: str | None = None
        self._spoke_ms = -OWN_VOICE_LINGERS_MS
        """When the coach was last heard to speak."""

    def feed(
        self, block: Pcm, open_phrases: Collection[str], saying: str | None, echo_power: float = 0.0
    ) -> list[Sensation]:
        """Do as `Ears.feed`. The first of the open phrases is the one that is asked for; the others are commands."""
        phrases: Sequence[str] = tuple(open_phrases)
        self._asked = phrases[0] if phrases else None
        if saying is not None:
            self._spoke_ms = self.now_ms + len(block) // 16
        return super().feed(block, phrases[1:], saying, echo_power)

    def _result(self, utterance: Utterance) -> Heard | Ignored:
        result = super()._result(utterance)
        if isinstance(result, Heard) or self._asked is None or result.reason in {*NOT_LIKE_SPEECH, Reason.TOO_LONG}:
            return result
        if self._may_be_echo or utterance.start_ms < self._spoke_ms + OWN_VOICE_LINGERS_MS:
            return self._ignored(result, Reason.OWN_VOICE, like_speech=False)
        command = self._pack.command_of(self._asked)
        match self._teacher.take(self._asked, utterance.sound):
            case Judgement.FIRST if command is not None:
                pass
            case Judgement.AGREES if command is not None and self._teacher.keeps(self._asked):
                self._keep(self._teacher.profile())
            case Judgement.FIRST | Judgement.AGREES:
                return self._ignored(result, Reason.AMBIGUOUS, like_speech=result.like_speech)
            case Judgement.DIFFERS:
                return self._ignored(result, Reason.UNSURE, like_speech=result.like_speech)
            case Judgement.OTHER_WORDS:
                return self._ignored(result, Reason.POOR_FIT, like_speech=result.like_speech)
        return Heard(command, self._asked, utterance.start_ms, utterance.end_ms, result.decided_ms, result.confidence)

    def _ignored(self, result: Ignored, reason: Reason, *, like_speech: bool) -> Ignored:
        return Ignored(result.start_ms, result.end_ms, result.decided_ms, reason, result.confidence, like_speech)
