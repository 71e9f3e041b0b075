"""A session being performed: its actions become scheduled sound, and all that happens becomes the timeline.

Both shells use this: the rehearsal on its virtual clock and the live one. It carries out and writes down, and decides
nothing about coaching.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, assert_never

from voicecoach.audio.clip import Samples, Sentence
from voicecoach.audio.mixer import SoundEnded, SoundKind, SoundReport, SoundStarted
from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import (
    Action,
    CommandHeard,
    Input,
    MachineChanged,
    Notice,
    PlayTone,
    RenderSpeech,
    ReportDropped,
    ReportEnd,
    ReportLedger,
    ReportState,
    Say,
    SetVolume,
    SpeechRendered,
    StopSounds,
    StopSpeech,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.commands import Command
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.sensations import Heard, Ignored, Reason, Sensation, VoiceBegan
from voicecoach.timeline import events
from voicecoach.timeline.timeline import OpenSay, Timeline
from voicecoach.units import OUTPUT_FRAMES_PER_MS, OUTPUT_RATE_HZ, ms_from_frames

Render = Callable[[int], Mapping[str, Sentence] | None]
"""Renders every sentence of the session at a speed in words a minute; none where they are given to `speech_rendered`
later."""


class CoachingSession(Protocol):
    """What a performance needs of a session, see `voicecoach.coaching.session.Session`, or of what stands in for it."""

    @property
    def now_ms(self) -> int:
        """The session time that it has been told: at first, where it begins."""
        ...

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        ...

    def saying(self, now: int) -> str | None:
        """Return the sentence that the coach says at `now`."""
        ...

    def open_commands(self) -> frozenset[Command]:
        """Return the commands that make sense now."""
        ...

    def next_deadline(self) -> int | None:
        """Return when `advance` must be called at the latest."""
        ...

    def begin(self, now: int) -> list[Action]:
        """Start, or come back to where it was broken off."""
        ...

    def receive(self, message: Input, now: int) -> list[Action]:
        """Take an input and return what to do."""
        ...

    def advance(self, now: int) -> list[Action]:
        """Let time pass and return what to do."""
        ...


class SoundPlacer(Protocol):
    """What a performance needs of a mixer, see `voicecoach.audio.mixer.Mixer`: it may be in another process."""

    gain_db: float

    @property
    def position(self) -> int:
        """The frame before which everything that began has been reported."""
        ...

    def schedule(
        self, samples: Samples, at_frame: int, *, label: Hashable, kind: SoundKind, from_frame: int = 0
    ) -> None:
        """Place a sound."""
        ...

    def stop(self, at_frame: int, kind: SoundKind | None = None) -> None:
        """Silence all sounds, or those of one kind, from a frame on."""
        ...

    def take_reports(self) -> list[SoundReport]:
        """Return what has begun and ended since the last call."""
        ...


@dataclass(frozen=True, slots=True)
class _Label:
    """What is known of a sound in the mixer when it starts and ends. Unique by its number."""

    number: int
    action: Say | PlayTone


class Performance:
    """Joins a session to a mixer and a timeline. Owned by one shell, used by one thread."""

    def __init__(
        self,
        session: CoachingSession,
        clips: Mapping[str, Sentence],
        pack: LanguagePack,
        *,
        mixer: SoundPlacer,
        timeline: Timeline,
        render: Render,
        least_confidence: float = 0.0,
    ) -> None:
        """Take a session that has not begun. `clips` has every text that it can say.

        A command that the ears are less confident of than `least_confidence` is taken for something else that was said.
        """
        self._least_confidence = least_confidence
        self._session = session
        self._clips = clips
        self._pack = pack
        self._mixer = mixer
        self._timeline = timeline
        self._render = render
        self._sounds = 0
        self._open: tuple[str, ...] | None = None
        """Reckoned when asked for and forgotten when the session moves: it is asked for fifty times a second."""
        self._open_says: dict[int, OpenSay] = {}

    @property
    def begins_ms(self) -> int:
        """The session time to begin at: later than 0 where the session was broken off and comes back."""
        return self._session.now_ms

    @property
    def ended(self) -> bool:
        """Whether the session is over. What it scheduled may still sound."""
        return self._session.ended

    def open_phrases(self, *, only_urgent: bool = False) -> Collection[str]:
        """Return the phrases that mean something now, or of these the urgent ones."""
        if self._open is None:
            self._open = self._pack.phrases_of(self._session.open_commands())
        return [phrase for phrase in self._open if phrase in self._pack.urgent_phrases] if only_urgent else self._open

    def saying(self, now: int) -> str | None:
        """Return what the coach says at `now`."""
        return self._session.saying(now)

    def next_deadline(self) -> int | None:
        """Return when `advance` must be called at the latest; none once the session has ended."""
        return self._session.next_deadline()

    def begin(self, now: int) -> None:
        """Start the session."""
        self._carry_out(self._session.begin(now), now)

    def advance(self, now: int) -> None:
        """Let time pass up to `now`, the last moment for which no sound has been rendered yet."""
        deadline = self._session.next_deadline()
        if deadline is not None and deadline <= now:
            self._carry_out(self._session.advance(now), now)

    def sense(self, sensations: Iterable[Sensation], now: int) -> None:
        """Tell the session what the ears made out, and write it down."""
        for sensation in sensations:
            match sensation:
                case VoiceBegan():
                    self._receive(VoiceStarted(), now)
                case Heard() if sensation.confidence >= self._least_confidence:
                    self._hear(sensation, now)
                case Heard():
                    self._timeline.add(events.Ignored(now, Reason.POOR_FIT.value))
                    self._receive(VoiceIgnored(like_speech=True), now)
                case Ignored():
                    self._timeline.add(events.Ignored(now, sensation.reason.value))
                    self._receive(VoiceIgnored(sensation.like_speech), now)

    def speech_rendered(self, clips: Mapping[str, Sentence], now: int) -> None:
        """Take the sentences that `render` was asked for and did not return."""
        self._clips = clips
        self._receive(SpeechRendered({text: clip.timing for text, clip in clips.items()}), now)

    def give_notice(self, notice: Notice, now: int) -> None:
        """Have the person told of something about the machine."""
        self._receive(MachineChanged(notice), now)

    def finish(self, now: int) -> None:
        """End the session at once, with its ledger but without its closing words."""
        # The first ends the work, the second what is said about it.
        for _ in range(2):
            self._receive(CommandHeard(Command.FINISH, ""), now)
        self._mixer.stop(now * OUTPUT_FRAMES_PER_MS)

    def _hear(self, heard: Heard, now: int) -> None:
        actions = self._session.receive(CommandHeard(heard.command, heard.phrase), now)
        audible = (a.at_ms for a in actions if isinstance(a, (Say, PlayTone, StopSpeech, StopSounds)))
        acted_ms = min(audible, default=now)
        self._timeline.add(events.Heard(now, heard.command, heard.phrase, heard.end_ms, acted_ms, heard.confidence))
        self._carry_out(actions, now)

    def sounded(self) -> None:
        """Write down what has begun and ended to sound since the last call. Call after each rendered block."""
        for report in self._mixer.take_reports():
            label = report.label
            assert isinstance(label, _Label)
            match report, label.action:
                case SoundStarted(frame=frame), PlayTone(tone=tone):
                    self._timeline.add(events.ToneSounded(frame // OUTPUT_FRAMES_PER_MS, tone, frame))
                case SoundStarted(frame=frame), Say(text=text, from_ms=from_ms):
                    say = self._timeline.say_begins(frame // OUTPUT_FRAMES_PER_MS, text, from_ms)
                    self._open_says[label.number] = say
                case SoundEnded(frame=frame, cut=cut), Say():
                    say = self._open_says.pop(label.number)
                    self._timeline.say_ends(say, ms_from_frames(frame, OUTPUT_RATE_HZ), cut=cut)
                case _:
                    pass
        self._timeline.advance(self._mixer.position // OUTPUT_FRAMES_PER_MS)

    def _receive(self, message: Input, now: int) -> None:
        self._carry_out(self._session.receive(message, now), now)

    def _carry_out(self, actions: Iterable[Action], now: int) -> None:
        self._open = None
        # What has been decided was placed by the lengths of these, though others may be rendered in between.
        clips = self._clips
        for action in actions:
            match action:
                case Say(text=text, at_ms=at_ms, from_ms=from_ms):
                    samples = clips[text].samples
                    self._schedule(action, samples, at_ms, SoundKind.SPEECH, from_ms)
                case PlayTone(tone=tone, at_ms=at_ms):
                    self._schedule(action, tone_samples(tone), at_ms, SoundKind.TONE)
                case StopSpeech(at_ms=at_ms, for_voice=for_voice):
                    self._mixer.stop(at_ms * OUTPUT_FRAMES_PER_MS, SoundKind.SPEECH)
                    if for_voice:
                        self._timeline.add(events.Ducked(at_ms))
                case StopSounds(at_ms=at_ms):
                    self._mixer.stop(at_ms * OUTPUT_FRAMES_PER_MS)
                case SetVolume(decibels=decibels):
                    self._mixer.gain_db = decibels
                case RenderSpeech(words_per_minute=speed):
                    rendered = self._render(speed)
                    if rendered is not None:
                        self.speech_rendered(rendered, now)
                case ReportState():
                    self._timeline.add(
                        events.StateEntered(
                            action.at_ms,
                            action.state,
                            action.exercise,
                            action.side,
                            action.set,
                            action.station,
                            action.remaining_ms,
                        )
                    )
                case ReportLedger():
                    self._timeline.add(
                        events.LedgerChanged(
                            action.at_ms, action.exercise, action.side, action.done_ms, action.owed_ms, action.why
                        )
                    )
                case ReportDropped():
                    # For whoever looks at the routine before it is performed.
                    pass
                case ReportEnd(at_ms=at_ms, reason=reason):
                    self._timeline.end(at_ms, reason)
                case _:
                    assert_never(action)

    def _schedule(
        self, action: Say | PlayTone, samples: Samples, at_ms: int, kind: SoundKind, from_ms: int = 0
    ) -> None:
        self._sounds += 1
        self._mixer.schedule(
            samples,
            at_ms * OUTPUT_FRAMES_PER_MS,
            label=_Label(self._sounds, action),
            kind=kind,
            from_frame=from_ms * OUTPUT_FRAMES_PER_MS,
        )
