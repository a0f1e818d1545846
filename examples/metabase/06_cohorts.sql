-- Do cohorts stay? A pivot table: cohort down, period_number across, retention_rate in the cells.
SELECT cohort, period_number, retention_rate
FROM shop_views.retention_as_of({{day}})
WHERE complete [[AND cohort >= {{from}}]]
ORDER BY cohort, period_number
