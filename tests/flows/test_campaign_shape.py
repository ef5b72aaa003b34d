"""What shaped a campaign, as text that is read back and compared."""

from dataclasses import replace

import pytest

from annotation.settings import CampaignSettings, GoldSettings
from annotation.vocabulary import load_study
from flows.campaign_planning import Wanted
from flows.campaign_shape import Shape, design_of, differences, shape_of
from flows.settings import load
from tests.annotation.pages_made import gold, item, unit
from tests.warehouse.rows import DAY
from valueprism_build.campaigns import Campaign, CampaignState

WANTED = Wanted("agreement", {'very "liberal", they say': 3, "a = b": 4}, 5, 2, None, 7)
STUDY = load_study("agreement")[1]


def shape(wanted: Wanted = WANTED) -> Shape:
    return Shape.of(load({}), wanted)


@pytest.mark.parametrize("block", [None, 3])
def test_a_shape_is_read_back_as_it_was_whatever_strata_are_called(block: int | None) -> None:
    before = shape(WANTED._replace(block=block))
    assert shape_of(before.toml) == before
    assert shape_of(before.toml).toml == before.toml


def test_a_campaign_is_designed_again_in_the_order_of_its_draw() -> None:
    items = [item(id_) for one in (unit("s1", 2), unit("s2", 2), unit("s3", 1)) for id_ in one.items]
    campaign = Campaign("pilot", STUDY, 7, shape().toml, CampaignState.RUNNING, DAY)
    design = design_of(campaign, [*items, *gold(["s9"])])
    assert sorted(one.id for one in design.units) == ["s1", "s2", "s3"]
    assert {id_ for one in design.units for id_ in one.items} == {one.id for one in items}
    assert (dict(design.people), design.overlap, design.block, design.seed) == (WANTED.people, 2, None, 7)
    assert design.gold == tuple(gold(["s9"]))
    assert design_of(campaign, [*reversed(items), *gold(["s9"])]).units == design.units


def test_what_differs_is_named() -> None:
    one = Campaign("pilot", STUDY, 7, shape().toml, CampaignState.RUNNING, DAY)
    assert differences(one, replace(one, created_at=DAY, state=CampaignState.PLANNED)) == []
    other = Shape.of(
        load({}).model_copy(
            update={"campaign": CampaignSettings(stratify_by=("vrd",)), "gold": GoldSettings(teachers=3)}
        ),
        WANTED._replace(block=9),
    )
    told = differences(one, replace(one, study="", seed=8, settings=other.toml))
    assert told[:3] == ["the study", "seed 7, not 8", "block None, not 9"]
    assert [words.split()[0] for words in told[3:]] == ["gold", "stratify_by"]
