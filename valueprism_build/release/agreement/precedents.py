"""Earlier tables, by what they are about."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from valueprism_build.release.agreement.counted import Counted, steps_safely
from valueprism_build.release.agreement.earlier import Earlier
from valueprism_build.release.agreement.rows import Unit, UnitKey, from_arrow


class Precedents:
    """What earlier releases told, oldest first."""

    def __init__(self, earlier: Sequence[Earlier], removed_at: Sequence[datetime], k: int) -> None:
        self._k: Final = k
        self._made: Final = {one.version: one.created_at for one in earlier}
        self._last_removal: Final = max(removed_at, default=None)
        self._units: Final[dict[UnitKey, list[Unit]]] = {}
        self._about: Final[dict[tuple[str, str], list[Unit]]] = {}
        self._named: Final[dict[tuple[str, str], Counter[str]]] = {}
        for one in earlier:
            for key, unit in from_arrow(one.rows).items():
                self._units.setdefault(key, []).append(unit)
                self._about.setdefault((key.campaign, unit.subject.situation_id), []).append(unit)
                for demographic, table in unit.tables.items():
                    self._named.setdefault((key.campaign, demographic), Counter()).update(table.named)

    def of(self, key: UnitKey) -> Sequence[Unit]:
        """Return the tables of one question about something in each release that has some."""
        return self._units.get(key, ())

    def about(self, campaign: str, situation_id: str) -> Sequence[Unit]:
        """Return all tables about a situation and what it holds, whether or not it is asked about any more."""
        return self._about.get((campaign, situation_id), ())

    def named(self, campaign: str, demographic: str) -> Mapping[str, int]:
        """Return how often each group of a demographic was named, which is in the order of naming."""
        return self._named.get((campaign, demographic), Counter())

    def allow(self, key: UnitKey, demographic: str, table: Counted) -> bool:
        """Return whether the table may be told after all earlier ones of the same."""
        before = (one.tables[demographic] for one in self.of(key) if demographic in one.tables)
        return all(steps_safely(one, table, self._k) for one in before)

    def nobody_left(self, unit: Unit) -> bool:
        """Return whether nobody's answers were taken back or set aside since the unit was counted."""
        counted_at = self._made.get(unit.since)
        return self._last_removal is None or (counted_at is not None and self._last_removal <= counted_at)
