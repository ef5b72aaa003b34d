"""What docs/campaign.md says is so."""

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from annotation.exclusion import RULES
from annotation.exclusion_settings import ExclusionSettings
from annotation.vocabulary import load_study
from tests.flows.command_line import ROOT, valueprism

GUIDE = (ROOT / "docs" / "campaign.md").read_text(encoding="utf-8")
LIMITS = ExclusionSettings()


def told() -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a campaign that the guide names, and the flags that it gives it."""
    for words in re.findall(r"valueprism campaign ((?:\\\n|[^`\n])+)", GUIDE):
        yield words.split()[0], re.findall(r"(--[a-z-]+)", words)


def test_the_ten_commands_are_ten() -> None:
    assert re.findall(r"^# (\d+)", GUIDE, flags=re.MULTILINE) == [str(number) for number in range(1, 11)]


@pytest.mark.parametrize(("name", "flags"), list(told()))
def test_every_command_that_is_told_is_there_and_has_these_flags(name: str, flags: list[str]) -> None:
    ran = valueprism("campaign", name, "--help")
    assert ran.code == 0
    assert set(flags) <= set(re.findall(r"--[a-z-]+", ran.out))


def test_every_rule_is_told_and_no_other() -> None:
    assert re.findall(r"^\| `(\w+)` \| ", GUIDE, flags=re.MULTILINE) == list(RULES)


@pytest.mark.parametrize("name", [field.name for field in fields(LIMITS)])
def test_every_limit_is_told_with_its_default(name: str) -> None:
    [default] = set(re.findall(rf"`{name} = ([^`]+)`", GUIDE))
    value = getattr(LIMITS, name)
    assert default == (str(value).lower() if isinstance(value, bool) else f"{value:g}")


def test_the_consent_that_is_quoted_is_what_people_read() -> None:
    study, _ = load_study("agreement")
    quoted = " ".join(line.removeprefix(">").strip() for line in GUIDE.splitlines() if line.startswith(">"))
    assert " ".join(quoted.split()) == f"{' '.join(study.consent.split())} *{study.agree}*"
