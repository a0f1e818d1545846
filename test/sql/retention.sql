-- Cohorts and the customer base: what is read, what comes out, each error.
SET DateStyle = 'ISO';
SET TimeZone = 'UTC';
SET client_min_messages = warning;
CREATE SCHEMA retention;
SET search_path = retention, public;

-- two customers of January and one of March; one refund; who only gave back is in no cohort
CREATE TABLE sale (order_id integer, customer integer, channel text, at timestamp, amount numeric(10,2));
INSERT INTO sale VALUES
    (1, 1, 'web', '2024-01-05 10:00', 40), (2, 1, 'shop', '2024-02-05', 25.50), (3, 1, 'shop', '2024-02-28 23:59', 14.50),
    (4, 1, NULL, '2024-03-31', -10), (5, 1, 'web', '2024-05-01', 60),
    (6, 2, 'shop', '2024-01-31', 99.90), (7, 2, 'web', '2024-01-31', 0), (8, 2, 'web', '2024-04-30', 0.10),
    (9, 3, NULL, '2024-03-10', 20), (10, 4, 'web', '2024-02-01', -15),
    (11, NULL, 'web', '2024-02-01', 15), (12, 5, 'web', NULL, 15), (13, 6, 'web', '2024-02-01', NULL);
SELECT * FROM clv_retention('sale', 'customer', 'at', 'amount') ORDER BY customer_group, cohort, period_number;
SELECT pg_typeof(customer_group), pg_typeof(cohort), pg_typeof(cohort_size), pg_typeof(period_number), pg_typeof(value), pg_typeof(rate), pg_typeof(observed), pg_typeof(complete)
FROM clv_retention('sale', 'customer', 'at') LIMIT 1;

-- kinds and measures
SELECT measure, cohort, period_number, value, rate, complete
FROM unnest('{customers,churned,orders,value,cumulative_value,value_per_customer}'::text[]) WITH ORDINALITY AS m (measure, n),
     clv_retention('sale', 'customer', 'at', 'amount', measure => measure, as_of => '2024-04-15', periods => 2)
ORDER BY n, cohort, period_number;
SELECT period_number, value, rate, observed, complete FROM clv_retention('sale', 'customer', 'at', 'amount', kind => 'rolling', further => 1, as_of => '2024-05-31') WHERE cohort = '2024-01-01';
SELECT period_number, value, rate, observed, complete FROM clv_retention('sale', 'customer', 'at', 'amount', kind => 'Rolling', as_of => '2024-05-31') WHERE cohort = '2024-01-01';
SELECT period_number, value, rate, observed, complete FROM clv_retention('sale', 'customer', 'at', 'amount', kind => 'bracket', brackets => ' 3 - 4,0,1-2 ', as_of => '2024-05-30') WHERE cohort = '2024-01-01';
SELECT measure, period_number, value, rate FROM unnest('{customers,churned}'::text[]) AS measure,
    clv_retention('sale', 'customer', 'at', 'amount', base => 'previous', measure => measure) WHERE cohort = '2024-01-01';
SELECT * FROM clv_retention('sale', 'customer', 'at', 'amount', elapsed => true, as_of => '2024-03-31');
SELECT * FROM clv_retention('sale', 'customer', 'at', 'amount', summary => true, as_of => '2024-04-01') WHERE cohort IS NULL;
SELECT * FROM clv_retention('sale', 'customer', 'at', 'amount', group_by => 'channel', periods => 0);
SELECT period_number, count(*), min(cohort), max(cohort) FROM clv_retention('sale', 'customer', 'at', period => 'year') GROUP BY period_number;
SELECT DISTINCT ON (period) p.period, cohort FROM unnest('{day,week,month,quarter,year}'::text[]) WITH ORDINALITY AS p (period, n),
    clv_retention('sale', 'customer', 'at', period => p.period) ORDER BY p.period, cohort;
SELECT week_start, min(cohort), to_char(min(cohort), 'FMday') FROM unnest('{monday,Tuesday,WEDNESDAY,thursday,friday,saturday,sunday}'::text[]) AS week_start,
    clv_retention('sale', 'customer', 'at', period => 'week', week_start => week_start) GROUP BY week_start ORDER BY 2;

