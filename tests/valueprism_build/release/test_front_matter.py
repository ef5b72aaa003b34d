import pyarrow as pa
import pytest

from tests.valueprism_build.tasks.full_rows import full_table
from valueprism_build.release import front_matter

FULL = full_table({"Do a pushup": ["Value: Health"]}, licence="CC-BY-4.0")


def test_the_head_names_licence_language_size_and_the_files_of_each_config() -> None:
    head = front_matter.render('A "title": odd', FULL, {"full": ["train"], "valence": ["train", "val"]}).splitlines()
    assert head[0] == head[-1] == "---"
    assert 'pretty_name: "A \\"title\\": odd"' in head
    assert head[head.index("license:") + 1] == '- "cc-by-4.0"'
    assert head[head.index("language:") + 1] == '- "en"'
    assert head[head.index("size_categories:") + 1] == '- "n<1K"'
    assert head[head.index("configs:") + 1 : -1] == [
        "- config_name: full",
        "  default: true",
        "  data_files:",
        "  - split: train",
        "    path: data/full/train-*.parquet",
        "- config_name: valence",
        "  data_files:",
        "  - split: train",
        "    path: data/valence/train-*.parquet",
        "  - split: val",
        "    path: data/valence/val-*.parquet",
    ]


@pytest.mark.parametrize(
    ("rows", "size"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (1_000_000, "1M<n<10M"), (999_999, "100K<n<1M")]
)
def test_sizes_begin_at_their_lower_bound(rows: int, size: str) -> None:
    table = pa.table({"licence": pa.repeat("MIT", rows), "language": pa.repeat("en", rows)})
    assert f'- "{size}"' in front_matter.render("t", table, {}).splitlines()
