"""Every setting of a campaign; light to import, for the settings are read before anything else is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from valueprism_build.errors import SettingsError

STRATIFY_BY: Final = ("vrd", "valence", "topic", "disagreement")


class Allocation(StrEnum):
    """Strata of items in proportion to what there is of them, or all alike."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class CampaignSettings:
    """Which items are asked about, and what the people cost.

    Attributes:
        participant_keys: secrets under which participants' ids are hashed, spaces between them, the newest first.
        stratify_by: columns of the items.
        allocation: how many of each stratum.
        usd_per_hour: pay of a person; None where it is not known.
        seconds_per_page: what a page takes, as a pilot has measured it; None where it is not known.
    """

    participant_keys: str = field(repr=False, default="")
    stratify_by: tuple[str, ...] = STRATIFY_BY
    allocation: Allocation = Allocation.PROPORTIONAL
    usd_per_hour: float | None = None
    seconds_per_page: float | None = None

    def __post_init__(self) -> None:
        """Refuse amounts that cannot be.

        Raises:
            SettingsError: a number is not above 0; the line names it.
        """
        for name, amount in (("usd_per_hour", self.usd_per_hour), ("seconds_per_page", self.seconds_per_page)):
            if amount is not None and not amount > 0:
                raise SettingsError(f"campaign setting {name} is {amount}; give more than 0")


@dataclass(frozen=True, slots=True)
class LabelStudioSettings:
    """The annotation server.

    Attributes:
        base_url: where it listens, without /api; empty where none is used.
        token: the administrator's personal access token, or legacy token where the organisation allows these.
        timeout_seconds: for one request.
        push_tasks: tasks in one request.
        pull_tasks: tasks in one reply.
        store_tasks: tasks that are stored at once; a pull that is killed reads as many again.
        attempts: tries of a request while the server is busy, with growing waits between them.
    """

    base_url: str = ""
    token: str = field(repr=False, default="")
    timeout_seconds: float = 60.0
    push_tasks: int = 1000
    pull_tasks: int = 200
    store_tasks: int = 1000
    attempts: int = 5

    def __post_init__(self) -> None:
        """Refuse what no server can be asked.

        Raises:
            SettingsError: a number is below 1, or the address holds a password; the line names the setting.
        """
        if "@" in self.base_url:
            raise SettingsError("label_studio setting base_url holds a user name; give the token by itself instead")
        for name in ("timeout_seconds", "push_tasks", "pull_tasks", "store_tasks", "attempts"):
            if getattr(self, name) < 1:
                raise SettingsError(f"label_studio setting {name} is {getattr(self, name)}; give 1 or more")


