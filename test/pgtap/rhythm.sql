-- Rhythm and early warning: by plain SQL over the rows, on every day, and for names and roles of all kinds.
BEGIN;
SELECT plan(43);

CREATE TEMPORARY TABLE orders AS
SELECT customer_id, ordered_at::date AS day, amount
  FROM clv_simulate(300, '2022-01-01', '2024-12-31', seed => 11, refund_share => 0.15)
UNION ALL
-- regular, on one day only, refunds only, and some that stop
SELECT 1000 + i, date '2022-01-01' + i * n, 10 + n FROM generate_series(1, 40) AS i, generate_series(0, 30) AS n
UNION ALL SELECT 2000, '2023-05-01', 7 UNION ALL SELECT 2001, '2023-05-01', -7 UNION ALL SELECT 2002, '2023-05-01', 0;
CREATE TEMPORARY TABLE history AS SELECT customer_id, clv_history(amount, day) AS h FROM orders GROUP BY customer_id;
CREATE TEMPORARY TABLE purchase AS
SELECT customer_id, day, day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap
  FROM (SELECT DISTINCT customer_id, day FROM orders WHERE amount >= 0) AS o;
CREATE INDEX ON orders (customer_id);
CREATE INDEX ON purchase (customer_id);
ANALYZE orders; ANALYZE history; ANALYZE purchase;
CREATE TEMPORARY TABLE moment (as_of date);
INSERT INTO moment VALUES ('2021-12-31'), ('2022-01-01'), ('2022-03-31'), ('2023-02-28'), ('2023-05-01'), ('2024-02-29'), ('2024-07-15'), ('2024-12-31'), ('2026-06-30');

-- what plain SQL says
CREATE TEMPORARY TABLE truth AS
SELECT customer_id, h, as_of, p.*, as_of - last_purchase AS silence
  FROM history CROSS JOIN moment CROSS JOIN LATERAL
       (SELECT count(*) AS days, min(day) AS first_purchase, max(day) AS last_purchase, avg(gap)::double precision AS mean_gap, count(gap) AS gaps,
               array_agg(gap) FILTER (WHERE gap IS NOT NULL) AS all_gaps
          FROM purchase AS q WHERE q.customer_id = history.customer_id AND day <= as_of) AS p;
ANALYZE truth;
SELECT cmp_ok(count(*), '>', 1000::bigint, 'there are customers to measure') FROM truth WHERE gaps > 0;

SELECT is_empty($$SELECT customer_id, as_of FROM truth
                   WHERE (clv_overdue(h, as_of) IS NULL) <> (gaps = 0) OR abs(clv_overdue(h, as_of) - silence / mean_gap) > 1e-9 * silence$$,
                'clv_overdue is the silence over the mean gap');
SELECT is_empty($$SELECT customer_id, as_of, k FROM truth, unnest('{0, 0.5, 3, 100}'::double precision[]) AS k
                   WHERE clv_overdue(h, as_of, 25, k) IS DISTINCT FROM NULL AND days = 0 OR days > 0 AND gaps + k > 0
                     AND coalesce(abs(clv_overdue(h, as_of, 25, k) - silence / ((coalesce(mean_gap * gaps, 0) + 25 * k) / (gaps + k))) > 1e-9 * silence, true)
                      OR gaps + k = 0 AND clv_overdue(h, as_of, 25, k) IS NOT NULL$$,
                'or over a gap shrunk to that of the population');
SELECT is_empty($$SELECT customer_id, as_of FROM truth
                   WHERE clv_silence_percentile(h, as_of) IS DISTINCT FROM (SELECT count(*) FILTER (WHERE gap < silence) / count(*)::double precision FROM unnest(all_gaps) AS gap HAVING count(*) > 0)$$,
                'clv_silence_percentile is the share of shorter gaps');

SELECT is_empty($$SELECT customer_id, as_of, measure, gap, r.* FROM truth, unnest('{days, rhythm}'::text[]) AS measure, unnest('{NULL, 20}'::double precision[]) AS gap,
                         clv_rhythm(h, as_of, CASE WHEN gap IS NULL THEN '{2, 3, 50}'::double precision[] END, measure, 10, gap, 2) AS r
                   WHERE (r.overdue, r.silence_percentile, r.stage) IS DISTINCT FROM
                         (clv_overdue(h, as_of, gap, 2), clv_silence_percentile(h, as_of),
                          clv_stage(h, as_of, CASE WHEN gap IS NULL THEN '{2, 3, 50}'::double precision[] END, measure, 10, gap, 2))$$,
                'clv_rhythm is as late and in the stage that these say');
