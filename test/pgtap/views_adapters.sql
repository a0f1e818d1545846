-- What a shop's tables are like is known to the adapters: lines, quantities, statuses, amounts of 0, refunds in a column and in
-- a table of their own, and items by their order all come out as plain SQL over the tables says.
BEGIN;
SELECT plan(91);
SET LOCAL client_min_messages = warning;

-- whether an order was placed does not depend on what is given back later
CREATE TABLE given_back (order_id integer, customer_id text, ordered_at date, amount numeric);
INSERT INTO given_back VALUES (1, 'a', '2024-01-10', 50), (1, 'a', '2024-01-12', -49.99), (2, 'b', '2024-01-10', 50), (2, 'b', '2024-01-12', -50),
    (3, 'c', '2024-01-10', 50), (3, 'c', '2024-01-12', -50.01), (4, 'd', '2024-01-10', 50), (4, 'd', '2024-01-10', -5), (5, 'd', '2024-01-11', -1);
SELECT lives_ok($$SELECT * FROM clv_create_views('back', 'given_back', order_id => 'order_id')$$, 'orders that are given back');
SELECT results_eq('SELECT customer_id, orders, value, refunds FROM back.customers ORDER BY 1',
    $$VALUES ('a', 1::bigint, 0.01, 49.99), ('b', 1, 0, 50), ('c', 1, -0.01, 50.01), ('d', 1, 44, 1)$$, 'three orders with refunds, and one that a voucher lowers');
SELECT results_eq($$SELECT customers, orders, revenue, average_order_value FROM back.kpis_as_of('2024-01-10')$$, 'VALUES (4::bigint, 4::bigint, 195::numeric, 48.75)', 'on the day of the orders');
SELECT results_eq($$SELECT customers, orders, revenue, average_order_value FROM back.kpis_as_of('2024-01-31')$$, 'VALUES (4::bigint, 4::bigint, 44::numeric, 48.75)', 'and later: as many customers and orders, of the same size');
SELECT results_eq('SELECT customer_id, ordered_at::date, amount, is_order FROM back.adapter_orders ORDER BY 1, 2, 3',
    $$VALUES ('a', date '2024-01-10', 50.00, true), ('a', '2024-01-12', -49.99, false), ('b', '2024-01-10', 50, true), ('b', '2024-01-12', -50, false),
             ('c', '2024-01-10', 50, true), ('c', '2024-01-12', -50.01, false), ('d', '2024-01-10', 45, true), ('d', '2024-01-11', -1, false)$$, 'orders in rows');
SELECT is((SELECT string_agg(history::text, ' ' ORDER BY customer_id) FROM back.histories),
          (SELECT string_agg(h::text, ' ' ORDER BY customer_id) FROM (SELECT customer_id, clv_history(amount, ordered_at, is_order) AS h FROM back.adapter_orders GROUP BY customer_id) AS s), 'histories are those of these rows');
SELECT lives_ok($$SELECT * FROM clv_create_views('back', 'given_back', order_id => 'order_id', upkeep => 'refresh')$$, 'in a table');
SELECT results_eq('SELECT customer_id, orders, value, refunds FROM back.customers ORDER BY 1',
    $$VALUES ('a', 1::bigint, 0.01, 49.99), ('b', 1, 0, 50), ('c', 1, -0.01, 50.01), ('d', 1, 44, 1)$$, 'the same');
SELECT lives_ok($$SELECT * FROM clv_create_views('back', 'given_back', 'customer_id', 'ordered_at', 'amount')$$, 'a column of another type is no obstacle');
SELECT results_eq('SELECT customer_id, orders FROM back.customers ORDER BY 1', $$VALUES ('a', 1::bigint), ('b', 1), ('c', 1), ('d', 1)$$, 'rows, not lines');

-- random lines, against plain SQL of the rule
CREATE TABLE lines AS
SELECT (n / 3)::bigint AS number, n / 7 AS client, timestamp '2023-01-01' + ((n / 3 * 37) % 700) * interval '1 day' + (CASE WHEN n % 3 = 2 AND n % 4 = 0 THEN 5 ELSE 0 END) * interval '1 day' + n % 24 * interval '1 hour' AS sold_at,
       (((n * 7919) % 401) - 120)::numeric / 4 AS paid FROM generate_series(0, 2999) AS n;
