import pytest

from valueprism_build.situations.near_duplicates import (
    Match,
    NearDuplicateIndex,
    band_rows,
    jaccard,
    shingles,
)


def test_jaccard_counts_common_shingles() -> None:
    # "abcde" -> abcd bcde; "abcdf" -> abcd bcdf: 1 common of 3
    assert jaccard(shingles("abcde"), shingles("abcdf")) == pytest.approx(1 / 3)
    assert shingles("ab") == {"ab"}


@pytest.mark.parametrize(("similarity", "rows"), [(0.6, 5), (0.7, 6), (1.0, 512)])
def test_bands_miss_a_pair_at_the_threshold_at_most_once_in_a_thousand(similarity: float, rows: int) -> None:
    # 0.6: 5 rows, 102 bands: (1 - 0.0778)^102 = 2.6e-4; 6 rows, 85 bands: (1 - 0.0467)^85 = 0.017, too many
    # 0.7: 6 rows, 85 bands: (1 - 0.1176)^85 = 2.4e-5; 7 rows, 73 bands: (1 - 0.0824)^73 = 0.0019, too many
    assert band_rows(similarity) == rows


def test_a_pair_exactly_at_the_threshold_matches() -> None:
    # "abcdefg" has 4 shingles, "abcdefgh" the same and one more: 4/5
    index = NearDuplicateIndex(0.8)
    index.add("abcdefgh")
    assert index.matches("ABCDEFG!") == [Match(0, 0.8)]
    assert index.matches("zzzz") == []
