"""What the answers to one question do not tell, made from them: lopsided, few, of one item, without a yes."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from annotation.agreement.group_effects import is_large
from annotation.report.asked import Asked
from annotation.report.items import too_many_errors

FEW_VOTES: Final = 10
"""Below so many a person or item, Laplace's approximation misjudges how alike people or items are."""
LOPSIDED: Final = 0.85
"""From this share of one answer on, kappa and alpha say little."""
NAMED_AT_MOST: Final = 8


def of_question(question: Asked) -> Iterator[str]:
    """Yield the sentences on one question."""
    name = f"Question {question.facts.id}"
    if not len(question.ratings.code):
        yield f"{name}: nobody answered."
        return
    yield from _of_answers(name, question)
    yield from _of_sizes(name, question)


def _of_answers(name: str, question: Asked) -> Iterator[str]:
    answers = question.facts.answers
    counts = np.bincount(question.ratings.code, minlength=len(answers))
    commonest, share = answers[int(counts.argmax())], counts.max() / counts.sum()
    if share == 1:
        yield f"{name}: everybody answered {commonest!r}; no effect and no chance-corrected coefficient can be told."
    elif share >= LOPSIDED:
        yield (
            f"{name}: {share:.0%} of the votes are {commonest!r}; kappa and alpha are low then even if people agree. "
            "Read them beside AC1 and percent agreement."
        )
    unused = [answer for answer, count in zip(answers, counts, strict=True) if not count]
    if unused:
        yield f"{name}: nobody gave {named(unused)}; on the declared scale it counts as an answer all the same."


def _of_sizes(name: str, question: Asked) -> Iterator[str]:
    votes = len(question.ratings.code)
    items, people = len(np.unique(question.ratings.item)), len(np.unique(question.ratings.annotator))
    if items == 1:
        yield (
            f"{name} was answered about one item: nothing can be said of others, so its intervals tell next to "
            "nothing; those for other people alone (by_people) are of this item."
        )
    if not question.has_yes:
        yield (
            f"{name} has a scale on which no answer counts as a yes: it has coefficients, mean scores and labels, and "
            f"no rates and no effects of groups over all items. Give --yes '{question.facts.id}=ANSWER', once for each "
            "answer that is a yes, to have them."
        )
    elif min(votes / items, votes / people) < FEW_VOTES and items > 1 and people > 1:
        yield (
            f"{name} has {votes / items:.1f} votes an item and {votes / people:.1f} a person; with fewer than some "
            f"{FEW_VOTES} the mixed model {_wrong_how(question)}."
        )
    if too_many_errors(question):
        yield f"{name}: too many people and answers for the models of errors; labels have shares and majority only."


def _wrong_how(question: Asked) -> str:
    """Return how few votes mislead the model; of 6,000 items by 3 votes the simulated item deviation is a tenth off."""
    if is_large(question.answers):
        return (
            "takes items or people for less alike than they are: differences in points come out a little small, and "
            "intervals of rates a little short"
        )
    return "takes items or people for more alike than they are, and its intervals come out a little short"


def named(names: Sequence[str]) -> str:
    """Return the names in a row, of many only the first."""
    shown = ", ".join(names[:NAMED_AT_MOST])
    return shown if len(names) <= NAMED_AT_MOST else f"{shown} and {len(names) - NAMED_AT_MOST} more"
