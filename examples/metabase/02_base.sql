-- Does the base grow? Stacked bars, the last column below the line.
SELECT period_start, new_customers, returning_customers, reactivated, -dormant AS stayed_away
FROM shop_views.lifecycle_as_of({{day}})
WHERE complete [[AND period_start >= {{from}}]]
ORDER BY period_start
