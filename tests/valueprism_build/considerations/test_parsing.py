import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valueprism_build.considerations.parsing import Parsed, parse
from valueprism_build.ids import consideration_id, fold
from valueprism_build.records import Answer, Purpose, Stage, Valence, Vrd

ECHO = "Borrowing without asking breaks the trust of the owner."
HONESTY = {"type": "Value", "text": "Honesty", "explanation": "A lie breaks it.", "valence": "Opposes"}
LIFE = {"type": "Right", "text": "Right to life", "explanation": "It saves one.", "valence": "Supports"}
CARE = {"type": "Duty", "text": "Duty of care", "explanation": "It depends on the case.", "valence": "Either"}
ALL_THREE = ["Honesty", "Right to life", "Duty of care"]


def answer(text: str, finish_reason: str = "stop") -> Answer:
    return Answer(
        request_hash="h",
        situation_id="s",
        teacher="scripted",
        model="m",
        prompt_version="1",
        params="{}",
        text=text,
        finish_reason=finish_reason,
        prompt_tokens=1,
        completion_tokens=1,
        cost=Decimal(0),
        latency=0.1,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def read(reply: object, finish_reason: str = "stop", max_items: int = 50) -> Parsed:
    text = reply if isinstance(reply, str) else json.dumps(reply)
    return parse(answer(text, finish_reason), echoes=frozenset({fold(ECHO)}), max_items=max_items)


def texts(parsed: Parsed) -> list[str]:
    return [item.text for item in parsed.kept]


def rules(parsed: Parsed) -> list[tuple[str, str]]:
    assert all(rejected.stage is Stage.PARSE and rejected.detail for rejected in parsed.rejected)
    return [(rejected.subject_id, rejected.rule) for rejected in parsed.rejected]


def test_an_item_becomes_a_consideration_with_its_provenance() -> None:
    parsed = read({"considerations": [LIFE, HONESTY]})
    honesty = parsed.kept[1]
    assert parsed.rejected == []
    assert honesty.id == consideration_id("s", Vrd.VALUE, "Honesty", Valence.OPPOSES)
    assert (honesty.situation_id, honesty.teacher, honesty.request_hash, honesty.position) == ("s", "scripted", "h", 1)
    assert (honesty.vrd, honesty.valence, honesty.explanation) == (Vrd.VALUE, Valence.OPPOSES, "A lie breaks it.")


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps({"considerations": [HONESTY, LIFE, CARE]}),
        json.dumps([HONESTY, LIFE, CARE], indent=2),
        json.dumps({"values": [HONESTY], "rights": [LIFE], "duties": [CARE]}),
        json.dumps({"considerations": {"Values": [HONESTY], "Rights": [LIFE], "Duties": CARE}}),
        f"Here you are:\n```json\n{json.dumps([HONESTY, LIFE, CARE])}\n```\nShall I go on [with more]?",
        f"Here you are: {json.dumps([HONESTY, LIFE, CARE])} I hope it helps.",
        "\n".join(json.dumps(item) for item in (HONESTY, LIFE, CARE)),  # one item per line
        json.dumps([HONESTY, LIFE, CARE]).replace("}, {", "} {"),  # commas lost
        json.dumps([HONESTY, LIFE, CARE]).replace("]", ",]"),  # a comma too many
    ],
)
def test_every_json_layout_gives_the_same_items(reply: str) -> None:
    parsed = read(reply)
    assert texts(parsed) == ALL_THREE
    assert [item.vrd for item in parsed.kept] == [Vrd.VALUE, Vrd.RIGHT, Vrd.DUTY]
    assert parsed.rejected == []


def test_the_section_gives_the_type_that_an_item_does_not_name() -> None:
    listed = {"text": "Duty of care", "explanation": "It matters.", "valence": "Supports"}
    assert read({"values": None, "rights": "N/A", "duties": [listed]}).kept[0].vrd is Vrd.DUTY
    assert rules(read([listed])) == [("h:0", "unknown_type")]  # a bare list has no section, and none is guessed


