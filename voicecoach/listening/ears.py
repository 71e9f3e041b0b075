"""The coach's ears: microphone sound in, what was said out. Segmenter, engine and decision in one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from voicecoach.commands import QUESTIONS, URGENT
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.decision import (
    LEAST_VOICE_MS,
    SPEECH_MS,
    Accepted,
    Evidence,
    Rejected,
    Verdict,
    decide,
    doubtful_ways,
    plain_words,
    ways_to_say,
)
from voicecoach.listening.denoiser import clean
from voicecoach.listening.detector import Detectors, usual_detectors
from voicecoach.listening.echo_gate import SURE_IN_ECHO, SURE_OF_OWN_WORDS, SURE_UNDER_ECHO, EchoGate
from voicecoach.listening.recognizer import Pcm, Recognizer, Scorer, SecondOpinion
from voicecoach.listening.segmenter import FRAME_FRAMES, FRAME_MS, HANGOVER_FRAMES, Change, Segmenter, Utterance
from voicecoach.listening.sensations import Heard, Ignored, Reason, Sensation, VoiceBegan
from voicecoach.listening.talk import Talk

OWN_VOICE_LINGERS_MS = 500
"""What the coach said is still in the room, in the loudspeaker's buffer and in the utterance's pre-roll for this
long."""
CONTINUED_MS = 700
"""After an urgent command was obeyed: what begins within this time may be the rest of it, or the same once more."""
CONTINUED_CALMLY_MS = HANGOVER_FRAMES * FRAME_MS
"""After any other command was obeyed in a lull: what begins within this time would have been one utterance with it."""
SETTLED_MS = 300
"""An utterance that begins before the microphone has been open for so long, which is a pre-roll, has nothing before it
to be told from: any noise that is there begins just then."""
COMMANDS_VOICE_MS = 200
"""So much voice it must have. White noise from the first sample on has 80 to 180 ms of it, and some of that was "no";
the shortest recorded command has 220. What may all be the coach's own voice must have as much."""
NOISY = 10 ** (20 / 10)
"""A voice that stands out by less than 20 dB (about 23 dB above the background) is worth a second hearing."""
_NOTHING_TWICE, _NOTHING_CLEANED, _NOTHING_AT_ONCE = 1, 2, 3
"""From this thrift on (`Ears.thrift`)."""
WORTH_HURRYING_MS = 2000
"""What has lasted longer by its first pause is hardly a command, and is looked at no sooner than in the lull."""
NOT_LIKE_SPEECH = frozenset({Reason.NO_SPEECH, Reason.TOO_SHORT, Reason.OWN_VOICE, Reason.REPEATED})
"""Reasons for which nobody waits for an answer."""


def _no_second_opinion() -> SecondOpinion | None:
    return None


@dataclass(frozen=True, slots=True)
class Engine:
    """What judges utterances: a scorer, with a second opinion in doubt, or a recognizer alone."""

    name: str
    """For people."""
    scorer: Scorer | None = None
    second_opinion: Callable[[], SecondOpinion | None] = _no_second_opinion
    """Returns it, if there is one, and always the same. It is loaded when it is first asked for."""
    recognizer: Recognizer | None = None

    def __post_init__(self) -> None:
        """Raise `ValueError` where there is nothing that judges, or too much."""
        if (self.scorer is None) is (self.recognizer is None):
            raise ValueError("an engine has either a scorer or a recognizer")


