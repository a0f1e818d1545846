-- The aggregates over orders: types, NULLs, empty sets, errors.
\pset format unaligned
\pset null NULL

CREATE TABLE book (customer int, at timestamp, amount numeric(10,2));
INSERT INTO book VALUES
    (1, '2024-01-05 10:00', 29.33), (1, '2024-01-18 23:59:59.999999', 20.46),
    (1, '2024-01-18 00:00', 39.00), (1, '2024-01-25', -10.00), (1, '2024-02-01', NULL),
    (2, '2023-12-31', 5.00), (2, NULL, 1.00), (3, NULL, 1.00), (3, '2024-03-01', NULL),
    (4, '2024-03-01', -7.50);
SELECT customer, clv(amount, at), clv(amount, at, '1 year'), clv_history(amount, at)
FROM book GROUP BY customer ORDER BY customer;

-- a line for each type of amount and time: result, its type, and the history
CREATE FUNCTION try(amount text, at text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT concat_ws('' | '', clv(a, t), pg_typeof(clv(a, t)), clv(a, t, ''1 year''),
                           pg_typeof(clv(a, t, ''1 year'')), clv_history(a, t))
                    FROM (VALUES (''7''::%1$s, ''2024-01-05 10:00''::%2$s), (''12'', ''2024-03-06'')) v (a, t)',
                   amount, at) INTO result;
    RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
SELECT a, t, try(a, t)
FROM unnest('{numeric,"numeric(8,3)",smallint,integer,bigint,double precision,real,money,text}'::text[]) AS a,
     unnest('{date,timestamp,timestamptz}'::text[]) AS t;
CREATE DOMAIN price AS numeric(10,2) CHECK (VALUE >= 0);
SELECT try('price', 'date');
SELECT state_of($$SELECT clv('1', '2024-01-01')$$);
SELECT clv(amount::money::numeric, at) FROM book WHERE customer = 1;

-- a timestamptz falls on a day in the session's time zone
SET TimeZone = 'Asia/Jakarta';
SELECT clv_history(1, timestamptz '2024-01-05 17:30 UTC');
SELECT clv_history(1, timestamp '2024-01-05 17:30');
SET TimeZone = 'America/New_York';
SELECT clv_history(1, timestamptz '2024-01-05 02:30 UTC');
RESET TimeZone;
SELECT clv_history(1, timestamptz '2024-01-05 17:30 UTC' AT TIME ZONE 'Asia/Jakarta');

-- the ends of the calendar
SELECT clv_history(1, t) FROM (VALUES (timestamp '4713-11-24 00:00 BC'), ('0001-12-31 23:59:59 BC'),
    ('1999-12-31 23:59:59.999999'), ('2000-01-01'), ('294276-12-31 23:59:59.999999')) v (t);
SELECT clv_history(1, d) FROM (VALUES (date '4713-11-24 BC'), (date '5874897-12-31')) v (d);

-- west of Greenwich the first moment is on a day before the first
SET TimeZone = 'America/New_York';
SELECT error_of($$SELECT clv_history(1, timestamptz '4714-11-24 00:00+00 BC')$$);
SELECT error_of($$SELECT clv_history(1, (timestamptz '4714-11-24 00:00+00 BC')::date)$$);
SELECT error_of($$SELECT clv(1, timestamptz '4714-11-24 00:00+00 BC', '1 year')$$);
SELECT error_of($$SELECT clv_history(-50, timestamptz '4714-11-24 00:00+00 BC' + i * 7 % 60 * interval '1 day') FROM generate_series(1, 90) AS i$$);
RESET TimeZone;
SELECT clv_history(1, t) FROM (VALUES (timestamp '4714-11-24 00:00 BC')) v (t);

-- nothing is nothing, and not zero
SELECT clv(amount, at), clv(amount, at, '1 year'), clv_history(amount, at) FROM book WHERE false;
SELECT clv(NULL::numeric, NULL::date), clv(NULL::int, NULL::date, NULL), clv_history(NULL::float8, NULL::date);
SELECT clv_rollup(h), clv_rollup(NULL::clv_history) FROM (VALUES (NULL::clv_history)) v (h);

-- printed with the most decimals that came in, as sum() does
SELECT clv(a, date '2024-01-01'), sum(a) FROM (VALUES (1.5), (2.50), (-1)) v (a);
SELECT clv(a, date '2024-01-01'), sum(a) FROM (VALUES (1e20), (1.5::numeric(60,40)), (-1e20)) v (a);
SELECT clv_history(a, date '2024-01-01') FROM (VALUES (1.5::numeric), (2.50)) v (a);

-- exact up to the documented bounds, refused beyond
SELECT clv(a, d), clv_history(a, d) FROM (VALUES
    (9999999999999999999999999999999999999.999999999999999999999999999999, date '2024-01-01'),
    (0.000000000000000000000000000001, '2024-01-02')) v (a, d);
