"""Every setting that shaped a number, in words."""

from collections.abc import Sequence

from annotation.report.asked import Asked
from annotation.report.people import Weighting
from annotation.report.settings import ReportSettings


def settings_told(settings: ReportSettings, questions: Sequence[Asked], weighting: Weighting | None) -> dict[str, str]:
    """Return the settings by name."""
    told = {
        "seed": str(settings.seed),
        "bootstrap draws": f"{settings.draws:,}",
        "confidence of intervals": "95 %",
        "false discovery rate": f"{settings.rate:.0%}",
        "power of detectable differences": f"{settings.power:.0%}",
        "answers of a group to an item, at least": str(settings.least_asked),
        "people in an intersection, at least": str(settings.least_cell),
        "reference category": "of each demographic, the one of the most people whose odds can be estimated",
        "target population": ", ".join(settings.target) or "none",
        "looks": ", ".join(f"{each:.0%}" for each in settings.looks) or "one, at the end",
        "left out": ", ".join(sorted(settings.skip)) or "nothing",
    }
    if weighting is not None:
        told["greatest weight"] = f"{settings.cap:g} times the mean"
        told["design effect of weighting"] = f"{weighting.raked.design_effect:.2f} (Kish 1965)"
    for question in questions:
        facts = question.facts
        told[f"a yes to {facts.id}"] = " or ".join(facts.yes) or "none: a scale of scores"
    for name, protocol in settings.missing.items():
        told[f"missing perspective by {name}"] = protocol
    return told
