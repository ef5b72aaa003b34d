from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotation.votes.coded_votes import CodedVotes, participation
from annotation.votes.coding import Gathered, Keep
from annotation.votes.files import VoteFiles, read_votes
from annotation.votes.scales import Declared, Level
from valueprism_build.errors import BuildError, SourceError

PEOPLE = "annotator_id,party,home 🏡\np1,left,🌊\np2,right,\np3,,prefer not to say\np4,left,🏔\n"
VOTES = "item_id,annotator_id,question,answer\n"


def gathered(
    tmp_path: Path,
    votes: str | bytes,
    people: str = PEOPLE,
    items: str | None = None,
    scales: dict[str, Declared] | None = None,
    keep: Keep = Keep.FIRST,
) -> Gathered:
    (tmp_path / "votes.csv").write_bytes(votes if isinstance(votes, bytes) else votes.encode())
    (tmp_path / "annotators.csv").write_text(people, encoding="utf-8")
    if items is not None:
        (tmp_path / "items.csv").write_text(items, encoding="utf-8")
    paths = (tmp_path / "votes.csv", tmp_path / "annotators.csv", tmp_path / "items.csv" if items else None)
    return read_votes(VoteFiles(*paths, scales=scales or {}, keep=keep))


def why(found: Gathered) -> list[tuple[str, str]]:
    return [(each.subject_id, each.rule) for each in found.rejected]


def cast(votes: CodedVotes) -> set[tuple[str, str, str, str]]:
    return {
        (votes.items[item], votes.annotators[annotator], question.question, question.scale.answers[code])
        for question in votes.questions
        for item, annotator, code in zip(question.item, question.annotator, question.code, strict=True)
    }


def test_votes_people_and_items_are_coded(tmp_path: Path) -> None:
    votes = (
        "item_id,annotator_id,question,answer,seconds\ni1,p1,agree,Yes,3.5\ni1,p2,agree,no,\ni2, p1 ,agree,yes,1e1\n"
    )
    found = gathered(tmp_path, votes, items="item_id,text,vrd\ni2,To rest,Duty\ni1,,Value\ni3,Life,\n").votes
    assert cast(found) == {("i1", "p1", "agree", "Yes"), ("i1", "p2", "agree", "no"), ("i2", "p1", "agree", "Yes")}
    assert found.questions[0].scale.level is Level.BINARY
    np.testing.assert_array_equal(found.questions[0].seconds, [3.5, np.nan, 10.0])
    assert (found.items, found.traits[0].categories) == (("i2", "i1", "i3"), ("Duty", "Value"))
    assert (found.texts, found.traits[0].codes.tolist()) == (("To rest", "", "Life"), [0, 1, -1])
    # An empty value and a wish not to say are no category; the labels are as the file has them.
    assert [(each.name, each.categories) for each in found.demographics] == [
        ("party", ("left", "right")),
        ("home 🏡", ("🌊", "🏔")),
    ]
    assert found.demographics[1].codes.tolist() == [0, -1, -1, 1]


def test_nobody_is_dropped_for_want_of_demographics(tmp_path: Path) -> None:
    votes = VOTES + "i1,p3,agree,yes\ni1,stranger,agree,no\ni1,p1,agree,yes\n"
    found = gathered(tmp_path, votes, items="item_id,vrd\ni1,Duty\ni2,Duty\n").votes
    assert found.annotators == ("p1", "p2", "p3", "p4", "stranger")
    assert found.demographics[0].codes.tolist() == [0, 1, -1, 0, -1]
    # p3 has said nothing of herself, the stranger is not in the file; p2 and p4 have not voted.
    assert participation(found) == (3, 2, 1, 2, 1, 3)


