"""The pull as a Prefect flow, so that it can be scheduled like a build."""

from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.campaign_pulling import Pulled, pull_campaign
from flows.campaign_server import annotation_server
from flows.settings import load


@task(name="pull", cache_policy=NO_CACHE)
def pull_task(name: str, overrides: dict[str, Any]) -> Pulled:
    """Bring in what has changed; one task, for a pull that is cut off goes on from where it was by itself."""
    settings = load(overrides)
    with annotation_server(settings) as server:
        return pull_campaign(settings, name, server)


@flow(name="campaign pull")
def pull(name: str, overrides: dict[str, Any]) -> Pulled:
    """Bring in what people have answered since the last pull.

    Args:
        name: of the campaign.
        overrides: what flags would say, in the shape of the settings; the token comes from the environment where the
            flow runs. Prefect stores it, so it holds no secret.

    Raises:
        BuildError: one line that says what to mend; what was stored before is kept.
    """
    return pull_task(name, overrides)