SELECT lives_ok($$SELECT * FROM clv_create_views('folded', 'lines', 'client', 'sold_at', 'paid', order_id => 'number')$$, 'lines at random');
CREATE TABLE by_hand AS
WITH first AS (SELECT client, number, min(sold_at::date) FILTER (WHERE paid >= 0) AS day FROM lines GROUP BY client, number),
     money AS (SELECT l.client, l.number, l.sold_at::date AS day, l.paid, l.sold_at::date = f.day AS of_order FROM lines AS l JOIN first AS f USING (client, number))
SELECT client, (SELECT count(f.day) FROM first AS f WHERE f.client = m.client) AS orders, sum(paid) AS value,
       coalesce(sum(- paid) FILTER (WHERE paid < 0 AND of_order IS NOT TRUE), 0) AS refunds,
       (SELECT min(f.day) FROM first AS f WHERE f.client = m.client) AS first_purchase, (SELECT max(f.day) FROM first AS f WHERE f.client = m.client) AS last_purchase,
       (SELECT count(DISTINCT f.day) FROM first AS f WHERE f.client = m.client) AS days
  FROM money AS m GROUP BY client;
SELECT is_empty('SELECT customer_id::integer, orders, value, refunds, first_purchase, last_purchase, purchase_days FROM folded.customers EXCEPT SELECT * FROM by_hand', 'customers by hand');
SELECT is((SELECT count(*) FROM folded.customers), (SELECT count(*) FROM by_hand), 'all of them');
SELECT is_empty(format($$SELECT k.customer_id, clv_at(k.history, %L) FROM folded.histories AS k WHERE clv_at(k.history, %1$L) <> '{}'
    EXCEPT SELECT h.client, clv_rollup(h.one) FROM (SELECT client, clv_internal_order(paid, sold_at) AS one FROM lines WHERE sold_at < %1$L::date + 1 GROUP BY client, number) AS h GROUP BY h.client$$, day), 'a past day is that of the lines until then: ' || day)
  FROM unnest('{2023-03-01, 2023-11-11, 2024-12-31}'::date[]) AS day;

-- quantity, status, amounts of 0, refunds in a column and in a table
CREATE TABLE sold (id integer, client integer, placed_at timestamptz, unit numeric, pieces integer, state text, given_back numeric, way text);
INSERT INTO sold SELECT n, n % 40, timestamptz '2024-01-01 22:30 UTC' + n * interval '31 hours', n % 6, 1 + n % 3, (ARRAY['paid', 'sent', 'cancelled'])[1 + n % 3], CASE WHEN n % 10 = 0 THEN 1.5 END, 'w' || n % 2 FROM generate_series(1, 200) AS n;
CREATE TABLE returned (order_no integer, at date, sum numeric);
INSERT INTO returned SELECT n, date '2024-06-01' + n, CASE WHEN n % 2 = 0 THEN 2 ELSE -2 END FROM generate_series(3, 199, 7) AS n;
INSERT INTO returned VALUES (9999, '2024-06-01', 7);
SELECT lives_ok($$SELECT * FROM clv_create_views('whole', 'sold', 'client', 'placed_at', 'unit', order_id => 'id', time_zone => 'Asia/Tokyo', quantity => 'pieces', status => 'state', status_values => '{paid, sent}',
    zero => 'ignore', refunds => 'returned', refunds_order_id => 'order_no', refunds_at => 'at', refunds_amount => 'sum', channel => 'way', margin => 0.5)$$, 'a shop with everything');
SELECT is_empty($$WITH kept AS (SELECT * FROM sold WHERE state IN ('paid', 'sent') AND unit * pieces <> 0),
      back AS (SELECT s.client, abs(r.sum) AS amount FROM returned AS r JOIN sold AS s ON s.id = r.order_no WHERE s.state IN ('paid', 'sent'))
    SELECT customer_id, orders, value, refunds, first_purchase FROM whole.customers WHERE orders > 0
    EXCEPT SELECT client, count(*), sum(unit * pieces) - coalesce((SELECT sum(amount) FROM back WHERE back.client = kept.client), 0), coalesce((SELECT sum(amount) FROM back WHERE back.client = kept.client), 0),
           min((placed_at AT TIME ZONE 'Asia/Tokyo')::date) FROM kept GROUP BY client$$, 'is what plain SQL says');
