-- Which columns clv_create_views() takes for what: those of the tables of real shops, and what it asks for.
BEGIN;
SELECT plan(131);
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';

\ir include/failure.psql
-- a call, with customers, orders and value, and the revenue of the months, against a query by hand
CREATE FUNCTION pg_temp.shop(shop text, arguments text, by_hand text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT lives_ok(format('SELECT count(*) FROM clv_create_views(%L, %s)', 'v_' || shop, arguments), shop || ': made');
    RETURN NEXT results_eq(format('SELECT customer_id::text, orders, value::numeric FROM v_%s.customers ORDER BY 1', shop), by_hand, shop || ': customers, orders and value');
    RETURN NEXT results_eq(format('SELECT sum(orders)::bigint, sum(revenue)::numeric FROM v_%s.kpis', shop),
                           format('SELECT sum(o)::bigint, sum(v)::numeric FROM (%s) AS h (c, o, v)', by_hand), shop || ': the sums of the months');
END $$;
-- the part of a hint that is to be pasted, with choices made
CREATE FUNCTION pg_temp.proposed(query text, VARIADIC choices text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    call text := substring(pg_temp.failure(query) FROM 'Name (?:it|them): (SELECT .*);');
BEGIN
    FOR i IN 1 .. cardinality(choices) BY 2 LOOP
        call := regexp_replace(call, format('%s => ''[^'']*''', choices[i]), format('%s => %L', choices[i], choices[i + 1]));
    END LOOP;
    RETURN call;
END $$;
CREATE FUNCTION pg_temp.run_and_read(call text, query text) RETURNS text LANGUAGE plpgsql AS $$DECLARE said text; BEGIN EXECUTE call; EXECUTE query INTO said; RETURN said; END $$;
CREATE FUNCTION pg_temp.run(call text) RETURNS void LANGUAGE plpgsql AS $$BEGIN EXECUTE call; END $$;
-- what is said of a column of states that is not used
CREATE FUNCTION pg_temp.notices(call text, named name) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE call;
    RETURN (SELECT clv_internal_view_status_hint(u.named, u.states, u.are_back)
            FROM clv_internal_view_unused_values((regexp_match(call, '''[^'']*'', ''([^'']*)'''))[1]::regclass, '{}', '', 'total_amount') AS u WHERE u.named = notices.named AND u.kind = 'state');
END $$;
-- calls one after the other make the same schema again: drop it in between
CREATE FUNCTION pg_temp.rows_of(kind text, call text) RETURNS TABLE (name text, about text) LANGUAGE plpgsql AS $$
BEGIN
    -- what is used and has to be looked at is a note
    RETURN QUERY EXECUTE format('SELECT c.name, c.about FROM clv_create_views(%s) AS c WHERE c.name <> ''model'' AND regexp_replace(c.kind, ''^note$'', ''not used'') = %L', call, kind);
END $$;

-- WooCommerce, the table of its analytics: a refund is a row of its own
CREATE TABLE wp_wc_order_stats (order_id bigint PRIMARY KEY, parent_id bigint, date_created timestamp, date_created_gmt timestamp, date_paid timestamp, date_completed timestamp,
    num_items_sold integer, total_sales double precision, tax_total double precision, shipping_total double precision, net_total double precision, returning_customer boolean, status varchar(200), customer_id bigint);
INSERT INTO wp_wc_order_stats VALUES (1, 0, '2024-01-05 23:30', '2024-01-06 04:30', '2024-01-06', '2024-01-09', 2, 59.5, 9.5, 5, 45, false, 'wc-completed', 1), (2, 0, '2024-02-05', '2024-02-05', '2024-02-06', NULL, 1, 23.8, 3.8, 0, 20, true, 'wc-processing', 1),
    (3, 2, '2024-02-20', '2024-02-20', NULL, NULL, -1, -23.8, -3.8, 0, -20, true, 'wc-refunded', 1), (4, 0, '2024-03-01', '2024-03-01', NULL, NULL, 1, 11.9, 1.9, 0, 10, false, 'wc-completed', 2);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'wp_wc_order_stats')$$), $$22023 cannot tell which column of public.wp_wc_order_stats is the amount
It could be total_sales, net_total.
Name it: SELECT * FROM clv_create_views('v', 'public.wp_wc_order_stats', customer => 'customer_id', ordered_at => 'date_created', amount => 'total_sales' /* or 'net_total' */);$$, 'woo_stats: with or without tax');
SELECT pg_temp.shop('woo_stats', $$'wp_wc_order_stats', amount => 'net_total'$$, $$SELECT customer_id::text, count(*) FILTER (WHERE net_total >= 0), sum(net_total)::numeric FROM wp_wc_order_stats GROUP BY 1 ORDER BY 1$$);
SELECT results_eq($$SELECT first_purchase FROM v_woo_stats.customers ORDER BY customer_id$$, $$VALUES (date '2024-01-05'), ('2024-03-01')$$, 'woo_stats: on the day in the shop');

-- WooCommerce, its tables of orders
CREATE TABLE wp_wc_orders (id bigint PRIMARY KEY, status varchar(20), currency varchar(10), type varchar(20), tax_amount numeric(26,8), total_amount numeric(26,8), customer_id bigint, billing_email varchar(320),
    date_created_gmt timestamp, date_updated_gmt timestamp, parent_order_id bigint, payment_method varchar(100), payment_method_title text, transaction_id varchar(100), ip_address varchar(100), user_agent text, customer_note text);
INSERT INTO wp_wc_orders (id, status, currency, type, tax_amount, total_amount, customer_id, billing_email, date_created_gmt, date_updated_gmt) VALUES
    (1, 'wc-completed', 'EUR', 'shop_order', 1, 10, 7, 'a@x.org', '2024-01-01', '2024-09-01'), (2, 'wc-completed', 'EUR', 'shop_order', 2, 20, 0, 'b@x.org', '2024-01-02', '2024-09-01'),
    (3, 'wc-completed', 'EUR', 'shop_order_refund', -1, -5, 7, 'a@x.org', '2024-02-01', '2024-09-01'), (4, 'wc-completed', 'EUR', 'shop_order', 3, 30, 0, 'c@x.org', '2024-03-02', '2024-09-01');
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'wp_wc_orders')$$), $$22023 cannot tell which column of public.wp_wc_orders is the customer
It could be billing_email, customer_id. In WooCommerce, customer_id is 0 for every guest.
Name it: SELECT * FROM clv_create_views('v', 'public.wp_wc_orders', customer => 'billing_email' /* or 'customer_id' */, ordered_at => 'date_created_gmt', amount => 'total_amount');$$, 'woo: guests');
SELECT pg_temp.shop('woo', $$'wp_wc_orders', 'billing_email'$$, $$SELECT billing_email::text, count(*) FILTER (WHERE total_amount >= 0), sum(total_amount) FROM wp_wc_orders GROUP BY 1 ORDER BY 1$$);

