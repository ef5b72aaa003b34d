from typing import Any

import pytest

from valueprism_build.contrasts.choosing import ContrastSettings, next_subjects
from valueprism_build.contrasts.subject import Named, Subject, read, written
from valueprism_build.errors import SettingsError
from valueprism_build.records import Consideration, Valence, Vrd


def item(text: str, valence: Valence, position: int, conflict: str | None = None) -> Consideration:
    return Consideration(text, "s", Vrd.VALUE, text, "Why.", valence, "t", "h", position, conflict_id=conflict)


LISTED = [
    item("Joy", Valence.EITHER, 0),
    item("Safety", Valence.OPPOSES, 1),
    item("Thrift", Valence.SUPPORTS, 2),
    item("Beauty", Valence.OPPOSES, 3),
    item("Order", Valence.SUPPORTS, 0, conflict="other"),
]
NEAREST, NEXT = (Subject(Named(Vrd.VALUE, "Thrift"), Named(Vrd.VALUE, y)) for y in ("Safety", "Beauty"))


def test_what_stands_highest_on_both_sides_comes_first_and_what_is_in_conflict_never() -> None:
    assert next_subjects(LISTED, [], most=9) == next_subjects(LISTED[::-1], [], most=9) == [NEAREST, NEXT]


def test_what_was_asked_counts_whatever_it_was() -> None:
    assert next_subjects(LISTED, [NEAREST], most=2) == [NEXT]
    gone = Subject(Named(Vrd.DUTY, "Duty to pay"), Named(Vrd.VALUE, "Joy"))
    assert next_subjects(LISTED, [gone], most=1) == []
    assert next_subjects(LISTED, [NEAREST, NEXT, gone], most=2) == []


def test_a_list_of_one_side_has_no_contrast() -> None:
    assert next_subjects(LISTED[:2], [], most=1) == []


def test_a_subject_survives_its_journey_through_the_journal() -> None:
    subject = Subject(Named(Vrd.RIGHT, 'Right to "rest": now'), Named(Vrd.DUTY, "Duty | to pay\tß"))
    assert read(written(subject)) == subject
    assert "\n" not in written(subject)


@pytest.mark.parametrize(("name", "value"), [("most", 0), ("most_edits", 0), ("least_kept", 1.1)])
def test_a_setting_that_asks_nothing_is_refused_by_name(name: str, value: float) -> None:
    wrong: dict[str, Any] = {name: value}
    with pytest.raises(SettingsError, match=f"contrast setting {name} is {value}"):
        ContrastSettings(**wrong)
