-- Views over the terms of subscriptions, against plain SQL over the table and against the functions.
BEGIN;
SELECT plan(40);
SET LOCAL client_min_messages = warning;
SET LOCAL "TimeZone" = 'UTC';
CREATE TABLE book AS SELECT * FROM clv_simulate(300, '2023-01-01', '2024-12-31', seed => 19);
CREATE TABLE terms AS SELECT customer_id, plan, amount, billing_interval, starts_on, ends_on FROM clv_simulate_subscriptions(300, '2023-01-01', '2024-12-31', seed => 20);
CREATE INDEX ON terms (customer_id);
SELECT is((SELECT string_agg(name, ' ' ORDER BY name) FROM clv_create_views('sub', 'book', subscriptions => 'terms', subscriptions_plan => 'plan', currency => 'EUR', model => 'none') WHERE kind = 'view'
             AND name = ANY ('{subscriptions, mrr, mrr_changes, mrr_cohorts, renewals, terms, adapter_subscriptions}')),
          'adapter_subscriptions mrr mrr_changes mrr_cohorts renewals subscriptions terms', 'views');
SELECT results_eq($$SELECT about FROM clv_create_views('sub', 'book', subscriptions => 'terms', subscriptions_plan => 'plan', currency => 'EUR', model => 'none') WHERE kind = 'chosen' AND name ~ 'subscriptions'$$,
    'VALUES (''column customer_id of public.terms''), (''column amount of public.terms''), (''column billing_interval of public.terms''), (''column starts_on of public.terms''), (''column ends_on of public.terms'')', 'columns are found');

-- what is paid a month, by hand
CREATE FUNCTION paid_on(looked_from date) RETURNS TABLE (customer_id bigint, plan text, mrr numeric, subscriptions bigint, free bigint) LANGUAGE sql AS $$
SELECT t.customer_id, string_agg(DISTINCT t.plan, ', ' ORDER BY t.plan) FILTER (WHERE t.runs), coalesce(sum(t.amount * 12 / t.months / 12) FILTER (WHERE t.runs), 0),
       count(*) FILTER (WHERE t.runs AND t.amount > 0), count(*) FILTER (WHERE t.runs AND t.amount = 0)
FROM (SELECT s.*, extract(year FROM billing_interval) * 12 + extract(month FROM billing_interval) AS months, ends_on IS NULL OR ends_on > looked_from AS runs FROM terms AS s) AS t
WHERE t.starts_on <= looked_from GROUP BY t.customer_id
$$;
SELECT is_empty(format($$
    SELECT s.customer_id, s.plan, s.mrr, s.arr, s.subscriptions, s.free_subscriptions FROM sub.subscriptions_as_of(%1$L) AS s
    EXCEPT ALL SELECT p.customer_id, p.plan, round(p.mrr, 2), round(12 * p.mrr, 2), p.subscriptions, p.free FROM paid_on(%1$L) AS p$$, day), 'subscriptions by hand on ' || day)
FROM unnest('{2023-06-30, 2024-02-29, 2024-12-31}'::text[]) AS day;
SELECT is((SELECT count(*) FROM sub.subscriptions_as_of('2024-12-31')), (SELECT count(*) FROM paid_on('2024-12-31')), 'everybody is there');
SELECT is((SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM sub.subscriptions_as_of('2024-06-30')), 'ended free subscriber', 'of every status');
SELECT is_empty($$SELECT FROM sub.subscriptions_as_of('2024-06-30') WHERE (status = 'subscriber') <> (mrr > 0) OR (status = 'free') <> (mrr = 0 AND free_subscriptions > 0) OR (subscribed_since IS NULL) = (status = 'subscriber')$$, 'which they say');
-- what they brought in, day by day
SELECT is_empty($$
    SELECT s.customer_id, s.value_so_far FROM sub.subscriptions_as_of('2024-12-31') AS s
    EXCEPT SELECT k.customer_id, round(clv_recurring_value(k.r, '2020-01-01', '2024-12-31'), 2)
    FROM (SELECT customer_id, clv_recurring(amount, billing_interval, starts_on, ends_on) AS r FROM terms WHERE starts_on <= '2024-12-31' GROUP BY customer_id) AS k$$, 'value so far');

