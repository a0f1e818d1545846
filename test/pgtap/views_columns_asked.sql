-- What clv_create_views() asks for, says and keeps of tables that nobody had in mind: nothing is taken for granted in silence.
BEGIN;
SELECT plan(66);
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';

\ir include/failure.psql
-- the call of an error as it is
CREATE FUNCTION pg_temp.pasted(query text) RETURNS text LANGUAGE sql AS $$SELECT substring(pg_temp.failure(query) FROM 'Name (?:it|them): (.*;)$')$$;
-- what the result of a call says, by kind
CREATE FUNCTION pg_temp.said(call text) RETURNS TABLE (kind text, name text, about text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT c.kind, c.name, c.about FROM clv_create_views(%s) AS c WHERE c.kind IN (''not used'', ''note'') AND c.name <> ''model''', call);
END $$;

-- how often the grouping or sorting that runs most often runs
CREATE FUNCTION pg_temp.most_loops(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || query INTO plan;
    RETURN (SELECT max((n ->> 'Actual Loops')::bigint) FROM jsonb_path_query(plan, 'strict $.**') AS n WHERE n ->> 'Node Type' IN ('Aggregate', 'WindowAgg') AND n @? '$.**."Relation Name" ? (@ == "not_analyzed")');
END $$;

-- shops whose tables came without being tried
CREATE TABLE ps_orders (id_order int PRIMARY KEY, reference varchar(9), id_shop_group int, id_shop int, id_customer int, id_cart int, id_currency int, current_state int, payment varchar(255), conversion_rate numeric(13,6), module varchar(255), total_discounts numeric(20,6), total_discounts_tax_incl numeric(20,6),
    total_paid numeric(20,6), total_paid_tax_incl numeric(20,6), total_paid_tax_excl numeric(20,6), total_paid_real numeric(20,6), total_products numeric(20,6), total_products_wt numeric(20,6), total_shipping numeric(20,6), invoice_number int, invoice_date timestamp, delivery_date timestamp, valid smallint, date_add timestamp, date_upd timestamp);
INSERT INTO ps_orders (id_order, id_shop, id_customer, id_cart, id_currency, current_state, conversion_rate, total_paid, total_paid_tax_excl, total_paid_real, invoice_number, invoice_date, valid, date_add)
    SELECT n, n % 2 + 1, n % 6 + 1, n, n % 2 + 1, CASE n % 5 WHEN 0 THEN 6 ELSE 5 END, 1, 12 * n, 10 * n, CASE n % 5 WHEN 0 THEN 0 ELSE 12 * n END, 0, NULL, (n % 5 <> 0)::int, date '2024-01-01' + n * 3 FROM generate_series(1, 20) AS n;
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'ps_orders')$$), '%It could be total_paid, total_paid_tax_incl, total_paid_tax_excl, total_paid_real, total_products, total_products_wt.%ordered_at => ''date_add''%', 'prestashop: with and without tax, and the day of the order');
SELECT lives_ok(pg_temp.pasted($$SELECT clv_create_views('ps', 'ps_orders')$$), 'prestashop: pasted');
SELECT set_eq($$SELECT name, about FROM pg_temp.said($c$'ps', 'ps_orders', amount => 'total_paid', ordered_at => 'date_add'$c$) WHERE kind = 'not used'$$,
    $$VALUES ('current_state', '5 (16), 6 (4)'), ('valid', '1 (16), 0 (4)'), ('id_shop', '1 (10), 2 (10)'), ('id_currency', '1 (10), 2 (10)')$$, 'prestashop: what is not used');
SELECT results_eq($$SELECT severity, finding LIKE 'not looked at since the views were made: id_shop: 1 (10), 2 (10); %' FROM ps.audit WHERE number = 47$$, $$VALUES ('warning', true)$$, 'prestashop: and the audit says so');

CREATE TABLE oc_order (order_id int PRIMARY KEY, invoice_no int, store_id int, customer_id int, email varchar(96), total numeric(15,4), order_status_id int, currency_id int, currency_code varchar(3), currency_value numeric(15,8), date_added timestamp, date_modified timestamp);
INSERT INTO oc_order SELECT n, 0, 0, CASE WHEN n % 4 = 0 THEN 0 ELSE n % 6 + 1 END, 'u' || n % 9 || '@x.org', 10.5 * n, CASE n % 5 WHEN 0 THEN 0 WHEN 1 THEN 7 ELSE 5 END, 1, 'EUR', 1, date '2024-01-01' + n * 3, '2024-06-01' FROM generate_series(1, 20) AS n;
SELECT set_eq($$SELECT * FROM pg_temp.said($c$'oc', 'oc_order'$c$)$$, $$VALUES ('not used', 'order_status_id', '5 (12), 0 (4), 7 (4)'), ('note', 'customer_id', '''0'' and the like in 5 of the first 20 rows: one customer')$$, 'opencart: the status, and guests');
SELECT results_eq($$SELECT severity FROM oc.audit WHERE number = 155$$, $$VALUES ('error')$$, 'opencart: guests in the audit');
SELECT results_eq($$SELECT min(first_purchase), sum(value), sum(orders)::int FROM oc.customers$$, $$SELECT min(date_added)::date, sum(total), count(*)::int FROM oc_order$$, 'opencart: figures');

CREATE TABLE bc_orders (id bigint PRIMARY KEY, customer_id bigint, date_created timestamptz, date_modified timestamptz, date_shipped timestamptz, status_id int, status text, subtotal_ex_tax numeric, subtotal_inc_tax numeric, shipping_cost_inc_tax numeric, total_ex_tax numeric, total_inc_tax numeric, total_tax numeric,
    refunded_amount numeric, currency_code text, default_currency_code text, is_deleted boolean, billing_email text);
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'bc_orders')$$), '%It could be subtotal_ex_tax, subtotal_inc_tax, total_ex_tax, total_inc_tax.%', 'bigcommerce: tax and shipping');

