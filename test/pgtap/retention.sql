-- clv_retention() against the same in plain SQL, and what must hold for every retention.
\if :{?data_dir}
\else
\set data_dir ''
\endif
\set full `gzip -dc :'data_dir'/cdnow_full.csv.gz 2>/dev/null`
SELECT length(:'full') > 100 AS has_full \gset
BEGIN;
SELECT plan(71);
\ir include/customers.psql

-- By hand: all measures of all cells at once. source has customer, at, day, amount and channel, and order_no if
-- there is an order_id; o has the arguments of clv_retention(), "grouped" instead of group_by.
CREATE TEMP TABLE hand (customer_group text, cohort date, k integer, cohort_size bigint, observed bigint, complete boolean, first boolean,
                        customers bigint, orders bigint, value numeric, cumulative numeric, twice bigint, before bigint);
CREATE FUNCTION pg_temp.by_hand(source text, o jsonb) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off SET jit = off AS $f$
DECLARE
    period text := coalesce(o ->> 'period', 'month');
    step interval := pg_temp.step(period);
    ws text := coalesce(o ->> 'week_start', 'monday');
    elapsed boolean := coalesce((o ->> 'elapsed')::boolean, false);
    grouped boolean := coalesce((o ->> 'grouped')::boolean, false);
    kind text := coalesce(o ->> 'kind', 'classic');
    as_of date := (o ->> 'as_of')::date;
    begins date := (o ->> 'acquired_from')::date;
    ends date := (o ->> 'acquired_to')::date;
BEGIN
    DROP TABLE IF EXISTS seen, member, cell, bound, did;
    IF as_of IS NULL THEN
        EXECUTE format('SELECT max(day) FROM %s WHERE customer IS NOT NULL AND at IS NOT NULL AND amount >= 0 AND day <= current_date', source) INTO as_of;
    END IF;
    -- "day" is the one from which on a row counts: not before the first purchase of all
    EXECUTE format('CREATE TEMP TABLE seen AS SELECT * FROM (
                        SELECT customer, at, greatest(day, min(day) FILTER (WHERE amount >= 0) OVER (PARTITION BY customer)) AS day, amount, channel, %s AS number FROM %s
                        WHERE customer IS NOT NULL AND at IS NOT NULL AND amount IS NOT NULL AND day <= %L) AS s
                    WHERE day >= coalesce(%L, ''-infinity''::date)', CASE WHEN o ? 'order_id' THEN 'order_no' ELSE 'NULL::integer' END, source, as_of, begins);
    CREATE TEMP TABLE member AS
        SELECT customer, customer_group, f, pg_temp.trunc(f, period, ws) AS cohort
        FROM (SELECT DISTINCT ON (customer) customer, day AS f, CASE WHEN grouped THEN channel END AS customer_group
              FROM seen WHERE amount >= 0 ORDER BY customer, at, number NULLS LAST, channel NULLS LAST) AS s
        WHERE ends IS NULL OR f <= ends;
    -- a cell looks at periods k to last, NULL being all; and the cell before it
    CREATE TEMP TABLE cell AS
        SELECT k, last, lag(k) OVER (ORDER BY k) AS k_before
        FROM (SELECT k, CASE kind WHEN 'classic' THEN k ELSE k + (o ->> 'further')::integer END AS last
              FROM generate_series(0, (SELECT (as_of - min(f)) / CASE period WHEN 'day' THEN 1 WHEN 'week' THEN 7 WHEN 'month' THEN 28 WHEN 'quarter' THEN 89 ELSE 364 END + 1 FROM member)) AS k
              WHERE kind <> 'bracket'
              UNION ALL
              SELECT split_part(b, '-', 1)::integer, coalesce(nullif(split_part(b, '-', 2), ''), b)::integer
              FROM string_to_table(o ->> 'brackets', ',') AS b WHERE kind = 'bracket') AS c
        WHERE k <= coalesce((o ->> 'periods')::integer, k);
    -- cells as days, [from_day, to_day), for each first day; a cell is over once "over" has come
    CREATE TEMP TABLE bound AS
        SELECT cohort, f, k, k_before, last IS NULL AS unbounded, (base + k * step)::date AS from_day, coalesce((base + (last + 1) * step)::date, 'infinity') AS to_day,
               (base + (coalesce(last, k) + 1) * step)::date AS over
        FROM (SELECT DISTINCT cohort, f, CASE WHEN elapsed THEN f ELSE cohort END AS base FROM member) AS b, cell
        WHERE (cohort + k * step)::date <= as_of;
    ANALYZE seen; ANALYZE member; ANALYZE bound;
    -- what each customer did in each cell that is about the customer
    CREATE TEMP TABLE did AS
        SELECT customer, k, m.customer_group, m.cohort, NOT elapsed OR over <= as_of + 1 AS is_observed,
               count(*) FILTER (WHERE amount >= 0) AS orders, sum(amount) AS value
        FROM member AS m JOIN bound USING (cohort, f) JOIN seen USING (customer)
        WHERE day >= f AND day >= from_day AND day < to_day
        GROUP BY customer, k, m.customer_group, m.cohort, over;
    ANALYZE did;
    DELETE FROM hand;
    INSERT INTO hand
    SELECT customer_group, cohort, k, cohort_size, observed, complete, first, coalesce(customers, 0), coalesce(orders, 0), coalesce(value, 0), coalesce(cumulative, 0), coalesce(twice, 0), coalesce(before, 0)
    FROM (SELECT customer_group, coalesce(customer_group, '~') AS g, cohort, k, count(*) AS cohort_size, count(*) FILTER (WHERE NOT elapsed OR over <= as_of + 1) AS observed,
                 NOT bool_or(unbounded) AND max(over) <= as_of + 1 AND least((cohort + step)::date - 1, ends) <= as_of AS complete, bool_and(k_before IS NULL) AS first
          FROM member JOIN bound USING (cohort, f) GROUP BY customer_group, cohort, k HAVING min(from_day) <= as_of) AS c
    LEFT JOIN (SELECT coalesce(customer_group, '~') AS g, cohort, k, count(*) FILTER (WHERE orders > 0) AS customers, sum(orders) AS orders, sum(value) AS value
               FROM did WHERE is_observed GROUP BY 1, 2, 3) AS d USING (g, cohort, k)
    LEFT JOIN (SELECT coalesce(customer_group, '~') AS g, cohort, k, sum(amount) AS cumulative
               FROM (SELECT customer_group, cohort, f, day, sum(amount) AS amount FROM member JOIN seen USING (customer) WHERE day >= f GROUP BY 1, 2, 3, 4) AS m JOIN bound USING (cohort, f)
               WHERE day < to_day AND (NOT elapsed OR over <= as_of + 1) GROUP BY 1, 2, 3) AS m USING (g, cohort, k)
    LEFT JOIN (SELECT coalesce(p.customer_group, '~') AS g, p.cohort, b.k, count(*) AS before, count(d.customer) AS twice
               FROM did AS p JOIN member AS m USING (customer) JOIN bound AS b ON b.cohort = m.cohort AND b.f = m.f AND b.k_before = p.k
                    LEFT JOIN did AS d ON d.customer = p.customer AND d.k = b.k AND d.orders > 0
               WHERE p.orders > 0 AND (NOT elapsed OR b.over <= as_of + 1) GROUP BY 1, 2, 3) AS p USING (g, cohort, k);
