-- Contracts: samples of them, fits and predictions of sBG and BdW, NULL and empty rows, and every error.
\pset format unaligned
\pset null NULL
CREATE FUNCTION pg_temp.r(double precision) RETURNS numeric LANGUAGE sql AS 'SELECT trim_scale(round($1::numeric, 6))';

-- samples of rows: an end on the last day of a period or on the day after is in that period; later than the last period it is not known yet
CREATE TEMP TABLE contract (id serial, started date, ended date);
INSERT INTO contract (started, ended) VALUES
    ('2024-01-31', '2024-02-28'), ('2024-01-31', '2024-02-29'), ('2024-01-31', '2024-03-01'), ('2024-01-31', '2024-03-31'), ('2024-01-31', NULL), ('2024-01-31', 'infinity'), ('2024-01-31', '2030-01-01'),
    ('2024-03-10', '2024-03-10'), ('2024-03-10', '2024-06-20'), ('2024-03-10', '2024-06-10'), ('2024-06-15', NULL), ('2024-06-15', '2024-06-20'), ('2024-07-01', NULL), (NULL, '2024-03-01'), (NULL, NULL);
SELECT id, clv_contract_sample(started, ended, '2024-06-30', 'month') AS sample FROM contract GROUP BY id ORDER BY id;
SELECT period, clv_contract_sample(started, ended, '2024-06-30', period) AS sample FROM contract, unnest('{day, week, Month, quarter, year}'::text[]) WITH ORDINALITY AS p (period, n) GROUP BY n, period ORDER BY n;
-- of counts
SELECT clv_contract_sample(period, renewed, lost) AS sample FROM (VALUES (1, 631, 369), (2, 468, 163), (1, 20, 0), (2, 0, 0), (NULL, 1, 1), (3, NULL, 1), (3, 1, NULL)) AS v (period, renewed, lost);
SELECT clv_contract_sample(1, 0, 0) AS nobody, clv_contract_sample(NULL::float8, 1, 1) AS nothing, clv_contract_sample(NULL::date, NULL, '2024-01-01', 'month') AS no_row;
-- text and binary form
SELECT t::clv_sample::text AS text, t::clv_sample::text::clv_sample::text = t::clv_sample::text AS same, clv_sample_send(t::clv_sample::text::clv_sample) = clv_sample_send(t::clv_sample) AS same_bytes
FROM unnest('{"{\"kind\": \"contracts\", \"patterns\": [[2, 0, 1, 3], [1, 0, 0, 4], [2, 0, 1, 2], [2, 1, 0, 7], [3, 0, 0, 0]]}", "{\"kind\": \"contracts\", \"unit\": \"quarter\", \"from\": \"2024-01-01\", \"as_of\": \"2024-12-31\", \"patterns\": [[1, 0, 0, 4]]}"}'::text[]) AS t;
SELECT t, error_of(format('SELECT %L::clv_sample', t)) FROM unnest('{"{\"kind\": \"contracts\", \"patterns\": [[0, 0, 1, 3]]}", "{\"kind\": \"contracts\", \"patterns\": [[1.5, 0, 1, 3]]}", "{\"kind\": \"contracts\", \"patterns\": [[2, 2, 1, 3]]}", "{\"kind\": \"contracts\", \"patterns\": [[2, 0, 2, 3]]}",
    "{\"kind\": \"contracts\", \"patterns\": [[2, 0, 1, 0.5]]}", "{\"kind\": \"contracts\", \"patterns\": [[2000000, 0, 1, 1]]}", "{\"kind\": \"contracts\", \"unit\": \"month\", \"patterns\": []}", "{\"kind\": \"contracts\", \"patterns\": [[2, 0, 1]]}"}'::text[]) AS t;
-- errors of rows and counts
SELECT c, error_of('SELECT clv_contract_sample(' || c || ') FROM contract WHERE id = 5') FROM unnest(ARRAY['started, date ''2024-01-30'', ''2024-06-30'', ''month''', 'started, ''-infinity'', ''2024-06-30'', ''month''', '''-infinity'', ended, ''2024-06-30'', ''month''', '''infinity'', ended, ''2024-06-30'', ''month''',
    'started, ended, ''infinity'', ''month''', 'started, ended, NULL, ''month''', 'started, ended, ''2024-06-30'', NULL', 'started, ended, ''2024-06-30'', ''hour''', '''4000-01-01 BC'', ended, ''2024-06-30'', ''day''',
    '0, 1, 1', '1.5, 1, 1', '-1, 1, 1', '''NaN'', 1, 1', '1, -1, 1', '1, 1, -1', '1, 1, 0.5', '1, ''NaN'', 1', '1, 1, ''infinity''', '2000000, 1, 1']) AS c;
SELECT error_of('SELECT clv_contract_sample(started, ended, date ''2024-06-30'' + id, ''month'') FROM contract') AS days, error_of('SELECT clv_contract_sample(started, ended, ''2024-06-30'', CASE id WHEN 1 THEN ''month'' ELSE ''week'' END) FROM contract') AS periods,
       error_of('SELECT clv_rollup(s) FROM (SELECT clv_contract_sample(started, ended, ''2024-06-30'', ''month'') AS s FROM contract UNION ALL SELECT clv_contract_sample(1, 2, 3)) AS v') AS kinds;

