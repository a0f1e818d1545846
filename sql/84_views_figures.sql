-- Templates of the views that clv_create_views() makes: figures of the business.
--
-- What a template is, and what its {placeholders} stand for, is described where
-- they are filled in.  Customers are never compared with operators, which may be
-- in another schema for the type of the column: they are grouped by.  No figure
-- divides by 0 or is NaN, and none depends on what came after {as_of}.

CREATE FUNCTION clv_internal_view_templates_figures()
    RETURNS TABLE (n integer, name text, needs text[], query text, about text, columns text[])
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
SELECT t.n, t.name, t.needs, t.query, t.about, t.columns FROM (VALUES

(100, 'retention', '{}'::text[], $query$
SELECT r.cohort, r.cohort_size, r.period, r.value::bigint AS active_customers,
       r.rate AS retention_rate, r.observed, r.complete
FROM {clv}.clv_retention({orders_arg}, {customer_arg}, {ordered_at_arg}, {amount_arg}, period => {period},
         measure => 'customers'::text, elapsed => false, as_of => {as_of}, time_zone => {time_zone_arg}, order_id => {order_id_arg},
         {cohort_arguments}) AS r
WHERE {as_of} IS NOT NULL
$query$,
'one row per cohort (customers by the calendar period of their first purchase) and period since then: how many bought again',
ARRAY[
    'cohort|first day of the calendar period in which these customers bought for the first time',
    'cohort_size|customers of the cohort',
    'period|calendar periods since that of the first purchase, which is 0',
    'active_customers|customers of the cohort who bought in the period',
    'retention_rate|active_customers / observed, a share from 0 to 1',
    'observed|customers that the rate is a share of: the whole cohort',
    'complete|whether the period is over; until then the figures may still change'
]),

(110, 'cohorts', '{}'::text[], $query$
SELECT r.cohort, r.cohort_size, r.period, {currency} AS currency, r.value AS value_per_customer, r.observed, r.complete
FROM {clv}.clv_retention({orders_arg}, {customer_arg}, {ordered_at_arg}, {amount_arg}, period => {period},
         measure => 'value_per_customer'::text, elapsed => true,
         as_of => {as_of}, time_zone => {time_zone_arg}, order_id => {order_id_arg},
         {cohort_arguments}) AS r
WHERE {as_of} IS NOT NULL
$query$,
'one row per cohort and age: value per customer so far, the curve of lifetime value',
ARRAY[
    'cohort|first day of the calendar period in which these customers bought for the first time',
    'cohort_size|customers of the cohort',
    'period|age of the customers: whole periods since each one''s first purchase, from 0',
    'currency|currency of all money|NULL: no currency was given|currency',
    'value_per_customer|money: purchases less refunds from the first purchase to the end of this age, per observed customer',
    'observed|customers who have reached the end of this age; only these are counted',
    'complete|whether all customers of the cohort have reached it; until then the value may still change'
]),

(120, 'channels', '{spend, channel, margin}'::text[], $query$
SELECT CASE WHEN c.is_total THEN 'all channels' WHEN c.channel IS NULL THEN 'unknown' ELSE c.channel END AS label,
       c.channel, c.is_total, c.period_start, c.period_start IS NULL AS is_all_periods,
       {currency} AS currency, c.new_customers, c.leads, c.conversion_rate, c.spend, c.cac, c.value, c.value_per_customer,
       c.ratio, c.rating, c.ceiling, c.roi, c.payback_period,
       c.immature_customers, c.immature_leads, c.immature_spend, c.immature_value
FROM {clv}.clv_channels({orders_arg}, {customer_arg}, {ordered_at_arg}, {amount_arg}, {channel_arg},
         spend => {spend_arg}, spend_channel => {spend_channel_arg}, spend_at => {spend_at_arg},
         spend_amount => {spend_amount_arg}, leads => {leads_arg},
         margin => {margin}, horizon => {horizon}, period => 'month'::text, by_period => true,
         as_of => {as_of}, time_zone => {channels_time_zone_arg}, order_id => {order_id_arg},
         {channel_arguments}) AS c
WHERE {as_of} IS NOT NULL
$query$,
'one row per channel and month of acquisition, plus totals over the months and over the channels: what customers cost and brought in, at equal age',
ARRAY[
    'label|name of the channel for display: its own, unknown, or all channels',
    'channel|channel of the first order; null if it is unknown, and in the rows for all channels',
    'is_total|whether the row is the total of all channels: do not add it to the others',
    'period_start|first day of the month of acquisition; null for all months',
    'is_all_periods|whether the row is the total of all months: do not add it to the others',
    'currency|currency of all money|NULL: no currency was given|currency',
    'new_customers|customers acquired, in months that are at least as old as the horizon',
    'leads|leads of these months; null if unknown|null: no leads were given|leads',
    'conversion_rate|new_customers / leads; null if unknown|null: no leads were given|leads',
    'spend|money spent in these months; null if unknown',
    'cac|money: cost per customer, spend / new_customers',
    'value|money: margin on what these customers bought by the horizon',
    'value_per_customer|money: value / new_customers',
    'ratio|value / spend; at 1 the money has come back',
    'rating|loses money, thin, healthy or underinvesting',
    'ceiling|money: the most a customer may cost for a ratio of 3',
    'roi|(value - spend) / spend; at 0 the money has come back',
    'payback_period|month of a customer''s life, from 1, by whose end the margin has covered the cost for good; null if it has not yet',
    'immature_customers|customers of months that are younger than the horizon, not counted above',
    'immature_leads|leads of those months|null: no leads were given|leads',
    'immature_spend|money spent in those months',
    'immature_value|money: margin on what those customers have bought so far'
]),

(130, 'warnings', '{}'::text[], $query$
SELECT w.customer AS customer_id, {currency} AS currency, (w.warning).severity, (w.warning).reason, (w.warning).value_at_risk,
       (w.warning).overdue AS overdue_factor, (w.warning).days_since_last
FROM (
    {once} SELECT k.customer, {clv}.clv_warning(k.history, {as_of}, '90 days'::interval, {usual_gap}, 3::double precision,
                                                '{1.5, 3, 6}'::double precision[], 3, '1 year'::interval) AS warning
    FROM {known} AS k
) AS w
WHERE (w.warning).severity IS NOT NULL
ORDER BY (w.warning).value_at_risk DESC, (w.warning).overdue DESC, w.customer
$query$,
'one row per customer to act on now: silent for longer than their rhythm, or buying half of what they used to, while there is still time',
ARRAY[
    'customer_id|customer, as in the orders',
    'currency|currency of all money|NULL: no currency was given|currency',
    'severity|high, medium or low',
    'reason|what happened, in words',
    'value_at_risk|money: purchases less refunds of the last year, at least 0',
    'overdue_factor|days of silence divided by the usual days between purchases; above 1 the customer is late',
    'days_since_last|days since the last purchase'
]),

(140, 'lifecycle', '{}'::text[], $query$
SELECT l.period_start AS month, l.new_customers, l.returning_customers, l.resurrected, l.dormant, l.active,
       l.quick_ratio, l.complete
FROM {clv}.clv_lifecycle_periods({orders_arg}, {customer_arg}, {ordered_at_arg}, {amount_arg}, period => 'month'::text, group_by => NULL::name,
         as_of => {as_of}, week_start => 'monday'::text, time_zone => {time_zone_arg}, order_id => {order_id_arg}) AS l
WHERE {as_of} IS NOT NULL
$query$,
'one row per month from the first purchase on: customers by their place in the lifecycle',
ARRAY[
    'month|first day of the calendar month',
    'new_customers|customers who bought for the first time',
    'returning_customers|customers who bought in this month and in the one before',
    'resurrected|customers who bought in this month, not in the one before, but earlier',
    'dormant|customers who bought in the month before and not in this one; until the month is over, those who have not bought yet',
    'active|customers who bought: new, returning and resurrected',
    'quick_ratio|(new_customers + resurrected) / dormant; above 1 the base grows; null if no customer went dormant',
    'complete|whether the month is over; until then the figures may still change'
]),

-- The value of the base is that of the customers up to then: a refund before
-- the first purchase counts from the day of that purchase on, and refunds of
-- those who never bought do not count.  Revenue includes them all.
(150, 'kpis', '{}'::text[], $query$
WITH months AS MATERIALIZED (
    SELECT r.period_start AS month, r.new_customers, r.buyers, r.retention_rate, r.churn_rate, r.repurchase_rate,
           r.complete, (sum(r.new_customers) OVER (ORDER BY r.period_start))::bigint AS customers
    FROM {clv}.clv_customer_retention({orders_arg}, {customer_arg}, {ordered_at_arg}, {amount_arg}, period => 'month'::text, group_by => NULL::name,
             as_of => {as_of}, week_start => 'monday'::text, time_zone => {time_zone_arg}, order_id => {order_id_arg}, active_window => NULL::interval) AS r
    WHERE {as_of} IS NOT NULL
), known AS MATERIALIZED (
    SELECT k.history AS h{?lines , k.money?} FROM {known_money} AS k
), days AS (
    SELECT d.day, d.orders, {!lines d.gross - d.refunds!}{?lines 0?} AS revenue, {!lines d.gross - d.refunds!}{?lines 0?} AS counted
    FROM (SELECT {clv}.clv_rollup(k.h) AS h FROM known AS k) AS a CROSS JOIN LATERAL {clv}.clv_days(a.h) AS d
    {?lines UNION ALL
    SELECT d.day, 0, d.gross - d.refunds, d.gross - d.refunds
    FROM (SELECT {clv}.clv_rollup(k.money) AS h FROM known AS k) AS a CROSS JOIN LATERAL {clv}.clv_days(a.h) AS d?}
    UNION ALL
    SELECT v.day, 0, 0, v.value
    FROM (
        SELECT b.first_day, d.day, d.refunds - d.gross AS given_back
        FROM (
            SELECT {clv}.clv_first_day(k.h) AS first_day,
                   {clv}.clv_at({?lines k.money?}{!lines k.h!}, coalesce({clv}.clv_first_day(k.h) - 1, {as_of})) AS h
            FROM known AS k WHERE {clv}.clv_refunds({?lines k.money?}{!lines k.h!}) > 0 OFFSET 0
        ) AS b CROSS JOIN LATERAL {clv}.clv_days(b.h) AS d
    ) AS e CROSS JOIN LATERAL (VALUES (e.day, e.given_back), (e.first_day, - e.given_back)) AS v (day, value)
    WHERE v.day IS NOT NULL
), sums AS (
    SELECT date_trunc('month', d.day::timestamp)::date AS month, sum(d.orders)::bigint AS orders,
           sum(d.revenue) AS revenue, sum(d.counted) AS counted
    FROM days AS d GROUP BY 1
)
SELECT month, {currency} AS currency, coalesce(m.customers, 0) AS customers, coalesce(m.new_customers, 0) AS new_customers,
       coalesce(m.buyers, 0) AS active_customers, coalesce(s.orders, 0) AS orders, coalesce(s.revenue, 0) AS revenue,
       trim_scale(s.revenue / nullif(s.orders, 0)) AS average_order_value,
       m.retention_rate, m.churn_rate, m.repurchase_rate,
       trim_scale(coalesce(s.revenue, 0) / nullif(m.buyers, 0)) AS revenue_per_customer,
       trim_scale(sum(coalesce(s.counted, 0)) OVER (ORDER BY month) / nullif(m.customers, 0)) AS average_clv,
       {?feedback f.nps?}{!feedback NULL::numeric!} AS nps,
       {?spend {?margin c.ratio?}{!margin NULL::numeric!}?}{!spend NULL::numeric!} AS clv_to_cac,
       coalesce(m.complete, (month + interval '1 month')::date <= {as_of} + 1) AS complete
FROM months AS m
FULL JOIN sums AS s USING (month)
{?feedback LEFT JOIN (
    SELECT date_trunc('month', a.at::timestamp)::date AS month, {clv}.clv_nps(a.score) AS nps
    FROM (SELECT b.at, CASE WHEN b.score BETWEEN 0 AND 10 AND trunc(b.score) = b.score THEN b.score END AS score
          FROM {feedback} AS b WHERE isfinite(b.at)) AS a
    GROUP BY 1
) AS f USING (month)?}
{?spend {?margin LEFT JOIN (
    SELECT w.period_start AS month, w.ratio
    FROM {clv}.clv_channels({orders_arg}, {customer_arg}, {ordered_at_arg}, {amount_arg}, {channel_arg},
             spend => {spend_arg}, spend_channel => {spend_channel_arg}, spend_at => {spend_at_arg},
             spend_amount => {spend_amount_arg}, leads => {leads_arg}, margin => {margin}, horizon => {horizon}, period => 'month'::text, by_period => true,
             as_of => {as_of}, time_zone => {time_zone_arg}, order_id => {order_id_arg}, {channel_arguments}) AS w
    WHERE w.is_total AND w.period_start IS NOT NULL
) AS c USING (month)?}?}
ORDER BY month
$query$,
'one row per month from the first purchase on, including months without orders and earlier ones with refunds: key figures of the business',
ARRAY[
    'month|first day of the calendar month',
    'currency|currency of all money|NULL: no currency was given|currency',
    'customers|customers at the end of the month: all who have ever bought',
    'new_customers|customers who bought for the first time',
    'active_customers|customers who bought',
    'orders|number of orders, refunds not included',
    'revenue|money: purchases less refunds, each on its own day',
    'average_order_value|money: revenue / orders',
    'retention_rate|CRR: share of the previous month''s buyers who also bought in this month',
    'churn_rate|1 - retention_rate',
    'repurchase_rate|share of buyers who bought on two or more days of the month',
    'revenue_per_customer|money, ARPU: revenue / active_customers',
    'average_clv|money, LTV of the base: purchases less refunds so far per customer, mean over all customers at the end of the month',
    'nps|Net Promoter Score of the answers in the month, from -100 to 100; null without answers|null: no table of feedback was given|feedback',
    'clv_to_cac|for customers acquired in the month: margin by the horizon divided by their cost; null until all have reached that age, and without a margin|null: no table of spend was given|spend',
    'complete|whether the month is over; until then the figures may still change'
]),

(160, 'products', '{items}'::text[], $query$
SELECT coalesce(p.product, 'unknown') AS label, p.product, {currency} AS currency, p.customers, p.top_customers, p.rest_customers,
       p.top_share, p.rest_share, p.lift, p.lift_low, p.lift_high, p.orders, p.value, p.lines_without_customer
FROM {clv}.clv_products({items_arg}, {items_customer_arg}, {items_at_arg}, {items_amount_arg}, {items_product_arg},
         top_tier => coalesce(({tier_cuts})[1], 0.2), confidence => 0.95::double precision,
         as_of => {as_of}, time_zone => {items_time_zone_arg}, order_id => {items_order_id_arg}) AS p
WHERE {as_of} IS NOT NULL
$query$,
'one row per product: how much more often the most valuable customers, the highest tier, buy it',
ARRAY[
    'label|name of the product for display: its own, or unknown',
    'product|product; null for lines that have none',
    'currency|currency of all money|NULL: no currency was given|currency',
    'customers|customers who bought it',
    'top_customers|of these, customers in the highest tier: by default the fifth with the highest value',
    'rest_customers|of these, all others',
    'top_share|share of customers in the highest tier who bought it',
    'rest_share|share of all other customers who bought it',
    'lift|share of its buyers who are in the highest tier, divided by that of all customers; 1 means no difference',
    'lift_low|lower end of the 95 % interval of the lift; sort by it',
    'lift_high|upper end of that interval',
    'orders|orders with a purchase of it',
    'value|money: purchases less returns of it',
    'lines_without_customer|lines without a customer, not counted in any other column'
]),

-- Each check is a row of VALUES: what is counted, out of what, and from which
-- figures on it deserves a note, a warning or an error. As of a past day, rows
-- without a time and rows after today are not counted, since nothing tells
-- whether they existed then.
(170, 'audit', '{}'::text[], $query$
WITH rows_read AS MATERIALIZED (
    SELECT count(*) AS n,
           count(*) FILTER (WHERE o.customer IS NOT DISTINCT FROM NULL) AS without_customer,
           count(*) FILTER (WHERE o.at IS NULL) AS without_time,
           count(*) FILTER (WHERE o.amount IS NULL) AS without_amount,
           count(*) FILTER (WHERE NOT o.is_sound) AS out_of_range,
           count(*) FILTER (WHERE isfinite(o.at) AND o.at >= {today} + 1) AS after_today,
           coalesce(bool_and(o.at = o.at::date) FILTER (WHERE isfinite(o.at)), true) AS are_days,
           {as_of} >= {today} AS is_now
    FROM (SELECT o.{customer_column} AS customer, {at_of_orders} AS at, o.{amount_column} AS amount, {sound_orders} AS is_sound FROM {orders_table} AS o) AS o
    WHERE {as_of} >= {today} OR o.at < {as_of} + 1
), amounts AS MATERIALIZED (
    SELECT o.amount::numeric AS amount, count(*) AS n
    FROM {sound_source} AS o GROUP BY o.amount
), usual_amount AS MATERIALIZED (
    SELECT min(r.amount) AS p99
    FROM (SELECT a.amount, sum(a.n) OVER (ORDER BY a.amount) AS upto, sum(a.n) OVER () AS total
          FROM amounts AS a WHERE a.amount > 0) AS r
    WHERE r.upto >= 0.99 * r.total
), sizes AS MATERIALIZED (
    SELECT coalesce(sum(a.n), 0)::bigint AS n,
           coalesce(sum(a.n) FILTER (WHERE a.amount >= 0), 0)::bigint AS orders,
           coalesce(sum(a.n) FILTER (WHERE a.amount < 0), 0)::bigint AS refunds,
           coalesce(sum(a.n) FILTER (WHERE a.amount = 0), 0)::bigint AS free,
           coalesce(sum(a.n) FILTER (WHERE a.amount > 10 * u.p99), 0)::bigint AS outliers,
           trim_scale(max(u.p99)) AS p99,
           sum(a.n * a.amount) FILTER (WHERE a.amount > 10 * u.p99)
               / nullif(sum(a.n * a.amount) FILTER (WHERE a.amount > 0), 0) AS outlier_value
    FROM amounts AS a CROSS JOIN usual_amount AS u
), marked AS (
    SELECT o.customer, o.at, o.amount, o.channel, lag(o.at) OVER w AS at_before, lag(o.amount) OVER w AS amount_before
    FROM {sound_source} AS o WINDOW w AS (PARTITION BY o.customer ORDER BY o.at, o.amount)
), known AS MATERIALIZED (
    SELECT k.h, k.channel, k.same_time, k.same_all, k.first_day, k.last_day, k.orders, k.days,
           k.first_day IS NOT NULL AND k.refunds > 0 AND {clv}.clv_refunds({clv}.clv_at(k.h, k.first_day - 1)) > 0 AS gave_back_before
    FROM (
        SELECT c.h, c.channel, c.same_time, c.same_all,
               {clv}.clv_first_day(c.h) AS first_day, {clv}.clv_last_day(c.h) AS last_day,
               {clv}.clv_orders(c.h) AS orders, {clv}.clv_purchase_days(c.h) AS days, {clv}.clv_refunds(c.h) AS refunds
        FROM (
            SELECT {clv}.clv_history(q.amount, q.at) AS h,
                   {?channel {clv}.clv_internal_first_text(q.channel, q.at) FILTER (WHERE q.amount >= 0)?}{!channel NULL::text!} AS channel,
                   count(*) FILTER (WHERE q.at_before = q.at) AS same_time,
                   count(*) FILTER (WHERE q.at_before = q.at AND q.amount_before = q.amount) AS same_all
            FROM marked AS q GROUP BY q.customer OFFSET 0
        ) AS c OFFSET 0
    ) AS k
), people AS MATERIALIZED (
    SELECT count(*) AS n,
           count(*) FILTER (WHERE k.first_day IS NULL) AS gave_back_only,
           count(*) FILTER (WHERE k.gave_back_before) AS gave_back_before,
           count(k.first_day) AS customers,
           count(*) FILTER (WHERE k.orders = 1) AS one_time,
           count(*) FILTER (WHERE k.days > 1) AS came_back,
           coalesce(sum(k.days), 0)::bigint AS days,
           coalesce(sum(k.same_time), 0)::bigint AS same_time, coalesce(sum(k.same_all), 0)::bigint AS same_all,
           count(*) FILTER (WHERE k.first_day IS NOT NULL AND k.channel IS NULL) AS without_channel,
           coalesce(max(k.orders), 0) AS most_orders,
           coalesce(max(k.last_day) - min(k.first_day) + 1, 0)::bigint AS history_days,
           max(k.last_day) AS last_day, min(k.first_day) AS first_day,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY {clv}.clv_mean_gap(k.h)) AS gap,
           -- a model takes no more than 15 digits
           {clv}.clv_spend_dependence(k.h, {as_of}) FILTER (WHERE abs({clv}.clv_repeat_value(k.h)) < 1e15) AS dependence,
           {clv}.clv_rollup(k.h) AS h
    FROM known AS k
), merged AS MATERIALIZED (
    SELECT count(*) AS n
    FROM known AS k CROSS JOIN LATERAL {clv}.clv_days(k.h) AS d
    WHERE k.orders > k.days AND d.orders > 1
), months AS MATERIALIZED (
    SELECT count(*) AS n, count(*) FILTER (WHERE m.orders IS NULL) AS empty,
           min(m.month) FILTER (WHERE m.orders IS NULL) AS first_empty
    FROM (
        SELECT g.month::date AS month, s.orders
        FROM people AS p
            CROSS JOIN LATERAL generate_series(date_trunc('month', p.first_day::timestamp), p.last_day::timestamp, '1 month') AS g (month)
            LEFT JOIN (
                SELECT date_trunc('month', d.day::timestamp) AS month, sum(d.orders) AS orders
                FROM people AS q CROSS JOIN LATERAL {clv}.clv_days(q.h) AS d
                WHERE d.orders > 0 GROUP BY 1
            ) AS s ON s.month = g.month
    ) AS m
){?currency_column , currencies AS MATERIALIZED (
    SELECT sum(c.n)::bigint AS n, (sum(c.n) - max(c.n))::bigint AS others,
           array_agg(coalesce(c.currency, 'none') ORDER BY c.n DESC, c.currency) AS names
    FROM (SELECT nullif(upper(btrim({currency_text})), '') AS currency, count(*) AS n
          FROM {orders_table} AS o WHERE {kept_orders} AND {sound_orders} GROUP BY 1) AS c
)?}{?spend , spend_read AS MATERIALIZED (
    SELECT count(*) AS n, count(*) FILTER (WHERE NOT isfinite(e.at) OR e.amount NOT BETWEEN -1e24 AND 1e24) AS out_of_range FROM {spend} AS e
), spending AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE c.customers IS NULL) AS n, count(*) AS channels,
           sum(w.amount) FILTER (WHERE c.customers IS NULL) / sum(w.amount) AS share
    FROM (SELECT e.channel, sum(e.amount) AS amount FROM {spend} AS e WHERE e.amount BETWEEN -1e24 AND 1e24 GROUP BY e.channel HAVING sum(e.amount) > 0) AS w
        LEFT JOIN (
            SELECT k.channel, count(*) AS customers FROM known AS k WHERE k.first_day IS NOT NULL GROUP BY k.channel
        ) AS c ON c.channel = w.channel OR (c.channel IS NULL AND w.channel IS NULL)
)?}{?feedback , answers AS MATERIALIZED (
    SELECT count(b.score) AS n, max(b.score) FILTER (WHERE b.score BETWEEN 0 AND 10) AS highest,
           count(*) FILTER (WHERE NOT b.score BETWEEN 0 AND 10 OR trunc(b.score) <> b.score) AS wrong
    FROM {feedback} AS b
)?}
SELECT v.number, v.check_name, v.severity, v.count, trim_scale(v.share) AS share, v.finding,
       CASE WHEN v.severity <> 'ok' THEN v.advice END AS advice