SELECT is_empty($$SELECT truth.customer_id, as_of, gap, r.warning, w.severity
                    FROM truth CROSS JOIN (SELECT DISTINCT as_of AS day, gap, w.* FROM moment, unnest('{20, 200}'::double precision[]) AS gap,
                                                  clv_warnings('history', 'customer_id', 'h', as_of => as_of, population_gap => gap) AS w) AS w
                         CROSS JOIN LATERAL clv_rhythm(h, as_of, population_gap => gap) AS r
                   WHERE w.day = as_of AND w.customer_id = truth.customer_id::text AND r.warning IS DISTINCT FROM w.severity$$,
                'and warns of whom clv_warnings does');
SELECT results_eq($$SELECT as_of, gap, count((clv_rhythm(h, as_of, population_gap => gap)).warning) FROM truth, unnest('{20, 200}'::double precision[]) AS gap GROUP BY as_of, gap ORDER BY as_of, gap$$,
                  $$SELECT as_of, gap, (SELECT count(*) FROM clv_warnings('history', 'customer_id', 'h', as_of => as_of, population_gap => gap)) FROM moment, unnest('{20, 200}'::double precision[]) AS gap ORDER BY as_of, gap$$,
                  'and of no others');

-- exactly half of the value, and more given back than bought before
CREATE TEMPORARY TABLE edge AS
SELECT 'half' AS c, date '2024-09-06' AS day, clv_history(CASE WHEN i < 8 THEN 10 ELSE 4 END, date '2024-01-01' + i * 20) AS h FROM generate_series(0, 12) AS i
UNION ALL SELECT 'below 0', '2024-09-01', clv_history(v, d) FROM (VALUES (10, date '2024-01-01'), (10, '2024-02-01'), (10, '2024-03-15'), (10, '2024-04-01'), (10, '2024-05-01'), (-40, '2024-05-05'),
    (1, '2024-06-15'), (1, '2024-07-15'), (1, '2024-08-15'), (-31, '2024-08-16')) AS o (v, d);
SELECT results_eq($$SELECT c, (clv_rhythm(h, day, population_gap => 30)).warning FROM edge ORDER BY c$$, $$VALUES ('below 0', NULL), ('half', 'low')$$, 'half of the value is a warning, less than less than nothing is none');
SELECT results_eq($$SELECT customer_id, severity FROM (SELECT DISTINCT day FROM edge) AS d, clv_warnings('edge', 'c', 'h', NULL, day, population_gap => 30) WHERE (customer_id, day) IN (SELECT c, day FROM edge)$$, $$VALUES ('half', 'low')$$, 'to clv_warnings, too');

CREATE TEMPORARY TABLE span (span interval);
INSERT INTO span VALUES ('90 days'), ('1 month'), ('1 year'), ('1 month 10 days'), ('2 weeks'), ('48 hours');
CREATE TEMPORARY TABLE trend AS
SELECT customer_id, h, as_of, span, first_purchase <= as_of AS is_customer, first_purchase <= as_of - 2 * span AS is_known,
       (SELECT count(*) FROM purchase AS p WHERE p.customer_id = t.customer_id AND day > as_of - span AND day <= as_of) AS recent_purchases,
       (SELECT count(*) FROM purchase AS p WHERE p.customer_id = t.customer_id AND day > as_of - 2 * span AND day <= as_of - span) AS before_purchases,
       (SELECT coalesce(sum(amount), 0) FROM orders AS o WHERE o.customer_id = t.customer_id AND day > as_of - span AND day <= as_of) AS recent_value,
       (SELECT coalesce(sum(amount), 0) FROM orders AS o WHERE o.customer_id = t.customer_id AND day > as_of - 2 * span AND day <= as_of - span) AS before_value
  FROM truth AS t CROSS JOIN span;