-- fits: several cohorts at once; survivors, counts and rows come to the same
CREATE TEMP TABLE cohort AS SELECT cohort, period - 1 AS period, survivors, lag(survivors) OVER (PARTITION BY cohort ORDER BY period) - survivors AS lost
    FROM (VALUES (1, '{1000, 869, 743, 653, 593, 551}'::integer[]), (2, '{800, 702, 590, 525}'), (3, '{900, 781}')) AS c (cohort, counts), unnest(counts) WITH ORDINALITY AS u (survivors, period);
CREATE TEMP TABLE fit AS SELECT name, clv_fit(clv_contract_sample(period, survivors, lost), name) AS m FROM cohort, unnest('{sbg, bdw}'::text[]) AS name GROUP BY name;
SELECT name, s.customers, pg_temp.r(s.log_likelihood) AS log_likelihood, s.status, (SELECT string_agg(p.parameter || ' ' || pg_temp.r(estimate) || ' +- ' || pg_temp.r(standard_error), ', ') FROM clv_model_parameters(m) AS p) AS parameters FROM fit, clv_model_summary(m) AS s ORDER BY name;
SELECT name, clv_fit(clv_contract_sample(period, survivors, lost), name) = clv_fit(clv_survival_sample(period, survivors), name) AS same FROM cohort, unnest('{sbg, bdw}'::text[]) AS name WHERE cohort = 1 GROUP BY name ORDER BY name;
SELECT name, clv_fit(clv_rollup(s), name) = (SELECT m FROM fit WHERE fit.name = n.name) AS parts FROM (SELECT clv_contract_sample(period, survivors, lost) AS s FROM cohort GROUP BY period % 2) AS p, unnest('{sbg, bdw}'::text[]) AS n (name) GROUP BY name ORDER BY name;
-- each of these contracts as a row, in years that end on June 30
CREATE TEMP TABLE customer AS SELECT make_date(2020 - length::integer, 7, 1) AS started, CASE WHEN period IS NOT NULL THEN make_date((2020 - length + period)::integer, 6, 30) END AS ended
    FROM (SELECT cohort, max(period) AS length FROM cohort GROUP BY cohort) AS c, LATERAL (SELECT period, lost FROM cohort AS l WHERE l.cohort = c.cohort AND period > 0 UNION ALL SELECT NULL, survivors FROM cohort AS l WHERE l.cohort = c.cohort AND period = length) AS l, generate_series(1, lost);
SELECT name, (m::jsonb - '{unit, from, as_of}'::text[])::clv_model = (SELECT m FROM fit WHERE fit.name = n.name) AS same, s.unit, to_char(s.as_of, 'YYYY-MM-DD') AS as_of, m::jsonb ->> 'from' AS "from"
FROM unnest('{sbg, bdw}'::text[]) AS n (name), LATERAL (SELECT clv_fit(clv_contract_sample(started, ended, '2020-12-31', 'year'), name) AS m FROM customer) AS f, clv_model_summary(m) AS s ORDER BY name;
-- which are lost and which are left has to be clear
SELECT s, error_of(format('SELECT clv_fit(clv_survival_sample(period, survivors), ''bdw'') FROM (VALUES %s) AS v (period, survivors)', s)) FROM unnest(ARRAY['(0, 1000), (1, 369), (2, 163), (3, 86), (4, 56)', '(0, 1000), (1, 600), (2, 300), (3, 100)', '(0, 1000), (1, 600), (2, 300), (3, 101)', '(0, 10), (1, 0), (2, 0), (3, 0)']) AS s;
SELECT s, error_of(format('SELECT clv_fit(clv_contract_sample(period, renewed, lost), ''bdw'') FROM (VALUES %s) AS v (period, renewed, lost)', s)) FROM unnest(ARRAY[
    '(1, 369, 631), (2, 163, 206), (3, 86, 77), (4, 56, 30)', '(1, 631, 369), (2, 206, 163), (3, 77, 86)', '(1, 369, 631), (2, 163, 468), (3, 86, 382)', '(2, 468, 163), (3, 382, 86), (4, 326, 56)', '(1, 631, 369), (3, 382, 86), (4, 326, 56)', '(1, 1e15, 1e15)',
    '(1, 631, 369), (2, 468, 163)', '(1, 631, 0), (2, 468, 0), (3, 400, 0)', '(1, 0, 631)', '(1, 1, 1)']) AS s;
