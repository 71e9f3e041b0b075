"""The whole coach in one process on a virtual clock, in a simulated room, as fast as the machine can."""
