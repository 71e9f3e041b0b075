import voicecoach  # noqa: F401 - before anything that it keeps from calling out
