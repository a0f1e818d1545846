-- clv_choose_model: what it measures, by plain SQL; what it chooses, on books whose truth is known and on real ones; and its verdict.
-- Needs the reference data for the last part: psql -v data_dir=...
\if :{?data_dir}
\else
\set data_dir ''
\endif
\set sample `cat :'data_dir'/cdnow_sample.csv 2>/dev/null`
\set shop `gzip -dc :'data_dir'/online_retail_lines.csv.gz 2>/dev/null | head -n -1 | awk -F, 'NR > 1 && $6 != "" { split($4, t, " "); k = $6 "," t[1]; v[k] += $3 * $5; if ($1 !~ /^C/) o[k] = 1 } END { print "customer,day,amount,order"; for (k in v) printf "%s,%.2f,%d\n", k, v[k], o[k] }'`
SELECT length(:'sample') > 100 AND length(:'shop') > 100 AS has_data \gset
BEGIN;
SELECT plan(60);
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;

CREATE FUNCTION pg_temp.off(got double precision, want double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$SELECT CASE WHEN got = want THEN 0 WHEN got IS NULL OR want IS NULL OR got = 'NaN' THEN 'infinity' ELSE abs(got - want) / greatest(abs(want), 1e-280) END$$;
-- rows without numbers that make no sense
CREATE FUNCTION pg_temp.odd(q clv_model_quality) RETURNS boolean LANGUAGE sql IMMUTABLE AS
    $$SELECT q::text ~* 'nan|infinity' OR (q).verdict IS NULL OR (q).verdict <> ALL ('{good,usable with care,do not use,not tested}') OR (q).reason = '' OR (q).reason IS NULL$$;

-- 1. The measures of a book with refunds, by plain SQL: the last day is 2024-12-31 and the horizon 1 year.
-- not temporary: parallel workers read it
CREATE TABLE clv_quality_orders AS
SELECT customer_id, ordered_at::date AS day, amount FROM clv_simulate(900, '2021-01-01', '2024-12-31', seed => 5, refund_share => 0.1, acquired_to => '2024-09-30')
UNION ALL SELECT 2000, '2023-12-31', 10 UNION ALL SELECT 2001, '2023-06-30', -10 UNION ALL SELECT 2002, '2024-01-01', 10 UNION ALL SELECT 2003, '2024-12-31', 10 UNION ALL SELECT NULL, '2024-01-01', 10;
CREATE TABLE clv_quality_book AS SELECT customer_id, clv_history(amount, day) AS h FROM clv_quality_orders WHERE customer_id IS NOT NULL GROUP BY customer_id;
ANALYZE clv_quality_orders, clv_quality_book;
CREATE TEMPORARY TABLE got AS SELECT row_number() OVER () AS place, q.* FROM clv_choose_model('clv_quality_orders', 'customer_id', 'day', 'amount') AS q;
SELECT results_eq('SELECT DISTINCT calibration_end, tested_to FROM got', $$VALUES ('2023-12-31'::date, '2024-12-31'::date)$$, 'a year is held out of four');
CREATE TEMPORARY TABLE fits AS
SELECT kind, clv_fit(clv_sample(h, '2023-12-31', 'week'), kind) AS model, clv_fit(clv_spend_sample(h, '2023-12-31'), 'gammagamma') AS spend FROM clv_quality_book, unnest('{mbgnbd, bgnbd, paretonbd, mbgcnbd, last_year, naive, last_span}'::text[]) AS kind GROUP BY kind;
INSERT INTO fits SELECT 'mbgnbd with season', clv_fit(clv_sample(h, '2023-12-31', 'week', season), 'mbgnbd'), (SELECT spend FROM fits LIMIT 1) FROM clv_quality_book, (SELECT clv_season(h, '2023-12-31') AS season FROM clv_quality_book) AS s;
CREATE TEMPORARY TABLE guess AS
SELECT kind AS method, customer_id, clv_purchase_days(future)::float8 AS came, clv(future)::float8 AS value, clv_expected_purchases(model, h, '2023-12-31', '366 days') AS purchases, clv_predict(model, spend, h, '2023-12-31', '366 days') AS worth,
       CASE WHEN kind !~ '_|naive' THEN clv_p_alive(model, h, '2023-12-31') END AS p_alive, CASE WHEN kind !~ '_|naive' THEN 1 - clv_purchase_probability(model, h, '2023-12-31', 0, '366 days') END AS p_bought
  FROM fits, clv_quality_book, LATERAL (SELECT clv_between(h, '2024-01-01', '2024-12-31') AS future) AS f WHERE clv_first_purchase(h) <= '2023-12-31';
CREATE TEMPORARY TABLE want AS
SELECT method, measure, count(*) AS customers, sum(actual) AS actual, sum(predicted) AS predicted, avg(abs(predicted - actual)) AS mae, sqrt(avg((predicted - actual) ^ 2)) AS rmse, corr(r_actual, r_predicted) AS rank_correlation,
       sum(actual * greatest(0, least(1, (n / 10.0 - (place - 1)) / ties))) / sum(actual) AS top_capture
  FROM (SELECT *, rank() OVER (PARTITION BY method, measure ORDER BY actual) + (count(*) OVER (PARTITION BY method, measure, actual) - 1) / 2.0 AS r_actual, rank() OVER (PARTITION BY method, measure ORDER BY predicted) + (count(*) OVER (PARTITION BY method, measure, predicted) - 1) / 2.0 AS r_predicted,
               rank() OVER (PARTITION BY method, measure ORDER BY predicted DESC) AS place, count(*) OVER (PARTITION BY method, measure, predicted) AS ties, count(*) OVER (PARTITION BY method, measure) AS n
          FROM (SELECT method, 'purchases' AS measure, came AS actual, purchases AS predicted FROM guess UNION ALL SELECT method, 'value', value, worth FROM guess) AS m) AS r GROUP BY 1, 2;
SELECT is_empty($$SELECT * FROM want AS w FULL JOIN (SELECT * FROM got WHERE measure <> 'p_alive') AS g USING (method, measure) WHERE g.bucket <> 'all' OR w.customers IS DISTINCT FROM g.customers
    OR NOT (pg_temp.off(g.actual, w.actual) < 1e-9 AND pg_temp.off(g.predicted, w.predicted) < 1e-9 AND abs(g.bias - (w.predicted / w.actual - 1)) < 1e-9)$$, 'customers, actual, predicted and bias of each model and rule, purchases and value');
SELECT is_empty($$SELECT method, measure, w.mae, g.mae, w.rmse, g.rmse, w.rank_correlation, g.rank_correlation, w.top_capture, g.top_capture FROM want AS w JOIN got AS g USING (method, measure)
    WHERE NOT (pg_temp.off(g.mae, w.mae) < 1e-9 AND pg_temp.off(g.rmse, w.rmse) < 1e-9 AND abs(g.rank_correlation - w.rank_correlation) < 1e-9 AND abs(g.top_capture - w.top_capture) < 1e-9)$$, 'and mae, rmse, rank correlation and top capture');
-- p_alive is rounded, so that equal ones are equal in both
CREATE TEMPORARY TABLE decile AS
SELECT method, 'decile ' || 1 + floor(10.0 * (place - 1) / n) AS bucket, count(*) AS customers, avg(p_alive) AS p_alive, avg(p_bought) AS predicted, avg((came > 0)::integer)::float8 AS actual
  FROM (SELECT *, rank() OVER (PARTITION BY method ORDER BY p_alive) AS place, count(*) OVER (PARTITION BY method) AS n FROM guess WHERE p_alive IS NOT NULL) AS r GROUP BY 1, 2;
SELECT is_empty($$SELECT * FROM decile AS d FULL JOIN (SELECT * FROM got WHERE measure = 'p_alive' AND bucket <> 'all') AS g USING (method, bucket) WHERE d.customers IS DISTINCT FROM g.customers
    OR NOT (pg_temp.off(g.actual, d.actual) < 1e-9 AND pg_temp.off(g.predicted, d.predicted) < 1e-9 AND pg_temp.off(g.p_alive, d.p_alive) < 1e-9 AND abs(g.mae - abs(d.predicted - d.actual)) < 1e-12)$$, 'P(alive) by tenths: mean P(alive), probability of a purchase, and share who bought');
SELECT is_empty($$SELECT method, g.mae, d.mae FROM (SELECT method, sum(customers * abs(predicted - actual)) / sum(customers) AS mae, sum(customers * predicted) / sum(customers) AS predicted FROM decile GROUP BY method) AS d
    FULL JOIN (SELECT * FROM got WHERE measure = 'p_alive' AND bucket = 'all') AS g USING (method) WHERE NOT (pg_temp.off(g.mae, d.mae) < 1e-9 AND pg_temp.off(g.predicted, d.predicted) < 1e-9)$$, 'and the mean distance over all tenths');
SELECT is_empty($$SELECT place FROM got WHERE chosen IS DISTINCT FROM (method = (SELECT method FROM got WHERE place = 1))$$, 'the chosen one comes first');
SELECT is_empty($$SELECT place FROM (SELECT place, method, mae, lag(mae) OVER (ORDER BY place) AS before FROM got WHERE measure = 'purchases' AND NOT chosen) AS g WHERE mae < before$$, 'and the others by their error');
SELECT is((SELECT model FROM got WHERE place = 1), (SELECT clv_fit(clv_sample(h, '2024-12-31', 'week'), (SELECT method FROM got WHERE place = 1)) FROM clv_quality_book), 'its model is fitted to all days');
SELECT is((SELECT count(model) FROM got), 1::bigint, 'and in one row');

-- 2. Order of rows, histories, workers, as_of, units.
CREATE TEMPORARY TABLE shuffled AS SELECT * FROM clv_quality_orders ORDER BY hashint8(customer_id), amount;
SELECT is_empty($$SELECT q::text FROM clv_choose_model('shuffled', 'customer_id', 'day', 'amount') AS q EXCEPT SELECT (g.q)::text FROM (SELECT q FROM clv_choose_model('clv_quality_orders', 'customer_id', 'day', 'amount') AS q) AS g$$, 'to the last bit the same for rows in another order');
SELECT is_empty($$SELECT q::text FROM clv_choose_model('clv_quality_book', 'customer_id', 'h') AS q EXCEPT SELECT (g.q)::text FROM (SELECT q FROM clv_choose_model('clv_quality_orders', 'customer_id', 'day', 'amount') AS q) AS g$$, 'and for histories');
SELECT is_empty($$SELECT q::text FROM clv_choose_model('clv_quality_book', 'customer_id', 'h') AS q EXCEPT SELECT u::text FROM (SELECT clv_internal_choose(h, '1 year', 'auto', NULL, 'auto' ORDER BY customer_id DESC) AS a FROM clv_quality_book) AS i, unnest(a) AS u$$, 'the aggregate of the views gives the same');
CREATE TEMPORARY TABLE alone AS SELECT q::text AS q FROM clv_choose_model('clv_quality_orders', 'customer_id', 'day', 'amount') AS q;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE TEMPORARY TABLE by_workers AS SELECT q::text AS q FROM clv_choose_model('clv_quality_orders', 'customer_id', 'day', 'amount') AS q;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is_empty('SELECT q FROM by_workers EXCEPT SELECT q FROM alone', 'nor do workers make a difference');
SELECT is_empty($$SELECT q::text FROM clv_choose_model('clv_quality_orders', 'customer_id', 'day', 'amount', as_of => '2023-12-31') AS q EXCEPT
    SELECT q::text FROM (SELECT clv_internal_choose(clv_at(h, '2023-12-31'), '1 year', 'auto', NULL, 'auto') AS a FROM clv_quality_book) AS i, unnest(a) AS q$$, 'as of a day, what came later is not seen');
SELECT is_empty($$SELECT m.method, m.mae, g.mae FROM clv_choose_model('clv_quality_orders', 'customer_id', 'day', 'amount', unit => 'day') AS m JOIN got AS g USING (method, measure, bucket) WHERE NOT coalesce(pg_temp.off(m.mae, g.mae), 0) < 1e-5$$, 'the unit makes no difference');
SELECT results_eq($$SELECT DISTINCT method, chosen FROM clv_choose_model('clv_quality_book', 'customer_id', 'h', candidates => '{BGNBD, mbgcnbd-2}') WHERE measure = 'purchases' ORDER BY 1$$,
    $$VALUES ('bgnbd', false), ('last_span', false), ('last_year', false), ('mbgcnbd-2', true), ('mbgcnbd-2 with season', false), ('naive', false)$$, 'candidates are those that were named; rules are compared with');
SELECT results_eq($$SELECT DISTINCT method FROM clv_choose_model('clv_quality_book', 'customer_id', 'h', candidates => '{last_span}') WHERE chosen$$, $$VALUES ('last_span')$$, 'a rule can be the only candidate');
-- 3. Seasons.
CREATE TEMPORARY TABLE drawn_with AS SELECT '{"weights": [0.7, 0.6, 0.8, 1, 1.1, 1, 0.8, 0.7, 1, 1.2, 1.5, 1.6]}'::clv_season AS season;
CREATE TEMPORARY TABLE gifts AS SELECT customer_id, clv_history(amount, ordered_at) AS h FROM clv_simulate(2000, '2020-01-01', '2024-12-31', seed => 5, r => 1.5, alpha => 8, channel_effect => 0, season => (SELECT season FROM drawn_with)) GROUP BY customer_id;
CREATE TEMPORARY TABLE of_gifts AS SELECT s AS given, q.* FROM (SELECT 'auto' AS s UNION ALL SELECT 'none' UNION ALL SELECT season::text FROM drawn_with) AS v, clv_choose_model('gifts', 'customer_id', 'h', season => s) AS q WHERE measure = 'purchases';
SELECT results_eq($$SELECT method, verdict FROM of_gifts WHERE given = 'auto' AND chosen$$, $$VALUES ('bgnbd with season', 'good')$$, 'a season is taken if it predicts better');
SELECT results_eq($$SELECT method FROM of_gifts WHERE given = 'none' AND chosen$$, $$VALUES ('bgnbd')$$, 'but not if that is not wanted');
SELECT cmp_ok((SELECT mae FROM of_gifts WHERE given = 'auto' AND chosen), '<', (SELECT 0.97 * mae FROM of_gifts WHERE given = 'none' AND chosen), 'whose error is larger');
SELECT is((SELECT clv_model_season(model) FROM of_gifts WHERE given = 'auto' AND chosen), (SELECT clv_model_season(clv_fit(clv_sample(h, '2024-12-31', 'week', season), 'bgnbd')) FROM gifts, (SELECT clv_season(h, '2024-12-31') AS season FROM gifts) AS s), 'the season is that of all days');
SELECT is((SELECT model FROM of_gifts WHERE given LIKE '{%' AND chosen), (SELECT clv_fit(clv_sample(h, '2024-12-31', 'week', season), 'bgnbd') FROM gifts, drawn_with), 'one that is given is used as it is');
SELECT results_eq($$SELECT method FROM of_gifts WHERE given LIKE '{%' AND status <> 'rule' ORDER BY 1$$, $$VALUES ('bgnbd with season'), ('mbgcnbd with season'), ('mbgnbd with season'), ('paretonbd')$$, 'by all models that can');
SELECT is((SELECT count(*) FROM clv_choose_model('gifts', 'customer_id', 'h', as_of => '2022-12-30') WHERE method ~ 'season'), 0::bigint, 'less than two years before the test tell no season');
SELECT is((SELECT count(DISTINCT method) FROM clv_choose_model('gifts', 'customer_id', 'h', as_of => '2022-12-31') WHERE method ~ 'season'), 1::bigint, 'two years do');
SELECT is((SELECT array_agg(q::text) FROM clv_choose_model('gifts', 'customer_id', 'h', season => '{"weights": [1, 1, 1, 1, 1, 1, 1]}') AS q), (SELECT array_agg(q::text) FROM clv_choose_model('gifts', 'customer_id', 'h', season => 'none') AS q), 'a constant season is none');
SELECT results_eq($$SELECT method, mae > (SELECT 1.01 * mae FROM clv_choose_model('gifts', 'customer_id', 'h', as_of => '2024-06-30', horizon => '3 months') WHERE method = 'bgnbd' AND measure = 'purchases')
    FROM clv_choose_model('gifts', 'customer_id', 'h', as_of => '2024-06-30', horizon => '3 months') WHERE chosen AND measure = 'purchases'$$, $$VALUES ('bgnbd with season', true)$$, 'a test of a part of the year does not speak against a season that is beyond doubt');
CREATE TEMPORARY TABLE no_gifts AS SELECT customer_id, clv_history(amount, ordered_at) AS h FROM clv_simulate(2000, '2020-01-01', '2024-12-31', seed => 5, r => 1.5, alpha => 8, channel_effect => 0) GROUP BY customer_id;
SELECT is_empty($$SELECT d, method FROM unnest('{2024-03-31, 2024-06-30, 2024-12-31}'::date[]) AS d, clv_choose_model('no_gifts', 'customer_id', 'h', as_of => d, horizon => '3 months') WHERE chosen AND method ~ 'season'$$, 'and none is seen where there is none');
CREATE TEMPORARY TABLE regular_gifts AS SELECT customer_id, clv_history(amount, ordered_at) AS h FROM clv_simulate(1000, '2021-01-01', '2023-12-31', seed => 1, r => 1.5, alpha => 8, a => 0.6, b => 6, channel_effect => 0, regularity => 3) GROUP BY customer_id;
SELECT results_eq($$SELECT method, chosen FROM clv_choose_model('regular_gifts', 'customer_id', 'h') WHERE measure = 'purchases' AND method ~ 'cnbd'$$, $$VALUES ('bgcnbd', true), ('mbgcnbd', false)$$, 'both models of regular buyers are tried where customers are that');
SELECT is((SELECT count(*) FROM clv_choose_model('regular_gifts', 'customer_id', 'h', candidates => '{mbgcnbd}') WHERE method = 'bgcnbd'), 0::bigint, 'but not if one was named');
-- a large book is tested by a part of it, the same whatever the order of its rows
CREATE TEMPORARY TABLE large AS SELECT customer_id, clv_history(amount, ordered_at) AS h FROM clv_simulate(30000, '2021-06-01', '2023-12-31', seed => 3) GROUP BY customer_id;
SELECT results_eq($$SELECT customers BETWEEN 11000 AND 19000, verdict, (model::jsonb ->> 'customers')::integer FROM clv_choose_model('large', 'customer_id', 'h') LIMIT 1$$, $$VALUES (true, 'good', 30000)$$, 'of a large book part of the customers is tested, and all are fitted');
SELECT is((SELECT clv_internal_choose(h, '1 year', 'auto', NULL, 'auto' ORDER BY customer_id DESC)::text FROM large), (SELECT clv_internal_choose(h, '1 year', 'auto', NULL, 'auto' ORDER BY hashint8(customer_id))::text FROM large), 'whatever the order of rows');

-- 4. Where the book is cut.
CREATE FUNCTION pg_temp.cut_of(n integer, days integer, horizon interval) RETURNS SETOF clv_model_quality LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.young;
    EXECUTE format('CREATE TEMPORARY TABLE young AS SELECT customer_id, clv_history(amount, ordered_at) AS h FROM (SELECT * FROM clv_simulate(%s, ''2023-01-01'', date ''2023-01-01'' + %s - 1, seed => 8, r => 2) UNION ALL SELECT 0, 1, ''x'', ''2023-01-01'', 1 UNION ALL SELECT 0, 1, ''x'', date ''2023-01-01'' + %2$s - 1, 1) AS o GROUP BY 1', n, days);
    RETURN QUERY SELECT * FROM clv_choose_model('young', 'customer_id', 'h', horizon => horizon) LIMIT 1;
END$$;
SET LOCAL client_min_messages = warning;
SELECT results_eq($$SELECT tested_to - calibration_end, reason ~ 'less than the horizon' FROM pg_temp.cut_of(500, 733, '1 year')$$, $$VALUES (366, false)$$, 'a horizon is held out if as much is left');
SELECT results_eq($$SELECT tested_to - calibration_end, reason ~ 'less than the horizon' FROM pg_temp.cut_of(500, 732, '1 year')$$, $$VALUES (243, true)$$, 'a day less, and it is the last third');
SELECT results_eq($$SELECT tested_to - calibration_end, reason ~ 'less than the horizon' FROM pg_temp.cut_of(500, 200, '90 days')$$, $$VALUES (90, false)$$, 'a shorter horizon has room');
SELECT results_eq($$SELECT verdict, calibration_end, reason FROM pg_temp.cut_of(500, 89, '1 year')$$, $$VALUES ('not tested', NULL::date, 'the book has 89 days, and a test needs 90')$$, 'a book of 89 days is not tested');
SELECT isnt((SELECT verdict FROM pg_temp.cut_of(500, 90, '1 year')), 'not tested', 'and one of 90 is');
SELECT matches((SELECT reason FROM pg_temp.cut_of(40, 900, '1 year')), '^there were [0-9]+ customers by 2024-06-[0-9]+, and a test needs 50', 'few customers are not tested');

-- 5. Books that nothing can be said of.
CREATE TEMPORARY TABLE odd_book (kind text, customer_id integer, h clv_history);
INSERT INTO odd_book SELECT 'one customer', 1, '{2021-01-01: 5, 2022-01-01: 6, 2023-01-01: 7}';
INSERT INTO odd_book SELECT 'refunds only', n, '{2021-01-01: -5}' FROM generate_series(1, 100) AS n;
INSERT INTO odd_book SELECT 'once', n, format('{%s: 10}', date '2021-01-01' + n * 7)::clv_history FROM generate_series(1, 200) AS n;
INSERT INTO odd_book SELECT 'one day', n, '{2021-01-01: 5}' FROM generate_series(1, 100) AS n;
INSERT INTO odd_book SELECT 'one price', customer_id, clv_history(10, day) FROM (SELECT DISTINCT customer_id, ordered_at::date AS day FROM clv_simulate(600, '2021-01-01', '2024-12-31', seed => 2)) AS o GROUP BY customer_id;
INSERT INTO odd_book SELECT 'all come back', n, clv_history(10 + n % 7 + i % 2, date '2021-01-01' + n + i * 30) FROM generate_series(1, 300) AS n, generate_series(0, 48) AS i WHERE n + i * 30 < 1460 GROUP BY n;
INSERT INTO odd_book SELECT 'all returned', n, clv_history(v, date '2021-01-01' + n + i * 30) FROM generate_series(1, 300) AS n, generate_series(0, 48) AS i, unnest('{10, -10}'::numeric[]) AS v WHERE n + i * 30 < 1460 GROUP BY n;
INSERT INTO odd_book SELECT 'all at once', n, clv_history(n, date '2021-01-01' + i * 60) FROM generate_series(1, 300) AS n, generate_series(0, 20) AS i GROUP BY n;
CREATE TEMPORARY TABLE oddities AS SELECT kind, q.* FROM (SELECT kind, clv_internal_choose(h, '1 year', 'auto', NULL, 'auto') AS a FROM odd_book GROUP BY kind) AS b, unnest(a) AS q;
SELECT is_empty($$SELECT o.* FROM (SELECT kind, clv_internal_choose(h, '1 year', 'auto', NULL, 'auto') AS a FROM odd_book GROUP BY kind) AS o, unnest(a) AS q WHERE pg_temp.odd(q)$$, 'no NaN, and always a verdict with a reason');
SELECT results_eq($$SELECT kind, verdict FROM oddities WHERE chosen AND measure = 'purchases' ORDER BY kind COLLATE "C"$$,
    $$VALUES ('all at once', 'usable with care'), ('all come back', 'usable with care'), ('all returned', 'usable with care'), ('once', 'not tested'), ('one customer', 'not tested'), ('one day', 'not tested'), ('one price', 'good')$$, 'verdicts of books in which all do the same; without a purchase there is nothing');
SELECT results_eq($$SELECT DISTINCT reason FROM oddities WHERE kind = 'once'$$, $$VALUES ('0 customers had come back by 2023-11-01, and a test needs 20; cannot fit MBG/NBD to this sample: No customer has bought again.')$$, 'what is missing is said');
SELECT is((SELECT advice FROM oddities WHERE kind = 'all come back' AND method = 'mbgnbd' AND measure = 'purchases') ~ 'waiting does not help', true, 'where all come back, waiting is no advice');
SELECT is_empty($$SELECT * FROM clv_choose_model('odd_book', 'customer_id', 'h', as_of => '1999-01-01')$$, 'before the first purchase there is nothing');
SELECT results_eq($$SELECT bool_and(abs(predicted - 10 * p) < 1e-6 * predicted) FROM (SELECT method, predicted, max(predicted) FILTER (WHERE measure = 'purchases') OVER (PARTITION BY method) AS p, measure FROM oddities WHERE kind = 'one price' AND measure <> 'p_alive' AND method !~ 'naive') AS v WHERE measure = 'value'$$, 'VALUES (true)', 'of one price, value is purchases times the price');

-- 6. Rules and means as models.
SELECT is_empty($$SELECT customer_id FROM clv_quality_book, fits WHERE kind = 'last_year' AND clv_expected_purchases(model, h, '2023-12-31', '1 year') IS DISTINCT FROM CASE WHEN clv_first_purchase(h) <= '2023-12-31' THEN clv_purchase_days(clv_between(h, '2023-01-01', '2023-12-31'))::float8 END$$, 'last_year: the purchases of the year before');
SELECT is_empty($$SELECT customer_id FROM clv_quality_book, fits WHERE kind = 'last_year' AND clv_first_purchase(h) <= '2023-12-31' AND clv_expected_purchases(model, h, '2023-12-31', '15 months') IS DISTINCT FROM (clv_purchase_days(clv_between(h, '2023-01-01', '2023-12-31')) + clv_purchase_days(clv_between(h, '2023-01-01', '2023-03-31')))::float8$$, 'of 15 months it is a year, and its first three');
SELECT is_empty($$SELECT customer_id FROM clv_quality_book, fits WHERE kind = 'last_span' AND clv_first_purchase(h) <= '2023-12-31' AND pg_temp.off(clv_predict(model, spend, h, '2023-12-31', '90 days'), greatest(clv(clv_between(h, '2023-10-03', '2023-12-31')), 0)::float8) > 1e-12$$, 'last_span: the value of the 90 days before');
SELECT is_empty($$SELECT kind FROM unnest('{last_year, last_span, naive}'::text[]) AS kind WHERE clv_predict(format('{"model": "%s", "parameters": {}}', kind)::clv_model, '{"model": "mean", "parameters": {"mean": 5}}', '{2023-06-01: 5, 2023-07-01: 10, 2023-08-01: -20}', '2023-12-31', '1 year') IS DISTINCT FROM 0$$, 'refunds do not make the value to come negative');
SELECT is_empty($$SELECT customer_id FROM clv_quality_book, fits WHERE kind = 'naive' AND clv_first_purchase(h) < '2023-12-31' AND pg_temp.off(clv_expected_purchases(model, h, '2023-12-31', '90 days'), 90.0 * clv_frequency(clv_at(h, '2023-12-31')) / clv_age(h, '2023-12-31')) > 1e-12$$, 'naive: the pace so far');
SELECT is(clv_expected_purchases('{"model": "naive", "parameters": {}}', 3, 10, 20, 40), 6::float8, 'which numbers are enough for');
SELECT is(clv_expected_purchases('{"model": "last_span", "parameters": {}, "from": "2023-12-02", "as_of": "2023-12-31"}', '{2023-12-10: 5, 2023-12-20: 5}', '2023-12-31', '60 days'), 4::float8, 'a span longer than the book has its pace');
SELECT is_empty($$SELECT customer_id FROM clv_quality_book, fits, clv_forecast(model, spend, h, '2023-12-31', '1 year') AS f WHERE kind ~ '_' AND clv_first_purchase(h) <= '2023-12-31' AND (p_alive IS NOT NULL OR next_purchase IS NOT NULL OR expected_value IS DISTINCT FROM clv_predict(model, spend, h, '2023-12-31', '1 year'))$$, 'clv_forecast: a rule has the value itself, no P(alive), and no next purchase');
SELECT is_empty($$SELECT customer_id FROM clv_quality_book, fits, LATERAL (SELECT clv_predict(model, spend, h, '2023-12-31', '1 year', 0.1) / nullif(clv_predict(model, spend, h, '2023-12-31', '1 year'), 0) AS factor) AS d WHERE kind = 'last_year' AND NOT factor BETWEEN 0.94 AND 0.96$$, 'and is discounted');
SELECT is_empty($$SELECT 1 FROM (SELECT clv_fit(clv_spend_sample(h, '2023-12-31'), 'mean') AS mean, sum(clv_frequency(p) * clv_repeat_value(p)) FILTER (WHERE clv_repeat_value(p) > 0) / sum(clv_frequency(p)) FILTER (WHERE clv_repeat_value(p) > 0) AS want FROM clv_quality_book, clv_at(h, '2023-12-31') AS p) AS f
    WHERE pg_temp.off(clv_expected_purchase_value(mean, '{2023-01-01: 5}'), want) > 1e-9$$, 'mean: the mean of all repeated purchases');

-- 7. Known truth: a plain book is left to plain models, a regular one is not.
CREATE FUNCTION pg_temp.choice(sd bigint, k integer) RETURNS SETOF clv_model_quality LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.drawn;
    CREATE TEMPORARY TABLE drawn AS SELECT customer_id, clv_history(amount, ordered_at) AS h FROM clv_simulate(1000, '2022-01-01', '2024-12-31', seed => sd, r => CASE k WHEN 1 THEN 0.5 ELSE 2 END, alpha => 8, regularity => k, channel_effect => 0) GROUP BY customer_id;
    RETURN QUERY SELECT * FROM clv_choose_model('drawn', 'customer_id', 'h') WHERE measure = 'purchases';
END$$;
CREATE TEMPORARY TABLE choices AS SELECT sd, regular, c.* FROM generate_series(1, 10) AS sd, unnest('{1, 3}'::integer[]) AS regular, pg_temp.choice(sd, regular) AS c;
SELECT is_empty($$SELECT sd, mae FROM choices WHERE regular = 1 AND chosen AND mae > 1.02 * (SELECT mae FROM choices AS b WHERE b.sd = choices.sd AND b.regular = 1 AND b.method = 'bgnbd')$$, 'of plain books the choice loses at most 2 % of the error of the model that they were drawn with');
SELECT cmp_ok((SELECT count(*) FROM choices WHERE regular = 3 AND chosen AND method = 'bgcnbd'), '>=', 9::bigint, 'books of regular buyers get the model that they were drawn with');
SELECT cmp_ok((SELECT count(*) FROM choices WHERE chosen AND verdict = 'good'), '>=', 17::bigint, 'forecasts of books that are as models assume are good');

-- 8. Real books: of a shop of half a year with Christmas at its start, and of customers who all came first in three months.
CREATE FUNCTION pg_temp.lines(csv text) RETURNS SETOF text[] LANGUAGE sql AS
    $$SELECT string_to_array(rtrim(line, E'\r'), ',') FROM string_to_table(csv, E'\n') WITH ORDINALITY AS l (line, n) WHERE n > 1 AND line <> ''$$;
\if :has_data
CREATE TEMPORARY TABLE real_book AS
SELECT 'cdnow' AS book, f[1] AS customer_id, clv_history(f[5]::numeric, f[3]::date) AS h FROM pg_temp.lines(:'sample') AS f GROUP BY f[1]
UNION ALL SELECT 'shop', f[1], clv_history(f[3]::numeric, to_date(f[2], 'MM/DD/YY'), f[4] = '1') FROM pg_temp.lines(:'shop') AS f GROUP BY f[1];
CREATE TEMPORARY TABLE real_quality AS SELECT book, q.* FROM (SELECT book, clv_internal_choose(h, '1 year', 'auto', NULL, 'auto') AS a FROM real_book GROUP BY book) AS b, unnest(a) AS q;
SELECT is_empty($$SELECT book, verdict FROM real_quality WHERE chosen AND verdict = 'good'$$, 'a book without two of each season is not good');
SELECT is_empty($$SELECT book, mae FROM real_quality AS r WHERE chosen AND measure = 'purchases' AND mae > (SELECT min(mae) FROM real_quality AS s WHERE s.book = r.book AND measure = 'purchases' AND status = 'rule')$$, 'the choice has no larger error than the best simple rule');
SELECT results_eq($$SELECT book, chosen FROM real_quality WHERE reason ~ 'P.alive. is not known' AND method = 'mbgnbd' AND measure = 'purchases'$$, $$VALUES ('shop', false)$$, 'dropout at its bound is said');
\else
SELECT skip('no reference data: give psql -v data_dir=...', 3);
\endif

SELECT * FROM finish();
ROLLBACK;
