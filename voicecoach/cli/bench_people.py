"""`bench people`: how well a set of recorded people is understood."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import random
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from voicecoach.atomic_file import AtomicTextFile
from voicecoach.audio.files import read_audio
from voicecoach.bench.footprint import hearing_megabytes
from voicecoach.bench.people import LONGEST_S, ClipRecord, Surroundings, read_set
from voicecoach.bench.people_report import Transcribe, as_json, failures, report
from voicecoach.bench.running import Ending, perform
from voicecoach.bench.scenes import pcm
from voicecoach.bench.work import Subject, people_units
from voicecoach.cli.bench import TimeLeft
from voicecoach.cli.telling import show
from voicecoach.errors import EXIT_DONE, EXIT_INTERRUPTED, ModelError, UsageError
from voicecoach.listening.moonshine import Decoder, Encoder
from voicecoach.settings import load_configuration

SEED = 1
"""Of the order, in which any part of a set is a fair sample of it."""


def run_people(arguments: argparse.Namespace) -> int:
    """Have every recording of a set heard, print the report and a plain verdict."""
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    limit_s = math.inf if arguments.minutes is None else arguments.minutes * 60
    around = _surroundings(arguments)
    clips = read_set(Path(arguments.folder))
    subject = Subject(
        pack=pack,
        engine=arguments.engine or configuration.settings.hearing.engine,
        model=Path(arguments.model) if arguments.model else configuration.model_folder(pack.language),
        seed=SEED,
        recordings=None,
    )
    with ExitStack() as files:
        out = files.enter_context(AtomicTextFile(Path(arguments.json))) if arguments.json else None
        engine = subject.open().engine.name
        order = list(enumerate(clips))
        random.Random(SEED).shuffle(order)
        with TimeLeft() as tell:
            done = perform(subject, people_units(order, around), arguments.jobs, tell, limit_s)
        if not done.clips:
            raise UsageError("not a single recording was heard in that time; give more minutes.")
        records = sorted(done.clips, key=lambda record: record.clip.file)
        wrong = failures(records, _transcriber() if pack.language == "en" else None)
        megabytes = None if done.ending is Ending.INTERRUPTED else hearing_megabytes(subject)
        show(report(records, _heading(engine, arguments, done.ending, len(clips)), megabytes, wrong).rstrip("\n"))
        if out is not None:
            out.write(json.dumps(as_json(records, megabytes, wrong), ensure_ascii=False, indent=1) + "\n")
    return EXIT_INTERRUPTED if done.ending is Ending.INTERRUPTED else EXIT_DONE


def _surroundings(arguments: argparse.Namespace) -> Surroundings:
    noise = None if arguments.noise is None else Path(arguments.noise)
    if noise is not None:
        read_audio(noise)
    return Surroundings(noise, arguments.snr, arguments.rt60)


def _heading(engine: str, arguments: argparse.Namespace, ending: Ending, of: int) -> list[str]:
    words = ["voicecoach", "bench", "people", "--set", Path(arguments.folder).name]
    words += ["--noise", Path(arguments.noise).name, "--snr", f"{arguments.snr:g}"] if arguments.noise else []
    words += ["--rt60", f"{arguments.rt60:g}"] if arguments.rt60 is not None else []
    lines = [f"{date.today()}, {platform.machine()} with {os.cpu_count()} cores, {engine}: `{' '.join(words)}`."]
    if ending is not Ending.COMPLETE:
        lines += ["", f"**Only a part of the {of:,} recordings was heard: {ending}.** It is a fair sample."]
    return lines


def _transcriber() -> Transcribe | None:
    """Return what writes down what was said, where it is installed."""
    try:
        encoder, decoder = Encoder(), Decoder()
    except ModelError:
        return None

    def transcribe(record: ClipRecord) -> str:
        sound = read_audio(record.clip.file, longest_s=LONGEST_S)
        return decoder.write_down(encoder.encode(pcm(sound)))[0]

    return transcribe
