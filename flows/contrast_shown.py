"""Contrasts as a summary tells of them."""

from warehouse.contrasts import ContrastCounts


def contrast_line(counts: ContrastCounts) -> str:
    """Return what became of all questions for contrasts, in one line."""
    open_ = counts.made - counts.verified - counts.refuted
    return (
        f"of {counts.asked} answers for contrasts {counts.made} are one: {counts.verified} borne out by the list about "
        f"the changed situation, {counts.refuted} refuted, {open_} open"
    )
