"""A dead letter: how long it may be."""

import json

from streams.kafka.dead_letter import Origin, pack_dead_letter


def test_a_detail_has_2000_characters_at_most() -> None:
    """A validation message of a hostile record can be as long as the record."""
    origin = Origin("tidemark.usage", 3, 7)
    for length, kept in ((2_000, 2_000), (2_001, 2_000)):
        letter = json.loads(pack_dead_letter(origin, "invalid_data", "x" * length, b"{", 5))
        assert len(letter["detail"]) == kept
