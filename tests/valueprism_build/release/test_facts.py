import pytest

from valueprism_build.errors import SettingsError
from valueprism_build.release.settings import ReleaseSettings


def test_a_number_out_of_range_is_named_with_its_value() -> None:
    with pytest.raises(SettingsError, match="rows_per_file is 0; give at least 1"):
        ReleaseSettings(rows_per_file=0)
    with pytest.raises(SettingsError, match="family_similarity is 0"):
        ReleaseSettings(family_similarity=0.0)
    with pytest.raises(SettingsError, match=r"family_cosine is -1\.1"):
        ReleaseSettings(family_cosine=-1.1)
    with pytest.raises(SettingsError, match=r"negative_cosine is 1\.1"):
        ReleaseSettings(negative_cosine=1.1)


def test_the_bounds_themselves_are_in_range() -> None:
    assert ReleaseSettings(rows_per_file=1, family_similarity=1.0, negative_cosine=-1.0).rows_per_file == 1
