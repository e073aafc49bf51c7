"""PostHog: events as SDKs send them, in both forms, and as exports and its API return them."""

from collections.abc import Iterator
from typing import IO, Final, Self

import msgspec
from pydantic import Field, model_validator
from typing_extensions import override

from events.sources.analytics.act import Act
from events.sources.analytics.earliest import Earliest
from events.sources.analytics.message import (
    Message,
    identifier,
    instant_ms,
    message_id,
    messages,
    section,
)
from events.sources.analytics.options import AnalyticsOptions
from events.sources.analytics.source import AnalyticsSource
from events.sources.analytics.surveys import SENT, SHOWN, SurveyQuestion, answer, response
from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import GapError

_BODY: Final = "batch"
_PAGE: Final = "results"
_VIEWS: Final = ("$pageview", "$screen")
_NOTHING_MORE: Final = ("survey dismissed", "survey abandoned", "$set", "$groupidentify")
_NO_PERSON: Final = "without a person"


class PostHogOptions(AnalyticsOptions):
    """Options of PostHog."""

    group_type: str = Field(default="company", min_length=1)
    """The type of group that is an account."""
    surveys: tuple[SurveyQuestion, ...] = ()
    """What surveys ask: for each the question that is told, its type and scale."""
    ignored_surveys: tuple[str, ...] = ()
    """Id of a survey that asks for no rating: it is passed over."""

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if len({each.survey for each in self.surveys}) < len(self.surveys):
            raise ValueError("surveys: one question of a survey is told, so each is named once")
        return self


