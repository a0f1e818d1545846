-- What clv_create_views makes: who may read it, and what bad rows do to it.
-- messages name whoever calls, and not every cluster's superuser is called the same
SET client_min_messages = warning;
CREATE ROLE view_dba SUPERUSER;
SET SESSION AUTHORIZATION view_dba;
SET DateStyle = 'ISO';
SET TimeZone = 'UTC';
SET client_min_messages = warning;
CREATE SCHEMA view_shop;
SET search_path = view_shop, public;

-- amounts that no history takes: the views are made, and the audit tells
CREATE TABLE odd (customer_id integer, ordered_at date, amount double precision);
INSERT INTO odd SELECT n, date '2024-01-01' + n, n FROM generate_series(1, 5) AS n;
INSERT INTO odd VALUES (3, '2024-02-01', 'NaN'), (4, '2024-02-01', 'infinity');
SELECT count(*) > 20 AS made FROM clv_create_views('odd_views', 'odd');
SELECT model, status, fitted_to FROM odd_views.model;
SELECT check_name, severity, count FROM odd_views.audit WHERE severity = 'error';
DELETE FROM odd WHERE amount IN ('NaN', 'infinity');
SELECT model, status, fitted_to FROM clv_refit_views('odd_views');

-- lines beyond what a sum, a history or a model takes do not keep the audit from the others; nor does money of several currencies
CREATE TABLE wild (order_no integer, customer_id integer, ordered_at timestamp, amount numeric, channel text, "Currency" varchar(4));
INSERT INTO wild SELECT n, n % 40, timestamp '2024-01-01' + n * interval '31 hours', 10 + n % 7, 'search', CASE n % 50 WHEN 0 THEN 'USD' WHEN 1 THEN NULL WHEN 2 THEN 'eur ' ELSE 'EUR' END FROM generate_series(1, 200) AS n;
INSERT INTO wild SELECT n, n, '2024-06-01', v, 'search', 'EUR' FROM unnest('{NaN, Infinity, 9e36, 9e36, 1e-31, 9e23, -9e23}'::numeric[]) WITH ORDINALITY AS w (v, n);
INSERT INTO wild VALUES (300, 5, '-infinity', 1, 'search', 'EUR'), (301, 5, NULL, 1, 'search', NULL), (302, NULL, '2024-06-01', 1, 'search', 'GBP'), (303, 5, '2024-06-01', NULL, 'search', 'GBP'), (304, 11, '2024-06-01', 9e23, 'search', 'EUR'), (305, 11, '2024-06-01', 9e23, 'search', 'EUR');
CREATE TABLE wild_cost (channel text, month date, cost numeric);
INSERT INTO wild_cost VALUES ('search', '2024-01-01', 50), ('search', '2024-02-01', 'NaN'), ('radio', '-infinity', 50);
SELECT name, kind, about FROM clv_create_views('wild_views', 'wild', order_id => 'order_no', channel => 'channel', spend => 'wild_cost') WHERE kind IN ('chosen', 'left out');
SELECT number, check_name, severity, count, round(share, 3) AS share, finding, advice FROM wild_views.audit_as_of('2024-12-31') WHERE number IN (50, 65, 205, 245);
SELECT number, count FROM wild_views.audit_as_of('2024-12-31') WHERE number IN (10, 20, 40, 160, 190, 200);
SELECT count(*) FROM wild_views.audit_as_of(NULL);
SELECT name, value FROM wild_views.settings WHERE name LIKE 'currency%';
-- amounts that histories take, but no model
DELETE FROM wild WHERE NOT amount BETWEEN -1e24 AND 1e24 OR scale(amount) > 30 OR NOT isfinite(ordered_at);
SELECT status, spend_status FROM clv_refit_views('wild_views');
SELECT number, severity, count, finding FROM wild_views.audit WHERE number IN (50, 205);
DELETE FROM wild WHERE abs(amount) > 1e20;
SELECT status, spend_status FROM clv_refit_views('wild_views');
SELECT number, severity, count, finding FROM wild_views.audit_as_of('2024-01-31') WHERE number = 205;
-- a column of currencies that is not the only one is not looked at, unless it is named
ALTER TABLE wild ADD COLUMN iso_currency text DEFAULT 'EUR', ADD COLUMN currency_code integer;
SELECT count(*) AS chosen FROM clv_create_views('wild_views', 'wild') WHERE name = 'currency_column';
SELECT count(*) AS checks FROM wild_views.audit WHERE number = 65;
SELECT count(*) AS chosen FROM clv_create_views('wild_views', 'wild', currency_column => 'iso_currency', currency => 'EUR') WHERE name = 'currency_column';
SELECT severity, count, finding FROM wild_views.audit WHERE number = 65;
SELECT error_of($$SELECT clv_create_views('x', 'wild', currency_column => 'nowhere')$$);

