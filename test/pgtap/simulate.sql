-- The order book of clv_simulate() as an analyst meets it: its statistics are those of the models it was drawn
-- from, whatever the plan and the session. (test/unit and test/sql have the rest.)
BEGIN;
SELECT plan(32);

-- CDNOW's parameters (Fader, Hardie & Lee 2005), all customers within the first day, 39 weeks, no channels
CREATE TEMPORARY TABLE customer AS
SELECT customer_id, clv_history(amount, ordered_at) AS history, count(*) - 1 AS repeats, min(ordered_at) AS first_order,
       (array_agg(amount ORDER BY order_id))[1] AS first_amount, (array_agg(amount ORDER BY order_id))[2] AS second_amount
  FROM clv_simulate(50000, '2022-01-01', '2022-10-01', seed => 7, r => 0.243, alpha => 4.414, a => 0.793, b => 2.426,
                    p => 6, q => 10, gamma => 54, channel_effect => 0, acquired_to => '2022-01-01')
 GROUP BY customer_id;

SELECT is(count(*), 50000::bigint, 'every customer has an order') FROM customer;
-- equation 8 of that paper, by python's math.lgamma; a share of 50,000 has a standard error of 0.0022 at most
SELECT cmp_ok(abs((SELECT count(*) FROM customer WHERE repeats = x) / 50000.0 - share), '<', 0.006, 'the share of customers with ' || x || ' repeat orders is that of BG/NBD')
  FROM (VALUES (0, 0.573557), (1, 0.199432), (2, 0.085465), (3, 0.045888), (4, 0.027693), (5, 0.017983), (6, 0.012283)) AS v (x, share) ORDER BY x;
SELECT cmp_ok(abs(avg(repeats) - 1.1972), '<', 0.05, 'so is the mean of repeat orders') FROM customer;
SELECT is_empty('SELECT customer_id FROM customer WHERE repeats < clv_frequency(history) OR clv_orders(history) <> repeats + 1', 'x counts days: never more than repeat orders');
SELECT cmp_ok(abs(avg(first_amount) - 36), '<', 0.5, 'the mean order is p gamma / (q - 1)') FROM customer;
-- within customers: E[z1 z2] = p^2 gamma^2 / ((q - 1) (q - 2)), Var z = that (1 + 1/p) - mean^2
SELECT cmp_ok(abs(avg(first_amount * second_amount) - 1458), '<', 40.0, 'two orders of a customer resemble each other as Gamma-Gamma says') FROM customer WHERE repeats > 0;
SELECT cmp_ok(abs(var_samp(first_amount) - (1458 * (1 + 1 / 6.0) - 36 * 36)), '<', 25.0, 'and vary as it says') FROM customer;
SELECT cmp_ok(abs(corr(repeats, clv_average_order_value(history))), '<', 0.02::double precision, 'what customers spend has nothing to do with how often they come') FROM customer;
SELECT cmp_ok(abs(avg(extract(epoch FROM first_order - timestamp '2022-01-01')) / 86400 - 0.5), '<', 0.01, 'first orders are spread evenly over the acquisition day') FROM customer;

-- acquisition: even over the window, in every channel
SELECT is_empty($$SELECT channel, quarter, n FROM (
                    SELECT channel, width_bucket(extract(epoch FROM first_order - timestamp '2022-01-01'), 0, 86400 * 365, 4) AS quarter, count(*)::numeric / sum(count(*)) OVER (PARTITION BY channel) AS n
                      FROM (SELECT customer_id, channel, min(ordered_at) AS first_order FROM clv_simulate(10000, '2022-01-01', '2023-12-31', acquired_to => '2022-12-31') GROUP BY 1, 2) AS f
                     GROUP BY 1, 2) AS q WHERE abs(n - 0.25) > 0.05 OR quarter NOT BETWEEN 1 AND 4$$,
                'customers come at the same rate in every quarter of the acquisition window, in every channel');
SELECT cmp_ok(abs(1 - (SELECT sum(amount) FILTER (WHERE amount < 0) / sum(amount) FILTER (WHERE amount > 0)
                         FROM clv_simulate(5000, '2020-01-01', '2023-12-31', refund_share => 0.2)) / -0.15), '<', 0.05,
              'a fifth of the orders is refunded, half of them in whole and half in part: 15% of the money');

-- the same book in every session and plan
CREATE FUNCTION pg_temp.book() RETURNS text LANGUAGE sql AS
    $$SELECT md5(string_agg(concat_ws('|', order_id, customer_id, channel, extract(epoch FROM ordered_at), amount), E'\n' ORDER BY order_id)) FROM clv_simulate(500, '2022-01-01', '2023-12-31', refund_share => 0.1)$$;
CREATE TEMPORARY TABLE book AS SELECT pg_temp.book() AS book;
SET LOCAL timezone = 'Asia/Jakarta';
SET LOCAL datestyle = 'German';
SET LOCAL extra_float_digits = -15;
SET LOCAL work_mem = '64kB';
SELECT is(pg_temp.book(), (TABLE book), 'time zone, date style, float digits and memory change nothing');
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO';
SELECT is((SELECT md5(string_agg(concat_ws('|', order_id, customer_id, channel, extract(epoch FROM ordered_at), amount), E'\n' ORDER BY order_id))
             FROM clv_simulate(refund_share => 0.1, to_day => '2023-12-31', from_day => '2022-01-01', customers => 500, seed => 1)), (TABLE book), 'arguments by name, in any order');
