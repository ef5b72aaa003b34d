from decimal import Decimal
from pathlib import Path

import pytest

from flows.settings import as_flags, load
from valueprism_build.errors import SettingsError


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def test_flags_win_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("valueprism.toml").write_text("chunk_size = 1\nconcurrency = 1\nlimit = 1\n[filters]\nmin_words = 3\n")
    monkeypatch.setenv("VALUEPRISM_CONCURRENCY", "2")
    monkeypatch.setenv("VALUEPRISM_LIMIT", "2")

    settings = load({"limit": 3})

    assert (settings.limit, settings.concurrency, settings.chunk_size) == (3, 2, 1)


def test_parts_of_one_setting_may_come_from_all_three(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("valueprism.toml").write_text('teacher = "vllm"\n[teachers.vllm]\nbase_url = "http://127.0.0.1:1/v1"\n')
    monkeypatch.setenv("VALUEPRISM_TEACHERS__VLLM__API_KEY", "canary-key")

    [teacher] = load({"teachers": {"vllm": {"model": "m"}}}).chosen

    assert (teacher.name, teacher.base_url, teacher.model, teacher.api_key) == (
        "vllm",
        "http://127.0.0.1:1/v1",
        "m",
        "canary-key",
    )


@pytest.mark.parametrize(
    ("toml", "culprit"),
    [
        ("wharehouse = 'x'", "wharehouse"),
        ("[teachers.vllm]\nbase_ulr = 'x'", "base_ulr"),
        ("[teachers.vllm]\nname = 'other'", "unknown setting name"),
        ("[teachers.'v llm']", "v llm"),
        ("[teachers.vllm]\ntimeout = 0", "timeout of teacher 'vllm' is 0"),
        ("[teachers.vllm]\nprompt_price = 'nan'", "prompt_price"),
        ("teachers = 7", "teachers"),
        ("teacher = []", "teacher"),
        ("[teacher]\nname = 'vllm'", "goes under teachers.NAME"),
        ("budget_usd = '-1'", "budget_usd"),
        ("[filters]\nmin_word = 3", "min_word"),
        ("[dedup]\ncosin = 0.9", "cosin"),
        ("[relevance]\nleast = 0.9", "least"),
        ("[relevance]\nleast_right = 1.5", "least_right is 1.5"),
        ("[release]\nrow_per_file = 3", "row_per_file"),
        ("[live]\npublic_url = 'study.example'", "public_url is 'study.example'"),
        ("[live]\npublic_url = 'https://study.example/here'", "without a path"),
        ("[live]\ncompletion_url = 'app.platform.test/complete'", "completion_url is 'app.platform.test/complete'"),
        ("[live]\ncompletion_url = 'javascript:alert(1)'", "give the whole address, with https:// or http://"),
        ("[live]\ncompletion_url = 'https://'", "completion_url is 'https://'"),
        ("[live]\ncompletion_url = 'https://platform.test/a b'", "completion_url is"),
        ("[live.completion_urls]\nleft = '//platform.test'", "completion_urls.left is '//platform.test'"),
        ("[live]\nwebhook_secret = 'word'", "webhook_secret is too short"),
        ("[live]\nhint_seconds = 0", "hint_seconds is 0"),
        ("[coverage]\npatients = 3", "patients"),
        ("[coverage]\npatience = 0", "coverage setting patience is 0"),
        ("[coverage.points_of_view]\nelder = ''", "'elder' needs"),
        ("concurrency = 0", "concurrency"),
        ("limit = 'many'", "limit"),
        ("[teacher\n", "valueprism.toml"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(toml: str, culprit: str) -> None:
    Path("valueprism.toml").write_text(toml)

    with pytest.raises(SettingsError, match=culprit) as refused:
        load({})

    assert "\n" not in str(refused.value)


def test_coverage_is_off_until_it_is_asked_for_and_points_of_view_of_ones_own_take_the_place_of_the_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not load({}).coverage.enabled
    assert "ubuntu" in load({"coverage": {"enabled": True}}).coverage.points_of_view

    Path("valueprism.toml").write_text('[coverage]\nmost = 3\n[coverage.points_of_view]\nelder = "An elder."\n')
    monkeypatch.setenv("VALUEPRISM_COVERAGE__PATIENCE", "4")

    coverage = load({"coverage": {"enabled": True}}).coverage
    assert (coverage.enabled, coverage.patience, coverage.most) == (True, 4, 3)
    assert coverage.points_of_view == {"elder": "An elder."}


def test_an_unknown_variable_of_ours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_CONCURENCY", "2")

    with pytest.raises(SettingsError, match="VALUEPRISM_CONCURENCY"):
        load({})


def test_the_key_is_in_no_message_and_in_nothing_that_a_run_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__API_KEY", "canary-key")

    settings = load({"teacher": ["openai"]})
    assert settings.chosen[0].api_key == "canary-key"
    assert "canary-key" not in str(as_flags(settings))
    assert "canary-key" not in repr(settings)

    with pytest.raises(SettingsError) as refused:
        load({"teacher": ["openai"], "teachers": {"openai": {"attempts": "canary-key"}}})
    assert "canary-key" not in str(refused.value)


def test_openai_without_a_key_says_which_variables_to_set() -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        load({"teacher": ["openai"]})


def test_a_key_of_openai_itself_is_not_sent_to_another_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-key")

    table = {"base_url": "http://127.0.0.1:1/v1", "model": "m"}
    [teacher] = load({"teacher": ["vllm"], "teachers": {"vllm": table}}).chosen
    assert teacher.api_key == ""


def test_an_unnamed_endpoint_must_say_where_it_is() -> None:
    with pytest.raises(SettingsError, match="--base-url"):
        load({"teacher": ["vllm"]})


def test_a_variable_names_several_teachers_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_TEACHER", "one, local,one")
    Path("valueprism.toml").write_text(
        '[teachers.one]\nbase_url = "http://127.0.0.1:1/v1"\nmodel = "m"\nprompt_price = "0.15"\n'
    )

    assert [(teacher.name, teacher.prompt_price) for teacher in load({}).chosen] == [
        ("one", Decimal("0.15")),
        ("local", None),
    ]


@pytest.mark.parametrize(
    ("teachers", "given", "measures"),
    [
        (["one"], {}, "one"),
        (["local", "one"], {}, "one"),
        (["local"], {}, "local"),
        (["local"], {"teacher": "one"}, "one"),
    ],
)
def test_who_measures_is_named_or_the_first_that_is_no_demonstration(
    teachers: list[str], given: dict[str, str], measures: str
) -> None:
    Path("valueprism.toml").write_text('[teachers.one]\nbase_url = "http://127.0.0.1:1/v1"\nmodel = "m"\n')

    settings = load({"teacher": teachers, "relevance": {"measure": True, **given}})

    assert settings.relevance.teacher == measures
    assert set(settings.teachers) == {*teachers, measures}
    assert load({"teacher": teachers}).relevance.teacher == ""


def test_a_teacher_that_is_not_asked_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_TEACHERS__VLLM__API_KEY", "canary-key")

    assert [teacher.name for teacher in load({}).chosen] == ["local"]


def test_two_names_for_one_model_asked_the_same_are_refused() -> None:
    same = {"base_url": "http://127.0.0.1:1/v1", "model": "m"}

    with pytest.raises(SettingsError, match="'a' and 'b' ask one model the same"):
        load({"teacher": ["a", "b"], "teachers": {"a": same, "b": same}})

    other = load({"teacher": ["a", "b"], "teachers": {"a": same, "b": same | {"seed": 8}}})
    assert [teacher.seed for teacher in other.chosen] == [7, 8]


def test_an_endpoint_of_ones_own_needs_a_model() -> None:
    with pytest.raises(SettingsError, match="--model"):
        load({"teacher": ["vllm"], "teachers": {"vllm": {"base_url": "http://127.0.0.1:1/v1"}}})
