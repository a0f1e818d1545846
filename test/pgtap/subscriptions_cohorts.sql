-- clv_mrr_cohorts() and clv_trial_conversion() against the same in plain SQL, and the tables that they read.
BEGIN;
\ir include/subscriptions.psql
SELECT plan(22);
SET LOCAL jit = off;

CREATE TABLE clv_test_term AS
SELECT customer, amount, billing_interval, starts_on, ends_on, 'plan ' || pg_temp.rnd(id, 51, 3) AS plan FROM term WHERE profile <> 'wide'
UNION ALL
-- trials: half of them pay at once, some after days, some never; some are free for ever
SELECT 5000 + c, CASE n WHEN 0 THEN 0 ELSE 30 + c % 4 END, '1 month', date '2023-01-10' + 2 * c + CASE n WHEN 0 THEN 0 ELSE 14 + pg_temp.rnd(c, 61, 3)::integer * 5 END,
       CASE WHEN n = 0 AND c % 9 > 0 THEN date '2023-01-10' + 2 * c + 14 WHEN n = 1 AND c % 5 = 0 THEN date '2023-01-10' + 2 * c + 90 END, 'plan ' || c % 2
  FROM generate_series(0, 199) AS c, generate_series(0, 1) AS n WHERE n = 0 OR c % 3 > 0;
CREATE TABLE clv_test_value AS
SELECT customer, clv_recurring(amount, billing_interval, starts_on, ends_on) AS r, (array_agg(plan ORDER BY starts_on, plan) FILTER (WHERE starts_on IS NOT NULL AND amount IS NOT NULL AND billing_interval IS NOT NULL))[1] AS plan
  FROM clv_test_term GROUP BY customer;
CREATE TABLE clv_test_piece AS SELECT customer, r FROM clv_test_value UNION ALL SELECT customer + 1, r FROM clv_test_value WHERE customer % 4 = 0;
ANALYZE clv_test_term, clv_test_value, clv_test_piece;

-- by hand, from what is paid on days: MRR times 46872
CREATE FUNCTION pg_temp.cohorts_by_hand(as_of date, period text, grouped boolean) RETURNS TABLE (customer_group text, cohort date, cohort_size bigint, first numeric, period_number integer, subscribers bigint, mrr numeric, kept numeric, complete boolean)
LANGUAGE sql SET enable_nestloop = off SET jit = off AS $$
WITH paid AS (SELECT customer, starts_on, ends_on, amount * pg_temp.factor(billing_interval) AS mrr FROM clv_test_term WHERE amount <> 0 AND billing_interval IS NOT NULL AND starts_on <= as_of),
     member AS (SELECT customer, CASE WHEN grouped THEN (array_agg(plan ORDER BY starts_on, plan))[1] END AS customer_group FROM clv_test_term WHERE amount IS NOT NULL AND billing_interval IS NOT NULL AND starts_on <= as_of GROUP BY customer),
     day AS (SELECT customer, starts_on AS day FROM paid UNION SELECT customer, ends_on FROM paid WHERE ends_on <= as_of),
     level AS (SELECT d.customer, d.day, coalesce(sum(p.mrr) FILTER (WHERE p.starts_on <= d.day AND (p.ends_on > d.day OR p.ends_on IS NULL)), 0) AS mrr FROM day AS d JOIN paid AS p USING (customer) GROUP BY 1, 2),
     first AS (SELECT DISTINCT ON (customer) customer, day, mrr, date_trunc(period, day::timestamp) AS cohort FROM level WHERE mrr > 0 ORDER BY customer, day),
     step AS (SELECT CASE period WHEN 'quarter' THEN interval '3 months' ELSE ('1 ' || period)::interval END AS step),
     span AS (SELECT f.customer, m.customer_group, f.cohort, f.mrr AS first, n::integer, (f.cohort + (n + 1) * step)::date - 1 AS last, (f.cohort + (n + 1) * step)::date - 1 <= as_of AS complete
                FROM first AS f JOIN member AS m USING (customer), step, generate_series(0, 400) AS n WHERE f.cohort + n * step <= as_of),
     each AS (SELECT s.customer_group, s.cohort, s.first, s.n, s.complete, (array_agg(l.mrr ORDER BY l.day DESC))[1] AS now FROM span AS s JOIN level AS l ON l.customer = s.customer AND l.day <= least(s.last, as_of) GROUP BY s.customer, 1, 2, 3, 4, 5)
