"""What a command says at its end: tables for a person, plain data for a program."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from flows.build import Built
from flows.doctor import Finding
from flows.release import ReleaseView
from warehouse.runs import StageCount
from warehouse.status import RuleCount, Status

Data: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of a command.

    Attributes:
        shown: what a person reads, in order.
        data: what `--json` prints.
    """

    shown: Sequence[RenderableType]
    data: Data


def of_build(built: Built) -> Summary:
    """Return the funnel of the run that ended."""
    funnel = built.funnel()
    asked = built.asked
    line = (
        f"run {built.run_id}: {len(built.collected.ids)} situations, {asked.answered} asked, {asked.cached} known, "
        f"{built.derived.kept} considerations, {asked.prompt_tokens + asked.completion_tokens} tokens"
    )
    data: Data = {
        "run_id": built.run_id,
        "situations": len(built.collected.ids),
        "asked": asked.answered,
        "known": asked.cached,
        "considerations": built.derived.kept,
        "prompt_tokens": asked.prompt_tokens,
        "completion_tokens": asked.completion_tokens,
        "funnel": _funnel_data(funnel),
    }
    return Summary([_funnel(funnel), line], data)


def of_status(status: Status) -> Summary:
    """Return everything that the warehouse knows about itself."""
    totals = status.totals
    line = (
        f"{totals.situations} situations ({totals.pending} without considerations), {totals.answers} answers, "
        f"{totals.considerations} considerations ({totals.conflicts} in conflict), {totals.rejected} rejected"
    )
    kinds = _table("considerations", ("teacher", "type", "valence", "rows"), status.kinds)
    teachers = _table(
        "teachers",
        ("teacher", "model", "answers", "rows", "tokens in", "tokens out", "US$", "unpriced"),
        ((*use[:6], f"{use.cost:.4f}", use.unpriced) for use in status.teachers),
    )
    last_runs = _table(
        "last runs",
        ("run", "command", "started", "finished", "code", "outcome"),
        (
            (run.run_id, run.command, f"{run.started_at:%Y-%m-%d %H:%M:%S}", _ending(run.finished_at), run.code_version,
             run.outcome or "running or killed")
            for run in status.runs
        ),
    )  # fmt: skip
    data: Data = {
        "totals": totals._asdict(),
        "funnel": _funnel_data(status.funnel),
        "rejected": [row._asdict() for row in status.rejected],
        "kinds": [row._asdict() for row in status.kinds],
        "teachers": [row._asdict() for row in status.teachers],
        "runs": [row._asdict() for row in status.runs],
    }
    return Summary([_funnel(status.funnel), _rules(status.rejected), kinds, teachers, last_runs, line], data)


def of_release(view: ReleaseView) -> Summary:
    """Return where the release lies, its counts and a few of its rows."""
    release = view.release
    counts = _table("rows", ("config", "split", "rows"), ((c.config, c.split, c.rows) for c in release.counts))
    results = [(gate.name, _result(gate.passed, gate.waived), gate.detail) for gate in release.gates]
    gates = _table("gates", ("gate", "result", "detail"), results)
    rows = _table(f"{len(view.rows)} of its rows", ("situation", "type", "text", "valence", "explanation"), view.rows)
    rows.show_lines = True
    data: Data = {
        "version": release.version,
        "path": str(release.path),
        "counts": {f"{c.config}/{c.split}": c.rows for c in release.counts},
        "gates": {name: result for name, result, _ in results},
        "rejected": len(release.rejected),
    }
    return Summary([gates, counts, rows, f"release {release.version} lies in {release.path}"], data)


def of_findings(findings: Sequence[Finding]) -> Summary:
    """Return what the doctor found."""
    table = _table("", ("what", "state", "detail"), ((f.what, "ok" if f.good else "mend", f.detail) for f in findings))
    return Summary([table], {finding.what: finding.good for finding in findings})


def _funnel(counts: Sequence[StageCount]) -> Table:
    return _table("funnel of the run", ("stage", "came in", "kept", "held before", "rejected"), counts)


def _funnel_data(counts: Sequence[StageCount]) -> list[Data]:
    return [dict(count._asdict()) for count in counts]


def _rules(rules: Sequence[RuleCount]) -> Table:
    return _table("rejected, by rule", ("stage", "rule", "rows"), rules)


def _result(passed: bool, waived: bool) -> str:
    if passed:
        return "passed"
    return "waived" if waived else "red"


def _ending(finished_at: object) -> str:
    return f"{finished_at:%H:%M:%S}" if finished_at else ""


def _table(title: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Table:
    """Return a table whose numbers stand to the right."""
    table = Table(title=title or None, title_justify="left")
    cells = [list(row) for row in rows]
    for index, column in enumerate(columns):
        numeric = bool(cells) and all(isinstance(row[index], int | float) for row in cells)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(str(cell)) for cell in row))  # a text may hold brackets, which rich would take for markup
    return table
