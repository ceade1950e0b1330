from alembic import context

from orders.settings import settings
from orders.store import engine

if context.is_offline_mode():
    context.configure(url=settings.orders_database_url, literal_binds=True, dialect_name="postgresql")
    with context.begin_transaction():
        context.run_migrations()
else:
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
