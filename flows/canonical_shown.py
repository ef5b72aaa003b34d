"""The canonical inventory and how good it is, as a person and a program are told."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import RenderableType

from flows.canonicalising import Audited, Canonicalised
from flows.tables import Data, Summary, table
from valueprism_build.considerations.comparison import Estimate


def of_canonical(found: Canonicalised) -> Summary:
    """Return what has moved, if anything has, and what the canonical inventory holds."""
    return Summary(_shown(found), asdict(found))


def canonical_line(found: Canonicalised) -> str:
    """Return the counts in one line."""
    return (
        f"canonical inventory: {found.wordings} wordings ({found.added} new) of {found.considerations} considerations, "
        f"{found.concerns} concerns"
    )


def of_audit(audited: Audited) -> Summary:
    """Return the pairs that the inventory got wrong, precision and recall, and what heeding the pairs came to."""
    quality = audited.quality
    wrong = [
        (pair.vrd_one, pair.one, pair.vrd_other, pair.other, "the same" if pair.same else "two")
        for pair in quality.wrong
    ]
    counts = f"{quality.pairs} judged pairs, {audited.blank} rows left blank"
    if quality.unknown:
        counts += f", {quality.unknown} pairs with a wording that is not here"
    shown = [
        *([table("judged otherwise", ("type", "one", "type", "other", "judged"), wrong)] if wrong else []),
        f"precision {_words(quality.precision)}, recall {_words(quality.recall)}: {counts}",
        *(_shown(audited.after) if audited.after else ["nothing stored"]),
    ]
    data: Data = {
        "precision": quality.precision and asdict(quality.precision),
        "recall": quality.recall and asdict(quality.recall),
        "pairs": quality.pairs,
        "unknown": quality.unknown,
        "blank": audited.blank,
        "wrong": [asdict(pair) for pair in quality.wrong],
        "inventory": audited.after and asdict(audited.after),
    }
    return Summary(shown, data)


def of_drawn_pairs(path: Path, pairs: int) -> Summary:
    """Return where the pairs to judge are."""
    line = f"{pairs} pairs in {path}: write yes or no under same, then `valueprism canonical audit --judgements {path}`"
    return Summary([line], {"path": str(path), "pairs": pairs})


def _shown(found: Canonicalised) -> Sequence[RenderableType]:
    moved = [(change.kind, change.vrd, change.text, change.reason) for change in found.changes]
    return [*([table("moved", ("kind", "type", "wording", "reason"), moved)] if moved else []), canonical_line(found)]


def _words(share: Estimate | None) -> str:
    return "unknown" if share is None else f"{share.share:.3f} (95 %: {share.low:.3f} to {share.high:.3f})"
