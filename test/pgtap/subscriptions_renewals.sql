-- clv_renewals(): who is due, in grace, lapsed or has changed, as plain SQL finds it; the chance of a renewal is that of
-- the model that is fitted by hand, and near the one that was drawn.
BEGIN;
\ir include/subscriptions.psql
SELECT plan(17);
SET LOCAL jit = off;

-- contracts with a chance that is known: of each customer it is drawn once, from a beta distribution with mean 1/10; months
-- of the last day have the last day
CREATE TABLE clv_test_drawn AS SELECT customer_id, plan, starts_on AS since, coalesce(ends_on, '2025-01-01') AS until
  FROM clv_simulate_subscriptions(6000, '2022-01-01', '2024-06-30', seed => 3, yearly_share => 0, trial_days => 0, return_share => 0, change_share => 0, churn_alpha => 1, churn_beta => 9);
CREATE TABLE clv_test_paid AS
SELECT customer_id AS customer, plan, 20 + customer_id % 3 AS amount, interval '1 month' AS billed, (since + n * interval '1 month')::date AS starts_on, (since + (n + 1) * interval '1 month')::date AS ends_on
  FROM clv_test_drawn, generate_series(0, 40) AS n WHERE since + n * interval '1 month' < least(until, date '2024-07-01');
-- some pay a few days late, and others by the year; one of them pays by the month now
INSERT INTO clv_test_paid SELECT 20000 + c, 'late', 9, '1 month', (date '2024-01-31' + n * interval '1 month')::date + CASE n WHEN 2 THEN 4 ELSE 0 END, (date '2024-01-31' + (n + 1) * interval '1 month')::date FROM generate_series(1, 5) AS c, generate_series(0, 4) AS n;
INSERT INTO clv_test_paid SELECT 30000 + c, 'year', 120, '1 year', date '2023-06-01' + c, date '2024-06-01' + c FROM generate_series(1, 50) AS c;
INSERT INTO clv_test_paid VALUES (30001, 'year', 12, '1 month', '2024-06-02', '2024-07-02'), (40000, 'odd', 12, '30 days', '2024-06-20', '2024-07-20'), (40001, 'free', 0, '1 month', '2024-06-10', '2024-07-10'), (40002, 'open', 5, '1 month', '2024-06-10', NULL), (NULL, 'nobody', 5, '1 month', '2024-06-10', '2024-07-10');
ANALYZE clv_test_paid;
\set terms '''clv_test_paid'', ''customer'', ''starts_on'', ''amount'', ''ends_on'', ''billed'', as_of => ''2024-06-30'''
CREATE TABLE clv_test_found AS SELECT * FROM clv_renewals(:terms, grace => '7 days', group_by => 'plan');

-- by hand: the last days of each customer and interval
CREATE TABLE clv_test_last AS
SELECT customer, billed::text AS billed, max(ends_on) AS ends_on FROM clv_test_paid WHERE starts_on <= '2024-06-30' AND customer IS NOT NULL AND amount > 0 GROUP BY customer, billed::text HAVING bool_and(ends_on IS NOT NULL);
SELECT results_eq($$SELECT customer_id, billed::text, due_on, status FROM clv_test_found ORDER BY customer_id COLLATE "C", 2$$,
                  $$SELECT customer::text, billed, ends_on, CASE WHEN ends_on > '2024-06-30' THEN 'due' WHEN customer = 30001 THEN 'changed' WHEN ends_on > '2024-06-23' THEN 'in grace' ELSE 'lapsed' END FROM clv_test_last WHERE ends_on BETWEEN '2024-06-01' AND '2024-07-30' ORDER BY customer::text COLLATE "C", 2$$, 'whose last day is within 30 days');
SELECT results_eq($$SELECT status FROM clv_test_found GROUP BY 1 ORDER BY 1$$, $$VALUES ('changed'), ('due'), ('in grace'), ('lapsed')$$, 'in each state');
SELECT results_eq($$SELECT customer_id, mrr, periods, value_so_far FROM clv_test_found WHERE customer_id IN ('20001', '30002', '40000') ORDER BY 1$$,
                  $$SELECT * FROM (VALUES ('20001', 9::numeric, 5, clv_recurring_value((SELECT clv_recurring(amount, billed, starts_on, ends_on) FROM clv_test_paid WHERE customer = 20001), '-infinity', '2024-06-29')), ('30002', 10, 1, clv_recurring_value('{2023-06-03: 10, 2024-06-03: 0}', '-infinity', '2024-06-02')), ('40000', 12 * 365 / 360.0, 1, clv_recurring_value('{2024-06-20: 36.5/3}', '2024-06-20', '2024-06-30'))) AS v (c, mrr, n, value)$$, 'what they pay, for how many periods, and have paid');
SELECT is_empty($$SELECT * FROM clv_test_found AS f WHERE status = 'due' AND customer_id::integer < 20000 AND periods <> (SELECT count(*) FROM clv_test_paid WHERE customer::text = f.customer_id AND starts_on <= '2024-06-30')$$, 'a period is a payment');

-- the model
CREATE TABLE clv_test_span AS
SELECT p.*, s.starts_on, CASE WHEN s.ends_on <= date '2024-06-23' THEN s.ends_on END AS lost
  FROM (SELECT customer, (array_agg(plan ORDER BY starts_on))[1] AS plan, clv_with_grace(clv_recurring(amount, billed, starts_on, ends_on), '7 days') AS r FROM clv_test_paid WHERE billed::text = '1 mon' AND starts_on <= '2024-06-30' AND customer IS NOT NULL GROUP BY customer) AS p, clv_subscribed_spans(r) AS s;
