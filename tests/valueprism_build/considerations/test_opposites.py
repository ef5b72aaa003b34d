import pytest

from valueprism_build.considerations.opposites import opposite_wording


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Duty to intervene", "Duty not to intervene"),
        ("Freedom of religion", "Freedom from religion"),
        ("Duty to obey the law", "Duty to disobey the law"),
        ("Equality", "Inequality"),
        ("Right to a life without pain", "Right to a life of pain"),
        ("Duty to protect from harm", "Duty not to protect from harm"),
    ],
)
def test_a_negation_or_an_antonym_on_one_side_only_is_the_contrary(one: str, other: str) -> None:
    assert opposite_wording(one, other)
    assert opposite_wording(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Duty not to harm others", "Duty to not harm others"),
        ("Right to non-discrimination", "Right not to be discriminated against"),
        ("Religious freedom", "Freedom of religion"),
        ("Informed consent", "Informed consent"),
        ("", "Honesty"),
    ],
)
def test_the_same_polarity_on_both_sides_is_not(one: str, other: str) -> None:
    assert not opposite_wording(one, other)
