"""What a token costs: the user's own figures first, then the price list of genai-prices; never a guess.

The only place that imports `genai_prices`. Its list comes with the package and is not fetched anew, so that a price
changes with the pinned version and with nothing else.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib.metadata import version
from typing import Final

from valueprism_build.errors import SettingsError
from valueprism_build.teachers.chat_request import Tokens
from valueprism_build.teachers.teacher import LOCAL, TeacherSettings

MILLION: Final = Decimal(1_000_000)
BATCH_SHARE: Final = Decimal("0.5")  # of the price, for what is asked in a batch (OpenAI, Batch API FAQ)
# Some models cost more per token in prompts longer than this or longer still. Ours have a hundredth of it.
LONG_PROMPT: Final = 100_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per token.

    Attributes:
        source: who says so.
    """

    prompt: Decimal
    completion: Decimal
    source: str

    def of(self, tokens: Tokens) -> Decimal:
        """Return the cost of so many tokens in US dollars."""
        return self.prompt * tokens.prompt + self.completion * tokens.completion

    def in_batch(self) -> "Price":
        """Return the price of what is asked through the Batch API."""
        return Price(self.prompt * BATCH_SHARE, self.completion * BATCH_SHARE, f"{self.source}, halved")


FREE: Final = Price(Decimal(0), Decimal(0), "runs on this machine")


def price_of(settings: TeacherSettings, at: datetime) -> Price | None:
    """Return the price of a teacher's tokens, or None where nobody knows it.

    The discount that some endpoints give on prompts they have seen before is left out: what is counted is never too
    little.

    Args:
        settings: a price of their own comes first; else the list is asked for this model at this base URL.
        at: when; lists change over time.

    Raises:
        SettingsError: only one of the two prices is given, or one is negative.
    """
    own = (settings.prompt_price, settings.completion_price)
    if own[0] is not None and own[1] is not None:
        if min(own[0], own[1]) < 0:
            raise SettingsError(f"the price of teacher {settings.name!r} is negative: mend prompt_price")
        return Price(own[0] / MILLION, own[1] / MILLION, "settings")
    if own != (None, None):
        raise SettingsError(
            f"teacher {settings.name!r} has one of prompt_price and completion_price: give both, in US$ per million"
        )
    return FREE if settings.name == LOCAL else _listed(settings, at)


def _listed(settings: TeacherSettings, at: datetime) -> Price | None:
    from genai_prices import Usage, calc_price  # a quarter of a second

    try:
        short, long = (
            calc_price(
                Usage(input_tokens=tokens, output_tokens=tokens),
                settings.model,
                provider_api_url=settings.base_url,
                genai_request_timestamp=at,
            )
            for tokens in (1, LONG_PROMPT)
        )
    except LookupError:
        return None
    per_token = (getattr(short.model_price, "input_mtok", None), getattr(short.model_price, "output_mtok", None))
    if None in per_token or long.total_price != short.total_price * LONG_PROMPT:
        return None  # it is paid for in some other way than by the token
    source = f"genai-prices {version('genai-prices')}: {short.provider.id} {short.model.id}"
    return Price(short.input_price, short.output_price, source)
