-- Templates of the views about customers: clv_create_views() fills them in.
--
-- Ranks and answers are joined by a second name of the key: by the first, a
-- constant that the key is compared with would reach them, and from PostgreSQL
-- 16 on such a join is not removed when its columns are unused.
CREATE FUNCTION clv_internal_view_templates_customers()
    RETURNS TABLE (n integer, name text, needs text[], query text, about text, columns text[])
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 10
AS $function$
VALUES
(5, 'orders_with_channel', '{customers}'::text[],
$query$SELECT o.{customer_column} AS customer_id, o.{ordered_at_column} AS ordered_at, {currency} AS currency, o.{amount_column} AS amount,
    {?order_id o.{order_id_column}?}{!order_id NULL::text!} AS order_id, c.channel
FROM {orders_table} AS o
    LEFT JOIN {channels} AS c ON c.key {customers_equals} o.{customer_column}$query$,
'one row per order or line of an order, with the channel of its customer, for functions that take orders',
ARRAY['customer_id|customer',
      'ordered_at|time of the order',
      'currency|currency of all money|NULL: no currency was given|currency',
      'amount|amount of the row, in currency; below 0 is a refund',
      'order_id|order that a line belongs to|NULL: each row is an order|order_id',
      'channel|channel of the customer']),

-- all orders, including those of days to come: histories in the table are cut
-- when it is read
(8, 'histories_of_orders', '{materialized}',
$query$SELECT o.customer AS customer_id, {clv}.clv_history(o.amount, o.at) AS history, {first_channel} AS channel
FROM {source} AS o GROUP BY o.customer$query$,
'one row per customer, from the orders as they are now: what clv_refresh_views updates the table of histories to',
ARRAY['customer_id|customer',
      'history|purchases and refunds by day, including days to come, as a clv_history',
      'channel|channel of the first order|NULL: no channel was given|channel']),

(10, 'histories', '{}',
$query$SELECT o.customer AS customer_id, {clv}.clv_history(o.amount, o.at) AS history, {first_channel} AS channel
FROM {source} AS o GROUP BY o.customer$query$,
'one row per customer: all purchases until today as one value, for functions that take histories',
ARRAY['customer_id|customer',
      'history|purchases and refunds by day, as a clv_history',
      'channel|channel of the first order|NULL: no channel was given|channel']),

(20, 'model', '{}',
$query${model_query}$query$,
'one row: the models behind all predictions, fitted by clv_create_views or clv_refit_views, or passed in',
ARRAY['buying_model|model of when customers buy: text form of a clv_model',
      'spend_model|model of what customers spend: text form of a clv_model',
      'kind|kind of the model of when customers buy: mbgnbd, bgnbd or paretonbd',
      'unit|unit of time of the parameters of that model',
      'fitted_to|last day included in the fit',
      'predicts_from|first day as of which there are predictions; -infinity for models that were passed in',
      'status|how the fit of the buying model ended, or why there is none',
      'spend_status|how the fit of the spend model ended, or why there is none',
      'customers|number of customers included',
      'buying_parameters|parameters of the buying model, in readable form',
      'spend_parameters|parameters of the spend model, in readable form',
      'usual_gap|median over all customers of their days between purchases, by which short rhythms are judged',
      'measured_to|last day with an order that was included']),