CREATE TABLE sylius_order (id int PRIMARY KEY, customer_id int, number text, state text, checkout_completed_at timestamp, items_total int, adjustments_total int, total int, created_at timestamp, updated_at timestamp, currency_code varchar(3), checkout_state text, payment_state text, shipping_state text);
INSERT INTO sylius_order SELECT n, n % 6 + 1, n, CASE n % 5 WHEN 1 THEN 'cancelled' ELSE 'fulfilled' END, date '2024-01-01' + n * 3, 1000 * n, 200, 1000 * n + 200, date '2023-12-31' + n * 3, '2024-07-01', 'EUR', 'completed', CASE n % 7 WHEN 0 THEN 'refunded' ELSE 'paid' END, CASE n % 3 WHEN 0 THEN 'ready' ELSE 'shipped' END FROM generate_series(1, 30) AS n;
SELECT set_eq($$SELECT * FROM pg_temp.said($c$'sylius', 'sylius_order'$c$)$$, $$VALUES ('not used', 'state', 'fulfilled (24), cancelled (6)'), ('not used', 'payment_state', 'paid (26), refunded (4)'), ('note', 'total', 'whole numbers, of which 30 of the first 30 are 100 or more: cents?')$$, 'sylius: states, and cents without a word of them');
SELECT results_eq($$SELECT min(first_purchase) FROM sylius.customers$$, $$VALUES (date '2024-01-04')$$, 'sylius: the day of the order, not of the cart');

CREATE TABLE vendure_order ("createdAt" timestamp, "updatedAt" timestamp, code varchar, state varchar, active boolean, "orderPlacedAt" timestamp, "currencyCode" varchar, id int PRIMARY KEY, "customerId" int, "subTotal" int, "subTotalWithTax" int, shipping int, "shippingWithTax" int);
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'vendure_order')$$), '%It could be "subTotal", "subTotalWithTax".%ordered_at => ''orderPlacedAt''%', 'vendure: with or without tax');

CREATE TABLE square_payment (id text PRIMARY KEY, order_id text, customer_id text, created_at timestamptz, updated_at timestamptz, amount_money_amount bigint, amount_money_currency text, tip_money_amount bigint, total_money_amount bigint, refunded_money_amount bigint, status text);
INSERT INTO square_payment SELECT 'p' || n, 'o' || (n + 1) / 2, 'c' || n / 2 % 6, date '2024-01-01' + n * 3, '2024-07-01', 1000 * n, 'USD', 100, 1000 * n + 100, CASE n % 7 WHEN 0 THEN 500 END, CASE n % 5 WHEN 0 THEN 'FAILED' ELSE 'COMPLETED' END FROM generate_series(1, 20) AS n;
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'square_payment')$$), '22023 cannot tell which columns are amount, order_id%It could be amount_money_amount, total_money_amount.%order_id of public.square_payment: Column order_id has 10 numbers in 20 rows.%', 'square: both at once');
SELECT lives_ok(pg_temp.pasted($$SELECT clv_create_views('square', 'square_payment')$$), 'square: pasted');
SELECT results_eq($$SELECT sum(orders)::int FROM square.customers$$, $$SELECT count(DISTINCT (order_id, customer_id))::int FROM square_payment$$, 'square: as orders');

