"""The only reader of the environment: flags, then `VALUEPRISM_*`, then `valueprism.toml`, then defaults.

Unknown keys are refused, and no secret is ever part of a message.
"""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from annotation.exclusion_settings import ExclusionSettings
from annotation.settings import (
    CampaignSettings,
    GoldSettings,
    LabelStudioSettings,
    LiveSettings,
    PlantingSettings,
    PowerSettings,
)
from annotation.wishes.settings import MissingSettings
from flows.proxies import spare_loopback
from valueprism_build.considerations.near_identical import DedupThresholds
from valueprism_build.considerations.relevance import RelevanceSettings
from valueprism_build.contrasts.choosing import ContrastSettings
from valueprism_build.errors import SettingsError
from valueprism_build.release.settings import ReleaseSettings
from valueprism_build.situations.settings import FilterSettings
from valueprism_build.teachers.batches import BatchSettings
from valueprism_build.teachers.coverage import CoverageSettings
from valueprism_build.teachers.teacher import LOCAL, TeacherSettings, variable_of

PREFIX: Final = "VALUEPRISM_"
NESTED: Final = "__"
TOML: Final = Path("valueprism.toml")
OPENAI: Final = "openai"
OPENAI_BASE_URL: Final = "https://api.openai.com/v1"
OPENAI_MODEL: Final = "gpt-4.1-mini"
MAY_BE_NONE: Final = frozenset({"temperature", "max_tokens", "seed"})  # of a teacher: left to the endpoint by "none"
# Names that the environment can spell: it knows no case, and two underscores part what is nested.
TEACHER_NAME: Final = re.compile(r"[a-z0-9.-]+(_[a-z0-9.-]+)*")

Overrides: TypeAlias = Mapping[str, object]
"""What flags say, in the shape of the settings: `{"teacher": ["vllm"]}`. Holds no secret, since no flag does."""

PREFECT_DEFAULTS: Final = {
    # Nothing about a run leaves the machine unless somebody asks for it.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # A cold machine takes 10 to 75 s to start the embedded server; the default gives up after 20.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    # What went wrong is said by us, in one line; bugs keep their traceback all the same.
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
}


def _known(record: type) -> BeforeValidator:
    """Refuse keys that the record does not have, naming those it has."""
    names = sorted(field.name for field in fields(record))

    def check(value: object) -> object:
        if isinstance(value, Mapping):
            _refuse_unknown(value, names)
        return value

    return BeforeValidator(check)


def _refuse_unknown(table: Mapping[str, object], known: Sequence[str]) -> None:
    unknown = sorted(table.keys() - set(known))
    if unknown:
        raise ValueError(f"unknown setting {', '.join(unknown)}; known here: {', '.join(known)}")


def _names(value: object) -> object:
    """Take one name or several with commas between them; refuse what was the table of the only teacher."""
    if isinstance(value, Mapping):
        raise ValueError("names the teachers to ask; what a teacher is goes under teachers.NAME")
    return tuple(name.strip() for name in value.split(",")) if isinstance(value, str) else value


def _named(value: object) -> object:
    """Give each teacher's table the name that it stands under; refuse names and keys that cannot be."""
    if not isinstance(value, Mapping):
        return value
    return {name: _named_table(name, table) for name, table in value.items()}


def _named_table(name: str, table: object) -> object:
    if not TEACHER_NAME.fullmatch(name):
        raise ValueError(f"the name {name!r} cannot be; use lower-case letters, digits and single underscores")
    if not isinstance(table, Mapping):
        return table
    known = sorted(field.name for field in fields(TeacherSettings) if field.name != "name")
    _refuse_unknown(table, known)
    given = {key: None if said == "none" and key in MAY_BE_NONE else said for key, said in table.items()}
    return {**given, "name": name}


