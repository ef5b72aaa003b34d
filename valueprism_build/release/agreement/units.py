"""The tables of one campaign: each is told as fine as may be, kept as it was, or withheld."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from valueprism_build.release.agreement import cohorts
from valueprism_build.release.agreement.coding import Answered, Coded
from valueprism_build.release.agreement.counted import Counted, Counts, apart_safely, coarser_classes
from valueprism_build.release.agreement.merging import class_chain, possible
from valueprism_build.release.agreement.opinions import AskedCampaign, Dimension
from valueprism_build.release.agreement.precedents import Precedents
from valueprism_build.release.agreement.rows import EVERYBODY, OTHERS, Unit
from valueprism_build.release.agreement.tally import Rule, Tally

NOT_COUNTED: Final = -1
"""The cohort of too few people."""


class _Fresh(NamedTuple):
    """Tables of the answers as they are.

    Attributes:
        unsafe: demographics whose tables are large enough and withheld, as they would betray who came or left.
        unshared: answers that are not counted, as nearly the same people did not all answer.
    """

    unit: Unit
    unsafe: frozenset[str]
    unshared: int


class Units:
    """What a campaign's answers come to.

    Args:
        campaign: what was asked.
        coded: the answers.
        precedents: what earlier releases told.
        tally: is told of every cell and answer.
        k: at least 1.
    """

    def __init__(self, campaign: AskedCampaign, coded: Coded, precedents: Precedents, tally: Tally, *, k: int) -> None:
        self._campaign, self._coded, self._precedents = campaign, coded, precedents
        self._tally, self._k = tally, k
        self._cohorts = cohorts.shared([unit.people for unit in coded.units], k)
        self._orders = {one.id: self._order(one) for one in campaign.dimensions}
        self._sizes: dict[tuple[int, str], list[Counted]] = {}
        self._note_earlier_sizes()

    def told(self, version: str) -> list[Unit]:
        """Return those that can be told, ordered by question and subject; what is new is of this version."""
        placed = zip(self._coded.units, self._cohorts.of, strict=True)
        told = []
        for answered, cohort in placed:
            unit = self._unit(answered, cohort, version)
            if unit is not None:
                self._note_sizes(unit, cohort)
                told.append(unit)
        return told

    def _order(self, dimension: Dimension) -> list[str]:
        """Return the categories that can be named: those of earlier tables first, then by how many people they have."""
        counted = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *self._cohorts.people]))
        said = self._coded.categories[dimension.id][counted]
        sizes = np.bincount(said[said >= 0], minlength=len(dimension.categories)).tolist()
        named = self._precedents.named(self._campaign.id, dimension.id)
        known = {name: size for name, size in zip(dimension.categories, sizes, strict=True) if size}
        return sorted(known, key=lambda name: (-named.get(name, 0), -known[name], dimension.categories.index(name)))

    def _note_earlier_sizes(self) -> None:
        """Note how large groups were in earlier tables about the situations that each cohort answered about."""
        placed = zip(self._coded.units, self._cohorts.of, strict=True)
        for situation_id, cohort in dict.fromkeys((unit.subject.situation_id, cohort) for unit, cohort in placed):
            for before in self._precedents.about(self._campaign.id, situation_id):
                self._note_sizes(before, cohort)

    def _note_sizes(self, unit: Unit, cohort: int) -> None:
        """Note how large groups are in tables about a cohort, for all that hold it or are held by it."""
        for place in self._cohorts.within[cohort] if cohort != NOT_COUNTED else ():
            for demographic, table in unit.tables.items():
                known = self._sizes.setdefault((place, demographic), [])
                if not any(table.sizes.is_alike(other) for other in known):
                    known.append(table.sizes)

    def _unit(self, answered: Answered, cohort: int, version: str) -> Unit | None:
        before = self._precedents.of(answered.key)[-1:]
        fresh = None if cohort == NOT_COUNTED else self._fresh(answered, cohort, version)
        # What was told of groups is not given up for a few more answers.
        lost = [name for one in before for name in one.tables if fresh is None or name not in fresh.unit.tables]
        if before and lost and self._may_stay(before[-1], answered):
            self._tally.kept += 1
            return self._told_of(answered, before[-1], frozenset())
        if fresh is None:
            self._withhold(answered, Rule.CHANGED_TOO_LITTLE if before else Rule.UNDER_K)
            return None
        self._tally.answers[Rule.NOT_SHARED] += fresh.unshared
        same = [one for one in before if one.tables[EVERYBODY].is_alike(fresh.unit.tables[EVERYBODY])]
        unit = replace(fresh.unit, since=same[-1].since) if same else fresh.unit
        return self._told_of(answered, unit, fresh.unsafe)

    def _fresh(self, answered: Answered, cohort: int, version: str) -> _Fresh | None:
        """Return the tables of the answers as they are now, or None where not even that of everybody can be told."""
        shared = np.isin(answered.people, self._cohorts.people[cohort], assume_unique=True)
        people, given = answered.people[shared], answered.given[shared]
        whole = self._table(EVERYBODY, (), answered, people, given)
        allow, key = self._precedents.allow, answered.key
        everybody = next((one for one in self._tellable(answered, whole) if allow(key, EVERYBODY, one)), None)
        if everybody is None:
            return None
        tables, unsafe = {EVERYBODY: everybody}, set()
        chain = class_chain(everybody.classes, everybody.counts[0].tolist())
        for dimension in self._campaign.dimensions:
            table = self._table(dimension.id, self._orders[dimension.id], answered, people, given)
            fine = possible(table, chain, self._k, least_named=1)
            safe = next((one for one in fine if self._is_safe(answered, cohort, dimension.id, one)), None)
            if safe is not None:
                tables[dimension.id] = safe
            elif fine:
                unsafe.add(dimension.id)
        members = {name: self._members(name, table) for name, table in tables.items()}
        unit = Unit(answered.key, answered.question.ask, answered.subject, tables, members, version)
        return _Fresh(unit, frozenset(unsafe), int((~shared).sum()))

    def _tellable(self, answered: Answered, whole: Counted) -> list[Counted]:
        """Return what can be told of the table of everybody: in the classes of before, if it was told before."""
        before = self._precedents.of(answered.key)
        if not before:
            return possible(whole, class_chain(whole.classes, whole.counts[0].tolist()), self._k, least_named=0)
        classes = before[-1].tables[EVERYBODY].classes
        if coarser_classes(classes, whole.classes) != classes:
            return []  # the answers to choose from are others now: it was another question
        return possible(whole, [classes], self._k, least_named=0)

    def _table(
        self, demographic: str, order: Sequence[str], answered: Answered, people: Counts, given: Counts
    ) -> Counted:
        """Return the counts of every answer by these people, groups in the order of naming."""
        answers = len(answered.question.answers)
        groups = self._groups(demographic, order, people)
        cells = np.bincount(groups * answers + given, minlength=(len(order) + 1) * answers)
        classes = tuple((answer,) for answer in answered.question.answers)
        return Counted(tuple(order), classes, cells.reshape(-1, answers))

    def _groups(self, demographic: str, order: Sequence[str], people: Counts) -> Counts:
        """Return the place of each person's group in the order of naming; the last for who is in none that is named."""
        if demographic == EVERYBODY:
            return np.zeros(len(people), dtype=np.int64)
        categories = next(one.categories for one in self._campaign.dimensions if one.id == demographic)
        places = [order.index(name) if name in order else len(order) for name in categories]
        return np.array([*places, len(order)], dtype=np.int64)[self._coded.categories[demographic][people]]

    def _is_safe(self, answered: Answered, cohort: int, demographic: str, table: Counted) -> bool:
        sizes = self._sizes.get((cohort, demographic), ())
        return self._precedents.allow(answered.key, demographic, table) and all(
            apart_safely(one, table.sizes, self._k) for one in sizes
        )

    def _members(self, demographic: str, table: Counted) -> Mapping[str, tuple[str, ...]]:
        if demographic == EVERYBODY:
            return {EVERYBODY: ()}
        dimension = next(one for one in self._campaign.dimensions if one.id == demographic)
        others = tuple(name for name in dimension.categories if name not in table.named)
        return {**{name: (name,) for name in table.named}, OTHERS: (*others, dimension.unsaid)}

    def _may_stay(self, before: Unit, answered: Answered) -> bool:
        """Return whether earlier counts may be told again: all who were counted may be there, and none is under k."""
        known = {EVERYBODY, *(one.id for one in self._campaign.dimensions)}
        if not self._precedents.nobody_left(before) or not known >= before.tables.keys():
            return False
        for demographic, table in before.tables.items():
            now = self._table(demographic, table.named, answered, answered.people, answered.given)
            if coarser_classes(now.classes, table.classes) != table.classes or table.counts.min() < self._k:
                return False
            if np.any(now.summed(table.named, table.classes).counts < table.counts):
                return False
        return True

    def _told_of(self, answered: Answered, unit: Unit, unsafe: frozenset[str]) -> Unit:
        """Count the cells of what is told and of what is not."""
        answers = len(answered.question.answers)
        for demographic, table in unit.tables.items():
            alone = sum(len(each) == 1 for each in table.classes)
            told = alone * (len(table.named) or demographic == EVERYBODY)
            categories = sum(map(len, unit.members[demographic].values())) or 1
            self._tally.told += told
            self._tally.merged += categories * answers - told
        for dimension in self._campaign.dimensions:
            if dimension.id not in unit.tables:
                rule = Rule.CHANGED_TOO_LITTLE if dimension.id in unsafe else Rule.UNDER_K
                self._tally.withheld[rule] += (len(dimension.categories) + 1) * answers
        return unit

    def _withhold(self, answered: Answered, rule: Rule) -> None:
        categories = sum(len(one.categories) + 1 for one in self._campaign.dimensions)
        self._tally.withheld[rule] += (1 + categories) * len(answered.question.answers)
        self._tally.answers[rule] += len(answered.people)
