"""Checks that a release passes before anything of it is written. Each looks at all rows and says what it saw."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from valueprism_build.errors import ReleaseError
from valueprism_build.records import Valence, Vrd
from valueprism_build.release.agreement import attack
from valueprism_build.release.facts import Draft, Gate

DEMONSTRATION_TEACHER: Final = "local"
NO_LICENCE: Final = ("", "unknown", "noassertion", "none")
FILLED: Final = ("situation", "vrd", "text", "explanation", "valence", "situation_id", "consideration_id", "teacher")


def has_rows(draft: Draft) -> Gate:
    """There is something to release."""
    return Gate("has_rows", draft.full.num_rows > 0, f"{draft.full.num_rows} considerations")


def no_blank_fields(draft: Draft) -> Gate:
    """No text that a reader needs is blank."""
    blank = {name: _count(pc.equal(pc.utf8_trim_whitespace(draft.full[name]), "")) for name in FILLED}
    found = [f"{name} in {count} rows" for name, count in blank.items() if count]
    return Gate("no_blank_fields", not found, "blank: " + ", ".join(found) if found else "none blank")


def known_labels(draft: Draft) -> Gate:
    """Types and valences are those of the vocabulary."""
    foreign = _others(draft.full["vrd"], list(Vrd)) + _others(draft.full["valence"], list(Valence))
    return Gate("known_labels", not foreign, "unknown: " + ", ".join(foreign) if foreign else "all known")


def keys_unique(draft: Draft) -> Gate:
    """A consideration is in the full table once, and in each task once for each situation."""
    tables = {"full": (draft.full, ["consideration_id"])}
    tables["mixture"] = (draft.task_sets["mixture"], ["task", "situation_id", "consideration_id"])
    extra = {name: table.num_rows - _distinct(table, keys) for name, (table, keys) in tables.items()}
    found = [f"{count} rows of {name} repeat a key" for name, count in extra.items() if count]
    return Gate("keys_unique", not found, ", ".join(found) or "no key twice")


def teacher_grade(draft: Draft) -> Gate:
    """No row is the work of the demonstration teacher: no consideration, no situation, no contrast."""
    full, contrasts = draft.full, draft.contrasts.rows
    listed = full["teacher"].to_pylist(), full["situation_teachers"].to_pylist()
    count = sum(DEMONSTRATION_TEACHER in (teacher, *writers) for teacher, writers in zip(*listed, strict=True))
    asked = _count(pc.equal(contrasts["teacher"], DEMONSTRATION_TEACHER))
    found = f"{count} of {full.num_rows} rows" + (f" and {asked} of {contrasts.num_rows} contrasts" if asked else "")
    detail = f"{found} are by {DEMONSTRATION_TEACHER!r}, the demonstration teacher"
    return Gate("teacher_grade", count + asked == 0, detail)


def training_allowed(draft: Draft) -> Gate:
    """No row and no contrast is by a teacher on whose output no model may be trained, nor its situation."""
    contrasts = draft.contrasts.rows
    tables = (draft.full, contrasts.filter(pc.is_valid(contrasts["teacher"])))
    forbidden = _teachers(table.filter(pc.equal(table["may_train"], False)) for table in tables)
    unsaid = _teachers(table.filter(pc.is_null(table["may_train"])) for table in tables)
    details = [f"no model may be trained on the rows of {forbidden}"] if forbidden else []
    details += [f"nobody has said whether one may on those of {unsaid} (may_train)"] if unsaid else []
    return Gate("training_allowed", not forbidden, "; ".join(details) or "training is allowed on all rows")


def licences_known(draft: Draft) -> Gate:
    """Every situation says under which licence it came."""
    unknown = pc.is_in(pc.utf8_lower(draft.full["licence"]), value_set=pa.array(NO_LICENCE))
    sources = sorted(draft.full.filter(unknown)["source"].unique().to_pylist())
    detail = "no licence known for source " + ", ".join(sources) if sources else "every source has one"
    return Gate("licences_known", not sources, detail)


def split_leakage(draft: Draft) -> Gate:
    """No situation, no family of near-duplicates and, where considerations are held out, none of them in two splits."""
    found = []
    held_out = (
        ("situation_id", "split", "situations"),
        ("family_id", "split", "families"),
        ("canonical_id", "unseen_considerations", "considerations"),
    )
    for column, split, noun in held_out:
        for name, table in {"full": draft.full, **draft.task_sets}.items():
            if column in table.column_names:
                leaks = _distinct(table, [column, split]) - _distinct(table, [column])
                found += [f"{leaks} {noun} of {name} in two splits"] if leaks else []
    return Gate("split_leakage", not found, ", ".join(found) or "none in two splits")


def task_counts(draft: Draft) -> Gate:
    """From n considerations n valence, generative and explanation rows; 2 relevance rows for each with a negative."""
    n, short = draft.full.num_rows, len(draft.rejected)
    relevance = 2 * (n - short)
    due = {"generative": n, "valence": n, "explanation": n, "relevance": relevance}
    due |= {"mixture": 3 * n + relevance, "chat": 3 * n + relevance}
    wrong = [
        f"{name} has {draft.task_sets[name].num_rows} rows, not {rows}"
        for name, rows in due.items()
        if draft.task_sets[name].num_rows != rows
    ]
    right = f"{n} considerations make {3 * n + relevance} rows; {short} have no negative"
    return Gate("task_counts", not wrong, ", ".join(wrong) or right)


def negatives_foreign(draft: Draft) -> Gate:
    """No "No" of the relevance task is, but for case, one of the situation's own considerations."""
    rows = draft.task_sets["relevance"]
    no = rows.filter(pc.equal(rows["output"], "No"))
    own = pc.sum(pc.is_in(_named(no), value_set=_named(draft.full))).as_py() or 0
    return Gate("negatives_foreign", own == 0, f"{own} of {no.num_rows} negatives are the situation's own")


