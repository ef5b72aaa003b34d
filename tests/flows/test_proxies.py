from pathlib import Path

import pytest

from flows.proxies import has_proxy, spare_loopback
from tests.flows.building import TEXTS, WAREHOUSE
from tests.flows.command_line import valueprism
from tests.flows.jobs import write_lines

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("set_", "base_url", "found"),
    [
        ({}, "https://api.example/v1", False),
        ({"HTTPS_PROXY": "http://p:1"}, "https://api.example/v1", True),
        ({"https_proxy": "http://p:1"}, "https://api.example/v1", True),
        ({"HTTPS_PROXY": "http://p:1"}, "http://api.example/v1", False),
        ({"ALL_PROXY": "http://p:1"}, "http://api.example/v1", True),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "localhost,.example"}, "https://api.example/v1", False),
        ({"ALL_PROXY": "http://p:1"}, "", False),  # the embedded teacher, before it is served
    ],
)
def test_a_proxy_is_noticed_by_the_rules_of_other_programs(
    monkeypatch: pytest.MonkeyPatch, set_: dict[str, str], base_url: str, found: bool
) -> None:
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    assert has_proxy(base_url) is found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"NO_PROXY": "127.0.0.1,localhost"}),
        ({"NO_PROXY": ".corp"}, {"NO_PROXY": ".corp,127.0.0.1,localhost"}),
        ({"no_proxy": ".corp", "NO_PROXY": "x"}, {"no_proxy": ".corp,127.0.0.1,localhost", "NO_PROXY": "x"}),
        ({"NO_PROXY": "*"}, {"NO_PROXY": "*"}),
    ],
)
def test_no_proxy_is_for_this_machine_and_twice_is_as_once(before: dict[str, str], after: dict[str, str]) -> None:
    environment = dict(before)
    spare_loopback(environment)
    spare_loopback(environment)
    assert environment == after


@pytest.mark.usefixtures("prefect_api")
def test_behind_a_proxy_a_build_goes_on_and_says_that_it_heeds_none_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__ATTEMPTS", "1")
    monkeypatch.setenv("VALUEPRISM_TEACHER", "openai")
    # An address of this machine that is not among those which are spared.
    monkeypatch.setenv("VALUEPRISM_TEACHERS__OPENAI__BASE_URL", "http://127.0.0.2:9/v1")
    monkeypatch.setenv("HTTP_PROXY", "http://somebody:sk-canary-8e@127.0.0.1:9")
    source = write_lines(Path("mine.jsonl"), TEXTS)
    runs = [
        valueprism("build", "--situations", source, "--warehouse", WAREHOUSE),
        valueprism("doctor", "--warehouse", WAREHOUSE),
    ]
    assert "nobody answers at http://127.0.0.2:9/v1" in runs[0].err
    for ran in runs:
        assert ran.code == 1
        assert "HTTPS_PROXY or the like is set for it, and not heeded: it is asked directly" in ran.out + ran.err
        assert "sk-canary" not in ran.out + ran.err
