import hashlib
import json
from importlib.resources import files

from tests.valueprism_build.teachers.situations import ask, situation
from valueprism_build.ids import fold
from valueprism_build.records import Vrd
from valueprism_build.teachers.prompts import (
    PROMPT_FILE,
    build_ask,
    example_explanations,
    reply_schema,
    slot_schema,
)
from valueprism_build.teachers.teacher import Slot

# Whoever edits the prompt file gives it a new `version` and pins the new hash under it; old pins stay as history.
PINNED = {"considerations-v1": "766ab0fd58b85cf3580956aec6ad90890bc3ec84f271eeb68317be711c3fbd8e"}


def test_the_prompt_file_changes_only_with_its_version() -> None:
    text = files("valueprism_build.teachers").joinpath(PROMPT_FILE).read_bytes()
    version = build_ask(situation("x"), structured=True).prompt_version.removesuffix("-json")
    assert hashlib.sha256(text).hexdigest() == PINNED[version]


def test_the_two_forms_have_two_versions_and_end_with_the_same_question() -> None:
    as_json, as_text = ask("Feeding a stray cat"), ask("Feeding a stray cat", structured=False)
    assert as_json.prompt_version.endswith("-json")
    assert as_text.prompt_version.endswith("-text")
    assert as_json.messages[-1] == as_text.messages[-1]
    assert as_json.messages[-1].content == "Situation: Feeding a stray cat"
    assert as_json.situation_id == situation("Feeding a stray cat").id


def test_the_json_form_shows_examples_in_the_shape_that_the_schema_asks_for() -> None:
    shown = [json.loads(m.content) for m in ask("x").messages if m.role == "assistant"]
    assert [len(example["considerations"]) for example in shown] == [4, 5]  # as in the file
    for example in shown:
        for item in example["considerations"]:
            assert list(item) == ["vrd", "text", "explanation", "valence"]


def test_the_text_form_shows_examples_in_the_published_layout() -> None:
    shown = [m.content for m in ask("x", structured=False).messages if m.role == "assistant"]
    lines = shown[0].splitlines()
    assert lines[0] == "Values:"
    assert lines[1].startswith("- Consideration: Standing up")
    assert lines[1].endswith(" [supports]")
    assert [line for line in lines if not line.startswith("- ")] == ["Values:", "Rights:", "Duties:"]


def test_an_echoed_example_is_recognised_by_its_folded_explanation() -> None:
    shown = [json.loads(m.content) for m in ask("x").messages if m.role == "assistant"]
    said = shown[1]["considerations"][0]["explanation"]
    assert fold(said.upper()) in example_explanations()
    assert len(example_explanations()) == 4 + 5


def test_the_schema_bounds_every_string_and_the_list_and_allows_nothing_else() -> None:
    considerations = reply_schema(max_items=6)["properties"]["considerations"]  # type: ignore[index]
    assert (considerations["minItems"], considerations["maxItems"]) == (1, 6)
    item = considerations["items"]
    assert item["additionalProperties"] is False
    assert item["required"] == list(item["properties"])
    for bounds in item["properties"].values():
        assert "maxLength" in bounds or "enum" in bounds


def test_slots_fix_the_type_and_the_choice_at_each_place() -> None:
    schema = slot_schema([Slot(Vrd.RIGHT, ("Right to rest",)), Slot(Vrd.DUTY, ("Duty to wait",))], 100)
    places = schema["properties"]["considerations"]["prefixItems"]  # type: ignore[index]
    assert [p["properties"]["vrd"]["enum"] for p in places] == [["Right"], ["Duty"]]
    assert places[1]["properties"]["text"]["enum"] == ["Duty to wait"]