SELECT count(*) AS made FROM (SELECT pg_temp.run(pg_temp.proposed($$SELECT clv_create_views('woo_pasted', 'wp_wc_orders')$$, VARIADIC '{}'))) AS r \gset
SELECT results_eq('SELECT customer_id::text, orders, value FROM woo_pasted.customers ORDER BY 1', $$VALUES ('a@x.org', 1::bigint, 5::numeric), ('b@x.org', 1, 20), ('c@x.org', 1, 30)$$, 'woo: the call of the error is right');
SELECT is(pg_temp.notices($$SELECT count(*) FROM clv_create_views('woo_pasted', 'wp_wc_orders', 'billing_email')$$, 'type'), 'Rows of shop_order_refund are all below 0: they count as refunds, which needs no status.', 'woo: and leaves no refund out');

-- Shopify, loaded from its API
CREATE TABLE shopify_orders (id bigint PRIMARY KEY, name text, email text, order_number bigint, created_at timestamptz, processed_at timestamptz, updated_at timestamptz, cancelled_at timestamptz, closed_at timestamptz, cancel_reason text, test boolean,
    currency text, presentment_currency text, financial_status text, fulfillment_status text, total_price numeric, subtotal_price numeric, total_tax numeric, total_discounts numeric, total_line_items_price numeric, total_tip_received numeric,
    total_weight bigint, current_total_price numeric, current_subtotal_price numeric, user_id bigint, location_id bigint, app_id bigint, checkout_id bigint, source_name text, landing_site text, referring_site text, customer_id bigint, note text, tags text, taxes_included boolean);
INSERT INTO shopify_orders (id, email, created_at, processed_at, test, currency, presentment_currency, financial_status, total_price, subtotal_price, total_tax, current_total_price, current_subtotal_price, customer_id, user_id)
VALUES (1, 'a@x.org', '2024-06-01', '2023-01-01', false, 'EUR', 'EUR', 'paid', 11, 10, 1, 11, 10, 501, 9), (2, 'a@x.org', '2024-06-02', '2023-02-01', false, 'EUR', 'USD', 'paid', 22, 20, 2, 22, 20, 501, NULL),
       (3, 'b@x.org', '2024-06-03', '2023-03-01', true, 'EUR', 'EUR', 'refunded', 33, 30, 3, 0, 0, 502, NULL);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'shopify_orders')$$), $$22023 cannot tell which column of public.shopify_orders is the amount
It could be total_price, subtotal_price, current_total_price, current_subtotal_price.
Name it: SELECT * FROM clv_create_views('v', 'public.shopify_orders', customer => 'customer_id', ordered_at => 'processed_at', amount => 'total_price' /* or 'subtotal_price', 'current_total_price', 'current_subtotal_price' */);$$, 'shopify: before or after refunds, with or without tax');
SELECT pg_temp.shop('shopify', $$'shopify_orders', amount => 'total_price'$$, $$SELECT customer_id::text, count(*), sum(total_price) FROM shopify_orders GROUP BY 1 ORDER BY 1$$);
SELECT results_eq($$SELECT first_purchase FROM v_shopify.customers ORDER BY customer_id$$, $$VALUES (date '2023-01-01'), ('2023-03-01')$$, 'shopify: on the day of the order, not of its import');

-- Shopify, as its admin exports orders
CREATE TABLE shopify_export ("Name" text, "Email" text, "Financial Status" text, "Paid at" timestamptz, "Fulfillment Status" text, "Fulfilled at" timestamptz, "Accepts Marketing" text, "Currency" text, "Subtotal" numeric, "Shipping" numeric,
    "Taxes" numeric, "Total" numeric, "Discount Code" text, "Discount Amount" numeric, "Shipping Method" text, "Created at" timestamptz, "Lineitem quantity" integer, "Lineitem name" text, "Lineitem price" numeric, "Cancelled at" timestamptz,
    "Refunded Amount" numeric, "Vendor" text, "Outstanding Balance" numeric, "Id" bigint, "Tags" text, "Risk Level" text, "Source" text);
INSERT INTO shopify_export ("Name", "Email", "Financial Status", "Paid at", "Currency", "Subtotal", "Taxes", "Total", "Created at", "Refunded Amount")
VALUES ('#1', 'a@x.org', 'paid', '2024-01-03', 'EUR', 10, 2, 12, '2024-01-01', 0), ('#2', 'a@x.org', 'refunded', '2024-02-03', 'EUR', 20, 4, 24, '2024-02-01', 24), ('#3', 'b@x.org', 'paid', '2024-02-09', 'EUR', 30, 6, 36, '2024-02-08', 0);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'shopify_export')$$), $$22023 cannot tell which column of public.shopify_export is the amount
It could be "Subtotal", "Total".
Name it: SELECT * FROM clv_create_views('v', 'public.shopify_export', customer => 'Email', ordered_at => 'Created at', amount => 'Subtotal' /* or 'Total' */);$$, 'shopify_export: the time of the order comes before that of payment');
SELECT pg_temp.shop('shopify_export', $$'shopify_export', amount => 'Total'$$, $$SELECT "Email", count(*), sum("Total") FROM shopify_export GROUP BY 1 ORDER BY 1$$);

-- Magento
CREATE TABLE sales_order (entity_id integer PRIMARY KEY, state varchar(32), status varchar(32), coupon_code varchar(255), protect_code varchar(255), is_virtual smallint, store_id smallint, customer_id integer, base_discount_amount numeric(20,4), base_grand_total numeric(20,4),
    base_shipping_amount numeric(20,4), base_subtotal numeric(20,4), base_subtotal_refunded numeric(20,4), base_tax_amount numeric(20,4), base_tax_refunded numeric(20,4), base_to_global_rate numeric(20,4), base_to_order_rate numeric(20,4), base_total_canceled numeric(20,4),
    base_total_invoiced numeric(20,4), base_total_invoiced_cost numeric(20,4), base_total_paid numeric(20,4), base_total_qty_ordered numeric(12,4), base_total_refunded numeric(20,4), discount_amount numeric(20,4), grand_total numeric(20,4), shipping_amount numeric(20,4),
    shipping_tax_amount numeric(20,4), store_to_base_rate numeric(12,4), subtotal numeric(20,4), subtotal_refunded numeric(20,4), tax_amount numeric(20,4), tax_refunded numeric(20,4), total_canceled numeric(20,4), total_invoiced numeric(20,4), total_paid numeric(20,4),
    total_qty_ordered numeric(12,4), total_refunded numeric(20,4), customer_is_guest smallint, billing_address_id integer, customer_group_id integer, payment_auth_expiration integer, quote_id integer, shipping_address_id integer, base_subtotal_incl_tax numeric(20,4),
    base_total_due numeric(20,4), subtotal_incl_tax numeric(20,4), total_due numeric(20,4), weight numeric(12,4), customer_dob timestamp, increment_id varchar(50), base_currency_code varchar(3), customer_email varchar(128), customer_firstname varchar(128),
    customer_lastname varchar(128), global_currency_code varchar(3), order_currency_code varchar(3), remote_ip varchar(45), store_currency_code varchar(3), store_name varchar(255), created_at timestamp, updated_at timestamp, total_item_count smallint, shipping_incl_tax numeric(20,4));