SELECT results_eq(format('SELECT closing_mrr, subscribers FROM sub.mrr_as_of(%1$L) ORDER BY period_start DESC LIMIT 1', day),
    format('SELECT round(sum(mrr), 2), count(*) FILTER (WHERE mrr > 0) FROM paid_on(%L)', day), 'the last row of mrr by hand on ' || day)
FROM unnest('{2023-06-30, 2024-12-31}'::text[]) AS day;
SELECT results_eq($$SELECT period_start, mrr FROM sub.kpis_as_of('2024-12-31') ORDER BY 1$$, $$SELECT k.period_start, m.closing_mrr FROM sub.kpis_as_of('2024-12-31') AS k LEFT JOIN sub.mrr_as_of('2024-12-31') AS m USING (period_start) ORDER BY 1$$, 'kpis have it, too');
SELECT is_empty($$SELECT FROM sub.mrr_as_of('2024-12-31') WHERE abs(opening_mrr + new_mrr + expansion + contraction + churned_mrr + reactivated_mrr - closing_mrr) > 0.04$$, 'moves lead from opening to closing');
SELECT results_eq($$SELECT period_start, new_subscribers, gross_retention, net_retention FROM sub.mrr_as_of('2024-12-31') ORDER BY 1$$,
    $$SELECT period_start, new_subscribers, round(gross_retention, 4), round(net_retention, 4) FROM clv_mrr_moves('terms', 'customer_id', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => '2024-12-31') ORDER BY 1$$, 'as the function has it');
SELECT is_empty($$
    SELECT p.customer_id FROM paid_on('2024-12-31') AS p LEFT JOIN (SELECT customer_id, sum(change) AS change FROM sub.mrr_changes_as_of('2024-12-31') GROUP BY customer_id) AS c ON c.customer_id = p.customer_id
    WHERE abs(p.mrr - coalesce(c.change, 0)) > 0.02$$, 'changes add up to what is paid');
SELECT is((SELECT max(day) <= '2024-06-30' FROM sub.mrr_changes_as_of('2024-06-30')), true, 'up to the day');
SELECT results_eq($$SELECT cohort, period_number, subscribers, subscriber_retention FROM sub.mrr_cohorts_as_of('2024-12-31') ORDER BY 1, 2$$,
    $$SELECT cohort, period_number, subscribers, round(subscriber_retention, 4) FROM clv_mrr_cohorts('terms', 'customer_id', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => '2024-12-31') ORDER BY 1, 2$$, 'cohorts as the function has them');
SELECT isnt(count(*), 0::bigint, 'which are some') FROM sub.mrr_cohorts_as_of('2024-12-31');

-- contracts with an end: a month each
CREATE TABLE months AS
    SELECT customer_id, 20 AS price, interval '1 month' AS every, (starts_on + n * interval '1 month')::date AS valid_from, (starts_on + (n + 1) * interval '1 month')::date AS valid_to
    FROM clv_simulate_subscriptions(800, '2022-01-01', '2024-06-30', yearly_share => 0, trial_days => 0, return_share => 0, change_share => 0, seed => 3) AS t, generate_series(0, 40) AS n
    WHERE starts_on + n * interval '1 month' < least(ends_on, date '2024-07-01');
SELECT count(*) AS done FROM clv_create_views('sub', 'book', subscriptions => 'months', subscriptions_interval => 'every', grace => '7 days', model => 'none') \gset
SELECT results_eq($$SELECT customer_id::text, due_on, status, renewal, remaining_value, plan FROM sub.renewals_as_of('2024-06-15') ORDER BY 1, 2$$,
    $$SELECT customer_id, due_on, status, round(renewal::numeric, 3)::float8, round(remaining_value::numeric, 2)::float8, NULL
      FROM clv_renewals('months', 'customer_id', 'valid_from', 'price', 'valid_to', 'every', as_of => '2024-06-15', grace => '7 days') ORDER BY 1, 2$$, 'renewals as the function has them');