SELECT is((SELECT sum(orders) FROM whole.customers), (SELECT count(*)::numeric FROM sold WHERE state IN ('paid', 'sent') AND unit <> 0), 'of as many orders');
SELECT results_eq('SELECT number, severity, count FROM whole.audit WHERE number IN (20, 25, 27, 45) ORDER BY number', $$VALUES (20, 'ok', 0::bigint), (25, 'ok', 0), (27, 'warning', 1), (45, 'note', (SELECT count(*) FROM sold WHERE state = 'cancelled' OR unit = 0) + (SELECT count(*) FROM sold JOIN returned ON order_no = id WHERE state = 'cancelled'))$$,
    'the audit counts what was left out, and a refund of no order');
SELECT results_eq('SELECT value, new_customers FROM whole.channels WHERE is_total AND is_all_periods', 'SELECT coalesce(sum(value), 0)::numeric, coalesce(sum(new_customers), 0)::bigint FROM whole.channels WHERE NOT is_total AND is_all_periods', 'channels do without a table of spend');
SELECT throws_ok($$SELECT clv_create_views('x', 'sold', 'client', 'placed_at', 'unit', status => 'state')$$, '22004', 'status requires the values that count');
SELECT throws_ok($$SELECT clv_create_views('x', 'sold', 'client', 'placed_at', 'unit', refunds => 'returned', refunds_order_id => 'order_no', refunds_at => 'at', refunds_amount => 'sum')$$, '22004', 'refunds requires order_id');
SELECT throws_ok($$SELECT clv_create_views('x', 'sold', 'client', 'placed_at', 'unit', order_id => 'id', refunded => 'given_back', refunds => 'returned', refunds_order_id => 'order_no', refunds_at => 'at', refunds_amount => 'sum')$$, '22023', 'refunded and refunds both say what was given back');
SELECT throws_ok($$SELECT clv_create_views('x', 'sold', 'client', 'placed_at', 'unit', quantity => 'unit')$$, '22023', 'quantity and amount are the same column: unit');
SELECT throws_ok($$SELECT clv_create_views('x', 'sold', 'client', 'placed_at', 'unit', status => 'state', status_values => '{}')$$, '22023', 'invalid status_values: {}');
SELECT throws_ok($$SELECT clv_create_views('x', 'sold', 'client', 'placed_at', 'unit', status => 'state', status_values => '{{paid}}')$$, '22023', 'invalid status_values: {{paid}}');
SELECT throws_ok($$SELECT clv_create_views('x', 'sold', 'client', 'placed_at', 'unit', zero => 'leave')$$, '22023', 'invalid zero: "leave"');

-- items by the number of their order
CREATE TABLE item (order_id integer, product_id text, amount numeric);
INSERT INTO item SELECT n, 'p' || n % 5, n % 6 FROM generate_series(1, 200) AS n;
SELECT lives_ok($$SELECT * FROM clv_create_views('whole', 'sold', 'client', 'placed_at', 'unit', order_id => 'id', time_zone => 'Asia/Tokyo', items => 'item')$$, 'items that name their order');
SELECT results_eq('SELECT product, orders, value FROM whole.products ORDER BY 1', $$SELECT product_id, count(*), sum(amount) FROM item GROUP BY 1 ORDER BY 1$$, 'are those of its customer');

