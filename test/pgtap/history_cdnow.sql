-- Real orders: CDNOW, against the published summary and plain sums. Needs the reference data: psql -v data_dir=...
\if :{?data_dir}
\else
\set data_dir ''
\endif
\set sample `cat :'data_dir'/cdnow_sample.csv 2>/dev/null`
\set summary `cat :'data_dir'/cdnow_summary.csv 2>/dev/null`
\set full `gzip -dc :'data_dir'/cdnow_full.csv.gz 2>/dev/null`
SELECT length(:'sample') > 100 AND length(:'summary') > 100 AS has_sample, length(:'full') > 100 AS has_full \gset
BEGIN;
SELECT plan(23);
-- a row for each line: fields of a CSV without quotes, without its header
CREATE FUNCTION pg_temp.lines(csv text) RETURNS SETOF text[] LANGUAGE sql AS
    $$SELECT string_to_array(rtrim(line, E'\r'), ',') FROM string_to_table(csv, E'\n') WITH ORDINALITY AS l (line, n) WHERE n > 1 AND line <> ''$$;

\if :has_sample
CREATE TEMPORARY TABLE raw AS
SELECT f[1] AS customer_id, f[3] AS ordered_at, f[5] AS amount FROM pg_temp.lines(:'sample') AS f;
CREATE TEMPORARY TABLE summary AS
SELECT f[1]::integer AS customer_id, f[2]::integer AS x, f[3]::numeric AS t_x, f[4]::numeric AS age FROM pg_temp.lines(:'summary') AS f;
CREATE TEMPORARY TABLE history AS
SELECT customer_id::integer, clv_history(amount::numeric, ordered_at::date) AS as_numeric, clv_history((amount::numeric * 100)::integer, ordered_at::timestamp) AS as_cents,
       clv_history(amount::double precision, ordered_at::date) AS as_float8, clv_history(amount::real, ordered_at::date) AS as_real
  FROM raw GROUP BY customer_id;

SELECT results_eq('SELECT count(*), count(DISTINCT customer_id), sum(amount::numeric) FROM raw', $$VALUES (6919::bigint, 2357::bigint, (SELECT sum(amount::numeric) FROM raw))$$,
                  '6,919 orders of 2,357 customers');
SELECT is((SELECT count(*) FROM summary), 2357::bigint, 'the summary has as many');
SELECT is_empty(format($$SELECT customer_id, x, t_x, age, clv_frequency(h), clv_recency(h, 'week'), clv_age(h, '1997-09-30', 'week')
                           FROM (SELECT customer_id, clv_at(%I, '1997-09-30') AS h FROM history) AS cut FULL JOIN summary USING (customer_id)
                          WHERE clv_frequency(h) IS DISTINCT FROM x
                             OR round(clv_recency(h, 'week')::numeric, 2) IS DISTINCT FROM round(t_x, 2) OR round(clv_age(h, '1997-09-30', 'week')::numeric, 2) IS DISTINCT FROM round(age, 2)$$, type),
                'x, t_x and T of all customers as published, amounts ' || type)
  FROM unnest(ARRAY['as_numeric', 'as_cents', 'as_float8', 'as_real']) WITH ORDINALITY AS t (type, n) ORDER BY n;
SELECT is_empty($$SELECT r.customer_id, total, clv(as_numeric), clv(as_cents) FROM history AS h JOIN (SELECT customer_id::integer, sum(amount::numeric) AS total FROM raw GROUP BY customer_id) AS r USING (customer_id)
                   WHERE clv(as_numeric) IS DISTINCT FROM total OR clv(as_cents) IS DISTINCT FROM total * 100 OR clv(as_float8) IS DISTINCT FROM total OR clv(as_real) IS DISTINCT FROM total$$,
                'each customer''s history is worth sum(amount), exactly');
SELECT is_empty($$SELECT customer_id FROM raw GROUP BY customer_id
                  HAVING clv(amount::numeric, ordered_at::date)::text IS DISTINCT FROM sum(amount::numeric)::text$$, 'clv(numeric) is sum(numeric)');
SELECT is_empty($$SELECT customer_id FROM raw GROUP BY customer_id
                  HAVING clv((amount::numeric * 100)::integer, ordered_at::date)::text IS DISTINCT FROM trim_scale(sum(amount::numeric) * 100)::text$$, 'clv(integer cents) is a hundred times that');
SELECT is_empty($$SELECT customer_id FROM raw GROUP BY customer_id
                  HAVING clv(amount::double precision, ordered_at::date) IS DISTINCT FROM sum(amount::numeric)::double precision$$, 'clv(double precision) is that in double precision, no cent lost');
