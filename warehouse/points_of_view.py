"""The table of points of view: what each name stands for in the questions for coverage."""

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from valueprism_build.errors import SettingsError


def register(db: DuckDBPyConnection, descriptions: Mapping[str, str]) -> None:
    """Note the points of view that are about to be asked from, by name.

    Raises:
        SettingsError: a name stands for another description here. What it brought could not be told from what it is
            about to bring, and it would not be asked from again, since it was before.
    """
    known = read(db)
    for name, description in descriptions.items():
        if known.get(name, description) != description:
            raise SettingsError(
                f"the point of view {name!r} of this warehouse is described as {known[name]!r}; "
                "give the new description another name under [coverage.points_of_view]"
            )
    db.executemany("INSERT OR IGNORE INTO point_of_view (name, description) VALUES (?, ?)", list(descriptions.items()))


def read(db: DuckDBPyConnection) -> dict[str, str]:
    """Return the description of each by its name, ordered by name."""
    return dict(db.execute("SELECT name, description FROM point_of_view ORDER BY name").fetchall())
