-- Whom to call today? A table.
SELECT customer_id, severity, value_at_risk, overdue, days_since_last, reason
FROM shop_views.warnings_as_of({{day}})
ORDER BY value_at_risk DESC, customer_id
LIMIT 500
