import pytest
from starlette.testclient import TestClient

from portal.app import app


@pytest.mark.parametrize(("language", "greeting"), [("de", "Hallo"), ("fr", "Hello")])
def test_a_visitor_is_greeted_in_a_known_language(language: str, greeting: str) -> None:
    assert TestClient(app).get(f"/welcome/{language}").json() == {"greeting": greeting}


def test_it_says_how_it_is() -> None:
    assert TestClient(app).get("/health").json()["status"] == "ok"
