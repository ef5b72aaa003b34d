import hashlib
import json
import re
from importlib.resources import files

import pytest

from tests.valueprism_build.teachers.situations import situation
from valueprism_build.considerations.parsing import valence_of
from valueprism_build.contrasts.choosing import ContrastSettings
from valueprism_build.contrasts.closeness import is_denial, kept_share, word_edits
from valueprism_build.contrasts.replies import read_proposal
from valueprism_build.contrasts.subject import Named, Subject, written
from valueprism_build.ids import fold
from valueprism_build.records import Purpose, Valence, Vrd
from valueprism_build.teachers.contrast_prompt import (
    CONTRAST_FILE,
    contrast_ask,
    contrast_schema,
    contrast_version,
    example_texts,
)

# Whoever edits the prompt file gives it a new `version` and pins the new hash under it; old pins stay as history.
PINNED = {"contrast-v1": "bc9362b7904916bb90eedfee251b971471e2b0323fbe8467014bbdee35f78739"}
SUBJECT = Subject(Named(Vrd.VALUE, "Kindness"), Named(Vrd.DUTY, "Duty to clean up"))


def test_the_prompt_file_changes_only_with_its_version() -> None:
    text = files("valueprism_build.teachers").joinpath(CONTRAST_FILE).read_bytes()
    assert hashlib.sha256(text).hexdigest() == PINNED[contrast_version(structured=True).removesuffix("-json")]


def test_the_question_shows_the_situation_and_both_considerations_and_carries_them() -> None:
    ask = contrast_ask(situation("Feeding a stray cat"), SUBJECT, structured=True)
    assert ask.messages[-1].content.splitlines() == [
        "Situation: Feeding a stray cat",
        "First: Value: Kindness [supports]",
        "Second: Duty: Duty to clean up [opposes]",
    ]
    assert (ask.purpose, ask.subject, ask.prompt_version) == (Purpose.CONTRAST, written(SUBJECT), "contrast-v1-json")
    assert contrast_ask(situation("x"), SUBJECT, structured=False).prompt_version == "contrast-v1-text"


@pytest.mark.parametrize("structured", [True, False])
def test_the_worked_examples_are_contrasts_that_we_would_take(structured: bool) -> None:
    [_, *turns, _] = contrast_ask(situation("x"), SUBJECT, structured=structured).messages
    bounds = ContrastSettings()
    for question, answer in zip(turns[::2], turns[1::2], strict=True):
        before = question.content.splitlines()[0].removeprefix("Situation: ")
        made = read_proposal(answer.content)
        assert made is not None
        assert (valence_of(made.valence_x), valence_of(made.valence_y)) == (Valence.OPPOSES, Valence.SUPPORTS)
        assert word_edits(before, made.situation) <= bounds.most_edits
        assert kept_share(before, made.situation) >= bounds.least_kept
        assert not is_denial(before, made.situation)
        assert {fold(text) for text in (made.situation, made.explanation_x, made.explanation_y)} <= example_texts()


@pytest.mark.parametrize("longest", [None, 150])
def test_the_schema_has_the_places_of_an_example_in_its_order_and_leaves_the_valences_free(longest: int | None) -> None:
    example = json.loads(contrast_ask(situation("x"), SUBJECT, structured=True).messages[2].content)
    schema = json.loads(json.dumps(contrast_schema(longest)))
    assert list(schema["properties"]) == schema["required"] == list(example)
    for side in ("first", "second"):
        places = schema["properties"][side]
        assert list(places["properties"]) == places["required"] == list(example[side])
        assert places["properties"]["valence"]["enum"] == ["Supports", "Opposes", "Either"]
        sentence = places["properties"]["explanation"]
        assert longest is None or re.fullmatch(sentence["pattern"], example[side]["explanation"])
    assert schema["additionalProperties"] is False