_ADDRESS: Final = re.compile(r"https?://[^/@?#\s]+/?")
_WAY_BACK: Final = re.compile(r"https?://[^/@?#\s]+([/?#]\S*)?")
LEAST_SECRET: Final = 16
"""Characters of the secret that the server's hints carry."""


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """How people come in, and how soon their answers do.

    Attributes:
        public_url: where people reach the gateway, as their links have it; empty for its own address.
        completion_url: of the recruiting platform: where people go who have answered everything; empty for nowhere.
        completion_urls: of strata that have another, as each is a study of its own on the platform.
        link_keys: secrets that sign links, spaces between them, the newest first.
        webhook_secret: what the server's hints carry.
        hint_seconds: hints are gathered for so long before the projects that they name are pulled; for longer where
            pulling takes long.
        reconcile_seconds: this often every project is pulled, hint or not.
        pull_at_once: projects after which a pull may be ended.
        requests_at_once: of people, that the server is to answer at the same time; the others wait in line.
        writes_at_once: of them, that change something: SQLite lets one.
    """

    public_url: str = ""
    completion_url: str = field(repr=False, default="")
    completion_urls: Mapping[str, str] = field(repr=False, default_factory=dict)
    link_keys: str = field(repr=False, default="")
    webhook_secret: str = field(repr=False, default="")
    hint_seconds: float = 2.0
    reconcile_seconds: float = 300.0
    pull_at_once: int = 20
    requests_at_once: int = 8
    writes_at_once: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot serve.

        Raises:
            SettingsError: a secret is too short, an address is none, or a number is out of its range.
        """
        if self.webhook_secret and len(self.webhook_secret) < LEAST_SECRET:
            raise SettingsError(f"live setting webhook_secret is too short; give {LEAST_SECRET} characters or more")
        if self.public_url and not _ADDRESS.fullmatch(self.public_url):
            raise SettingsError(
                f"live setting public_url is {self.public_url!r}; give https:// and a host, without a path: the "
                "server's pages ask for theirs at the root"
            )
        for name, url in (("completion_url", self.completion_url), *self.completion_urls.items()):
            if url and not _WAY_BACK.fullmatch(url):
                where = name if name == "completion_url" else f"completion_urls.{name}"
                raise SettingsError(
                    f"live setting {where} is {url!r}; give the whole address, with https:// or http://"
                )
        for name in ("hint_seconds", "reconcile_seconds", "pull_at_once", "requests_at_once", "writes_at_once"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"live setting {name} is {getattr(self, name)}; give more than 0")


@dataclass(frozen=True, slots=True)
class PlantingSettings:
    """Pages that tell whether a person pays attention.

    Attributes:
        gold: gold items for each item of a block.
        repeats: items that are shown once more for each item of a block.
        apart: how many situations and gold items lie between an item's situation and its repeat, at least.
    """

    gold: float = 0.05
    repeats: float = 0.05
    apart: int = 3

    def __post_init__(self) -> None:
        """Refuse what cannot be planted.

        Raises:
            SettingsError: a number is out of its range; the line names it.
        """
        for name, share in (("gold", self.gold), ("repeats", self.repeats)):
            if not 0 <= share <= 1:
                raise SettingsError(f"planting setting {name} is {share}; give a share from 0 to 1")
        if self.apart < 0:
            raise SettingsError(f"planting setting apart is {self.apart}; give 0 or more")


@dataclass(frozen=True, slots=True)
class GoldSettings:
    """When an item is plainly valid.

    Attributes:
        teachers: who have named it, at least.
        relevance: at least, where it was measured.
        written_by: teachers that are people; what they wrote is valid by itself.
    """

    teachers: int = 2
    relevance: float = 0.8
    written_by: tuple[str, ...] = ("annotators",)

    def __post_init__(self) -> None:
        """Refuse limits that cannot be met.

        Raises:
            SettingsError: a number is out of its range; the line names it.
        """
        if self.teachers < 1:
            raise SettingsError(f"gold setting teachers is {self.teachers}; give 1 or more")
        if not 0 <= self.relevance <= 1:
            raise SettingsError(f"gold setting relevance is {self.relevance}; give 0 to 1")


@dataclass(frozen=True, slots=True)
class PowerSettings:
    """What is asked of the tests between groups, and what is taken for granted of how people answer.

    Attributes:
        alpha: two-sided error over all comparisons.
        power: chance to find a difference.
        constant: log-odds that a typical person agrees with a typical item; a pilot tells better.
        person_sd: of the log-odds between people; likewise `item_sd` between items.
    """

    alpha: float = 0.05
    power: float = 0.8
    constant: float = 1.45
    person_sd: float = 0.7
    item_sd: float = 0.7

    def __post_init__(self) -> None:
        """Refuse what no test can be asked.

        Raises:
            SettingsError: a number is out of its range; the line names it.
        """
        for name, share in (("alpha", self.alpha), ("power", self.power)):
            if not 0 < share < 1:
                raise SettingsError(f"power setting {name} is {share}; give more than 0 and less than 1")
        for name, deviation in (("person_sd", self.person_sd), ("item_sd", self.item_sd)):
            if deviation < 0:
                raise SettingsError(f"power setting {name} is {deviation}; give 0 or more")
