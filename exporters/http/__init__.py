"""HTTP: ``/metrics``, the index page and the probes, for clients of any speed and size.

``Application`` answers requests, ``Server`` has the sockets; every wait, place and byte of a client
is bounded, and what is turned away is counted. TLS and passwords come from a ``WebConfigFile``.
"""

from exporters.http.application import Application
from exporters.http.names import Names
from exporters.http.server import DEFAULT_HOST, DEFAULT_PORT, Answering, Server
from exporters.http.traffic import Traffic
from exporters.http.web_config import WebConfigFile

__all__ = [
    "DEFAULT_HOST",
    "DEFAULT_PORT",
    "Answering",
    "Application",
    "Names",
    "Server",
    "Traffic",
    "WebConfigFile",
]
