import pytest
from duckdb import DuckDBPyConnection

from valueprism_build.errors import SettingsError
from warehouse import points_of_view


def test_points_of_view_are_noted_once_and_more_may_come(db: DuckDBPyConnection) -> None:
    points_of_view.register(db, {"elder": "An elder."})
    points_of_view.register(db, {"elder": "An elder.", "child": "A child."})
    assert list(points_of_view.read(db).items()) == [("child", "A child."), ("elder", "An elder.")]


def test_a_name_that_stands_for_another_description_is_refused_and_nothing_is_noted(db: DuckDBPyConnection) -> None:
    points_of_view.register(db, {"elder": "An elder."})
    with pytest.raises(SettingsError, match="'elder' of this warehouse is described as 'An elder"):
        points_of_view.register(db, {"child": "A child.", "elder": "An old neighbour."})
    assert points_of_view.read(db) == {"elder": "An elder."}
