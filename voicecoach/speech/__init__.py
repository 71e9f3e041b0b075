"""Turning the coach's sentences into clips."""