SELECT is_empty($$SELECT t.customer_id, as_of, span, c.*, t.* FROM trend AS t, clv_trend(h, as_of, span) AS c
                   WHERE c.recent_purchases IS DISTINCT FROM CASE WHEN is_customer THEN t.recent_purchases END
                      OR c.recent_value IS DISTINCT FROM CASE WHEN is_customer THEN t.recent_value END
                      OR c.before_purchases IS DISTINCT FROM CASE WHEN is_known THEN t.before_purchases END
                      OR c.before_value IS DISTINCT FROM CASE WHEN is_known THEN t.before_value END
                      OR c.frequency_ratio IS DISTINCT FROM CASE WHEN is_known THEN t.recent_purchases / nullif(t.before_purchases, 0)::double precision END
                      OR (c.value_ratio IS NULL) <> NOT coalesce(is_known AND t.before_value > 0, false)
                      OR abs(c.value_ratio * t.before_value - t.recent_value) > 1e-9$$,
                'clv_trend counts and adds what the rows say');
SELECT is_empty($$SELECT d, s FROM generate_series(timestamp '1999-11-01', '2004-04-30', '1 day') AS g, date(g) AS d, span,
                         clv_trend('{1999-06-15: 1, 2000-02-29: 1, 2000-12-31: 1, 2001-01-01: 1, 2001-02-28: 1, 2003-01-30: 1}', d, span) AS t,
                         LATERAL (SELECT count(*) FILTER (WHERE day > d - span AND day <= d) AS recent, count(*) FILTER (WHERE day > d - 2 * span AND day <= d - span) AS before
                                    FROM unnest('{1999-06-15, 2000-02-29, 2000-12-31, 2001-01-01, 2001-02-28, 2003-01-30}'::date[]) AS day) AS s
                   WHERE t.recent_purchases <> s.recent OR t.before_purchases IS DISTINCT FROM CASE WHEN d - 2 * span >= '1999-06-15' THEN s.before END$$,
                'its days are those of date - interval');

SELECT is_empty($$SELECT customer_id, as_of FROM truth
                   WHERE clv_stage(h, as_of, measure => 'days') IS DISTINCT FROM
                         CASE WHEN days = 0 THEN NULL WHEN days = 1 AND silence <= 30 THEN 'new' WHEN silence <= 60 THEN 'active'
                              WHEN silence <= 120 THEN 'cooling' WHEN silence <= 365 THEN 'silent' ELSE 'lapsed' END$$,
                'clv_stage can be by days');
SELECT is_empty($$SELECT customer_id, as_of FROM truth, LATERAL (SELECT silence / mean_gap) AS s (times)
                   WHERE clv_stage(h, as_of) IS DISTINCT FROM
                         CASE WHEN days = 0 THEN NULL WHEN days = 1 AND silence <= 30 THEN 'new'
                              WHEN days = 1 THEN clv_stage(h, as_of, measure => 'days')
                              WHEN times <= 1.5 THEN 'active' WHEN times <= 3 THEN 'cooling' WHEN times <= 6 THEN 'silent' ELSE 'lapsed' END
                     AND abs(times - 1.5) > 1e-9 AND abs(times - 3) > 1e-9 AND abs(times - 6) > 1e-9$$,
                'but is by rhythm, and by days where there is none');
SELECT is_empty($$SELECT customer_id, as_of, gap FROM truth, unnest('{0.4, 7.9, 45, 400}'::double precision[]) AS gap
                   WHERE clv_stage(h, as_of, population_gap => gap) IS DISTINCT FROM clv_stage(h, as_of, NULL, 'rhythm', greatest(floor(gap), 1)::integer, gap, 3)
                      OR clv_stage(h, as_of, population_gap => gap, measure => 'days') IS DISTINCT FROM clv_stage(h, as_of, '{60, 120, 365}', 'days', 30)$$,
                'where the population gap is known, who bought once is new for as long');
-- a shop in which it is the same to buy once a year
CREATE TEMPORARY TABLE yearly AS
SELECT c AS customer_id, (SELECT clv_history(10, date '2020-01-01' + c + k * (280 + c % 41)) FROM generate_series(0, CASE WHEN c % 4 = 0 THEN 0 ELSE 3 END) AS k) AS h FROM generate_series(1, 200) AS c;
CREATE TEMPORARY TABLE yearly_seen AS
SELECT y.*, as_of, u.gap, clv_stage(h, as_of, population_gap => u.gap) AS stage, clv_stage(h, as_of, measure => 'days') AS by_days
  FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY clv_mean_gap(h)) AS gap FROM yearly) AS u, yearly AS y, LATERAL (SELECT clv_last_purchase(h) + 100 AS as_of) AS l;
