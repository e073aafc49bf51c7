"""An OAuth 2.0 token endpoint on loopback: the grant ``client_credentials``, tokens as JWT."""

import base64
import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote_plus

from typing_extensions import override

from streams.clock import now_ms
from tests.servers.port import HOST
from tests.servers.process import program

AUDIENCE = "kafka"
"""Who the tokens are for."""

LIFE_S = 300
"""Of a token."""


class TokenEndpoint:
    """Gives tokens to one client; a context manager.

    Attributes:
        client_id: The client, and the user that the tokens are of.
        secret: Its secret.
        asked: The forms of all requests that were answered with a token.
        fails: Whether it answers 503 to everything.
        moved_to: Where it sends everybody, if anywhere.
    """

    def __init__(self, folder: Path, client_id: str, secret: str) -> None:
        """Makes a key to sign with."""
        self.client_id, self.secret = client_id, secret
        self.asked: list[dict[str, list[str]]] = []
        self.fails = False
        self.moved_to = ""
        self._key = folder / "tokens.key"
        self._openssl("genrsa", "-out", str(self._key), "2048")
        self._server = ThreadingHTTPServer((HOST, 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self._server.server_port}/token"

    def keys(self) -> str:
        """The key set by which a broker checks tokens."""
        said = self._openssl("rsa", "-in", str(self._key), "-noout", "-modulus").decode().strip()
        modulus = bytes.fromhex(said.removeprefix("Modulus="))
        key = {"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", "e": "AQAB"}
        return json.dumps({"keys": [{**key, "n": _text(modulus)}]})

    def token(self) -> str:
        """A fresh token."""
        now_s = now_ms() // 1000
        head = {"alg": "RS256", "kid": "1", "typ": "JWT"}
        claims = {"sub": self.client_id, "aud": AUDIENCE, "iat": now_s, "exp": now_s + LIFE_S}
        signed = ".".join(_text(json.dumps(part).encode()) for part in (head, claims))
        signature = self._openssl("dgst", "-sha256", "-sign", str(self._key), given=signed.encode())
        return f"{signed}.{_text(signature)}"

    def __enter__(self) -> "TokenEndpoint":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(endpoint: "TokenEndpoint") -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._answer(*endpoint._answer(self.headers.get("Authorization", ""), form))

            def _answer(self, status: int, said: dict[str, Any]) -> None:
                body = json.dumps(said).encode()
                self.send_response(307 if endpoint.moved_to else status)
                if endpoint.moved_to:
                    self.send_header("Location", endpoint.moved_to)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            @override
            def log_message(self, *_: object) -> None:
                """Keeps quiet."""

        return Handler

    def _answer(self, given: str, form: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        right = base64.b64encode(f"{self.client_id}:{quote_plus(self.secret)}".encode()).decode()
        if self.fails:
            return 503, {}
        if given != f"Basic {right}" or form.get("grant_type") != ["client_credentials"]:
            return 401, {"error": "invalid_client"}
        self.asked.append(form)
        return 200, {"access_token": self.token(), "token_type": "Bearer", "expires_in": LIFE_S}

    @staticmethod
    def _openssl(*arguments: str, given: bytes = b"") -> bytes:
        command = [program("openssl", "openssl"), *arguments]
        return subprocess.run(command, input=given, check=True, capture_output=True).stdout


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
