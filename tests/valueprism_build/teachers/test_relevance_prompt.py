import hashlib
from importlib.resources import files

from tests.valueprism_build.teachers.situations import situation
from valueprism_build.ids import vrd_id
from valueprism_build.records import Purpose, Vrd
from valueprism_build.teachers.relevance_prompt import RELEVANCE_FILE, relevance_ask

# Whoever edits the prompt file gives it a new `version` and pins the new hash under it; old pins stay as history.
PINNED = {"relevance-v1": "8e7a638f54924ecc6b0da8f688fafdfb04b26888f8e64a3b0808b4cc10114ff8"}
PUSHUP = situation("Do a pushup")


def test_the_prompt_file_changes_only_with_its_version() -> None:
    text = files("valueprism_build.teachers").joinpath(RELEVANCE_FILE).read_bytes()
    version = relevance_ask(PUSHUP, Vrd.VALUE, "Health").prompt_version
    assert hashlib.sha256(text).hexdigest() == PINNED[version]


def test_the_question_names_situation_type_and_text_and_wants_one_word() -> None:
    ask = relevance_ask(PUSHUP, Vrd.RIGHT, "Right to rest")
    assert ask.messages[-1].content == (
        "Situation: Do a pushup\nRight: Right to rest\nIs this right relevant here? Yes or No."
    )
    assert (ask.purpose, ask.situation_id) == (Purpose.RELEVANCE, PUSHUP.id)
    assert ask.subject == vrd_id(PUSHUP.id, Vrd.RIGHT, "right to REST")


def test_the_examples_say_yes_as_often_as_no() -> None:
    shown = [m.content for m in relevance_ask(PUSHUP, Vrd.VALUE, "Health").messages if m.role == "assistant"]
    assert sorted(shown) == ["No", "No", "Yes", "Yes"]


def test_braces_in_a_situation_are_only_text() -> None:
    ask = relevance_ask(situation("Typing {text} into {0}"), Vrd.VALUE, "Order {vrd}")
    assert ask.messages[-1].content.startswith("Situation: Typing {text} into {0}\nValue: Order {vrd}\n")
