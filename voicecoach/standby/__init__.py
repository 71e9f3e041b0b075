"""Between sessions: the coach waits to be called, answers, and says which session is to begin."""
