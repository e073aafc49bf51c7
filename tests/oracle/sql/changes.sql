-- Changes: what each subscription counts, from which instant on.

-- "A subscription that another one replaces has ended when that one counts, unless a later state tells
-- it anew; a request to cancel does not."
CREATE TABLE naming AS
    SELECT
        *,
        list_filter(
            list_prepend(
                data ->> 'replaces_subscription_id',
                from_json(coalesce(data -> 'replaces_subscription_ids', '[]'::JSON), '["VARCHAR"]')
            ),
            lambda named: named <> sub
        ) AS named,
        last_value(if(len(named) > 0, list_distinct(named), NULL) IGNORE NULLS) OVER (
            PARTITION BY account, sub, life ORDER BY place
        ) AS every_replaced
    FROM subscription_facts;

CREATE TABLE dated_facts AS
WITH dated AS (
    SELECT
        naming.* EXCLUDE (sub),
        naming.sub AS successor,
        revenue_policy.*,
        greatest(
            begin_ms,
            coalesce(start_ms, begin_ms),
            if(require_paid_invoice, coalesce(first_ms, 9_000_000_000_000_000), begin_ms)
        ) AS first_at_ms
    FROM revenue_policy, (SELECT *, unnest(every_replaced) AS replaced FROM naming) AS naming
    LEFT JOIN first_invoices
        ON first_invoices.account = naming.account AND first_invoices.sub = naming.sub
    WHERE replaced <> naming.sub AND kind <> 'deleted'
),
counting AS (
    SELECT
        account,
        replaced AS sub,
        successor,
        place,
        at_ms,
        coalesce(end_ms, 9_000_000_000_000_000) AS end_ms,
        coalesce(cancel_ms, 9_000_000_000_000_000) AS cancel_ms
    FROM (
        SELECT *, unnest([first_at_ms, greatest(first_at_ms, coalesce(resumes_ms, 0))]) AS at_ms
        FROM dated
    )
    WHERE CASE status
            WHEN 'active' THEN true
            WHEN 'past_due'
                THEN coalesce(at_ms < late_ms + past_due_churn_days * 86_400_000, true)
            WHEN 'paused' THEN paused_policy = 'keep' OR coalesce(resumes_ms <= at_ms, false)
            ELSE is_retention AND retention_offers = 'keep'
        END
),
starts AS (
    SELECT account, sub, successor, min(at_ms) AS at_ms, arg_min(place, at_ms) AS place
    FROM counting
    WHERE at_ms < end_ms AND at_ms < cancel_ms
    GROUP BY ALL
),
cuts AS (
    SELECT
        fact.account, fact.sub, fact.place,
        min(at_ms) AS cut_ms,
        arg_min(starts.place, (at_ms, starts.place)) AS cut_place
    FROM subscription_facts AS fact
    JOIN starts USING (account, sub)
    WHERE fact.kind <> 'deleted' AND fact.begin_ms <= at_ms
        AND (fact.end_ms IS NULL OR at_ms < fact.end_ms)
    GROUP BY ALL
),
held AS (
    SELECT
        fact.*,
        cut_ms,
        cut_place,
        fact.is_cancelling AND max(cut_ms) OVER (
            PARTITION BY fact.account, fact.sub, told ORDER BY fact.place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) IS NOT NULL AS is_dropped
    FROM (
        SELECT
            *,
            sum((NOT is_cancelling)::INTEGER) OVER (
                PARTITION BY account, sub ORDER BY place
            ) AS told
        FROM subscription_facts
        WHERE end_ms IS NULL OR begin_ms < end_ms
    ) AS fact
    LEFT JOIN cuts USING (account, sub, place)
),
facts AS (
    SELECT * EXCLUDE (told, cut_ms, cut_place, is_dropped) REPLACE (coalesce(cut_ms, end_ms) AS end_ms)
    FROM held
    WHERE NOT is_dropped
    UNION ALL
    SELECT
        * EXCLUDE (told, cut_ms, cut_place, is_dropped)
        REPLACE (
            'deleted' AS kind,
            'deleted' AS status,
            cut_ms AS begin_ms,
            cut_place AS place,
            false AS is_cancelling,
            false AS is_retention,
            false AS is_involuntary,
            NULL AS cancel_ms,
            NULL AS resumes_ms,
            NULL AS late_ms,
            (
                SELECT min(begin_ms)
                FROM held AS later
                WHERE later.account = held.account AND later.sub = held.sub
                    AND later.place > held.place AND NOT later.is_dropped
            ) AS end_ms
        )
    FROM held
    WHERE NOT is_dropped AND cut_ms IS NOT NULL
)
-- "Churn at unpaid" or so many days after payment was first late.
SELECT *, late_ms + past_due_churn_days * 86_400_000 AS given_up_ms
FROM facts, revenue_policy;

