-- A book of 10,000 customers, each of them on each day: what plain SQL finds with a calendar is what values say, and
-- moves add up for every customer and month.
BEGIN;
\ir include/subscriptions.psql
SELECT plan(15);
SET LOCAL jit = off;
SET LOCAL enable_nestloop = off;
SET LOCAL work_mem = '256MB';

-- plans that change, trials, and customers who come back
CREATE TABLE clv_test_term AS
SELECT customer_id AS customer, amount, billing_interval, starts_on, ends_on, plan FROM clv_simulate_subscriptions(10000, '2023-11-15', '2024-06-30', seed => 19, return_share => 0.5, change_share => 0.15);
INSERT INTO clv_test_term
-- a second subscription of another interval, that overlaps
SELECT c, 1 + pg_temp.rnd(c, 31, 9000) / 100.0, (SELECT i FROM billed WHERE n = 1 + pg_temp.rnd(c, 32, 17)), date '2023-12-01' + pg_temp.rnd(c, 33, 180)::integer, date '2023-12-01' + pg_temp.rnd(c, 33, 180)::integer + 1 + pg_temp.rnd(c, 34, 120)::integer, 'second'
  FROM generate_series(1, 10000, 4) AS c
-- credits, some larger than the price
UNION ALL SELECT c, -pg_temp.rnd(c, 35, 6000) / 100.0, CASE c % 2 WHEN 0 THEN interval '1 month' ELSE '14 days' END, date '2024-01-31' + pg_temp.rnd(c, 36, 120)::integer, date '2024-01-31' + pg_temp.rnd(c, 36, 120)::integer + 1 + pg_temp.rnd(c, 37, 60)::integer, 'credit'
  FROM generate_series(1, 10000, 5) AS c
-- months from the 31st, the 30th and the leap day, each a term, with pauses
UNION ALL SELECT c, 20 + n % 3, '1 month', (anchor + n * interval '1 month')::date, (anchor + (n + 1) * interval '1 month')::date, 'month end'
  FROM generate_series(3, 10000, 20) AS c, generate_series(0, 9) AS n, LATERAL (SELECT CASE c % 3 WHEN 0 THEN date '2024-01-31' WHEN 1 THEN '2024-02-29' ELSE '2023-12-30' END AS anchor) AS a WHERE pg_temp.rnd(c * 100 + n, 38, 5) > 0
-- and months that are one day short after the 31st, as January 31 plus a month has it
UNION ALL SELECT c, 35, '1 month', date '2024-01-31' + n * 30, (date '2024-01-31' + n * 30 + interval '1 month')::date, 'slipping' FROM generate_series(7, 10000, 50) AS c, generate_series(0, 8) AS n
-- years over the leap day
UNION ALL SELECT c, 365.25, '365 days', '2024-02-29', CASE WHEN c % 2 = 0 THEN date '2024-02-29' + pg_temp.rnd(c, 39, 200)::integer + 1 END, 'leap' FROM generate_series(9, 10000, 30) AS c;
ANALYZE clv_test_term;
CREATE TABLE clv_test_value AS SELECT customer, clv_recurring(amount, billing_interval, starts_on, ends_on) AS r FROM clv_test_term GROUP BY customer;
ALTER TABLE clv_test_value ADD PRIMARY KEY (customer);

-- by hand: a row for each customer and day, MRR times 46872, from the first term to the first day without one
CREATE TEMPORARY TABLE day AS
WITH price AS MATERIALIZED (SELECT customer, starts_on, ends_on, amount * pg_temp.factor(billing_interval) AS price FROM clv_test_term)
SELECT customer, day, mrr, coalesce(lag(mrr) OVER w, 0) AS before, coalesce(max(mrr) OVER w > 0, false) AS ever, subscriptions
  FROM (SELECT customer, d::date AS day, coalesce(sum(price) FILTER (WHERE d < ends_on OR ends_on IS NULL), 0) AS mrr, count(*) FILTER (WHERE price > 0 AND (d < ends_on OR ends_on IS NULL)) AS subscriptions
          FROM price, generate_series(starts_on::timestamp, least(ends_on, date '2024-06-30'), '1 day') AS d
         WHERE d <= date '2024-06-30' GROUP BY customer, d) AS s
WINDOW w AS (PARTITION BY customer ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);
ANALYZE day;
SELECT cmp_ok(count(DISTINCT customer), '=', 10000::bigint, 'customers') FROM day;
SELECT cmp_ok(count(*), '>', 600000::bigint, 'and their days') FROM day;
SELECT is_empty($$SELECT customer, day, clv_mrr(r, day), mrr FROM day JOIN clv_test_value USING (customer) WHERE round(clv_mrr(r, day) * 46872, 8) <> mrr LIMIT 5$$, 'MRR of every customer on every day');
SELECT is_empty($$SELECT customer, day FROM day JOIN clv_test_value USING (customer) WHERE clv_is_subscriber(r, day) <> (mrr > 0) OR clv_active_subscriptions(r, day) <> subscriptions LIMIT 5$$, 'who is a subscriber, and of how many subscriptions');
SELECT is_empty($$SELECT customer, n, clv_tenure(r, '2024-06-30') FROM (SELECT customer, count(*) AS n FROM day WHERE mrr > 0 GROUP BY customer) AS d JOIN clv_test_value USING (customer) WHERE n <> clv_tenure(r, '2024-06-30')$$, 'days as a subscriber');
SELECT is_empty($$SELECT customer, s, v FROM (SELECT customer, sum(mrr / (46872 * extract(day FROM date_trunc('month', day::timestamp) + interval '1 month' - interval '1 day'))) AS s FROM day GROUP BY customer) AS d JOIN clv_test_value USING (customer), clv_recurring_value(r, '-infinity', '2024-06-30') AS v WHERE abs(s - v) > 1e-10$$, 'value, day by day');

