-- Refunds that are there twice or of both signs, and orders of which all was given back and that no view has: the audit and
-- the call say so.
BEGIN;
SELECT plan(12);
SET LOCAL client_min_messages = warning;

-- order 1 has its refund in both places, order 2 another one in each; order 3 has a payment that was taken back; 4 a voucher
CREATE TABLE sold (order_id integer, customer_id integer, ordered_at date, amount numeric, refunded numeric);
INSERT INTO sold VALUES (1, 1, '2024-01-01', 50, 0), (1, 1, '2024-01-05', -20, 0), (2, 2, '2024-01-02', 90, 0), (2, 2, '2024-01-09', -10, 0),
    (3, 3, '2024-01-03', 70, 0), (4, 4, '2024-01-04', 80, 0), (4, 4, '2024-01-04', -8, 0);
CREATE TABLE returns (order_id integer, refunded_at date, amount numeric);
INSERT INTO returns VALUES (1, '2024-01-05', 20.0), (2, '2024-01-12', 15), (3, '2024-02-01', 30), (3, '2024-02-05', -30);
CREATE FUNCTION pg_temp.made(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
    EXECUTE format('SELECT string_agg(name || '': '' || about, E''\n'') FROM clv_create_views(''v'', %s, model => ''none'') WHERE kind = ''note'' AND name LIKE ''refund%%''', call) INTO said;
    RETURN said;
END $$;
CREATE FUNCTION pg_temp.checks(numbers integer[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
    EXECUTE 'SELECT string_agg(concat_ws('' '', number, severity, count, finding), E''\n'' ORDER BY number) FROM v.audit WHERE number = ANY ($1)' INTO said USING numbers;
    RETURN said;
END $$;
SELECT is(pg_temp.made($$'sold', order_id => 'order_id', refunds => 'returns'$$),
    'refunds: refunds of 2 orders are in rows below 0 and in public.returns, with the same amount: 1
refunds: 3 above 0, 1 below 0: each lowers value', 'the call says what is odd about a table of refunds');
SELECT is(pg_temp.checks('{28,29}'), '28 error 2 orders with refunds in rows below 0 and elsewhere: 2, with the same amount: 1
29 warning 1 3 above 0, 1 below 0', 'and so does the audit');
SELECT results_eq($$SELECT number, severity FROM v.audit_as_of('2024-01-11') WHERE number IN (28, 29) ORDER BY 1$$, $$VALUES (28, 'error'), (29, 'ok')$$, 'as of a day');
UPDATE sold SET refunded = CASE order_id WHEN 1 THEN -20 ELSE 15 END WHERE amount > 0 AND order_id < 3;
SELECT is(pg_temp.made($$'sold', order_id => 'order_id', refunded => 'refunded'$$),
    'refunded: refunds of 2 orders are in rows below 0 and in column refunded, with the same amount: 1
refunded: 1 above 0, 1 below 0: each lowers value', 'and about a column of refunds');
SELECT is(pg_temp.checks('{28,29}'), '28 error 2 orders with refunds in rows below 0 and elsewhere: 2, with the same amount: 1
29 warning 1 1 above 0, 1 below 0', 'as the audit does');
SELECT is(pg_temp.made($$'sold', order_id => '', refunded => 'refunded'$$),
    'refunded: refunds of 1 customer are in rows below 0 and in column refunded, with the same amount: 1
refunded: 1 above 0, 1 below 0: each lowers value', 'without order numbers, the same amount of a customer');
SELECT is(pg_temp.checks('{28}'), '28 warning 1 customers with refunds of one amount in rows below 0 and elsewhere: 1', 'which may be a coincidence');
SELECT is(pg_temp.made($$'sold', order_id => 'order_id'$$), NULL, 'nothing is odd about rows alone');
SELECT is(pg_temp.checks('{28,29}'), '28 not looked at needs refunds or refunded
29 not looked at needs refunds or refunded', 'and nothing is looked at');

-- an order of two customers, of which each has given all back, and a refund of it that names nobody
CREATE TABLE shared (order_id integer, customer_id integer, ordered_at date, amount numeric);
INSERT INTO shared VALUES (1, 1, '2024-01-01', 50), (1, 2, '2024-01-01', 30), (1, 1, '2024-01-02', -30), (1, 2, '2024-01-02', -30), (1, NULL, '2024-01-02', -20), (2, 3, '2024-01-01', 10);
SELECT pg_temp.made($$'shared', order_id => 'order_id'$$) AS made \gset
SELECT pg_temp.checks('{26,125,130}') AS counted \gset
SELECT is(:'counted'::text, '26 warning 1 1 of 1 refund with the customer of their order
125 warning 1 1 of 2 order numbers
130 ok 0 0 of 6, beyond the first; times are whole days', 'an order of two customers');
SELECT pg_temp.made($$'shared', order_id => 'order_id', refunded_orders => 'leave out'$$) AS made \gset
SELECT is((SELECT array_agg(customer_id) FROM v.customers), '{3}', 'is left out with its refunds');
SELECT is(pg_temp.checks('{26,125,130}'), :'counted'::text, 'and its number is looked at all the same');
SELECT * FROM finish();
ROLLBACK;