-- the last answer is the last in time, and a whole number from 0 to 10
CREATE TABLE answer (customer_id integer, at timestamp, score numeric);
INSERT INTO answer VALUES (1, '2024-01-05 09:00', 0), (1, '2024-01-05 18:00', 10), (2, '2024-01-05', 3), (2, '2024-01-06', 9.6), (3, '2024-01-05', 'NaN'), (4, '2024-01-05', 3000000000);
SELECT count(*) > 20 AS made FROM clv_create_views('odd_views', 'odd', feedback => 'answer', feedback_at => 'at');
SELECT customer_id, last_score, last_score_on FROM odd_views.customers ORDER BY customer_id;

-- a model that was given stays until another is
SELECT buying_model, spend_model FROM odd_views.model \gset
SELECT count(*) > 20 AS made FROM clv_create_views('odd_views', 'odd', model => 'none', buying_model => '{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 2, "a": 1, "b": 2}, "unit": "week"}');
SELECT value FROM odd_views.settings WHERE name = 'model';
SELECT error_of($$SELECT * FROM clv_refit_views('odd_views')$$);

-- so does one of what they spend; alone it predicts nothing, and no day is too early for it, as nothing was fitted
SELECT count(*) > 20 AS made FROM clv_create_views('odd_views', 'odd', model => 'none', spend_model => '{"model": "gammagamma", "parameters": {"p": 6, "q": 4, "gamma": 15}}');
SELECT model, spend_status, fitted_to, predicts_from, s.name, s.value FROM odd_views.model, odd_views.settings AS s WHERE s.name IN ('model', 'spend_model') ORDER BY s.name;
SELECT * FROM clv_refit_views('odd_views');
SELECT count(*) > 20 AS made FROM clv_create_views('odd_views', 'odd', buying_model => '{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 2, "a": 1, "b": 2}, "unit": "week"}');
SELECT * FROM clv_refit_views('odd_views', spend_model => '{"model": "gammagamma", "parameters": {"p": 6, "q": 4, "gamma": 15}}');
SELECT predicts_from, customer_id, p_alive IS NOT NULL AS predicts FROM odd_views.model, odd_views.customers_as_of('2024-01-02');
-- with a model that was fitted beside it there are predictions from the last day on that the fit has seen
CREATE TABLE many AS SELECT customer_id::integer, ordered_at, amount FROM clv_simulate(200, '2023-01-01', '2023-12-31');
SELECT count(*) > 20 AS made FROM clv_create_views('odd_views', 'many', customer => 'customer_id', amount => 'amount', spend_model => '{"model": "gammagamma", "parameters": {"p": 6, "q": 4, "gamma": 15}}');
SELECT status, spend_status, fitted_to = predicts_from AS from_then_on, fitted_to = (SELECT max(ordered_at)::date FROM many) AS fitted FROM odd_views.model;

