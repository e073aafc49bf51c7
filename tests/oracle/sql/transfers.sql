-- Subscriptions that go from one account to another, and what accounts pay with them. Reads `events`,
-- `windows` and `merged_accounts`; the stories for it have one price by the month a state, and no
-- other change within an hour of a transfer.

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
CREATE TABLE words AS
SELECT
    key AS teller,
    CASE
        WHEN EXISTS (
            FROM moves WHERE sub = data ->> 'subscription_id' AND key IN (leaving, taking)
        ) THEN data ->> 'subscription_id'
        ELSE concat(data ->> 'subscription_id', ' of ', key)
    END AS sub,
    effective_ms AS at_ms,
    type = 'subscription.deleted' AS ends,
    coalesce((data ->> '$.items[0].amount')::BIGINT * 10_000, 0) AS micros
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
CREATE TABLE counting AS
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

CREATE TABLE cohorts AS
SELECT
    edge_ms,
    name,
    account,
    coalesce(sum(micros) FILTER (at_ms < start_ms AND until_ms >= start_ms), 0) AS paid,
    coalesce(sum(micros) FILTER (at_ms < edge_ms AND until_ms >= edge_ms), 0) AS pays
FROM found
JOIN spans USING (sub)
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
