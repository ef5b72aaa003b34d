"""The schema as numbered SQL files that are run once each, forward only."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
from duckdb import DuckDBPyConnection

from valueprism_build.errors import WarehouseError
from warehouse.batches import transaction

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_FILE_NAME: Final = re.compile(r"(?P<number>\d{4})_[a-z0-9_]+\.sql")


class Migration(NamedTuple):
    """One step of the schema. `checksum` is of its SQL text with line ends as newlines."""

    number: int
    name: str
    sql: str
    checksum: str


def read_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """Return the migrations of the folder, numbered 1, 2, 3, ...

    Raises:
        WarehouseError: a file is not named like `0001_words.sql`, or a number is missing or there twice.
    """
    migrations = []
    for expected, path in enumerate(sorted(folder.glob("*.sql")), start=1):
        name = _FILE_NAME.fullmatch(path.name)
        if name is None:
            raise WarehouseError(f"{path}: not a migration's name; call it like {expected:04}_what_it_does.sql")
        if int(name["number"]) != expected:
            raise WarehouseError(f"{path}: migration {expected:04} was expected here; number the files without gap")
        sql = path.read_text(encoding="utf-8")
        migrations.append(Migration(expected, path.stem, sql, hashlib.sha256(sql.encode()).hexdigest()))
    return migrations


def migrate(db: DuckDBPyConnection, migrations: Sequence[Migration]) -> int:
    """Run the migrations that this database has not seen and return how many there were.

    Each one and its record are one transaction, so one that fails leaves nothing behind.

    Raises:
        WarehouseError: as `check`, or a migration failed.
    """
    done = _applied(db, migrations)
    db.execute(
        "CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER PRIMARY KEY, name VARCHAR, checksum VARCHAR)"
    )
    for migration in migrations[done:]:
        try:
            with transaction(db):
                db.execute(migration.sql)
                db.execute("INSERT INTO schema_migration VALUES (?, ?, ?)", [*migration[:2], migration.checksum])
        except (duckdb.ProgrammingError, duckdb.DataError, duckdb.IntegrityError) as error:
            reason = str(error).splitlines()[0]
            raise WarehouseError(
                f"migration {migration.name} failed and was undone: {reason}; mend the file"
            ) from error
    return len(migrations) - done


def check(db: DuckDBPyConnection, migrations: Sequence[Migration]) -> None:
    """Accept a database that has seen exactly these migrations.

    Raises:
        WarehouseError: it is older or newer than this program, it is somebody else's, or a migration was edited.
    """
    done = _applied(db, migrations)
    if done < len(migrations):
        raise WarehouseError(
            f"this warehouse has schema {done} and this program needs {len(migrations)}; "
            "run `valueprism build` on it once to bring it up to date"
        )


def _applied(db: DuckDBPyConnection, migrations: Sequence[Migration]) -> int:
    try:
        applied = db.execute("SELECT name, checksum FROM schema_migration ORDER BY number").fetchall()
    except duckdb.CatalogException:  # to ask for the names of the tables first would take a third of the opening
        tables = [name for (name,) in db.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        if tables:
            raise WarehouseError(
                f"this DuckDB file holds other tables ({', '.join(tables[:3])}) and is no warehouse of ours; "
                "give another directory with --warehouse"
            ) from None
        return 0
    if len(applied) > len(migrations):
        raise WarehouseError(
            f"this warehouse has schema {len(applied)} and this program knows {len(migrations)}: "
            "a newer version made it; upgrade valueprism"
        )
    for (name, checksum), migration in zip(applied, migrations, strict=False):
        if checksum != migration.checksum:
            raise WarehouseError(
                f"migration {name} was changed after it ran on this warehouse; restore it and add a new one instead"
            )
    return len(applied)
