"""Tables of votes, people and items to coded votes, without a loop over rows."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from annotation.votes.coded_votes import CodedVotes, QuestionVotes, Repeats
from annotation.votes.scales import Declared, Scale, codes, declared_scale, found_scale
from annotation.votes.text_table import TextTable
from annotation.votes.traits import TraitTable, widened
from valueprism_build.errors import BuildError
from valueprism_build.records import Rejected

REQUIRED: Final = ("item_id", "annotator_id", "question", "answer")
SECONDS: Final = "seconds"
NO_ANSWER: Final = ("NA", "<NA>", "#N/A", "NaN", "nan", "NULL", "null")
"""How R, pandas and databases write that there is nothing; an answer only where the scale was declared to have it."""
ANSWERS_AT_MOST: Final = 200

Ints: TypeAlias = NDArray[np.int32]


class Keep(StrEnum):
    """Which of several answers of one person to one question about one item is the vote; others are repeats."""

    FIRST = "first"
    LAST = "last"


class Gathered(NamedTuple):
    """What came in, in two piles."""

    votes: CodedVotes
    rejected: list[Rejected]


class _Numbered(NamedTuple):
    """A column as places in its different values."""

    values: list[str]
    codes: Ints


class _Rows(NamedTuple):
    """All rows as numbers, each of shape (rows,)."""

    question: Ints
    item: Ints
    annotator: Ints
    code: Ints
    seconds: NDArray[np.float64]


def code_votes(
    table: TextTable,
    people: TraitTable,
    items: TraitTable,
    declared: Mapping[str, Declared],
    *,
    keep: Keep = Keep.FIRST,
    answers_at_most: int = ANSWERS_AT_MOST,
) -> Gathered:
    """Code the votes.

    A row is refused that lacks an id, question or answer (`missing_item_id` and so on; `NO_ANSWER` is none), whose
    seconds are not a number of at least 0 (`bad_seconds`), whose answer is not on the scale (`unknown_answer`), or
    whose question has too many different answers, as one that people write text to has (`too_many_answers`). A further
    answer of the same person to the same question about the same item is a `second_vote`: refused as a vote, kept in
    `QuestionVotes.repeats`.

    Args:
        table: the columns `REQUIRED` and, perhaps, seconds.
        people: who may have voted; others who did are taken in without demographics.
        items: what may have been voted on, likewise.
        declared: the scales that are known, by question; those of others are found.
        keep: which answer of several is the vote.
        answers_at_most: different answers to a question.

    Raises:
        BuildError: a declared scale contradicts itself or its question, or names a question without votes.
    """
    for name in REQUIRED:
        blank = pc.equal(table.columns[name], "").to_numpy(zero_copy_only=False)
        table = table.without(blank, f"missing_{name}", f"has nothing in column {name!r}")
    table = table.without(_is_no_answer(table, declared), "missing_answer", "has {}, which is no answer", "answer")
    scaled = _on_scales(_with_sound_seconds(table), declared, answers_at_most)
    table = scaled.table
    annotators = _numbered(table.columns["annotator_id"], people.ids)
    voted_on = _numbered(table.columns["item_id"], items.ids)
    questions = _numbered(table.columns["question"], sorted(scaled.scales))
    rows = _Rows(questions.codes, voted_on.codes, annotators.codes, scaled.code, _seconds(table))
    vote_of = _vote_of(rows, keep)
    second = vote_of != np.arange(len(vote_of))
    table = table.without(second, "second_vote", f"is a further answer of {{}}; the {keep} one counts", "annotator_id")
    listed = np.arange(len(annotators.values)) < len(people.ids)
    votes = CodedVotes(
        items=tuple(voted_on.values),
        texts=(*items.texts, *[""] * (len(voted_on.values) - len(items.texts))),
        annotators=tuple(annotators.values),
        listed=listed,
        demographics=tuple(widened(trait, len(listed)) for trait in people.traits),
        traits=tuple(widened(trait, len(voted_on.values)) for trait in items.traits),
        questions=tuple(
            _question(name, scaled.scales[name], rows, vote_of, np.flatnonzero(questions.codes == place))
            for place, name in enumerate(questions.values)
        ),
    )
    return Gathered(votes, [*people.rejected, *items.rejected, *table.rejected])


def _is_no_answer(table: TextTable, declared: Mapping[str, Declared]) -> NDArray[np.bool_]:
    """Return whether each row says in a program's words that nobody answered; counted, it would be a no."""
    meant = pa.array([question for question, scale in declared.items() if scale.answers], pa.string())
    empty = pc.is_in(table.columns["answer"], pa.array(NO_ANSWER))
    found: NDArray[np.bool_] = pc.and_not(empty, pc.is_in(table.columns["question"], meant)).to_numpy(
        zero_copy_only=False
    )
    return found


