from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from tests.valueprism_build.release.making import FACTS, made
from tests.valueprism_build.tasks.full_rows import full_table
from valueprism_build.release.facts import PointOfView

LISTED = {
    "I kill time": ["Value: Joy", "Value: Work", "Right: Right to rest"],
    "Sing aloud": ["Value: Art"],
    "Kissing": ["Value: Love", "Duty: Duty to ask", "Right: Right to refuse"],
}


def test_every_number_on_the_card_is_that_of_the_rows(tmp_path: Path) -> None:
    release = made(full_table(LISTED, source="a|b"), tmp_path)
    card = (release.path / "README.md").read_text()
    alone = len(release.rejected)  # how many depends on the splits that a hash deals
    assert 1 <= alone <= 7
    # Valences go round Supports, Opposes, Either; two of three situations have both of the first two.
    for expected in (
        "For 3 everyday situations, the 7 human values",
        "(2.33 for each situation)",
        "66.7% of the situations",
        "| Value | 3 | 1 | 0 | 4 |",
        "| Right | 0 | 0 | 2 | 2 |",
        "| Duty | 0 | 1 | 0 | 1 |",
        "| all | 3 | 2 | 2 | 7 |",
        "| full | 7 | 0 | 0 | 7 |",
        "| a\\|b | CC0-1.0 | en | 3 | 7 |",
        "| openai | m | v1 | unknown | yes | 7 |",
        "0 of 7 considerations were named by more than one teacher",
        "| openai | m | ask | 1,000 | 2 | 1.525 |",
        "| vllm | n | relevance | 3 | 0 | unknown |",
        "| read | 63 | 63 | 0 |",
        "| filter | too_short | 3 |",
        f"| negatives | no_negative | {alone} |",
        f"- {alone} of 7 considerations have no such negative",
        "- 2 rows (28.6%) are Either",
        "kept all the same: violence 1.",
    ):
        assert expected in card


def test_without_the_journal_the_cost_is_unknown(tmp_path: Path) -> None:
    card = (made(full_table(LISTED), tmp_path, facts=replace(FACTS, spent=())).path / "README.md").read_text()
    assert "## What it cost\n\nUnknown" in card


def test_a_card_without_the_demonstration_teacher_does_not_warn_of_it(tmp_path: Path) -> None:
    assert "`local`" not in (made(full_table(LISTED), tmp_path).path / "README.md").read_text()


def test_a_card_tells_what_came_from_which_point_of_view_and_is_silent_where_nothing_did(tmp_path: Path) -> None:
    full = full_table(LISTED)
    named = pa.array([None, "elder", None, "carer", "elder", None, "gone"], pa.string())
    asked = full.set_column(full.schema.get_field_index("point_of_view"), full.schema.field("point_of_view"), named)
    facts = replace(FACTS, points_of_view=(PointOfView("carer", "A carer."), PointOfView("elder", "An elder.")))
    card = (made(asked, tmp_path / "asked", facts=facts).path / "README.md").read_text()
    for expected in (
        "4 of 7 considerations (`point_of_view`) came from a second question",
        "| carer | A carer. | 1 |",
        "| elder | An elder. | 2 |",
        "| gone | not recorded | 1 |",
    ):
        assert expected in card
    assert "Points of view" not in (made(full, tmp_path / "not", facts=facts).path / "README.md").read_text()