def test_the_text_layout_reads_labels_colons_and_scopes() -> None:
    parsed = read(
        """Here are the considerations: enjoy.
**Values:**
- Honesty: It is simple: a lie breaks it. [opposes]
- N/A
## Rights
* **Right to life (invasive rabbits: Australia)**: The rabbits
  would die [all of them] in pain. [Either]
2. Right to asylum [refugees]: It is claimed. (supports)
Duties: None
"""
    )
    assert parsed.rejected == []
    assert texts(parsed) == ["Honesty", "Right to life (invasive rabbits: Australia)", "Right to asylum [refugees]"]
    assert [item.explanation for item in parsed.kept] == [
        "It is simple: a lie breaks it.",
        "The rabbits would die [all of them] in pain.",
        "It is claimed.",
    ]
    assert [item.valence for item in parsed.kept] == [Valence.OPPOSES, Valence.EITHER, Valence.SUPPORTS]
    assert [item.vrd for item in parsed.kept] == [Vrd.VALUE, Vrd.RIGHT, Vrd.RIGHT]


def test_in_the_text_layout_one_bad_line_costs_only_itself() -> None:
    parsed = read(
        "Values:\n- Honesty: A lie breaks it. [opposes]\n- just words\n- Trust: It grows.\nI hope this helps!\n"
    )
    assert texts(parsed) == ["Honesty"]
    # the last line has no bullet and the item before it no label, so it reads as that item's end
    assert rules(parsed) == [("h:1", "not_an_item"), ("h:2", "unknown_valence")]


def test_a_label_after_the_name_counts_where_none_stands_at_the_end() -> None:
    assert read("Duties:\n- Duty of care [supports]: It helps.").kept[0].valence is Valence.SUPPORTS


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({**HONESTY, "type": "Virtue"}, "unknown_type"),
        ({**HONESTY, "type": 3}, "unknown_type"),
        ({**HONESTY, "valence": "Neutral"}, "unknown_valence"),
        ({**HONESTY, "valence": None}, "unknown_valence"),
        ({**HONESTY, "text": " .. "}, "no_text"),
        ({**HONESTY, "text": 42}, "no_text"),
        ({**HONESTY, "text": "N/A"}, "no_text"),
        ({**HONESTY, "text": "honesty " * 21}, "too_long_text"),  # at most 20 words
        ({**HONESTY, "text": "h" * 401}, "too_long_text"),  # of 20 characters each
        ({**HONESTY, "explanation": ""}, "no_explanation"),
        ({**HONESTY, "explanation": ["A lie breaks it."]}, "no_explanation"),
        ({**HONESTY, "explanation": "so " * 121}, "too_long_explanation"),  # at most 120 words
        ({**HONESTY, "explanation": ECHO.upper()}, "echoed_example"),
        ([HONESTY], "not_an_item"),
        ("Honesty", "not_an_item"),
        (None, "not_an_item"),
    ],
)
def test_a_bad_item_is_rejected_by_name_and_its_neighbours_are_kept(broken: object, rule: str) -> None:
    parsed = read([LIFE, broken, CARE])
    assert texts(parsed) == ["Right to life", "Duty of care"]
    assert rules(parsed) == [("h:1", rule)]
    assert [item.position for item in parsed.kept] == [0, 2]


@pytest.mark.parametrize("longest", [{**HONESTY, "text": "a " * 20}, {**HONESTY, "explanation": "so " * 120}])
def test_exactly_as_many_words_as_allowed_are_kept(longest: dict[str, str]) -> None:
    assert len(read([longest]).kept) == 1


@pytest.mark.parametrize(
    ("field", "word", "expected"),
    [("type", "values", Vrd.VALUE), ("type", "RIGHT", Vrd.RIGHT), ("type", "Obligation", Vrd.DUTY)],
)
def test_types_are_read_in_any_case_and_number(field: str, word: str, expected: Vrd) -> None:
    assert read([{**HONESTY, field: word}]).kept[0].vrd is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("SUPPORT", Valence.SUPPORTS),
        ("opposing", Valence.OPPOSES),
        ("Both.", Valence.EITHER),
        ("depends", Valence.EITHER),
    ],
)
def test_valences_are_read_in_any_case_and_form(word: str, expected: Valence) -> None:
    assert read([{**HONESTY, "valence": word}]).kept[0].valence is expected