class Ears:
    """Hears commands in 16 kHz sound. Keeps its own clock by the samples fed; deterministic; used by one thread."""

    def __init__(
        self,
        engine: Engine,
        pack: LanguagePack,
        detectors: Detectors | None = None,
    ) -> None:
        """Take an engine that knows everything in `ways_to_say(pack, pack.all_phrases)`.

        `detectors` tell voice from other sound; none for the usual ones.
        """
        self.engine = engine
        self.thrift = 0
        """What is left out on a machine that does not keep up: from 1 on second opinions of what the scorer was taught,
        from 2 on the denoised form, from 3 on what lets somebody over the coach be noticed at once."""
        self._pack = pack
        detectors = usual_detectors() if detectors is None else detectors
        self._segmenter = Segmenter(detectors.voice, detectors.gate)
        self._echo_gate = EchoGate()
        self._talk = Talk()
        self._may_be_echo = False
        """Whether all that was heard of the open utterance may be the coach's own voice."""
        self._listening = False
        """Whether a recognizer is being fed."""
        self._open: frozenset[str] = frozenset()
        self._evidence: Evidence | None = None
        self._verdict: Verdict | None = None
        self._own: dict[str, int] = {}
        """Sentences of the coach, with when they were last heard to be going on."""
        self._obeyed: Heard | None = None
        """The last command: what follows at once may be the rest of it."""

    def fresh(self, detectors: Detectors | None = None) -> Ears:
        """Return ears with the same engine that have heard nothing yet. Do not go on with these then."""
        return Ears(self.engine, self._pack, detectors)

    @property
    def now_ms(self) -> int:
        """The microphone's clock: the end of the last sample fed."""
        return self._segmenter.now_ms

    def feed(
        self, block: Pcm, open_phrases: Collection[str], saying: str | None, echo_power: float = 0.0
    ) -> list[Sensation]:
        """Take the next sound: a whole number of 20 ms frames (320 samples) of 16-bit mono at 16 kHz.

        `open_phrases` are the pack's phrases that mean something now; an utterance is judged by those that were open
        when it began and still are. `saying` is the sentence that the coach is speaking now; the phrases in it are not
        believed. `echo_power` is how much power (mean square) of the coach's own sound the block may hold.
        """
        if len(block) % FRAME_FRAMES:
            raise ValueError(f"a block must be a multiple of {FRAME_FRAMES} samples, not {len(block)}")
        if saying is not None:
            self._own[saying] = self._segmenter.now_ms + len(block) * 20 // FRAME_FRAMES
        sensations: list[Sensation] = []
        for start in range(0, len(block), FRAME_FRAMES):
            frame = block[start : start + FRAME_FRAMES]
            self._echo_gate.hear(frame, echo_power, self._segmenter.background_power)
            at_once = saying is not None and self.thrift < _NOTHING_AT_ONCE
            change = self._segmenter.feed(frame, at_once=at_once, echo_power=echo_power)
            if change is not None:
                sensations += self._changed(change, open_phrases)
            elif self._listening and self.engine.recognizer is not None:
                self.engine.recognizer.feed(frame)
            if self._may_be_echo and self._segmenter.is_open and self._echo_gate.hears_more_than_echo:
                # Somebody speaks over what is left of the coach's voice.
                self._may_be_echo = False
                sensations.append(VoiceBegan(self._segmenter.now_ms - FRAME_MS))
        return sensations

    def flush(self) -> list[Sensation]:
        """Judge the utterance that is still open, because no more sound will come."""
        return [] if not self._segmenter.is_open else self._conclude(self._segmenter.utterance)

    def _changed(self, change: Change, open_phrases: Collection[str]) -> list[Sensation]:
        utterance = self._segmenter.utterance
        match change:
            case Change.BEGAN:
                self._own = {
                    text: last for text, last in self._own.items() if last + OWN_VOICE_LINGERS_MS >= utterance.start_ms
                }
                self._open = frozenset(open_phrases)
                self._listen(utterance)
                self._echo_gate.begin()
                self._may_be_echo = not self._echo_gate.hears_more_than_echo
                return [] if self._may_be_echo else [VoiceBegan(utterance.start_ms)]
            case Change.WENT_ON:
                self._listen(utterance)
                return []
            case Change.PAUSED:
                self._open &= frozenset(open_phrases)
                if utterance.end_ms - utterance.start_ms <= WORTH_HURRYING_MS:
                    self._evidence = self._heard(utterance)
                return []
            case Change.LULL | Change.LONG_LULL:
                self._open &= frozenset(open_phrases)
                if self._verdict is None:
                    self._verdict = self._judge(utterance)
                if self._is_plain(self._verdict, change):
                    self._segmenter.close()
                    return self._conclude(utterance)
                return []
            case Change.ENDED:
                self._open &= frozenset(open_phrases)
                return self._conclude(utterance)
            case Change.TALKED:
                self._hush()
                self._verdict = Rejected(Reason.TOO_LONG, 0.0)
                return self._conclude(utterance)

    def _listen(self, utterance: Utterance) -> None:
        self._evidence = None
        self._verdict = None
        recognizer = self.engine.recognizer
        if recognizer is not None and self._open:
            recognizer.start(tuple(ways_to_say(self._pack, sorted(self._open, key=self._pack.all_phrases.index))))
            recognizer.feed(utterance.sound)
            self._listening = True

    def _hush(self) -> None:
        if self._listening and self.engine.recognizer is not None:
            self.engine.recognizer.finish()
        self._listening = False

    def _heard(self, utterance: Utterance) -> Evidence:
        """Return what is known of an utterance without a second opinion."""
        evidence = Evidence(
            utterance.end_ms - utterance.start_ms,
            utterance.voiced_ms,
            talk_before_ms=self._talk.before(utterance.start_ms),
            is_over_coach=self._echo_gate.is_over_coach,
        )
        if self._listening and self.engine.recognizer is not None:
            self._listening = False
            return replace(evidence, hypothesis=self.engine.recognizer.finish())
        if self.engine.scorer is None or not self._open or utterance.voiced_ms < LEAST_VOICE_MS:
            return evidence
        return replace(evidence, odds=self.engine.scorer.log_odds(utterance.sound, self._without_noise(utterance)))

    def _without_noise(self, utterance: Utterance) -> Pcm | None:
        is_worth_it = utterance.stands_out < NOISY and self.thrift < _NOTHING_CLEANED
        return clean(utterance.context, utterance.sound) if is_worth_it else None

    def _judge(self, utterance: Utterance) -> Verdict:
        if utterance.start_ms < SETTLED_MS and utterance.voiced_ms < COMMANDS_VOICE_MS:
            self._hush()
            return Rejected(Reason.TOO_SHORT, 0.0)
        evidence = self._heard(utterance) if self._evidence is None else self._evidence
        doubtful = doubtful_ways(evidence, self._pack, self._open)
        if self.thrift >= _NOTHING_TWICE and self.engine.scorer is not None:
            doubtful = [way for way in doubtful if way not in self.engine.scorer.ways]
        second = self.engine.second_opinion() if doubtful else None
        if second is not None:
            evidence = replace(evidence, explained=second.explained(utterance.sound, doubtful))
        self._evidence = evidence
        own = set() if self._is_plainly_a_person else self._own_phrases()
        return decide(evidence, self._pack, self._open, own)

    @property
    def _is_plainly_a_person(self) -> bool:
        return self.engine.scorer is not None and not self._may_be_echo and self._echo_gate.was_a_person

    def _own_phrases(self) -> set[str]:
        return {phrase for phrase in self._open if any(_contains(text, phrase) for text in self._own)}

    def _is_plain(self, verdict: Verdict, change: Change) -> bool:
        """Tell whether the end need not be waited for: sure, and the start of nothing that means otherwise."""
        if not isinstance(verdict, Accepted) or not verdict.sure:
            return False
        if verdict.command in QUESTIONS and change is Change.LULL:
            return False
        longer = (phrase for phrase in self._open if phrase.startswith(f"{verdict.phrase} "))
        return all(self._pack.command_of(phrase) is verdict.command for phrase in longer)

    def _conclude(self, utterance: Utterance) -> list[Sensation]:
        result = self._result(utterance)
        is_told = isinstance(result, Heard) or not self._may_be_echo
        if isinstance(result, Heard):
            self._obeyed = result
        return [result] if is_told else []

    def _result(self, utterance: Utterance) -> Heard | Ignored:
        verdict = self._verdict if self._verdict is not None else self._judge(utterance)
        self._verdict = None
        now_ms = self._segmenter.now_ms
        if isinstance(verdict, Accepted) and self._continues_obeyed(verdict, utterance):
            verdict = Rejected(Reason.REPEATED, verdict.confidence)
        if isinstance(verdict, Accepted) and verdict.phrase not in self._open:
            verdict = Rejected(Reason.NOT_A_PHRASE, verdict.confidence)
        if isinstance(verdict, Accepted) and self._may_be_own(verdict, utterance):
            verdict = Rejected(Reason.OWN_VOICE, verdict.confidence)
        if not self._may_be_echo and not self._echo_gate.was_mostly_echo:
            self._talk.judged(utterance.start_ms, utterance.end_ms, verdict)
        if isinstance(verdict, Accepted):
            return Heard(
                verdict.command, verdict.phrase, utterance.start_ms, utterance.end_ms, now_ms, verdict.confidence
            )
        like_speech = (
            verdict.reason not in NOT_LIKE_SPEECH and utterance.voiced_ms >= SPEECH_MS and not utterance.steady
        )
        return Ignored(utterance.start_ms, utterance.end_ms, now_ms, verdict.reason, verdict.confidence, like_speech)

    def _may_be_own(self, verdict: Accepted, utterance: Utterance) -> bool:
        if self._may_be_echo:
            sure = verdict.confidence >= SURE_UNDER_ECHO and utterance.voiced_ms >= COMMANDS_VOICE_MS
            return not sure or verdict.command not in URGENT
        is_own_word = verdict.command in {self._pack.command_of(phrase) for phrase in self._own_phrases()}
        if self._echo_gate.was_mostly_echo:
            return is_own_word or verdict.confidence < SURE_IN_ECHO
        return is_own_word and verdict.confidence < SURE_OF_OWN_WORDS

    def _continues_obeyed(self, verdict: Accepted, utterance: Utterance) -> bool:
        obeyed = self._obeyed
        if obeyed is None:
            return False
        within_ms = CONTINUED_MS if obeyed.command in URGENT else CONTINUED_CALMLY_MS
        if utterance.start_ms - obeyed.end_ms >= within_ms:
            return False
        together = self._pack.command_of(f"{obeyed.phrase} {verdict.phrase}")
        return obeyed.command in (verdict.command, together)


