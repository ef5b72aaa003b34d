from collections.abc import Iterator

import pytest
from duckdb import DuckDBPyConnection

from warehouse.connect import open_in_memory


@pytest.fixture
def db() -> Iterator[DuckDBPyConnection]:
    with open_in_memory() as connection:
        yield connection
