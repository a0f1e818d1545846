-- Products: what is read, what comes out, each error.
SET DateStyle = 'ISO';
SET TimeZone = 'UTC';
SET client_min_messages = warning;
CREATE SCHEMA products;
SET search_path = products, public;

-- ten customers worth 100, 90, ..., 10: the top tier are 1 and 2
CREATE TABLE item (order_no integer, customer integer, at timestamp, product text, amount numeric(10,2));
INSERT INTO item SELECT c, c, date '2024-01-01' + c, 'beans', 110 - 10 * c FROM generate_series(1, 10) AS c;
INSERT INTO item VALUES
    (1, 1, '2024-01-02', 'grinder', 0), (20, 2, '2024-03-03', 'grinder', 0), (5, 5, '2024-01-06', 'grinder', 0.00), (21, 5, '2024-02-01 10:00', 'grinder', 0), (21, 5, '2024-02-01 11:00', 'grinder', 0),
    (6, 6, '2024-01-07', 'filter', 5), (22, 6, '2024-01-10', 'filter', -5),             -- bought and given back
    (23, 7, '2024-02-02', 'kettle', -5),                                                -- given back only
    (8, 8, '2024-01-09', NULL, 1), (24, 8, '2024-03-09', NULL, 2), (NULL, 8, '2024-03-09', NULL, 2),
    (25, NULL, '2024-01-01', 'beans', 1000), (26, NULL, '2024-01-01', 'gift card', 50), (27, NULL, '2024-01-01', NULL, 1),
    (28, 9, NULL, 'beans', 1000), (29, 9, '2024-01-01', 'beans', NULL), (30, 9, NULL, 'nothing', 1);
SELECT product, customers, top_customers, rest_customers, top_share, rest_share, lift, round(lift_low, 6) AS lift_low, round(lift_high, 6) AS lift_high, orders, value, lines_without_customer
FROM clv_products('item', 'customer', 'at', 'amount', 'product');
SELECT product, orders FROM clv_products('item', 'customer', 'at', 'amount', 'product', order_id => 'order_no') WHERE product IN ('grinder', 'beans') OR product IS NULL;
SELECT pg_typeof(product), pg_typeof(customers), pg_typeof(top_customers), pg_typeof(rest_customers), pg_typeof(top_share), pg_typeof(rest_share), pg_typeof(lift), pg_typeof(lift_low), pg_typeof(lift_high), pg_typeof(orders), pg_typeof(value), pg_typeof(lines_without_customer)
FROM clv_products('item', 'customer', 'at', 'amount', 'product') LIMIT 1;
SELECT product, customers, top_customers, rest_customers, top_share, rest_share, lift, round(lift_low, 6) AS lift_low, lift_high, orders, value, lines_without_customer
FROM clv_products('item', 'customer', 'at', 'amount', 'product', top_tier => 1, as_of => '2024-01-02');
SELECT round(lift_low, 4) AS low, round(lift_high, 4) AS high FROM unnest('{0.5,0.95,0.999999}'::float8[]) AS c, clv_products('item', 'customer', 'at', 'amount', 'product', level => c) WHERE product = 'grinder';
-- nobody is worth anything, nobody is known
CREATE TABLE free AS SELECT 1 AS customer, date '2024-01-01' AS at, 'sample' AS product, 0 AS amount;
SELECT * FROM clv_products('free', 'customer', 'at', 'amount', 'product');
UPDATE free SET customer = NULL;
SELECT * FROM clv_products('free', 'customer', 'at', 'amount', 'product');