def _contains(text: str, phrase: str) -> bool:
    return f" {phrase.casefold()} " in f" {plain_words(text)} "


def hear(ears: Ears, sound: Pcm, open_phrases: Sequence[str]) -> Iterator[Heard | Ignored]:
    """Return what is said in a whole sound, as if it came from the microphone, ending in silence."""
    return hear_blocks(ears, [sound], open_phrases)


def hear_blocks(ears: Ears, blocks: Iterable[Pcm], open_phrases: Sequence[str]) -> Iterator[Heard | Ignored]:
    """Return what is said in a sound that comes in blocks of any length, when it has been said."""
    rest: Pcm = np.zeros(0, np.int16)
    for block in blocks:
        sound = np.concatenate((rest, block))
        rest = sound[len(sound) - len(sound) % FRAME_FRAMES :]
        for frame in sound[: len(sound) - len(rest)].reshape(-1, FRAME_FRAMES):
            yield from _utterances(ears.feed(frame, open_phrases, None))
    if len(rest):
        yield from _utterances(ears.feed(np.pad(rest, (0, FRAME_FRAMES - len(rest))), open_phrases, None))
    yield from _utterances(ears.flush())


def _utterances(sensations: Iterable[Sensation]) -> Iterator[Heard | Ignored]:
    return (sensation for sensation in sensations if not isinstance(sensation, VoiceBegan))


def as_json(result: Heard | Ignored) -> dict[str, object]:
    """Return a result with the keys that `listen --json` promises."""
    return {
        "start_ms": result.start_ms,
        "end_ms": result.end_ms,
        "command": str(result.command) if isinstance(result, Heard) else None,
        "phrase": result.phrase if isinstance(result, Heard) else None,
        "reason": str(result.reason if isinstance(result, Ignored) else Reason.ACCEPTED),
        "confidence": result.confidence,
        "decided_ms": result.decided_ms,
    }
