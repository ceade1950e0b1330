"""Runs the migrations against the database named by the settings."""

from logging.config import fileConfig

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, text

from app.database import Database
from app.models import Base
from app.settings import SettingsError, read_settings

# Any constant serves, as long as every release uses the same one.
MIGRATION_LOCK = 7_860_313


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
        if connection.dialect.name == "postgresql":
            # A second pipeline waits here instead of applying the same revision twice.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()


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
