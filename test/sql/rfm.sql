-- RFM: the composite, scores, cuts, segments and tiers.
SET DateStyle = 'ISO';

-- last purchase day, orders, net: refunds reduce net and are no orders; a NULL does not count
CREATE TABLE book (customer integer, at timestamp, amount numeric(10,2));
INSERT INTO book VALUES
    (1, '2024-01-05 10:00', 29.33), (1, '2024-01-18 23:59:59.999999', 20.46),
    (1, '2024-01-18 00:00', 39.00), (1, '2024-01-25', -10.00), (1, '2024-02-01', NULL),
    (2, '2023-12-31', 5.00), (2, NULL, 1.00), (3, NULL, 1.00), (3, '2024-03-01', NULL),
    (4, '2024-03-01', -7.50), (5, '2024-02-29', 0);
SELECT customer, clv_rfm(amount, at), clv_rfm(clv_history(amount, at)), (clv_rfm(amount, at)).*
FROM book GROUP BY customer ORDER BY customer;
SELECT clv_rfm(amount, at), clv_rfm(clv_history(amount, at)) FROM book WHERE false;
SELECT clv_rfm(NULL::clv_history), clv_rfm('{}'), clv_rfm('{2024-01-05: 7}'), pg_typeof(clv_rfm('{}'));
SELECT clv_rfm(amount, at) FILTER (WHERE amount > 0), clv_rfm(amount, at) OVER () = clv_rfm(amount, at) OVER (ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS same
FROM book GROUP BY amount, at ORDER BY amount, at LIMIT 2;

-- a line for each type of amount and time
CREATE FUNCTION try(amount text, at text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT concat_ws('' | '', clv_rfm(a, t), pg_typeof(clv_rfm(a, t)), clv_rfm(clv_history(a, t)))
                    FROM (VALUES (''7''::%1$s, ''2024-01-05 10:00''::%2$s), (''12'', ''2024-03-06''), (''-4'', ''2024-03-07'')) v (a, t)',
                   amount, at) INTO result;
    RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
SELECT a, t, try(a, t)
FROM unnest('{numeric,"numeric(8,3)",smallint,integer,bigint,double precision,real,money,text}'::text[]) AS a,
     unnest('{date,timestamp,timestamptz}'::text[]) AS t;
DROP FUNCTION try;
SET TimeZone = 'Asia/Jakarta';
SELECT clv_rfm(1, timestamptz '2024-01-05 17:30 UTC'), clv_rfm(1, timestamp '2024-01-05 17:30');
RESET TimeZone;
SELECT error_of(format('SELECT clv_rfm(%s, %s)', a, t)) FROM (VALUES
    ('''NaN''::numeric', 'now()'), ('''inf''::float8', 'now()'), ('1e37', 'now()'), ('1', '''infinity''::date')) v (a, t);
SELECT call, refused(call) FROM (VALUES ('clv_internal_rfm_final(NULL)'), ('clv_internal_rfm_accum(NULL, 1, now())'),
    ('clv_internal_thresholds_accum(NULL, 1, 5)'), ('clv_internal_thresholds_final(NULL, 1, 5)')) v (call);

-- the score: from an order book in one query, from histories, from columns
SELECT customer, clv_rfm_score(clv_rfm(amount, at)) OVER () AS orders, clv_rfm_score(clv_rfm(clv_history(amount, at))) OVER () AS history,
       clv_rfm_score(clv_rfm(amount, at), 3) OVER () AS thirds
FROM book GROUP BY customer ORDER BY customer;
CREATE TABLE person (id integer, country text, last_purchase date, orders bigint, net numeric);
INSERT INTO person VALUES (1, 'ID', '2024-01-01', 1, 10), (2, 'ID', '2024-01-02', 1, 10.00), (3, 'ID', '2024-01-03', 2, 30),
    (4, 'ID', '2024-01-04', 3, 5), (5, 'ID', '2024-01-05', 9, 99.5), (6, 'NL', '2024-06-01', 5, -1), (7, 'NL', NULL, 0, -7),
    (8, 'NL', '2024-06-01', NULL, 3), (9, 'NL', '2024-06-02', 6, NULL), (10, 'NL', '2024-06-02', 7, 8), (11, 'SG', '2024-01-01', 1, 1);
SELECT id, clv_rfm_score(last_purchase, orders, net) OVER c AS of_country, clv_rfm_score(last_purchase, orders, net, 2) OVER c AS halves,
       clv_rfm_score(ROW(last_purchase, orders, net)::clv_rfm) OVER c AS composite, clv_rfm_score(last_purchase, orders, net) OVER () AS of_all,
       clv_rfm_score(ROW(last_purchase, orders, net)::clv_rfm, 9) OVER () AS ninths
FROM person WINDOW c AS (PARTITION BY country) ORDER BY id;
SELECT clv_rfm_score(NULL::clv_rfm) OVER (), clv_rfm_score(ROW(NULL, 1, 1)::clv_rfm) OVER (), clv_rfm_score(NULL, NULL, NULL) OVER ();
SELECT clv_rfm_score(last_purchase, orders, net) OVER () FROM person WHERE false;
SELECT id, clv_rfm_score(d, 1, 1) OVER (ORDER BY d) FROM (VALUES (1, date '-infinity'), (2, '2024-01-01'), (3, 'infinity')) v (id, d) ORDER BY id;
-- not the days since the last order: later is better
SELECT state_of($$SELECT clv_rfm_score(12, 3::bigint, 99.9) OVER ()$$);

-- one dimension: 1 and the number of percentile_disc(i / bins) below the value, whatever the type
SELECT v, clv_score(v) OVER () AS "integer", clv_score(v::smallint) OVER () AS "smallint", clv_score(v::bigint) OVER () AS "bigint",
       clv_score(v::numeric) OVER () AS "numeric", clv_score(v::float8) OVER () AS "float8", clv_score(v::real) OVER () AS "real",
       clv_score(date '2024-01-01' + v) OVER () AS "date", clv_score(timestamp '2024-01-01' + v * interval '1 s') OVER () AS "timestamp",
       clv_score(timestamptz '2024-01-01 UTC' + v * interval '1 s') OVER () AS "timestamptz",
       clv_score(v * interval '1 hour') OVER () AS "interval", clv_score(chr(75 + v)) OVER () AS "text", clv_score(chr(75 + v)::name) OVER () AS "name",
       clv_score(ARRAY[v, -v]) OVER () AS "array", clv_score(ROW(v, 'x'::text)) OVER () AS "record"
FROM (VALUES (-3), (0), (0), (1), (1), (1), (2), (5), (7), (9)) t (v) ORDER BY v;
SELECT v, clv_score(v, 2) OVER () AS b2, clv_score(v, 3) OVER () AS b3, clv_score(v, 4) OVER () AS b4, clv_score(v, 7) OVER () AS b7, clv_score(v, 9) OVER () AS b9
FROM generate_series(1, 9) AS v ORDER BY v;
SELECT v, clv_score(v) OVER () FROM (VALUES (2), (NULL), (1), (NULL), (3)) t (v) ORDER BY v;
SELECT clv_score(v) OVER (), clv_score(7) OVER (), clv_score(v, bins => 9) OVER () FROM (VALUES (NULL::integer), (NULL)) t (v);
SELECT clv_score(1) OVER (), clv_score(1::numeric, 2) OVER (), clv_score('x'::text, 9) OVER ();
SELECT clv_score(v) OVER () FROM generate_series(1, 3) AS v WHERE v > 3;
-- order of its type: infinities have their place, -0 is 0, 1 month is 30 days, a collation decides
SELECT v, clv_score(v) OVER (), clv_score(v::real) OVER (), clv_score(v::numeric) OVER ()
FROM (VALUES ('-inf'::float8), (-1e30), ('-0'), (0), ('inf')) t (v) ORDER BY v, v::text;
SELECT d, clv_score(d, 4) OVER (), clv_score(d::timestamp, 4) OVER () FROM (VALUES (date '-infinity'), ('4713-11-24 BC'), ('2024-01-01'), ('infinity')) t (d) ORDER BY d;
SELECT v, clv_score(v, 2) OVER () FROM (VALUES (interval '1 month'), ('30 days'), ('29 days'), ('31 days')) t (v) ORDER BY v, v::text;
SELECT v, clv_score(v COLLATE "C", 4) OVER () AS "C", clv_score(v COLLATE "POSIX", 4) OVER () AS "POSIX" FROM (VALUES ('a'), ('B'), ('b'), ('A')) t (v) ORDER BY v COLLATE "C";
CREATE TYPE size AS ENUM ('small', 'medium', 'large');
CREATE DOMAIN price AS numeric(10,2);
SELECT s, clv_score(s, 3) OVER (), clv_score(p, 3) OVER () FROM (VALUES ('large'::size, 1::price), ('small', 20), ('medium', 3)) t (s, p) ORDER BY s;
SELECT error_of($$SELECT clv_score('NaN'::float8) OVER ()$$), error_of($$SELECT clv_score('NaN'::real) OVER ()$$);
SELECT error_of($$SELECT clv_score('NaN'::numeric) OVER ()$$);
SELECT error_of($$SELECT clv_score(v) OVER () FROM (VALUES (1e40), ('NaN')) t (v)$$);
SELECT error_of($$SELECT clv_rfm_score('2024-01-01', 1, 'NaN') OVER ()$$);
SELECT state_of($$SELECT clv_score('1') OVER ()$$), error_of($$SELECT clv_score(json '1') OVER ()$$), error_of($$SELECT clv_score(point '(1,2)') OVER ()$$);
-- numerics of any width and scale
SELECT v, clv_score(v) OVER () FROM (VALUES (1e-20), (1e30), (1.0), (1.00), (-1e30), (0.999999999999999999999), (9223372036854775807), (9223372036854775808.5),
    (-9223372036854775808), ('infinity')) t (v) ORDER BY v, v::text;
SELECT v, clv_score(v, 2) OVER () FROM (VALUES (9223372036854775807), (1), (0.1)) t (v) ORDER BY v;
SELECT v, clv_score(v, 2) OVER () FROM (VALUES (1.0), (1.000), (1), (2), (2.00), (2.0000000000000000000000000000)) t (v) ORDER BY v, v::text;
SELECT v, clv_score(v, 3) OVER () FROM (VALUES (9223372036854775807), (-9223372036854775808), (0)) t (v) ORDER BY v;
-- bins
SELECT error_of(format('SELECT clv_score(v, %s) OVER () FROM generate_series(1, 2) AS v', b)) FROM unnest('{0,1,10,-5,"NULL",2147483647}'::text[]) AS b;
SELECT error_of(format('SELECT clv_rfm_score(clv_rfm(''{}''), %s) OVER ()', b)) FROM unnest('{1,10,"NULL"}'::text[]) AS b;
SELECT error_of(format('SELECT clv_rfm_score(last_purchase, orders, net, %s) OVER () FROM person', b)) FROM unnest('{1,10,"NULL"}'::text[]) AS b;
-- each partition can have its own
SELECT b, string_agg(score::text, ' ' ORDER BY v) FROM (SELECT b, v, clv_score(v, b) OVER (PARTITION BY b) AS score FROM generate_series(2, 9) AS b, generate_series(1, 9) AS v) AS s GROUP BY b ORDER BY b;
-- only as window functions
SELECT state_of('SELECT ' || call) FROM (VALUES ('clv_score(1)'), ('clv_rfm_score(clv_rfm(''{}''))'), ('clv_rfm_score(''2024-01-01'', 1, 1)'), ('clv_tier(1)'), ('clv_value_share(1)'),
    ('clv_score(DISTINCT 1) OVER ()'), ('clv_score(1) FILTER (WHERE true) OVER ()'), ('clv_score(1 ORDER BY 1) OVER ()'), ('1 WHERE clv_score(1) OVER () = 1')) v (call);

-- frames and order within the partition do not matter
SELECT count(*) AS rows, count(*) FILTER (WHERE a = b AND b = c AND c = d AND d = e) AS same FROM (
    SELECT clv_score(v, 4) OVER () AS a, clv_score(v, 4) OVER (ORDER BY v) AS b, clv_score(v, 4) OVER (ORDER BY v ROWS CURRENT ROW) AS c,
           clv_score(v, 4) OVER (ORDER BY v DESC ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING EXCLUDE TIES) AS d, clv_score(v, 4) OVER (ORDER BY -v GROUPS UNBOUNDED PRECEDING) AS e
    FROM (SELECT i * 37 % 101 AS v FROM generate_series(1, 300) AS i) AS t) AS s;
-- beside other window functions, over several windows, on top of each other
SELECT id, rank() OVER w, clv_score(net, 3) OVER w, ntile(3) OVER w, clv_tier(net) OVER w, round(clv_value_share(net) OVER w::numeric, 4) AS share,
       sum(net) OVER w, clv_score(net, 3) OVER (PARTITION BY country) AS in_country, lag(id) OVER (ORDER BY id)
FROM person WINDOW w AS (ORDER BY net) ORDER BY id;
SELECT id, clv_score(score, 2) OVER () FROM (SELECT id, clv_rfm_score(last_purchase, orders, net) OVER () AS score FROM person) AS s ORDER BY id;
SELECT country, clv_score(sum(net), 3) OVER () FROM person GROUP BY country ORDER BY country;
-- partitions of very different sizes
SELECT part, count(*), min(score), max(score), count(DISTINCT score), sum(score) FROM (
    SELECT part, clv_score(v) OVER (PARTITION BY part) AS score
    FROM (SELECT CASE WHEN i <= 1 THEN 'one' WHEN i <= 3 THEN 'two' WHEN i <= 13 THEN 'ten' WHEN i <= 5013 THEN 'large' WHEN i <= 5018 THEN 'nulls' ELSE 'equal' END AS part,
                 CASE WHEN i <= 5013 THEN i WHEN i > 5018 THEN 4 END AS v FROM generate_series(1, 5030) AS i) AS t) AS s
GROUP BY part ORDER BY count(*);
-- rescans
SELECT x, string_agg(score::text, ' ' ORDER BY v), string_agg(tier, ' ' ORDER BY v)
FROM generate_series(1, 4) AS x, LATERAL (SELECT v, clv_score(v % x, 3) OVER (PARTITION BY v > 2 * x) AS score, clv_tier(v % x) OVER () AS tier FROM generate_series(1, 2 * x + 1) AS v) AS s
GROUP BY x ORDER BY x;
SELECT id, (SELECT string_agg(s::text, '' ORDER BY n) FROM (SELECT p.id AS n, clv_score(p.net * o.id, 3) OVER () AS s FROM person AS p WHERE p.id <= o.id AND p.id < 6) AS x) AS scores FROM person AS o WHERE id < 7 ORDER BY id;
-- EXPLAIN, prepared statements with both kinds of plan
CREATE FUNCTION has_node(command text, node text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; found boolean := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || command LOOP found := found OR line ~ node; END LOOP;
    RETURN found;
END $$;
SELECT has_node('SELECT clv_score(net) OVER () FROM person', 'WindowAgg') AS window, has_node('SELECT clv_score(net) OVER () FROM person', 'Sort') AS sort,
       has_node('SELECT clv_rfm_score(last_purchase, orders, net) OVER (PARTITION BY country) FROM person', 'clv_rfm_score\(last_purchase, orders, net, 5\) OVER') AS score;
DO $$BEGIN EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, TIMING OFF) SELECT clv_score(net) OVER (), clv_tier(net) OVER (), clv_value_share(net) OVER () FROM person'; END$$;
PREPARE scored(integer, text) AS SELECT string_agg(id || ':' || coalesce(score::text, '-'), ' ' ORDER BY id) FROM (SELECT id, clv_rfm_score(last_purchase, orders, net, $1) OVER () AS score FROM person WHERE country = $2) AS s;
SET plan_cache_mode = force_custom_plan;
EXECUTE scored(5, 'ID');
SET plan_cache_mode = force_generic_plan;
EXECUTE scored(5, 'ID');
EXECUTE scored(3, 'NL');
EXECUTE scored(5, 'none');
RESET plan_cache_mode;
SELECT error_of('EXECUTE scored(1, ''ID'')');
DEALLOCATE scored;
-- cursors: forward as far as wanted; back if the plan is kept
BEGIN;
DECLARE forward CURSOR FOR SELECT id, clv_score(net) OVER (), clv_tier(net) OVER () FROM person ORDER BY id;
FETCH 2 FROM forward;
MOVE 3 FROM forward;
FETCH 1 FROM forward;
CLOSE forward;
DECLARE unsorted NO SCROLL CURSOR FOR SELECT clv_score(v) OVER () FROM generate_series(1, 5) AS v;
FETCH 2 FROM unsorted;
SAVEPOINT s;
\set VERBOSITY sqlstate
FETCH BACKWARD 1 FROM unsorted;
\set VERBOSITY default
ROLLBACK TO s;
CLOSE unsorted;
DECLARE back SCROLL CURSOR FOR SELECT v, clv_score(v) OVER (), clv_tier(v) OVER () FROM generate_series(1, 5) AS v;
FETCH LAST FROM back;
FETCH BACKWARD 2 FROM back;
FETCH FIRST FROM back;
FETCH ABSOLUTE 3 FROM back;
COMMIT;
BEGIN;
DECLARE held CURSOR WITH HOLD FOR SELECT clv_score(v) OVER () FROM generate_series(1, 5) AS v;
COMMIT;
FETCH ALL FROM held;
CLOSE held;

-- in two steps: thresholds, and scores by them
SELECT clv_thresholds(v, 5), clv_thresholds(v, 2), clv_thresholds(v, 9), pg_typeof(clv_thresholds(v, 5)) FROM generate_series(1, 10) AS v;
SELECT clv_thresholds(v::numeric / 4, 4), clv_thresholds(v::float8, 4), clv_thresholds(date '2024-01-01' + v, 4), clv_thresholds(chr(64 + v), 4), clv_thresholds(v * interval '1 day', 4), pg_typeof(clv_thresholds(v * interval '1 day', 4))
FROM generate_series(1, 10) AS v;
SELECT clv_thresholds(p, 3), pg_typeof(clv_thresholds(p, 3)), clv_thresholds(s, 2) FROM (VALUES ('large'::size, 1::price), ('small', 20), ('medium', 3)) t (s, p);
SELECT clv_thresholds(v, 5) FROM (VALUES (NULL::integer), (NULL)) t (v);
SELECT clv_thresholds(v, 5) FROM generate_series(1, 0) AS v;
SELECT clv_thresholds(v, 5), clv_thresholds(v, 5) FILTER (WHERE v > 1), clv_thresholds(DISTINCT v, 3) FROM (VALUES (1), (NULL), (2), (2)) t (v);
SELECT v % 2, clv_thresholds(v, 3) FROM generate_series(1, 9) AS v GROUP BY 1 ORDER BY 1;
SELECT error_of(format('SELECT clv_thresholds(v, %s) FROM generate_series(1, 2) AS v', b)) FROM unnest('{1,10,"NULL",v + 1}'::text[]) AS b;
SELECT error_of($$SELECT clv_thresholds('NaN'::float8, 3)$$), error_of($$SELECT clv_thresholds(json '1', 3)$$), state_of($$SELECT clv_thresholds(ARRAY[1], 3)$$);
SELECT v, clv_score_at(v, '{2,4,4,8}') FROM (VALUES (NULL), (-1), (2), (3), (4), (5), (8), (9)) t (v) ORDER BY v;
SELECT clv_score_at(1, NULL), clv_score_at(1, '{}'), clv_score_at(date '2024-01-02', '{2024-01-01,2024-01-02}'), clv_score_at('b'::text, '{a,b,c}'),
       clv_score_at(1.0, '{1.00,1.000}'), clv_score_at('inf'::float8, '{1,inf}'), clv_score_at('medium'::size, '{small,medium}'), clv_score_at(interval '30 days', '{29 days,1 month}');
SELECT clv_score_at(x, cuts) FROM (VALUES (1, '{0,1}'::integer[]), (5, '{1,2,3}'), (5, '{}')) t (x, cuts);
SELECT error_of('SELECT clv_score_at(1, ' || cuts || ')') FROM (VALUES ('''{2,1}'''), ('''{1,NULL}'''), ('''{{1,2},{3,4}}''')) t (cuts);
SELECT state_of('SELECT clv_score_at(1, ' || cuts || ')') FROM (VALUES ('1'), ('''{a}'''), ('''{1.5}''::numeric[]')) t (cuts);
SELECT error_of($$SELECT clv_score_at(json '1', ARRAY[json '1'])$$);

-- segments: every cell as in the published table
CREATE TABLE published (n serial, name text, cells text);
INSERT INTO published (name, cells) VALUES
    ('Champions', '555 554 544 545 454 455 445'),
    ('Loyal', '543 444 435 355 354 345 344 335'),
    ('Potential Loyalist', '553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 333 323'),
    ('New Customers', '512 511 422 421 412 411 311'),
    ('Promising', '525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313'),
    ('Need Attention', '535 534 443 434 343 334 325 324'),
    ('About To Sleep', '331 321 312 221 213 231 241 251'),
    ('At Risk', '255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124'),
    ('Cannot Lose Them', '155 154 144 214 215 115 114 113'),
    ('Hibernating', '332 322 233 232 223 222 132 123 122 212 211'),
    ('Lost', '111 112 121 131 141 151');
SELECT p.name, count(*), string_agg(cell, ' ') AS differs FROM published AS p, string_to_table(cells, ' ') AS cell WHERE clv_rfm_segment(cell::integer) IS DISTINCT FROM p.name GROUP BY p.name;
CREATE TABLE cell AS SELECT r, f, m, 100 * r + 10 * f + m AS score FROM generate_series(1, 5) AS r, generate_series(1, 5) AS f, generate_series(1, 5) AS m;
SELECT p.n, p.name, count(*), cardinality(string_to_array(cells, ' ')) AS published FROM cell JOIN published AS p ON clv_rfm_segment(score) = p.name GROUP BY p.n, p.name, cells ORDER BY p.n;
SELECT count(*), count(clv_rfm_segment(score)) AS named, count(DISTINCT clv_rfm_segment(score, 'classic11', 5)) AS names FROM cell;
-- and rf10: a line for each recency, frequency 1 to 5; the monetary value does not matter
SELECT r, string_agg(name, ' | ' ORDER BY f) FROM (SELECT r, f, string_agg(DISTINCT clv_rfm_segment(score, 'rf10'), ' or ') AS name FROM cell GROUP BY r, f) AS s GROUP BY r ORDER BY r;
SELECT clv_rules('classic11');
SELECT clv_rules('rf10');
SELECT clv_rules(NULL), clv_rules('RF10') = clv_rules('rf10') AS any_case, clv_rfm_segment(555, 'Classic11');
SELECT error_of($$SELECT clv_rules('rf11')$$), error_of($$SELECT clv_rules('')$$);
-- other numbers of bins: 1 is 1, the highest is the highest, between them the nearest, halves up
SELECT bins, string_agg(d || ' ' || clv_rfm_segment(100 * d + 11, '1: 1**; 2: 2**; 3: 3**; 4: 4**; 5: 5**', bins), ', ' ORDER BY d) FROM generate_series(2, 9) AS bins, generate_series(1, bins) AS d GROUP BY bins ORDER BY bins;
SELECT clv_rfm_segment(333, 'classic11', 3), clv_rfm_segment(999, bins => 9), clv_rfm_segment(111, 'rf10', 9), clv_rfm_segment(212, 'classic11', 2),
       clv_rfm_segment(515, E'bins: 3\nlow: 1**\nmid: 2**\nhigh: 3**'), clv_rfm_segment(315, E'bins: 3\nlow: 1**\nmid: 2**\nhigh: 3**'), clv_rfm_segment(313, 'bins: 3; x: 313', 3);
SELECT clv_rfm_segment(NULL), clv_rfm_segment(555, NULL), clv_rfm_segment(555, 'rf10', NULL);
SELECT error_of(format('SELECT clv_rfm_segment(%s)', args)) FROM (VALUES ('556'), ('155, ''rf10'', 4'), ('55'), ('0'), ('-555'), ('5550'), ('605'), ('2147483647'), ('-2147483648'),
    ('555, ''rf10'', 1'), ('555, ''rf10'', 10')) v (args);
-- rules of one's own: the first that fits, else NULL; separators, blanks and case as one likes
SELECT score, clv_rfm_segment(score, 'Best: 555, 5[45]5; Good: [4-5][1-35]*;; Rest: 1**') FROM unnest('{555,545,445,415,553,455,111,211}'::integer[]) AS score;
SELECT clv_rfm_segment(score, E'\r\n \tBINS:\t3 \r\n  Très bons clients :[2-3]**\r\n\n;Others:***\t,111;') FROM unnest('{111,511,311}'::integer[]) AS score;
SELECT clv_rfm_segment(111, 'A: 1**; B: ***; A: 5**'), clv_rfm_segment(511, 'A: 1**; B: 55*; A: 5**'), clv_rfm_segment(511, 'bins: 9; bins: 5; A - "x", [y]: 511');
SELECT rules, error_of(format('SELECT clv_rfm_segment(555, %L)', rules)) FROM (VALUES (''), (' '), ('classic12'), (';'), ('bins: 5'), (':'), ('A:'), ('A: ;'), ('A: 55'), ('A: 5555'), ('A: 5 5 5'), ('A: 556'), ('A: 055'),
    ('A: [5'), ('A: []55'), ('A: [5-4]**'), ('A: [4-]**'), ('A: [4-6]**'), ('A: [-5]**'), ('A: [4'), ('A: 5*'), ('A: ,'), ('A: 555 : 444'), ('A: 555; B'), ('555'), ('A: 5**; bins: 3'), ('bins: 1; A: ***'), ('bins: 10; A: ***'),
    ('bins: x'), ('bins:'), ('bins: 3; A: 4**'), ('A: ' || repeat('é', 50)), ('é' || repeat('x', 60)), (repeat('é', 60))) v (rules);
SELECT error_of(format('SELECT clv_rfm_segment(555, %L)', (SELECT string_agg('s' || i || ': 111', ';') FROM generate_series(1, 65) AS i)));
SELECT clv_rfm_segment(555, (SELECT string_agg('s' || i || ': ' || CASE i WHEN 64 THEN '555' ELSE '111' END, ';') FROM generate_series(1, 64) AS i));
-- several rule sets in one query
SELECT rules, clv_rfm_segment(155, rules) FROM (VALUES (1, 'rf10'), (2, 'classic11'), (3, 'X: 1**'), (4, 'rf10'), (5, 'Y: 1**')) v (n, rules) ORDER BY n;
-- checked: what is not covered, and what more than once
SELECT * FROM clv_check_rules('classic11');
SELECT * FROM clv_check_rules('rf10');
SELECT * FROM clv_check_rules(NULL);
SELECT * FROM clv_check_rules('bins: 2; A: 1** 11*; B: *1*; C: *1[1-2] 122');
SELECT problem, segments, count(*), min(score), max(score) FROM clv_check_rules('Best: 5**; Loyal: *5*; Rest: [1-3]**') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*), count(DISTINCT score) FROM clv_check_rules('bins: 9; A: 999');
SELECT score, length(segments), right(segments, 8) FROM clv_check_rules((SELECT 'bins: 2; ' || string_agg('s' || i || ': ***', ';') FROM generate_series(1, 64) AS i)) WHERE score = 111;
SELECT error_of($$SELECT * FROM clv_check_rules('A: 666')$$);

-- tiers: the best fifth of the customers, the next 30 %, the rest
SELECT v, clv_tier(v) OVER () AS customers, clv_tier(v, NULL, 'value') OVER () AS value, clv_tier(v, '{9,4}', 'thresholds') OVER () AS thresholds, round(clv_value_share(v) OVER ()::numeric, 9) AS share
FROM (VALUES (40), (24), (16), (8), (6), (3), (2), (1), (0), (-5)) t (v) ORDER BY v DESC;
-- for every type of number
SELECT v, clv_tier(v) OVER () AS "numeric", clv_tier(v::smallint) OVER () AS "smallint", clv_tier(v::integer) OVER () AS "integer", clv_tier(v::bigint) OVER () AS "bigint", clv_tier(v::real) OVER () AS "real", clv_tier(v::float8) OVER () AS "float8",
       clv_tier(v::price) OVER () AS "domain", clv_tier(v::real, method => 'value') OVER () AS v_real, clv_tier(v::float8, method => 'VALUE') OVER () AS v_float8, clv_tier(v::smallint, '{2}', 'thresholds', '{a,b}') OVER () AS t_small
FROM (VALUES (10.0), (3), (2), (1), (0.00)) t (v) ORDER BY v DESC;
-- own shares and labels, one more than cuts; another for values of 0 or less
SELECT v, clv_tier(v, '{0.1}', labels => '{A,B}') OVER () AS two, clv_tier(v, '{0.1}', labels => '{A,B,none}') OVER () AS extra, clv_tier(v, '{0.1,0.4,0.7,1}', labels => '{A,B,C,D,E}') OVER () AS five,
       clv_tier(v, labels => '{gold,silver,bronze,lead}') OVER () AS metals, clv_tier(v, '{0.5,1}', 'value', '{A,B,C,none}') OVER () AS value, clv_tier(v, '{8,0,-3}', 'thresholds', '{A,B,C,D}') OVER () AS thresholds,
       clv_tier(v, '{8,2}', 'thresholds', '{A,B,C,none}') OVER () AS threshold_extra
FROM (VALUES (10), (8), (8), (5), (4), (3), (2), (0), (-2), (-4)) t (v) ORDER BY v DESC;
-- ties: a group gets a tier only if all of it fits; the largest value is in the highest whatever comes
SELECT v, clv_tier(v) OVER (), clv_tier(v, NULL, 'value') OVER () AS value, clv_tier(v, '{0,0.6}') OVER () AS none FROM (VALUES (9), (9), (9), (5), (5), (5), (1), (1), (1), (1)) t (v) ORDER BY v DESC;
SELECT v, clv_tier(v) OVER (), clv_tier(v, NULL, 'value') OVER () AS value FROM (VALUES (9.0), (5), (5.00), (5.0), (1)) t (v) ORDER BY v DESC, v::text;
SELECT v, clv_tier(v) OVER (), clv_tier(v, NULL, 'value') OVER () AS value, round(clv_value_share(v) OVER ()::numeric, 9) AS share FROM (VALUES (4), (4), (4)) t (v);
-- nobody with a value
SELECT v, clv_tier(v) OVER (), clv_tier(v, NULL, 'value') OVER () AS value, clv_tier(v, NULL, 'value', '{A,B,C,none}') OVER () AS extra, round(clv_value_share(v) OVER ()::numeric, 9) AS share FROM (VALUES (0), (0), (-1), (NULL)) t (v) ORDER BY v DESC NULLS LAST;
SELECT v, clv_tier(v) OVER (), clv_tier(v, NULL, 'value') OVER () AS value, clv_tier(v, '{1}', 'thresholds', '{a,b}') OVER () AS thresholds, round(clv_value_share(v) OVER ()::numeric, 9) AS share FROM (VALUES (NULL::integer), (NULL)) t (v);
SELECT clv_tier(7) OVER (), clv_tier(7, NULL, 'value') OVER (), clv_tier(-7) OVER (), clv_value_share(7) OVER (), clv_value_share(-7) OVER ();
SELECT v, clv_tier(v) OVER (), clv_tier(v, NULL, 'value') OVER () AS value, round(clv_value_share(v) OVER ()::numeric, 9) AS share FROM (VALUES (80), (NULL), (15), (5), (NULL)) t (v) ORDER BY v DESC NULLS LAST;
-- exact: 80 % of the value is within 80 %
SELECT v, clv_tier(v, NULL, 'value') OVER (), round(clv_value_share(v) OVER ()::numeric, 9) AS share FROM (VALUES (0.8), (0.15), (0.05)) t (v) ORDER BY v DESC;
SELECT v, clv_tier(v, NULL, 'value') OVER (), round(clv_value_share(v) OVER ()::numeric, 9) AS share FROM (VALUES (0.8::float8), (0.15), (0.05)) t (v) ORDER BY v DESC;
SELECT v, clv_tier(v, NULL, 'value') OVER () FROM (VALUES (0.800000001), (0.15), (0.049999999)) t (v) ORDER BY v DESC;
SELECT v, clv_tier(v, '{0.000000001,0.999999999}', 'value') OVER (), round(clv_value_share(v) OVER ()::numeric, 15) AS share FROM (VALUES (1e30), (1e-20), (1), (0.0), (-1e30)) t (v) ORDER BY v DESC;
-- infinities are ordered, but are no value to share
SELECT v, clv_tier(v) OVER (), clv_tier(v::numeric) OVER () AS "numeric" FROM (VALUES ('-inf'::float8), (0), (1), (2), ('inf')) t (v) ORDER BY v DESC;
SELECT error_of(format('SELECT clv_tier(%s, NULL, ''value'') OVER ()', v)), error_of(format('SELECT clv_value_share(%s) OVER ()', v)), error_of(format('SELECT clv_tier(%s) OVER ()', v))
FROM unnest(ARRAY['''inf''::float8', '''NaN''::float8', '''inf''::numeric', '''NaN''::numeric', '1e40', '1e300::float8']) AS v;
-- partitions
SELECT id, clv_tier(net) OVER c AS tier, clv_tier(net, method => 'value') OVER c AS value, round(clv_value_share(net) OVER c::numeric, 4) AS share FROM person WINDOW c AS (PARTITION BY country) ORDER BY id;
SELECT p, v, clv_tier(v, cuts, method, labels) OVER (PARTITION BY p) FROM (VALUES (1, ARRAY[0.5], 'customers', '{a,b}'::text[], 1), (1, '{0.5}', 'customers', '{a,b}', 2), (2, '{1}', 'thresholds', '{x,y,none}', 0), (2, '{1}', 'thresholds', '{x,y,none}', 2)) t (p, cuts, method, labels, v) ORDER BY p, v;
SELECT v, clv_tier(v) OVER (ORDER BY v ROWS 1 PRECEDING) FROM generate_series(1, 5) AS v ORDER BY v;
SELECT clv_tier(v) OVER (), clv_value_share(v) OVER () FROM (SELECT 1 AS v WHERE false) AS t;
-- errors
SELECT args, CASE WHEN args = 'NULL' THEN state_of('SELECT clv_tier(NULL) OVER ()') ELSE error_of(format('SELECT clv_tier(%s) OVER () FROM generate_series(1, 2) AS v', args)) END AS error FROM (VALUES ('v, NULL, ''median'''), ('v, NULL, NULL'), ('v, NULL, '''''), ('v, NULL, ''thresholds'''), ('v, ''{}'''), ('v, ''{0.2}'''),
    ('v, ''{0.2,0.5,0.9}'''), ('v, ''{0.2,NULL}'''), ('v, ''{{0.2},{0.5}}'''), ('v, ''{0.5,0.2}'''), ('v, ''{0.2,0.2}'''), ('v, ''{-0.1,0.5}'''), ('v, ''{0.5,1.1}'''), ('v, ''{0.5,NaN}'''), ('v, ''{0.5,inf}'''), ('v, ''{0.0000000001,0.5}'''),
    ('v, ''{20,50}'''), ('v, ''{1,2}'', ''thresholds'''), ('v, ''{1,1}'', ''thresholds'''), ('v, labels => ''{a,b}'''), ('v, labels => ''{a,b,c,d,e}'''), ('v, labels => ''{}'''), ('v, labels => ''{a,NULL,c}'''), ('v, labels => ''{{a,b,c}}'''),
    ('v::text'), ('v, method => ''é'' || repeat(''é'', 40)'), ('date ''2024-01-01'''), ('v * interval ''1 day'''), ('NULL'), ('v, (SELECT array_agg(i / 100.0) FROM generate_series(1, 31) AS i)')) t (args);
SELECT error_of('SELECT clv_value_share(''x''::text) OVER ()'), state_of('SELECT clv_value_share(NULL) OVER ()');
-- shares without rounding, with scale that does not matter
SELECT clv_tier(v, '{0.20,0.500000000000}') OVER (), clv_tier(v, '{1.0,0.5}', 'thresholds') OVER () FROM (VALUES (1)) t (v);
-- an end that is 1 takes all
SELECT v, clv_tier(v, '{0.5,1}') OVER () FROM (VALUES (9223372036854775807), (0), (-9223372036854775807)) t (v) ORDER BY v DESC;

DROP TABLE book, person, published, cell;
DROP TYPE size;
DROP DOMAIN price;
DROP FUNCTION has_node;

-- what a review found
\pset format unaligned
SELECT clv_tier(1234567::real, '{1234568}', 'thresholds', '{hi,lo}') OVER () AS below,
       clv_tier(16777215::real, '{16777215}', 'thresholds', '{hi,lo}') OVER () AS equal,
       clv_tier(1234567890123456::float8, '{1234567890123457}', 'thresholds', '{hi,lo}') OVER () AS below,
       clv_tier('infinity'::float8, '{5}', 'thresholds', '{hi,lo}') OVER () AS above;
SELECT count(clv_rfm_segment(111, CASE WHEN g % 2 = 0 THEN 'classic11' ELSE 'rf10' END)) FROM generate_series(1, 1000) AS g;
SELECT error_of($$SELECT clv_tier(1, '{nan,1}', 'thresholds') OVER ()$$), error_of($$SELECT clv_score_at(5::float8, '{1,nan}')$$);
SELECT v, clv_value_share(v) OVER (), clv_tier(v, method => 'value') OVER () FROM unnest('{80,15,5}'::int[]) AS v;
SELECT v, clv_tier(v, method => 'value') OVER () FROM unnest('{1e-300,1e-35,1}'::float8[]) AS v;
SELECT v, clv_tier(v, '{0.2,0.5}', labels => '{a,b,c,none}') OVER () FROM unnest('{-infinity,0,2,infinity}'::float8[]) AS v;
SELECT clv_thresholds(v, 2, 'width'), error_of($$SELECT clv_thresholds(d, 2, 'width') FROM unnest('{2024-01-01,infinity}'::date[]) AS d$$)
FROM unnest('{-1.7e308,1.7e308}'::float8[]) AS v;
SELECT error_of($$SELECT clv_segment_moves(0, 'a', 'b', NULL, '2024-01-01', '2024-01-01')$$);
CREATE TEMP TABLE nobody (c int, h clv_history);
SELECT error_of($$SELECT clv_segment_moves('nobody', 'c', 'c', NULL, '2024-01-01', '2024-01-01')$$), error_of($$SELECT clv_warnings('nobody', 'c', 'c', NULL, '2024-01-01')$$);
SELECT error_of(format($$SELECT clv_segment_moves('nobody', 'c', 'h', NULL, %L, '2024-01-01', %L, %s)$$, d, r, b))
FROM (VALUES ('-infinity', 'rf10', 5), ('2025-01-01', 'rf10', 5), ('2023-01-01', 'rf10', 99), ('2023-01-01', 'bad', 5), ('2023-01-01', 'rf10', 5)) AS v (d, r, b);
SELECT error_of($$SELECT clv_rfm_segment(111, 'A:' || repeat(' 111', 10001))$$);
SELECT clv_rfm_segment(111, E'A\r: 111\r\n');