class Settings(BaseSettings):
    """Everything that a run can be told. Frozen; passed down, never read again below."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        toml_file=TOML,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    warehouse: Path = Path("warehouse_data")
    situations: tuple[str, ...] = ("sample",)
    text_column: str = "situation"
    text_template: str | None = None
    split: str = "train"
    config: str | None = None
    licence: str = "unknown"
    language: str = "en"
    limit: Annotated[int, Field(ge=1)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 8
    chunk_size: Annotated[int, Field(ge=1)] = 1000
    lock_wait_seconds: Annotated[float, Field(ge=0)] = 20.0
    embedding_model: str = "all-MiniLM-L6-v2"
    teacher: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names), Field(min_length=1)] = (LOCAL,)
    teachers: Annotated[dict[str, TeacherSettings], BeforeValidator(_named)] = {}
    budget_usd: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] | None = None
    batch: Annotated[BatchSettings, _known(BatchSettings)] = BatchSettings()
    filters: Annotated[FilterSettings, _known(FilterSettings)] = FilterSettings()
    dedup: Annotated[DedupThresholds, _known(DedupThresholds)] = DedupThresholds()
    coverage: Annotated[CoverageSettings, _known(CoverageSettings)] = CoverageSettings()
    contrast: Annotated[ContrastSettings, _known(ContrastSettings)] = ContrastSettings()
    relevance: Annotated[RelevanceSettings, _known(RelevanceSettings)] = RelevanceSettings()
    campaign: Annotated[CampaignSettings, _known(CampaignSettings)] = CampaignSettings()
    label_studio: Annotated[LabelStudioSettings, _known(LabelStudioSettings)] = LabelStudioSettings()
    live: Annotated[LiveSettings, _known(LiveSettings)] = LiveSettings()
    planting: Annotated[PlantingSettings, _known(PlantingSettings)] = PlantingSettings()
    gold: Annotated[GoldSettings, _known(GoldSettings)] = GoldSettings()
    missing: Annotated[MissingSettings, _known(MissingSettings)] = MissingSettings()
    power: Annotated[PowerSettings, _known(PowerSettings)] = PowerSettings()
    exclusion: Annotated[ExclusionSettings, _known(ExclusionSettings)] = ExclusionSettings()
    releases: Path = Path("releases")
    release: Annotated[ReleaseSettings, _known(ReleaseSettings)] = ReleaseSettings()

    @property
    def chosen(self) -> tuple[TeacherSettings, ...]:
        """Return the teachers to ask, in the order in which they are named."""
        return tuple(self.teachers[name] for name in self.teacher)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic passes it by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put flags before the environment before the file, and read nothing else."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(overrides: Overrides) -> Settings:
    """Return the settings in force; of all teachers that are described, those that are to be asked.

    Raises:
        SettingsError: a key is unknown, a value does not fit, or `valueprism.toml` is no TOML.
    """
    _refuse_unknown_variables()
    try:
        settings = Settings(**dict[str, Any](overrides))
    except ValidationError as error:
        raise SettingsError("; ".join(_sentence(detail["loc"], detail["msg"]) for detail in error.errors())) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{TOML} is not valid TOML: {error}") from error
    names = tuple(dict.fromkeys(settings.teacher))  # who is named twice is asked once
    relevance, needed = settings.relevance, names
    if relevance.measure:
        first = next((name for name in names if name != LOCAL), LOCAL)  # the demonstration teacher judges nobody else
        relevance = replace(relevance, teacher=relevance.teacher or first)
        needed = (*names, relevance.teacher)
    teachers = {name: _resolved(settings.teachers.get(name) or TeacherSettings(name=name)) for name in needed}
    _refuse_doubles(teachers)
    if settings.batch.enabled and LOCAL in needed:
        raise SettingsError(f"teacher {LOCAL!r} has no Batch API; leave out --batch, or name other teachers only")
    return settings.model_copy(update={"teacher": names, "teachers": teachers, "relevance": relevance})


def as_flags(settings: Settings) -> dict[str, object]:
    """Return the settings as JSON-able values without the keys: what a run records about itself."""
    shown = settings.model_dump(mode="json")
    for teacher in shown["teachers"].values():
        teacher.pop("api_key")
    shown["campaign"].pop("participant_keys")
    shown["label_studio"].pop("token")
    for secret in ("link_keys", "webhook_secret", "completion_url", "completion_urls"):  # whoever has a code is paid
        shown["live"].pop(secret)
    return shown


def prepare_environment() -> None:
    """Set the quiet defaults that prefect reads when it is first imported; what the user has set stays."""
    spare_loopback()
    for name, value in PREFECT_DEFAULTS.items():
        os.environ.setdefault(name, value)


def _resolved(teacher: TeacherSettings) -> TeacherSettings:
    """Fill in what follows from the teacher's name: endpoint, model and key of OpenAI itself."""
    if urlsplit(teacher.base_url).username or urlsplit(teacher.base_url).password:
        raise SettingsError(
            f"the base URL holds a user name or password; set {variable_of(teacher.name, 'api_key')} instead"
        )
    if teacher.name == LOCAL:
        return teacher
    if teacher.base_url and teacher.name != OPENAI:
        if not teacher.model:
            raise SettingsError(
                f"teacher {teacher.name!r} has no model; give --model or {variable_of(teacher.name, 'model')}"
            )
        return teacher
    if teacher.name != OPENAI:
        raise SettingsError(
            f"teacher {teacher.name!r} has no base URL; give --base-url, or base_url under [teachers.{teacher.name}] "
            f"in {TOML}, or use --teacher {LOCAL} or {OPENAI}"
        )
    key = teacher.api_key or os.environ.get("OPENAI_API_KEY", "")
    if not key and not teacher.base_url:
        raise SettingsError(f"teacher {OPENAI!r} needs a key; set OPENAI_API_KEY or {variable_of(OPENAI, 'api_key')}")
    return replace(
        teacher, base_url=teacher.base_url or OPENAI_BASE_URL, model=teacher.model or OPENAI_MODEL, api_key=key
    )


def _refuse_doubles(teachers: Mapping[str, TeacherSettings]) -> None:
    """Refuse two names for one thing: whoever is asked second would find the other's replies and ask nothing."""
    first: dict[tuple[object, ...], str] = {}
    for name, teacher in teachers.items():
        how = (teacher.temperature, teacher.max_tokens, teacher.seed, teacher.structured, teacher.max_items)
        other = first.setdefault((teacher.identity_url or teacher.base_url, teacher.model, *how), name)
        if other != name:
            raise SettingsError(
                f"teachers {other!r} and {name!r} ask one model the same; name one of them, or change it"
            )


def _refuse_unknown_variables() -> None:
    known = {name.upper() for name in Settings.model_fields}
    for variable in sorted(os.environ):
        if variable.upper().startswith(PREFIX):
            name = variable.upper().removeprefix(PREFIX).split(NESTED)[0]
            if name not in known:
                raise SettingsError(f"unknown setting {variable} in the environment; known: {', '.join(sorted(known))}")


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(part) for part in location)
    message = message.removeprefix("Value error, ")
    if message == "Extra inputs are not permitted":
        return f"unknown setting {where!r}; known: {', '.join(sorted(Settings.model_fields))}"
    return f"setting {where!r}: {message[0].lower()}{message[1:]}"
