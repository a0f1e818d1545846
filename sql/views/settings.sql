-- settings: the definitions behind every figure of these views
--
--   name: argument of clv_create_views
--   value: value that was given, found or taken by default
--   about: what it means
SELECT s.name, s.value,
    s.about || CASE WHEN s.name = 'model' THEN coalesce((SELECT format('; taken: %s, %s: %s', m.model, m.forecast_quality, m.reason) FROM :schema.model AS m WHERE m.reason IS NOT NULL), '') ELSE '' END AS about
FROM (VALUES :settings) AS s (place, name, value, about)
