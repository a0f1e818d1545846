-- Text and bytes: out and in again, one form for each history, and an order and a hash that follow from it.
BEGIN;
\ir include/book.psql
SELECT plan(40);

CREATE TEMPORARY TABLE whole AS
SELECT customer, clv_history(amount, ordered_at) AS history FROM book WHERE amount IS NOT NULL AND ordered_at IS NOT NULL GROUP BY customer
UNION ALL
SELECT 0, '{}';
SELECT cmp_ok(count(*), '>', 200::bigint, 'there are histories to write') FROM whole;

-- text
SELECT is_empty($$SELECT customer FROM whole WHERE clv_history_send(history::text::clv_history) <> clv_history_send(history)$$, 'text out and in again gives the same bytes');
SELECT is_empty($$SELECT customer FROM whole WHERE history::text::clv_history::text <> history::text$$, 'and the same text');
SELECT is_empty($$SELECT customer FROM whole WHERE clv_history_send((ARRAY[history, NULL, history]::text::clv_history[])[3]) <> clv_history_send(history)$$, 'in an array too');
SELECT is_empty($$SELECT customer FROM whole WHERE (ROW(customer, history)::text::whole).history <> history$$, 'in a row too');
SELECT is_empty($$SELECT customer FROM whole WHERE (json_populate_record(NULL::whole, row_to_json(whole))).history <> history$$, 'in JSON too');
SELECT is_empty($$SELECT customer FROM whole WHERE (xpath('/x/text()', xmlelement(name x, history)))[1]::text::clv_history <> history$$, 'in XML too');
CREATE FUNCTION pg_temp.misfits(style text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('datestyle', style, true);
    RETURN (SELECT count(*) FROM whole WHERE history::text::clv_history <> history OR history::text ~ '[/a-z]' OR '{2024-03-01: 5}'::clv_history::text <> '{2024-03-01: 5}');
END
$$;
SELECT is(pg_temp.misfits(style), 0::bigint, 'text is the same under DateStyle ' || style) FROM unnest(ARRAY['German', 'SQL, DMY', 'Postgres, MDY', 'ISO, MDY']) WITH ORDINALITY AS s (style, n) ORDER BY n;

-- one history, one form
SELECT is_empty($$
           SELECT n, a, b FROM (VALUES
               (1, '{}', ' { } '), (2, '{2024-01-05: 5}', '{ 2024-01-05 : 5.00 }'), (3, '{2024-01-05: 5}', '{2024-1-5:5(01)}'), (4, '{2024-01-05: 5, 2024-02-05: 6}', '{2024-02-05:6,2024-01-05:5}'),
               (5, '{2024-01-05: 11 (2)}', '{2024-01-05: 5, 2024-01-05: 6}'), (6, '{2024-01-05: 11 (2) -1}', '{2024-01-05: 5, 2024-01-05: -1, 2024-01-05: 6}'),
               (7, '{2024-01-05: 0.5}', '{2024-01-05: .50}'), (8, '{2024-01-05: 5}', '{2024-01-05: 005.}'), (9, '{2024-01-05: 5}', '{2024-01-05: 5 -0}'), (10, '{}', '{2024-01-05: -0.00}'),
               (11, '{2024-01-05: 5 -1.5}', '{2024-01-05: 5.0 - 1.50}'), (12, '{0001-01-01 BC: 5}', '{0001-1-1 BC:5}'), (13, '{2024-01-05: 0 (2)}', '{2024-01-05: 0, 2024-01-05: 0.000}'),
               (14, '{2024-01-05: 100}', '{2024-01-05: 100.00000000000000000000000000000000000000000000000000}'), (15, '{2024-01-05: 5}', E'\t{\n2024-01-05:\n5\n}\n')) AS v (n, a, b)
            WHERE clv_history_send(a::clv_history) <> clv_history_send(b::clv_history)$$,
       'texts that mean the same give the same bytes');
SELECT is_empty($$SELECT customer FROM whole WHERE clv_history_send(regexp_replace(replace(history::text, ',', ' ,'), '(\.\d+)', '\100', 'g')::clv_history) <> clv_history_send(history)$$,
                'zeros and blanks more change nothing');
SELECT is_empty($$SELECT customer FROM whole WHERE customer > 0 AND clv_history_send(
                    (SELECT '{' || string_agg(day, ',' ORDER BY md5(day)) || '}' FROM regexp_split_to_table(trim(history::text, '{}'), ', ') AS day)::clv_history) <> clv_history_send(history)$$,
                'nor does the order of the days');

-- the bytes, as docs/storage-format.md has them, encoded here in SQL
CREATE FUNCTION pg_temp.varint(value numeric) RETURNS bytea IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    bytes bytea := '';
BEGIN
    WHILE value >= 128 LOOP
        bytes := bytes || set_byte('\x00', 0, (128 + value % 128)::integer);
        value := div(value, 128);
    END LOOP;
    RETURN bytes || set_byte('\x00', 0, value::integer);
END
$$;
CREATE FUNCTION pg_temp.encode(history clv_history) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    decimals integer := (SELECT coalesce(max(greatest(min_scale(gross), min_scale(refunds))), 0) FROM clv_days(history));
    bytes bytea := '\x0100' || set_byte('\x00', 0, decimals);
    number integer;
    before integer;
    d record;
BEGIN
    FOR d IN SELECT * FROM clv_days(history) LOOP
        number := d.day - date '2000-01-01';
        bytes := bytes || pg_temp.varint(CASE WHEN before IS NULL THEN CASE WHEN number < 0 THEN -2::bigint * number - 1 ELSE 2::bigint * number END ELSE number - before - 1 END * 4
                                         + CASE WHEN d.orders = 0 THEN 2 WHEN d.refunds > 0 THEN 3 WHEN d.orders = 1 THEN 0 ELSE 1 END)
                       || CASE WHEN d.orders > 1 OR d.orders = 1 AND d.refunds > 0 THEN pg_temp.varint(d.orders) ELSE '' END
                       || CASE WHEN d.orders > 0 THEN pg_temp.varint(d.gross * ('1e' || decimals)::numeric) ELSE '' END
                       || CASE WHEN d.refunds > 0 THEN pg_temp.varint(d.refunds * ('1e' || decimals)::numeric) ELSE '' END;
        before := number;
    END LOOP;
    RETURN bytes;
END
$$;
SELECT is_empty($$SELECT customer, left(history::text, 200), left(clv_history_send(history)::text, 200) FROM whole WHERE customer NOT IN (1600, 1601, 1605) AND clv_history_send(history) <> pg_temp.encode(history)$$,
                'the bytes are those of format 1 as encoded in SQL');
SELECT is(clv_history_send('{2024-01-05: 29.33, 2024-01-18: 59.46 (2) -10.00, 2024-02-01: -5.00}')::text, pg_temp.encode('{2024-01-05: 29.33, 2024-01-18: 59.46 (2) -10.00, 2024-02-01: -5.00}')::text,
          'also of the example in the documentation');
SELECT is(clv_history_send('{2000-01-01: 1.5}')::text, '\x010001000f', 'one order of 1.5 on 2000-01-01 is five bytes');

-- stored
CREATE TABLE clv_roundtrip_stored (customer integer, history clv_history, external clv_history, main clv_history);
ALTER TABLE clv_roundtrip_stored ALTER external SET STORAGE external, ALTER main SET STORAGE main;
INSERT INTO clv_roundtrip_stored SELECT customer, history, history, history FROM whole;
SELECT is_empty($$SELECT s.customer FROM clv_roundtrip_stored AS s JOIN whole AS w USING (customer)
                   WHERE clv_history_send(s.history) <> clv_history_send(w.history) OR clv_history_send(external) <> clv_history_send(w.history) OR clv_history_send(main) <> clv_history_send(w.history)
                      OR s.history <> external OR clv(external) <> clv(w.history) OR clv_at(main, '2024-03-01') <> clv_at(w.history, '2024-03-01') OR external + main <> w.history + w.history$$,
                'stored out of line, in line, compressed: the same bytes');
SELECT cmp_ok(sum(pg_column_size(history)), '<=', sum(octet_length(clv_history_send(history)) + 4), 'and no more of them than that, and a header') FROM clv_roundtrip_stored;
UPDATE clv_roundtrip_stored SET history = history + '{2024-01-01: 5}';
UPDATE clv_roundtrip_stored SET history = history - '{2024-01-01: 5}';
SELECT is_empty($$SELECT customer FROM clv_roundtrip_stored WHERE clv_history_send(history) <> clv_history_send(external)$$, 'updated and updated back too');

-- order and hash; all histories twice, some of them related
CREATE TEMPORARY TABLE pair AS
SELECT row_number() OVER () AS id, history
  FROM (SELECT history FROM whole UNION ALL SELECT history FROM whole UNION ALL SELECT clv_at(history, clv_first_purchase(history)) FROM whole WHERE clv_first_purchase(history) IS NOT NULL
        UNION ALL SELECT history + '{2024-02-25: 0}' FROM whole) AS h;
ANALYZE pair;
SELECT is_empty($$SELECT a.id, b.id FROM pair AS a, pair AS b, LATERAL (SELECT clv_history_send(a.history) AS x, clv_history_send(b.history) AS y) AS s
                   WHERE a.id % 3 = 0 AND b.id % 5 = 0
                     AND ((a.history = b.history) <> (x = y) OR (a.history <> b.history) <> (x <> y) OR (a.history < b.history) <> (x < y) OR (a.history <= b.history) <> (x <= y)
                          OR (a.history > b.history) <> (x > y) OR (a.history >= b.history) <> (x >= y)
                          OR sign(clv_history_cmp(a.history, b.history)) <> (x > y)::integer - (x < y)::integer)$$,
                '=, <>, <, <=, >, >= and the comparison function compare bytes');
SELECT results_eq('SELECT id FROM pair ORDER BY history, id', 'SELECT id FROM pair ORDER BY clv_history_send(history), id', 'ORDER BY orders by bytes');
SELECT results_eq('SELECT id FROM pair ORDER BY history DESC, id', 'SELECT id FROM pair ORDER BY clv_history_send(history) DESC, id', 'ORDER BY DESC too');
SELECT is((SELECT count(DISTINCT history) FROM pair), (SELECT count(DISTINCT clv_history_send(history)) FROM pair), 'DISTINCT counts byte strings');
SELECT is_empty($$SELECT clv_history_send(history) FROM pair GROUP BY 1 HAVING count(DISTINCT clv_history_hash(history)) <> 1 OR count(DISTINCT clv_history_hash_extended(history, 42)) <> 1$$,
                'equal histories have equal hashes');
SELECT is_empty($$SELECT id FROM pair WHERE clv_history_hash_extended(history, 0) & 4294967295 <> clv_history_hash(history)::bigint & 4294967295$$,
                'the low half of the extended hash without salt is the hash, as PostgreSQL asks');
SELECT cmp_ok(count(DISTINCT clv_history_hash(history)), '>', (count(DISTINCT history) * 0.99)::bigint, 'different histories have different hashes, nearly always') FROM pair;
SELECT is_empty($$SELECT id FROM pair WHERE clv_history_hash_extended(history, 1) = clv_history_hash_extended(history, 2)$$, 'a salt changes the hash');

-- plans that use them: the node is there, the answer is that of the bytes
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines := lines || line || ' / ';
    END LOOP;
    RETURN lines;
END
$$;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_nestloop = off;
SELECT matches(pg_temp.plan('SELECT count(*) FROM pair AS a JOIN pair AS b USING (history)'), 'Hash Join', 'histories can be hash joined');
SELECT is((SELECT count(*) FROM pair AS a JOIN pair AS b USING (history)), (SELECT sum(n * n)::bigint FROM (SELECT count(*) AS n FROM pair GROUP BY clv_history_send(history)) AS g), 'with the right answer');
SET LOCAL enable_mergejoin = on;
SET LOCAL enable_hashjoin = off;
SELECT matches(pg_temp.plan('SELECT count(*) FROM pair AS a JOIN pair AS b USING (history)'), 'Merge Join', 'histories can be merge joined');
SELECT is((SELECT count(*) FROM pair AS a JOIN pair AS b USING (history)), (SELECT sum(n * n)::bigint FROM (SELECT count(*) AS n FROM pair GROUP BY clv_history_send(history)) AS g), 'with the right answer');
SET LOCAL enable_hashagg = off;
SELECT is((SELECT count(*) FROM (SELECT history FROM pair EXCEPT SELECT history FROM pair WHERE id % 2 = 0) AS e),
          (SELECT count(*) FROM (SELECT clv_history_send(history) FROM pair EXCEPT SELECT clv_history_send(history) FROM pair WHERE id % 2 = 0) AS e), 'EXCEPT, sorted');
SET LOCAL enable_hashagg = on;
SET LOCAL enable_sort = off;
SELECT is((SELECT count(*) FROM (SELECT history FROM pair INTERSECT SELECT history FROM pair WHERE id % 2 = 0) AS e),
          (SELECT count(*) FROM (SELECT clv_history_send(history) FROM pair INTERSECT SELECT clv_history_send(history) FROM pair WHERE id % 2 = 0) AS e), 'INTERSECT, hashed');
SET LOCAL enable_seqscan = off;
CREATE TEMPORARY TABLE short AS SELECT id, history FROM pair WHERE octet_length(clv_history_send(history)) < 2000;
CREATE INDEX short_btree ON short USING btree (history);
SELECT matches(pg_temp.plan($$SELECT id FROM short WHERE history > '{2024-01-01: 5}'$$), 'Index Scan', 'histories can be found by a btree index');
SELECT is((SELECT count(*) FROM short WHERE history > '{2024-01-01: 5}' AND history <= '{2024-06-01: 5}'),
          (SELECT count(*) FROM short WHERE clv_history_send(history) > clv_history_send('{2024-01-01: 5}') AND clv_history_send(history) <= clv_history_send('{2024-06-01: 5}')), 'with the right answer');
DROP INDEX short_btree;
CREATE INDEX ON pair USING hash (history);
SELECT is_empty($$SELECT customer FROM whole AS w WHERE (SELECT count(*) FROM pair AS p WHERE p.history = w.history) <>
                                                     (SELECT count(*) FROM pair AS p WHERE clv_history_send(p.history) = clv_history_send(w.history))$$, 'histories can be found by a hash index, long ones too');

-- bad text is told softly where PostgreSQL can hear it
CREATE FUNCTION pg_temp.softly(text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE valid boolean;
BEGIN
    EXECUTE format('SELECT pg_input_is_valid(%L, ''clv_history'')', $1) INTO valid;
    RETURN valid;
END $$;
SELECT CASE WHEN current_setting('server_version_num')::int < 160000 THEN skip('soft errors came with PostgreSQL 16')
            ELSE is(pg_temp.softly(h), 'false', what) END
FROM (VALUES ('{2024-01-05: x}', 'bad text is a soft error'),
             ('{2024-01-05: 9999999999999999999999999999999999999, 2024-01-05: 1}', 'so is money out of bounds'),
             ('{2024-01-05: 1 (4294967295), 2024-01-05: 1}', 'so are orders out of bounds')) AS v (h, what);

SELECT * FROM finish();
ROLLBACK;