SELECT results_eq('SELECT DISTINCT gap BETWEEN 290 AND 310, by_days, stage FROM yearly_seen ORDER BY stage', $$VALUES (true, 'cooling', 'active'), (true, 'cooling', 'new')$$, 'of a base with a median gap of 300 days nobody is late after 100: all are active, or new');
SELECT is_empty($$SELECT customer_id FROM yearly_seen WHERE clv_stage(h, as_of + 250, population_gap => gap) NOT IN ('active', 'cooling') OR clv_stage(h, as_of + 250, measure => 'days') <> 'silent'$$, 'nor after a year, when all are silent by days');

-- every customer on every day
CREATE TEMPORARY TABLE form (form integer, thresholds double precision[], measure text, new_days integer, population_gap double precision);
INSERT INTO form VALUES (1, NULL, 'days', 30, NULL), (2, NULL, 'rhythm', 30, NULL), (3, NULL, 'rhythm', 0, 20), (4, '{0.1, 0.2, 0.3}', 'rhythm', 100, 5), (5, '{7, 14, 28}', 'days', 21, NULL);
CREATE TEMPORARY TABLE stage AS
SELECT form, customer_id, day, place, coalesce(place < lag(place) OVER one, false) AS is_back, p.day IS NOT NULL AS has_bought, f.first_purchase, stage
  FROM (SELECT form, customer_id, day, stage, array_position('{new, active, cooling, silent, lapsed}', stage) AS place
          FROM form, history, generate_series(timestamp '2021-12-30', '2024-12-31', '1 day') AS g, date(g) AS day,
               clv_stage(h, day, thresholds, measure, new_days, population_gap) AS stage
         WHERE customer_id % 5 = 0) AS s
       LEFT JOIN purchase AS p USING (customer_id, day)
       LEFT JOIN (SELECT customer_id, min(day) AS first_purchase FROM purchase GROUP BY customer_id) AS f USING (customer_id)
WINDOW one AS (PARTITION BY form, customer_id ORDER BY day);
SELECT is_empty('SELECT * FROM stage WHERE (place IS NULL) <> (first_purchase IS NULL OR day < first_purchase)', 'from the first purchase on a customer is in one of five states every day, and before in none');
SELECT is_empty($$SELECT * FROM stage WHERE day = first_purchase AND stage IS DISTINCT FROM 'new'$$, 'a customer begins as new');
SELECT is_empty($$SELECT * FROM stage WHERE has_bought AND day > first_purchase AND stage IS DISTINCT FROM 'active'$$, 'a purchase makes active whoever has bought before');
SELECT is_empty('SELECT * FROM stage WHERE is_back AND NOT has_bought', 'and nothing else leads back');
SELECT is_empty($$SELECT form, stage FROM form, unnest('{new, active, cooling, silent, lapsed}'::text[]) AS stage EXCEPT SELECT form, stage FROM stage$$, 'every state is reached');

-- later orders
SELECT is_empty($$SELECT customer_id, as_of FROM truth, clv_at(h, as_of) AS old
                   WHERE clv_overdue(h, as_of) IS DISTINCT FROM clv_overdue(old, as_of) OR clv_overdue(h, as_of, 9, 2) IS DISTINCT FROM clv_overdue(old, as_of, 9, 2)
                      OR clv_silence_percentile(h, as_of) IS DISTINCT FROM clv_silence_percentile(old, as_of)
                      OR clv_stage(h, as_of) IS DISTINCT FROM clv_stage(old, as_of)
                      OR clv_trend(h, as_of)::text IS DISTINCT FROM clv_trend(old, as_of)::text$$, 'what comes later changes nothing');
CREATE TEMPORARY TABLE past AS SELECT customer_id, clv_at(h, '2024-07-15') AS h FROM history;
SELECT results_eq(format('SELECT * FROM clv_warnings(%L, %L, %L, as_of => %L)', 'past', 'customer_id', 'h', as_of), format('SELECT * FROM clv_warnings(%L, %L, %L, as_of => %L)', 'history', 'customer_id', 'h', as_of), 'nor in warnings as of ' || as_of)
  FROM moment WHERE as_of IN ('2023-05-01', '2024-07-15') ORDER BY as_of;

-- histories in many rows, with NULLs
CREATE TEMPORARY TABLE pieces AS
SELECT customer_id, clv_history(amount, day) AS h FROM orders GROUP BY customer_id, extract(quarter FROM day)
UNION ALL SELECT NULL, h FROM history UNION ALL SELECT customer_id, NULL FROM history UNION ALL SELECT -1, NULL;

