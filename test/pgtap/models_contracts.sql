-- Models of contracts: what is published about BdW, plans and splits of samples, and intervals on simulated books.
BEGIN;
SELECT plan(13);
CREATE FUNCTION pg_temp.off(double precision, double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 / $2 - 1)';

-- Berry & Linoff's data; estimates, log-likelihoods and lifetimes at 10 % of Fader, Hardie, Liu, Davin & Steenburgh 2018, to the digits that are printed
CREATE TEMPORARY TABLE kept AS SELECT segment, n - 1 AS period, 10 * percent AS renewed, lag(10 * percent) OVER (PARTITION BY segment ORDER BY n) - 10 * percent AS lost
  FROM (VALUES ('regular', '{100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3}'::numeric[]), ('high end', '{100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4}')) AS d (segment, percents), unnest(percents) WITH ORDINALITY AS u (percent, n);
CREATE TEMPORARY TABLE published (segment text, model text, years integer, alpha float8, beta float8, c float8, log_likelihood float8, lifetime float8, residual float8);
INSERT INTO published VALUES
    ('regular', 'sbg', 4, 0.7637, 1.2958, NULL, -1401.5594, 3.62, 5.68), ('high end', 'sbg', 4, 1.281, 7.790, NULL, -1225.1349, 5.46, 5.87), ('regular', 'bdw', 4, 0.5231, 0.8944, 1.1963, -1401.3831, 3.69, 6.03), ('high end', 'bdw', 4, 0.2593, 1.7225, 1.5844, -1222.7493, 5.99, 7.32),
    ('regular', 'bdw', 12, 0.5083, 0.8688, 1.2094, -1930.9297, NULL, NULL), ('high end', 'bdw', 12, 0.2496, 1.6542, 1.5968, -2004.8169, NULL, NULL);
CREATE TEMPORARY TABLE fit AS SELECT p.*, f, f::jsonb -> 'parameters' AS got FROM published AS p, LATERAL (SELECT clv_fit(clv_contract_sample(period, renewed, lost), model) AS f FROM kept AS k WHERE k.segment = p.segment AND period <= years) AS m;
SELECT is_empty($$SELECT segment, model, years, got FROM fit WHERE NOT (abs((got ->> 'alpha')::float8 - alpha) < 1e-4 AND abs((got ->> 'beta')::float8 - beta) < 6e-4 AND abs(coalesce((got ->> 'c')::float8, 0) - coalesce(c, 0)) < 1e-4)$$, 'published parameters');
SELECT is_empty($$SELECT segment, fit.model, years, s FROM fit, clv_model_summary(f) AS s WHERE NOT (abs(s.log_likelihood - fit.log_likelihood) < 6e-5 AND s.status = 'converged' AND s.customers = 1000)$$, 'and log-likelihoods');
SELECT is_empty($$SELECT segment, model, clv_expected_lifetime(f, 0.1), clv_residual_lifetime(f, 5, 0.1) FROM fit WHERE NOT (abs(clv_expected_lifetime(f, 0.1) - lifetime) < 0.0051 AND abs(clv_residual_lifetime(f, 5, 0.1) - residual) < 0.0051)$$, 'and lifetimes');

SELECT is_empty($$SELECT * FROM (SELECT f, p, d, clv_residual_lifetime(f, p, d) AS got, clv_expected_lifetime(f, d) AS total FROM fit, generate_series(1, 300) AS p, unnest('{0.01, 0.1}'::float8[]) AS d ) AS l
                   WHERE pg_temp.off(total, 1 + clv_residual_lifetime(f, 1, d) / (1 + d)) > 1e-12 OR p < 300 AND p % 7 = 1 AND pg_temp.off(got, clv_renewal_probability(f, p) * (1 + clv_residual_lifetime(f, p + 1, d) / (1 + d))) > 1e-12$$, 'a lifetime is a period and the rest');

