"""Lets `python -m voicecoach` do what the `voicecoach` command does."""

import sys

from voicecoach.cli import main

sys.exit(main())
