"""`GET /chapters`: the chapters of the book."""

from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from app.dependencies import CurrentDatabase
from app.errors import ChapterNotFound, ErrorAnswer
from app.models import Chapter

router = APIRouter(
    prefix="/chapters",
    tags=["chapters"],
    responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": ErrorAnswer}},
)


class ChapterSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    slug: str
    title: str
    summary: str


class ChapterText(ChapterSummary):
    body: str


@router.get("")
def chapters(database: CurrentDatabase) -> list[ChapterSummary]:
    """Every chapter, in the order of the book."""
    with database.session() as session:
        stored = session.scalars(select(Chapter).order_by(Chapter.position))
        return [ChapterSummary.model_validate(chapter) for chapter in stored]


@router.get("/{slug}", responses={HTTPStatus.NOT_FOUND: {"model": ErrorAnswer}})
def chapter(slug: str, database: CurrentDatabase) -> ChapterText:
    """One chapter with its text."""
    with database.session() as session:
        stored = session.scalar(select(Chapter).where(Chapter.slug == slug))
        if stored is None:
            raise ChapterNotFound(slug)
        return ChapterText.model_validate(stored)