CREATE TABLE clv_test_model AS SELECT plan, clv_fit(clv_contract_sample(starts_on, lost, '2024-06-23', 'month'), 'sbg') AS model FROM clv_test_span WHERE plan IN ('basic', 'plus', 'pro') GROUP BY plan
    UNION ALL SELECT 'late', clv_fit(clv_contract_sample(starts_on, lost, '2024-06-23', 'month'), 'sbg') FROM clv_test_span;
SELECT is_empty($$SELECT f.* FROM clv_test_found AS f JOIN clv_test_model AS m ON m.plan = customer_group WHERE status = 'due' AND billed = '1 month' AND (abs(renewal - clv_renewal_probability(model, periods)) > 1e-9) IS NOT FALSE$$, 'the chance is that of the model of the group, or of all if it has few that were lost');
SELECT is_empty($$SELECT f.* FROM clv_test_found AS f JOIN clv_test_model AS m ON m.plan = customer_group WHERE status = 'due' AND billed = '1 month' AND (abs(remaining_value / (mrr::double precision * clv_residual_lifetime(model, periods, 1.1 ^ (1 / 12.0::double precision) - 1)) - 1) > 1e-9) IS NOT FALSE$$, 'and so is the remaining value, with a discount of 10 % a year');
SELECT is_empty($$SELECT * FROM clv_test_found WHERE renewal IS NOT NULL AND NOT (renewal_low < renewal AND renewal < renewal_high AND renewal_high <= 1 AND reason IS NULL)$$, 'within its interval');
SELECT is_empty($$SELECT * FROM clv_test_found WHERE status <> 'due' AND (renewal IS NOT NULL OR remaining_value IS NOT NULL OR reason IS NOT NULL)$$, 'what has ended has no chance');
SELECT is_empty($$SELECT * FROM clv_test_found WHERE status = 'due' AND (renewal IS NULL) <> (reason IS NOT NULL)$$, 'or there is a reason');
SELECT results_eq($$SELECT customer_id, reason FROM clv_test_found WHERE customer_id = '40000'$$, $$VALUES ('40000', 'no model for this billing interval')$$, '30 days are no month');
-- alpha 1, beta 9: the chance after n periods is (9 + n - 1) / (10 + n - 1)
SELECT is_empty($$SELECT periods, renewal FROM clv_renewals('clv_test_paid', 'customer', 'starts_on', 'amount', 'ends_on', 'billed', as_of => '2024-06-30', grace => '7 days') WHERE billed::text = '1 mon' AND status = 'due' AND (abs(renewal - (8 + periods) / (9 + periods)::double precision) > 0.012) IS NOT FALSE$$, 'the chance that was drawn is found');
SELECT is_empty($$SELECT * FROM clv_renewals('clv_test_paid', 'customer', 'starts_on', 'amount', 'ends_on', billed_every => '1 month', as_of => '2022-01-20') WHERE renewal IS NOT NULL OR (status = 'due' AND reason <> 'fewer than 30 contracts of this billing interval were lost')$$, 'without contracts that were lost there is no chance');
-- everybody leaves after exactly the third of three months: no model of chances that rise says that
CREATE TABLE clv_test_steep AS SELECT c AS customer, 10 AS amount, (d + n * interval '1 month')::date AS starts_on, (d + (n + 1) * interval '1 month')::date AS ends_on FROM generate_series(1, 300) AS c, generate_series(0, 2) AS n, LATERAL (SELECT date '2023-09-01' + c) AS x (d) WHERE d + n * interval '1 month' <= '2024-06-30';
SELECT results_eq($$SELECT DISTINCT reason, renewal FROM clv_renewals('clv_test_steep', 'customer', 'starts_on', 'amount', 'ends_on', billed_every => '1 month', as_of => '2024-06-30') WHERE status = 'due'$$, $$VALUES ('the model does not fit contracts of this billing interval', NULL::double precision)$$, 'a model that does not fit is not used');
SELECT is((SELECT count(*) FROM clv_renewals(:terms, due_within => '1 day')), (SELECT count(*) FROM clv_test_last WHERE ends_on BETWEEN '2024-06-30' AND '2024-07-01'), 'tomorrow');
CREATE TABLE clv_test_value AS SELECT customer, clv_recurring(amount, billed, starts_on, ends_on) AS r, date '2024-01-01' AS d FROM clv_test_paid GROUP BY customer;
SELECT throws_ok($$SELECT * FROM clv_renewals('clv_test_value', 'customer', 'r', 'r', 'd', billed_every => '1 month')$$, '22023', NULL, 'values have no billing intervals');
SELECT throws_ok($$SELECT * FROM clv_renewals('clv_test_paid', 'customer', 'starts_on', 'amount', 'ends_on', 'billed', discount => -0.1)$$, '22023', NULL, 'a discount is not below 0');
SELECT throws_ok($$SELECT * FROM clv_renewals('clv_test_paid', 'customer', 'starts_on', 'amount', NULL, 'billed')$$, '22004', NULL, 'without an end nothing is due');
SELECT * FROM finish();
ROLLBACK;
