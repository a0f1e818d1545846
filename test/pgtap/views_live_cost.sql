-- What keeps refreshes of live views cheap, as counts of what they read and write.
BEGIN;
SELECT plan(28);
SET LOCAL client_min_messages = warning;
CREATE TABLE sale AS SELECT customer_id, ordered_at::timestamp, amount FROM clv_simulate(2000, '2024-01-01', '2025-12-31', seed => 16);
CREATE INDEX ON sale (customer_id);
INSERT INTO sale VALUES (1, '2025-12-31 23:00', 5);
ANALYZE sale;
CREATE FUNCTION audited() RETURNS date LANGUAGE plpgsql AS $$
BEGIN
    -- and intervals, at the same time
    RETURN (SELECT max(a.as_of) FROM live.audit AS a HAVING max(a.as_of) = (SELECT max(i.as_of) FROM live.forecast_intervals AS i));
END $$;
CREATE FUNCTION a_day(customer bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    INSERT INTO sale SELECT customer, max(ordered_at) + interval '1 day', 5 FROM sale;
    SELECT updated INTO n FROM clv_refresh_views('live');
    RETURN n;
END $$;
SELECT isnt(count(*), 0::bigint, 'live views') FROM clv_create_views('live', 'sale', upkeep => 'live', model => 'none', today => 'last order');
SELECT results_eq('SELECT inserted, updated FROM clv_refresh_views(''live'')', 'VALUES (2000::bigint, 0::bigint)', 'the first refresh');
SELECT is(audited(), '2025-12-31', 'has the audit');

SELECT is(a_day(2), 2000::bigint, 'a daily refresh judges everybody');
SELECT is(pg_stat_get_xact_tuples_hot_updated('live.kept_customers'::regclass), 2000::bigint, 'without a new entry in the index');
SELECT is((SELECT max(as_of) FROM live.customers), '2026-01-01', 'as of that day');
SELECT is(audited(), '2025-12-31', 'the audit waits');
SELECT clv_refresh_views('live') IS NULL AS done \gset
SELECT is(audited(), '2026-01-01', 'for the next refresh');
SELECT a_day(3) AS n \gset
SELECT is(audited(), '2026-01-01', 'it waits the next day too');
SELECT a_day(4) AS n \gset
SELECT is(audited(), '2026-01-03', 'but no longer than a day, if daily refreshes are all there is');

CREATE TEMP TABLE looked AS SELECT pg_stat_get_xact_tuples_returned('sale'::regclass) + pg_stat_get_xact_tuples_fetched('sale_customer_id_idx'::regclass) AS rows;
SELECT isnt(count(*), 0::bigint, 'the audit is kept') FROM live.audit;
SELECT is(pg_stat_get_xact_tuples_returned('sale'::regclass) + pg_stat_get_xact_tuples_fetched('sale_customer_id_idx'::regclass), l.rows, 'and read without any order') FROM looked AS l;

-- the queue is believed to be long
INSERT INTO live.queue SELECT n FROM generate_series(1, 30000) AS n;
ANALYZE live.queue, live.kept_customers, live.kept_histories;
DELETE FROM live.queue;
CREATE TEMP TABLE before AS SELECT pg_stat_get_xact_tuples_returned('live.kept_customers'::regclass) AS customers, pg_stat_get_xact_tuples_returned('live.kept_histories'::regclass) AS histories, pg_stat_get_xact_tuples_fetched('sale_customer_id_idx'::regclass) AS orders;
INSERT INTO sale VALUES (6, '2026-01-03 12:00', 1);
SELECT results_eq('SELECT updated FROM clv_refresh_views(''live'')', 'VALUES (1::bigint)', 'a refresh after one order');
SELECT cmp_ok(pg_stat_get_xact_tuples_returned('live.kept_customers'::regclass) - b.customers + pg_stat_get_xact_tuples_returned('live.kept_histories'::regclass) - b.histories, '<', 10::bigint, 'reads no other customers') FROM before AS b;
SELECT is(pg_stat_get_xact_tuples_fetched('sale_customer_id_idx'::regclass) - b.orders, (SELECT count(*) FROM sale WHERE customer_id = 6), 'and the orders of this one once') FROM before AS b;

-- the queue is believed to be empty: by such a plan, each customer would be compared with each other one
ANALYZE live.queue;
INSERT INTO sale SELECT n, '2026-01-03 12:00', 1 FROM generate_series(101, 700) AS n;
SELECT results_eq('SELECT updated FROM clv_refresh_views(''live'')', 'VALUES (600::bigint)', 'a refresh after many orders');
SELECT is((SELECT reltuples::integer FROM pg_class WHERE oid = 'live.queue'::regclass), 600, 'is planned for as many customers');

-- months that are over stay, but for those of which orders came later
CREATE FUNCTION months(since date) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT string_agg(DISTINCT m.month_end::text, ' ' ORDER BY m.month_end::text) FROM live.kept_segment_history AS m WHERE m.as_of = since);
END $$;
CREATE FUNCTION is_history_right() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM (SELECT month_end, segment, customers, value FROM live.segment_history EXCEPT ALL SELECT month_end, segment, customers, value FROM live.fresh_segment_history) AS d)
        AND NOT EXISTS (SELECT FROM (SELECT * FROM live.segment_moves EXCEPT ALL SELECT * FROM live.fresh_segment_moves) AS d);
