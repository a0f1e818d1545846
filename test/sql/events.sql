-- Events: what came first, and how far through a sequence of steps.
SET DateStyle = 'ISO';
SET TimeZone = 'UTC';

-- clv_first: the earliest; of equal times the smallest, and NULL last; a time that is NULL is no row
CREATE TABLE visit (customer integer, at timestamp, channel text, amount numeric);
INSERT INTO visit VALUES
    (1, '2024-01-05 10:00', 'search', 10), (1, '2024-01-04 10:00', 'email', -5), (1, NULL, 'ads', 1), (1, '2024-02-01', 'direct', 10.0),
    (2, '2024-01-05', 'social', 7), (2, '2024-01-05', 'email', 8), (2, '2024-01-05', NULL, 6),
    (3, '2024-01-05', NULL, 6), (3, '2024-01-06', 'email', 6),
    (4, NULL, 'email', 6), (5, '2024-01-05', NULL, NULL);
SELECT customer, clv_first(channel, at), clv_first(channel, at) FILTER (WHERE amount >= 0) AS bought, clv_first(amount, at) AS amount,
       clv_first(channel, at::date) AS "date", clv_first(channel, at::timestamptz) AS "timestamptz"
FROM visit GROUP BY customer ORDER BY customer;
SELECT clv_first(channel, at) FROM visit WHERE false;
SELECT clv_first(NULL::integer, now()), clv_first(1, NULL::date), clv_first(1, now()) OVER (), clv_first(DISTINCT 1, now()) FILTER (WHERE false);
SELECT at, clv_first(channel, at) OVER (ORDER BY at DESC ROWS 1 PRECEDING) FROM visit WHERE customer = 1 ORDER BY at;

-- values of any type with an order, as that type
CREATE TYPE stage AS ENUM ('young', 'old');
CREATE DOMAIN grade AS numeric(4,1) CHECK (VALUE > 0);
CREATE DOMAIN word AS text NOT NULL;
CREATE TYPE pair AS (a integer, b text);
CREATE FUNCTION try(type text, smaller text, larger text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT concat_ws('' | '', clv_first(v, t), pg_typeof(clv_first(v, t)), clv_first(v, date ''2024-01-01'')) FROM (VALUES (%2$L::%1$s, timestamp ''2024-01-02''), (%3$L::%1$s, ''2024-01-01'')) v (v, t)',
                   type, smaller, larger) INTO result;
    RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