-- a start within a range: what came before is not looked at
SELECT * FROM clv_retention('sale', 'customer', 'at', acquired_from => '2024-02-01', acquired_to => '2024-04-30', as_of => '2024-05-31');
SELECT cohort, cohort_size FROM clv_retention('sale', 'customer', 'at', acquired_to => '2024-01-30', periods => 0);
-- as of: nothing before the first order, nothing at all
SELECT count(*) FROM clv_retention('sale', 'customer', 'at', as_of => '2024-01-04');
SELECT count(*) FROM clv_retention('sale', 'customer', 'at', as_of => '4713-11-24 BC');
SELECT max(cohort), max(period_number), bool_or(complete) FILTER (WHERE period_number = 4) FROM clv_retention('sale', 'customer', 'at');
SELECT max(period_number), bool_and(complete) FROM clv_retention('sale', 'customer', 'at', period => 'year', as_of => '5874897-12-31', periods => 5);
CREATE TABLE empty (LIKE sale);
SELECT count(*) FROM clv_retention('empty', 'customer', 'at', 'amount', group_by => 'channel', summary => true);
SELECT count(*) FROM clv_retention('empty', 'customer', 'at', 'amount', measure => 'value');
SELECT count(*) FROM clv_customer_retention('empty', 'customer', 'at');
SELECT count(*) FROM clv_revenue_retention('empty', 'customer', 'at', 'amount');
SELECT count(*) FROM clv_lifecycle_periods('empty', 'customer', 'at', as_of => '2024-01-01');
-- days not after today count for the default of as_of
CREATE TABLE future AS SELECT customer, at, amount FROM sale UNION ALL SELECT 9, '5000-01-01', 1 UNION ALL SELECT 1, current_date + 1, 1;
CREATE TABLE future_history AS SELECT customer, clv_history(amount, at) AS history FROM future GROUP BY customer;
SELECT max(cohort), max(period_number) FROM clv_retention('future', 'customer', 'at');
SELECT max(cohort), max(period_number) FROM clv_retention('future', 'customer', 'at', elapsed => true);
SELECT max(cohort), max(period_number) FROM clv_retention('future_history', 'customer', 'history', elapsed => true);
SELECT max(period_start), bool_or(complete) FROM clv_lifecycle_periods('future_history', 'customer', 'history') WHERE period_start = '2024-05-01';

