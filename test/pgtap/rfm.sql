-- Scores, cuts and tiers are what their definitions say, recomputed in plain SQL: on simulated customers, on CDNOW
-- (psql -v data_dir=...), on awkward numbers; whatever the order of rows, in memory or not.
\if :{?data_dir}
\else
\set data_dir ''
\endif
\set sample `cat :'data_dir'/cdnow_sample.csv 2>/dev/null`
\set full `gzip -dc :'data_dir'/cdnow_full.csv.gz 2>/dev/null`
SELECT length(:'sample') > 100 AS has_sample, length(:'full') > 100 AS has_full \gset
BEGIN;
SELECT plan(114);

-- a customer's values; parts hold 1, 3, 9, 27, ... customers
CREATE FUNCTION pg_temp.part(id bigint) RETURNS text LANGUAGE sql AS 'SELECT floor(log(3, 2 * id + 1))::text';
CREATE TEMPORARY TABLE person (source text, id bigint, part text, rfm clv_rfm, last_purchase date, orders bigint, net numeric, history clv_history);
INSERT INTO person
SELECT 'simulated', customer_id, pg_temp.part(customer_id), rfm, (rfm).last_purchase, (rfm).orders, CASE WHEN customer_id % 10 <> 0 THEN (rfm).value END, history
  FROM (SELECT customer_id, clv_rfm(amount, ordered_at) AS rfm, clv_history(amount, ordered_at) AS history
          FROM clv_simulate(3000, '2022-01-01', '2023-12-31', seed => 3, refund_share => 0.3) GROUP BY customer_id) AS c;
CREATE FUNCTION pg_temp.lines(csv text) RETURNS SETOF text[] LANGUAGE sql AS
    $$SELECT string_to_array(rtrim(line, E'\r'), ',') FROM string_to_table(csv, E'\n') WITH ORDINALITY AS l (line, n) WHERE n > 1 AND line <> ''$$;
\if :has_sample
INSERT INTO person
SELECT 'sample', id, pg_temp.part(id), clv_rfm(amount, at), max(at), count(*), sum(amount), clv_history(amount, at)
  FROM (SELECT f[1]::bigint AS id, f[3]::date AS at, f[5]::numeric AS amount FROM pg_temp.lines(:'sample') AS f) AS o GROUP BY id;
\endif
\if :has_full
INSERT INTO person
SELECT 'full', id, pg_temp.part(id), clv_rfm(amount, at), max(at), count(*), sum(amount), clv_history(amount, at)
  FROM (SELECT f[1]::bigint AS id, f[2]::date AS at, f[4]::numeric AS amount FROM pg_temp.lines(:'full') AS f) AS o GROUP BY id;
\endif
ANALYZE person;

SELECT is_empty($$SELECT source, id FROM person WHERE source <> 'simulated' AND rfm IS DISTINCT FROM ROW(last_purchase, orders, net)::clv_rfm$$, 'clv_rfm(amount, ordered_at) is max, count and sum');
SELECT is_empty($$SELECT source, id FROM person WHERE clv_rfm(history) IS DISTINCT FROM rfm OR rfm <> ROW(clv_last_purchase(history), clv_orders(history), clv(history))::clv_rfm$$, 'and that of the history');

-- scores: the definition in SQL, percentile_disc for each partition; NULLs out of it
CREATE FUNCTION pg_temp.score_of(value anyelement, cuts anyarray) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1 + count(*)::integer FROM unnest(cuts) AS cut WHERE cut < value';
CREATE FUNCTION pg_temp.wrong_scores(origin text, bins integer, by text) RETURNS TABLE (id bigint, score integer, expected integer) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        WITH p AS MATERIALIZED (SELECT *, last_purchase IS NULL OR orders IS NULL OR net IS NULL AS out, ARRAY[%3$s] AS by FROM person WHERE source = %1$L),
        q AS (SELECT array_agg(i::double precision / %2$s ORDER BY i) AS q FROM generate_series(1, %2$s - 1) AS i),
        cut AS (SELECT by, percentile_disc((SELECT q FROM q)) WITHIN GROUP (ORDER BY last_purchase) AS r, percentile_disc((SELECT q FROM q)) WITHIN GROUP (ORDER BY orders) AS f,
                       percentile_disc((SELECT q FROM q)) WITHIN GROUP (ORDER BY net) AS m FROM p WHERE NOT out GROUP BY by),
        scored AS (SELECT p.*, clv_rfm_score(last_purchase, orders, net, %2$s) OVER w AS parts, clv_rfm_score(ROW(last_purchase, orders, net)::clv_rfm, %2$s) OVER w AS composite,
                          clv_score(last_purchase, %2$s) OVER v * 100 + clv_score(orders, %2$s) OVER v * 10 + clv_score(net, %2$s) OVER v AS digits
                     FROM p WINDOW w AS (PARTITION BY by), v AS (PARTITION BY by, out)),
        expected AS (SELECT s.*, CASE WHEN NOT out THEN (SELECT 1 + count(*) FROM unnest(r) AS x WHERE x < last_purchase) * 100 + (SELECT 1 + count(*) FROM unnest(f) AS x WHERE x < orders) * 10
                                 + (SELECT 1 + count(*) FROM unnest(m) AS x WHERE x < net) END AS expected FROM scored AS s LEFT JOIN cut USING (by))
        SELECT id, parts, expected::integer FROM expected
         WHERE parts IS DISTINCT FROM expected OR composite IS DISTINCT FROM parts OR digits IS DISTINCT FROM parts AND NOT out OR out <> (parts IS NULL)$q$, origin, bins, by);
