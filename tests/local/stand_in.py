"""A stand-in for all services: answers every GET on the gateway's port with 200, and does nothing else."""

from http.server import BaseHTTPRequestHandler, HTTPServer

from services.adapters.config.settings import Settings


class _Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", Settings().gateway_port), _Ready).serve_forever()