-- What counts changes where a state begins, and by the clock inside it: where revenue starts, where
-- a scheduled cancellation or the end of a pause comes, where discounts begin and end, where it
-- becomes known that the subscription will be over, where a late payment is given up, with new
-- exchange rates, and with money.
-- Where another is signed, or runs, in the place of a subscription, by policy once it is paid.
CREATE TABLE replaced_spans AS
SELECT
    signed.account,
    signed.sub,
    if(require_paid_invoice, greatest(begin_ms, first_ms), begin_ms) AS begin_ms,
    over_ms AS end_ms
FROM revenue_policy, replacements AS signed
LEFT JOIN first_invoices AS paid
    ON paid.account = signed.account AND paid.sub = signed.successor
WHERE first_ms IS NOT NULL OR NOT require_paid_invoice;

CREATE TABLE instants AS
WITH clock AS (
    SELECT account, sub, place, begin_ms AS at_ms FROM dated_facts
    UNION
    SELECT account, sub, place, unnest([start_ms, cancel_ms, resumes_ms, given_up_ms])
    FROM dated_facts
    WHERE kind <> 'deleted'
    UNION
    SELECT account, sub, place, unnest([begin_ms, end_ms]) FROM discounts
    UNION
    SELECT account, sub, place, unnest([known_ms, known_until_ms])
    FROM dated_facts
    JOIN ends_ahead USING (account, sub)
    UNION
    SELECT fact.account, fact.sub, place, unnest([replaced_spans.begin_ms, replaced_spans.end_ms])
    FROM dated_facts AS fact
    JOIN replaced_spans USING (account, sub)
    UNION
    SELECT account, sub, place, since_ms
    FROM dated_facts, exchange_rates
    WHERE fx_mode = 'revalue'
    UNION
    SELECT account, sub, place, unnest([effects.begin_ms, effects.end_ms])
    FROM dated_facts
    JOIN effects USING (account, sub)
    UNION
    SELECT account, sub, place, first_ms
    FROM dated_facts
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
            AND known_ms <= at_ms AND at_ms < known_until_ms
    ) AS is_ending,
    EXISTS (
        FROM replaced_spans AS other
        WHERE other.account = fact.account AND other.sub = fact.sub
            AND other.begin_ms <= at_ms AND at_ms < other.end_ms
    ) AS is_replaced,
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
    -- "MRR less what is known to end or to be replaced, with what is known to begin"
    if(is_paid AND NOT is_ending AND NOT is_replaced, greatest(price + metered - refunded, 0), 0)::HUGEINT
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

-- "What an offer keeps is what its subscription, or one that it takes the place of, counted just
-- before it began", or before one group of changes; another offer must have kept something itself.
CREATE TABLE free_periods AS
SELECT
    offers.account,
    offers.sub,
    free_period,
    min(at_ms) AS at_ms,
    coalesce(arg_min(every_replaced, turn), []) AS every_replaced
FROM offers
JOIN naming USING (account, sub, place)
WHERE free_period IS NOT NULL
GROUP BY ALL;

CREATE TABLE kept_of AS
SELECT
    asked.account,
    asked.sub,
    asked.free_period,
    before_ms,
    named,
    arg_max({'free_period': other.free_period, 'mrr': mrr}, turn) AS was
FROM (
    SELECT
        *,
        unnest(list_distinct(list_prepend(sub, every_replaced))) AS named
    FROM free_periods, (SELECT unnest([0, coalesce_minutes * 60_000]) AS before_ms FROM revenue_policy)
) AS asked
JOIN offers AS other
    ON other.account = asked.account AND other.sub = named AND other.at_ms < asked.at_ms - before_ms
GROUP BY ALL;

CREATE TABLE granted AS
WITH RECURSIVE granted AS (
    SELECT account, sub, free_period
    FROM kept_of
    WHERE was.mrr > 0 AND was.free_period IS NULL
    UNION
    SELECT kept_of.account, kept_of.sub, kept_of.free_period
    FROM kept_of
    JOIN granted
        ON granted.account = kept_of.account AND granted.sub = named
        AND granted.free_period = was.free_period
    WHERE was.mrr > 0
)
FROM granted;

