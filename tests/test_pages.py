"""The examples on the pages: commands parse, and run where no server is needed; files load.

A block is told by its language: ``json`` holds events, ``toml`` a file of KPIs or settings,
``console`` commands with what they print, ``pycon`` Python with what it prints; no language means
commands or queries, line by line. What cannot be run is named in a table here, with its reason: a
block without a case fails.
"""

import doctest
import functools
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.shard.plan import Plan
from events import Decoder
from events.sources.registry import source_of
from streams.cli import main, parser
from streams.cli.importing import options_of
from streams.settings import load_settings

ROOT: Final = Path(__file__).resolve().parents[1]
PAGES: Final = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "findings/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)

NOT_RUN: Final = {
    "csv": "a file of somebody else's, which the commands beside it read",
    "jsonc": "settings of somebody else's program; tests/end_to_end/test_database.py has it run",
    "ndjson": "records of somebody else's, which the commands beside it read",
    "yaml": "no reader of YAML is a dependency; promtool and amtool check the files in deploy/",
    "sql": "statements for a database; run by tests/end_to_end/test_database.py",
    "text": "a picture, or a form to fill in",
    "sh": "a form of a script to be written",
}
"""Languages of blocks that are not run, and why."""

PROGRAMS: Final = {
    "amtool": "needs an Alertmanager",
    "cp": "copies a file for containers",
    "curl": "asks a server",
    "docker": "needs containers",
    "export": "names servers",
    "grep": "reads a file of the reader's",
    "kafka-get-offsets.sh": "asks a broker",
    "kill": "needs a process",
    "kubectl": "needs a cluster",
    "open": "opens a browser",
    "psql": "needs a database; tests/end_to_end/test_database.py",
    "redis-cli": "needs a Redis",
    "promtool": "run on the same files by tests/exporters/rules",
}
"""Other programs that blocks name, and why they are not run here."""

SERVED: Final = {
    "audit": "needs Kafka and Redis; tests/end_to_end",
    "check": "reads a file of the reader's; run on docs/check.md",
    "import": "reads a file of somebody else's; run on docs/sources",
    "backfill": "writes into a Prometheus or VictoriaMetrics; tests/end_to_end",
    "dead-letters": "needs Kafka; tests/end_to_end",
    "doctor": "looks at servers; tests/streams/doctor",
    "erase": "needs Kafka; tests/end_to_end",
    "exporter": "serves until it is stopped; tests/end_to_end",
    "publish": "needs Kafka; tests/end_to_end",
    "receive": "serves until it is stopped; tests/end_to_end",
    "run": "serves until it is stopped; tests/end_to_end",
    "rebuild": "needs Kafka; tests/end_to_end",
    "topics": "needs Kafka; tests/streams/kafka",
    "worker": "needs Kafka; tests/end_to_end",
}
"""Commands of ours that are parsed and not run, and why."""

FILES_OF: Final = ("accounts", "forms")
"""Options of sources that name files of the reader's."""

METRIC: Final = re.compile(r"\b(?:cs_|tidemark_|job(?:_topic)?:)[\w:]*")
PLACEHOLDER: Final = re.compile(r"\.\.\.|[\[\]()|\\]|\b[A-Z]{2,}\b")


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    number: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}-{self.number}-{self.language or 'lines'}"


def blocks_of(path: Path) -> Iterator[Block]:
    """Yields the fenced blocks of a page."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^ *```", text, re.MULTILINE)) == 2 * len(found), f"{path}: open block"
    for number, (_, language, inside) in enumerate(found, 1):
        yield Block(str(path.relative_to(ROOT)), number, language, inside)


def blocks(*languages: str) -> list[Block]:
    """Returns the blocks of all pages that are written in one of some languages."""
    every = [block for path in PAGES for block in blocks_of(path)]
    return [block for block in every if block.language in languages]


def lines_of(block: Block) -> list[str]:
    """Returns the lines of a block without comments; those continued by a backslash are one."""
    joined = re.sub(r"\\\n\s*", "", block.text)
    cut = [re.sub(r"(^|\s)#.*", "", line).strip() for line in joined.splitlines()]
    return [line for line in cut if line]


def is_query(line: str) -> bool:
    """Returns whether a line asks Prometheus rather than a shell."""
    asked = r"cs_|job(_topic)?:|tidemark_|(sum|sort_desc|rate|time)\b *[(bw]"
    return re.match(asked, line) is not None


@functools.cache
def known_metrics() -> str:
    """Returns all text in which metrics are declared: rules, dashboards and stored scrapes."""
    places = [*(ROOT / "deploy").rglob("*.yml"), *(ROOT / "deploy").rglob("*.json")]
    places += [ROOT / "docs" / "kpis.md", *(ROOT / "exporters").rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in places)


def test_the_pages_have_blocks() -> None:
    """The search finds them, and each language has a case below."""
    every = {block.language for path in PAGES for block in blocks_of(path)}
    assert every <= {"", "console", "json", "pycon", "toml", *NOT_RUN}
    assert every >= NOT_RUN.keys(), "a case that is not needed"
    assert len(blocks("")) > 30
    assert len(blocks("json")) > 50


@pytest.mark.parametrize("block", blocks(""), ids=str)
def test_every_line_is_known(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command of ours parses, and runs unless a table says why not; others are in a table."""
    monkeypatch.chdir(tmp_path)
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert lines_of(block)
    for line in lines_of(block):
        if is_query(line):
            for metric in METRIC.findall(line):
                name = re.sub(r"^cs_(by_segment_)?|_(numerator|denominator|total)$", "", metric)
                assert name in known_metrics(), line
            continue
        words = shlex.split(re.split(r" [|>] ", line)[0])
        program = words[0].removeprefix(".venv/bin/")
        if program == "make":
            assert {word for word in words[1:] if "=" not in word} <= set(targets), line
        elif program == "tidemark":
            given = parser(words[1:]).parse_args(words[1:])
            needs_server = any("://" in word or word.startswith("/var/") for word in words)
            if given.command not in SERVED and not needs_server:
                assert main(words[1:]) == 0, line
        else:
            assert program in PROGRAMS, line


