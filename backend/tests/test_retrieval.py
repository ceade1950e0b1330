import math
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from app.errors import DependencyUnavailable
from app.retrieval import COLLECTION, Retriever, embed
from tests.conftest import Configure


@pytest.fixture
def retriever(configure: Configure) -> Iterator[Retriever]:
    retriever = Retriever(configure())
    yield retriever
    retriever.close()


@pytest.fixture
def refusing_qdrant() -> Iterator[str]:
    """A Qdrant that asks for another key."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(401)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keeps the output of the tests quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_embedding_is_a_unit_vector_and_always_the_same() -> None:
    vector = embed("Where is the centre of mass?")

    assert math.isclose(math.hypot(*vector), 1)
    assert vector == embed("WHERE is the centre of mass")


def test_singular_and_plural_meet() -> None:
    assert embed("sensors") == embed("sensor")


def test_words_without_a_subject_embed_to_nothing() -> None:
    assert not any(embed("what is it?"))


def test_the_nearest_passage_comes_first(retriever: Retriever) -> None:
    found = retriever.search("What happens at a singularity of the arm?")

    assert found[0].slug == "kinematics-and-control"
    assert "singularity" in found[0].text


def test_passages_that_qdrant_has_lost_are_indexed_again(retriever: Retriever) -> None:
    before = retriever.search("capture point")
    retriever._client.delete_collection(COLLECTION)  # noqa: SLF001  As a Qdrant without a volume.

    assert retriever.search("capture point") == before


def test_a_refused_key_is_told_as_such(configure: Configure, refusing_qdrant: str) -> None:
    retriever = Retriever(configure(QDRANT_URL=refusing_qdrant))

    with pytest.raises(DependencyUnavailable) as raised:
        retriever.check()

    assert raised.value.detail == "Qdrant refused the API key (401)"
    retriever.close()
