"""An offline, hands-free, audio-guided stretching coach."""

__version__ = "0.1.0"
