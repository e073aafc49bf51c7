-- Changes: what each subscription counts, from which instant on.

-- "Churn at unpaid" or so many days after payment was first late.
CREATE TABLE dated_facts AS
SELECT *, late_ms + past_due_churn_days * 86_400_000 AS given_up_ms
FROM subscription_facts, revenue_policy;

-- What counts changes where a state begins, and by the clock inside it: where revenue starts, where
-- a scheduled cancellation or the end of a pause comes, where discounts begin and end, where it
-- becomes known that the subscription will be over, where a late payment is given up, with new
-- exchange rates, and with money.
CREATE TABLE instants AS
WITH ends_ahead AS (
    SELECT account, sub, effective_ms AS known_ms, begin_ms AS ended_ms
    FROM subscription_facts
    WHERE kind = 'deleted' AND begin_ms > effective_ms
),
clock AS (
    SELECT account, sub, place, begin_ms AS at_ms FROM subscription_facts
    UNION
    SELECT account, sub, place, unnest([start_ms, cancel_ms, resumes_ms, given_up_ms])
    FROM dated_facts
    WHERE kind <> 'deleted'
    UNION
    SELECT account, sub, place, unnest([begin_ms, end_ms]) FROM discounts
    UNION
    SELECT account, sub, place, known_ms
    FROM subscription_facts
    JOIN ends_ahead USING (account, sub)
    UNION
    SELECT account, sub, place, since_ms
    FROM dated_facts, exchange_rates
    WHERE fx_mode = 'revalue'
    UNION
    SELECT account, sub, place, unnest([effects.begin_ms, effects.end_ms])
    FROM subscription_facts
    JOIN effects USING (account, sub)
    UNION
    SELECT account, sub, place, first_ms
    FROM subscription_facts
    JOIN first_invoices USING (account, sub)
)
SELECT
    fact.*,
    at_ms,
    CASE
        WHEN status = 'paused' AND (resumes_ms <= at_ms OR paused_policy = 'keep') THEN 'active'
        WHEN status = 'past_due' AND given_up_ms <= at_ms THEN 'unpaid'
        ELSE status
    END AS status_now,
    coalesce(cancel_ms <= at_ms, false) AS is_over,
    greatest(at_ms, coalesce(start_ms, at_ms)) AS priced_ms,
    if(fx_mode = 'revalue', priced_ms, NULL) AS rates_ms,
    is_retention AND retention_offers = 'keep' AS is_kept,
    is_cancelling OR EXISTS (
        FROM ends_ahead
        WHERE ends_ahead.account = fact.account AND ends_ahead.sub = fact.sub
            AND known_ms <= at_ms AND at_ms < ended_ms
    ) AS is_ending,
    NOT require_paid_invoice OR coalesce(
        at_ms >= (
            SELECT first_ms
            FROM first_invoices
            WHERE first_invoices.account = fact.account AND first_invoices.sub = fact.sub
        ),
        false
    ) AS is_paid
FROM clock
JOIN dated_facts AS fact USING (account, sub, place)
WHERE at_ms >= begin_ms AND (end_ms IS NULL OR at_ms < end_ms);

CREATE TABLE change_prices AS FROM answers_to('instants');

-- Money that counts at an instant.
CREATE MACRO effects_at(asked_account, asked_sub, asked_effect, asked_ms) AS coalesce(
    (
        SELECT sum(amount)
        FROM effects
        WHERE effects.account = asked_account AND effects.sub = asked_sub
            AND effects.effect = asked_effect
            AND effects.begin_ms <= asked_ms AND asked_ms < effects.end_ms
    ),
    0
)::HUGEINT;

-- "A new rate gives an fx movement": what it makes of the state that it finds, of which just before
-- it came nothing else has changed.
CREATE TABLE held AS
SELECT
    fact.account, fact.sub, fact.place, since_ms AS at_ms, since_ms - 1 AS priced_ms,
    unnest([since_ms - 1, since_ms]) AS rates_ms
FROM dated_facts AS fact
JOIN (SELECT DISTINCT since_ms FROM exchange_rates)
    ON begin_ms < since_ms AND (end_ms IS NULL OR since_ms <= end_ms)
WHERE fx_mode = 'revalue' AND kind <> 'deleted';

CREATE TABLE revaluations AS
SELECT
    account,
    sub,
    at_ms,
    sum(
        if(rates_ms = at_ms, 1, -1) * greatest(
            price
            + effects_at(answer.account, answer.sub, 'metered', priced_ms)
            - effects_at(answer.account, answer.sub, 'refunded', priced_ms),
            0
        )
    )::HUGEINT AS fx
FROM answers_to('held') AS answer
JOIN held USING (account, sub, place, priced_ms, rates_ms)
GROUP BY account, sub, at_ms;