-- trial rows of 0, and a book that is over
CREATE TABLE trials (u text, at date, mrr numeric);
INSERT INTO trials VALUES ('a', '2025-03-31', 12), ('a', '2025-04-30', 0), ('b', '2025-03-31', 80), ('b', '2025-04-30', 80), ('f', '2025-03-31', 0), ('f', '2025-04-30', 18);
SELECT lives_ok($$SELECT * FROM clv_create_views('trial', 'trials', 'u', 'at', 'mrr', zero => 'ignore', today => 'last order')$$, 'rows of 0 that are no orders');
SELECT results_eq($$SELECT round(retention_rate, 4), round(revenue_per_customer, 4) FROM trial.kpis WHERE period_start = '2025-04-01'$$, 'VALUES (0.5, 49.0000)', 'half of the customers stay');
SELECT is((SELECT round(net_retention, 4) FROM clv_revenue_retention('trial.histories', 'customer_id', 'history', as_of => '2025-04-30') WHERE period_start = '2025-04-01'), 0.8696, 'and 0.8696 of the revenue');
SELECT is((SELECT day FROM trial.adapter_today), '2025-04-30', 'today is the day of the last order');
SELECT is((SELECT max(days_since_last) FROM trial.customers), 30, 'so nobody is silent for years');

-- a file that was loaded twice
CREATE TABLE twice AS SELECT order_id, customer_id, ordered_at, amount FROM clv_simulate(300, '2023-01-01', '2024-06-30', seed => 4);
INSERT INTO twice TABLE twice;
SELECT lives_ok($$SELECT * FROM clv_create_views('twofold', 'twice', order_id => 'order_id')$$, 'a file that was loaded twice');
SELECT results_eq('SELECT severity, count FROM twofold.audit WHERE number = 130', $$SELECT 'error', count(*) / 2 FROM twice$$, 'is found to be one');

-- what was given back in a column: of the order, on its day, whatever its sign; on every line it would count several times
CREATE TABLE returns (number integer, customer_id integer, ordered_at date, amount numeric, refunded numeric, status text);
INSERT INTO returns VALUES (1, 1, '2024-01-01', 60, 20, 'paid'), (1, 1, '2024-01-01', 40, 20, 'paid'), (2, 2, '2024-01-02', 50, -5, 'paid'), (3, 2, '2024-01-03', 70, 70, 'cancelled'), (4, 3, '2024-01-03', 0, 1, 'paid');
SELECT lives_ok($$SELECT * FROM clv_create_views('gone', 'returns', order_id => 'number', refunded => 'refunded', status => 'status', status_values => '{paid}', zero => 'ignore')$$, 'refunds in a column');
SELECT results_eq('SELECT customer_id, orders, value, refunds FROM gone.customers ORDER BY 1', 'VALUES (1, 1::bigint, 60::numeric, 40::numeric), (2, 1, 45, 5), (3, 0, -1, 1)', 'are refunds of the orders that count');
SELECT results_eq('SELECT severity, count FROM gone.audit WHERE number = 75', $$VALUES ('error', 1::bigint)$$, 'the same on two lines is an error of the audit');

-- a refund that is a row of a cancelled order
CREATE TABLE voided (order_id integer, customer_id integer, ordered_at date, amount numeric, status text);
INSERT INTO voided VALUES (1, 1, '2026-09-05', 100, 'paid'), (2, 2, '2026-09-06', 50, 'cancelled'), (4, 2, '2026-10-08', 10, 'paid'), (2, 2, '2026-10-09', -50, 'paid'), (5, 3, '2026-10-09', -3, 'paid');
SELECT lives_ok($$SELECT * FROM clv_create_views('void', 'voided', order_id => 'order_id', status => 'status', status_values => '{paid, shipped}')$$, 'a refund of an order that does not count, and a status that no row has');
SELECT results_eq('SELECT customer_id, orders, value FROM void.customers ORDER BY 1', 'VALUES (1, 1::bigint, 100::numeric), (2, 1, 10), (3, 0, -3)', 'does not count either');
SELECT results_eq('SELECT number, count FROM void.audit WHERE number IN (10, 70, 80) ORDER BY number', 'VALUES (10, 2::bigint), (70, 1), (80, 1)', 'nor for the audit');
SELECT is((SELECT string_agg(history::text, ' ' ORDER BY customer_id) FROM void.histories),
          (SELECT string_agg(h::text, ' ' ORDER BY customer_id) FROM (SELECT customer_id, clv_history(amount, ordered_at, is_order) AS h FROM void.adapter_orders GROUP BY customer_id) AS s), 'in rows and histories');

