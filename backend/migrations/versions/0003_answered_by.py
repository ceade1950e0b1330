"""Record which model wrote an answer."""

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

# The release before this one keeps working on the new schema.
deployment_class = "expand"


def upgrade() -> None:
    op.add_column("messages", sa.Column("answered_by", sa.String(length=200), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("answered_by")
