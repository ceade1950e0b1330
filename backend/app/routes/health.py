"""`GET /health`: which release is serving, and whether it can do its work."""

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Literal

import anyio
from anyio import CapacityLimiter
from fastapi import APIRouter, Response
from pydantic import BaseModel

from app import __version__
from app.dependencies import (
    CurrentDatabase,
    CurrentOpenRouter,
    CurrentRetriever,
    CurrentSettings,
)
from app.errors import DependencyUnavailable

router = APIRouter(tags=["health"])

# Seconds; with the work around it, /health answers in under two.
CHECK_TIMEOUT = 1.5
# Threads a hanging dependency may hold: frequent probes must not starve the other routes.
THREADS_PER_DEPENDENCY = 4


class DependencyHealth(BaseModel):
    """`needed`: without it the service is down. `off`: it is not configured."""

    status: Literal["ok", "down", "off"]
    needed: bool
    latency_ms: float | None = None
    detail: str | None = None


class Dependencies(BaseModel):
    database: DependencyHealth
    qdrant: DependencyHealth
    openrouter: DependencyHealth


class Health(BaseModel):
    status: Literal["ok", "degraded", "down"]
    commit: str
    image_digest: str | None
    version: str
    dependencies: Dependencies


_threads = {
    name: CapacityLimiter(THREADS_PER_DEPENDENCY) for name in ("database", "qdrant", "openrouter")
}


@router.get("/health", responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Health}})
async def health(
    response: Response,
    settings: CurrentSettings,
    database: CurrentDatabase,
    retriever: CurrentRetriever,
    openrouter: CurrentOpenRouter,
) -> Health:
    """Says which commit is serving and whether its dependencies work; 503 when a needed one fails.

    OpenRouter is not needed: without it the service is degraded and answers from the book alone.
    """
    checks = await asyncio.gather(
        _checked("database", database.check, needed=True),
        _checked("qdrant", retriever.check, needed=True),
        _checked("openrouter", openrouter.check if openrouter else None, needed=False),
    )
    failed = [check for check in checks if check.status == "down"]
    status: Literal["ok", "degraded", "down"] = "ok"
    if any(check.needed for check in failed):
        status = "down"
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    elif failed:
        status = "degraded"
    # A cached answer would tell a probe about an earlier release.
    response.headers["Cache-Control"] = "no-store"
    return Health(
        status=status,
        commit=settings.commit,
        image_digest=settings.image_digest,
        version=__version__,
        dependencies=Dependencies(database=checks[0], qdrant=checks[1], openrouter=checks[2]),
    )


async def _checked(
    name: str, check: Callable[[], None] | None, *, needed: bool
) -> DependencyHealth:
    if check is None:
        return DependencyHealth(status="off", needed=needed)
    started = time.perf_counter()
    detail = None
    try:
        with anyio.fail_after(CHECK_TIMEOUT):
            await anyio.to_thread.run_sync(check, abandon_on_cancel=True, limiter=_threads[name])
    except DependencyUnavailable as error:
        detail = error.detail
    except TimeoutError:
        detail = f"no answer within {CHECK_TIMEOUT:g} s"
    return DependencyHealth(
        status="down" if detail else "ok",
        needed=needed,
        latency_ms=round((time.perf_counter() - started) * 1000, 1),
        detail=detail,
    )