FROM rows_read AS r CROSS JOIN sizes AS s CROSS JOIN people AS p CROSS JOIN merged AS d CROSS JOIN months AS m
{?currency_column CROSS JOIN currencies AS u?} {?model CROSS JOIN {schema}.model AS f?}
{?spend CROSS JOIN spending AS w CROSS JOIN spend_read AS z?} {?feedback CROSS JOIN answers AS a?}
CROSS JOIN LATERAL (
    SELECT r.without_customer::numeric / nullif(r.n, 0) AS without_customer,
           r.without_time::numeric / nullif(r.n, 0) AS without_time,
           r.without_amount::numeric / nullif(r.n, 0) AS without_amount,
           r.out_of_range::numeric / nullif(r.n, 0) AS out_of_range,
           r.after_today::numeric / nullif(r.n, 0) AS after_today,
           s.refunds::numeric / nullif(s.n, 0) AS refunds,
           s.free::numeric / nullif(s.orders, 0) AS free,
           s.outliers::numeric / nullif(s.orders, 0) AS outliers,
           p.same_time::numeric / nullif(s.n, 0) AS same_time,
           p.same_all::numeric / nullif(s.n, 0) AS same_all,
           p.gave_back_only::numeric / nullif(p.n, 0) AS gave_back_only,
           p.gave_back_before::numeric / nullif(p.customers, 0) AS gave_back_before,
           p.one_time::numeric / nullif(p.customers, 0) AS one_time,
           p.without_channel::numeric / nullif(p.customers, 0) AS without_channel,
           p.came_back::numeric / nullif(p.customers, 0) AS came_back,
           p.most_orders::numeric / nullif(s.orders, 0) AS most_orders,
           d.n::numeric / nullif(p.days, 0) AS merged,
           m.empty::numeric / nullif(m.n, 0) AS empty_months,
           floor(p.history_days / nullif(p.gap, 0))::bigint AS gaps,
           ({as_of} - p.last_day)::bigint AS silent,
           round((p.dependence).rank_correlation::numeric, 2) AS correlation{?model ,
           CASE WHEN s.orders = 0 THEN 0 WHEN {as_of} < f.predicts_from THEN NULL
                ELSE (f.status NOT IN ('given', 'converged'))::integer + (f.spend_status NOT IN ('given', 'converged'))::integer END::bigint AS unfitted?}
) AS x
CROSS JOIN LATERAL (VALUES
    (10, 'orders', CASE WHEN s.orders = 0 THEN 'error' ELSE 'ok' END,
     s.orders, NULL::numeric, format('%s orders of %s customers', s.orders, p.customers),
     'There are no orders to check. See whether this is the right table and whether you may read its rows.'),
    (20, 'rows without a customer', CASE WHEN x.without_customer >= 0.2 THEN 'error' WHEN x.without_customer >= 0.01 THEN 'warning'
                                         WHEN r.without_customer > 0 THEN 'note' ELSE 'ok' END,
     r.without_customer, x.without_customer, format('%s of %s rows', r.without_customer, r.n),
     'They are left out everywhere, so revenue is lower than that of the shop. If they are guests, identify them by another key, such as the email address.'),
    (30, 'rows without a time', CASE WHEN NOT r.is_now THEN 'ok' WHEN x.without_time >= 0.2 THEN 'error' WHEN x.without_time >= 0.01 THEN 'warning'
                                     WHEN r.without_time > 0 THEN 'note' ELSE 'ok' END,
     CASE WHEN r.is_now THEN r.without_time END, CASE WHEN r.is_now THEN x.without_time END,
     CASE WHEN r.is_now THEN format('%s of %s rows', r.without_time, r.n) ELSE 'not known as of a past day' END,
     'They are left out everywhere, which is right if these orders were never completed.'),
    (40, 'rows without an amount', CASE WHEN x.without_amount >= 0.2 THEN 'error' WHEN x.without_amount >= 0.01 THEN 'warning'
                                        WHEN r.without_amount > 0 THEN 'note' ELSE 'ok' END,
     r.without_amount, x.without_amount, format('%s of %s rows', r.without_amount, r.n),
     'They are left out everywhere. If they are free orders, give them an amount of 0 in a view.'),
    (50, 'rows out of range', CASE WHEN r.out_of_range > 0 THEN 'error' ELSE 'ok' END,
     r.out_of_range, x.out_of_range, format('%s of %s rows', r.out_of_range, r.n),
     'An amount that is NaN, infinite, or has more than 24 digits or more than 30 decimals, or an infinite time, makes other views fail, or may do so once amounts are added up. Leave such rows out in a view; the checks below leave them out.'),
    (60, 'rows after today', CASE WHEN NOT r.is_now THEN 'ok' WHEN x.after_today >= 0.01 THEN 'warning'
                                  WHEN r.after_today > 0 THEN 'note' ELSE 'ok' END,
     CASE WHEN r.is_now THEN r.after_today END, CASE WHEN r.is_now THEN x.after_today END,
     CASE WHEN r.is_now THEN format('%s of %s rows', r.after_today, r.n) ELSE 'not known as of a past day' END,
     'They count from their day on. They may be planned orders, or come from a wrong year or a wrong time zone.'),
{?currency_column     (65, 'rows in another currency', CASE WHEN u.others > 0 THEN 'error' ELSE 'ok' END,
     coalesce(u.others, 0), u.others::numeric / nullif(u.n, 0),
     format('%s of %s rows%s', coalesce(u.others, 0), coalesce(u.n, 0), ' are not in ' || u.names[1] || ': '
            || nullif(array_to_string(u.names[2:6], ', '), '') || CASE WHEN cardinality(u.names) > 6 THEN ', ...' ELSE '' END),
     'Amounts in several currencies are added up as if they were in one. Create a schema of views for each currency, over a view of its orders, or convert the amounts in a view.'),
?}    (70, 'refunds', CASE WHEN x.refunds >= 0.3 THEN 'warning' WHEN x.refunds >= 0.1 THEN 'note'
                         WHEN s.refunds = 0 AND s.orders >= 1000 THEN 'note' ELSE 'ok' END,
     s.refunds, x.refunds, format('%s of %s orders and refunds', s.refunds, s.n),
     CASE WHEN s.refunds = 0 THEN 'It is unusual for this many orders to have no refund at all. If refunds are in another table or marked by a status column, value is gross.'
          ELSE 'Much is returned: judge by value, not by the number of orders.' END),
    (80, 'customers with refunds only', CASE WHEN x.gave_back_only >= 0.05 THEN 'warning' WHEN p.gave_back_only > 0 THEN 'note' ELSE 'ok' END,
     p.gave_back_only, x.gave_back_only, format('%s of %s', p.gave_back_only, p.n),
     'Their orders are missing: these are older than the table, or recorded under another customer. Without an order they do not count as customers.'),
    (90, 'customers with a refund before the first order', CASE WHEN x.gave_back_before >= 0.05 THEN 'warning' WHEN p.gave_back_before > 0 THEN 'note' ELSE 'ok' END,
     p.gave_back_before, x.gave_back_before, format('%s of %s customers', p.gave_back_before, p.customers),
     'They bought before the table begins, so they are not as new as they look. The same may hold for others in its first months.'),
    (100, 'orders with an amount of 0', CASE WHEN x.free >= 0.05 THEN 'warning' WHEN s.free > 0 THEN 'note' ELSE 'ok' END,
     s.free, x.free, format('%s of %s orders', s.free, s.orders),
     'They count as purchases. If they are samples, replacements or cancelled orders, leave them out in a view.'),
    (110, 'several orders on one day', CASE WHEN x.merged >= 0.2 THEN 'warning' WHEN d.n > 0 THEN 'note' ELSE 'ok' END,
     d.n, x.merged, format('on %s of %s days on which a customer bought', d.n, p.days),
     'Rhythm is measured in days, so these count as one purchase. If rows are lines of orders, give order_id.'),
    (120, 'rows of the same customer and time', CASE WHEN x.same_time >= 0.01 AND NOT r.are_days THEN 'warning' WHEN p.same_time > 0 THEN 'note' ELSE 'ok' END,
     p.same_time, x.same_time, format('%s of %s, beyond the first%s', p.same_time, s.n, CASE WHEN r.are_days THEN '; times are whole days' END),
     'They may be lines of one order, or orders that were loaded twice. For lines, give order_id.'),
    (130, 'rows of the same customer, time and amount', CASE WHEN x.same_all >= 0.05 AND NOT r.are_days THEN 'error' WHEN x.same_all >= 0.001 AND NOT r.are_days THEN 'warning'
                                                             WHEN p.same_all > 0 THEN 'note' ELSE 'ok' END,
     p.same_all, x.same_all, format('%s of %s, beyond the first%s', p.same_all, s.n, CASE WHEN r.are_days THEN '; times are whole days' END),
     'They are probably duplicates: a file that was loaded twice, or a join in the view that multiplies rows.'),
    (140, 'very large orders', CASE WHEN s.outlier_value >= 0.05 THEN 'warning' WHEN s.outliers > 0 THEN 'note' ELSE 'ok' END,
     s.outliers, x.outliers, format('%s of %s orders%s', s.outliers, s.orders,
                                    ' above 10 times ' || s.p99 || ', the 99th percentile'
                                    || format('; %s %% of the value', coalesce(round(100 * s.outlier_value, 1), 0))),
     'They may be amounts in cents, test orders or wholesale. They dominate means and the model of spend: compare with medians.'),
    (150, 'orders of the busiest customer', CASE WHEN x.most_orders >= 0.05 AND p.most_orders > 50 * s.orders / nullif(p.customers, 0) THEN 'warning'
                                                 WHEN x.most_orders >= 0.01 AND p.most_orders > 50 * s.orders / nullif(p.customers, 0) THEN 'note' ELSE 'ok' END,
     p.most_orders, x.most_orders, format('%s of %s orders', p.most_orders, s.orders),
     'Check that this is a single customer. If the key stands for guests, a till or a reseller, leave it out.'),
    (160, 'customers with one order', CASE WHEN x.one_time >= 0.8 THEN 'warning' WHEN x.one_time >= 0.5 THEN 'note' ELSE 'ok' END,
     p.one_time, x.one_time, format('%s of %s customers', p.one_time, p.customers),
     'Mean gaps, and whatever else needs repeat purchases, describe only the other customers. If one person has several keys, this share is too high.'),
    (170, 'days of history', CASE WHEN s.orders = 0 THEN 'ok' WHEN p.history_days < 90 THEN 'warning' WHEN p.history_days < 365 THEN 'note' ELSE 'ok' END,
     p.history_days, NULL, format('%s days from the first order to the last', p.history_days),
     'With less than a year, no season has been seen twice, and the value of customers over a year is not known yet.'),
    (180, 'usual gaps in the history', CASE WHEN s.orders = 0 THEN 'ok' WHEN coalesce(x.gaps, 0) < 3 THEN 'warning' WHEN x.gaps < 6 THEN 'note' ELSE 'ok' END,
     x.gaps, NULL, CASE WHEN p.gap IS NULL THEN 'no customer has come back' ELSE format('usual gap of customers who came back: %s days', trim_scale(round(p.gap::numeric, 1))) END,
     'The history is short compared with the rhythm of these customers: those who will come back cannot be told from those who have left.'),
    (190, 'customers who came back', CASE WHEN s.orders = 0 THEN 'ok' WHEN p.came_back < 100 THEN 'warning' WHEN p.came_back < 500 THEN 'note' ELSE 'ok' END,
     p.came_back, x.came_back, format('%s of %s customers', p.came_back, p.customers),
     'A model learns from customers who bought on two or more days. With so few, it is a rough guess: look at its standard errors.'),
    (200, 'spend correlates with frequency', CASE WHEN abs(x.correlation) >= 0.3 THEN 'warning' WHEN abs(x.correlation) >= 0.15 THEN 'note' ELSE 'ok' END,
     (p.dependence).customers, NULL, CASE WHEN x.correlation IS NULL THEN 'unknown with so few customers' ELSE format('rank correlation %s over %s customers', x.correlation, (p.dependence).customers) END,
     'The model of spend assumes that the two are independent: predicted value is off for the most and the least frequent customers. Fit it by segment.'),
{?model     (205, 'models without a sound fit', CASE WHEN x.unfitted > 0 THEN 'warning' ELSE 'ok' END,
     x.unfitted, NULL, CASE WHEN x.unfitted IS NULL THEN 'fitted later, so there are no predictions as of that day'
                            ELSE format('when customers buy: %s; what they spend: %s', f.status, f.spend_status) END,
     'A fit that ended at a boundary or did not finish is a rough guess, and without a fit predictions are NULL. Try another model, or call clv_refit_views() when more customers have come back.'),
?}    (210, 'months without an order', CASE WHEN m.empty > 0 THEN 'warning' ELSE 'ok' END,
     m.empty, x.empty_months, format('%s of %s months from the first order to the last%s', m.empty, m.n, ', the first in ' || to_char(m.first_empty, 'YYYY-MM')),
     'The shop may have been closed, or data may be missing. Retention, rhythm and warnings cannot tell a gap in the data from customers who stayed away.'),
    (220, 'days since the last order', CASE WHEN x.silent >= 31 THEN 'warning' WHEN x.silent >= 7 THEN 'note' ELSE 'ok' END,
     x.silent, NULL, coalesce('last order on ' || to_char(p.last_day, 'YYYY-MM-DD'), 'no order'),
     'All customers look more silent than they are. If the table is loaded late, read the views as of its last day: NAME_as_of(day).')
{?channel , (230, 'customers without a channel', CASE WHEN x.without_channel >= 0.1 THEN 'warning' WHEN p.without_channel > 0 THEN 'note' ELSE 'ok' END,
     p.without_channel, x.without_channel, format('%s of %s customers', p.without_channel, p.customers),
     'The cost of channels is divided by too few customers, so channels look more expensive than they are.')?}
{?spend , (240, 'channels with spend and no customer', CASE WHEN w.n > 0 THEN 'warning' ELSE 'ok' END,
     w.n, w.share, format('%s of %s channels, %s %% of the spend', w.n, w.channels, coalesce(round(100 * w.share, 1), 0)),
     'Check that channels are spelled identically in both tables. If they are, the money acquired no customers.'),
    (245, 'rows of spend out of range', CASE WHEN z.out_of_range > 0 THEN 'error' ELSE 'ok' END,
     z.out_of_range, z.out_of_range::numeric / nullif(z.n, 0), format('%s of %s rows', z.out_of_range, z.n),
     'An amount that is NaN, infinite or has more than 24 digits, or an infinite time, makes the view "channels" fail. Leave such rows out in a view.')?}
{?feedback , (250, 'scores other than 0 to 10', CASE WHEN a.wrong > 0 THEN 'warning' ELSE 'ok' END,
     a.wrong, a.wrong::numeric / nullif(a.n, 0), format('%s of %s answers', a.wrong, a.n),
     'The Net Promoter Score takes whole numbers from 0 to 10. These answers are left out of it.'),
    (260, 'highest score', CASE WHEN a.highest <= 5 AND a.n >= 20 THEN 'warning' ELSE 'ok' END,
     floor(a.highest)::bigint, NULL, CASE WHEN a.highest IS NULL THEN 'no answers' ELSE format('%s, of %s answers', trim_scale(a.highest), a.n) END,
     'No score is above 5: stars or satisfaction from 1 to 5 do not answer the question of the Net Promoter Score.')?}
) AS v (number, check_name, severity, count, share, finding, advice)
WHERE {as_of} IS NOT NULL
ORDER BY v.number
$query$,
'one row per check of the orders that a careful analyst makes before believing a number',
ARRAY[
    'number|number of the check, to sort by',
    'check_name|what is counted',
    'severity|ok, note, warning or error',
    'count|how many; null if unknown',
    'share|count as a share, from 0 to 1, of the total that the finding names; null if there is no total',
    'finding|what was found, in words',
    'advice|what to do about it; null if severity is ok'
])

) AS t (n, name, needs, query, about, columns);
END;
COMMENT ON FUNCTION clv_internal_view_templates_figures() IS
    'templates of the views of figures that clv_create_views() makes';
