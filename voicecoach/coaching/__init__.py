"""The coach itself: what to say and do, and when. Pure: no clock, thread, file, sound or chance in here."""
