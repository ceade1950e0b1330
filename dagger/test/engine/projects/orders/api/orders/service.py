import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from sqlalchemy import text

from orders.store import engine


class Service(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"status": "ok", "commit": os.environ.get("COMMIT", "")}).encode())


def served(service: type[Service], port: int) -> HTTPServer:
    return HTTPServer(("", port), service)
