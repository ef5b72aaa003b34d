"""What the door of a campaign bears: a crowd that comes in at once and answers everything; prints JSON.

    python -m benchmarks.crowd [--people 50] [--each 1] [--think 0]

A Label Studio of this machine, a campaign in a warehouse, `campaign live` in a process of its own. Everybody clicks on
their link at the same time, asks what the labelling page asks, and answers every page of their block (`--each`
situations, ten pages for one) after `--think` seconds. The baseline is the same crowd with the same requests straight
at the server, in the same run: no gateway, no hints, no pulls. What was answered is compared with the votes in the
warehouse after a last pull. Needs `make label-studio`. Ends with 1 where a request failed or a vote differs.
"""

import argparse
import asyncio
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

import httpx
import numpy as np

from annotation.exchange.accounts import log_in
from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.links import Entrant, Links
from annotation.exchange.local_server import local_label_studio, new_credentials
from annotation.pseudonyms import accounts
from benchmarks.campaign import EXECUTABLE
from benchmarks.crowd_campaign import NAME, CrowdCampaign
from benchmarks.crowd_person import SUBMIT, TIMEOUT, Visitor, Watch
from benchmarks.measuring import timed
from flows.settings import load

Figures: TypeAlias = dict[str, object]

ROOT: Final = Path(__file__).parents[1]
PARTICIPANT_KEY: Final = "VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS"
LINK_KEY: Final = "VALUEPRISM_LIVE__LINK_KEYS"
SECRETS: Final = (PARTICIPANT_KEY, LINK_KEY, "VALUEPRISM_LIVE__WEBHOOK_SECRET")
KEPT: Final = 6
"""Connections that a browser keeps to one host."""
SECONDS_TO_START: Final = 120.0
_LIVE: Final = re.compile(r" is live at (\S+);")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class _Crowd:
    """People, each with a browser of their own, who all come at the same moment."""

    def __init__(self, campaign: CrowdCampaign, think: float) -> None:
        self._said = campaign.said
        self._think = think
        self.entrants = [Entrant(f"person-{number}", stratum) for number, stratum in enumerate(campaign.strata)]

    def through(self, url: str, links: Links) -> Watch:
        """Come in by links, as browsers do: their connections are kept."""
        return self._come({one.participant: (links.personal(url, one), {}) for one in self.entrants}, KEPT)

    def straight(self, base_url: str, projects: Sequence[int], keys: Sequence[str]) -> Watch:
        """Come to the server itself, logged in already; a connection for each request, which it answers faster."""
        come = {}
        for one, project in zip(self.entrants, projects, strict=True):
            account = accounts(one.participant, keys)[0]
            cookies = log_in(base_url, account.email, account.password)
            come[one.participant] = (f"{base_url}/projects/{project}/data?labeling=1", cookies)
        return self._come(come, 0)

    def _come(self, come: Mapping[str, tuple[str, Mapping[str, str]]], kept: int) -> Watch:
        watch = Watch()

        async def all_of_them() -> None:
            trusted, limits = httpx.create_ssl_context(), httpx.Limits(max_keepalive_connections=kept)
            async with AsyncExitStack() as open_:
                visits = []
                for name, (link, cookies) in come.items():
                    client = httpx.AsyncClient(
                        cookies=dict(cookies), follow_redirects=True, limits=limits, timeout=TIMEOUT, verify=trusted
                    )
                    visitor = Visitor(name, await open_.enter_async_context(client), self._said, self._think, watch)
                    visits.append(visitor.visit(link))
                await asyncio.gather(*visits)

        asyncio.run(all_of_them())
        return watch