END $f$;

-- one measure of it: value, and the fraction that rate is
CREATE FUNCTION pg_temp.measure(m text, base text, summary boolean)
RETURNS TABLE (customer_group text, cohort date, cohort_size numeric, k integer, value numeric, above numeric, below numeric, observed numeric, complete boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH c AS (
        SELECT customer_group, cohort, cohort_size, k, observed, complete,
               CASE m WHEN 'customers' THEN customers
                      WHEN 'churned' THEN CASE WHEN base = 'cohort' THEN observed - customers WHEN NOT first THEN before - twice END
                      WHEN 'orders' THEN orders WHEN 'value' THEN value ELSE cumulative END AS value,
               CASE m WHEN 'customers' THEN CASE base WHEN 'cohort' THEN customers ELSE twice END
                      WHEN 'churned' THEN CASE base WHEN 'cohort' THEN observed - customers ELSE before - twice END
                      WHEN 'orders' THEN orders WHEN 'value' THEN value ELSE cumulative END AS above,
               CASE WHEN base = 'cohort' THEN observed WHEN NOT first THEN before END AS below
        FROM hand
    ), added AS (
        SELECT customer_group, cohort, cohort_size::numeric, k, value, above, below::numeric, observed, complete FROM c
        UNION ALL
        SELECT customer_group, NULL, sum(cohort_size), k, sum(value), sum(above), sum(below), sum(observed), true FROM c WHERE complete AND summary GROUP BY customer_group, k
    )
    SELECT customer_group, cohort, cohort_size, k, CASE WHEN m = 'value_per_customer' THEN value / nullif(below, 0) WHEN observed > 0 THEN value END, above, nullif(below, 0), observed::numeric, complete FROM added;
END $$;

-- Where clv_retention(relation, columns) is not what is found by hand in source. Values are compared exactly.
CREATE FUNCTION pg_temp.disagree(relation text, columns text, source text, o jsonb, measures text[] DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $f$
DECLARE
    asked record;
    call text;
BEGIN
    PERFORM pg_temp.by_hand(source, o);
    IF NOT EXISTS (SELECT FROM hand) THEN
        RETURN NEXT 'nothing found by hand';
    END IF;
    FOR asked IN
        SELECT m, base, m = 'value_per_customer' AS divided
        FROM unnest('{customers,churned,orders,value,cumulative_value,value_per_customer,customers,churned}'::text[], '{cohort,cohort,cohort,cohort,cohort,cohort,previous,previous}'::text[]) AS a (m, base)
        WHERE measures IS NULL OR m || ' ' || base = ANY (measures)
    LOOP
        SELECT format('clv_retention(%L, ''%s'', measure => %L, base => %L', relation, replace(columns, ' ', ''', '''), asked.m, asked.base) || coalesce(string_agg(format(', %I => %L', key, v), ''), '') || ')' INTO call
        FROM (SELECT CASE key WHEN 'grouped' THEN 'group_by' ELSE key END AS key, CASE key WHEN 'grouped' THEN 'channel' ELSE value END AS v
              FROM jsonb_each_text(o) WHERE key <> 'grouped' OR value::boolean) AS a;
        RETURN QUERY EXECUTE format($q$
            WITH r AS MATERIALIZED (SELECT * FROM %s)
            SELECT %L || E'\nis:      ' || coalesce(r::text, 'no row') || E'\nby hand: ' || coalesce(h::text, 'no row')
            FROM r FULL JOIN pg_temp.measure(%L, %L, %L) AS h
                ON coalesce(r.customer_group, '~') = coalesce(h.customer_group, '~') AND coalesce(r.cohort, 'infinity') = coalesce(h.cohort, 'infinity') AND r.period_number = h.k
            WHERE (r.cohort_size, r.observed, r.complete) IS DISTINCT FROM (h.cohort_size, h.observed, h.complete) OR r.period_number IS NULL OR h.k IS NULL
               OR (CASE WHEN num_nonnulls(r.value, h.value) = 0 THEN true WHEN %L THEN abs(r.value - h.value) < 1e-12 AND r.value = r.rate ELSE r.value = h.value END) IS NOT TRUE
               OR (num_nonnulls(r.rate, h.above / h.below) = 0 OR abs(r.rate - h.above / h.below) < 1e-12) IS NOT TRUE
            UNION ALL
            SELECT %L || ': a row twice' FROM r HAVING count(*) <> count(DISTINCT (customer_group, cohort, period_number))
            LIMIT 3$q$, call, call, asked.m, asked.base, coalesce((o ->> 'summary')::boolean, false), asked.divided, call);
    END LOOP;
END $f$;

CREATE TEMP TABLE kind (kind jsonb, periods text[]);
INSERT INTO kind VALUES
    ('{}', '{day,week,month,year}'), ('{"kind": "rolling"}', '{week,month,quarter}'), ('{"kind": "rolling", "further": 2}', '{day,month,year}'),
    ('{"kind": "bracket", "brackets": "0,1-3,4-7"}', '{day,month,quarter}'), ('{"kind": "bracket", "brackets": "1-2, 4, 7-12"}', '{week,month}');

-- every kind of cell, every period, every measure
SELECT is_empty(format($$SELECT pg_temp.disagree('clv_test_orders', 'customer at amount', 'clv_test_rows', kind || %1$L) FROM kind WHERE %1$L::jsonb ->> 'period' = ANY (periods)$$, o), 'all kinds, ' || o::text)
FROM (VALUES ('{"period": "day", "periods": 12}'::jsonb), ('{"period": "week", "periods": 30}'), ('{"period": "month"}'), ('{"period": "quarter"}'), ('{"period": "year"}')) AS p (p),
     (VALUES ('{"elapsed": false, "grouped": true}'::jsonb), ('{"elapsed": true}')) AS e (e), LATERAL (SELECT p || e || '{"as_of": "2024-04-20", "summary": true}' AS o) AS o;
-- other days to look from: ends of a year, a week and a quarter, the first day of all, and the last that is known
SELECT is_empty(format($$SELECT pg_temp.disagree('clv_test_orders', 'customer at amount', 'clv_test_rows', %L::jsonb || a)
                         FROM (VALUES ('{"as_of": "2023-12-31"}'::jsonb), ('{"as_of": "2023-06-11"}'), ('{"as_of": "2022-12-30"}'), ('{"as_of": "2022-11-01"}')) AS a (a)$$, o), 'as of several days, ' || o::text)
FROM (VALUES ('{"period": "day", "periods": 12, "elapsed": true}'::jsonb), ('{"period": "week", "periods": 30, "elapsed": true}'), ('{"period": "week", "brackets": "0, 1-4, 5-52", "kind": "bracket"}'), ('{"period": "month", "elapsed": true}'),
      ('{"period": "month", "kind": "rolling", "further": 1, "grouped": true}'), ('{"period": "quarter"}'), ('{"period": "quarter", "elapsed": true, "kind": "rolling"}'), ('{"period": "year", "elapsed": true}')) AS t (o);
SELECT is_empty($$SELECT pg_temp.disagree('clv_test_orders', 'customer at amount', 'clv_test_rows', jsonb_build_object('elapsed', e, 'grouped', e)) FROM unnest('{f,t}'::boolean[]) AS e$$, 'without as_of: the last day with an order, neither a refund, nor of nobody, nor in the future');
SELECT is_empty($$SELECT pg_temp.disagree('clv_test_orders', 'customer at amount', 'clv_test_rows', '{"as_of": "2024-04-20", "period": "week", "periods": 30}'::jsonb || o)
                  FROM (VALUES ('{"week_start": "sunday"}'::jsonb), ('{"week_start": "thursday", "kind": "rolling"}'), ('{"week_start": "sunday", "elapsed": true}'), ('{"week_start": "saturday", "kind": "bracket", "brackets": "0-1, 2-9"}')) AS t (o)$$,
                'weeks from another day');
SELECT is_empty($$SELECT pg_temp.disagree('clv_test_orders', 'customer at amount', 'clv_test_rows', '{"as_of": "2024-03-31", "summary": true}'::jsonb || o)
                  FROM (VALUES ('{"acquired_from": "2023-02-15"}'::jsonb), ('{"acquired_to": "2023-02-15"}'), ('{"acquired_from": "2023-02-11", "acquired_to": "2023-05-20", "grouped": true}'), ('{"acquired_from": "2023-02-15", "acquired_to": "2023-05-20", "elapsed": true, "kind": "rolling", "further": 1}'),
                               ('{"acquired_from": "2023-03-15", "acquired_to": "2023-03-15", "period": "week"}')) AS t (o)$$, 'a start in part of the time');

-- February 29, and the other ends of months, over years
CREATE TEMP TABLE leap (customer text, at timestamp, day date, amount numeric, channel text);
INSERT INTO leap SELECT c, d, d, row_number() OVER (), 'email' FROM (VALUES
    ('leap day', '{2020-02-29,2021-02-27,2021-02-28,2021-03-01,2022-02-28,2024-02-28,2024-02-29,2024-03-28,2024-03-29}'::date[]),
    ('the 28th', '{2020-02-28,2021-02-27,2021-02-28,2024-02-28,2024-02-29,2024-03-28}'), ('the 31st', '{2020-08-31,2020-11-29,2020-11-30,2021-02-27,2021-02-28,2023-02-28,2024-02-28,2024-02-29}'),
    ('March 1',  '{2020-03-01,2021-02-28,2021-03-01,2024-02-29,2024-03-01}'), ('new year', '{2020-12-31,2021-01-01,2021-12-30,2021-12-31,2023-12-31}')) AS c (c, days), unnest(days) AS d;
SELECT is_empty($$SELECT pg_temp.disagree('leap', 'customer at amount', 'leap', jsonb_build_object('period', p, 'as_of', a, 'elapsed', e))
                  FROM unnest('{month,quarter,year}'::text[]) AS p, unnest('{2024-02-28,2024-02-29,2023-02-28,2023-02-27}'::date[]) AS a, unnest('{f,t}'::boolean[]) AS e WHERE p <> 'month' OR a = '2024-02-28'$$, 'ends of months');

-- Of elapsed cells there is no row before the first of the cohort's customers has come to it; and one is complete once it
-- was over for everybody, and nobody can join any more.
CREATE TEMP TABLE single (customer text, at timestamp, day date, amount numeric, channel text);
INSERT INTO single VALUES ('a', '2024-01-31', '2024-01-31', 5, NULL), ('b', '2023-11-06', '2023-11-06', 5, NULL);
SELECT is_empty($$SELECT * FROM clv_retention('single', 'customer', 'at', 'amount', elapsed => true, as_of => '2024-02-15') WHERE cohort = '2024-01-01' AND period_number > 0$$,
                'a month after January 31 has not begun on February 15');
SELECT is(complete, true, 'a week that began on Monday is over on Sunday') FROM clv_retention('single', 'customer', 'at', 'amount', period => 'week', elapsed => true, as_of => '2023-11-12', periods => 0);
INSERT INTO single VALUES ('c', '2023-05-01', '2023-05-01', 5, 'before'), ('c', '2023-07-01', '2023-07-01', 5, 'after');
SELECT is(customer_group, 'after', 'a group is not that of an order before acquired_from') FROM clv_retention('single', 'customer', 'at', 'amount', group_by => 'channel', acquired_from => '2023-06-01', acquired_to => '2023-07-01', as_of => '2023-07-01');
CREATE TEMP TABLE later (customer text, at timestamp, amount numeric, number integer);
INSERT INTO later VALUES ('a', '2024-01-31', 5, 1), ('a', '2024-03-03', -9, 1);
SELECT is(value, 5::numeric, 'a line that came later is not looked at') FROM (VALUES (1)) AS one LEFT JOIN clv_retention('later', 'customer', 'at', 'amount', order_id => 'number', measure => 'value', as_of => '2024-01-31') ON true;

-- the same from other relations: a view, partitions, no amounts, and stored histories
CREATE TABLE clv_test_parts (LIKE clv_test_orders) PARTITION BY HASH (customer);
CREATE TABLE clv_test_parts_0 PARTITION OF clv_test_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE clv_test_parts_1 PARTITION OF clv_test_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO clv_test_parts TABLE clv_test_orders;
CREATE VIEW clv_test_visits AS SELECT customer, at, day, 1 AS amount, channel FROM clv_test_rows;
CREATE TEMP TABLE days AS SELECT customer, day::timestamp AS at, day, amount, channel FROM clv_test_rows;
CREATE TABLE clv_test_histories AS
    SELECT customer, clv_history(amount, at) AS h, clv_first(channel, at) FILTER (WHERE amount >= 0) AS channel FROM clv_test_orders WHERE customer IS NOT NULL GROUP BY customer;
CREATE TABLE clv_test_unique AS TABLE clv_test_histories;
CREATE UNIQUE INDEX ON clv_test_unique (customer);
INSERT INTO clv_test_unique VALUES (NULL, '{2023-01-01: 5}', 'email'), (NULL, '{2024-05-01: 5}', 'email');
-- a customer in several rows, by channel
CREATE TABLE clv_test_pieces AS SELECT customer, channel, clv_history(amount, at) AS h FROM clv_test_orders GROUP BY customer, channel;
CREATE TEMP TABLE look (o jsonb);
INSERT INTO look VALUES ('{"as_of": "2024-03-31", "grouped": true, "summary": true}'), ('{"kind": "rolling", "period": "week", "periods": 8}'), ('{"as_of": "2024-02-28", "elapsed": true, "kind": "rolling", "further": 1}'),
    ('{"as_of": "2023-12-31", "kind": "bracket", "brackets": "0-1, 3-5", "acquired_from": "2023-02-11", "acquired_to": "2023-05-20"}');
SELECT is_empty(format($$SELECT pg_temp.disagree(%L, %L, %L, o, %L) FROM look$$, relation, columns, source, measures), format('from %s (%s)', relation, columns))
FROM (VALUES ('clv_test_rows', 'customer at amount', 'clv_test_rows', NULL), ('clv_test_parts', 'customer at amount', 'clv_test_rows', '{value cohort,customers previous}'), ('clv_test_rows', 'customer day amount', 'days', '{value cohort,churned previous}'),
             ('clv_test_visits', 'customer at', 'clv_test_visits', '{customers cohort,churned previous,orders cohort}'),
             ('clv_test_histories', 'customer h', 'clv_test_rows', NULL), ('clv_test_unique', 'customer h', 'clv_test_rows', NULL), ('clv_test_pieces', 'customer h', 'days', NULL)) AS t (relation, columns, source, measures);

-- moments around changes of the clock, at midnight in some zones, and in Apia a whole day that is not
CREATE TABLE clv_test_moments AS
SELECT 'c' || i % 11 AS customer, (change AT TIME ZONE 'UTC') + (i - 150) * interval '29 minutes' AS at, (i % 13 - 2)::numeric AS amount, 'channel ' || i % 3 AS channel
FROM (VALUES (timestamp '2024-03-10 07:00'), ('2024-11-03 06:00'), ('2024-03-31 01:00'), ('2024-10-27 01:00'), ('2024-04-06 15:00'), ('2024-10-05 15:30'), ('2024-11-03 05:00'), ('2024-03-10 05:00'), ('2024-10-31 21:00'), ('2011-12-30 10:00')) AS c (change),
     generate_series(0, 300) AS i;
CREATE TEMP TABLE zone (zone text, look jsonb);
INSERT INTO zone SELECT z, o FROM unnest('{America/New_York,Europe/Berlin,Australia/Lord_Howe,America/Havana,Africa/Cairo,Pacific/Apia}'::text[]) AS z,
    (VALUES ('{"acquired_from": "2011-12-25", "as_of": "2012-01-05", "period": "day", "grouped": true}'::jsonb), ('{"acquired_from": "2024-10-01", "as_of": "2024-11-08", "period": "day", "elapsed": true, "periods": 6}'),
            ('{"acquired_from": "2024-03-01", "as_of": "2024-04-30", "period": "week", "week_start": "sunday", "grouped": true}')) AS o (o);
CREATE FUNCTION pg_temp.disagree_in(z text, o jsonb, named boolean) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TEMP VIEW local AS SELECT *, (at AT TIME ZONE %L)::date AS day FROM clv_test_moments', z);
    PERFORM set_config('TimeZone', CASE WHEN named THEN 'Asia/Tokyo' ELSE z END, true);
    RETURN QUERY SELECT pg_temp.disagree('clv_test_moments', 'customer at amount', 'local', CASE WHEN named THEN o || jsonb_build_object('time_zone', z) ELSE o END, '{customers cohort,value cohort}');
    PERFORM set_config('TimeZone', 'UTC', true);
END $$;
SELECT is_empty(format('SELECT pg_temp.disagree_in(zone, look, true) FROM zone WHERE zone = %L', z), 'time_zone => ' || z)
FROM unnest('{America/New_York,Europe/Berlin,Australia/Lord_Howe,America/Havana,Africa/Cairo,Pacific/Apia}'::text[]) AS z;
SELECT is_empty('SELECT pg_temp.disagree_in(zone, look, false) FROM zone WHERE look ? ''elapsed''', 'the time zone of the session');

-- lines of orders of one day: each in up to 3 lines, some negative; every third order has no number, and
-- two customers' orders can have the same one
CREATE TEMP TABLE whole AS SELECT *, CASE WHEN number % 3 > 0 THEN number END AS order_no
FROM (SELECT *, row_number() OVER (PARTITION BY customer ORDER BY at, amount, channel) AS number FROM clv_test_rows WHERE num_nulls(customer, at, amount) = 0) AS r;
CREATE TABLE clv_test_lines AS
SELECT customer, least(at + (n - 1) * interval '9 minutes', day + time '23:59:59') AS at, channel, order_no AS "Order No", line AS amount, (100 * line)::integer AS cents, line::real AS "real", line::double precision AS "double"
FROM whole, LATERAL unnest(CASE CASE WHEN amount < 0 THEN 0 ELSE number % 3 END WHEN 0 THEN ARRAY[amount] WHEN 1 THEN ARRAY[amount + 12.25, -12.25] ELSE ARRAY[amount + 3, -10.50, 7.50] END) WITH ORDINALITY AS l (line, n)
ORDER BY hashint8(number), customer;
INSERT INTO clv_test_lines SELECT NULL, at, channel, "Order No", amount, cents, "real", "double" FROM clv_test_lines WHERE customer = 's1';
CREATE VIEW clv_test_cents AS SELECT customer, at, day, 100 * amount AS amount, channel, order_no FROM whole;
CREATE VIEW clv_test_numbers AS SELECT customer, at, day, 1 AS amount, channel, order_no FROM whole;
UPDATE look SET o = o || '{"as_of": "2024-04-30", "order_id": "Order No"}';
SELECT is_empty(format($$SELECT pg_temp.disagree('clv_test_lines', %L, %L, o, %L) FROM look$$, columns, source, measures), format('lines are folded into orders (%s)', columns))
FROM (VALUES ('customer at amount', 'whole', NULL), ('customer at cents', 'clv_test_cents', '{orders cohort,value cohort}'), ('customer at real', 'whole', '{orders cohort,value cohort}'), ('customer at double', 'whole', '{orders cohort,value cohort}'),
             ('customer at', 'clv_test_numbers', '{customers cohort,orders cohort}')) AS t (columns, source, measures);

-- Properties. All that a customer brought is in one cell
SELECT is((SELECT sum(value) FROM clv_retention('clv_test_orders', 'customer', 'at', 'amount', period => p, measure => 'value', as_of => '2024-12-31')),
          (SELECT sum(amount) FROM clv_test_rows AS r JOIN (SELECT customer, min(day) AS f FROM clv_test_rows WHERE amount >= 0 AND customer IS NOT NULL GROUP BY 1) AS s USING (customer) WHERE f <= '2024-12-31' AND day <= '2024-12-31'),
          'values of all cells are the total of those who have bought, period => ' || p) FROM unnest('{day,week,month,quarter,year}'::text[]) AS p;
CREATE TEMP TABLE cells AS
SELECT m, e, g, k, b, f, r.* FROM unnest('{customers,churned,orders,value,cumulative_value}'::text[]) AS m, unnest('{f,t}'::boolean[]) AS e, unnest('{NULL,channel}'::name[]) AS g,
    (VALUES ('classic', NULL::integer), ('rolling', NULL), ('rolling', 0), ('rolling', 1)) AS k (k, f), unnest('{cohort,previous}'::text[]) AS b,
    clv_retention('clv_test_orders', 'customer', 'at', 'amount', kind => k, further => f, measure => m, base => b, group_by => g, elapsed => e, as_of => '2024-03-10', summary => true) AS r
WHERE b = 'cohort' OR m IN ('customers', 'churned');
ANALYZE cells;
SELECT is_empty($$SELECT * FROM cells WHERE m = 'customers' AND k = 'classic' AND b = 'cohort' AND period_number = 0 AND (value <> cohort_size AND observed = cohort_size OR value <> observed)$$, 'in period 0 everybody buys');
SELECT is_empty($$SELECT * FROM cells AS c JOIN cells AS a USING (e, g, k, b, cohort, period_number) WHERE c.m = 'customers' AND a.m = 'churned' AND c.customer_group IS NOT DISTINCT FROM a.customer_group AND c.f IS NOT DISTINCT FROM a.f AND b = 'cohort'
                         AND (a.value <> c.observed - c.value OR abs(a.rate + c.rate - 1) > 1e-15)$$, 'who did not buy has churned');
SELECT is_empty($$SELECT * FROM (SELECT *, lag(value) OVER w AS before FROM cells WHERE m = 'customers' AND k = 'rolling' AND f IS NULL AND NOT e AND b = 'cohort' WINDOW w AS (PARTITION BY g, customer_group, cohort ORDER BY period_number)) AS c WHERE value > before$$,
                'unbounded retention never rises');
SELECT is_empty($$SELECT * FROM cells WHERE m IN ('customers', 'churned') AND (rate < 0 OR rate > 1)$$, 'no share of customers is above 1');
SELECT is_empty($$SELECT m, e, g, b, customer_group, cohort, cohort_size, period_number, value, rate, observed, complete FROM cells WHERE k = 'classic' EXCEPT
                  SELECT m, e, g, b, customer_group, cohort, cohort_size, period_number, value, rate, observed, complete FROM cells WHERE f = 0$$, 'no further period is classic');
SELECT is_empty($$SELECT FROM (SELECT m, e, k, f, cohort, period_number, sum(value) AS value, sum(observed) AS observed, sum(cohort_size) AS size FROM cells WHERE g = 'channel' AND b = 'cohort' AND cohort IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6) AS p
                         FULL JOIN (SELECT * FROM cells WHERE g IS NULL AND b = 'cohort' AND cohort IS NOT NULL) AS w ON (p.m, p.e, p.k, coalesce(p.f, -1), p.cohort, p.period_number) = (w.m, w.e, w.k, coalesce(w.f, -1), w.cohort, w.period_number)
                  WHERE (p.value, coalesce(p.observed, 0)) IS DISTINCT FROM (w.value, w.observed)
                     -- since the own first purchase, a group may have no row where others have
                     OR NOT coalesce(p.e, w.e) AND p.size IS DISTINCT FROM w.cohort_size$$, 'groups add up to the whole');
SELECT results_eq($$SELECT * FROM clv_retention('clv_test_orders', 'customer', 'at', 'amount', measure => 'value', group_by => 'channel', summary => true)$$,
                  $$SELECT * FROM clv_retention('clv_test_orders', 'customer', 'at', 'amount', measure => 'value', group_by => 'channel', summary => true) ORDER BY customer_group COLLATE "C" NULLS LAST, cohort NULLS LAST, period_number$$, 'rows come in order');
-- the past stays what it was
CREATE VIEW clv_test_until AS SELECT * FROM clv_test_orders WHERE at < '2023-09-18';
CREATE TEMP TABLE past AS
SELECT m, e, k, r.* FROM unnest('{customers,churned,orders,value,cumulative_value,value_per_customer}'::text[]) AS m, unnest('{f,t}'::boolean[]) AS e, unnest('{classic,rolling}'::text[]) AS k,
    clv_retention('clv_test_until', 'customer', 'at', 'amount', kind => k, measure => m, elapsed => e, as_of => '2023-09-17', summary => true, group_by => 'channel') AS r;
SELECT is_empty($$SELECT * FROM past EXCEPT SELECT m, e, k, r.* FROM (SELECT DISTINCT m, e, k FROM past) AS p,
    clv_retention('clv_test_orders', 'customer', 'at', 'amount', kind => k, measure => m, elapsed => e, as_of => '2023-09-17', summary => true, group_by => 'channel') AS r$$, 'later orders do not change how it stood on a day');
SELECT is_empty($$SELECT * FROM past WHERE complete AND cohort IS NOT NULL EXCEPT SELECT m, e, k, r.* FROM (SELECT DISTINCT m, e, k FROM past) AS p,
    clv_retention('clv_test_orders', 'customer', 'at', 'amount', kind => k, measure => m, elapsed => e, as_of => '2024-04-20', group_by => 'channel') AS r$$, 'nor a cell that is complete');
SELECT is_empty($$SELECT * FROM past WHERE k = 'rolling' AND complete$$, 'an unbounded cell never is');

-- The same from every plan. In the view the group is the process that read the first order, which shows who worked.
CREATE TABLE clv_test_many AS
SELECT customer_id, ordered_at, amount, channel, order_id / 2 AS number FROM clv_simulate(4000, '2023-01-01', '2023-12-31', seed => 8, refund_share => 0.1);
ANALYZE clv_test_many;
CREATE VIEW clv_test_workers AS SELECT *, pg_temp.worker() AS pid FROM clv_test_many;
CREATE TEMP TABLE question AS SELECT ARRAY[
    $$clv_retention('clv_test_many', 'customer_id', 'ordered_at', 'amount', measure => 'value', group_by => 'channel', summary => true)$$,
    $$clv_retention('clv_test_many', 'customer_id', 'ordered_at', 'amount', measure => 'cumulative_value', kind => 'rolling', elapsed => true, period => 'week', order_id => 'number')$$] AS q;
CREATE TEMP TABLE plain AS SELECT answer, n FROM question, pg_temp.answer(q, '{}') WITH ORDINALITY AS a (answer, n);
SELECT results_eq(format('SELECT pg_temp.answer(q, %L) FROM question', settings), 'SELECT answer FROM plain ORDER BY n', plan)
FROM (VALUES ('sorted', '{enable_hashagg=off}'), ('spilled at work_mem = 64kB', '{enable_sort=off,work_mem=64kB,hash_mem_multiplier=1}'),
             ('2 workers, sorted', '{max_parallel_workers_per_gather=2,enable_hashagg=off}'),
             ('2 workers', '{max_parallel_workers_per_gather=2}'),
             ('2 workers, spilled, the leader idle', '{max_parallel_workers_per_gather=2,enable_sort=off,work_mem=64kB,hash_mem_multiplier=1,parallel_leader_participation=off}')) AS p (plan, settings);
SELECT ok(bool_and(customer_group <> pg_backend_pid()::text), '... which it was') FROM clv_retention('clv_test_workers', 'customer_id', 'ordered_at', 'amount', group_by => 'pid');

-- CDNOW: 23,570 customers who came in the first three months of 1997
\if :has_full
CREATE TABLE clv_test_cdnow AS
SELECT f[1]::integer AS customer, f[2]::timestamp AS at, f[2]::date AS day, f[4]::numeric AS amount, NULL::text AS channel
FROM (SELECT string_to_array(rtrim(line, E'\r'), ',') AS f FROM string_to_table(:'full', E'\n') WITH ORDINALITY AS l (line, n) WHERE n > 1 AND line <> '') AS l;
CREATE VIEW clv_test_some AS SELECT * FROM clv_test_cdnow WHERE customer % 40 = 3;
ANALYZE clv_test_cdnow;
SELECT is_empty($$SELECT pg_temp.disagree('clv_test_cdnow', 'customer at amount', 'clv_test_cdnow', '{"summary": true}')$$, 'CDNOW, all of it');
SELECT is_empty($$SELECT pg_temp.disagree('clv_test_cdnow', 'customer at amount', 'clv_test_cdnow', '{"elapsed": true, "as_of": "1998-03-15", "kind": "bracket", "brackets": "0, 1-3, 4-6, 7-12"}')$$, 'CDNOW, all of it, in brackets');
SELECT is_empty(format($$SELECT pg_temp.disagree('clv_test_some', 'customer day amount', 'clv_test_some', kind || %1$L) FROM kind WHERE %1$L::jsonb ->> 'period' = ANY (periods)$$, o), 'CDNOW, some, ' || o::text)
FROM (VALUES ('{"period": "day", "periods": 20, "as_of": "1997-04-30"}'::jsonb), ('{"period": "week", "periods": 26, "elapsed": true, "as_of": "1997-09-30"}')) AS t (o);
\else
SELECT skip('no full file, or no gzip to read it', 4);
\endif

-- What the session's zone is called must not matter: timezone('CET', ...) would know no summer time. Not every
-- system has a zone that is called as an abbreviation is.
CREATE TABLE clv_test_moment AS SELECT 1 AS customer, timestamptz '2024-03-31 22:30 UTC' AS at;
SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = 'CET') AS has_cet \gset
\if :has_cet
SET LOCAL TimeZone = 'CET';
SELECT is(cohort, '2024-04-01', 'a zone called as an abbreviation is') FROM clv_retention('clv_test_moment', 'customer', 'at', periods => 0);
\else
SELECT skip('no time zone CET', 1);
\endif

SELECT * FROM finish();
ROLLBACK;
