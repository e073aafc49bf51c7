"""Real servers for tests and benchmarks, each on free loopback ports.

Every server is a context manager that starts a process of its own in a temporary folder and takes
both away at the end. A server that this machine cannot have raises `ServerUnavailable`.
"""

from tests.servers.alertmanager import AlertmanagerServer, amtool_path
from tests.servers.generation import Generation
from tests.servers.kafka import KafkaServer
from tests.servers.process import ServerProcess, ServerUnavailable
from tests.servers.prometheus import PrometheusServer, promtool_path, run_rule_tests
from tests.servers.redis import RedisServer
from tests.servers.victoria import VictoriaServer

__all__ = [
    "AlertmanagerServer",
    "Generation",
    "KafkaServer",
    "PrometheusServer",
    "RedisServer",
    "ServerProcess",
    "ServerUnavailable",
    "VictoriaServer",
    "amtool_path",
    "promtool_path",
    "run_rule_tests",
]
