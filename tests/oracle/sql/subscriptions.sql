-- Subscriptions: their facts in order, each with the state that holds from it on. The histories
-- read here have no merged accounts.

-- The settings of revenue; a month has weeks_above / weeks_below weeks.
CREATE TABLE IF NOT EXISTS revenue_policy AS
SELECT
    52 AS weeks_above,
    12 AS weeks_below,
    365 AS days_above,
    12 AS days_below,
    'lasting' AS discounts_in_mrr,
    'keep' AS retention_offers,
    NULL::BIGINT AS past_due_churn_days,
    'zero' AS paused_policy,
    true AS free_is_churn,
    'ended' AS churn_recognition,
    60 AS coalesce_minutes,
    0 AS reactivation_min_days,
    'count' AS same_period_new_churn,
    'constant' AS fx_mode,
    false AS require_paid_invoice,
    'exclude' AS metered_mrr,
    'none' AS refunds_in_mrr;

-- Hundredths of the reporting currency for a unit of another, from an instant on.
CREATE TABLE IF NOT EXISTS exchange_rates (currency VARCHAR, since_ms BIGINT, percent BIGINT);
INSERT INTO exchange_rates VALUES ('USD', 0, 100);

CREATE TABLE told_of_subscriptions AS
WITH told AS (
    SELECT
        key AS account,
        coalesce(data ->> 'subscription_id', subject) AS sub,
        split_part(type, '.', 2) AS kind,
        rank_of(type) AS rank,
        far,
        data,
        instant(data ->> 'start_date') AS told_start_ms,
        instant(data ->> 'cancel_at') AS told_cancel_ms,
        instant(data ->> 'ended_at') AS told_end_ms,
        effective_ms,
        sequence,
        time_ms,
        id,
        source
    FROM events
    WHERE split_part(type, '.', 1) = 'subscription'
),
-- "A creation holds from an earlier start_date on; one that lies ahead is a date within the state.
-- A deletion holds from ended_at on; one that lies back cuts off what was said in between."
dated AS (
    SELECT
        *,
        CASE kind
            WHEN 'created' THEN least(effective_ms, coalesce(told_start_ms, effective_ms))
            ELSE effective_ms
        END AS said_ms,
        CASE kind
            WHEN 'created' THEN least(effective_ms, coalesce(told_start_ms, effective_ms))
            WHEN 'deleted' THEN greatest(effective_ms, coalesce(told_end_ms, effective_ms))
            ELSE effective_ms
        END AS filed_ms,
        CASE kind
            WHEN 'created' THEN least(effective_ms, coalesce(told_start_ms, effective_ms))
            WHEN 'deleted' THEN coalesce(told_end_ms, effective_ms)
            ELSE effective_ms
        END AS begin_ms,
        kind NOT IN ('deleted', 'cancellation_requested') AS is_state
    FROM told
)
FROM dated;

-- "A later full state replaces what was known": of an end told ahead, the first state or deletion
-- that is said after it, and before that end.
CREATE TABLE ends_ahead AS
SELECT
    ahead.account,
    ahead.sub,
    ahead.id,
    ahead.source,
    ahead.effective_ms AS known_ms,
    min(later.said_ms) IS NOT NULL AS is_withdrawn,
    coalesce(min(later.said_ms), any_value(ahead.begin_ms)) AS known_until_ms
FROM told_of_subscriptions AS ahead
LEFT JOIN told_of_subscriptions AS later
    ON later.account = ahead.account AND later.sub = ahead.sub
    AND later.kind <> 'cancellation_requested'
    AND later.said_ms < ahead.begin_ms
    AND (
        row(later.said_ms, later.sequence, later.time_ms, later.rank, later.kind, later.id, later.source)
        > row(ahead.said_ms, ahead.sequence, ahead.time_ms, ahead.rank, ahead.kind, ahead.id, ahead.source)
    )
WHERE ahead.kind = 'deleted' AND ahead.begin_ms > ahead.effective_ms
GROUP BY ahead.account, ahead.sub, ahead.id, ahead.source, ahead.effective_ms;

