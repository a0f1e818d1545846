-- clv_mrr_moves() against the same in plain SQL, its identities, and the tables that it reads.
BEGIN;
\ir include/subscriptions.psql
SELECT plan(44);

-- wide amounts are for the type; a plan is a group
CREATE TABLE clv_test_term AS
SELECT customer, amount, billing_interval, starts_on, ends_on, starts_on + time '13:00' AS started_at, ends_on + time '09:00' AS ended_at, 'plan ' || pg_temp.rnd(id, 51, 3) AS plan
  FROM term WHERE profile <> 'wide';
CREATE TABLE clv_test_value AS
SELECT customer, clv_recurring(amount, billing_interval, starts_on, ends_on) AS r, (array_agg(plan ORDER BY starts_on, plan) FILTER (WHERE starts_on IS NOT NULL AND amount IS NOT NULL AND billing_interval IS NOT NULL))[1] AS plan FROM clv_test_term GROUP BY customer;
CREATE TABLE clv_test_piece AS SELECT customer, r FROM clv_test_value UNION ALL SELECT customer + 1, r FROM clv_test_value WHERE customer % 4 = 0;
ANALYZE clv_test_term, clv_test_value, clv_test_piece;

-- by hand: MRR of each customer as a period begins and as it ends, times 46872
CREATE FUNCTION pg_temp.by_hand(as_of date, period text, grouped boolean) RETURNS TABLE (customer_group text, period_start date, opening numeric, closing numeric, new_mrr numeric, expansion numeric, contraction numeric, churned numeric, reactivated numeric,
        subscribed numeric, kept numeric, retained numeric, n_opening bigint, n_new bigint, n_expansion bigint, n_contraction bigint, n_churned bigint, n_reactivated bigint, n_closing bigint, complete boolean)
LANGUAGE sql SET enable_nestloop = off SET jit = off AS $$
WITH paid AS (SELECT customer, starts_on, ends_on, amount * pg_temp.factor(billing_interval) AS mrr FROM clv_test_term WHERE amount <> 0 AND billing_interval IS NOT NULL AND starts_on <= as_of),
     member AS (SELECT customer, CASE WHEN grouped THEN (array_agg(plan ORDER BY starts_on, plan))[1] END AS customer_group FROM clv_test_term WHERE amount IS NOT NULL AND billing_interval IS NOT NULL AND starts_on <= as_of GROUP BY customer),
     first AS (SELECT d.customer, min(d.day) FILTER (WHERE mrr > 0) AS day
                 FROM (SELECT c.customer, c.day, sum(mrr) AS mrr FROM (SELECT customer, starts_on AS day FROM paid UNION SELECT customer, ends_on FROM paid WHERE ends_on <= as_of) AS c JOIN paid AS p ON p.customer = c.customer AND starts_on <= c.day AND (ends_on > c.day OR ends_on IS NULL) GROUP BY c.customer, c.day) AS d GROUP BY customer),
     span AS (SELECT customer_group, s::date AS p, least((s + step)::date - 1, as_of) AS last, (s + step)::date - 1 <= as_of AS complete
                FROM (SELECT customer_group, date_trunc(period, min(starts_on)::timestamp) AS start FROM member JOIN paid USING (customer) GROUP BY customer_group) AS g, (SELECT CASE period WHEN 'quarter' THEN '3 months' ELSE '1 ' || period END::interval AS step) AS i, generate_series(start, as_of::timestamp, step) AS s),
     each AS (SELECT customer_group, p, last, complete, customer, coalesce(sum(mrr) FILTER (WHERE starts_on < p AND (ends_on >= p OR ends_on IS NULL)), 0) AS a, coalesce(sum(mrr) FILTER (WHERE starts_on <= last AND (ends_on > last OR ends_on IS NULL)), 0) AS b
                FROM span JOIN member USING (customer_group) JOIN paid USING (customer) GROUP BY 1, 2, 3, 4, 5
              UNION ALL
              SELECT span.customer_group, p, last, complete, customer, coalesce(sum(mrr) FILTER (WHERE starts_on < p AND (ends_on >= p OR ends_on IS NULL)), 0), coalesce(sum(mrr) FILTER (WHERE starts_on <= last AND (ends_on > last OR ends_on IS NULL)), 0)
                FROM span, member JOIN paid USING (customer) WHERE NOT grouped GROUP BY 1, 2, 3, 4, 5),
     move AS (SELECT *, CASE WHEN a = b THEN 'none' WHEN a <= 0 AND b > 0 THEN CASE WHEN f.day < p THEN 'reactivated' ELSE 'new' END WHEN a > 0 AND b <= 0 THEN 'churned' WHEN b > a THEN 'expansion' ELSE 'contraction' END AS move FROM each LEFT JOIN first AS f USING (customer))