SELECT error_of($$SELECT * FROM clv_refit_views('odd_views', '{"model": "gammagamma", "parameters": {"p": 6, "q": 4, "gamma": 15}}')$$) AS refused;
SELECT error_of($$SELECT * FROM clv_refit_views('odd_views', '{"model": "mbgnbd", "parameters": {"r": 1, "alpha": 2, "a": 1, "b": 2}}')$$) AS refused;

-- a model without options; and what is missed where views were dropped
ALTER VIEW odd_views.model RESET (security_invoker);
SELECT model, status FROM clv_refit_views('odd_views');
BEGIN;
DROP VIEW odd_views.histories CASCADE;
SELECT error_of($$SELECT * FROM clv_refit_views('odd_views')$$);
ROLLBACK;
BEGIN;
DROP VIEW odd_views.settings CASCADE;
SELECT error_of($$SELECT * FROM clv_refit_views('odd_views')$$);
ROLLBACK;

-- somebody else's views with our mark are not read
CREATE ROLE view_trapper;
GRANT CREATE ON SCHEMA view_shop TO view_trapper;
CREATE SCHEMA trap;
GRANT USAGE, CREATE ON SCHEMA trap TO view_trapper;
SET ROLE view_trapper;
CREATE VIEW trap.model AS SELECT 1 AS one;
COMMENT ON VIEW trap.model IS 'a trap (made by clv_create_views)';
CREATE FUNCTION trap.snap() RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'snapped'; END$$;
CREATE VIEW trap.settings AS SELECT 'model' AS name, trap.snap() AS value;
COMMENT ON VIEW trap.settings IS 'a trap (made by clv_create_views)';
CREATE VIEW trap.histories AS SELECT trap.snap() AS history;
COMMENT ON VIEW trap.histories IS 'a trap (made by clv_create_views)';
RESET ROLE;
SELECT error_of($$SELECT * FROM clv_refit_views('trap')$$);

-- nor is what another has put in the place of what is refreshed from; what was dropped is missed
SELECT count(*) > 20 AS made FROM clv_create_views('trapped_views', 'odd', upkeep => 'refresh');
GRANT USAGE, CREATE ON SCHEMA trapped_views TO view_trapper;
DROP VIEW trapped_views.fresh_histories;
SET ROLE view_trapper;
CREATE VIEW trapped_views.fresh_histories AS SELECT length(trap.snap()) AS customer_id, '{}'::clv_history AS history, NULL::text AS channel;
COMMENT ON VIEW trapped_views.fresh_histories IS 'a trap (made by clv_create_views)';
RESET ROLE;
SELECT error_of($$SELECT * FROM clv_refresh_views('trapped_views')$$);
SELECT error_of($$SELECT * FROM clv_create_views('trapped_views', 'odd', upkeep => 'refresh')$$);
DROP VIEW trapped_views.fresh_histories;
SELECT error_of($$SELECT * FROM clv_refresh_views('trapped_views')$$);
SELECT count(*) > 20 AS made FROM clv_create_views('trapped_views', 'odd', upkeep => 'refresh');
DROP TABLE trapped_views.kept_histories CASCADE;
SET ROLE view_trapper;
CREATE TABLE trapped_views.kept_histories (customer_id integer, history clv_history, channel text);
COMMENT ON TABLE trapped_views.kept_histories IS 'a trap (made by clv_create_views)';
CREATE FUNCTION trap.snap_row() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'snapped'; END$$;
CREATE TRIGGER snap BEFORE INSERT ON trapped_views.kept_histories EXECUTE FUNCTION trap.snap_row();
RESET ROLE;
SELECT error_of($$SELECT * FROM clv_refresh_views('trapped_views')$$);
SELECT error_of($$SELECT * FROM clv_create_views('trapped_views', 'odd', upkeep => 'refresh')$$);
DROP TABLE trapped_views.kept_histories;
SELECT error_of($$SELECT * FROM clv_refresh_views('trapped_views')$$);

