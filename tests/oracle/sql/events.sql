-- The facts: raw lines as rows, each event once, without what was taken back.
-- Reads the table `lines` (one JSON text a row).

CREATE MACRO instant(told) AS epoch_ms(told::TIMESTAMPTZ);

-- "The type names the topic" (events.md).
CREATE MACRO topic_of(type) AS CASE
    WHEN split_part(type, '.', 1) IN ('subscription', 'invoice', 'charge') THEN 'subscription'
    WHEN split_part(type, '.', 1) IN ('user', 'feature', 'session', 'milestone', 'seats')
        THEN 'usage'
    WHEN split_part(type, '.', 1) IN ('survey', 'survey_response') THEN 'survey'
    WHEN split_part(type, '.', 1) = 'ticket' THEN 'ticket'
    ELSE 'account'
END;

-- Of one instant what begins is before what changes, and that before what ends.
CREATE MACRO rank_of(type) AS CASE
    WHEN split_part(type, '.', 2) IN ('created', 'added', 'started', 'seen') THEN 1
    WHEN split_part(type, '.', 2) IN ('comment_added', 'renewed', 'work_logged') THEN 2
    WHEN split_part(type, '.', 2) IN (
        'resumed', 'reopened', 'undeleted', 'unblocked', 'major_declared'
    ) THEN 4
    WHEN split_part(type, '.', 2) IN (
        'paused', 'blocked', 'completed', 'converted', 'major_resolved'
    ) THEN 5
    WHEN split_part(type, '.', 2) IN ('cancellation_requested', 'marked_as_spam') THEN 6
    WHEN split_part(type, '.', 2) IN ('cancelled', 'merged') THEN 7
    WHEN split_part(type, '.', 2) IN ('deleted', 'removed') THEN 8
    ELSE 3
END;

CREATE TABLE told AS
WITH parsed AS (
    SELECT
        line ->> 'id' AS id,
        line ->> 'source' AS source,
        line ->> 'type' AS type,
        line ->> 'subject' AS subject,
        line ->> 'sequence' AS counter,
        instant(line ->> 'time') AS time_ms,
        -- "`effective_at` may be left out (then `time`)"
        instant(coalesce(line ->> '$.data.effective_at', line ->> 'time')) AS effective_ms,
        line -> 'data' AS data
    FROM (SELECT line::JSON AS line FROM lines)
),
-- "Duplicate: same (`source`, `id`)."
once AS (SELECT DISTINCT ON (source, id) * FROM parsed),
keyed AS (
    SELECT
        *,
        -- "The record key is `data.account_id`, or, for facts of no account, `subject`"
        coalesce(data ->> 'account_id', subject, data ->> 'ticket_id') AS key,
        -- a producer's counter sorts as a number, other text as it is
        CASE
            WHEN regexp_full_match(counter, '[0-9]+') THEN lpad(ltrim(counter, '0'), 20, '0')
            ELSE coalesce(counter, '')
        END AS sequence
    FROM once
    WHERE coalesce((data ->> 'livemode')::BOOLEAN, true)  -- "Test mode [is] out by default"
),
-- "`event.retracted` goes to the topic of what it retracts, under the same key (not for the usage
-- topic)"; "the `source` of the event that is taken back; left out, of whatever source"
retractions AS (
    SELECT
        key,
        data ->> 'retracts' AS id,
        data ->> 'retracts_source' AS source,
        topic_of(data ->> 'retracts_type') AS topic,
        (data ->> 'retracts_type') IS NULL AS any_topic
    FROM keyed
    WHERE type = 'event.retracted'
)
SELECT *
FROM keyed AS event
WHERE NOT EXISTS (
    FROM retractions AS taken
    WHERE taken.key = event.key
        AND taken.id = event.id
        AND coalesce(taken.source, event.source) = event.source
        AND topic_of(event.type) <> 'usage'
        AND (taken.any_topic OR taken.topic = topic_of(event.type))
);

-- "An account that was merged into another one is that one, from the start": by the last merge that
-- is told of it; of a ring of merges it is the least account.
CREATE TABLE merged_accounts AS
WITH RECURSIVE merges AS (
    SELECT
        key AS account,
        arg_max(data ->> 'into_account_id', (effective_ms, sequence, time_ms, id, source)) AS taking
    FROM told
    WHERE type = 'account.merged' AND data ->> 'into_account_id' <> key
    GROUP BY key
),
ways AS (
    SELECT account, [account] AS way, taking FROM merges
    UNION ALL
    SELECT ways.account, list_append(way, ways.taking), merges.taking
    FROM ways
    LEFT JOIN merges ON merges.account = ways.taking
    WHERE ways.taking IS NOT NULL AND NOT list_contains(way, ways.taking)
)
SELECT
    account,
    CASE
        WHEN taking IS NULL THEN way[-1]
        ELSE list_min(way[list_position(way, taking):])
    END AS root,
    CASE WHEN taking IS NULL THEN way ELSE way[:list_position(way, taking)] END AS way
FROM ways
WHERE taking IS NULL OR list_contains(way, taking);

CREATE TABLE events AS
SELECT
    told.* REPLACE (coalesce(root, key) AS key),
    key AS own_key,
    -- accounts from which an event comes to the one that it counts for
    CASE WHEN coalesce(root, key) = key THEN 0 ELSE len(way) END AS far,
    -- "Order inside an entity: (`effective_at`, `sequence`, `time`, what is told), never arrival." "At one
    -- instant, what was told of the account itself comes last."
    row_number() OVER (
        ORDER BY effective_ms, far DESC, sequence, time_ms, rank_of(type), type, id, source
    ) AS place
FROM told
LEFT JOIN merged_accounts ON account = key;

-- What labels an account's figures: of the attribute the last value told, whenever; null and empty
-- text take it away. Accounts that were merged into it fill gaps. "Internal accounts are out by
-- default."
CREATE MACRO attribute() AS coalesce(getvariable('attribute'), 'segment');

CREATE TABLE accounts AS
SELECT
    key AS account,
    nullif(
        arg_max(coalesce(data ->> attribute(), ''), (-far, place))
            FILTER (list_contains(json_keys(data), attribute())),
        ''
    ) AS segment,
    coalesce(
        arg_max(coalesce((data ->> 'is_internal')::BOOLEAN, false), (-far, place))
            FILTER (list_contains(json_keys(data), 'is_internal')),
        false
    ) AS is_internal
FROM events
WHERE type IN ('account.created', 'account.updated')
GROUP BY key;