CREATE TABLE subscription_facts AS
WITH placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account ORDER BY filed_ms, far DESC, sequence, time_ms, rank, kind, id, source
        ) AS place
    FROM told_of_subscriptions
    ANTI JOIN (FROM ends_ahead WHERE is_withdrawn) USING (account, sub, id, source)
),
-- Between two deletions lies one life of a subscription; in a life, a statement is a full state
-- with the requests to cancel that follow it.
lives AS (
    SELECT
        *,
        coalesce(
            sum((kind = 'deleted')::INTEGER) OVER (
                PARTITION BY account, sub ORDER BY place
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            0
        ) AS life,
        sum(is_state::INTEGER) OVER (PARTITION BY account, sub ORDER BY place) AS statement
    FROM placed
),
-- "Events carry the full new state"; what a state leaves out by not naming its items, its start, is
-- as in the state before.
stated AS (
    SELECT
        *,
        CASE
            WHEN kind = 'deleted' THEN 'deleted'
            ELSE max(CASE WHEN kind = 'paused' THEN 'paused' ELSE data ->> 'status' END)
                OVER (PARTITION BY account, sub, life, statement)
        END AS status,
        last_value(
            CASE
                WHEN is_state AND (data -> 'items') IS NOT NULL
                    THEN {'items': data -> 'items', 'discounts': data -> 'discounts'}
            END IGNORE NULLS
        ) OVER so_far AS terms,
        last_value(told_start_ms IGNORE NULLS) OVER so_far AS start_ms,
        last_value(told_cancel_ms IGNORE NULLS) OVER (
            PARTITION BY account, sub, life, statement ORDER BY place
        ) AS cancel_ms,
        kind = 'cancellation_requested' OR (is_state AND told_cancel_ms IS NOT NULL)
            AS is_cancelling,
        max(CASE WHEN kind = 'paused' THEN instant(data ->> 'resumes_at') END)
            OVER (PARTITION BY account, sub, life, statement) AS resumes_ms,
        -- "a free period as retention offer"
        kind <> 'deleted' AND coalesce(
            bool_or(
                is_state AND kind <> 'paused'
                AND data ->> 'status' = 'trialing' AND data ->> 'trial_reason' = 'retention'
            ) OVER (PARTITION BY account, sub, life, statement),
            false
        ) AS is_retention
    FROM lives
    WINDOW so_far AS (PARTITION BY account, sub, life ORDER BY place)
),
compared AS (
    SELECT
        *,
        -- the state that an end told late comes after is the one in force when it ended
        (
            SELECT arg_max(earlier.status, earlier.place)
            FROM stated AS earlier
            WHERE earlier.account = stated.account AND earlier.sub = stated.sub
                AND earlier.place < stated.place AND earlier.begin_ms <= stated.begin_ms
        ) AS status_before,
        -- states of one status, or of one free period, one after the other
        row_number() OVER own - row_number() OVER (
            PARTITION BY account, sub, life, status ORDER BY place
        ) AS status_run,
        row_number() OVER own - row_number() OVER (
            PARTITION BY account, sub, life, is_retention ORDER BY place
        ) AS retention_run
    FROM stated
    -- a request that names no known, or an ended, subscription is only a click
    WHERE status IS NOT NULL
    WINDOW own AS (PARTITION BY account, sub, life ORDER BY place)
)
SELECT
    *,
    -- since when payment is late without a break
    CASE
        WHEN status = 'past_due'
            THEN first_value(begin_ms) OVER (
                PARTITION BY account, sub, life, status, status_run ORDER BY place
            )
    END AS late_ms,
    -- "voluntary / involuntary from the ending reason, not from a stale past-due flag"; without a
    -- reason, an end of what is unpaid is involuntary
    CASE
        WHEN kind = 'deleted' AND (data ->> 'voluntary') IS NOT NULL
            THEN NOT (data ->> 'voluntary')::BOOLEAN
        WHEN NOT is_state AND (data ->> 'reason') IS NOT NULL
            THEN replace(replace(lower(trim(data ->> 'reason')), ' ', '_'), '-', '_') IN (
                'card_declined', 'card_expired', 'delinquent', 'dunning', 'expired_card',
                'failed_payment', 'insufficient_funds', 'involuntary', 'non_payment', 'nonpayment',
                'payment_declined', 'payment_failed', 'payment_failure', 'uncollectible', 'unpaid'
            )
        WHEN NOT is_state THEN status_before IS NOT DISTINCT FROM 'unpaid'
        ELSE status = 'unpaid'
            OR (
                status_before IS NOT DISTINCT FROM 'unpaid'
                AND status NOT IN ('active', 'past_due', 'trialing', 'paused')
            )
    END AS is_involuntary,
    -- a state holds until the next fact begins; if that begins no later, it never held
    min(begin_ms) OVER (
        PARTITION BY account, sub ORDER BY place ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS end_ms
FROM compared;
