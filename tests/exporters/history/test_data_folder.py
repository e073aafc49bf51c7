"""Placing blocks: only into a data folder, only where nothing of ours lies, all or nothing seen."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from exporters.collector import LiveCollector
from exporters.history.blocks import BlockMaker, Promtool, blocks_in
from exporters.history.data_folder import STAGING, DataFolder
from exporters.history.error import HistoryError
from exporters.history.folder_reader import FolderReader
from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import WINDOW_S, TimeRange
from exporters.http import Application, Server
from exporters.pages.pages import Pages
from streams.clock import now_ms
from tests.end_to_end.patience import wait_for
from tests.exporters import company
from tests.exporters.history.figures import family
from tests.servers import PrometheusServer
from tests.servers.required import required

RANGE = TimeRange(1_000 * WINDOW_S, 1_000 * WINDOW_S + 10 * 3_600, 3_600)
"""Ten hours of August 2025."""

OURS = TargetLabels.of({})


def fill(data: Path, promtool: str, target_labels: TargetLabels = OURS) -> None:
    """Places a block of one series."""
    row = np.arange(11, dtype=np.float64)
    with (
        DataFolder(data) as folder,
        BlockMaker(
            Promtool(promtool), target_labels, folder.staging, folder.staging, keep=False
        ) as maker,
    ):
        maker.make(RANGE, [family("cs_a", ({}, row.tolist()))])
        assert [each.samples for each in maker.filled()] == [11]
        folder.place(maker.made())


def holds(
    data: Path, promtool: str, time_range: TimeRange = RANGE, target_labels: TargetLabels = OURS
) -> bool:
    """Returns whether a data folder holds samples within a time range."""
    with DataFolder(data) as folder:
        return FolderReader(folder, Promtool(promtool)).holds(target_labels, time_range)


def moved(first_s: int, last_s: int) -> TimeRange:
    """Returns another range, relative to the first time of the filled one."""
    return TimeRange(RANGE.first_s + first_s, RANGE.first_s + last_s, 3_600)


def test_blocks_appear_whole(promtool: str, tmp_path: Path) -> None:
    """A block is made aside and renamed into place; nothing else is left, and it belongs to the
    owner of the folder."""
    fill(tmp_path, promtool)
    (block,) = blocks_in(tmp_path)
    assert block.samples == 11
    assert [path.name for path in tmp_path.iterdir()] == [block.path.name]
    assert {path.stat().st_uid for path in block.path.rglob("*")} == {tmp_path.stat().st_uid}


def test_blocks_belong_to_prometheus(promtool: str, tmp_path: Path) -> None:
    """Blocks belong to the owner of the data folder, who removes them one day, whoever made them;
    as only root can give files away, others see nothing here but their own id."""
    owner = (12_345, 23_456) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(tmp_path, *owner)
    fill(tmp_path, promtool)
    (block,) = blocks_in(tmp_path)
    owners = {(p.stat().st_uid, p.stat().st_gid) for p in (block.path, *block.path.rglob("*"))}
    assert owners == {owner}


def test_an_overlap_is_seen(promtool: str, tmp_path: Path) -> None:
    """Samples of ours within the range count, to the millisecond; those before, behind, or of
    another job do not."""
    assert not holds(tmp_path, promtool)
    fill(tmp_path, promtool)
    assert holds(tmp_path, promtool)
    assert holds(tmp_path, promtool, moved(10 * 3_600, 20 * 3_600))
    assert not holds(tmp_path, promtool, moved(10 * 3_600 + 60, 20 * 3_600 + 60))
    assert not holds(tmp_path, promtool, moved(-20 * 3_600, -3_600))
    assert not holds(tmp_path, promtool, target_labels=TargetLabels.of({"job": "other"}))
    assert not holds(tmp_path, promtool, target_labels=TargetLabels.of({"instance": "127.0.0.1:1"}))


@contextmanager
def exporting() -> Iterator[str]:
    """Serves a small company's figures; gives host and port."""
    live = company.live(company.board(1))
    server = Server(
        Application(live, LiveCollector(live, version="0").families, Pages(live, "0")), port=0
    )
    server.start()
    try:
        yield server.url.removeprefix("http://")
    finally:
        server.stop()


def test_the_head_is_seen(promtool: str) -> None:
    """What a server has scraped and not yet put into a block counts, while it runs and when it has
    been stopped; and looking changes nothing in the folder."""
    begun_s = now_ms() // 1_000
    with exporting() as target:
        target_labels = TargetLabels.of({"job": "cs", "instance": target})
        config = (
            "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
            f'scrape_configs: [{{job_name: cs, static_configs: [{{targets: ["{target}"]}}]}}]'
        )
        with required(PrometheusServer(config)) as server:
            wait_for(lambda: bool(server.query("cs_mrr")), lambda: "a scrape")
            time_range = TimeRange(begun_s - 60, begun_s + 600, 60)
            assert holds(server.data_dir, promtool, time_range, target_labels)
            assert not holds(server.data_dir, promtool, time_range)
            server.stop()
            before = contents(server.data_dir)
            assert holds(server.data_dir, promtool, time_range, target_labels)
            assert contents(server.data_dir) == before