SELECT is((SELECT clv(amount::numeric, ordered_at::timestamp)::text FROM raw), (SELECT sum(amount::numeric)::text FROM raw), 'all together too');
SELECT is((SELECT clv_history_send(clv_rollup(as_numeric)) FROM history), (SELECT clv_history_send(clv_history(amount::numeric, ordered_at::date)) FROM raw), 'all histories rolled up are the history of all orders');
SELECT is_empty('SELECT customer_id FROM history WHERE as_numeric <> as_float8 OR as_numeric <> as_real', 'the history does not tell numeric from floating point');
SELECT results_eq($$SELECT sum(clv_orders(as_numeric))::bigint, sum(clv_purchase_days(as_numeric))::bigint FROM history$$, $$VALUES (6919::bigint, 6696::bigint)$$,
                  'rows are orders, but 223 of them are further orders of a day');
SELECT is((SELECT sum(clv_frequency(clv_at(as_numeric, '1997-09-30')))::integer FROM history), 2457, 'the sum of x is 2,457 at the end of calibration');
-- the repeat value of the classical Gamma-Gamma data: mean of the days after the first
SELECT is_empty($$SELECT customer_id FROM history JOIN (SELECT customer_id::integer, avg(total) FILTER (WHERE n > 1) AS m_x
                            FROM (SELECT customer_id, sum(amount::numeric) AS total, row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at) AS n
                                    FROM raw WHERE ordered_at <= '1997-09-30' GROUP BY customer_id, ordered_at) AS d GROUP BY customer_id) AS m USING (customer_id)
                   WHERE abs(clv_repeat_value(clv_at(as_numeric, '1997-09-30')) - m_x) > 1e-12 OR (m_x IS NULL) <> (clv_repeat_value(clv_at(as_numeric, '1997-09-30')) IS NULL)$$,
                'm_x is the mean of the days after the first');
SELECT is((SELECT count(*) FROM history WHERE clv_repeat_value(clv_at(as_numeric, '1997-09-30')) IS NOT NULL), 946::bigint, '946 customers came back');
\else
SELECT skip('no reference data: give psql -v data_dir=...', 17);
\endif

\if :has_full
CREATE TEMPORARY TABLE every AS
SELECT f[1]::integer AS customer_id, f[2]::date AS ordered_at, f[4]::numeric AS amount FROM pg_temp.lines(:'full') AS f;
SELECT results_eq('SELECT count(*), count(DISTINCT customer_id) FROM every', 'VALUES (69659::bigint, 23570::bigint)', 'the full file: 69,659 orders of 23,570 customers');
SELECT is_empty('SELECT customer_id FROM every GROUP BY customer_id HAVING clv(amount, ordered_at)::text <> sum(amount)::text OR clv(amount::double precision, ordered_at) <> sum(amount)::double precision',
                'clv is sum for each of them');
SELECT is_empty($$SELECT customer_id FROM (SELECT customer_id, clv_history(amount, ordered_at) AS h, sum(amount) AS total, count(*) AS n, count(DISTINCT ordered_at) AS days, min(ordered_at) AS first_purchase, max(ordered_at) AS last_purchase
                                            FROM every GROUP BY customer_id) AS c
                   WHERE clv(h) <> total OR clv_orders(h) <> n OR clv_purchase_days(h) <> days OR clv_first_purchase(h) <> first_purchase OR clv_last_purchase(h) <> last_purchase$$,
                'and so are orders, days, first and last day');
SELECT is((SELECT clv(clv_rollup(h))::text FROM (SELECT clv_history(amount, ordered_at) AS h FROM every GROUP BY customer_id) AS c), (SELECT trim_scale(sum(amount))::text FROM every), 'their histories rolled up are worth the total');
SELECT is((SELECT sum(n - days)::integer FROM (SELECT clv_orders(h) AS n, clv_purchase_days(h) AS days FROM (SELECT clv_history(amount, ordered_at) AS h FROM every GROUP BY customer_id) AS c) AS d), 2068,
          '2,068 are further orders of a day');
SELECT is((SELECT count(*)::integer FROM (SELECT clv_at(clv_history(amount, ordered_at), '1997-09-30') AS h FROM every GROUP BY customer_id) AS c WHERE clv_repeat_value(h) = 0), 1,
          'one customer''s repeat purchases are worth nothing');
\else
SELECT skip('no full file, or no gzip to read it', 6);
\endif

SELECT * FROM finish();
ROLLBACK;
