"""How much memory the hearing takes, in a process of its own that does nothing else."""

from __future__ import annotations

import json
import subprocess
from typing import Final

from voicecoach.bench.work import Subject
from voicecoach.isolation import python_command

_LIMIT_S: Final = 120.0
_CODE: Final = """
import json, resource, sys
from pathlib import Path
import numpy as np
from voicecoach.language.pack import load_pack
from voicecoach.listening.ears import hear
from voicecoach.listening.factory import open_ears
language, engine, model = json.loads(sys.argv[1])
pack = load_pack(language)
ears = open_ears(pack, Path(model) if model else None, engine)
ears.engine.second_opinion()
chance = np.random.default_rng(1)
for _ in range(3):
    noise = chance.normal(0, 3000, 16000) * np.sin(np.arange(16000) / 16000 * 3.14)
    list(hear(ears, np.concatenate((np.zeros(32000), noise, np.zeros(16000))).astype(np.int16), pack.all_phrases))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def hearing_megabytes(subject: Subject) -> int | None:
    """Return the peak memory of a process that only hears; none where it cannot be measured."""
    given = json.dumps([subject.pack.language, subject.engine, str(subject.model) if subject.model else None])
    try:
        done = subprocess.run(
            python_command("-c", _CODE, given), capture_output=True, text=True, timeout=_LIMIT_S, check=True
        )
        return int(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
