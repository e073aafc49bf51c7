-- Some KPIs as numerator and denominator, from the catalogue's descriptions, over all accounts but
-- internal ones. Money is in major units, time in seconds.

CREATE TABLE quotients (
    edge_ms BIGINT, kpi VARCHAR, labels VARCHAR[], numerator DOUBLE, denominator DOUBLE
);

CREATE TABLE internal_accounts AS SELECT account FROM accounts WHERE is_internal;

-- The priority of a ticket, the last label but that of a duration's part, is read over all values.
CREATE TABLE unfiltered AS
SELECT
    * REPLACE (CASE
        WHEN measure IN ('first_response', 'reply', 'resolution', 'requester_wait')
            THEN labels[:-3] || labels[-1:]
        WHEN measure LIKE 'tickets_%' AND measure <> 'tickets_handled'
            OR measure LIKE 'sla_targets_%'
            OR measure IN ('ticket_backlog', 'created_tickets_solved')
            THEN labels[:-2]
        ELSE labels
    END AS labels)
FROM figures;

-- Figures by edge and window, those of the moment beside every window.
CREATE TABLE readings AS
WITH totals AS (
    SELECT edge_ms, measure, "window", labels, sum(figure) AS total
    FROM unfiltered
    WHERE account NOT IN (FROM internal_accounts)
    GROUP BY ALL
),
listed AS (
    SELECT windows.edge_ms, name, measure, labels, total
    FROM windows
    LEFT JOIN totals
        ON totals.edge_ms = windows.edge_ms AND totals."window" IN ('', windows.name)
),
starts AS (
    SELECT windows.edge_ms, name, sum(mrr) AS start_mrr, count(*) FILTER (mrr > 0) AS start_payers
    FROM windows
    JOIN balances ON moment_ms = start_ms
    WHERE account NOT IN (FROM internal_accounts)
    GROUP BY ALL
),
wide AS (
    PIVOT (
        SELECT edge_ms, name, array_to_string([measure] || labels, ' ') AS series, total
        FROM listed
    )
    ON series IN (
        'mrr', 'paying_accounts', 'new_mrr', 'new_accounts', 'expansion_mrr upgrade',
        'contraction_mrr downgrade', 'churned_mrr voluntary', 'churned_mrr involuntary',
        'cohort_churned_mrr', 'cohort_contraction_mrr', 'cohort_expansion_mrr', 'retained_mrr',
        'cohort_lost_gains_mrr',
        'capped_mrr', 'retained_accounts', 'cohort_churned_accounts', 'churned_accounts',
        'joined_accounts',
        'active_users', 'absent_active_users', 'activated_users', 'absent_activated_users',
        'session_time', 'idle_session_time', 'users', 'active_accounts', 'engaged_users',
        'seated_active_users', 'licensed_seats', 'ces_points', 'ces_answers very_easy',
        'ces_answers easy', 'ces_answers neutral', 'ces_answers hard', 'happy_answers',
        'satisfaction_answers', 'rated_accounts satisfied', 'rated_accounts neutral',
        'rated_accounts dissatisfied', 'survey_answers', 'surveys_sent', 'nps_promoters', 'nps_passives', 'nps_detractors', 'nps_unscored', 'csat_positive',
        'csat_rated', 'tickets_created', 'tickets_opened', 'tickets_solved',
        'acquisition_cost', 'retention_cost', 'first_response calendar count', 'first_response calendar sum', 'resolution calendar count', 'resolution calendar sum'
    )
    USING sum(coalesce(total, 0))
    GROUP BY edge_ms, name
)
SELECT
    edge_ms,
    name AS "window",
    'window=' || name AS label,
    coalesce(COLUMNS(* EXCLUDE (edge_ms, name)), 0)
FROM wide
LEFT JOIN starts USING (edge_ms, name);

-- "MRR by paying account, at the same instant."
INSERT INTO quotients
SELECT edge_ms, 'arpa', ['currency=USD'], mrr / 1e6, paying_accounts
FROM readings
WHERE "window" = 'month';

