"""A stand-in for OpenRouter: a real server on the loopback interface."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class OpenRouter:
    """Knows one key and answers chat completions; `status` and `silent` make it fail."""

    key = "sk-or-right"

    def __init__(self) -> None:
        self.status = 200
        self.silent = False
        self.has_key_endpoint = True
        self.asked: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/api/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        _: type[BaseException] | None,
        __: BaseException | None,
        ___: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _respond(self, method: str, path: str, key: str | None, body: bytes) -> tuple[int, Any]:
        if key != f"Bearer {self.key}":
            return 401, {"error": {"code": 401, "message": "No auth credentials found"}}
        if self.status != 200:
            return self.status, {"error": {"code": self.status, "message": "Provider failed"}}
        if (method, path) == ("GET", "/api/v1/key") and self.has_key_endpoint:
            return 200, {"data": {"label": "sk-or-…", "usage": 0, "limit": None}}
        if (method, path) == ("POST", "/api/v1/chat/completions"):
            asked = json.loads(body)
            self.asked.append(asked)
            return 200, self._completion(asked["model"])
        return 404, {"error": {"code": 404, "message": "Not Found"}}

    def _completion(self, model: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": " It weighs prediction and measurement. "}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return {
            "id": "gen-1",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": model,
            "choices": [] if self.silent else [choice],
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        respond = self._respond

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._send(b"")

            def do_POST(self) -> None:
                self._send(self.rfile.read(int(self.headers["Content-Length"])))

            def _send(self, received: bytes) -> None:
                status, answer = respond(
                    self.command, self.path, self.headers["Authorization"], received
                )
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Keeps the output of the tests quiet."""

        return Handler
