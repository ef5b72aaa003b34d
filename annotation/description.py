"""What the votes of a study say before anything is tested: agreement and its coefficients, question by question."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from annotation.agreement.coefficients import estimates
from annotation.agreement.rates import Grouping, Rate, everything, rates
from annotation.agreement.ratings import Ratings
from annotation.agreement.resampling import DRAWS, Resampled
from annotation.votes.coded_votes import CodedVotes, QuestionVotes
from annotation.votes.scales import yes_codes


class Coefficients(NamedTuple):
    """The coefficients of one group's votes, or of all.

    Attributes:
        grouping: name of the demographic or trait, "" for all.
        group: its category, "" for all.
        estimates: by name of the coefficient.
    """

    grouping: str
    group: str
    estimates: dict[str, Resampled]


class GroupRate(NamedTuple):
    """The share of votes of one group that say yes; both names are "" for all."""

    grouping: str
    group: str
    rate: Rate


class Description(NamedTuple):
    """One question.

    Attributes:
        yes: the answers that count as yes; none where nobody can tell, and then there are no rates.
    """

    question: str
    yes: tuple[str, ...]
    rates: list[GroupRate]
    coefficients: list[Coefficients]


def describe(
    votes: CodedVotes, question: QuestionVotes, rng: np.random.Generator, yes: Sequence[str] = (), draws: int = DRAWS
) -> Description:
    """Describe a question: rates of every demographic and trait; coefficients of all votes and of every trait.

    Args:
        votes: of the study.
        question: one of its questions.
        rng: source of the draws.
        yes: the answers that count as yes; none leaves it to `scales.yes_codes`.
        draws: how many.

    Raises:
        BuildError: one of these is not on the scale.
    """
    ratings = ratings_of(votes, question)
    yes_at = yes_codes(question.scale, yes)
    names = [("", ("",)), *((each.name, each.categories) for each in (*votes.demographics, *votes.traits))]
    shares = rates(ratings, np.isin(question.code, yes_at), groupings(votes, ratings), rng, draws) if yes_at else []
    return Description(
        question.question,
        tuple(question.scale.answers[place] for place in yes_at),
        [
            GroupRate(name, category, rate)
            for (name, categories), of_groups in zip(names, shares, strict=False)
            for category, rate in zip(categories, of_groups, strict=True)
        ],
        _coefficients(votes, question, ratings, rng, draws),
    )


def ratings_of(votes: CodedVotes, question: QuestionVotes) -> Ratings:
    """Return the votes on a question as the statistics take them."""
    sizes = (len(votes.items), len(votes.annotators), len(question.scale.answers))
    return Ratings(question.item, question.annotator, question.code, *sizes)


def groupings(votes: CodedVotes, ratings: Ratings) -> list[Grouping]:
    """Return all votes as one group, then the groups of each demographic, then those of each trait."""
    return [
        everything(ratings),
        *(Grouping(each.name, True, each.codes, len(each.categories)) for each in votes.demographics),
        *(Grouping(each.name, False, each.codes, len(each.categories)) for each in votes.traits),
    ]


def _coefficients(
    votes: CodedVotes, question: QuestionVotes, ratings: Ratings, rng: np.random.Generator, draws: int
) -> list[Coefficients]:
    scale = (question.scale.level, question.scale.values)
    of_all = Coefficients("", "", estimates(ratings, *scale, rng, draws))
    of_traits = [
        Coefficients(
            trait.name,
            category,
            estimates(ratings.where(trait.codes[ratings.item] == place), *scale, rng, draws),
        )
        for trait in votes.traits
        for place, category in enumerate(trait.categories)
    ]
    return [of_all, *of_traits]