-- warnings by plain SQL, as far as it goes over the rows
CREATE FUNCTION pg_temp.by_hand(as_of date, span interval, gap double precision, k double precision, c double precision[], least_days integer, value_span interval)
RETURNS TABLE (customer text, severity text, value_at_risk numeric, overdue double precision, days_since_last integer) LANGUAGE sql AS $$
    WITH person AS (
        SELECT customer_id, count(*) AS days, min(day) AS first_purchase, as_of - max(day) AS silence, avg(gap)::double precision AS mean_gap, count(gap) AS gaps, array_agg(p.gap) AS all_gaps
          FROM purchase AS p WHERE day <= as_of GROUP BY customer_id),
    prior AS (SELECT coalesce(by_hand.gap, percentile_cont(0.5) WITHIN GROUP (ORDER BY mean_gap)) AS gap FROM person),
    measured AS (
        SELECT *, silence / CASE WHEN p.gap IS NULL THEN mean_gap ELSE (mean_gap * gaps + k * p.gap) / (gaps + k) END AS late,
               (SELECT count(*) FILTER (WHERE g < silence) / count(g)::double precision FROM unnest(all_gaps) AS g) AS longer,
               (SELECT count(*) FROM purchase AS q WHERE q.customer_id = person.customer_id AND day > as_of - span AND day <= as_of) AS days_a,
               (SELECT count(*) FROM purchase AS q WHERE q.customer_id = person.customer_id AND day > as_of - 2 * span AND day <= as_of - span) AS days_b,
               (SELECT coalesce(sum(amount), 0) FROM orders AS o WHERE o.customer_id = person.customer_id AND day > as_of - span AND day <= as_of) AS value_a,
               (SELECT coalesce(sum(amount), 0) FROM orders AS o WHERE o.customer_id = person.customer_id AND day > as_of - 2 * span AND day <= as_of - span) AS value_b,
               (SELECT coalesce(sum(amount), 0) FROM orders AS o WHERE o.customer_id = person.customer_id AND day > as_of - value_span AND day <= as_of) AS value
          FROM person CROSS JOIN prior AS p WHERE gaps > 0 AND days >= least_days),
    judged AS (
        SELECT *, late > c[1] AND longer >= 0.9 AS a, first_purchase <= as_of - 2 * span AND days_b >= 3 AND days_a <= days_b / 2.0 AS b,
               first_purchase <= as_of - 2 * span AND days_b >= 3 AND value_b > 0 AND value_a <= value_b / 2 AS c
          FROM measured WHERE late <= c[3])
    SELECT customer_id::text, CASE WHEN a AND late > by_hand.c[2] THEN 'high' WHEN a OR b AND judged.c THEN 'medium' ELSE 'low' END, greatest(value, 0), late, silence::integer
      FROM judged WHERE a OR b OR judged.c
$$;
CREATE FUNCTION pg_temp.compare(histories regclass, as_of date, span interval, gap double precision, k double precision, c double precision[], least_days integer, value_span interval)
RETURNS SETOF record LANGUAGE sql AS $$
    SELECT w, b FROM clv_warnings(histories, 'customer_id', 'h', as_of => as_of, span => span, population_gap => gap, prior_gaps => k, thresholds => c, min_purchase_days => least_days, value_span => value_span) AS w
           FULL JOIN pg_temp.by_hand(as_of, span, gap, k, c, least_days, value_span) AS b ON b.customer = w.customer_id
     WHERE w IS NULL OR b IS NULL OR w.severity <> b.severity OR w.value_at_risk <> b.value_at_risk OR abs(w.overdue - b.overdue) > 1e-9 OR w.days_since_last <> b.days_since_last
$$;
SELECT cmp_ok(count(*), '>=', 3::bigint, 'there are warnings of each severity on ' || as_of)
  FROM moment, LATERAL (SELECT DISTINCT severity FROM clv_warnings('history', 'customer_id', 'h', as_of => as_of)) AS w WHERE as_of IN ('2024-02-29', '2024-07-15') GROUP BY as_of ORDER BY as_of;
SELECT is_empty(format($$SELECT * FROM moment, pg_temp.compare('%s', as_of, '90 days', NULL, 3, '{1.5, 3, 6}', 3, '1 year') AS c (w record, b record)$$, name), 'warnings are those of the rows: ' || name)
  FROM unnest('{history, pieces}'::text[]) AS name;