CREATE TABLE lightspeed_sale ("saleID" int PRIMARY KEY, "timeStamp" timestamptz, completed boolean, archived boolean, voided boolean, "createTime" timestamptz, "updateTime" timestamptz, "completeTime" timestamptz, "calcTotal" numeric, "calcSubtotal" numeric, total numeric, "customerID" int, "employeeID" int, "shopID" int);
INSERT INTO lightspeed_sale ("saleID", "timeStamp", completed, voided, "createTime", "completeTime", "calcTotal", total, "customerID", "shopID") SELECT n, '2024-07-01', n % 5 <> 0, n % 7 = 0, date '2024-01-01' + n * 3, date '2024-01-01' + n * 3, 12 * n, 12 * n, n % 6 + 1, 1 FROM generate_series(1, 20) AS n;
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'lightspeed_sale')$$), '%It could be "timeStamp", "createTime", "completeTime".%It could be "calcTotal", "calcSubtotal", total.%', 'lightspeed: which time');
SELECT set_eq($$SELECT * FROM pg_temp.said($c$'lightspeed', 'lightspeed_sale', ordered_at => 'completeTime', amount => 'total'$c$)$$, $$VALUES ('not used', 'completed', 'true (16), false (4)'), ('not used', 'voided', 'false (18), true (2)')$$, 'lightspeed: flags');

CREATE TABLE bookings (guest_id int, booked_at timestamp, checkin date, checkout date, total_price numeric, cancelled_at timestamp);
INSERT INTO bookings SELECT n % 5 + 1, timestamp '2020-01-01' + n * interval '1 day', date '2020-02-01' + n, date '2020-02-03' + n, 250.5, CASE WHEN n % 6 = 0 THEN timestamp '2020-01-20' END FROM generate_series(1, 20) AS n;
SELECT set_eq($$SELECT * FROM pg_temp.said($c$'bookings_views', 'bookings'$c$)$$, $$VALUES ('not used', 'cancelled_at', 'set in 3 of 20 rows')$$, 'bookings: the day of the booking, not of the departure');
CREATE TABLE ledger (customer_no text, posting_date date, document_no text, document_type text, amount numeric, refunded_flag char(1));
INSERT INTO ledger SELECT 'C' || n % 5, date '2020-01-01' + n, 'D' || n, CASE n % 3 WHEN 0 THEN 'Payment' ELSE 'Invoice' END, CASE n % 3 WHEN 0 THEN -50 ELSE 50 END, CASE WHEN n % 10 = 0 THEN 'Y' ELSE 'N' END FROM generate_series(1, 30) AS n;
SELECT set_eq($$SELECT * FROM pg_temp.said($c$'ledger_views', 'ledger', ordered_at => 'posting_date'$c$)$$, $$VALUES ('not used', 'document_type', 'Invoice (20), Payment (10)'), ('not used', 'refunded_flag', 'N (27), Y (3)')$$, 'a ledger: types of rows, and flags of letters');
CREATE TABLE numbered (customer_id int, day int, amount numeric);
INSERT INTO numbered VALUES (1, 711, 5), (2, 20240105, 5);
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'numbered')$$), '%SELECT * FROM clv_create_views(''v'', ''public.numbered'', customer => ''customer_id'', ordered_at => ''...'', amount => ''amount'');%', 'a number of a day is no time');
CREATE TABLE ga4 (user_id text, created bigint, amount numeric);
INSERT INTO ga4 VALUES ('a', 1700000000000000, 5), ('a', 1700000000000, 5), ('a', 1700000000, 5);
SELECT lives_ok(pg_temp.pasted($$SELECT clv_create_views('ga4_views', 'ga4')$$), 'seconds, and thousandths and millionths of them');
SELECT results_eq($$SELECT first_purchase, last_purchase FROM ga4_views.customers$$, $$VALUES (date '2023-11-14', date '2023-11-14')$$, 'are one day');

