"""A small build in this process, for tests of what can go wrong with it."""

import json
from collections.abc import Sequence
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


def priced(server: TeacherServer, **more: object) -> None:
    """Describe a teacher whose prompts cost nothing, and whose replies cost a dollar for each thousand tokens."""
    table = {"base_url": server.base_url, "model": "m", "prompt_price": "0", "completion_price": "1000", **more}
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())
    Path("valueprism.toml").write_text(f"[teachers.priced]\n{lines}")


def two_teachers(one: TeacherServer, other: TeacherServer) -> None:
    """Describe the teachers "first" and "second" in the folder of the test; the first may not train a model."""
    tables = [f'[teachers.first]\nbase_url = "{one.base_url}"\nmodel = "m"\nmay_train = false\n']
    tables += [f'[teachers.second]\nbase_url = "{other.base_url}"\nmodel = "m"\noutput_licence = "CC0-1.0"\n']
    Path("valueprism.toml").write_text("".join(tables))


def build_with(teachers: Sequence[str], *arguments: object) -> Ran:
    """Build from the file of three situations with teachers of `valueprism.toml`."""
    flags = [word for name in teachers for word in ("--teacher", name)]
    source = write_lines(Path("mine.jsonl"), TEXTS)
    where = ("--situations", source, "--licence", "CC0-1.0", "--warehouse", WAREHOUSE)
    return valueprism("build", *where, *flags, "--json", *arguments)
