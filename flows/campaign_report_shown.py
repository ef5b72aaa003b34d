"""A report as a person and a program are told."""

from flows.campaign_reporting import Written
from flows.tables import Data, Summary, table


def of_report(written: Written) -> Summary:
    """Return who took part, the overall rates, what cannot be concluded, and where the tables are."""
    report = written.report
    tables = report.tables
    taken = {row["what"]: row["count"] for row in tables["participation"].to_pylist()}
    refused = {row["rule"]: row["count"] for row in tables["refused_counts"].to_pylist()}
    overall = [row for row in tables["rates"].to_pylist() if row["by"] == "all"] if "rates" in tables else []
    data: Data = {
        "out": str(written.folder),
        "page": str(written.page) if written.page.exists() else None,
        "tables": {name: each.num_rows for name, each in tables.items()},
        "participation": taken,
        "refused": refused,
        "rates": {
            row["question"]: {name: row[name] for name in ("answer", "rate", "low", "high", "votes", "people")}
            for row in overall
        },
        "cautions": list(report.cautions),
    }
    rates = table(
        "share who say so, with 95 % interval for other people and items",
        ("question", "answer", "share", "low", "high", "votes", "people", "items"),
        (
            (
                row["question"],
                row["answer"],
                *(_share(row[name]) for name in ("rate", "low", "high")),
                *(row[name] for name in ("votes", "people", "items")),
            )
            for row in overall
        ),
    )
    lines = [f"refused: {count} by {rule}" for rule, count in sorted(refused.items())]
    where = f"{len(tables)} tables in {written.folder}" + (f", page {written.page.name}" if data["page"] else "")
    return Summary([table("", ("", "count"), taken.items()), rates, *lines, *report.cautions, where], data)


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1%}"
