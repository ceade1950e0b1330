"""Finds the passages of the book nearest to a question, with Qdrant."""

import logging
import math
import re
import threading
from hashlib import blake2b
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel
from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import ApiException
from qdrant_client.models import Distance, PointStruct, VectorParams

from app.book import Book, read_book
from app.errors import DependencyUnavailable
from app.settings import Settings

logger = logging.getLogger(__name__)

COLLECTION = "passages"
# Wide enough that two words of the book rarely share a place.
DIMENSIONS = 4096
# Seconds for one call to Qdrant.
TIMEOUT = 5
# Cosine similarity under which a passage shares only chance words with the question.
LEAST_SIMILAR = 0.08
# Words that say nothing about the subject of a question.
STOP_WORDS = frozenset(
    word
    for line in (
        "a about an and are as at be by can do does for from how i in into is it its me of on or",
        "our so tell that the their them then there these this to us was what when where which",
        "who why will with you your",
    )
    for word in line.split()
)


class Passage(BaseModel):
    """A paragraph of a chapter."""

    slug: str
    title: str
    text: str


def embed(text: str) -> list[float]:
    """Hashes the words of `text` into a unit vector; the zero vector when it has none.

    Feature hashing: the same on every machine and in every release, with no model to download.
    """
    vector = [0.0] * DIMENSIONS
    for word in re.findall(r"[a-z0-9]+", text.lower()):
        if word in STOP_WORDS:
            continue
        # "sensors" and "sensor" are to meet.
        stem = word.removesuffix("s") if len(word) > 3 else word  # noqa: PLR2004
        digest = int.from_bytes(blake2b(stem.encode(), digest_size=8).digest())
        sign = 1.0 if digest & 1 else -1.0
        vector[(digest >> 1) % DIMENSIONS] += sign
    norm = math.sqrt(sum(value * value for value in vector))
    return [value / norm for value in vector] if norm else vector


def passages(book: Book) -> list[Passage]:
    return [
        Passage(slug=chapter.slug, title=chapter.title, text=paragraph)
        for chapter in book.chapters
        for paragraph in [chapter.summary, *chapter.body.split("\n\n")]
    ]


class Retriever:
    """Searches the passages; indexes them when first used, so constructing it never fails."""

    def __init__(self, settings: Settings) -> None:
        if settings.qdrant_url is None:
            self._client = QdrantClient(location=":memory:")
        else:
            key = settings.qdrant_api_key
            self._client = QdrantClient(
                url=settings.qdrant_url,
                api_key=key.get_secret_value() if key else None,
                timeout=TIMEOUT,
                # It would call Qdrant from the constructor.
                check_compatibility=False,
            )
        self._indexed = False
        self._indexing = threading.Lock()

    def search(self, question: str, limit: int = 3) -> list[Passage]:
        """The passages nearest to `question`, best first; none when nothing in it is related."""
        vector = embed(question)
        if not any(vector):
            return []
        self.check()
        try:
            found = self._client.query_points(
                COLLECTION, query=vector, limit=limit, score_threshold=LEAST_SIMILAR
            )
        except (ApiException, OSError) as error:
            raise _unavailable(error) from error
        return [Passage.model_validate(point.payload) for point in found.points]

    def check(self) -> None:
        """Raises `DependencyUnavailable` unless the passages can be searched.

        Indexes them first when that has not been done, or when Qdrant has lost them since.
        """
        if not self._indexing.acquire(timeout=TIMEOUT):
            raise DependencyUnavailable("qdrant", "still connecting")
        try:
            exists = self._client.collection_exists(COLLECTION)
            if not (exists and self._indexed):
                self._index(exists=exists)
                self._indexed = True
        except (ApiException, OSError) as error:
            raise _unavailable(error) from error
        finally:
            self._indexing.release()

    def close(self) -> None:
        self._client.close()

    def _index(self, *, exists: bool) -> None:
        if not exists:
            self._client.create_collection(
                COLLECTION, VectorParams(size=DIMENSIONS, distance=Distance.COSINE)
            )
        points = [
            # An id made from the text: indexing again replaces and never duplicates.
            PointStruct(
                id=str(uuid5(NAMESPACE_URL, f"{passage.slug}/{passage.text}")),
                vector=embed(passage.text),
                payload=passage.model_dump(),
            )
            for passage in passages(read_book())
        ]
        self._client.upsert(COLLECTION, points=points)
        logger.info("indexed %d passages", len(points))


def _unavailable(error: Exception) -> DependencyUnavailable:
    status = getattr(error, "status_code", None)
    if status in {401, 403}:
        return DependencyUnavailable("qdrant", f"Qdrant refused the API key ({status})")
    if status is not None:
        return DependencyUnavailable("qdrant", f"Qdrant answered {status}")
    return DependencyUnavailable("qdrant", "Qdrant cannot be reached")