INSERT INTO sales_order (entity_id, state, status, store_id, customer_id, base_grand_total, grand_total, base_subtotal, subtotal, base_tax_amount, tax_amount, base_total_paid, total_paid, total_refunded, base_currency_code, order_currency_code, customer_email, created_at, updated_at)
VALUES (1, 'complete', 'complete', 1, 5, 10, 11, 9, 10, 1, 1, 10, 11, NULL, 'EUR', 'USD', 'a@x.org', '2024-01-01', '2024-05-01'), (2, 'complete', 'complete', 2, 5, 20, 20, 18, 18, 2, 2, 20, 20, 20, 'EUR', 'EUR', 'a@x.org', '2024-02-01', '2024-05-01'),
       (3, 'canceled', 'canceled', 1, 6, 30, 30, 27, 27, 3, 3, 0, 0, NULL, 'EUR', 'EUR', 'b@x.org', '2024-03-01', '2024-05-01');
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'sales_order')$$), $$22023 cannot tell which column of public.sales_order is the amount
It could be base_grand_total, base_subtotal, base_total_paid, grand_total, subtotal, total_paid, base_subtotal_incl_tax, subtotal_incl_tax.
Name it: SELECT * FROM clv_create_views('v', 'public.sales_order', customer => 'customer_id', ordered_at => 'created_at', amount => 'base_grand_total' /* or 'base_subtotal', 'base_total_paid', 'grand_total', 'subtotal', 'total_paid', 'base_subtotal_incl_tax', 'subtotal_incl_tax' */);$$, 'magento: of the shop''s currency or the customer''s');
SELECT pg_temp.shop('magento', $$'sales_order', amount => 'base_grand_total'$$, $$SELECT customer_id::text, count(*), sum(base_grand_total)::numeric FROM sales_order GROUP BY 1 ORDER BY 1$$);
SELECT results_eq($$SELECT value FROM v_magento.settings WHERE name = 'currency_column'$$, $$VALUES ('base_currency_code')$$, 'magento: the currency that goes with the amount');
SELECT set_eq($$SELECT * FROM pg_temp.rows_of('not used', $c$'v_magento', 'sales_order', amount => 'base_grand_total'$c$)$$, $$VALUES ('state', 'complete (2), canceled (1)'), ('status', 'complete (2), canceled (1)'), ('store_id', '1 (2), 2 (1)'),
    ('order_currency_code', 'EUR (2), USD (1)'), ('tax_amount', 'not 0 in 3 of 3 rows'), ('total_refunded', 'not 0 in 1 of 3 rows')$$, 'magento: what is not used');

-- Odoo
CREATE TABLE sale_order (id integer PRIMARY KEY, name varchar, company_id integer, partner_id integer, state varchar, locked boolean, client_order_ref varchar, create_date timestamp, commitment_date timestamp, date_order timestamp, origin varchar, reference varchar,
    require_signature boolean, require_payment boolean, prepayment_percent double precision, signed_by varchar, signed_on timestamp, validity_date date, journal_id integer, note text, partner_invoice_id integer, partner_shipping_id integer, fiscal_position_id integer,
    payment_term_id integer, pricelist_id integer, currency_id integer, currency_rate numeric, user_id integer, team_id integer, amount_untaxed numeric, amount_tax numeric, amount_total numeric, amount_to_invoice numeric, invoice_status varchar, campaign_id integer, medium_id integer,
    source_id integer, create_uid integer, write_uid integer, write_date timestamp, access_token varchar);
INSERT INTO sale_order (id, company_id, partner_id, user_id, state, create_date, date_order, write_date, currency_id, amount_untaxed, amount_tax, amount_total)
VALUES (1, 1, 30, 2, 'sale', '2024-01-01', '2024-01-03', '2024-04-01', 1, 10, 2, 12), (2, 1, 30, 2, 'sale', '2024-02-01', '2024-02-03', '2024-04-01', 1, -10, -2, -12), (3, 1, 31, 2, 'draft', '2024-03-01', '2024-03-03', '2024-04-01', 1, 50, 10, 60);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'sale_order')$$), $$22023 cannot tell which column of public.sale_order is the amount
It could be amount_untaxed, amount_total.
Name it: SELECT * FROM clv_create_views('v', 'public.sale_order', customer => 'partner_id', ordered_at => 'date_order', amount => 'amount_untaxed' /* or 'amount_total' */);$$, 'odoo: the customer is the partner, not the salesperson');
SELECT pg_temp.shop('odoo', $$'sale_order', amount => 'amount_untaxed'$$, $$SELECT partner_id::text, count(*) FILTER (WHERE amount_untaxed >= 0), sum(amount_untaxed) FROM sale_order GROUP BY 1 ORDER BY 1$$);
SELECT results_eq($$SELECT * FROM pg_temp.rows_of('not used', $c$'v_odoo', 'sale_order', amount => 'amount_untaxed'$c$)$$, $$VALUES ('state', 'sale (2), draft (1)'), ('amount_tax', 'not 0 in 3 of 3 rows')$$, 'odoo: quotations count unless a view leaves them out');

CREATE TABLE account_move (id integer PRIMARY KEY, name varchar, state varchar, move_type varchar, date date, invoice_date date, partner_id integer, company_id integer, currency_id integer, payment_state varchar,
    amount_untaxed numeric, amount_tax numeric, amount_total numeric, amount_residual numeric, amount_untaxed_signed numeric, amount_total_signed numeric, invoice_user_id integer, create_date timestamp);