-- refunds that name the order by a number of another kind of equality, and the key of the refund
CREATE TABLE refund (id integer PRIMARY KEY, order_id integer, created_at date, amount numeric);
CREATE TABLE bought (id integer PRIMARY KEY, customer_id integer, created_at date, total numeric);
INSERT INTO bought VALUES (1, 7, '2024-01-05', 40), (2, 7, '2024-02-05', 60), (3, 8, '2024-02-10', 25);
INSERT INTO refund VALUES (1, 3, '2024-03-02', 15);
SELECT lives_ok($$SELECT * FROM clv_create_views('refunding', 'bought', order_id => 'id', refunds => 'refund')$$, 'a table of refunds has a key of its own');
SELECT results_eq('SELECT customer_id, value FROM refunding.customers ORDER BY 1', 'VALUES (7, 100::numeric), (8, 10)', 'which is not that of the order');
CREATE TABLE named (order_id text, created_at date, amount numeric);
SELECT throws_like($$SELECT clv_create_views('refunding', 'bought', order_id => 'id', refunds => 'named')$$, '%type text cannot be compared with integer, the type of the orders of%', 'nor a text');

-- refunds that name their order but no customer are those of its customer
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; result text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP result := result || line || E'\n'; END LOOP;
    RETURN result;
END $$;
CREATE TABLE halves (number integer, client varchar, sold_at date, paid numeric, way text, status text);
INSERT INTO halves VALUES (1, 'a', '2024-01-10', 100, 'tv', 'paid'), (2, 'b', '2024-01-11', 20, 'web', 'paid'), (4, 'd', '2024-01-12', 50, 'web', 'void'), (5, 'f', '2024-01-12', 8, 'web', 'paid'), (5, 'e', '2024-01-12', 9, 'tv', 'paid'), (NULL, 'b', '2024-01-12', 1, 'tv', 'paid'),
    (1, NULL, '2024-01-13', -30, NULL, 'paid'), (1, NULL, '2024-01-10', -2, NULL, 'paid'), (2, NULL, '2024-01-14', -5, NULL, 'void'), (4, NULL, '2024-01-14', -50, NULL, 'paid'), (5, NULL, '2024-01-15', -3, NULL, 'paid'), (77, NULL, '2024-01-16', -4, NULL, 'paid'), (2, NULL, '2024-01-16', 6, NULL, 'paid'), (NULL, NULL, '2024-01-16', -7, NULL, 'paid');
INSERT INTO halves SELECT 1000 + n, 'x' || n, date '2024-01-01' + n % 9, 1, 'web', 'paid' FROM generate_series(1, 3000) AS n;
CREATE INDEX ON halves (client);
CREATE INDEX ON halves (number);
ANALYZE halves;
CREATE TABLE halves_wanted AS SELECT * FROM (VALUES ('a', 1::bigint, 68::numeric, 30::numeric, 'tv'), ('b', 2, 21, 0, 'web'), ('e', 1, 6, 3, 'tv'), ('f', 1, 8, 0, 'web')) AS v (customer_id, orders, value, refunds, channel);
SELECT results_eq($$SELECT about FROM clv_create_views('half', 'halves', 'client', 'sold_at', 'paid', order_id => 'number', channel => 'way', status => 'status', status_values => '{paid}') WHERE kind = 'chosen'$$,
                  $$VALUES ('that of another row of the order for 5 of 6 refunds without one')$$, 'refunds without a customer are given one, and the result says so');