def test_each_row_that_does_not_fit_is_refused_by_its_number_and_reason(tmp_path: Path) -> None:
    rows = [
        "i1,p1,agree,yes,1",  # 1
        ",p1,agree,yes,1",  # 2
        "i1,,agree,yes,1",  # 3
        "i1,p1,,yes,1",  # 4
        "i1,p1,agree,,1",  # 5
        "i1,p2,agree,perhaps,1",  # 6
        "i1,p1,agree,no,1",  # 7
        "i1,p3,agree,yes,-1",  # 8
        "i1,p3,agree,yes,nan",  # 9
        "i1,p3,agree,yes,1",  # 10
        ",,,,",  # 11
    ]
    votes = "item_id,annotator_id,question,answer,seconds\n" + "\n".join(rows) + "\n"
    found = gathered(tmp_path, votes, scales={"agree": Declared(Level.BINARY, ("no", "yes"))})
    assert sorted(why(found)) == [
        ("votes.csv:11", "blank_line"),
        ("votes.csv:2", "missing_item_id"),
        ("votes.csv:3", "missing_annotator_id"),
        ("votes.csv:4", "missing_question"),
        ("votes.csv:5", "missing_answer"),
        ("votes.csv:6", "unknown_answer"),
        ("votes.csv:7", "second_vote"),
        ("votes.csv:8", "bad_seconds"),
        ("votes.csv:9", "bad_seconds"),
    ]
    assert cast(found.votes) == {("i1", "p1", "agree", "yes"), ("i1", "p3", "agree", "yes")}
    assert "row 6 has answer 'perhaps'" in " ".join(each.detail for each in found.rejected)


def test_what_programs_write_for_nothing_is_no_answer_unless_it_was_declared(tmp_path: Path) -> None:
    votes = VOTES + "i1,p1,agree,yes\ni1,p2,agree,NA\ni2,p1,agree,NaN\ni2,p2,agree,no\ni3,p1,agree,na\n"
    found = gathered(tmp_path, votes.replace("i3,p1,agree,na\n", ""))
    assert why(found) == [("votes.csv:2", "missing_answer"), ("votes.csv:3", "missing_answer")]
    # Taken for answers they would have made the scale nominal and the share of yes 1 of 4, not 1 of 2.
    assert found.votes.questions[0].scale.level is Level.BINARY
    declared = {"agree": Declared(Level.NOMINAL, ("NA", "no", "yes"))}
    assert why(gathered(tmp_path, votes, scales=declared)) == [("votes.csv:3", "unknown_answer")]


def test_rows_and_columns_of_the_annotators_are_refused_likewise(tmp_path: Path) -> None:
    long = "x" * 201
    many = "".join(f"q{number},,{number}\n" for number in range(101))
    people = f"annotator_id,party,age\np1,left,\n,left,\np1,right,\np2,{long},\n{many}"
    found = gathered(tmp_path, VOTES + "i1,p2,agree,yes\n", people)
    assert why(found) == [
        ("annotators.csv:2", "missing_id"),
        ("annotators.csv:4", "long_category"),
        ("annotators.csv:3", "second_row"),
        ("annotators.csv:age", "too_many_categories"),
    ]
    assert (found.votes.annotators[-1], found.votes.listed[-1]) == ("p2", False)  # she stays, as one we know nothing of


def test_forty_categories_are_kept(tmp_path: Path) -> None:
    people = "annotator_id,country\n" + "".join(f"p{number},c{number % 40:02}\n" for number in range(80))
    found = gathered(tmp_path, VOTES + "i1,p0,agree,yes\n", people).votes
    assert len(found.demographics[0].categories) == 40


@pytest.mark.parametrize(("keep", "vote", "again"), [(Keep.FIRST, "yes", "no"), (Keep.LAST, "no", "yes")])
def test_a_second_answer_is_no_vote_and_is_kept_as_a_repeat(tmp_path: Path, keep: Keep, vote: str, again: str) -> None:
    votes = VOTES + "i1,p1,agree,yes\ni2,p1,agree,yes\ni1,p1,agree,no\n"
    found = gathered(tmp_path, votes, keep=keep)
    assert ("i1", "p1", "agree", vote) in cast(found.votes)
    question = found.votes.questions[0]
    repeats = [question.scale.answers[code[0]] for code in (question.repeats.first, question.repeats.again)]
    assert (len(found.rejected), repeats) == (1, [vote, again])


def test_a_broken_file_costs_its_broken_rows(tmp_path: Path) -> None:
    votes = (
        VOTES + 'i1,p1,agree,yes\ni1,p2,agree\ni2,"p2,agree,no\ni3,p2,agree,no\n\n'
    ).encode() + b"i\xff,p1,agree,no\n"
    found = gathered(tmp_path, votes)
    assert sorted(why(found)) == [
        ("votes.csv:2", "broken_csv"),
        ("votes.csv:3", "broken_csv"),
        ("votes.csv:5", "blank_line"),
        ("votes.csv:6", "not_utf8"),
    ]
    assert cast(found.votes) == {("i1", "p1", "agree", "yes"), ("i3", "p2", "agree", "no")}