def k_anonymity(draft: Draft) -> Gate:
    """Nobody who has this version and all before it can tell of any answer that fewer than k people gave it."""
    told = draft.agreement
    if told is None:
        return Gate("k_anonymity", passed=True, detail="nothing is told of people")
    found = attack.exposed([*told.earlier, told.rows], told.k)
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    right = f"{told.rows.num_rows} counts, and what follows from them, are of {told.k} people or more"
    return Gate("k_anonymity", not found, found[0] + more if found else right)


GATES: Final[tuple[Callable[[Draft], Gate], ...]] = (
    has_rows,
    no_blank_fields,
    known_labels,
    keys_unique,
    teacher_grade,
    training_allowed,
    licences_known,
    split_leakage,
    task_counts,
    negatives_foreign,
    k_anonymity,
)
NAMES: Final = tuple(gate.__name__ for gate in GATES)
NEVER_WAIVED: Final = frozenset({"k_anonymity"})
"""What people were promised is not for a releaser to waive."""


def refuse_unknown(waived: frozenset[str]) -> None:
    """Refuse to waive what is no gate, or must not be waived.

    Raises:
        ReleaseError: a name is none of `NAMES`, or one of `NEVER_WAIVED`.
    """
    unknown = sorted(waived - set(NAMES))
    if unknown:
        raise ReleaseError(f"no gate is called {', '.join(unknown)}; gates are {', '.join(NAMES)}")
    if held := sorted(waived & NEVER_WAIVED):
        raise ReleaseError(f"{held[0]} keeps what people were promised; leave out --waive {held[0]}")


def inspect(draft: Draft, waived: frozenset[str]) -> tuple[Gate, ...]:
    """Return the result of every gate; a red one whose name is waived is marked so."""
    results = (gate(draft) for gate in GATES)
    return tuple(replace(gate, waived=not gate.passed and gate.name in waived) for gate in results)


def refuse_red(gates: Sequence[Gate]) -> None:
    """Stop a release that must not be made.

    Raises:
        ReleaseError: a gate is red and not waived; one line lists them all.
    """
    red = [gate for gate in gates if not gate.passed and not gate.waived]
    if red:
        reasons = "; ".join(f"{gate.name} ({gate.detail})" for gate in red)
        held = [gate.name for gate in red if gate.name in NEVER_WAIVED]
        flags = " ".join(f"--waive {gate.name}" for gate in red)
        way = f"{', '.join(held)} cannot be waived" if held else f"or release all the same with {flags}"
        raise ReleaseError(f"red gates: {reasons}. Mend the rows, {way}")


def _count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)


def _teachers(tables: Iterable[pa.Table]) -> str:
    """Return whose words the rows are, those of their situations among them."""
    names: set[str] = set()
    for rows in tables:
        names |= set(rows["teacher"].to_pylist())
        if "situation_teachers" in rows.column_names:
            names |= set(pc.list_flatten(rows["situation_teachers"]).to_pylist())
    return ", ".join(sorted(names))


def _others(column: pa.ChunkedArray, known: Sequence[str]) -> list[str]:
    return sorted({repr(value) for value in column.unique().to_pylist()} - {repr(str(value)) for value in known})


def _distinct(table: pa.Table, columns: Sequence[str]) -> int:
    return int(table.group_by(list(columns)).aggregate([]).num_rows)


def _named(table: pa.Table) -> pa.Array:
    parts = [table["situation_id"], table["vrd"], pc.utf8_lower(table["text"])]
    return pc.binary_join_element_wise(*parts, "\x1f").combine_chunks()
