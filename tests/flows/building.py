"""A small build in this process, for tests of what can go wrong with it."""

from pathlib import Path
from typing import Final

from tests.flows.command_line import Ran, valueprism
from tests.flows.jobs import good_reply, write_lines
from tests.teacher_server import TeacherServer

WAREHOUSE: Final = Path("warehouse")
TEXTS: Final = [
    "Feeding seagulls on the deck of a ferry",
    "Lending a ladder to the new neighbours",
    "Painting over graffiti in the underpass",
]


def build(server: TeacherServer | None, *arguments: object, situations: object = None) -> Ran:
    """Build from a file of three situations, or from another source, in the folder of the test."""
    source = write_lines(Path("mine.jsonl"), TEXTS) if situations is None else situations
    url = "http://127.0.0.1:9/v1" if server is None else server.base_url
    teacher = ("--teacher", "openai", "--base-url", url)
    return valueprism("build", "--situations", source, *teacher, "--warehouse", WAREHOUSE, "--json", *arguments)


def obliging() -> TeacherServer:
    """Return a teacher that has one good reply for everything."""
    return TeacherServer({}, default=good_reply("Whatever it is"))