def test_bytes_that_are_no_text_cost_their_row_of_a_sound_file(tmp_path: Path) -> None:
    found = gathered(tmp_path, VOTES.encode() + b"i\xff,p1,agree,no\ni1,p1,agree,no\n")
    assert why(found) == [("votes.csv:1", "not_utf8")]
    assert cast(found.votes) == {("i1", "p1", "agree", "no")}


def test_a_quote_left_open_in_the_last_column_does_not_swallow_the_file(tmp_path: Path) -> None:
    found = gathered(tmp_path, VOTES + 'i1,p1,agree,"yes\ni2,p1,agree,no\ni3,p1,agree,no\n')
    assert why(found) == [("votes.csv:1", "broken_csv")]
    assert len(found.votes.questions[0].code) == 2


def test_parquet_with_numbers_for_ids_is_read_as_the_same(tmp_path: Path) -> None:
    votes = {
        "item_id": [1, 2],
        "annotator_id": [7, 7],
        "question": ["q", "q"],
        "answer": [4, 5],
        "seconds": [1.5, None],
    }
    pq.write_table(pa.table(votes), tmp_path / "v.parquet")
    pq.write_table(pa.table({"annotator_id": [7], "old": [True]}), tmp_path / "a.parquet")
    found = read_votes(VoteFiles(tmp_path / "v.parquet", tmp_path / "a.parquet")).votes
    assert cast(found) == {("1", "7", "q", "4"), ("2", "7", "q", "5")}
    assert found.demographics[0].categories == ("true",)
    np.testing.assert_array_equal(found.questions[0].seconds, [1.5, np.nan])


def test_a_file_without_votes_has_no_questions(tmp_path: Path) -> None:
    found = gathered(tmp_path, VOTES, items="item_id\ni1\n")
    assert (found.votes.questions, participation(found.votes).unanswered, found.rejected) == ((), 1, [])


def test_written_answers_are_no_votes_unless_declared(tmp_path: Path) -> None:
    votes = VOTES + "".join(f"i{number},p1,missing,text {number}\n" for number in range(201)) + "i1,p1,agree,yes\n"
    found = gathered(tmp_path, votes)
    assert [question.question for question in found.votes.questions] == ["agree"]
    assert {rule for _, rule in why(found)} == {"too_many_answers"}
    declared = {"missing": Declared(Level.NOMINAL, tuple(f"text {number}" for number in range(201)))}
    assert len(gathered(tmp_path, votes, scales=declared).votes.questions[1].code) == 201


@pytest.mark.parametrize(
    ("votes", "people", "complaint"),
    [
        ("item_id,annotator_id,question\n", PEOPLE, "no column 'answer'"),
        ("item_id,item_id,annotator_id,question,answer\n", PEOPLE, "'item_id' more than once"),
        ("", PEOPLE, "the file is empty"),
        (VOTES, "person,party\n", "no column 'annotator_id'"),
        (VOTES, "annotator_id,\n", "'' more than once or without a name"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, votes: str, people: str, complaint: str) -> None:
    with pytest.raises(SourceError, match=complaint):
        gathered(tmp_path, votes, people)


def test_other_kinds_of_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'\.xlsx'"):
        read_votes(VoteFiles(tmp_path / "v.xlsx", tmp_path / "a.xlsx"))
    (tmp_path / "a.parquet").write_bytes(b"no")
    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        read_votes(VoteFiles(tmp_path / "v.csv", tmp_path / "a.parquet"))
    pq.write_table(pa.table({"annotator_id": [["p1"]]}), tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="'annotator_id' holds list"):
        read_votes(VoteFiles(tmp_path / "v.csv", tmp_path / "a.parquet"))


def test_a_declaration_that_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no vote is on question 'agre'; votes are on agree"):
        gathered(tmp_path, VOTES + "i1,p1,agree,yes\n", scales={"agre": Declared(Level.BINARY)})
    with pytest.raises(BuildError, match="question 'agree': a binary scale has two answers, not 1"):
        gathered(tmp_path, VOTES + "i1,p1,agree,yes\n", scales={"agree": Declared(Level.BINARY)})