SELECT is_empty($$SELECT * FROM moment, pg_temp.compare('history', as_of, '2 months', 17.5, 0.7, '{1.2, 2.1, 9.3}', 5, '100 days') AS c (w record, b record)$$, 'with other parameters too');
SELECT is_empty($$SELECT * FROM moment, pg_temp.compare('history', as_of, '10 days', 40, 0, '{0.31, 0.72, 99.9}', 1, '1 month') AS c (w record, b record)$$, 'and with none to shrink to');

-- what the reason says
SELECT is_empty($$SELECT w.* FROM clv_warnings('history', 'customer_id', 'h', NULL, '2024-07-15', thresholds => '{1.2, 2.5, 50}', span => '3 months') AS w JOIN history AS i ON i.customer_id::text = w.customer_id,
                         LATERAL (SELECT (clv_trend(h, '2024-07-15', '3 months')).*) AS t, LATERAL (SELECT clv_frequency(clv_at(h, '2024-07-15')) AS x, clv_silence_percentile(h, '2024-07-15') AS p) AS f,
                         LATERAL (SELECT reason ~ 'silent' AS a, reason ~ 'bought' AS b, reason ~ 'spent' AS c) AS s
                   WHERE NOT (a OR b OR c)
                      OR a AND reason !~ format('^silent for %s days?, [0-9.]+ times the usual [0-9.]+; longer than %s of %s gaps? before(; bought.*|; spent.*)?$', days_since_last, round(p * x), x)
                      OR b AND reason !~ format('^(.*; )?bought on %s days? in the last 91 days, on %s in the 91 days before(; spent.*)?$', recent_purchases, before_purchases)
                      OR c AND reason !~ format('^(.*; )?spent %s in the last 91 days, %s in the 91 days before$', recent_value::double precision, before_value::double precision)
                         AND reason !~ format('^(.*; )?spent %s in the last 91 days, %s in the 91 days before$', recent_value, before_value)
                      OR severity <> CASE WHEN a AND overdue > 2.5 THEN 'high' WHEN a OR b AND c THEN 'medium' ELSE 'low' END$$, 'the reason gives the numbers');

-- order
CREATE TEMPORARY TABLE twins AS SELECT customer_id || name AS name, h FROM history, unnest('{b, B, a, A, ä, Z, 10, 9, "", " "}'::text[]) AS name;
SELECT is_empty($$SELECT * FROM (SELECT *, row_number() OVER (ORDER BY value_at_risk DESC, overdue DESC NULLS LAST, customer_id COLLATE "C") AS wanted
                                   FROM clv_warnings('twins', 'name', 'h', NULL, '2024-07-15') WITH ORDINALITY) AS w WHERE wanted <> ordinality$$, 'rows come by value, then by how late, then by name');
SELECT cmp_ok(count(*), '>', 0::bigint, 'where all but the name is equal too')
  FROM (SELECT FROM clv_warnings('twins', 'name', 'h', NULL, '2024-07-15') GROUP BY value_at_risk, overdue HAVING count(*) > 1) AS t;

-- tables and columns of all kinds
CREATE TABLE victim (x integer);
CREATE TEMPORARY TABLE expected AS SELECT * FROM clv_warnings('history', 'customer_id', 'h', NULL, '2024-07-15');
CREATE TEMPORARY TABLE names AS
SELECT name::name, row_number() OVER () AS n
  FROM unnest(ARRAY['plain', 'Mixed Case', 'he said "no"', $n$it's$n$, 'a; DROP TABLE victim; --', '"; DROP TABLE victim; --', '$1', '%I %1$s %%', 'naïve ☃ 顧客', repeat('x', 63), repeat('é', 31), E'new\nline', E'back\\slash',
                    'select', 'key', 'h', 't', 'gap', 'merged', 'usual', 'days', 'value', '*', '$query$', '$function$', 'pg_class', ' ', '1', 'a.b', 'null']) AS name;
