-- How segments grew. Stacked areas.
SELECT month_end, segment, customers
FROM shop_views.segment_history_as_of('{{ to_dttm or "tomorrow" }}'::date - 1)
WHERE true{% if from_dttm %} AND month_end >= '{{ from_dttm }}'::date{% endif %}
ORDER BY month_end, segment
