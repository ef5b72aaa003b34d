"""The limits by which people are left out; light to import, for the settings are read before anything else is."""

from dataclasses import dataclass

from valueprism_build.errors import SettingsError


@dataclass(frozen=True, slots=True)
class ExclusionSettings:
    """Limits of the rules by which people's answers are left out; 0 turns a rule off, and most are off.

    Attributes:
        gold: share of answers to gold items that are not wrong, at least; told from `gold_answers` answers on.
        consistency: share of answers to repeats that are as before, at least; told from `repeats` answers on.
        seconds_per_page: median, at least; told from `timed_pages` pages on.
        run: pages in a row with one answer, from which on gold items among them are looked at; a run that is wrong of
            `run_gold_wrong` of them is a straight line.
        same_account: whether of two people with one account the later is left out.
        same_texts: long texts that are word for word those of one earlier person, from which on the later is left out.
        finished: share of a person's pages that are answered, at least. Before a campaign has ended, everybody who is
            still at it is below any.
    """

    gold: float = 0.5
    gold_answers: int = 4
    consistency: float = 0.0
    repeats: int = 4
    seconds_per_page: float = 0.0
    timed_pages: int = 10
    run: int = 0
    run_gold_wrong: int = 2
    same_account: bool = True
    same_texts: int = 0
    finished: float = 0.0

    def __post_init__(self) -> None:
        """Refuse limits that cannot be met.

        Raises:
            SettingsError: a number is out of its range; the line names it.
        """
        for name in ("gold", "consistency", "finished"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"exclusion setting {name} is {getattr(self, name)}; give a share from 0 to 1")
        for name in ("seconds_per_page", "run", "same_texts"):
            if getattr(self, name) < 0:
                raise SettingsError(f"exclusion setting {name} is {getattr(self, name)}; give 0 or more")
        for name in ("gold_answers", "repeats", "timed_pages", "run_gold_wrong"):
            if getattr(self, name) < 1:
                raise SettingsError(f"exclusion setting {name} is {getattr(self, name)}; give 1 or more")