-- What each subscription counts if nothing is asked of its account.
CREATE TABLE offers AS
WITH priced AS (
    SELECT
        instants.* EXCLUDE (rates_ms),
        -- "0 unless status counts": past due "counts until unpaid", trials and pauses do not
        NOT is_over AND (status_now IN ('active', 'past_due') OR is_kept) AS counts,
        counts AND instants.priced_ms = at_ms
            AND NOT (is_ending AND churn_recognition = 'canceled') AS counts_now,
        if(counts, coalesce(price, 0), 0) AS price,
        if(counts, coalesce(billed_price, 0), 0) AS billed_price,
        if(
            counts AND instants.priced_ms = at_ms,
            effects_at(instants.account, instants.sub, 'metered', at_ms),
            0
        ) AS metered,
        if(
            counts AND instants.priced_ms = at_ms,
            effects_at(instants.account, instants.sub, 'refunded', at_ms),
            0
        ) AS refunded
    FROM instants
    LEFT JOIN change_prices AS answer
        ON answer.account = instants.account AND answer.sub = instants.sub
        AND answer.place = instants.place AND answer.priced_ms = instants.priced_ms
        AND answer.rates_ms IS NOT DISTINCT FROM instants.rates_ms
)
SELECT
    account,
    sub,
    place,
    at_ms,
    if(counts_now AND is_paid, greatest(price + metered - refunded, 0), 0)::HUGEINT AS mrr,
    if(counts_now AND is_paid, greatest(billed_price + metered - refunded, 0), 0)::HUGEINT
        AS billed,
    -- "MRR less what is known to end, with what is known to begin"
    if(is_paid AND NOT is_ending, greatest(price + metered - refunded, 0), 0)::HUGEINT
        AS committed,
    if(status_now = 'past_due', mrr, 0)::HUGEINT AS past_due,
    status_now = 'paused' AND NOT is_over AND paused_policy = 'zero' AS is_paused,
    -- "move to free plan", where that is not churn: what has no price goes on
    NOT free_is_churn AND counts_now AND price + metered = 0 AS is_free,
    is_involuntary OR (status = 'past_due' AND status_now = 'unpaid') AS is_involuntary,
    if(mrr > 0, coalesce(fx, 0), 0)::HUGEINT AS fx,
    -- a free period, from its first state on
    if(is_kept, {'life': life, 'run': retention_run}, NULL) AS free_period,
    row_number() OVER (PARTITION BY account ORDER BY at_ms, place, sub) AS turn
FROM priced
LEFT JOIN revaluations USING (account, sub, at_ms);

-- One change after the other: what it depends on is how the account is before it. A free period
-- counts "if account was paying" when it began, or just before in one group of changes; new rates
-- revalue what was there before a group, what came inside it "came at its present price". A group
-- is "first event + 60 min effective time", or as set; it begins with a change of revenue.
CREATE TABLE walk AS
WITH RECURSIVE walk AS (
    SELECT DISTINCT
        account,
        0::BIGINT AS turn,
        MAP {}::MAP(VARCHAR, HUGEINT) AS pays,
        MAP {}::MAP(VARCHAR, STRUCT(life HUGEINT, run BIGINT)) AS free_periods,
        MAP {}::MAP(VARCHAR, BOOLEAN) AS granted,
        NULL::BIGINT AS begin_ms,
        NULL::BIGINT AS first_turn,
        []::VARCHAR[] AS payers,
        0::HUGEINT AS revenue_before,
        false AS is_denied,
        0::HUGEINT AS fx
    FROM offers
    UNION ALL
    SELECT
        account,
        turn,
        map_concat(pays, MAP {sub: if(denied, 0, mrr)::HUGEINT}),
        map_concat(free_periods, MAP {sub: free_period}),
        map_concat(granted, MAP {sub: grants}),
        CASE WHEN is_open THEN begin_ms WHEN opens THEN at_ms END,
        CASE WHEN is_open THEN first_turn WHEN opens THEN turn END,
        CASE
            WHEN is_open THEN payers
            WHEN opens THEN map_keys(pays).list_filter(lambda payer: pays[payer] > 0)
            ELSE []
        END,
        CASE WHEN is_open THEN revenue_before + revalued WHEN opens THEN total + revalued ELSE 0 END,
        denied,
        revalued
    FROM (
        SELECT
            *,
            free_period IS NOT NULL AND NOT grants AS denied,
            if(own > 0 AND (NOT is_open OR list_contains(payers, sub)), offer_fx, 0)::HUGEINT
                AS revalued,
            NOT is_open AND if(denied, 0, mrr) <> own + revalued AS opens
        FROM (
            SELECT
                walk.* EXCLUDE (turn, fx, is_denied),
                offers.* EXCLUDE (account, fx),
                offers.fx AS offer_fx,
                coalesce(pays[sub], 0) AS own,
                coalesce(list_sum(map_values(pays)), 0)::HUGEINT AS total,
                coalesce(at_ms - begin_ms <= coalesce_minutes * 60_000, false) AS is_open,
                CASE
                    WHEN free_period IS NULL THEN false
                    WHEN free_period = free_periods[sub] THEN granted[sub]
                    ELSE total > 0 OR (is_open AND revenue_before > 0)
                END AS grants
            FROM revenue_policy, walk
            JOIN offers ON offers.account = walk.account AND offers.turn = walk.turn + 1
        )
    )
)
FROM walk;

CREATE TABLE changes AS
SELECT
    offers.account,
    sub,
    place,
    at_ms,
    if(is_denied, 0, mrr)::HUGEINT AS mrr,
    if(is_denied, 0, billed)::HUGEINT AS billed,
    if(is_denied, 0, committed)::HUGEINT AS committed,
    past_due,
    is_paused,
    is_free AND NOT is_denied AS is_free,
    is_involuntary,
    walk.fx,
    first_turn,
    turn
FROM offers
JOIN walk USING (account, turn);
