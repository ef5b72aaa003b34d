import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tests.valueprism_build.tasks.full_rows import alone, full_table, many
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.tasks import negatives, task_sets
from valueprism_build.tasks.splits import assign

# Of a few situations nobody can tell what is foreign to what.
ANY = negatives.NegativeSettings(least_related=1, least_named=1)


def split(full: pa.Table) -> pa.Table:
    return assign(full, alone(full), salt="1")


def built(listed: dict[str, list[str]]) -> dict[str, pa.Table]:
    table = full_table(listed)
    full = assign(table, alone(table), salt="1")
    return task_sets.build(full, negatives.draw(full, WordEncoder(), ANY, {}))


def test_n_considerations_of_which_k_have_a_negative_make_n_n_n_2k_and_3n_and_2k_rows() -> None:
    full = split(full_table(many(30)))
    found = negatives.draw(full, WordEncoder(), ANY, {})
    rows = {name: table.num_rows for name, table in task_sets.build(full, found).items()}
    # 30 situations of 8 considerations: n = 240.
    k = 240 - len(found.rejected)
    expected = {"generative": 240, "valence": 240, "explanation": 240, "relevance": 2 * k}
    assert rows == {**expected, "mixture": 720 + 2 * k, "chat": 720 + 2 * k}
    assert k > 200


def test_a_task_row_has_input_output_and_keys() -> None:
    pushup = built({"Do a pushup": ["Value: Health"], "Sing": ["Value: Art"]})["valence"].to_pylist()[0]
    assert pushup["input"] == "[Valence]:\tSituation: Do a pushup\tValue: Health"
    assert pushup["output"] == pushup["valence"] == "Supports"
    assert (pushup["situation"], pushup["vrd"], pushup["text"], pushup["task"]) == (
        "Do a pushup",
        "Value",
        "Health",
        "valence",
    )


def test_a_negative_follows_its_positive_and_is_keyed_by_the_foreign_consideration() -> None:
    rows = built({"Do a pushup": ["Value: Health"], "Sing": ["Value: Art"]})["relevance"].to_pylist()
    assert [(row["input"].split("\t", 1)[1], row["output"]) for row in rows] == [
        ("Situation: Do a pushup\tValue: Health", "Yes"),
        ("Situation: Do a pushup\tValue: Art", "No"),
        ("Situation: Sing\tValue: Art", "Yes"),
        ("Situation: Sing\tValue: Health", "No"),
    ]
    assert rows[1]["consideration_id"] == rows[2]["consideration_id"]
    assert rows[1]["situation_id"] == rows[0]["situation_id"]
    assert rows[1]["split"] == rows[0]["split"]
    assert rows[1]["unseen_considerations"] == rows[2]["unseen_considerations"]
    assert rows[1]["valence"] is None


def test_a_positive_without_a_negative_is_not_in_relevance() -> None:
    sets = built({"Do a pushup": ["Value: Health"]})
    assert sets["relevance"].num_rows == 0
    assert sets["mixture"].num_rows == 3


def test_only_a_negative_has_a_grade() -> None:
    full = split(full_table({"Do a pushup": ["Value: Health"], "Sing": ["Value: Art"]}))
    found = negatives.Negatives(np.array([0, 1]), np.array([1, 0]), np.array([True, False]), [])
    sets = task_sets.build(full, found)
    assert sets["relevance"]["negative_grade"].to_pylist() == [None, "hard", None, "easy"]
    assert "negative_grade" not in sets["valence"].column_names
    assert sets["mixture"].filter(pc.field("task") != "relevance")["negative_grade"].null_count == 6


def test_mixture_is_the_four_tasks_one_after_the_other() -> None:
    sets = built(many(10))
    parts = pa.concat_tables([sets[name] for name in task_sets.TASKS], promote_options="default")
    assert sets["mixture"].equals(parts)


def test_chat_is_the_mixture_as_a_user_and_an_assistant_turn() -> None:
    sets = built(many(10))
    chat = [[(turn["role"], turn["content"]) for turn in turns] for turns in sets["chat"]["messages"].to_pylist()]
    pairs = zip(sets["mixture"]["input"].to_pylist(), sets["mixture"]["output"].to_pylist(), strict=True)
    assert chat == [[("user", asked), ("assistant", said)] for asked, said in pairs]
    keys = [name for name in sets["mixture"].column_names if name not in ("input", "output")]
    assert sets["chat"].select(keys).equals(sets["mixture"].select(keys))


def test_an_empty_table_makes_empty_sets_of_the_same_columns() -> None:
    full, empty = built(many(3)), built({})
    assert {name: table.schema for name, table in empty.items()} == {name: table.schema for name, table in full.items()}
