"""pyttsx3 with an engine that starts, and then hangs at whatever it is to speak."""

import importlib
import sys
import threading
from pathlib import Path

sys.path.remove(str(Path(__file__).parent.parent))
del sys.modules["pyttsx3"]
_real = importlib.import_module("pyttsx3")
importlib.import_module("pyttsx3.engine").Engine.runAndWait = lambda _self: threading.Event().wait()
sys.modules["pyttsx3"] = _real
