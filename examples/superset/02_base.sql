-- Does the base grow? Stacked bars, the last column below the line.
SELECT period_start, new_customers, returning_customers, reactivated, -dormant AS stayed_away
FROM shop_views.lifecycle_as_of('{{ to_dttm or "tomorrow" }}'::date - 1)
WHERE complete{% if from_dttm %} AND period_start >= '{{ from_dttm }}'::date{% endif %}
ORDER BY period_start
