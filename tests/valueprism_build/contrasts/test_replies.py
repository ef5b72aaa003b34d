import pytest

from tests.valueprism_build.contrasts.making import proposal
from valueprism_build.contrasts.replies import Proposal, read_proposal

PLAIN = "Situation: {}\nFirst: {} [{}]\nSecond: {} [{}]"
BOLD = "**Situation:** {}\n\n**First:** {} ({})\n**Second:** {} ({})."
READ = Proposal("Lending a saw", "It would hurt them.", "Opposes", "It would help them.", "Supports")


@pytest.mark.parametrize("around", ["{}", "Here it is:\n```json\n{}\n```\nI hope it helps."])
def test_json_is_read_whatever_stands_around_it(around: str) -> None:
    assert read_proposal(around.replace("{}", proposal("Lending a saw"))) == READ


@pytest.mark.parametrize(
    "form",
    [PLAIN, BOLD],
)
def test_the_layout_in_text_is_read(form: str) -> None:
    assert read_proposal(form.format(*READ)) == READ


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I cannot help with that.",
        proposal("Lending a saw")[:-9],
        '{"situation": "Lending a saw", "first": "Opposes", "second": "Supports"}',
        proposal("Lending a saw").replace('"Lending a saw"', "5"),
        "Situation: Lending a saw\nFirst: It would hurt them.",
    ],
)
def test_half_a_contrast_is_none(reply: str) -> None:
    assert read_proposal(reply) is None
