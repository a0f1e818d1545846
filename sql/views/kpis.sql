-- kpis: one row per period: key figures of the business
--
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
--   nps: Net Promoter Score of the answers in the period, from -100 to 100; null without answers
--   clv_to_cac: for customers acquired in the period: margin by the horizon divided by their cost; null until all have reached that age, without a table of spend or a margin, and by day or week
--   mrr: money: monthly recurring revenue at the end of the period; null without a table of subscriptions, see the view mrr
--   complete: whether the period is over; until then the figures may still change
--
-- From the first purchase on, periods without orders included, and earlier periods with refunds.  Spend is mostly of
-- months, so that it says nothing of a day or a week.
--
-- The value of the base is that of the customers up to then: a refund before the first purchase counts from the day of
-- that purchase on, and refunds of those who never bought do not count.  Revenue includes them all.
WITH periods AS MATERIALIZED (
    SELECT r.period_start, r.new_customers, r.active_customers, r.retention_rate, r.churn_rate, r.repurchase_rate,
        r.complete, (sum(r.new_customers) OVER (ORDER BY r.period_start))::bigint AS customers
    FROM :clv.clv_customer_retention(:histories, 'customer_id'::name, 'history'::name, NULL::name, period => :period,
        group_by => NULL::name, as_of => :as_of, week_start => :week_start, time_zone => NULL::text,
        order_id => NULL::name, active_window => NULL::interval) AS r
    WHERE :as_of IS NOT NULL
), known AS MATERIALIZED (
    SELECT k.history FROM :known AS k
), days AS (
    SELECT d.day, d.orders, d.gross, d.gross - d.refunds AS revenue, d.gross - d.refunds AS counted
    FROM (SELECT :clv.clv_rollup(k.history) AS history FROM known AS k) AS a CROSS JOIN LATERAL :clv.clv_days(a.history) AS d
    UNION ALL
    SELECT v.day, 0, 0, 0, v.value
    FROM (
        SELECT b.first_day, d.day, d.refunds - d.gross AS given_back
        FROM (
            SELECT :clv.clv_first_purchase(k.history) AS first_day,
                :clv.clv_at(k.history, coalesce(:clv.clv_first_purchase(k.history) - 1, :as_of)) AS history
            FROM known AS k OFFSET 0
        ) AS b CROSS JOIN LATERAL :clv.clv_days(b.history) AS d
        WHERE b.history OPERATOR(:clv.<>) CAST('{}' AS :clv.clv_history)
    ) AS e CROSS JOIN LATERAL (VALUES (e.day, e.given_back), (e.first_day, - e.given_back)) AS v (day, value)
    WHERE v.day IS NOT NULL
), sums AS (
    SELECT date_trunc(:period, (d.day + :week_shift)::timestamp)::date - :week_shift AS period_start, sum(d.orders)::bigint AS orders,
        sum(d.gross) AS gross, sum(d.revenue) AS revenue, sum(d.counted) AS counted
    FROM days AS d GROUP BY 1
), answers AS (
    SELECT date_trunc(:period, (a.day + :week_shift)::timestamp)::date - :week_shift AS period_start, :clv.clv_nps(a.score) AS nps
    FROM (
        SELECT f.answered_at::date AS day, CASE WHEN f.score BETWEEN 0 AND 10 AND trunc(f.score) = f.score THEN f.score END AS score
        FROM :schema.adapter_feedback AS f WHERE isfinite(f.answered_at) AND f.answered_at < :as_of + 1
    ) AS a
    GROUP BY 1
), acquired AS (
    SELECT w.period_start, w.clv_to_cac
    FROM (SELECT WHERE :margin IS NOT NULL AND EXISTS (SELECT FROM :schema.adapter_spend) AND :period <> ALL ('{day, week}'::text[]) AND :as_of IS NOT NULL) AS is_known
    CROSS JOIN LATERAL :clv.clv_channels(:histories, 'customer_id'::name, 'history'::name, NULL::name, 'channel'::name,
        spend => :spend_table, spend_channel => :spend_channel, spend_at => :spend_day, spend_amount => :spend_amount,
        leads => :spend_leads, margin => :margin, horizon => :horizon, period => :period, by_period => true,
        as_of => :as_of, time_zone => NULL::text, order_id => NULL::name, acquired_from => NULL::date,
        acquired_to => NULL::date, week_start => 'monday'::text, target => 3::numeric, ample => 5::numeric) AS w
    WHERE w.is_total AND w.period_start IS NOT NULL
), recurring AS (
    SELECT m.period_start, m.closing_mrr
    FROM (SELECT WHERE :has_subscriptions AND :as_of IS NOT NULL) AS is_known
    CROSS JOIN LATERAL :clv.clv_mrr_moves(:terms_table, 'customer_id'::name, 'starts_on'::name, 'amount'::name, 'ends_on'::name,
        'billing_interval'::name, subscription => NULL::name, as_of => :as_of, period => :period, billed_every => NULL::interval,
        grace => :grace, changes => 'net'::text, group_by => NULL::name, week_start => :week_start, time_zone => NULL::text) AS m
)
SELECT period_start, :currency AS currency, coalesce(m.customers, 0) AS customers, coalesce(m.new_customers, 0) AS new_customers,
    coalesce(m.active_customers, 0) AS active_customers, coalesce(s.orders, 0) AS orders, :clv.clv_internal_view_pad(coalesce(s.revenue, 0), :amounts) AS revenue,
    round(s.gross / nullif(s.orders, 0), :money) AS average_order_value,
    round(m.retention_rate, :rate) AS retention_rate, round(m.churn_rate, :rate) AS churn_rate,
    round(m.repurchase_rate, :rate) AS repurchase_rate,
    round(coalesce(s.revenue, 0) / nullif(m.active_customers, 0), :money) AS revenue_per_customer,
    round(sum(coalesce(s.counted, 0)) OVER (ORDER BY period_start) / nullif(m.customers, 0), :money) AS value_per_customer,
    round(f.nps, 1) AS nps,
    round(c.clv_to_cac, :factor) AS clv_to_cac, round(g.closing_mrr, :money) AS mrr,
    coalesce(m.complete, (period_start + :period_length)::date <= :as_of + 1) AS complete
FROM periods AS m
FULL JOIN sums AS s USING (period_start)
LEFT JOIN answers AS f USING (period_start)
LEFT JOIN acquired AS c USING (period_start)
LEFT JOIN recurring AS g USING (period_start)
ORDER BY period_start
