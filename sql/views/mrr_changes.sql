-- mrr_changes: one row per change of what a customer pays: the log of monthly recurring revenue
-- needs subscriptions
--
--   day: first day with the new price
--   customer_id: customer, as in the table of subscriptions
--   currency: currency of all money; NULL if none was given
--   move: new, expansion, contraction, churned or reactivated
--   mrr_before: money: monthly recurring revenue before the day
--   mrr: money: monthly recurring revenue from the day on
--   change: money: mrr - mrr_before
--
-- Terms that start later are not known yet, but known ends are changes to come only when their day has come.
SELECT c.day, k.customer_id, :currency AS currency, c.move, round(c.mrr_before, :money) AS mrr_before, round(c.mrr, :money) AS mrr,
    round(c.mrr, :money) - round(c.mrr_before, :money) AS change
FROM (
    SELECT a.customer_id, CASE WHEN :grace IS NULL THEN a.recurring ELSE :clv.clv_with_grace(a.recurring, :grace) END AS recurring
    FROM (
        SELECT t.customer_id, :clv.clv_recurring(t.amount, t.billing_interval, t.starts_on, t.ends_on) AS recurring
        FROM :schema.terms AS t WHERE t.starts_on <= :as_of
        GROUP BY t.customer_id
    ) AS a
) AS k CROSS JOIN LATERAL :clv.clv_mrr_changes(k.recurring) AS c
WHERE c.day <= :as_of
ORDER BY c.day, k.customer_id
