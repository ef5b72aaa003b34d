from pathlib import Path

import duckdb
import pytest

from valueprism_build.errors import WarehouseError
from warehouse.migrate import check, migrate, read_migrations


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (a INTEGER);")
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE second (b INTEGER); INSERT INTO second VALUES (1);")
    return tmp_path


def tables(db: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for (name,) in db.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def test_each_migration_runs_once(folder: Path) -> None:
    with duckdb.connect() as db:
        assert migrate(db, read_migrations(folder)) == 2
        assert migrate(db, read_migrations(folder)) == 0
        assert db.execute("SELECT count(*) FROM second").fetchall() == [(1,)]


def test_a_database_is_brought_up_to_date_by_the_new_files_alone(folder: Path) -> None:
    with duckdb.connect() as db:
        assert migrate(db, read_migrations(folder)[:1]) == 1
        assert migrate(db, read_migrations(folder)) == 1
        check(db, read_migrations(folder))


def test_a_failing_migration_leaves_neither_its_table_nor_its_record(folder: Path) -> None:
    (folder / "0003_third.sql").write_text("CREATE TABLE third (c INTEGER); INSERT INTO third VALUES ('no number');")
    with duckdb.connect() as db:
        with pytest.raises(WarehouseError, match=r"migration 0003_third failed and was undone: .*no number"):
            migrate(db, read_migrations(folder))
        assert tables(db) == {"first", "second", "schema_migration"}
        assert db.execute("SELECT max(number) FROM schema_migration").fetchall() == [(2,)]


def test_a_migration_that_violates_a_key_is_undone_with_a_clear_line(folder: Path) -> None:
    (folder / "0003_third.sql").write_text(
        "CREATE TABLE third (c INTEGER PRIMARY KEY); INSERT INTO third VALUES (1), (1);"
    )
    with duckdb.connect() as db:
        with pytest.raises(WarehouseError, match="migration 0003_third failed"):
            migrate(db, read_migrations(folder))
        assert "third" not in tables(db)


def test_an_edited_migration_is_refused(folder: Path) -> None:
    with duckdb.connect() as db:
        migrate(db, read_migrations(folder))
        (folder / "0001_first.sql").write_text("CREATE TABLE first (a BIGINT);")
        with pytest.raises(WarehouseError, match="migration 0001_first was changed after it ran"):
            migrate(db, read_migrations(folder))


def test_line_ends_of_a_checkout_do_not_count_as_an_edit(folder: Path) -> None:
    (folder / "0001_first.sql").write_bytes(b"CREATE TABLE first (\na INTEGER);\n")
    with_newlines = read_migrations(folder)
    (folder / "0001_first.sql").write_bytes(b"CREATE TABLE first (\r\na INTEGER);\r\n")
    assert read_migrations(folder) == with_newlines


def test_a_missing_number_is_refused(folder: Path) -> None:
    (folder / "0004_fourth.sql").write_text("SELECT 1;")
    with pytest.raises(WarehouseError, match="migration 0003 was expected here"):
        read_migrations(folder)


def test_a_number_given_twice_is_refused(folder: Path) -> None:
    (folder / "0002_another.sql").write_text("SELECT 1;")
    with pytest.raises(WarehouseError, match="migration 0003 was expected here"):
        read_migrations(folder)


def test_a_name_without_a_number_is_refused(folder: Path) -> None:
    (folder / "third.sql").write_text("SELECT 1;")
    with pytest.raises(WarehouseError, match=r"call it like 0003_what_it_does\.sql"):
        read_migrations(folder)


def test_a_database_of_a_newer_version_is_refused(folder: Path) -> None:
    with duckdb.connect() as db:
        migrate(db, read_migrations(folder))
        with pytest.raises(WarehouseError, match="has schema 2 and this program knows 1: a newer version made it"):
            migrate(db, read_migrations(folder)[:1])


def test_a_database_of_an_older_version_is_not_read(folder: Path) -> None:
    with duckdb.connect() as db:
        migrate(db, read_migrations(folder)[:1])
        with pytest.raises(WarehouseError, match="has schema 1 and this program needs 2"):
            check(db, read_migrations(folder))


def test_somebody_elses_database_is_left_alone(folder: Path) -> None:
    with duckdb.connect() as db:
        db.execute("CREATE TABLE invoices (total INTEGER)")
        with pytest.raises(WarehouseError, match=r"holds other tables \(invoices\)"):
            migrate(db, read_migrations(folder))
        assert tables(db) == {"invoices"}


def test_a_database_that_is_empty_needs_every_migration() -> None:
    with duckdb.connect() as db, pytest.raises(WarehouseError, match="has schema 0"):
        check(db, read_migrations())
