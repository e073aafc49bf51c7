-- Payments: money that came in for invoices and went back, and what settings make of it for a
-- subscription's revenue.

-- "Paid under one invoice_id told twice with other event ids counts once (the latest fact)": from
-- the later one on.
CREATE TABLE invoices AS
SELECT
    key AS account,
    data ->> 'invoice_id' AS invoice,
    data ->> 'subscription_id' AS sub,
    place AS told,
    effective_ms AS paid_ms,
    if(invoice IS NULL, NULL, lead(effective_ms) OVER same) AS until_ms,
    cash AS paid,
    if(invoice IS NULL, 0, coalesce(lag(cash) OVER same, 0)) AS paid_before,
    if(from_ms < to_ms, from_ms, NULL) AS period_start_ms,
    if(from_ms < to_ms, to_ms, NULL) AS period_end_ms
FROM (
    SELECT
        *,
        instant(data ->> 'period_start') AS from_ms,
        instant(data ->> 'period_end') AS to_ms,
        -- a minor unit is 10,000 micro-units; rates are in hundredths, of the instant
        (data ->> 'amount_paid')::HUGEINT * 100
            * percent_of(upper(data ->> 'currency'), effective_ms) AS cash
    FROM events
    WHERE type = 'invoice.paid'
)
WINDOW same AS (PARTITION BY key, data ->> 'invoice_id' ORDER BY place);

CREATE TABLE refunds AS
SELECT
    key AS account,
    data ->> 'invoice_id' AS invoice,
    effective_ms AS refunded_ms,
    (data ->> 'amount')::HUGEINT * 100
        * percent_of(upper(data ->> 'currency'), effective_ms) AS refunded
FROM events
WHERE type = 'charge.refunded';

INSERT INTO figures
SELECT edge_ms, measure, name, [], account, sum(amount)
FROM windows
JOIN (
    SELECT account, paid_ms AS at_ms, 'paid_amount' AS measure, paid - paid_before AS amount
    FROM invoices
    UNION ALL
    SELECT
        account, paid_ms, 'paid_invoices', (paid > 0)::INTEGER - (paid_before > 0)::INTEGER
    FROM invoices
    UNION ALL
    SELECT account, refunded_ms, 'refunded_amount', refunded FROM refunds
) ON at_ms >= start_ms AND at_ms < edge_ms
GROUP BY ALL;

-- The months of an invoice's period, above / below: in billing intervals of the first licensed item
-- in force when it is paid, else in calendar months; without a period, those of one interval.
CREATE TABLE invoice_months AS
WITH billed AS (
    SELECT
        invoices.*,
        fact.place,
        coalesce(
            list_contains(
                from_json(terms.items, '[{"usage_type": "VARCHAR"}]').list_transform(
                    lambda item: item.usage_type
                ),
                'metered'
            ),
            false
        ) AS is_metered,
        coalesce(unit, 'month') AS unit,
        coalesce(count, 1)::BIGINT AS count
    FROM invoices
    LEFT JOIN (FROM subscription_facts WHERE kind <> 'deleted') AS fact
        ON fact.account = invoices.account AND fact.sub = invoices.sub
        AND begin_ms <= paid_ms AND (end_ms IS NULL OR paid_ms < end_ms)
    LEFT JOIN prices
        ON prices.account = fact.account AND prices.sub = fact.sub AND prices.place = fact.place
    WHERE invoices.sub IS NOT NULL
),
calendars AS (
    SELECT
        *,
        if(unit = 'year', 12 * count, count) AS step,
        date_diff(
            'month', make_timestamp(period_start_ms * 1000), make_timestamp(period_end_ms * 1000)
        ) // step AS most
    FROM billed
),
-- whole intervals, and of the one after the last its share
cut AS (
    SELECT
        *,
        list_max(
            list_filter(
                range(0, most + 1),
                lambda n:
                    make_timestamp(period_start_ms * 1000) + to_months((n * step)::INTEGER)
                    <= make_timestamp(period_end_ms * 1000)
            )
        ) AS whole,
        epoch_ms(make_timestamp(period_start_ms * 1000) + to_months((whole * step)::INTEGER))
            AS last_ms,
        epoch_ms(make_timestamp(period_start_ms * 1000) + to_months(((whole + 1) * step)::INTEGER))
            AS next_ms
    FROM calendars
),
intervals AS (
    SELECT
        *,
        CASE
            WHEN period_start_ms IS NULL THEN 1
            WHEN unit IN ('day', 'week') THEN period_end_ms - period_start_ms
            ELSE whole * (next_ms - last_ms) + period_end_ms - last_ms
        END::HUGEINT AS above,
        CASE
            WHEN period_start_ms IS NULL THEN 1
            WHEN unit = 'day' THEN count * 86_400_000
            WHEN unit = 'week' THEN count * 7 * 86_400_000
            ELSE next_ms - last_ms
        END::HUGEINT AS below
    FROM cut
)
SELECT
    * EXCLUDE (above, below),
    above * count * 12 * twelfths_below(unit) AS above,
    below * twelfths_above(unit) AS below
FROM intervals;

-- "What was paid for metered use in the last 90 days, a third of it"; for use is what is paid less
-- "the price of the licensed items (with the discounts of that time, billed) for the months of the
-- invoice's period", at the rates of that time.
CREATE TABLE invoice_questions AS
SELECT account, sub, place, paid_ms AS priced_ms, paid_ms AS rates_ms
FROM invoice_months
WHERE is_metered;

-- "From max(refund, period_start) until period_end": amount / months off a month.
CREATE TABLE effects AS
SELECT
    invoice.account,
    invoice.sub,
    'metered' AS effect,
    paid_ms AS begin_ms,
    least(paid_ms + 90 * 86_400_000::BIGINT, coalesce(until_ms, 1::BIGINT << 62)) AS end_ms,
    greatest(paid * below - coalesce(billed_price, 0) * above, 0) // (3 * below) AS amount
FROM revenue_policy, invoice_months AS invoice
LEFT JOIN answers_to('invoice_questions') AS answer
    ON answer.account = invoice.account AND answer.sub = invoice.sub
    AND answer.place = invoice.place AND priced_ms = paid_ms
WHERE is_metered AND metered_mrr = 'trailing_3m_avg'
UNION ALL
SELECT
    invoice.account,
    sub,
    'refunded',
    greatest(refunded_ms, period_start_ms, paid_ms),
    least(period_end_ms, coalesce(until_ms, 1::BIGINT << 62)),
    refunded * below // above
FROM revenue_policy, invoice_months AS invoice
JOIN refunds ON refunds.account = invoice.account AND refunds.invoice = invoice.invoice
WHERE period_start_ms IS NOT NULL AND refunds_in_mrr = 'period';

-- "Counts only from its first paid invoice on"
CREATE TABLE first_invoices AS
SELECT account, sub, min(paid_ms) AS first_ms
FROM invoices
WHERE paid > 0
GROUP BY ALL;