INSERT INTO account_move (id, state, move_type, date, invoice_date, partner_id, amount_untaxed, amount_total, amount_untaxed_signed, amount_total_signed, create_date)
VALUES (1, 'posted', 'out_invoice', '2024-01-04', '2024-01-03', 30, 100, 120, 100, 120, '2024-01-01'), (2, 'posted', 'out_refund', '2024-01-20', '2024-01-20', 30, 40, 48, -40, -48, '2024-01-01');
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'account_move')$$), '%It could be amount_untaxed_signed, amount_total_signed.%ordered_at => ''invoice_date''%', 'odoo, invoices: credit notes are below 0');
SELECT is(pg_temp.run_and_read(pg_temp.proposed($$SELECT clv_create_views('invoiced', 'account_move')$$, VARIADIC '{}'), 'SELECT value FROM invoiced.customers'), '60', 'odoo, invoices: the call of the error is right');

-- Saleor
CREATE TABLE order_order (id uuid PRIMARY KEY, number integer, created_at timestamptz, updated_at timestamptz, expired_at timestamptz, status varchar(32), authorize_status varchar(32), charge_status varchar(32), user_id integer, language_code varchar(35), tracking_client_id varchar(36),
    billing_address_id integer, shipping_address_id integer, user_email varchar(254), original_id uuid, origin varchar(32), currency varchar(3), shipping_method_id integer, shipping_method_name varchar(255), channel_id integer, shipping_price_net_amount numeric(12,3),
    shipping_price_gross_amount numeric(12,3), base_shipping_price_amount numeric(12,3), shipping_tax_rate numeric(5,4), checkout_token varchar(36), total_net_amount numeric(12,3), undiscounted_total_net_amount numeric(12,3), total_gross_amount numeric(12,3),
    undiscounted_total_gross_amount numeric(12,3), total_charged_amount numeric(12,3), total_authorized_amount numeric(12,3), voucher_id integer, display_gross_prices boolean, customer_note text, weight double precision, redirect_url varchar(200));
INSERT INTO order_order (id, number, created_at, updated_at, status, user_id, user_email, currency, total_net_amount, total_gross_amount, total_charged_amount)
VALUES (gen_random_uuid(), 1, '2024-01-01', now(), 'fulfilled', 4, 'a@x.org', 'EUR', 10, 12, 12), (gen_random_uuid(), 2, '2024-01-09', now(), 'fulfilled', 4, 'a@x.org', 'EUR', 20, 24, 24), (gen_random_uuid(), 3, '2024-02-01', now(), 'canceled', NULL, 'guest@x.org', 'EUR', 30, 36, 0);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'order_order')$$), $$22023 cannot tell which column of public.order_order is the amount
It could be total_net_amount, total_gross_amount, total_charged_amount.
Name it: SELECT * FROM clv_create_views('v', 'public.order_order', customer => 'user_id', ordered_at => 'created_at', amount => 'total_net_amount' /* or 'total_gross_amount', 'total_charged_amount' */);$$, 'saleor: net or gross');
SELECT pg_temp.shop('saleor', $$'order_order', amount => 'total_gross_amount'$$, $$SELECT user_id::text, count(*), sum(total_gross_amount)::numeric FROM order_order WHERE user_id IS NOT NULL GROUP BY 1 ORDER BY 1$$);
SELECT results_eq($$SELECT * FROM pg_temp.rows_of('not used', $c$'v_saleor', 'order_order', amount => 'total_gross_amount'$c$)$$, $$VALUES ('status', 'fulfilled (2), canceled (1)'), ('user_id', 'NULL in 1 of 3 rows')$$, 'saleor: guests are left out');

-- Medusa keeps totals elsewhere
CREATE TYPE order_status_enum AS ENUM ('pending', 'completed', 'draft', 'archived', 'canceled', 'requires_action');
CREATE TABLE "order" (id text PRIMARY KEY, region_id text, display_id integer, customer_id text, version integer, sales_channel_id text, status order_status_enum, is_draft_order boolean, email text, currency_code text, shipping_address_id text, billing_address_id text,
    no_notification boolean, metadata jsonb, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz, canceled_at timestamptz);
CREATE TABLE order_summary (id text PRIMARY KEY, order_id text, version integer, totals jsonb, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz);
INSERT INTO "order" (id, customer_id, version, status, is_draft_order, email, currency_code, created_at, updated_at, canceled_at)
VALUES ('o1', 'c1', 1, 'completed', false, 'a@x.org', 'eur', '2024-01-01', now(), NULL), ('o2', 'c1', 1, 'completed', false, 'a@x.org', 'eur', '2024-02-01', now(), NULL), ('o3', 'c2', 1, 'canceled', false, 'b@x.org', 'eur', '2024-02-01', now(), now());
INSERT INTO order_summary (id, order_id, version, totals) VALUES ('s1', 'o1', 1, '{"current_order_total": 12}'), ('s2', 'o2', 1, '{"current_order_total": 20}'), ('s3', 'o3', 1, '{"current_order_total": 30}');
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', '"order"')$$), $$22023 cannot tell which column of public."order" is the amount
No column has a usual name. Columns of a suitable type are display_id, version.
Name it: SELECT * FROM clv_create_views('v', 'public."order"', customer => 'customer_id', ordered_at => 'created_at', amount => '...');$$, 'medusa: no amount');
CREATE VIEW medusa_orders AS SELECT o.*, (s.totals ->> 'current_order_total')::numeric AS total FROM "order" AS o JOIN order_summary AS s ON s.order_id = o.id AND s.version = o.version;
SELECT pg_temp.shop('medusa', $$'medusa_orders'$$, $$SELECT customer_id, count(*), sum(total) FROM medusa_orders GROUP BY 1 ORDER BY 1$$);
SELECT results_eq($$SELECT * FROM pg_temp.rows_of('not used', $c$'v_medusa', 'medusa_orders'$c$)$$, $$VALUES ('status', 'completed (2), canceled (1)'), ('canceled_at', 'set in 1 of 3 rows')$$, 'medusa: cancelled orders count unless a view leaves them out');

-- Spree
CREATE TABLE spree_orders (id bigint PRIMARY KEY, number varchar(32), item_total numeric(10,2), total numeric(10,2), state varchar, adjustment_total numeric(10,2), user_id bigint, completed_at timestamp, bill_address_id bigint, ship_address_id bigint, payment_total numeric(10,2),
    shipment_state varchar, payment_state varchar, email varchar, special_instructions text, created_at timestamp, updated_at timestamp, currency varchar, last_ip_address varchar, created_by_id bigint, shipment_total numeric(10,2), additional_tax_total numeric(10,2),
    promo_total numeric(10,2), channel varchar, included_tax_total numeric(10,2), item_count integer, approver_id bigint, approved_at timestamp, confirmation_delivered boolean, considered_risky boolean, token varchar, canceled_at timestamp, canceler_id bigint, store_id bigint);