END $$;
SELECT is_empty(format('SELECT * FROM pg_temp.wrong_scores(%L, %s, %L)', 'simulated', bins, by), format('simulated: scores of %s bins by %s are recomputed in SQL', bins, by))
  FROM generate_series(2, 9) AS bins, unnest(ARRAY['source', 'part', 'part, (id % 2)::text']) AS by ORDER BY bins, by;
\if :has_sample
SELECT is_empty(format('SELECT * FROM pg_temp.wrong_scores(%L, %s, %L)', 'sample', bins, by), format('CDNOW sample: scores of %s bins by %s', bins, by))
  FROM generate_series(2, 9) AS bins, unnest(ARRAY['source', 'part']) AS by ORDER BY bins, by;
SELECT is((SELECT count(*) FROM person WHERE source = 'sample'), 2357::bigint, 'of 2,357 customers');
\else
SELECT skip('no reference data: give psql -v data_dir=...', 17);
\endif
\if :has_full
SELECT is_empty(format('SELECT * FROM pg_temp.wrong_scores(%L, %s, %L)', 'full', bins, by), format('CDNOW: scores of %s bins by %s', bins, by))
  FROM unnest(ARRAY[3, 4, 5, 9]) AS bins, unnest(ARRAY['source', 'part']) AS by ORDER BY bins, by;
SELECT is((SELECT count(*) FROM person WHERE source = 'full'), 23570::bigint, 'of 23,570 customers');
\else
SELECT skip('no full file, or no gzip to read it', 9);
\endif

-- order of rows
CREATE TEMPORARY TABLE scored AS SELECT source, id, part, net, orders, clv_rfm_score(last_purchase, orders, net) OVER (PARTITION BY source) AS score, clv_score(orders, 4) OVER (PARTITION BY source, part) AS of_part,
       clv_tier(net) OVER (PARTITION BY source) AS tier, clv_tier(net, NULL, 'value') OVER (PARTITION BY source, part) AS value_tier, clv_value_share(net) OVER (PARTITION BY source) AS share FROM person WHERE source <> 'full';
SELECT is_empty(format($$SELECT source, id, part, net, orders, clv_rfm_score(last_purchase, orders, net) OVER (PARTITION BY source), clv_score(orders, 4) OVER (PARTITION BY source, part),
                                clv_tier(net) OVER (PARTITION BY source), clv_tier(net, NULL, 'value') OVER (PARTITION BY source, part), clv_value_share(net) OVER (PARTITION BY source)
                           FROM (SELECT * FROM person WHERE source <> 'full' ORDER BY %s) AS p EXCEPT TABLE scored$$, o), 'in order of ' || o || ' everyone has the same score, tier and share')
  FROM unnest(ARRAY['id DESC', 'net', 'net DESC NULLS FIRST', 'orders, last_purchase', 'md5(id::text)']) AS o;
SELECT is_empty('SELECT source, net FROM scored GROUP BY source, net HAVING count(DISTINCT tier) > 1 OR count(DISTINCT share) > 1 OR count(DISTINCT score % 10) > 1', 'equal values have equal scores, tiers and shares');
SELECT is_empty('SELECT source, part, orders FROM scored GROUP BY source, part, orders HAVING count(DISTINCT of_part) > 1', 'in partitions too');
SELECT is_empty('SELECT a.id FROM scored AS a JOIN scored AS b USING (source, part) WHERE a.orders < b.orders AND a.of_part > b.of_part', 'who has more has no lower score');

