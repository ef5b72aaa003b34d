"""Which cells are told together so that none is under k.

The rule is the threshold rule of statistical offices (A. Hundepool et al., "Statistical Disclosure Control", Wiley
2012, chapter 5), with a zero as a small cell like any other: who knows that nobody of a group gave an answer knows what
each of them did not say, and of two answers what they did. So in each group at least two answers were given, each by k
people or more: k-anonymity (L. Sweeney, 2002) and distinct 2-diversity (A. Machanavajjhala et al., "l-Diversity", ACM
TKDD 2007) in one.

What is left out could follow from a total, so nothing is left out of a table: cells are merged, or the whole table is
withheld. Merging goes along one line, so that no two tables of the same people differ by a small group:

- answers: from the finest classes that the table of everybody can tell, the rarest are merged one by one;
- groups: the largest of a campaign are named, in one order for all its tables, all others are one group. Who prefers
  not to say is always among the others.

A table of groups tells answers no finer than that of everybody, whose classes have k people each; so a cell of both can
hold as many people as the smaller of its two sums, and none is known to hold fewer than k.
"""

from collections.abc import Sequence

from valueprism_build.release.agreement.counted import Classes, Counted


def class_chain(answers: Classes, given: Sequence[int]) -> list[Classes]:
    """Return the classes to try, the finest first: the rarest is merged with the next rarest, down to two.

    Args:
        answers: in which classes the answers may be told.
        given: how often each was given.
    """
    kept = dict(zip(answers, given, strict=True))
    chain = [answers]
    while len(kept) > 2:
        one, other = sorted(kept, key=lambda each: (kept[each], answers_before(answers, each)))[:2]
        both = tuple(answer for each in answers for answer in each if answer in {*one, *other})
        kept[both] = kept.pop(one) + kept.pop(other)
        chain.append(tuple(sorted(kept, key=lambda each: answers_before(answers, each))))
    return chain


def answers_before(answers: Classes, each: Sequence[str]) -> int:
    """Return the place of the first answer of a class."""
    return [answer for one in answers for answer in one].index(each[0])


def possible(table: Counted, chain: Sequence[Classes], k: int, *, least_named: int) -> list[Counted]:
    """Return what can be told of a table so that no cell is under k: the most cells first, then the most groups.

    Args:
        table: as fine as it is, groups in the order of naming.
        chain: classes to try; all sum up the table's.
        k: at least 1.
        least_named: groups that must be named: 1, but for the table of everybody.
    """
    found = []
    for classes in chain:
        for names in range(len(table.named), least_named - 1, -1):
            told = table.summed(table.named[:names], classes)
            if len(classes) > 1 and told.counts.min() >= k:
                found.append(told)
    return sorted(found, key=lambda each: (-each.counts.size, -len(each.named)))
