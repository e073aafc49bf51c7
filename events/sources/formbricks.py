"""Formbricks: what its webhooks tell of survey responses.

Shapes are those of the open source product as of August 2026 (``ZResponse`` and the response
pipeline). One change of a response comes as one or two events with the same content: the second is
`responseFinished`, after `responseUpdated` or `responseCreated`. Each is told as the state that it
shows, under an id of response, question and time of change, so that the two are one.
"""

from typing import Any, Final, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from events.errors import UNREADABLE
from events.sources.options import Options
from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import GapError, Source
from events.sources.told import Told

_EVENTS: Final = ("responseCreated", "responseUpdated", "responseFinished")
_TEST: Final = "testEndpoint"
"""What a person sends by a button, to try the address."""

_SKIPPED: Final = (None, "", "dismissed")
"""An answer that is none; the last two are of older versions."""


class Question(BaseModel):
    """A question of which the answers are figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    survey: str
    """Id of the survey."""
    question: str
    """Id of the question in it, as the response has it."""
    survey_type: Literal["nps", "csat", "ces", "satisfaction"]
    """What is asked."""
    scale_max: int | None = None
    """Highest answer possible: 5 or 7 for CES, up to 10 for a rating; left out, as usual for the
    type."""
    touchpoint: str | None = None
    """The occasion, such as `ticket`."""


class FormbricksOptions(Options):
    """The options of the source `formbricks`."""

    questions: tuple[Question, ...] = Field(min_length=1)
    """The questions of which the answers are figures: a response does not say what was asked."""
    account_attribute: str | None = None
    """The contact attribute that names the account."""
    account_field: str | None = None
    """The hidden field of link surveys that names the account."""
    respondent_attribute: str | None = None
    """The contact attribute that names who answered; left out, the contact's user id, else the
    contact's own."""
    respondent_field: str | None = None
    """The hidden field of link surveys that names who answered."""


class _Contact(msgspec.Struct, rename="camel"):
    id: str
    user_id: str | None = None


class _Response(msgspec.Struct, rename="camel"):
    id: str
    survey_id: str
    updated_at: str
    data: dict[str, Any]
    contact: _Contact | None = None
    contact_attributes: dict[str, Any] | None = None


class _Hook(msgspec.Struct):
    event: str
    data: msgspec.Raw = msgspec.Raw(b"null")


_hook: Final = msgspec.json.Decoder(_Hook).decode
_response: Final = msgspec.json.Decoder(_Response).decode


class Formbricks(Source[FormbricksOptions]):
    """Formbricks webhooks: survey responses, finished or not."""

    NAME = "formbricks"
    SIGNATURE = "standard"
    OPTIONS = FormbricksOptions

    def __init__(self, options: FormbricksOptions) -> None:
        """Takes the options."""
        super().__init__(options)
        self._questions: dict[str, list[Question]] = {}
        for question in options.questions:
            self._questions.setdefault(question.survey, []).append(question)

    @override
    def take(self, record: Record, out: Outbox) -> None:
        try:
            hook = _hook(record.raw)
        except UNREADABLE as error:
            raise GapError("unreadable", "the body of a Formbricks webhook") from error
        if hook.event == _TEST:
            return out.pass_over(_TEST)
        if hook.event not in _EVENTS:
            raise GapError("unknown_event", f"one of {', '.join(_EVENTS)}")
        try:
            response = _response(hook.data)
        except UNREADABLE as error:
            raise GapError("unreadable", f"a response as Formbricks sends it: {error}") from error
        questions = self._questions.get(response.survey_id)
        if questions is None:
            return out.pass_over(f"survey {response.survey_id}, of which no question is named")
        answered = [each for each in questions if response.data.get(each.question) not in _SKIPPED]
        if not answered:
            return out.pass_over("a response without an answer to a question that is named")
        account = self._named(response, self.options.account_attribute, self.options.account_field)
        if account is None:
            raise GapError(
                "account_unknown",
                "account_attribute or account_field, and a value of it",
                response.id,
            )
        out.tell(record, *(self._answer(response, each, account) for each in answered))

    def _answer(self, response: _Response, question: Question, account: str) -> Told:
        """Returns one answer as the state that it is in.

        It is told as updated even if it is new: which of the two it is, the second of a pair of
        events does not say, and figures do not ask.
        """
        score = response.data[question.question]
        if isinstance(score, bool) or not isinstance(score, int | float):
            raise GapError(
                "no_number", f"question {question.question}: answers that are numbers", response.id
            )
        answer = f"{response.id}/{question.question}"
        data = {
            "account_id": self.account(account),
            "response_id": answer,
            "survey_id": response.survey_id,
            "survey_type": question.survey_type,
            "score": score,
            "scale_max": question.scale_max,
            "touchpoint": question.touchpoint,
            "respondent_id": self._respondent(response),
        }
        return Told(
            id=f"{answer}/{response.updated_at}",
            source=self.source,
            type="survey_response.updated",
            time=response.updated_at,
            data={name: value for name, value in data.items() if value is not None},
        )

    def _respondent(self, response: _Response) -> str | None:
        options = self.options
        named = self._named(response, options.respondent_attribute, options.respondent_field)
        if named is not None or response.contact is None:
            return named
        return response.contact.user_id or response.contact.id

    @staticmethod
    def _named(response: _Response, attribute: str | None, field: str | None) -> str | None:
        """Returns what a contact attribute, else a hidden field, has as text; None if neither."""
        for name, values in ((attribute, response.contact_attributes), (field, response.data)):
            value = (values or {}).get(name or "")
            if isinstance(value, str) and value.strip():
                return value.strip()
        return None
