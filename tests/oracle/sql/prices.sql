-- Prices: what a subscription's state comes to, exact, with its discounts as steps. Money is in
-- integer micro-units a month of the reporting currency; all currencies have two decimals.

-- "Subscription MRR = sum of items (recurring amount for the quantity / months in the interval)":
-- year 12, week 52/12 and day 365/12 to the month, or as set. All items of a state over one
-- denominator, 12 x divisor, so that nothing is rounded here, not by exchange rates in hundredths
-- either; a minor unit is 10,000 micro-units.
SET VARIABLE weeks_above = (SELECT weeks_above FROM revenue_policy);
SET VARIABLE weeks_below = (SELECT weeks_below FROM revenue_policy);
SET VARIABLE days_above = (SELECT days_above FROM revenue_policy);
SET VARIABLE days_below = (SELECT days_below FROM revenue_policy);
CREATE MACRO twelfths_above(unit) AS CASE unit
    WHEN 'year' THEN 1
    WHEN 'month' THEN 12
    WHEN 'week' THEN 12 * getvariable('weeks_above')
    WHEN 'day' THEN 12 * getvariable('days_above')
END::HUGEINT;
CREATE MACRO twelfths_below(unit) AS CASE unit
    WHEN 'week' THEN getvariable('weeks_below')
    WHEN 'day' THEN getvariable('days_below')
    ELSE 1
END::HUGEINT;
CREATE MACRO monthly(amount, unit, count, divisor) AS
    amount * 10_000 * twelfths_above(unit) * (divisor // (count * twelfths_below(unit)));

CREATE MACRO percent_of(asked, at_ms) AS (
    SELECT arg_max(rate_percent, rate_since_ms)
    FROM exchange_rates AS rates (rate_currency, rate_since_ms, rate_percent)
    WHERE rate_currency = asked AND rate_since_ms <= at_ms
);

CREATE TABLE licensed_items AS
WITH RECURSIVE told AS (
    SELECT
        account,
        sub,
        life,
        place,
        begin_ms,
        end_ms,
        list_filter(
            list_prepend(
                data ->> 'replaces_subscription_id',
                from_json(coalesce(data -> 'replaces_subscription_ids', '[]'::JSON), '["VARCHAR"]')
            ),
            lambda named: named <> sub
        ) AS named,
        last_value(if(len(named) > 0, named, NULL) IGNORE NULLS) OVER (
            PARTITION BY account, sub, life ORDER BY place
        ) AS replaces,
        dense_rank() OVER (PARTITION BY account, sub, life ORDER BY place) AS number,
        list_filter(
            from_json(
                terms.items,
                '[{"plan_id": "VARCHAR", "amount": "HUGEINT", "currency": "VARCHAR",
                   "interval": "VARCHAR", "interval_count": "HUGEINT", "usage_type": "VARCHAR"}]'
            ),
            -- metered usage is excluded
            lambda item: item.usage_type IS DISTINCT FROM 'metered' AND item.amount > 0
        ) AS items
    FROM subscription_facts
    WHERE kind <> 'deleted'
),
listed AS (
    SELECT
        * EXCLUDE (items),
        generate_subscripts(items, 1) AS nth,
        unnest(items, recursive := true),
        (
            100 * getvariable('weeks_below') * getvariable('days_below') * list_reduce(
                list_transform(items, lambda item: coalesce(item.interval_count, 1)),
                lambda one, other: lcm(one, other)
            )
        )::HUGEINT AS divisor
    FROM told
    WHERE len(items) > 0
),
runs AS (
    SELECT *, number - row_number() OVER (
        PARTITION BY account, sub, life, currency ORDER BY number
    ) AS run
    FROM (
        SELECT DISTINCT account, sub, life, place, begin_ms, end_ms, replaces, number, currency
        FROM listed
    )
),
-- "rate valid at effective time is kept": of when the currency came into use
used AS (
    SELECT
        *,
        first_value(begin_ms) OVER (
            PARTITION BY account, sub, life, currency, run ORDER BY place
        ) AS used_ms,
        used_ms = begin_ms AS begins
    FROM runs
),
-- "What takes the place of another keeps the rate of a currency that that one used just before."
taken_over AS (
    SELECT account, heir.sub, heir.place, currency, old.sub AS old, max(
        {'begin_ms': old.begin_ms, 'place': old.place}
    ).place AS old_place
    FROM (SELECT *, unnest(replaces) AS old_sub FROM used WHERE begins) AS heir
    JOIN told AS old USING (account)
    WHERE
        old.sub = old_sub
        AND (old.end_ms IS NULL OR old.begin_ms < old.end_ms)
        AND row(old.begin_ms, old.place) < row(heir.begin_ms, heir.place)
    GROUP BY ALL
),
before AS (
    SELECT account, sub, place, currency, old, old_place FROM taken_over
    UNION ALL
    SELECT account, sub, later.place, currency, sub, first.place
    FROM used AS later
    JOIN used AS first USING (account, sub, life, currency, run)
    WHERE
        first.begins
        AND NOT later.begins
        AND (first.end_ms IS NULL OR first.begin_ms < first.end_ms)
),
line AS (
    SELECT account, sub, place, currency, sub AS old, place AS old_place FROM used
    UNION
    SELECT line.account, line.sub, line.place, line.currency, before.old, before.old_place
    FROM line
    JOIN before
        ON before.account = line.account AND before.sub = line.old
        AND before.place = line.old_place AND before.currency = line.currency
),
rated AS (
    SELECT line.account, line.sub, line.place, line.currency, min(used_ms) AS rated_ms
    FROM line
    JOIN used
        ON used.account = line.account AND used.sub = line.old
        AND used.place = line.old_place AND used.currency = line.currency
    GROUP BY ALL
)
SELECT
    account,
    sub,
    place,
    nth,
    coalesce(plan_id, 'none') AS plan,
    divisor,
    currency,
    rated_ms,
    interval AS unit,
    coalesce(interval_count, 1) AS count,
    monthly(amount, unit, count, divisor)::HUGEINT AS worth
