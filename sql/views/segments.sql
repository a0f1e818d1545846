-- segments: one row per RFM segment: how many customers, and what they are worth
--
--   segment: segment that the rules assign to RFM scores; no segment: no rule matches; no purchase: refunds only
--   currency: currency of all money; NULL if none was given
--   customers: number of customers
--   share_of_customers: share of all customers, from 0 to 1
--   value: gross less refunds of these customers, in currency
--   share_of_value: share of the value of all customers, from 0 to 1; a customer's value below 0 counts as 0
--   median_value: median of the value of these customers, in currency
--   median_orders: median of their number of orders
--   median_days_since_last: median of their days since the last purchase
--   orders: number of orders of these customers
--   average_order_value: orders before refunds / orders, in currency: refunds do not lower it
--   mean_p_alive: mean probability that a customer has not left; NULL without a model that tells who has left
--   expected_value_12m: expected value of these customers in the next 12 months, in currency; NULL without a model
--   model_fitted_to: last day included in the fit of the model; NULL without a model
--   forecast_quality: whether predictions can be believed: good, usable with care, do not use, or not tested; NULL without a model
SELECT c.segment,
    :currency AS currency,
    count(*) AS customers,
    round(count(*) / sum(count(*)) OVER (), :rate)::double precision AS share_of_customers,
    sum(c.value) AS value,
    round(sum(greatest(c.value, 0)) / nullif(sum(sum(greatest(c.value, 0))) OVER (), 0), :rate)::double precision AS share_of_value,
    :clv.clv_internal_view_money(:clv.clv_internal_median(c.value::double precision), :money) AS median_value,
    :clv.clv_internal_median(c.orders::double precision) AS median_orders,
    :clv.clv_internal_median(c.days_since_last::double precision) AS median_days_since_last,
    sum(c.orders)::bigint AS orders,
    round(sum(c.value + c.refunds) / nullif(sum(c.orders), 0), :money) AS average_order_value,
    round(:clv.clv_internal_view_round(:clv.clv_internal_total(c.p_alive), :probability)::numeric / nullif(count(c.p_alive), 0), :probability)::double precision AS mean_p_alive,
    sum(c.expected_value_12m) AS expected_value_12m,
    :model_fitted_to AS model_fitted_to,
    :forecast_quality AS forecast_quality
FROM (
    SELECT coalesce(c.segment, CASE WHEN c.rfm_score IS NULL THEN 'no purchase' ELSE 'no segment' END) AS segment,
        c.value, c.refunds, c.orders, c.days_since_last, c.p_alive, c.expected_value_12m
    FROM :customers AS c
) AS c
GROUP BY c.segment
