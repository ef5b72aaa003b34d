import pytest

from valueprism_build.errors import SettingsError
from valueprism_build.ids import situation_id
from valueprism_build.records import Situation
from valueprism_build.situations.rules import Rule, rules
from valueprism_build.situations.settings import FilterSettings


@pytest.fixture(scope="module")
def default_rules() -> dict[str, Rule]:
    return rules(FilterSettings())


def verdict(asked: dict[str, Rule], text: str) -> str | None:
    situation = Situation(situation_id(text), text, "a.jsonl", "1", "unknown", "en")
    return next((name for name, rule in asked.items() if rule(situation) is not None), None)


def test_the_rules_are_asked_in_the_published_order(default_rules: dict[str, Rule]) -> None:
    order = ["blank", "too_short", "too_long", "question", "not_english", "gibberish", "contains_pii"]
    assert list(default_rules) == order


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "blank"),
        ("?! ...", "blank"),
        ("lying", "too_short"),
        ("lying twice", None),
        # 100 words is the default limit and stays
        ("helping the poor and " * 25, None),
        ("helping the poor and " * 25 + "me", "too_long"),
        ("x" * 600 + " " + "y" * 400, "too_long"),
    ],
)
def test_length_is_judged_at_its_exact_limits(text: str, rule: str | None, default_rules: dict[str, Rule]) -> None:
    first_three = {name: default_rules[name] for name in ("blank", "too_short", "too_long")}
    assert verdict(first_three, text) == rule


@pytest.mark.parametrize(
    "text",
    [
        "Is it wrong to steal?",
        "did epstein kill himself",
        "is it ok to lie",
        "should i quit my job",
        "can i hit my dog",
        "why do people lie",
        "how to rob a bank",
        "when is it ok to lie",
        "what\u2019s the meaning of life",
    ],
)
def test_questions_are_told_with_and_without_a_mark(text: str, default_rules: dict[str, Rule]) -> None:
    assert verdict(default_rules, text) == "question"


@pytest.mark.parametrize(
    "text",
    [
        "Do a pushup",
        "Can food for the homeless",
        "Will my fortune to charity",
        "Did the dishes for my sister",
        "Should have stayed at home",
        'Answering "are you fine?" with a lie',
        "When my friend is sad, hugging her",
        "Issuing a fine to a neighbour",
    ],
)
def test_imperatives_that_open_like_questions_stay(text: str, default_rules: dict[str, Rule]) -> None:
    assert verdict(default_rules, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Mentir para proteger a un amigo",
        "Voler du pain pour nourrir sa famille",
        "Brot stehlen für die Familie",
        "Rubare il pane per la famiglia",
        "Roubar pão para alimentar a família",
        "Liegen om een vriend te beschermen",
        "Kradzież chleba dla rodziny",
        "Ailesi için ekmek çalmak ve kaçmak",
        "Солгать, чтобы защитить друга",
        "为了保护朋友而撒谎 上班迟到",
        "Refuser de payer ses impôts",
        "Valehdella ystävän suojelemiseksi",
    ],
)
def test_other_languages_are_told_even_those_that_are_not_listed(text: str, default_rules: dict[str, Rule]) -> None:
    assert verdict(default_rules, text) == "not_english"


@pytest.mark.parametrize(
    "text",
    [
        "Choose Rin over Otoha",
        "Go to Afghanistan",
        "Kill a cookroach.",
        "Put a killer in jail",
        "gently slaping Cédric",
    ],
)
def test_short_english_with_names_and_typos_stays(text: str, default_rules: dict[str, Rule]) -> None:
    assert verdict(default_rules, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "asdf jkl",
        "fjdksl fjdksla jfkdls",
        "qwe rty uio",
        "aaaa bbbb cccc",
        "sdkfjh to sdkjfh",
        "dsa dsa dsa dsa",
        "42 17",
    ],
)
def test_keyboard_mash_is_gibberish(text: str, default_rules: dict[str, Rule]) -> None:
    assert verdict({"gibberish": default_rules["gibberish"]}, text) == "gibberish"


@pytest.mark.parametrize(
    "text",
    [
        "Calling 555-123-4567 at night",
        "Ringing +44 20 7946 0958 to complain",
        "Texting 5551234567 to my boss",
        "Writing to bob.smith@example.org about it",
        "Following @jack on the way home",
        "Sharing https://a.example/c with a friend",
        "Buying fake goods on example.com",
    ],
)
def test_personal_data_is_found_and_not_repeated(text: str, default_rules: dict[str, Rule]) -> None:
    situation = Situation(situation_id(text), text, "a.jsonl", "1", "unknown", "en")
    detail = default_rules["contains_pii"](situation)
    assert detail is not None
    assert detail.startswith("holds a")
    assert not set(detail) & set("0123456789@")


@pytest.mark.parametrize(
    "text",
    [
        "Giving $1,000,000 to a charity",
        "Owing 100 000 000 euros to a bank",
        "Living in exile from 1990-2020",
        "Walking on a different track.I pull the lever",
        "Meeting my aunt @ noon",
    ],
)
def test_amounts_years_and_typos_are_no_personal_data(text: str, default_rules: dict[str, Rule]) -> None:
    assert verdict({"contains_pii": default_rules["contains_pii"]}, text) is None


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: FilterSettings(near_duplicate_similarity=0), "near_duplicate_similarity is 0"),
        (lambda: FilterSettings(min_english=2), "min_english is 2"),
        (lambda: FilterSettings(min_words=9, max_words=3), "min_words 9 and max_words 3"),
        (lambda: FilterSettings(opening_words=0), "opening_words is 0"),
        (lambda: rules(FilterSettings(languages=("en", "xx"))), "unknown code 'xx'"),
        (lambda: rules(FilterSettings(languages=("en",))), "at least one more"),
    ],
)
def test_limits_that_cannot_be_met_are_refused_by_name(build: "type[FilterSettings]", words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        build()
