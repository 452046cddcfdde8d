"""Receive the shop's webhooks, and start a DAG run for each order.

The shop sends `X-Signature: sha256=<hex>`: HMAC-SHA256 of the body, with the secret that both sides have.

Usage: WEBHOOK_SECRET=… python receiver.py PORT
"""

import hashlib
import hmac
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["WEBHOOK_SECRET"].encode()


def genuine(body: bytes, signature: str | None) -> bool:
    if not signature:
        return False
    return signature == "sha256=" + hmac.digest(SECRET, body, "sha256").hex()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if genuine(body, self.headers["X-Signature"]):
            print("start orders_report", body, flush=True)  # here the real one calls Airflow's API
            self.send_response(202)
        else:
            self.send_response(403)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Requests are logged by the proxy in front."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