SELECT cmp_ok(count(renewal), '>', 100::bigint, 'with a chance') FROM sub.renewals_as_of('2024-06-15');
SELECT is_empty($$
    SELECT r.customer_id FROM sub.renewals_as_of('2024-06-15') AS r JOIN sub.subscriptions_as_of('2024-06-15') AS s USING (customer_id)
    WHERE r.status = 'due' AND (s.renews_on, s.renewal, s.remaining_value) IS DISTINCT FROM (r.due_on, r.renewal, r.remaining_value)$$, 'and what is due is in subscriptions');
SELECT is((SELECT count(*) FROM sub.mrr_changes_as_of('2024-06-15') WHERE move = 'reactivated'), 0::bigint, 'with grace nobody came back');
SELECT is((SELECT finding FROM sub.audit_as_of('2024-06-15') WHERE number = 276), (SELECT format('0 of %s terms after a gap of 1 to 31 days', count(*)) FROM months WHERE valid_from <= '2024-06-15'), 'as the audit says');

CREATE TABLE two AS SELECT 1 AS customer_id, n AS amount, every, starts_on, ends_on FROM (VALUES (100, interval '1 year', date '2024-03-01', date '2025-03-01'), (10, '1 month', '2024-06-01', '2024-07-01'), (20, '7 days', '2024-06-10', NULL)) AS v (n, every, starts_on, ends_on);
SELECT count(*) AS done FROM clv_create_views('sub', 'book', subscriptions => 'two', subscriptions_interval => 'every', model => 'none') \gset
SELECT results_eq($$SELECT mrr, subscriptions, renews_on FROM sub.subscriptions_as_of('2024-06-15')$$, $$VALUES (round(100 / 12.0 + 10 + 20 * 52 / 12.0, 2), 3::bigint, date '2024-07-01')$$, 'of several contracts, the one that ends first');

-- terms that no view can use
INSERT INTO terms VALUES (1, 'x', 10, '1 month', '2024-01-01', '2024-01-01'), (1, 'x', 10, '1 month', '2024-01-10', '2024-01-01'), (NULL, 'x', 10, '1 month', '2024-01-01', NULL), (1, 'x', NULL, '1 month', '2024-01-01', NULL), (1, 'x', 10, NULL, '2024-01-01', NULL), (1, 'x', 10, '1 month', NULL, NULL);
CREATE TEMP TABLE made AS SELECT name, kind, about FROM clv_create_views('sub', 'book', subscriptions => 'terms', model => 'none');
SELECT is((SELECT about FROM made WHERE name = 'subscriptions' AND kind = 'note'), (SELECT format('6 of %s terms left out: without customer, price, billing interval or first day, or they end when they start or before', count(*)) FROM terms), 'are told of');
SELECT results_eq('SELECT number, severity, count FROM sub.audit WHERE number BETWEEN 270 AND 272 ORDER BY 1', 'VALUES (270, ''warning'', 4::bigint), (272, ''warning'', 2)', 'and in the audit');
SELECT is((SELECT round(sum(mrr), 2) FROM paid_on('2024-12-31') WHERE customer_id > 1), (SELECT closing_mrr - (SELECT mrr FROM sub.subscriptions_as_of('2024-12-31') WHERE customer_id = 1) FROM sub.mrr_as_of('2024-12-31') ORDER BY period_start DESC LIMIT 1), 'and in no other view');
SELECT is((SELECT plan FROM sub.subscriptions LIMIT 1), NULL, 'without a column of plans there are none');
DELETE FROM terms WHERE plan = 'x';

