-- What will next year bring, and can that be believed? Big numbers.
SELECT sum(s.expected_value_12m) AS expected, min(m.forecast_quality) AS forecast_quality, min(m.reason) AS reason
FROM shop_views.segments AS s CROSS JOIN shop_views.model AS m
