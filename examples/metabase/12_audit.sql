-- Can the figures be believed? A table, on a page of its own.
SELECT severity, check_name, finding, advice
FROM shop_views.audit_as_of({{day}})
WHERE severity IN ('error', 'warning', 'note')
ORDER BY number