SELECT results_eq('SELECT customer_id::text, orders, value, refunds, channel FROM half.customers WHERE customer_id < $$x$$ ORDER BY 1', 'TABLE halves_wanted', 'by hand, of the smallest of two customers');
SELECT results_eq('SELECT number, severity, count FROM half.audit WHERE number IN (25, 26) ORDER BY 1', $$VALUES (25, 'ok', 0::bigint), (26, 'warning', 1)$$, 'the audit counts that one');
SELECT is((SELECT count(*) FROM half.adapter_order_rows), (SELECT count(*) FROM halves), 'each row is there once');
SELECT col_type_is('half', 'adapter_order_rows', 'customer_id', 'character varying', 'customers keep their type');
CREATE VIEW lost AS SELECT * FROM halves WHERE client IS NOT NULL UNION ALL SELECT -1, NULL, date '2024-01-01', -5, 'tv', 'paid';
SELECT is_empty($$SELECT about FROM clv_create_views('lost', 'lost', 'client', 'sold_at', 'paid', order_id => 'number') WHERE kind = 'chosen'$$, 'a refund whose order has no customer either gets none');
SELECT unalike(pg_get_viewdef('lost.adapter_order_rows'), '%UNION%', 'and nothing is read to look for one');
SELECT results_eq('SELECT number, count FROM lost.audit WHERE number IN (20, 25) ORDER BY 1', 'VALUES (20, 1::bigint), (25, 0)', 'the audit counts it');
SET LOCAL enable_seqscan = off;
SELECT unalike(pg_temp.plan_of('SELECT value FROM half.histories, clv(history) AS value WHERE customer_id = $$a$$'), '%Seq Scan%', 'one customer is read by the index, also where there are such refunds');
SELECT lives_ok($$SELECT * FROM clv_create_views('half', 'halves', 'client', 'sold_at', 'paid', order_id => 'number', channel => 'way', status => 'status', status_values => '{paid}', upkeep => 'refresh')$$, 'in a table');
SELECT results_eq('SELECT customer_id::text, orders, value, refunds, channel FROM half.customers WHERE customer_id < $$x$$ ORDER BY 1', 'TABLE halves_wanted', 'the same');
CREATE TABLE halves_same (old text, new text);
INSERT INTO halves_same VALUES ('a', 'b');
SELECT lives_ok($$SELECT * FROM clv_create_views('merged_half', 'halves', 'client', 'sold_at', 'paid', order_id => 'number', same_customer => 'halves_same', same_customer_old => 'old', same_customer_new => 'new')$$, 'of a customer who was merged');
SELECT results_eq('SELECT customer_id::text, orders, value FROM merged_half.customers WHERE customer_id < $$d$$', $$VALUES ('b', 3::bigint, 84::numeric)$$, 'to the customer with the last key');
DELETE FROM halves WHERE client IS NULL;
SELECT is_empty($$SELECT about FROM clv_create_views('half', 'halves', 'client', 'sold_at', 'paid', order_id => 'number') WHERE kind = 'chosen'$$, 'where there are none, nothing is looked for');
SELECT unalike(pg_get_viewdef('half.adapter_order_rows'), '%UNION%', 'in no second branch');
INSERT INTO halves VALUES (1, NULL, '2024-01-13', -30, NULL, 'paid');
SELECT results_eq('SELECT severity, count FROM half.audit WHERE number = 25', $$VALUES ('error', 1::bigint)$$, 'and those that come later are found by the audit');
RESET enable_seqscan;
-- two customers of the order of a refund, in a table of refunds; its status and currency are not read, which is said
CREATE TABLE halves_back (order_id integer, refunded_at date, amount numeric, status text, currency text);
INSERT INTO halves_back VALUES (5, '2024-01-15', 3, 'succeeded', 'EUR'), (1, '2024-01-16', 1, 'pending', 'USD'), (99, '2024-01-16', 1, 'pending', 'USD');
DELETE FROM halves WHERE client IS NULL;
SELECT results_eq($$SELECT name, kind, about FROM clv_create_views('half', 'halves', 'client', 'sold_at', 'paid', order_id => 'number', refunds => 'halves_back') WHERE kind = 'not used' AND about ^@ 'of the refunds' ORDER BY 1$$,
                  $$VALUES ('currency', 'not used', 'of the refunds: USD (2), EUR (1)'), ('status', 'not used', 'of the refunds: pending (2), succeeded (1)')$$, 'what is not read of the refunds is said');