-- the owner of a schema can put another in its place at any time: nothing is made, fitted or refreshed there for others
ALTER SCHEMA trapped_views OWNER TO view_trapper;
SELECT error_of($$SELECT clv_create_views('trapped_views', 'odd')$$);
SELECT error_of($$SELECT clv_refit_views('trapped_views')$$), error_of($$SELECT clv_refresh_views('trapped_views')$$);
ALTER SCHEMA trapped_views OWNER TO CURRENT_USER;

-- what a role has made is its own: members of it take the role
CREATE ROLE view_team;
CREATE ROLE view_member IN ROLE view_team;
SELECT format('GRANT CREATE ON DATABASE %I TO view_team', current_database()) \gexec
GRANT USAGE ON SCHEMA view_shop TO view_team;
GRANT SELECT ON odd TO view_team;
SET ROLE view_team;
SELECT count(*) > 20 AS made FROM clv_create_views('team_views', 'odd', upkeep => 'refresh');
SET ROLE view_member;
SELECT error_of($$SELECT * FROM clv_create_views('team_views', 'odd')$$);
SELECT error_of($$SELECT * FROM clv_refit_views('team_views')$$), error_of($$SELECT * FROM clv_refresh_views('team_views')$$);
SELECT count(*) > 20 AS dropped FROM clv_drop_views('team_views');
RESET ROLE;

-- from the reader's rights to the owner's: nobody reads by what was granted to everybody
GRANT SELECT ON ALL TABLES IN SCHEMA odd_views TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA odd_views TO PUBLIC;
GRANT SELECT ON odd_views.customers TO view_trapper;
GRANT USAGE ON SCHEMA odd_views TO view_trapper;
SELECT count(*) > 20 AS made FROM clv_create_views('odd_views', 'odd', security => 'owner');
SET ROLE view_trapper;
SELECT count(*) FROM odd_views.customers;
SELECT state_of('SELECT * FROM odd_views.kpis'), state_of($$SELECT * FROM odd_views.customers_as_of('2024-12-31')$$);
RESET ROLE;

-- not of columns either, nor when a table of histories comes at the same time, nor by default privileges; who may call a function, or read a column, is named
SELECT count(*) > 20 AS made FROM clv_create_views('owned_views', 'odd');
GRANT USAGE ON SCHEMA owned_views TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA owned_views TO PUBLIC;
GRANT SELECT (customer_id, value) ON owned_views.customers TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA owned_views TO PUBLIC;
GRANT EXECUTE ON FUNCTION owned_views.kpis_as_of(date) TO view_team;
GRANT SELECT (customer_id) ON owned_views.customers TO view_member;
ALTER VIEW owned_views.customers SET (security_barrier = true);
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
CREATE VIEW read_by_all AS
SELECT o.name FROM clv_internal_view_objects('owned_views') AS o
WHERE CASE o.kind WHEN 'function' THEN has_function_privilege('view_trapper', o.id, 'EXECUTE')
                  ELSE has_any_column_privilege('view_trapper', o.id, 'SELECT') END;
SET client_min_messages = notice;
SELECT count(*) > 20 AS made, (SELECT count(*) > 20 FROM read_by_all) AS readable FROM clv_create_views('owned_views', 'odd', security => 'owner');
SELECT name FROM read_by_all;
SELECT count(*) > 20 AS made FROM clv_create_views('owned_views', 'odd');
GRANT SELECT ON ALL TABLES IN SCHEMA owned_views TO PUBLIC;
GRANT SELECT (customer_id, value) ON owned_views.customers TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA owned_views TO PUBLIC;
SELECT count(*) > 20 AS made FROM clv_create_views('owned_views', 'odd', security => 'owner', upkeep => 'refresh');
SELECT name FROM read_by_all;
-- options that were set by hand are there as well after that
SELECT reloptions FROM pg_class WHERE oid = 'owned_views.customers'::regclass;
SET client_min_messages = warning;
ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC;
-- a table of histories shows all customers: nobody gets it by default privileges where the view showed readers only some, or where it had been revoked
CREATE FUNCTION readers_of_histories() RETURNS text LANGUAGE sql AS $$SELECT string_agg(r.rolname || ' ' || c.relname, ', ' ORDER BY r.rolname, c.relname) FROM pg_roles AS r, pg_class AS c
    WHERE c.relnamespace = 'owned_views'::regnamespace AND c.relname IN ('histories', 'kept_histories', 'fresh_histories', 'tiers') AND r.rolname ^@ 'view_' AND NOT r.rolsuper AND c.relacl::text ~ r.rolname$$;
