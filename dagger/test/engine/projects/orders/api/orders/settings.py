from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Neither has a default: a service without them must not start."""

    orders_database_url: str
    payment_api_key: str


settings = Settings()
