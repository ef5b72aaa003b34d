"""What a report holds: tables of one shape each, and in words what they rest on and cannot tell.

Shares are 0 to 1, differences are in percentage points unless a column says otherwise, and what is unknown is null. A
table that does not apply is not there. Each has a description here that whoever reads its CSV needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from annotation.votes.scales import Level

ALL: Final = "all"
"""In `by` and `group`: all votes, and in `demographic`: all people."""
UNSAID: Final = "(not said)"
"""In place of a category: people of whom it is not known."""
REST_LABEL: Final = "(everybody else)"
"""In place of a category compared with: everybody else who said one."""
MERGED_LABEL: Final = "(others)"
"""In place of a second category: several that are too small by themselves."""
WITHHELD_LABEL: Final = "(withheld)"
"""In place of both: cells that are too small even together."""


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """One question as the report takes it.

    Attributes:
        asked: its words; the id where these are not known.
        answers: in their order on the scale.
        yes: those that count as a yes; none for a scale of scores, of which there are no rates.
        found: whether the scale was found from the answers rather than declared.
    """

    id: str
    asked: str
    level: Level
    answers: tuple[str, ...]
    yes: tuple[str, ...]
    found: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """All that is told of a study.

    Attributes:
        settings: every setting that shaped a number, and its value in words.
        methods: each in a paragraph with its source.
        cautions: what cannot be concluded, made from the data.
        tables: by name, of the schemas in `SCHEMAS`.
    """

    title: str
    questions: tuple[QuestionFacts, ...]
    settings: Mapping[str, str]
    methods: tuple[str, ...]
    cautions: tuple[str, ...]
    tables: Mapping[str, pa.Table] = field(default_factory=dict)


_WORD, _NUMBER = pa.dictionary(pa.int32(), pa.string()), pa.float64()


def _columns(names: str) -> tuple[str, ...]:
    return tuple(names.split())


_WORDS: Final = _columns(
    "what subject rule detail demographic demographics category question answer of by group groups coefficient reason "
    "words item_id text other verdict lowest_group highest_group protocol annotator_id decision"
)
_COUNTS: Final = _columns(
    "count people votes unsaid items yes asked other_yes other_asked said_missing answers longest_run repeats gold "
    "gold_right look"
)
_TRUTHS: Final = _columns("is_reference estimable told")


def _kind(column: str) -> pa.DataType:
    """Return the type of a column, which is the same in every table that has it."""
    if column in _WORDS:
        return _WORD
    if column in _COUNTS:
        return pa.int64()
    return pa.bool_() if column in _TRUTHS else _NUMBER


def _schema(columns: str) -> pa.Schema:
    return pa.schema([(column, _kind(column)) for column in _columns(columns)])


SCHEMAS: Final[Mapping[str, pa.Schema]] = {
    # voted, silent, unlisted, undescribed, unanswered items, votes, refused rows, people excluded: who is in no table
    # below is here.
    "participation": _schema("what count"),
    "refused": _schema("subject rule detail"),
    "refused_counts": _schema("rule count"),
    # Voters. A row (not said) per demographic has no share; `weight` is the mean raking weight of the category.
    "people": _schema("demographic category people votes share share_low share_high target_share weight"),
    # One row a demographic that the target names: distance of the sample from it; p-value of Pearson's test of fit.
    "representativeness": _schema("demographic people unsaid dissimilarity p_value least_expected"),
    # Raw share of votes that say `answer`; `of` is all, items or people, which `by` groups. low and high are for other
    # people and other items; wilson_* take votes as independent, by_items_* and by_people_* draw one of them only.
    # weighted_* are with raking weights, people as clusters and items as they are, and plain_* the same unweighted.
    "rates": _schema(
        "question answer of by group votes people items rate low high wilson_low wilson_high by_items_low "
        "by_items_high by_people_low by_people_high plain_low plain_high weighted_rate weighted_low weighted_high"
    ),
    # `undefined` is the share of bootstrap draws for which the coefficient is not defined.
    "coefficients": _schema("question by group coefficient value low high undefined items people votes"),
    # rate is marginal: of people of the category over items like those asked. difference is in percentage points to the
    # reference, odds_ratio too; *_to_mean to all people in the model. p_value is of the demographic's joint test.
    "group_effects": _schema(
        "question demographic category is_reference people votes rate low high difference difference_low "
        "difference_high odds_ratio odds_ratio_low odds_ratio_high difference_to_mean difference_to_mean_low "
        "difference_to_mean_high p_value adjusted_p estimable reason"
    ),
    # Partial pooling of differences to the mean of all people, in percentage points; low and high are of the pooled
    # one. pooled_rate is the mean and the pooled difference together. `own` is the share that is the group's own.
    "pooled": _schema(
        "question demographic category people rate pooled_rate difference pooled_difference low high own words"
    ),
    # Raw rates of two demographics crossed; `told` is false for the people of cells that are withheld.
    "intersections": _schema("question demographics groups people votes rate low high told"),
    # difference in percentage points, ratio of the rates: category to other. `detectable` in points, were this the only
    # test. verdict: different, not shown, too few people.
    "item_contrasts": _schema(
        "question item_id text demographic category other yes asked other_yes other_asked difference low high "
        "ratio ratio_low ratio_high p_value adjusted_p detectable verdict"
    ),
    # Of ordered scales: do groups' mean scores differ on an item? The groups with the least and the greatest mean are
    # named as a description; the test is of all groups together.
    "item_scores": _schema(
        "question item_id text demographic asked lowest_group lowest_mean highest_group highest_mean difference "
        "low high p_value adjusted_p detectable verdict"
    ),
    # Only answers that somebody gave. Not for release: a count of 1 may point to a person.
    "item_answers": _schema("question item_id demographic group answer count"),
    # The distribution over answers: share of votes; 1 (or equal parts, for ties) on the commonest; posteriors.
    "labels": _schema("question item_id answer votes share majority dawid_skene mace"),
    # `asked` and `said_missing` are people; rate is of people who said so at least once, answer_rate of their answers.
    "missing_perspective": _schema(
        "protocol question demographic group people asked said_missing rate low high answers answer_rate "
        "answer_low answer_high"
    ),
    "quality": _schema(
        "annotator_id question votes seconds longest_run modal_share repeats consistency gold gold_right"
    ),
    "exclusions": _schema("annotator_id rule detail votes"),
    # statistic and boundary are z, of a category's difference to everybody else over all items.
    "looks": _schema("question demographic category look information statistic boundary decision"),
}


def made(name: str, columns: Mapping[str, ArrayLike | pa.Array]) -> pa.Table:
    """Return one of the tables; NaN becomes null.

    Args:
        name: of the table.
        columns: all of its columns, in any order, each of the same length.

    Raises:
        KeyError: a column is missing.
    """
    schema = SCHEMAS[name]
    return pa.table([_column(columns[each.name], each.type) for each in schema], schema=schema)


def of_rows(name: str, rows: list[Mapping[str, object]]) -> pa.Table:
    """Return one of the tables from its rows; a column that a row lacks is null there."""
    return made(name, {column: [row.get(column) for row in rows] for column in SCHEMAS[name].names})


def _column(values: ArrayLike | pa.Array, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.DictionaryArray):
        return values.cast(kind)
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode().cast(kind)
    if kind == _NUMBER:
        return pa.array(np.asarray(values, dtype=np.float64), kind, from_pandas=True)
    return pa.array(values, kind)


def coded(codes: ArrayLike, names: Sequence[str]) -> pa.DictionaryArray:
    """Return a column of words given as places in `names`; -1 is the last of them."""
    known = pa.array(names, pa.string()).dictionary_encode()  # a name may be there twice, as texts of items are
    places = known.indices.to_numpy()[np.asarray(codes)].astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(places), known.dictionary)