-- "MRR that accounts paying at the window's start lost since, by leaving or by downgrades, as a
-- share of MRR then. Of each account it is at most what it paid then"
INSERT INTO quotients
SELECT
    edge_ms,
    'gross_mrr_churn_ratio',
    [label],
    (cohort_churned_mrr + cohort_contraction_mrr - cohort_lost_gains_mrr) / 1e6,
    start_mrr / 1e6
FROM readings
WHERE "window" IN ('month', '30d');

-- "All MRR that accounts paying at the window's start lost since, less all by which they expanded"
INSERT INTO quotients
SELECT
    edge_ms,
    'net_mrr_churn_ratio',
    [label],
    (cohort_churned_mrr + cohort_contraction_mrr - cohort_expansion_mrr) / 1e6,
    start_mrr / 1e6
FROM readings
WHERE "window" IN ('month', '30d');

-- "MRR now of the accounts that paid at the window's start, as a share of their MRR then"; the same
-- "with each account capped at its MRR at the window's start"
INSERT INTO quotients
SELECT
    edge_ms,
    unnest(['net_revenue_retention_ratio', 'gross_revenue_retention_ratio']),
    [label],
    unnest([retained_mrr / 1e6, capped_mrr / 1e6]),
    start_mrr / 1e6
FROM readings
WHERE "window" IN ('month', '365d');

-- "New and expansion MRR for each unit of downgrade and churned MRR."
INSERT INTO quotients
SELECT
    edge_ms,
    'quick_ratio',
    [label],
    (new_mrr + "expansion_mrr upgrade") / 1e6,
    (
        "contraction_mrr downgrade" + "churned_mrr voluntary" + "churned_mrr involuntary"
    ) / 1e6
FROM readings
WHERE "window" IN ('month', '30d');

-- "cohort, the default: of the accounts paying at the window's start, the share that was lost.
-- start_plus_new counts who joined as well; net_count sets new accounts off against lost ones;
-- still_using divides by who is left."
INSERT INTO quotients
SELECT
    edge_ms,
    'customer_churn_ratio',
    ['variant=' || unnest(['cohort', 'start_plus_new', 'net_count', 'still_using']), label],
    unnest([
        cohort_churned_accounts, churned_accounts, start_payers - paying_accounts, churned_accounts
    ]),
    unnest([start_payers, start_payers + joined_accounts, start_payers, paying_accounts])
FROM readings
WHERE "window" IN ('month', '30d');

-- "Of the accounts paying at the window's start, the share that pays now"
INSERT INTO quotients
SELECT edge_ms, 'account_retention_ratio', [label], retained_accounts, start_payers
FROM readings
WHERE "window" IN ('month', '365d');

-- "Acquisition cost by account that paid for the first time"; "retention cost by account that paid
-- at the window's start and pays now"
INSERT INTO quotients
SELECT edge_ms, 'cac', ['currency=USD', label], acquisition_cost / 1e6, new_accounts
FROM readings
WHERE "window" = '90d'
UNION ALL
SELECT
    edge_ms,
    'retention_cost_per_account',
    ['currency=USD', label],
    retention_cost / 1e6,
    retained_accounts
FROM readings
WHERE "window" IN ('month', '90d');

-- "Users active for the first time ever, as a share of all users now: who was removed is in neither
-- part"
INSERT INTO quotients
SELECT edge_ms, 'adoption_ratio', [label], activated_users - absent_activated_users, users
FROM readings
WHERE "window" = '30d';

-- "Users active today as a share of all users now: who was removed is in neither part"
INSERT INTO quotients
SELECT edge_ms, 'daily_usage_ratio', [label], active_users - absent_active_users, users
FROM readings
WHERE "window" = '1d';

-- "Session time that ended on the last 30 local days, of the users active in them, by active user"
INSERT INTO quotients
SELECT
    edge_ms,
    'session_seconds_per_user',
    [label],
    (session_time - idle_session_time) / 1e3,
    active_users
FROM readings
WHERE "window" = '30d';

