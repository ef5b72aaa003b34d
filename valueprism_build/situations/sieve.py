"""Situations through every rule, one by one, in the order they arrive. The state is what was kept before."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from valueprism_build.ids import fold, situation_id
from valueprism_build.records import Rejected, Situation, Stage
from valueprism_build.situations.cleaning import clean
from valueprism_build.situations.minimal_pairs import same_deed
from valueprism_build.situations.near_duplicates import NearDuplicateIndex
from valueprism_build.situations.rows import Trouble
from valueprism_build.situations.rules import rules
from valueprism_build.situations.sensitivity import sensitive_topics
from valueprism_build.situations.settings import FilterSettings
from valueprism_build.situations.sifted import Sifted

Visible: TypeAlias = Callable[[int], bool]


class Sieve:
    """Cleans, tells known from new, applies the rules, flags what is sensitive.

    A run that was interrupted and starts again decides as if it had not been: what the earlier run kept comes back
    as `held`, and a row is first compared with what had arrived before it, then with everything, so that a row that
    somebody adds at the top of a file is still compared with what was kept below.
    """

    def __init__(self, settings: FilterSettings, held: Iterable[Situation]) -> None:
        """Load the rules and index what is held.

        Args:
            settings: every limit.
            held: what the warehouse has, in order of arrival.

        Raises:
            SettingsError: a setting cannot be used.
        """
        self._settings = settings
        self._rules = rules(settings)
        self._topics = sensitive_topics()
        self._index = NearDuplicateIndex(settings.near_duplicate_similarity)
        self._admitted: list[Situation] = []
        self._position: dict[str, int] = {}
        self._openings: defaultdict[str, list[int]] = defaultdict(list)
        self._first_of_source: dict[str, int] = {}
        for situation in held:
            self._first_of_source.setdefault(situation.source, len(self._admitted))
            self._admit(situation)
        self._held_count = len(self._admitted)
        self._met: set[int] = set()
        # Held situations before this position arrived before the row at hand.
        self._frontier = 0

    def sift(self, batch: Sifted) -> Sifted:
        """Return the rows of the batch in piles; what it had rejected or held stays so.

        Kept situations carry their cleaned text, its id, and their sensitive topics.
        """
        sifted = Sifted([], list(batch.held), list(batch.rejected))
        for raw in batch.kept:
            text = clean(raw.text)
            row = replace(raw, text=text, id=situation_id(text))
            known = self._meet(row)
            if known:
                sifted.held.append(known)
                continue
            reason = self._reason(row)
            if reason:
                sifted.rejected.append(Rejected(_place(row), Stage.FILTER, reason.rule, reason.detail))
                continue
            new = replace(row, flags=self._topics(text))
            self._admit(new)
            sifted.kept.append(new)
        return sifted

    def _meet(self, row: Situation) -> Situation | None:
        """Return the held situation that this row is, the first time it is met, whatever file it is in today.

        The text is compared as well: "Help him?" has the id of "Help him" and was never kept. The row's source says
        what licence and language it has now.
        """
        self._frontier = max(self._frontier, self._first_of_source.get(row.source, 0))
        position = self._position.get(row.id, self._held_count)
        if position >= self._held_count or position in self._met:
            return None
        held = self._admitted[position]
        if held.text != row.text:
            return None
        self._met.add(position)
        if held.source != row.source:
            return held
        self._frontier = max(self._frontier, position + 1)
        return replace(held, licence=row.licence, language=row.language)

    def _reason(self, row: Situation) -> Trouble | None:
        for name, rule in self._rules.items():
            detail = rule(row)
            if detail is not None:
                return Trouble(name, detail)
        if row.id in self._position:
            first = self._admitted[self._position[row.id]]
            return Trouble("exact_duplicate", f"the same text as {_place(first)}")

        def arrived(position: int) -> bool:
            return position < self._frontier or position >= self._held_count

        resembling = [match for match in self._index.matches(row.text) if self._same_deed(row, match.position)]
        for visible in (arrived, lambda _: True):
            seen = [match for match in resembling if visible(match.position)]
            if seen:
                nearest = max(seen, key=lambda match: match.similarity)
                place = _place(self._admitted[nearest.position])
                return Trouble("near_duplicate", f"similarity {nearest.similarity:.2f} to {place}")
            crowded = self._crowded(row.text, visible)
            if crowded:
                return Trouble("over_represented", crowded)
        return None

    def _same_deed(self, row: Situation, position: int) -> bool:
        return same_deed(row.text, self._admitted[position].text)

    def _crowded(self, text: str, visible: Visible) -> str | None:
        opening = self._opening(text)
        count = sum(map(visible, self._openings[opening])) if opening else 0
        if count < self._settings.max_per_opening:
            return None
        return f"{count} situations open with {opening!r}, at most {self._settings.max_per_opening}"

    def _opening(self, text: str) -> str:
        words = fold(text).split()[: self._settings.opening_words]
        return " ".join(words) if len(words) == self._settings.opening_words else ""

    def _admit(self, situation: Situation) -> None:
        position = self._index.add(situation.text)
        self._admitted.append(situation)
        self._position.setdefault(situation.id, position)
        opening = self._opening(situation.text)
        if opening:
            self._openings[opening].append(position)


def _place(situation: Situation) -> str:
    return f"{situation.source}:{situation.source_id}"
