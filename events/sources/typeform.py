"""Typeform: responses to forms, from its webhooks or from its Responses API.

Shapes are those of the API client 2.8.0 and of public captures of the webhook. The `definition`
that comes with a response names the fields and their types, with `properties` empty: of an opinion
scale it does not say how long it is, nor whether it starts at 0. The form itself says it.
"""

from collections.abc import Iterator
from typing import IO, Any, Final, Literal, NamedTuple

import msgspec
from pydantic import BaseModel, ConfigDict
from typing_extensions import override

from events.errors import UNREADABLE, TidemarkError
from events.sources.options import Contents, Options
from events.sources.outbox import Outbox
from events.sources.records import Record, json_records, parts
from events.sources.source import GapError, Source
from events.sources.told import Told

_HOOK: Final = "form_response"
_NPS: Final = "nps"
_OPINION_SCALE: Final = "opinion_scale"
_SCALES: Final = (_OPINION_SCALE, "rating")


class FormFileError(TidemarkError):
    """A file is no form as the API returns it."""


class Question(BaseModel):
    """A field of which the answers are figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    """Id of the field, or its ref."""
    survey_type: Literal["nps", "csat", "ces", "satisfaction"]
    """What is asked."""
    scale_min: int | None = None
    """Lowest answer possible; left out, as the form has it."""
    scale_max: int | None = None
    """Highest answer possible; left out, as the form has it."""
    touchpoint: str | None = None
    """The occasion, such as `ticket`."""


class TypeformOptions(Options):
    """The options of the source `typeform`."""

    questions: tuple[Question, ...] = ()
    """The fields of which the answers are figures, beside those of the type `nps`, which are so by
    themselves."""
    forms: Contents = ()
    """Files with forms as `GET /forms/{form_id}` returns them: they have the scales."""
    form: str | None = None
    """Id of the form, of responses from the Responses API, which do not name it."""
    account_field: str | None = None
    """The hidden field that names the account."""
    respondent_field: str | None = None
    """The hidden field that names who answered; left out, all are anonymous."""


class Scale(NamedTuple):
    """Lowest and highest answer."""

    lowest: int
    highest: int


class _Properties(msgspec.Struct):
    steps: int | None = None
    start_at_one: bool = False
    fields: list["_Field"] = []


class _Field(msgspec.Struct):
    id: str
    type: str
    ref: str | None = None
    properties: _Properties = msgspec.field(default_factory=_Properties)


class _Form(msgspec.Struct):
    fields: list[_Field]


class _Answer(msgspec.Struct):
    field: _Field
    number: int | float | None = None


class _Response(msgspec.Struct):
    token: str
    submitted_at: str
    form_id: str | None = None
    hidden: dict[str, Any] | None = None
    answers: list[_Answer] | None = None


class _Hook(msgspec.Struct):
    event_type: str | None = None
    form_response: msgspec.Raw = msgspec.Raw()


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]


_hook: Final = msgspec.json.Decoder(_Hook).decode
_response: Final = msgspec.json.Decoder(_Response).decode
_page: Final = msgspec.json.Decoder(_Page).decode
_form: Final = msgspec.json.Decoder(_Form).decode


class Typeform(Source[TypeformOptions]):
    """Typeform: form responses of webhooks, or pages of the Responses API."""

    NAME = "typeform"
    SIGNATURE = "typeform"
    OPTIONS = TypeformOptions

    def __init__(self, options: TypeformOptions) -> None:
        """Takes the options.

        Raises:
            FormFileError: If a file is no form.
        """
        super().__init__(options)
        self._questions = {question.field: question for question in options.questions}
        self._scales: dict[str, Scale] = {}
        for content in options.forms:
            try:
                form = _form(content)
            except UNREADABLE as error:
                raise FormFileError(f"forms: no form as the API returns it: {error}") from error
            self._scales |= _scales_of(form.fields)

    @override
    def records(self, name: str, file: IO[bytes]) -> Iterator[Record]:
        for record in json_records(name, file):
            try:
                items = _page(record.raw).items
            except UNREADABLE:
                yield record
            else:
                yield from parts(record, items)

    @override
    def take(self, record: Record, out: Outbox) -> None:
        response = _read(record.raw)
        asked = [(each, self._question(each)) for each in response.answers or ()]
        told = [(answer, question) for answer, question in asked if question is not None]
        if not told:
            return out.pass_over("a response without an answer to a question that is named")
        form = response.form_id or self.options.form
        if form is None:
            raise GapError("form_unknown", "form: the id of the form", response.token)
        account = _hidden(response, self.options.account_field)
        if account is None:
            needs = "account_field, and a value of that hidden field"
            raise GapError("account_unknown", needs, response.token)
        out.tell(record, *(self._told(response, form, account, *each) for each in told))

    def _question(self, answer: _Answer) -> Question | None:
        """Returns what an answer is to; None if it is to nothing that figures ask for."""
        field = answer.field
        named = self._questions.get(field.id) or self._questions.get(field.ref or "")
        if named is not None or field.type != _NPS:
            return named
        return Question(field=field.id, survey_type="nps")

    def _told(
        self, response: _Response, form: str, account: str, answer: _Answer, question: Question
    ) -> Told:
        if answer.number is None:
            needs = f"field {answer.field.id}: answers that are numbers"
            raise GapError("no_number", needs, response.token)
        scale = self._scale(response, answer.field, question)
        answer_id = f"{response.token}/{answer.field.id}"
        data = {
            "account_id": self.account(account),
            "response_id": answer_id,
            "survey_id": form,
            "survey_type": question.survey_type,
            "scale_min": scale.lowest,
            "scale_max": scale.highest,
            "score": answer.number,
            "respondent_id": _hidden(response, self.options.respondent_field),
            "touchpoint": question.touchpoint,
        }
        return Told(
            id=answer_id,
            source=self.source,
            type="survey_response.created",
            time=response.submitted_at,
            data={name: value for name, value in data.items() if value is not None},
        )

    def _scale(self, response: _Response, field: _Field, question: Question) -> Scale:
        """Returns the scale that a field was answered on: as told, else as the form has it."""
        known = Scale(0, 10) if field.type == _NPS else self._scales.get(field.id)
        lowest, highest = question.scale_min, question.scale_max
        if known is not None:
            lowest = known.lowest if lowest is None else lowest
            highest = known.highest if highest is None else highest
        if lowest is None or highest is None:
            needs = f"field {field.id}: scale_min and scale_max, or its form in forms"
            raise GapError("scale_unknown", needs, response.token)
        return Scale(lowest, highest)


def _read(raw: bytes) -> _Response:
    """Returns the response of a webhook, or of a page of the API."""
    try:
        hook = _hook(raw)
        if hook.event_type not in (None, _HOOK):
            raise GapError("unknown_event", f"events of the type {_HOOK}")
        return _response(hook.form_response or raw)
    except UNREADABLE as error:
        raise GapError("unreadable", f"a response as Typeform sends it: {error}") from error


def _hidden(response: _Response, name: str | None) -> str | None:
    value = (response.hidden or {}).get(name or "")
    return value.strip() or None if isinstance(value, str) else None


def _scales_of(fields: list[_Field]) -> dict[str, Scale]:
    """Returns the scales of fields by id, those inside of groups too."""
    found: dict[str, Scale] = {}
    for field in fields:
        properties = field.properties
        if field.type in _SCALES and properties.steps is not None:
            first = 0 if field.type == _OPINION_SCALE and not properties.start_at_one else 1
            found[field.id] = Scale(first, first + properties.steps - 1)
        found |= _scales_of(properties.fields)
    return found