-- the first product: a month on, only those who are observed for one
SELECT product, is_total, customers, observed, repeat_rate, first_value, round(later_value, 6) AS later_value, round(later_value_error, 6) AS error, round(ratio, 6) AS ratio
FROM clv_first_products('item', 'customer', 'at', 'amount', 'product', horizon => '30 days', as_of => '2024-02-08');
SELECT product, customers, observed, repeat_rate FROM clv_first_products('item', 'customer', 'at', 'amount', 'product', horizon => '2 months', order_id => 'order_no');
SELECT product, is_total, customers, observed, repeat_rate, first_value, later_value, later_value_error, ratio FROM clv_first_products('item', 'customer', 'at', 'amount', 'product') WHERE is_total;
SELECT pg_typeof(product), pg_typeof(is_total), pg_typeof(customers), pg_typeof(observed), pg_typeof(repeat_rate), pg_typeof(first_value), pg_typeof(later_value), pg_typeof(later_value_error), pg_typeof(ratio)
FROM clv_first_products('item', 'customer', 'at', 'amount', 'product') LIMIT 1;
-- what is delivered later was not bought again
CREATE TABLE parcel AS SELECT * FROM (VALUES (1, 1, date '2024-01-01', 'a', 5), (1, 1, '2024-01-03', 'b', 7), (1, 2, '2024-01-01', 'a', 5), (2, 2, '2024-01-03', 'b', 7), (NULL, 3, '2024-01-01', 'b', 5), (NULL, 3, '2024-01-03', 'b', 7)) AS v (order_no, customer, at, product, amount);
SELECT product, customers, observed, repeat_rate, first_value, later_value FROM clv_first_products('parcel', 'customer', 'at', 'amount', 'product', horizon => '3 days', as_of => '2024-01-31');
SELECT product, customers, observed, repeat_rate, first_value, later_value FROM clv_first_products('parcel', 'customer', 'at', 'amount', 'product', horizon => '3 days', as_of => '2024-01-31', order_id => 'order_no');
-- by default as of the last purchase; and to the edge of the calendar
SELECT product, customers, observed FROM clv_first_products('parcel', 'customer', 'at', 'amount', 'product', horizon => '3 days');
SELECT product, customers, observed FROM clv_first_products('parcel', 'customer', 'at', 'amount', 'product', horizon => '2 days');
SELECT product, customers, observed FROM clv_first_products('parcel', 'customer', 'at', 'amount', 'product', horizon => '200000 years', as_of => '5874897-12-31');

-- candidates: who has beans and no grinder is offered one
CREATE TABLE basket AS SELECT c AS customer, date '2024-01-01' AS at, p AS product, 10 AS amount FROM generate_series(1, 100) AS c, unnest('{beans,grinder,tea}'::text[]) AS p
    WHERE p = 'beans' AND c <= 40 OR p = 'grinder' AND c <= 30 OR p = 'tea' AND c > 40 OR p = 'beans' AND c = 100;
SELECT customer_id, rank, product, because, together, confidence, round(lift, 6) AS lift, round(lift_low, 6) AS lift_low FROM clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', top_tier => 1);
SELECT customer_id, rank, product FROM clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', top_tier => 1, for_customer => '35');
SELECT count(*) FROM clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', top_tier => 1, for_customer => 'nobody');
SELECT count(*) FROM clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', top_tier => 1, min_together => 31);
SELECT count(*) FROM clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', top_tier => 1, offers => 0);
SELECT count(*) FROM clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', top_tier => 1, offers => 2147483647, min_together => 2147483647);
SELECT count(*) FROM clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', top_tier => 1, offers => 2147483647, min_together => 0);
SELECT pg_typeof(customer_id), pg_typeof(rank), pg_typeof(product), pg_typeof(because), pg_typeof(together), pg_typeof(confidence), pg_typeof(lift), pg_typeof(lift_low)
FROM clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', top_tier => 1) LIMIT 1;

