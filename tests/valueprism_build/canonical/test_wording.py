import tomllib
from importlib.resources import files

import pytest

from valueprism_build.canonical.word_table import word_table
from valueprism_build.canonical.wording import APART, Wording, general, word_of, wording
from valueprism_build.records import Vrd

VALUE, RIGHT, DUTY = Vrd


@pytest.mark.parametrize(
    ("vrd", "one", "other"),
    [
        (RIGHT, "Right to privacy", "right to  Privacy!"),
        (RIGHT, "Right to privacy", "Privacy rights"),
        (RIGHT, "The right to an education", "Right to education"),
        (RIGHT, "Right to not be harmed", "Right not to be harmed"),
        (RIGHT, "Right to fair treatment", "Right to be treated fairly"),
        (RIGHT, "Right to health care", "Right to healthcare"),
        (VALUE, "Wellbeing", "Well-being"),
        (VALUE, "Self-defence", "Self-defense"),
        (VALUE, "Preservation of culture", "Cultural preservation"),
        (VALUE, "Respect for human dignity", "Dignity"),
        (VALUE, "Bravery", "Courage"),
        (DUTY, "Duty of honesty", "Duty to tell the truth"),
        (DUTY, "Duty to be honest", "Obligation to be truthful"),
        (DUTY, "Duty to help those in need", "Duty to assist others in need"),
        (DUTY, "Duty to do no harm", "Duty of non-maleficence"),
        (DUTY, "Duty to respect others\N{RIGHT SINGLE QUOTATION MARK} property", "Duty to respect property"),
    ],
)
def test_wordings_of_one_consideration_have_one_form(vrd: Vrd, one: str, other: str) -> None:
    assert wording(vrd, one) == wording(vrd, other)


@pytest.mark.parametrize(
    ("vrd", "one", "other"),
    [
        (DUTY, "Duty to intervene", "Duty not to intervene"),
        (DUTY, "Duty not to harm", "Duty to prevent harm"),
        (DUTY, "Duty to obey the law", "Duty to disobey the law"),
        (DUTY, "Duty to protect others", "Duty to protect oneself"),
        (DUTY, "Duty to protect", "Duty to protect others"),
        (DUTY, "Duty to respect the law", "Duty to respect the rule of law"),
        (RIGHT, "Right to life", "Right to die"),
        (RIGHT, "Right to love", "Right to love and be loved"),
        (RIGHT, "Right to life", "Right to life and safety"),
        (VALUE, "Freedom of religion", "Freedom from religion"),
        (VALUE, "Justice", "Injustice"),
        (VALUE, "Community", "Communication"),
        (VALUE, "Innocence", "Protection of the innocent"),
        (VALUE, "Security over freedom", "Freedom over security"),
    ],
)
def test_what_a_single_word_changes_has_another_form(vrd: Vrd, one: str, other: str) -> None:
    assert wording(vrd, one) != wording(vrd, other)


def test_a_negation_of_a_negation_is_none() -> None:
    assert not wording(DUTY, "Duty not to avoid conflict").negated
    assert wording(DUTY, "Duty to avoid conflict").negated


def test_what_is_set_over_something_stands_before_it() -> None:
    assert wording(VALUE, "Freedom over security") == Wording(("free", APART, "secure"), negated=False)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Gigi's right to autonomy", "Right to autonomy"),
        ("the workers\N{RIGHT SINGLE QUOTATION MARK} right to assemble", "Right to assemble"),
        ("Right of humans to safety", "Right to safety"),
        ("Right to life (bees)", "Right to life"),
        ("Kidnapper's right not to be harmed", "Right not to be harmed"),
        ("Duty of parents to children", "Duty to children"),
        ("Workers' rights", "Workers' rights"),  # whose rights they are is all that it says
        ("Duty of care to children", "Duty of care to children"),
        ("(bees)", "(bees)"),  # nothing would be left
    ],
)
def test_a_general_wording_has_no_holder_and_no_aside(text: str, without: str) -> None:
    assert general(text) == without


@pytest.mark.parametrize("text", ["!!!", "Duty", "Duty to", "मानव अधिकार", "Non", "''", "not", "over", "\u200b"])
def test_a_text_that_the_table_says_nothing_about_is_about_itself(text: str) -> None:
    assert all(wording(DUTY, text).notions)
    assert wording(DUTY, text) != wording(DUTY, "Duty to help")


def test_words_of_another_language_keep_their_marks() -> None:
    assert wording(RIGHT, "मानव अधिकार").notions == ("अधिकार", "मानव")


def test_the_word_for_a_notion_is_the_texts_own_and_none_where_a_phrase_came_to_it() -> None:
    assert word_of("punish", "Duty of punishment") == "punishment"
    assert word_of("commonweal", "Duty to promote the common good") is None


def test_each_phrase_of_the_table_is_of_two_words_that_count_and_each_word_names_one_notion() -> None:
    read = tomllib.loads(files("valueprism_build.canonical").joinpath("wording.toml").read_text("utf-8"))
    # A phrase of one word that counts would replace that word wherever it stands.
    assert [run for runs in word_table().phrases.values() for run, _ in runs if len(run) < 2] == []
    words = [word for listed in read["words"].values() for word in listed.split()]
    assert len(words) == len(set(words))
    # A stem that the table gives to another word too would name two notions by one name.
    assert [notion for notion in read["words"] if notion not in read["words"][notion].split()] == []
