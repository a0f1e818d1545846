-- Live views: whatever the shop's tables are like, what is written to any of them is seen at once in histories and customers,
-- as views that read the tables have it, and after a refresh in all views.
BEGIN;
SELECT plan(213);
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'America/New_York';

CREATE FUNCTION made(upkeep text, views name, shop regclass, options text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM clv_create_views(%L, %L, upkeep => %L, %s)', views, shop, upkeep, CASE upkeep WHEN 'live' THEN options ELSE regexp_replace(options, ', value_thresholds => ''.*?''', '') END) INTO n;
    RETURN n;
END $$;
-- Doubles are summed in another order, so they are compared to six digits after the point; of equal amounts, the lowest may
-- be one with more zeros.
CREATE FUNCTION differ(a text, b text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE found boolean;
BEGIN
    EXECUTE format($q$SELECT EXISTS (SELECT FROM (SELECT v::text AS r, 1 AS n FROM (%s) AS v UNION ALL SELECT v::text, -1 FROM (%s) AS v) AS d
        GROUP BY regexp_replace(regexp_replace(regexp_replace(r, '(\.[0-9]{6})[0-9]*', '\1', 'g'), '(\.[0-9]*?)0+(?![0-9])', '\1', 'g'), '\.(?![0-9])', '', 'g') HAVING sum(n) <> 0)$q$, a, b) INTO found;
    RETURN found;
END $$;
-- Views and functions that differ between "plain" and "stored".
CREATE FUNCTION differences() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE source text;
BEGIN
    FOR source IN SELECT relname FROM pg_class WHERE relnamespace = 'plain'::regnamespace AND relkind = 'v' AND relname <> 'settings'
        UNION ALL SELECT format('%I(%L)', proname, moment) FROM pg_proc, unnest('{2026-06-30}'::date[]) AS moment WHERE pronamespace = 'plain'::regnamespace
    LOOP
        IF differ('SELECT * FROM plain.' || source, 'SELECT * FROM stored.' || source) THEN RETURN NEXT source; END IF;
    END LOOP;
END $$;
-- What differs between refreshes: but for what compares with all other customers, nothing.
CREATE FUNCTION live_differences() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE cols text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'plain.customers'::regclass AND attnum > 0
                      AND attname <> ALL ('{segment, tier, r, f, m, rfm_score, value_rank, value_share, cac, clv_to_cac, ranks_as_of}'));
BEGIN
    IF differ('SELECT * FROM plain.histories', 'SELECT * FROM stored.histories') THEN RETURN NEXT 'histories'; END IF;
    IF differ(format('SELECT %s FROM plain.customers', cols), format('SELECT %s FROM stored.customers', cols)) THEN RETURN NEXT 'customers'; END IF;
    IF EXISTS (SELECT FROM stored.queue WHERE customer_id IS NOT DISTINCT FROM NULL) THEN RETURN NEXT 'unknown'; END IF;
    IF EXISTS (SELECT FROM clv_verify_views('stored', 1)) THEN RETURN NEXT 'verify'; END IF;
END $$;
-- One shop: live views before and after each of some statements, which each change what plain views show.
CREATE FUNCTION shop(title text, shop regclass, options text, statements text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE statement text; before text; after text;
BEGIN
    PERFORM made('none', 'plain', shop, options), made('live', 'stored', shop, options);
    RETURN NEXT is_empty('SELECT differences()', title || ': before the first refresh');
    PERFORM clv_refresh_views('stored');
    RETURN NEXT is_empty('SELECT differences()', title || ': all is kept');
    FOREACH statement IN ARRAY statements LOOP
        SELECT md5(string_agg(h::text || c::text, ' ' ORDER BY h::text)) INTO before FROM plain.histories AS h JOIN plain.customers AS c ON c.customer_id = h.customer_id;
        EXECUTE statement;
        SELECT md5(string_agg(h::text || c::text, ' ' ORDER BY h::text)) INTO after FROM plain.histories AS h JOIN plain.customers AS c ON c.customer_id = h.customer_id;
        IF before IS NOT DISTINCT FROM after THEN RETURN NEXT fail('without effect: ' || statement); END IF;
        RETURN NEXT is_empty('SELECT live_differences()', format('%s: %s', title, statement));
        -- one in three on top of others
        IF random() < 0.4 THEN PERFORM clv_refresh_views('stored'); END IF;
    END LOOP;
    PERFORM clv_refresh_views('stored');
    RETURN NEXT is_empty('SELECT live_differences()', title || ': folded');
    RETURN NEXT is_empty('SELECT FROM stored.queue', title || ': nothing waits');
    PERFORM clv_refresh_views('stored', everything => true);
    RETURN NEXT is_empty('SELECT differences()', title || ': after a refresh of everything');
    -- frozen thresholds judge as all together did
    INSERT INTO stored.queue (customer_id) SELECT customer_id FROM stored.kept_customers;
    RETURN NEXT ok(NOT differ('SELECT * FROM stored.fresh_customers', 'SELECT * FROM stored.customers'), title || ': the thresholds judge all customers as they were');
    RETURN NEXT ok((SELECT count(*) = (SELECT count(*) FROM stored.kept_customers) FROM stored.queued_customers), title || ': each of them');
    RETURN NEXT results_eq($q$SELECT inserted, deleted, changes FROM clv_refresh_views('stored')$q$, 'VALUES (0::bigint, 0::bigint, 0::bigint)', title || ': so that nothing has changed');
    PERFORM clv_drop_views('stored'), clv_drop_views('plain');
    RETURN NEXT is_empty($q$SELECT FROM pg_namespace WHERE nspname IN ('stored', 'plain') UNION ALL SELECT FROM pg_trigger WHERE tgname LIKE 'clv%'$q$, title || ': dropped, nothing is left');
END $$;

-- rows are orders; channel and spend, a margin
CREATE TABLE simple AS SELECT order_id AS number, customer_id AS client, ordered_at::date AS day, amount AS paid, (ARRAY['search', 'friend', 'tv', NULL])[1 + customer_id % 4] AS way
  FROM clv_simulate(95, '2024-01-01', '2026-10-31', seed => 5, refund_share => 0.15);
CREATE INDEX ON simple (client);
CREATE TABLE spend AS SELECT channel, month::date, 100 + n * 10 AS cost FROM unnest('{search, tv}'::text[]) AS channel, generate_series(timestamp '2024-01-01', '2026-12-01', '1 month') WITH ORDINALITY AS m (month, n);
SELECT shop('rows', 'simple', $$customer => 'client', ordered_at => 'day', amount => 'paid', channel => 'way', spend => 'spend', margin => 0.4, currency => 'EUR', value_thresholds => '{100, 1000}'$$, ARRAY[
    $$INSERT INTO simple VALUES (900001, 3, CURRENT_DATE, 70, 'tv'), (900002, 90001, CURRENT_DATE, 5, 'tv'), (900003, 90002, '2024-05-05', -5, NULL), (900004, NULL, CURRENT_DATE, 5, 'tv'), (900005, 4, '9000-01-01', 5, 'tv')$$,
    'UPDATE simple SET paid = paid + 1 WHERE client = 10',
    'UPDATE simple SET client = 11 WHERE client = 12',
    'UPDATE simple SET client = NULL WHERE client = 13',
    'UPDATE simple SET client = 13 WHERE client IS NULL',
    'UPDATE simple SET client = client + 1 WHERE client BETWEEN 20 AND 30',
    $$UPDATE simple SET way = 'friend' WHERE client = 14$$,
    'DELETE FROM simple WHERE client BETWEEN 40 AND 50',
    $$WITH a AS (DELETE FROM simple WHERE client = 1 RETURNING *), b AS (UPDATE simple SET paid = 9 WHERE client = 2) INSERT INTO simple SELECT number, 91000, day, paid, way FROM a$$,
    $$MERGE INTO simple AS s USING (VALUES (60), (90003)) AS m (client) ON m.client = s.client WHEN MATCHED AND s.paid > 20 THEN DELETE WHEN MATCHED THEN UPDATE SET paid = 1 WHEN NOT MATCHED THEN INSERT VALUES (900010, m.client, CURRENT_DATE, 8, NULL)$$,
    'TRUNCATE simple', $$INSERT INTO simple VALUES (1, 2, '2026-01-01', 20, 'tv'), (1, 3, '2026-01-02', 30, 'tv')$$]);

-- lines, quantities, statuses, amounts of 0, refunds in a column; partitions, one with columns in another order
CREATE TABLE lines (number bigint, client bigint, sold_at timestamp, unit numeric, pieces integer, state text, given_back numeric) PARTITION BY RANGE (sold_at);
CREATE TABLE lines_old (given_back numeric, gone text, number bigint, client bigint, sold_at timestamp, unit numeric, pieces integer, state text);
ALTER TABLE lines_old DROP COLUMN gone;
ALTER TABLE lines ATTACH PARTITION lines_old FOR VALUES FROM (MINVALUE) TO ('2025-01-01');
CREATE TABLE lines_new PARTITION OF lines DEFAULT;
INSERT INTO lines SELECT n / 3, n / 3 % 60, timestamp '2024-01-01' + n / 3 * interval '29 hours' + n % 3 * interval '2 days', n * 7919 % 401 - 50, n % 4, (ARRAY['paid', 'sent', 'cancelled', 'paid'])[1 + n % 4], CASE WHEN n % 10 = 0 THEN 1.5 END FROM generate_series(1, 1300) AS n;
CREATE INDEX ON lines (client);
SELECT shop('lines', 'lines', $$customer => 'client', ordered_at => 'sold_at', amount => 'unit', order_id => 'number', quantity => 'pieces', status => 'state', status_values => '{paid, sent}', zero => 'ignore', refunded => 'given_back'$$, ARRAY[
    $$INSERT INTO lines VALUES (5000, 7, '2026-11-01', 10, 2, 'paid', NULL), (5000, 7, '2026-11-02', 10, 1, 'cancelled', NULL), (5001, 8, '2026-11-02', 0, 1, 'paid', NULL), (5002, 777, '2024-11-02', 9, 1, 'sent', 4)$$,
    $$UPDATE lines SET state = 'cancelled' WHERE number = 20$$,
    $$UPDATE lines SET state = 'paid' WHERE number BETWEEN 100 AND 110$$,
    'UPDATE lines SET pieces = 0 WHERE number = 31',
    'UPDATE lines SET given_back = 2 WHERE number = 40',
    $$UPDATE lines SET sold_at = '2026-06-01' WHERE number = 43$$,
    $$UPDATE lines SET sold_at = sold_at - interval '1 year', client = 5 WHERE number BETWEEN 400 AND 420$$,
    'UPDATE lines SET number = 44 WHERE number = 104',
    'UPDATE lines SET number = NULL WHERE number = 45',
    'DELETE FROM lines WHERE number % 7 = 0',
    'DELETE FROM lines WHERE client = 9',
    'TRUNCATE lines', $$INSERT INTO lines VALUES (1, 2, '2026-11-01', 10, 2, 'paid', NULL)$$]);

-- refunds in a table, timestamps with a time zone, order numbers of text and varchar, names that need quotes
CREATE TABLE "Sales %1$s" ("No." text PRIMARY KEY, "Client's ""%s" integer, at timestamptz, amount numeric);
INSERT INTO "Sales %1$s" SELECT 'n' || order_id, customer_id, ordered_at AT TIME ZONE 'Asia/Tokyo', amount FROM clv_simulate(50, '2025-01-01', '2026-10-31', seed => 6);
CREATE TABLE back (id integer GENERATED ALWAYS AS IDENTITY, "of %I" varchar(40), at timestamptz, amount numeric);
INSERT INTO back ("of %I", at, amount) SELECT "No.", at + interval '9 days', amount / 4 FROM "Sales %1$s" WHERE "Client's ""%s" % 9 = 1;
SELECT shop('refunds', '"Sales %1$s"', $$customer => 'Client''s "%s', ordered_at => 'at', amount => 'amount', order_id => 'No.', time_zone => 'Asia/Tokyo', refunds => 'back', refunds_order_id => 'of %I', refunds_at => 'at', refunds_amount => 'amount'$$, ARRAY[
    $$INSERT INTO "Sales %1$s" VALUES ('x1', 3, '2026-11-20 23:30', 70), ('x2', 501, '2026-11-20', 70)$$,
    $$INSERT INTO back ("of %I", at, amount) VALUES ('x1', '2026-11-21 23:30', 7), ('n2', '2026-11-21', -5), ('nobody''s', '2026-11-21', -5)$$,
    $$UPDATE back SET amount = amount + 1 WHERE "of %I" = 'x1'$$,
    $$UPDATE back SET "of %I" = 'x2' WHERE "of %I" = 'x1'$$,
    $$UPDATE "Sales %1$s" SET "Client's ""%s" = 502 WHERE "No." = 'x2'$$,
    $$INSERT INTO "Sales %1$s" VALUES ('nobody''s', 503, '2026-11-20 23:30', 70)$$,
    $$DELETE FROM "Sales %1$s" WHERE "No." = 'x2'$$,
    $$DELETE FROM back WHERE "of %I" <> 'n2'$$,
    'TRUNCATE back', $$INSERT INTO back ("of %I", at, amount) VALUES ('n3', '2026-11-21', 1)$$, 'TRUNCATE "Sales %1$s", back']);

-- channels of a table of customers, answers; text keys, and numbers of other types
CREATE TABLE texts AS SELECT 'k' || customer_id AS client, ordered_at AS at, amount FROM clv_simulate(50, '2025-01-01', '2026-10-31', seed => 7);
CREATE TABLE people (code varchar(20), source text);
INSERT INTO people SELECT 'k' || n, (ARRAY['ad', 'shop'])[1 + n % 2] FROM generate_series(1, 45) AS n;
CREATE TABLE answers (who text, at timestamptz, score integer);
INSERT INTO answers SELECT 'k' || n, '2026-01-01', n % 11 FROM generate_series(1, 45, 2) AS n;
SELECT shop('text', 'texts', $$customer => 'client', ordered_at => 'at', amount => 'amount', customers => 'people', customers_key => 'code', channel => 'source', feedback => 'answers', feedback_customer => 'who', feedback_at => 'at', feedback_score => 'score', time_zone => 'UTC', spend => 'spend'$$, ARRAY[
    $$INSERT INTO texts VALUES ('k1', '2026-11-20', 70), ('', '2026-11-20', 70)$$,
    $$INSERT INTO people VALUES ('k49', 'new'), ('nobody', 'ad'), (NULL, 'ad')$$,
    $$UPDATE people SET source = 'a' WHERE code = 'k3'$$,
    $$UPDATE people SET code = 'k96' WHERE code = 'k4'$$,
    $$DELETE FROM people WHERE code = 'k5'$$,
    $$INSERT INTO answers VALUES ('k2', '2026-11-01', 3), ('nobody', '2026-11-01', 3), (NULL, '2026-11-01', 3)$$,
    $$UPDATE answers SET score = 10 WHERE who = 'k3'$$,
    $$UPDATE answers SET who = 'k8' WHERE who = 'k7'$$,
    $$DELETE FROM answers WHERE who IN ('k9', 'k11')$$,
    'TRUNCATE people', 'TRUNCATE answers']);
CREATE TABLE small AS SELECT customer_id::integer AS client, ordered_at AS at, amount FROM clv_simulate(60, '2025-01-01', '2026-10-31', seed => 8);
CREATE TABLE large (id bigint, source text);
INSERT INTO large SELECT n, (ARRAY['ad', 'shop'])[1 + n % 2] FROM generate_series(1, 50) AS n;
CREATE TABLE numbers (who numeric, at date, score numeric);
SELECT shop('other types', 'small', $$customer => 'client', ordered_at => 'at', amount => 'amount', customers => 'large', customers_key => 'id', channel => 'source', feedback => 'numbers', feedback_customer => 'who', feedback_at => 'at', feedback_score => 'score'$$, ARRAY[
    $$INSERT INTO large VALUES (5000000000, 'ad'), (-5000000000, 'ad'), (55, 'ad')$$,
    $$INSERT INTO numbers VALUES (5e30, '2026-11-01', 3), ('NaN', '2026-11-01', 3), (3, '2026-11-01', 3), (2147483647.2, '2026-11-01', 3)$$,
    $$UPDATE large SET source = 'a' WHERE id < 10$$]);

-- composite keys
CREATE TYPE branch_client AS (branch integer, no text);
CREATE TABLE pairs AS SELECT ROW(customer_id % 3, customer_id)::branch_client AS client, ordered_at AS at, amount FROM clv_simulate(60, '2025-01-01', '2026-10-31', seed => 9);
SELECT shop('composite', 'pairs', $$customer => 'client', ordered_at => 'at', amount => 'amount'$$, ARRAY[
    $$INSERT INTO pairs VALUES (ROW(1, '1'), '2026-11-20', 70), (ROW(1, NULL), '2026-11-20', 7), (ROW(NULL, NULL), '2026-11-20', 7), (NULL, '2026-11-20', 7)$$,
    $$UPDATE pairs SET client = ROW(7, NULL) WHERE (client).no = '5'$$,
    $$DELETE FROM pairs WHERE (client).no IS NULL$$,
    'TRUNCATE pairs']);

-- COPY
CREATE TABLE plain_rows (client integer, at date, amount numeric);
SELECT ok(made('none', 'plain', 'plain_rows', $$customer => 'client', ordered_at => 'at', amount => 'amount'$$) + made('live', 'stored', 'plain_rows', $$customer => 'client', ordered_at => 'at', amount => 'amount', value_thresholds => '{100, 1000}'$$) > 60, 'an empty shop');
SELECT results_eq($$SELECT * FROM clv_refresh_views('stored')$$, 'VALUES (0::bigint, 0::bigint, 0::bigint, 0::bigint)', 'nothing to keep');
COPY plain_rows FROM stdin;
1	2026-11-01	50
2	2026-11-02	500
\.
SELECT results_eq('SELECT customer_id FROM stored.queue ORDER BY 1', 'VALUES (1), (2)', 'COPY is seen');
SELECT is_empty('SELECT live_differences()', 'and read');

-- values that are crossed
SELECT ok((SELECT inserted + updated + deleted > 0 FROM clv_refresh_views('stored')), 'folded');
SELECT results_eq($$SELECT customer_id, old_value, new_value FROM stored.changes WHERE kind = 'value'$$, $$VALUES (2, NULL::text, '100'::text)$$, 'the first customers are changes, as the shop was empty');
INSERT INTO plain_rows VALUES (1, '2026-11-05', 1000), (2, '2026-11-05', -450);
SELECT ok((SELECT inserted + updated + deleted > 0 FROM clv_refresh_views('stored')), 'folded');
SELECT results_eq($$SELECT customer_id, old_value, new_value, value FROM stored.changes WHERE kind = 'value' AND at > (SELECT min(at) FROM stored.changes) ORDER BY customer_id$$, $$VALUES (1, NULL::text, '1000'::text, 1050::numeric), (2, '100', NULL, 50)$$, 'values that are crossed, up and down');
SELECT results_eq($$SELECT customer_id FROM stored.changes WHERE kind = 'first purchase' ORDER BY 1$$, 'VALUES (1), (2)', 'first purchases are said once');
DELETE FROM plain_rows WHERE client = 2;
SELECT results_eq($$SELECT inserted, updated, deleted FROM clv_refresh_views('stored')$$, 'VALUES (0::bigint, 0::bigint, 1::bigint)', 'a customer who is gone');
SELECT results_eq($$SELECT kind, new_value FROM stored.changes WHERE customer_id = 2 AND at = (SELECT max(at) FROM stored.changes) ORDER BY kind$$, $$VALUES ('segment', NULL::text), ('stage', NULL), ('tier', NULL)$$, 'is said');
TRUNCATE plain_rows;
SELECT ok((SELECT inserted + updated + deleted > 0 FROM clv_refresh_views('stored')), 'folded');
INSERT INTO plain_rows VALUES (3, '2026-11-05', 10);
SELECT cmp_ok((SELECT changes FROM clv_refresh_views('stored')), '>', 2::bigint, 'after all were gone as well');
SELECT results_eq('SELECT segment IS NOT NULL, tier FROM stored.customers', $$VALUES (true, 'low')$$, 'the first customers are judged among themselves');

-- upkeep changes: names, columns and grants stay
CREATE ROLE live_reader;
CREATE FUNCTION state() RETURNS text LANGUAGE sql AS $$
    SELECT md5(string_agg(x, E'\n' ORDER BY x)) FROM (
        SELECT c.relname || ' ' || string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || coalesce(col_description(c.oid, a.attnum), 'no comment'), ', ' ORDER BY a.attnum)
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relnamespace = 'stored'::regnamespace AND c.relname = ANY (ARRAY(SELECT relname FROM pg_class WHERE relnamespace = 'plain'::regnamespace AND relkind = 'v')) GROUP BY c.oid, c.relname
        UNION ALL
        SELECT p.oid::regprocedure || ' ' || has_function_privilege('live_reader', p.oid, 'EXECUTE') FROM pg_proc AS p WHERE p.pronamespace = 'stored'::regnamespace AND p.proname LIKE '%as_of'
        UNION ALL
        SELECT r || ' ' || has_table_privilege('live_reader', 'stored.' || r, 'SELECT') FROM unnest('{customers, segments, kpis, histories, segment_history}'::text[]) AS r) AS s (x)
$$;
SELECT ok(30 < made('none', 'stored', 'plain_rows', $$customer => 'client', ordered_at => 'at', amount => 'amount'$$), 'plain');
GRANT SELECT ON stored.customers, stored.kpis TO live_reader;
GRANT EXECUTE ON FUNCTION stored.customers_as_of(date) TO live_reader;
CREATE TABLE states AS SELECT state() AS plain;
INSERT INTO plain_rows SELECT customer_id, ordered_at, amount FROM clv_simulate(60, '2025-01-01', '2026-10-31', seed => 10);
CREATE FUNCTION switched(upkeep text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM made(upkeep, 'stored', 'plain_rows', $q$customer => 'client', ordered_at => 'at', amount => 'amount'$q$);
    RETURN NEXT is(state(), (SELECT plain FROM states), upkeep || ': the same columns, comments and grants');
    INSERT INTO plain_rows VALUES (5, '2026-11-05', 10);
    IF upkeep = 'refresh' THEN PERFORM clv_refresh_views('stored'); END IF;
    RETURN NEXT ok(NOT differ('SELECT * FROM plain.histories', 'SELECT * FROM stored.histories'), upkeep || ': right at once');
    PERFORM clv_refresh_views('stored') WHERE upkeep <> 'none';
    RETURN NEXT is(state(), (SELECT plain FROM states), upkeep || ': the same when it is refreshed');
    INSERT INTO plain_rows VALUES (6, '2026-11-05', 10);
    PERFORM clv_refresh_views('stored') WHERE upkeep <> 'none';
    RETURN NEXT ok(NOT differ('SELECT * FROM plain.histories', 'SELECT * FROM stored.histories'), upkeep || ': right');
    RETURN NEXT is((SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'clv%'), CASE upkeep WHEN 'live' THEN 4 ELSE 0 END::bigint, upkeep || ': triggers');
    RETURN NEXT is((SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'stored'::regnamespace AND relkind = 'r' AND relname NOT LIKE 'kept\_%'),
        CASE upkeep WHEN 'live' THEN 'changes consumers queue' ELSE 'changes consumers' END, upkeep || ': tables');
    RETURN NEXT is((SELECT count(*) > 5 FROM pg_class WHERE relnamespace = 'stored'::regnamespace AND relkind = 'r' AND relname LIKE 'kept\_%'), upkeep = 'live', upkeep || ': kept tables');
END $$;
SELECT switched(upkeep) FROM unnest('{live, refresh, live, live, none, live}'::text[]) WITH ORDINALITY AS u (upkeep, place) ORDER BY place;
SELECT is((SELECT count(*) FROM stored.changes), (SELECT count(DISTINCT id) FROM stored.changes), 'changes stay');

-- two schemas over one table, with names that begin alike or are long
SELECT ok(made('live', n, 'plain_rows', $$customer => 'client', ordered_at => 'at', amount => 'amount', model => 'none'$$) > 30, 'a schema called ' || n)
  FROM unnest(ARRAY['of_the_customers_of_the_northern_region', 'of_the_customers_of_the_northern_branch', repeat('я', 31), 'o''clock "%s']) AS n;
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'plain_rows'::regclass), 20::bigint, 'each has all of its triggers');
SELECT lives_ok(format('SELECT * FROM %I.upkeep', 'o''clock "%s'), 'and its view of the upkeep');
SELECT cmp_ok((SELECT count(*) FROM clv_drop_views(n)), '>', 30::bigint, n || ' is dropped') FROM unnest(ARRAY['of_the_customers_of_the_northern_region', 'of_the_customers_of_the_northern_branch', repeat('я', 31), 'o''clock "%s']) AS n;
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'plain_rows'::regclass), 4::bigint, 'and loses them');

-- another table of orders: the first has no triggers any longer
CREATE TABLE other_rows AS TABLE plain_rows;
SELECT ok(made('live', 'stored', 'other_rows', $$customer => 'client', ordered_at => 'at', amount => 'amount'$$) > 60, 'orders are another table');
SELECT results_eq($$SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'clv%'$$, $$VALUES ('other_rows')$$, 'triggers are where the orders are');

-- what cannot be live
CREATE FUNCTION refused(shop text) RETURNS text LANGUAGE sql AS $$ SELECT format($q$SELECT clv_create_views('refused', '%s', customer => 'client', ordered_at => 'at', amount => 'amount', upkeep => 'live')$q$, shop) $$;
CREATE VIEW seen_rows AS TABLE plain_rows UNION ALL TABLE other_rows;
SELECT throws_ok(refused('seen_rows'), '0A000', 'orders cannot be kept up with live: public.seen_rows is not a table', 'a view');
CREATE VIEW seen_once AS SELECT DISTINCT ON (amount) * FROM plain_rows;
CREATE VIEW seen_first AS SELECT * FROM plain_rows ORDER BY at LIMIT 5;
CREATE VIEW seen_if AS SELECT * FROM plain_rows AS p WHERE EXISTS (SELECT FROM other_rows AS o WHERE o.client = p.client);
SELECT throws_ok(refused(v), '0A000', format('orders cannot be kept up with live: public.%s is not a table', v), 'a view with rows that go by others: ' || v) FROM unnest('{seen_once,seen_first,seen_if}'::text[]) AS v;
CREATE MATERIALIZED VIEW stored_rows AS TABLE plain_rows;
SELECT throws_ok(refused('stored_rows'), '0A000', 'orders cannot be kept up with live: public.stored_rows is not a table', 'a materialized view');
CREATE TABLE part_rows (LIKE plain_rows) PARTITION BY LIST (client);
CREATE TABLE part_rows_1 PARTITION OF part_rows DEFAULT;
SELECT throws_ok(refused('part_rows_1'), '0A000', 'orders cannot be kept up with live: public.part_rows_1 is part of another table', 'a partition');
CREATE TABLE heir_rows () INHERITS (plain_rows);
SELECT throws_ok(refused('heir_rows'), '0A000', 'orders cannot be kept up with live: public.heir_rows is part of another table', 'a table that inherits');
DROP TABLE heir_rows;
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE foreign_rows (client integer, at date, amount numeric) SERVER nowhere;
SELECT throws_ok(refused('foreign_rows'), '0A000', 'orders cannot be kept up with live: public.foreign_rows is not a table', 'a foreign table');
SELECT throws_ok($$SELECT clv_create_views('refused', 'small', customer => 'client', ordered_at => 'at', amount => 'amount', customers => 'people_seen', customers_key => 'id', channel => 'source', upkeep => 'live')$$, '42P01', NULL, 'a table that is not there');
CREATE VIEW people_seen AS TABLE large UNION ALL TABLE large;
SELECT throws_ok($$SELECT clv_create_views('refused', 'small', customer => 'client', ordered_at => 'at', amount => 'amount', customers => 'people_seen', customers_key => 'id', channel => 'source', upkeep => 'live')$$, '0A000', 'customers cannot be kept up with live: public.people_seen is not a table', 'a view of customers');
CREATE TABLE guarded_rows (LIKE plain_rows);
ALTER TABLE guarded_rows ENABLE ROW LEVEL SECURITY;
SELECT throws_ok(refused('guarded_rows'), '55000', 'a table of histories would bypass the row-level security of public.guarded_rows', 'row-level security, and the rights of readers');
SET LOCAL client_min_messages = error;
SELECT lives_ok($$SELECT clv_create_views('refused', 'guarded_rows', customer => 'client', ordered_at => 'at', amount => 'amount', upkeep => 'live', security => 'owner')$$, 'with the rights of the owner');
SELECT throws_ok($$SELECT clv_take_changes('plain', 'a')$$, '42P01', 'there are no live views in schema plain', 'changes of plain views');
SELECT throws_ok($$SELECT clv_verify_views('plain')$$, '42P01', 'there are no live views in schema plain', 'verified plain views');
SELECT throws_ok($$SELECT clv_take_changes('stored', 'a', 0)$$, '22023', 'n must be at least 1: 0', 'no changes at a time');
SELECT throws_ok($$SELECT clv_acknowledge_changes('stored', 'a', 1e15::bigint)$$, '22023', 'there is no change 1000000000000000', 'a change that is not there');
SELECT throws_ok(format($$SELECT clv_verify_views('stored', %L)$$, share), '22023', NULL, 'a share of ' || share) FROM unnest('{0, -1, 1.5, NaN}'::double precision[]) AS share;

-- rights: who has TRIGGER on the orders need not own them, and who writes orders needs nothing
CREATE ROLE live_owner;
CREATE ROLE live_buyer;
CREATE ROLE live_other;
GRANT SELECT ON plain_rows TO live_owner, live_other;
GRANT INSERT, SELECT, UPDATE, DELETE, TRUNCATE ON plain_rows TO live_buyer;
CREATE SCHEMA of_owner AUTHORIZATION live_owner;
SET LOCAL ROLE live_owner;
SELECT throws_ok($$SELECT clv_create_views('of_owner', 'plain_rows', customer => 'client', ordered_at => 'at', amount => 'amount', upkeep => 'live')$$, '42501', 'permission denied for table public.plain_rows', 'without TRIGGER');
RESET ROLE;
GRANT TRIGGER ON plain_rows TO live_owner;
SET LOCAL ROLE live_owner;
SELECT lives_ok($$SELECT clv_create_views('of_owner', 'plain_rows', customer => 'client', ordered_at => 'at', amount => 'amount', upkeep => 'live')$$, 'with TRIGGER');
SELECT lives_ok($$SELECT clv_refresh_views('of_owner')$$, 'refreshed');
SET LOCAL ROLE live_buyer;
SELECT lives_ok($$INSERT INTO plain_rows VALUES (1, '2026-11-05', 1)$$, 'orders of who has no right on the views');
SELECT throws_ok('SELECT * FROM of_owner.queue', '42501', NULL, 'nor gets one');
SELECT throws_ok('SELECT of_owner.take_changes(NULL)', '42501', NULL, 'nor the changes');
SET LOCAL ROLE live_owner;
SELECT results_eq('SELECT customer_id FROM of_owner.queue', 'VALUES (1)', 'are seen');
SELECT lives_ok($$SELECT clv_create_views('of_owner', 'plain_rows', customer => 'client', ordered_at => 'at', amount => 'amount', upkeep => 'none')$$, 'plain again, without owning the orders');
SELECT lives_ok($$SELECT clv_create_views('of_owner', 'plain_rows', customer => 'client', ordered_at => 'at', amount => 'amount', upkeep => 'live')$$, 'live again');
SET LOCAL ROLE live_other;
SELECT throws_ok($$SELECT clv_internal_view_lock_readers(ARRAY['plain_rows'::regclass::oid])$$, '42501', NULL, 'nobody else locks the orders');
SET LOCAL ROLE live_owner;
SELECT lives_ok($$SELECT clv_drop_views('of_owner')$$, 'dropped, without owning the orders');
RESET ROLE;
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'plain_rows'::regclass), 0::bigint, 'with the triggers');
SELECT lives_ok($$SELECT clv_drop_views('stored'), clv_drop_views('plain'), clv_drop_views('refused')$$, 'all is dropped');
SELECT is_empty($$SELECT FROM pg_namespace WHERE nspname IN ('stored', 'plain', 'refused') UNION ALL SELECT FROM pg_trigger WHERE tgname LIKE 'clv%'$$, 'and nothing is left');
SELECT * FROM finish();
ROLLBACK;
