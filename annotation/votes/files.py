"""A study that was gathered elsewhere: a file of votes, and files that say who voted and on what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from annotation.votes.coding import REQUIRED, SECONDS, Gathered, Keep, code_votes
from annotation.votes.scales import Declared
from annotation.votes.text_table import read_text_table
from annotation.votes.traits import TraitTable, trait_table


@dataclass(frozen=True, slots=True)
class VoteFiles:
    """CSV or Parquet files.

    Attributes:
        votes: with columns item_id, annotator_id, question, answer and, perhaps, seconds.
        annotators: with column annotator_id, then one column per demographic.
        items: with column item_id, perhaps text, and one column per trait (type, valence, topic, teacher); or None.
        scales: of the questions whose answers are not to be found.
        keep: which of several answers of a person to one question about one item is the vote.
    """

    votes: Path
    annotators: Path
    items: Path | None = None
    scales: Mapping[str, Declared] = field(default_factory=dict)
    keep: Keep = Keep.FIRST


def read_votes(files: VoteFiles) -> Gathered:
    """Read the files and code the votes.

    Raises:
        SourceError: a file cannot be read or lacks a column.
        BuildError: a declared scale does not fit.
    """
    people = trait_table(read_text_table(files.annotators, ["annotator_id"]), "annotator_id")
    items = TraitTable()
    if files.items is not None:
        items = trait_table(read_text_table(files.items, ["item_id"]), "item_id", text="text")
    table = read_text_table(files.votes, REQUIRED, [SECONDS])
    return code_votes(table, people, items, files.scales, keep=files.keep)
