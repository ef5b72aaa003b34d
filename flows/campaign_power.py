"""What a campaign on paper can find: for each two strata the smallest difference, and the people for a given one."""

from collections import Counter
from itertools import combinations
from typing import NamedTuple

from annotation.power import Ask, answering_of, people_needed, smallest_difference
from annotation.settings import PowerSettings
from flows.campaign_planning import Planned
from valueprism_build.campaigns import PageKind


class Detectable(NamedTuple):
    """Two strata.

    Attributes:
        overall: smallest difference of the rates over all items, 0 to 1; corrected for all pairs of strata.
        on_item: of the rates on a single item; corrected for all pairs on all items.
        people: that the two need together to find the difference that was asked for over all items; None where none
            was.
    """

    one: str
    other: str
    overall: float
    on_item: float
    people: int | None


def detectable(planned: Planned, settings: PowerSettings, difference: float | None) -> list[Detectable]:
    """Return what the campaign can find between each two strata.

    Args:
        planned: a campaign.
        settings: what is asked of the tests, and how people answer.
        difference: over all items, 0 to 1, to tell the people for; the two strata in their present proportion.
    """
    design = planned.design
    pairs = list(combinations(design.people, 2))
    items = sum(len(unit.items) for unit in design.units)
    judged = sum(page.kind is PageKind.ITEM for page in planned.plan.pages)
    each = max(1.0, judged / sum(design.people.values()))
    answering = answering_of(settings.constant, settings.person_sd, settings.item_sd, each)
    once = answering._replace(answers_each=1, between_people=0.0, between_items=0.0)
    overall = Ask(settings.alpha, settings.power, max(1, len(pairs)))
    on_item = overall._replace(comparisons=max(1, len(pairs) * items))
    wanted: Counter[str] = Counter()
    for demand in design.demands:
        wanted[demand.stratum] += demand.people
    a_unit = {stratum: wanted[stratum] / len(design.units) for stratum in design.people}
    return [
        Detectable(
            one,
            other,
            smallest_difference(answering, design.people[one], design.people[other], overall),
            smallest_difference(once, a_unit[one], a_unit[other], on_item),
            None
            if difference is None
            else people_needed(
                answering, difference, design.people[one] / (design.people[one] + design.people[other]), overall
            ),
        )
        for one, other in pairs
    ]
