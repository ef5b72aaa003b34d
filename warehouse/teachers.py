"""The table of teachers: one name, one endpoint, and on what terms its replies may be used."""

from duckdb import DuckDBPyConnection

from valueprism_build.errors import SettingsError
from valueprism_build.teachers.teacher import TeacherSettings


def register(db: DuckDBPyConnection, teacher: TeacherSettings) -> None:
    """Note a teacher that is about to be asked; its terms may change, its endpoint may not.

    Raises:
        SettingsError: the name stands for another endpoint here. Its rows could not be told from the new ones, and
            since the endpoint is part of a request, everything would be asked and paid for once more.
    """
    endpoint = teacher.endpoint
    known = db.execute("SELECT endpoint FROM teacher WHERE name = ?", [teacher.name]).fetchone()
    if known is not None and known[0] != endpoint:
        raise SettingsError(
            f"teacher {teacher.name!r} of this warehouse is at {known[0]}, not at {endpoint}: give it another name; "
            f"or, if it only moved, set identity_url to {known[0]} under [teachers.{teacher.name}]"
        )
    db.execute(
        "INSERT OR REPLACE INTO teacher (name, endpoint, output_licence, may_train) VALUES (?, ?, ?, ?)",
        [teacher.name, endpoint, teacher.output_licence, teacher.may_train],
    )
