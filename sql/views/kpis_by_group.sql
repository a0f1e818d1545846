-- kpis_by_group: one row per group and period: key figures of the customers of a group
-- needs group_by
--
--   customer_group: group of these customers, by the columns of group_by in the first order; NULL: refunds only
--   period_start: first day of the calendar period, by default a month
--   currency: currency of all money; NULL if none was given
--   customers: customers at the end of the period: all who have ever bought
--   new_customers: customers who bought for the first time
--   active_customers: customers who bought
--   orders: number of orders, refunds not included
--   revenue: money: gross less refunds, each on its own day
--   average_order_value: money: orders before refunds / orders: refunds do not lower it
--   retention_rate: CRR: share of the previous period's buyers who also bought in this one
--   churn_rate: 1 - retention_rate
--   repurchase_rate: share of buyers who bought on two or more days of the period
--   revenue_per_customer: money, ARPU: revenue / active_customers
--   value_per_customer: money, LTV of the base: gross less refunds so far per customer, mean over all customers at the end of the period
--   nps: Net Promoter Score of their answers in the period, from -100 to 100; null without answers
--   complete: whether the period is over; until then the figures may still change
--
-- From the first purchase of the group on, periods without orders included, and earlier periods with refunds.  Who has
-- only refunds is in the group NULL, so that revenue adds up to that of kpis.  The value of the base is as there.
WITH periods AS MATERIALIZED (
    SELECT r.customer_group, r.period_start, r.new_customers, r.active_customers, r.retention_rate, r.churn_rate, r.repurchase_rate,
        r.complete, (sum(r.new_customers) OVER (PARTITION BY r.customer_group ORDER BY r.period_start))::bigint AS customers
    FROM :clv.clv_customer_retention(:histories_by_group, 'customer_id'::name, 'history'::name, NULL::name, period => :period,
        group_by => 'customer_group'::name, as_of => :as_of, week_start => :week_start, time_zone => NULL::text,
        order_id => NULL::name, active_window => NULL::interval) AS r
    WHERE :as_of IS NOT NULL AND r.customer_group IS NOT NULL
), known AS MATERIALIZED (
    SELECT k.customer_id, k.history, CASE WHEN :clv.clv_first_purchase(k.history) IS NOT NULL THEN g.customer_group END AS customer_group
    FROM :known AS k LEFT JOIN :schema.adapter_groups AS g ON g.customer_id :equals k.customer_id
), days AS (
    SELECT a.customer_group, d.day, d.orders, d.gross, d.gross - d.refunds AS revenue, d.gross - d.refunds AS counted
    FROM (
        SELECT k.customer_group, :clv.clv_rollup(k.history) AS history FROM known AS k GROUP BY k.customer_group
    ) AS a CROSS JOIN LATERAL :clv.clv_days(a.history) AS d
    UNION ALL
    SELECT e.customer_group, v.day, 0, 0, 0, v.value
    FROM (
        SELECT b.customer_group, b.first_day, d.day, d.refunds - d.gross AS given_back
        FROM (
            SELECT k.customer_group, :clv.clv_first_purchase(k.history) AS first_day,
                :clv.clv_at(k.history, :clv.clv_first_purchase(k.history) - 1) AS history
            FROM known AS k WHERE k.customer_group IS NOT NULL OFFSET 0
        ) AS b CROSS JOIN LATERAL :clv.clv_days(b.history) AS d
        WHERE b.history OPERATOR(:clv.<>) CAST('{}' AS :clv.clv_history)
    ) AS e CROSS JOIN LATERAL (VALUES (e.day, e.given_back), (e.first_day, - e.given_back)) AS v (day, value)
), sums AS (
    SELECT d.customer_group, date_trunc(:period, (d.day + :week_shift)::timestamp)::date - :week_shift AS period_start,
        sum(d.orders)::bigint AS orders, sum(d.gross) AS gross, sum(d.revenue) AS revenue, sum(d.counted) AS counted
    FROM days AS d GROUP BY 1, 2
), answers AS (
    SELECT a.customer_group, date_trunc(:period, (a.day + :week_shift)::timestamp)::date - :week_shift AS period_start,
        :clv.clv_nps(a.score) AS nps
    FROM (
        SELECT k.customer_group, f.answered_at::date AS day,
            CASE WHEN f.score BETWEEN 0 AND 10 AND trunc(f.score) = f.score THEN f.score END AS score
        FROM :schema.adapter_feedback AS f JOIN known AS k ON f.customer_id :feedback_equals k.customer_id
        WHERE k.customer_group IS NOT NULL AND isfinite(f.answered_at) AND f.answered_at < :as_of + 1
    ) AS a
    GROUP BY 1, 2
)
SELECT customer_group, period_start, :currency AS currency, coalesce(m.customers, 0) AS customers,
    coalesce(m.new_customers, 0) AS new_customers, coalesce(m.active_customers, 0) AS active_customers, coalesce(s.orders, 0) AS orders,
    :clv.clv_internal_view_pad(coalesce(s.revenue, 0), :amounts) AS revenue, round(s.gross / nullif(s.orders, 0), :money) AS average_order_value,
    round(m.retention_rate, :rate) AS retention_rate, round(m.churn_rate, :rate) AS churn_rate,
    round(m.repurchase_rate, :rate) AS repurchase_rate,
    round(coalesce(s.revenue, 0) / nullif(m.active_customers, 0), :money) AS revenue_per_customer,
    round(sum(coalesce(s.counted, 0)) OVER (PARTITION BY customer_group ORDER BY period_start) / nullif(m.customers, 0), :money) AS value_per_customer,
    round(f.nps, 1) AS nps,
    coalesce(m.complete, (period_start + :period_length)::date <= :as_of + 1) AS complete
FROM periods AS m
FULL JOIN sums AS s USING (customer_group, period_start)
LEFT JOIN answers AS f USING (customer_group, period_start)
ORDER BY customer_group, period_start
