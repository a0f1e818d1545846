-- Models of regular buyers, and the regularity of a base: what must hold whatever the numbers are, and known truth.
BEGIN;
SELECT plan(28);
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;

CREATE FUNCTION pg_temp.off(got double precision, want double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT CASE WHEN got = want THEN 0 WHEN got IS NULL OR want IS NULL OR got = 'NaN' THEN 'infinity' ELSE abs(got - want) / greatest(abs(want), 1e-280) END$$;
-- a book drawn with each regularity; gaps have a mean of weeks, so that days are fine enough
-- not temporary: parallel workers read it
CREATE TABLE clv_regular_book AS
SELECT k, customer_id, clv_history(amount, ordered_at) AS history
FROM unnest('{1, 2, 3, 5}'::integer[]) AS k, clv_simulate(1500, '2022-01-01', '2024-12-31', seed => 40 + k, r => 2, alpha => 8, channel_effect => 0, regularity => k)
GROUP BY k, customer_id;
CREATE TEMPORARY TABLE drawn AS SELECT k, clv_sample(history, '2023-12-31', 'week') AS sample FROM clv_regular_book GROUP BY k;
CREATE TEMPORARY TABLE fits AS SELECT d.k, kind, clv_fit(sample, kind) AS model FROM drawn AS d, unnest('{bgnbd, bgcnbd, bgcnbd-1, mbgnbd, mbgcnbd-1}'::text[]) AS kind;

-- 1. The truth is found.
SELECT results_eq($$SELECT k, (model::jsonb #>> '{parameters,k}')::integer FROM fits WHERE kind = 'bgcnbd' ORDER BY k$$, $$VALUES (1, 1), (2, 2), (3, 3), (5, 5)$$, 'a fit finds k');
SELECT is_empty($$SELECT k, p.* FROM fits, clv_model_parameters(model) AS p JOIN (VALUES ('r', 2), ('alpha', 8), ('a', 0.6), ('b', 9)) AS t (parameter, truth) USING (parameter)
    WHERE kind = 'bgcnbd' AND abs(p.estimate - t.truth / CASE WHEN parameter = 'alpha' THEN k ELSE 1 END) > 3.5 * p.standard_error$$, 'parameters are those drawn with, alpha by stage, within their errors');
SELECT is_empty($$SELECT a.k FROM fits AS a JOIN fits AS b USING (k) WHERE a.kind = 'bgnbd' AND b.kind = 'bgcnbd'
    AND (clv_model_summary(b.model)).log_likelihood - (clv_model_summary(a.model)).log_likelihood < CASE k WHEN 1 THEN 0 ELSE 100 END$$, 'the likelihood prefers it');
CREATE TEMPORARY TABLE seen AS SELECT k, clv_regularity(history, '2023-12-31') AS r FROM clv_regular_book GROUP BY k;
SELECT is_empty($$SELECT * FROM seen WHERE abs((r).regularity - k) > 3.5 * (r).standard_error$$, 'clv_regularity finds it too, from two gaps');
SELECT is_empty($$SELECT * FROM seen WHERE (r).regularity_of_frequent NOT BETWEEN k AND 1.5 * k$$, 'and from all gaps of frequent customers, somewhat higher');
SELECT is_empty($$SELECT k, (i).* FROM (SELECT k, (SELECT clv_predict_interval(model, history, '2023-12-31', '1 year', 0.999) FROM clv_regular_book AS b WHERE b.k = f.k) AS i FROM fits AS f WHERE kind = 'bgcnbd') AS q
    WHERE (SELECT sum(clv_purchase_days(clv_between(history, '2024-01-01', '2024-12-31'))) FROM clv_regular_book AS b WHERE b.k = q.k AND clv_first_purchase(history) <= '2023-12-31') NOT BETWEEN (i).low AND (i).high$$, 'the purchases of the next year are in the interval');
SELECT cmp_ok((SELECT avg(clv_p_alive(a.model, history, '2023-12-31') - clv_p_alive(b.model, history, '2023-12-31')) FROM clv_regular_book AS c JOIN fits AS a USING (k) JOIN fits AS b USING (k)
    WHERE k = 5 AND a.kind = 'bgnbd' AND b.kind = 'bgcnbd' AND clv_frequency(history) > 5 AND clv_days_since_last(history, '2023-12-31') > 150), '>', 0.02::float8, 'after a silence fewer regular buyers are left than a model of random ones believes');

-- 2. k = 1 is the model without it.
SELECT is_empty($$SELECT a.k FROM fits AS a JOIN fits AS b ON a.k = b.k AND (a.kind, b.kind) IN (('bgnbd', 'bgcnbd-1'), ('mbgnbd', 'mbgcnbd-1'))
    WHERE a.model::jsonb #- '{model}' <> b.model::jsonb #- '{model}' #- '{parameters,k}'$$, 'k = 1: the same fit');
SELECT is_empty($$SELECT a.k FROM fits AS a JOIN fits AS b ON a.k = b.k AND a.kind = 'mbgnbd' AND b.kind = 'mbgcnbd-1', (VALUES (0, 0, 40), (3, 10, 40), (20, 39, 40)) AS c (x, t_x, age)
    WHERE (clv_p_alive(a.model, x, t_x, age), clv_expected_purchases(a.model, x, t_x, age, 52), clv_purchase_probability(a.model, x, t_x, age, 2, 52), clv_next_purchase(a.model, x, t_x, age), clv_dert(a.model, x, t_x, age, 0.01))
       IS DISTINCT FROM (clv_p_alive(b.model, x, t_x, age), clv_expected_purchases(b.model, x, t_x, age, 52), clv_purchase_probability(b.model, x, t_x, age, 2, 52), clv_next_purchase(b.model, x, t_x, age), clv_dert(b.model, x, t_x, age, 0.01))$$, 'k = 1: the same predictions');

-- 3. Units, order of rows, plans, parts.
SELECT is_empty($$SELECT unit FROM unnest('{day, month, year}'::text[]) AS unit, LATERAL (SELECT clv_fit(clv_sample(history, '2023-12-31', unit), 'mbgcnbd') AS model FROM clv_regular_book WHERE k = 3) AS f,
    LATERAL (SELECT clv_fit(clv_sample(history, '2023-12-31', 'week'), 'mbgcnbd') AS model FROM clv_regular_book WHERE k = 3) AS w
    WHERE pg_temp.off((f.model::jsonb #>> '{parameters,b}')::float8, (w.model::jsonb #>> '{parameters,b}')::float8) > 1e-6 OR f.model::jsonb #>> '{parameters,k}' <> w.model::jsonb #>> '{parameters,k}'$$, 'the unit makes no difference');
SELECT is((SELECT clv_sample(history, '2023-12-31', 'week' ORDER BY customer_id DESC)::text FROM clv_regular_book WHERE k = 3), (SELECT sample::text FROM drawn WHERE k = 3), 'nor does the order of rows');
SELECT is((SELECT clv_rollup(s)::text FROM (SELECT clv_sample(history, '2023-12-31', 'week') AS s FROM clv_regular_book WHERE k = 3 GROUP BY customer_id % 7) AS p), (SELECT sample::text FROM drawn WHERE k = 3), 'samples of parts add up, gaps included');
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
-- or it may have read all rows before they start
SET LOCAL parallel_leader_participation = off;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$DECLARE line text; plan text := ''; BEGIN FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP plan := plan || line || E'\n'; END LOOP; RETURN plan; END$$;
SELECT matches(pg_temp.plan_of($$SELECT clv_sample(history, '2023-12-31', 'week') FROM clv_regular_book WHERE k = 3$$) || pg_temp.plan_of($$SELECT clv_regularity(history, '2023-12-31') FROM clv_regular_book WHERE k = 3$$), 'Partial Aggregate.*Partial Aggregate', 'both have parallel plans');
-- functions of pgTAP are not parallel safe
CREATE TEMPORARY TABLE by_workers AS SELECT clv_sample(history, '2023-12-31', 'week') AS sample, clv_regularity(history, '2023-12-31') AS r FROM clv_regular_book WHERE k = 3;
SELECT is((SELECT sample::text FROM by_workers), (SELECT sample::text FROM drawn WHERE k = 3), 'nor do parallel workers');
SELECT is((SELECT r::text FROM by_workers), (SELECT r::text FROM seen WHERE k = 3), 'nor of clv_regularity');
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is_empty($$SELECT (e ->> 0)::integer, (e ->> 1)::bigint FROM drawn, jsonb_array_elements(sample::text::jsonb -> 'gaps') AS e WHERE k = 3
    EXCEPT SELECT day - before, count(*) FROM (SELECT d.day, lag(d.day) OVER (PARTITION BY customer_id ORDER BY d.day) AS before FROM clv_regular_book, clv_days(clv_at(history, '2023-12-31')) AS d WHERE k = 3) AS g WHERE before IS NOT NULL GROUP BY 1$$, 'the gaps of a sample are those between the days');

-- 4. Laws.
SELECT is_empty($$SELECT k, (clv_model_summary(clv_fit(sample, 'bgcnbd-' || n))).log_likelihood FROM drawn AS d JOIN fits AS f USING (k), generate_series(1, 6) AS n
    WHERE f.kind = 'bgcnbd' AND (clv_model_summary(clv_fit(sample, 'bgcnbd-' || n))).log_likelihood > (clv_model_summary(f.model)).log_likelihood + 1e-6$$, 'no other k has a larger likelihood');
CREATE TEMPORARY TABLE clv_regular_figures AS SELECT clv_frequency(h) AS x, clv_recency(h, 'week') AS t_x, clv_age(h, '2023-12-31', 'week') AS age FROM (SELECT clv_at(history, '2023-12-31') AS h FROM clv_regular_book WHERE k = 3) AS b WHERE clv_frequency(h) IS NOT NULL;
SELECT ok((SELECT (clv_fit(clv_sample(x, t_x, age), 'bgcnbd')::jsonb #>> '{parameters,k}')::integer BETWEEN 2 AND 4 FROM clv_regular_figures), 'without the gaps k is found from x and t_x, or nearly');
SELECT is((SELECT (clv_fit(clv_sample(x, t_x, age), 'bgcnbd-3')::jsonb #> '{parameters}') FROM clv_regular_figures), (SELECT clv_fit(sample, 'bgcnbd-3')::jsonb #> '{parameters}' FROM drawn WHERE k = 3), 'with a known k the gaps change no other parameter');
SELECT results_eq($$SELECT status, at_bound FROM (SELECT clv_fit(clv_sample(history, '2024-12-31', 'week'), 'mbgcnbd') AS m FROM (SELECT customer_id, clv_history(amount, ordered_at) AS history
    FROM clv_simulate(800, '2022-01-01', '2024-12-31', r => 2, alpha => 20, regularity => 60) GROUP BY 1) AS b) AS f, LATERAL (SELECT (clv_model_summary(m)).status, m::jsonb ->> 'at_bound' AS at_bound) AS s$$,
    $$VALUES ('boundary'::text, '["k"]')$$, 'more regular than the bound of k: the fit says so');
SELECT is_empty($$SELECT x FROM generate_series(0, 20, 4) AS x, fits WHERE kind = 'bgcnbd' AND k = 3 AND pg_temp.off((SELECT sum(n * clv_purchase_probability(model, x, x * 2, 60, n, 26)) FROM generate_series(1, 60) AS n), clv_expected_purchases(model, x, x * 2, 60, 26)) > 1e-9$$, 'probabilities add up to the expectation');
CREATE TEMPORARY TABLE clv_regular_three AS SELECT customer_id, history FROM clv_regular_book WHERE k = 3;
SELECT is((SELECT count(*) FROM clv_frequency_check('clv_regular_three', 'customer_id', 'history', model => (SELECT model FROM fits WHERE kind = 'bgcnbd' AND k = 3), as_of => '2023-12-31') WHERE expected IS NULL), 0::bigint, 'clv_frequency_check takes it');

-- the expectations that clv_tracking keeps by their days are those of new customers
SELECT is_empty($$SELECT t.period_start FROM (SELECT model FROM fits WHERE kind = 'bgcnbd' AND k = 3) AS f,
    clv_tracking('clv_regular_three', 'customer_id', 'history', model => model, as_of => '2022-12-31', period => 'month') AS t
    WHERE pg_temp.off(t.expected_so_far, (SELECT sum(clv_expected_purchases(model, (least((t.period_start + interval '1 month')::date - 1, '2022-12-31') - clv_first_purchase(history))::float8 / 7))
        FROM clv_regular_three WHERE clv_first_purchase(history) < (t.period_start + interval '1 month')::date AND clv_first_purchase(history) <= '2022-12-31')) > 1e-11$$, 'clv_tracking');
SELECT cmp_ok((SELECT mae FROM clv_backtest('clv_regular_three', 'customer_id', 'history', as_of => '2024-12-31', calibration_end => '2023-12-31', model => 'mbgcnbd') WHERE bucket = 'all' AND method = 'model' AND measure = 'purchases'), '<',
    (SELECT mae FROM clv_backtest('clv_regular_three', 'customer_id', 'history', as_of => '2024-12-31', calibration_end => '2023-12-31', model => 'mbgnbd') WHERE bucket = 'all' AND method = 'model' AND measure = 'purchases'), 'clv_backtest: it predicts better than MBG/NBD');

-- 5. Views.
CREATE TABLE clv_regular_orders AS SELECT * FROM clv_simulate(500, '2022-01-01', '2024-12-31', r => 2, alpha => 8, regularity => 3);
SELECT count(*) AS made FROM clv_create_views('clv_regular_views', 'clv_regular_orders', today => 'last order', model => 'mbgnbd') \gset
SELECT results_eq($$SELECT severity, finding ~ '^k about (2.[5-9]|3.[0-5]), ', count > 100, advice ~ 'mbgcnbd' FROM clv_regular_views.audit WHERE check_name = 'regular buyers'$$, $$VALUES ('note'::text, true, true, true)$$, 'the audit sees regular buyers');
SELECT count(*) AS made FROM clv_create_views('clv_regular_views', 'clv_regular_orders', today => 'last order', model => 'mbgcnbd') \gset
SELECT results_eq($$SELECT model, status, buying_model::jsonb #>> '{parameters,k}' FROM clv_regular_views.model$$, $$VALUES ('mbgcnbd'::text, 'converged'::text, '3'::text)$$, 'views over a model of regular buyers');
SELECT results_eq($$SELECT severity, advice FROM clv_regular_views.audit WHERE check_name = 'regular buyers'$$, $$VALUES ('ok'::text, NULL::text)$$, 'with which the audit is content');
SELECT is_empty($$SELECT c.customer_id FROM clv_regular_views.customers AS c JOIN clv_regular_views.histories AS h USING (customer_id), clv_regular_views.model AS m
    WHERE c.p_alive IS DISTINCT FROM clv_p_alive(m.buying_model::clv_model, h.history, (SELECT max(ordered_at)::date FROM clv_regular_orders)) AND abs(c.p_alive - clv_p_alive(m.buying_model::clv_model, h.history, (SELECT max(ordered_at)::date FROM clv_regular_orders))) > 1e-3$$, 'and customers have its P(alive)');

SELECT * FROM finish();
ROLLBACK;
