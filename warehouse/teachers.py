"""The table of teachers: one name, one endpoint, and on what terms its replies may be used."""

from collections.abc import Callable

from duckdb import DuckDBPyConnection

from valueprism_build.errors import SettingsError
from valueprism_build.teachers.teacher import TeacherSettings


def register(db: DuckDBPyConnection, teacher: TeacherSettings, *, has_replied: Callable[[str], bool]) -> None:
    """Note a teacher that is about to be asked; its terms may change, its endpoint may not once it has replied.

    Args:
        db: the warehouse.
        teacher: who is to be asked.
        has_replied: whether the journal holds replies by a name; asked only where the endpoint is another.

    Raises:
        SettingsError: the name stands for another endpoint here. Its rows could not be told from the new ones, and
            since the endpoint is part of a request, everything would be asked and paid for once more.
    """
    endpoint = teacher.endpoint
    known = db.execute("SELECT endpoint FROM teacher WHERE name = ?", [teacher.name]).fetchone()
    if known is not None and known[0] != endpoint and (has_replied(teacher.name) or _has_rows(db, teacher.name)):
        raise SettingsError(
            f"teacher {teacher.name!r} of this warehouse is at {known[0]}, not at {endpoint}: give it another name; "
            f"or, if it only moved, set identity_url to {known[0]} under [teachers.{teacher.name}]"
        )
    db.execute(
        "INSERT OR REPLACE INTO teacher (name, endpoint, output_licence, may_train) VALUES (?, ?, ?, ?)",
        [teacher.name, endpoint, teacher.output_licence, teacher.may_train],
    )


def _has_rows(db: DuckDBPyConnection, name: str) -> bool:
    """Tell whether rows of a teacher are here, though the journal may be lost."""
    return db.execute("SELECT 1 FROM said WHERE teacher = ? LIMIT 1", [name]).fetchone() is not None