-- lines of orders without an order number
CREATE TABLE lined (invoice_no text, customer_id int, invoice_date date, amount numeric);
INSERT INTO lined SELECT 'i' || n / 2, n / 2 % 5 + 1, date '2024-01-01' + n / 2, 10 FROM generate_series(2, 41) AS n;
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'lined', currency => 'EUR')$$), $$22023 cannot tell whether a row of public.lined is an order or a line of one
Column invoice_no has 20 numbers in 40 rows.
Give order_id => 'invoice_no' if rows are lines of orders, and order_id => '' if each is an order. Name it: SELECT * FROM clv_create_views('v', 'public.lined', customer => 'customer_id', ordered_at => 'invoice_date', amount => 'amount', order_id => 'invoice_no' /* or '' */, currency => 'EUR');$$, 'lines of orders are asked for');
SELECT lives_ok(pg_temp.pasted($$SELECT clv_create_views('lined_views', 'lined', currency => 'EUR')$$), 'and the answer runs');
SELECT results_eq($$SELECT sum(orders)::int FROM lined_views.customers$$, 'VALUES (20)', 'as orders');
SELECT is_empty($$SELECT * FROM pg_temp.said($c$'lined_views', 'lined', order_id => ''$c$) WHERE name = 'invoice_no'$$, 'who says that each row is an order is not asked again');
SELECT results_eq($$SELECT sum(orders)::int FROM lined_views.customers$$, 'VALUES (40)', 'as rows');
SELECT results_eq($$SELECT value FROM lined_views.settings WHERE name IN ('order_id', 'call') ORDER BY name$$, $$VALUES ($c$SELECT * FROM public.clv_create_views('lined_views', 'public.lined', customer => 'customer_id', ordered_at => 'invoice_date', amount => 'amount', order_id => '')$c$), (NULL)$$, 'and the call that is kept says so');
-- money given back of an order is no line of it
CREATE TABLE gave_back (order_id int, customer_id int, ordered_at date, amount numeric);
INSERT INTO gave_back SELECT n, n % 5 + 1, date '2024-01-01' + n, 10 FROM generate_series(1, 20) AS n;
INSERT INTO gave_back SELECT order_id, customer_id, ordered_at + 1, -5 FROM gave_back;
SELECT is_empty($$SELECT * FROM pg_temp.said($c$'gave_back_views', 'gave_back'$c$)$$, 'refunds of orders are no question');
INSERT INTO gave_back VALUES (1, 1, '2024-03-01', 3);
SELECT results_eq($$SELECT * FROM pg_temp.said($c$'gave_back_views', 'gave_back'$c$)$$, $$VALUES ('note', 'order_id', '20 numbers in 21 rows: each row is taken for an order')$$, 'a few repeats are a note');
ALTER TABLE lined ADD order_id serial;
SELECT results_eq($$SELECT name FROM pg_temp.said($c$'lined_views', 'lined'$c$)$$, $$VALUES ('invoice_no')$$, 'with an order number that does not repeat, another that does is a note');
ALTER TABLE lined DROP order_id;
-- lines far apart, as statistics know
CREATE TABLE far_apart AS SELECT n % 20000 AS order_id, n % 20000 % 50 + 1 AS customer_id, date '2024-01-01' + n % 20000 % 300 AS ordered_at, 10.5 AS amount FROM generate_series(1, 40000) AS n;
ANALYZE far_apart;
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'far_apart')$$), '%Column order_id has % numbers in % rows.%', 'lines that are far apart');
CREATE TABLE hidden_number AS SELECT 1 AS order_id, n % 5 AS customer_id, date '2024-01-01' + n AS ordered_at, 1.5 AS amount FROM generate_series(1, 20) AS n;
CREATE ROLE sees_no_number;
GRANT CREATE ON DATABASE :DBNAME TO sees_no_number;
GRANT SELECT (customer_id, ordered_at, amount) ON hidden_number TO sees_no_number;
SET LOCAL ROLE sees_no_number;
SELECT is(pg_temp.failure($$SELECT count(*) FROM clv_create_views('hidden_views', 'hidden_number', model => 'none')$$), 'no error', 'a number that may not be read is not looked at');
RESET ROLE;