-- "Promoters (9-10) less detractors (0-6), for each 100 respondents"
INSERT INTO quotients
SELECT
    edge_ms,
    'nps',
    [label],
    100 * (nps_promoters - nps_detractors),
    nps_promoters + nps_passives + nps_detractors + nps_unscored
FROM readings
WHERE "window" IN ('90d', '365d');

-- "Positive ratings as a share of all ratings"
INSERT INTO quotients
SELECT edge_ms, 'csat_ratio', [label], csat_positive, csat_rated
FROM readings
WHERE "window" IN ('30d', '90d');

-- "Mean of how easy it was"; "answers of 5-7 as a share of all"
INSERT INTO quotients
SELECT
    edge_ms,
    unnest(['ces', 'ces_easy_ratio']),
    [label],
    unnest([ces_points / 10000, "ces_answers easy" + "ces_answers very_easy"]),
    "ces_answers easy" + "ces_answers very_easy" + "ces_answers neutral" + "ces_answers hard"
FROM readings
WHERE "window" = '90d';

-- "Positive answers as a share of all answers to satisfaction surveys"
INSERT INTO quotients
SELECT edge_ms, 'happiness_ratio', [label], happy_answers, satisfaction_answers
FROM readings
WHERE "window" = '90d';

-- "Satisfied less dissatisfied accounts as a share of the accounts that answered"
INSERT INTO quotients
SELECT
    edge_ms,
    'satisfaction_balance_ratio',
    [label],
    "rated_accounts satisfied" - "rated_accounts dissatisfied",
    "rated_accounts satisfied" + "rated_accounts neutral" + "rated_accounts dissatisfied"
FROM readings
WHERE "window" = '90d';

-- "Answers given in the window for each survey sent in it"
INSERT INTO quotients
SELECT edge_ms, 'survey_response_ratio', [label], survey_answers, surveys_sent
FROM readings
WHERE "window" = '90d';

-- "Active users who did the engagement action, as a share of all active"; "users active in the
-- window and not removed, for each licensed seat: both of accounts that have seats"
INSERT INTO quotients
SELECT
    edge_ms,
    unnest(['engagement_ratio', 'seat_utilisation_ratio']),
    [label],
    unnest([engaged_users, seated_active_users]),
    unnest([active_users, licensed_seats])
FROM readings
WHERE "window" = '30d';

-- "Tickets created in the window for each 100 accounts that pay now."
INSERT INTO quotients
SELECT edge_ms, 'tickets_per_100_accounts', [label], 100 * tickets_created, paying_accounts
FROM readings
WHERE "window" IN ('1d', 'month', '30d');

-- "Tickets solved in the window for each ticket created in it, whatever became of it"
INSERT INTO quotients
SELECT edge_ms, 'ticket_resolution_ratio', [label], tickets_solved, tickets_opened
FROM readings
WHERE "window" IN ('month', '30d');

-- The means of durations.
INSERT INTO quotients
SELECT
    edge_ms,
    unnest(['first_response_seconds', 'resolution_seconds']),
    ['clock=calendar', 'stat=mean', label],
    unnest(["first_response calendar sum" / 1e3, "resolution calendar sum" / 1e3]),
    unnest(["first_response calendar count", "resolution calendar count"])
FROM readings
WHERE "window" = '30d';

-- The quantiles of durations, exactly: of n, the one of rank ceil(share x n).
CREATE TABLE quantiles AS
WITH sorted AS (
    SELECT edge_ms, measure, labels, "window", list_sort(list(duration_ms)) AS durations
    FROM durations
    WHERE account NOT IN (FROM internal_accounts) AND measure <> 'requester_wait'  -- of no KPI
    GROUP BY ALL
)
SELECT
    edge_ms,
    measure || '_seconds' AS kpi,
    ['clock=' || clock for clock in labels] || ['stat=p' || percent, 'window=' || "window"]
        AS labels,
    durations[(percent * len(durations) + 99) // 100] / 1e3 AS seconds
FROM sorted, unnest([50, 90, 99]) AS share (percent);
