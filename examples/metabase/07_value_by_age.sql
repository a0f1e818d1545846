-- What does a customer bring by age? A line for each year.
SELECT extract(year FROM cohort)::integer AS year, period_number + 1 AS months, round(sum(value_per_customer * observed) / sum(observed), 2) AS value_per_customer
FROM shop_views.cohorts_as_of({{day}})
WHERE complete AND observed > 0
GROUP BY 1, 2
ORDER BY 1, 2
