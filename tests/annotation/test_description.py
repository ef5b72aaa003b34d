from pathlib import Path

import numpy as np
import pytest

from annotation.description import describe
from annotation.votes.coded_votes import CodedVotes
from annotation.votes.files import VoteFiles, read_votes
from annotation.votes.scales import Declared, Level


def voted(tmp_path: Path, rows: list[str], scale: Declared | None = None) -> CodedVotes:
    votes, people, items = (tmp_path / f"{name}.csv" for name in ("votes", "annotators", "items"))
    votes.write_text("item_id,annotator_id,question,answer\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    people.write_text("annotator_id,mood\np0,😀\np1,😀\np2,🙁\np3,\n", encoding="utf-8")
    items.write_text("item_id,vrd\na,Value\nb,Duty\nc,Duty\nd,Right\n", encoding="utf-8")
    return read_votes(VoteFiles(votes, people, items, scales={"q": scale} if scale else {})).votes


def test_every_group_and_type_is_described(tmp_path: Path) -> None:
    votes = voted(tmp_path, ["a,p0,q,yes", "a,p1,q,yes", "a,p2,q,no", "b,p0,q,yes", "b,p3,q,yes", "c,p2,q,no"])
    found = describe(votes, votes.questions[0], np.random.default_rng(0), draws=60)
    assert found.yes == ("yes",)
    shares = {(each.grouping, each.group): (each.rate.share, each.rate.votes) for each in found.rates}
    assert shares.pop(("vrd", "Right"))[1] == 0
    assert shares == {
        ("", ""): (4 / 6, 6),  # the person without a mood is among all
        ("mood", "😀"): (1, 3),
        ("mood", "🙁"): (0, 2),
        ("vrd", "Value"): (2 / 3, 3),
        ("vrd", "Duty"): (2 / 3, 3),
    }
    places = [(each.grouping, each.group) for each in found.coefficients]
    assert places == [("", ""), ("vrd", "Duty"), ("vrd", "Right"), ("vrd", "Value")]
    # Items a and b have pairs: 1 of 3 agree, 1 of 1: (1/3 + 1) / 2.
    assert found.coefficients[0].estimates["percent_agreement"].crossed.value == pytest.approx(2 / 3)


def test_an_ordinal_scale_keeps_its_unused_level_and_has_rates_only_when_told_what_is_yes(tmp_path: Path) -> None:
    scale = Declared(Level.ORDINAL, ("never", "seldom", "often", "always"))
    votes = voted(tmp_path, ["a,p0,q,never", "a,p1,q,often", "b,p0,q,always", "b,p1,q,always"], scale)
    silent = describe(votes, votes.questions[0], np.random.default_rng(0), draws=20)
    assert (silent.yes, silent.rates) == ((), [])
    told = describe(votes, votes.questions[0], np.random.default_rng(0), ["often", "always"], draws=20)
    assert told.rates[0].rate.share == 3 / 4
    # Pairs: (never, often) and (always, always). Ordinal weights of four levels: 1 - C(3, 2) / C(4, 2) = 1/2, and 1:
    # P = 3/4. Shares 1/4, 0, 1/4, 1/2: sum of p (1 - p) = 5/8; weights sum to 4 + 2 (3 * 5/6 + 2 * 1/2) = 11:
    # P_e = 11 / 12 * 5 / 8 = 55/96; AC2 = (72 - 55) / (96 - 55) = 17/41.
    assert told.coefficients[0].estimates["gwet_ac2"].crossed.value == pytest.approx(17 / 41)


def test_twenty_thousand_items_of_three_votes_are_described(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    people = [rng.choice(4, 3, replace=False) for _ in range(20_000)]
    answers = rng.random((20_000, 3)) < 0.5
    rows = [
        f"i{item},p{person},q,{'yes' if answer else 'no'}"
        for item, (three, given) in enumerate(zip(people, answers, strict=True))
        for person, answer in zip(three, given, strict=True)
    ]
    votes = voted(tmp_path, rows)
    found = describe(votes, votes.questions[0], rng, draws=20)
    assert abs(found.coefficients[0].estimates["krippendorff_alpha_nominal"].crossed.value) < 0.02  # votes at random
    assert found.rates[0].rate.votes == 60_000
