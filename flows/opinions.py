"""What people answered in campaigns, for a release."""

from collections.abc import Sequence

from annotation.vocabulary import PREFER_NOT_TO_SAY, Study, parse_study
from flows.storage import Storage
from valueprism_build.campaigns import Campaign, CampaignItem
from valueprism_build.errors import WarehouseError
from valueprism_build.release.agreement.opinions import AskedCampaign, ClosedQuestion, Dimension, Opinions
from warehouse import campaigns
from warehouse import opinions as stored


def read_opinions(storage: Storage) -> Opinions:
    """Return what was asked and answered, without free texts, gold items, repeats and people who are excluded.

    Raises:
        BuildError: a campaign is gone, or its study cannot be read.
    """
    with storage.open(read_only=True) as db:
        found = {id_: campaigns.find(db, id_) for id_ in stored.campaign_ids(db)}
        items = {id_: campaigns.items(db, id_) for id_ in found}
        if not found:
            return Opinions()
        answers, people = stored.answers(db), stored.people(db)
        removed_at = tuple(stored.removed_at(db))
    asked = tuple(_asked(id_, found[id_], items[id_]) for id_ in found)
    return Opinions(asked, answers, people, removed_at)


def _asked(campaign_id: str, campaign: Campaign | None, items: Sequence[CampaignItem]) -> AskedCampaign:
    if campaign is None:
        raise WarehouseError(f"there are answers of a campaign {campaign_id!r} that is gone; restore the warehouse")
    study = parse_study(campaign.study, f"of campaign {campaign_id}")
    dimensions = tuple(Dimension(one.id, one.answers, PREFER_NOT_TO_SAY) for one in study.demographics)
    return AskedCampaign(campaign_id, _closed(study), dimensions, tuple(one for one in items if one.gold is None))


def _closed(study: Study) -> tuple[ClosedQuestion, ...]:
    """Return the questions that everybody answers by choosing: who is asked another one tells what they answered."""
    questions = (one for one in study.questions if one.answers and one.asked_if is None)
    return tuple(ClosedQuestion(one.id, one.ask, one.answers) for one in questions)
