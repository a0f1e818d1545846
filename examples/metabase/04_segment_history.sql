-- How segments grew. Stacked areas.
SELECT month_end, segment, customers
FROM shop_views.segment_history_as_of({{day}})
WHERE true [[AND month_end >= {{from}}]]
ORDER BY month_end, segment
