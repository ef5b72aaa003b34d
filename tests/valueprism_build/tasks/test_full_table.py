import pyarrow as pa
import pytest

from tests.valueprism_build.tasks.full_rows import full_table
from valueprism_build.errors import ReleaseError
from valueprism_build.tasks.full_table import FULL_SCHEMA, checked

FULL = full_table({"Do a pushup": ["Value: Health", "Right: Right to rest"]})


def test_a_right_table_comes_back_in_the_order_of_the_schema_without_further_columns() -> None:
    odd = FULL.append_column("note", pa.array(["a", "b"])).select(["note", *reversed(FULL_SCHEMA.names)])
    assert checked(odd).schema == FULL_SCHEMA


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ReleaseError, match="no column 'licence'"):
        checked(FULL.drop_columns(["licence"]))


def test_a_column_of_another_type_is_named_with_both_types() -> None:
    position = FULL.schema.get_field_index("position")
    wide = FULL.set_column(position, "position", FULL["position"].cast(pa.int64()))
    with pytest.raises(ReleaseError, match="'position' of the full table is int64; make it int32"):
        checked(wide)


def test_a_null_where_none_may_be_is_named_and_counted() -> None:
    text = FULL.schema.get_field_index("text")
    holed = FULL.set_column(text, "text", pa.array(["Health", None]))
    with pytest.raises(ReleaseError, match="'text' of the full table is null in 1 of 2 rows"):
        checked(holed)
