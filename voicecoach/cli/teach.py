"""`teach`: let the coach learn how a person says the phrases."""

from __future__ import annotations

import argparse
from pathlib import Path

from voicecoach.audio.files import read_audio
from voicecoach.audio.pcm import int16_from_float
from voicecoach.bench.recordings import find_recordings
from voicecoach.cli.progress import Progress
from voicecoach.cli.telling import tell
from voicecoach.errors import EXIT_DONE, UsageError
from voicecoach.listening.person import PersonProfile, forget_profile, profile_path, write_profile
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.segmenter import utterances
from voicecoach.listening.teaching import Judgement, Teacher
from voicecoach.settings import load_configuration

_LONGEST_S = 60


def run(arguments: argparse.Namespace) -> int:
    """Learn by voice or from recordings, or forget what was learnt."""
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    path = profile_path(pack.language)
    if arguments.forget:
        there = forget_profile(pack.language)
        tell(f"Forgotten: {path} is removed." if there else f"Nothing was taught yet: there is no {path}.")
        return EXIT_DONE
    if arguments.recordings is None:
        from voicecoach.cli.lesson import hold_lesson

        return hold_lesson(arguments, configuration, pack)
    recordings = find_recordings(Path(arguments.recordings), pack)
    people = sorted({speaker.name for speaker, _, _ in recordings})
    if len(people) > 1:
        raise UsageError(f"There are recordings of several people ({', '.join(people)}); give the folder of one.")
    teacher = Teacher(pack)
    other_words: list[str] = []
    with Progress("Heard recordings", step=20) as progress:
        for number, (_, phrase, file) in enumerate(recordings, 1):
            said = _loudest(int16_from_float(read_audio(file, longest_s=_LONGEST_S)))
            if said is None or teacher.take(phrase, said) is Judgement.OTHER_WORDS:
                other_words.append(file.name)
            progress(number, len(recordings))
    if other_words:
        tell(f"Left aside, because they do not sound like their phrase: {', '.join(other_words)}.")
    profile = teacher.profile()
    if not profile.sayings:
        raise UsageError(
            "Nothing could be learnt: no phrase was said twice in a way that agrees; give two or three recordings of"
            " each, as switch-foot-1.wav and switch-foot-2.wav."
        )
    write_profile(path, profile)
    asked = len({phrase for _, phrase, _ in recordings})
    tell(f"{summary(profile, asked)} It is kept in {path}, without any sound.")
    return EXIT_DONE


def summary(profile: PersonProfile, asked: int) -> str:
    """Return what was learnt, in one sentence."""
    return f"Learnt how you say {len(profile.sayings)} of {asked} phrases."


def _loudest(sound: Pcm) -> Pcm | None:
    """Return the utterance of a recording with the most voice in it; none where there is none."""
    found = utterances(sound)
    return max(found, key=lambda utterance: utterance.voiced_ms).sound if found else None