def test_no_program_is_named_in_vain() -> None:
    """The table of programs that are not run has those of the pages, and no other."""
    words = {line.split()[0] for block in blocks("") for line in lines_of(block)}
    assert PROGRAMS.keys() <= words


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_events_are_taken(block: Block) -> None:
    """What a page shows as an event decodes, one a line or one in all; nothing in it is unknown."""
    lines = [line.encode() for line in block.text.splitlines()]
    if not block.text.splitlines()[0].endswith("}"):
        lines = [b" ".join(lines)]
    batch = Decoder().decode(lines)
    assert not batch.rejects
    assert not batch.ignored
    assert len(batch.events) + len(batch.uses) + len(batch.sessions) == len(lines)


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_files_load(block: Block, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file of KPIs is taken over the shipped ones; on the page of a source of foreign records it
    is that one's options; any other is a file of settings.
    """
    table = tomllib.loads(block.text)
    if block.page.startswith("docs/sources/"):
        cls = source_of(Path(block.page).stem)
        assert set(table) <= cls.OPTIONS.model_fields.keys()
        cls(options_of(cls, {name: table[name] for name in table if name not in FILES_OF}))
    elif "kpi" in table:
        load(Plan().measures.values(), shipped_source(), Source("kpis.toml", block.text))
    else:
        (tmp_path / "tidemark.toml").write_text(block.text)
        monkeypatch.chdir(tmp_path)
        settings = load_settings().model_dump(mode="json")
        assert _is_part(table, settings)


def _is_part(table: object, whole: object) -> bool:
    """Whether all that a table says is in the whole, which may say more."""
    if isinstance(table, dict) and isinstance(whole, dict):
        return all(name in whole and _is_part(each, whole[name]) for name, each in table.items())
    return table == whole


def named_files(page: str) -> Mapping[str, str]:
    """Returns the blocks of a page by the file that the line before the block names."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = r"`(\w+\.(?:csv|ndjson|toml))`[^`]*:\n\n```(?:csv|json|ndjson|toml)\n(.*?)```"
    return dict(re.findall(named, text, re.DOTALL))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns an empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_commands_print_what_is_written(block: Block, folder: Path) -> None:
    """Each command, run in a shell, prints the lines that stand below it.

    The page of a foreign source, such as ``docs/sources/stripe.md``, has that source's samples.
    """
    for name, text in named_files(block.page).items():
        (folder / name).write_text(text)
    samples = ROOT / "tests" / "events" / "sources" / Path(block.page).stem / "samples"
    if block.page.startswith("docs/sources/") and samples.exists():
        shutil.copytree(samples, folder, dirs_exist_ok=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    steps = re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.sub(r"\\\n\s*", "", block.text), re.M)
    assert steps
    for command, printed in steps:
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": path},
        )
        assert (done.returncode, done.stdout) == (0, printed), done.stderr


@pytest.mark.parametrize("page", sorted({block.page for block in blocks("pycon")}))
def test_python_prints_what_is_written(
    page: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The steps of a page, one after the other in one session, print what stands below them."""
    for name, text in named_files(page).items():
        (folder / name).write_text(text)
    session = "\n".join(block.text for block in blocks("pycon") if block.page == page)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    test = doctest.DocTestParser().get_doctest(session, {}, page, page, 0)
    assert len(test.examples) == session.count(">>> ")
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_the_text_exist(path: Path) -> None:
    """A command that is named between words exists, and has the options that it is shown with."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for written in re.findall(r"`(?:\.venv/bin/)?tidemark ([a-z][^`]*)`", text):
        words = shlex.split(written)
        if len(words) == 1:
            assert re.search(rf"^    {words[0]} ", parser(()).format_help(), re.MULTILINE), written
        elif not PLACEHOLDER.search(written):
            parser(words).parse_args(words)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(path: Path) -> None:
    """A link to a file, and a file of ours that is named, is there."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
        assert (path.parent / target).exists(), target
    for named in re.findall(
        r"`((?:aggregates|events|exporters|streams|tests|docs)/[\w./-]*)`", text
    ):
        assert (ROOT / named).exists(), named