-- a sample does not depend on the order of rows, on the plan, or on where they are
CREATE TEMPORARY TABLE contract AS SELECT i, date '2020-01-01' + i % 400 AS started, CASE WHEN i % 7 > 2 THEN date '2020-01-01' + i % 400 + (i * 7919) % 1500 END AS ended FROM generate_series(1, 20000) AS i;
CREATE TEMPORARY TABLE whole AS SELECT clv_contract_sample(started, ended, '2023-12-31', 'month') AS s FROM contract;
SELECT is((SELECT clv_contract_sample(started, ended, '2023-12-31', 'month' ORDER BY i DESC)::text FROM contract), (SELECT s::text FROM whole), 'backwards');
SELECT is((SELECT clv_rollup(s)::text FROM (SELECT clv_contract_sample(started, ended, '2023-12-31', 'month') AS s FROM contract GROUP BY i % 5) AS p), (SELECT s::text FROM whole), 'in five parts');
SELECT is((SELECT sum((p ->> 3)::integer) FROM whole, jsonb_array_elements(s::text::jsonb -> 'patterns') AS p), 20000::bigint, 'all are in it');
-- decision by decision instead: of the contracts that came to the end of a period
SELECT is((SELECT (clv_fit(clv_contract_sample(period, renewed, lost), 'bdw')::jsonb - '{unit, from, as_of}'::text[])::text
             FROM (SELECT period, count(*) FILTER (WHERE period < x OR l = 0) AS renewed, count(*) FILTER (WHERE period = x AND l = 1) AS lost
                     FROM (SELECT (p ->> 0)::integer AS x, (p ->> 2)::integer AS l FROM whole, jsonb_array_elements(s::text::jsonb -> 'patterns') AS p, generate_series(1, (p ->> 3)::integer)) AS c, generate_series(1, x) AS period GROUP BY period) AS d),
          (SELECT (clv_fit(s, 'bdw')::jsonb - '{unit, from, as_of}'::text[])::text FROM whole), 'counts by period say the same as rows');

-- 200 books of 2,400 contracts in eight cohorts, with alpha = 1: theta = 1 - u^(1 / beta)
SELECT setseed(0.17);
CREATE TEMPORARY TABLE drawn AS SELECT book, 3 + i % 8 AS age, ceil((2.5 * ln(random()) / ln(random())) ^ (1 / 1.5)) AS t FROM generate_series(1, 200) AS book, generate_series(1, 2400) AS i;
CREATE TEMPORARY TABLE simulated AS SELECT book, clv_fit(clv_contract_sample(p, r, l), 'bdw') AS m, clv_fit(clv_contract_sample(p, r, l), 'sbg') AS sbg
  FROM (SELECT book, p, count(*) FILTER (WHERE t > p) AS r, count(*) FILTER (WHERE t = p) AS l FROM drawn, generate_series(1, age) AS p WHERE t >= p GROUP BY book, p) AS d GROUP BY book;
SELECT is((SELECT count(*) FILTER (WHERE (clv_model_summary(m)).status = 'converged') FROM simulated), 200::bigint, 'simulated books have a maximum');
SELECT is_empty($$SELECT parameter, covered FROM (SELECT parameter, count(*) FILTER (WHERE CASE parameter WHEN 'alpha' THEN 1 WHEN 'beta' THEN 2.5 ELSE 1.5 END BETWEEN low AND high) AS covered FROM simulated, clv_model_parameters(m) GROUP BY parameter) AS p WHERE covered NOT BETWEEN 180 AND 196$$,
                'intervals of 95 % contain each parameter in 90 to 98 %');
CREATE TEMPORARY TABLE curve AS SELECT c.*, clv_survival(truth, period_number) AS s, clv_renewal_probability(truth, period_number) AS r FROM simulated, clv_survival_curve(m, 12) AS c, CAST('{"model": "bdw", "parameters": {"alpha": 1, "beta": 2.5, "c": 1.5}}' AS clv_model) AS truth;
SELECT is_empty($$SELECT period_number, count(*) FILTER (WHERE s BETWEEN survival_low AND survival_high) AS covered FROM curve GROUP BY period_number HAVING count(*) FILTER (WHERE s BETWEEN survival_low AND survival_high) NOT BETWEEN 180 AND 199$$, 'so they do survival, also of later periods');
SELECT is_empty($$SELECT period_number, count(*) FILTER (WHERE r BETWEEN renewal_low AND renewal_high) AS covered FROM curve GROUP BY period_number HAVING count(*) FILTER (WHERE r BETWEEN renewal_low AND renewal_high) NOT BETWEEN 180 AND 199$$, 'and renewals');
SELECT cmp_ok((SELECT count(*) FROM simulated WHERE (clv_model_summary(m)).aic < (clv_model_summary(sbg)).aic), '>=', 190::bigint, 'AIC prefers BdW to sBG where c is 1.5');
SELECT * FROM finish();
ROLLBACK;
