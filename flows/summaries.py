"""What a command says at its end: tables for a person, plain data for a program."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Table

from flows.balancing import balance_data, balance_shown
from flows.canonical_shown import canonical_line
from flows.comparing import COLUMNS, cells, data
from flows.contrast_shown import contrast_line
from flows.doctor import Finding
from flows.grouping import grouped_line
from flows.overview import Overview
from flows.reparsing import Reparsed
from flows.spending import in_words, spending_data, spending_shown
from flows.tables import Data, Summary, table
from valueprism_build.considerations.comparison import Comparison
from valueprism_build.tasks.negative_check import Checked, counts_of
from valueprism_build.teachers.batches import Batch
from warehouse.balance import Balance
from warehouse.runs import StageCount
from warehouse.status import RuleCount
from warehouse.wishes import WishCounts

# Flows import prefect, and a release scikit-learn: `status` should not wait for them.
if TYPE_CHECKING:
    from flows.build import Built
    from flows.release import ReleaseView


def of_build(built: "Built", now: Overview) -> Summary:
    """Return the funnel of the run that ended, what it spent, and how the considerations lean now."""
    funnel, asked, coverage, measured = built.funnel(), built.asked, built.coverage, built.measured
    total = asked + coverage.asked + built.contrasts + measured
    spent = now.spent.by_run.get(built.run_id, [])
    lines = [
        f"run {built.run_id}: {len(built.collected.ids)} situations, {asked.answered} asked, {asked.cached} known, "
        f"{built.derived.kept} considerations, {total.prompt_tokens + total.completion_tokens} tokens, "
        f"{in_words(spent)}"
    ]
    if built.canonical and built.families:
        lines += [canonical_line(built.canonical), grouped_line(built.families)]
    if total.waiting:
        lines.append(
            f"{total.waiting} questions wait in batches, or with another process: "
            "`valueprism build --batch` takes their answers when they are there"
        )
    if built.covered:
        lines.append(
            f"coverage: {coverage.asked.answered} asked, {coverage.asked.cached} known, "
            f"{coverage.derived.kept} of the considerations are from there"
        )
    if built.contrasted:
        lines.append(
            f"contrasts: {built.contrasts.answered} asked, {built.contrasts.cached} known; "
            f"{contrast_line(now.status.contrasts)}"
        )
    if measured.asked:
        lines.append(
            f"relevance: {measured.answered} asked, {measured.cached} known, {measured.failed} failed; "
            f"{built.derived.irrelevant} considerations set aside as irrelevant"
        )
    if total.unasked:
        lines.append(
            f"the budget is spent: {total.unasked} questions are left; "
            "the same command goes on with them, with a budget of its own"
        )
    data: Data = {
        "run_id": built.run_id,
        "situations": len(built.collected.ids),
        "asked": asked.answered,
        "known": asked.cached,
        "unasked": total.unasked,
        "waiting": total.waiting,
        "considerations": built.derived.kept,
        "prompt_tokens": total.prompt_tokens,
        "completion_tokens": total.completion_tokens,
        "cost": total.cost,
        "funnel": _funnel_data(funnel),
        "teachers": {name: asdict(asked) for name, asked in built.by_teacher.items()},
        "spent": spending_data(spent),
        "coverage": {
            name: asdict(covered.asked) | {"considerations": covered.derived.kept}
            for name, covered in built.covered.items()
        },
        "contrast": {name: asdict(contrasted) for name, contrasted in built.contrasted.items()},
        "contrasts": now.status.contrasts._asdict(),
        "relevance": asdict(measured),
        "balance": balance_data(now.balance),
        "canonical": built.canonical and asdict(built.canonical),
        "families": built.families and asdict(built.families),
    }
    tables = [_funnel(funnel), *balance_shown(now.balance), spending_shown("spent by the run", spent)]
    return Summary([*tables, *lines], data)


def of_batches(batches: Sequence[Batch], *, none: str) -> Summary:
    """Return the batches as last seen, or in words that there are none."""
    rows = [
        (one.batch_id or "(not made yet)", one.teacher, f"{one.created_at:%m-%d %H:%M}", one.status, one.requests,
         one.answered, one.failed)
        for one in batches
    ]  # fmt: skip
    columns = ("batch", "teacher", "sent", "status", "requests", "answered", "failed")
    data: Data = {"batches": [asdict(one) | {"taken": one.taken} for one in batches]}
    return Summary([table("batches", columns, rows) if rows else none], data)


def of_balance(balance: Balance) -> Summary:
    """Return how the considerations lean."""
    return Summary(balance_shown(balance), balance_data(balance))


def of_reparsing(done: Reparsed) -> Summary:
    """Return what parsing the journal again has changed, or would."""
    rules = table("set aside, by rule", ("stage", "rule", "before", "after"), done.rules())
    line = (
        f"{done.replies} replies parsed again: {done.added} considerations added, {done.removed} removed, "
        f"{done.changed} changed; {'stored' if done.stored else 'nothing stored'}"
    )
    if done.unclaimed:
        line += f"; {done.unclaimed} replies are about situations that this warehouse does not hold"
    if done.lost:
        line += f"; {done.lost} situations stay as they are: the journal has lost the replies about them"
    data: Data = {
        "replies": done.replies,
        "unclaimed": done.unclaimed,
        "lost": done.lost,
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


def of_status(now: Overview) -> Summary:
    """Return everything that the warehouse knows about itself."""
    status, balance, spent = now
    totals, of_last_run = status.totals, spent.by_run.get(spent.last_run or "", [])
    line = (
        f"{totals.situations} situations ({totals.pending} without considerations), {totals.answers} answers, "
        f"{totals.considerations} considerations ({totals.conflicts} in conflict), {totals.rejected} rejected; "
        f"{in_words(spent.in_all)}"
    )
    kinds = table("considerations", ("teacher", "type", "valence", "rows"), status.kinds)
    teachers = table("teachers", ("teacher", "model", "answers", "rows"), status.teachers)
    views = table(
        "points of view", ("point of view", "questions", "nothing new", "considerations"), status.points_of_view
    )
    asked_for = table("asked for by people", WishCounts._fields, status.wishes)
    costs = [
        spending_shown(f"spent by the last run that asked, {spent.last_run or 'none'}", of_last_run),
        spending_shown("spent in all", spent.in_all),
    ]
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
        "points_of_view": [row._asdict() for row in status.points_of_view],
        "contrasts": status.contrasts._asdict(),
        "wishes": [row._asdict() for row in status.wishes],
        "runs": [row._asdict() for row in status.runs],
        "spent": {"last_run": spent.last_run, "by_last_run": spending_data(of_last_run)}
        | {"in_all": spending_data(spent.in_all)},
        "balance": balance_data(balance),
    }
    parts = [_funnel(status.funnel), _rules(status.rejected), kinds, *balance_shown(balance), teachers, *costs]
    parts += [*([views] if status.points_of_view else []), *([asked_for] if status.wishes else []), last_runs, line]
    parts += [contrast_line(status.contrasts)] if status.contrasts.asked else []
    return Summary(parts, data)


def of_release(view: "ReleaseView") -> Summary:
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
        "negative_check": release.checked and counts_of(release.checked),
    }
    checked = [_of_check(release.checked)] if release.checked else []
    return Summary([gates, counts, rows, *checked, f"release {release.version} lies in {release.path}"], data)


def _of_check(checked: Checked) -> str:
    return (
        f"{checked.checker} was asked about {checked.asked} candidates for negatives: {checked.relevant} are relevant "
        f"and {checked.unanswered} have no answer; none of these is used"
    )


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


def _result(passed: bool, waived: bool) -> str:
    if passed:
        return "passed"
    return "waived" if waived else "red"


def _ending(finished_at: object) -> str:
    return f"{finished_at:%H:%M:%S}" if finished_at else ""