def test_texts_lose_outer_marks_and_stray_space_and_nothing_else() -> None:
    parsed = read(
        [{**HONESTY, "text": ' "Right\nto  life (mother/child)." ', "explanation": "One\n\ttwo\u0000 three. "}]
    )
    assert texts(parsed) == ["Right to life (mother/child)"]
    assert parsed.kept[0].explanation == "One two three."


def test_half_of_a_surrogate_pair_is_dropped_because_nothing_can_store_it() -> None:
    assert texts(read('[{"type":"Value","text":"Joy \\ud83d","explanation":"It is.","valence":"Either"}]')) == ["Joy"]


def test_of_300_items_the_first_50_are_taken_and_250_rejected() -> None:
    parsed = read([{**HONESTY, "text": f"Honesty {n}"} for n in range(300)])
    assert len(parsed.kept) == 50
    assert rules(parsed) == [(f"h:{n}", "too_many_items") for n in range(50, 300)]


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ("", "no_items"),
        ("[]", "no_items"),
        ({"considerations": []}, "no_items"),
        ({"error": "model overloaded"}, "no_items"),
        ("Values:\n- N/A\nRights:\n- N/A\nDuties:\nNone.", "no_items"),
        ("<html><body><h1>502 Bad Gateway</h1></body></html>", "unparsable"),
        ("Lying is wrong.", "unparsable"),
        ("[" * 100_000, "truncated"),
        ("I'm sorry, but I can\u2019t help with that.", "refusal"),
        ({"considerations": [], "note": "I cannot assist with this."}, "refusal"),
    ],
)
def test_an_answer_that_lists_nothing_is_rejected_once_under_its_own_hash(reply: object, rule: str) -> None:
    parsed = read(reply)
    assert parsed.kept == []
    assert rules(parsed) == [("h", rule)]


LACKS_NOTHING = [
    {"considerations": []},
    [],
    {"values": [], "rights": "N/A", "duties": None},
    '```json\n{"considerations": [ ]}\n```',
    "Values:\n- N/A\nRights:\n- N/A\nDuties:\n- None",
    "Nothing is missing from this point of view.",
    "None.",
]


@pytest.mark.parametrize("reply", LACKS_NOTHING)
def test_that_a_list_lacks_nothing_is_a_good_answer_to_that_question_and_to_no_other(reply: object) -> None:
    text = reply if isinstance(reply, str) else json.dumps(reply)
    asked = replace(answer(text), purpose=Purpose.COVERAGE, subject="carer")
    assert parse(asked, echoes=frozenset()) == Parsed([], [])
    assert len(read(reply).rejected) == 1


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ("", "no_items"),
        ('{"error": "try again"}', "no_items"),
        ("I'm sorry, nothing comes to mind.", "refusal"),
        ("Nature is my favourite.", "unparsable"),
    ],
)
def test_what_does_not_say_that_nothing_is_missing_is_rejected_by_name(reply: str, rule: str) -> None:
    asked = replace(answer(reply), purpose=Purpose.COVERAGE, subject="carer")
    assert [one.rule for one in parse(asked, echoes=frozenset()).rejected] == [rule]


def test_what_the_content_filter_stopped_is_a_refusal_whatever_had_arrived() -> None:
    assert rules(read([HONESTY], finish_reason="content_filter")) == [("h", "refusal")]


def test_broken_json_beyond_the_repair_limit_is_unparsable_and_costs_no_whole_item() -> None:
    broken = '["' * 10_001  # 20,002 characters, at most 20,000 are repaired
    assert [rule for _, rule in rules(read(broken))] == ["truncated"]
    parsed = read(f"{json.dumps(HONESTY)}\n{broken}")
    assert texts(parsed) == ["Honesty"]
    assert rules(parsed) == [("h:1", "not_an_item")]


