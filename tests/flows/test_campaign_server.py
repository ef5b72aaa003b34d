"""Which server a campaign is on, and what is set about it."""

from pathlib import Path

import pytest

from flows.campaign_server import annotation_server
from flows.settings import as_flags, load
from tests.annotation.exchange.scripted_server import ScriptedServer
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import IN_PARTS, URL, configured, created, pulled
from tests.flows.command_line import valueprism
from valueprism_build.errors import BuildError, SettingsError
from warehouse import campaign_people
from warehouse.connect import open_warehouse


def test_a_campaign_is_not_looked_for_on_another_server() -> None:
    settings, server = configured(IN_PARTS), ScriptedServer()
    created(settings, server)
    Path("valueprism.toml").write_text(IN_PARTS.replace(URL, "http://other.test"))
    elsewhere = load({"warehouse": str(WAREHOUSE)})
    with pytest.raises(BuildError, match=f"runs on {URL}; http://other.test has none of its projects"):
        pulled(elsewhere, ScriptedServer())
    assert pulled(elsewhere, server).projects == 4  # the same server at another address
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert campaign_people.server(db, "pilot") == "http://other.test"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('base_url = "http://me:secret-word@server.test"', "base_url holds a user name"),
        ("pull_tasks = 0", "pull_tasks is 0"),
        ("colour = 1", "unknown setting colour"),
    ],
)
def test_settings_of_the_server_that_cannot_be_are_said(line: str, told: str) -> None:
    Path("valueprism.toml").write_text(f"[label_studio]\n{line}\n")
    with pytest.raises(SettingsError, match=told) as refused:
        load({})
    assert "secret-word" not in str(refused.value)


def test_the_token_is_neither_shown_nor_recorded_and_its_lack_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUEPRISM_LABEL_STUDIO__TOKEN", "a-canary-token")
    found = load({"label_studio": {"base_url": URL}})
    assert found.label_studio.token == "a-canary-token"
    assert "canary" not in repr(found) + str(as_flags(found))
    monkeypatch.delenv("VALUEPRISM_LABEL_STUDIO__TOKEN")
    with (
        pytest.raises(SettingsError, match="set VALUEPRISM_LABEL_STUDIO__TOKEN"),
        annotation_server(load({"label_studio": {"base_url": URL}})),
    ):
        pass
    assert (
        valueprism("campaign", "pull", "pilot").complaint
        == "no annotation server; give base_url under [label_studio] in valueprism.toml"
    )