-- names that do not exist
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'gave_back', group_by => '{contry}')$$), $$42703 column "contry" of relation "public.gave_back" does not exist
It was given in the argument group_by.
The columns of public.gave_back are order_id, customer_id, ordered_at, amount.$$, 'a group that does not exist');
CREATE TABLE buyers (id int, country text);
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'gave_back', customers => 'buyers', group_by => '{contry}')$$), '%The columns of public.gave_back are order_id, customer_id, ordered_at, amount. The columns of public.buyers are id, country.', 'in none of two tables');
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'gave_back', customer => 'custmer_id')$$), '%The columns of public.gave_back are order_id, customer_id, ordered_at, amount. Name it: %customer => ''customer_id'', ordered_at%', 'a misspelt column, with what would be found without it');
SELECT is(clv_internal_view_choice('customer', ARRAY['a', 'b*/ DROP', '/*c']), $$customer => 'a' /* or 'b* / DROP', '/ *c' */$$, 'no name ends a comment');

-- a book that is over
CREATE TABLE over (customer_id int, ordered_at date, amount numeric);
INSERT INTO over SELECT n % 5 + 1, date '2024-01-01' + n, 10 FROM generate_series(1, 20) AS n;
INSERT INTO over VALUES (1, '2024-01-25', -4), (2, '2024-02-01', -3);
SELECT results_eq($$SELECT * FROM pg_temp.said($c$'over_views', 'over', today => 'last order'$c$)$$, $$VALUES ('note', 'today', 'views do not see 2 refunds of 7 after the last order')$$, 'refunds after the last order are noted');
SELECT results_eq($$SELECT count, advice LIKE 'Today is the day of the last order: refunds that came later are not seen.%' FROM over_views.audit WHERE number = 60$$, $$VALUES (2::bigint, true)$$, 'and audited');
SELECT is_empty($$SELECT * FROM pg_temp.said($c$'over_views', 'over'$c$)$$, 'as of today they are seen');

-- refunds without a customer are no guests
CREATE TABLE hpos (id bigint PRIMARY KEY, total_amount numeric, billing_email text, date_created_gmt timestamp, parent_order_id bigint);
INSERT INTO hpos SELECT n, 10.5, 'a' || n % 4 || '@x.org', date '2024-01-01' + n, 0 FROM generate_series(1, 20) AS n;
INSERT INTO hpos VALUES (21, -3, NULL, '2024-02-01', 2), (22, -2, NULL, '2024-02-02', 3);
SELECT count(*) FROM clv_create_views('hpos_views', 'hpos') \gset hidden_
SELECT results_eq($$SELECT number, severity, finding, advice FROM hpos_views.audit WHERE number IN (20, 70) ORDER BY number$$, $$VALUES
    (20, 'warning', '2 of 22 rows, 2 of them refunds', 'They are left out everywhere: Refunds without a customer make value too high: a view can give each the customer of its order, as order_id does if they have the number of that order.'),
    (70, 'warning', '0 of 20 orders and refunds', 'The refunds are left out, since they have no customer: 2. Value is gross.')$$, 'refunds that are left out are called so');
INSERT INTO hpos VALUES (23, 5, NULL, '2024-02-03', 0);
SELECT alike((SELECT advice FROM hpos_views.audit WHERE number = 20), '%revenue lacks what they bought. If they are guests%Refunds without a customer make value too high%', 'and guests are guests');

-- tables beside the orders
CREATE TABLE sold (order_id int, customer_id int, ordered_at date, amount numeric, channel text);
INSERT INTO sold SELECT n, n % 5 + 1, date '2024-01-01' + n, 10.5, 'tv' FROM generate_series(1, 20) AS n;
CREATE TABLE sold_items AS SELECT order_id, 'p' AS product, amount, CASE WHEN order_id % 4 = 0 THEN 'returned' ELSE 'sent' END AS item_status FROM sold;
CREATE TABLE sold_spend (channel text, day date, cost numeric, currency text);
INSERT INTO sold_spend VALUES ('tv', '2024-01-01', 5, 'EUR'), ('tv', '2024-01-01', 5, 'USD');
SELECT set_eq($$SELECT name, about FROM pg_temp.said($c$'sold_views', 'sold', channel => 'channel', items => 'sold_items', items_order_id => 'order_id', spend => 'sold_spend'$c$)$$,
    $$VALUES ('item_status', 'of the items: sent (15), returned (5)'), ('currency', 'of the spend: EUR (1), USD (1)')$$, 'states of items, and currencies of the spend');

