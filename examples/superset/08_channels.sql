-- Which channel is worth its cost? A table with colours by rating.
SELECT label, new_customers, spend, cac, value_per_customer, clv_to_cac, rating, ceiling, payback_period
FROM shop_views.channels_as_of('{{ to_dttm or "tomorrow" }}'::date - 1)
WHERE is_all_periods
ORDER BY is_total, new_customers DESC
