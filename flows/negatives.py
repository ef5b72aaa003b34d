"""Negatives to a person and back: are they irrelevant to the situations that they stand for?"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from flows.grouping import families_now
from flows.negative_checking import checking
from flows.settings import Settings
from flows.storage import Storage
from flows.tables import Data, Summary, table
from valueprism_build.errors import BuildError
from valueprism_build.release.create import with_negatives
from valueprism_build.tasks.negative_audit import FalseNegatives, measure, read_judged, sample, write_pairs
from warehouse import canonical
from warehouse.release_rows import releasable


def drawn_pairs(settings: Settings, path: Path, *, pairs: int, seed: int, check_negatives: str | None = None) -> int:
    """Write negatives that a release of the whole warehouse would have, and return how many.

    Args:
        settings: as of the release.
        path: of the CSV file.
        pairs: at most.
        seed: of their choice.
        check_negatives: the teacher that checks them before; what the journal holds is not asked again.

    Raises:
        BuildError: there is no warehouse, no negative, or the file cannot be written.
    """
    storage = Storage(settings)
    with storage.open(read_only=True) as db:
        canonicals = canonical.read(db).inventory.canonicals()
        rows = releasable(db, teacher=None)
    families, encoder = families_now(settings), storage.encoder()
    with checking(settings, check_negatives) as checker:
        full, drawn = with_negatives(rows, canonicals, families, encoder, settings.release, checker)
    chosen = sample(full, drawn, pairs=pairs, rng=np.random.default_rng(seed))
    if not chosen:
        raise BuildError(f"no negative can be drawn in {settings.warehouse}; build more situations first")
    write_pairs(path, chosen)
    return len(chosen)


def audited(path: Path) -> Sequence[FalseNegatives]:
    """Return how many of the judged negatives are relevant, by grade.

    Raises:
        BuildError: the file cannot be used, or nothing in it is judged.
    """
    found = measure(read_judged(path))
    if not found:
        raise BuildError(f"nothing in {path} is judged; write yes or no under relevant")
    return found


def of_drawn_pairs(path: Path, pairs: int) -> Summary:
    """Return where the pairs to judge are."""
    line = f"{pairs} pairs in {path}: write yes or no under relevant, then `valueprism negatives audit --judged {path}`"
    return Summary([line], {"path": str(path), "pairs": pairs})


def of_audit(found: Sequence[FalseNegatives]) -> Summary:
    """Return the rates of false negatives."""
    cells = [
        (grade, judged, relevant, f"{rate.share:.1%}", f"{rate.low:.1%} to {rate.high:.1%}")
        for grade, judged, relevant, rate in found
    ]
    shown = table("relevant after all", ("grade", "judged", "relevant", "share", "95 %"), cells)
    data: Data = {
        each.grade: {"judged": each.judged, "relevant": each.relevant, "rate": asdict(each.rate)} for each in found
    }
    return Summary([shown], data)
