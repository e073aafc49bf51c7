"""Certificates for tests, made by openssl: an authority, and what it signs."""

import subprocess
from pathlib import Path

from tests.servers.process import program

CURVE = "prime256v1"
"""Of every key: made in a moment."""

NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost"
"""What a server's certificate is for."""


class Authority:
    """An authority that signs certificates into a folder.

    Attributes:
        cafile: Its own certificate.
    """

    def __init__(self, folder: Path, name: str = "authority") -> None:
        """Makes its key and its certificate."""
        self._folder = folder
        self._key = folder / f"{name}.key"
        self.cafile = folder / f"{name}.pem"
        self._openssl("req", "-x509", *self._new(self._key, name), "-out", self.cafile)

    def sign(self, name: str, *, expired: bool = False, password: str = "") -> Path:
        """Makes a key and a certificate, valid for this host; returns the file that holds both.

        With a password the key is encrypted.
        """
        key, asked = self._folder / f"{name}.key", self._folder / f"{name}.csr"
        both, extension = self._folder / f"{name}-both.pem", self._folder / f"{name}.ext"
        extension.write_text(NAMES)
        self._openssl("req", *self._new(key, name), "-out", asked)
        signer = ("-CA", self.cafile, "-CAkey", self._key, "-CAcreateserial")
        # Days below 0 need a newer openssl: an expired one is valid for a second that has passed.
        days = ["-days", "0"] if expired else ["-days", "2"]
        self._openssl(
            "x509", "-req", "-in", asked, *signer, *days, "-extfile", extension, "-out", both
        )
        if password:
            plain, key = key, key.with_suffix(".secret")
            secret = ("-aes256", "-passout", f"pass:{password}")
            self._openssl("pkey", "-in", plain, *secret, "-out", key)
        both.write_text(key.read_text() + both.read_text())
        return both

    @staticmethod
    def _new(key: Path, name: str) -> list[str | Path]:
        curve: list[str | Path] = ["-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{CURVE}"]
        return [*curve, "-nodes", "-keyout", key, "-subj", f"/CN={name}"]

    @staticmethod
    def _openssl(*arguments: str | Path) -> None:
        command = [program("openssl", "openssl"), *arguments]
        subprocess.run(command, check=True, capture_output=True)
