"""How people went about their pages, and leaving some of them out of what is counted, and taking them in again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from annotation.exclusion import Caught, exclusions
from annotation.page_conduct import PageConduct, page_conduct
from annotation.vocabulary import parse_study
from flows.campaign_server import stored
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import BY_HAND, Exclusion
from valueprism_build.errors import BuildError
from warehouse import campaigns, conduct
from warehouse import exclusions as kept


@dataclass(frozen=True, slots=True)
class Quality:
    """The conduct of everybody in a campaign.

    Attributes:
        people: who have agreed to take part, by id.
        caught: whom the rules would exclude now, but for those in `spared`.
        spared: whom a rule would exclude that they were readmitted from: a person's word stands over a rule.
        exclusions: all that were ever decided.
    """

    campaign: str
    people: tuple[PageConduct, ...]
    caught: tuple[Caught, ...]
    spared: tuple[Caught, ...]
    exclusions: tuple[Exclusion, ...]

    @property
    def excluded(self) -> frozenset[str]:
        """Return the ids of those who are left out now."""
        return frozenset(one.annotator_id for one in self.exclusions if one.readmitted_at is None)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a command has changed.

    Attributes:
        changed: exclusions that are new, or that stand no more.
        quality: as it is now.
    """

    changed: int
    quality: Quality


def quality(settings: Settings, name: str, rules: Sequence[str] = ()) -> Quality:
    """Return how everybody in the campaign went about their pages.

    Args:
        settings: where the warehouse is, and the limits of the rules.
        name: of the campaign.
        rules: names of those that are to be tried; none tries all.

    Raises:
        BuildError: there is no such campaign, or no such rule.
    """
    campaign = stored(settings, name)
    study = parse_study(campaign.study, f"of campaign {name}")
    with Storage(settings).open(read_only=True) as db:
        items = {item.id: item for item in campaigns.items(db, name)}
        shown, sitters, past = conduct.shown_votes(db, name), conduct.sitters(db, name), kept.read(db, name)
    people = page_conduct(study, items, shown, sitters)
    caught = exclusions(people, settings.exclusion, rules)
    readmitted = {(one.annotator_id, one.rule) for one in past if one.readmitted_at is not None}
    return Quality(
        campaign=name,
        people=tuple(people),
        caught=tuple(one for one in caught if (one.annotator_id, one.rule) not in readmitted),
        spared=tuple(one for one in caught if (one.annotator_id, one.rule) in readmitted),
        exclusions=tuple(past),
    )


def exclude(settings: Settings, name: str, rules: Sequence[str], *, at: datetime) -> Decided:
    """Leave out whom the rules catch; who was readmitted from a rule is not excluded by it again.

    Args:
        settings: where the warehouse is, and the limits of the rules.
        name: of the campaign.
        rules: names of those that are to be followed; none follows all.
        at: the moment.

    Raises:
        BuildError: there is no such campaign, or no such rule.
    """
    caught = quality(settings, name, rules).caught
    return _excluded(settings, name, [Exclusion(one.annotator_id, one.rule, one.detail, at) for one in caught])


def exclude_by_hand(settings: Settings, name: str, annotator_id: str, reason: str, *, at: datetime) -> Decided:
    """Leave out one person, for a reason that a person gives.

    Raises:
        BuildError: there is no such campaign, nobody of this id takes part in it, or no reason is given.
    """
    if not reason.strip():
        raise BuildError("an exclusion by hand needs a reason; give --reason with what will be told of it")
    _refuse_stranger(settings, name, annotator_id)
    return _excluded(settings, name, [Exclusion(annotator_id, BY_HAND, reason.strip(), at)])


def readmit(settings: Settings, name: str, annotator_id: str, *, at: datetime) -> Decided:
    """Count one person's answers again.

    Raises:
        BuildError: there is no such campaign, or nobody of this id takes part in it.
    """
    _refuse_stranger(settings, name, annotator_id)
    with Storage(settings).open() as db:
        changed = kept.readmit(db, name, annotator_id, at=at)
    return Decided(changed, quality(settings, name))


def _excluded(settings: Settings, name: str, rows: Sequence[Exclusion]) -> Decided:
    with Storage(settings).open() as db:
        changed = kept.exclude(db, name, rows)
    return Decided(changed, quality(settings, name))


def _refuse_stranger(settings: Settings, name: str, annotator_id: str) -> None:
    if annotator_id not in {one.annotator_id for one in quality(settings, name).people}:
        raise BuildError(
            f"nobody called {annotator_id!r} takes part in campaign {name!r}; `valueprism campaign quality {name}` "
            "lists who does"
        )
