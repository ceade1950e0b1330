"""What an operator may set through environment variables."""

import json
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url

# Relative to the working directory, where the image keeps a data folder its user may write.
EMBEDDED_DATABASE = "sqlite:///data/handbook.db"


class SettingsError(Exception):
    """Every wrong setting at once, named by its environment variable, without its value."""

    @classmethod
    def of(cls, error: ValidationError) -> Self:
        problems = [
            f"  {'.'.join(str(part) for part in problem['loc']).upper()}: "
            f"{problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        return cls("\n".join(["The settings are wrong; correct these variables:", *problems]))


class Settings(BaseSettings):
    """Settings of one process; the defaults run everything embedded, without a network."""

    # A pipeline passes "" for a variable it has no value for.
    model_config = SettingsConfigDict(
        env_ignore_empty=True, hide_input_in_errors=True, frozen=True, extra="ignore"
    )

    commit: str = "unknown"
    image_digest: str | None = None
    database_url: SecretStr = SecretStr(EMBEDDED_DATABASE)
    qdrant_url: str | None = None
    qdrant_api_key: SecretStr | None = None
    openrouter_api_key: SecretStr | None = None
    openrouter_base_url: str = "https://openrouter.ai/api/v1"
    openrouter_model: str = Field(default="openai/gpt-4o-mini", min_length=1)
    cors_origins: Annotated[list[str], NoDecode] = []
    port: int = Field(default=7860, ge=1, le=65535)

    @property
    def migrates_itself(self) -> bool:
        """Whether start-up applies the migrations: only to SQLite, which no one else can reach."""
        return make_url(self.database_url.get_secret_value()).get_backend_name() == "sqlite"

    @field_validator("commit")
    @classmethod
    def _full_hash(cls, value: str) -> str:
        if value != "unknown" and not _is_hex(value, 40):
            raise ValueError('give the full hash, 40 lower-case hexadecimal digits, or "unknown"')
        return value

    @field_validator("image_digest")
    @classmethod
    def _digest(cls, value: str | None) -> str | None:
        if value is None:
            return None
        algorithm, _, digest = value.partition(":")
        if algorithm != "sha256" or not _is_hex(digest, 64):
            raise ValueError("give sha256: and 64 lower-case hexadecimal digits")
        return value

    @field_validator("database_url")
    @classmethod
    def _supported_database(cls, value: SecretStr) -> SecretStr:
        wanted = "give postgresql://user:password@host:5432/name or sqlite:///file"
        try:
            url = make_url(value.get_secret_value())
            backend = url.get_backend_name()
        except Exception:  # noqa: BLE001  The parser's own words may quote the password.
            raise ValueError(wanted) from None
        if backend == "sqlite":
            return value
        if backend not in {"postgresql", "postgres"} or not url.host or not url.database:
            raise ValueError(wanted)
        # Providers hand out postgres://; SQLAlchemy wants the driver named.
        url = url.set(drivername="postgresql+psycopg")
        return SecretStr(url.render_as_string(hide_password=False))

    @field_validator("qdrant_url", "openrouter_base_url")
    @classmethod
    def _http_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
            parts = urlsplit("")
        if not usable or parts.username is not None:
            raise ValueError("give an http or https URL without a user or password in it")
        return value.rstrip("/")

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            try:
                return json.loads(value)
            except ValueError:
                raise ValueError("give origins separated by commas, or a JSON list") from None
        return [origin.strip() for origin in value.split(",") if origin.strip()]

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            parts = urlsplit(origin)
            # A browser sends scheme, host and port only: a trailing slash would never match.
            if (
                parts.scheme not in {"http", "https"}
                or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise ValueError("give origins such as https://book.example, without a path")
        return value


def read_settings() -> Settings:
    """Reads the environment; raises `SettingsError` with every mistake in it."""
    try:
        return Settings()
    except ValidationError as error:
        # `from None`: the original error holds the rejected values.
        raise SettingsError.of(error) from None


def _is_hex(value: str, length: int) -> bool:
    return len(value) == length and set(value) <= set("0123456789abcdef")
