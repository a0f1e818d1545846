-- Seasons: the change of time against integrals over a seasonal process, known truth, and what must hold whatever the numbers are.
BEGIN;
SELECT plan(38);
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;

CREATE FUNCTION pg_temp.off(got double precision, want double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT CASE WHEN got = want THEN 0 WHEN got IS NULL OR want IS NULL OR got = 'NaN' THEN 'infinity' ELSE abs(got - want) / greatest(abs(want), 1e-280) END$$;
CREATE FUNCTION pg_temp.season() RETURNS clv_season LANGUAGE sql IMMUTABLE AS
    $$SELECT '{"weights": [0.7, 0.6, 0.8, 1, 1.1, 1, 0.8, 0.7, 1, 1.2, 1.5, 1.6], "spans": [["2023-03-20", "2023-04-02", 2.5], ["2024-11-25", "2024-12-01", 3]]}'::clv_season$$;

-- 1. A purchase rate lambda s(t) in calendar time, integrated over lambda and p numerically.
-- weights by hand: the sum of them over days is all that a Poisson process needs
CREATE FUNCTION pg_temp.weight(day date) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT ('{0.7, 0.6, 0.8, 1, 1.1, 1, 0.8, 0.7, 1, 1.2, 1.5, 1.6}'::float8[])[extract(month FROM day)::integer] / ((31 * (0.7 + 0.8 + 1.1 + 0.8 + 0.7 + 1.2 + 1.6) + 30 * (1 + 1 + 1 + 1.5) + 28.2425 * 0.6) / 365.2425)
           * CASE WHEN day BETWEEN '2023-03-20' AND '2023-04-02' THEN 2.5 WHEN day BETWEEN '2024-11-25' AND '2024-12-01' THEN 3 ELSE 1 END$$;
CREATE FUNCTION pg_temp.weeks(from_day date, to_day date) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT coalesce(sum(pg_temp.weight(from_day + i)), 0) / 7 FROM generate_series(1, to_day - from_day) AS i$$;
SELECT cmp_ok(max(abs(clv_season_weight(pg_temp.season(), d::date) - pg_temp.weight(d::date))), '<', 2e-9::double precision, 'weights are divided by their mean over all days') FROM generate_series(timestamp '2022-01-01', '2025-12-31', '1 day') AS d;

-- without an error where it is too small for a number
CREATE FUNCTION pg_temp.e(z double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$SELECT CASE WHEN z < -700 THEN 0 ELSE exp(z) END$$;
-- the integral of lambda^x lambda^(r - 1) exp(-lambda (alpha + time)), over that without data, with the rest of an Erlang gap
CREATE FUNCTION pg_temp.rates(r double precision, alpha double precision, x double precision, k integer, gone double precision, silent double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT sum(pg_temp.e((r + x * k) * u - (alpha + gone + silent) * exp(u)) * (1 + CASE WHEN k > 1 THEN exp(u) * silent ELSE 0 END)) / sum(pg_temp.e(r * u - alpha * exp(u)))
    FROM (SELECT -40 + i / 50.0::double precision AS u FROM generate_series(0, 2250) AS i) AS g$$;
-- the mean of p^i (1 - p)^j, by the logit of p
CREATE FUNCTION pg_temp.chances(a double precision, b double precision, i double precision, j double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT sum(pg_temp.e(-(a + i) * ln(1 + exp(-v)) - (b + j) * ln(1 + exp(v)))) / sum(pg_temp.e(-a * ln(1 + exp(-v)) - b * ln(1 + exp(v))))
    FROM (SELECT -60 + i / 20.0::double precision AS v FROM generate_series(0, 2400) AS i) AS g$$;
CREATE TEMPORARY TABLE buyer (n integer, days date[]);
INSERT INTO buyer VALUES (1, '{2023-02-10}'), (2, '{2023-01-15, 2023-03-28}'), (3, '{2022-10-05, 2022-12-20, 2023-04-01, 2023-11-24, 2024-10-30}'),
    (4, '{2022-11-30, 2022-12-01, 2022-12-24, 2023-03-25, 2023-06-01, 2023-11-11, 2023-12-05}'), (5, '{2024-06-01, 2024-10-31}'), (6, '{2023-08-08, 2024-08-08, 2024-09-01}');
CREATE TEMPORARY TABLE bought AS SELECT n, days, (SELECT clv_history(10, d) FROM unnest(days) AS d) AS history, cardinality(days) - 1 AS x, days[1] AS first, days[cardinality(days)] AS last FROM buyer;
-- kind, k, and whether customers can leave after the first purchase
CREATE TEMPORARY TABLE hand AS SELECT kind, k, left(kind, 1) = 'm' AS at_once, r, alpha, a, b,
    jsonb_build_object('model', kind, 'unit', 'week', 'season', pg_temp.season()::jsonb, 'parameters', jsonb_build_object('r', r, 'alpha', alpha, 'a', a, 'b', b) || CASE WHEN kind LIKE '%cnbd' THEN jsonb_build_object('k', k) ELSE '{}' END)::clv_model AS model
FROM (VALUES ('bgnbd', 1, 0.7, 8.0, 0.6, 2.5), ('mbgnbd', 1, 0.7, 8.0, 0.6, 2.5), ('bgcnbd', 2, 1.2, 5.0, 0.4, 3.0), ('mbgcnbd', 2, 1.2, 5.0, 0.4, 3.0)) AS v (kind, k, r, alpha, a, b);
-- the densities of all purchase days together with still being there, with having left after the last, and with being there and buying nothing in the 60 days to come; less what all three have in common
CREATE TEMPORARY TABLE truth AS
SELECT kind, k, n, alive, dead, quiet FROM hand, bought,
    LATERAL (SELECT pg_temp.weeks(first, last) AS t_x, pg_temp.weeks(last, '2024-11-15') AS silent, pg_temp.weeks(last, '2025-01-14') AS silent_later, x + at_once::integer AS chances OFFSET 0) AS t,
    LATERAL (SELECT pg_temp.rates(r, alpha, x, k, t_x, silent) * pg_temp.chances(a, b, 0, chances) AS alive,
                    CASE WHEN chances = 0 THEN 0 ELSE pg_temp.rates(r, alpha, x, k, t_x, 0) * pg_temp.chances(a, b, 1, chances - 1) END AS dead,
                    pg_temp.rates(r, alpha, x, k, t_x, silent_later) * pg_temp.chances(a, b, 0, chances) AS quiet) AS l;
SELECT cmp_ok(max(pg_temp.off(clv_p_alive(model, history, '2024-11-15'), alive / (alive + dead))), '<', 1e-8::double precision, 'P(alive)') FROM truth JOIN hand USING (kind) JOIN bought USING (n);
SELECT cmp_ok(max(pg_temp.off(clv_purchase_probability(model, history, '2024-11-15', 0, '60 days'), (quiet + dead) / (alive + dead))), '<', 1e-8::double precision, 'the probability of buying nothing before and after Christmas') FROM truth JOIN hand USING (kind) JOIN bought USING (n);
-- a customer who is there buys (1 - exp(-lambda p time)) / p times: no product of integrals
SELECT cmp_ok(pg_temp.off(clv_expected_purchases(model, history, '2024-11-15', '60 days'),
    (SELECT sum(pg_temp.e((r + x) * u - (alpha + age) * exp(u) - (a - 1) * ln(1 + exp(-v)) - (b + x) * ln(1 + exp(v))) * (1 - pg_temp.e(-exp(u) * horizon / (1 + exp(-v)))))
            / sum(pg_temp.e(r * u - alpha * exp(u) - a * ln(1 + exp(-v)) - b * ln(1 + exp(v))))
       FROM (SELECT -45 + i / 8.0::double precision AS u FROM generate_series(0, 400) AS i) AS u, (SELECT -50 + i / 4.0::double precision AS v FROM generate_series(0, 360) AS i) AS v) / (alive + dead)), '<', 1e-7::double precision, 'expected purchases')
FROM truth JOIN hand USING (kind) JOIN bought USING (n), LATERAL (SELECT pg_temp.weeks(first, '2024-11-15') AS age, pg_temp.weeks('2024-11-15', '2025-01-14') AS horizon OFFSET 0) AS t WHERE kind = 'bgnbd' AND n = 3;
-- the likelihood of a fit, in calendar time: lambda s(t) for each purchase
CREATE TEMPORARY TABLE little AS SELECT kind, clv_fit(clv_sample(history, '2024-11-15', 'week', pg_temp.season()), kind, 0.1) AS model FROM bought, unnest('{bgnbd, mbgnbd, bgcnbd-2, mbgcnbd-2}'::text[]) AS kind GROUP BY kind;
SELECT cmp_ok(max(abs((clv_model_summary(model)).log_likelihood - likelihood)), '<', 1e-6::double precision, 'the log-likelihood of a fit is that of the days themselves')
FROM little, LATERAL (SELECT (model::jsonb #>> '{parameters,r}')::float8 AS r, (model::jsonb #>> '{parameters,alpha}')::float8 AS alpha, (model::jsonb #>> '{parameters,a}')::float8 AS a, (model::jsonb #>> '{parameters,b}')::float8 AS b, CASE WHEN kind LIKE '%2' THEN 2 ELSE 1 END AS k, left(kind, 1) = 'm' AS at_once) AS p,
    LATERAL (SELECT sum(ln(pg_temp.rates(r, alpha, x, k, t_x, silent) * pg_temp.chances(a, b, 0, chances) + CASE WHEN chances = 0 THEN 0 ELSE pg_temp.rates(r, alpha, x, k, t_x, 0) * pg_temp.chances(a, b, 1, chances - 1) END)
               + (SELECT coalesce(sum(ln(pg_temp.weight(days[i])) + (k - 1) * ln(pg_temp.weeks(days[i - 1], days[i]))), 0) FROM generate_series(2, cardinality(days)) AS i)) AS likelihood
        FROM bought, LATERAL (SELECT pg_temp.weeks(first, last) AS t_x, pg_temp.weeks(last, '2024-11-15') AS silent, x + at_once::integer AS chances OFFSET 0) AS t) AS l;

-- 2. A season that is none.
CREATE TABLE clv_season_book AS
SELECT n, customer_id, clv_history(amount, ordered_at) AS history FROM (VALUES (1, NULL::clv_season, 1), (2, pg_temp.season(), 1), (3, pg_temp.season(), 3)) AS s (n, season, k),
    clv_simulate(1500, '2021-01-01', '2024-12-31', seed => 170 + n, r => 1.5, alpha => 8, a => 0.6, b => 6, channel_effect => 0, regularity => k, season => season) GROUP BY 1, 2;
CREATE TEMPORARY TABLE plain AS SELECT kind, clv_fit(clv_sample(history, '2023-12-31', 'week'), kind) AS model FROM clv_season_book, unnest('{bgnbd, mbgnbd, mbgcnbd}'::text[]) AS kind WHERE n = 1 GROUP BY kind;
SELECT is_empty($$SELECT kind FROM plain, LATERAL (SELECT clv_fit(clv_sample(history, '2023-12-31', 'week', '{"weights": [0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]}'), kind) AS m FROM clv_season_book WHERE n = 1) AS s WHERE m <> model$$, 'equal weights are no season');
-- a span in which nothing happens takes the same way as any season
CREATE TEMPORARY TABLE far AS SELECT kind, clv_fit(clv_sample(history, '2023-12-31', 'week', '{"weights": [3, 3, 3, 3, 3, 3, 3], "spans": [["2090-01-01", "2090-01-02", 2]]}'), kind) AS model FROM clv_season_book, unnest('{bgnbd, mbgnbd, mbgcnbd}'::text[]) AS kind WHERE n = 1 GROUP BY kind;
SELECT is_empty($$SELECT kind, f.model, p.model FROM far AS f JOIN plain AS p USING (kind) WHERE f.model::jsonb - 'season' <> p.model::jsonb OR NOT f.model::jsonb ? 'season'$$, 'weights of 1: the same fit to the last digit');
SELECT is_empty($$SELECT kind FROM far AS f JOIN plain AS p USING (kind), clv_season_book WHERE n = 1 AND
    (clv_p_alive(f.model, history, '2023-12-31'), clv_expected_purchases(f.model, history, '2023-12-31', '7 months'), clv_purchase_probability(f.model, history, '2023-12-31', 2, '7 months'), clv_next_purchase(f.model, history, '2023-12-31'), clv_dert(f.model, history, '2023-12-31'), clv_p_never(f.model, history, '2023-12-31'), clv_discounted_purchases(f.model, history, '2023-12-31', '7 months', 0.1))
    IS DISTINCT FROM (clv_p_alive(p.model, history, '2023-12-31'), clv_expected_purchases(p.model, history, '2023-12-31', '7 months'), clv_purchase_probability(p.model, history, '2023-12-31', 2, '7 months'), clv_next_purchase(p.model, history, '2023-12-31'), clv_dert(p.model, history, '2023-12-31'), clv_p_never(p.model, history, '2023-12-31'), clv_discounted_purchases(p.model, history, '2023-12-31', '7 months', 0.1))$$, 'and the same predictions');

-- 3. Known truth.
CREATE TEMPORARY TABLE drawn AS SELECT n, clv_sample(history, '2023-12-31', 'week', pg_temp.season()) AS sample FROM clv_season_book WHERE n > 1 GROUP BY n;
CREATE TEMPORARY TABLE fits AS SELECT n, clv_fit(sample, 'bgcnbd') AS model FROM drawn;
SELECT results_eq($$SELECT n, (model::jsonb #>> '{parameters,k}')::integer FROM fits ORDER BY n$$, $$VALUES (2, 1), (3, 3)$$, 'a fit with the season finds k');
SELECT is_empty($$SELECT n, p.* FROM fits, clv_model_parameters(model) AS p JOIN (VALUES ('r', 1.5), ('alpha', 8), ('a', 0.6), ('b', 6)) AS t (parameter, truth) USING (parameter)
    WHERE abs(p.estimate - t.truth / CASE WHEN parameter = 'alpha' AND n = 3 THEN 3 ELSE 1 END) > 3.5 * p.standard_error$$, 'parameters are those drawn with, within their errors');
SELECT is_empty($$SELECT n FROM fits JOIN (SELECT n, clv_fit(clv_sample(history, '2023-12-31', 'week'), 'bgcnbd') AS m FROM clv_season_book GROUP BY n) AS p USING (n)
    WHERE (clv_model_summary(model)).log_likelihood - (clv_model_summary(m)).log_likelihood < 100$$, 'the likelihood prefers the season');
CREATE FUNCTION pg_temp.bought_in(n integer, from_day date, to_day date) RETURNS bigint LANGUAGE sql STABLE AS
    $$SELECT sum(clv_purchase_days(clv_between(history, from_day, to_day))) FROM clv_season_book AS b WHERE b.n = $1 AND clv_first_purchase(history) < from_day$$;
SELECT is_empty($$SELECT n, as_of, (i).*, happened FROM (VALUES (2, '2023-12-31'::date, '59 days'::interval, '2024-02-28'::date), (2, '2024-10-31', '61 days', '2024-12-31'), (3, '2023-12-31', '59 days', '2024-02-28'), (3, '2024-10-31', '61 days', '2024-12-31')) AS v (n, as_of, horizon, until),
    LATERAL (SELECT (SELECT clv_predict_interval(model, history, as_of, horizon, 0.999) FROM clv_season_book AS b, fits AS f WHERE f.n = v.n AND b.n = v.n) AS i, pg_temp.bought_in(n, as_of + 1, until) AS happened) AS q
    WHERE happened NOT BETWEEN (i).low AND (i).high$$, 'purchases after Christmas and before it are in the interval');
CREATE TEMPORARY TABLE blind AS SELECT n, clv_fit(clv_sample(history, '2023-12-31', 'week'), 'bgcnbd') AS model FROM clv_season_book WHERE n > 1 GROUP BY n;
SELECT is_empty($$SELECT n FROM (SELECT n, clv_predict_interval(model, history, '2024-10-31', '61 days', 0.999) AS f FROM clv_season_book JOIN blind USING (n) GROUP BY n) AS q
    WHERE pg_temp.bought_in(n, '2024-11-01', '2024-12-31') BETWEEN (f).low AND (f).high$$, 'without the season they are not');

-- each parameter of each of 20 small books: an interval of 95 % misses 4 of 80, and hardly ever more than 10
SELECT cmp_ok(count(*) FILTER (WHERE truth NOT BETWEEN low AND high), '<=', 10::bigint, 'intervals cover the truth') FROM (SELECT clv_fit(clv_sample(history, '2023-12-31', 'week', pg_temp.season()), 'bgnbd') AS model
    FROM generate_series(1, 20) AS seed, LATERAL (SELECT clv_history(amount, ordered_at) AS history FROM clv_simulate(800, '2021-01-01', '2023-12-31', seed => seed, r => 0.8, alpha => 30, a => 0.8, b => 4, channel_effect => 0, season => pg_temp.season()) GROUP BY customer_id) AS h GROUP BY seed) AS f,
    clv_model_parameters(model) JOIN (VALUES ('r', 0.8), ('alpha', 30), ('a', 0.8), ('b', 4)) AS t (parameter, truth) USING (parameter);

-- 4. Predictions agree with each other.
CREATE TEMPORARY TABLE one AS SELECT model, history FROM fits JOIN clv_season_book USING (n) WHERE n = 3 AND customer_id < 60 AND clv_first_purchase(history) <= '2024-10-01';
SELECT is_empty($$SELECT * FROM (SELECT *, clv_next_purchase(model, history, '2024-10-15') AS day FROM one) AS q WHERE day IS NOT NULL AND NOT
    (clv_purchase_probability(model, history, '2024-10-15', 0, (day - '2024-10-15'::date) * interval '1 day') <= 0.5 + 1e-9 AND (day = '2024-10-16' OR clv_purchase_probability(model, history, '2024-10-15', 0, (day - '2024-10-16'::date) * interval '1 day') > 0.5 - 1e-9))$$, 'the next purchase has come by its day, and not by the day before');
SELECT is_empty($$SELECT * FROM (SELECT clv_discounted_purchases(model, history, '2024-10-15', '14 months', 0.2) AS got,
    (SELECT sum((clv_expected_purchases(model, history, '2024-10-15', m * interval '1 month') - clv_expected_purchases(model, history, '2024-10-15', (m - 1) * interval '1 month')) * 1.2 ^ (-m / 12.0)) FROM generate_series(1, 14) AS m) AS want FROM one) AS q WHERE pg_temp.off(got, want) > 1e-9$$, 'discount runs by the calendar: months before Christmas weigh more');
SELECT is_empty($$SELECT * FROM (SELECT clv_forecast(model, NULL, history, '2024-10-15', '90 days') AS f, * FROM one) AS q
    WHERE (f).p_alive <> clv_p_alive(model, history, '2024-10-15') OR (f).expected_purchases <> clv_expected_purchases(model, history, '2024-10-15', '90 days') OR (f).next_purchase IS DISTINCT FROM clv_next_purchase(model, history, '2024-10-15')$$, 'clv_forecast');
SELECT is_empty($$SELECT * FROM one, clv_p_alive_path(model, history, '2024-10-03', '2024-10-31') WHERE p_alive IS DISTINCT FROM clv_p_alive(model, history, day)$$, 'clv_p_alive_path');
CREATE TABLE clv_season_orders AS SELECT n, customer_id, d.day FROM clv_season_book, clv_days(history) AS d;
CREATE VIEW clv_season_orders_2 AS SELECT customer_id, day FROM clv_season_orders WHERE n = 2;
CREATE VIEW clv_season_orders_3 AS SELECT customer_id, day FROM clv_season_orders WHERE n = 3;
CREATE TEMPORARY TABLE tracked AS SELECT 2 AS n, t.* FROM fits, clv_tracking('clv_season_orders_2', 'customer_id', 'day', model => model, as_of => '2024-12-31', period => 'month') AS t WHERE n = 2
    UNION ALL SELECT 3, t.* FROM fits, clv_tracking('clv_season_orders_3', 'customer_id', 'day', model => model, as_of => '2024-12-31', period => 'quarter') AS t WHERE n = 3;
SELECT cmp_ok(max(abs(actual - expected) / sqrt(expected)), '<', 6::double precision, 'clv_tracking follows the season') FROM tracked WHERE expected > 20;
-- new customers, one by one
SELECT cmp_ok(max(pg_temp.off(expected_so_far, want)), '<', 1e-8::double precision, 'and expects what new customers do in the time of the season')
FROM (SELECT t.*, (SELECT sum(clv_expected_purchases((model::jsonb - 'season')::clv_model, clv_season_days(pg_temp.season(), clv_first_purchase(history), (period_start + span)::date - 1) / 7)) FROM clv_season_book AS b WHERE b.n = t.n AND clv_first_purchase(history) < (period_start + span)::date) AS want
        FROM tracked AS t JOIN fits USING (n) JOIN (VALUES (2, interval '1 month'), (3, '3 months')) AS v (n, span) USING (n) WHERE (n = 2 AND period_start IN ('2021-12-01', '2024-12-01')) OR (n = 3 AND period_start = '2021-10-01')) AS q;
SELECT cmp_ok(sum((customers - expected) ^ 2 / expected), '<', 40::double precision, 'clv_frequency_check') FROM fits, clv_frequency_check('clv_season_orders_2', 'customer_id', 'day', model => model, as_of => '2023-12-31') WHERE n = 2;

SELECT is_empty($$SELECT predicted FROM clv_backtest('clv_season_orders_2', 'customer_id', 'day', as_of => '2024-12-31', calibration_end => '2024-10-31', model => 'mbgnbd', season => pg_temp.season()) AS b
    WHERE method = 'model' AND bucket = 'all' AND pg_temp.off(predicted, (SELECT sum(clv_expected_purchases(m, history, '2024-10-31', '61 days')) FROM clv_season_book, LATERAL (SELECT clv_fit(clv_sample(history, '2024-10-31', 'week', pg_temp.season()), 'mbgnbd') AS m FROM clv_season_book WHERE n = 2 OFFSET 0) AS f WHERE n = 2)) > 1e-9$$, 'clv_backtest fits and predicts with the season');
SELECT cmp_ok((SELECT abs(bias) FROM clv_backtest('clv_season_orders_3', 'customer_id', 'day', as_of => '2024-12-31', calibration_end => '2024-10-31', model => 'bgcnbd', season => pg_temp.season()) WHERE method = 'model' AND bucket = 'all'), '<',
    (SELECT abs(bias) / 4 FROM clv_backtest('clv_season_orders_3', 'customer_id', 'day', as_of => '2024-12-31', calibration_end => '2024-10-31', model => 'bgcnbd') WHERE method = 'model' AND bucket = 'all'), 'which takes most of the bias of a forecast of Christmas');

CREATE TABLE clv_season_amounts AS SELECT customer_id, d.day, 10 AS amount FROM clv_season_book, clv_days(history) AS d WHERE n = 2;
SET LOCAL client_min_messages = error;
SELECT count(*) > 30 AS views FROM fits, clv_create_views('clv_season_views', 'clv_season_amounts', 'customer_id', 'day', 'amount', today => 'last order', buying_model => model) WHERE n = 2 \gset
RESET client_min_messages;
SELECT is_empty($$SELECT q.predicted, want FROM (SELECT * FROM clv_season_views.model_quality WHERE chosen AND measure = 'purchases' AND bucket = 'all') AS q,
    LATERAL (SELECT sum(clv_expected_purchases(model, history, q.calibration_end, (q.tested_to - q.calibration_end) * interval '1 day')) AS want FROM fits JOIN clv_season_book USING (n) WHERE n = 2) AS e WHERE abs(q.predicted - want) > 0.001
    UNION ALL SELECT 0, count(*) FROM clv_season_views.model_quality WHERE chosen AND measure = 'purchases' AND bucket = 'all' HAVING count(*) <> 1$$, 'views take a model with a season, and test it by its season');

-- 5. Order of rows, plans, parts.
SELECT is((SELECT clv_sample(history, '2023-12-31', 'week', pg_temp.season() ORDER BY customer_id DESC)::text FROM clv_season_book WHERE n = 3), (SELECT sample::text FROM drawn WHERE n = 3), 'the order of rows makes no difference');
SELECT is((SELECT clv_rollup(s)::text FROM (SELECT clv_sample(history, '2023-12-31', 'week', pg_temp.season()) AS s FROM clv_season_book WHERE n = 3 GROUP BY customer_id % 7) AS p), (SELECT sample::text FROM drawn WHERE n = 3), 'samples of parts add up, gaps included');
SELECT is((SELECT sample::text::clv_sample::text FROM drawn WHERE n = 3), (SELECT sample::text FROM drawn WHERE n = 3), 'text form');
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$DECLARE line text; plan text := ''; BEGIN FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP plan := plan || line || E'\n'; END LOOP; RETURN plan; END$$;
CREATE TABLE clv_season_value AS SELECT pg_temp.season()::text AS season;
SELECT season AS season FROM clv_season_value \gset
CREATE TEMPORARY TABLE by_workers AS SELECT clv_sample(history, '2023-12-31', 'week', :'season') AS sample FROM clv_season_book WHERE n = 3;
SELECT matches(pg_temp.plan_of(format($$SELECT clv_sample(history, '2023-12-31', 'week', %L) FROM clv_season_book WHERE n = 3$$, season)), 'Partial Aggregate', 'it has a parallel plan') FROM clv_season_value;
SELECT is((SELECT sample::text FROM by_workers), (SELECT sample::text FROM drawn WHERE n = 3), 'nor do parallel workers');
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is_empty($$SELECT pg_temp.off((e ->> 1)::float8, gaps) AS gaps, pg_temp.off((e ->> 2)::float8, weights) AS weights FROM (SELECT sample::text::jsonb -> 'gap_logs' AS e FROM drawn WHERE n = 3) AS s,
    (SELECT sum(ln(clv_season_days(pg_temp.season(), before, day))) AS gaps, sum(ln(clv_season_weight(pg_temp.season(), day))) AS weights, count(*) AS n FROM (SELECT d.day, lag(d.day) OVER (PARTITION BY customer_id ORDER BY d.day) AS before FROM clv_season_book, clv_days(clv_at(history, '2023-12-31')) AS d WHERE n = 3) AS g WHERE before IS NOT NULL) AS w
    WHERE pg_temp.off((e ->> 1)::float8, gaps) > 1e-9 OR pg_temp.off((e ->> 2)::float8, weights) > 1e-8 OR (e ->> 0)::bigint <> w.n$$, 'the gaps of a sample are those between the days');

-- 6. Estimation.
CREATE TABLE clv_season_grown AS SELECT b.customer_id, b.history FROM (SELECT customer_id, clv_history(amount, ordered_at) AS history FROM clv_simulate(6000, '2021-01-01', '2023-12-31', seed => 6, r => 1.5, alpha => 8, a => 0.8, b => 4, channel_effect => 0, regularity => 2, season => '{"weights": [0.7, 0.6, 0.8, 1, 1.1, 1, 0.8, 0.7, 1, 1.2, 1.5, 1.6]}') GROUP BY 1) AS b
    -- most come late, and at the end of a year
    WHERE (customer_id * 7919) % 1000 < 1000 * ((clv_first_purchase(history) - '2020-12-31'::date) / 1095.0) * CASE WHEN extract(month FROM clv_first_purchase(history)) > 10 THEN 1 ELSE 0.4 END;
CREATE TEMPORARY TABLE estimated AS SELECT clv_season(history, '2023-12-31') AS s FROM clv_season_grown;
CREATE TEMPORARY TABLE known AS SELECT '{"weights": [0.7, 0.6, 0.8, 1, 1.1, 1, 0.8, 0.7, 1, 1.2, 1.5, 1.6]}'::clv_season AS s;
SELECT is_empty($$SELECT e.slot, e.weight, t.weight, e.standard_error FROM estimated, clv_season_weights(s) AS e, known AS k, clv_season_weights(k.s) AS t WHERE e.slot = t.slot AND abs(e.weight - t.weight) > 4 * e.standard_error$$, 'the season of a book that grows, by regular buyers who leave, within its errors');
SELECT cmp_ok((SELECT max(standard_error) FROM estimated, clv_season_weights(s)), '<', 0.1::double precision, 'which are small');
SELECT is_empty($$SELECT e.* FROM (SELECT clv_season(history, '2023-12-31') AS s FROM (SELECT clv_history(amount, ordered_at) AS history FROM clv_simulate(4000, '2021-01-01', '2023-12-31', seed => 8, channel_effect => 0) GROUP BY customer_id) AS b) AS f, clv_season_weights(s) AS e WHERE abs(e.weight - 1) > 4 * e.standard_error$$, 'a book without a season has none');
SELECT is((SELECT clv_season(history, '2023-12-31', 'month' ORDER BY customer_id DESC) FROM clv_season_grown), (SELECT s FROM estimated), 'the order of rows makes no difference');
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT matches(pg_temp.plan_of($$SELECT clv_season(history, '2023-12-31') FROM clv_season_grown$$), 'Partial Aggregate', 'it has a parallel plan');
CREATE TEMPORARY TABLE estimated_by_workers AS SELECT clv_season(history, '2023-12-31') AS s FROM clv_season_grown;
SELECT is((SELECT s FROM estimated_by_workers), (SELECT s FROM estimated), 'nor do parallel workers');
SET LOCAL max_parallel_workers_per_gather = 0;
-- what comes later does not show
SELECT is((SELECT clv_season(clv_at(history, '2023-06-30'), '2023-06-30') FROM clv_season_grown), (SELECT clv_season(history, '2023-06-30') FROM clv_season_grown), 'only what was known by as_of counts');
-- closed on Sundays
SELECT cmp_ok((SELECT max(weight) FILTER (WHERE label LIKE '%Sunday') / min(weight) FILTER (WHERE label NOT LIKE '%Sunday') FROM (SELECT clv_season(history, '2023-12-31', 'weekday') AS s FROM (SELECT clv_history(amount, ordered_at) AS history FROM clv_simulate(4000, '2021-01-01', '2023-12-31', seed => 9, r => 2, channel_effect => 0, season => '{"weights": [1, 1, 1, 1, 1, 1, 0.01]}') GROUP BY customer_id) AS b) AS f, clv_season_weights(s)), '<', 0.1::double precision, 'weekdays');
SELECT * FROM finish();
ROLLBACK;