INSERT INTO spree_orders (id, number, item_total, total, state, user_id, completed_at, created_at, updated_at, payment_total, payment_state, email, currency, store_id) VALUES (1, 'R1', 10, 15, 'complete', 3, '2024-01-05', '2023-12-30', now(), 15, 'paid', 'a@x.org', 'USD', 1),
    (2, 'R2', 20, 25, 'complete', 3, '2024-02-05', '2024-02-04', now(), 25, 'paid', 'a@x.org', 'USD', 1), (3, 'R3', 30, 35, 'complete', 4, '2024-03-05', '2024-03-04', now(), 35, 'paid', 'b@x.org', 'USD', 1);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'spree_orders')$$), $$22023 cannot tell which column of public.spree_orders is the amount
It could be item_total, total, payment_total.
Name it: SELECT * FROM clv_create_views('v', 'public.spree_orders', customer => 'user_id', ordered_at => 'completed_at', amount => 'item_total' /* or 'total', 'payment_total' */);$$, 'spree: an order is placed when the cart is complete');
SELECT pg_temp.shop('spree', $$'spree_orders', amount => 'total'$$, $$SELECT user_id::text, count(*), sum(total)::numeric FROM spree_orders GROUP BY 1 ORDER BY 1$$);
SELECT results_eq($$SELECT first_purchase FROM v_spree.customers ORDER BY customer_id$$, $$VALUES (date '2024-01-05'), ('2024-03-05')$$, 'spree: on that day');

-- django-oscar
CREATE TABLE oscar_order (id integer PRIMARY KEY, number varchar(128), currency varchar(12), total_incl_tax numeric(12,2), total_excl_tax numeric(12,2), shipping_incl_tax numeric(12,2), shipping_excl_tax numeric(12,2), shipping_method varchar(128), shipping_code varchar(128),
    status varchar(100), guest_email varchar(254), date_placed timestamptz, basket_id integer, billing_address_id integer, shipping_address_id integer, site_id integer, user_id integer);
INSERT INTO oscar_order (id, number, currency, total_incl_tax, total_excl_tax, status, date_placed, user_id, site_id) VALUES (1, '1', 'GBP', 12, 10, 'Complete', '2024-01-01', 8, 1), (2, '2', 'GBP', 24, 20, 'Complete', '2024-01-02', 8, 1), (3, '3', 'GBP', 36, 30, 'Complete', '2024-01-02', 9, 1);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'oscar_order')$$), $$22023 cannot tell which column of public.oscar_order is the amount
It could be total_incl_tax, total_excl_tax.
Name it: SELECT * FROM clv_create_views('v', 'public.oscar_order', customer => 'user_id', ordered_at => 'date_placed', amount => 'total_incl_tax' /* or 'total_excl_tax' */);$$, 'oscar: with or without tax');
SELECT pg_temp.shop('oscar', $$'oscar_order', amount => 'total_excl_tax'$$, $$SELECT user_id::text, count(*), sum(total_excl_tax)::numeric FROM oscar_order GROUP BY 1 ORDER BY 1$$);

-- Stripe: times are numbers, amounts are cents
CREATE TABLE charges (id text PRIMARY KEY, object text, paid boolean, "order" text, amount bigint, amount_captured bigint, amount_refunded bigint, review text, source jsonb, status text, created integer, dispute text, invoice text, outcome jsonb, refunds jsonb, captured boolean, currency text,
    customer text, livemode boolean, metadata jsonb, refunded boolean, shipping jsonb, application text, description text, destination text, failure_code text, on_behalf_of text, receipt_email text, payment_intent text, receipt_number text, balance_transaction text, updated_at timestamptz);
INSERT INTO charges (id, amount, amount_refunded, status, created, captured, currency, customer, livemode, refunded) SELECT 'ch' || n, n * 1000, CASE n WHEN 3 THEN 3000 ELSE 0 END, 'succeeded', 1700000000 + n * 86400, true, 'eur', 'cus_' || n % 2, true, n = 3 FROM generate_series(1, 5) AS n;
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'charges')$$), $$42804 column created of public.charges cannot be the ordered_at: it is of type integer
A view can cast it: to_timestamp(created) if it counts seconds since 1970, and a thousandth of it for milliseconds. Name it: CREATE VIEW public.charges_for_clv AS SELECT *, to_timestamp(created) AS created_time FROM public.charges; SELECT * FROM clv_create_views('v', 'public.charges_for_clv', customer => 'customer', ordered_at => 'created_time', amount => 'amount');$$, 'stripe: seconds');
CREATE VIEW stripe_charges AS SELECT customer, to_timestamp(created) AS created, amount, amount_refunded, refunded, status, livemode, currency FROM charges;
SELECT pg_temp.shop('stripe', $$'stripe_charges'$$, $$SELECT customer, count(*), sum(amount) FROM charges GROUP BY 1 ORDER BY 1$$);
SELECT results_eq($$SELECT * FROM pg_temp.rows_of('not used', $c$'v_stripe', 'stripe_charges'$c$) ORDER BY name$$, $$VALUES ('amount', 'whole numbers that look like cents'), ('amount_refunded', 'not 0 in 1 of 5 rows'), ('refunded', 'false (4), true (1)')$$, 'stripe: cents and refunds');
CREATE TABLE invoices (id text PRIMARY KEY, object text, auto_advance boolean, collection_method text, currency text, description text, hosted_invoice_url text, invoice_pdf text, lines jsonb, period_end integer, period_start integer, status text, total bigint, subtotal bigint, tax bigint,
    amount_due bigint, amount_paid bigint, amount_remaining bigint, attempted boolean, billing_reason text, created integer, due_date integer, number text, paid boolean, customer text, customer_email text, subscription text, charge text, updated_at timestamptz);
INSERT INTO invoices (id, total, subtotal, amount_paid, status, created, currency, customer) SELECT 'in' || n, n * 1200, n * 1000, n * 1200, 'paid', 1700000000 + n * 86400, 'eur', 'cus_' || n % 2 FROM generate_series(1, 5) AS n;
CREATE VIEW stripe_invoices AS SELECT customer, to_timestamp(created) AS created, total / 100.0 AS total, currency, status FROM invoices;
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'invoices')$$), $$22023 cannot tell which columns are ordered_at, amount
ordered_at of public.invoices: Column created of public.invoices cannot be the ordered_at: it is of type integer.
amount of public.invoices: It could be total, subtotal, amount_paid.
A view can cast it: to_timestamp(created) if it counts seconds since 1970, and a thousandth of it for milliseconds. Name them: CREATE VIEW public.invoices_for_clv AS SELECT *, to_timestamp(created) AS created_time FROM public.invoices; SELECT * FROM clv_create_views('v', 'public.invoices_for_clv', customer => 'customer', ordered_at => 'created_time', amount => 'total' /* or 'subtotal', 'amount_paid' */);$$, 'stripe_invoices: both at once');
SELECT pg_temp.shop('stripe_invoices', $$'stripe_invoices'$$, $$SELECT customer, count(*), sum(total)::numeric / 100 FROM invoices GROUP BY 1 ORDER BY 1$$);

