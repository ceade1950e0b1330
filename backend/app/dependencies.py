"""What a route may ask for; a test overrides these through `dependency_overrides`."""

from typing import Annotated

from fastapi import Depends, Request

from app.answering import Answerer, OfflineAnswerer, OpenRouterAnswerer
from app.database import Database
from app.retrieval import Retriever
from app.settings import Settings


def current_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def current_database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def current_retriever(request: Request) -> Retriever:
    retriever: Retriever = request.app.state.retriever
    return retriever


def current_openrouter(request: Request) -> OpenRouterAnswerer | None:
    answerer: OpenRouterAnswerer | None = request.app.state.openrouter
    return answerer


CurrentSettings = Annotated[Settings, Depends(current_settings)]
CurrentDatabase = Annotated[Database, Depends(current_database)]
CurrentRetriever = Annotated[Retriever, Depends(current_retriever)]
CurrentOpenRouter = Annotated[OpenRouterAnswerer | None, Depends(current_openrouter)]


def current_answerer(openrouter: CurrentOpenRouter) -> Answerer:
    return openrouter or OfflineAnswerer()


CurrentAnswerer = Annotated[Answerer, Depends(current_answerer)]