END $$;
SELECT pg_stat_get_xact_tuples_inserted('live.kept_segment_moves'::regclass) AS moves \gset
SELECT a_day(9) AS n \gset
SELECT is(pg_stat_get_xact_tuples_inserted('live.kept_segment_moves'::regclass), :moves::bigint, 'nor are moves between them');
SELECT isnt(:moves::bigint, 0::bigint, 'which there are');
SELECT ok(is_history_right(), 'all is as if it were');
SELECT is(months('2026-01-04'), NULL, 'no month that is over is judged again');
INSERT INTO sale VALUES (9, '2025-10-31 12:00', 800);
SELECT clv_refresh_views('live') AS n \gset
INSERT INTO sale VALUES (9, '2025-12-31 12:00', 800);
SELECT clv_refresh_views('live') AS n \gset
SELECT a_day(9) AS n \gset
SELECT is(months('2026-01-05'), '2025-10-31 2025-11-30 2025-12-31', 'but for those of which an order came later');
SELECT ok(is_history_right(), 'which are right');
DELETE FROM sale WHERE customer_id = 10 AND ordered_at < '2025-12-01';
SELECT a_day(11) AS n \gset
SELECT ok(is_history_right(), 'or was taken back');
SELECT is((SELECT changed_from FROM live.kept_thresholds), NULL, 'once');

-- customers of whom nothing is left, though no trigger said so
ALTER TABLE sale DISABLE TRIGGER USER;
DELETE FROM sale WHERE customer_id IN (7, 8);
ALTER TABLE sale ENABLE TRIGGER USER;
SELECT results_eq('SELECT inserted, updated, deleted FROM clv_refresh_views(''live'', everything => true)', 'VALUES (0::bigint, 1997::bigint, 2::bigint)', 'who is gone is found');
-- long keys in the queue
CREATE FUNCTION queue_index() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT string_agg(a.amname, ' ') FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam WHERE i.indrelid = 'live.queue'::regclass); END $$;
SELECT is(queue_index(), 'btree', 'numbers are in a btree');
SELECT clv_drop_views('live') IS NULL AS n \g /dev/null
CREATE TABLE named AS SELECT md5(customer_id::text) AS customer_id, ordered_at, amount FROM sale WHERE customer_id < 100;
SELECT clv_create_views('live', 'named', upkeep => 'live', model => 'none', today => 'last order') IS NULL AS n \g /dev/null
SELECT is(queue_index(), 'hash', 'texts as hashes');
SELECT * FROM finish();
ROLLBACK;
