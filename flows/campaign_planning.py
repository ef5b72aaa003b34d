"""From the warehouse and a study to a campaign on paper."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import pyarrow as pa

from annotation.dealing import ShortageError
from annotation.gold import gold_items
from annotation.planning import Design, Plan, plan
from annotation.sampling import Sample, draw, sampled_items
from annotation.vocabulary import Study, load_study
from flows import progress
from flows.grouping import families_now
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import CampaignItem
from valueprism_build.errors import BuildError
from valueprism_build.tasks import negatives, splits
from warehouse import campaigns, canonical
from warehouse.candidates import candidates

_STRATUM: Final = re.compile(r"\w[\w .,&+-]*")
"""It is part of titles and of names of files."""


class Wanted(NamedTuple):
    """What somebody asks of a campaign.

    Attributes:
        study: the name of a packaged one, or a path.
        people: seats of each stratum.
        sample: situations, or items where the study takes them singly.
        overlap: people for each of them.
        block: of them a person, at most; None for as few as will do.
    """

    study: str
    people: Mapping[str, int]
    sample: int
    overlap: int
    block: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign on paper.

    Attributes:
        study: its TOML text.
        items: all that are asked about, and all gold items that a page shows.
    """

    wanted: Wanted
    study: str
    items: tuple[CampaignItem, ...]
    sample: Sample
    design: Design
    plan: Plan


def plan_campaign(settings: Settings, wanted: Wanted, campaign: str = "plan") -> Planned:
    """Return a campaign on paper; nothing is stored.

    Args:
        settings: where the warehouse is, how items are stratified, what is planted.
        wanted: by whom the campaign is to be answered, and about how much.
        campaign: its id.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read.
        BuildError: the study cannot be used, there is nothing to ask about, there are too few people, or a stratum has
            a name that it cannot have.
    """
    for stratum in wanted.people:
        refuse_stratum(stratum)
    study, text = load_study(wanted.study)
    storage = Storage(settings)
    with storage.open(read_only=True) as db:
        table, asked = candidates(db), campaigns.asked(db)
    if not table.num_rows:
        raise BuildError(f"{settings.warehouse} holds no considerations; run `valueprism build` first")
    sample = draw(
        table,
        wanted.sample,
        whole_situations=study.whole_situations,
        by=settings.campaign.stratify_by,
        allocation=settings.campaign.allocation,
        asked=asked,
        seed=wanted.seed,
    )
    design = Design(
        campaign=campaign,
        study=study,
        units=sample.units,
        people=wanted.people,
        overlap=wanted.overlap,
        block=wanted.block,
        gold=_gold(settings, storage, table, study) if settings.planting.gold else (),
        planting=settings.planting,
        seed=wanted.seed,
    )
    with progress.stage("dealing pages", None) as advance:
        try:
            planned = plan(design)
        except ShortageError as error:
            ways = ["more --people", *(["a longer --block"] if error.lacks_room else []), "a smaller --overlap"]
            raise BuildError(f"{error}; give {', '.join(ways[:-1])} or {ways[-1]}") from error
        advance(len(planned.pages), "")
    shown = {page.item_id for page in planned.pages}
    items = (*sampled_items(table, sample), *(one for one in design.gold if one.id in shown))
    return Planned(wanted, text, items, sample, design, planned)


def refuse_stratum(stratum: str) -> None:
    """Refuse what cannot stand in a title.

    Raises:
        BuildError: it has a character that does not serve.
    """
    if not _STRATUM.fullmatch(stratum):
        raise BuildError(f"a stratum cannot be called {stratum!r}; use letters, digits, spaces and . , & + -")


def _gold(settings: Settings, storage: Storage, table: pa.Table, study: Study) -> tuple[CampaignItem, ...]:
    release = settings.release
    with progress.stage("making gold items", None) as advance:
        in_families = splits.assign(table, families_now(settings), salt=release.split_salt)
        with storage.open(read_only=True) as db:
            concerns = {one.id: one.concern_id for one in canonical.read(db).inventory.canonicals()}
        # By the rule of a release, though it leaves few: a foreign item that is relevant after all would punish the
        # honest, and gold items of the other kinds stand in.
        drawn = negatives.draw(in_families, storage.encoder(), release.negatives, concerns)
        found = tuple(item for item in gold_items(table, drawn, settings.gold) if item.gold in study.gold_kinds)
        advance(len(found), "")
    return found
