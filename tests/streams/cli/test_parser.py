"""The parser: errors that say what may be meant, and examples that are right."""

import re
import shlex
from pathlib import Path

import pytest

from streams.cli import COMMANDS, main, parser
from streams.cli.examples import EXAMPLES
from streams.cli.parser import EXIT_USAGE, with_joined_ages

CALLS = [(command, each.call) for command, examples in EXAMPLES.items() for each in examples]

RUN = frozenset({"completion", "kpis", "replay", "schemas", "docs", "rules", "dashboards"})
"""Commands whose examples are run here: they need no server, and one file of events at most."""


def refused(arguments: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Returns the lines of standard error of a call that is refused."""
    with pytest.raises(SystemExit) as end:
        main(shlex.split(arguments))
    assert end.value.code == EXIT_USAGE
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "said", "help_of"),
    [
        ("replya f", "COMMAND: there is no 'replya'; did you mean replay?", ""),
        ("xyz", "COMMAND: there is no 'xyz'", ""),
        ("--vresion kpis", "there is no option '--vresion'; did you mean --version?", ""),
        ("replay f --fromat csv", "there is no option '--fromat'; did you mean --format", "replay"),
        ("replay f --fromat=csv", "there is no option '--fromat'; did you mean --format", "replay"),
        ("replay f --format tabel", "--format: there is no 'tabel'; did you mean table?", "replay"),
        ("replay f --format x", "give one of json, csv, openmetrics, table", "replay"),
        ("replay", "the following arguments are required: SOURCE", "replay"),
        ("topics eight", "'eight': there is one argument too many", "topics"),
        ("import strpe f", "SOURCE: there is no 'strpe'; did you mean stripe?", "import"),
        (
            "import chargebee f",
            "there is no 'chargebee'; give one of amplitude, csv, formbricks",
            "import",
        ),
        ("import stripe f --prizes x", "'--prizes'; did you mean --prices", "import stripe"),
        ("dead-letters lits", "did you mean list?", "dead-letters"),
        ("dead-letters list --josn", "did you mean --json?", "dead-letters list"),
        ("simulate --scenario churnspike", "did you mean churn-spike?", "simulate"),
        ("completion csh", "SHELL: there is no 'csh'; did you mean zsh?", "completion"),
    ],
)
def test_what_is_wrong_is_told_with_what_may_be_meant(
    arguments: str, said: str, help_of: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two lines: what is wrong, and where all of it is told; the usage is not in the way."""
    first, second = refused(arguments, capsys)
    assert first.startswith("tidemark: ")
    assert said in first
    assert f"`tidemark {help_of} --help`".replace("  ", " ") in second
    assert second.endswith(", with examples") is (help_of in ("", *COMMANDS))


def test_names_in_errors_do_not_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """What was typed is written out where it would colour or turn the text."""
    lines = refused("replay f '--\x1b[31m\u202e'", capsys)
    assert not set("\x1b\u202e") & set("".join(lines))


@pytest.mark.parametrize("option", ["--log-format json", "--log-level info", "--quiet"])
def test_what_is_said_is_asked_for_before_or_after_the_command(option: str) -> None:
    """Both are the same to the commands."""
    name = option.split()[0].removeprefix("--").replace("-", "_")
    before = parser(["kpis"]).parse_args(shlex.split(f"{option} kpis"))
    after = parser(["kpis"]).parse_args(shlex.split(f"kpis {option}"))
    neither = parser(["kpis"]).parse_args(["kpis"])
    assert getattr(before, name) == getattr(after, name)
    assert getattr(neither, name) is None


@pytest.mark.parametrize("age", ["-30d", "-2w", "-1y"])
def test_an_age_is_no_option(age: str) -> None:
    """It belongs to the option before it, right or wrong; elsewhere nothing is joined."""
    assert with_joined_ages(["replay", "--at", age, "f"]) == ["replay", f"--at={age}", "f"]
    assert with_joined_ages(["--at=now", age, "f", age, "-"]) == ["--at=now", age, "f", age, "-"]


def test_each_command_has_examples() -> None:
    """And there are none of a command that is gone."""
    assert EXAMPLES.keys() == COMMANDS.keys()
    assert all(EXAMPLES.values())


@pytest.mark.parametrize(("command", "call"), CALLS)
def test_each_example_is_taken(command: str, call: str) -> None:
    """By the parser that the program has; it is one of the command that it stands at."""
    assert parser([command]).parse_args(shlex.split(call)).command == command


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_ends_with_the_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each on a line that can be copied."""
    with pytest.raises(SystemExit):
        main([command, "--help"])
    lines = capsys.readouterr().out.splitlines()
    for example in EXAMPLES[command]:
        assert f"  tidemark {example.call}" in lines


@pytest.mark.slow
def test_examples_that_need_no_server_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In their order, each with 0, and with something on standard output or in a file."""
    monkeypatch.chdir(tmp_path)
    history = EXAMPLES["simulate"][0].call
    assert "--out events.ndjson" in history
    calls = [history, *(call for command, call in CALLS if command in RUN)]
    assert {re.split(" ", call)[0] for call in calls} == {*RUN, "simulate"}
    for call in calls:
        assert main(shlex.split(call)) == 0, call
        said = capfd.readouterr().out
        out = re.search(r"--out (\S+)", call)
        assert said or (out and (tmp_path / out[1]).stat().st_size), call
