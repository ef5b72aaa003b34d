"""What a command says at its end: tables for a person, plain data for a program."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table

from flows.balancing import balance_data, balance_shown
from flows.build import Built
from flows.canonical_shown import audit_data, audit_shown, canonical_line, canonical_shown
from flows.canonicalising import Audited, Canonicalised
from flows.comparing import COLUMNS, cells, data
from flows.doctor import Finding
from flows.estimating import Forecast
from flows.release import ReleaseView
from flows.reparsing import Reparsed
from flows.tables import Data, table
from valueprism_build.considerations.comparison import Comparison
from valueprism_build.teachers.forecast import CostRange, Range
from warehouse.balance import Balance
from warehouse.runs import StageCount
from warehouse.status import RuleCount, Status


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of a command.

    Attributes:
        shown: what a person reads, in order.
        data: what `--json` prints.
    """

    shown: Sequence[RenderableType]
    data: Data


def of_build(built: Built, balance: Balance) -> Summary:
    """Return the funnel of the run that ended, and how the considerations lean now."""
    funnel, asked = built.funnel(), built.asked
    cost = "cost unknown" if asked.cost is None else f"US$ {asked.cost:.4f}"
    lines = [
        f"run {built.run_id}: {len(built.collected.ids)} situations, {asked.answered} asked, {asked.cached} known, "
        f"{built.derived.kept} considerations, {asked.prompt_tokens + asked.completion_tokens} tokens, {cost}"
    ]
    if built.canonical:
        lines.append(canonical_line(built.canonical))
    if asked.unasked:
        lines.append(
            f"the budget is spent: {asked.unasked} questions are left; "
            "the same command goes on with them, with a budget of its own"
        )
    data: Data = {
        "run_id": built.run_id,
        "situations": len(built.collected.ids),
        "asked": asked.answered,
        "known": asked.cached,
        "unasked": asked.unasked,
        "considerations": built.derived.kept,
        "prompt_tokens": asked.prompt_tokens,
        "completion_tokens": asked.completion_tokens,
        "cost": asked.cost,
        "funnel": _funnel_data(funnel),
        "teachers": {name: asdict(asked) for name, asked in built.by_teacher.items()},
        "balance": balance_data(balance),
        "canonical": built.canonical and asdict(built.canonical),
    }
    return Summary([_funnel(funnel), *balance_shown(balance), *lines], data)


def of_forecasts(forecasts: Sequence[Forecast]) -> Summary:
    """Return what a build would ask and cost."""
    rows = [
        (one.teacher, one.model, one.requests, one.cached, _range(one.prompt_tokens), _range(one.completion_tokens),
         "unknown" if one.cost is None else _range(one.cost), one.price_source)
        for one in forecasts
    ]  # fmt: skip
    columns = ("teacher", "model", "to send", "cached", "tokens in", "tokens out", "US$", "price from")
    told = "likely (95 % interval) from earlier answers of the same model; without two of them, bounds"
    data: Data = {"forecasts": [asdict(one) for one in forecasts]}
    return Summary([table("dry run", columns, rows), f"{told}; nothing was sent, nothing stored"], data)


def of_balance(balance: Balance) -> Summary:
    """Return how the considerations lean."""
    return Summary(balance_shown(balance), balance_data(balance))


def of_canonical(found: Canonicalised) -> Summary:
    """Return what the canonical inventory holds."""
    return Summary(canonical_shown(found), asdict(found))


def of_audit(audited: Audited) -> Summary:
    """Return how good the inventory is by judged pairs, and what heeding them came to."""
    return Summary(audit_shown(audited), audit_data(audited))


def of_drawn_pairs(path: Path, pairs: int) -> Summary:
    """Return where the pairs to judge are."""
    line = f"{pairs} pairs in {path}: write yes or no under same, then `valueprism canonical audit --judgements {path}`"
    return Summary([line], {"path": str(path), "pairs": pairs})


def of_reparsing(done: Reparsed) -> Summary:
    """Return what parsing the journal again has changed, or would."""
    rules = table("set aside, by rule", ("stage", "rule", "before", "after"), done.rules())
    line = (
        f"{done.replies} replies parsed again: {done.added} considerations added, {done.removed} removed, "
        f"{done.changed} changed; {'stored' if done.stored else 'nothing stored'}"
    )
    if done.unclaimed:
        line += f"; {done.unclaimed} replies are about situations that this warehouse does not hold"
    data: Data = {
        "replies": done.replies,
        "unclaimed": done.unclaimed,
        "added": done.added,
        "removed": done.removed,
        "changed": done.changed,
        "stored": done.stored,
        "rules": [rule._asdict() for rule in done.rules()],
    }
    return Summary([rules, line], data)


def of_comparisons(found: Sequence[Comparison]) -> Summary:
    """Return what each teacher is to each other one."""
    return Summary([table("teachers compared", COLUMNS, map(cells, found))], data(found))


def of_status(status: Status, balance: Balance) -> Summary:
    """Return everything that the warehouse knows about itself."""
    totals = status.totals
    line = (
        f"{totals.situations} situations ({totals.pending} without considerations), {totals.answers} answers, "
        f"{totals.considerations} considerations ({totals.conflicts} in conflict), {totals.rejected} rejected"
    )
    kinds = table("considerations", ("teacher", "type", "valence", "rows"), status.kinds)
    teachers = table(
        "teachers",
        ("teacher", "model", "answers", "rows", "tokens in", "tokens out", "US$", "unpriced"),
        ((*use[:6], f"{use.cost:.4f}", use.unpriced) for use in status.teachers),
    )
    last_runs = table(
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
    parts = [_funnel(status.funnel), _rules(status.rejected), kinds, *balance_shown(balance), teachers, last_runs, line]
    return Summary(parts, data | {"balance": balance_data(balance)})


def of_release(view: ReleaseView) -> Summary:
    """Return where the release lies, its counts and a few of its rows."""
    release = view.release
    counts = table("rows", ("config", "split", "rows"), ((c.config, c.split, c.rows) for c in release.counts))
    results = [(gate.name, _result(gate.passed, gate.waived), gate.detail) for gate in release.gates]
    gates = table("gates", ("gate", "result", "detail"), results)
    rows = table(f"{len(view.rows)} of its rows", ("situation", "type", "text", "valence", "explanation"), view.rows)
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
    found = table("", ("what", "state", "detail"), ((f.what, "ok" if f.good else "mend", f.detail) for f in findings))
    return Summary([found], {finding.what: finding.good for finding in findings})


def _funnel(counts: Sequence[StageCount]) -> Table:
    return table("funnel of the run", ("stage", "came in", "kept", "held before", "rejected"), counts)


def _funnel_data(counts: Sequence[StageCount]) -> list[Data]:
    return [dict(count._asdict()) for count in counts]


def _rules(rules: Sequence[RuleCount]) -> Table:
    return table("rejected, by rule", ("stage", "rule", "rows"), rules)


def _range(values: Range | CostRange) -> str:
    low, likely, high = (
        "unbounded" if value is None else f"{value:.4f}" if isinstance(value, Decimal) else f"{value:,}"
        for value in (values.low, values.likely, values.high)
    )
    return f"{low} to {high}" if values.likely is None else f"{likely} ({low} to {high})"


def _result(passed: bool, waived: bool) -> str:
    if passed:
        return "passed"
    return "waived" if waived else "red"


def _ending(finished_at: object) -> str:
    return f"{finished_at:%H:%M:%S}" if finished_at else ""
