-- segment_history: one row per month end and segment: the customers in it on that day
--
--   month_end: last day of the month
--   segment: segment that the rules assign to RFM scores; no segment: no rule matches
--   currency: currency of all money; NULL if none was given
--   customers: number of customers who were in the segment on that day
--   share_of_customers: share of all customers on that day, from 0 to 1
--   value: gross less refunds of these customers until that day, in currency
--   share_of_value: share of the value of all customers, from 0 to 1; a customer's value below 0 counts as 0
--
-- One month at a time: sorting the customers of all months by month would take most of the time.
WITH known AS MATERIALIZED (
    SELECT :clv.clv_first_purchase(k.history) AS first_day, k.history FROM :known AS k
)
SELECT e.month_end,
    coalesce(g.segment, 'no segment') AS segment,
    :currency AS currency,
    g.customers,
    round(g.customers / sum(g.customers) OVER (PARTITION BY e.month_end), :rate)::double precision AS share_of_customers,
    :clv.clv_internal_view_pad(g.value, :amounts) AS value,
    round(g.counted / nullif(sum(g.counted) OVER (PARTITION BY e.month_end), 0), :rate)::double precision AS share_of_value
FROM (
    SELECT (month + interval '1 month')::date - 1 AS month_end
    FROM generate_series((SELECT date_trunc('month', min(k.first_day)::timestamp) FROM known AS k),
                         date_trunc('month', (:as_of + 1)::timestamp) - interval '1 month', interval '1 month') AS month
) AS e
CROSS JOIN LATERAL (
    SELECT :clv.clv_rfm_segment(s.score, :rfm_rules, :rfm_bins) AS segment, count(*) AS customers,
        sum((s.rfm).value) AS value, sum(greatest((s.rfm).value, 0)) AS counted
    FROM (
        SELECT r.rfm, :month_score AS score
        FROM (
            SELECT :clv.clv_rfm_at(k.history, e.month_end) AS rfm FROM known AS k WHERE k.first_day <= e.month_end OFFSET 0
        ) AS r
    ) AS s
    GROUP BY :clv.clv_rfm_segment(s.score, :rfm_rules, :rfm_bins)
) AS g