-- tables without statistics
CREATE TABLE not_analyzed WITH (autovacuum_enabled = off) AS SELECT n AS order_id, n % 5000 + 1 AS customer_id, date '2024-01-01' + n % 300 AS ordered_at, n % 90 + 0.5 AS amount, repeat('x', 60) AS filler FROM generate_series(1, 50000) AS n;
CREATE TABLE not_analyzed_refunds (order_id int, refunded_at date, amount numeric);
INSERT INTO not_analyzed_refunds SELECT order_id, ordered_at + 1, 0.25 FROM not_analyzed WHERE order_id % 10 = 0;
SELECT results_eq($$SELECT name FROM pg_temp.said($c$'not_analyzed_views', 'not_analyzed', order_id => 'order_id', refunds => 'not_analyzed_refunds'$c$) WHERE about LIKE 'without statistics%'$$, $$VALUES ('not_analyzed'), ('not_analyzed_refunds')$$, 'tables without statistics are noted');
SELECT results_eq($$SELECT count FROM not_analyzed_views.audit WHERE number IN (10, 70) ORDER BY number$$, $$VALUES (50000::bigint), (5000)$$, 'and are looked at');
SELECT cmp_ok(pg_temp.most_loops('SELECT * FROM not_analyzed_views.audit'), '<', 100::bigint, 'the orders are not grouped once for each refund');
ANALYZE not_analyzed, not_analyzed_refunds;
SELECT is_empty($$SELECT * FROM pg_temp.said($c$'not_analyzed_views', 'not_analyzed', order_id => 'order_id', refunds => 'not_analyzed_refunds'$c$)$$, 'with statistics nothing is');

