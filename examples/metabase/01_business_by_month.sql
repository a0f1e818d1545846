-- The business month by month. Lines; the last row as big numbers.
SELECT period_start, revenue, orders, active_customers, new_customers, average_order_value, retention_rate, churn_rate, value_per_customer, clv_to_cac, nps
FROM shop_views.kpis_as_of({{day}})
WHERE complete [[AND period_start >= {{from}}]]
ORDER BY period_start
