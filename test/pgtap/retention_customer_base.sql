-- clv_customer_retention(), clv_revenue_retention() and clv_lifecycle_periods() against the same in plain SQL, their
-- identities, and clv_lifecycle() against all of them.
\if :{?data_dir}
\else
\set data_dir ''
\endif
\set full `gzip -dc :'data_dir'/cdnow_full.csv.gz 2>/dev/null`
SELECT length(:'full') > 100 AS has_full \gset
BEGIN;
SELECT plan(65);
\ir include/customers.psql

-- By hand: source has customer, at, day, amount and channel, and order_no if there is an order_id; o has the arguments,
-- "grouped" instead of group_by.
CREATE TEMP TABLE by_customers (customer_group text, period_start date, opening bigint, retained bigint, new_customers bigint, reactivated bigint, closing bigint,
                                retention_rate numeric, textbook_rate numeric, churn_rate numeric, active_customers bigint, repeat_customers bigint, repurchase_rate numeric, repeat_frequency numeric, complete boolean);
CREATE TEMP TABLE by_revenue (customer_group text, period_start date, opening_revenue numeric, new_revenue numeric, expansion numeric, contraction numeric, churned_revenue numeric, reactivated_revenue numeric,
                              closing_revenue numeric, gross_retention numeric, net_retention numeric, complete boolean);
CREATE TEMP TABLE by_lifecycle (customer_group text, period_start date, new_customers bigint, returning_customers bigint, reactivated bigint, dormant bigint, active_customers bigint, quick_ratio numeric, complete boolean);
CREATE FUNCTION pg_temp.by_hand(source text, o jsonb, today date) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off SET jit = off AS $f$
DECLARE
    period text := coalesce(o ->> 'period', 'month');
    step interval := pg_temp.step(period);
    ws text := coalesce(o ->> 'week_start', 'monday');
    w interval := coalesce(o ->> 'active_window', step::text);
