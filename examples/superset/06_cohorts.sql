-- Do cohorts stay? A pivot table: cohort down, period_number across, retention_rate in the cells.
SELECT cohort, period_number, retention_rate
FROM shop_views.retention_as_of('{{ to_dttm or "tomorrow" }}'::date - 1)
WHERE complete{% if from_dttm %} AND cohort >= '{{ from_dttm }}'::date{% endif %}
ORDER BY cohort, period_number
