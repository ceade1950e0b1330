import os

from flask import Flask

from library.loans import days_left

app = Flask(__name__)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok", "commit": os.environ.get("COMMIT", "")}


@app.get("/loans/<int:day>")
def loan(day: int) -> dict[str, int]:
    return {"left": days_left(day)}
