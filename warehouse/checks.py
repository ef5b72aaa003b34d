"""Named queries that select offenders; a warehouse is sound when all of them find none."""

from typing import Final, NamedTuple

from duckdb import DuckDBPyConnection


class Check(NamedTuple):
    """A sentence that holds of a sound warehouse, and the query of the ids for which it does not."""

    name: str
    sql: str


class Offence(NamedTuple):
    """A check that failed: how many rows offend, and the first few ids in order."""

    check: str
    rows: int
    examples: list[str]


CHECKS: Final = (
    Check("a situation's text is never blank", "SELECT id FROM situation WHERE trim(text) = ''"),
    Check(
        "no two situations arrived as one", "SELECT id FROM situation QUALIFY count(*) OVER (PARTITION BY arrival) > 1"
    ),
    Check("a consideration's text is never blank", "SELECT id FROM consideration WHERE trim(text) = ''"),
    Check("a consideration's explanation is never blank", "SELECT id FROM consideration WHERE trim(explanation) = ''"),
    Check(
        "a consideration's situation is here",
        "SELECT c.id FROM consideration AS c ANTI JOIN situation AS s ON s.id = c.situation_id",
    ),
    Check(
        "a consideration's answer is here, about the same situation and by the same teacher",
        """
        SELECT c.id FROM consideration AS c ANTI JOIN answer AS a
        ON a.request_hash = c.request_hash AND a.situation_id = c.situation_id AND a.teacher = c.teacher
        """,
    ),
    Check(
        "a consideration's situation is marked as derived",
        "SELECT c.id FROM consideration AS c ANTI JOIN derived AS d ON d.situation_id = c.situation_id",
    ),
    Check(
        "a conflict is with a consideration of the same situation and type and of another valence",
        """
        SELECT c.id FROM consideration AS c ANTI JOIN consideration AS other
        ON other.id = c.conflict_id AND other.situation_id = c.situation_id
            AND other.vrd = c.vrd AND other.valence <> c.valence
        WHERE c.conflict_id IS NOT NULL
        """,
    ),
    Check(
        "no two considerations hold one place in one answer",
        "SELECT id FROM consideration QUALIFY count(*) OVER (PARTITION BY request_hash, position) > 1",
    ),
    Check(
        "what was said stands under a consideration of the same situation",
        """
        SELECT s.request_hash || ':' || s.position FROM said AS s ANTI JOIN consideration AS c
        ON c.id = s.consideration_id AND c.situation_id = s.situation_id
        """,
    ),
    Check(
        "a consideration stands for a canonical one of its type",
        """
        SELECT c.id FROM consideration AS c ANTI JOIN canonical AS k ON k.id = c.canonical_id AND k.vrd = c.vrd
        WHERE c.canonical_id IS NOT NULL
        """,
    ),
    Check(
        "a wording is in the canonical inventory under one of its type",
        """
        SELECT m.vrd || ': ' || m.text FROM canonical_member AS m
        ANTI JOIN canonical AS k ON k.id = m.canonical_id AND k.vrd = m.vrd
        """,
    ),
    Check(
        "a contrast's two situations are here, and they are two",
        """
        SELECT c.request_hash FROM contrast AS c
        LEFT JOIN situation AS origin ON origin.id = c.origin_id
        LEFT JOIN situation AS changed ON changed.id = c.situation_id
        WHERE origin.id IS NULL OR changed.id IS NULL OR origin.id = changed.id
        """,
    ),
    Check(
        "a contrast's answer is here, about the situation that was changed",
        """
        SELECT c.request_hash FROM contrast AS c ANTI JOIN answer AS a
        ON a.request_hash = c.request_hash AND a.situation_id = c.origin_id AND a.purpose = 'contrast'
        """,
    ),
    Check(
        "a situation's family is here",
        "SELECT m.situation_id FROM family_member AS m ANTI JOIN family AS f ON f.id = m.family_id",
    ),
    Check(
        "a family was merged into an elder one that is here",
        """
        SELECT f.id FROM family AS f ANTI JOIN family AS elder ON elder.id = f.into_id AND elder.founded < f.founded
        WHERE f.into_id IS NOT NULL
        """,
    ),
    Check(
        "an answer's situation is here",
        "SELECT request_hash FROM answer ANTI JOIN situation AS s ON s.id = situation_id",
    ),
    Check(
        "a rejected row's situation is here",
        """
        SELECT subject_id FROM rejected ANTI JOIN situation AS s ON s.id = situation_id
        WHERE situation_id IS NOT NULL
        """,
    ),
    Check(
        "a page that is dealt has a seat of its campaign",
        "SELECT uid FROM deal ANTI JOIN seat AS s ON s.campaign_id = deal.campaign_id AND s.id = deal.seat_id",
    ),
    Check(
        "a page about an item has an item of its campaign, and gold where it is gold",
        """
        SELECT uid FROM deal ANTI JOIN campaign_item AS i
        ON i.campaign_id = deal.campaign_id AND i.id = deal.item_id AND (i.gold IS NOT NULL) = (deal.kind = 'gold')
        WHERE deal.kind IN ('item', 'gold', 'repeat')
        """,
    ),
    Check(
        "no two pages hold one place in a seat's block",
        "SELECT uid FROM deal QUALIFY count(*) OVER (PARTITION BY campaign_id, seat_id, position) > 1",
    ),
    Check(
        "an answer is of who sits where its page was dealt",
        """
        SELECT v.uid || ':' || v.question FROM vote AS v ANTI JOIN (
            SELECT deal.uid, seat.annotator_id FROM deal
            JOIN seat ON seat.campaign_id = deal.campaign_id AND seat.id = deal.seat_id
        ) AS dealt ON dealt.uid = v.uid AND dealt.annotator_id = v.annotator_id
        """,
    ),
    Check(
        "who is excluded has a seat in the campaign",
        """
        SELECT e.campaign_id || ': ' || e.annotator_id FROM exclusion AS e ANTI JOIN seat
        ON seat.campaign_id = e.campaign_id AND seat.annotator_id = e.annotator_id
        """,
    ),
)


def run_checks(db: DuckDBPyConnection, *, examples: int = 5) -> list[Offence]:
    """Return the checks that fail, in the order of `CHECKS`, each with at most `examples` offenders' ids."""
    offences = []
    for check in CHECKS:
        offenders = sorted(str(id_) for (id_,) in db.execute(check.sql).fetchall())
        if offenders:
            offences.append(Offence(check.name, len(offenders), offenders[:examples]))
    return offences
