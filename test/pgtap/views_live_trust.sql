-- Live views write to and read only what belongs to their owner, and no fault of theirs is an error of who writes orders.
BEGIN;
SELECT plan(22);
SET LOCAL client_min_messages = error;

-- the schema is renamed, and somebody else makes one of its name
CREATE ROLE live_stranger;
GRANT CREATE ON DATABASE :DBNAME TO live_stranger;
CREATE TABLE sale (customer_id text, ordered_at date, amount numeric);
INSERT INTO sale SELECT 'c' || n % 5, date '2026-01-01' + n, 10 FROM generate_series(1, 50) AS n;
SELECT lives_ok($$SELECT clv_create_views('kept_shop', 'sale', upkeep => 'live', model => 'none', today => 'last order'); SELECT clv_refresh_views('kept_shop')$$, 'live views');
ALTER SCHEMA kept_shop RENAME TO other_shop;
SET LOCAL ROLE live_stranger;
CREATE SCHEMA kept_shop;
CREATE TABLE kept_shop.queue (customer_id text);
CREATE TABLE kept_shop.kept_histories (customer_id text);
CREATE TABLE kept_shop.ran (by_whom name);
CREATE FUNCTION kept_shop.trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO kept_shop.ran VALUES (current_user); RETURN NULL; END $$;
CREATE TRIGGER trap BEFORE INSERT ON kept_shop.queue FOR EACH ROW EXECUTE FUNCTION kept_shop.trap();
GRANT ALL ON SCHEMA kept_shop TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA kept_shop TO PUBLIC;
RESET ROLE;
SELECT lives_ok($$INSERT INTO sale VALUES ('c1', '2026-02-20', 10)$$, 'an order goes on when the schema was renamed');
SELECT is_empty('TABLE kept_shop.ran', 'and nothing of a schema of that name runs');
SELECT is_empty('TABLE kept_shop.queue', 'nor gets a row');
DROP SCHEMA kept_shop CASCADE;
ALTER SCHEMA other_shop RENAME TO kept_shop;
SELECT results_eq($$SELECT customer_id, difference FROM clv_verify_views('kept_shop', 1, true)$$, $$VALUES ('c1', 'different')$$, 'what was missed is found');
SELECT is_empty($$SELECT * FROM clv_verify_views('kept_shop', 1)$$, 'and repaired');

-- a queue that somebody else owns, whose triggers would run
ALTER TABLE kept_shop.queue OWNER TO live_stranger;
SELECT lives_ok($$INSERT INTO sale VALUES ('c2', '2026-02-20', 10)$$, 'an order goes on when the queue is another''s');
SELECT is_empty('TABLE kept_shop.queue', 'which gets nothing');
ALTER TABLE kept_shop.queue OWNER TO CURRENT_USER;
SELECT results_eq($$SELECT customer_id FROM clv_verify_views('kept_shop', 1, true)$$, $$VALUES ('c2')$$, 'and what was missed is found again');

-- a change whose customers are not known waits for a refresh that reads everything
UPDATE kept_shop.kept_histories SET history = '{}' WHERE customer_id = 'c2';
INSERT INTO kept_shop.queue VALUES (NULL);
SELECT is((SELECT unknown_changes FROM kept_shop.upkeep), 1::bigint, 'a change of unknown customers is seen');
SELECT lives_ok($$SELECT clv_refresh_views('kept_shop')$$, 'a refresh');
SELECT is_empty($$SELECT * FROM clv_verify_views('kept_shop', 1)$$, 'reads everything then');

-- an error in the trigger is a warning
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.customer_id IS NOT NULL THEN RAISE 'no'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON kept_shop.queue FOR EACH ROW EXECUTE FUNCTION refuse();
SELECT lives_ok($$INSERT INTO sale VALUES ('c3', '2026-02-20', 5)$$, 'an order goes on when the queue refuses it');
DROP TRIGGER refuse ON kept_shop.queue;
SELECT lives_ok($$SELECT clv_refresh_views('kept_shop')$$, 'the next refresh');
SELECT is((SELECT value FROM kept_shop.customers WHERE customer_id = 'c3'), 105::numeric, 'has it');

-- keys of a fixed length, which a cast to their type without a length would cut
CREATE TABLE fixed (customer_id char(6), ordered_at date, amount numeric);
CREATE TABLE merged (old_id char(6), new_id char(6));
INSERT INTO fixed VALUES ('ab1', '2026-01-01', 1), ('ab2', '2026-01-01', 2), ('ab3', '2026-01-02', 4);
INSERT INTO merged VALUES ('ab3', 'ab2');
SELECT lives_ok($$SELECT clv_create_views('fixed_shop', 'fixed', same_customer => 'merged', upkeep => 'live', model => 'none', today => 'last order'); SELECT clv_refresh_views('fixed_shop')$$, 'keys of a fixed length');
INSERT INTO fixed VALUES ('ab1', '2026-01-02', 8);
SELECT results_eq($$SELECT customer_id::text, value FROM fixed_shop.customers ORDER BY 1$$, $$VALUES ('ab1', 9::numeric), ('ab2', 6)$$, 'are those of their customers');
-- what was merged stands alone again
TRUNCATE merged;
SELECT lives_ok($$SELECT clv_refresh_views('fixed_shop')$$, 'merges are taken back');
SELECT results_eq($$SELECT customer_id::text, value FROM fixed_shop.customers ORDER BY 1$$, $$VALUES ('ab1', 9::numeric), ('ab2', 2), ('ab3', 4)$$, 'and customers are there again');

-- views whose rows or keys are not those of a table
CREATE VIEW cast_sale AS SELECT substr(customer_id, 2)::integer AS customer_id, ordered_at, amount FROM sale;
CREATE VIEW first_sale AS SELECT DISTINCT ON (customer_id) customer_id, ordered_at, amount FROM sale ORDER BY customer_id, ordered_at;
SELECT throws_ok($$SELECT clv_create_views('cast_shop', 'cast_sale', upkeep => 'live')$$, '0A000', 'orders cannot be kept up with live: public.cast_sale is not a table', 'a key that is calculated');
SELECT throws_ok($$SELECT clv_create_views('first_shop', 'first_sale', upkeep => 'live')$$, '0A000', 'orders cannot be kept up with live: public.first_sale is not a table', 'rows that depend on others');
CREATE VIEW one AS SELECT 1 AS x;
CREATE VIEW two AS SELECT x FROM one;
CREATE OR REPLACE VIEW one AS SELECT x FROM two;
SELECT throws_ok($$SELECT clv_internal_view_base('one', 'x')$$, '42P17', NULL, 'views that read each other are an error');
SELECT * FROM finish();
ROLLBACK;
