"""A real Label Studio for the session, from a data directory that is set up once and copied."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from filelock import FileLock

from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.local_server import Credentials, LocalServer, local_label_studio
from tests.annotation.exchange.person import Person

HOME = Path(__file__).parents[3] / ".label-studio"
EXECUTABLE = HOME / "venv" / "bin" / "label-studio"
CREDENTIALS = Credentials("a password of the tests", "0123456789abcdef0123456789abcdef01234567")
FIRST_PERSON = 1
"""The server's number of its administrator."""


@dataclass(frozen=True)
class Running:
    """A server, and its data directory, with which it can be started again."""

    server: LocalServer
    data: Path


def personal_token(running: Running, lasts: timedelta) -> str:
    """Return a token of the administrator as the server makes them, but one that runs out.

    It is signed with the server's own key, which is in its data directory.
    """
    key = (running.data / ".env").read_text().partition("SECRET_KEY=")[2].strip()
    now = datetime.now(UTC)
    claims = {"token_type": "refresh", "exp": now + lasts, "iat": now, "jti": "of-the-tests", "user_id": FIRST_PERSON}
    return jwt.encode(claims, key)


@pytest.fixture(scope="session")
def prepared_data() -> Path:
    """An empty server's data directory; to be copied, not used."""
    if not EXECUTABLE.exists():
        reason = "no Label Studio in .label-studio; run: make label-studio"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    prepared = HOME / "prepared"
    with FileLock(HOME / "prepared.lock"):
        if not prepared.exists():
            fresh = HOME / "fresh"
            shutil.rmtree(fresh, ignore_errors=True)
            with local_label_studio(EXECUTABLE, fresh, CREDENTIALS):
                pass
            fresh.rename(prepared)
    return prepared


@pytest.fixture
def data(prepared_data: Path, tmp_path: Path) -> Path:
    return shutil.copytree(prepared_data, tmp_path / "label-studio")


@pytest.fixture(scope="module")
def label_studio(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = shutil.copytree(prepared_data, tmp_path_factory.mktemp("label-studio") / "data")
    with local_label_studio(EXECUTABLE, data, CREDENTIALS) as server:
        yield Running(server, data)


@pytest.fixture
def adapter(label_studio: Running) -> Iterator[LabelStudioServer]:
    with LabelStudioServer(label_studio.server.base_url, CREDENTIALS.token) as server:
        yield server


@pytest.fixture
def person(label_studio: Running) -> Iterator[Person]:
    with Person(label_studio.server.base_url, CREDENTIALS.token) as somebody:
        yield somebody
