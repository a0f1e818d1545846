-- segment_moves: customers whose segment changed between the last two month ends
--
--   from_day: month end before the last one
--   to_day: last month end
--   from_segment: segment on from_day, or not yet a customer
--   to_segment: segment on to_day
--   currency: currency of all money; NULL if none was given
--   customers: number of customers
--   from_value: their gross less refunds until from_day, in currency
--   to_value: their gross less refunds until to_day, in currency
--   moved: number of these who would have moved even if all others had not changed
--   moved_by_others: number of these who moved only because others changed; 0 with rfm_thresholds
SELECT d.from_day, d.to_day, m.from_segment, m.to_segment, :currency AS currency,
    m.customers, :clv.clv_internal_view_pad(m.from_value, :amounts) AS from_value, :clv.clv_internal_view_pad(m.to_value, :amounts) AS to_value, m.moved, m.moved_by_others
FROM (
    SELECT (date_trunc('month', e.day::timestamp))::date - 1 AS from_day, e.day AS to_day
    FROM (SELECT (date_trunc('month', (:as_of + 1)::timestamp))::date - 1 AS day) AS e
    WHERE e.day IS NOT NULL
) AS d
CROSS JOIN LATERAL :moves AS m
