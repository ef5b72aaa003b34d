from pathlib import Path

import numpy as np
import pytest

from annotation.quality import completion, conduct
from annotation.votes.coded_votes import CodedVotes
from annotation.votes.files import VoteFiles, read_votes

NAN = float("nan")


def voted(tmp_path: Path, rows: list[str]) -> CodedVotes:
    votes = tmp_path / "votes.csv"
    votes.write_text("item_id,annotator_id,question,answer,seconds\n" + "".join(f"{row}\n" for row in rows))
    people = tmp_path / "annotators.csv"
    people.write_text("annotator_id\np0\np1\np2\n")
    return read_votes(VoteFiles(votes, people)).votes


def test_time_runs_and_repeats_of_each_person(tmp_path: Path) -> None:
    votes = voted(
        tmp_path,
        [
            *("a,p0,agree,yes,1", "b,p0,agree,yes,9", "c,p0,agree,yes,", "d,p0,agree,no,2", "e,p0,agree,yes,4"),
            *("a,p1,agree,no,5", "b,p1,agree,no,"),
            *("a,p0,agree,yes,1", "b,p0,agree,no,1"),  # once more: first as before, then not
        ],
    )
    found = conduct(votes.questions[0], len(votes.annotators))
    assert found.votes.tolist() == [5, 2, 0]
    assert found.seconds == pytest.approx([3, 5, NAN], nan_ok=True)  # of 1, 2, 4, 9 the median is 3
    assert found.longest_run.tolist() == [3, 2, 0]
    assert found.modal_share == pytest.approx([4 / 5, 1, NAN], nan_ok=True)
    assert found.repeats.tolist() == [2, 0, 0]
    assert found.consistency == pytest.approx([1 / 2, NAN, NAN], nan_ok=True)


def test_completion_is_of_the_questions_on_items_begun(tmp_path: Path) -> None:
    votes = voted(tmp_path, ["a,p0,agree,yes,", "a,p0,other,yes,", "b,p0,agree,no,", "a,p1,other,no,"])
    assert completion(votes) == pytest.approx([3 / 4, 1 / 2, NAN], nan_ok=True)


def test_a_study_without_votes_has_no_conduct(tmp_path: Path) -> None:
    assert np.isnan(completion(voted(tmp_path, []))).all()
