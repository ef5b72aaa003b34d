"""A teacher whose lists lack something, and points of view to ask it from."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.flows.jobs import good_reply
from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer

VIEWS: Final = ("carer", "child", "elder", "neighbour", "stranger")
ALWAYS: Final = "Listed so far"  # in every question for coverage, and in no first one
NOTHING: Final = json.dumps({"considerations": []})


def write_views(coverage: str = "", views: Mapping[str, str] | None = None) -> None:
    """Describe points of view, five of them by their names unless others are given, in the folder of the test."""
    table = "".join(f"{name} = {json.dumps(said)}\n" for name, said in (views or {v: v for v in VIEWS}).items())
    Path("valueprism.toml").write_text(f"[coverage]\n{coverage}\n[coverage.points_of_view]\n{table}")


def new(text: str) -> str:
    """Return a reply that lists one value."""
    item = {"vrd": "Value", "text": text, "explanation": f"It is about {text}.", "valence": "Supports"}
    return json.dumps({"considerations": [item]})


def two_things_missing(faults: Mapping[str, list[Fault]] | None = None, latency: float = 0.0) -> TeacherServer:
    """Return a teacher whose every list lacks two things, of which it names one at a time.

    The server replies by the longest of these that stands in the question, and a question holds the list.
    """
    replies = {
        ALWAYS: new("Humility"),
        "Value: Humility [supports]": new("Stewardship of the commons"),
        "Value: Stewardship of the commons [supports]": NOTHING,
    }
    return TeacherServer(replies, default=good_reply("Whatever it is"), faults=faults or {}, latency=latency)
