-- KPIs of support as numerator and denominator, over all accounts but internal ones. Time is in
-- seconds.

CREATE TABLE support_readings AS
PIVOT (
    SELECT edge_ms, measure || coalesce(' ' || labels[-1], '') AS series, sum(figure) AS total
    FROM unfiltered
    WHERE account NOT IN (FROM internal_accounts) AND "window" IN ('', '30d')
    GROUP BY ALL
)
ON series IN (
    'tickets_solved_at_first_contact', 'tickets_judged', 'reply sum', 'reply count', 'ticket_work',
    'tickets_handled', 'accounts_escalated', 'accounts_with_tickets', 'major_child_tickets',
    'major_child_tickets_auto', 'reopened_tickets', 'solved_tickets',
    'sla_targets_met first_response', 'sla_targets_met resolution',
    'sla_targets_judged first_response', 'sla_targets_judged resolution'
)
USING coalesce(sum(total), 0)
GROUP BY edge_ms;

INSERT INTO quotients
SELECT
    edge_ms,
    unnest([
        'first_contact_resolution_ratio', 'reply_seconds', 'handle_seconds', 'escalation_ratio',
        'reopen_ratio', 'sla_attainment_ratio'
    ]),
    unnest([
        ['window=30d'], ['stat=mean', 'window=30d'], ['window=30d'], ['window=30d'],
        ['window=30d'], ['window=30d']
    ]),
    unnest([
        tickets_solved_at_first_contact, "reply sum" / 1e3, ticket_work / 1e3, accounts_escalated,
        reopened_tickets, "sla_targets_met first_response" + "sla_targets_met resolution"
    ]),
    unnest([
        tickets_judged, "reply count", tickets_handled, accounts_with_tickets, solved_tickets,
        "sla_targets_judged first_response" + "sla_targets_judged resolution"
    ])
FROM support_readings;

INSERT INTO quotients
SELECT edge_ms, 'major_child_auto_ratio', [], major_child_tickets_auto, major_child_tickets
FROM support_readings;