def _with_sound_seconds(table: TextTable) -> TextTable:
    if SECONDS not in table.columns:
        return table
    column = table.columns[SECONDS]
    number = pc.match_substring_regex(column, r"^(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?$|^$")
    bad = ~number.to_numpy(zero_copy_only=False)
    return table.without(bad, "bad_seconds", "has {} for seconds, not a number of at least 0", SECONDS)


def _seconds(table: TextTable) -> NDArray[np.float64]:
    if SECONDS not in table.columns:
        return np.full(len(table.number), np.nan)
    column = table.columns[SECONDS]
    text = pc.if_else(pc.equal(column, ""), "nan", column)
    seconds: NDArray[np.float64] = text.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return seconds


class _Scaled(NamedTuple):
    """The rows whose answers are on the scale of their question.

    Attributes:
        scales: of each question.
        code: place of each row's answer on its scale, shape (rows,).
    """

    table: TextTable
    scales: dict[str, Scale]
    code: Ints


def _on_scales(table: TextTable, declared: Mapping[str, Declared], answers_at_most: int) -> _Scaled:
    questions, answers = _numbered(table.columns["question"]), _numbered(table.columns["answer"])
    absent = sorted(set(declared) - set(questions.values))
    if absent:
        raise BuildError(f"no vote is on question {absent[0]!r}; votes are on {', '.join(questions.values[:20])}")
    code = np.full(len(answers.codes), -1, dtype=np.int32)
    crowded = np.zeros(len(code), dtype=np.bool_)
    scales: dict[str, Scale] = {}
    for place, question in enumerate(questions.values):
        rows = np.flatnonzero(questions.codes == place)
        used, inverse = np.unique(answers.codes[rows], return_inverse=True)
        found = [answers.values[each] for each in used]
        known = declared.get(question)
        if len(found) > answers_at_most and not (known and known.answers):
            crowded[rows] = True
            continue
        scales[question] = _scale(question, known, found)
        code[rows] = np.array(codes(scales[question], found), dtype=np.int32)[inverse]
    many = f"is on question {{}}, which has more than {answers_at_most} different answers: texts, or a scale to declare"
    sound = table.without(crowded, "too_many_answers", many, "question")
    unknown = code[~crowded] < 0
    sound = sound.without(unknown, "unknown_answer", "has answer {}, which is not on the scale", "answer")
    return _Scaled(sound, scales, code[code >= 0])


def _scale(question: str, declared: Declared | None, found: Sequence[str]) -> Scale:
    try:
        return found_scale(found) if declared is None else declared_scale(declared, found)
    except BuildError as error:
        raise BuildError(f"question {question!r}: {error}") from error


def _numbered(column: pa.Array, known: Sequence[str] = ()) -> _Numbered:
    """Number the known values from 0, then those that only the column has, in the order of coming."""
    encoded = column.dictionary_encode()
    found = encoded.dictionary.to_pylist()
    values = list(dict.fromkeys([*known, *found]))
    place = {value: code for code, value in enumerate(values)}
    codes = np.array([place[value] for value in found], dtype=np.int32)
    return _Numbered(values, codes[encoded.indices.to_numpy()])


def _vote_of(rows: _Rows, keep: Keep) -> NDArray[np.intp]:
    """Return for each row the row that is the vote of its person, item and question, shape (rows,)."""
    order = np.lexsort((rows.annotator, rows.item, rows.question))  # stable: rows of one key stay in their order
    keys = np.stack([rows.annotator[order], rows.item[order], rows.question[order]])
    starts = np.ones(len(order), dtype=np.bool_)
    starts[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    first = np.flatnonzero(starts)
    counts = np.diff(np.append(first, len(order)))
    chosen = first if keep is Keep.FIRST else first + counts - 1
    vote_of = np.empty(len(order), dtype=np.intp)
    vote_of[order] = np.repeat(order[chosen], counts)
    return vote_of


def _question(
    name: str, scale: Scale, rows: _Rows, vote_of: NDArray[np.intp], of_question: NDArray[np.intp]
) -> QuestionVotes:
    is_vote = vote_of[of_question] == of_question
    vote, again = of_question[is_vote], of_question[~is_vote]
    repeats = Repeats(rows.item[again], rows.annotator[again], rows.code[vote_of[again]], rows.code[again])
    return QuestionVotes(
        name, scale, rows.item[vote], rows.annotator[vote], rows.code[vote], rows.seconds[vote], repeats
    )
