-- warnings: one row per customer to act on now, while there is still time
--
--   customer_id: customer, as in the orders
--   currency: currency of all money; NULL if none was given
--   severity: high, medium or low
--   reason: what happened, in words
--   value_at_risk: money: gross less refunds of the last year, at least 0
--   overdue: days since the last purchase over the usual gap; above 1 the customer is late
--   days_since_last: days since the last purchase
--
-- Silent for longer than their rhythm, or buying half of what they used to.
SELECT w.customer_id, :currency AS currency, (w.warning).severity, (w.warning).reason, :clv.clv_internal_view_pad((w.warning).value_at_risk, :amounts) AS value_at_risk,
    :clv.clv_internal_view_round((w.warning).overdue, :factor) AS overdue, (w.warning).days_since_last
FROM (
    WITH evaluated_once AS (SELECT 1)
    SELECT k.customer_id, :clv.clv_warning(k.history, :as_of, '90 days'::interval, :population_gap, 3::double precision,
                                           NULL::double precision[], 3, '1 year'::interval) AS warning
    FROM :known AS k
) AS w
WHERE (w.warning).severity IS NOT NULL
ORDER BY (w.warning).value_at_risk DESC, (w.warning).overdue DESC, w.customer_id