BEGIN
    DROP TABLE IF EXISTS seen, member, span, based, did;
    EXECUTE format('CREATE TEMP TABLE seen AS SELECT customer, at, day, amount, channel, %s AS number FROM %s
                    WHERE customer IS NOT NULL AND at IS NOT NULL AND amount IS NOT NULL AND day <= %L', CASE WHEN o ? 'order_id' THEN 'order_no' ELSE 'NULL::integer' END, source, today);
    -- everybody; those who never bought have no first day and no group
    CREATE TEMP TABLE member AS
        SELECT customer, CASE WHEN (o ->> 'grouped')::boolean THEN channel END AS customer_group, f
        FROM (SELECT DISTINCT customer FROM seen) AS c
             LEFT JOIN (SELECT DISTINCT ON (customer) customer, day AS f, channel FROM seen WHERE amount >= 0 ORDER BY customer, at, number NULLS LAST, channel NULLS LAST) AS s USING (customer);
    -- the periods of a group, from that of its first row of any kind, as [p, n), and the one before
    CREATE TEMP TABLE span AS
        SELECT customer_group, (from_day + i * step)::date AS p, (from_day + (i + 1) * step)::date AS n, (from_day + (i - 1) * step)::date AS b, (from_day + (i + 1) * step)::date <= today + 1 AS complete, won
        FROM (SELECT customer_group, pg_temp.trunc(min(day), period, ws) AS from_day, pg_temp.trunc(min(f), period, ws) AS won FROM member JOIN seen USING (customer) GROUP BY customer_group) AS g,
             generate_series(0, today - from_day) AS i
        WHERE from_day + i * step <= today;
    ANALYZE seen; ANALYZE member; ANALYZE span;

    -- the base at each day on which a period begins
    CREATE TEMP TABLE based AS
        SELECT DISTINCT customer, d FROM (SELECT DISTINCT p AS d FROM span UNION SELECT n FROM span) AS b JOIN seen ON day >= (d - w)::date AND day < d WHERE amount >= 0;
    -- what each customer did in each period and in the one before
    CREATE TEMP TABLE did AS
        SELECT m.customer_group, s.p, m.customer, f >= p AND f < n AS won, count(DISTINCT day) FILTER (WHERE amount >= 0 AND day >= p) AS days,
               coalesce(bool_or(amount >= 0 AND day >= p), false) AS buys, coalesce(bool_or(amount >= 0 AND day < p), false) AS bought,
               coalesce(sum(amount) FILTER (WHERE day >= p), 0) AS brings, coalesce(sum(amount) FILTER (WHERE day < p), 0) AS brought
        FROM member AS m JOIN span AS s ON coalesce(s.customer_group, '~') = coalesce(m.customer_group, '~') JOIN seen USING (customer)
        WHERE day >= b AND day < n GROUP BY m.customer_group, p, n, b, m.customer, f;
    ANALYZE based; ANALYZE did;

    DELETE FROM by_customers;
    INSERT INTO by_customers
    SELECT customer_group, p, opening, retained, new, reactivated, closing, retained::numeric / nullif(opening, 0), (closing - new)::numeric / nullif(opening, 0), 1 - retained::numeric / nullif(opening, 0),
           coalesce(active_customers, 0), coalesce(repeat_customers, 0), repeat_customers::numeric / nullif(active_customers, 0), repeat_days / nullif(repeat_customers, 0), complete
    FROM (SELECT s.customer_group, coalesce(s.customer_group, '~') AS g, p, s.complete, count(a.customer) AS opening, count(z.customer) AS closing, count(*) FILTER (WHERE a.customer = z.customer) AS retained,
                 count(z.customer) FILTER (WHERE f >= p AND f < n) AS new, count(z.customer) FILTER (WHERE f < p AND a.customer IS NULL) AS reactivated
          FROM span AS s JOIN member AS m ON coalesce(s.customer_group, '~') = coalesce(m.customer_group, '~') LEFT JOIN based AS a ON a.customer = m.customer AND a.d = p LEFT JOIN based AS z ON z.customer = m.customer AND z.d = n
          WHERE p >= s.won GROUP BY 1, 2, 3, 4) AS c
         LEFT JOIN (SELECT coalesce(customer_group, '~') AS g, p, count(*) FILTER (WHERE buys) AS active_customers, count(*) FILTER (WHERE days > 1) AS repeat_customers, sum(days) FILTER (WHERE days > 1) AS repeat_days
                    FROM did GROUP BY 1, 2) AS d USING (g, p);

    DELETE FROM by_revenue;
    INSERT INTO by_revenue
    SELECT s.customer_group, s.p, coalesce(sum(brought), 0), coalesce(sum(brings - brought) FILTER (WHERE buys AND d.won), 0), coalesce(sum(brings - brought) FILTER (WHERE buys AND bought AND brings >= brought), 0),
           coalesce(sum(brings - brought) FILTER (WHERE buys AND bought AND brings < brought), 0), coalesce(sum(brings - brought) FILTER (WHERE NOT buys), 0),
           coalesce(sum(brings - brought) FILTER (WHERE buys AND NOT bought AND NOT d.won), 0), coalesce(sum(brings), 0),
           sum(least(brings, brought)) FILTER (WHERE bought) / nullif(greatest(sum(brought) FILTER (WHERE bought), 0), 0), sum(brings) FILTER (WHERE bought) / nullif(greatest(sum(brought) FILTER (WHERE bought), 0), 0), complete
    FROM span AS s LEFT JOIN did AS d ON coalesce(d.customer_group, '~') = coalesce(s.customer_group, '~') AND d.p = s.p GROUP BY s.customer_group, s.p, complete;

    DELETE FROM by_lifecycle;
    INSERT INTO by_lifecycle
    SELECT customer_group, p, new, again, reactivated, dormant, new + again + reactivated, (new + reactivated)::numeric / nullif(dormant, 0), complete
    FROM (SELECT s.customer_group, s.p, complete, count(*) FILTER (WHERE buys AND d.won) AS new, count(*) FILTER (WHERE buys AND bought) AS again,
                 count(*) FILTER (WHERE buys AND NOT bought AND NOT d.won) AS reactivated, count(*) FILTER (WHERE bought AND NOT buys) AS dormant
          FROM span AS s LEFT JOIN did AS d ON coalesce(d.customer_group, '~') = coalesce(s.customer_group, '~') AND d.p = s.p WHERE s.p >= s.won GROUP BY s.customer_group, s.p, complete) AS l;
END $f$;

-- Where the functions over relation (columns) are not what is found by hand in source. Rates are compared to 1e-12,
-- all else exactly.
CREATE FUNCTION pg_temp.disagree(relation text, columns text, source text, o jsonb) RETURNS SETOF text LANGUAGE plpgsql AS $f$
DECLARE
    call text;
    f record;
    today date := o ->> 'as_of';
BEGIN
    IF today IS NULL THEN
        EXECUTE format('SELECT max(day) FROM %s WHERE customer IS NOT NULL AND at IS NOT NULL AND amount >= 0 AND day <= current_date', source) INTO today;
    END IF;
    PERFORM pg_temp.by_hand(source, o, today);
    IF NOT EXISTS (SELECT FROM by_customers) THEN
        RETURN NEXT 'nothing found by hand';
    END IF;
    FOR f IN SELECT * FROM (VALUES ('clv_customer_retention', 'by_customers'), ('clv_revenue_retention', 'by_revenue'), ('clv_lifecycle_periods', 'by_lifecycle')) AS t (name, hand)
             WHERE name = 'clv_customer_retention' OR (name = 'clv_lifecycle_periods' OR columns <> 'customer at') AND o ->> 'active_window' IS NULL
    LOOP
        SELECT format('%s(%L, ''%s''', f.name, relation, replace(columns, ' ', ''', ''')) || coalesce(string_agg(format(', %I => %L', key, v), ''), '') || ')' INTO call
        FROM (SELECT CASE key WHEN 'grouped' THEN 'group_by' ELSE key END AS key, CASE key WHEN 'grouped' THEN 'channel' ELSE value END AS v
              FROM jsonb_each_text(o) WHERE key <> 'grouped' OR value::boolean) AS a;
        RETURN QUERY EXECUTE format($q$
            WITH r AS MATERIALIZED (SELECT * FROM %1$s),
                 rj AS (SELECT %3$s FROM r), hj AS (SELECT %3$s FROM %2$s)
            SELECT %4$L || E'\nis:      ' || row_to_json(rj)::text FROM (SELECT * FROM rj EXCEPT SELECT * FROM hj) AS rj
            UNION ALL SELECT %4$L || E'\nby hand: ' || row_to_json(hj)::text FROM (SELECT * FROM hj EXCEPT SELECT * FROM rj) AS hj
            UNION ALL SELECT %4$L || ': a row twice' FROM r HAVING count(*) <> count(DISTINCT (customer_group, period_start))
            LIMIT 4$q$, call, f.hand,
            (SELECT string_agg(CASE WHEN attname ~ 'rate|frequency|retention|ratio' THEN format('round(%1$I, 12) AS %1$I', attname) ELSE quote_ident(attname) END, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = f.hand::regclass AND attnum > 0), call);
    END LOOP;
END $f$;

SELECT is_empty(format($$SELECT pg_temp.disagree('clv_test_orders', 'customer at amount', 'clv_test_rows', %L::jsonb || o)
                  FROM (VALUES ('{"as_of": "2024-04-20", "grouped": true}'::jsonb), ('{"as_of": "2023-12-31"}'), ('{"as_of": "2023-06-11", "grouped": true}'), ('{"as_of": "2022-11-01"}')) AS a (o)$$, p), 'all three, several days, ' || p)
FROM (VALUES ('{"period": "week"}'), ('{"period": "week", "week_start": "sunday"}'), ('{"period": "week", "week_start": "thursday"}'), ('{"period": "month"}'), ('{"period": "quarter"}'), ('{"period": "year"}')) AS t (p);
SELECT is_empty($$SELECT pg_temp.disagree('clv_test_orders', 'customer at amount', 'clv_test_rows', o)
                  FROM (VALUES ('{"as_of": "2023-02-28", "period": "day"}'::jsonb), ('{"as_of": "2023-02-15", "period": "day", "grouped": true}'), ('{"as_of": "2023-02-15", "period": "day", "active_window": "28 days"}'), ('{"as_of": "2023-02-15", "period": "day", "active_window": "1 mon"}')) AS a (o)$$, 'by days');
SELECT is_empty($$SELECT pg_temp.disagree('clv_test_orders', 'customer at amount', 'clv_test_rows', o)
                  FROM (VALUES ('{}'::jsonb), ('{"grouped": true, "as_of": null}')) AS a (o)$$, 'without as_of');
SELECT is_empty(format($$SELECT pg_temp.disagree('clv_test_orders', 'customer at amount', 'clv_test_rows', %L::jsonb || o)
                  FROM (VALUES ('{"as_of": "2024-04-20", "period": "month", "grouped": true}'::jsonb), ('{"as_of": "2023-12-31", "period": "month"}'), ('{"as_of": "2024-02-29", "period": "week"}'), ('{"as_of": "2024-03-31", "period": "quarter", "grouped": true}'), ('{"as_of": "2024-03-30", "period": "year"}')) AS a (o)$$, w),
                'customers, ' || w)
FROM unnest('{90 days,7 days,1 day,1 mon,1 year,1 mon 3 days,100 years}'::text[]) AS i, LATERAL (SELECT format('{"active_window": "%s"}', i) AS w) AS w;

-- the same from other relations: a view, no amounts, stored histories, and lines of orders
CREATE VIEW clv_test_visits AS SELECT customer, at, day, 1 AS amount, channel FROM clv_test_rows;
CREATE TEMP TABLE days AS SELECT customer, day::timestamp AS at, day, amount, channel FROM clv_test_rows;
CREATE TABLE clv_test_histories AS
    SELECT customer, clv_history(amount, at) AS h, clv_first(channel, at) FILTER (WHERE amount >= 0) AS channel FROM clv_test_orders WHERE customer IS NOT NULL GROUP BY customer;
CREATE TABLE clv_test_unique AS TABLE clv_test_histories;
CREATE UNIQUE INDEX ON clv_test_unique (customer);
INSERT INTO clv_test_unique VALUES (NULL, '{2023-01-01: 5}', 'email'), (NULL, '{2024-05-01: 5}', 'email');
CREATE TABLE clv_test_pieces AS SELECT customer, channel, clv_history(amount, at) AS h FROM clv_test_orders GROUP BY customer, channel;
CREATE TEMP TABLE whole AS SELECT *, CASE WHEN number % 3 > 0 THEN number END AS order_no
FROM (SELECT *, row_number() OVER (PARTITION BY customer ORDER BY at, amount, channel) AS number FROM clv_test_rows WHERE num_nulls(customer, at, amount) = 0) AS r;
CREATE TABLE clv_test_lines AS
SELECT customer, least(at + (n - 1) * interval '9 minutes', day + time '23:59:59') AS at, channel, order_no AS number, line AS amount
FROM whole, LATERAL unnest(CASE CASE WHEN amount < 0 THEN 0 ELSE number % 3 END WHEN 0 THEN ARRAY[amount] WHEN 1 THEN ARRAY[amount + 12.25, -12.25] ELSE ARRAY[amount + 3, -10.50, 7.50] END) WITH ORDINALITY AS l (line, n);
CREATE VIEW clv_test_moments AS SELECT customer, at AT TIME ZONE 'UTC' AS at, (at AT TIME ZONE 'UTC' AT TIME ZONE 'Australia/Lord_Howe')::date AS day, amount, channel FROM clv_test_orders;
SELECT is_empty(format($$SELECT pg_temp.disagree(%L, %L, %L, o || %L) FROM (VALUES ('{"as_of": "2024-04-30", "grouped": true}'::jsonb), ('{"as_of": "2023-12-31", "period": "week"}'), ('{"as_of": "2024-04-30", "active_window": "45 days"}')) AS a (o) WHERE %L IS NULL OR o ->> 'as_of' > '2024-04-20'$$,
                       relation, columns, source, coalesce(o, '{}'), o), format('from %s (%s) %s', relation, columns, o))
FROM (VALUES ('clv_test_rows', 'customer at amount', 'clv_test_rows', NULL), ('clv_test_rows', 'customer day amount', 'days', NULL), ('clv_test_visits', 'customer at', 'clv_test_visits', NULL),
             ('clv_test_histories', 'customer h', 'clv_test_rows', NULL), ('clv_test_unique', 'customer h', 'clv_test_rows', NULL), ('clv_test_pieces', 'customer h', 'days', NULL),
             ('clv_test_lines', 'customer at amount', 'whole', '{"order_id": "number"}'), ('clv_test_moments', 'customer at amount', 'clv_test_moments', '{"time_zone": "Australia/Lord_Howe"}')) AS t (relation, columns, source, o);

-- Identities
CREATE TEMP TABLE customers AS
SELECT p, w, g, r.* FROM unnest('{day,week,month,quarter,year}'::text[]) AS p, unnest('{NULL,90 days,7 days,1 month,1 year}'::interval[]) AS w, unnest('{NULL,channel}'::name[]) AS g,
    clv_customer_retention('clv_test_orders', 'customer', 'at', 'amount', period => p, active_window => w, group_by => g, as_of => '2024-04-10') AS r;
CREATE TEMP TABLE revenue AS
SELECT p, g, r.* FROM unnest('{day,week,month,quarter,year}'::text[]) AS p, unnest('{NULL,channel}'::name[]) AS g, clv_revenue_retention('clv_test_orders', 'customer', 'at', 'amount', period => p, group_by => g, as_of => '2024-04-10') AS r;
CREATE TEMP TABLE lifecycle AS
SELECT p, g, r.* FROM unnest('{day,week,month,quarter,year}'::text[]) AS p, unnest('{NULL,channel}'::name[]) AS g, clv_lifecycle_periods('clv_test_orders', 'customer', 'at', 'amount', period => p, group_by => g, as_of => '2024-04-10') AS r;
ANALYZE customers, revenue, lifecycle;
SELECT is_empty('SELECT * FROM customers WHERE retained + new_customers + reactivated <> closing OR retained > least(opening, closing) OR repeat_customers > active_customers OR repeat_frequency < 2', 'retained, new and reactivated are the closing base');
SELECT is_empty('SELECT * FROM customers WHERE abs(retention_rate + churn_rate - 1) > 1e-15 OR textbook_rate < retention_rate OR (reactivated = 0) <> (textbook_rate = retention_rate)', 'the textbook rate is that of retention when nobody was reactivated');
SELECT is_empty('SELECT * FROM (SELECT *, lag(closing, 1, 0::bigint) OVER (PARTITION BY p, w, g, customer_group ORDER BY period_start) AS before FROM customers) AS c WHERE before <> opening', 'an opening base is the closing base before');
SELECT is_empty('SELECT * FROM customers WHERE w IS NULL AND active_customers <> closing', 'by default the base are the buyers');
SELECT is_empty('SELECT p, w, period_start, sum(opening), sum(retained), sum(new_customers), sum(reactivated), sum(closing), sum(active_customers), sum(repeat_customers) FROM customers WHERE g IS NOT NULL GROUP BY 1, 2, 3
                 EXCEPT SELECT p, w, period_start, opening, retained, new_customers, reactivated, closing, active_customers, repeat_customers FROM customers WHERE g IS NULL', 'groups add up to the whole');
SELECT is_empty('SELECT * FROM revenue WHERE opening_revenue + new_revenue + expansion + contraction + churned_revenue + reactivated_revenue <> closing_revenue', 'five moves make the difference of revenue');
SELECT is_empty('SELECT * FROM (SELECT *, lag(closing_revenue, 1, 0::numeric) OVER (PARTITION BY p, g, customer_group ORDER BY period_start) AS before FROM revenue) AS c WHERE before <> opening_revenue', 'opening revenue is the closing revenue before');
SELECT is_empty('SELECT * FROM revenue WHERE gross_retention > 1 OR gross_retention > net_retention OR expansion < 0 OR contraction > 0', 'gross retention is never above 1 nor above net retention');
SELECT is_empty($$SELECT p, g, sum(closing_revenue) FROM revenue GROUP BY 1, 2 HAVING sum(closing_revenue) <> (SELECT sum(amount) FROM clv_test_rows WHERE customer IS NOT NULL AND day <= '2024-04-10')$$, 'revenue of all periods is that of all rows');
SELECT is_empty('SELECT * FROM lifecycle WHERE active_customers <> new_customers + returning_customers + reactivated', 'the active are new, returning or reactivated');
SELECT is_empty('SELECT * FROM lifecycle JOIN customers AS c USING (p, period_start) WHERE lifecycle.g IS NOT DISTINCT FROM c.g AND lifecycle.customer_group IS NOT DISTINCT FROM c.customer_group AND w IS NULL
                 AND (lifecycle.active_customers, returning_customers, lifecycle.new_customers, lifecycle.reactivated, dormant, lifecycle.complete) IS DISTINCT FROM (c.active_customers, retained, c.new_customers, c.reactivated, opening - retained, c.complete)',
                'the lifecycle is the retention of buyers');
SELECT is_empty($$SELECT p, sum(new_customers) FROM lifecycle GROUP BY p, g HAVING sum(new_customers) <> (SELECT count(DISTINCT customer) FROM clv_test_rows WHERE amount >= 0 AND day <= '2024-04-10')$$, 'everybody is new once');
SELECT is_empty('SELECT * FROM (SELECT *, lag(active_customers, 1, 0::bigint) OVER (PARTITION BY p, g, customer_group ORDER BY period_start) AS before FROM lifecycle) AS l WHERE before <> returning_customers + dormant', 'who was active is returning or dormant');

-- the past stays what it was
CREATE VIEW clv_test_until AS SELECT * FROM clv_test_orders WHERE at < '2023-09-18';
CREATE TEMP TABLE asked (f text, more text);
INSERT INTO asked VALUES ('clv_customer_retention', $$active_window => '45 days'$$), ('clv_revenue_retention', $$period => 'week'$$), ('clv_lifecycle_periods', $$period => 'week'$$);
SELECT results_eq(format($$SELECT r::text FROM %s('clv_test_orders', 'customer', 'at', 'amount', as_of => '2023-09-17', group_by => 'channel', %s) AS r$$, f, more),
                  format($$SELECT r::text FROM %s('clv_test_until', 'customer', 'at', 'amount', as_of => '2023-09-17', group_by => 'channel', %s) AS r$$, f, more), 'later orders do not change how it stood on a day: ' || f)
FROM asked;
SELECT is_empty(format($$SELECT * FROM %1$s('clv_test_until', 'customer', 'at', 'amount', as_of => '2023-09-17', group_by => 'channel', %2$s) WHERE complete
                         EXCEPT SELECT * FROM %1$s('clv_test_orders', 'customer', 'at', 'amount', as_of => '2024-04-10', group_by => 'channel', %2$s)$$, f, more), 'nor a period that is complete: ' || f)
FROM asked;

-- clv_lifecycle() for each customer and day
CREATE TEMP TABLE stand AS
SELECT p, ws, customer, day, clv_lifecycle(h, day, p, ws) AS state, pg_temp.trunc(day, p, ws) AS starts
FROM (VALUES ('day', 'monday'), ('week', 'monday'), ('week', 'sunday'), ('month', 'monday'), ('quarter', 'monday'), ('year', 'monday')) AS p (p, ws), clv_test_histories, LATERAL (SELECT date '2022-12-20' + i AS day FROM generate_series(0, 100) AS i) AS d;
CREATE TEMP TABLE bought AS SELECT DISTINCT customer, day AS d FROM clv_test_rows WHERE amount >= 0 AND customer IS NOT NULL AND day <= '2023-03-30';
ANALYZE stand, bought;
SELECT is_empty($$SELECT * FROM (SELECT p, ws, customer, s.day, state, min(d) AS f, min(d) >= starts AS first, max(d) >= starts AS now, bool_or(d < starts AND d >= (starts - pg_temp.step(p))::date) AS before
                                 FROM stand AS s LEFT JOIN bought AS b USING (customer) WHERE d IS NULL OR d <= day GROUP BY 1, 2, 3, 4, 5, starts) AS b
                  WHERE state IS DISTINCT FROM CASE WHEN f IS NULL THEN NULL WHEN first THEN 'new' WHEN now AND before THEN 'returning' WHEN now THEN 'reactivated' WHEN before THEN 'dormant' ELSE 'inactive' END$$, 'clv_lifecycle() by hand');
SELECT is_empty($$SELECT * FROM stand LEFT JOIN (SELECT customer, min(d) AS f FROM bought GROUP BY 1) AS b USING (customer) WHERE (state IS NULL) <> (f IS NULL OR f > day)$$, 'from the first purchase on, one state a day');
SELECT is_empty($$SELECT * FROM (SELECT *, lag(state) OVER w AS before, lag(starts) OVER w = starts AS same, day = min(day) OVER w AS first FROM stand WINDOW w AS (PARTITION BY p, ws, customer ORDER BY day)) AS s
                  WHERE NOT first AND CASE WHEN before IS NULL THEN coalesce(state, 'new') <> 'new'
                                           WHEN same THEN state IS DISTINCT FROM before AND (before, state) NOT IN (('dormant', 'returning'), ('inactive', 'reactivated'))
                                           ELSE (before, state) NOT IN (('new', 'returning'), ('new', 'dormant'), ('returning', 'returning'), ('returning', 'dormant'), ('reactivated', 'returning'), ('reactivated', 'dormant'),
                                                                        ('dormant', 'reactivated'), ('dormant', 'inactive'), ('inactive', 'reactivated'), ('inactive', 'inactive')) OR state IS NULL END$$, 'states change as documented');
SELECT is_empty(format($$SELECT * FROM (SELECT day, count(*) FILTER (WHERE state = 'new') AS n, count(*) FILTER (WHERE state = 'returning') AS r, count(*) FILTER (WHERE state = 'reactivated') AS s, count(*) FILTER (WHERE state = 'dormant') AS d
                                               FROM stand WHERE p = %1$L AND ws = %2$L GROUP BY day) AS s,
                                LATERAL (SELECT * FROM clv_lifecycle_periods('clv_test_orders', 'customer', 'at', 'amount', period => %1$L, as_of => day, week_start => %2$L) ORDER BY period_start DESC LIMIT 1) AS l
                         WHERE (n, r, s, d) IS DISTINCT FROM (new_customers, returning_customers, l.reactivated, dormant)$$, p, ws), format('clv_lifecycle() counted is clv_lifecycle_periods(), %s, %s', p, ws))
FROM (SELECT DISTINCT p, ws FROM stand) AS s ORDER BY p, ws;

-- nothing
SELECT is_empty($$SELECT customer_group FROM clv_customer_retention('clv_test_orders', 'customer', 'at', 'amount', as_of => '2022-10-31') UNION ALL SELECT customer_group FROM clv_revenue_retention('clv_test_orders', 'customer', 'at', 'amount', as_of => '2022-10-31')
                  UNION ALL SELECT customer_group FROM clv_lifecycle_periods('clv_test_orders', 'customer', 'at', 'amount', as_of => '2022-10-31')$$, 'no order by as_of: no rows');
CREATE VIEW clv_test_refunds AS SELECT * FROM clv_test_orders WHERE customer = 'refunds only';
SELECT is_empty($$SELECT * FROM clv_customer_retention('clv_test_refunds', 'customer', 'at', 'amount', as_of => '2024-04-20')$$, 'nor if there are refunds only: customers');
SELECT is((SELECT sum(churned_revenue) || ' ' || sum(closing_revenue) FROM clv_revenue_retention('clv_test_refunds', 'customer', 'at', 'amount', as_of => '2024-04-20')),
          (SELECT '0.00 ' || sum(amount) FROM clv_test_refunds), 'but refunds are revenue, below 0');
SELECT is_empty($$SELECT * FROM clv_lifecycle_periods('clv_test_refunds', 'customer', 'at', 'amount', as_of => '2024-04-20')$$, 'nor if there are refunds only: lifecycle');

-- The same from every plan. In the view the group is the process that read the first order, which shows who worked.
CREATE TABLE clv_test_many AS
SELECT customer_id, ordered_at, amount, channel, order_id / 2 AS number FROM clv_simulate(4000, '2023-01-01', '2023-12-31', seed => 8, refund_share => 0.1);
ANALYZE clv_test_many;
CREATE VIEW clv_test_workers AS SELECT *, pg_temp.worker() AS pid FROM clv_test_many;
CREATE TEMP TABLE question AS SELECT ARRAY[
    $$clv_customer_retention('clv_test_many', 'customer_id', 'ordered_at', 'amount', group_by => 'channel', active_window => '45 days')$$,
    $$clv_revenue_retention('clv_test_many', 'customer_id', 'ordered_at', 'amount', group_by => 'channel', order_id => 'number')$$,
    $$clv_lifecycle_periods('clv_test_many', 'customer_id', 'ordered_at', 'amount', period => 'week')$$] AS q;
CREATE TEMP TABLE plain AS SELECT answer, n FROM question, pg_temp.answer(q, '{}') WITH ORDINALITY AS a (answer, n);
SELECT results_eq(format('SELECT pg_temp.answer(q, %L) FROM question', settings), 'SELECT answer FROM plain ORDER BY n', plan)
FROM (VALUES ('sorted', '{enable_hashagg=off}'), ('spilled at work_mem = 64kB', '{enable_sort=off,work_mem=64kB,hash_mem_multiplier=1}'),
             ('2 workers, sorted', '{max_parallel_workers_per_gather=2,enable_hashagg=off}'),
             ('2 workers', '{max_parallel_workers_per_gather=2}'),
             ('2 workers, spilled, the leader idle', '{max_parallel_workers_per_gather=2,enable_sort=off,work_mem=64kB,hash_mem_multiplier=1,parallel_leader_participation=off}')) AS p (plan, settings);
SELECT ok(bool_and(customer_group <> pg_backend_pid()::text), '... which it was') FROM clv_customer_retention('clv_test_workers', 'customer_id', 'ordered_at', 'amount', group_by => 'pid');

-- CDNOW
\if :has_full
CREATE TABLE clv_test_cdnow AS
SELECT f[1]::integer AS customer, f[2]::timestamp AS at, f[2]::date AS day, f[4]::numeric AS amount, NULL::text AS channel
FROM (SELECT string_to_array(rtrim(line, E'\r'), ',') AS f FROM string_to_table(:'full', E'\n') WITH ORDINALITY AS l (line, n) WHERE n > 1 AND line <> '') AS l;
CREATE VIEW clv_test_some AS SELECT * FROM clv_test_cdnow WHERE customer % 20 = 3;
ANALYZE clv_test_cdnow;
SELECT is_empty($$SELECT pg_temp.disagree('clv_test_cdnow', 'customer at amount', 'clv_test_cdnow', '{"as_of": "1998-06-30"}')$$, 'CDNOW, all of it');
SELECT is_empty(format($$SELECT pg_temp.disagree('clv_test_some', 'customer day amount', 'clv_test_some', %L)$$, o), 'CDNOW, some, ' || o::text)
FROM (VALUES ('{"as_of": "1998-03-15", "active_window": "90 days"}'::jsonb), ('{"period": "quarter"}'), ('{"period": "week", "as_of": "1997-09-30"}')) AS t (o);
\else
SELECT skip('no full file, or no gzip to read it', 4);
\endif

SELECT * FROM finish();
ROLLBACK;
