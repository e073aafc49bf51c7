"""Prints what the SDKs of Segment, RudderStack and PostHog send for one story, one body a line.

Runs with the packages of ``requirements.lock``: ``python analytics.py segment``. The SDKs talk to a
server on this machine; what differs from run to run (when it was sent, on which machine) is set.
"""

import gzip
import json
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any, ClassVar
from uuid import UUID

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When the story begins, a Monday."""

SENT = "2026-03-05T00:00:00Z"
MACHINE = ("$python_runtime", "$python_version", "$os", "$os_version", "$os_distro")

STORY: tuple[tuple[Any, ...], ...] = (
    # minutes after the beginning, what, who, and of what
    (0, "group", "ada", "acme"),
    (5, "group", "bo", "acme"),
    (60, "group", "cy", "birch"),
    (30, "use", "ada", "Report Exported", "ses_1"),
    (50, "use", "ada", "Dashboard Opened", "ses_1"),
    (1440, "use", "bo", "Report Exported", "ses_2"),
    (1441, "use", "cy", "Report Exported", "ses_3"),
    (1500, "use", "ada", "Button Clicked", "ses_4"),
    (1510, "use", "dee", "Report Exported", "ses_5"),
    (1520, "view", "ada", "Home", "ses_4"),
    (-30, "use", "device_1", "Report Exported", "ses_0"),
    (1, "same", "device_1", "ada"),
)
"""Two users of one account and one of another, one of none, and a device that was one of them."""

ANSWER = "$survey_response_q_nps"
SUBMISSION = "$survey_submission_id"
PLANS = {"acme": "pro", "birch": "free"}


class Sink(BaseHTTPRequestHandler):
    """Takes bodies and says that all is well."""

    bodies: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        """Takes a body, which may be compressed."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        self.bodies.append(json.loads(content))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": 1, "results": {}}')

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def at(minutes: int) -> datetime:
    """Returns a time of the story."""
    return BEGIN + timedelta(minutes=minutes)


def identifier(number: int) -> str:
    """Returns the id of a message of the story."""
    return str(UUID(int=(0x4A << 96) | (4 << 76) | (2 << 62) | number))


def tell_segment(client: Any) -> None:
    """Tells the story by Segment's SDK, or by RudderStack's, which is made after it."""
    for number, (minutes, what, who, of, *session) in enumerate(STORY, 1):
        more = {"timestamp": at(minutes), "message_id": identifier(number)}
        if session and who != "dee":
            more["context"] = {"sessionId": session[0]}
        person = {"anonymous_id": who} if who == "device_1" else {"user_id": who}
        match what:
            case "group":
                client.group(who, of, {"plan": PLANS[of], "logos": ["a.png"]}, **more)
            case "use":
                client.track(event=of, properties={"rows": number}, **person, **more)
            case "view":
                client.page(who, name=of, **more)
            case "same":
                client.identify(
                    user_id=of, anonymous_id=who, traits={"company": {"id": "acme"}}, **more
                )
    client.flush()


def segment(url: str) -> None:
    """Tells the story by Segment's SDK."""
    tell_segment(import_module("segment.analytics.client").Client("write_key", host=url))


def rudderstack(url: str) -> None:
    """Tells the story by RudderStack's SDK."""
    tell_segment(import_module("rudderstack.analytics.client").Client("write_key", host=url))


def tell_posthog(url: str, mode: str) -> None:
    """Tells the story by PostHog's SDK, in one of the forms that it has."""
    client = import_module("posthog").Posthog("project_key", host=url, capture_mode=mode)
    account = {who: of for _, what, who, of, *_ in STORY if what == "group"}
    for number, (minutes, what, who, of, *session) in enumerate(STORY, 1):
        more: dict[str, Any] = {"timestamp": at(minutes), "uuid": identifier(number)}
        properties = {"$session_id": session[0]} if session else {}
        groups = {"groups": {"company": account[who], "project": "p1"}} if who in account else {}
        match what:
            case "group":
                client.group_identify("company", of, {"plan": PLANS[of]}, **more)
            case "use":
                client.capture(of, distinct_id=who, properties=properties, **groups, **more)
            case "view":
                client.capture("$pageview", distinct_id=who, properties=properties, **more)
            case "same":
                client.alias(who, of, **more)
    tell_surveys(client)
    client.capture("Report Exported", uuid=identifier(90), timestamp=at(1530))
    client.shutdown()


def tell_surveys(client: Any) -> None:
    """Tells that three persons were asked, one twice, and that two answered, one in two parts."""
    first, second = {SUBMISSION: "sub_1"}, {SUBMISSION: "sub_2"}
    told: tuple[tuple[int, int, str, str, dict[str, Any]], ...] = (
        (31, 100, "survey shown", "ada", {}),
        (32, 130, "survey shown", "ada", {}),
        (33, 100, "survey shown", "bo", {}),
        (34, 100, "survey shown", "cy", {}),
        (35, 131, "survey sent", "ada", {**first, ANSWER: 6, "$survey_completed": False}),
        (36, 132, "survey sent", "ada", {**first, ANSWER: "9"}),
        (37, 133, "survey sent", "cy", {**second, ANSWER: 3}),
    )
    for number, minutes, event, who, given in told:
        client.capture(
            event,
            distinct_id=who,
            properties={"$survey_id": "survey_1", **given},
            groups={"company": "birch" if who == "cy" else "acme"},
            timestamp=at(minutes),
            uuid=identifier(number),
        )


def same_each_time(body: dict[str, Any]) -> dict[str, Any]:
    """Returns a body without what tells the run from another."""
    for field in ("sentAt", "sent_at", "created_at"):
        if field in body:
            body[field] = SENT
    for number, message in enumerate(body["batch"], 100):
        properties = message.get("properties", {})
        for name in MACHINE:
            properties.pop(name, None)
        told = message.get("options", {}).get("process_person_profile")
        nobody = False in (told, properties.get("$process_person_profile"))
        if nobody or message.get("event") == "$groupidentify":
            message["distinct_id"] = identifier(number)  # the SDK makes one up
    return body


TELLERS: dict[str, Callable[[str], None]] = {
    "segment": segment,
    "rudderstack": rudderstack,
    "posthog": lambda url: tell_posthog(url, "v0"),
    "posthog-v1": lambda url: tell_posthog(url, "v1"),
}


def bodies(name: str) -> Iterator[dict[str, Any]]:
    """Yields the bodies that an SDK sends for the story."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    TELLERS[name](f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    yield from map(same_each_time, Sink.bodies)


if __name__ == "__main__":
    for each in bodies(sys.argv[1]):
        sys.stdout.write(json.dumps(each) + "\n")