SELECT results_eq('SELECT customer_id::text, value FROM half.customers WHERE customer_id < $$d$$ OR customer_id IN ($$e$$, $$f$$) ORDER BY 1', $$VALUES ('a', 99::numeric), ('b', 21), ('e', 6), ('f', 8)$$, 'the smallest of two customers');
SELECT results_eq('SELECT number, severity, count, share FROM half.audit WHERE number IN (25, 26, 27) ORDER BY 1', $$VALUES (25, 'ok', 0::bigint, 0::numeric), (26, 'warning', 1, 0.5), (27, 'error', 1, 0.3333)$$, 'the audit counts it');
-- keys of other types: a domain over one without a minimum, and arrays
CREATE DOMAIN client_key AS uuid;
CREATE TABLE halves_uuid AS SELECT number, lpad(number::text, 32, '0')::uuid::client_key AS client, ARRAY[number] AS listed, sold_at, paid FROM halves WHERE number < 3;
INSERT INTO halves_uuid VALUES (1, NULL, NULL, '2024-01-20', -4), (1, '00000000000000000000000000000007', NULL, '2024-01-20', 9);
SELECT lives_ok($$SELECT * FROM clv_create_views('half_uuid', 'halves_uuid', 'client', 'sold_at', 'paid', order_id => 'number')$$, 'customers of a domain over uuid');
SELECT results_eq('SELECT right(customer_id::text, 1), value FROM half_uuid.customers ORDER BY 1', $$VALUES ('1', 96::numeric), ('2', 20), ('7', 9)$$, 'the smallest of them');
SELECT lives_ok($$SELECT * FROM clv_create_views('half_array', 'halves_uuid', 'listed', 'sold_at', 'paid', order_id => 'number')$$, 'customers that are arrays');
SELECT results_eq('SELECT customer_id, value FROM half_array.customers ORDER BY 1', $$VALUES ('{1}'::integer[], 96::numeric), ('{2}', 20)$$, 'are found by their orders, too');

-- two orders of one day from two channels
CREATE TABLE tied (customer_id integer, ordered_at date, amount numeric, way text);
INSERT INTO tied VALUES (1, '2024-01-05', 10, 'search'), (1, '2024-01-05', 20, 'affiliate'), (2, '2024-01-05', 10, 'search'), (2, '2024-01-06', 10, 'affiliate'), (3, '2024-01-07', 5, NULL), (3, '2024-01-07', 5, 'search');
SELECT lives_ok($$SELECT * FROM clv_create_views('ties', 'tied', channel => 'way')$$, 'first orders of two channels');
SELECT results_eq('SELECT severity, count FROM ties.audit WHERE number = 235', $$VALUES ('warning', 2::bigint)$$, 'are counted');

-- at one time, the number of the order decides, in whatever order rows are read; what it leaves open is counted
CREATE TABLE numbered (number integer, customer_id integer, ordered_at timestamp, amount numeric, way text);
INSERT INTO numbered SELECT v.number + 100 * c, c, '2024-01-05 10:00', 10, way FROM generate_series(1, 20) AS c, (VALUES (9, 'search'), (10, 'affiliate')) AS v (number, way) ORDER BY v.number, c;
INSERT INTO numbered VALUES (31, 21, '2024-01-05 10:00', 10, 'tv'), (31, 21, '2024-01-05 10:00', 10, 'search'), (NULL, 22, '2024-01-05', 5, 'tv'), (NULL, 22, '2024-01-05', 5, 'search'), (NULL, 23, '2024-01-05', 5, 'affiliate'), (77, 23, '2024-01-05', 5, 'search'), (78, 23, '2024-01-05', 5, NULL),
    (41, 24, '2024-01-05 09:00', -2, 'affiliate'), (41, 24, '2024-01-05 10:00', 20, 'search');