CREATE TABLE known_offers AS
SELECT offers.*, offers.free_period IS NOT NULL AND granted.sub IS NULL AS denied
FROM offers
LEFT JOIN granted
    ON granted.account = offers.account AND granted.sub = offers.sub
    AND granted.free_period = offers.free_period;

-- One change after the other: what it depends on is how the account is before it. New rates
-- revalue what was there before a group, what came inside it "came at its present price". A group
-- is "first event + 60 min effective time", or as set; it begins with a change of revenue, or where
-- a customer without revenue comes or goes. A customer pays, is kept by a free plan, once it has
-- paid, or is paused: when all that it paid for is.
CREATE TABLE walk AS
WITH RECURSIVE walk AS (
    SELECT DISTINCT
        account,
        0::BIGINT AS turn,
        MAP {}::MAP(VARCHAR, HUGEINT) AS pays,
        MAP {}::MAP(VARCHAR, BOOLEAN) AS paused,
        MAP {}::MAP(VARCHAR, BOOLEAN) AS free,
        NULL::BIGINT AS begin_ms,
        NULL::BIGINT AS first_turn,
        []::VARCHAR[] AS payers,
        0::HUGEINT AS revenue_before,
        false AS was_customer,
        false AS has_paid,
        false AS is_kept,
        false AS is_customer,
        false AS is_denied,
        0::HUGEINT AS offered_fx,
        0::HUGEINT AS fx
    FROM offers
    UNION ALL
    SELECT
        account,
        turn,
        pays_now,
        paused_now,
        free_now,
        CASE WHEN is_open THEN begin_ms WHEN opens THEN at_ms END,
        CASE WHEN is_open THEN first_turn WHEN opens THEN turn END,
        payers_now,
        CASE WHEN is_open THEN revenue_before + revalued WHEN opens THEN total + revalued ELSE 0 END,
        customer_before,
        paid_before,
        keeps,
        CASE
            WHEN NOT is_open AND NOT opens THEN is_customer
            ELSE total_now > 0 OR keeps OR (
                any_paused AND customer_before
                AND len(payers_now.list_filter(lambda payer: NOT paused_now[payer])) = 0
            )
        END,
        denied,
        if(own > 0, offer_fx, 0)::HUGEINT,
        revalued
    FROM (
        SELECT
            *,
            NOT is_open AND (
                if(denied, 0, mrr) <> own + revalued
                OR (total = 0 AND (keeps OR (any_paused AND is_customer)) <> is_customer)
            ) AS opens,
            CASE
                WHEN is_open THEN payers
                WHEN opens THEN map_keys(pays).list_filter(lambda payer: pays[payer] > 0)
                ELSE []
            END AS payers_now,
            if(is_open, was_customer, is_customer) AS customer_before
        FROM (
            SELECT
                *,
                map_concat(pays, MAP {sub: if(denied, 0, mrr)::HUGEINT}) AS pays_now,
                map_concat(paused, MAP {sub: is_paused}) AS paused_now,
                map_concat(free, MAP {sub: is_free AND NOT denied}) AS free_now,
                coalesce(list_sum(map_values(pays_now)), 0)::HUGEINT AS total_now,
                list_contains(map_values(paused_now), true) AS any_paused,
                -- "once it has paid": when an earlier group was over
                if(is_open, has_paid, has_paid OR is_customer) AS paid_before,
                paid_before AND list_contains(map_values(free_now), true) AS keeps
            FROM (
                SELECT
                    *,
                    if(own > 0 AND (NOT is_open OR list_contains(payers, sub)), offer_fx, 0)::HUGEINT
                        AS revalued
                FROM (
                    SELECT
                        walk.* EXCLUDE (turn, fx, offered_fx, is_denied, is_kept),
                        known_offers.* EXCLUDE (account, fx),
                        known_offers.fx AS offer_fx,
                        coalesce(pays[sub], 0) AS own,
                        coalesce(list_sum(map_values(pays)), 0)::HUGEINT AS total,
                        coalesce(at_ms - begin_ms <= coalesce_minutes * 60_000, false) AS is_open
                    FROM revenue_policy, walk
                    JOIN known_offers
                        ON known_offers.account = walk.account AND known_offers.turn = walk.turn + 1
                )
            )
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
    offered_fx,
    has_paid,
    is_customer,
    is_kept,
    first_turn,
    turn
FROM offers
JOIN walk USING (account, turn);
