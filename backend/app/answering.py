"""Turns a question and the passages found for it into an answer."""

import logging
from collections.abc import Sequence
from typing import Protocol

from openai import APIConnectionError, APIError, APIStatusError, OpenAI
from pydantic import BaseModel

from app.errors import DependencyUnavailable
from app.retrieval import Passage
from app.settings import Settings

logger = logging.getLogger(__name__)

OFFLINE = "offline"
NOT_COVERED = "The book does not cover this question."
INSTRUCTIONS = (
    "You answer questions about the book Physical AI & Humanoid Robotics. Use only the passages"
    " given. Say so when they do not hold the answer. Answer in at most five sentences."
)
# Seconds a reader waits for a model before getting the passage itself.
TIMEOUT = 30.0
CHECK_TIMEOUT = 1.2


class Answer(BaseModel):
    text: str
    answered_by: str


class Answerer(Protocol):
    def answer(self, question: str, passages: Sequence[Passage]) -> Answer: ...


class OfflineAnswerer:
    """Quotes the best passage; needs no network, key or model."""

    def answer(self, question: str, passages: Sequence[Passage]) -> Answer:  # noqa: ARG002
        if not passages:
            return Answer(text=NOT_COVERED, answered_by=OFFLINE)
        best = passages[0]
        return Answer(text=f"{best.text} (From “{best.title}”.)", answered_by=OFFLINE)


class OpenRouterAnswerer:
    """Asks a model at OpenRouter; quotes the best passage when it does not answer."""

    def __init__(self, api_key: str, base_url: str, model: str) -> None:
        self._model = model
        self._client = OpenAI(api_key=api_key, base_url=base_url, timeout=TIMEOUT, max_retries=1)

    def answer(self, question: str, passages: Sequence[Passage]) -> Answer:
        excerpts = "\n\n".join(f"[{passage.title}]\n{passage.text}" for passage in passages)
        try:
            completion = self._client.chat.completions.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": INSTRUCTIONS},
                    {"role": "user", "content": f"Passages:\n\n{excerpts}\n\nQuestion: {question}"},
                ],
            )
        except APIError as error:
            logger.warning("answering offline: %s", _reason(error))
            return OfflineAnswerer().answer(question, passages)
        # OpenRouter reports a failing provider as a 200 without choices.
        text = completion.choices[0].message.content if completion.choices else None
        if not text:
            logger.warning("answering offline: OpenRouter sent no answer")
            return OfflineAnswerer().answer(question, passages)
        return Answer(text=text.strip(), answered_by=completion.model or self._model)

    def check(self) -> None:
        """Raises `DependencyUnavailable` when OpenRouter is unreachable or refuses the key.

        https://openrouter.ai/docs/api-reference/limits describes `/key`, which spends nothing.
        """
        try:
            self._client.with_options(max_retries=0, timeout=CHECK_TIMEOUT).get(
                "/key", cast_to=object
            )
        except APIStatusError as error:
            # Another provider of the same format has no /key: its 404 shows it is there.
            if error.status_code in {401, 403} or error.status_code >= 500:  # noqa: PLR2004
                raise DependencyUnavailable("openrouter", _reason(error)) from error
        except APIConnectionError as error:
            raise DependencyUnavailable("openrouter", _reason(error)) from error

    def close(self) -> None:
        self._client.close()


def openrouter(settings: Settings) -> OpenRouterAnswerer | None:
    """The answerer for the configured key; `None` without one."""
    if settings.openrouter_api_key is None:
        return None
    return OpenRouterAnswerer(
        settings.openrouter_api_key.get_secret_value(),
        settings.openrouter_base_url,
        settings.openrouter_model,
    )


def _reason(error: APIError) -> str:
    if not isinstance(error, APIStatusError):
        return "OpenRouter cannot be reached"
    if error.status_code in {401, 403}:
        return f"OpenRouter refused the API key ({error.status_code})"
    return f"OpenRouter answered {error.status_code}"
