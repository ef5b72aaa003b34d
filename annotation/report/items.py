"""Single items: on which do groups differ, who answered what, and what label comes of it."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri

from annotation.agreement.crossed_laplace import Floats, Ints
from annotation.agreement.false_discovery import adjusted
from annotation.agreement.item_contrasts import Verdict, counts, item_contrasts
from annotation.agreement.item_scores import Scores, ScoreTests, mean_differences, score_tests
from annotation.agreement.ratings import tally
from annotation.agreement.resampling import LEVEL
from annotation.consensus.dawid_skene import dawid_skene
from annotation.consensus.mace import mace
from annotation.consensus.majority import vote_shares, winners
from annotation.report.asked import SCORED, Asked
from annotation.report.settings import ReportSettings
from annotation.report.tables import ALL, REST_LABEL, UNSAID, coded, made, of_rows
from annotation.votes.coded_votes import CodedVotes, Trait

SCORES, MACE = 4, 5
"""Numbers of their sources of draws."""
VERDICTS: Final = {Verdict.TOO_FEW: "too few people", Verdict.NOT_SHOWN: "not shown", Verdict.DIFFERENT: "different"}
ERRORS_AT_MOST: Final = 20_000_000
"""Error rates of Dawid and Skene's model, people by squared answers: 480 MB. With more there are no posteriors."""


def contrasts_table(votes: CodedVotes, questions: Sequence[Asked], settings: ReportSettings) -> pa.Table:
    """Return every contrast of every item that was asked of anybody, of all questions as one family."""
    told = [question for question in questions if question.has_yes]
    pairs = [(question, trait) for question in told for trait in votes.demographics]
    counted = [counts(each.answers, trait.codes.astype(np.int64), len(trait.categories)) for each, trait in pairs]
    found = item_contrasts(counted, rate=settings.rate, least_asked=settings.least_asked, power=settings.power)
    kept = np.flatnonzero(found.asked + found.other_asked)
    names = [*(name for _, trait in pairs for name in trait.categories), REST_LABEL]
    first = np.cumsum([0, *(len(trait.categories) for _, trait in pairs)])[found.demographic]
    columns = {
        "question": coded(found.demographic, [question.facts.id for question, _ in pairs]),
        "demographic": coded(found.demographic, [trait.name for _, trait in pairs]),
        "item_id": coded(found.item, votes.items),
        "text": coded(found.item, votes.texts),
        "category": coded(first + found.category, names),
        "other": coded(np.where(found.other < 0, -1, first + found.other), names),
        **{each: getattr(found, each) for each in ("yes", "asked", "other_yes", "other_asked")},
        **dict(zip(("difference", "difference_low", "difference_high"), found.points, strict=True)),
        **dict(zip(("ratio", "ratio_low", "ratio_high"), found.ratio, strict=True)),
        **{each: getattr(found, each) for each in ("p_value", "adjusted_p", "detectable")},
        "verdict": coded(found.verdict, [VERDICTS[each] for each in Verdict]),
    }
    columns["low"], columns["high"] = columns.pop("difference_low"), columns.pop("difference_high")
    return made("item_contrasts", columns).take(pa.array(kept))


class _Tested(NamedTuple):
    """Score tests of one question and demographic."""

    question: Asked
    trait: Trait
    asked: Ints
    scores: Scores
    tests: ScoreTests


def scores_table(votes: CodedVotes, questions: Sequence[Asked], settings: ReportSettings) -> pa.Table:
    """Return for each item of an ordered scale whether groups' mean scores differ."""
    found = [
        _tested(question, trait, place)
        for question in questions
        if question.facts.level in SCORED and len(question.ratings.code)
        for place, trait in enumerate(votes.demographics)
        if trait.categories
    ]
    testable = [
        (each.tests.smallest <= settings.rate) & (_second(each.asked) >= settings.least_asked) for each in found
    ]
    over_all = adjusted(
        _joined([each.tests.p_value for each in found]), _joined([each.astype(np.float64) for each in testable]) > 0
    )
    parts = np.split(over_all, np.cumsum([len(each) for each in testable])[:-1]) if found else []
    tables = [_scores(votes, each, told, p, settings) for each, told, p in zip(found, testable, parts, strict=True)]
    return pa.concat_tables(tables).unify_dictionaries() if tables else of_rows("item_scores", [])


def answers_table(votes: CodedVotes, questions: Sequence[Asked]) -> pa.Table:
    """Count the people of each group who gave each item each answer."""
    tables = [_answers(votes, question, trait) for question in questions for trait in (None, *votes.demographics)]
    return pa.concat_tables(tables).unify_dictionaries() if tables else of_rows("item_answers", [])


def labels_table(votes: CodedVotes, questions: Sequence[Asked]) -> pa.Table:
    """Return the distribution over answers of each item with votes, by votes and by models of errors."""
    tables = [_labels(votes, question) for question in questions if len(question.ratings.code)]
    return pa.concat_tables(tables).unify_dictionaries() if tables else of_rows("labels", [])


def too_many_errors(question: Asked) -> bool:
    """Return whether people and answers are so many that the models of errors would not fit in memory."""
    return question.ratings.annotators * question.ratings.categories**2 > ERRORS_AT_MOST


