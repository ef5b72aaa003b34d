"""One row per person or item to traits: a column is one, its values are the categories."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from annotation.votes.coded_votes import NONE, Trait
from annotation.votes.text_table import TextTable
from valueprism_build.records import Rejected, Stage

UNSTATED: Final = ("prefer not to say",)
CATEGORIES_AT_MOST: Final = 100
LABEL_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class TraitTable:
    """People or items, and what is known of them.

    Attributes:
        ids: in the order of the file.
        texts: of the column that tells each in words, if there is one.
        traits: one for each further column.
        rejected: rows and columns that are not in it.
    """

    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    traits: tuple[Trait, ...] = ()
    rejected: tuple[Rejected, ...] = ()


def trait_table(
    table: TextTable,
    key: str,
    *,
    text: str = "",
    unstated: Collection[str] = UNSTATED,
    categories_at_most: int = CATEGORIES_AT_MOST,
    label_at_most: int = LABEL_AT_MOST,
) -> TraitTable:
    """Code every column but the key and the text.

    Of rows with the same key the first counts. Refused are a row without a key (`missing_id`), a second row of one key
    (`second_row`), a row with a label that is too long (`long_category`), and a whole column, whose `Rejected` names
    the column in place of a row, with too many categories (`too_many_categories`): that is a text or a measure.

    Args:
        table: all columns of the file.
        key: the column of ids.
        text: a column that tells each in words, "" for none.
        unstated: values, in lower case, that say nothing of a person; so does an empty one.
        categories_at_most: of a column.
        label_at_most: characters of a category's name.
    """
    names = [name for name in table.columns if name not in (key, text)]
    table = table.without(_equal(table.columns[key], ""), "missing_id", f"has nothing in column {key!r}")
    for name in names:
        long = pc.greater(pc.utf8_length(table.columns[name]), label_at_most).to_numpy(zero_copy_only=False)
        table = table.without(long, "long_category", f"has more than {label_at_most} characters in column {name!r}")
    second = np.ones(len(table.number), dtype=np.bool_)
    second[np.unique(table.columns[key].dictionary_encode().indices.to_numpy(), return_index=True)[1]] = False
    table = table.without(second, "second_row", "is not the first of {}; the first one counts", key)
    traits, rejected = [], []
    for name in names:
        trait = _trait(name, table.columns[name], unstated)
        if len(trait.categories) <= categories_at_most:
            traits.append(trait)
            continue
        detail = f"column {name!r} has {len(trait.categories)} categories, at most {categories_at_most}; group them"
        rejected.append(Rejected(f"{table.source}:{name}", Stage.READ, "too_many_categories", detail))
    texts = table.columns[text].to_pylist() if text in table.columns else []
    ids = table.columns[key].to_pylist()
    return TraitTable(tuple(ids), tuple(texts), tuple(traits), (*table.rejected, *rejected))


def widened(trait: Trait, size: int) -> Trait:
    """Return the trait for a list of people or items that goes on after those who have it."""
    codes = np.full(size, NONE, dtype=np.int32)
    codes[: len(trait.codes)] = trait.codes
    return Trait(trait.name, trait.categories, codes)


def _trait(name: str, column: pa.Array, unstated: Collection[str]) -> Trait:
    encoded = column.dictionary_encode()
    values: Sequence[str] = encoded.dictionary.to_pylist()
    categories = sorted(value for value in values if value and value.casefold() not in unstated)
    place = {category: code for code, category in enumerate(categories)}
    code_of = np.array([place.get(value, NONE) for value in values] or [NONE], dtype=np.int32)
    return Trait(name, tuple(categories), code_of[encoded.indices.to_numpy()])


def _equal(column: pa.Array, value: str) -> NDArray[np.bool_]:
    equal: NDArray[np.bool_] = pc.equal(column, value).to_numpy(zero_copy_only=False)
    return equal
