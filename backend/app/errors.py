"""What goes wrong in the words of the API, and how it is told to a client as JSON."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)


class Problem(BaseModel):
    """One thing that went wrong; `code` is for programs, `message` for people."""

    code: str
    message: str


class ErrorAnswer(BaseModel):
    """Body of every answer that is not a success."""

    error: Problem


class DependencyUnavailable(Exception):  # noqa: N818  It names a state of the world.
    """A dependency could not be used. `detail` is public: it never quotes a URL or a driver."""

    def __init__(self, dependency: str, detail: str) -> None:
        super().__init__(f"{dependency}: {detail}")
        self.dependency = dependency
        self.detail = detail


class ChapterNotFound(Exception):  # noqa: N818  As above.
    """No chapter has this slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"no chapter has the slug {slug!r}")


def answer_errors_as_json(app: FastAPI) -> None:
    """Gives every failure of `app` the body `ErrorAnswer`."""

    @app.exception_handler(DependencyUnavailable)
    def unavailable(_: Request, error: DependencyUnavailable) -> JSONResponse:
        logger.warning("refused a request: %s", error)
        return _answer(
            HTTPStatus.SERVICE_UNAVAILABLE, f"{error.dependency}_unavailable", error.detail
        )

    @app.exception_handler(ChapterNotFound)
    def not_found(_: Request, error: ChapterNotFound) -> JSONResponse:
        return _answer(HTTPStatus.NOT_FOUND, "chapter_not_found", str(error))

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", problems)

    @app.exception_handler(HTTPException)
    def http(_: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        return _answer(status, status.name.lower(), error.detail, error.headers)

    @app.exception_handler(Exception)
    def unexpected(_: Request, __: Exception) -> JSONResponse:
        # The server logs the traceback; a client learns nothing about the inside.
        return _answer(
            HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "the service failed; see its log"
        )


def _answer(
    status: HTTPStatus, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    body = ErrorAnswer(error=Problem(code=code, message=message))
    return JSONResponse(body.model_dump(), status_code=status, headers=headers)
