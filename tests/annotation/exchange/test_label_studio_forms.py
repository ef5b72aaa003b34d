import json
from datetime import datetime, timedelta, timezone

import pytest

from annotation.exchange.label_studio_forms import annotation_of, as_import, changed_since, moment_of, uid_of
from annotation.exchange.server import Annotation, Task
from tests.warehouse.rows import DAY


def test_a_moment_goes_to_the_server_in_its_one_form_whatever_zone_it_is_told_in() -> None:
    there = datetime(2026, 1, 2, 5, 30, 0, 250, tzinfo=timezone(timedelta(hours=2)))
    [only] = changed_since(there)
    assert only["value"] == "2026-01-02T03:30:00.000250Z"
    assert [each["filter"] for each in changed_since(None)] == [
        "filter:tasks:total_annotations",
        "filter:tasks:cancelled_annotations",
    ]


@pytest.mark.parametrize("person", [7, {"id": 7, "email": "p@participants.invalid"}])
def test_an_annotation_is_read_however_the_server_tells_its_person(person: object) -> None:
    stored = {"id": 3, "completed_by": person, "result": None, "lead_time": None, "updated_at": DAY.isoformat()}
    assert annotation_of(stored) == Annotation(3, 7, "[]", None, skipped=False, updated_at=DAY)


def test_nobody_has_the_number_of_no_person() -> None:
    assert annotation_of({"id": 3, "completed_by": None, "updated_at": DAY}).person == 0


def test_what_is_imported_is_read_back_as_it_was() -> None:
    annotation = Annotation(3, 7, json.dumps([{"from_name": "agree_0"}]), 2.5, skipped=True, updated_at=DAY)
    imported = json.loads(json.dumps(as_import(Task("u1", {"progress": "1 of 2"}), annotation)))
    assert imported["data"] == {"progress": "1 of 2", "uid": "u1"}
    assert len(imported["annotations"]) == 1
    assert annotation_of({**imported["annotations"][0], "id": 3, "updated_at": DAY}) == annotation


def test_data_that_is_not_ours_has_no_uid() -> None:
    assert [uid_of(data) for data in ({"uid": "u1"}, {}, "text", None)] == ["u1", "", "", ""]
    assert moment_of("2026-01-02T03:30:00Z") == moment_of(datetime.fromisoformat("2026-01-02T03:30:00+00:00"))