-- two steps are one, for any type; cuts are percentile_disc. "n" has ties, negative numbers and a NULL
CREATE TEMPORARY TABLE number AS SELECT i, CASE WHEN i % 97 <> 0 THEN ((i::bigint * 7919) % 1009 - 300) / (1 + i % 3) END AS n FROM generate_series(1, 1500) AS i;
CREATE FUNCTION pg_temp.two_steps(value text, bins integer) RETURNS SETOF integer LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$SELECT i FROM (SELECT i, v, clv_score(v, %2$s) OVER () AS score FROM (SELECT i, %1$s AS v FROM number) AS n) AS s,
        (SELECT clv_thresholds(%1$s, %2$s) AS cuts, percentile_disc((SELECT array_agg(i::double precision / %2$s ORDER BY i) FROM generate_series(1, %2$s - 1) AS i)) WITHIN GROUP (ORDER BY %1$s) AS disc FROM number) AS c
        WHERE score IS DISTINCT FROM clv_score_at(v, cuts) OR cuts <> disc OR score <> pg_temp.score_of(v, disc)$q$, value, bins);
END $$;
SELECT is_empty(format('SELECT pg_temp.two_steps(%L, bins) FROM generate_series(2, 9) AS bins', value), format('clv_score_at(v, clv_thresholds(v, bins)) is clv_score(v, bins), and cuts are percentile_disc: %s', value))
  FROM unnest(ARRAY['n::smallint', 'n::integer', 'n', 'n / 7.0', 'n::numeric(40,30)', 'n * 1e25 + n / 1e9', 'n::double precision / 3', 'n::real / 3', 'n * 1e300::double precision', 'date ''2024-01-01'' + n::integer',
                    'timestamp ''2024-01-01'' + n * interval ''1 hour''', 'timestamptz ''2024-01-01 UTC'' - n * interval ''1 second''', 'n * interval ''5 days''', 'n::text', 'md5(n::text) COLLATE "C"', 'repeat(chr(65 + abs(n)::integer % 50), 3000)']) AS value;
SELECT is_empty('SELECT i FROM (SELECT i, clv_score(n, 7) OVER () AS a, clv_score(n::numeric, 7) OVER () AS b, clv_score(n::double precision, 7) OVER () AS c, clv_score(n::real, 7) OVER () AS d, clv_score(n * interval ''1 h'', 7) OVER () AS e FROM number) AS s
                  WHERE a <> b OR a <> c OR a <> d OR a <> e', 'the type does not matter');

-- awkward numerics: wide and narrow, all scales, the same value with other decimals. They stop fitting 64 bits at any row
CREATE TEMPORARY TABLE awkward AS
SELECT row_number() OVER () AS id, v, s FROM (VALUES (1e30), (1e-20), (-1e-20), (1e30 + 1e-20), (-1e30), (1), (1.5), (9223372036854775807), (-9223372036854775808), (9223372036854775808), (0.1), (922337203685477580.7),
    (922337203685477580.8), (92233720368547758.07), (0), (-0.000), (1e18), (1e19), (12345.6789), (99999999999999999.99), (1e100), (-1e100), ('infinity'), ('-infinity')) AS t (v), generate_series(0, 4) AS s;
CREATE FUNCTION pg_temp.wrong_awkward(o text) RETURNS SETOF numeric LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$SELECT v FROM (SELECT v, bins, clv_score(d, bins) OVER (PARTITION BY bins) AS score
        FROM (SELECT v, CASE WHEN abs(v) < 1e100 THEN round(v, s * 7 + CASE WHEN v = trunc(v) THEN 0 ELSE 20 END) ELSE v END AS d, bins FROM awkward, generate_series(2, 9) AS bins ORDER BY %s) AS a) AS s
        JOIN (SELECT bins, percentile_disc((SELECT array_agg(i::double precision / bins ORDER BY i) FROM generate_series(1, bins - 1) AS i)) WITHIN GROUP (ORDER BY v) AS cuts FROM awkward, generate_series(2, 9) AS bins GROUP BY bins) AS c USING (bins)
        WHERE score <> pg_temp.score_of(v, cuts)$q$, o);