SELECT customer_group, cohort::date, count(*), sum(first), n, count(*) FILTER (WHERE now > 0), coalesce(sum(now) FILTER (WHERE now > 0), 0), coalesce(sum(least(now, first)) FILTER (WHERE now > 0), 0), complete
  FROM each GROUP BY customer_group, cohort, n, complete $$;
CREATE FUNCTION pg_temp.cohorts(arguments text) RETURNS TABLE (customer_group text, cohort date, cohort_size bigint, first numeric, period_number integer, subscribers bigint, mrr numeric, ratios numeric[], complete boolean) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT customer_group, cohort, cohort_size, round(first_mrr * 46872, 4), period_number, subscribers, round(mrr * 46872, 4), ARRAY[round(subscriber_retention, 10), round(gross_retention, 10), round(net_retention, 10)], complete FROM clv_mrr_cohorts(%s)', arguments);
END $$;
CREATE FUNCTION pg_temp.expected(as_of date, period text, grouped boolean) RETURNS TABLE (customer_group text, cohort date, cohort_size bigint, first numeric, period_number integer, subscribers bigint, mrr numeric, ratios numeric[], complete boolean) LANGUAGE sql AS $$
SELECT customer_group, cohort, cohort_size, round(first, 4), period_number, subscribers, round(mrr, 4), ARRAY[round(subscribers::numeric / cohort_size, 10), round(kept / first, 10), round(mrr / first, 10)], complete FROM pg_temp.cohorts_by_hand(as_of, period, grouped) $$;

SELECT results_eq(format($$SELECT * FROM pg_temp.cohorts($q$'clv_test_term', 'customer', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => %L, period => %L%s$q$) ORDER BY 1, 2, 5$$, as_of, period, CASE WHEN grouped THEN ', group_by => ''plan''' ELSE '' END),
                  format('SELECT * FROM pg_temp.expected(%L, %L, %L) ORDER BY 1, 2, 5', as_of, period, grouped), format('cohorts of %ss as of %s%s', period, as_of, CASE WHEN grouped THEN ', by plan' ELSE '' END))
  FROM (VALUES (date '2024-12-31', 'month', false), ('2024-12-31', 'quarter', true), ('2024-02-14', 'month', true), ('2023-08-14', 'week', false), ('2023-02-05', 'day', false), ('2026-01-01', 'year', false), ('2020-01-01', 'month', false)) AS v (as_of, period, grouped);
SELECT results_eq($$SELECT * FROM pg_temp.cohorts($q$'clv_test_value', 'customer', 'r', as_of => '2024-02-14', group_by => 'plan'$q$)$$,
                  $$SELECT * FROM pg_temp.cohorts($q$'clv_test_term', 'customer', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => '2024-02-14', group_by => 'plan'$q$)$$, 'the same of stored values');
CREATE TABLE clv_test_rolled AS SELECT customer, clv_rollup(r) AS r FROM clv_test_piece GROUP BY customer;
SELECT results_eq($$SELECT * FROM pg_temp.cohorts($q$'clv_test_piece', 'customer', 'r', as_of => '2024-02-14'$q$)$$, $$SELECT * FROM pg_temp.cohorts($q$'clv_test_rolled', 'customer', 'r', as_of => '2024-02-14'$q$)$$, 'several values of a customer are one');

