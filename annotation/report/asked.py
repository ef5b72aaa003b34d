"""Each question as the statistics take it: its votes as ratings, and which of them say yes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.crossed_laplace import Answers, Floats
from annotation.agreement.group_tally import GroupCodes
from annotation.agreement.rates import Grouping
from annotation.agreement.ratings import Ratings
from annotation.report.settings import Material, ReportSettings
from annotation.report.tables import QuestionFacts
from annotation.votes.coded_votes import CodedVotes, QuestionVotes, Repeats, Trait
from annotation.votes.scales import AFFIRMATIVE, Level, Scale, folded, number, yes_codes
from valueprism_build.errors import BuildError

SCORED = (Level.ORDINAL, Level.INTERVAL)
"""Scales of which means can be compared, so that none of the answers need count as a yes."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One question.

    Attributes:
        yes: which of the votes say yes, shape (votes,); all false where no answer counts as one.
        seed: of its draws, so that leaving out one part or question moves no other figure.
    """

    facts: QuestionFacts
    votes: QuestionVotes
    ratings: Ratings
    yes: NDArray[np.bool_]
    seed: int

    @property
    def answers(self) -> Answers:
        """Return the votes as the models take them."""
        ratings = self.ratings
        item, person = ratings.item.astype(np.int64), ratings.annotator.astype(np.int64)
        return Answers(person, item, self.yes.astype(np.float64), ratings.annotators, ratings.items)

    @property
    def scores(self) -> Floats:
        """Return the value of each vote, shape (votes,): of ordered words the place, from 1, else the number itself."""
        scale = self.votes.scale
        numbers = [number(answer) for answer in scale.answers]
        places = [float(place) for place in range(1, len(numbers) + 1)]
        values = [
            place if value is None or None in numbers else value for value, place in zip(numbers, places, strict=True)
        ]
        of_votes: Floats = np.array(values)[self.votes.code]
        return of_votes

    @property
    def has_yes(self) -> bool:
        """Return whether there are rates of a yes at all."""
        return bool(self.facts.yes)

    def rng(self, part: int) -> np.random.Generator:
        """Return a source of draws of its own for each part of the report."""
        return np.random.default_rng([self.seed, part])


def asked(material: Material, votes: CodedVotes, settings: ReportSettings) -> list[Asked]:
    """Return the questions, in the order of the alphabet.

    Args:
        material: says what is known of the questions.
        votes: those that count.
        settings: which answers count as a yes.

    Raises:
        BuildError: a setting names a question or answer that there is none of, or nobody can tell which answer of a
            nominal scale counts as a yes.
    """
    known = [question.question for question in (*votes.questions, *material.read)]
    for name, where in [
        *((each, "--yes") for each in settings.yes),
        *((each, "--missing") for each in settings.missing),
    ]:
        if name not in known:
            raise BuildError(f"{where} names question {name!r}; votes are on {', '.join(known[:20])}")
    return [_asked(material, votes, question, place, settings) for place, question in enumerate(votes.questions)]


def asked_openly(material: Material, votes: CodedVotes, settings: ReportSettings) -> list[Asked]:
    """Return what was read of answers in people's own words; of no other part of the report are they questions.

    Args:
        material: says what is known of the questions.
        votes: those that count, of these questions.
        settings: of the report.
    """
    first = len(material.gathered.votes.questions)  # so that the draws of no other question move
    return [_asked(material, votes, one, place, settings) for place, one in enumerate(votes.questions, first)]


def people_groupings(votes: CodedVotes) -> list[Grouping]:
    """Return a grouping of the annotators for each demographic."""
    return [_grouping(trait, of_people=True) for trait in votes.demographics]


def item_groupings(votes: CodedVotes) -> list[Grouping]:
    """Return a grouping of the items for each trait."""
    return [_grouping(trait, of_people=False) for trait in votes.traits]


def group_codes(trait: Trait) -> GroupCodes:
    """Return a demographic as the models take it."""
    return GroupCodes(trait.codes.astype(np.int64), len(trait.categories))


def only_people(votes: CodedVotes, kept: NDArray[np.bool_]) -> CodedVotes:
    """Return the votes of some people; the others stay in the list of annotators, silent.

    Args:
        votes: of all.
        kept: shape (annotators,).
    """
    questions = tuple(_of_people(question, kept) for question in votes.questions)
    return CodedVotes(
        votes.items, votes.texts, votes.annotators, votes.listed, votes.demographics, votes.traits, questions
    )


def _of_people(question: QuestionVotes, kept: NDArray[np.bool_]) -> QuestionVotes:
    rows, again = kept[question.annotator], kept[question.repeats.annotator]
    repeats = Repeats(*(each[again] for each in _columns(question.repeats)))
    item, annotator, code = (each[rows] for each in (question.item, question.annotator, question.code))
    return QuestionVotes(question.question, question.scale, item, annotator, code, question.seconds[rows], repeats)


def _columns(repeats: Repeats) -> tuple[NDArray[np.int32], ...]:
    return repeats.item, repeats.annotator, repeats.first, repeats.again


def _asked(
    material: Material, votes: CodedVotes, question: QuestionVotes, place: int, settings: ReportSettings
) -> Asked:
    name, scale = question.question, question.scale
    try:
        places = yes_codes(scale, settings.yes.get(name, ()))
    except BuildError as error:
        raise BuildError(f"--yes of question {name!r}: {error}") from error
    decided = name in settings.yes or name in material.declared or folded(scale.answers[-1]) in AFFIRMATIVE
    if (not places and scale.level not in SCORED) or (scale.level is Level.BINARY and not decided):
        raise BuildError(_undecided(name, scale))
    facts = QuestionFacts(
        id=name,
        asked=material.asked.get(name, name),
        level=scale.level,
        answers=scale.answers,
        yes=tuple(scale.answers[each] for each in places),
        found=name not in material.declared,
    )
    ratings = Ratings(
        question.item, question.annotator, question.code, len(votes.items), len(votes.annotators), len(scale.answers)
    )
    return Asked(facts, question, ratings, np.isin(question.code, places), settings.seed * 1000 + place)


def _grouping(trait: Trait, *, of_people: bool) -> Grouping:
    return Grouping(trait.name, of_people, trait.codes, len(trait.categories))


def _undecided(name: str, scale: Scale) -> str:
    if len(scale.answers) == 1:
        only = scale.answers[0]
        return (
            f"question {name!r} has no answer but {only!r}: nobody can tell whether that is agreement; "
            f"declare its answers, the one that is last, as --scale '{name}=binary:{only},...'"
        )
    return (
        f"question {name!r} has answers {', '.join(scale.answers[:10])}: nobody can tell which is agreement; "
        f"give --yes '{name}={scale.answers[0]}', or another of them"
    )
