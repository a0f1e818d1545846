-- Intervals of total values: against moments found in another way, by simulation with known truth, and what must hold.
BEGIN;
SELECT plan(19);
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;

CREATE FUNCTION pg_temp.off(got double precision, want double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT CASE WHEN got = want THEN 0 WHEN got IS NULL OR want IS NULL OR got = 'NaN' THEN 'infinity' ELSE abs(got - want) / greatest(abs(want), 1e-280) END$$;
CREATE FUNCTION pg_temp.with_parameter(model clv_model, name text, value double precision) RETURNS clv_model LANGUAGE sql IMMUTABLE AS
    $$SELECT jsonb_set(model::text::jsonb, ARRAY['parameters', name], to_jsonb(value))::text::clv_model$$;
CREATE FUNCTION pg_temp.known(model clv_model) RETURNS clv_model LANGUAGE sql IMMUTABLE AS
    $$SELECT (model::text::jsonb - 'covariance')::text::clv_model$$;
CREATE FUNCTION pg_temp.parameter(model clv_model, name text) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT (model::text::jsonb #>> ARRAY['parameters', name])::double precision$$;

CREATE TEMPORARY TABLE base AS SELECT customer_id, clv_history(amount, ordered_at) AS history FROM clv_simulate(2000, '2022-01-01', '2024-12-31', seed => 7, refund_share => 0.05) GROUP BY customer_id;
INSERT INTO base VALUES (-1, NULL), (-2, '{2024-01-01: -5}'), (-3, '{2025-02-01: 5}'), (-4, '{2024-01-01: 5, 2024-02-01: 7, 2024-03-01: -20}');
CREATE TEMPORARY TABLE fitted AS SELECT kind, clv_fit(clv_sample(history, '2024-12-31', 'week'), kind) AS buying, (SELECT clv_fit(clv_spend_sample(history, '2024-12-31'), 'gammagamma') FROM base) AS spend
FROM base, unnest('{mbgnbd, bgnbd, paretonbd, mbgcnbd}'::text[]) AS kind GROUP BY kind;
ANALYZE base;

-- 1. What is expected, and its variance.
CREATE TEMPORARY TABLE total AS SELECT kind, (clv_predict_interval(buying, spend, history, '2024-12-31', '1 year', 0.8)).*, sum(clv_predict(buying, spend, history, '2024-12-31', '1 year')) AS predicted, count(clv_predict(buying, spend, history, '2024-12-31', '1 year')) AS number
FROM base, fitted GROUP BY kind;
SELECT is_empty($$SELECT * FROM total WHERE NOT (customers = number AND pg_temp.off(expected, predicted) < 1e-10 AND low < expected AND expected < high AND standard_error > 0)$$, 'customers are counted, and their clv_predict adds up to what is expected');
-- of n purchases with rate nu, the value is Gamma(p n, nu), and nu is Gamma(p x + q, gamma + x m_x)
CREATE TEMPORARY TABLE single AS
SELECT customer_id, kind, i, g.p, g.p * greatest(clv_frequency(history), 0) + g.q AS shape, g.gamma + greatest(clv_frequency(history), 0) * greatest(clv_repeat_value(history)::double precision, 0) AS rate,
       ARRAY(SELECT clv_purchase_probability(buying, history, '2024-12-31', n, '60 days') FROM generate_series(0, 100) AS n) AS probabilities
FROM base, fitted, LATERAL (SELECT clv_predict_interval(pg_temp.known(v.b), pg_temp.known(v.s), v.h, '2024-12-31', '60 days', 0.8) AS i FROM (VALUES (buying, spend, history)) AS v (b, s, h)) AS i,
       LATERAL (SELECT pg_temp.parameter(spend, 'p') AS p, pg_temp.parameter(spend, 'q') AS q, pg_temp.parameter(spend, 'gamma') AS gamma) AS g
WHERE customer_id BETWEEN 1 AND 25 AND clv_first_purchase(history) <= '2024-12-31';
SELECT is_empty($$SELECT s.customer_id, s.kind, i, m.first, sqrt(m.second - m.first ^ 2)
    FROM single AS s, LATERAL (SELECT sum(u.prob * (u.n - 1)) * p * rate / (shape - 1) AS first, sum(u.prob * (p * (u.n - 1)) * (p * (u.n - 1) + 1)) * rate ^ 2 / (shape - 1) / (shape - 2) AS second FROM unnest(probabilities) WITH ORDINALITY AS u (prob, n)) AS m
    WHERE NOT ((s.i).customers = 1 AND pg_temp.off((s.i).expected, m.first) < 1e-8 AND pg_temp.off((s.i).standard_error, sqrt(m.second - m.first ^ 2)) < 1e-6)$$,
    'of one customer, mean and deviation are those of the sums over purchases');
SELECT is_empty($$SELECT customer_id, kind, i FROM single WHERE ((i).low = 0) IS DISTINCT FROM (probabilities[1] >= 0.1) OR ((i).high = 0) IS DISTINCT FROM (probabilities[1] >= 0.9)$$, 'an end is 0 if nobody buys with that probability');
SELECT is_empty($$SELECT kind, w.all, w.halves FROM (SELECT kind, (SELECT (clv_predict_interval(pg_temp.known(buying), pg_temp.known(spend), history, '2024-12-31', '1 year', 0.8)).standard_error ^ 2 FROM base) AS all,
        (SELECT sum((half).standard_error ^ 2) FROM (SELECT clv_predict_interval(pg_temp.known(buying), pg_temp.known(spend), history, '2024-12-31', '1 year', 0.8) AS half FROM base GROUP BY customer_id % 2) AS h) AS halves FROM fitted) AS w
    WHERE NOT pg_temp.off(w.all, w.halves) < 1e-10$$, 'with known parameters customers are independent of each other');
-- the delta method, with derivatives by differences
CREATE TEMPORARY TABLE slope AS
SELECT f.kind, p.which, p.name, p.place, (upper.total - lower.total) / (2e-4 * p.value) AS slope
FROM (SELECT f.kind, f.buying, f.spend, v.which, o.name, o.place, o.value FROM fitted AS f, LATERAL (VALUES ('buying', buying), ('spend', spend)) AS v (which, model), LATERAL (SELECT k.key AS name, k.value::double precision AS value, row_number() OVER () AS place FROM json_each_text(v.model::text::json -> 'parameters') AS k WHERE k.key <> 'k') AS o) AS p JOIN fitted AS f USING (kind),
    LATERAL (SELECT sum(clv_predict(CASE p.which WHEN 'buying' THEN pg_temp.with_parameter(p.buying, p.name, p.value * 1.0001) ELSE p.buying END, CASE p.which WHEN 'spend' THEN pg_temp.with_parameter(p.spend, p.name, p.value * 1.0001) ELSE p.spend END, history, '2024-12-31', '1 year')) AS total FROM base) AS upper,
    LATERAL (SELECT sum(clv_predict(CASE p.which WHEN 'buying' THEN pg_temp.with_parameter(p.buying, p.name, p.value * 0.9999) ELSE p.buying END, CASE p.which WHEN 'spend' THEN pg_temp.with_parameter(p.spend, p.name, p.value * 0.9999) ELSE p.spend END, history, '2024-12-31', '1 year')) AS total FROM base) AS lower;
SELECT is_empty($$SELECT f.kind, t.standard_error ^ 2 - k.chance AS got, d.wanted FROM fitted AS f JOIN total AS t USING (kind),
    LATERAL (SELECT (clv_predict_interval(pg_temp.known(f.buying), pg_temp.known(f.spend), history, '2024-12-31', '1 year', 0.8)).standard_error ^ 2 AS chance FROM base) AS k,
    LATERAL (SELECT sum(a.slope * b.slope * (CASE a.which WHEN 'buying' THEN f.buying ELSE f.spend END::text::jsonb #>> ARRAY['covariance', (a.place - 1)::text, (b.place - 1)::text])::double precision) AS wanted FROM slope AS a JOIN slope AS b USING (kind, which) WHERE a.kind = f.kind) AS d
    WHERE NOT abs((t.standard_error ^ 2 - k.chance) / d.wanted - 1) < 0.05$$, 'what the errors of both models add is that of the delta method, within 5 %');

-- 2. How often the outcome is within.
CREATE TEMPORARY TABLE book AS
SELECT seed, clv_history(amount, ordered_at::date) AS history FROM generate_series(2001, 2200) AS seed,
       LATERAL clv_simulate(300, '2021-01-01', '2023-12-31', seed => seed, r => 0.8, alpha => 15, a => 0.6, b => 3, channel_effect => 0, acquired_to => '2021-12-31') GROUP BY seed, customer_id;
ANALYZE book;
CREATE TEMPORARY TABLE outcome AS
SELECT seed, clv_predict_interval(buying, spend, history, '2022-12-31', '1 year', 0.8) AS i, clv_predict_interval(buying, spend, history, '2022-12-31', '1 year', 0.95) AS wide, coalesce(sum(clv(clv_between(history, '2023-01-01', '2023-12-31'))), 0)::double precision AS actual
FROM (SELECT seed, clv_fit(clv_sample(history, '2022-12-31', 'week'), 'bgnbd') AS buying, clv_fit(clv_spend_sample(history, '2022-12-31'), 'gammagamma') AS spend FROM book GROUP BY seed) AS f JOIN book USING (seed) GROUP BY seed;
SELECT ok((SELECT avg((actual BETWEEN (i).low AND (i).high)::integer) BETWEEN 0.74 AND 0.86 FROM outcome), 'of 200 books ' || (SELECT round(100 * avg((actual BETWEEN (i).low AND (i).high)::integer), 1) FROM outcome) || ' % end up within 80 %');
SELECT ok((SELECT avg((actual BETWEEN (wide).low AND (wide).high)::integer) BETWEEN 0.91 AND 0.99 FROM outcome), 'and ' || (SELECT round(100 * avg((actual BETWEEN (wide).low AND (wide).high)::integer), 1) FROM outcome) || ' % within 95 %');
SELECT ok((SELECT stddev((actual - (i).expected) / (i).standard_error) BETWEEN 0.85 AND 1.15 AND abs(avg((actual - (i).expected) / (i).standard_error)) < 0.2 FROM outcome), 'the outcome is as far from the expectation as the standard error says');

-- 3. One answer.
CREATE TEMPORARY TABLE split AS SELECT * FROM base ORDER BY md5(customer_id::text);
ANALYZE split;
SELECT is_empty($$SELECT kind FROM fitted, LATERAL (SELECT clv_predict_interval(buying, spend, history, '2024-12-31', '1 year', 0.8) AS i FROM base) AS a, LATERAL (SELECT clv_predict_interval(buying, spend, history, '2024-12-31', '1 year', 0.8) AS i FROM split) AS b WHERE a.i::text IS DISTINCT FROM b.i::text$$, 'in any order of rows');
CREATE TABLE clv_interval_base (customer_id integer, history clv_history, buying clv_model, spend clv_model) PARTITION BY HASH (customer_id);
CREATE TABLE clv_interval_base_0 PARTITION OF clv_interval_base FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE clv_interval_base_1 PARTITION OF clv_interval_base FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO clv_interval_base SELECT b.customer_id, b.history, f.buying, f.spend FROM base AS b, fitted AS f WHERE f.kind = 'mbgnbd';
ANALYZE clv_interval_base;
CREATE FUNCTION pg_temp.together(shape text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := ''; result text;
BEGIN
    FOR line IN EXPLAIN SELECT clv_predict_interval(buying, spend, history, '2024-12-31', '1 year', 0.8) FROM clv_interval_base LOOP plan := plan || line; END LOOP;
    SELECT clv_predict_interval(buying, spend, history, '2024-12-31', '1 year', 0.8) INTO result FROM clv_interval_base;
    RETURN (plan ~ shape) || ': ' || result;
END $$;
CREATE TEMPORARY TABLE alone AS SELECT 'true: ' || i AS i FROM fitted, LATERAL (SELECT clv_predict_interval(buying, spend, history, '2024-12-31', '1 year', 0.8) AS i FROM base) AS i WHERE kind = 'mbgnbd';
SET LOCAL enable_partitionwise_aggregate = on;
SELECT is(pg_temp.together('Partial Aggregate.*Partial Aggregate'), (SELECT i FROM alone), 'in parts');
SET LOCAL enable_partitionwise_aggregate = off;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT is(pg_temp.together('Gather.*Partial Aggregate'), (SELECT i FROM alone), 'by workers');
SET LOCAL max_parallel_workers_per_gather = 0;

-- 4. Ends of what there is.
CREATE TEMPORARY TABLE levels AS SELECT n, level, clv_predict_interval(buying, spend, history, '2024-12-31', '1 year', level) AS i
FROM base, fitted, generate_series(1, 3) AS n, unnest('{0.000001, 0.5, 0.8, 0.95, 0.999999999}'::double precision[]) AS level WHERE kind = 'mbgnbd' AND customer_id <= 10 ^ n GROUP BY n, level;
SELECT is_empty($$SELECT * FROM (SELECT n, level, i, lag(i) OVER w AS before FROM levels WINDOW w AS (PARTITION BY n ORDER BY level)) AS l WHERE NOT ((i).low >= 0 AND (i).high < 'infinity' AND (i).low <= (i).high AND ((before).low >= (i).low AND (before).high <= (i).high OR before IS NULL))$$, 'a wider interval includes a narrower one');
SELECT matches((SELECT clv_predict_interval(buying, spend, history, '2024-12-31', '0 days', 0.8)::text FROM base, fitted WHERE kind = 'mbgnbd'), '^\(\d+,0,0,0,0\)$', 'nothing within no time');
CREATE TEMPORARY TABLE heavy AS SELECT q, (clv_predict_interval(buying, format('{"model": "gammagamma", "parameters": {"p": 5, "q": %s, "gamma": 10}}', q)::clv_model, history, '2024-12-31', '1 year', 0.8)).*
FROM base, fitted, unnest('{0.9, 1.5, 2.1}'::double precision[]) AS q WHERE kind = 'mbgnbd' GROUP BY q;
SELECT results_eq($$SELECT q::numeric, expected IS NULL, standard_error IS NULL, low IS NULL, high IS NULL FROM heavy ORDER BY q$$, $$VALUES (0.9, true, true, true, true), (1.5, false, true, true, true), (2.1, false, false, false, false)$$, 'what is infinite is NULL');
SELECT ok((SELECT count(DISTINCT customers) = 1 AND min(customers) > 1900 FROM heavy), 'and customers are counted');
SELECT is((SELECT clv_predict_interval(buying, spend, h, '2024-12-31', '1 year', 0.8) FROM fitted, unnest('{NULL, "{2025-02-01: 5}", "{2024-01-01: -5}"}'::clv_history[]) AS h WHERE kind = 'mbgnbd'), NULL, 'nobody is NULL');
SELECT throws_ok($$SELECT clv_predict_interval(buying, CASE WHEN customer_id % 2 = 0 THEN spend ELSE pg_temp.known(spend) END, history, '2024-12-31', '1 year', 0.8) FROM base, fitted WHERE kind = 'mbgnbd'$$, '22023', 'spend_model must be the same in all rows');
SELECT throws_ok($$SELECT clv_predict_interval(buying, spend, history, '2024-12-31', '1 year', customer_id / 3000.0) FROM base, fitted WHERE kind = 'mbgnbd' AND customer_id > 0$$, '22023', 'level must be the same in all rows');
SELECT throws_ok($$SELECT clv_predict_interval(buying, buying, history, '2024-12-31', '1 year', 0.8) FROM base, fitted WHERE kind = 'mbgnbd'$$, '22023', NULL, 'a model of another kind');
SELECT * FROM finish();
ROLLBACK;
