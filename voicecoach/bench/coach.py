"""The coach's own sentences in the bench, and the closed loop in which it speaks, is heard, and gives way.

    delivery ─▶ mixer ─▶ loudspeaker ─▶ room ─▶ microphone ─▶ echo canceller ─▶ ears ─▶ delivery

The floor is kept by the `Delivery` that sessions use, sounds go through their mixer, canceller and simulated room. Only
what the coach says is not a session: it reads sentences of the shipped routines one after the other, so that there is
always something to talk over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from voicecoach.audio.clip import Samples, Sentence
from voicecoach.audio.echo_removal import Block, EchoRemoval
from voicecoach.audio.mixer import Mixer, SoundKind
from voicecoach.audio.pcm import int16_from_float
from voicecoach.audio.resample import Downsampler
from voicecoach.audio.tones import tone_samples
from voicecoach.bench.attending import Attention
from voicecoach.bench.records import Attended
from voicecoach.coaching.delivery import Delivery
from voicecoach.coaching.messages import PlayTone, Say, StopSounds, StopSpeech, Tone
from voicecoach.coaching.script import Script
from voicecoach.coaching.timing import Timing
from voicecoach.language.pack import LanguagePack, load_pack
from voicecoach.listening.ears import Ears
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.sensations import Heard, Ignored, VoiceBegan
from voicecoach.rehearsal.room import Room
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.library import load_routine, shipped_names
from voicecoach.routine.plan import Cue, Plan
from voicecoach.speech.clip_cache import ClipCache, default_directory
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice
from voicecoach.speech.speech import Speech
from voicecoach.units import OUTPUT_FRAMES_PER_MS

BLOCK_MS: Final = 20
OUTPUT_DELAY_MS: Final = 50
"""What a sound card keeps sound back for: how much longer the coach is heard once it has been told to be silent."""
PAUSE_MS: Final = 400
"""Between sentences."""
_FLOOR_MS: Final = Timing().voice_ms
_EARCON_EVERY_MS: Final = Timing().not_understood_ms


def plans() -> list[Plan]:
    """Return the plans of all routines that come with voicecoach."""
    return [compile_plan(load_routine(name)) for name in shipped_names()]


def authored(plan: Plan) -> set[str]:
    """Return what a routine's author wrote to be said."""
    cues = [cue for segment in plan.segments for cue in segment.cues]
    for exercise in plan.exercises:
        cues += [cue for cue in (exercise.setup, exercise.easier, exercise.harder) if cue is not None]
    return {text for cue in cues for text in (cue.full, cue.short)}


def sentences_of_routines() -> dict[str, Sentence]:
    """Return the sentences of all shipped routines, rendered, in a fixed order."""
    wanted: dict[str, set[str]] = {}
    for plan in plans():
        wanted.setdefault(plan.language, set()).update(authored(plan))
    return _rendered(wanted)


def everything_said(pack: LanguagePack) -> dict[str, Sentence]:
    """Return all that the coach can say in any session of a shipped routine, rendered, in a fixed order."""
    script = Script(pack.cues, {command: tuple(phrases) for command, phrases in pack.phrases.items()})
    wanted: dict[str, set[str]] = {}
    for plan in plans():
        theirs = authored(plan)
        wanted.setdefault(plan.language, set()).update(theirs)
        wanted.setdefault(pack.language, set()).update(script.texts(plan) - theirs)
    return _rendered(wanted)


