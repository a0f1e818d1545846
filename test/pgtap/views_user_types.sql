-- Types of somebody else's, whose casts, domains' CHECKs and everything that they can bring along would run as whoever
-- reads the table, or makes views of it: nothing of that is called, and figures are those of the same values as plain columns.
BEGIN;
\ir include/everything.psql
SELECT plan(29);
SET LOCAL client_min_messages = warning;

-- what runs is an error, once the tables are filled
CREATE FUNCTION trap() RETURNS void VOLATILE LANGUAGE plpgsql AS $$BEGIN IF current_setting('clv_test.armed', true) = 'on' THEN RAISE 'sprung'; END IF; END$$;
CREATE FUNCTION holds(anyelement) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$BEGIN PERFORM trap(); RETURN true; END$$;
CREATE DOMAIN d_text AS text CHECK (holds(VALUE));
CREATE DOMAIN d_integer AS integer CHECK (holds(VALUE));
CREATE DOMAIN d_number AS numeric CHECK (holds(VALUE));
CREATE DOMAIN d_real AS real CHECK (holds(VALUE));
CREATE DOMAIN d_day AS date CHECK (holds(VALUE));
CREATE DOMAIN d_time AS timestamp CHECK (holds(VALUE));
CREATE DOMAIN d_history AS clv_history CHECK (holds(VALUE));

-- an enum with casts of all kinds to what values are taken for
CREATE TYPE way AS ENUM ('search', 'friend', 'tv', 'EUR', 'USD');
CREATE TYPE goods AS ENUM ('p0', 'p1', 'p2', 'p3', 'p4', 'p5');
CREATE DOMAIN d_way AS way CHECK (holds(VALUE));
-- a customer of two columns, one of them a domain
CREATE TYPE person AS (n integer, kind d_text);
-- a type of text that is compared by functions of its own
CREATE TYPE word;
CREATE FUNCTION word_in(cstring) RETURNS word AS 'textin' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION word_out(word) RETURNS cstring AS 'textout' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE word (INPUT = word_in, OUTPUT = word_out, LIKE = text, COLLATABLE = true);
CREATE FUNCTION word_eq(word, word) RETURNS boolean AS 'texteq' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION word_lt(word, word) RETURNS boolean AS 'text_lt' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION word_le(word, word) RETURNS boolean AS 'text_le' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION word_gt(word, word) RETURNS boolean AS 'text_gt' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION word_ge(word, word) RETURNS boolean AS 'text_ge' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION word_cmp(word, word) RETURNS integer AS 'bttextcmp' LANGUAGE internal IMMUTABLE STRICT;
CREATE SCHEMA wording;
CREATE OPERATOR wording.= (FUNCTION = word_eq, LEFTARG = word, RIGHTARG = word, COMMUTATOR = OPERATOR(wording.=), RESTRICT = eqsel, JOIN = eqjoinsel, MERGES);
CREATE OPERATOR wording.< (FUNCTION = word_lt, LEFTARG = word, RIGHTARG = word);
CREATE OPERATOR wording.<= (FUNCTION = word_le, LEFTARG = word, RIGHTARG = word);
CREATE OPERATOR wording.> (FUNCTION = word_gt, LEFTARG = word, RIGHTARG = word);
CREATE OPERATOR wording.>= (FUNCTION = word_ge, LEFTARG = word, RIGHTARG = word);
CREATE OPERATOR CLASS word_ops DEFAULT FOR TYPE word USING btree AS OPERATOR 1 wording.<, OPERATOR 2 wording.<=, OPERATOR 3 wording.=, OPERATOR 4 wording.>=, OPERATOR 5 wording.>, FUNCTION 1 word_cmp(word, word);

-- an enum of customers
SELECT format('CREATE TYPE who AS ENUM (%s)', string_agg(quote_literal(pg_temp.customer(n)), ', ' ORDER BY n)) FROM generate_series(1, 60) AS n \gexec

CREATE TEMPORARY TABLE shops (shop name, types jsonb);
INSERT INTO shops VALUES ('plain', '{}'),
    ('domains', '{"customer": "d_text", "time": "d_time", "amount": "d_number", "channel": "d_way", "product": "d_text", "order": "d_integer", "score": "d_integer"}'),
    ('people', '{"customer": "person", "channel": "way", "product": "goods", "order": "d_integer"}'),
    ('words', '{"customer": "word", "channel": "word", "product": "word", "order": "word", "score": "d_number"}'),
    ('enums', '{"customer": "who", "channel": "way", "product": "goods"}');