-- empty, and nothing yet
CREATE TABLE empty (LIKE item);
SELECT count(*) FROM clv_products('empty', 'customer', 'at', 'amount', 'product');
SELECT count(*) FROM clv_first_products('empty', 'customer', 'at', 'amount', 'product');
SELECT count(*) FROM clv_first_products('empty', 'customer', 'at', 'amount', 'product', as_of => '2024-01-01', order_id => 'order_no');
SELECT count(*) FROM clv_cross_sell('empty', 'customer', 'at', 'amount', 'product');
SELECT count(*) FROM clv_products('item', 'customer', 'at', 'amount', 'product', as_of => '2023-12-31');
SELECT count(*) FROM clv_first_products('item', 'customer', 'at', 'amount', 'product', as_of => '4713-11-24 BC');
-- what is to come is not looked at
CREATE VIEW future AS SELECT customer, at, product, amount FROM item UNION ALL SELECT 9, '5000-01-01', 'beans', 1000;
SELECT count(*) FROM ((SELECT f::text FROM clv_products('future', 'customer', 'at', 'amount', 'product') AS f) EXCEPT ALL (SELECT f::text FROM clv_products('item', 'customer', 'at', 'amount', 'product') AS f)) AS d;
SELECT count(*) FROM ((SELECT f::text FROM clv_first_products('future', 'customer', 'at', 'amount', 'product', horizon => '30 days') AS f) EXCEPT ALL (SELECT f::text FROM clv_first_products('item', 'customer', 'at', 'amount', 'product', horizon => '30 days') AS f)) AS d;
-- the default is the last day with a purchase: what is given back later is not looked at, unless a day is given
CREATE VIEW late AS SELECT customer, at, product, amount FROM item UNION ALL SELECT 1, '2024-12-01', 'beans', -7;
SELECT value - v.late AS products FROM clv_products('item', 'customer', 'at', 'amount', 'product') AS p,
    LATERAL (SELECT value AS late FROM clv_products('late', 'customer', 'at', 'amount', 'product') AS l WHERE l.product = p.product) AS v WHERE product = 'beans'
UNION ALL SELECT value - v.late FROM clv_products('item', 'customer', 'at', 'amount', 'product') AS p,
    LATERAL (SELECT value AS late FROM clv_products('late', 'customer', 'at', 'amount', 'product', '2024-12-01') AS l WHERE l.product = p.product) AS v WHERE product = 'beans';
