"""``tidemark backfill``: what it writes and accounts for, and what it refuses to do."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.plan import Plan
from events import parse_instant
from events.zone import IANA_VERSION
from exporters.history.blocks import blocks_in
from streams.cli import main
from streams.simulator import simulate
from tests.servers import PrometheusServer
from tests.servers.required import required

FROM, TO = "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"

Backfill = Callable[..., str]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company's events of ninety days."""
    path = tmp_path_factory.mktemp("log") / "log.ndjson"
    lines = simulate(seed=3, accounts=10, days=90, end_ms=parse_instant(TO))
    path.write_bytes(b"\n".join([*lines, b"no event", b""]))
    return path


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], log: Path
) -> Backfill:
    """Runs a backfill that must fail; gives the one line that it says."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        capfd.readouterr()
        assert main(("backfill", str(log), *arguments)) == 1
        said = capfd.readouterr()
        assert said.out == ""
        *_, line = said.err.splitlines()
        assert line.startswith("tidemark: ")
        return line

    return run


def account(out: Path) -> dict[str, Any]:
    """Reads the manifest of a folder."""
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return found


def fill(log: Path, out: Path, *arguments: str) -> dict[str, Any]:
    """Backfills into a folder; gives the manifest."""
    span = ("--from", FROM, "--to", TO)
    assert main(("backfill", str(log), *span, *arguments, "--out", str(out))) == 0
    return account(out)


def test_the_account_is_true(promtool: str, log: Path, tmp_path: Path) -> None:
    """The manifest says what was read, under which policies, and what each block and file holds,
    which is what they do hold."""
    manifest = fill(log, tmp_path, "--every", "1h", "--job", "cs", "--label", "env=prod")
    assert (manifest["from"], manifest["to"], manifest["every"]) == (FROM, TO, "1h")
    assert manifest["labels"] == {"env": "prod", "instance": "127.0.0.1:9108", "job": "cs"}
    assert manifest["policies"]["currency"] == "USD"
    assert manifest["tzdata"] == IANA_VERSION
    assert manifest["fingerprint"] == fingerprint_of(Plan()).digest
    assert manifest["events"] == len(log.read_bytes().splitlines())
    assert list(manifest["not_folded"].values()) == [1]
    assert manifest["sources"] == [{"name": str(log), "bytes": log.stat().st_size}]
    stored = {block.path.name: block for block in blocks_in(tmp_path / "blocks")}
    windows = manifest["windows"]
    assert len(windows) == len(stored) == 2
    for window in windows:
        block, file = stored[window["block"]], tmp_path / "openmetrics" / window["file"]
        assert (block.samples, block.series) == (window["samples"], window["series"])
        text = file.read_bytes()
        assert sha256(text).hexdigest() == window["sha256"]
        samples = [line for line in text.splitlines() if not line.startswith(b"#")]
        assert len(samples) == window["samples"]
        assert all(b'env="prod"' in line and b'job="cs"' in line for line in samples)
    assert manifest["samples"] == sum(block.samples for block in stored.values())


def test_the_same_again(promtool: str, log: Path, tmp_path: Path) -> None:
    """The same events make the same samples: digests are equal, and change with the events."""
    digests = [
        [window["sha256"] for window in fill(source, tmp_path / name, "--every", "1d")["windows"]]
        for source, name in ((log, "one"), (log, "two"))
    ]
    assert digests[0] == digests[1]
    shorter = tmp_path / "shorter.ndjson"
    shorter.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-400]))
    other = [w["sha256"] for w in fill(shorter, tmp_path / "three", "--every", "1d")["windows"]]
    assert other[0] == digests[0][0]
    assert other[-1] != digests[0][-1]


def test_it_begins_with_the_first_figure(promtool: str, log: Path, tmp_path: Path) -> None:
    """Without --from it begins where the first event moves a figure."""
    where = ("--every", "1d", "--out", str(tmp_path))
    assert main(("backfill", str(log), "--to", TO, *where)) == 0
    first = json.loads(log.read_bytes().splitlines()[0])["time"]
    begun_s = parse_instant(account(tmp_path)["from"]) // 1_000
    assert begun_s * 1_000 <= parse_instant(first) + 86_400_000
    lines = min((tmp_path / "openmetrics").iterdir()).read_text().splitlines()
    values = [float(line.split(" ")[-2]) for line in lines if line.endswith(f" {begun_s}")]
    assert any(values)


def test_nothing_moves_any_figure(promtool: str, refused: Backfill, tmp_path: Path) -> None:
    """A log without a figure has no beginning, and fills nothing."""
    empty = tmp_path / "empty.ndjson"
    empty.write_text("")
    assert main(("backfill", str(empty), "--out", "out")) == 1
    assert main(("backfill", str(empty), "--from", FROM, "--to", TO, "--out", "out")) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--every", "2h", "--out", "o"), "--every '2h' is none of 1m, 5m, 15m, 1h, 1d"),
        (("--from", "soon", "--out", "o"), "--from 'soon' is no time: give now, today, "),
        (("--to", "2099-01-01T00:00:00Z", "--out", "o"), "belong to live scraping"),
        (("--from", TO, "--to", FROM, "--out", "o"), "there is no time between"),
        (("--label", "env", "--out", "o"), "--label 'env' is not NAME=VALUE"),
        (("--label", "__name__=x", "--out", "o"), "__name__='x' is no label that a scrape gives"),
        (("--job", "", "--out", "o"), "job='' is no label that a scrape gives"),
        (("--promtool", "/no/promtool", "--out", "o"), "/no/promtool is no program"),
        (("--victoriametrics", "http://x", "--prometheus-url", "http://x"), "goes with --prom"),
        (("--prometheus-data", "none"), "none is no folder"),
        (("--victoriametrics", "localhost:8428"), "is no http:// or https:// address"),
        (
            ("--victoriametrics", "http://127.0.0.1:9", "--from", FROM, "--to", TO),
            "http://127.0.0.1:9 cannot be asked",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    promtool: str, refused: Backfill, arguments: tuple[str, ...], said: str
) -> None:
    """What cannot or must not be done ends with code 1 and one line that says why."""
    assert said in refused(*arguments)


def test_a_used_folder_is_refused(promtool: str, refused: Backfill, log: Path) -> None:
    """Blocks of two backfills do not mix in a folder; one that failed leaves it empty."""
    assert "belong to live" in refused("--to", "2099-01-01T00:00:00Z", "--out", "out")
    fill(log, Path("out"), "--every", "1d")
    assert "out is not empty" in refused("--from", FROM, "--to", TO, "--out", "out")


def test_an_overlap_is_refused(promtool: str, refused: Backfill, log: Path, tmp_path: Path) -> None:
    """Where samples of ours lie already nothing is added, and the way to delete them is told."""
    data = tmp_path / "data"
    data.mkdir()
    where = ("--every", "1d", "--prometheus-data", str(data))
    assert main(("backfill", str(log), "--from", FROM, "--to", TO, *where)) == 0
    before = sorted(path.name for path in data.iterdir())
    said = refused("--from", "2025-01-31T00:00:00Z", "--to", "2025-02-20T00:00:00Z", *where)
    assert "already; delete them first" in said
    assert "-d start=2025-01-31T00:00:00Z -d end=2025-02-20T00:00:00Z" in said
    assert sorted(path.name for path in data.iterdir()) == before
    after = ("--from", "2025-02-02T00:00:00Z", "--to", "2025-02-20T00:00:00Z")
    assert main(("backfill", str(log), *after, *where)) == 0


def test_a_short_retention_is_refused(promtool: str, refused: Backfill) -> None:
    """What a running server would delete at once is refused, where it can be asked."""
    with required(PrometheusServer("global: {scrape_interval: 1h}")) as server:
        where = ("--prometheus-data", str(server.data_dir), "--prometheus-url", server.url)
        said = refused("--from", "2001-01-01T00:00:00Z", "--to", TO, "--every", "1d", *where)
        assert "keeps samples for 10y" in said
        assert not blocks_in(server.data_dir)


def test_a_target_is_needed(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is no default for where samples go, and there are not two."""
    for arguments in ((), ("--out", "x", "--victoriametrics", "http://x")):
        with pytest.raises(SystemExit):
            main(("backfill", str(log), *arguments))
        assert "--victoriametrics" in capsys.readouterr().err
