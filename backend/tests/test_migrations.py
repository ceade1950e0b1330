import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, inspect, text

from app.database import ALEMBIC_INI
from tests.conftest import Configure, Serve

CLASSES = {"expand", "contract", "data", "irreversible"}


@pytest.fixture
def engine(configure: Configure) -> Iterator[Engine]:
    settings = configure()
    engine = create_engine(settings.database_url.get_secret_value())
    yield engine
    engine.dispose()


def columns(engine: Engine) -> dict[str, set[str]]:
    schema = inspect(engine)
    return {
        table: {column["name"] for column in schema.get_columns(table)}
        for table in schema.get_table_names()
        if table != "alembic_version"
    }


def test_the_history_has_one_head_and_every_revision_states_its_deployment_class() -> None:
    script = ScriptDirectory.from_config(Config(ALEMBIC_INI))
    revisions: dict[str, Any] = {
        revision.revision: revision.module for revision in script.walk_revisions()
    }

    assert script.get_heads() == ["0003"]
    assert set(revisions) == {"0001", "0002", "0003"}
    assert all(module.deployment_class in CLASSES for module in revisions.values())


def test_upgraded_schema_is_the_one_the_models_map(engine: Engine) -> None:
    config = Config(ALEMBIC_INI)

    command.upgrade(config, "head")

    # Raises when a migration is missing.
    command.check(config)
    assert set(columns(engine)) == {"chapters", "conversations", "messages"}


def test_every_revision_can_be_undone_and_applied_again(engine: Engine) -> None:
    config = Config(ALEMBIC_INI)
    command.upgrade(config, "head")
    applied = columns(engine)

    command.downgrade(config, "base")
    undone = columns(engine)
    command.upgrade(config, "head")

    assert undone == {}
    assert columns(engine) == applied


def test_the_release_before_can_still_write_after_the_last_revision(engine: Engine) -> None:
    config = Config(ALEMBIC_INI)
    command.upgrade(config, "head")

    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO conversations (id, started_at) VALUES ('c', '2026-01-01')")
        )
        connection.execute(
            text(
                "INSERT INTO messages (conversation_id, role, content, sent_at)"
                " VALUES ('c', 'user', 'Hello', '2026-01-01')"
            )
        )
        answered_by = connection.scalar(text("SELECT answered_by FROM messages"))

    assert answered_by is None


def test_the_alembic_command_finds_the_application(engine: Engine, tmp_path: Path) -> None:
    alembic = str(Path(sys.executable).with_name("alembic"))
    upgrade = [alembic, "-c", str(ALEMBIC_INI), "upgrade", "head"]

    subprocess.run(upgrade, cwd=tmp_path, check=True)  # noqa: S603  The command is ours.

    assert "answered_by" in columns(engine)["messages"]


def test_migrations_can_be_reviewed_as_sql(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(DATABASE_URL="postgresql://reader:hunter2@nowhere/handbook")

    command.upgrade(Config(ALEMBIC_INI), "head", sql=True)

    sql = capsys.readouterr().out
    assert "ALTER TABLE messages ADD COLUMN answered_by" in sql
    assert "hunter2" not in sql


def test_wrong_settings_stop_a_migration_in_the_operators_words(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure()
    monkeypatch.setenv("PORT", "none")

    with pytest.raises(CommandError, match="PORT"):
        command.upgrade(Config(ALEMBIC_INI), "head")


def test_a_release_rolled_back_to_serves_a_schema_newer_than_its_own(
    engine: Engine, serve: Serve
) -> None:
    command.upgrade(Config(ALEMBIC_INI), "head")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    response = serve().get("/health")

    assert response.status_code == 200
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