SELECT pg_temp.open_shop(shop, types), pg_temp.ask_functions(shop) FROM shops \g /dev/null
ALTER TABLE domains.histories ALTER history TYPE d_history;

-- casts, some of which PostgreSQL would take by itself
CREATE FUNCTION pg_temp.cast_all() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    c record;
    made bigint := 0;
BEGIN
    FOR c IN SELECT source, target, CASE WHEN target = 'text' AND source IN ('way', 'word') THEN 'IMPLICIT' ELSE 'ASSIGNMENT' END AS context FROM unnest('{way, goods, person, word, who}'::text[]) AS source, unnest('{text, varchar, name, integer, numeric, bpchar}'::text[]) AS target LOOP
        EXECUTE format('CREATE FUNCTION cast_to_%2$s(%1$s) RETURNS %2$s LANGUAGE plpgsql IMMUTABLE CALLED ON NULL INPUT AS $f$BEGIN RAISE ''sprung''; END$f$', c.source, c.target);
        EXECUTE format('CREATE CAST (%1$s AS %2$s) WITH FUNCTION cast_to_%2$s(%1$s) AS %3$s', c.source, c.target, c.context);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
SELECT cmp_ok(pg_temp.cast_all(), '>', 20::bigint, 'casts that are traps');
SET LOCAL clv_test.armed = 'on';
SELECT throws_ok($$SELECT 'x'::d_text$$, 'P0001', 'sprung', 'a domain springs one');
SELECT throws_ok($$SELECT upper('tv'::way)$$, 'P0001', 'sprung', 'so does a cast');

SELECT lives_ok(format('SELECT pg_temp.make_views(%L)', shop), 'views are made over ' || shop) FROM shops;
SELECT pg_temp.ask_views(shop) FROM shops \g /dev/null
SELECT set_eq(format('SELECT pg_temp.renew_views(%L)', shop), $$SELECT pg_temp.renew_views('plain')$$, 'fitted and refreshed: ' || shop) FROM shops WHERE shop <> 'plain';
CREATE TEMPORARY TABLE answered AS SELECT shop, a.* FROM shops, pg_temp.answers(shop) AS a;
SELECT is_empty($$SELECT what, answer FROM answered WHERE shop = 'plain' AND (answer ^@ 'ERROR' OR answer IS NULL AND what !~ '\.(warnings|model_quality|adapter_items|adapter_feedback|adapter_spend|adapter_same_customer|adapter_subscriptions|renewals)$')$$, 'there are answers for plain columns');
SELECT is_empty(format($$SELECT what, left(a.answer, 200), left(p.answer, 200) FROM answered AS p LEFT JOIN (SELECT * FROM answered WHERE shop = %L) AS a USING (what) WHERE p.shop = 'plain' AND a.answer IS DISTINCT FROM p.answer$$, shop), 'and the same for ' || shop)
  FROM shops WHERE shop <> 'plain';

-- Customers by an enum here and a text there: what compares them would be the cast. So it is an error, and not even tried.
CREATE FUNCTION pg_temp.state(query text) RETURNS text LANGUAGE plpgsql AS $$BEGIN EXECUTE query; RETURN 'none'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM; END$$;
DROP CAST (who AS text);
CREATE CAST (who AS text) WITH FUNCTION cast_to_text(who) AS IMPLICIT;
SELECT is(pg_temp.state($$SELECT clv_create_views('mixed', 'plain.orders', 'customer', 'at', 'amount', customers => 'enums.people', customers_key => 'customer', channel => 'source')$$),
          '42804 column customer of enums.people cannot be the customers_key: type public.who cannot be compared with text, the type of the customers of plain.orders', 'a key that is cast to be compared');
SELECT is(pg_temp.state($$SELECT clv_create_views('mixed', 'plain.orders', 'customer', 'at', 'amount', feedback => 'enums.answers', feedback_customer => 'customer', feedback_at => 'at', feedback_score => 'score')$$),
          '42804 column customer of enums.answers cannot be the feedback_customer: type public.who cannot be compared with text, the type of the customers of plain.orders', 'of answers too');