CREATE VIEW late_basket AS SELECT customer, at, product, amount FROM basket UNION ALL SELECT customer, '4000-01-01', product, amount FROM basket UNION ALL SELECT '35', '2024-12-01', product, -1 FROM basket;
SELECT count(*) FILTER (WHERE customer_id = '35') AS offers, count(*) FILTER (WHERE customer_id = '35' AND as_of IS NOT NULL) AS given_back, count(*) FILTER (WHERE as_of IS NULL) = (SELECT count(*) FROM clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', top_tier => 1)) AS same
FROM unnest('{NULL, 2024-12-01}'::date[]) AS as_of, clv_cross_sell('late_basket', 'customer', 'at', 'amount', 'product', as_of, 1);

-- types of the columns
CREATE DOMAIN price AS numeric(10,2);
CREATE TYPE person AS (a integer, b text);
CREATE FUNCTION try(customer text, at text, product text, amount text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('CREATE TEMP VIEW tried AS SELECT %s AS customer, at::%s AS at, %s AS product, amount::%s AS amount FROM item WHERE amount <> 5', customer, at, product, amount);
    SELECT string_agg(concat_ws(' ', p.product, customers, top_customers, value), ', ') FROM clv_products('tried', 'customer', 'at', 'amount', 'product') AS p INTO result;
    SELECT concat_ws(' | ', result, string_agg(concat_ws(' ', p.product, customers, round(first_value, 2)), ', ')) FROM clv_first_products('tried', 'customer', 'at', 'amount', 'product', horizon => '1 day') AS p INTO result;
    SELECT concat_ws(' | ', result, count(*)) FROM clv_cross_sell('tried', 'customer', 'at', 'amount', 'product', top_tier => 1, min_together => 1) AS p INTO result;
    DROP VIEW tried;
    RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
SELECT c, t, p, a, try(c, t, p, a) FROM (VALUES ('customer', 'timestamp', 'product', 'numeric'), ('customer::text', 'date', 'product::varchar', 'float8'), ('customer::numeric', 'timestamptz', 'product::bpchar', 'real'),
    ('md5(customer::text)::uuid', 'date', 'length(product)', 'price'), ('(customer, NULL)::person', 'date', '(length(product), NULL)::person', 'bigint'), ('ARRAY[customer]', 'date', 'ARRAY[product]', 'integer'),
    ('jsonb_build_object(''id'', customer)', 'date', 'to_jsonb(product)', 'smallint'),
    ('customer', 'text', 'product', 'numeric'), ('customer', 'clv_history', 'product', 'numeric'), ('customer', 'date', 'product', 'money'), ('to_json(customer)', 'date', 'product', 'numeric'), ('customer', 'date', 'to_json(product)', 'numeric')) AS v (c, t, p, a);
CREATE TABLE history AS SELECT customer, clv_history(amount, at) AS at, min(product) AS product, sum(amount) AS amount FROM item GROUP BY customer;
SELECT error_of($$SELECT * FROM clv_products('history', 'customer', 'at', 'amount', 'product')$$);
-- equal values have one label, whichever came first
CREATE TABLE decimals AS SELECT c::numeric AS customer, date '2024-01-01' AS at, p::numeric AS product, 1 AS amount FROM unnest('{1,1.0,1.00}'::text[]) AS c, unnest('{7.00,7,7.0}'::text[]) AS p;
SELECT product, customers, orders FROM clv_products('decimals', 'customer', 'at', 'amount', 'product');
SELECT product, customers FROM clv_first_products('decimals', 'customer', 'at', 'amount', 'product');

-- a time zone decides on the day of a timestamptz
CREATE TABLE moment AS SELECT 1 AS customer, timestamptz '2024-03-31 22:30 UTC' AS at, 'a' AS product, 1 AS amount UNION ALL SELECT 1, '2024-04-01 10:00+00', 'b', 1;
SELECT zone, product, customers FROM unnest('{UTC,Europe/Berlin}'::text[]) AS zone, clv_first_products('moment', 'customer', 'at', 'amount', 'product', time_zone => zone) WHERE NOT is_total ORDER BY 1, 2;
SELECT zone, count(*) FROM unnest('{UTC,Europe/Berlin}'::text[]) AS zone, clv_products('moment', 'customer', 'at', 'amount', 'product', time_zone => zone, as_of => '2024-03-31') GROUP BY zone ORDER BY zone;
SET TimeZone = 'Asia/Jakarta';
SELECT product, customers FROM clv_first_products('moment', 'customer', 'at', 'amount', 'product');
SET TimeZone = 'UTC';

-- a composite is there even where a part of it is NULL
CREATE TABLE composite (customer person, product person, at date, amount numeric);
INSERT INTO composite VALUES ((1, NULL), (7, NULL), '2024-01-01', 5), ((NULL, NULL), (NULL, NULL), '2024-01-02', 5), (NULL, (7, NULL), '2024-01-02', 7), ((1, NULL), NULL, '2024-01-02', 9);
SELECT product, customers, value, lines_without_customer FROM clv_products('composite', 'customer', 'at', 'amount', 'product');
SELECT product, is_total, customers, first_value FROM clv_first_products('composite', 'customer', 'at', 'amount', 'product', horizon => '1 day');
SELECT count(*) FROM clv_cross_sell('composite', 'customer', 'at', 'amount', 'product', top_tier => 1, min_together => 1);

-- shares
SELECT k, n, c, round(clv_internal_share_low(k, n, c)::numeric, 12) AS low, round(clv_internal_share_high(k, n, c)::numeric, 12) AS high
FROM (VALUES (0, 1, 0.95), (1, 1, 0.95), (15, 148, 0.95), (15, 148, 0.5), (9223372036854775807, 9223372036854775807, 0.95)) AS v (k, n, c);
SELECT clv_internal_share_low(0, 0), clv_internal_share_high(0, 0), clv_internal_share_low(NULL, 1), clv_internal_share_high(1, NULL), clv_internal_share_low(1, 2, NULL);
SELECT call, error_of('SELECT ' || call) FROM unnest(ARRAY['clv_internal_share_low(-1, 2)', 'clv_internal_share_high(3, 2)', 'clv_internal_share_low(0, -1)', 'clv_internal_share_low(1, 2, 0)', 'clv_internal_share_high(1, 2, 1)', $$clv_internal_share_high(0, 0, 'NaN')$$]) AS call;

-- errors
SELECT call, CASE WHEN call ~ 'Mars' THEN state_of('SELECT * FROM ' || call) ELSE error_of('SELECT * FROM ' || call) END AS error FROM unnest(ARRAY[
    $$clv_products(NULL, 'customer', 'at', 'amount', 'product')$$, $$clv_products('item', NULL, 'at', 'amount', 'product')$$, $$clv_products('item', 'customer', NULL, 'amount', 'product')$$,
    $$clv_products('item', 'customer', 'at', NULL, 'product')$$, $$clv_products('item', 'customer', 'at', 'amount', NULL)$$,
    $$clv_products('item', 'customer', 'at', 'amount', 'product', top_tier => NULL)$$, $$clv_products('item', 'customer', 'at', 'amount', 'product', top_tier => 0)$$, $$clv_products('item', 'customer', 'at', 'amount', 'product', top_tier => 1.01)$$,
    $$clv_products('item', 'customer', 'at', 'amount', 'product', top_tier => 'NaN')$$, $$clv_products('empty', 'customer', 'at', 'amount', 'product', top_tier => 0.1234567891)$$,
    $$clv_products('item', 'customer', 'at', 'amount', 'product', level => NULL)$$, $$clv_products('empty', 'customer', 'at', 'amount', 'product', level => 1)$$, $$clv_products('item', 'customer', 'at', 'amount', 'product', level => 0)$$, $$clv_products('item', 'customer', 'at', 'amount', 'product', level => 'NaN')$$,
    $$clv_products('item', 'customer', 'at', 'amount', 'product', as_of => 'infinity')$$, $$clv_products('item', 'customer', 'at', 'amount', 'product', time_zone => 'UTC')$$, $$clv_products('moment', 'customer', 'at', 'amount', 'product', time_zone => 'Mars/Olympus')$$,
    $$clv_products('item', 'client', 'at', 'amount', 'product')$$, $$clv_products('item', 'customer', 'at', 'amount', 'Product')$$, $$clv_products('item', 'customer', 'at', 'amount', 'product', order_id => 'order')$$,
    $$clv_products('item', 'customer', 'amount', 'amount', 'product')$$, $$clv_products('item', 'customer', 'at', 'product', 'product')$$, $$clv_products(0, 'customer', 'at', 'amount', 'product')$$,
    $$clv_first_products('item', 'customer', 'at', 'amount', 'product', horizon => NULL)$$, $$clv_first_products('item', 'customer', 'at', 'amount', 'product', horizon => '0 days')$$, $$clv_first_products('item', 'customer', 'at', 'amount', 'product', horizon => '1 hour')$$,
    $$clv_first_products('item', 'customer', 'at', 'amount', 'product', horizon => '2 months -1 day')$$, $$clv_first_products('item', 'customer', 'at', 'amount', 'product', as_of => '-infinity')$$, $$clv_first_products('item', 'customer', 'at', 'amount', 'goods')$$,
    $$clv_cross_sell('item', 'customer', 'at', 'amount', 'product', top_tier => -1)$$, $$clv_cross_sell('item', 'customer', 'at', 'amount', 'product', offers => -1)$$, $$clv_cross_sell('item', 'customer', 'at', 'amount', 'product', offers => NULL)$$,
    $$clv_cross_sell('item', 'customer', 'at', 'amount', 'product', min_together => -1)$$, $$clv_cross_sell('item', 'customer', 'at', 'amount', 'product', min_together => NULL)$$, $$clv_cross_sell('item', 'customer', 'at', 'amount', NULL)$$, $$clv_cross_sell('item', 'customer', 'at', 'amount', 'goods')$$]) AS call;
CREATE FUNCTION try_all(source text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT error_of(format('SELECT * FROM %s(%L, ''customer'', ''at'', ''amount'', ''product'')', f, source)) FROM unnest('{clv_products,clv_first_products,clv_cross_sell}'::text[]) AS f $$;
CREATE TABLE bad AS SELECT customer, at, product, amount::float8 AS amount FROM item;
UPDATE bad SET amount = 'NaN' WHERE customer = 10;
SELECT try_all('bad');
UPDATE bad SET amount = '-infinity' WHERE customer = 10;
SELECT try_all('bad');
ALTER TABLE bad ALTER amount TYPE real;
SELECT try_all('bad');
UPDATE bad SET amount = 1, at = 'infinity' WHERE customer = 10;
SELECT try_all('bad');
UPDATE bad SET at = '-infinity' WHERE customer = 10;
SELECT try_all('bad');
-- a set in the select list, and called twice
SELECT (clv_products('free', 'customer', 'at', 'amount', 'product')).product;
SELECT count(*) FROM generate_series(1, 3), clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', top_tier => 1);

-- names that try to be something else
CREATE SCHEMA "Sch""ema; DROP TABLE item; --";
CREATE TABLE "Sch""ema; DROP TABLE item; --"."ta'ble"") AS o; DROP TABLE item; --" ("cus""tomer" text, "at'); DROP TABLE item; --" date, "%s $1 \ ä" numeric, "SELECT" text,
    "sixty-three bytes, one of them a double quote "" and more more m" integer);
INSERT INTO "Sch""ema; DROP TABLE item; --"."ta'ble"") AS o; DROP TABLE item; --" SELECT 'c'';--' || c, '2024-01-05', 5, p, c FROM generate_series(1, 40) AS c, unnest('{x'';,"\\y",%s}'::text[]) AS p WHERE p <> '%s' OR c > 20;
UPDATE "Sch""ema; DROP TABLE item; --"."ta'ble"") AS o; DROP TABLE item; --" SET "SELECT" = 'z' WHERE "cus""tomer" IN (SELECT 'c'';--' || c FROM generate_series(1, 12) AS c) AND "SELECT" LIKE 'x%';
SELECT product, customers, orders FROM clv_products('"Sch""ema; DROP TABLE item; --"."ta''ble"") AS o; DROP TABLE item; --"', 'cus"tomer', 'at''); DROP TABLE item; --', '%s $1 \ ä', 'SELECT', order_id => 'sixty-three bytes, one of them a double quote " and more more m');
SELECT product, customers FROM clv_first_products('"Sch""ema; DROP TABLE item; --"."ta''ble"") AS o; DROP TABLE item; --"', 'cus"tomer', 'at''); DROP TABLE item; --', '%s $1 \ ä', 'SELECT', order_id => 'sixty-three bytes, one of them a double quote " and more more m');
SELECT customer_id, product, because, together FROM clv_cross_sell('"Sch""ema; DROP TABLE item; --"."ta''ble"") AS o; DROP TABLE item; --"', 'cus"tomer', 'at''); DROP TABLE item; --', '%s $1 \ ä', 'SELECT', top_tier => 1, for_customer => 'c'';--15');
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT count(*) FROM clv_cross_sell('basket', 'customer', 'at', 'amount', 'product', for_customer => E'\\''; DROP TABLE item; --');
RESET standard_conforming_strings;
SELECT count(*) FROM item;

-- with the rights of who calls: privileges, row-level security
CREATE ROLE clv_reader;
CREATE ROLE clv_stranger;
GRANT USAGE ON SCHEMA products TO clv_reader, clv_stranger;
GRANT SELECT ON item TO clv_reader;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON item TO clv_reader USING (product = 'grinder');
SET ROLE clv_reader;
SELECT product, customers, value FROM clv_products('item', 'customer', 'at', 'amount', 'product');
SELECT product, is_total, customers FROM clv_first_products('item', 'customer', 'at', 'amount', 'product');
SET ROLE clv_stranger;
SELECT split_part(try_all('item'), ' | ', 1);
-- somebody else's operators and functions are not called
RESET ROLE;
CREATE SCHEMA trap;
CREATE FUNCTION trap.clv(numeric, timestamp) RETURNS numeric LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
CREATE FUNCTION trap.trapped(numeric, integer) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
CREATE OPERATOR trap.>= (LEFTARG = numeric, RIGHTARG = integer, FUNCTION = trap.trapped);
CREATE FUNCTION trap.trapped(integer, integer) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
CREATE OPERATOR trap.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = trap.trapped);
CREATE FUNCTION trap.sum(numeric) RETURNS numeric LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
CREATE DOMAIN trap.text AS integer;
SET search_path = trap, pg_catalog, public;
SELECT count(*) FROM public.clv_products('products.item', 'customer', 'at', 'amount', 'product', order_id => 'order_no');
SELECT count(*) FROM public.clv_first_products('products.item', 'customer', 'at', 'amount', 'product', order_id => 'order_no');
SELECT count(*) FROM public.clv_cross_sell('products.basket', 'customer', 'at', 'amount', 'product', top_tier => 1.0);
SET search_path = products, public;
DROP SCHEMA trap CASCADE;
DROP SCHEMA "Sch""ema; DROP TABLE item; --" CASCADE;
DROP OWNED BY clv_reader, clv_stranger;
DROP ROLE clv_reader;
DROP ROLE clv_stranger;
DROP SCHEMA products CASCADE;

-- a domain over an enum, and a type whose text is unknown
CREATE TYPE roast AS ENUM ('light', 'dark');
CREATE DOMAIN some_roast AS roast;
CREATE TYPE mood AS ENUM ('good');
CREATE FUNCTION no_text(mood) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT NULL::text';
CREATE CAST (mood AS text) WITH FUNCTION no_text(mood);
CREATE TABLE odd AS SELECT n AS customer, CASE WHEN n % 2 = 0 THEN 'light' ELSE 'dark' END::some_roast AS roast, 'good'::mood AS mood, date '2024-01-01' AS day, n AS amount FROM generate_series(1, 100) AS n;
SELECT product, customers, top_customers FROM clv_products('odd', 'customer', 'day', 'amount', 'roast', as_of => '2024-12-31');
SELECT product, is_total, customers FROM clv_first_products('odd', 'roast', 'day', 'amount', 'customer', horizon => '1 day', as_of => '2024-12-31') WHERE is_total;
SELECT (SELECT count(*) FROM clv_cross_sell('odd', 'roast', 'day', 'amount', 'roast', NULL, 1, 3, 1)), (SELECT count(*) FROM clv_cross_sell('odd', 'mood', 'day', 'amount', 'mood', NULL, 1, 3, 1));
INSERT INTO odd SELECT n, 'dark', 'good', '2024-01-01', 1 FROM generate_series(2, 100, 4) AS n;
SELECT count(*) FROM clv_cross_sell('odd', 'customer', 'day', 'amount', 'mood', NULL, 1, 3, 1);
DROP TABLE odd;
DROP CAST (mood AS text);
DROP FUNCTION no_text;
DROP TYPE mood;
DROP DOMAIN some_roast;
DROP TYPE roast;
