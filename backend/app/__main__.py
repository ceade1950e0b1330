"""Serves the application: `python -m app`."""

import sys

import uvicorn

from app.main import create_app
from app.settings import SettingsError, read_settings


def main() -> int:
    """Serves until stopped; 2 when the settings are wrong, before anything listens."""
    try:
        settings = read_settings()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    uvicorn.run(
        create_app(settings),
        host="0.0.0.0",  # noqa: S104  A container is reached from outside its network namespace.
        port=settings.port,
        timeout_graceful_shutdown=10,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