END $$;
SELECT is_empty(format('SELECT * FROM pg_temp.wrong_awkward(%L)', o), 'awkward numerics are scored by value, in order of ' || o) FROM unnest(ARRAY['id', 'id DESC', 'v', 'abs(v)', 's, id', 'md5(id::text)']) AS o;
SELECT is_empty($$SELECT string_agg(score::text, ' ' ORDER BY id) FROM (SELECT part, id, clv_score(v, 3) OVER (PARTITION BY part) AS score
                    FROM (VALUES (1, 1, 1.0), (1, 2, 1.00), (1, 3, 2), (2, 1, 1), (2, 2, 1.000000000000000000000000000000), (2, 3, 2.0), (3, 1, 1.00), (3, 2, 1.0), (3, 3, 1e40)) AS v (part, id, v)) AS s
                   GROUP BY part HAVING string_agg(score::text, ' ' ORDER BY id) <> '1 1 3'$$, '1.0 and 1.00 are equal');

-- tiers: counting and adding up in SQL. A group gets a tier if all up to and with it are within the share
CREATE TEMPORARY TABLE worth AS
SELECT id, part, v, row_number() OVER (ORDER BY part, id) AS i FROM (
    SELECT id, 'net ' || source AS part, net AS v FROM person WHERE source <> 'full'
    UNION ALL SELECT i, 'ties', i % 7 FROM generate_series(1, 100) AS i
    UNION ALL SELECT i, 'negative', -i / 3 FROM generate_series(1, 50) AS i
    UNION ALL SELECT i, 'zero', 0 FROM generate_series(1, 9) AS i
    UNION ALL SELECT i, 'mixed', CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN 0.00 WHEN 2 THEN -i WHEN 3 THEN i * 1.10 END FROM generate_series(1, 200) AS i
    UNION ALL SELECT i, 'equal', 12.5 FROM generate_series(1, 10) AS i
    UNION ALL SELECT i, 'one', 5 FROM generate_series(1, 1) AS i
    UNION ALL SELECT i, 'null', NULL FROM generate_series(1, 3) AS i
    UNION ALL SELECT i, 'wide', CASE WHEN i < 5 THEN 1e30 + i ELSE i * 1e-20 END FROM generate_series(1, 30) AS i
    UNION ALL SELECT i, 'pareto', round(1000000.0 / i, 2) FROM generate_series(1, 500) AS i) AS w;
CREATE TEMPORARY VIEW expected AS
SELECT *, count(v) OVER p AS n, max(v) OVER p AS top, count(v) OVER d AS down_to, coalesce(sum(v) FILTER (WHERE v > 0) OVER d, 0) AS made, coalesce(sum(v) FILTER (WHERE v > 0) OVER p, 0) AS total FROM worth
WINDOW p AS (PARTITION BY part), d AS (PARTITION BY part ORDER BY v DESC NULLS LAST RANGE UNBOUNDED PRECEDING);
CREATE FUNCTION pg_temp.wrong_tiers(cuts numeric[], method text, labels text[], type text DEFAULT 'numeric') RETURNS TABLE (part text, v numeric, tier text, expected text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        SELECT part, v, tier, expected FROM (
            SELECT part, v, clv_tier(v::%4$s, %1$L, %2$L, %3$L) OVER (PARTITION BY part) AS tier,
                   CASE WHEN v IS NULL THEN NULL
                        WHEN v <= 0 AND cardinality(labels) = cardinality(cuts) + 2 THEN labels[cardinality(labels)]
                        ELSE labels[coalesce((SELECT min(k) FROM unnest(cuts) WITH ORDINALITY AS c (cut, k)
                                               WHERE CASE %2$L WHEN 'customers' THEN v > 0 AND (down_to <= cut * n OR k = 1 AND v = top) WHEN 'value' THEN v > 0 AND (made <= cut * total OR k = 1 AND v = top) ELSE v >= cut END),
                                             cardinality(cuts) + 1)] END AS expected
              FROM expected, (SELECT coalesce(%1$L::numeric[], CASE %2$L WHEN 'value' THEN '{0.8,0.95}'::numeric[] ELSE '{0.2,0.5}' END) AS cuts, coalesce(%3$L, '{high,medium,low}'::text[]) AS labels) AS a) AS t
        WHERE tier IS DISTINCT FROM expected$q$, cuts, method, labels, type);