def test_an_apology_before_a_list_is_not_a_refusal() -> None:
    assert texts(read(f"I'm sorry to hear that. {json.dumps([HONESTY])}")) == ["Honesty"]


@pytest.mark.parametrize("finish_reason", ["length", "stop"])
def test_json_cut_anywhere_keeps_the_whole_items_and_rejects_the_cut_one(finish_reason: str) -> None:
    whole = json.dumps({"considerations": [HONESTY, LIFE]})
    ends_of_items = [index + 1 for index, letter in enumerate(whole) if letter == "}"][:2]
    for cut in range(whole.index("[") + 1, len(whole)):
        parsed = read(whole[:cut], finish_reason)
        complete = sum(end <= cut for end in ends_of_items)
        assert texts(parsed) == ["Honesty", "Right to life"][:complete]
        assert rules(parsed) == [(f"h:{complete}" if complete else "h", "truncated")]


def test_complete_json_at_the_token_limit_is_not_truncated() -> None:
    assert read([HONESTY], finish_reason="length").rejected == []


def test_the_text_layout_cut_by_the_token_limit_keeps_the_whole_items() -> None:
    head = "Values:\n- Honesty: A lie breaks it. [opposes]\n"
    assert rules(read(head + "- Trust: It is go", finish_reason="length")) == [("h:1", "truncated")]
    assert rules(read(head, finish_reason="length")) == [("h:1", "truncated")]
    assert rules(read("Values:\n- Honesty: A li", finish_reason="length")) == [("h", "truncated")]


@pytest.mark.parametrize(
    "line",
    [
        "Values" + " " * 50_000 + "x",
        "Values" + "*" * 50_000 + "x",
        "- Honesty: It is" + " " * 200_000 + "honest",
        "- Honesty: It is\n" + "so\n" * 100_000,
    ],
)
def test_a_runaway_line_is_read_in_a_blink(line: str) -> None:
    # A pattern that tries every division of the blanks takes minutes and more; linear ones, a tenth of a second.
    started = time.process_time()
    read(f"Values:\n{line}\n- Trust: It is good. [supports]")
    assert time.process_time() - started < 5


def check_account(parsed: Parsed) -> None:
    """Items are numbered without gap or repetition, or the whole answer is rejected once."""
    numbered = [int(item.subject_id.partition(":")[2] or -1) for item in parsed.rejected]
    if numbered == [-1]:
        assert parsed.kept == []
    else:
        assert sorted(numbered + [item.position for item in parsed.kept]) == list(range(len(numbered + parsed.kept)))
        assert numbered or parsed.kept


MARKS = ["{", "}", "[", "]", "(", ")", '"', "'", ",", ":", "//", "\n", "- ", "```", "\\u", "\\ud800", "null", "1e999"]
WORDS = ["Values:\n", "Rights", "[supports]", '"text"', "x: y", "I cannot", "9" * 50, json.dumps(HONESTY)]
FRAGMENTS = st.sampled_from(MARKS + WORDS)
FINISH = st.sampled_from(["stop", "length", "content_filter", ""])


@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=15).map("".join)), FINISH)
def test_no_text_raises_and_all_it_lists_is_accounted_for(text: str, finish_reason: str) -> None:
    check_account(read(text, finish_reason))


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("Value"))
KEYS = st.sampled_from(["considerations", "values", "Rights", "duties", "type", "text", "explanation", "valence"])
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


@given(JSON, FINISH)
def test_no_json_raises_and_all_it_lists_is_accounted_for(value: object, finish_reason: str) -> None:
    check_account(read(json.dumps(value), finish_reason))


@given(st.lists(st.one_of(JSON, st.just(HONESTY), st.just(CARE)), min_size=1, max_size=8), st.integers(1, 8))
def test_a_list_of_n_entries_gives_n_items_kept_or_rejected(entries: list[object], max_items: int) -> None:
    parsed = read({"considerations": entries}, max_items=max_items)
    assert len(parsed.kept) + len(parsed.rejected) == len(entries)
