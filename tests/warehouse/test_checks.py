import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import derived, situation
from warehouse import considerations, situations
from warehouse.checks import CHECKS, Offence, run_checks


@pytest.fixture
def sound(db: DuckDBPyConnection) -> DuckDBPyConnection:
    situations.add(db, [situation(1), situation(2)])
    considerations.replace(db, "run", [derived(situation(1), items=3), derived(situation(2), items=3)])
    return db


def test_a_sound_warehouse_has_no_offence(sound: DuckDBPyConnection) -> None:
    assert run_checks(sound) == []


# One way to break each check, in the order of CHECKS.
DAMAGE = (
    "UPDATE situation SET text = ' ' WHERE arrival = 1",
    "UPDATE situation SET arrival = 1",
    "UPDATE consideration SET text = '' WHERE position = 0",
    "UPDATE consideration SET explanation = '' WHERE position = 0",
    "DELETE FROM situation WHERE arrival = 1",
    "UPDATE answer SET teacher = 'somebody else'",
    "DELETE FROM derived",
    "UPDATE consideration SET conflict_id = id WHERE position = 0",
    "UPDATE consideration SET position = 0",
    "UPDATE said SET consideration_id = 'unknown'",
    "UPDATE consideration SET canonical_id = 'unknown' WHERE position = 0",
    "INSERT INTO canonical_member VALUES ('Value', 'Health', 'unknown', 'label')",
    "INSERT INTO contrast SELECT 'hash', id, id, 'Value', 'a', 'Why.', 'Duty', 'b', 'Why.', 't' FROM situation LIMIT 1",
    "INSERT INTO contrast SELECT 'hash', min(id), max(id), 'Value', 'a', '.', 'Duty', 'b', '.', 't' FROM situation",
    "INSERT INTO family_member VALUES ('situation', 1, 'a text', 'unknown')",
    "INSERT INTO family VALUES ('one', 1, 'other', 'why', 'run'), ('other', 2, NULL, NULL, NULL)",
    "UPDATE answer SET situation_id = 'unknown'",
    "INSERT INTO rejected VALUES ('parse', 'hash:1', 'no_text', 'why', 1, 'unknown', 'run')",
    "INSERT INTO deal VALUES ('u', 'c', 'nobody', 0, 'intro', '', '')",
    "INSERT INTO deal VALUES ('u', 'c', 'nobody', 0, 'item', 'unknown', 's')",
    "INSERT INTO deal VALUES ('u', 'c', 'a', 0, 'intro', '', ''), ('v', 'c', 'a', 0, 'after', '', 's')",
    "INSERT INTO vote VALUES ('unknown', 'agree', 'p', 'i', 'Yes', NULL, '2026-11-23 12:00:00+00')",
    "INSERT INTO exclusion VALUES ('c', 'p', 'by_hand', 'why', '2026-11-23 12:00:00+00', NULL)",
)


@pytest.mark.parametrize(("name", "damage"), list(zip([check.name for check in CHECKS], DAMAGE, strict=True)))
def test_each_check_finds_its_damage(sound: DuckDBPyConnection, name: str, damage: str) -> None:
    sound.execute(damage)
    assert name in [offence.check for offence in run_checks(sound)]


def test_a_conflict_with_a_contrary_twin_is_sound(sound: DuckDBPyConnection) -> None:
    sound.execute("UPDATE consideration SET valence = 'Opposes' WHERE position = 1")
    sound.execute(
        """
        UPDATE consideration SET conflict_id = twin.id FROM consideration AS twin
        WHERE consideration.position = 0 AND twin.position = 1 AND twin.situation_id = consideration.situation_id
        """
    )
    assert run_checks(sound) == []


def test_an_offence_tells_how_many_and_names_the_first_few(sound: DuckDBPyConnection) -> None:
    sound.execute("UPDATE consideration SET text = ''")
    ids = sorted(id_ for (id_,) in sound.execute("SELECT id FROM consideration").fetchall())
    # Two situations of three considerations.
    assert run_checks(sound, examples=2) == [Offence("a consideration's text is never blank", 6, ids[:2])]
