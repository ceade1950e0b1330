"""`POST /chat`: answers a question from the book."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, StringConstraints

from app.dependencies import CurrentAnswerer, CurrentDatabase, CurrentRetriever
from app.errors import ErrorAnswer
from app.models import Conversation, Message

router = APIRouter(tags=["chat"])


class Question(BaseModel):
    question: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)
    ]


class Source(BaseModel):
    """A chapter the answer draws on."""

    slug: str
    title: str


class ChatAnswer(BaseModel):
    answer: str
    sources: list[Source]


@router.post(
    "/chat",
    responses={
        HTTPStatus.UNPROCESSABLE_ENTITY: {"model": ErrorAnswer},
        HTTPStatus.SERVICE_UNAVAILABLE: {"model": ErrorAnswer},
    },
)
def chat(
    asked: Question,
    retriever: CurrentRetriever,
    answerer: CurrentAnswerer,
    database: CurrentDatabase,
) -> ChatAnswer:
    """Answers from the passages nearest to the question, and stores the exchange."""
    passages = retriever.search(asked.question)
    # Before the session opens: a model may take long, and a connection must not wait with it.
    answer = answerer.answer(asked.question, passages)
    with database.session() as session:
        session.add(
            Conversation(
                messages=[
                    Message(role="user", content=asked.question),
                    Message(role="assistant", content=answer.text, answered_by=answer.answered_by),
                ]
            )
        )
    titles = {passage.slug: passage.title for passage in passages}
    return ChatAnswer(
        answer=answer.text,
        sources=[Source(slug=slug, title=title) for slug, title in titles.items()],
    )
