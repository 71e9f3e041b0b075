"""The live session: the coach, and the processes that sound and hear for it."""
