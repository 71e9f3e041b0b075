"""The timeline of a session: what happened and when, written, printed, read back and drawn."""
