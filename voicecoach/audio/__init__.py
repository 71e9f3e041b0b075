"""Sound as samples: clips, tones, the mixer, the echo canceller, files."""
