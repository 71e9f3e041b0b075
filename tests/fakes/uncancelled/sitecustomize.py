"""A machine for which there is no echo canceller: stands in where this folder is on the path."""

import sys

sys.modules["pywebrtc_audio"] = None  # type: ignore[assignment]
