from sqlalchemy import Connection, create_engine, text

from orders.settings import settings

engine = create_engine(settings.orders_database_url.replace("postgresql://", "postgresql+psycopg://"))


def place(connection: Connection, article: str, count: int) -> int:
    """Number of the new order."""
    if count < 1:
        raise ValueError("an order is of one piece at least")
    row = connection.execute(
        text("INSERT INTO orders (article, count) VALUES (:article, :count) RETURNING id"),
        {"article": article, "count": count},
    )
    return row.scalar_one()