SELECT clv(a, d), clv_history(a, d) FROM (VALUES
    (9223372036854775807, date '2024-01-01'), (9223372036854775807, '2024-01-01'),
    (-9223372036854775808, '2024-01-01')) v (a, d);
SELECT clv(a, d), clv_history(a, d) FROM (VALUES
    (33.3333333333333333, date '2024-01-01'), (1.000000000000000001, '2024-01-01')) v (a, d);
SELECT error_of(format('SELECT %s(%s, %s)', f, a, t))
FROM unnest('{clv,clv_history}'::text[]) AS f, (VALUES
    ('1e37', 'now()'), ('-1e37', 'now()'), ('1e-31', 'now()'), ('1e1000', 'now()'),
    ('''NaN''::numeric', 'now()'), ('''inf''::numeric', 'now()'), ('''-inf''::numeric', 'now()'),
    ('''NaN''::float8', 'now()'), ('''inf''::float8', 'now()'), ('''-inf''::float8', 'now()'), ('1e300::float8', 'now()'),
    ('1', '''infinity''::date'), ('1', '''-infinity''::timestamp'), ('1', '''infinity''::timestamptz')) v (a, t);

-- doubles are read as amount::numeric
SELECT clv(a, date '2024-01-01'), sum(a::numeric)::float8 FROM (VALUES (0.1::float8), (0.2), (1e-7), (-0.0)) v (a);

-- and reals as the shortest number that is the same real
SELECT clv(a, d), sum(a::text::numeric)::float8, clv_history(a, d)
FROM (VALUES (29.33::real, date '2024-01-01'), (1234.56, '2024-01-02'), (12345.67, '2024-01-03'), (1e-7, '2024-01-04'),
    (1e20, '2024-01-05'), (-0.1, '2024-01-06')) v (a, d);
SELECT error_of($$SELECT clv('NaN'::real, date '2024-01-01')$$), error_of($$SELECT clv('infinity'::real, date '2024-01-01')$$);
-- lifespan: by rule of thumb
SELECT clv(5000000, d, interval '4 years'), clv(5000000::float8, d::date, interval '48 months')
FROM generate_series(timestamp '2020-01-01', '2023-12-01', '1 month') AS d;
SELECT clv(amount, at, l) FROM book, (VALUES (interval '1 year'), ('1 day')) v (l) WHERE customer = 2 GROUP BY l ORDER BY l;
SELECT error_of(format('SELECT clv(a, d, l::interval) FROM (VALUES (1, date ''2024-01-01'', %L), (1, ''2024-01-01'', %L)) v (a, d, l)', a, b))
FROM (VALUES ('1 year', '12 months'), ('30 days', '1 month'), ('1 year', '2 years'), ('1 year', NULL),
    ('0 days', '0 days'), ('-1 year', '-1 year'), ('36 hours', '36 hours'), ('24 hours', '1 day')) v (a, b);
-- a row that does not count has no lifespan to be wrong
SELECT clv(a, d, l) FROM (VALUES (1, date '2024-01-01', interval '1 year'), (NULL, '2024-01-01', NULL)) v (a, d, l);

-- window frames
SELECT at, amount, clv(amount, at) OVER w AS clv, sum(amount) FILTER (WHERE at IS NOT NULL) OVER w AS sum
FROM book WINDOW w AS (PARTITION BY customer ORDER BY at ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)
ORDER BY customer, at, amount;
SELECT clv(a, d) OVER (ORDER BY d ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM (VALUES (1.000, date '2024-01-01'), (2.5, '2024-01-02'), (3, '2024-01-03'), (4, '2024-01-04')) v (a, d);
SELECT clv_history(a, d) OVER (ORDER BY d), clv_rollup(h) OVER (ORDER BY d)
FROM (VALUES (1, date '2024-01-01', '{2024-01-01: 1}'::clv_history), (2, '2024-01-02', '{2024-01-02: 2}')) v (a, d, h);
DROP TABLE book;
DROP FUNCTION try;
DROP DOMAIN price;

-- support functions are not for users
SELECT call, refused(call) FROM (VALUES
    ('clv_internal_deserial(NULL, NULL)'), ($$clv_internal_deserial('\x01', NULL)$$), ($$clv_internal_history_deserial('\x01', NULL)$$),
    ($$clv_internal_lifespan_deserial('\x01', NULL)$$), ('clv_internal_final(NULL)'), ('clv_internal_history_final(NULL)'), ('clv_internal_combine(NULL, NULL)'),
    ('clv_internal_accum(NULL, 1, now())'), ('clv_internal_moving_accum(NULL, 1, now())'), ('clv_internal_moving_inverse(NULL, 1, now())'),
    ('clv_internal_history_accum(NULL, 1, now())'), ($$clv_internal_lifespan_accum(NULL, 1, now(), '1 day')$$)) v (call);
SELECT error_of('SELECT ' || call) FROM (VALUES
    ($$clv_internal_rollup_accum('{2024-01-01: 1}', '{2024-01-01: 1}')$$), ($$clv_internal_rollup_final('{}')$$)) v (call);