class _Live:
    """`campaign live` in a process of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", err: Path) -> None:
        self.process = process
        until = time.monotonic() + SECONDS_TO_START
        while not (found := _LIVE.search(err.read_text())):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"campaign live does not start: {err.read_text()}")
            time.sleep(0.1)
        self.url = found[1]


@contextmanager
def _living(folder: Path, warehouse: Path) -> Iterator[_Live]:
    err = folder / "live.txt"
    command = [sys.executable, "-m", "flows", "campaign", "live", NAME, "--port", "0", "--warehouse", str(warehouse)]
    with err.open("w") as said:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=said, stdout=subprocess.DEVNULL
        )
    try:
        yield _Live(process, err)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        sys.stderr.write(err.read_text())


def _measured(crowd: Callable[[], Watch], processes: Mapping[str, int]) -> tuple[Watch, Figures]:
    """Let a crowd come, and return what it met with its figures, the processor's time of these processes among them."""
    before = {name: _cpu_seconds(pid) for name, pid in processes.items()}
    done = timed(crowd)
    cpu = {name: _cpu_seconds(pid) - before[name] for name, pid in processes.items()}
    watch, requests = done.result, sum(map(len, done.result.seconds.values()))
    answers = len(watch.seconds[SUBMIT])
    return watch, {
        "seconds": round(done.seconds, 1),
        "answers": answers,
        "answers_per_s": round(answers / done.seconds, 2),
        "requests": requests,
        **{name: _spread(seconds) for name, seconds in watch.seconds.items()},
        "first_words": _spread(watch.first_words),
        "entering": _spread(watch.entering),
        "sent_away": watch.sent_away,
        "failures": watch.failures,
        **{f"{name}_cpu_ms_per_request": round(1000 * seconds / requests, 1) for name, seconds in cpu.items()},
        "crowd_cpu_ms_per_request": round(1000 * done.cpu_seconds / requests, 1),
    }


def _spread(seconds: Sequence[float]) -> Figures:
    if not seconds:
        return {"times": 0}
    found = {"median_s": median(seconds), "p95_s": float(np.quantile(seconds, 0.95)), "longest_s": max(seconds)}
    return {"times": len(seconds), **{name: round(value, 3) for name, value in found.items()}}


def _cpu_seconds(pid: int) -> float:
    """Return what a process has had of the processor, as Linux tells it."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS


def run(options: argparse.Namespace, base_url: str, token: str, pid: int) -> Figures:
    """Let the crowd come by the door, then straight; return the figures of both, and what came in."""
    secret = {name: secrets.token_hex(16) for name in SECRETS}
    os.environ.update(secret, VALUEPRISM_LABEL_STUDIO__BASE_URL=base_url, VALUEPRISM_LABEL_STUDIO__TOKEN=token)
    with TemporaryDirectory() as name, LabelStudioServer(base_url, token) as server:
        folder, load_before = Path(name), os.getloadavg()[0]
        settings = load({"warehouse": str(folder / "warehouse")})
        campaign = CrowdCampaign(settings, options.people, options.each, options.overlap)
        projects = campaign.to_server(server)
        crowd, links = _Crowd(campaign, options.think), Links([secret[LINK_KEY]], NAME, campaign.strata)
        with _living(folder, settings.warehouse) as live:
            watch, door = _measured(
                lambda: crowd.through(live.url, links), {"gateway": live.process.pid, "server": pid}
            )
        came = campaign.came(server, watch.given)
        told: Figures = {"load_before": round(load_before, 1), "load_after": round(os.getloadavg()[0], 1)}
        if not options.no_baseline:
            keys = [secret[PARTICIPANT_KEY]]
            _, told["straight"] = _measured(lambda: crowd.straight(base_url, projects, keys), {"server": pid})
    return {**told, "door": door, "came": came._asdict(), "whole": came.whole and not watch.failures}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--each", type=int, default=1, help="situations a person, of nine pages each")
    parser.add_argument("--overlap", type=int, default=10, help="people a situation")
    parser.add_argument("--think", type=float, default=0.0, help="seconds that somebody looks at a page")
    parser.add_argument("--no-baseline", action="store_true", help="without the crowd that goes straight")
    parser.add_argument("--label-studio", type=Path, default=EXECUTABLE)
    options = parser.parse_args()
    credentials = new_credentials()
    with TemporaryDirectory() as data, local_label_studio(options.label_studio, Path(data), credentials) as local:
        figures = run(options, local.base_url, credentials.token, local.pid)
    print(json.dumps({"people": options.people, "think_s": options.think, **figures}, indent=2))
    sys.exit(0 if figures["whole"] else 1)


if __name__ == "__main__":
    main()