-- names are compared without case, blanks and signs
CREATE FUNCTION pg_temp.chosen(columns text, arguments text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS t CASCADE; DROP SCHEMA IF EXISTS vt CASCADE; CREATE TABLE t (%s)', columns);
    EXECUTE format($q$SELECT string_agg(substring(about FROM '^column (.*) of '), ', ') FROM clv_create_views('vt', 't', model => 'none'%s) WHERE kind = 'chosen' AND about LIKE 'column %%'$q$, arguments) INTO said;
    RETURN said;
EXCEPTION WHEN others THEN
    RETURN sqlerrm;
END $$;
SELECT is(pg_temp.chosen(format('%s text, %s timestamp, %s numeric', c, t, a)), concat_ws(', ', c, t, a), format('%s, %s, %s', c, t, a))
  FROM (VALUES ('"Customer ID"', '"Order Date"', '"Total Price"'), ('"customerKey"', '"OrderDate"', '"TotalPrice"'), ('"CustomerNo"', '"InvoiceDate"', 'salesamount'), ('cust_id', 'date_created', 'grand_total'), ('partner_id', 'date_order', 'amount_total'),
               ('user_id', 'paid_at', 'total_gross_amount'), ('"CUSTOMER-ID"', 'created', 'price_usd'), ('client_id', 'date', 'total_incl_tax'), ('buyer_email', 'order_purchase_timestamp', 'payment_value'), ('email', 'placed_at', '"Revenue EUR"'),
               ('customer_id', 'order_date', '"amountEUR"'), ('member', 'day', 'gmv'), ('o_custkey', 'o_orderdate', 'o_totalprice')) AS v (c, t, a);

-- ranks
SELECT is(pg_temp.chosen('customer text, customer_id int, email text, ordered_at date, created_at date, updated_at date, total numeric, price numeric, shipping numeric, tax numeric'), 'customer_id, ordered_at, total', 'an id before a name and an address; the order before the row; the total before a price');
SELECT is(pg_temp.chosen('customer_id int, created_at date, paid_at date, amount numeric, amount_refunded numeric'), 'customer_id, created_at, amount', 'the order before its payment');
SELECT is(pg_temp.chosen('"Customer ID" int, "InvoiceDate" timestamp, "Quantity" int, "UnitPrice" numeric, "Line Total" numeric'), '"Customer ID", "InvoiceDate", "Line Total"', 'the total beside the price of a unit');
SELECT is(pg_temp.chosen('"CustomerID" int, "OrderDate" timestamp, "DueDate" timestamp, "ShipDate" timestamp, "Status" int, "TaxAmt" numeric, "Freight" numeric, "TotalDue" numeric, "ModifiedDate" timestamp'), '"CustomerID", "OrderDate", "TotalDue"', 'dates that something else is due');
SELECT is(pg_temp.chosen('customer_id int, user_id int, created_at date, amount numeric', $$, customer => 'user_id'$$), 'created_at, amount', 'what is named is no candidate for anything else');
SELECT is(pg_temp.chosen('customer_id int, ordered_at date, amount numeric, currency order_status_enum'), 'customer_id, ordered_at, amount, currency', 'a currency may be an enum');
SELECT is(pg_temp.chosen('customer_id int, ordered_at date, amount numeric, currency text, iso_currency text'), 'customer_id, ordered_at, amount', 'of two currencies none is chosen');

-- what is not clear is asked for
CREATE TABLE r1 (customer_id int, order_date date, quantity int, price numeric);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'r1')$$), $$22023 cannot tell which column of public.r1 is the amount
Column price is the price of a unit, beside a quantity.
Give both: amount => 'price', quantity => 'quantity'. Name it: SELECT * FROM clv_create_views('v', 'public.r1', customer => 'customer_id', ordered_at => 'order_date', amount => 'price', quantity => 'quantity');$$, 'a price beside a quantity');
CREATE VIEW r1_amounts AS SELECT *, quantity * price AS amount FROM r1;
SELECT lives_ok($$SELECT count(*) FROM clv_create_views('v_r1', 'r1_amounts')$$, 'and the view that is proposed');
CREATE TABLE r2 (customer_id int, user_id int, created_at date, completed_at date, paid_at date, total_price numeric, subtotal_price numeric, freight numeric, tax numeric);
INSERT INTO r2 VALUES (1, 7, '2024-01-01', '2024-01-02', '2024-01-03', 12, 10, 1, 2);
SELECT is(pg_temp.failure($$SELECT clv_create_views('Shop''s views', 'r2', currency => 'EUR', margin => 0.4, tier_thresholds => '{0.1,0.3}', upkeep => 'refresh')$$), $$22023 cannot tell which columns are customer, ordered_at, amount
customer of public.r2: It could be customer_id, user_id.
ordered_at of public.r2: It could be created_at, completed_at, paid_at.
amount of public.r2: It could be total_price, subtotal_price.
Name them: SELECT * FROM clv_create_views('Shop''s views', 'public.r2', customer => 'customer_id' /* or 'user_id' */, ordered_at => 'created_at' /* or 'completed_at', 'paid_at' */, amount => 'total_price' /* or 'subtotal_price' */, currency => 'EUR', margin => '0.4', tier_thresholds => '{0.1,0.3}', upkeep => 'refresh');$$, 'all that is not clear at once, with all that was given');
SELECT lives_ok(pg_temp.proposed($$SELECT clv_create_views('Shop''s views', 'r2', currency => 'EUR', margin => 0.4, tier_thresholds => '{0.1,0.3}', upkeep => 'refresh')$$, 'customer', 'customer_id', 'ordered_at', 'paid_at', 'amount', 'total_price'), 'the proposal runs once it is decided');
SELECT results_eq($$SELECT name, value FROM "Shop's views".settings WHERE name IN ('amount', 'customer', 'currency', 'margin', 'ordered_at', 'tier_thresholds', 'upkeep') ORDER BY 1$$,
    $$VALUES ('amount', 'total_price'), ('currency', 'EUR'), ('customer', 'customer_id'), ('margin', '0.4'), ('ordered_at', 'paid_at'), ('tier_thresholds', '{0.1,0.3}'), ('upkeep', 'refresh')$$, 'and keeps what was given');
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'r2', amount => 'total_price or subtotal_price')$$), '22023 cannot tell which columns are customer, ordered_at, amount%amount of public.r2: Column "total_price or subtotal_price" of relation "public.r2" does not exist. It was given as the argument amount.%', 'as it is it chooses nothing');
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'r2', 'nobody', 'paid_at', 'tax')$$), $$42703 column "nobody" of relation "public.r2" does not exist
It was given as the argument customer.
The columns of public.r2 are customer_id, user_id, created_at, completed_at, paid_at, total_price, subtotal_price, freight, tax. Name it: SELECT * FROM clv_create_views('v', 'public.r2', customer => 'customer_id' /* or 'user_id' */, ordered_at => 'paid_at', amount => 'tax');$$, 'a column that does not exist');
SELECT unalike(pg_temp.failure($$SELECT clv_create_views('v', 'r2', 'customer_id', 'paid_at')$$), '%freight%', 'freight and tax are never the amount');
CREATE TABLE r8 (customer_id int, ordered_at date, freight numeric);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'r8')$$), $$22023 cannot tell which column of public.r8 is the amount
Column freight is never the amount.
Give a view that has it, by a cast or a join. Name it: SELECT * FROM clv_create_views('v', 'public.r8', customer => 'customer_id', ordered_at => 'ordered_at', amount => '...');$$, 'not even alone');
CREATE TABLE r3 (who int, moment_of_truth timestamp, euros numeric);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'r3')$$), $$22023 cannot tell which columns are customer, ordered_at, amount
customer of public.r3: No column has a usual name. Columns of a suitable type are who, moment_of_truth, euros.
ordered_at of public.r3: No column has a usual name. Columns of a suitable type are moment_of_truth.
amount of public.r3: No column has a usual name. Columns of a suitable type are who, euros.
Name them: SELECT * FROM clv_create_views('v', 'public.r3', customer => '...', ordered_at => 'moment_of_truth', amount => '...');$$, 'a lone column of a type is not guessed');
CREATE TABLE r4 ("a or b" int, "it's" date, "x""y" numeric, customer_id int, user_id int);
SELECT lives_ok(pg_temp.proposed($$SELECT clv_create_views('v_r4', 'r4', NULL, 'it''s', 'x"y')$$, 'customer', 'a or b'), 'names are quoted in the proposal');

