"""Runs the migrations against the database named by the settings."""

from logging.config import fileConfig

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from app.database import Database
from app.models import Base
from app.settings import SettingsError, read_settings

# Any constant serves, as long as every release uses the same one.
MIGRATION_LOCK = 7_860_313
# Seconds to wait for another pipeline's migration.
TURN = 20
# https://www.postgresql.org/docs/current/errcodes-appendix.html
LOCK_NOT_AVAILABLE = "55P03"


def migrate(connection: Connection) -> None:
    """Brings the schema to the revision asked for, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite changes a column only by copying its table.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
    )
    with context.begin_transaction():
        # `alembic current` only looks, also while a migration runs.
        looks = context.get_context().opts.get("dont_mutate", False)
        if connection.dialect.name == "postgresql" and not looks:
            wait_for_turn(connection)
        context.run_migrations()


def wait_for_turn(connection: Connection) -> None:
    """Takes the migration lock until the transaction ends, so that no revision is applied twice."""
    if connection.dialect.server_version_info >= (14,):  # type: ignore[operator]
        # Or a migrator that was killed would keep the lock until its statement ends.
        connection.execute(text("SET LOCAL client_connection_check_interval = '2s'"))
    given = connection.execute(text("SHOW lock_timeout")).scalar_one()
    connection.execute(text(f"SET LOCAL lock_timeout = '{TURN}s'"))
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != LOCK_NOT_AVAILABLE:
            raise
        raise CommandError(
            f"another migration of this database is running (lock timeout after {TURN} s)"
        ) from None
    connection.execute(text("SELECT set_config('lock_timeout', :given, true)"), {"given": given})


def print_sql(url: str) -> None:
    """Writes the SQL of a migration for review, without a database (`alembic upgrade --sql`)."""
    context.configure(url=url, target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    if context.config.config_file_name:
        fileConfig(context.config.config_file_name, disable_existing_loggers=False)
    try:
        settings = read_settings()
    except SettingsError as error:
        raise CommandError(str(error)) from None
    if context.is_offline_mode():
        print_sql(settings.database_url.get_secret_value())
    else:
        database = Database(settings)
        with database.engine.connect() as opened:
            migrate(opened)
        database.close()
