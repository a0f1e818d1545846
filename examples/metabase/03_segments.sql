-- Who are the customers? Bars by segment.
SELECT segment, customers, share_of_customers, value, share_of_value, mean_p_alive, expected_value_12m
FROM shop_views.segments_as_of({{day}})
ORDER BY value DESC
