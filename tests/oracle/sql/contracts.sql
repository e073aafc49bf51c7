-- Contracts: what states say of terms, and which subscriptions are signed in the place of others.

-- What each state says of terms. One that tells no end of term has the one before, unless that was
-- only a trial's, which is over by then, or the state says that a term was renewed. A request to cancel leaves the state as it is.
CREATE TABLE term_states AS
WITH told AS (
    SELECT
        account,
        sub,
        life,
        statement,
        place,
        begin_ms,
        end_ms,
        -- a free period that is to keep a customer is no trial: the subscription goes on
        if(is_retention AND kind <> 'deleted', 'kept', status) AS status,
        kind,
        cancel_ms,
        kind NOT IN ('deleted', 'cancellation_requested') AS is_state,
        start_ms,
        list_filter(
            list_prepend(
                data ->> 'replaces_subscription_id',
                from_json(
                    coalesce(data -> 'replaces_subscription_ids', '[]'::JSON), '["VARCHAR"]'
                )
            ),
            lambda named: named <> sub
        ) AS named,
        last_value(if(is_state AND len(named) > 0, list_distinct(named), NULL) IGNORE NULLS) OVER (
            PARTITION BY account, sub, life ORDER BY place
        ) AS replaces,
        if(
            kind <> 'paused'
            AND data ->> 'status' = 'trialing'
            AND data ->> 'trial_reason' IS DISTINCT FROM 'retention'
            AND coalesce(instant(data ->> 'term_end') <= instant(data ->> 'trial_end'), false),
            NULL,
            instant(data ->> 'term_end')
        ) AS told_term_ms,
        instant(data ->> 'term_start') AS term_start_ms,
        instant(data ->> 'previous_term_end') AS previous_ms,
        effective_ms,
        -- "from its told start, else from when the state that tells its end takes effect"; a
        -- renewal's begins where the term before it ended
        (
            told_term_ms
            - coalesce(
                term_start_ms,
                CASE WHEN kind = 'renewed' THEN previous_ms END,
                greatest(begin_ms, coalesce(instant(data ->> 'start_date'), begin_ms))
            )
        ) // 86_400_000 AS told_days
    FROM subscription_facts
),
bounded AS (
    SELECT
        *,
        sum(
            (
                is_state AND (
                    told_term_ms IS NOT NULL
                    OR kind = 'renewed'
                    OR (
                        coalesce(status_before = 'trialing', false)
                        AND coalesce(last_told_ms <= begin_ms, true)
                    )
                )
            )::INTEGER
        ) OVER (PARTITION BY account, sub, life ORDER BY place) AS stretch
    FROM (
        SELECT
            *,
            lag(status) OVER (PARTITION BY account, sub, life ORDER BY place) AS status_before,
            last_value(told_term_ms IGNORE NULLS) OVER (
                PARTITION BY account, sub, life ORDER BY place
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS last_told_ms
        FROM told
    )
)
SELECT
    *,
    max(told_term_ms) OVER (PARTITION BY account, sub, life, stretch) AS term_ms,
    max(told_days) OVER (PARTITION BY account, sub, life, stretch) AS term_days,
    bool_or(kind = 'renewed') OVER (
        PARTITION BY account, sub, life, begin_ms ORDER BY place
    ) AS renews,
    first_value(
            CASE
                WHEN kind = 'renewed' THEN coalesce(previous_ms, term_start_ms)
                WHEN is_state AND told_term_ms IS NOT NULL AND term_start_ms > effective_ms
                    THEN term_start_ms
            END
        ) OVER (
            PARTITION BY account, sub, life, statement ORDER BY is_state DESC, place
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS told_follows_ms
FROM bounded;

-- Spans in which a subscription is not over, from when it is told on; "at a price": no trial, nothing
-- free.
CREATE TABLE signed_spans AS
SELECT
    term_states.*,
    least(
        coalesce(term_states.end_ms, 1::BIGINT << 62),
        coalesce(cancel_ms, 1::BIGINT << 62)
    ) AS over_ms,
    status IN ('active', 'past_due', 'paused', 'kept') AND prices.place IS NOT NULL AS in_force
FROM term_states
LEFT JOIN prices USING (account, sub, place)
WHERE (term_states.end_ms IS NULL OR begin_ms < term_states.end_ms)
    AND (cancel_ms IS NULL OR cancel_ms > begin_ms)
    AND status NOT IN ('deleted', 'canceled', 'incomplete_expired');

-- "`replaces_subscription_id`": who is signed in the place of another.
CREATE TABLE replacements AS
SELECT account, unnest(replaces) AS sub, sub AS successor, place, begin_ms, over_ms
FROM signed_spans
WHERE in_force;
