"""A program that stands in for a service: says it is ready on the gateway's port, and does nothing else."""

from http.server import BaseHTTPRequestHandler, HTTPServer

from services.adapters.settings import Settings


class _Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", Settings().gateway_port), _Ready).serve_forever()
