import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from flows.settings import PREFIX, prepare_environment


@pytest.fixture(scope="session")
def prefect_api() -> Iterator[str]:
    """The address of one Prefect server for the session: a started process that is given it needs no other."""
    prepare_environment()  # prefect reads it when it is imported
    from prefect.settings import PREFECT_API_URL
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=180):
        address = PREFECT_API_URL.value()
        assert address is not None
        yield address


@pytest.fixture(scope="session", autouse=True)
def _environment_of_a_stranger() -> Iterator[None]:
    """Nothing set that steers the program, and lines as wide as they come."""
    steering = (PREFIX, "OPENAI_", "PREFECT_API_URL", "PREFECT_PROFILE")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(steering)]:
            patch.delenv(name)
        patch.setenv("COLUMNS", "1000")
        yield


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def no_waiting() -> Iterator[None]:
    """What is tried again is tried at once, and five times at most."""
    with stamina.set_testing(True, attempts=5, cap=True):
        yield
