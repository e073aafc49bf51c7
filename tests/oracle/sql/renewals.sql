-- Renewals: terms by due date. "Renewed / due, cohort = term ends in period; early renewal booked in
-- its due period, late one restates it within grace; undecided = open; multi-year due once;
-- re-termed upgrade moves the due date; churn before due date = not renewed in the due period; value
-- gross capped at the old value."

-- The settings: days of grace, and the least days of a term that is asked for.
CREATE TABLE IF NOT EXISTS renewal_policy AS
SELECT 30 AS renewal_grace_days, 0 AS renewal_min_term_days;

CREATE MACRO grace_ms() AS
    (SELECT renewal_grace_days * 86_400_000::BIGINT FROM renewal_policy);

-- What each state says of terms. One that tells no end of term has the one before, unless that was a
-- trial's or the state says that a term was renewed. A request to cancel leaves the state as it is.
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
        last_value(data ->> 'replaces_subscription_id' IGNORE NULLS) OVER (
            PARTITION BY account, sub, life ORDER BY place
        ) AS replaces,
        instant(data ->> 'term_end') AS told_ms,
        instant(data ->> 'term_start') AS term_start_ms,
        instant(data ->> 'previous_term_end') AS previous_ms,
        effective_ms,
        -- "from its told start, else from when the state that tells its end takes effect"; a
        -- renewal's begins where the term before it ended
        (
            told_ms
            - coalesce(term_start_ms, CASE WHEN kind = 'renewed' THEN previous_ms END, begin_ms)
        ) // 86_400_000 AS told_days
    FROM subscription_facts
),
bounded AS (
    SELECT
        *,
        sum(
            (
                is_state AND (
                    told_ms IS NOT NULL
                    OR kind = 'renewed'
                    OR coalesce(status_before = 'trialing', false)
                )
            )::INTEGER
        ) OVER (PARTITION BY account, sub, life ORDER BY place) AS stretch
    FROM (
        SELECT
            *,
            lag(status) OVER (PARTITION BY account, sub, life ORDER BY place) AS status_before
        FROM told
    )
)
SELECT
    *,
    max(told_ms) OVER (PARTITION BY account, sub, life, stretch) AS term_ms,
    max(told_days) OVER (PARTITION BY account, sub, life, stretch) AS term_days,
    bool_or(kind = 'renewed') OVER (
        PARTITION BY account, sub, life, begin_ms ORDER BY place
    ) AS renews,
    coalesce(
        first_value(
            CASE
                WHEN kind = 'renewed' THEN coalesce(previous_ms, term_start_ms)
                WHEN is_state AND told_ms IS NOT NULL AND term_start_ms > effective_ms
                    THEN term_start_ms
            END
        ) OVER (
            PARTITION BY account, sub, life, statement ORDER BY is_state DESC, place
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ),
        begin_ms
    ) AS follows_ms
FROM bounded;

-- Spans in which a subscription is in force (it goes on, at a price), or at least not over.
CREATE TABLE term_spans AS
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

-- "`replaces_subscription_id`": the first state of another subscription that takes a place.
CREATE TABLE successions AS
SELECT
    account, replaces AS sub, sub AS successor, begin_ms AS succeeded_ms, place AS successor_place
FROM term_spans
WHERE in_force AND replaces <> sub
QUALIFY row_number() OVER (PARTITION BY account, replaces ORDER BY begin_ms, sub) = 1;

-- One state after the other: what it makes of the term that is running.
CREATE TABLE term_walk AS
WITH RECURSIVE numbered AS (
    SELECT *, row_number() OVER (PARTITION BY account, sub ORDER BY begin_ms) AS n
    FROM term_spans
    LEFT JOIN successions USING (account, sub)
    WHERE in_force AND (succeeded_ms IS NULL OR begin_ms < succeeded_ms)
),
walk AS (
    SELECT DISTINCT
        account, sub, 0::BIGINT AS n, NULL::BIGINT AS at_ms, NULL::BIGINT AS due_ms,
        NULL::BIGINT AS known_ms, NULL::BIGINT AS days, NULL::VARCHAR AS verdict,
        NULL::BIGINT AS next_due_ms, NULL::BIGINT AS next_known_ms, NULL::BIGINT AS next_days,
        min(begin_ms) OVER (PARTITION BY account, sub) AS last_due_ms
    FROM numbered
    UNION ALL
    SELECT
        account,
        sub,
        n,
        begin_ms,
        due_ms,
        known_ms,
        days,
        verdict,
        if(verdict IS NOT DISTINCT FROM 'kept', due_ms, term_ms),
        if(verdict IS NOT DISTINCT FROM 'kept', known_ms, begin_ms),
        if(verdict IS NOT DISTINCT FROM 'kept', days, term_days),
        if(verdict IN ('renewed', 'moved'), due_ms, last_due_ms)
    FROM (
        SELECT
            *,
            CASE
                WHEN due_ms IS NULL THEN NULL
                WHEN term_ms IS NULL AND renews THEN 'renewed'
                WHEN term_ms > due_ms
                    AND (renews OR begin_ms >= due_ms OR follows_ms >= due_ms) THEN 'renewed'
                WHEN term_ms <> due_ms THEN 'moved'
                ELSE 'kept'
            END AS verdict
        FROM (
            SELECT
                numbered.*,
                -- a renewal of a term that nobody told was due when it says, or when it comes
                CASE
                    WHEN next_due_ms IS NOT NULL THEN next_due_ms
                    WHEN renews AND numbered.n > 1 THEN follows_ms
                END AS due_ms,
                CASE WHEN next_due_ms IS NOT NULL THEN next_known_ms ELSE begin_ms END AS known_ms,
                -- it lasts from when the one before was due, or since the beginning
                CASE
                    WHEN next_due_ms IS NOT NULL THEN next_days
                    ELSE (follows_ms - last_due_ms) // 86_400_000
                END AS days,
                last_due_ms
            FROM walk
            JOIN numbered
                ON numbered.account = walk.account AND numbered.sub = walk.sub
                AND numbered.n = walk.n + 1
        )
    )
)
FROM walk;