SELECT is((SELECT md5(string_agg(concat_ws('|', (o).order_id, (o).customer_id, (o).channel, extract(epoch FROM (o).ordered_at), (o).amount), E'\n' ORDER BY (o).order_id))
             FROM (SELECT clv_simulate(500, '2022-01-01', '2023-12-31', refund_share => 0.1) AS o) AS s), (TABLE book), 'as a set in the select list');
SELECT is((SELECT count(DISTINCT fingerprint) FROM generate_series(1, 3) AS n,
                  LATERAL (SELECT md5(string_agg(o::text, '' ORDER BY o.order_id)) AS fingerprint FROM clv_simulate(100 + 0 * n, '2022-01-01', '2023-12-31') AS o) AS f), 1::bigint, 'the same every time it is scanned again');
CREATE TABLE clv_simulate_seeds AS SELECT seed FROM generate_series(1, 40) AS seed;
ANALYZE clv_simulate_seeds;
CREATE TEMPORARY TABLE serial AS SELECT seed, (SELECT md5(string_agg(o::text, '' ORDER BY o.order_id)) FROM clv_simulate(20, '2022-01-01', '2023-12-31', seed) AS o) AS fingerprint FROM clv_simulate_seeds;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT is_empty($$SELECT seed FROM serial JOIN (SELECT s.seed, md5(string_agg(o::text, '' ORDER BY o.order_id)) AS fingerprint FROM clv_simulate_seeds AS s, LATERAL clv_simulate(20, '2022-01-01', '2023-12-31', s.seed) AS o GROUP BY s.seed) AS p USING (seed)
                   WHERE serial.fingerprint <> p.fingerprint$$, 'parallel workers draw the same books');
SELECT is((SELECT count(DISTINCT fingerprint) FROM serial), 40::bigint, 'every seed draws another');
SELECT is_empty($$SELECT a.seed FROM clv_simulate_seeds AS a, LATERAL (SELECT corr(x.amount, y.amount) AS c, count(*) AS n
                      FROM clv_simulate(2000, '2022-01-01', '2022-01-31', a.seed, acquired_to => '2022-01-01') AS x
                      JOIN clv_simulate(2000, '2022-01-01', '2022-01-31', a.seed + 1, acquired_to => '2022-01-01') AS y USING (order_id)) AS c
                   WHERE a.seed <= 5 AND abs(c) > 4 / sqrt(n)$$, 'neighbouring seeds have nothing in common');

-- subscriptions
CREATE TEMPORARY TABLE contract AS SELECT * FROM clv_simulate_subscriptions(20000, '2022-01-01', '2024-12-31', seed => 3, trial_days => 0, return_share => 0, change_share => 0, yearly_share => 0, acquired_to => '2022-01-31');
SELECT is_empty($$SELECT m FROM (SELECT clv_model_parameters(clv_fit(clv_contract_sample(starts_on, ends_on - 1, '2024-12-31', 'month'), 'sbg')) AS m FROM contract) AS p WHERE abs((m).estimate - CASE (m).parameter WHEN 'alpha' THEN 0.7 ELSE 8 END) > 4 * (m).standard_error$$, 'a fit of sBG finds the churn that was drawn');
CREATE TEMPORARY TABLE drawn AS SELECT * FROM clv_simulate_subscriptions(20000, '2022-01-01', '2024-12-31', seed => 5);
SELECT results_eq('SELECT count(DISTINCT customer_id), count(*) FILTER (WHERE amount = 0), min(term_id), max(term_id) - count(*) FROM drawn', 'VALUES (20000::bigint, 20000::bigint, 1::bigint, 0::bigint)', 'everybody begins with a trial');
SELECT is_empty($$SELECT term_id FROM (SELECT *, lead(starts_on) OVER (PARTITION BY customer_id ORDER BY term_id) AS next FROM drawn) AS t WHERE ends_on <= starts_on OR next < ends_on OR (next IS NOT NULL AND ends_on IS NULL) OR starts_on NOT BETWEEN '2022-01-01' AND '2024-12-31' OR (ends_on > '2024-12-31' AND amount > 0)$$, 'terms of a customer follow one another');
SELECT ok(abs(avg((paid)::integer) - 0.6) < 0.02, '60 % go on after it') FROM (SELECT bool_or(amount > 0) AS paid FROM drawn WHERE customer_id IN (SELECT customer_id FROM drawn WHERE amount = 0 AND ends_on < '2024-12-31') GROUP BY customer_id) AS c;
SELECT ok(abs(avg((billing_interval = '1 year')::integer) - 0.2) < 0.02, '20 % of them by the year') FROM (SELECT DISTINCT ON (customer_id) billing_interval FROM drawn WHERE amount > 0 ORDER BY customer_id, term_id) AS f;
SELECT is_empty($$SELECT plan FROM drawn WHERE amount > 0 AND amount <> CASE plan WHEN 'basic' THEN 10 WHEN 'plus' THEN 30 ELSE 80 END * CASE billing_interval WHEN '1 year' THEN 10 ELSE 1 END$$, 'plans have their prices');
SELECT is_empty($$SELECT d.* FROM drawn AS d WHERE customer_id <= 100 EXCEPT SELECT s.* FROM clv_simulate_subscriptions(100, '2022-01-01', '2024-12-31', seed => 5) AS s$$, 'the first customers of many are those of few');
SELECT ok(bool_and(closing_mrr = opening_mrr + new_mrr + expansion + contraction + churned_mrr + reactivated_mrr) AND sum(reactivated_subscribers) > 500 AND sum(expanding_subscribers) > sum(contracting_subscribers), 'and their moves are of all kinds')
  FROM clv_mrr_moves('drawn', 'customer_id', 'starts_on', 'amount', 'ends_on', 'billing_interval', as_of => '2024-12-31');

SELECT * FROM finish();
ROLLBACK;