-- what is left adds up to what clv_mrr_moves() says is there
SELECT is_empty($$SELECT p, abs(s - closing_subscribers) FROM (SELECT date_trunc('month', cohort + period_number * interval '1 month')::date AS p, sum(subscribers) AS s FROM clv_mrr_cohorts('clv_test_value', 'customer', 'r', as_of => '2024-12-31', grace => '10 days') GROUP BY 1) AS c
    FULL JOIN (SELECT period_start AS p, closing_subscribers FROM clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2024-12-31', grace => '10 days') WHERE period_start >= (SELECT min(cohort) FROM clv_mrr_cohorts('clv_test_value', 'customer', 'r', as_of => '2024-12-31'))) AS m USING (p) WHERE s IS DISTINCT FROM closing_subscribers$$,
                'subscribers of all cohorts are the subscribers of the month, with grace');
SELECT results_eq($$SELECT cohort, sum(cohort_size)::bigint FROM clv_mrr_cohorts('clv_test_value', 'customer', 'r', as_of => '2024-12-31') WHERE period_number = 0 GROUP BY 1 ORDER BY 1$$,
                  $$SELECT period_start, new_subscribers FROM clv_mrr_moves('clv_test_value', 'customer', 'r', as_of => '2024-12-31', changes => 'all') WHERE new_subscribers > 0 ORDER BY 1$$, 'a cohort has the new subscribers of its month');
SELECT is_empty($$SELECT * FROM clv_mrr_cohorts('clv_test_value', 'customer', 'r', as_of => '2024-12-31') WHERE gross_retention NOT BETWEEN 0 AND 1 OR gross_retention > net_retention OR subscriber_retention NOT BETWEEN 0 AND 1$$, 'shares are shares');
CREATE TABLE clv_test_yearly AS SELECT * FROM (VALUES ('a', 1200, interval '1 year', date '2024-01-01', NULL::date), ('b', 50, '1 month', '2024-01-01', '2024-03-01'), ('b', 80, '1 month', '2024-03-01', NULL)) AS t (customer, amount, every, starts_on, ends_on);
SELECT results_eq($$SELECT period_number, mrr, net_retention, complete FROM clv_mrr_cohorts('clv_test_yearly', 'customer', 'starts_on', 'amount', 'ends_on', 'every', as_of => '2024-03-30')$$, 'VALUES (0, 150::numeric, 1::numeric, true), (1, 150, 1, true), (2, 180, 1.2, false)', 'yearly 1,200 beside monthly 50, then 80: 1, 1, 1.2');
SELECT throws_ok($$SELECT * FROM clv_mrr_cohorts('clv_test_term', 'customer', 'starts_on', 'amount', billed_every => '1 month', as_of => '9999-01-01', period => 'day')$$, '54000', NULL, 'more rows than anybody reads');

-- trials
CREATE FUNCTION pg_temp.trials_by_hand(as_of date, grace integer, grouped boolean) RETURNS TABLE (customer_group text, period_start date, trials bigint, open_trials bigint, ended_trials bigint, converted bigint, mrr numeric, days bigint, complete boolean)
LANGUAGE sql SET enable_nestloop = off SET jit = off AS $$
WITH row AS (SELECT customer, plan, starts_on, ends_on, amount * pg_temp.factor(billing_interval) AS mrr FROM clv_test_term WHERE amount IS NOT NULL AND billing_interval IS NOT NULL AND starts_on <= as_of),
     member AS (SELECT customer, CASE WHEN grouped THEN (array_agg(plan ORDER BY starts_on, plan))[1] END AS customer_group FROM row GROUP BY customer),
     day AS (SELECT customer, starts_on AS day FROM row UNION SELECT customer, ends_on FROM row WHERE ends_on <= as_of),
     level AS (SELECT d.customer, d.day, coalesce(sum(p.mrr) FILTER (WHERE p.starts_on <= d.day AND (p.ends_on > d.day OR p.ends_on IS NULL)), 0) AS mrr, count(*) FILTER (WHERE p.mrr = 0 AND p.starts_on <= d.day AND (p.ends_on > d.day OR p.ends_on IS NULL)) AS free FROM day AS d JOIN row AS p USING (customer) GROUP BY 1, 2),
     begun AS (SELECT customer, min(day) FILTER (WHERE free > 0 AND mrr <= 0) AS from_day, min(day) FILTER (WHERE mrr > 0) AS paid_on FROM level GROUP BY customer),
     ended AS (SELECT b.*, (SELECT min(l.day) FROM level AS l WHERE l.customer = b.customer AND l.day > b.from_day AND (l.free = 0 OR l.mrr > 0)) AS until FROM begun AS b WHERE from_day IS NOT NULL AND (paid_on > from_day OR paid_on IS NULL)),
     each AS (SELECT m.customer_group, date_trunc('month', e.from_day::timestamp)::date AS p, e.*, coalesce(e.paid_on <= e.until + grace, false) AS has_paid, (SELECT l.mrr FROM level AS l WHERE l.customer = e.customer AND l.day = e.paid_on) AS mrr FROM ended AS e JOIN member AS m USING (customer))
SELECT customer_group, p, count(*), count(*) FILTER (WHERE until IS NULL), count(until), count(*) FILTER (WHERE has_paid), coalesce(sum(mrr) FILTER (WHERE has_paid), 0), sum(until - from_day), (p + interval '1 month')::date - 1 <= as_of AND bool_and(has_paid OR until + grace <= as_of AND until IS NOT NULL)
  FROM each GROUP BY customer_group, p $$;
SELECT results_eq(format($$SELECT customer_group, period_start, trials, open_trials, ended_trials, converted, round(conversion, 10), round(converted_mrr * 46872, 4), round(mean_days, 10), complete FROM clv_trial_conversion('clv_test_term', 'customer', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => %L, grace => %L%s) ORDER BY 1, 2$$, as_of, grace || ' days', CASE WHEN grouped THEN ', group_by => ''plan''' ELSE '' END),
                  format($$SELECT customer_group, period_start, trials, open_trials, ended_trials, converted, round(converted / nullif(ended_trials, 0)::numeric, 10), round(mrr, 4), round(days / nullif(ended_trials, 0)::numeric, 10), complete FROM pg_temp.trials_by_hand(%L, %s, %L) ORDER BY 1, 2$$, as_of, grace, grouped),
                  format('trials as of %s, with %s days of grace%s', as_of, grace, CASE WHEN grouped THEN ', by plan' ELSE '' END))
  FROM (VALUES (date '2024-12-31', 1, false), ('2024-12-31', 6, true), ('2023-08-15', 6, false), ('2023-02-20', 1, true)) AS v (as_of, grace, grouped);
SELECT results_eq($$SELECT * FROM clv_trial_conversion('clv_test_value', 'customer', 'r', as_of => '2023-08-15', group_by => 'plan', period => 'week')$$,
                  $$SELECT * FROM clv_trial_conversion('clv_test_term', 'customer', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => '2023-08-15', group_by => 'plan', period => 'week')$$, 'the same of stored values');
SELECT results_eq($$SELECT sum(trials)::bigint, sum(converted)::bigint FROM clv_trial_conversion('clv_test_term', 'customer', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => '2024-12-31')$$,
                  $$SELECT sum(trials)::bigint, sum(converted)::bigint FROM pg_temp.trials_by_hand('2024-12-31', 0, false)$$, 'without grace they pay on the day on which the trial ends');
SELECT throws_ok($$SELECT * FROM clv_trial_conversion('clv_test_term', 'customer', 'starts_on', 'amount', billing_interval => 'billing_interval')$$, '22004', NULL, 'payments have no trials');

-- trials that were drawn with a known chance
CREATE TABLE clv_test_drawn AS SELECT * FROM clv_simulate_subscriptions(20000, '2022-01-01', '2023-12-31', seed => 8, trial_conversion => 0.3);
SELECT cmp_ok(abs(sum(converted) / sum(ended_trials) - 0.3), '<', 0.015, 'a simulated book: its chance is found') FROM clv_trial_conversion('clv_test_drawn', 'customer_id', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => '2023-12-31');
SELECT * FROM finish();
ROLLBACK;
