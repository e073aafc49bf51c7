"""``tidemark import``: foreign records in, events in our form out."""

import argparse
import sys
import tomllib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import msgspec
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from events.docstrings import docstrings_of
from events.errors import TidemarkError
from events.sources.checker import RUN, Checker
from events.sources.options import CONTENTS, Options
from events.sources.outbox import Gap, Outbox
from events.sources.registry import SOURCES, source_of
from events.sources.source import Source, take
from streams.cli.files import named_errors, opened
from streams.cli.parser import Parser
from streams.local.plain import opened_plain

_GAPS_SHOWN: Final = 10
"""Kinds of gaps that are told on standard error; the report has all."""

_EXIT_GAPS: Final = 1


def add_import(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark import`` with the options of each source."""
    sources = command.add_subparsers(
        dest="source_name", required=True, metavar="SOURCE", parser_class=SourceParser
    )
    for name in SOURCES:
        sources.add_parser(name, help=f"`tidemark import {name} --help` has its options")


class SourceParser(Parser):
    """Declares what a source may be told when that source is named: the others are not loaded."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parses the arguments after the source's name."""
        self.declare()
        return super().parse_known_args(args, namespace)

    def declare(self) -> None:
        """Declares the options of the source."""
        cls = source_of(self.prog.rsplit(" ", 1)[-1])
        self.description = (cls.__doc__ or "").partition("\n")[0]
        _declare(self, cls)


def _declare(each: argparse.ArgumentParser, cls: type[Source[Any]]) -> None:
    each.add_argument("files", nargs="+", metavar="FILE", help="a file, or - ; gz and zstd too")
    each.add_argument("--out", metavar="PATH", default="-", help="default: standard output")
    each.add_argument("--report", metavar="PATH", help="every gap with its record, as NDJSON")
    each.add_argument(
        "--allow-gaps", action="store_true", help="exit with 0 although records are missing"
    )
    each.add_argument(
        "--options", metavar="PATH", help="a TOML file with the options of the source"
    )
    told = docstrings_of(cls.OPTIONS)
    for field, info in cls.OPTIONS.model_fields.items():
        _add_flag(each, field, info, told.get(field, ""))
    each.set_defaults(run=_import)


def _add_flag(command: argparse.ArgumentParser, field: str, info: FieldInfo, told: str) -> None:
    """Declares the flag of an option; one that has a shape of its own is for the file alone."""
    flag = f"--{field.replace('_', '-')}"
    said = told.replace("\n", " ").replace("%", "%%")
    more: dict[str, Any]
    kind = info.annotation
    choices = [each for each in get_args(kind) if each is not type(None)]
    if CONTENTS in info.metadata:
        more = {"action": "append", "metavar": "PATH"}
    elif kind is bool:
        more = {"action": argparse.BooleanOptionalAction}
    elif get_origin(kind) is Literal:
        more = {"choices": choices}
    elif get_origin(kind) is tuple and choices[0] is str:
        more = {"action": "append", "metavar": "NAME"}
    elif kind in (str, int) or choices in ([str], [int]):
        more = {"type": int if int in (kind, *choices) else str, "metavar": "VALUE"}
    else:
        return
    command.add_argument(flag, dest=f"option_{field}", default=None, help=said, **more)


def options_of(cls: type[Source[Any]], given: dict[str, Any]) -> Options:
    """Returns the options of a source, the files that they name read.

    Raises:
        TidemarkError: If an option is wrong, or a file cannot be read.
    """
    given = dict(given)
    for name, info in cls.OPTIONS.model_fields.items():
        if CONTENTS in info.metadata and given.get(name):
            paths = [given[name]] if isinstance(given[name], str) else given[name]
            if not isinstance(paths, (list, tuple)) or not all(isinstance(p, str) for p in paths):
                raise TidemarkError(f"import {cls.NAME}: {name}: needs a list of paths")
            given[name] = tuple(map(_content, paths))
    try:
        return cls.OPTIONS.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        said = first["msg"]
        if first["type"] == "missing":
            page = f", in a file of options: docs/sources/{cls.NAME}.md shows one"
            said = f"is needed{page if len(first['loc']) == 1 else ''}"
        raise TidemarkError(f"import {cls.NAME}: {where}: {said}") from error


def _content(path: str) -> bytes:
    with named_errors(Path(path)), opened_plain(path) as file:
        return file.read()


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if arguments.options:
        path = Path(arguments.options)
        try:
            with named_errors(path):
                given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TidemarkError(f"{path}: {error}") from error
    flags = {
        name.removeprefix("option_"): value
        for name, value in vars(arguments).items()
        if name.startswith("option_") and value is not None
    }
    return given | flags


class _Import:
    """One run of a source over files: what it tells is checked by our own decoder and written."""

    def __init__(self, source: Source[Any]) -> None:
        self._source = source
        self._checker = Checker()
        self.out = Outbox()
        self.taken = 0
        self.events = 0
        self.gaps: dict[tuple[str, str], list[Any]] = {}

    def lines(self, names: list[str], report: Any) -> Iterator[bytes]:
        """Yields the events of files as lines, many at a time."""
        for name in names:
            with opened_plain(name) as file:
                records = self._source.records("stdin" if name == "-" else name, file)
                while run := list(islice(records, RUN)):
                    for record in run:
                        take(self._source, record, self.out)
                    self.taken += len(run)
                    yield from self._written(report)
        self._source.end(self.out)
        yield from self._written(report)
        if self.out.done != self.taken:
            raise AssertionError(f"{self.taken} records were taken, {self.out.done} accounted for")

    def _written(self, report: Any) -> Iterator[bytes]:
        for lines in self._checker.lines(self.out):
            self.events += len(lines)
            yield b"\n".join((*lines, b""))
        for gap in self.out.gaps:
            self._gap(gap, report)
        self.out.gaps = []

    def _gap(self, gap: Gap, report: Any) -> None:
        seen = self.gaps.setdefault((gap.reason, gap.needs), [0, gap])
        seen[0] += 1
        if report is not None:
            report.write(msgspec.json.encode(_told_gap(gap)) + b"\n")


def _told_gap(gap: Gap) -> dict[str, Any]:
    record = gap.record.raw.decode(errors="replace")
    return {
        "place": gap.record.place,
        "id": gap.id,
        "reason": gap.reason,
        "needs": gap.needs,
        "record": record,
    }


def _check_files(arguments: argparse.Namespace) -> None:
    """Refuses to write two things into one file, or over what is read."""
    written = [each for each in (arguments.out, arguments.report) if each not in (None, "-")]
    read = [each for each in arguments.files if each != "-"]
    taken = {Path(each).resolve() for each in read}
    for each in written:
        path = Path(each).resolve()
        if path in taken and not path.is_char_device():
            raise TidemarkError(f"{each}: is named twice: files, --out and --report are different")
        taken.add(path)


def _import(arguments: argparse.Namespace) -> int:
    _check_files(arguments)
    cls = source_of(arguments.source_name)
    run = _Import(cls(options_of(cls, _given(arguments))))
    with opened(arguments.out) as file:
        if arguments.report:
            with opened(arguments.report) as report:
                file.writelines(run.lines(arguments.files, report))
        else:
            file.writelines(run.lines(arguments.files, None))
        file.flush()
    _summary(run)
    if not run.taken:
        return _EXIT_GAPS
    return _EXIT_GAPS if run.gaps and not arguments.allow_gaps else 0


def _summary(run: _Import) -> None:
    """Says on standard error what became of the records."""

    def say(text: str) -> None:
        print(f"tidemark: {text}", file=sys.stderr)

    out, lost = run.out, sum(count for count, _ in run.gaps.values())
    passed = sum(out.passed.values())
    say(f"{run.taken} records: {run.events} events, {passed} passed over, {lost} gaps")
    for reason, count in out.passed.most_common():
        say(f"{count} say nothing about a KPI: {reason}")
    for lost_part, count in out.notes.most_common():
        say(f"{count} told without {lost_part}")
    kinds = sorted(run.gaps.items(), key=lambda each: -each[1][0])
    for (reason, needs), (count, first) in kinds[:_GAPS_SHOWN]:
        say(f"{count} not told: {reason}: {needs} (first: {first.record.place})")
    if len(kinds) > _GAPS_SHOWN:
        say(f"and {len(kinds) - _GAPS_SHOWN} kinds more; --report FILE has all of them")
    if run.taken == 0:
        say("there is nothing in it")