-- the business
CREATE TEMPORARY TABLE by_hand AS
SELECT day, round(coalesce(sum(mrr - before) FILTER (WHERE move = 'new'), 0), 4) AS new_mrr, round(coalesce(sum(mrr - before) FILTER (WHERE move = 'expansion'), 0), 4) AS expansion, round(coalesce(sum(mrr - before) FILTER (WHERE move = 'contraction'), 0), 4) AS contraction, round(coalesce(sum(mrr - before) FILTER (WHERE move = 'churned'), 0), 4) AS churned, round(coalesce(sum(mrr - before) FILTER (WHERE move = 'reactivated'), 0), 4) AS reactivated, round(sum(mrr), 4) AS closing,
       count(*) FILTER (WHERE move = 'new') AS n_new, count(*) FILTER (WHERE move = 'expansion') AS n_expansion, count(*) FILTER (WHERE move = 'contraction') AS n_contraction, count(*) FILTER (WHERE move = 'churned') AS n_churned, count(*) FILTER (WHERE move = 'reactivated') AS n_reactivated, count(*) FILTER (WHERE mrr > 0) AS n
  FROM (SELECT *, CASE WHEN mrr > 0 AND before <= 0 THEN CASE WHEN ever THEN 'reactivated' ELSE 'new' END WHEN mrr <= 0 AND before > 0 THEN 'churned' WHEN mrr > before THEN 'expansion' WHEN mrr < before THEN 'contraction' END AS move FROM day) AS d GROUP BY day HAVING day >= (SELECT min(day) FROM day WHERE mrr <> 0);
SELECT results_eq(format($$SELECT period_start, round(new_mrr * 46872, 4), round(expansion * 46872, 4), round(contraction * 46872, 4), round(churned_mrr * 46872, 4), round(reactivated_mrr * 46872, 4), round(closing_mrr * 46872, 4),
                             new_subscribers, expanding_subscribers, contracting_subscribers, churned_subscribers, reactivated_subscribers, closing_subscribers FROM clv_mrr_moves(%s, as_of => '2024-06-30', period => 'day') ORDER BY 1$$, source),
                  'SELECT * FROM by_hand ORDER BY 1', 'moves of each day, from ' || title)
  FROM (VALUES ('values', $$'clv_test_value', 'customer', 'r'$$), ('terms', $$'clv_test_term', 'customer', 'starts_on', 'amount', 'ends_on', 'billing_interval'$$)) AS v (title, source);

-- every customer and month
CREATE TEMPORARY TABLE moves AS
SELECT way, m.* FROM unnest('{net, all}'::text[]) AS way, clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2024-06-30', group_by => 'customer', changes => way) AS m;
ANALYZE moves;
SELECT cmp_ok(count(*), '>', 60000::bigint, 'customers and months') FROM moves;
SELECT is_empty($$SELECT * FROM moves WHERE opening_mrr + new_mrr + expansion + contraction + churned_mrr + reactivated_mrr <> closing_mrr OR opening_subscribers + new_subscribers + reactivated_subscribers - churned_subscribers <> closing_subscribers$$, 'opening and moves are closing MRR');
SELECT is_empty($$SELECT m.* FROM moves AS m JOIN clv_test_value AS v ON v.customer::text = m.customer_group WHERE closing_mrr <> clv_mrr(r, (period_start + interval '1 month')::date - 1)$$, 'which is clv_mrr of the last day');
SELECT is_empty($$SELECT * FROM (SELECT *, lag(closing_mrr, 1, 0) OVER (PARTITION BY way, customer_group ORDER BY period_start) AS before FROM moves) AS m WHERE opening_mrr <> before$$, 'and opens the next month');
SELECT is_empty($$SELECT m.period_start FROM (SELECT way, period_start, sum(new_subscribers) AS n, sum(reactivated_subscribers) AS r, sum(churned_subscribers) AS c, round(sum(new_mrr), 9) AS new_mrr, round(sum(closing_mrr), 9) AS closing FROM moves GROUP BY 1, 2) AS m
    FULL JOIN (SELECT way, w.* FROM unnest('{net, all}'::text[]) AS way, clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2024-06-30', changes => way) AS w) AS w USING (way, period_start)
    WHERE (n, r, c, m.new_mrr, closing) IS DISTINCT FROM (w.new_subscribers::numeric, w.reactivated_subscribers::numeric, w.churned_subscribers::numeric, round(w.new_mrr, 9), round(w.closing_mrr, 9))$$, 'customers add up to the business');
SELECT is_empty($$SELECT period_start FROM moves WHERE gross_retention > 1 OR gross_retention > net_retention OR abs(net_retention - closing_mrr / nullif(opening_mrr, 0)) > 1e-9 OR (net_retention IS NULL) <> (opening_subscribers = 0)$$, 'the net retention of a customer is what they pay over what they paid');

-- any two halves of the terms
SELECT is_empty($$SELECT customer FROM (SELECT customer, clv_rollup(r) AS r FROM (SELECT customer, clv_recurring(amount, billing_interval, starts_on, ends_on) AS r FROM clv_test_term GROUP BY customer, pg_temp.rnd(starts_on - date '2020-01-01', 40, 2)) AS p GROUP BY customer) AS a JOIN clv_test_value AS v USING (customer) WHERE clv_recurring_send(a.r) <> clv_recurring_send(v.r)$$, 'values of parts are rolled up to the same bytes');
SELECT * FROM finish();
ROLLBACK;