CREATE FUNCTION pg_temp.named_warnings(schema_name name, table_name name, customer name, history name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    differences text;
BEGIN
    EXECUTE format('CREATE TABLE %I.%I AS SELECT customer_id AS %I, h AS %I FROM pg_temp.history', schema_name, table_name, customer, history);
    WITH w AS (SELECT * FROM clv_warnings(format('%I.%I', schema_name, table_name)::regclass, customer, history, NULL, '2024-07-15'))
    SELECT count(*)::text INTO differences FROM ((TABLE w EXCEPT ALL TABLE expected) UNION ALL (TABLE expected EXCEPT ALL TABLE w)) AS d;
    EXECUTE format('DROP TABLE %I.%I', schema_name, table_name);
    RETURN differences;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;
CREATE SCHEMA "Odd; ""schema"" of $1 %s";
SELECT is_empty($$SELECT a.name, b.name FROM names AS a JOIN names AS b ON b.n = a.n % (SELECT count(*) FROM names) + 1 WHERE pg_temp.named_warnings('Odd; "schema" of $1 %s', a.name, b.name, a.name) <> '0'$$, 'names are only names');
SELECT is_empty($$SELECT name FROM names WHERE pg_temp.named_warnings('pg_temp', name, name, 'history of ' || n) <> '0'$$, 'in the temporary schema too');
SELECT has_table('victim', 'and run nothing');
SELECT throws_ok($$SELECT * FROM clv_warnings('history', 'customer_id; DROP TABLE victim', 'h', NULL, '2024-07-15')$$, '42703', NULL, 'a column that is not there');
CREATE DOMAIN pg_temp.kept AS clv_history;
CREATE DOMAIN pg_temp.kept_well AS pg_temp.kept CHECK (clv_orders(VALUE) >= 0);
CREATE TEMPORARY TABLE typed AS SELECT customer_id::text COLLATE "C" AS customer_id, h::pg_temp.kept_well AS h FROM history;
CREATE TEMPORARY TABLE parted (customer_id bigint, h clv_history, more text) PARTITION BY HASH (customer_id);
CREATE TEMPORARY TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TEMPORARY TABLE parted_1 (more text, dropped integer, h clv_history, customer_id bigint);
ALTER TABLE parted_1 DROP COLUMN dropped;
ALTER TABLE parted ATTACH PARTITION parted_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT * FROM history;
CREATE TEMPORARY VIEW seen AS SELECT clv_history(amount, day) AS h, customer_id FROM orders GROUP BY customer_id;
SELECT results_eq(format($$SELECT * FROM clv_warnings('%s', 'customer_id', 'h', NULL, '2024-07-15')$$, name), 'TABLE expected', name || ' can be read') FROM unnest('{typed, parted, seen}'::text[]) AS name;

-- rights
CREATE TABLE "Odd; ""schema"" of $1 %s".private AS TABLE history;
CREATE ROLE clv_test_reader;
GRANT USAGE ON SCHEMA "Odd; ""schema"" of $1 %s" TO clv_test_reader;
SET LOCAL ROLE clv_test_reader;
SELECT throws_ok($$SELECT * FROM clv_warnings('"Odd; ""schema"" of $1 %s".private', 'customer_id', 'h', NULL, '2024-07-15')$$, '42501', NULL, 'who may not read the table may not be warned');
RESET ROLE;
GRANT SELECT (customer_id) ON "Odd; ""schema"" of $1 %s".private TO clv_test_reader;
SET LOCAL ROLE clv_test_reader;
SELECT throws_ok($$SELECT * FROM clv_warnings('"Odd; ""schema"" of $1 %s".private', 'customer_id', 'h', NULL, '2024-07-15')$$, '42501', NULL, 'nor who may read the other column');
RESET ROLE;
GRANT SELECT ON "Odd; ""schema"" of $1 %s".private TO clv_test_reader;
ALTER TABLE "Odd; ""schema"" of $1 %s".private ENABLE ROW LEVEL SECURITY;
CREATE POLICY even ON "Odd; ""schema"" of $1 %s".private TO clv_test_reader USING (customer_id % 2 = 0);
CREATE TEMPORARY TABLE even AS SELECT * FROM history WHERE customer_id % 2 = 0;
CREATE TEMPORARY TABLE expected_even AS SELECT * FROM clv_warnings('even', 'customer_id', 'h', NULL, '2024-07-15');
GRANT SELECT ON expected_even TO clv_test_reader;
SET LOCAL ROLE clv_test_reader;
SELECT results_eq($$SELECT * FROM clv_warnings('"Odd; ""schema"" of $1 %s".private', 'customer_id', 'h', NULL, '2024-07-15')$$, 'TABLE expected_even', 'row-level security holds, of the population gap too');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