-- types
CREATE TYPE key AS (shop int, number int);
SELECT is(pg_temp.chosen(format('customer_id %s, ordered_at %s, amount %s', c, t, a)), 'customer_id, ordered_at, amount', format('%s, %s, %s', c, t, a))
  FROM (VALUES ('uuid', 'date', 'numeric'), ('order_status_enum', 'timestamp', 'integer'), ('text', 'timestamptz', 'double precision'), ('key', 'date', 'real')) AS v (c, t, a);
SELECT is(pg_temp.chosen(format('customer_id %s, ordered_at %s, amount %s', c, t, a)), format('column %s of public.t cannot be the %s: it is of type %s', n, n, y), format('%s: not as %s', n, y))
  FROM (VALUES ('int', 'text', 'int', 'ordered_at', 'text'), ('int', 'bigint', 'int', 'ordered_at', 'bigint'), ('int', 'date', 'money', 'amount', 'money'), ('int', 'date', 'text', 'amount', 'text'), ('int', 'time', 'int', 'ordered_at', 'time without time zone')) AS v (c, t, a, n, y);
CREATE TABLE r5 (customer jsonb, ordered_at text, created_at timestamp, amount money, total varchar);
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'r5')$$), $$42804 cannot tell which columns are customer, ordered_at, amount
customer of public.r5: Column customer of public.r5 cannot be the customer: it is of type jsonb.
ordered_at of public.r5: Column ordered_at of public.r5 cannot be the ordered_at: it is of type text. It could also be created_at.
amount of public.r5: Column amount of public.r5 cannot be the amount: it is of type money.
A view can take the key from it: customer ->> 'id'. A view can cast it: to_timestamp(nullif(btrim(ordered_at), ''), '...')::timestamp, with the format of its values. A view can cast it: amount::numeric. Name them: CREATE VIEW public.r5_for_clv AS SELECT *, customer ->> 'id' AS customer_key, amount::numeric AS amount_number FROM public.r5; SELECT * FROM clv_create_views('v', 'public.r5_for_clv', customer => 'customer_key', ordered_at => 'created_at', amount => 'amount_number');$$, 'casts are proposed');
SELECT is(pg_temp.chosen('customer_id int, ordered_at boolean, created_at date, total uuid, price numeric'), 'customer_id, created_at, price', 'a column that no cast makes suitable is not meant');

-- tables beside the orders
CREATE TABLE sales (sold_to int, order_id int, ordered_at timestamp, amount numeric, channel text);
CREATE TABLE lines (order_id int, sku text, title text, quantity int, price numeric);
CREATE TABLE people (id int, sold_to int, customer_id int, source text);
CREATE TABLE strangers (id int, customer_id int, source text);
CREATE TABLE answers (sold_to int, client_id int, submitted_at timestamp, score int);
SELECT results_eq($$SELECT * FROM pg_temp.rows_of('chosen', $c$'v_sales', 'sales', 'sold_to', customers => 'people', feedback => 'answers'$c$)$$,
    $$VALUES ('ordered_at', 'column ordered_at of public.sales'), ('amount', 'column amount of public.sales'), ('channel', 'column source of public.people'), ('customers_key', 'column sold_to of public.people'),
             ('feedback_customer', 'column sold_to of public.answers'), ('feedback_at', 'column submitted_at of public.answers'), ('feedback_score', 'column score of public.answers')$$, 'the name that the orders have comes first');
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v', 'sales', 'sold_to', customers => 'strangers', channel => 'source')$$), '%customers_key%It could be id, customer_id.%', 'and without it there are two');
SELECT is(pg_temp.failure($$SELECT clv_create_views('v', 'sales', 'sold_to', items => 'lines', spend => 'answers', channel => 'channel')$$), $$22023 cannot tell which columns are spend_channel, spend_at, spend_amount, items_amount
spend_channel of public.answers: No column has a usual name. Columns of a suitable type are sold_to, client_id, submitted_at, score.
spend_at of public.answers: No column has a usual name. Columns of a suitable type are submitted_at.
spend_amount of public.answers: No column has a usual name. Columns of a suitable type are sold_to, client_id, score.
items_amount of public.lines: Column price is the price of a unit, beside a quantity.
A view can multiply it: SELECT *, quantity * price AS amount FROM public.lines. Name them: SELECT * FROM clv_create_views('v', 'public.sales', customer => 'sold_to', ordered_at => 'ordered_at', amount => 'amount', channel => 'channel', spend => 'public.answers', spend_channel => '...', spend_at => 'submitted_at', spend_amount => '...', items => 'public.lines', items_product => 'sku', items_amount => '...');$$, 'all tables at once');
SELECT results_eq($$SELECT purpose, named::text COLLATE "default", by_order FROM clv_internal_view_columns('v', jsonb_build_object('orders', 'sales'::regclass::oid, 'items', 'lines'::regclass::oid), '{"customer": "sold_to", "items_amount": "price"}', NULL, true) WHERE source = 'items'$$,
    $$VALUES ('items_customer', NULL, true), ('items_at', NULL, true), ('items_order_id', NULL, false), ('items_product', 'sku', false), ('items_amount', 'price', false)$$, 'items may be found by their order');

