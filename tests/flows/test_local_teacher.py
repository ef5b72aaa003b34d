"""The embedded model for real, through the command line, as `make dataset` runs it."""

from pathlib import Path

import pytest

from tests.flows.command_line import valueprism
from tests.flows.stored import task_set


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_api")
def test_the_embedded_model_makes_a_release_that_must_be_waived_by_name() -> None:
    command = ("build", "--situations", "sample", "--limit", "2", "--teacher", "local", "--relevance", "--json")
    built = valueprism(*command).summary
    assert (built["situations"], built["asked"]) == (2, 2)
    assert built["considerations"] > 0
    assert built["relevance"]["answered"] == built["considerations"]  # no slot repeats another's text

    refused = valueprism("release", "create", "--version", "0.1.0")
    assert (refused.code, refused.out) == (1, "")
    assert refused.complaint.startswith("red gates: teacher_grade (")
    assert refused.complaint.endswith("--waive teacher_grade")
    assert not Path("releases", "0.1.0").exists()

    released = valueprism("release", "create", "--version", "0.1.0", "--waive", "teacher_grade", "--json").summary
    assert released["gates"]["teacher_grade"] == "waived"
    full = task_set(Path("releases", "0.1.0"), "full")
    assert full.num_rows == built["considerations"]
    assert set(full["teacher"].to_pylist()) == {"local"}
    # Both words are always among the twenty likeliest, so no relevance is exactly 0 or 1.
    assert all(0 < relevance < 1 for relevance in full["relevance"].to_pylist())

    again = valueprism(*command).summary
    assert (again["asked"], again["known"], again["relevance"]["answered"]) == (0, 2, 0)