def contents(folder: Path) -> dict[str, bytes]:
    """Returns the bytes of every file."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_only_data_folders(tmp_path: Path) -> None:
    """A folder that is not there, or holds other things, is refused."""
    with pytest.raises(HistoryError, match="is no folder"):
        DataFolder(tmp_path / "none")
    (tmp_path / "letters").mkdir()
    with pytest.raises(HistoryError, match="does not look like a data folder"):
        DataFolder(tmp_path)


def test_one_backfill_at_a_time(tmp_path: Path) -> None:
    """A second one into the same folder is refused; what a killed one left is removed.

    Its promtool may still write there, and so does not into the blocks of the next one.
    """
    with DataFolder(tmp_path) as killed:
        left = killed.staging / "half.om"
    left.parent.mkdir()
    left.touch()
    with DataFolder(tmp_path) as folder:
        assert not left.exists()
        assert folder.staging != left.parent
        with pytest.raises(HistoryError, match="another backfill"), DataFolder(tmp_path):
            pass
        assert folder.staging.exists()
    assert not folder.staging.exists()


def stranger(folder: Path, data: Path) -> Path:
    """Gives the data folder to another user, if we may, and makes a file that is not theirs."""
    if os.geteuid() == 0:
        os.chown(data, 12_345, 23_456)
    file = folder / "secret"
    file.write_text("ours")
    return file


def test_nothing_is_given_through_a_link(promtool: str, tmp_path: Path) -> None:
    """A link inside a block stops the placing, and what it leads to stays whose it was."""
    (data := tmp_path / "data").mkdir()
    secret = stranger(tmp_path, data)
    with (
        DataFolder(data) as folder,
        BlockMaker(Promtool(promtool), OURS, folder.staging, folder.staging, keep=False) as maker,
    ):
        maker.make(RANGE, [family("cs_a", ({}, [0.0] * 11))])
        assert maker.filled()
        (made,) = maker.made()
        (made.path / "chunks" / "000002").symlink_to(secret)
        with pytest.raises(HistoryError, match="was not placed"):
            folder.place([made])
    assert (secret.stat().st_uid, secret.read_text()) == (os.geteuid(), "ours")
    assert list(data.iterdir()) == []


def test_the_folder_inside_is_ours_alone(tmp_path: Path) -> None:
    """It is closed to others; of a link under such a name, what it leads to stays."""
    (data := tmp_path / "data").mkdir()
    (data / "wal").mkdir()
    with DataFolder(data) as folder:
        assert folder.staging.stat().st_mode & 0o777 == 0o700
    (other := tmp_path / "other").mkdir()
    (other / "kept").touch()
    (data / STAGING).symlink_to(other)
    with DataFolder(data) as folder:
        assert list(folder.staging.iterdir()) == []
    assert (other / "kept").exists()


def test_a_replaced_folder_is_noticed(promtool: str, tmp_path: Path) -> None:
    """Blocks that were made in another folder, by a link put there meanwhile, are not placed."""
    (data := tmp_path / "data").mkdir()
    (other := tmp_path / "other").mkdir()
    with (
        DataFolder(data) as folder,
        BlockMaker(Promtool(promtool), OURS, folder.staging, folder.staging, keep=False) as maker,
    ):
        folder.staging.rename(tmp_path / "away")
        folder.staging.symlink_to(other)
        maker.make(RANGE, [family("cs_a", ({}, [0.0] * 11))])
        assert maker.filled()
        with pytest.raises(HistoryError, match="was not placed"):
            folder.place(maker.made())
        folder.staging.unlink()
    assert blocks_in(data) == []


def lossy(promtool: str, folder: Path) -> Path:
    """Makes a promtool that loses a line of what it is given."""
    script = folder / "lossy"
    script.write_text(f'#!/bin/sh\nset -e\nsed -i 3d "$6"\nexec {promtool} "$@"\n')
    script.chmod(0o755)
    return script


def test_lost_samples_are_an_error(promtool: str, tmp_path: Path) -> None:
    """If a block holds fewer samples than were written, nothing is placed."""
    data = tmp_path / "data"
    data.mkdir()
    with pytest.raises(HistoryError, match=r"11 samples were written .* promtool stored 10"):
        fill(data, str(lossy(promtool, tmp_path)))
    assert list(data.iterdir()) == []


def test_a_refused_file_is_an_error(promtool: str, tmp_path: Path) -> None:
    """What promtool says of a file that it does not take, is told."""
    (tmp_path / "a.om").write_text("cs_a 1\n")
    with pytest.raises(HistoryError, match="promtool ended with 1"):
        Promtool(promtool).create_blocks(tmp_path / "a.om", tmp_path)


def test_no_promtool() -> None:
    """Without promtool it is said how to do without."""
    with pytest.raises(HistoryError, match="/no/promtool is no program"):
        Promtool("/no/promtool")


def test_many_windows_side_by_side(promtool: str, tmp_path: Path) -> None:
    """Blocks are made side by side, and each window's account is its own."""
    windows = list(TimeRange(0, 5 * WINDOW_S, 86_400).windows())
    with BlockMaker(Promtool(promtool), OURS, tmp_path, tmp_path, keep=False) as maker:
        for number, window in enumerate(windows):
            count = len(window.times())
            rows = [({"n": str(n)}, [1.0] * count) for n in range(number)]  # the first has none
            maker.make(window, [family("cs_a", *rows)])
        filled = maker.filled()
    assert [(each.window, each.series) for each in filled] == [
        (window, number) for number, window in enumerate(windows) if number
    ]
    stored = {block.path.name: block.samples for block in maker.made()}
    assert {each.block: each.samples for each in filled} == stored
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(stored)
