"""Make orders."""

import sqlalchemy as sa
from alembic import op

revision = "8c1f0a2b"
down_revision = None
deployment_class = "expand"


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("article", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
