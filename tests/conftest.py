"""What all tests share: fixed seeds, printed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Runs are repeatable: the examples are the same ones every time. HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile(
    "fixed", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", print_blob=True, max_examples=2_000, deadline=None)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "fixed")
settings.load_profile(PROFILE)

# A shell that starts a run in its background has it ignore Ctrl-C, and so all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    return f"hypothesis profile: {PROFILE} (derandomized unless it is 'explore')"


@pytest.fixture(scope="session")
def kept_clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for XDG_CACHE_HOME: what the real voice has spoken once need not be rendered by each test."""
    base = tmp_path_factory.getbasetemp()
    # Shared by all workers of a run: several processes may use it.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    folder.mkdir(exist_ok=True)
    return folder
