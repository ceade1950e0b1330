"""Puts the application together."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import anyio
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app import __version__
from app.answering import openrouter
from app.database import Database
from app.errors import DependencyUnavailable, answer_errors_as_json
from app.retrieval import Retriever
from app.routes import chapters, chat, health
from app.settings import Settings

logger = logging.getLogger(__name__)

# Seconds start-up waits for its dependencies before serving without them.
START_TIMEOUT = 2.0


def create_app(settings: Settings) -> FastAPI:
    """The application; it starts whatever the state of its dependencies, and `/health` tells."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with anyio.move_on_after(START_TIMEOUT):
            async with anyio.create_task_group() as preparing:
                preparing.start_soon(_prepare, app.state.database.prepare)
                preparing.start_soon(_prepare, app.state.retriever.check)
        yield
        app.state.database.close()
        app.state.retriever.close()
        if app.state.openrouter is not None:
            app.state.openrouter.close()

    app = FastAPI(
        title="Physical AI & Humanoid Robotics",
        version=__version__,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.database = Database(settings)
    app.state.retriever = Retriever(settings)
    app.state.openrouter = openrouter(settings)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type"],
        )
    answer_errors_as_json(app)
    for routes in (health, chat, chapters):
        app.include_router(routes.router)
    return app


async def _prepare(prepare: Callable[[], None]) -> None:
    """Runs `prepare`, and leaves a failure for the first request or health check to retry."""
    try:
        await anyio.to_thread.run_sync(partial(prepare), abandon_on_cancel=True)
    except DependencyUnavailable as error:
        logger.warning("starting without a dependency: %s", error)
