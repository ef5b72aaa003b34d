"""The size of the original study: 613 people, 683 items of 100 situations, some 31,000 answers, 8 demographics."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from tests.valueprism_build.release.agreement.asking import AGREE, CAMPAIGN, UNSAID, full, item
from valueprism_build.release.agreement import attack
from valueprism_build.release.agreement.build import build
from valueprism_build.release.agreement.earlier import Earlier
from valueprism_build.release.agreement.opinions import ANSWERS, PEOPLE, AskedCampaign, Dimension, Opinions
from valueprism_build.release.agreement.rows import EVERYBODY, from_arrow

K = 5
ITEMS = tuple(item(f"i{number:03d}", f"s{number // 7:02d}") for number in range(683))
DIMENSIONS = tuple(Dimension(f"d{place}", tuple(f"c{each}" for each in range(6)), UNSAID) for place in range(8))
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def study(people: int, each: int) -> Opinions:
    """Return the answers of so many people about each situation; one in 500 is skipped, four in five are Yes."""
    rng = np.random.default_rng(0)
    names = np.array([f"p{number:03d}" for number in range(people)])
    answering = {place: rng.choice(people, each, replace=False) for place in range(98)}
    who = np.concatenate([answering[number // 7] for number in range(683)])
    subjects = np.repeat([one.id for one in ITEMS], each)
    shares = np.repeat(rng.beta(4, 1, 683), each)
    draws = rng.random(len(who))
    given = np.where(draws < shares, "Yes", np.where(draws < shares + (1 - shares) / 2, "No", "Not sure"))
    there = rng.random(len(who)) >= 1 / 500
    answers = [[CAMPAIGN] * there.sum(), ["agree"] * there.sum(), subjects[there], names[who[there]], given[there]]
    said = [
        (name, dimension.id, f"c{category}")
        for dimension in DIMENSIONS
        for name, category in zip(names, np.minimum(rng.geometric(0.4, people), 6) - 1, strict=True)
    ]
    return Opinions(
        (AskedCampaign(CAMPAIGN, (AGREE,), DIMENSIONS, ITEMS),),
        pa.table([pa.array(column, pa.string()) for column in answers], schema=ANSWERS),
        pa.table([pa.array(column, pa.string()) for column in zip(*said, strict=True)], schema=PEOPLE),
    )


def test_a_study_of_the_original_size_is_told_of_and_betrays_nobody() -> None:
    first = build(study(613, 45), full(ITEMS), (), version="1.0.0", k=K)
    assert first is not None
    assert attack.exposed([first.rows], K) == []
    units = from_arrow(first.rows)
    # With 45 people and a mean of 4 in 5 who say Yes, nine do not; where fewer than five do not, nothing is told.
    assert 300 < len(units) < 683
    assert min(int(table.counts.min()) for unit in units.values() for table in unit.tables.values()) >= K
    assert all(len(unit.tables) > 1 for unit in units.values() if unit.tables[EVERYBODY].counts.min() >= 18)


def test_a_study_that_goes_on_to_four_times_the_answers_betrays_nobody() -> None:
    opinions = study(613, 180)
    early = {f"p{number:03d}" for number in range(150)}
    mask = pa.array([person in early for person in opinions.answers["person"].to_pylist()])
    begun = Opinions(opinions.campaigns, opinions.answers.filter(mask), opinions.people)
    first = build(begun, full(ITEMS), (), version="1.0.0", k=K)
    assert first is not None
    second = build(opinions, full(ITEMS), [Earlier("1.0.0", NOON, first.rows)], version="1.1.0", k=K)
    assert second is not None
    assert attack.exposed([first.rows, second.rows], K) == []
    renewed = {key for key, unit in from_arrow(second.rows).items() if unit.since == "1.1.0"}
    assert renewed & from_arrow(first.rows).keys()
