-- Satisfaction, and value around a day: by plain SQL over the rows.
BEGIN;
SELECT plan(5);

\ir include/costs.psql

-- scores
SELECT is_empty($$SELECT channel FROM cost GROUP BY channel
                   HAVING abs(clv_nps(score) - (100.0 * count(*) FILTER (WHERE score >= 9) - 100 * count(*) FILTER (WHERE score <= 6)) / count(score)) > 1e-12
                       OR clv_nps(score) <> (clv_nps_stats(score)).value OR clv_csat(score, 11) FILTER (WHERE score > 0) <> (clv_csat_stats(score, 11) FILTER (WHERE score > 0)).value
                       OR abs(clv_csat(score, 11) FILTER (WHERE score > 0) - 100.0 * count(*) FILTER (WHERE score >= 10) / count(*) FILTER (WHERE score > 0)) > 1e-12
                       OR abs(clv_csat(1 + score % 5) - 100.0 * count(*) FILTER (WHERE score % 5 >= 3) / count(*)) > 1e-12$$, 'clv_nps and clv_csat are shares');
SELECT is_empty($$SELECT channel FROM cost GROUP BY channel
                   HAVING abs((clv_nps_stats(score)).standard_error - stddev_samp(CASE WHEN score >= 9 THEN 100 WHEN score <= 6 THEN -100 ELSE 0 END) / sqrt(count(*))) > 1e-9
                       OR abs((clv_csat_stats(1 + score % 5)).standard_error - stddev_samp(CASE WHEN score % 5 >= 3 THEN 100 ELSE 0 END) / sqrt(count(*))) > 1e-9
                       OR (clv_nps_stats(score)).promoters + (clv_nps_stats(score)).passives + (clv_nps_stats(score)).detractors <> count(*)$$, 'the standard error is stddev_samp / sqrt(n) of what answers count');
SELECT is_empty($$SELECT n FROM generate_series(1, 20) AS n WHERE (SELECT clv_nps_stats(score ORDER BY md5(customer_id::text || n)) FROM cost) IS DISTINCT FROM (SELECT clv_nps_stats(score) FROM cost)$$, 'in any order');

-- around a day
CREATE TEMPORARY TABLE around AS
SELECT customer_id, h, as_of, day, span, first_purchase <= as_of AND first_purchase < day - span AND day - 1 <= as_of AS has_before, first_purchase <= as_of AND day + span <= as_of AS has_after,
       (SELECT coalesce(sum(amount), 0) FROM orders AS o WHERE o.customer_id = c.customer_id AND o.day >= m.day - span AND o.day < m.day AND o.day <= as_of) AS before_value,
       (SELECT coalesce(sum(amount), 0) FROM orders AS o WHERE o.customer_id = c.customer_id AND o.day > m.day AND o.day <= m.day + span AND o.day <= as_of) AS after_value,
       (SELECT count(DISTINCT o.day) FROM orders AS o WHERE o.customer_id = c.customer_id AND amount >= 0 AND o.day >= m.day - span AND o.day < m.day AND o.day <= as_of) AS before_purchases,
       (SELECT count(DISTINCT o.day) FROM orders AS o WHERE o.customer_id = c.customer_id AND amount >= 0 AND o.day > m.day AND o.day <= m.day + span AND o.day <= as_of) AS after_purchases
  FROM history AS c, moment, (VALUES (date '2022-03-31'), ('2023-05-30'), ('2024-02-29')) AS m (day), unnest('{20 days, 1 month, 1 year}'::interval[]) AS span;
SELECT is_empty($$SELECT t.customer_id, t.as_of, t.day, t.span, a.* FROM around AS t, clv_value_around(h, as_of, t.day, span) AS a
                   WHERE a.before_value IS DISTINCT FROM CASE WHEN has_before THEN t.before_value END OR a.after_value IS DISTINCT FROM CASE WHEN has_after THEN t.after_value END
                      OR a.before_purchases IS DISTINCT FROM CASE WHEN has_before THEN t.before_purchases END OR a.after_purchases IS DISTINCT FROM CASE WHEN has_after THEN t.after_purchases END
                      OR a.value_difference IS DISTINCT FROM CASE WHEN has_before AND has_after THEN t.after_value - t.before_value END$$, 'clv_value_around is what was bought before and after, if that is known');
SELECT is_empty('SELECT customer_id FROM around WHERE clv_value_around(h, as_of, day, span)::text IS DISTINCT FROM clv_value_around(clv_at(h, as_of), as_of, day, span)::text', 'digit by digit what it was then');

SELECT * FROM finish();
ROLLBACK;