-- what can be read
CREATE VIEW sale_view AS SELECT * FROM sale;
CREATE MATERIALIZED VIEW sale_matview AS SELECT * FROM sale;
CREATE TABLE sale_parts (LIKE sale) PARTITION BY RANGE (at);
CREATE TABLE sale_parts_1 PARTITION OF sale_parts FOR VALUES FROM (MINVALUE) TO ('2024-03-01');
CREATE TABLE sale_parts_2 PARTITION OF sale_parts FOR VALUES FROM ('2024-03-01') TO (MAXVALUE);
INSERT INTO sale_parts SELECT * FROM sale WHERE at IS NOT NULL;
CREATE TABLE sale_history AS SELECT customer, min(channel) AS channel, clv_history(amount, at) AS history FROM sale GROUP BY customer;
CREATE TABLE sale_history_unique AS SELECT * FROM sale_history WHERE customer IS NOT NULL;
ALTER TABLE sale_history_unique ADD PRIMARY KEY (customer);
CREATE TABLE sale_history_pieces AS SELECT customer, clv_history(amount, at) AS history FROM sale GROUP BY customer, order_id % 2;
-- a unique index that says nothing of the whole table
CREATE TABLE sale_history_parent AS SELECT * FROM sale_history_pieces LIMIT 0;
ALTER TABLE sale_history_parent ADD UNIQUE (customer);
CREATE TABLE sale_history_child_1 (UNIQUE (customer)) INHERITS (sale_history_parent);
CREATE TABLE sale_history_child_2 (UNIQUE (customer)) INHERITS (sale_history_parent);
INSERT INTO sale_history_child_1 SELECT customer, clv_history(amount, at) FROM sale WHERE order_id % 2 = 0 GROUP BY customer;
INSERT INTO sale_history_child_2 SELECT customer, clv_history(amount, at) FROM sale WHERE order_id % 2 = 1 GROUP BY customer;
CREATE TABLE sale_history_partial AS SELECT * FROM sale_history_pieces;
CREATE UNIQUE INDEX ON sale_history_partial (customer) WHERE customer > 100;
CREATE FUNCTION total(source text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT md5(string_agg(r::text, '';'' ORDER BY r::text)) FROM clv_retention(%L, %s) AS r', source, call) INTO result;
    RETURN result;
END $$;
SELECT count(DISTINCT total(source, call)) FROM (VALUES
    ('sale', $$'customer', 'at', 'amount', measure => 'value'$$), ('sale_view', $$'customer', 'at', 'amount', measure => 'value'$$),
    ('sale_matview', $$'customer', 'at', 'amount', measure => 'value'$$), ('sale_parts', $$'customer', 'at', 'amount', measure => 'value'$$),
    ('sale_history', $$'customer', 'history', measure => 'value'$$), ('sale_history_unique', $$'customer', 'history', measure => 'value'$$),
    ('sale_history_pieces', $$'customer', 'history', measure => 'value'$$), ('sale_history_parent', $$'customer', 'history', measure => 'value'$$),
    ('sale_history_partial', $$'customer', 'history', measure => 'value'$$)) AS v (source, call);

-- types of the columns
CREATE DOMAIN money_domain AS numeric(10,2);
CREATE DOMAIN time_domain AS timestamptz;
CREATE TYPE person AS (a integer, b text);
CREATE TYPE channel AS ENUM ('web', 'shop', 'app');
CREATE FUNCTION try(customer text, at text, amount text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('CREATE TEMP VIEW tried AS SELECT %s AS customer, at::%s AS at, amount::%s AS amount FROM sale', customer, at, amount);
    SELECT string_agg(concat_ws(' ', cohort, period_number, value), ', ' ORDER BY cohort, period_number) FROM clv_retention('tried', 'customer', 'at', 'amount', measure => 'value', periods => 1) INTO result;
    DROP VIEW tried;
    RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
SELECT c, t, a, try(c, t, a) FROM (VALUES ('customer', 'timestamp', 'numeric'), ('customer::text', 'date', 'float8'), ('customer::numeric', 'timestamptz', 'real'),
    ('md5(customer::text)::uuid', 'time_domain', 'money_domain'), ('ROW(customer, at::date - at::date)', 'date', 'bigint'), ('ARRAY[customer]', 'date', 'integer'),
    ('jsonb_build_object(''id'', customer)', 'date', 'smallint'), ('(customer, ''x'')::person', 'date', 'numeric'),
    ('customer', 'text', 'numeric'), ('customer', 'date', 'money'), ('customer', 'date', 'text'), ('to_json(customer)', 'date', 'numeric')) AS v (c, t, a);
SELECT customer_group, sum(cohort_size) FROM (SELECT NULL) AS n, clv_retention('sale', 'customer', 'at', group_by => 'customer', periods => 0) GROUP BY customer_group ORDER BY customer_group;
CREATE VIEW sale_enum AS SELECT customer, at, channel::channel AS channel FROM sale;
SELECT customer_group, sum(cohort_size) FROM clv_retention('sale_enum', 'customer', 'at', group_by => 'channel', periods => 0) GROUP BY customer_group ORDER BY customer_group;

-- a time zone decides on the day of a timestamptz
CREATE TABLE moment AS SELECT 1 AS customer, timestamptz '2024-03-31 22:30 UTC' AS at UNION ALL SELECT 2, '2024-04-30 23:30+00';
SELECT zone, cohort, cohort_size FROM unnest('{UTC,Europe/Berlin,America/New_York}'::text[]) AS zone, clv_retention('moment', 'customer', 'at', time_zone => zone, periods => 0) ORDER BY zone, cohort;
SET TimeZone = 'Asia/Jakarta';
SELECT cohort, cohort_size FROM clv_retention('moment', 'customer', 'at', periods => 0) ORDER BY cohort;
SET TimeZone = 'UTC';

-- a composite is there even where a part of it is NULL
CREATE TABLE composite (customer person, number person, at date, amount numeric);
INSERT INTO composite VALUES ((1, NULL), (1, 'x'), '2024-01-01', 5), ((1, 'y'), (1, NULL), '2024-01-02', 5), ((1, 'y'), (1, 'x'), '2024-01-02', 7), (NULL, NULL, '2024-01-02', 9);
SELECT cohort_size, value FROM clv_retention('composite', 'customer', 'at', 'amount', measure => 'value', order_id => 'number');

-- who has only refunds is in no group, whether each row is a customer or not
CREATE TABLE refunded (customer integer PRIMARY KEY, channel text, history clv_history);
INSERT INTO refunded VALUES (1, 'web', '{2024-01-05: -1}'), (2, 'web', '{2024-01-05: 1}');
SELECT customer_group, period_start, new_revenue, churned_revenue FROM clv_revenue_retention('refunded', 'customer', 'history', group_by => 'channel');
ALTER TABLE refunded DROP CONSTRAINT refunded_pkey;
SELECT customer_group, period_start, new_revenue, churned_revenue FROM clv_revenue_retention('refunded', 'customer', 'history', group_by => 'channel');

-- so many groups of old orders by week that their cells up to today would be too many
CREATE VIEW many_groups AS SELECT n AS customer, 'group ' || n AS customer_group, date '1900-01-01' + n % 2 AS at FROM generate_series(1, 2000) AS n;
SELECT count(*), sum(cohort_size) FROM clv_retention('many_groups', 'customer', 'at', group_by => 'customer_group', period => 'week');
-- an index to which other customers are equal than to GROUP BY does not say that they are unique
CREATE TABLE pattern (customer text, history clv_history);
CREATE UNIQUE INDEX ON pattern (customer text_pattern_ops);
INSERT INTO pattern VALUES ('a', '{2024-01-05: 1}'), ('b', '{2024-01-05: 1}');
SELECT cohort_size FROM clv_retention('pattern', 'customer', 'history', periods => 0);

-- times without an end
CREATE TABLE endless AS SELECT 1 AS customer, timestamp '-infinity' AS at;
SELECT error_of($$SELECT * FROM clv_retention('endless', 'customer', 'at', elapsed => true)$$);
SELECT error_of($$SELECT * FROM clv_lifecycle_periods('endless', 'customer', 'at')$$);

-- lines of orders
CREATE TABLE line AS SELECT order_id, customer, at + n * interval '10 days' AS at, CASE n WHEN 0 THEN amount + 5 ELSE -5 END AS amount, channel
    FROM sale, generate_series(0, 1) AS n WHERE NOT (order_id = 4 OR order_id = 10 AND n = 0);
SELECT count(*) FROM ((TABLE sale) EXCEPT SELECT order_id, customer, channel, at, amount FROM line) AS d;
SELECT cohort, period_number, value, rate FROM clv_retention('line', 'customer', 'at', 'amount', measure => 'orders', order_id => 'order_id', periods => 3);
SELECT cohort, period_number, value FROM clv_retention('line', 'customer', 'at', measure => 'orders', order_id => 'order_id', periods => 3);
-- an order is of the day of its first line at 0 or more; a credit before counts from then on
CREATE TABLE late_line AS SELECT 1 AS customer, 1 AS order_id, date '2024-01-01' AS at, -10 AS amount UNION ALL SELECT 1, 1, '2024-01-02', 15;
SELECT cohort, period_number, value FROM clv_retention('late_line', 'customer', 'at', 'amount', measure => 'value', order_id => 'order_id');
SELECT period_start, closing_revenue FROM clv_revenue_retention('late_line', 'customer', 'at', 'amount', order_id => 'order_id');
SELECT count(*) FROM clv_retention('late_line', 'customer', 'at', 'amount', measure => 'value', order_id => 'order_id', as_of => '2024-01-01');
UPDATE line SET order_id = NULL WHERE order_id = 2;
SELECT cohort, period_number, value FROM clv_retention('line', 'customer', 'at', 'amount', measure => 'orders', order_id => 'order_id', periods => 3, group_by => 'channel') WHERE cohort = '2024-01-01';

-- the customer base
SELECT * FROM clv_customer_retention('sale', 'customer', 'at', 'amount', as_of => '2024-05-31');
SELECT period_start, opening, retained, new_customers, reactivated, closing FROM clv_customer_retention('sale', 'customer', 'at', active_window => '2 months', as_of => '2024-05-31');
SELECT * FROM clv_revenue_retention('sale', 'customer', 'at', 'amount', as_of => '2024-05-31');
SELECT * FROM clv_lifecycle_periods('sale', 'customer', 'at', group_by => 'channel');
SELECT day, string_agg(coalesce(clv_lifecycle(history, day::date), '-'), ' ' ORDER BY customer) FROM sale_history_unique, generate_series(timestamp '2024-01-01', '2024-07-01', '1 month') AS day GROUP BY day ORDER BY day;
SELECT clv_lifecycle('{}', '2024-01-01'), clv_lifecycle('{2024-01-01: -5}', '2024-01-01'), clv_lifecycle(NULL, '2024-01-01'), clv_lifecycle('{2024-01-01: 5}', NULL),
       clv_lifecycle('{2024-01-01: 5}', '2023-12-31'), clv_lifecycle('{2024-01-07: 5}', '2024-01-08', 'week'), clv_lifecycle('{2024-01-07: 5}', '2024-01-08', 'week', 'sunday');

-- errors
SELECT call, CASE WHEN call ~ 'Mars|no_such_table' THEN state_of('SELECT * FROM ' || call) ELSE error_of('SELECT * FROM ' || call) END AS error FROM unnest(ARRAY[
    $$clv_retention(NULL, 'customer', 'at')$$, $$clv_retention('sale', NULL, 'at')$$, $$clv_retention('sale', 'customer', NULL)$$,
    $$clv_retention('sale', 'customer', 'at', period => NULL)$$, $$clv_retention('sale', 'customer', 'at', kind => NULL)$$,
    $$clv_retention('sale', 'customer', 'at', measure => NULL)$$, $$clv_retention('sale', 'customer', 'at', base => NULL)$$,
    $$clv_retention('sale', 'customer', 'at', elapsed => NULL)$$, $$clv_retention('sale', 'customer', 'at', summary => NULL)$$, $$clv_retention('sale', 'customer', 'at', week_start => NULL)$$,
    $$clv_retention('sale', 'customer', 'at', period => 'fortnight')$$, $$clv_retention('sale', 'customer', 'at', kind => 'n-day')$$,
    $$clv_retention('sale', 'customer', 'at', measure => 'revenue')$$, $$clv_retention('sale', 'customer', 'at', base => 'first')$$, $$clv_retention('sale', 'customer', 'at', week_start => 'mon')$$,
    $$clv_retention('sale', 'customer', 'at', base => 'previous', measure => 'orders')$$,
    $$clv_retention('sale', 'customer', 'at', further => 1)$$, $$clv_retention('sale', 'customer', 'at', kind => 'bracket')$$, $$clv_retention('sale', 'customer', 'at', kind => 'rolling', brackets => '1')$$,
    $$clv_retention('sale', 'customer', 'at', kind => 'rolling', further => -1)$$, $$clv_retention('sale', 'customer', 'at', periods => -1)$$,
    $$clv_retention('sale', 'customer', 'at', kind => 'bracket', brackets => '')$$, $$clv_retention('sale', 'customer', 'at', kind => 'bracket', brackets => '1-3, 3-7')$$,
    $$clv_retention('sale', 'customer', 'at', kind => 'bracket', brackets => '5-2')$$, $$clv_retention('sale', 'customer', 'at', kind => 'bracket', brackets => '1;2')$$,
    $$clv_retention('sale', 'customer', 'at', kind => 'bracket', brackets => '-1')$$, $$clv_retention('sale', 'customer', 'at', kind => 'bracket', brackets => '1,')$$,
    $$clv_retention('sale', 'customer', 'at', kind => 'bracket', brackets => '1-')$$, $$clv_retention('sale', 'customer', 'at', kind => 'bracket', brackets => '99999999999')$$,
    $$clv_retention('sale', 'customer', 'at', kind => 'bracket', brackets => (SELECT string_agg(i::text, ',') FROM generate_series(0, 1000) AS i))$$,
    $$clv_retention('sale', 'customer', 'at', as_of => 'infinity')$$, $$clv_retention('sale', 'customer', 'at', acquired_from => '-infinity')$$,
    $$clv_retention('sale', 'customer', 'at', acquired_from => '2024-02-01', acquired_to => '2024-01-31')$$,
    $$clv_retention('sale', 'customer', 'at', measure => 'value')$$, $$clv_revenue_retention('sale', 'customer', 'at')$$,
    $$clv_retention('sale', 'client', 'at')$$, $$clv_retention('sale', 'customer', 'at', 'amount''; DROP TABLE sale; --')$$, $$clv_retention('sale', 'Customer', 'at')$$, $$clv_retention('sale', 'ctid', 'at')$$,
    $$clv_retention('sale', 'customer', 'amount')$$, $$clv_retention('sale', 'customer', 'at', 'channel')$$, $$clv_retention('sale', 'customer', 'at', time_zone => 'UTC')$$,
    $$clv_retention('moment', 'customer', 'at', time_zone => 'Mars/Olympus')$$,
    $$clv_retention('sale_history', 'customer', 'history', 'customer')$$, $$clv_retention('sale_history', 'customer', 'history', order_id => 'customer')$$, $$clv_retention('sale_history', 'customer', 'history', time_zone => 'UTC')$$,
    $$clv_retention(0, 'customer', 'at')$$, $$clv_retention('no_such_table', 'customer', 'at')$$, $$clv_retention('sale_history_unique_pkey', 'customer', 'at')$$,
    $$clv_customer_retention('sale', 'customer', 'at', active_window => '0 days')$$, $$clv_customer_retention('sale', 'customer', 'at', active_window => '1 hour')$$,
    $$clv_customer_retention('sale', 'customer', 'at', active_window => '2 months -1 day')$$, $$clv_customer_retention('sale', 'customer', 'at', period => 'decade')$$,
    $$clv_lifecycle_periods('sale', 'customer', 'at', as_of => '-infinity')$$,
    $$clv_lifecycle('{2024-01-01: 5}', 'infinity')$$, $$clv_lifecycle('{2024-01-01: 5}', '2024-01-01', 'era')$$, $$clv_lifecycle('{2024-01-01: 5}', '2024-01-01', 'week', 'day')$$]) AS call;
INSERT INTO sale VALUES (99, 99, 'web', 'infinity', 1);
SELECT error_of($$SELECT * FROM clv_retention('sale', 'customer', 'at')$$);
UPDATE sale SET at = '2024-05-01', amount = 'NaN' WHERE order_id = 99;
SELECT error_of($$SELECT * FROM clv_retention('sale', 'customer', 'at', 'amount')$$);
DELETE FROM sale WHERE order_id = 99;
-- where the grid would be too large
CREATE TABLE ages AS SELECT i AS customer, date '0001-01-01' + i AS at FROM generate_series(1, 100) AS i UNION ALL SELECT 0, '2024-01-01';
SELECT error_of($$SELECT * FROM clv_retention('ages', 'customer', 'at', period => 'day')$$);
SELECT count(*) FROM clv_retention('ages', 'customer', 'at', period => 'day', periods => 3);
SELECT error_of($$SELECT * FROM clv_lifecycle_periods('ages', 'customer', 'at', period => 'day', as_of => '3024-01-01')$$);
-- a set in the select list, and called twice
SELECT (clv_retention('sale', 'customer', 'at', periods => 0)).cohort;
SELECT count(*) FROM generate_series(1, 3), clv_retention('sale', 'customer', 'at', periods => 0);

-- names that try to be something else
CREATE SCHEMA "Sch""ema; DROP TABLE sale; --";
CREATE TABLE "Sch""ema; DROP TABLE sale; --"."ta'ble"") AS o; DROP TABLE sale; --" ("cus""tomer" integer, "at'); DROP TABLE sale; --" date, "%s $1 \ ä" numeric, "SELECT" text,
    "sixty-three bytes, one of them a double quote "" and more more m" integer);
INSERT INTO "Sch""ema; DROP TABLE sale; --"."ta'ble"") AS o; DROP TABLE sale; --" VALUES (1, '2024-01-05', 5, 'x''; DROP TABLE sale; --', 1), (1, '2024-02-05', 7, 'y', 1), (2, '2024-02-05', 7, '"', 2);
SELECT customer_group, cohort, period_number, value FROM clv_retention('"Sch""ema; DROP TABLE sale; --"."ta''ble"") AS o; DROP TABLE sale; --"', 'cus"tomer', 'at''); DROP TABLE sale; --', '%s $1 \ ä',
    measure => 'value', group_by => 'SELECT', order_id => 'sixty-three bytes, one of them a double quote " and more more m', elapsed => true);
SELECT count(*) FROM clv_customer_retention('"Sch""ema; DROP TABLE sale; --"."ta''ble"") AS o; DROP TABLE sale; --"', 'cus"tomer', 'at''); DROP TABLE sale; --', '%s $1 \ ä', group_by => 'SELECT');
SELECT state_of($$SELECT * FROM clv_retention('moment', 'customer', 'at', time_zone => 'UTC''); DROP TABLE sale; --')$$);
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT state_of(E'SELECT * FROM clv_retention(''moment'', ''customer'', ''at'', time_zone => E''\\\\''''); DROP TABLE sale; --'')');
RESET standard_conforming_strings;
SELECT count(*) FROM sale;

-- with the rights of who calls: privileges, row-level security, a view's own
CREATE ROLE clv_reader;
CREATE ROLE clv_stranger;
GRANT USAGE ON SCHEMA retention TO clv_reader, clv_stranger;
GRANT SELECT ON sale TO clv_reader;
ALTER TABLE sale ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON sale TO clv_reader USING (channel = 'web');
SET ROLE clv_reader;
SELECT cohort, cohort_size FROM clv_retention('sale', 'customer', 'at', periods => 0);
SELECT state_of($$SELECT * FROM clv_retention('sale_history', 'customer', 'history')$$);
SET ROLE clv_stranger;
SELECT state_of($$SELECT * FROM clv_retention('sale', 'customer', 'at')$$);
SELECT state_of($$SELECT * FROM clv_lifecycle_periods('sale', 'customer', 'at', as_of => '2024-05-01')$$);
-- somebody else's operators and functions are not called
RESET ROLE;
CREATE SCHEMA trap;
CREATE FUNCTION trap.clv_history(numeric, timestamp) RETURNS clv_history LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
CREATE FUNCTION trap.trapped(numeric, integer) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
CREATE OPERATOR trap.>= (LEFTARG = numeric, RIGHTARG = integer, FUNCTION = trap.trapped);
CREATE FUNCTION trap.max(date) RETURNS date LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
CREATE DOMAIN trap.text AS integer;
SET search_path = trap, pg_catalog, public;
SELECT count(*) FROM public.clv_retention('retention.sale', 'customer', 'at', 'amount', group_by => 'channel', measure => 'value');
SET search_path = retention, public;
DROP SCHEMA trap CASCADE;
DROP SCHEMA "Sch""ema; DROP TABLE sale; --" CASCADE;
DROP OWNED BY clv_reader, clv_stranger;
DROP ROLE clv_reader;
DROP ROLE clv_stranger;
DROP SCHEMA retention CASCADE;
