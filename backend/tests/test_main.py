import json
import os
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from urllib.request import urlopen

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import __version__
from app.errors import answer_errors_as_json
from tests.conftest import Serve

BACKEND = Path(__file__).parent.parent


def test_a_page_from_an_allowed_origin_may_read_answers(serve: Serve) -> None:
    client = serve(CORS_ORIGINS="https://book.example, https://staging.book.example")

    response = client.get("/chapters", headers={"Origin": "https://staging.book.example"})

    assert response.headers["access-control-allow-origin"] == "https://staging.book.example"


def test_no_origin_is_allowed_by_default(serve: Serve) -> None:
    client = serve()

    response = client.get("/chapters", headers={"Origin": "https://book.example"})

    assert "access-control-allow-origin" not in response.headers


def test_an_unknown_path_answers_json(serve: Serve) -> None:
    client = serve()

    response = client.get("/nowhere")

    assert response.status_code == 404
    assert response.json() == {"error": {"code": "not_found", "message": "Not Found"}}


def test_a_defect_answers_json_without_its_cause() -> None:
    app = FastAPI()
    answer_errors_as_json(app)

    @app.get("/broken")
    def broken() -> None:
        message = "the inside"
        raise RuntimeError(message)

    response = TestClient(app, raise_server_exceptions=False).get("/broken")

    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal_error"
    assert "the inside" not in response.text


def test_the_process_stops_at_once_and_names_every_wrong_setting() -> None:
    environment = os.environ | {"PORT": "http", "DATABASE_URL": "postgresql://u:hunter2@h:x/db"}

    process = subprocess.run(
        [sys.executable, "-m", "app"],
        cwd=BACKEND,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert process.returncode == 2
    assert "PORT" in process.stderr
    assert "DATABASE_URL" in process.stderr
    assert "hunter2" not in process.stderr + process.stdout


def test_the_process_serves_on_the_port_it_is_given(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{tmp_path}/handbook.db",
    }
    log = tmp_path / "log.txt"

    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "app"], cwd=BACKEND, env=environment, stderr=errors
        ) as process,
    ):
        try:
            answer = answer_of(f"http://127.0.0.1:{port}/health", process)
        finally:
            process.terminate()

    assert answer.get("status") == "ok", log.read_text()


def answer_of(url: str, process: subprocess.Popen[bytes]) -> dict[str, object]:
    """The JSON at `url` once `process` serves it; empty when it ended or two minutes are over.

    On a busy machine the process takes many times as long to start as alone.
    """
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=5) as response:  # noqa: S310  The URL is the test's own.
                answer: dict[str, object] = json.load(response)
                return answer
        except OSError:
            time.sleep(0.05)
    return {}


def test_the_version_is_the_one_of_the_project() -> None:
    project = tomllib.loads((BACKEND / "pyproject.toml").read_text())

    assert project["project"]["version"] == __version__
