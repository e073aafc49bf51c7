-- Renewals: terms by due date. "Renewed / due, cohort = term ends in period; early renewal booked in
-- its due period, late one restates it within grace; undecided = open; multi-year due once;
-- re-termed upgrade moves the due date; churn before due date = not renewed in the due period; value
-- gross capped at the old value."

-- The settings: days of grace, and the least days of a term that is asked for.
CREATE TABLE IF NOT EXISTS renewal_policy AS
SELECT 30 AS renewal_grace_days, 0 AS renewal_min_term_days;

CREATE MACRO grace_ms() AS
    (SELECT renewal_grace_days * 86_400_000::BIGINT FROM renewal_policy);

-- Where a subscription is not over, from when it begins on; and where it is over.
CREATE TABLE term_spans AS
SELECT
    * REPLACE (greatest(begin_ms, coalesce(start_ms, begin_ms)) AS begin_ms),
    begin_ms AS state_ms,
    coalesce(told_follows_ms, greatest(begin_ms, coalesce(start_ms, begin_ms))) AS follows_ms
FROM signed_spans
WHERE greatest(begin_ms, coalesce(start_ms, begin_ms)) < over_ms;

CREATE TABLE over_spans AS
SELECT account, sub, over_begin_ms AS begin_ms, coalesce(end_ms, 1::BIGINT << 62) AS end_ms
FROM (
    SELECT
        *,
        CASE
            WHEN status IN ('deleted', 'canceled', 'incomplete_expired') THEN begin_ms
            WHEN cancel_ms IS NOT NULL THEN greatest(cancel_ms, begin_ms)
        END AS over_begin_ms
    FROM term_states
    WHERE end_ms IS NULL OR begin_ms < end_ms
)
WHERE over_begin_ms < coalesce(end_ms, 1::BIGINT << 62);

-- Who took the place of another.
CREATE TABLE successions AS
WITH begun AS (
    SELECT account, sub, successor, min(begin_ms) AS succeeded_ms
    FROM (SELECT account, unnest(replaces) AS sub, sub AS successor, begin_ms FROM term_spans WHERE in_force)
    GROUP BY ALL
),
told AS (
    FROM replacements
    QUALIFY row_number() OVER (PARTITION BY account, sub, successor ORDER BY begin_ms) = 1
),
dated AS (
    SELECT
        begun.*,
        told.place AS told_place,
        told.begin_ms AS told_ms,
        coalesce(
            (
                SELECT min(over_spans.begin_ms)
                FROM over_spans
                WHERE over_spans.account = begun.account
                    AND over_spans.sub = begun.successor
                    AND over_spans.begin_ms > succeeded_ms
            ),
            1::BIGINT << 62
        ) AS gone_ms
    FROM begun
    JOIN told USING (account, sub, successor)
)
SELECT
    dated.*,
    replaces,
    greatest(dated.told_ms, coalesce(start_ms, dated.told_ms)) AS priced_ms,
    coalesce(told_follows_ms, succeeded_ms) AS heir_follows_ms,
    renews AS heir_renews,
    -- "one that is withdrawn while the old one still goes on has its place until then"
    if(
        EXISTS (
            FROM term_spans AS old
            WHERE old.account = dated.account AND old.sub = dated.sub AND old.in_force
                AND old.begin_ms <= gone_ms AND gone_ms < old.over_ms
        ),
        gone_ms,
        1::BIGINT << 62
    ) AS place_until_ms
FROM dated
JOIN signed_spans AS state
    ON state.account = dated.account AND state.sub = dated.successor AND state.place = told_place;

-- What a successor comes to as it is told is shared out over those it replaces, in proportion to what
-- each of them came to last.
CREATE TABLE succession_questions AS
SELECT *, if(fx_mode = 'revalue', priced_ms, NULL) AS rates_ms
FROM revenue_policy, (
    SELECT account, sub AS old, successor, successor AS sub, told_place AS place, priced_ms
    FROM successions
    UNION ALL
    SELECT account, old, successor, sub, place, least(over_ms, told_ms) - 1
    FROM (
        SELECT account, sub AS old, successor, told_ms, unnest(replaces) AS sub FROM successions
    )
    JOIN term_spans USING (account, sub)
    WHERE in_force AND begin_ms < told_ms AND sub <> successor
    QUALIFY row_number() OVER (
        PARTITION BY account, old, successor, sub ORDER BY begin_ms DESC
    ) = 1
);

