"""Datasets of the Hugging Face kind, in a folder or on the Hub. The only place that imports `datasets`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from valueprism_build.errors import SourceError

SAVED_DATASET: Final = "state.json"
SAVED_SPLITS: Final = "dataset_dict.json"


def dataset_rows(location: str, *, split: str, config: str | None = None) -> Iterator[Mapping[str, object]]:
    """Yield the rows of one split, streaming.

    Args:
        location: a folder (written by `save_to_disk`, or one that `load_dataset` reads), or `owner/name` on the Hub.
        split: the split to read; a folder that one dataset was saved in has none, and all of it is read.
        config: name of the configuration where the dataset has several.

    Raises:
        SourceError: it is no dataset, lacks the split, or breaks off on the way.
    """
    # Heavy (a second, and pandas with it), so only who reads a dataset pays for it.
    import datasets
    import pyarrow as pa

    folder = Path(location)
    read = 0
    try:
        if (folder / SAVED_DATASET).is_file():
            rows = datasets.Dataset.load_from_disk(location)
        elif (folder / SAVED_SPLITS).is_file():
            rows = datasets.DatasetDict.load_from_disk(location)[split]
        else:
            rows = datasets.load_dataset(location, config, split=split, streaming=True)
        for row in rows:
            read += 1
            yield row
    except (OSError, ValueError, KeyError, RuntimeError, pa.ArrowException, datasets.exceptions.DatasetsError) as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise SourceError(
            f"{location}: cannot be read as a dataset, split {split!r}, after {read} rows ({reason}); "
            "check its name, its files, the split and the configuration"
        ) from error
