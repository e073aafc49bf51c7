"""A history folded in several processes, each of which holds some accounts.

The parent reads and deals; the others decode and fold. At the end rows go to the accounts under
which they are read, wherever these are held, and the ledgers are added up: integers, so the sum is
that of one process. Pipes hold little, so memory is bounded by what is folded.
"""

import os
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from traceback import format_exc
from typing import Any, Final, NamedTuple
from warnings import catch_warnings, simplefilter

import msgspec

from aggregates.ledger.ledger import Ledger
from aggregates.ledger.series_cells import SeriesCells, cells_of, summed
from aggregates.shard.moves import MovedRow
from aggregates.shard.plan import Plan
from events.dialect import Dialect
from events.errors import TidemarkError
from streams.local.dealing import Dealer, Dealt, Share, part_of
from streams.local.history import Belongs, History
from streams.local.intake import Intake

PROCESSES_MAX: Final = 8
"""Processes that are started unasked: one reader keeps about so many busy."""

PIPE_BYTES: Final = 1 << 20
"""What a pipe holds, where the system lets us ask: the next records of a process that is busy."""

_encode: Final = msgspec.msgpack.encode
_values_decoder: Final = msgspec.msgpack.Decoder(list[bytes])


class ProcessEndedError(TidemarkError):
    """A process that folds has failed, or was ended by somebody else."""


def processes_here() -> int:
    """Returns how many processes are of use on this machine; where forks are not safe, one."""
    if sys.platform != "linux":
        return 1
    return min(len(os.sched_getaffinity(0)), PROCESSES_MAX)


class _Link(NamedTuple):
    process: BaseProcess
    to: Connection
    back: Connection

    def send(self, message: Any) -> None:
        try:
            self.to.send(message)
        except OSError:
            self.receive()  # it says why, if it can
            raise self.ended() from None

    def receive(self) -> Any:
        try:
            message = self.back.recv()
        except (EOFError, OSError):
            raise self.ended() from None
        if isinstance(message, ProcessEndedError):
            raise message
        return message

    def ended(self) -> ProcessEndedError:
        self.process.join(1)
        return ProcessEndedError(
            f"a process that folds events has ended with {self.process.exitcode}; "
            "was there too little memory?"
        )


class _Folded(NamedTuple):
    """What one process has folded.

    Attributes:
        cells: The cells of its ledger.
        history: All else; its ledger is empty.
    """

    cells: SeriesCells
    history: History


class Processes:
    """Folds a history in processes; see ``Folder``."""

    def __init__(self, links: Sequence[_Link]) -> None:
        self._links = links
        self._dealer = Dealer(len(links))
        self._records = 0

    def take(self, values: Sequence[bytes], topic: str | None, belongs: Belongs) -> None:
        """Deals records to the processes."""
        hands = self._dealer.deal(values, self._records + 1, topic, belongs)
        for link, hand in zip(self._links, hands, strict=True):
            if hand.values:
                rest = hand.numbers, hand.shared, hand.topic, hand.belongs
                link.send((_encode(hand.values), *rest))
        self._records += len(values)

    def history(self) -> History:
        """Ends the reading, and adds up what the processes have folded."""
        for link in self._links:
            link.send(None)
        self._exchange()
        folded: list[_Folded] = [link.receive() for link in self._links]
        whole = History(summed(each.cells for each in folded))
        for each in folded:
            whole.add(each.history)
        whole.records = self._records
        return whole

    def _exchange(self) -> None:
        """Takes moved rows to the processes in which they are read, until none moves any more."""
        while True:
            waiting: defaultdict[int, list[MovedRow]] = defaultdict(list)
            for link in self._links:
                for moved in link.receive():
                    waiting[part_of(moved.account.encode(), len(self._links))].append(moved)
            for part, link in enumerate(self._links):
                link.send(waiting[part] if waiting else None)
            if not waiting:
                return


@contextmanager
def several_processes(plan: Plan, dialect: Dialect, count: int) -> Iterator[Processes]:
    """Starts processes that end with the block, whatever becomes of it.

    Args:
        plan: Families and policy.
        dialect: How producers write events.
        count: How many.
    """
    context = get_context("fork")
    links: list[_Link] = []
    ours: list[Connection] = []  # which a child must not hold: it would not see that we are gone
    try:
        for part in range(count):
            theirs, to = context.Pipe(duplex=False)
            back, answers = context.Pipe(duplex=False)
            _enlarge(to)
            ours += [to, back]
            share = Share(part, count)
            intake = Intake(plan, dialect=dialect, bulk=True, lasting=False, share=share)
            arguments = (intake, theirs, answers, tuple(ours))
            process = context.Process(target=_child, args=arguments, daemon=True)
            # Ctrl-C goes to all of a terminal's processes; it is the parent that ends the others.
            unheld = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                with catch_warnings():  # of threads, which none of what a child does waits for
                    simplefilter("ignore", DeprecationWarning)
                    process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, unheld)
            theirs.close()
            answers.close()
            links.append(_Link(process, to, back))
        yield Processes(links)
    finally:
        for link in links:
            link.process.kill()
        for connection in ours:
            connection.close()
        for link in links:
            link.process.join()


def _enlarge(pipe: Connection) -> None:
    if sys.platform == "linux":
        from fcntl import F_SETPIPE_SZ, fcntl

        with suppress(OSError):  # the system allows less
            fcntl(pipe.fileno(), F_SETPIPE_SZ, PIPE_BYTES)


def _child(
    intake: Intake, inbox: Connection, answers: Connection, foreign: Sequence[Connection]
) -> None:
    """Folds what it is dealt, exchanges moved rows, and answers with what all came to."""
    for connection in foreign:
        connection.close()
    try:
        while (message := inbox.recv()) is not None:
            values, *rest = message
            intake.take_dealt(Dealt(_values_decoder.decode(values), *rest))
        [shard] = intake.shards
        moved: list[MovedRow] | None = []
        while moved is not None:
            for each in moved:
                shard.handover.receive(each.key, each.value)
            shard.settle()
            answers.send(shard.handover.take_moved())
            moved = inbox.recv()
        history = intake.history()
        cells, history.ledger = cells_of(history.ledger), Ledger()
        answers.send(_Folded(cells, history))
    except (EOFError, BrokenPipeError):
        return  # the parent is gone
    except Exception:
        answers.send(ProcessEndedError(f"a process that folds events failed: {format_exc()}"))
