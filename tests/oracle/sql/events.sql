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

CREATE TABLE events AS
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
-- topic)"
retractions AS (
    SELECT
        key,
        data ->> 'retracts' AS id,
        topic_of(data ->> 'retracts_type') AS topic,
        (data ->> 'retracts_type') IS NULL AS any_topic
    FROM keyed
    WHERE type = 'event.retracted'
)
SELECT
    *,
    -- "Order inside an entity: (`effective_at`, `sequence`, `time`, `id`), never arrival."
    row_number() OVER (ORDER BY effective_ms, sequence, time_ms, id, source) AS place
FROM keyed AS event
WHERE NOT EXISTS (
    FROM retractions AS taken
    WHERE taken.key = event.key
        AND taken.id = event.id
        AND topic_of(event.type) <> 'usage'
        AND (taken.any_topic OR taken.topic = topic_of(event.type))
);

-- What labels an account's figures: "of each attribute the last value given", whenever. "Internal
-- accounts are out by default."
CREATE TABLE accounts AS
SELECT
    key AS account,
    arg_max(data ->> 'segment', place) FILTER ((data ->> 'segment') IS NOT NULL) AS segment,
    coalesce(
        arg_max((data ->> 'is_internal')::BOOLEAN, place)
            FILTER ((data ->> 'is_internal') IS NOT NULL),
        false
    ) AS is_internal
FROM events
WHERE type IN ('account.created', 'account.updated')
GROUP BY key;