def _tested(question: Asked, trait: Trait, place: int) -> _Tested:
    group = trait.codes[question.ratings.annotator].astype(np.int64)
    said = group >= 0
    item, size = question.ratings.item[said].astype(np.int64), len(trait.categories)
    scores = Scores(item, group[said], question.scores[said], question.ratings.items, size)
    asked = np.bincount(item * size + group[said], minlength=scores.items * size).reshape(scores.items, size)
    rng = np.random.default_rng([question.seed, SCORES, place])
    return _Tested(question, trait, asked, scores, score_tests(scores, rng))


def _scores(
    votes: CodedVotes, found: _Tested, told: NDArray[np.bool_], over_all: Floats, settings: ReportSettings
) -> pa.Table:
    kept = np.flatnonzero((found.asked > 0).sum(axis=1))
    mean = found.tests.mean[kept]
    lowest, highest = np.nanargmin(mean, axis=1), np.nanargmax(mean, axis=1)
    row = np.arange(len(kept))
    between = _between_extremes(found, kept, highest, lowest, settings)
    different = np.nan_to_num(over_all[kept], nan=1.0) <= settings.rate
    verdict = np.where(told[kept], np.where(different, Verdict.DIFFERENT, Verdict.NOT_SHOWN), Verdict.TOO_FEW)
    columns = {
        "question": coded(np.zeros(len(kept), np.int32), [found.question.facts.id]),
        "item_id": coded(kept, votes.items),
        "text": coded(kept, votes.texts),
        "demographic": coded(np.zeros(len(kept), np.int32), [found.trait.name]),
        "asked": found.asked[kept].sum(axis=1),
        "lowest_group": coded(lowest, found.trait.categories),
        "lowest_mean": mean[row, lowest],
        "highest_group": coded(highest, found.trait.categories),
        "highest_mean": mean[row, highest],
        **{name: between[name] for name in ("difference", "low", "high")},
        "p_value": found.tests.p_value[kept],
        "adjusted_p": over_all[kept],
        "detectable": between["detectable"],
        "verdict": coded(verdict, [VERDICTS[each] for each in Verdict]),
    }
    return made("item_scores", columns)


def _between_extremes(
    found: _Tested, kept: Ints, highest: Ints, lowest: Ints, settings: ReportSettings
) -> dict[str, Floats]:
    """Return the difference of the groups picked as extremes, with an interval that allows for having picked them."""
    groups = (found.asked > 0).sum(axis=1)
    pairs = np.maximum(groups * (groups - 1) / 2, 1)
    one, other = np.zeros((2, len(groups)), np.int64)
    one[kept], other[kept] = highest, lowest
    interval, error = mean_differences(found.scores, one, other, 1 - (1 - LEVEL) / pairs)
    apart = one != other  # a single group has no other to differ from
    wide = ndtri(1 - settings.rate / 2) + ndtri(settings.power)
    ends = {"low": interval.low, "high": interval.high, "detectable": wide * error}
    told = {name: np.where(apart, each, np.nan)[kept] for name, each in ends.items()}
    return {"difference": interval.value[kept], **told}


def _answers(votes: CodedVotes, question: Asked, trait: Trait | None) -> pa.Table:
    """Return the counts of one question by one demographic, or of all people."""
    ratings = question.ratings
    names = (ALL,) if trait is None else (*trait.categories, UNSAID)
    group = np.zeros(len(ratings.code), np.int64) if trait is None else trait.codes[ratings.annotator] % len(names)
    cells = (ratings.item.astype(np.int64) * len(names) + group) * ratings.categories + ratings.code
    cell, count = np.unique(cells, return_counts=True)
    rest, code = np.divmod(cell, max(ratings.categories, 1))
    item, place = np.divmod(rest, len(names))
    columns = {
        "question": coded(np.zeros(len(cell), np.int32), [question.facts.id]),
        "item_id": coded(item, votes.items),
        "demographic": coded(np.zeros(len(cell), np.int32), [ALL if trait is None else trait.name]),
        "group": coded(place, names),
        "answer": coded(code, question.facts.answers),
        "count": count,
    }
    return made("item_answers", columns)


def _labels(votes: CodedVotes, question: Asked) -> pa.Table:
    tallied, size = tally(question.ratings), question.ratings.categories
    rated = np.flatnonzero(tallied.ratings)
    shares = vote_shares(tallied)[rated]
    posteriors = dict(_posteriors(question))
    unknown = np.full(shares.size, np.nan)
    columns = {
        "question": coded(np.zeros(shares.size, np.int32), [question.facts.id]),
        "item_id": coded(np.repeat(rated, size), votes.items),
        "answer": coded(np.tile(np.arange(size), len(rated)), question.facts.answers),
        "votes": tallied.counts[rated].astype(np.int64).ravel(),
        "share": shares.ravel(),
        "majority": winners(shares).ravel(),
        **{name: posteriors[name][rated].ravel() if posteriors else unknown for name in ("dawid_skene", "mace")},
    }
    return made("labels", columns)


def _posteriors(question: Asked) -> Iterator[tuple[str, Floats]]:
    if not too_many_errors(question):
        yield "dawid_skene", dawid_skene(question.ratings).posterior
        yield "mace", mace(question.ratings, question.rng(MACE)).posterior


def _second(asked: Ints) -> Ints:
    """Return the answers of the second largest group of each item, 0 where there is one group."""
    size = asked.shape[1]
    second: Ints = np.sort(asked, axis=1)[:, -2] if size > 1 else np.zeros(len(asked), np.int64)
    return second


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)
