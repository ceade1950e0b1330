from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings, read_settings
from tests.openrouter import OpenRouter

type Serve = Callable[..., TestClient]
type Configure = Callable[..., Settings]

# A port of the loopback interface where nothing listens: connections are refused at once.
REFUSING = "127.0.0.1:9"


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Reads settings from environment variables, with a database of the test's own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/data/handbook.db")

    def configured(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return read_settings()

    return configured


@pytest.fixture
def serve(configure: Configure) -> Iterator[Serve]:
    """Starts the application with the given environment variables, until the test ends."""
    with ExitStack() as running:

        def served(**variables: str) -> TestClient:
            app = create_app(configure(**variables))
            return running.enter_context(TestClient(app, raise_server_exceptions=False))

        yield served


@pytest.fixture
def openrouter() -> Iterator[OpenRouter]:
    with OpenRouter() as server:
        yield server
