-- Subscriptions that go from one account to another, and what accounts pay with them. Reads `events`,
-- `windows` and `merged_accounts`; the stories for it have one price by the month a state, above 0, and
-- no other change within an hour of a transfer but that another subscription takes the place.

-- "Between two accounts that turn out to be one it never happened, and one that names an account by
-- an old id is of the surviving one."
CREATE TABLE moves AS
SELECT
    key AS leaving,
    coalesce(root, data ->> 'into_account_id') AS taking,
    data ->> 'subscription_id' AS sub,
    effective_ms AS at_ms
FROM events
LEFT JOIN merged_accounts ON account = data ->> 'into_account_id'
WHERE type = 'subscription.transferred' AND key <> coalesce(root, data ->> 'into_account_id');

-- What goes nowhere is another subscription in each account that tells of it.
CREATE MACRO named(told, teller) AS if(
    EXISTS (FROM moves WHERE moves.sub = told AND teller IN (leaving, taking)),
    told,
    concat(told, ' of ', teller)
);

CREATE TABLE words AS
SELECT
    key AS teller,
    named(data ->> 'subscription_id', key) AS sub,
    -- "Revenue begins" with a `start_date` that lies ahead.
    greatest(effective_ms, instant(data ->> 'start_date')) AS at_ms,
    type = 'subscription.deleted' AS ends,
    coalesce((data ->> '$.items[0].amount')::BIGINT * 10_000, 0) AS micros,
    list_append(
        from_json(coalesce(data -> 'replaces_subscription_ids', '[]'::JSON), '["VARCHAR"]'),
        data ->> 'replaces_subscription_id'
    ) AS olds
FROM events
WHERE type IN ('subscription.created', 'subscription.updated', 'subscription.deleted');

-- "A subscription is in one account at a time."
CREATE TABLE stays AS
WITH places AS (
    SELECT sub, taking AS account, at_ms AS begin_ms FROM moves
    UNION ALL
    SELECT sub, arg_min(leaving, at_ms), -1 FROM moves GROUP BY sub
    UNION ALL
    SELECT DISTINCT sub, teller, -1 FROM words WHERE sub NOT IN (SELECT sub FROM moves)
)
SELECT
    *,
    begin_ms >= 0 AS comes,
    coalesce(
        lead(begin_ms) OVER (PARTITION BY sub, if(begin_ms < 0, account, '') ORDER BY begin_ms),
        (SELECT min(at_ms) FROM moves WHERE moves.sub = places.sub AND begin_ms < 0),
        9223372036854775807
    ) AS end_ms
FROM places;

-- "What the one that it left tells later counts for nothing, nor does its end there at that instant;
-- what the one that it comes to told before counts from when it comes."
CREATE TABLE told_counting AS
SELECT sub, at_ms, CASE WHEN ends THEN 0 ELSE micros END AS micros
FROM words
JOIN stays USING (sub)
WHERE
    teller = account
    AND at_ms >= begin_ms
    AND (at_ms < end_ms OR (at_ms = end_ms AND NOT ends))
UNION ALL
SELECT sub, begin_ms, arg_max(micros, at_ms)
FROM words
JOIN stays USING (sub)
WHERE
    teller = account
    AND comes
    AND NOT ends
    AND at_ms < begin_ms
    AND at_ms > coalesce(
        (
            SELECT max(before.end_ms)
            FROM stays AS before
            WHERE
                before.sub = stays.sub
                AND before.account = stays.account
                AND before.end_ms <= stays.begin_ms
        ),
        -1
    )
    AND NOT EXISTS (
        FROM words AS later
        WHERE later.sub = stays.sub AND later.teller = account AND later.at_ms = begin_ms
    )
GROUP BY ALL;

-- "The subscription that this one takes the place of": from when this one counts.
CREATE TABLE replacements AS
SELECT sub, old, min(at_ms) AS at_ms
FROM (
    SELECT words.sub, named(told, teller) AS old, at_ms
    FROM words, unnest(olds) AS each (told)
    JOIN stays ON stays.sub = words.sub AND teller = account
    WHERE told IS NOT NULL AND at_ms >= begin_ms AND at_ms < end_ms
)
GROUP BY ALL;

-- "That one is over when this one counts, told or not."
CREATE TABLE counting AS
SELECT sub, at_ms, 0 AS micros FROM (SELECT DISTINCT old AS sub, at_ms FROM replacements)
UNION ALL
FROM told_counting
WHERE (sub, at_ms) NOT IN (SELECT (old, at_ms) FROM replacements);

CREATE TABLE spans AS
SELECT
    *,
    lead(at_ms, 1, 9223372036854775807) OVER (PARTITION BY sub ORDER BY at_ms) AS until_ms
FROM counting;

