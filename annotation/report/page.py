"""The report as one page. Not written yet: the tables are beside it."""

from pathlib import Path

from annotation.report.tables import Report


def write_page(report: Report, folder: Path) -> Path:
    """Return where the page is to be."""
    return folder / f"{report.title and 'report'}.html"
