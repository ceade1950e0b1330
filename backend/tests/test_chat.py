import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.answering import NOT_COVERED
from app.models import Message
from tests.conftest import REFUSING, Serve
from tests.openrouter import OpenRouter

KALMAN = "How does the Kalman filter weigh a measurement?"


def stored_messages(client: TestClient) -> list[tuple[str, str, str | None]]:
    with client.app.state.database.session() as session:  # type: ignore[attr-defined]
        messages = session.scalars(select(Message).order_by(Message.id))
        return [(message.role, message.content, message.answered_by) for message in messages]


def test_chat_quotes_the_nearest_passage_when_no_key_is_set(serve: Serve) -> None:
    client = serve()

    response = client.post("/chat", json={"question": KALMAN})

    assert response.status_code == 200
    assert "The Kalman filter predicts the state" in response.json()["answer"]
    assert response.json()["sources"][0] == {
        "slug": "sensing-and-perception",
        "title": "Sensing and Perception",
    }


def test_chat_stores_the_question_and_its_answer(serve: Serve) -> None:
    client = serve()

    answer = client.post("/chat", json={"question": KALMAN}).json()["answer"]

    assert stored_messages(client) == [
        ("user", KALMAN, None),
        ("assistant", answer, "offline"),
    ]


@pytest.mark.parametrize("question", ["Who won the football?", "What is it?"])
def test_chat_names_no_source_for_a_question_outside_the_book(serve: Serve, question: str) -> None:
    client = serve()

    response = client.post("/chat", json={"question": question})

    assert response.json() == {"answer": NOT_COVERED, "sources": []}


def test_chat_names_each_chapter_once(serve: Serve) -> None:
    client = serve()

    response = client.post("/chat", json={"question": "zero moment point and capture point"})

    slugs = [source["slug"] for source in response.json()["sources"]]
    assert slugs[0] == "humanoid-locomotion"
    assert len(slugs) == len(set(slugs))


def test_chat_gives_the_model_the_passages_and_returns_its_answer(
    serve: Serve, openrouter: OpenRouter
) -> None:
    client = serve(
        OPENROUTER_API_KEY=openrouter.key,
        OPENROUTER_BASE_URL=openrouter.base_url,
        OPENROUTER_MODEL="example/model",
    )

    response = client.post("/chat", json={"question": KALMAN})

    assert response.json()["answer"] == "It weighs prediction and measurement."
    assert openrouter.asked[0]["model"] == "example/model"
    assert "The Kalman filter predicts the state" in openrouter.asked[0]["messages"][1]["content"]
    assert stored_messages(client)[1][2] == "example/model"


def test_chat_quotes_the_book_when_the_model_fails(serve: Serve, openrouter: OpenRouter) -> None:
    openrouter.status = 400
    client = serve(OPENROUTER_API_KEY=openrouter.key, OPENROUTER_BASE_URL=openrouter.base_url)

    response = client.post("/chat", json={"question": KALMAN})

    assert response.status_code == 200
    assert "The Kalman filter predicts the state" in response.json()["answer"]
    assert stored_messages(client)[1][2] == "offline"


def test_chat_quotes_the_book_when_the_model_sends_no_choice(
    serve: Serve, openrouter: OpenRouter
) -> None:
    openrouter.silent = True
    client = serve(OPENROUTER_API_KEY=openrouter.key, OPENROUTER_BASE_URL=openrouter.base_url)

    response = client.post("/chat", json={"question": KALMAN})

    assert "The Kalman filter predicts the state" in response.json()["answer"]


@pytest.mark.parametrize("question", ["", "   ", "x" * 2001])
def test_chat_refuses_a_question_that_is_empty_or_too_long(serve: Serve, question: str) -> None:
    client = serve()

    response = client.post("/chat", json={"question": question})

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_request"
    assert "body.question" in response.json()["error"]["message"]
    assert stored_messages(client) == []


def test_chat_takes_a_question_of_the_greatest_length(serve: Serve) -> None:
    client = serve()

    assert client.post("/chat", json={"question": "x" * 2000}).status_code == 200


def test_chat_is_503_when_qdrant_is_unreachable(serve: Serve) -> None:
    client = serve(QDRANT_URL=f"http://{REFUSING}")

    response = client.post("/chat", json={"question": KALMAN})

    assert response.status_code == 503
    assert response.json()["error"] == {
        "code": "qdrant_unavailable",
        "message": "Qdrant cannot be reached",
    }


def test_chat_is_503_when_the_database_is_unreachable(serve: Serve) -> None:
    client = serve(DATABASE_URL=f"postgresql://reader:hunter2@{REFUSING}/handbook")

    response = client.post("/chat", json={"question": KALMAN})

    assert response.status_code == 503
    assert response.json()["error"]["code"] == "database_unavailable"
    assert "hunter2" not in response.text
