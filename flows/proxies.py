"""Proxies that the environment names: no teacher is asked through one, and Prefect's server on this machine neither."""

import os
from collections.abc import Iterable, MutableMapping
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from flows import progress
from valueprism_build.teachers.teacher import TeacherSettings

UNHEEDED: Final = "HTTPS_PROXY or the like is set for it, and not heeded: it is asked directly"
LOOPBACK: Final = "127.0.0.1,localhost"


def has_proxy(base_url: str) -> bool:
    """Return whether other programs would go there through a proxy."""
    url, proxies = urlsplit(base_url), getproxies_environment()
    named = proxies.get(url.scheme) or proxies.get("all")
    return bool(named and url.hostname) and not proxy_bypass(url.netloc)


def tell_unheeded(teachers: Iterable[TeacherSettings]) -> None:
    """Show a line for each teacher that other programs would ask through a proxy; a proxy may hold a password."""
    for teacher in teachers:
        if has_proxy(teacher.base_url):
            progress.say(f"teacher {teacher.name}: {UNHEEDED}")


def spare_loopback(environment: MutableMapping[str, str] = os.environ) -> None:
    """Add this machine to what no proxy is for: Prefect would look for its own server behind one, and find none."""
    name = "no_proxy" if "no_proxy" in environment else "NO_PROXY"  # where both are set, the former counts
    given = environment.get(name, "")
    if given.strip() != "*" and not given.endswith(LOOPBACK):
        environment[name] = f"{given},{LOOPBACK}" if given else LOOPBACK