END $$;
SELECT is_empty(format('SELECT * FROM pg_temp.wrong_tiers(%L, %L, %L)', cuts, method, labels), format('tiers by %s, cuts %s, labels %s', method, coalesce(cuts::text, 'default'), coalesce(labels::text, 'default')))
  FROM (VALUES (NULL::numeric[], NULL::text[]), (NULL, '{a,b,c,none}'), ('{0.1,0.7}', NULL), ('{0,0.5,1}', '{a,b,c,d}'), ('{0.5}', '{a,b}'), ('{0.333333333,0.999999999}', '{a,b,c,none}'), ('{0.01,0.05,0.2,0.4,0.8}', '{1,2,3,4,5,6}')) AS t (cuts, labels),
       unnest(ARRAY['customers', 'value']) AS method;
SELECT is_empty(format('SELECT * FROM pg_temp.wrong_tiers(%L, %L, %L)', cuts, 'thresholds', labels), format('tiers by thresholds %s, labels %s', cuts, labels))
  FROM (VALUES ('{50,10}'::numeric[], NULL::text[]), ('{3}', '{a,b}'), ('{1e30,5.00,0,-10}', '{a,b,c,d,e}'), ('{100,12.5,0.000001}', '{a,b,c,d,none}')) AS t (cuts, labels);
-- whole numbers, so that nothing is rounded on the way
DELETE FROM worth WHERE part = 'wide';
UPDATE worth SET v = trunc(v);
SELECT is_empty(format('SELECT * FROM pg_temp.wrong_tiers(NULL, %L, NULL, %L)', method, type), format('tiers of %s by %s', type, method)) FROM unnest(ARRAY['integer', 'bigint', 'real', 'double precision']) AS type, unnest(ARRAY['customers', 'value']) AS method;
SELECT is_empty($$SELECT part, v, share, made / total FROM (SELECT *, clv_value_share(v) OVER (PARTITION BY part) AS share, clv_value_share(v::double precision) OVER (PARTITION BY part) AS float_share FROM expected) AS e
                   WHERE (share IS NULL) <> (v IS NULL OR total = 0) OR total > 0 AND abs(share - made / total) > 1e-14 OR share <> float_share$$, 'clv_value_share is the sum of all that is no less, over the sum of all');

-- the same all at once
SELECT is_empty($$SELECT source, id, ranks, score, tier, place, share
                    FROM (SELECT source, id, clv_internal_view_ranks(rfm, 4, '{0.1, 0.35}') OVER w AS ranks, clv_rfm_score(rfm, 4) OVER w AS score, clv_tier(worth, '{0.1, 0.35}') OVER w AS tier,
                                 CASE WHEN worth IS NOT NULL THEN rank() OVER (PARTITION BY source ORDER BY worth DESC NULLS LAST) END AS place, clv_value_share(worth) OVER w AS share
                            FROM (SELECT *, ROW(last_purchase, orders, net)::clv_rfm AS rfm, CASE WHEN last_purchase IS NOT NULL THEN net END AS worth
                                    FROM (SELECT source, id, CASE WHEN id % 10 > 0 THEN last_purchase END AS last_purchase, orders, net FROM person) AS p) AS p
                          WINDOW w AS (PARTITION BY source)) AS r
                   WHERE ROW((ranks).score, (ranks).tier, (ranks).place, (ranks).share) IS DISTINCT FROM ROW(score, tier, place, share)$$,
                'what views rank by is what these functions and rank() say');

-- large partitions: beyond work_mem
CREATE TEMPORARY TABLE large AS SELECT i, i::bigint * 7919 % 300007 AS v FROM generate_series(1, 300000) AS i;
SET LOCAL work_mem = '64kB';
SELECT results_eq($$SELECT score, count(*), min(v), max(v) FROM (SELECT v, clv_score(v) OVER () AS score FROM large) AS s GROUP BY score ORDER BY score$$,
                  $$SELECT bin, count(*), min(v), max(v) FROM (SELECT v, ntile(5) OVER (ORDER BY v)::integer AS bin FROM large) AS s GROUP BY bin ORDER BY bin$$, '300,000 different values: a fifth each, at work_mem 64kB');
SELECT results_eq($$SELECT tier, count(*), min(v) FROM (SELECT v, clv_tier(v) OVER () AS tier FROM large) AS s GROUP BY tier ORDER BY tier$$,
                  $$SELECT CASE WHEN r <= 60000 THEN 'high' WHEN r <= 150000 THEN 'medium' ELSE 'low' END, count(*), min(v) FROM (SELECT v, row_number() OVER (ORDER BY v DESC) AS r FROM large) AS s GROUP BY 1 ORDER BY 1$$, 'and tiers');
RESET work_mem;

SELECT * FROM finish();
ROLLBACK;
