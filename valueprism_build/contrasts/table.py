"""The contrasts of a release, found and asked for, one row each."""

from collections.abc import Mapping, Sequence, Set
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from valueprism_build.contrasts.asked import Contrast
from valueprism_build.contrasts.found import Boards, Found, choose
from valueprism_build.contrasts.sides import Sides, sides_of
from valueprism_build.embedding import Encoder, Vectors
from valueprism_build.ids import contrast_id
from valueprism_build.records import Canonical, Rejected, Stage, Valence, Vrd
from valueprism_build.situations.rows import Trouble

FOUND: Final = "found"
ASKED: Final = "asked"
# Of two situations a, b and two considerations x, y: what x is to a, y to a, x to b, y to b.
CELLS: Final = ("ax", "ay", "bx", "by")
JUDGED: Final = (
    "situation",
    "situation_id",
    "vrd",
    "canonical_id",
    "text",
    "valence",
    "explanation",
    "consideration_id",
)
PROVENANCE: Final = ("verified", "teacher", "model", "prompt_version", "request_hash", "output_licence", "may_train")
_TEXT: Final = pa.string()

Row: TypeAlias = dict[str, object]
"""Column -> value, of the full table or of this one."""

CONTRAST_SCHEMA: Final = pa.schema(
    [
        pa.field("contrast_id", _TEXT),
        pa.field("origin", _TEXT),  # found in the data, or asked for: b is a, changed
        pa.field("verified", pa.bool_()),  # of an asked one: did a fresh list about b bear it out? null: it is open
        pa.field("teacher", _TEXT),  # who changed a; null where nobody did, likewise the next five
        pa.field("model", _TEXT),
        pa.field("prompt_version", _TEXT),
        pa.field("request_hash", _TEXT),
        pa.field("output_licence", _TEXT),  # of what that teacher replies; found ones are on the terms of their rows
        pa.field("may_train", pa.bool_()),
        pa.field("split", _TEXT),  # of both situations
        pa.field("unseen_considerations", _TEXT),  # of both considerations; null where they lie in two parts
        pa.field("cosine", pa.float32()),  # of the situations
        *(pa.field(f"situation_{one}{suffix}", _TEXT) for suffix in ("", "_id") for one in "ab"),
        *(pa.field(f"{name}_{one}", _TEXT) for one in "xy" for name in ("vrd", "canonical_id")),
        *(pa.field(f"{name}_{cell}", _TEXT) for cell in CELLS for name in ("text", "valence", "explanation")),
        *(pa.field(f"consideration_id_{cell}", _TEXT) for cell in CELLS),  # null where `full` has no such row
    ]
)


class Contrasts(NamedTuple):
    """The contrasts of a release, and what is left out of it.

    Attributes:
        rows: shape and types as `CONTRAST_SCHEMA`; asked ones first.
        found: all that the data holds, before those that were asked for are taken out.
        rejected: one for each that was asked for and is not among the rows.
    """

    rows: pa.Table
    found: Found
    rejected: list[Rejected]


def build(
    full: pa.Table, asked: Sequence[Contrast], canonicals: Sequence[Canonical], encoder: Encoder, *, most: int
) -> Contrasts:
    """Return the contrasts of a table.

    One that was asked for is left out, and rejected, where the list of its origin has not the two on their sides any
    more (origin_changed), where its situations lie in two splits (two_splits), and where it is there already
    (repeated).

    Args:
        full: the full table with its two splits.
        asked: those that a teacher made, in an order that is always the same.
        canonicals: with the wordings of all of them.
        encoder: embeds the situations.
        most: found contrasts of any two considerations; the nearest situations are kept.
    """
    sides = sides_of(full)
    rejected: list[Rejected] = []
    rows = _asked(full, sides, asked, canonicals, encoder, rejected)
    boards = Boards(sides)
    on_boards = full.select(["situation", "split"]).take(pa.array(sides.first[boards.situations]))
    splits = np.array(on_boards["split"].to_pylist(), object)
    found = choose(boards, _encoded(encoder, on_boards["situation"].to_pylist()), splits, most=most)
    parts = dict(zip(full["canonical_id"].to_pylist(), full["unseen_considerations"].to_pylist(), strict=True))
    known = {row["contrast_id"] for row in rows}
    rows += [row for row in _found(full, found.rows) if row["contrast_id"] not in known]
    rows = [row | {"unseen_considerations": _shared_part(parts, row)} for row in rows]
    return Contrasts(pa.Table.from_pylist(rows, CONTRAST_SCHEMA), found, rejected)


def _shared_part(parts: Mapping[str, str], row: Row) -> str | None:
    """Return the part that holds both considerations, null where none does: who trains on one has seen half of it."""
    x, y = (parts.get(str(row[f"canonical_id_{one}"])) for one in "xy")
    return x if x == y else None