(30, 'customers', '{}',
$query$SELECT b.customer AS customer_id,
    {currency} AS currency,
    (b.profile).first_day AS first_purchase,
    (b.profile).last_day AS last_purchase,
    (b.profile).days_since_last AS days_since_last,
    (b.profile).orders AS orders,
    (b.profile).purchase_days AS purchase_days,
    (b.profile).value AS value,
    (b.profile).average_order_value AS average_order_value,
    (b.profile).refunds AS refunds,
    (b.profile).mean_gap AS own_rhythm_days,
    (b.rhythm).overdue AS overdue_factor,
    (b.rhythm).silence_percentile AS silence_percentile,
    (b.rhythm).stage AS stage,
    (b.rhythm).warning AS warning,
    (r.ranks).score / 100 AS r,
    (r.ranks).score / 10 % 10 AS f,
    (r.ranks).score % 10 AS m,
    (r.ranks).score::text AS rfm_score,
    {clv}.clv_rfm_segment((r.ranks).score, {rules}, {bins}) AS segment,
    (r.ranks).tier AS tier,
    (r.ranks).place AS value_rank,
    (r.ranks).share AS value_share,
    (b.forecast).p_alive AS p_alive,
    (b.forecast).expected_purchases AS expected_purchases_12m,
    (b.forecast).expected_value AS expected_value_12m,
    (b.profile).value::double precision + (b.forecast).expected_value AS total_value,
    (b.forecast).next_purchase AS next_purchase_expected,
    {model_fitted_to} AS model_fitted_to,
    b.channel AS channel,
    {?spend {clv}.clv_cac(w.spend, w.customers)?}{!spend NULL::numeric!} AS acquisition_cost,
    {?spend trim_scale((b.profile).value * {margin} * w.customers / nullif(w.spend, 0))?}{!spend NULL::numeric!} AS value_to_cac,
    {?feedback a.score::integer?}{!feedback NULL::integer!} AS last_nps,
    {?feedback a.at?}{!feedback NULL::date!} AS last_nps_on
FROM (
    {once} SELECT k.customer, k.customer AS again, k.channel,
        {clv}.clv_profile(k.history, {as_of}) AS profile,
        {clv}.clv_rhythm(k.history, {as_of}, {stage_thresholds}, {stage_measure}, NULL::integer, {usual_gap}, 3::double precision) AS rhythm,
        {clv}.clv_forecast({buying_model}, {spend_model}, k.history, {as_of}, '1 year'::interval) AS forecast
    FROM {known} AS k
) AS b
LEFT JOIN (
    SELECT o.customer, {clv}.clv_internal_view_ranks({rfm}, {bins}, {tier_cuts}) OVER () AS ranks
    FROM {known_rfm}
) AS r ON r.customer {equals} b.again{?spend
LEFT JOIN (
    -- grouped, as ranks are, so that the join is removed unless its columns are used
    SELECT y.customer, max(y.spend) AS spend, max(y.customers) AS customers
    FROM (
        SELECT y.customer, s.spend, (count(*) OVER (PARTITION BY y.channel, y.month))::numeric AS customers
        FROM (
            {!materialized SELECT o.customer, {first_channel} AS channel,
                date_trunc('month', (min(o.at) FILTER (WHERE o.amount >= 0))::timestamp) AS month
            FROM {source} AS o GROUP BY o.customer!}{?materialized SELECT k.customer, k.channel, date_trunc('month', {clv}.clv_first_day(k.history)::timestamp) AS month FROM {known} AS k?}
        ) AS y LEFT JOIN (
            SELECT s.channel, date_trunc('month', s.at::timestamp) AS month, sum(s.amount) AS spend
            FROM {spend} AS s GROUP BY s.channel, date_trunc('month', s.at::timestamp)
        ) AS s ON s.channel = y.channel AND s.month = y.month
    ) AS y GROUP BY y.customer
) AS w ON w.customer {equals} b.again?}{?feedback
LEFT JOIN (
    SELECT f.customer, (array_agg(f.score ORDER BY f.moment DESC, f.score))[1] AS score, max(f.at) AS at
    FROM {feedback} AS f WHERE f.score BETWEEN 0 AND 10 AND f.score = trunc(f.score) GROUP BY f.customer
) AS a ON a.customer {feedback_equals} b.again?}$query$,
'one row per customer, with everything about the customer as of today',
ARRAY['customer_id|customer, as in the orders',
      'currency|currency of all money|NULL: no currency was given|currency',
      'first_purchase|day of the first purchase; NULL: refunds only',
      'last_purchase|day of the last purchase',
      'days_since_last|days since the last purchase',
      'orders|number of orders',
      'purchase_days|number of days with an order',
      'value|purchases less refunds, in currency',
      'average_order_value|value / orders, in currency',
      'refunds|refunds, in currency',
      'own_rhythm_days|mean days between purchase days; NULL with fewer than two of them',
      'overdue_factor|days since the last purchase divided by the usual gap, which is the customer''s own mean gap, shrunk towards that of all customers; above 1 the customer is late',
      'silence_percentile|share of the customer''s gaps so far that were shorter than the current silence, from 0 to 1',
      'stage|new, active, cooling, silent or lapsed, by the usual gap (settings: stage_measure)',
      'warning|high, medium or low for a customer to act on; NULL: no warning, or too late',
      'r|score of the last purchase day among all customers; the highest is best',
      'f|score of the number of orders',
      'm|score of the value',
      'rfm_score|the three scores, digit by digit',
      'segment|segment that the rules assign to the score',
      'tier|high, medium or low, by rank of value among all customers',
      'value_rank|rank by value; 1 is the largest',
      'value_share|share of the total value that customers of at least this value have, from 0 to 1',
      'p_alive|probability that the customer has not left, from 0 to 1; NULL as of a day before the fit|NULL: there is no model|model',
      'expected_purchases_12m|expected number of purchase days in the next 12 months|NULL: there is no model|model',
      'expected_value_12m|expected value in the next 12 months, in currency|NULL: there is no model|model',
      'total_value|value so far plus expected value in the next 12 months, in currency|NULL: there is no model|model',
      'next_purchase_expected|day by which the next order has come with a probability of one half; NULL: more likely there is none|NULL: there is no model|model',
      'model_fitted_to|last day included in the fit of the model|NULL: there is no model|model',
      'channel|channel of the first order|NULL: no channel was given|channel',
      'acquisition_cost|spend on the channel in the month of the first purchase, divided by the customers acquired, in currency|NULL: no table of spend was given|spend',
      'value_to_cac|margin on the value so far, divided by the acquisition cost; NULL without a margin|NULL: no table of spend was given|spend',
      'last_nps|score of the last answer, from 0 to 10|NULL: no table of feedback was given|feedback',
      'last_nps_on|day of the last answer|NULL: no table of feedback was given|feedback']),