class PostHog(AnalyticsSource[PostHogOptions]):
    """PostHog's events: bodies of its capture API, batch exports, and pages of its event list.

    The account of an event is its group of one type, else the one that the person's other events
    name.
    """

    NAME = "posthog"
    SIGNATURE = "token"
    OPTIONS = PostHogOptions

    def __init__(self, options: PostHogOptions) -> None:
        """Takes the options."""
        super().__init__(options)
        self._surveys = {each.survey: each for each in options.surveys}
        self._shown: Earliest[tuple[str, str, str], SurveyQuestion] = Earliest()
        self._silent: list[tuple[Act, SurveyQuestion, str, bool]] = []
        self._answered: set[str] = set()

    @override
    def records(self, name: str, file: IO[bytes]) -> Iterator[Record]:
        return messages(name, file, _BODY, _PAGE)

    @override
    def take_message(self, message: Message, record: Record, out: Outbox) -> None:
        name, event_id = message.get("event"), message_id(record, _uuid(message), "uuid")
        if not isinstance(name, str) or not name:
            raise GapError("event_missing", "the name of what was done as `event`", event_id)
        properties = section(message, "properties")
        act = self._act(message, properties, record, event_id)
        if name == "$groupidentify":
            self._group(act, properties, out)
        elif _is_personless(message, properties):
            out.pass_over(_NO_PERSON)
        elif not act.person:
            raise GapError("person_missing", "a distinct_id", event_id)
        elif name in ("$identify", "$create_alias", "$merge_dangerously"):
            self._identify(act, name, properties, out)
        elif name in (SHOWN, SENT):
            self._survey(act, name, properties, out)
        elif name in _VIEWS:
            self.viewed(act, name, out)
        elif name in _NOTHING_MORE:
            self.seen(act, name, out)
        else:
            self.used(act, name, out)

    def _act(self, message: Message, properties: Message, record: Record, event_id: str) -> Act:
        theirs = identifier(
            section(properties, "$groups").get(self.options.group_type), "properties.$groups"
        )
        # The second form has the session beside the properties, the first one among them.
        session = message.get("session_id") or properties.get("$session_id")
        if message.get("timestamp") is None:
            needs = "a timestamp: an `offset` counts from when PostHog received the event"
            raise GapError("time_missing", needs, event_id)
        return Act(
            record=record,
            id=event_id,
            time_ms=instant_ms(message["timestamp"], "timestamp"),
            person=_person(message, properties) or "",
            account=theirs and self.account(theirs),
            session=identifier(session, "$session_id"),
            anonymous=properties.get("$is_identified") is False,
        )

    def _group(self, act: Act, properties: Message, out: Outbox) -> None:
        # Whose the event is says nothing: servers send it under an id that is made up.
        if properties.get("$group_type") != self.options.group_type:
            out.pass_over("$groupidentify of another type")
            return
        theirs = identifier(properties.get("$group_key"), "$group_key")
        if theirs is None:
            raise GapError("account_missing", "a $group_key", act.id)
        traits = section(properties, "$group_set")
        told = self.attributes_of(act, self.account(theirs), traits)
        self.attributes(act, told, out)

    def _identify(self, act: Act, name: str, properties: Message, out: Outbox) -> None:
        """Tells who turned out to be whom: each of the three events says it another way round."""
        anonymous = identifier(properties.get("$anon_distinct_id"), "$anon_distinct_id")
        alias = identifier(properties.get("alias"), "alias")
        if name == "$identify":
            old, new = anonymous, act.person
        elif name == "$create_alias":
            old, new = act.person, alias or ""
        else:
            old, new = alias, act.person
        if old and new:
            self.same(msgspec.structs.replace(act, anonymous=False), old, new, name, out)
        elif name == "$identify":
            self.seen(act, name, out)
        else:
            raise GapError("person_missing", "a distinct_id and an alias", act.id)

    def _survey(self, act: Act, name: str, properties: Message, out: Outbox) -> None:
        survey = identifier(properties.get("$survey_id"), "$survey_id")
        if survey in self.options.ignored_surveys:
            self.seen(act, f"{name}, of a survey to be ignored", out)
            return
        asked = self._surveys.get(survey or "")
        if asked is None:
            needs = f"an entry for the survey {survey!r} in `surveys`, or --ignored-surveys"
            raise GapError("survey_unknown", needs, act.id)
        if name == SHOWN:
            self._show(act, asked, properties, out)
        else:
            self._answer(act, asked, properties, out)

    def _show(self, act: Act, asked: SurveyQuestion, properties: Message, out: Outbox) -> None:
        iteration = act.id if asked.every_showing else str(properties.get("$survey_iteration"))
        if late := self._shown.keep((asked.survey, iteration, act.person), act, asked):
            self.seen(late[0], "survey shown again", out)

    def _answer(self, act: Act, asked: SurveyQuestion, properties: Message, out: Outbox) -> None:
        submission = properties.get("$survey_submission_id")
        response_id = identifier(submission, "$survey_submission_id") or act.id
        is_part = properties.get("$survey_completed") is False
        given, score = answer(asked, properties)
        if given:
            self._answered.add(response_id)
            self._respond(act, asked, response_id, score, is_part, out)
        else:
            self._silent.append((act, asked, response_id, is_part))

    def _respond(
        self,
        act: Act,
        asked: SurveyQuestion,
        response_id: str,
        score: int | None,
        is_part: bool,
        out: Outbox,
    ) -> None:
        data = {**response(asked, response_id, score), "respondent_id": act.person}
        told = self.event(act, "survey_response.created", data)
        self.tell(act, msgspec.structs.replace(told, sequence=0 if is_part else 1), out)

    @override
    def end(self, out: Outbox) -> None:
        for (survey, _, person), act, asked in self._shown.taken():
            data = {"survey_id": survey, "survey_type": asked.type, "respondent_id": person}
            self.tell(act, self.event(act, "survey.sent", data), out)
        silent, self._silent = self._silent, []
        for act, asked, response_id, is_part in silent:
            if response_id in self._answered:
                self.seen(act, "survey sent, with the answer in another part", out)
            else:
                self._respond(act, asked, response_id, None, is_part, out)
        super().end(out)


def _uuid(message: Message) -> object:
    """Returns the id of an event, which the list of events calls otherwise."""
    return message.get("uuid") or message.get("id")


def _person(message: Message, properties: Message) -> str | None:
    """Returns whose an event is: clients in browsers say it among the properties."""
    found = message.get("distinct_id") or properties.get("distinct_id")
    return identifier(found, "distinct_id")


def _is_personless(message: Message, properties: Message) -> bool:
    """Whether an event is of nobody: servers then make its distinct_id up, at random."""
    told = section(message, "options").get("process_person_profile")
    return told is False or properties.get("$process_person_profile") is False