def _encoded(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    return encoder.encode(texts) if texts else np.empty((0, 0), np.float32)


def _found(full: pa.Table, chosen: pd.DataFrame) -> list[Row]:
    judged = full.select(JUDGED)
    cells = {cell: judged.take(pa.array(chosen[f"row_{cell}"].to_numpy(np.int64))).to_pylist() for cell in CELLS}
    splits = full["split"].take(pa.array(chosen["row_ax"].to_numpy(np.int64))).to_pylist()
    rows = []
    for number, cosine in enumerate(chosen["cosine"]):
        of_row = {cell: held[number] for cell, held in cells.items()}
        rows.append(_row(of_row, {"origin": FOUND, "split": splits[number], "cosine": cosine}))
    return rows


def _asked(
    full: pa.Table,
    sides: Sides,
    asked: Sequence[Contrast],
    canonicals: Sequence[Canonical],
    encoder: Encoder,
    rejected: list[Rejected],
) -> list[Row]:
    """Return the rows of those that were asked for, and reject the others."""
    if not asked:
        return []
    held = _Held(full, sides, canonicals, {id_ for one in asked for id_ in (one.origin_id, one.situation_id)})
    rows: dict[str, Row] = {}
    for contrast in asked:
        made = held.row(contrast)
        if not isinstance(made, Trouble) and made["contrast_id"] in rows:
            made = Trouble("repeated", f"the same as {made['contrast_id']}: {contrast.situation!r}")
        if isinstance(made, Trouble):
            rejected.append(Rejected(contrast.request_hash, Stage.CONTRAST, made.rule, made.detail))
        else:
            rows[str(made["contrast_id"])] = made
    texts = [str(row[name]) for name in ("situation_a", "situation_b") for row in rows.values()]
    vectors = _encoded(encoder, texts)
    cosines = np.einsum("ij,ij->i", vectors[: len(rows)], vectors[len(rows) :])
    return [row | {"cosine": float(cosine)} for row, cosine in zip(rows.values(), cosines, strict=True)]


class _Held:
    """What the table says about the situations of contrasts that were asked for."""

    def __init__(self, full: pa.Table, sides: Sides, canonicals: Sequence[Canonical], ids: Set[str]) -> None:
        self._members = {(one.vrd, text): one.id for one in canonicals for text in one.members}
        numbers = [number for number, id_ in enumerate(sides.situations) if id_ in ids]
        frame = sides.frame[sides.frame["situation"].isin(numbers)]
        judged = full.select(JUDGED).take(pa.array(frame["row"].to_numpy(np.int64))).to_pylist()
        self._cells: dict[tuple[str, str], Row] = {(row["situation_id"], row["canonical_id"]): row for row in judged}
        splits = full["split"].take(pa.array(sides.first[numbers])).to_pylist()
        self._splits = {sides.situations[number]: split for number, split in zip(numbers, splits, strict=True)}

    def row(self, contrast: Contrast) -> Row | Trouble:
        """Return the row of a contrast, without its cosine, or why it has none."""
        a, b = contrast.origin_id, contrast.situation_id
        x = self._members.get((Vrd(contrast.vrd_x), contrast.text_x), "")
        y = self._members.get((Vrd(contrast.vrd_y), contrast.text_y), "")
        ax, ay = self._cells.get((a, x), {}), self._cells.get((a, y), {})
        if (ax.get("valence"), ay.get("valence")) != (Valence.SUPPORTS, Valence.OPPOSES):
            names = f"{contrast.text_x!r} for it and {contrast.text_y!r} against it"
            return Trouble("origin_changed", f"situation {a} has not {names} any more")
        split = self._splits[a]
        if self._splits.get(b, split) != split:
            return Trouble("two_splits", f"situation {a} is in {split}, {b} in {self._splits[b]}")
        bx = self._changed(contrast, x, contrast.text_x, contrast.explanation_x, Valence.OPPOSES)
        by = self._changed(contrast, y, contrast.text_y, contrast.explanation_y, Valence.SUPPORTS)
        told: Row = {"origin": ASKED, "split": split}
        told |= {name: getattr(contrast, name) for name in PROVENANCE}
        return _row({"ax": ax, "ay": ay, "bx": bx, "by": by}, told)

    def _changed(self, contrast: Contrast, canonical_id: str, text: str, explanation: str, valence: Valence) -> Row:
        """Return a judgement of the changed situation as it was made with it; the list about it may bear it out."""
        listed = self._cells.get((contrast.situation_id, canonical_id), {})
        borne_out = listed["consideration_id"] if listed.get("valence") == valence else None
        return {
            "situation": contrast.situation,
            "situation_id": contrast.situation_id,
            "text": text,
            "valence": str(valence),
            "explanation": explanation,
            "consideration_id": borne_out,
        }


def _row(cells: Mapping[str, Row], told: Row) -> Row:
    """Return one row of `CONTRAST_SCHEMA` of the judgements in its four cells; what is not told is null."""
    row = dict(told)
    for one, cell in (("a", "ax"), ("b", "bx")):
        row |= {f"situation_{one}": cells[cell]["situation"], f"situation_{one}_id": cells[cell]["situation_id"]}
    for one, cell in (("x", "ax"), ("y", "ay")):
        row |= {f"{name}_{one}": cells[cell][name] for name in ("vrd", "canonical_id")}
    for cell, judged in cells.items():
        row |= {f"{name}_{cell}": judged[name] for name in ("text", "valence", "explanation", "consideration_id")}
    names = ("situation_a_id", "canonical_id_x", "situation_b_id", "canonical_id_y")
    row["contrast_id"] = contrast_id(*(str(row[name]) for name in names))
    return row