SELECT lives_ok($$SELECT * FROM clv_create_views('numbers', 'numbered', channel => 'way', order_id => 'number')$$, 'first orders of one time');
SELECT is_empty($$SELECT customer_id, channel FROM numbers.customers WHERE channel <> 'search'$$, 'the number decides');
SELECT is((SELECT count(*) FROM numbers.customers WHERE channel = 'search'), 24::bigint, 'for all');
SELECT results_eq($$SELECT customer_id, order_id, channel FROM numbers.adapter_orders WHERE customer_id IN (21, 24) ORDER BY 1$$, $$VALUES (21, 31, 'search'), (24, 41, 'search')$$, 'the channel of an order is that of its first line that was sold, here too');
SELECT results_eq('SELECT severity, count, finding FROM numbers.audit WHERE number = 235', $$VALUES ('warning', 2::bigint, '2 of 24 customers with a first order of several channels, or several first orders without a number')$$, 'the audit counts what the number leaves open');
CREATE TABLE numbered_again AS SELECT * FROM numbered ORDER BY number DESC, way;
CREATE TEMPORARY TABLE first_channels AS SELECT customer_id, channel FROM numbers.histories;
DROP TABLE numbered CASCADE;
ALTER TABLE numbered_again RENAME TO numbered;
SELECT lives_ok($$SELECT * FROM clv_create_views('numbers', 'numbered', channel => 'way', order_id => 'number')$$, 'read backwards');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT results_eq('SELECT customer_id, channel FROM numbers.histories ORDER BY 1', 'SELECT customer_id, channel FROM first_channels ORDER BY 1', 'the same, also in several processes');
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
ALTER TABLE numbered ADD code text COLLATE "POSIX";
UPDATE numbered SET code = 'R' || number % 100;
SELECT lives_ok($$SELECT * FROM clv_create_views('numbers', 'numbered', channel => 'way', order_id => 'code')$$, 'numbers that are text');
SELECT results_eq('SELECT channel, count(*) FROM numbers.customers WHERE customer_id <= 20 GROUP BY 1', $$VALUES ('affiliate', 20::bigint)$$, 'are ordered as text: R9 comes after R10');
SELECT lives_ok($$SELECT * FROM clv_create_views('numbers', 'numbered', channel => 'way', order_id => 'code', upkeep => 'refresh')$$, 'in a table');

-- a label that is not the currency of the rows
CREATE TABLE euros (customer_id integer, ordered_at date, amount numeric, currency text);
INSERT INTO euros VALUES (1, '2024-01-05', 10, 'EUR'), (2, '2024-01-05', 20, 'eur');
SELECT lives_ok($$SELECT * FROM clv_create_views('labelled', 'euros', currency => 'GBP')$$, 'a label of another currency');
SELECT results_eq('SELECT severity, count, finding FROM labelled.audit WHERE number = 65', $$VALUES ('error', 0::bigint, '0 of 2 rows; the label is GBP, and most rows are in EUR')$$, 'is an error of the audit');

-- adapters can be read by everybody with rights on the tables, but not with the rights of the owner
SELECT results_eq($$SELECT DISTINCT (relname ^@ 'adapter_' OR relname = 'histories') AS is_adapter, relacl::text ~ '[{,]=r/' AS is_open FROM pg_class WHERE relnamespace = 'labelled'::regnamespace AND relkind = 'v' ORDER BY 1$$,
    'VALUES (false, NULL::boolean), (true, true)', 'adapters are open, and ask for rights on the tables');
SELECT lives_ok($$SELECT * FROM clv_create_views('labelled', 'euros', security => 'owner')$$, 'with the rights of the owner');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'labelled'::regnamespace AND relkind = 'v' AND relacl::text ~ '[{,]=r/'$$, 'nothing is open');

-- a renewal of the views keeps who can read them, whatever default privileges say
CREATE ROLE guest_reader;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO guest_reader;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO guest_reader;
SELECT lives_ok($$SELECT * FROM clv_create_views('private', 'given_back', 'customer_id', 'ordered_at', 'amount', order_id => 'order_id', security => 'owner')$$, 'views that their owner closes');
REVOKE ALL ON ALL TABLES IN SCHEMA private FROM guest_reader;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA private FROM guest_reader;
GRANT SELECT ON private.tiers TO guest_reader;
SELECT lives_ok($$SELECT * FROM clv_create_views('private', 'given_back', 'customer_id', 'ordered_at', 'amount', security => 'owner')$$, 'and that are made again with a column of another type');
SELECT results_eq($$SELECT relname FROM pg_class WHERE relnamespace = 'private'::regnamespace AND relkind = 'v' AND has_table_privilege('guest_reader', oid, 'SELECT')$$, $$VALUES ('tiers'::name)$$, 'are closed but for what was granted');
SELECT is_empty($$SELECT proname FROM pg_proc WHERE pronamespace = 'private'::regnamespace AND has_function_privilege('guest_reader', oid, 'EXECUTE')$$, 'functions, too');

SELECT * FROM finish();
ROLLBACK;