-- what matters and is not used
CREATE TABLE r6 (customer_id int, ordered_at date, amount_cents int, status text, is_test boolean, refunded numeric, vat numeric, tenant_id uuid, shop_id int, currency_code char(3), presentment_currency text, deleted_at timestamp, state text);
INSERT INTO r6 SELECT n % 10 + 1, date '2024-01-01' + n % 300, n, CASE WHEN n % 100 = 0 THEN NULL ELSE 's' || n % 7 END, n % 50 = 0, CASE WHEN n % 4 = 0 THEN n END, 0, '00000000-0000-0000-0000-000000000001', n % 2, CASE WHEN n % 3 = 0 THEN 'EUR' ELSE 'USD' END, 'EUR', CASE WHEN n % 1000 = 0 THEN now() END, 'same' FROM generate_series(1, 12000) AS n;
SELECT results_eq($$SELECT * FROM pg_temp.rows_of('not used', $c$'v_r6', 'r6'$c$) ORDER BY name$$, $$VALUES ('amount_cents', 'whole numbers that look like cents'), ('currency_code', 'USD (8,000), EUR (4,000)'), ('deleted_at', 'set in 12 of 12,000 rows'),
    ('is_test', 'false (11,760), true (240)'), ('refunded', 'not 0 in 3,000 of 12,000 rows'), ('shop_id', '0 (6,000), 1 (6,000)'), ('status', 's1 (1,698), s0 (1,697), s2 (1,697), s3 (1,697), s4 (1,697), ...')$$, 'a line each, for what has several values');
SELECT is_empty($$SELECT * FROM pg_temp.rows_of('not used', $c$'v_r6', 'r6', channel => 'status'$c$) WHERE name = 'status'$$, 'what is used is not among them');
CREATE ROLE reads_few;
GRANT SELECT (customer_id, ordered_at, amount_cents, shop_id) ON r6 TO reads_few;
SET LOCAL ROLE reads_few;
SELECT results_eq($$SELECT named, n_values FROM clv_internal_view_unused_values('r6', '{customer_id, ordered_at, amount_cents}', 'customer_id', 'amount_cents')$$, $$VALUES ('shop_id'::name, 2::bigint)$$, 'nor what the caller may not read');
RESET ROLE;
CREATE TABLE r7 (customer_id int, ordered_at date, amount numeric, status order_status_enum, "State" varchar, test int, tax text, taxes double precision);
SELECT is_empty($$SELECT * FROM pg_temp.rows_of('not used', $c$'v_r7', 'r7'$c$)$$, 'an empty table says nothing');
INSERT INTO r7 VALUES (1, '2024-01-01', 5, 'completed', NULL, 0, '1', 'NaN'), (2, '2024-01-01', 5, 'draft', repeat('x', 100), 1, '2', NULL);
SELECT set_eq($$SELECT * FROM pg_temp.rows_of('not used', $c$'v_r7', 'r7'$c$)$$, $$VALUES ('State', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx (1), NULL (1)'), ('status', 'completed (1), draft (1)'), ('taxes', 'not 0 in 1 of 2 rows'), ('test', '0 (1), 1 (1)')$$, 'of any type that has a text');
SELECT results_eq($$SELECT name, about FROM clv_create_views('v_r7', 'r7', status => 'status', status_values => '{completed,sent}') WHERE kind = 'note' AND name <> 'model'$$, $$VALUES ('status', 'no row has the status sent')$$, 'a status that no row has');
-- rows that a call reads of a table, beyond those of a call without the columns
CREATE TABLE read_once (customer_id int NOT NULL, ordered_at date, amount numeric, status text, financial_status text, payment_state text);
INSERT INTO read_once SELECT n % 50, date '2024-01-01' + n % 300, n, (ARRAY['paid', 'sent'])[1 + n % 2], (ARRAY['paid', 'void'])[1 + n % 2], (ARRAY['due', 'done', 'open'])[1 + n % 3] FROM generate_series(1, 2000) AS n;
CREATE TABLE read_plain AS SELECT customer_id, ordered_at, amount FROM read_once;
ALTER TABLE read_plain ALTER customer_id SET NOT NULL;
CREATE FUNCTION pg_temp.reads(relation regclass, call text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE before bigint := pg_stat_get_xact_tuples_returned(relation);
BEGIN
    EXECUTE call;
    RETURN pg_stat_get_xact_tuples_returned(relation) - before;
END $$;
SELECT pg_temp.reads('read_plain', $$SELECT * FROM clv_create_views('v_read', 'read_plain')$$) AS reads \gset
SELECT is(pg_temp.reads('read_once', $$SELECT * FROM clv_create_views('v_read', 'read_once')$$) - :reads, 2000::bigint, 'all columns that are not used take one look at the rows');
SELECT ok(pg_temp.reads('read_once', $$SELECT * FROM clv_create_views('v_read', 'read_once', status => 'status', status_values => '{paid, sent}')$$) - :reads < 2010, 'and the status that counts takes none, if it has all values');
CREATE TABLE priced (customer_id int, ordered_at date, "Unit Price" numeric, "Quantity" int);
SELECT alike(pg_temp.failure($$SELECT clv_create_views('v_priced', 'priced')$$), $$%Give both: amount => 'Unit Price', quantity => 'Quantity'.%$$, 'a price and its quantity are named as arguments');

-- what is proposed runs as it is
CREATE FUNCTION pg_temp.pasted(shop text) RETURNS text LANGUAGE sql AS $$SELECT substring(pg_temp.failure(format('SELECT clv_create_views(%L, %L)', 'p_' || shop, shop)) FROM 'Name (?:it|them): (.*;)$')$$;
SELECT lives_ok(pg_temp.pasted(t), t || ': pasted as it is') FROM unnest('{wp_wc_order_stats, wp_wc_orders, shopify_orders, shopify_export, sales_order, sale_order, order_order, spree_orders, oscar_order, charges, invoices, r1, r2, r5, priced}'::text[]) AS t;
SELECT * FROM finish();
ROLLBACK;
