-- What do the best customers buy? Bars of lift_low.
SELECT label, customers, top_share, rest_share, lift, lift_low, value
FROM shop_views.products_as_of('{{ to_dttm or "tomorrow" }}'::date - 1)
ORDER BY lift_low DESC NULLS LAST
LIMIT 100
