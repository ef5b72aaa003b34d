import pyarrow as pa

from annotation.report.campaign_material import campaign_material
from annotation.report.settings import Gold, Material
from annotation.vocabulary import load_study
from annotation.votes.scales import Level
from annotation.wishes.open_answers import OpenAnswer, OpenAnswers
from valueprism_build.campaigns import Gold as GoldKind
from valueprism_build.records import Annotator, Rejected, Stage

STUDY, _ = load_study("agreement")
PEOPLE = [Annotator("p1", (("politics", "Liberal"), ("age", "Prefer not to say"))), Annotator("p2", ())]
ABOUT = pa.table({"item_id": ["i1", "i2", "s1"], "text": ["a", "b", "c"], "vrd": ["Value", "Duty", ""]})


def gathered(*rows: tuple[str, str, str, str, str], openly: OpenAnswers | None = None) -> Material:
    """Return what comes of rows of item, annotator, question, answer and kind."""
    names = ("item_id", "annotator_id", "question", "answer", "kind")
    columns = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)}
    columns["seconds"] = pa.array([2.5] + [None] * (len(rows) - 1), pa.float64())
    kinds = {"g1": GoldKind.FOREIGN, "g2": GoldKind.VALID}
    return campaign_material(STUDY, pa.table(columns), PEOPLE, ABOUT, kinds, openly=openly)


def test_votes_are_of_items_and_situations_and_gold_and_repeats_are_none() -> None:
    material = gathered(
        ("i1", "p1", "agree", "Yes", "item"),
        ("i1", "p1", "agree", "No", "repeat"),
        ("g1", "p1", "agree", "Yes", "gold"),
        ("g2", "p1", "agree", "No", "gold"),
        ("s1", "p1", "perspective_missing", "No", "after"),
        ("i2", "p2", "agree", "Not sure", "item"),
    )
    votes = material.gathered.votes
    agree, missing = votes.questions
    assert (agree.question, agree.scale.level, len(agree.code)) == ("agree", Level.NOMINAL, 2)
    assert agree.scale.answers == ("No", "Not sure", "Yes")
    assert (missing.scale.level, missing.scale.answers) == (Level.BINARY, ("No", "Yes"))
    assert (list(agree.repeats.first), list(agree.repeats.again)) == ([2], [0])
    # Of gold, only a foreign item has answers that are wrong in this study; "Yes" is.
    assert material.gold == {("p1", "agree"): Gold(1, 0)}
    assert material.gathered.rejected == []
    assert material.asked["agree"] == "Do you agree with the value/right/duty?"


def test_a_second_answer_on_an_ordinary_page_is_refused_by_its_row() -> None:
    material = gathered(("i1", "p1", "agree", "Yes", "item"), ("i1", "p1", "agree", "No", "item"))
    assert [(row.subject_id, row.rule) for row in material.gathered.rejected] == [("votes:2", "second_vote")]


def test_what_people_wrote_is_counted_and_in_no_figure() -> None:
    material = gathered(
        ("s1", "p1", "missing_open", "Honesty!", "before"), ("s1", "p2", "missing_open", "Love", "before")
    )
    assert material.unread == {"missing_open": 2}
    assert material.gathered.votes.questions == ()


def test_people_bring_what_they_said_of_themselves_and_nothing_else() -> None:
    votes = gathered(("i1", "p1", "agree", "Yes", "item")).gathered.votes
    assert votes.annotators == ("p1", "p2")
    politics, age = votes.demographics
    assert (politics.categories, list(politics.codes)) == (("Liberal",), [0, -1])
    assert (age.categories, list(age.codes)) == ((), [-1, -1])
    assert [(trait.name, list(trait.codes)) for trait in votes.traits] == [("vrd", [1, 0, -1])]


def test_what_was_read_of_peoples_own_words_is_kept_apart_from_what_they_chose() -> None:
    said = tuple(OpenAnswer("s1", person, "missing_open", person == "p2") for person in ("p1", "p2"))
    unread = Rejected("u:missing_open", Stage.MISSING, "contact_data", "an address")
    read = OpenAnswers(frozenset(["missing_open"]), said, (unread,), "model", 0.7, 0.8)
    material = gathered(
        ("i1", "p1", "agree", "Yes", "item"),
        ("s1", "p1", "missing_open", "Honesty!", "before"),
        ("s1", "p1", "missing_listed", "Love", "after"),
        openly=read,
    )
    assert [each.question for each in material.gathered.votes.questions] == ["agree"]
    [openly] = material.read
    votes = material.gathered.votes
    assert [votes.annotators[place] for place in openly.annotator] == ["p1", "p2"]
    assert ([votes.items[place] for place in openly.item], list(openly.code)) == (["s1", "s1"], [0, 1])
    assert (openly.scale.answers, material.gathered.rejected) == (("No", "Yes"), [unread])
    assert material.unread == {"missing_listed": 1}
    assert material.reading == "embeddings of model: a cosine of 0.7 or more for phrases, 0.8 for the list"
