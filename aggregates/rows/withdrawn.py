"""What is taken back: the events of an id, of whatever source or of one; and its packed form.

An id alone is packed as its text, with a source as two texts: whatever characters ids have, neither
is mistaken for the other.
"""

from collections.abc import Collection, Sequence

from events.retraction import Target


def named_in(withdrawn: Collection[Target], source: str, event_id: str) -> Sequence[Target]:
    """Returns the names by which an event is taken back; none if it stands.

    >>> named_in({"1", ("bot", "1"), ("bot", "2")}, "helpdesk", "1")
    ['1']
    """
    if not withdrawn:
        return ()
    return [name for name in (event_id, (source, event_id)) if name in withdrawn]


def packable(withdrawn: Collection[Target]) -> list[Target]:
    r"""Returns what is taken back in one order, without what an id alone says already.

    >>> packable({("bot", "2"), ("bot", "1"), "bot\n2", "1"})
    ['1', 'bot\n2', ('bot', '2')]
    """
    ids = {name for name in withdrawn if isinstance(name, str)}
    pairs = {name for name in withdrawn if not isinstance(name, str) and name[1] not in ids}
    return [*sorted(ids), *sorted(pairs)]