CREATE TABLE heirs AS
WITH answered AS (
    SELECT asked.account, old, successor, asked.sub, coalesce(price, 0) AS price
    FROM succession_questions AS asked
    JOIN answers_to('succession_questions') AS answer
        ON answer.account = asked.account AND answer.sub = asked.sub
        AND answer.place = asked.place AND answer.priced_ms = asked.priced_ms
        AND answer.rates_ms IS NOT DISTINCT FROM asked.rates_ms
)
SELECT
    successions.*,
    CASE
        WHEN len(replaces) = 1 THEN mrr
        WHEN coalesce(whole, 0) = 0 THEN 0
        ELSE mrr * till // whole - mrr * (till - own) // whole
    END::HUGEINT AS part
FROM successions
JOIN (
    SELECT
        account,
        old AS sub,
        successor,
        any_value(price) FILTER (sub = successor) AS mrr,
        sum(price) FILTER (sub <> successor)::HUGEINT AS whole,
        coalesce(sum(price) FILTER (sub <> successor AND sub <= old), 0)::HUGEINT AS till,
        coalesce(sum(price) FILTER (sub = old), 0)::HUGEINT AS own
    FROM answered
    GROUP BY ALL
) USING (account, sub, successor);

-- Where terms are asked about: in force, and no other in the place.
CREATE TABLE term_forces AS
FROM term_spans AS span
WHERE in_force AND NOT EXISTS (
    FROM heirs
    WHERE heirs.account = span.account AND heirs.sub = span.sub
        AND succeeded_ms <= begin_ms AND begin_ms < place_until_ms
);