def _rendered(wanted: Mapping[str, set[str]]) -> dict[str, Sentence]:
    cache = ClipCache(default_directory())
    clips: dict[str, Sentence] = {}
    for language, texts in wanted.items():
        voice = load_pack(language).voice
        clips |= Speech(Pyttsx3Engine(Voice(voice.espeak, voice.words_per_minute)), cache).clips(sorted(texts))
    return clips


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the loop is."""

    now_ms: int
    """Everything before this has been rendered and heard."""
    saying_since_ms: int | None
    """Since when the coach has been speaking without a stop; none while it is silent."""


class CoachLoop:
    """A coach that reads sentences aloud and listens. Used once, by one thread."""

    def __init__(
        self, ears: Ears, pack: LanguagePack, sentences: Mapping[str, Sentence], room: Room, *, again: bool
    ) -> None:
        """Take fresh ears and the sentences to read; `again`: from the beginning, when they have all been read."""
        self._pack = pack
        self._attention = Attention(ears)
        self._sentences = sentences
        self._texts = list(sentences)
        self._again = again
        self._next = 0
        self.room = room
        self._mixer = Mixer()
        self._removal = EchoRemoval()
        self._downsampler = Downsampler()
        self._delivery = Delivery({text: sentence.timing for text, sentence in sentences.items()})
        self._now = 0
        self._earcon_at = -_EARCON_EVERY_MS
        self._saying_since: int | None = None
        self._labels = 0
        self.spoken_ms = 0
        """How long the coach has spoken."""
        self.interruptions = 0
        """How often it fell silent in the middle of speaking."""

    def run(self, step: Callable[[Moment], bool], overhear: Callable[[Pcm], None] | None = None) -> Attended:
        """Go on until `step`, which is called before each block of 20 ms, returns false or all has been read.

        `overhear` is given each block as the ears are: what is left of the coach's voice, and everybody else's.
        """
        while step(Moment(self._now, self._saying_since)) and self._speak():
            microphone, reference = self._pass_block()
            block = self._removal.process(microphone, reference)
            if overhear is not None:
                overhear(block.sound)
            self._hear(block)
        return self._attention.finish()

    def run_deaf(self, step: Callable[[Moment], bool]) -> Pcm:
        """Go on in the same way, but hear nothing and give way to nobody; return what came into the microphone."""
        heard = []
        while step(Moment(self._now, self._saying_since)) and self._speak():
            heard.append(self._pass_block()[0])
        return np.concatenate(heard)

    def _speak(self) -> bool:
        """See to it that something is being said; false when there is nothing left to say."""
        delivery = self._delivery
        delivery.now = self._now
        delivery.forget_the_past()
        if delivery.floor_returns_ms <= self._now:
            self._take_up_again()
        if not delivery.person_speaks and delivery.speech_ends_ms <= self._now:
            if self._next == len(self._texts):
                if not self._again:
                    return False
                self._next = 0
            text = self._texts[self._next]
            self._next += 1
            delivery.say(Cue(text, text), self._now + PAUSE_MS)
        self._carry_out()
        saying = delivery.saying(self._now)
        self._saying_since = None if saying is None else self._saying_since or self._now
        self.spoken_ms += BLOCK_MS if saying is not None else 0
        return True

    def _pass_block(self) -> tuple[Pcm, Pcm]:
        """Let 20 ms pass; return what the microphone heard, and what the loudspeaker was given."""
        played = self._mixer.render(BLOCK_MS * OUTPUT_FRAMES_PER_MS)
        reference: Samples = self._downsampler.process(played)
        microphone = self.room.render(reference)
        self._mixer.take_reports()
        self._now += BLOCK_MS
        self._delivery.now = self._now
        return microphone, int16_from_float(reference)

    def _hear(self, heard: Block) -> None:
        delivery = self._delivery
        saying = delivery.saying(self._now)
        for sensation in self._attention.feed(heard.sound, self._pack.all_phrases, saying, heard.echo_power):
            match sensation:
                case VoiceBegan():
                    self.interruptions += delivery.saying(self._now) is not None
                    delivery.give_floor(_FLOOR_MS)
                case Heard():
                    # What a command makes the coach say is not of interest here: it says something else.
                    delivery.return_floor()
                    delivery.sound(Tone.UNDERSTOOD)
                case Ignored(like_speech=like_speech):
                    self._take_up_again()
                    if like_speech and self._now - self._earcon_at >= _EARCON_EVERY_MS:
                        self._earcon_at = self._now
                        delivery.sound(Tone.NOT_UNDERSTOOD)
        self._carry_out()

    def _take_up_again(self) -> None:
        for spoken in self._delivery.return_floor() or ():
            if spoken.interruptions <= Timing().interruptions:
                at_ms = max(self._now, self._delivery.speech_ends_ms)
                self._delivery.say_again(spoken, at_ms)

    def _carry_out(self) -> None:
        for action in self._delivery.take_actions():
            match action:
                case Say(text=text, at_ms=at_ms, from_ms=from_ms):
                    self._place(self._sentences[text].samples, at_ms, SoundKind.SPEECH, from_ms)
                case PlayTone(tone=tone, at_ms=at_ms):
                    self._place(tone_samples(tone), at_ms, SoundKind.TONE, 0)
                case StopSpeech(at_ms=at_ms):
                    self._mixer.stop(at_ms * OUTPUT_FRAMES_PER_MS, SoundKind.SPEECH)
                case StopSounds(at_ms=at_ms):
                    self._mixer.stop(at_ms * OUTPUT_FRAMES_PER_MS)
                case _:
                    raise ValueError(f"a delivery alone does not ask for {action}")

    def _place(self, samples: Samples, at_ms: int, kind: SoundKind, from_ms: int) -> None:
        self._labels += 1
        self._mixer.schedule(
            samples,
            at_ms * OUTPUT_FRAMES_PER_MS,
            label=self._labels,
            kind=kind,
            from_frame=from_ms * OUTPUT_FRAMES_PER_MS,
        )


def coach_room(*, person_over_echo_db: float, rt60_s: float, distance_m: float, seed: int) -> Room:
    """Return a room in which the person is so much louder at the microphone than the coach's echo."""
    return Room(rt60_s=rt60_s, echo_db=-person_over_echo_db, distance_m=distance_m, delay_ms=OUTPUT_DELAY_MS, seed=seed)
