"""What a producer must know besides the fields: keys, order, repetition, correction, refusal."""

from typing import Final

from aggregates.rows.history import FACTS_MAX
from events.codec import RECORD_BYTES_MAX

RULES: Final = """
## Topic and key

The type names the topic: what is about subscriptions, invoices and charges goes to
`tidemark.subscription`, and so on as below. The record's key is `data.account_id`; of a fact that
is about no account it is `subject`, else the id of its entity (of logged time, the owner). All
topics have equally many partitions, and the partition follows from the key by Kafka's usual hash
(murmur2), so that everything about an account is in one place. A record that lies in another
partition is a dead letter (`wrong_partition`), since the account's other facts are not known there.
`tidemark publish` takes lines and does all this.

What goes from one account to another (`account.merged`, `subscription.transferred`,
`ticket.account_changed`) goes to both: one copy of the event, with the same `id`, under each of
the two keys.

## Time and order

An instant is RFC 3339 with an offset (`2026-03-14T09:26:53Z`, `2026-03-14T10:26:53.250+01:00`), to
the millisecond, in the years 2000 to 2099. A fact counts from `data.effective_at` on, left out
from `time` on. Within an entity facts are taken in the order of `effective_at`, `sequence`
and `time`, never in that of arrival: a producer needs no order of its own, unless two facts of one
entity take effect in the same millisecond; then `sequence` tells them apart. Without one, what
begins is taken before what changes, and that before what ends: an update and a deletion of one
second are a deletion. Of two facts of one type their content decides, and never their ids.

A late event, however late, is filed where it belongs, and all figures since are what they would
have been: reading them for a past instant, by `tidemark replay`, gives the corrected value. What
Prometheus stored in the meantime stays until a `tidemark backfill`; `tidemark_restatements_total`
counts what it changes of more than a day ago, `tidemark_restated_money_total` by how much. An
event that lies ahead counts when its time has come; a subscription of which an end is known is out
of committed MRR at once.

## Twice, corrected, taken back

The same `source` and `id` again with the same content is a duplicate, and changes nothing,
whenever it comes; sending again after a failure is safe. The same with other content is a
conflict, and refused. Uses of features are told apart by user, feature and day, sessions by their
id, milestones by name: their events may repeat under new ids.

States (`subscription.*`, `survey_response.updated`, `seats.set`) carry everything, not the
difference: a mistake is corrected by a further event with the same `effective_at` and a higher
`sequence`, or it is taken back by `event.retracted`, which names the `id`, and the `source` where
other sources give the same ids, in the same topic and under the same key. A retraction may come
first. Events of the topic usage cannot be taken back.

## What is ignored

Unknown types and fields stay in the log and are counted (`unknown_type`, `unknown_field`): a later
version may read them. Only of `account.created` and `account.updated` further fields mean
something: they are attributes of your own. Also counted are events with `data.livemode` false
(`test_mode`), and records of Kafka without a value (`tombstone`).

## What is refused

A record that is no event, or that cannot act on what is known, goes to the topic
`tidemark.dead-letters` with its topic, partition, offset, reason and bytes, and is counted in
`tidemark_events_total`. The stream goes on. `tidemark dead-letters list` shows them; after a fix
`tidemark dead-letters replay` sends them again, each record once. The events of a batch are letters
of their own. Nothing is coerced: a number in quotes is no number. A whole number may be written
with a point or an exponent (`2.0`, `1e1`), as its JSON Schema has it. `tidemark check` says all of
this of files before anything reads them.
"""
"""Sections between the envelope and the types; the table of reasons follows them."""

REASONS: Final = {
    "empty": "the record has an empty value, or the line is empty",
    "too_large": f"more than {RECORD_BYTES_MAX:,} bytes",
    "invalid_json": "no JSON in UTF-8, with NaN and Infinity taken for none",
    "not_an_object": "JSON, but no object",
    "invalid_envelope": "an attribute of the envelope is missing or of the wrong type",
    "invalid_data": "a field of `data` is missing, of the wrong type or out of bounds, or fields "
    "contradict each other (a score off its scale, a discount by share and amount, a period that "
    "ends before it begins)",
    "timestamp_out_of_band": "all that is wrong is an instant outside of 2000 to 2099",
    "unknown_schema_version": "`dataschema` names another type, or a version that is not known; "
    "the setting `dataschema_prefixes` lets in schemas of a producer's own",
    "wrong_topic": "the type belongs to another topic",
    "no_key": "there is no account, no `subject` and no id of an entity to file it under",
    "not_retractable": "a retraction of a usage event, or in the topic usage",
    "refused": "money in a currency without an exchange rate at that time; the settings can mend "
    "it",
    "conflict": "the same `source` and `id` is known with other content; send the correction under "
    "a new id",
    "full": f"a ticket, an account's subscriptions, a user or the like has {FACTS_MAX:,} "
    "events, or as much as a row can hold: look for a producer that repeats itself",
    "unknown_type": "only `tidemark publish`: no topic is known for the type",
}
"""What each reason means that a dead letter can have."""