-- the call that is kept makes the same again
CREATE TABLE many (order_no int, customer_no int, sold_at timestamptz, price numeric, qty int, state text, src text, land text);
INSERT INTO many SELECT n / 2, n / 2 % 7 + 1, timestamptz '2024-01-01 10:00+00' + n / 2 * interval '1 day', n % 9 + 0.5, n % 3 + 1, 'paid', 'tv', 'DE' FROM generate_series(2, 61) AS n;
CREATE TABLE many_refunds (order_no int, refunded_at date, amount numeric);
INSERT INTO many_refunds VALUES (3, '2024-02-01', 1);
CREATE TABLE many_spend (channel text, day date, cost numeric);
CREATE TABLE many_answers (customer_no int, answered_on date, score int);
CREATE TABLE many_merged (old_no int, new_no int);
CREATE TABLE many_items (order_no int, sku text, line_total numeric);
CREATE FUNCTION pg_temp.state_of(views text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text;
BEGIN
    EXECUTE format('SELECT string_agg(concat_ws(%L, name, value), %L) FROM %I.settings', E'\t', E'\n', views) INTO state;
    RETURN state || (SELECT string_agg(c.relname || pg_get_viewdef(c.oid), E'\n' ORDER BY c.relname) FROM pg_class AS c WHERE c.relnamespace = quote_ident(views)::regnamespace AND c.relkind = 'v');
END $$;
CREATE FUNCTION pg_temp.again(views text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE before CONSTANT text := pg_temp.state_of(views); call text;
BEGIN
    EXECUTE format('SELECT value FROM %I.settings WHERE name = %L', views, 'call') INTO call;
    PERFORM set_config('TimeZone', 'Asia/Tokyo', true);
    EXECUTE call;
    PERFORM set_config('TimeZone', 'UTC', true);
    RETURN CASE WHEN pg_temp.state_of(views) = before THEN 'the same' ELSE before || E'\n-- after\n' || pg_temp.state_of(views) END;
END $$;
SELECT lives_ok($$SELECT count(*) FROM clv_create_views('Many''s views', 'many', amount => 'price', quantity => 'qty', order_id => 'order_no', channel => 'src', status => 'state', status_values => '{paid, "on account"}', refunds => 'many_refunds', refunded_orders => 'leave out',
    spend => 'many_spend', feedback => 'many_answers', items => 'many_items', items_order_id => 'order_no', same_customer => 'many_merged', group_by => '{land}', margin => 0.4, currency => 'EUR', period => 'week', week_start => 'sunday', tier_thresholds => '{0.1,0.3}',
    zero => 'ignore', today => 'last order', upkeep => 'refresh', rfm_bins => 3, rfm_rules => 'Good: [23]**; Other: ***')$$, 'a call with everything');
SELECT is(pg_temp.again('Many''s views'), 'the same', 'is kept, and makes the same again');
SELECT lives_ok($$SELECT count(*) FROM clv_create_views('given', 'many', amount => 'price', quantity => 'qty', cost => 'qty', order_id => 'order_no', model => 'none', buying_model => '{"model": "bgnbd", "unit": "week", "parameters": {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4}}')$$, 'a call with a model');
SELECT is(pg_temp.again('given'), 'the same', 'that is kept, too');

-- what cannot be meant is said
CREATE TABLE doubt (order_id int PRIMARY KEY, customer_id int, ordered_at date, amount numeric, currency text);
INSERT INTO doubt VALUES (1, 1, '2026-11-01', 50, 'EUR'), (2, 2, '2026-11-02', 30, 'EUR');
CREATE TABLE doubt_customers (customer_id int, country text);
INSERT INTO doubt_customers VALUES (1, 'AT'), (1, 'DE'), (2, 'AT');
CREATE TABLE doubt_items (order_id int, sku text, quantity int, price numeric);
INSERT INTO doubt_items VALUES (1, 'a', 2, 25), (2, 'b', 3, 10);
CREATE TABLE doubt_refunds (order_id int, refunded_at date, amount numeric);
INSERT INTO doubt_refunds VALUES (1, '2026-11-03', 10);
SELECT results_eq($$SELECT name, about FROM pg_temp.said($c$'doubt_views', 'doubt', customers => 'doubt_customers', group_by => '{country}'$c$) WHERE about LIKE '%several rows%'$$,
    $$VALUES ('customer_id', 'several rows in public.doubt_customers for 1 customer: of each column the first value by name counts')$$, 'several rows of a customer');
SELECT results_eq($$SELECT severity, finding LIKE '%several rows in public.doubt_customers%' FROM doubt_views.audit WHERE number = 47$$, $$VALUES ('warning', true)$$, 'also in the audit');
SELECT results_eq($$SELECT name, about FROM pg_temp.said($c$'doubt_views', 'doubt', order_id => 'order_id', items => 'doubt_items', items_amount => 'price'$c$) WHERE name = 'quantity'$$,
    $$VALUES ('quantity', 'of the items: price is taken as the amount of a row, not of a unit')$$, 'a price of items beside a quantity');
SELECT results_eq($$SELECT count(*) FROM pg_temp.said($c$'doubt_views', 'doubt', order_id => 'order_id', refunds => 'doubt_refunds', currency_column => 'currency', currency => 'EUR'$c$) WHERE name <> 'order_id'$$, $$VALUES (0::bigint)$$, 'refunds without a currency are none in another');
SELECT results_eq($$SELECT severity FROM doubt_views.audit WHERE number = 65$$, $$VALUES ('ok')$$, 'nor to the audit');
UPDATE doubt_refunds SET amount = 1000;
SELECT results_eq($$SELECT severity, finding FROM doubt_views.audit WHERE number = 70$$, $$VALUES ('error', '1 of 3 orders and refunds, and more was given back than was bought')$$, 'refunds in cents');
CREATE TABLE doubt_lines (customer_id int, ordered_at date, quantity int, unit_price numeric);
INSERT INTO doubt_lines VALUES (1, '2026-10-01', 2, 5), (1, '2026-10-09', -2, -5), (2, '2026-10-11', 1, 5);
SELECT results_eq($$SELECT about FROM pg_temp.said($c$'doubt_views', 'doubt_lines', order_id => '', quantity => 'quantity'$c$) WHERE about LIKE 'below 0%'$$,
    $$VALUES ('below 0 together with the price in 1 row, of amounts above 0: taken for sold')$$, 'a quantity and a price below 0');
-- a status without values, and values without a column: the call has both
CREATE TABLE booked (customer_id int, ordered_at date, amount numeric, type text, "Zu Stand" text, state text);
INSERT INTO booked SELECT n % 5, date '2024-01-01' + n, n, 'web', CASE n % 6 WHEN 0 THEN 'storniert' ELSE 'bezahlt' END, CASE n % 6 WHEN 0 THEN 'cancelled' WHEN 1 THEN 'pending payment' WHEN 2 THEN 'it''s shipped' ELSE 'paid' END FROM generate_series(1, 30) AS n;
CREATE FUNCTION pg_temp.given(query text) RETURNS text LANGUAGE sql AS $$SELECT substring(pg_temp.failure(query) FROM '(?:Give them|Name it): (.*;)')$$;
SELECT alike(pg_temp.failure($$SELECT clv_create_views('booked_views', 'booked', status => 'state')$$), $$22004 status requires the values that count
Values of column state are paid, it's shipped, cancelled, pending payment.
Give them: SELECT * FROM %clv_create_views('booked_views', 'public.booked', customer => 'customer_id', ordered_at => 'ordered_at', amount => 'amount', status => 'state', status_values => '{paid,"it''s shipped"}');%$$, 'a status without values');
SELECT lives_ok(pg_temp.given($$SELECT clv_create_views('booked_views', 'booked', status => 'state')$$), 'what is proposed runs');
SELECT results_eq('SELECT sum(value) FROM booked_views.customers', $$SELECT sum(amount) FROM booked WHERE state IN ('paid', 'it''s shipped')$$, 'and leaves out what was cancelled');
SELECT lives_ok(pg_temp.given($$SELECT clv_create_views('booked_views', 'booked', status_values => '{paid}')$$), 'values without a column');
SELECT results_eq('SELECT sum(value) FROM booked_views.customers', $$SELECT sum(amount) FROM booked WHERE state = 'paid'$$, 'of the column that has them');
SELECT lives_ok(pg_temp.given($$SELECT clv_create_views('booked_views', 'booked', status => 'Zu Stand')$$), 'words that say nothing all count, and can be taken out');

-- other tables may use the names of the orders, after their own
CREATE TABLE bestellungen (bestellung int, kunde int, datum date, betrag numeric, weg text);
CREATE TABLE erstattungen (bestellung int, datum date, betrag numeric);
CREATE TABLE posten (bestellung int, artikel int, betrag numeric, menge int);
CREATE TABLE werbung (weg text, datum date, betrag numeric);
CREATE TABLE antworten (kunde int, datum date, note int);
SELECT set_eq($$SELECT name, about FROM clv_create_views('german', 'bestellungen', 'kunde', 'datum', 'betrag', order_id => 'bestellung', channel => 'weg', refunds => 'erstattungen', items => 'posten', items_product => 'artikel', items_order_id => 'bestellung',
        spend => 'werbung', feedback => 'antworten', feedback_score => 'note') WHERE kind = 'chosen' AND name NOT LIKE 'items'$$,
    $$VALUES ('refunds_order_id', 'column bestellung of public.erstattungen'), ('refunds_at', 'column datum of public.erstattungen'), ('refunds_amount', 'column betrag of public.erstattungen'), ('items_amount', 'column betrag of public.posten'),
             ('spend_channel', 'column weg of public.werbung'), ('spend_at', 'column datum of public.werbung'), ('spend_amount', 'column betrag of public.werbung'), ('feedback_customer', 'column kunde of public.antworten'), ('feedback_at', 'column datum of public.antworten')$$, 'names of the orders');
CREATE TABLE refund_rows (order_id int, created_at date, refunded_at date, total numeric, refund_amount numeric);
CREATE TABLE order_rows (order_id int, customer_id int, created_at date, total numeric);
SELECT set_eq($$SELECT about FROM clv_create_views('own', 'order_rows', order_id => 'order_id', refunds => 'refund_rows') WHERE kind = 'chosen' AND name LIKE 'refunds%'$$,
    $$VALUES ('column order_id of public.refund_rows'), ('column refunded_at of public.refund_rows'), ('column refund_amount of public.refund_rows')$$, 'their own names come first');
SELECT alike(pg_temp.failure($$SELECT clv_create_views('german', 'bestellungen', 'kunde', 'datum', 'betrag', order_id => 'bestellung', quantity => 'kunde', refunds => 'erstattungen')$$), '%which column of public.erstattungen is the refunds_amount%', 'a price of a unit is no amount of a refund');
SELECT * FROM finish();
ROLLBACK;
