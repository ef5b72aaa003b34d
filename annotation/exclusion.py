"""Whose answers are left out of what is counted: rules with names, each about a person's own conduct.

No rule knows what others answered on an item. People are judged on gold items, on what they say twice, on time and on
how far they came; a view that nobody shares is data (see Aroyo and Welty, "Truth is a lie", AI Magazine 2015). Limits
are lenient: excluding people who seem careless moves results as much as keeping them, so each step must be told
(Curran, "Methods for the detection of carelessly invalid responses in survey data", J. Exp. Soc. Psychol. 2016).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from annotation.exclusion_settings import ExclusionSettings
from annotation.page_conduct import PageConduct
from valueprism_build.errors import SettingsError

Rule: TypeAlias = Callable[[PageConduct, ExclusionSettings], str | None]


class Caught(NamedTuple):
    """A person whom a rule would exclude, and what it saw."""

    annotator_id: str
    rule: str
    detail: str


def exclusions(people: Iterable[PageConduct], limits: ExclusionSettings, rules: Collection[str] = ()) -> list[Caught]:
    """Return whom the rules would exclude, by person and then in the order of `RULES`.

    Args:
        people: of one campaign.
        limits: a rule whose limit is 0 excludes nobody.
        rules: names out of `RULES`; none takes all.

    Raises:
        SettingsError: a rule is unknown; the line names those that there are.
    """
    unknown = sorted(set(rules) - RULES.keys())
    if unknown:
        raise SettingsError(f"no exclusion rule {', '.join(unknown)}; rules are {', '.join(RULES)}")
    chosen = {name: rule for name, rule in RULES.items() if not rules or name in rules}
    return [
        Caught(person.annotator_id, name, detail)
        for person in people
        for name, rule in chosen.items()
        if (detail := rule(person, limits)) is not None
    ]


def _gold(person: PageConduct, limits: ExclusionSettings) -> str | None:
    seen = person.attention
    if not limits.gold or seen.gold < limits.gold_answers or seen.right >= limits.gold * seen.gold:
        return None
    return f"{seen.right} of {seen.gold} answers to gold items are not wrong, at least {limits.gold:.0%} wanted"


def _repeats(person: PageConduct, limits: ExclusionSettings) -> str | None:
    seen = person.attention
    if not limits.consistency or seen.repeats < limits.repeats or seen.same >= limits.consistency * seen.repeats:
        return None
    return f"{seen.same} of {seen.repeats} answers to repeats are as before, at least {limits.consistency:.0%} wanted"


def _hurry(person: PageConduct, limits: ExclusionSettings) -> str | None:
    seconds = person.attention.seconds
    if seconds is None or person.timed < limits.timed_pages or seconds >= limits.seconds_per_page:
        return None
    return f"{seconds:.1f} s in the median of {person.timed} pages, at least {limits.seconds_per_page:g} s wanted"


def _straight_line(person: PageConduct, limits: ExclusionSettings) -> str | None:
    """A long run by itself is an opinion; one through gold items of which it is wrong is not."""
    for run in person.runs:
        if limits.run and run.pages >= limits.run and run.gold_wrong >= limits.run_gold_wrong:
            return (
                f"{run.answer!r} to {run.question} on {run.pages} pages in a row, wrong on {run.gold_wrong} of "
                f"{run.gold_wrong + run.gold_right} gold items among them"
            )
    return None


def _duplicate(person: PageConduct, limits: ExclusionSettings) -> str | None:
    if limits.same_account and person.same_account:
        return f"the server knows them by the account of {person.same_account}, who sat down before them"
    if limits.same_texts and person.same_texts >= limits.same_texts:
        return f"{person.same_texts} texts are word for word those of one who sat down before them"
    return None


def _unfinished(person: PageConduct, limits: ExclusionSettings) -> str | None:
    if person.answered >= limits.finished * person.dealt:
        return None
    return f"{person.answered} of {person.dealt} pages answered, at least {limits.finished:.0%} wanted"


RULES: Final[Mapping[str, Rule]] = {
    "gold_wrong": _gold,
    "inconsistent": _repeats,
    "too_fast": _hurry,
    "straight_lining": _straight_line,
    "duplicate_participant": _duplicate,
    "unfinished": _unfinished,
}
