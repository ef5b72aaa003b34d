"""The two considerations that a contrast is about, and how a question carries them."""

import json
from typing import NamedTuple

from valueprism_build.records import Vrd


class Named(NamedTuple):
    """A value, right or duty, whatever its valence."""

    vrd: Vrd
    text: str


class Subject(NamedTuple):
    """What is to change sides: `x` supports the situation and `y` opposes it."""

    x: Named
    y: Named


def written(subject: Subject) -> str:
    """Return the subject of a question, as answers keep it: one line of JSON that `read` reads."""
    return json.dumps([*subject.x, *subject.y], ensure_ascii=False)


def read(text: str) -> Subject:
    """Return the subject of an answer to a question for a contrast."""
    vrd_x, text_x, vrd_y, text_y = json.loads(text)
    return Subject(Named(Vrd(vrd_x), text_x), Named(Vrd(vrd_y), text_y))
