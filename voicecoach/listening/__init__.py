"""From the microphone to a decision: what was said, if it was one of the phrases that are open now."""