SELECT customer_group, p, sum(a), sum(b), coalesce(sum(b - a) FILTER (WHERE move = 'new'), 0), coalesce(sum(b - a) FILTER (WHERE move = 'expansion'), 0), coalesce(sum(b - a) FILTER (WHERE move = 'contraction'), 0), coalesce(sum(b - a) FILTER (WHERE move = 'churned'), 0),
       coalesce(sum(b - a) FILTER (WHERE move = 'reactivated'), 0), sum(a) FILTER (WHERE a > 0), sum(least(a, b)) FILTER (WHERE a > 0), sum(b) FILTER (WHERE a > 0),
       count(*) FILTER (WHERE a > 0), count(*) FILTER (WHERE move = 'new'), count(*) FILTER (WHERE move = 'expansion'), count(*) FILTER (WHERE move = 'contraction'), count(*) FILTER (WHERE move = 'churned'), count(*) FILTER (WHERE move = 'reactivated'), count(*) FILTER (WHERE b > 0), complete
  FROM move GROUP BY customer_group, p, complete $$;

-- the columns of the answer, money as multiples of 1 / 46872; rows that begin with nothing but credits begin earlier there
CREATE FUNCTION pg_temp.counted(answer text) RETURNS TABLE (customer_group text, period_start date, money numeric[], ratios numeric[], counts bigint[], complete boolean) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'SELECT customer_group, period_start, ARRAY[round(opening_mrr * 46872, 4), round(closing_mrr * 46872, 4), round(new_mrr * 46872, 4), round(expansion * 46872, 4), round(contraction * 46872, 4), round(churned_mrr * 46872, 4), round(reactivated_mrr * 46872, 4), round(arr * 3906, 4)],
        ARRAY[round(gross_retention, 10), round(net_retention, 10), round(1 - gross_churn, 10), round(1 - net_churn, 10), round(subscriber_churn, 10), round(quick_ratio, 10), round(arpa, 10)],
        ARRAY[opening_subscribers, new_subscribers, expanding_subscribers, contracting_subscribers, churned_subscribers, reactivated_subscribers, closing_subscribers], complete FROM ' || answer;
END $$;
CREATE FUNCTION pg_temp.wanted(as_of date, period text, grouped boolean) RETURNS TABLE (customer_group text, period_start date, money numeric[], ratios numeric[], counts bigint[], complete boolean) LANGUAGE sql AS $$
SELECT customer_group, period_start, ARRAY[round(opening, 4), round(closing, 4), round(new_mrr, 4), round(expansion, 4), round(contraction, 4), round(churned, 4), round(reactivated, 4), round(closing, 4)],
       ARRAY[round(kept / subscribed, 10), round(retained / subscribed, 10), round(kept / subscribed, 10), round(retained / subscribed, 10), round(n_churned::numeric / nullif(n_opening, 0), 10), round((new_mrr + expansion + reactivated) / nullif(-contraction - churned, 0), 10), round(closing / 46872 / nullif(n_closing, 0), 10)],
       ARRAY[n_opening, n_new, n_expansion, n_contraction, n_churned, n_reactivated, n_closing], complete FROM pg_temp.by_hand(as_of, period, grouped) $$;
