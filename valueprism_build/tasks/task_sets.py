"""The full table and its negatives to the sets that a student model is trained on."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valueprism_build.tasks import texts
from valueprism_build.tasks.negatives import EASY, HARD, Negatives

TASKS: Final = ("generative", "relevance", "valence", "explanation")
CONFIGS: Final = (*TASKS, "mixture", "chat")
KEYS: Final = (
    *("situation", "vrd", "text", "valence", "situation_id", "consideration_id", "canonical_id"),
    *("split", "unseen_considerations"),
)
OF_THE_CONSIDERATION: Final = ("vrd", "text", "consideration_id", "canonical_id", "unseen_considerations")
GRADE: Final = "negative_grade"
MESSAGES: Final = pa.list_(pa.struct([pa.field("role", pa.string()), pa.field("content", pa.string())]))


def build(full: pa.Table, negatives: Negatives) -> dict[str, pa.Table]:
    """Return a table for each of `CONFIGS`, rows in the order of the full table.

    n considerations make n rows of generative, valence and explanation. Those that have a negative make two rows of
    relevance each, the others none: a text that stands as a "Yes" alone would teach that it is always relevant. Mixture
    is the four one after the other; chat is mixture as messages. Every table has input and output (chat: messages) and
    the keys situation, vrd, text, valence, situation_id, consideration_id, canonical_id, split, unseen_considerations,
    task; (task, situation_id, consideration_id) is unique. In a negative, the columns of `OF_THE_CONSIDERATION` are
    those of the foreign consideration, and valence is null: nobody said how it bears on this situation. Relevance, and
    so mixture and chat, have `negative_grade`: "hard" where the foreign consideration comes from a sibling of the
    situation, else "easy"; null where the row is no negative.

    Args:
        full: the full table with its two splits, as `splits.assign` gives it.
        negatives: drawn for that table.
    """
    keys = full.select(KEYS)
    sets = {
        "generative": _task(keys, "generative", texts.generate_inputs(full), texts.consideration_texts(full)),
        "relevance": _relevance(keys, negatives),
        "valence": _task(keys, "valence", texts.question_inputs("Valence", full), full["valence"]),
        "explanation": _task(
            keys, "explanation", texts.question_inputs("Explanation", full), texts.explanation_outputs(full)
        ),
    }
    sets["mixture"] = pa.concat_tables([sets[task] for task in TASKS], promote_options="default").combine_chunks()
    sets["chat"] = _chat(sets["mixture"])
    return sets


def _task(keys: pa.Table, task: str, inputs: pa.ChunkedArray, outputs: pa.ChunkedArray) -> pa.Table:
    rows = pa.table({"input": inputs, "output": outputs})
    for name in keys.column_names:
        rows = rows.append_column(name, keys[name])
    return rows.append_column("task", _repeated(task, keys.num_rows))


def _relevance(keys: pa.Table, negatives: Negatives) -> pa.Table:
    """Return each positive that has a negative, its negative right after it."""
    sources = keys.take(pa.array(negatives.sources))
    positives = keys.take(pa.array(negatives.positives))
    foreign = positives
    for name in OF_THE_CONSIDERATION:
        foreign = foreign.set_column(KEYS.index(name), name, sources[name])
    foreign = foreign.set_column(KEYS.index("valence"), "valence", pa.nulls(foreign.num_rows, pa.string()))
    pairs = foreign.num_rows
    both = pa.concat_tables([positives, foreign])
    answers = pa.concat_arrays([_repeated("Yes", pairs), _repeated("No", pairs)])
    grades = pc.if_else(pa.array(negatives.hard), HARD, EASY)
    rows = _task(both, "relevance", texts.question_inputs("Relevance", both), answers)
    rows = rows.append_column(GRADE, pa.concat_arrays([pa.nulls(pairs, pa.string()), grades]))
    order = np.arange(2 * pairs).reshape(2, pairs).T.ravel()
    return rows.take(pa.array(order)).combine_chunks()


def _chat(mixture: pa.Table) -> pa.Table:
    inputs, outputs = mixture["input"].combine_chunks(), mixture["output"].combine_chunks()
    n = mixture.num_rows
    turns = np.arange(2 * n).reshape(2, n).T.ravel()  # input 0, output 0, input 1, output 1, ...
    contents = pa.concat_arrays([inputs, outputs]).take(pa.array(turns))
    roles = pa.concat_arrays([_repeated("user", n), _repeated("assistant", n)]).take(pa.array(turns))
    pairs = pa.StructArray.from_arrays([roles, contents], names=["role", "content"])
    messages = pa.ListArray.from_arrays(pa.array(np.arange(n + 1) * 2, pa.int32()), pairs).cast(MESSAGES)
    return mixture.drop_columns(["input", "output"]).add_column(0, "messages", messages)


def _repeated(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)
