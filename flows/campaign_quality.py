"""How people went about their pages, and leaving some of them out of what is counted, and taking them in again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from duckdb import DuckDBPyConnection

from annotation.exclusion import Caught, exclusions
from annotation.page_conduct import PageConduct, page_conduct
from annotation.vocabulary import parse_study
from flows.campaign_server import stored
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import BY_HAND, Campaign, Exclusion
from valueprism_build.errors import BuildError
from warehouse import campaigns, conduct
from warehouse import exclusions as kept
from warehouse.batches import transaction


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
    with Storage(settings).open(read_only=True) as db:
        return _quality(db, settings, campaign, rules)


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
    campaign = stored(settings, name)
    with Storage(settings).open() as db:
        found = _quality(db, settings, campaign, rules)
        rows = [Exclusion(one.annotator_id, one.rule, one.detail, at) for one in found.caught]
        return _decided(db, settings, campaign, rows)


def exclude_by_hand(settings: Settings, name: str, annotator_id: str, reason: str, *, at: datetime) -> Decided:
    """Leave out one person, for a reason that a person gives.

    Raises:
        BuildError: there is no such campaign, nobody of this id takes part in it, or no reason is given.
    """
    if not reason.strip():
        raise BuildError("an exclusion by hand needs a reason; give --reason with what will be told of it")
    campaign = stored(settings, name)
    with Storage(settings).open() as db:
        _refuse_stranger(db, name, annotator_id)
        return _decided(db, settings, campaign, [Exclusion(annotator_id, BY_HAND, reason.strip(), at)])


def readmit(settings: Settings, name: str, annotator_id: str, *, at: datetime) -> Decided:
    """Count one person's answers again.

    Raises:
        BuildError: there is no such campaign, or nobody of this id takes part in it.
    """
    campaign = stored(settings, name)
    with Storage(settings).open() as db:
        _refuse_stranger(db, name, annotator_id)
        changed = kept.readmit(db, name, annotator_id, at=at)
        return Decided(changed, _quality(db, settings, campaign, ()))


def _decided(db: DuckDBPyConnection, settings: Settings, campaign: Campaign, rows: Sequence[Exclusion]) -> Decided:
    with transaction(db):
        changed = kept.exclude(db, campaign.id, rows)
    return Decided(changed, _quality(db, settings, campaign, ()))


def _quality(db: DuckDBPyConnection, settings: Settings, campaign: Campaign, rules: Sequence[str]) -> Quality:
    study = parse_study(campaign.study, f"of campaign {campaign.id}")
    items = {item.id: item for item in campaigns.items(db, campaign.id)}
    people = page_conduct(study, items, conduct.shown_votes(db, campaign.id), conduct.sitters(db, campaign.id))
    caught = exclusions(people, settings.exclusion, rules)
    past = kept.read(db, campaign.id)
    readmitted = {(one.annotator_id, one.rule) for one in past if one.readmitted_at is not None}
    return Quality(
        campaign=campaign.id,
        people=tuple(people),
        caught=tuple(one for one in caught if (one.annotator_id, one.rule) not in readmitted),
        spared=tuple(one for one in caught if (one.annotator_id, one.rule) in readmitted),
        exclusions=tuple(past),
    )


def _refuse_stranger(db: DuckDBPyConnection, name: str, annotator_id: str) -> None:
    if annotator_id not in {one.annotator_id for one in conduct.sitters(db, name)}:
        raise BuildError(
            f"nobody called {annotator_id!r} takes part in campaign {name!r}; `valueprism campaign quality {name}` "
            "lists who does"
        )
