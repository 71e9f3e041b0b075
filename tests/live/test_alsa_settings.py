"""What ALSA loads for PortAudio: real ALSA and PortAudio, without a card."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from voicecoach.live.alsa_settings import leave_encoders_out

USUAL = Path("/usr/share/alsa/alsa.conf")
PROGRAM = """
from voicecoach.live.devices import list_devices
print(sorted(device.name for device in list_devices()))
loaded = open("/proc/self/maps").read()
print("libavcodec" in loaded, "libasound.so" in loaded)
"""

pytestmark = pytest.mark.skipif(not USUAL.is_file(), reason="ALSA has its settings elsewhere here")


def started(home: Path, **environment: str) -> list[str]:
    """Return what PortAudio finds, and what it loaded, in a process of its own."""
    given = {name: value for name, value in os.environ.items() if name not in ("ALSA_CONFIG_PATH", "XDG_CONFIG_HOME")}
    asked = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=given | {"HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return asked.stdout.splitlines()


def test_portaudio_finds_what_it_found_without_the_encoders(tmp_path: Path) -> None:
    (tmp_path / ".asoundrc").write_text('pcm.kitchen { type null hint { show on description "a kitchen" } }\n')
    names, loaded = started(tmp_path, ALSA_CONFIG_PATH=str(USUAL))
    assert "kitchen" in names, "settings of one's own count"
    if loaded == "False True":
        pytest.skip("ALSA has no such plugins here")
    assert started(tmp_path) == [names, "False True"]


@pytest.mark.parametrize("place", [".asoundrc", ".config/alsa/asoundrc"])
def test_who_uses_an_encoder_keeps_it(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALSA_CONFIG_PATH", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('pcm.!default { type plug slave.pcm "a52" }\n')
    leave_encoders_out()
    assert "ALSA_CONFIG_PATH" not in os.environ
    file.unlink()
    leave_encoders_out()
    assert Path(os.environ.pop("ALSA_CONFIG_PATH")).is_file()


def test_other_settings_that_somebody_named_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALSA_CONFIG_PATH", "/etc/kitchen.conf")
    leave_encoders_out()
    assert os.environ["ALSA_CONFIG_PATH"] == "/etc/kitchen.conf"