-- a fit that ends at a bound says so, and has no intervals
SELECT what, m::jsonb ->> 'status' AS status, m::jsonb -> 'at_bound' AS at_bound, m::jsonb ? 'covariance' AS covariance, c.period_number, pg_temp.r(c.survival) AS survival, c.survival_low, c.renewal_high
FROM (SELECT what, clv_fit(clv_contract_sample(period, renewed, lost), 'bdw') AS m FROM (VALUES ('stay after the first', 1, 631, 369), ('stay after the first', 2, 631, 0), ('stay after the first', 3, 631, 0), ('alike', 1, 900, 100), ('alike', 2, 800, 100), ('alike', 3, 690, 110), ('alike', 4, 570, 120)) AS v (what, period, renewed, lost) GROUP BY what) AS f, clv_survival_curve(m, 3) AS c ORDER BY what, period_number;
SELECT m::jsonb ->> 'status' AS status FROM (SELECT clv_fit(clv_contract_sample(period, 631, CASE period WHEN 1 THEN 369 ELSE 0 END), 'bdw', 0.05) AS m FROM generate_series(1, 3) AS period) AS f;

-- predictions
CREATE TEMP TABLE model (name text, m clv_model);
INSERT INTO model SELECT name, m FROM fit UNION ALL VALUES ('given', '{"model": "bdw", "parameters": {"alpha": 2, "beta": 3, "c": 0.8}}'::clv_model), ('huge', '{"model": "bdw", "parameters": {"alpha": 1e12, "beta": 1e12, "c": 0.001}}'), ('steep', '{"model": "bdw", "parameters": {"alpha": 1e-12, "beta": 1e12, "c": 1e12}, "covariance": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}');
SELECT name, period, pg_temp.r(clv_survival(m, period)) AS survival, pg_temp.r(clv_renewal_probability(m, period + 1)) AS renews, pg_temp.r(clv_residual_lifetime(m, period + 1, 0.1)) AS residual, pg_temp.r(clv_residual_lifetime(m, period + 1)) AS without_discount FROM model, generate_series(0, 3) AS period WHERE name IN ('bdw', 'given') ORDER BY name, period;
SELECT name, pg_temp.r(clv_expected_lifetime(m, 0.1)) AS lifetime, pg_temp.r(clv_expected_lifetime(m)) AS without_discount FROM model WHERE name IN ('bdw', 'given') ORDER BY name;
-- one call site, with other discounts, periods and models
SELECT d, p, pg_temp.r(clv_expected_lifetime(m, d)) AS lifetime, pg_temp.r(clv_residual_lifetime(m, p, d)) AS residual FROM model, (VALUES (0.1, 3), (0.2, 3), (0.2, 259), (0.2, 3)) AS v (d, p) WHERE name = 'bdw';
SELECT name, pg_temp.r(clv_residual_lifetime(m, 3, 0.1)) AS residual FROM (SELECT * FROM model WHERE name IN ('bdw', 'sbg', 'given') ORDER BY name) AS m;
SELECT name, c.period_number, pg_temp.r(survival) AS survival, pg_temp.r(survival_low) AS low, pg_temp.r(survival_high) AS high, pg_temp.r(renewal) AS renewal, pg_temp.r(renewal_low) AS low, pg_temp.r(renewal_high) AS high FROM model, clv_survival_curve(m, 3) AS c ORDER BY name, period_number;
SELECT count(*) AS rows, bool_and(survival = clv_survival(m, period_number) AND renewal = clv_renewal_probability(m, period_number)) AS same, bool_and(a.renewal_high - a.renewal_low < c.renewal_high - c.renewal_low) AS narrower FROM fit, clv_survival_curve(m, 20) AS c JOIN LATERAL clv_survival_curve(m, 20, 0.8) AS a USING (period_number, survival, renewal) WHERE name = 'bdw';
SELECT (SELECT count(*) FROM clv_survival_curve(NULL, 3)) AS null_model, (SELECT count(*) FROM clv_survival_curve(m, NULL)) AS null_periods, (SELECT count(*) FROM clv_survival_curve(m, 3, NULL)) AS null_level, (SELECT count(*) FROM clv_survival_curve(m, 0)) AS none FROM fit WHERE name = 'bdw';
SELECT c, error_of('SELECT ' || c || ' FROM model WHERE name = ''bdw''') FROM unnest('{"clv_survival_curve(m, -1)", "clv_survival_curve(m, 100001)", "clv_survival_curve(m, 3, 0)", "clv_survival_curve(m, 3, 1)", "clv_survival_curve(m, 3, ''NaN'')", "clv_survival(m, -1)", "clv_renewal_probability(m, 0)", "clv_residual_lifetime(m, 0)", "clv_expected_lifetime(m, 1e-10)"}'::text[]) AS c;
SELECT error_of('SELECT clv_expected_lifetime(m) FROM model WHERE name = ''huge''') AS of_2567_digits, error_of('SELECT clv_residual_lifetime(m, 2) FROM model WHERE name = ''huge''') AS from_then_on, pg_temp.r(clv_expected_lifetime(m, 0.1)) AS discounted, error_of('SELECT clv_survival_curve(''{"model": "bgnbd", "parameters": {"r": 1, "alpha": 2, "a": 2, "b": 30}}'', 3)') AS not_of_contracts FROM model WHERE name = 'huge';