(40, 'segments', '{}',
$query$SELECT coalesce(c.segment, CASE WHEN c.rfm_score IS NULL THEN 'no purchase' ELSE 'no segment' END) AS segment,
    {currency} AS currency,
    count(*) AS customers,
    count(*) / sum(count(*)) OVER ()::double precision AS share_of_customers,
    sum(c.value) AS value,
    (sum(c.value) / nullif(sum(sum(c.value)) OVER (), 0))::double precision AS share_of_value,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY c.value::double precision) AS median_value,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY c.orders::double precision) AS median_orders,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY c.days_since_last::double precision) AS median_days_since_last,
    sum(c.orders)::bigint AS orders,
    sum(c.value) / nullif(sum(c.orders), 0) AS average_order_value,
    avg(c.p_alive::numeric)::double precision AS mean_p_alive,
    sum(c.expected_value_12m::numeric)::double precision AS expected_value_12m,
    {model_fitted_to} AS model_fitted_to
FROM {customers} AS c
GROUP BY coalesce(c.segment, CASE WHEN c.rfm_score IS NULL THEN 'no purchase' ELSE 'no segment' END)$query$,
'one row per RFM segment: how many customers, and what they are worth',
ARRAY['segment|segment that the rules assign to RFM scores; no segment: no rule matches; no purchase: refunds only',
      'currency|currency of all money|NULL: no currency was given|currency',
      'customers|number of customers',
      'share_of_customers|share of all customers, from 0 to 1',
      'value|purchases less refunds of these customers, in currency',
      'share_of_value|share of the value of all customers',
      'median_value|median of the value of these customers, in currency',
      'median_orders|median of their number of orders',
      'median_days_since_last|median of their days since the last purchase',
      'orders|number of orders of these customers',
      'average_order_value|value / orders, in currency',
      'mean_p_alive|mean probability that a customer has not left|NULL: there is no model|model',
      'expected_value_12m|expected value of these customers in the next 12 months, in currency|NULL: there is no model|model',
      'model_fitted_to|last day included in the fit of the model|NULL: there is no model|model']),

(50, 'tiers', '{}',
$query$SELECT coalesce(c.tier, 'no purchase') AS tier,
    {currency} AS currency,
    count(*) AS customers,
    count(*) / sum(count(*)) OVER ()::double precision AS share_of_customers,
    sum(c.value) AS value,
    (sum(c.value) / nullif(sum(sum(c.value)) OVER (), 0))::double precision AS share_of_value,
    min(c.value) AS value_from,
    max(c.value) AS value_to,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY c.value::double precision) AS median_value,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY c.orders::double precision) AS median_orders,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY c.days_since_last::double precision) AS median_days_since_last,
    sum(c.orders)::bigint AS orders,
    sum(c.value) / nullif(sum(c.orders), 0) AS average_order_value,
    avg(c.p_alive::numeric)::double precision AS mean_p_alive,
    sum(c.expected_value_12m::numeric)::double precision AS expected_value_12m,
    {model_fitted_to} AS model_fitted_to