SELECT matches(pg_temp.state($$SELECT clv_create_views('mixed', 'enums.orders', 'customer', 'at', 'amount')$$), '^42(725|804) ', 'or among themselves');

-- Statistics of a range call its function subtype_diff as the owner of the table, whenever autovacuum comes by.
CREATE FUNCTION span_width(double precision, double precision) RETURNS double precision IMMUTABLE LANGUAGE plpgsql AS $$BEGIN PERFORM trap(); RETURN $1 - $2; END$$;
CREATE TYPE span AS RANGE (SUBTYPE = double precision, SUBTYPE_DIFF = span_width);
CREATE DOMAIN d_span AS span;
CREATE TABLE spans AS SELECT span(n % 40, n % 40 + 1) AS customer, span(n % 40, n % 40 + 1)::d_span AS by_domain, span_multirange(span(n % 40, n % 40 + 1)) AS by_spans, numrange(n % 40, n % 40 + 1) AS by_range,
    date '2023-01-01' + n AS at, n::numeric AS amount FROM generate_series(1, 400) AS n;
SET LOCAL clv_test.armed = on;
SELECT matches(pg_temp.state(format($$SELECT clv_create_views('span_views', 'spans', %L, 'at', 'amount', upkeep => 'refresh')$$, key)), '^0A000 customers of type (d_|public\.)?span.* cannot be stored in a table of histories$', key || ': not in a table')
  FROM unnest('{customer, by_domain, by_spans}'::text[]) AS key;
SELECT lives_ok($$SELECT clv_create_views('span_views', 'spans', 'customer', 'at', 'amount'); SELECT * FROM span_views.customers$$, 'views of orders analyze nothing');
SELECT lives_ok($$SELECT clv_create_views('range_views', 'spans', 'by_range', 'at', 'amount', upkeep => 'refresh'); SELECT * FROM range_views.customers$$, 'ranges of the system call nobody');

-- what checks queries and views is called with whatever a stranger likes
SELECT results_eq($$SELECT pg_temp.state(call) FROM (VALUES (1, $q$SELECT clv_internal_view_check_query('')$q$), (2, $q$SELECT clv_internal_view_check_query('-- nothing')$q$), (3, $q$SELECT clv_internal_view_check_query('SELECT 1; SELECT 2')$q$),
    (4, $q$SELECT clv_internal_view_check_query('DROP TABLE spans')$q$), (5, $q$SELECT clv_internal_view_check_calls(0, false, '{}')$q$), (6, $q$SELECT clv_internal_view_check_calls(0, true, '{}')$q$), (7, $q$SELECT clv_internal_view_check_query('SELECT 1')$q$)) AS c (n, call) ORDER BY n$$,
    $$VALUES ('42601 query must be one SELECT'), ('42601 query must be one SELECT'), ('42601 query must be one SELECT'), ('42601 query must be one SELECT'), ('42P01 there is no relation with OID 0'), ('42883 there is no function with OID 0'), ('none')$$, 'and says what it cannot check');
-- a type that compares in two ways since it also becomes another one
CREATE TYPE public.shop_key AS (shop integer, number integer);
CREATE FUNCTION public.shop_key_text(public.shop_key) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1.shop::text';
CREATE CAST (public.shop_key AS text) WITH FUNCTION public.shop_key_text(public.shop_key) AS IMPLICIT;
CREATE TABLE public.keyed (order_key public.shop_key, number integer, customer_id public.shop_key, ordered_at date, amount numeric);
INSERT INTO public.keyed VALUES ((1, 1), 1, (1, 2), '2024-01-01', 5), ((1, 2), 2, (1, 3), '2024-01-01', 7);
SELECT throws_ok($$SELECT clv_create_views('keyed_views', 'public.keyed')$$, '42804', 'column customer_id of public.keyed cannot be the customer: type public.shop_key cannot be compared', 'customers that compare in two ways');
SELECT throws_ok($$SELECT clv_create_views('keyed_views', 'public.keyed', 'number', order_id => 'order_key')$$, '42804', 'column order_key of public.keyed cannot be the order_id: type public.shop_key cannot be compared', 'and such orders');
DROP CAST (public.shop_key AS text);
SELECT lives_ok($$SELECT clv_create_views('keyed_views', 'public.keyed', order_id => 'order_key')$$, 'a key of two columns');
SELECT * FROM finish();
ROLLBACK;
