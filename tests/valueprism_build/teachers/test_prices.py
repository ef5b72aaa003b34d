from datetime import UTC, datetime
from decimal import Decimal

import pytest

from valueprism_build.errors import SettingsError
from valueprism_build.teachers.chat_request import Tokens
from valueprism_build.teachers.prices import FREE, price_of
from valueprism_build.teachers.teacher import TeacherSettings

OPENAI = "https://api.openai.com/v1"
AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_the_users_own_price_comes_first_and_is_exact() -> None:
    settings = TeacherSettings(
        "a", OPENAI, "gpt-4.1-mini", prompt_price=Decimal("0.1"), completion_price=Decimal("0.3")
    )
    price = price_of(settings, AT)
    assert price is not None
    assert price.of(Tokens(3, 1)) == Decimal("0.0000006")  # (3 * 0.1 + 1 * 0.3) / 10^6, which floats would miss


def test_a_known_model_costs_what_the_list_says_and_the_list_is_named() -> None:
    price = price_of(TeacherSettings("a", OPENAI, "gpt-4.1-mini"), AT)
    assert price is not None
    # US$ 0.40 and 1.60 per million tokens, https://openai.com/api/pricing
    assert price.of(Tokens(1_000_000, 0)) == Decimal("0.40")
    assert price.of(Tokens(0, 1_000_000)) == Decimal("1.60")
    assert price.source.startswith("genai-prices ")


@pytest.mark.parametrize(
    ("url", "model"),
    [(OPENAI, "no-such-model"), ("http://127.0.0.1:8000/v1", "gpt-4.1-mini"), ("https://example.org/v1", "m")],
)
def test_what_is_not_on_the_list_has_no_price_and_none_is_guessed(url: str, model: str) -> None:
    assert price_of(TeacherSettings("a", url, model), AT) is None


def test_the_teacher_on_this_machine_is_free() -> None:
    assert price_of(TeacherSettings("local", "http://127.0.0.1:1/v1", "m"), AT) == FREE


@pytest.mark.parametrize("prices", [(Decimal(1), None), (None, Decimal(1)), (Decimal(-1), Decimal(1))])
def test_half_a_price_or_a_negative_one_is_refused(prices: tuple[Decimal | None, Decimal | None]) -> None:
    with pytest.raises(SettingsError, match="prompt_price"):
        price_of(TeacherSettings("a", OPENAI, "m", prompt_price=prices[0], completion_price=prices[1]), AT)