FROM listed
JOIN rated USING (account, sub, place, currency);

-- The price without discounts, at the rates that are kept; unit, count and currency are those of
-- the item that is billed most often, whatever the order in which items are told.
CREATE TABLE prices AS
SELECT
    account,
    sub,
    place,
    any_value(divisor) AS divisor,
    arg_min(unit, often) AS unit,
    arg_min(count, often) AS count,
    arg_min(currency, often) AS currency,
    arg_min(rated_ms, often) AS rated_ms,
    sum(worth // 100 * percent_of(currency, rated_ms))::HUGEINT AS amount
FROM (
    SELECT *, row_number() OVER (
        PARTITION BY account, sub, place
        -- in twelfths of a day
        ORDER BY count * CASE unit
            WHEN 'day' THEN 12 WHEN 'week' THEN 84 WHEN 'month' THEN 365 ELSE 4380
        END, unit, currency
    ) AS often
    FROM licensed_items
)
GROUP BY account, sub, place;

-- A step of the price: of a share, what is kept of 10,000; else what is taken off (by = 0).
CREATE MACRO taken_off(percent_off, off, rate) AS CASE
    WHEN percent_off IS NOT NULL
        THEN {'n': 10_000 - (percent_off * 100)::HUGEINT, 'by': 10_000::HUGEINT}
    ELSE {'n': (-(off // 100 * rate))::HUGEINT, 'by': 0::HUGEINT}
END;

-- The price after the steps in order, then "ONE half-up rounding per subscription state".
CREATE MACRO discounted(amount, steps) AS list_reduce(
    list_prepend({'n': amount, 'by': 1::HUGEINT}, steps),
    lambda price, step: CASE
        WHEN step.by = 0 THEN {'n': price.n + step.n * price.by, 'by': price.by}
        ELSE {'n': price.n * step.n, 'by': price.by * step.by}
    END
);
CREATE MACRO half_up(above, below) AS
    if(above <= 0, 0, (2 * above + below) // (2 * below))::HUGEINT;

-- Discounts "forever + repeating, not once" lower MRR, or as set; those for once lower billed MRR,
-- for one billing interval from when, listed, there is first something to pay (no trial, no pause,
-- nothing free, not before the start), "however often states list it meanwhile".
CREATE TABLE discounts AS
WITH listed AS (
    SELECT
        account,
        sub,
        place,
        life,
        begin_ms AS state_ms,
        CASE
            WHEN prices.place IS NULL THEN NULL
            WHEN status IN ('active', 'past_due')
                THEN greatest(begin_ms, coalesce(start_ms, begin_ms))
            WHEN status = 'paused' AND resumes_ms IS NOT NULL
                THEN greatest(begin_ms, resumes_ms, coalesce(start_ms, begin_ms))
        END AS billed_ms,
        dense_rank() OVER (PARTITION BY account, sub, life ORDER BY place) AS number,
        generate_subscripts(entries, 1) AS nth,
        unnest(entries) AS entry
    FROM (
        SELECT
            *,
            from_json(
                terms.discounts,
                '[{"id": "VARCHAR", "percent_off": "DECIMAL(9, 2)", "amount_off": "HUGEINT",
                   "duration": "VARCHAR", "start": "VARCHAR", "end": "VARCHAR"}]'
            ) AS entries
        FROM subscription_facts
        WHERE kind <> 'deleted'
    )
    LEFT JOIN prices USING (account, sub, place)
),
runs AS (
    SELECT
        *,
        number - row_number() OVER (
            PARTITION BY
                account, sub, life, entry.id, entry.percent_off, entry.amount_off, entry.duration
            ORDER BY number
        ) AS run
    FROM listed
),
-- what has not begun when the next state comes may begin at another time there
billed AS (
    SELECT *, if(billed_ms <= lead(state_ms) OVER listings, billed_ms, NULL) AS used_ms
    FROM runs
    WINDOW listings AS (
        PARTITION BY
            account, sub, life, run,
            entry.id, entry.percent_off, entry.amount_off, entry.duration
        ORDER BY number
    )
),
begun AS (
    SELECT
        *,
        if(
            entry.duration = 'once',
            coalesce(
                last_value(instant(entry.start) IGNORE NULLS) OVER listings,
                first_value(used_ms IGNORE NULLS) OVER listings,
                billed_ms
            ),
            instant(entry.start)
        ) AS begin_ms
    FROM billed
    WINDOW listings AS (
        PARTITION BY
            account, sub, life, run,
            entry.id, entry.percent_off, entry.amount_off, entry.duration
        ORDER BY number
    )
)
SELECT
    account,
    sub,
    place,
    nth,
    CASE discounts_in_mrr
        WHEN 'lasting' THEN entry.duration <> 'once'
        WHEN 'forever' THEN entry.duration = 'forever'
        ELSE discounts_in_mrr = 'all'
    END AS counts,
    begin_ms,
    CASE
        WHEN entry.end IS NOT NULL THEN instant(entry.end)
        WHEN entry.duration = 'once' AND unit IS NOT NULL THEN epoch_ms(
            make_timestamp(begin_ms * 1000) + CASE unit
                WHEN 'year' THEN to_months((12 * count)::INTEGER)
                WHEN 'month' THEN to_months(count::INTEGER)
                WHEN 'week' THEN to_days((7 * count)::INTEGER)
                WHEN 'day' THEN to_days(count::INTEGER)
            END
        )
    END AS end_ms,
    entry.percent_off AS percent_off,
    monthly(entry.amount_off, unit, count, divisor)::HUGEINT AS off,
    currency,
    taken_off(percent_off, off, percent_of(currency, rated_ms)) AS step
FROM revenue_policy, begun
JOIN prices USING (account, sub, place)
WHERE entry.duration <> 'once' OR begin_ms IS NOT NULL;

-- What states come to when asked: `questions` names a table with account, sub, place, the instant
-- that decides what discounts are in effect, and that of the exchange rates (NULL: those kept).
CREATE MACRO answers_to(questions) AS TABLE
WITH asked AS (
    SELECT DISTINCT account, sub, place, priced_ms, rates_ms FROM query_table(questions)
),
wholes AS (
    SELECT
        asked.*,
        any_value(divisor) AS divisor,
        sum(worth // 100 * percent_of(currency, coalesce(rates_ms, rated_ms)))::HUGEINT AS amount
    FROM asked
    JOIN licensed_items USING (account, sub, place)
    GROUP BY ALL
),
stepped AS (
    SELECT
        asked.*,
        list(
            taken_off(percent_off, off, percent_of(discounts.currency, coalesce(rates_ms, rated_ms)))
            ORDER BY nth
        ) AS every_step,
        list(
            taken_off(percent_off, off, percent_of(discounts.currency, coalesce(rates_ms, rated_ms)))
            ORDER BY nth
        ) FILTER (counts) AS counting_steps
    FROM asked
    JOIN discounts USING (account, sub, place)
    JOIN prices USING (account, sub, place)
    WHERE coalesce(discounts.begin_ms <= priced_ms, true)
        AND coalesce(discounts.end_ms > priced_ms, true)
    GROUP BY ALL
),
discounted_prices AS (
    SELECT
        wholes.*,
        12 * divisor AS below,
        discounted(amount, coalesce(counting_steps, [])) AS counting,
        discounted(amount, coalesce(every_step, [])) AS every
    FROM wholes
    LEFT JOIN stepped
        ON stepped.account = wholes.account AND stepped.sub = wholes.sub
        AND stepped.place = wholes.place AND stepped.priced_ms = wholes.priced_ms
        AND stepped.rates_ms IS NOT DISTINCT FROM wholes.rates_ms
)
SELECT
    account,
    sub,
    place,
    priced_ms,
    rates_ms,
    half_up(counting.n, below * counting.by) AS price,
    half_up(every.n, below * every.by) AS billed_price
FROM discounted_prices;