CREATE TABLE terms AS
WITH decided AS (
    SELECT
        account, sub, due_ms, known_ms, days, at_ms AS decided_ms,
        -- "grace 30 d"
        verdict = 'renewed' AND at_ms <= due_ms + grace_ms() AS is_renewed,
        if(verdict = 'moved', at_ms, 1::BIGINT << 62) AS until_ms
    FROM term_walk
    WHERE verdict IN ('renewed', 'moved')
    UNION ALL
    SELECT
        account,
        sub,
        next_due_ms,
        next_known_ms,
        next_days,
        coalesce(succeeded_ms, 1::BIGINT << 62),
        coalesce(succeeded_ms <= next_due_ms + grace_ms(), false),
        1::BIGINT << 62
    FROM (
        FROM term_walk
        QUALIFY n = max(n) OVER (PARTITION BY account, sub)
    )
    LEFT JOIN successions USING (account, sub)
    -- what is replaced before it is due never is
    WHERE next_due_ms IS NOT NULL AND coalesce(next_due_ms <= succeeded_ms, true)
)
SELECT *, row_number() OVER () AS term
FROM decided;

-- "The old value": what the subscription last came to before the term was due or renewed; the new
-- one: what it comes to as it is renewed.
CREATE TABLE term_questions AS
SELECT *, at_ms AS priced_ms, if(fx_mode = 'revalue', at_ms, NULL) AS rates_ms
FROM revenue_policy, (
    SELECT term, 'old' AS which, account, sub, place, least(over_ms, before_ms) - 1 AS at_ms
    FROM (
        SELECT *, least(greatest(due_ms, known_ms + 1), decided_ms) AS before_ms FROM terms
    )
    JOIN term_spans USING (account, sub)
    WHERE in_force AND begin_ms < before_ms
    QUALIFY row_number() OVER (PARTITION BY term ORDER BY begin_ms DESC) = 1
    UNION ALL
    SELECT
        term,
        'new',
        terms.account,
        if(coalesce(decided_ms = succeeded_ms, false), successor, terms.sub),
        if(coalesce(decided_ms = succeeded_ms, false), successor_place, own.place),
        decided_ms
    FROM terms
    LEFT JOIN successions
        ON successions.account = terms.account AND successions.sub = terms.sub
    LEFT JOIN (SELECT account, sub, place, begin_ms FROM term_spans WHERE in_force) AS own
        ON own.account = terms.account AND own.sub = terms.sub AND own.begin_ms = decided_ms
    WHERE is_renewed
);

CREATE TABLE term_prices AS
SELECT
    term,
    any_value(coalesce(price, 0)) FILTER (which = 'old') AS old_mrr,
    any_value(coalesce(price, 0)) FILTER (which = 'new') AS new_mrr
FROM term_questions AS asked
JOIN answers_to('term_questions') AS answer
    ON answer.account = asked.account AND answer.sub = asked.sub AND answer.place = asked.place
    AND answer.priced_ms = asked.priced_ms AND answer.rates_ms IS NOT DISTINCT FROM asked.rates_ms
GROUP BY term;

-- The terms that each window holds, as known at T.
CREATE TABLE due_terms AS
SELECT
    edge_ms,
    name AS "window",
    terms.*,
    is_renewed AND decided_ms < edge_ms AS renewed,
    old_mrr,
    least(old_mrr, new_mrr) AS kept_mrr
FROM windows
JOIN terms ON due_ms >= start_ms AND due_ms < edge_ms AND known_ms < edge_ms AND until_ms >= edge_ms
JOIN term_prices USING (term)
WHERE name IN ('month', '90d')
    -- "terms of fewer days are not due and not renewed"
    AND greatest(days, 0) >= (SELECT renewal_min_term_days FROM renewal_policy);

INSERT INTO figures
SELECT
    edge_ms,
    unnest(['renewals_due', 'renewal_due_mrr', 'renewals', 'renewed_mrr']),
    "window",
    [],
    account,
    unnest([1, old_mrr, renewed::HUGEINT, if(renewed, kept_mrr, 0)])
FROM due_terms;

INSERT INTO figures
SELECT edge_ms, 'renewals_open', "window", [], due_terms.account, 1
FROM due_terms
JOIN term_spans AS span ON span.account = due_terms.account AND span.sub = due_terms.sub
WHERE greatest(span.begin_ms, due_ms, known_ms) < edge_ms
    AND least(span.over_ms, decided_ms, due_ms + grace_ms()) >= edge_ms
    AND greatest(span.begin_ms, due_ms, known_ms)
        < least(span.over_ms, decided_ms, due_ms + grace_ms());

-- "Logo": an account, by the latest term in the window of each of its subscriptions
INSERT INTO figures
SELECT
    edge_ms,
    unnest(['renewal_due_accounts', 'renewed_accounts']),
    "window",
    [],
    account,
    unnest([1, bool_or(renewed)::HUGEINT])
FROM (
    FROM due_terms
    QUALIFY row_number() OVER (
        PARTITION BY edge_ms, "window", account, sub ORDER BY due_ms DESC, renewed DESC
    ) = 1
)
GROUP BY edge_ms, "window", account;
