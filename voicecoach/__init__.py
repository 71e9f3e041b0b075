"""An offline, hands-free, audio-guided stretching coach."""

import os

__version__ = "0.1.0"

# onnxruntime reads this as it is loaded; without it, it writes to ~/.cache/Microsoft and calls its maker. Here, since
# nothing of ours is imported before, in whichever process; and set, since "0" may not turn it on.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
# Our matrices are small: more threads would wait for each other, and take the core that the sound needs.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
