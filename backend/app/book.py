"""The book, as it is shipped in the package."""

from functools import cache
from importlib.resources import files

from pydantic import BaseModel


class BookChapter(BaseModel):
    """A chapter as written; a blank line in `body` separates its paragraphs."""

    slug: str
    title: str
    summary: str
    body: str


class Book(BaseModel):
    title: str
    chapters: list[BookChapter]


@cache
def read_book() -> Book:
    return Book.model_validate_json(files("app.data").joinpath("book.json").read_bytes())
