"""The rows of the config `agreement`, and the tables that rows on disk were made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from valueprism_build.ids import agreement_id
from valueprism_build.release.agreement.counted import Counted

CONFIG: Final = "agreement"
EVERYBODY: Final = "all"
"""The demographic and the group of the rows about all who answered."""
OTHERS: Final = "Other or undisclosed"
"""The group of all who are in none that is named."""
_TEXT: Final = pa.string()
AGREEMENT_SCHEMA: Final = pa.schema(
    [
        pa.field("agreement_id", _TEXT),
        pa.field("campaign", _TEXT),
        pa.field("question", _TEXT),
        pa.field("asked", _TEXT),  # the question's wording
        pa.field("situation_id", _TEXT),
        pa.field("situation", _TEXT),
        pa.field("consideration_id", _TEXT),  # null, like the next three, where the question is about the situation
        pa.field("vrd", _TEXT),
        pa.field("text", _TEXT),
        pa.field("valence", _TEXT),
        pa.field("demographic", _TEXT),
        pa.field("group", _TEXT),
        pa.field("members", pa.list_(_TEXT)),  # the categories of the demographic that the group holds
        pa.field("answer", _TEXT),
        pa.field("answers", pa.list_(_TEXT)),  # which the row counts together
        pa.field("count", pa.int64()),
        pa.field("people", pa.int64()),  # of the group, who answered
        pa.field("share", pa.float64()),  # count / people
        pa.field("since", _TEXT),  # the version that these counts are from
    ]
)


class UnitKey(NamedTuple):
    """A question about something, in a campaign."""

    campaign: str
    question: str
    subject_id: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about, as people saw it; the last four are None where it is the situation."""

    situation_id: str
    situation: str
    consideration_id: str | None = None
    vrd: str | None = None
    text: str | None = None
    valence: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """The tables of one question about something.

    Attributes:
        tables: by demographic; that of everybody is called `EVERYBODY` and has one row.
        members: the categories of each group of each demographic.
    """

    key: UnitKey
    asked: str
    subject: Subject
    tables: Mapping[str, Counted]
    members: Mapping[str, Mapping[str, tuple[str, ...]]]
    since: str


def to_arrow(units: Sequence[Unit]) -> pa.Table:
    """Return their rows, shape and types as `AGREEMENT_SCHEMA`."""
    return pa.Table.from_pylist([row for unit in units for row in _rows(unit)], AGREEMENT_SCHEMA)


def _rows(unit: Unit) -> list[dict[str, object]]:
    subject = {name: getattr(unit.subject, name) for name in Subject.__dataclass_fields__}
    rows = []
    for demographic, table in unit.tables.items():
        groups = (EVERYBODY,) if demographic == EVERYBODY else (*table.named, OTHERS)
        for group, counts in zip(groups, table.counts.tolist(), strict=True):
            for answers, count in zip(table.classes, counts, strict=True):
                answer = " or ".join(answers)
                rows.append(
                    {
                        "agreement_id": agreement_id(*unit.key, demographic, group, answer),
                        **unit.key._asdict(),
                        "asked": unit.asked,
                        **subject,
                        "demographic": demographic,
                        "group": group,
                        "members": unit.members[demographic][group],
                        "answer": answer,
                        "answers": answers,
                        "count": count,
                        "people": sum(counts),
                        "share": count / sum(counts),
                        "since": unit.since,
                    }
                )
    return rows


def from_arrow(rows: pa.Table) -> dict[UnitKey, Unit]:
    """Return the units that rows were made of; what they say is not checked.

    Args:
        rows: columns of `AGREEMENT_SCHEMA`.
    """
    of_unit: dict[UnitKey, list[dict[str, object]]] = {}
    for row in rows.to_pylist():
        subject_id = row["consideration_id"] or row["situation_id"]
        of_unit.setdefault(UnitKey(row["campaign"], row["question"], subject_id), []).append(row)
    return {key: _unit(key, found) for key, found in of_unit.items()}


def _unit(key: UnitKey, rows: Sequence[Mapping[str, object]]) -> Unit:
    by_demographic: dict[str, list[Mapping[str, object]]] = {}
    for row in rows:
        by_demographic.setdefault(str(row["demographic"]), []).append(row)
    first = rows[0]
    texts = {name: None if first[name] is None else str(first[name]) for name in Subject.__dataclass_fields__}
    return Unit(
        key,
        str(first["asked"]),
        Subject(**texts),  # type: ignore[arg-type] # a situation has its id and text in every row
        {demographic: _table(demographic, mine) for demographic, mine in by_demographic.items()},
        {
            demographic: {str(row["group"]): _texts(row["members"]) for row in mine}
            for demographic, mine in by_demographic.items()
        },
        str(first["since"]),
    )


def _table(demographic: str, rows: Sequence[Mapping[str, object]]) -> Counted:
    classes = tuple(dict.fromkeys(_texts(row["answers"]) for row in rows))
    last = EVERYBODY if demographic == EVERYBODY else OTHERS
    named = tuple(dict.fromkeys(str(row["group"]) for row in rows if row["group"] != last))
    counts = np.zeros((len(named) + 1, len(classes)), dtype=np.int64)
    for row in rows:
        place = named.index(str(row["group"])) if row["group"] != last else len(named)
        counts[place, classes.index(_texts(row["answers"]))] += int(str(row["count"]))
    return Counted(named, classes, counts)


def _texts(listed: object) -> tuple[str, ...]:
    return tuple(map(str, listed)) if isinstance(listed, list | tuple) else ()
