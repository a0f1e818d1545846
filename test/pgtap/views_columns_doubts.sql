-- Tables of a book in which a name has two meanings: an error or a hint, and never one of them taken in silence.
BEGIN;
SELECT plan(32);
SET LOCAL client_min_messages = warning;
CREATE TABLE book AS SELECT order_id::integer AS id, customer_id::integer AS c, ordered_at AS t, amount AS a FROM clv_simulate(60, '2024-12-01', '2026-10-31', seed => 9);

-- a price, and what may be a number of pieces
CREATE TABLE pieces AS SELECT id, c AS customer_id, t AS order_date, 1 + id % 3 AS amount, a AS price FROM book;
SELECT throws_ok($$SELECT clv_create_views('no', 'pieces')$$, '22023', 'cannot tell which column of public.pieces is the amount', 'amount and price');
ALTER TABLE pieces RENAME amount TO sales;
SELECT throws_ok($$SELECT clv_create_views('no', 'pieces')$$, '22023', 'cannot tell which column of public.pieces is the amount', 'sales and price');
CREATE FUNCTION asked_with(quantity name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
    EXECUTE format('CREATE TABLE counted AS SELECT id, c AS customer_id, t AS order_date, 1 + id %% 3 AS %I, a AS price FROM book', quantity);
    PERFORM clv_create_views('no', 'counted');
    RETURN 'no error';
EXCEPTION WHEN invalid_parameter_value THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN substr(hint, 1, strpos(hint, '. '));
END $$;
SELECT is(asked_with(name), format('Give both: amount => %L, quantity => %L.', 'price', name), 'a price of a unit beside ' || name) FROM unnest('{count, nights, Menge}'::name[]) AS name;

-- the total of an order on each of its lines
CREATE TABLE lines AS SELECT id AS order_id, c AS customer_id, t AS ordered_at, a AS order_total, a / 2 AS line_total FROM book, generate_series(1, 1 + id % 3);
CREATE FUNCTION hint_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN invalid_parameter_value OR datatype_mismatch THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN hint;
END $$;
SELECT matches(hint_of($$SELECT clv_create_views('no', 'lines')$$), 'amount => ''line_total'' /\* or ''order_total'' \*/', 'the amount of the line comes first');
SELECT is((SELECT count(*) > 0 FROM clv_create_views('totals', 'lines', amount => 'order_total', order_id => 'order_id', model => 'none')), true, 'the total can be given');
SELECT results_eq('SELECT severity, advice LIKE ''%total of its order%'' FROM totals.audit WHERE number = 130', 'VALUES (''error'', true)', 'and is an error');

-- lines that begin after the first rows
CREATE TABLE later AS SELECT order_id, customer_id, ordered_at, amount FROM clv_simulate(2000, '2024-01-01', '2026-10-31', seed => 2), generate_series(1, CASE WHEN order_id <= 11000 THEN 1 ELSE 3 END) ORDER BY order_id;
SELECT cmp_ok((SELECT count(*) FROM (SELECT order_id FROM later ORDER BY order_id LIMIT 10000) AS f), '=', (SELECT count(DISTINCT order_id) FROM (SELECT order_id FROM later ORDER BY order_id LIMIT 10000) AS f), 'there are none before');
ANALYZE later;
SELECT throws_ok($$SELECT clv_create_views('no', 'later')$$, '22023', 'cannot tell whether a row of public.later is an order or a line of one', 'lines that come later');

-- staff, or customers
CREATE TABLE staffed AS SELECT id, 1 + c % 3 AS user_id, 'p' || c || '@x' AS customer_email, t AS created_at, a AS sum,
    CASE WHEN id % 2 = 0 THEN 'EUR' ELSE 'USD' END AS cur_code, CASE WHEN id % 5 = 0 THEN 'declined' ELSE 'approved' END AS response FROM book;
SELECT throws_ok($$SELECT clv_create_views('no', 'staffed')$$, '22023', 'cannot tell which column of public.staffed is the customer', 'user_id beside customer_email');
-- what matters under other names
SELECT results_eq($$SELECT name FROM clv_create_views('staff', 'staffed', 'customer_email', model => 'none') WHERE kind = 'not used' ORDER BY name$$, 'VALUES (''cur_code''), (''response'')', 'currencies and states of other names');

-- an order that was given back is an order if the money is there, too
SELECT is(clv_internal_view_status_hint('status', '{wc-completed,wc-refunded,wc-failed}', '{false,false,false}'),
    'If some do not count, give those that do, such as status => ''status'', status_values => ''{wc-completed}''. What was given back was an order: give wc-refunded, too, if the money is in rows below 0, in refunded or in refunds.', 'a refunded order');
SELECT is(clv_internal_view_status_hint('type', '{sale,refund}', '{false,false}'),
    'If some do not count, give those that do, such as status => ''type'', status_values => ''{sale}''. Refunds need amounts below 0, which a view can give them.', 'a row of a refund');
SELECT is(clv_internal_view_status_hint('response', '{approved,declined}', '{false,false}'),
    'If some do not count, give those that do, such as status => ''response'', status_values => ''{approved}''.', 'and neither');

-- amounts that are text, as they are written
CREATE FUNCTION read_by(written text[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS written;
    CREATE TABLE written AS SELECT u.amount FROM unnest(read_by.written) AS u (amount);
    RETURN clv_internal_view_number_query('written', 'amount');
END $$;
SELECT is(read_by(written), expression, said) FROM (VALUES
    ('{1, 2.50, -3, NULL}'::text[], 'amount::numeric', 'plain numbers'),
    ('{5.301, 17.25}', 'amount::numeric', 'plain, since not all groups have three digits'),
    ('{5.301, 17.200}', '<amount::numeric or replace(replace(amount, ''.'', ''''), '','', ''.'')::numeric: all values fit>', 'three digits after each point'),
    ('{"27,71", "1.204,00"}', 'replace(replace(amount, ''.'', ''''), '','', ''.'')::numeric', 'a comma before decimals'),
    ('{"1,204.00", 3}', 'replace(amount, '','', '''')::numeric', 'commas between thousands'),
    ('{"5,301", 2}', '<replace(amount, '','', '''')::numeric or replace(replace(amount, ''.'', ''''), '','', ''.'')::numeric: all values fit>', 'three digits after each comma'),
    ('{1.234.567}', 'replace(replace(amount, ''.'', ''''), '','', ''.'')::numeric', 'two points'),
    ('{"", 2}', 'nullif(btrim(amount), '''')::numeric', 'an empty value'),
    ('{abc, 3}', '<what reads values such as ''abc''>', 'no number'),
    ('{1.5e3}', '<what reads values such as ''1.5e3''>', 'an exponent'),
    ('{(5.00)}', '<what reads values such as ''(5.00)''>', 'below 0 in brackets')) AS v (written, expression, said);
SELECT matches(read_by('{"$ 9,745.00", "USD 3", ""}'), '^replace\(nullif\(regexp_replace\(amount, .*, '''', ''g''\), ''''\), '','', ''''\)::numeric$', 'a currency');
-- the call that is proposed works
CREATE TABLE comma AS SELECT id, c AS customer_id, t AS ordered_at, ' ' || replace(a::text, '.', ',') || ' EUR' AS amount FROM book;
CREATE FUNCTION pasted(hint text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE substr(hint, strpos(hint, 'CREATE VIEW'));
END $$;
SELECT lives_ok(format('SELECT pasted(%L)', hint_of('SELECT clv_create_views(''pasted'', ''comma'', model => ''none'')')), 'the proposed call');
SELECT is((SELECT sum(value) FROM pasted.customers), (SELECT sum(a) FROM book), 'reads all of it');

-- rows without a time, in small tables and in samples of large ones
CREATE TABLE untimed AS SELECT id AS "InvoiceNo", c AS customer_id, CASE WHEN id % 5 > 0 THEN t END AS order_date, a AS amount FROM book;
CREATE TABLE sold AS SELECT "InvoiceNo", 'p' || "InvoiceNo" % 3 AS sku, amount FROM untimed;
SELECT results_eq($$SELECT name, about FROM clv_create_views('untimed', 'untimed', order_id => 'InvoiceNo', items => 'sold', model => 'none') WHERE kind = 'note'$$,
    $$SELECT 'order_date', format('NULL in %s of %s rows, which are left out', count(*) FILTER (WHERE order_date IS NULL), count(*)) FROM untimed$$, 'rows without a time');
SELECT results_eq('SELECT product, orders FROM untimed.products ORDER BY 1', 'SELECT ''p'' || "InvoiceNo" % 3, count(*) FROM untimed WHERE order_date IS NOT NULL GROUP BY 1 ORDER BY 1', 'items are found by the name that the order number has in the orders');
CREATE TABLE large AS SELECT n AS order_id, n % 999 AS customer_id, CASE WHEN n % 5 > 0 THEN date '2026-01-01' + n % 300 END AS order_date, 5.50 AS amount FROM generate_series(1, 450000) AS n;
ANALYZE large;
SELECT matches((SELECT about FROM clv_create_views('large', 'large', model => 'none') WHERE kind = 'note' AND name = 'order_date'), '^NULL in \d+ of \d+ rows, which are left out$', 'or in a sample');

SELECT * FROM finish();
ROLLBACK;
