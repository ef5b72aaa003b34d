"""What docs/campaign.md says is so."""

import re
from dataclasses import fields

import pytest

from annotation.exclusion import RULES
from annotation.settings import ExclusionSettings
from annotation.vocabulary import load_study
from tests.flows.command_line import ROOT

GUIDE = (ROOT / "docs" / "campaign.md").read_text(encoding="utf-8")
LIMITS = ExclusionSettings()


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
