import sys

from library.app import app


def test_it_runs_on_the_python_of_its_image() -> None:
    assert sys.version_info[:2] == (3, 11)


def test_a_new_loan_has_four_weeks() -> None:
    assert app.test_client().get("/loans/0").get_json() == {"left": 28}


def test_it_says_how_it_is() -> None:
    assert app.test_client().get("/health").get_json()["status"] == "ok"