SELECT type, try(type, smaller, larger) FROM (VALUES
    ('boolean', 'f', 't'), ('smallint', '-2', '1'), ('integer', '-2', '1'), ('bigint', '-5000000000', '1'), ('real', '-1.5', 'NaN'), ('double precision', '1', 'inf'),
    ('numeric', '9.5', '10'), ('text', 'a', 'b'), ('varchar(3)', 'a', 'b'), ('char(3)', 'a', 'b'), ('"char"', 'a', 'b'), ('name', 'a', 'b'), ('bytea', '\x00', '\xff'),
    ('date', '2024-01-01', 'infinity'), ('time', '10:00', '11:00'), ('timestamptz', '2024-01-01', '2024-01-02'), ('interval', '29 days', '1 month'), ('uuid', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
    ('jsonb', '1', '2'), ('inet', '10.0.0.1', '10.0.0.2'), ('integer[]', '{1,2}', '{1,3}'), ('text[]', '{a}', '{a,NULL}'), ('int4range', '[1,2)', '[1,3)'), ('tsvector', 'a', 'a b'), ('oid', '1', '4000000000'), ('pg_lsn', '0/1', '0/2'),
    ('stage', 'young', 'old'), ('grade', '1.5', '10'), ('word', 'a', 'b'), ('pair', '(1,a)', '(1,b)'), ('clv_history', '{2024-01-01: 5}', '{2024-01-01: 6}'), ('clv_rfm', '(2024-01-01,1,1)', '(2024-01-01,1,2)'),
    ('json', '1', '2'), ('point', '(0,0)', '(1,1)'), ('xid', '1', '2'), ('json[]', '{1}', '{2}')) v (type, smaller, larger);
DROP FUNCTION try;
SELECT clv_first(ROW(x, 'a'::text), now()), clv_first(ROW(x, 'a'::text), d) FROM (VALUES (2, date '2024-01-01'), (1, '2024-01-02')) v (x, d);
SELECT error_of('SELECT clv_first(' || arguments || ')') FROM (VALUES ('json ''1'', now()'), ('point ''(1,2)'', date ''2024-01-01'''), ('1, ''infinity''::date'), ('1, ''-infinity''::timestamp'), ('1, ''infinity''::timestamptz')) v (arguments);
SELECT state_of('SELECT clv_first(' || arguments || ')') FROM (VALUES ('ROW(json ''1''), now()) FROM generate_series(1, 2'), ('''x'', now()'), ('1, 2'), ('1'), ('1, time ''10:00''')) v (arguments);
-- a collation decides; what is equal and not the same is told apart, whatever the order of rows
SELECT clv_first(v COLLATE "POSIX", now()) AS "POSIX", clv_first(v COLLATE "C", now()) AS "C" FROM (VALUES ('a'), ('B')) t (v);
SELECT string_agg(clv_first::text, ' ') FROM (SELECT clv_first(v, now() ORDER BY v::text) FROM (VALUES (1.0), (1.00), (1)) t (v)
    UNION ALL SELECT clv_first(v, now() ORDER BY v::text DESC) FROM (VALUES (1.0), (1.00), (1)) t (v)) AS s;
SELECT string_agg(clv_first::text, ', ') FROM (SELECT clv_first(v, now() ORDER BY v::text) FROM (VALUES (interval '1 month'), ('30 days')) t (v)
    UNION ALL SELECT clv_first(v, now() ORDER BY v::text DESC) FROM (VALUES (interval '1 month'), ('30 days')) t (v)) AS s;
SELECT string_agg(clv_first::text, ' ') FROM (SELECT clv_first(v, now() ORDER BY i) FROM (VALUES (1, '-0'::float8), (2, 0)) t (i, v)
    UNION ALL SELECT clv_first(v, now() ORDER BY -i) FROM (VALUES (1, '-0'::float8), (2, 0)) t (i, v)) AS s;
-- large values, compressed and stored aside
CREATE TABLE page (i integer, body text);
ALTER TABLE page ALTER body SET STORAGE EXTERNAL;
INSERT INTO page SELECT i, repeat(i::text, 9000) FROM generate_series(1, 9) AS i;
INSERT INTO page VALUES (10, 'short');
SELECT left(clv_first(body, date '2024-01-01' + i), 3), length(clv_first(body, date '2024-01-01' - i % 10)), left(clv_first(body, date '2024-01-01'), 3), left(clv_first(body, date '2024-01-01' + i % 2) FILTER (WHERE i > 3), 3) FROM page;

-- clv_funnel: steps in order, other events in between, all within a span of step 1
CREATE TABLE event (customer integer, at timestamp, what text);
INSERT INTO event VALUES
    (1, '2024-01-01 10:00', 'visit'), (1, '2024-01-02 10:00', 'cart'), (1, '2024-01-02 12:00', 'visit'), (1, '2024-01-08 10:00', 'buy'),
    (2, '2024-01-01 10:00', 'visit'), (2, '2024-01-02 10:00', 'cart'), (2, '2024-01-08 10:00:00.000001', 'buy'),
    (3, '2024-01-03', 'cart'), (3, '2024-01-02', 'buy'), (3, '2024-01-01', 'visit'),
    (4, '2024-01-01', 'buy'), (4, '2024-01-01', 'cart'), (4, '2024-01-01', 'visit'),
    (5, '2024-01-01', 'cart'), (5, '2024-01-02', 'buy'), (5, NULL, 'visit'),
    (6, '2024-01-01', NULL), (7, NULL, 'visit'), (8, '2024-01-01', 'read'),
    -- a later start gets further; the earliest of those that do is shown
    (9, '2024-01-01', 'visit'), (9, '2024-02-01', 'visit'), (9, '2024-02-02', 'visit'), (9, '2024-02-03', 'cart'), (9, '2024-02-04', 'cart'), (9, '2024-02-07', 'buy'), (9, '2024-02-08', 'buy');
SELECT customer, clv_funnel('7 days', at, what = 'visit', what = 'cart', what = 'buy'), clv_funnel_times('7 days', at, what = 'visit', what = 'cart', what = 'buy'),
       clv_funnel('7 days', at::date, what = 'visit', what = 'cart', what = 'buy') AS "date", clv_funnel('7 days', at::timestamptz, what = 'visit', what = 'cart', what = 'buy') AS "timestamptz",
       clv_funnel('0', at, what = 'visit', what = 'cart', what = 'buy') AS zero
FROM event GROUP BY customer ORDER BY customer;
SELECT clv_funnel('7 days', at, true), clv_funnel_times('7 days', at, true) FROM event WHERE false;
SELECT clv_funnel('1 day', at, VARIADIC ARRAY[what = 'visit', what = 'cart']), clv_funnel('1 day', at, VARIADIC '[0:1]={f,t}'), clv_funnel('1 day', at, what = 'visit'), clv_funnel('1 day', at, what = 'read', false, NULL), clv_funnel_times('1 day', at, NULL, NULL) FROM event;
SELECT clv_funnel('0', at, true, true), clv_funnel_times('0', at, true, NOT NULL, what = 'visit') FROM event WHERE customer = 8;
SELECT clv_funnel('1 day', date '2024-01-01', VARIADIC array_fill(true, '{64}')), clv_funnel_times('1 day', date '2024-01-01', VARIADIC array_fill(true, '{64}')) = array_fill(date '2024-01-01', '{64}') AS same,
       clv_funnel('1 day', date '2024-01-01', VARIADIC array_fill(NULL::boolean, '{64}')) AS none, clv_funnel('1 day', date '2024-01-01' + i, VARIADIC ARRAY(SELECT CASE WHEN k = i OR k % 9 = 4 THEN k = i END FROM generate_series(1, 64) AS k)) AS one_a_day,
       clv_funnel('63 days', date '2024-01-01' + i, VARIADIC ARRAY(SELECT k = i FROM generate_series(1, 64) AS k)) AS all_of_them
FROM generate_series(1, 64) AS i;
SELECT pg_typeof(clv_funnel_times('1 day', at, true)), pg_typeof(clv_funnel_times('1 day', at::date, true)), pg_typeof(clv_funnel_times('1 day', at::timestamptz, true)), array_dims(clv_funnel_times('1 day', at, true, true, false)) FROM event;
SELECT at, clv_funnel('2 days', at, what = 'visit', what = 'cart', what = 'buy') OVER (ORDER BY at), clv_funnel_times('2 days', at, what = 'visit', what = 'cart', what = 'buy') OVER (ORDER BY at ROWS 2 PRECEDING) FROM event WHERE customer = 9 ORDER BY at;

-- the span: what PostgreSQL's own + says, the calendar included; times of day of a date's span count
CREATE FUNCTION reached(type text, span text, first text, second text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT concat_ws('' '', clv_funnel(%2$L, t, a, NOT a), CASE WHEN (clv_funnel_times(%2$L, t, a, NOT a))[2] IS NULL THEN ''-'' ELSE ''reached'' END) FROM (VALUES (%3$L::%1$s, true), (%4$L, false)) v (t, a)',
                   type, span, first, second) INTO result;
    RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
SET TimeZone = 'Europe/Berlin';
SELECT type, span, first, second, reached(type, span, first, second) FROM (VALUES
    ('timestamp', '1 month', '2024-01-31', '2024-02-29'), ('timestamp', '1 month', '2024-01-31', '2024-02-29 00:00:00.000001'), ('timestamp', '1 month 1 day 1 us', '2024-01-31', '2024-03-01 00:00:00.000001'),
    ('timestamp', '0', '2024-01-31', '2024-01-31'), ('timestamp', '1 us', '2024-01-31', '2024-01-31 00:00:00.000002'),
    ('date', '1 month', '2024-01-31', '2024-02-29'), ('date', '1 month', '2024-01-31', '2024-03-01'), ('date', '23:59:59', '2024-01-31', '2024-02-01'), ('date', '24:00', '2024-01-31', '2024-02-01'), ('date', '0', '2024-01-31', '2024-02-01'),
    ('date', '36 hours', '0001-12-31 BC', '0001-01-02'), ('date', '36 hours', '1999-12-30', '1999-12-31'), ('date', '47:59', '1999-12-30', '2000-01-01'), ('date', '5 years', '4713-01-01 BC', '4708-01-01 BC'),
    ('timestamptz', '1 day', '2024-03-30 12:00', '2024-03-31 12:00'), ('timestamptz', '23 hours', '2024-03-30 12:00', '2024-03-31 12:00'), ('timestamptz', '1 day', '2024-10-26 12:00', '2024-10-27 12:00'), ('timestamptz', '24 hours', '2024-10-26 12:00', '2024-10-27 12:00'),
    ('timestamptz', '1 month', '2024-03-01', '2024-04-01'), ('timestamptz', '1 month', '2024-03-01', '2024-04-01 00:00:01'),
    -- up to the end of time and beyond
    ('timestamp', '1 day', '294276-12-30', '294276-12-31'), ('timestamp', '1 day', '294276-12-30', '294276-12-31 00:00:01'), ('timestamp', '1 month', '294276-11-29', '294276-12-29'), ('timestamp', '1 month', '294276-11-29', '294276-12-30'),
    ('timestamp', '1 month', '294276-12-29', '294276-12-31 23:59:59.999999'), ('timestamp', '2147483647 days', '4713-01-01 BC', '294276-12-31'), ('timestamp', '178000000 years', '2024-01-01', '294276-12-31'), ('timestamp', '106751991 days 2562047788 hours', '2024-01-01', '294276-12-31'),
    ('timestamptz', '1 day', '294276-12-29', '294276-12-30'), ('timestamptz', '1 day', '294276-12-29', '294276-12-30 01:00'), ('timestamptz', '1 day', '294276-12-31 12:00', '294276-12-31 23:00'), ('timestamptz', '178000000 years', '4713-01-01 BC', '294276-12-31'),
    ('date', '1 month', '294276-12-30', '294276-12-31'), ('date', '1 day', '294276-12-29', '294276-12-31'), ('date', '1 day', '294276-12-31', '5874897-12-31'), ('date', '1 day', '5874897-01-01', '5874897-12-31'), ('date', '1 day', '5874897-12-31', '5874897-01-01')) v (type, span, first, second);
-- a chain from the later start can have to end earlier
SELECT start, timestamp '2024-02-29 12:00' <= start + interval '1 month' AS within FROM (VALUES (timestamp '2024-01-30 23:00'), ('2024-01-31 01:00')) v (start);
SELECT clv_funnel_times('1 month', at, what = 'visit', what = 'buy') FROM (VALUES (timestamp '2024-01-30 23:00', 'visit'), ('2024-01-31 01:00', 'visit'), ('2024-02-29 12:00', 'buy')) v (at, what);
-- months and days of a timestamptz are those of the session's time zone
SELECT clv_funnel('1 day', at, what = 'visit', what = 'buy') AS berlin FROM (VALUES (timestamptz '2024-10-26 10:00 UTC', 'visit'), ('2024-10-27 11:00 UTC', 'buy')) v (at, what);
SET TimeZone = 'UTC';
SELECT clv_funnel('1 day', at, what = 'visit', what = 'buy') AS utc, clv_funnel('1 day', at AT TIME ZONE 'Europe/Berlin', what = 'visit', what = 'buy') AS berlin FROM (VALUES (timestamptz '2024-10-26 10:00 UTC', 'visit'), ('2024-10-27 11:00 UTC', 'buy')) v (at, what);

-- errors
SELECT error_of('SELECT clv_funnel(' || arguments || ')') FROM (VALUES ('''-1 day'', now(), true'), ('''1 month -1 day'', now(), true'), ('''-1 us'', now(), true'), ('NULL, now(), true'), ('''1 day'', ''infinity''::date, true'), ('''1 day'', ''infinity''::timestamp, true'),
    ('''1 day'', ''-infinity''::timestamptz, true'), ('''1 day'', now(), VARIADIC ''{}''::boolean[]'), ('''1 day'', now(), VARIADIC NULL::boolean[]'), ('''1 day'', now(), VARIADIC ''{{t},{f}}''::boolean[]'), ('''1 day'', now(), VARIADIC array_fill(true, ''{65}'')'),
    ('i * interval ''1 day'', now(), true) FROM generate_series(1, 2) AS i WHERE (i > 0'), ('CASE i WHEN 1 THEN interval ''1 month'' ELSE ''30 days'' END, now(), true) FROM generate_series(1, 2) AS i WHERE (i > 0'),
    ('''1 day'', now(), VARIADIC array_fill(true, ARRAY[i])) FROM generate_series(1, 2) AS i WHERE (i > 0')) v (arguments);
SELECT state_of('SELECT clv_funnel(' || arguments || ')') FROM (VALUES ('''1 day'', now()'), ('''1 day'', now(), 1'), ('''1 day'', 1, true'), ('''fortnight'', now(), true')) v (arguments);
-- rows without a time are not looked at
SELECT clv_funnel(w, at, VARIADIC s), clv_funnel_times(w, at, VARIADIC s) FROM (VALUES (NULL::interval, NULL::date, NULL::boolean[]), ('-1 day', NULL, '{}'), ('1 day', '2024-01-01', '{t,f}')) v (w, at, s);
-- 17 knows infinite intervals
SELECT CASE WHEN current_setting('server_version_num')::integer < 170000 THEN '22023' ELSE left(error_of('SELECT clv_funnel(''infinity'', now(), true)'), 5) END AS infinite_within;
-- support functions are not for people
SELECT call, refused(call) FROM (VALUES ('clv_internal_first_accum(NULL, 1, now())'), ('clv_internal_first_combine(NULL, NULL)'), ('clv_internal_first_final(NULL, 1, now())'), ('clv_internal_first_serial(NULL)'), ('clv_internal_first_deserial(''\x01'', NULL)'),
    ('clv_internal_funnel_accum(NULL, ''1 day'', now(), ''{t}'')'), ('clv_internal_funnel_combine(NULL, NULL)'), ('clv_internal_funnel_final(NULL)'), ('clv_internal_funnel_times_final(NULL, ''1 day'', now(), ''{t}'')'), ('clv_internal_funnel_serial(NULL)'), ('clv_internal_funnel_deserial(''\x01'', NULL)')) v (call);
DROP FUNCTION reached;
DROP TABLE visit, page, event;
DROP TYPE stage, grade, word, pair;
