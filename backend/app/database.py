"""The database: its connections, its schema and the chapters it is seeded with."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.book import read_book
from app.errors import DependencyUnavailable
from app.models import Base, Chapter
from app.settings import Settings

ALEMBIC_INI = Path(__file__).parent.parent / "alembic.ini"

# Any constant serves, as long as it is not the one the migrations hold.
SEED_LOCK = 7_860_314

# Whole seconds; libpq rounds 1 up to 2.
CONNECT_TIMEOUT = 2


class Database:
    """Hands out sessions; connects when first used, so constructing it never fails."""

    def __init__(self, settings: Settings) -> None:
        url = make_url(settings.database_url.get_secret_value())
        self._migrates_itself = settings.migrates_itself
        self._prepared = False
        self._preparing = threading.Lock()
        options: dict[str, Any] = {}
        if url.get_backend_name() == "postgresql":
            options = {"connect_timeout": CONNECT_TIMEOUT}
        self.engine = create_engine(
            url, connect_args=options, pool_pre_ping=True, hide_parameters=True
        )
        if url.get_backend_name() == "sqlite":
            event.listen(self.engine, "do_connect", _make_folder)
            event.listen(self.engine, "connect", _enforce_foreign_keys)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that commits at the end; raises `DependencyUnavailable` on a lost database."""
        self.prepare()
        with _told_as("the database cannot be reached"), Session(self.engine) as session:
            yield session
            session.commit()

    def prepare(self) -> None:
        """Migrates (SQLite only) and seeds the chapters, once; a failure is tried again later."""
        if self._prepared:
            return
        # Bounded: while a connection hangs, requests must not pile up behind it.
        if not self._preparing.acquire(timeout=CONNECT_TIMEOUT):
            raise DependencyUnavailable("database", "still connecting")
        try:
            if not self._prepared:
                self._prepare()
                self._prepared = True
        finally:
            self._preparing.release()

    def check(self) -> None:
        """Raises `DependencyUnavailable` unless every column this release maps can be read.

        A newer schema passes: a release rolled back to must be healthy on it.
        """
        self.prepare()
        self._read_every_column()

    def close(self) -> None:
        self.engine.dispose()

    def _prepare(self) -> None:
        with _told_as("the database cannot be reached"), self.engine.begin() as connection:
            connection.execute(text("SELECT 1"))
            if self._migrates_itself:
                _migrate(connection)
        self._read_every_column()
        with _told_as("the chapters cannot be written"), Session(self.engine) as session:
            _seed(session)
            session.commit()

    def _read_every_column(self) -> None:
        with (
            _told_as("the database cannot be reached"),
            self.engine.connect() as connection,
            _told_as("its schema is older than this release; run `alembic upgrade head`"),
        ):
            for table in Base.metadata.sorted_tables:
                connection.execute(select(table).limit(0))


@contextmanager
def _told_as(detail: str) -> Iterator[None]:
    """Replaces the driver's words, which name hosts and users, by `detail`."""
    try:
        yield
    except IntegrityError:
        # Our own statement was wrong, or lost a race: the database itself is there.
        raise
    except (DBAPIError, PoolTimeout, OSError) as error:
        raise DependencyUnavailable("database", detail) from error


def _migrate(connection: Connection) -> None:
    """Brings an embedded database to this release's schema; leaves a newer schema as it is."""
    migrations = Config(ALEMBIC_INI)
    revision = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(migrations).walk_revisions()}
    # Rolled back to, this release finds a revision it has never seen, and no way down from it.
    if revision is None or revision in known:
        migrations.attributes["connection"] = connection
        command.upgrade(migrations, "head")


def _seed(session: Session) -> None:
    """Makes the stored chapters equal to the ones in the package."""
    if session.get_bind().dialect.name == "postgresql":
        # Replicas that start together would insert the same chapters.
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SEED_LOCK})
    stored = {chapter.slug: chapter for chapter in session.scalars(select(Chapter))}
    for position, entry in enumerate(read_book().chapters, start=1):
        chapter = stored.get(entry.slug) or Chapter(slug=entry.slug)
        chapter.position = position
        chapter.title = entry.title
        chapter.summary = entry.summary
        chapter.body = entry.body
        session.add(chapter)


def _make_folder(_: object, __: object, arguments: list[str], ___: object) -> None:
    # SQLite makes a missing file, but not the folder it belongs in; ":memory:" has none to make.
    Path(arguments[0]).parent.mkdir(parents=True, exist_ok=True)


def _enforce_foreign_keys(connection: sqlite3.Connection, _: object) -> None:
    # SQLite ignores foreign keys unless each connection asks for them.
    connection.execute("PRAGMA foreign_keys=ON")