-- "What it pays leaves the one and comes to the other": what it came to last.
INSERT INTO figures
WITH went AS (
    SELECT moves.*, micros
    FROM moves
    JOIN spans ON spans.sub = moves.sub AND spans.at_ms < moves.at_ms AND until_ms >= moves.at_ms
),
transfers AS (
    SELECT leaving AS account, at_ms, -micros AS micros FROM went
    UNION ALL
    SELECT taking, at_ms, micros FROM went
)
SELECT edge_ms, 'transferred_mrr', name, [], account, sum(micros)
FROM windows
JOIN transfers ON at_ms >= start_ms AND at_ms < edge_ms
GROUP BY ALL;

-- "A window counts a subscription, all along, for the account in which it found it."
CREATE TABLE found AS
WITH began AS (SELECT sub, min(at_ms) AS begun_ms FROM counting GROUP BY sub)
SELECT edge_ms, name, start_ms, stays.sub, account
FROM windows
CROSS JOIN stays
JOIN began USING (sub)
WHERE
    begin_ms < start_ms
    AND end_ms >= start_ms
    AND NOT (begun_ms >= start_ms AND comes);

-- "What takes the place of several is shared out among those who had them at the window's start, in
-- proportion to what each came to last. One that is replaced in turn at the same instant came to
-- nothing: those count in whose place it is, each once." One that goes on has a share of its own.
CREATE TABLE shares AS
WITH RECURSIVE places AS (
    SELECT sub, old, at_ms FROM replacements
    UNION
    SELECT places.sub, others.old, at_ms
    FROM places
    JOIN replacements AS others USING (at_ms)
    WHERE others.sub = places.old
),
worth AS (
    SELECT
        places.sub,
        places.at_ms,
        old,
        arg_max(micros, spans.at_ms) AS micros,
        max(until_ms) AS last_ms
    FROM (FROM places UNION SELECT sub, sub, at_ms FROM replacements) AS places
    JOIN spans ON spans.sub = old AND spans.at_ms < places.at_ms AND micros > 0
    WHERE old <> places.sub OR until_ms >= places.at_ms
    GROUP BY ALL
)
SELECT
    start_ms,
    sub,
    at_ms,
    old,
    -- when that one took the place of others, if the window saw it
    (
        SELECT max(earlier.at_ms)
        FROM replacements AS earlier
        WHERE
            earlier.sub = worth.old
            AND earlier.at_ms < worth.at_ms
            AND earlier.at_ms >= start_ms
    ) AS old_ms,
    micros / sum(micros) OVER (PARTITION BY start_ms, sub, at_ms) AS share
FROM worth
JOIN (SELECT DISTINCT start_ms FROM windows) ON least(at_ms, last_ms) >= start_ms;

-- What of a subscription is in the place of which, back to those that were there first.
CREATE TABLE parts AS
WITH RECURSIVE ways AS (
    FROM shares
    UNION ALL
    SELECT ways.start_ms, ways.sub, ways.at_ms, before.old, before.old_ms, ways.share * before.share
    FROM ways
    JOIN shares AS before
        ON before.start_ms = ways.start_ms AND before.sub = ways.old AND before.at_ms = ways.old_ms
)
SELECT
    *,
    coalesce(
        min(since_ms) OVER (
            PARTITION BY start_ms, whole
            ORDER BY since_ms RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ),
        9223372036854775807
    ) AS till_ms
FROM (
    SELECT start_ms, sub AS whole, at_ms AS since_ms, old AS sub, share
    FROM ways
    WHERE old_ms IS NULL
    UNION ALL
    SELECT DISTINCT start_ms, sub, -1, sub, 1 FROM windows, stays
);

CREATE TABLE cohorts AS
SELECT
    edge_ms,
    name,
    account,
    coalesce(sum(micros) FILTER (at_ms < start_ms AND until_ms >= start_ms), 0) AS paid,
    coalesce(sum(micros * share) FILTER (at_ms < edge_ms AND until_ms >= edge_ms), 0) AS pays
FROM found
JOIN parts USING (start_ms, sub)
JOIN spans ON spans.sub = whole AND at_ms >= since_ms AND at_ms < till_ms
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, measure, name, [], account, figure
FROM cohorts,
    unnest([
        {'measure': 'retained_mrr', 'figure': pays},
        {'measure': 'capped_mrr', 'figure': least(pays, paid)},
        {'measure': 'retained_accounts', 'figure': (pays > 0)::BIGINT}
    ]) AS each (it),
    LATERAL (SELECT it.measure, it.figure)
WHERE paid > 0;

INSERT INTO figures
SELECT edge_ms, 'mrr', '', [], account, sum(micros)
FROM (SELECT DISTINCT edge_ms FROM windows)
JOIN spans ON at_ms < edge_ms AND until_ms >= edge_ms
JOIN stays ON stays.sub = spans.sub AND begin_ms < edge_ms AND end_ms >= edge_ms
GROUP BY ALL;