-- One state after the other: what it makes of the term that is running.
CREATE TABLE term_walk AS
WITH RECURSIVE numbered AS (
    SELECT
        account,
        sub,
        begin_ms,
        term_ms,
        term_days,
        renews,
        follows_ms,
        coalesce(others, []) AS others,
        coalesce(overs, []) AS overs,
        row_number() OVER (PARTITION BY account, sub ORDER BY begin_ms) AS n
    FROM term_forces
    LEFT JOIN (
        SELECT
            account,
            sub,
            list({'begin': succeeded_ms, 'until': place_until_ms, 'gone': gone_ms}) AS others
        FROM heirs
        GROUP BY ALL
    ) USING (account, sub)
    LEFT JOIN (
        SELECT account, sub, list({'begin': begin_ms, 'end': end_ms}) AS overs
        FROM over_spans
        GROUP BY ALL
    ) USING (account, sub)
),
walk AS (
    SELECT DISTINCT
        account, sub, 0::BIGINT AS n, NULL::BIGINT AS at_ms,
        NULL::BIGINT AS handed_ms, NULL::BIGINT AS handed_known_ms, NULL::BIGINT AS handed_days,
        NULL::BIGINT AS handed_closed_ms,
        NULL::BIGINT AS due_ms, NULL::BIGINT AS known_ms, NULL::BIGINT AS days,
        NULL::BIGINT AS closed_ms, NULL::VARCHAR AS verdict,
        NULL::BIGINT AS never_ms, NULL::BIGINT AS never_days,
        NULL::BIGINT AS next_due_ms, NULL::BIGINT AS next_known_ms, NULL::BIGINT AS next_days,
        NULL::BIGINT AS next_closed_ms, NULL::BIGINT AS spent_ms,
        min(begin_ms) OVER (PARTITION BY account, sub) AS last_due_ms
    FROM numbered
    UNION ALL
    SELECT
        account,
        sub,
        n,
        begin_ms,
        if(is_handed, next_due_ms, NULL),
        if(is_handed, next_known_ms, NULL),
        if(is_handed, next_days, NULL),
        if(is_handed, next_closed_ms, NULL),
        due_ms,
        known_ms,
        days,
        closed_ms,
        verdict,
        if(verdict = 'failed' AND term_ms IS DISTINCT FROM spent, term_ms, NULL),
        term_days,
        CASE
            WHEN verdict IN ('kept', 'failed') THEN due_ms
            WHEN verdict = 'renewed' OR term_ms IS DISTINCT FROM spent THEN term_ms
        END AS coming_ms,
        if(verdict IN ('kept', 'failed'), known_ms, begin_ms),
        if(verdict IN ('kept', 'failed'), days, term_days),
        CASE verdict WHEN 'kept' THEN closed_ms WHEN 'failed' THEN least(closed_ms, begin_ms) END,
        CASE verdict WHEN 'failed' THEN term_ms WHEN 'renewed' THEN NULL ELSE spent END,
        if(verdict IN ('renewed', 'moved'), due_ms, last_ms)
    FROM (
        SELECT
            *,
            CASE
                WHEN due_ms IS NULL THEN NULL
                WHEN
                    (term_ms IS NULL AND renews)
                    OR (
                        term_ms > due_ms
                        AND (renews OR begin_ms >= due_ms OR follows_ms >= due_ms)
                    )
                    THEN if(
                        -- "a term whose subscription is over at its due date is not renewed"
                        begin_ms < due_ms
                        AND len(list_filter(
                            overs, lambda o: o.begin <= due_ms AND due_ms < o.end
                        )) > 0
                        AND len(list_filter(
                            others, lambda h: h.begin <= due_ms AND due_ms < h.gone
                        )) = 0,
                        'failed',
                        'renewed'
                    )
                WHEN term_ms <> due_ms AND term_ms IS DISTINCT FROM spent THEN 'moved'
                ELSE 'kept'
            END AS verdict
        FROM (
            SELECT
                *,
                -- a renewal of a term that nobody told was due when it says, or when it comes
                CASE
                    WHEN run_ms IS NOT NULL THEN run_ms
                    WHEN renews AND n > 1 THEN follows_ms
                END AS due_ms,
                if(run_ms IS NOT NULL, next_known_ms, begin_ms) AS known_ms,
                -- it lasts from when the one before was due, or since the beginning
                if(run_ms IS NOT NULL, next_days, (follows_ms - last_ms) // 86_400_000) AS days,
                if(run_ms IS NOT NULL, next_closed_ms, NULL) AS closed_ms
            FROM (
                SELECT
                    *,
                    if(is_handed, NULL, next_due_ms) AS run_ms,
                    if(is_handed, next_due_ms, spent_ms) AS spent,
                    if(is_handed, next_due_ms, last_due_ms) AS last_ms
                FROM (
                    SELECT
                        numbered.*,
                        next_due_ms,
                        next_known_ms,
                        next_days,
                        next_closed_ms,
                        spent_ms,
                        last_due_ms,
                        next_due_ms IS NOT NULL AND len(list_filter(
                            others, lambda h: h.begin <= begin_ms AND next_due_ms < h.until
                        )) > 0 AS is_handed
                    FROM walk
                    JOIN numbered
                        ON numbered.account = walk.account AND numbered.sub = walk.sub
                        AND numbered.n = walk.n + 1
                )
            )
        )
    )
)
FROM walk;

-- Terms that only those in the place of the subscription may renew.
CREATE TABLE handed_terms AS
WITH handed AS (
    SELECT
        account, sub, handed_ms AS due_ms, handed_known_ms AS known_ms, handed_days AS days,
        handed_closed_ms AS closed_ms
    FROM term_walk
    WHERE handed_ms IS NOT NULL
    UNION ALL
    SELECT account, sub, next_due_ms, next_known_ms, next_days, next_closed_ms
    FROM (
        FROM term_walk
        QUALIFY n = max(n) OVER (PARTITION BY account, sub)
    )
    WHERE next_due_ms IS NOT NULL
)
SELECT
    handed.*,
    -- "one that comes in the midst of a term is due instead of it"
    if(
        coalesce(
            bool_or(succeeded_ms <= due_ms)
            AND NOT bool_or(
                succeeded_ms <= due_ms
                AND (heir_renews OR succeeded_ms >= due_ms OR heir_follows_ms >= due_ms)
            ),
            false
        ),
        min(succeeded_ms),
        NULL
    ) AS moved_ms,
    min(if(succeeded_ms <= due_ms, told_ms, succeeded_ms)) FILTER (gone_ms > due_ms) AS first_ms
FROM handed
LEFT JOIN heirs
    ON heirs.account = handed.account AND heirs.sub = handed.sub AND due_ms < place_until_ms
GROUP BY ALL;

CREATE TABLE terms AS
SELECT *, row_number() OVER () AS term
FROM (
    SELECT
        account, sub, due_ms, known_ms, days, closed_ms, at_ms AS decided_ms, verdict,
        if(verdict = 'moved', at_ms, 1::BIGINT << 62) AS until_ms
    FROM term_walk
    WHERE verdict IN ('renewed', 'moved')
    UNION ALL
    SELECT
        account, sub, never_ms, at_ms, never_days, NULL, due_ms, 'never', due_ms
    FROM term_walk
    WHERE never_ms IS NOT NULL
    UNION ALL
    SELECT
        account,
        sub,
        due_ms,
        known_ms,
        days,
        closed_ms,
        CASE
            WHEN moved_ms IS NOT NULL THEN moved_ms
            WHEN first_ms IS NOT NULL THEN greatest(first_ms, known_ms + 1)
            ELSE 1::BIGINT << 62
        END,
        if(moved_ms IS NULL AND first_ms IS NOT NULL, 'handed on', 'left'),
        coalesce(moved_ms, 1::BIGINT << 62)
    FROM handed_terms
);

-- "The old value": what the subscription last came to before the term was due or renewed; the new
-- one: what it comes to as it is renewed.
CREATE TABLE term_questions AS
SELECT *, at_ms AS priced_ms, if(fx_mode = 'revalue', at_ms, NULL) AS rates_ms
FROM revenue_policy, (
    SELECT term, 'old' AS which, account, sub, place, least(over_ms, before_ms) - 1 AS at_ms
    FROM (
        SELECT *, least(greatest(due_ms, known_ms + 1), decided_ms) AS before_ms FROM terms
    )
    JOIN term_forces USING (account, sub)
    WHERE begin_ms < before_ms
    QUALIFY row_number() OVER (PARTITION BY term ORDER BY begin_ms DESC) = 1
    UNION ALL
    SELECT term, 'new', account, sub, place, decided_ms
    FROM terms
    JOIN term_forces USING (account, sub)
    WHERE verdict = 'renewed' AND begin_ms = decided_ms
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

-- What is renewed of a term, and from when on: "grace 30 d".
CREATE TABLE renewed_parts AS
SELECT term, decided_ms AS part_ms, new_mrr AS part
FROM terms
JOIN term_prices USING (term)
WHERE verdict = 'renewed' AND decided_ms <= due_ms + grace_ms()
UNION ALL
SELECT term, if(succeeded_ms <= due_ms, told_ms, succeeded_ms) AS heard_ms, part
FROM terms
JOIN heirs USING (account, sub)
WHERE verdict = 'handed on'
    AND due_ms < place_until_ms
    AND gone_ms > due_ms
    AND heard_ms <= due_ms + grace_ms();

-- The terms that each window holds, as known at T.
CREATE TABLE due_terms AS
SELECT
    edge_ms,
    name AS "window",
    terms.*,
    any_value(old_mrr) AS old_mrr,
    count(part_ms) > 0 AS renewed,
    least(any_value(old_mrr), coalesce(sum(part), 0)) AS kept_mrr
FROM windows
JOIN terms ON due_ms >= start_ms AND due_ms < edge_ms AND known_ms < edge_ms AND until_ms >= edge_ms
JOIN term_prices USING (term)
LEFT JOIN renewed_parts ON renewed_parts.term = terms.term AND part_ms < edge_ms
WHERE name IN ('month', '90d')
    -- "terms of fewer days are not due and not renewed"
    AND greatest(days, 0) >= (SELECT renewal_min_term_days FROM renewal_policy)
    AND until_ms > due_ms
GROUP BY ALL;

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
    AND least(span.over_ms, decided_ms, closed_ms, due_ms + grace_ms()) >= edge_ms
    AND greatest(span.begin_ms, due_ms, known_ms)
        < least(span.over_ms, decided_ms, closed_ms, due_ms + grace_ms());

-- Who stands in one line: a subscription, those that took its place, those that took theirs.
CREATE TABLE term_lines AS
WITH RECURSIVE line AS (
    SELECT DISTINCT account, sub AS root, sub AS member FROM term_spans
    UNION
    SELECT line.account, root, successor
    FROM line
    JOIN heirs ON heirs.account = line.account AND heirs.sub = member
)
SELECT line.account, root, successor AS member, told_ms, place_until_ms
FROM line
JOIN heirs ON heirs.account = line.account AND heirs.sub = member
WHERE successor <> root
UNION ALL
SELECT account, root, member, 0, 1::BIGINT << 62
FROM line
WHERE member = root;

-- "Logo": an account, by the latest term in the window of each of its lines
INSERT INTO figures
SELECT
    edge_ms,
    unnest(['renewal_due_accounts', 'renewed_accounts']),
    "window",
    [],
    account,
    unnest([1, bool_or(renewed)::HUGEINT])
FROM (
    SELECT due_terms.*, root
    FROM due_terms
    JOIN term_lines
        ON term_lines.account = due_terms.account AND member = sub
        AND told_ms <= known_ms AND known_ms < place_until_ms
    QUALIFY row_number() OVER (
        PARTITION BY edge_ms, "window", due_terms.account, root
        ORDER BY due_ms DESC, renewed DESC
    ) = 1
)
GROUP BY edge_ms, "window", account;
