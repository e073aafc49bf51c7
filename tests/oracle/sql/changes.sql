-- Changes: what each subscription counts, from which instant on.

-- What counts changes where a state begins, and by the clock inside it: where revenue starts, where
-- a scheduled cancellation or the end of a pause comes, where discounts begin and end, and where it
-- becomes known that the subscription will be over.
CREATE TABLE changes AS
WITH ends_ahead AS (
    SELECT account, sub, effective_ms AS known_ms, begin_ms AS ended_ms
    FROM subscription_facts
    WHERE kind = 'deleted' AND begin_ms > effective_ms
),
clock AS (
    SELECT account, sub, place, begin_ms AS at_ms FROM subscription_facts
    UNION
    SELECT account, sub, place, unnest([start_ms, cancel_ms, resumes_ms])
    FROM subscription_facts
    WHERE kind <> 'deleted'
    UNION
    SELECT account, sub, place, unnest([begin_ms, end_ms]) FROM discounts
    UNION
    SELECT account, sub, place, known_ms
    FROM subscription_facts
    JOIN ends_ahead USING (account, sub)
),
instants AS (
    SELECT
        fact.*,
        at_ms,
        CASE
            WHEN status = 'paused' AND resumes_ms <= at_ms THEN 'active'
            ELSE status
        END AS status_now,
        coalesce(cancel_ms <= at_ms, false) AS is_over,
        greatest(at_ms, coalesce(start_ms, at_ms)) AS priced_ms
    FROM clock
    JOIN subscription_facts AS fact USING (account, sub, place)
    WHERE at_ms >= begin_ms AND (end_ms IS NULL OR at_ms < end_ms)
),
steps AS (
    SELECT
        account,
        sub,
        place,
        at_ms,
        list(step ORDER BY nth) AS every_step,
        list(step ORDER BY nth) FILTER (NOT is_once) AS lasting_steps
    FROM instants
    JOIN discounts USING (account, sub, place)
    WHERE coalesce(discounts.begin_ms <= priced_ms, true)
        AND coalesce(discounts.end_ms > priced_ms, true)
    GROUP BY ALL
),
discounted_prices AS (
    SELECT
        instants.*,
        12 * divisor AS below,
        discounted(amount, coalesce(lasting_steps, [])) AS lasting,
        discounted(amount, coalesce(every_step, [])) AS every,
        -- "0 unless status counts": past due "counts until unpaid", trials and pauses do not
        amount IS NOT NULL AND NOT is_over AND status_now IN ('active', 'past_due') AS counts
    FROM instants
    LEFT JOIN prices USING (account, sub, place)
    LEFT JOIN steps USING (account, sub, place, at_ms)
),
rounded AS (
    SELECT
        *,
        if(counts, half_up(lasting.n, below * lasting.by), 0) AS price,
        if(counts, half_up(every.n, below * every.by), 0) AS billed_price
    FROM discounted_prices
)
SELECT
    account,
    sub,
    place,
    at_ms,
    if(priced_ms = at_ms, price, 0) AS mrr,
    if(priced_ms = at_ms, billed_price, 0) AS billed,
    -- "MRR less what is known to end, with what is known to begin"
    if(
        is_cancelling OR EXISTS (
            FROM ends_ahead
            WHERE ends_ahead.account = rounded.account AND ends_ahead.sub = rounded.sub
                AND known_ms <= at_ms AND at_ms < ended_ms
        ),
        0,
        price
    ) AS committed,
    if(priced_ms = at_ms AND status_now = 'past_due', price, 0) AS past_due,
    status_now = 'paused' AND NOT is_over AS is_paused,
    is_involuntary,
    row_number() OVER (PARTITION BY account ORDER BY at_ms, place, sub) AS turn
FROM rounded;