ALTER DEFAULT PRIVILEGES IN SCHEMA owned_views GRANT SELECT ON TABLES TO view_member;
SELECT count(*) > 0 AS dropped FROM clv_drop_views('owned_views');
CREATE SCHEMA IF NOT EXISTS owned_views;
ALTER DEFAULT PRIVILEGES IN SCHEMA owned_views GRANT SELECT ON TABLES TO view_member;
SET client_min_messages = notice;
SELECT count(*) > 20 AS made FROM clv_create_views('owned_views', 'odd', upkeep => 'refresh');
SELECT readers_of_histories();
GRANT SELECT ON owned_views.kept_histories TO view_member;
SELECT count(*) > 20 AS made FROM clv_create_views('owned_views', 'odd', upkeep => 'refresh');
SELECT readers_of_histories();
SELECT count(*) > 20 AS made FROM clv_create_views('owned_views', 'odd', security => 'owner');
REVOKE ALL ON owned_views.histories FROM view_member;
SELECT count(*) > 20 AS made FROM clv_create_views('owned_views', 'odd', security => 'owner', upkeep => 'refresh');
SELECT readers_of_histories();
SET client_min_messages = warning;
DROP FUNCTION readers_of_histories();

-- with the owner's rights: what asks for the reader's is named, and what has policies, however far behind
CREATE TABLE kept (customer_id integer, ordered_at date, amount numeric);
INSERT INTO kept VALUES (1, '2024-01-01', 5);
ALTER TABLE kept ENABLE ROW LEVEL SECURITY;
CREATE VIEW asks WITH (security_invoker) AS SELECT * FROM kept;
CREATE TABLE stored_once AS SELECT * FROM kept;
ALTER TABLE stored_once ENABLE ROW LEVEL SECURITY;
CREATE MATERIALIZED VIEW has_not AS SELECT * FROM stored_once;
CREATE VIEW behind AS SELECT * FROM asks UNION ALL SELECT * FROM has_not;
SELECT count(*) > 20 AS made FROM clv_create_views('odd_views', 'behind', security => 'owner');
ALTER VIEW asks SET (security_invoker = off);
SELECT count(*) > 20 AS made FROM clv_create_views('odd_views', 'odd', feedback => 'answer', feedback_score => 'score', items => 'behind', items_product => 'customer_id', security => 'owner');

SET client_min_messages = warning;
-- who owns the schema can drop what is in it, whoever made it
CREATE SCHEMA team_views;
SELECT count(*) > 20 AS made FROM clv_create_views('team_views', 'wild');
ALTER SCHEMA team_views OWNER TO view_team;
SET ROLE view_team;
SELECT count(*) > 20 AS dropped FROM clv_drop_views('team_views');
RESET ROLE;
DROP SCHEMA team_views;
DROP SCHEMA owned_views, odd_views, wild_views, trapped_views, trap, view_shop CASCADE;
SELECT format('REVOKE CREATE ON DATABASE %I FROM view_team', current_database()) \gexec
DROP ROLE view_trapper, view_member, view_team;
RESET SESSION AUTHORIZATION;
REASSIGN OWNED BY view_dba TO CURRENT_USER;
DROP OWNED BY view_dba;
DROP ROLE view_dba;
