-- Prices: what a subscription's state comes to, exact, with its discounts as steps. Money is in
-- integer micro-units a month; amounts are in the reporting currency, of two decimals.

-- "Subscription MRR = sum of items (recurring amount for the quantity / months in the interval)":
-- year 12, week 52/12 and day 365/12 to the month. All items of a state over one denominator,
-- 12 x divisor, so that nothing is rounded here; a minor unit is 10,000 micro-units.
CREATE MACRO twelfths(unit) AS CASE unit
    WHEN 'year' THEN 1 WHEN 'month' THEN 12 WHEN 'week' THEN 52 WHEN 'day' THEN 365
END::HUGEINT;
CREATE MACRO monthly(amount, unit, count, divisor) AS
    amount * 10_000 * twelfths(unit) * (divisor // count);

CREATE TABLE prices AS
WITH licensed AS (
    SELECT
        account,
        sub,
        place,
        list_filter(
            from_json(
                terms.items,
                '[{"amount": "HUGEINT", "interval": "VARCHAR", "interval_count": "HUGEINT",
                   "usage_type": "VARCHAR"}]'
            ),
            -- metered usage is excluded
            lambda item: item.usage_type IS DISTINCT FROM 'metered' AND item.amount > 0
        ) AS items
    FROM subscription_facts
    WHERE kind <> 'deleted'
),
divided AS (
    SELECT
        *,
        list_reduce(
            list_transform(items, lambda item: coalesce(item.interval_count, 1)),
            lambda one, other: lcm(one, other)
        ) AS divisor
    FROM licensed
    WHERE len(items) > 0
)
SELECT
    account,
    sub,
    place,
    divisor,
    items[1].interval AS unit,
    coalesce(items[1].interval_count, 1) AS count,
    list_reduce(
        list_transform(
            items,
            lambda item:
                monthly(item.amount, item.interval, coalesce(item.interval_count, 1), divisor)
        ),
        lambda one, other: one + other
    ) AS amount
FROM divided;

-- Discounts "forever + repeating, not once" lower MRR; those for once lower billed MRR, for one
-- billing interval from when they first came, "however often states list it meanwhile".
CREATE TABLE discounts AS
WITH listed AS (
    SELECT
        account,
        sub,
        place,
        life,
        begin_ms AS state_ms,
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
begun AS (
    SELECT
        *,
        if(
            entry.duration = 'once',
            coalesce(
                last_value(instant(entry.start) IGNORE NULLS) OVER listings,
                first_value(state_ms) OVER listings
            ),
            instant(entry.start)
        ) AS begin_ms
    FROM runs
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
    entry.duration = 'once' AS is_once,
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
    -- a step of the price: of a share, what is kept of 10,000; else what is taken off (by = 0)
    CASE
        WHEN entry.percent_off IS NOT NULL
            THEN {'n': 10_000 - (entry.percent_off * 100)::HUGEINT, 'by': 10_000::HUGEINT}
        ELSE {'n': -monthly(entry.amount_off, unit, count, divisor), 'by': 0::HUGEINT}
    END AS step
FROM begun
JOIN prices USING (account, sub, place);

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
