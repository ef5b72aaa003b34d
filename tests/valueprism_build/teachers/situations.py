"""Situations and replies written for these tests."""

import json

from valueprism_build import ids
from valueprism_build.records import Situation
from valueprism_build.teachers.prompts import build_ask
from valueprism_build.teachers.teacher import Ask


def situation(text: str) -> Situation:
    return Situation(ids.situation_id(text), text, "test", "1", "CC0-1.0", "en")


def ask(text: str, *, structured: bool = True) -> Ask:
    return build_ask(situation(text), structured=structured)


def reply(text: str) -> str:
    item = {"vrd": "Value", "text": "Care", "explanation": f"{text}: somebody cares.", "valence": "Supports"}
    return json.dumps({"considerations": [item]})


def numbered(count: int) -> list[str]:
    return [f"Lending book number {i} to a friend" for i in range(count)]