-- keys that were merged, other types, all kinds of upkeep and rights
CREATE TABLE named AS SELECT 'c' || customer_id AS client, order_id AS number, ordered_at AS at, amount FROM book;
CREATE TABLE contracts AS SELECT ('c' || customer_id)::varchar AS client, amount AS mrr, '1 month'::interval AS term, starts_on::timestamptz AS start_date, ends_on::timestamptz AS ended_at, CASE WHEN ends_on IS NULL THEN 'active' ELSE 'canceled' END AS status FROM terms;
SELECT min(customer_id) AS one, max(customer_id) AS other FROM terms WHERE ends_on IS NULL \gset
CREATE TABLE same AS SELECT 'c' || :one AS old_id, 'c' || :other AS new_id;
CREATE FUNCTION total(options text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    EXECUTE format('SELECT count(*) FROM clv_create_views(''kind'', ''named'', ''client'', ''at'', subscriptions => ''contracts'', time_zone => ''UTC'', model => ''none''%s)', options);
    IF options LIKE '%refresh%' OR options LIKE '%live%' THEN
        PERFORM clv_refresh_views('kind');
    END IF;
    SELECT concat_ws(' ', (SELECT closing_mrr FROM kind.mrr ORDER BY period_start DESC LIMIT 1), (SELECT sum(mrr) FROM kind.subscriptions), (SELECT sum(change) FROM kind.mrr_changes), (SELECT count(*) FROM kind.renewals),
                          (SELECT count(*) FROM kind.mrr_cohorts), (SELECT finding FROM kind.audit WHERE number = 270)) INTO answer;
    RETURN answer;
END $$;
SELECT total('') AS plain \gset
SELECT is(total(options), :'plain', 'the same with' || options) FROM unnest(ARRAY[', security => ''owner''', ', upkeep => ''refresh''', ', upkeep => ''live''']) AS options;
SELECT is((SELECT pg_typeof(customer_id)::text FROM kind.subscriptions LIMIT 1), 'character varying', 'customers have the type that they have there');
SELECT is((SELECT mrr FROM kind.subscriptions WHERE customer_id = 'c' || :other) + (SELECT mrr FROM kind.subscriptions WHERE customer_id = 'c' || :one), (SELECT round(sum(mrr), 2) FROM contracts WHERE client IN ('c' || :one, 'c' || :other) AND ended_at IS NULL), 'two customers');
SELECT count(*) AS done FROM clv_create_views('kind', 'named', 'client', 'at', subscriptions => 'contracts', same_customer => 'same', time_zone => 'UTC', model => 'none') \gset
SELECT is((SELECT mrr FROM kind.subscriptions WHERE customer_id = 'c' || :other), (SELECT round(sum(mrr), 2) FROM contracts WHERE client IN ('c' || :one, 'c' || :other) AND ended_at IS NULL), 'who were merged are one');
SELECT is((SELECT count(*) FROM kind.subscriptions WHERE customer_id = 'c' || :one), 0::bigint, 'and the old key is gone');
SELECT is((SELECT about FROM clv_create_views('kind', 'named', 'client', 'at', subscriptions => 'contracts', time_zone => 'UTC', model => 'none') WHERE kind = 'not used'), 'of the subscriptions: ' || (SELECT string_agg(format('%s (%s)', status, n), ', ' ORDER BY n DESC) FROM (SELECT status, count(*) AS n FROM contracts GROUP BY 1) AS s), 'a status is told of');

-- one customer is found by the index
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; lines text := '';
BEGIN
    SET LOCAL enable_seqscan = off;
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP lines := lines || line || E'\n'; END LOOP;
    RETURN lines;
END $$;
SELECT matches(plan_of('SELECT mrr, status FROM sub.subscriptions WHERE customer_id = 7'), 'Index Cond: \(.*customer_id = 7\)', 'one customer by the index');
SELECT doesnt_match(plan_of('SELECT mrr, status FROM sub.subscriptions WHERE customer_id = 7'), 'clv_renewals', 'without the chances of all, if none is asked for');

-- what can't be read
SELECT throws_ok($$SELECT clv_create_views('no', 'book', subscriptions_plan => 'plan')$$, '22023', 'subscriptions_plan names a column of subscriptions, which is not given', 'a column of no table');
INSERT INTO terms VALUES (1, 'x', 10, '1 month 1 day', '2024-01-01', NULL);
SELECT throws_ok($$SELECT clv_create_views('no', 'book', subscriptions => 'terms', model => 'none')$$, '22023', 'cannot read the subscriptions of public.terms: invalid billing interval: 1 mon 1 day', 'an interval that no price a month follows from');

SELECT * FROM finish();
ROLLBACK;
