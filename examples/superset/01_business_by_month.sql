-- The business month by month. Lines; the last row as big numbers.
SELECT period_start, revenue, orders, active_customers, new_customers, average_order_value, retention_rate, churn_rate, value_per_customer, clv_to_cac, nps
FROM shop_views.kpis_as_of('{{ to_dttm or "tomorrow" }}'::date - 1)
WHERE complete{% if from_dttm %} AND period_start >= '{{ from_dttm }}'::date{% endif %}
ORDER BY period_start
