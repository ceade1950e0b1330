from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest
from alembic import command
from alembic.config import Config

from orders.service import Service, served
from orders.store import engine, place


@pytest.fixture(scope="module", autouse=True)
def schema() -> None:
    command.upgrade(Config(Path(__file__).parents[1] / "alembic.ini"), "head")


def test_an_order_gets_the_next_number() -> None:
    with engine.begin() as connection:
        assert [place(connection, "tea", 2), place(connection, "cup", 1)] == [1, 2]


def test_an_order_of_nothing_is_refused() -> None:
    with engine.begin() as connection, pytest.raises(ValueError, match="one piece"):
        place(connection, "tea", 0)


def test_it_says_how_it_is() -> None:
    with served(Service, 0) as server:
        Thread(target=server.handle_request).start()
        with urlopen(f"http://127.0.0.1:{server.server_port}/health") as answer:
            assert b'"status": "ok"' in answer.read()
