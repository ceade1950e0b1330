import socket
import time
from collections.abc import Iterator

import pytest

from app import __version__
from app.models import Base
from tests.conftest import REFUSING, Serve
from tests.openrouter import OpenRouter


@pytest.fixture
def silent() -> Iterator[str]:
    """Address of a server that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def test_health_is_ok_with_everything_embedded_and_names_the_release(serve: Serve) -> None:
    client = serve(COMMIT="a" * 40, IMAGE_DIGEST="sha256:" + "b" * 64)

    response = client.get("/health")

    health = response.json()
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert health["status"] == "ok"
    assert health["commit"] == "a" * 40
    assert health["image_digest"] == "sha256:" + "b" * 64
    assert health["version"] == __version__
    database = health["dependencies"]["database"]
    assert database.pop("latency_ms") >= 0
    assert database == {"status": "ok", "needed": True, "detail": None}
    assert health["dependencies"]["qdrant"]["status"] == "ok"
    assert health["dependencies"]["openrouter"] == {
        "status": "off",
        "needed": False,
        "latency_ms": None,
        "detail": None,
    }


def test_health_is_503_when_the_database_is_unreachable_and_hides_its_password(
    serve: Serve,
) -> None:
    client = serve(DATABASE_URL=f"postgresql://reader:hunter2@{REFUSING}/handbook")

    response = client.get("/health")

    assert response.status_code == 503
    assert response.json()["status"] == "down"
    assert response.json()["dependencies"]["qdrant"]["status"] == "ok"
    database = response.json()["dependencies"]["database"]
    assert database["status"] == "down"
    assert database["detail"] == "the database cannot be reached"
    assert "hunter2" not in response.text


def test_health_is_503_when_qdrant_is_unreachable(serve: Serve) -> None:
    client = serve(QDRANT_URL=f"http://{REFUSING}")

    response = client.get("/health")

    assert response.status_code == 503
    assert response.json()["status"] == "down"
    assert response.json()["dependencies"]["database"]["status"] == "ok"
    assert response.json()["dependencies"]["qdrant"]["detail"] == "Qdrant cannot be reached"


def test_health_answers_within_two_seconds_when_dependencies_hang(
    serve: Serve, silent: str
) -> None:
    client = serve(
        DATABASE_URL=f"postgresql://reader:hunter2@{silent}/handbook",
        QDRANT_URL=f"http://{silent}",
        OPENROUTER_API_KEY="sk-or-any",
        OPENROUTER_BASE_URL=f"http://{silent}/api/v1",
    )

    started = time.monotonic()
    response = client.get("/health")
    took = time.monotonic() - started

    assert response.status_code == 503
    assert took < 2
    dependencies = response.json()["dependencies"]
    assert {dependency["status"] for dependency in dependencies.values()} == {"down"}
    assert dependencies["database"]["detail"] == "no answer within 1.5 s"


def test_health_is_503_when_a_table_is_missing(serve: Serve) -> None:
    client = serve()
    Base.metadata.drop_all(client.app.state.database.engine)  # type: ignore[attr-defined]

    response = client.get("/health")

    assert response.status_code == 503
    detail = response.json()["dependencies"]["database"]["detail"]
    assert detail == "its schema is older than this release; run `alembic upgrade head`"


def test_health_is_ok_when_openrouter_accepts_the_key(serve: Serve, openrouter: OpenRouter) -> None:
    client = serve(OPENROUTER_API_KEY=openrouter.key, OPENROUTER_BASE_URL=openrouter.base_url)

    response = client.get("/health")

    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert response.json()["dependencies"]["openrouter"]["status"] == "ok"


def test_health_is_ok_with_a_provider_that_has_no_key_endpoint(
    serve: Serve, openrouter: OpenRouter
) -> None:
    openrouter.has_key_endpoint = False
    client = serve(OPENROUTER_API_KEY=openrouter.key, OPENROUTER_BASE_URL=openrouter.base_url)

    assert client.get("/health").json()["status"] == "ok"


def test_health_is_degraded_when_openrouter_refuses_the_key(
    serve: Serve, openrouter: OpenRouter
) -> None:
    client = serve(OPENROUTER_API_KEY="sk-or-wrong", OPENROUTER_BASE_URL=openrouter.base_url)

    response = client.get("/health")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    detail = response.json()["dependencies"]["openrouter"]["detail"]
    assert detail == "OpenRouter refused the API key (401)"
    assert "sk-or-wrong" not in response.text


def test_health_is_degraded_when_openrouter_is_unreachable(serve: Serve) -> None:
    client = serve(OPENROUTER_API_KEY="sk-or-any", OPENROUTER_BASE_URL=f"http://{REFUSING}/api/v1")

    response = client.get("/health")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    detail = response.json()["dependencies"]["openrouter"]["detail"]
    assert detail == "OpenRouter cannot be reached"


def test_health_is_503_when_the_database_file_cannot_be_made(serve: Serve) -> None:
    client = serve(DATABASE_URL="sqlite:////dev/null/handbook.db")

    response = client.get("/health")

    assert response.status_code == 503
    detail = response.json()["dependencies"]["database"]["detail"]
    assert detail == "the database cannot be reached"
