"""The JSON Schema of a routine file, with which an editor completes, explains and checks while one writes."""

from __future__ import annotations

import json
from typing import Any

from voicecoach.routine.model import Routine

SCHEMA_FILE = "routine.schema.json"


def schema_text() -> str:
    """Return the schema as the shipped file has it."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= _simplified(Routine.model_json_schema())
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _simplified(part: Any) -> Any:
    """Say ranges as JSON Schema does; leave out null, which a file cannot say, and titles, which repeat the keys."""
    if isinstance(part, list):
        return [_simplified(item) for item in part]
    if not isinstance(part, dict):
        return part
    simple: dict[str, Any] = {}
    for key, value in part.items():
        match key:
            case "properties":
                simple[key] = {name: _simplified(inner) for name, inner in value.items()}
            case "ge" | "le":
                simple["minimum" if key == "ge" else "maximum"] = value
            case "title":
                pass
            case "default" if value is None or value == []:
                pass
            case "examples" if all(isinstance(example, str) and example[:1] in ("[", "{") for example in value):
                # Written as in a file, for the sentences about faults; no example of the value itself.
                pass
            case _:
                simple[key] = _simplified(value)
    choices = [choice for choice in simple.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del simple["anyOf"]
        return choices[0] | simple
    if choices:
        simple["anyOf"] = choices
    return simple