FROM {customers} AS c
GROUP BY coalesce(c.tier, 'no purchase')$query$,
'one row per tier of value: how many customers, and what they are worth',
ARRAY['tier|high, medium or low, by rank of value among all customers; no purchase: refunds only',
      'currency|currency of all money|NULL: no currency was given|currency',
      'customers|number of customers',
      'share_of_customers|share of all customers, from 0 to 1',
      'value|purchases less refunds of these customers, in currency',
      'share_of_value|share of the value of all customers',
      'value_from|smallest value, in currency',
      'value_to|largest value, in currency',
      'median_value|median of the value of these customers, in currency',
      'median_orders|median of their number of orders',
      'median_days_since_last|median of their days since the last purchase',
      'orders|number of orders of these customers',
      'average_order_value|value / orders, in currency',
      'mean_p_alive|mean probability that a customer has not left|NULL: there is no model|model',
      'expected_value_12m|expected value of these customers in the next 12 months, in currency|NULL: there is no model|model',
      'model_fitted_to|last day included in the fit of the model|NULL: there is no model|model']),

(60, 'segment_moves', '{}',
$query$SELECT d.from_day, d.to_day, m.from_segment, m.to_segment, {currency} AS currency,
    m.customers, m.value_from, m.value_to, m.moved, m.moved_by_others
FROM (
    SELECT (date_trunc('month', e.day::timestamp))::date - 1 AS from_day, e.day AS to_day
    FROM (SELECT (date_trunc('month', ({as_of} + 1)::timestamp))::date - 1 AS day) AS e
) AS d
CROSS JOIN LATERAL ({moves_query}) AS m$query$,
'customers who moved from one RFM segment to another between the last two month ends',
ARRAY['from_day|month end before the last one',
      'to_day|last month end',
      'from_segment|segment on from_day, or not yet a customer',
      'to_segment|segment on to_day',
      'currency|currency of all money|NULL: no currency was given|currency',
      'customers|number of customers',
      'value_from|their purchases less refunds until from_day, in currency',
      'value_to|their purchases less refunds until to_day, in currency',
      'moved|number of these who would have moved even if all others had not changed',
      'moved_by_others|number of these who moved only because others changed']),

-- one month at a time: sorting the customers of all months by month would take
-- most of the time
(70, 'segment_history', '{}',
$query$WITH known AS MATERIALIZED (
    SELECT {clv}.clv_first_day(k.history) AS first_day, k.history, k.money FROM {known_money} AS k
)
SELECT e.month_end,
    coalesce(g.segment, 'no segment') AS segment,
    {currency} AS currency,
    g.customers,
    g.customers / sum(g.customers) OVER (PARTITION BY e.month_end)::double precision AS share_of_customers,
    g.value,
    (g.value / nullif(sum(g.value) OVER (PARTITION BY e.month_end), 0))::double precision AS share_of_value
FROM (
    SELECT (month + interval '1 month')::date - 1 AS month_end
    FROM generate_series((SELECT date_trunc('month', min(k.first_day)::timestamp) FROM known AS k),
                         date_trunc('month', ({as_of} + 1)::timestamp) - interval '1 month', interval '1 month') AS month
) AS e
CROSS JOIN LATERAL (
    SELECT {clv}.clv_rfm_segment(s.score, {rules}, {bins}) AS segment, count(*) AS customers, sum(s.net) AS value
    FROM (
        SELECT r.net, {clv}.clv_rfm_score((r.rfm).last_day, (r.rfm).orders, r.net, {bins}) OVER () AS score
        FROM (
            SELECT k.rfm, {?lines {clv}.clv({clv}.clv_at(k.money, e.month_end))?}{!lines (k.rfm).value!} AS net
            FROM (
                SELECT {clv}.clv_rfm_at(k.history, e.month_end) AS rfm, k.money FROM known AS k WHERE k.first_day <= e.month_end OFFSET 0
            ) AS k
        ) AS r
    ) AS s
    GROUP BY {clv}.clv_rfm_segment(s.score, {rules}, {bins})
) AS g$query$,
'one row per month end and RFM segment: the customers who were in the segment on that day',
ARRAY['month_end|last day of the month',
      'segment|segment that the rules assign to RFM scores; no segment: no rule matches',
      'currency|currency of all money|NULL: no currency was given|currency',
      'customers|number of customers who were in the segment on that day',
      'share_of_customers|share of all customers on that day, from 0 to 1',
      'value|purchases less refunds of these customers until that day, in currency',
      'share_of_value|share of the value of all customers']),

(90, 'settings', '{}',
$query$SELECT s.name, s.value, s.about FROM (VALUES {settings}) AS s (place, name, value, about)$query$,
'the definitions behind every figure of these views',
ARRAY['name|argument of clv_create_views',
      'value|value that was given, found or taken by default',
      'about|what it means'])
$function$;
COMMENT ON FUNCTION clv_internal_view_templates_customers() IS
    'support of clv_create_views: templates about customers';