CREATE FUNCTION pg_temp.agree(arguments text, as_of date, period text, grouped boolean, title text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE answer text := format('clv_mrr_moves(%s, as_of => %L, period => %L%s)', arguments, as_of, period, CASE WHEN grouped THEN ', group_by => ''plan''' ELSE '' END);
BEGIN
    RETURN NEXT set_eq(format('SELECT * FROM pg_temp.counted(%L)', answer), format('SELECT * FROM pg_temp.wanted(%L, %L, %L)', as_of, period, grouped), title);
END $$;
\set terms '''clv_test_term'', ''customer'', ''starts_on'', ''amount'', ends_on => ''ends_on'', billing_interval => ''billing_interval'''
\set values '''clv_test_value'', ''customer'', ''r'''

SELECT cmp_ok(count(*), '>', 30::bigint, 'there are many months') FROM pg_temp.wanted('2025-06-30', 'month', false);
SELECT cmp_ok(sum(n_new * n_expansion * n_contraction * n_churned * n_reactivated), '>', 1000::numeric, 'with moves of all kinds') FROM pg_temp.by_hand('2025-06-30', 'month', false);
SELECT pg_temp.agree(:'terms', as_of, period, grouped, format('terms by %s as of %s%s', period, as_of, CASE WHEN grouped THEN ', by plan' ELSE '' END))
  FROM (VALUES ('month', date '2025-06-30', false), ('month', '2024-02-29', false), ('month', '2024-02-15', true), ('week', '2024-06-30', false), ('quarter', '2025-06-30', true), ('year', '2025-06-30', false), ('day', '2023-02-28', true)) AS v (period, as_of, grouped);
SELECT pg_temp.agree(:'values', '2025-06-30', 'month', grouped, format('values%s', CASE WHEN grouped THEN ', by plan' ELSE '' END)) FROM unnest('{f, t}'::boolean[]) AS grouped;

-- other tables of the same
CREATE FUNCTION pg_temp.same(a text, b text, title text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is_empty(format('(SELECT m::text FROM clv_mrr_moves(%1$s) AS m EXCEPT ALL SELECT m::text FROM clv_mrr_moves(%2$s) AS m) UNION ALL (SELECT m::text FROM clv_mrr_moves(%2$s) AS m EXCEPT ALL SELECT m::text FROM clv_mrr_moves(%1$s) AS m)', a, b), title);
END $$;
CREATE TABLE clv_test_unique AS SELECT * FROM clv_test_value WHERE customer IS NOT NULL;
ALTER TABLE clv_test_unique ADD PRIMARY KEY (customer);
SELECT pg_temp.same(:'values' || ', as_of => ''2025-06-30''', '''clv_test_unique'', ''customer'', ''r'', as_of => ''2025-06-30''', 'values with a key on the customer');
SELECT pg_temp.same(:'values' || ', as_of => ''2025-06-30'', group_by => ''plan''', '''clv_test_unique'', ''customer'', ''r'', as_of => ''2025-06-30'', group_by => ''plan''', 'and their groups');
SELECT pg_temp.same(:'terms' || ', as_of => ''2025-06-30'', group_by => ''plan''', '''clv_test_term'', ''customer'', ''started_at'', ''amount'', ends_on => ''ended_at'', billing_interval => ''billing_interval'', as_of => ''2025-06-30'', group_by => ''plan''', 'times of day do not matter');
CREATE VIEW clv_test_zoned AS SELECT customer, amount::double precision, billing_interval, started_at AT TIME ZONE 'Asia/Tokyo' AS started_at, ended_at AT TIME ZONE 'Asia/Tokyo' AS ended_at FROM clv_test_term;
SELECT pg_temp.same(:'terms' || ', as_of => ''2025-06-30''', '''clv_test_zoned'', ''customer'', ''started_at'', ''amount'', ends_on => ''ended_at'', billing_interval => ''billing_interval'', time_zone => ''Asia/Tokyo'', as_of => ''2025-06-30''', 'moments in their time zone, amounts in double precision, a view');
CREATE VIEW clv_test_merged AS SELECT customer, clv_rollup(r) AS r FROM clv_test_piece GROUP BY customer;
SELECT pg_temp.same('''clv_test_piece'', ''customer'', ''r'', as_of => ''2025-06-30''', '''clv_test_merged'', ''customer'', ''r'', as_of => ''2025-06-30''', 'several values of a customer are rolled up');
CREATE VIEW clv_test_monthly AS SELECT * FROM clv_test_term WHERE billing_interval::text = '1 mon';
SELECT pg_temp.same('''clv_test_monthly'', ''customer'', ''starts_on'', ''amount'', ends_on => ''ends_on'', billing_interval => ''billing_interval'', as_of => ''2025-06-30''', '''clv_test_monthly'', ''customer'', ''starts_on'', ''amount'', ends_on => ''ends_on'', billed_every => ''1 month'', as_of => ''2025-06-30''', 'one interval for all');

-- identities, exactly, in each way of counting and grouping
CREATE TEMPORARY TABLE moves AS
SELECT way, plan, m.* FROM unnest('{net, all}'::text[]) AS way, unnest('{plan, NULL}'::name[]) AS plan, clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2025-06-30', changes => way, group_by => plan) AS m;
SELECT is_empty($$SELECT way, customer_group, period_start FROM moves WHERE opening_mrr + new_mrr + expansion + contraction + churned_mrr + reactivated_mrr <> closing_mrr$$, 'opening and moves are closing MRR, to the last digit');
SELECT is_empty($$SELECT way, customer_group, period_start FROM moves WHERE opening_subscribers + new_subscribers + reactivated_subscribers - churned_subscribers <> closing_subscribers$$, 'and subscribers');
SELECT is_empty($$SELECT * FROM (SELECT way, customer_group, period_start, opening_mrr, opening_subscribers, lag(closing_mrr, 1, 0) OVER w AS mrr, lag(closing_subscribers, 1, 0) OVER w AS subscribers FROM moves WINDOW w AS (PARTITION BY way, plan, customer_group ORDER BY period_start)) AS m WHERE (opening_mrr, opening_subscribers) <> (mrr, subscribers)$$, 'a period opens as the one before it closes');
SELECT is_empty($$SELECT way, period_start FROM moves WHERE plan IS NULL AND round(closing_mrr - clv_mrr((SELECT clv_rollup(r) FROM clv_test_value), least((period_start + interval '1 month')::date - 1, date '2025-06-30')), 15) <> 0$$, 'closing MRR is that of all values rolled up');
SELECT is_empty($$SELECT * FROM moves WHERE NOT (new_mrr >= 0 AND churned_mrr <= 0 AND contraction <= 0 AND expansion >= 0 AND reactivated_mrr >= 0 AND gross_retention <= 1 AND net_retention >= gross_retention AND gross_churn >= 0 AND subscriber_churn BETWEEN 0 AND 1)$$, 'signs and bounds');
SELECT is_empty($$SELECT period_start FROM moves AS a JOIN moves AS b USING (plan, customer_group, period_start) WHERE a.way = 'net' AND b.way = 'all' AND (a.opening_mrr, a.closing_mrr, a.gross_retention, a.net_retention, a.subscriber_churn, a.arpa, a.arr, a.closing_subscribers) IS DISTINCT FROM (b.opening_mrr, b.closing_mrr, b.gross_retention, b.net_retention, b.subscriber_churn, b.arpa, b.arr, b.closing_subscribers)$$, 'counting all changes moves neither totals nor what is retained');
SELECT results_eq($$SELECT period_start, round(new_mrr, 12), round(expansion, 12), round(contraction, 12), round(churned_mrr, 12), round(reactivated_mrr, 12), new_subscribers, expanding_subscribers, contracting_subscribers, churned_subscribers, reactivated_subscribers FROM moves WHERE way = 'all' AND plan IS NULL AND period_start > '2023-02-01' ORDER BY 1$$,
                  $$SELECT m::date, round(coalesce(sum(d) FILTER (WHERE move = 'new'), 0), 12), round(coalesce(sum(d) FILTER (WHERE move = 'expansion'), 0), 12), round(coalesce(sum(d) FILTER (WHERE move = 'contraction'), 0), 12), round(coalesce(sum(d) FILTER (WHERE move = 'churned'), 0), 12), round(coalesce(sum(d) FILTER (WHERE move = 'reactivated'), 0), 12),
                           count(*) FILTER (WHERE move = 'new'), count(*) FILTER (WHERE move = 'expansion'), count(*) FILTER (WHERE move = 'contraction'), count(*) FILTER (WHERE move = 'churned'), count(*) FILTER (WHERE move = 'reactivated')
                      FROM generate_series(timestamp '2023-03-01', '2025-06-01', '1 month') AS g (m) LEFT JOIN (SELECT date_trunc('month', day::timestamp) AS m, move, mrr - mrr_before AS d FROM clv_test_value, clv_mrr_changes(r) WHERE day <= '2025-06-30') AS c USING (m) GROUP BY m ORDER BY 1$$, 'all changes are those of clv_mrr_changes');
SELECT results_eq($$SELECT period_start, closing_subscribers FROM clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2023-03-31', period => 'day') ORDER BY 1 DESC LIMIT 60$$, $$SELECT day::date, (SELECT count(*) FROM clv_test_value WHERE clv_is_subscriber(r, day::date)) FROM generate_series(timestamp '2023-03-31', '2023-01-31', '-1 day') AS day$$, 'day by day');

-- each customer alone
SELECT is_empty($$SELECT customer_group FROM (SELECT customer_group, min(period_start), sum(new_subscribers) AS n, sum(new_mrr + expansion + contraction + churned_mrr + reactivated_mrr) AS mrr FROM clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2025-06-30', group_by => 'customer') GROUP BY customer_group) AS m
                    JOIN clv_test_value AS v ON v.customer::text = customer_group WHERE n > 1 OR round(mrr - clv_mrr(r, '2025-06-30'), 14) <> 0$$, 'for each customer moves add up to their MRR');

-- gaps
CREATE TABLE clv_test_graced AS SELECT customer, clv_with_grace(r, '20 days') AS r FROM clv_test_value;
SELECT is_empty($$(SELECT period_start, closing_mrr, churned_mrr, reactivated_subscribers, net_retention FROM clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2027-06-30', grace => '20 days') EXCEPT SELECT period_start, closing_mrr, churned_mrr, reactivated_subscribers, net_retention FROM clv_mrr_moves('clv_test_graced', 'customer', 'r', as_of => '2027-06-30'))$$, 'grace is clv_with_grace');
SELECT is_empty($$(SELECT m.* FROM clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2024-02-15', grace => '20 days') AS m EXCEPT SELECT m.* FROM clv_mrr_moves('clv_test_term', 'customer', 'starts_on', 'amount', as_of => '2024-02-15', ends_on => 'ends_on', billing_interval => 'billing_interval', grace => '20 days') AS m)$$, 'and does not look beyond as_of');
SELECT results_eq($$SELECT period_start, complete FROM clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2024-03-05', grace => '5 days') ORDER BY 1 DESC LIMIT 3$$, $$VALUES (date '2024-03-01', false), ('2024-02-01', true), ('2024-01-01', true)$$, 'a period is complete when nobody can come back within the grace');
SELECT results_eq($$SELECT complete FROM clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2024-03-04', grace => '5 days') ORDER BY period_start DESC LIMIT 2$$, 'VALUES (false), (false)', 'and not a day earlier');

-- payments: each customer pays every 30 days, with some that are late and some that stop
CREATE TABLE clv_test_payment AS
SELECT c AS customer, c % 2 AS line, date '2023-01-01' + c + 30 * n + CASE WHEN pg_temp.rnd(c * 100 + n, 61, 9) = 0 THEN pg_temp.rnd(c * 100 + n, 62, 9)::integer ELSE 0 END AS paid_on, 50 + c % 3 AS amount
  FROM generate_series(1, 150) AS c, generate_series(0, 23) AS n WHERE pg_temp.rnd(c * 100 + n, 63, 20) > 0;
INSERT INTO clv_test_payment SELECT customer, 2, paid_on + 3, -5 FROM clv_test_payment WHERE customer % 10 = 0;
CREATE TABLE clv_test_paid AS
SELECT customer, clv_recurring(amount, '1 month', paid_on, least(next, (paid_on + interval '1 month')::date)) AS r
  FROM (SELECT customer, paid_on, amount, lead(paid_on) OVER (PARTITION BY customer ORDER BY paid_on) AS next FROM clv_test_payment WHERE amount > 0) AS p GROUP BY customer;
SELECT pg_temp.same('''clv_test_payment'', ''customer'', ''paid_on'', ''amount'', as_of => ''2025-03-31'', billed_every => ''1 month''' || g, '''clv_test_paid'', ''customer'', ''r'', as_of => ''2025-03-31''' || g, 'payments are terms up to the next payment' || g) FROM unnest('{"", ", grace => ''7 days''"}'::text[]) AS g;
SELECT results_eq($$SELECT max(net_retention), sum(reactivated_subscribers) FROM clv_mrr_moves('clv_test_payment', 'customer', 'paid_on', 'amount', as_of => '2025-03-31', billed_every => '1 month', grace => '3 months')$$, 'VALUES (1::numeric, 0::numeric)', 'with enough grace nobody leaves and comes back');
INSERT INTO clv_test_payment SELECT customer, line + 10, paid_on + 11, 7 FROM clv_test_payment WHERE customer % 5 = 0 AND amount > 0;
CREATE TABLE clv_test_lines AS SELECT customer * 100 + line AS customer, paid_on, amount FROM clv_test_payment WHERE amount > 0;
SELECT is_empty($$SELECT period_start, closing_mrr FROM clv_mrr_moves('clv_test_payment', 'customer', 'paid_on', 'amount', as_of => '2025-03-31', billed_every => '30 days', subscription => 'line') EXCEPT SELECT period_start, closing_mrr FROM clv_mrr_moves('clv_test_lines', 'customer', 'paid_on', 'amount', as_of => '2025-03-31', billed_every => '30 days')$$, 'several subscriptions of a customer are told apart');
SELECT cmp_ok((SELECT max(closing_subscribers) FROM clv_mrr_moves('clv_test_payment', 'customer', 'paid_on', 'amount', as_of => '2025-03-31', billed_every => '30 days', subscription => 'line')), '<=', 150::bigint, 'and are of one customer');

-- the textbook
CREATE TABLE clv_test_book AS SELECT * FROM (VALUES (1, 1200, interval '1 year', date '2024-01-01', date '2025-01-01'), (2, 50, '1 month', '2024-01-01', '2024-03-01'), (2, 80, '1 month', '2024-03-01', NULL)) AS t (c, amount, every, starts_on, ends_on);
SELECT results_eq($$SELECT net_retention, gross_retention FROM clv_mrr_moves('clv_test_book', 'c', 'starts_on', 'amount', as_of => '2024-04-30', ends_on => 'ends_on', billing_interval => 'every') WHERE period_start > '2024-01-01' ORDER BY period_start$$, 'VALUES (1::numeric, 1::numeric), (1.2, 1), (1, 1)', '1,200 a year in advance, and 50 then 80 a month: nothing is lost in February, and 1.2 in March');
CREATE TABLE clv_test_years AS SELECT c, date '2020-01-01' + n * interval '1 month' AS paid_at, 5000000 AS amount FROM generate_series(1, 3) AS c, generate_series(0, 47) AS n;
SELECT results_eq($$SELECT DISTINCT closing_mrr, arr, arpa, net_retention, churned_subscribers FROM clv_mrr_moves('clv_test_years', 'c', 'paid_at', 'amount', as_of => '2023-12-31', billed_every => '1 month') WHERE period_start > '2020-01-01'$$, 'VALUES (15000000::numeric, 180000000::numeric, 5000000::numeric, 1::numeric, 0::bigint)', '12 payments of 5,000,000 a year, for 4 years');
CREATE TABLE clv_test_thirty AS SELECT 1 AS c, date '2024-01-05' + 30 * n AS paid_on, 50 AS amount FROM generate_series(0, 12) AS n;
SELECT results_eq(format($$SELECT count(*), min(net_retention), max(net_retention), min(gross_retention), sum(reactivated_subscribers), sum(churned_subscribers) FROM clv_mrr_moves('clv_test_thirty', 'c', 'paid_on', 'amount', as_of => '2024-12-31', %s) WHERE period_start > '2024-01-01'$$, how), 'VALUES (11::bigint, 1::numeric, 1::numeric, 1::numeric, 0::numeric, 0::numeric)', 'billed every 30 days for a year: 1 in every month, ' || how)
  FROM unnest('{"billed_every => ''30 days''", "billed_every => ''1 month'', grace => ''3 days''"}'::text[]) AS how;

-- nothing to count
CREATE TABLE clv_test_nothing AS SELECT * FROM clv_test_term WHERE false;
SELECT is_empty($$SELECT m.* FROM clv_mrr_moves('clv_test_nothing', 'customer', 'starts_on', 'amount', ends_on => 'ends_on', billing_interval => 'billing_interval') AS m$$, 'a table without rows');
SELECT is_empty($$SELECT m.* FROM clv_mrr_moves('clv_test_term', 'customer', 'starts_on', 'amount', as_of => '2000-01-01', ends_on => 'ends_on', billing_interval => 'billing_interval') AS m$$, 'nor before the first term');
CREATE TABLE clv_test_free AS SELECT 1 AS customer, '{2024-01-01: free, 2024-02-01: 0}'::clv_recurring AS r;
SELECT is_empty($$SELECT m.* FROM clv_mrr_moves('clv_test_free', 'customer', 'r', as_of => '2024-06-30') AS m$$, 'trials alone are not paid');
CREATE TABLE clv_test_credit AS SELECT 1 AS customer, '{2024-01-01: -5, 2024-02-01: 10 -5, 2024-03-01: 10, 2024-04-01: -2, 2024-05-01: 0}'::clv_recurring AS r;
SELECT results_eq($$SELECT opening_mrr, new_mrr, expansion, contraction, churned_mrr, closing_mrr, closing_subscribers, gross_retention, net_retention FROM clv_mrr_moves('clv_test_credit', 'customer', 'r', as_of => '2024-05-31') ORDER BY period_start$$,
                  $$VALUES (0::numeric, 0::numeric, 0::numeric, -5::numeric, 0::numeric, -5::numeric, 0::bigint, NULL::numeric, NULL::numeric), (-5, 10, 0, 0, 0, 5, 1, NULL, NULL), (5, 0, 5, 0, 0, 10, 1, 1, 2), (10, 0, 0, 0, -12, -2, 0, -0.2, -0.2), (-2, 0, 2, 0, 0, 0, 0, NULL, NULL)$$, 'credits of those who are no subscribers are contraction and expansion');
-- units that become smaller as customers come
CREATE TABLE clv_test_units AS SELECT n AS customer, clv_recurring(10 ^ -n::numeric, make_interval(months => n), date '2024-01-01' + n, NULL) AS r FROM generate_series(1, 12) AS n GROUP BY n;
SELECT is((SELECT round(sum(new_mrr), 15) FROM clv_mrr_moves('clv_test_units', 'customer', 'r', as_of => '2024-12-31')), (SELECT round(sum(10 ^ -n::numeric / n), 15) FROM generate_series(1, 12) AS n), 'prices of all scales and denominators');
SELECT * FROM finish();
ROLLBACK;
