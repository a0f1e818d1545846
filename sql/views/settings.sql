-- settings: the definitions behind every figure of these views
--
--   name: argument of clv_create_views
--   value: value that was given, found or taken by default
--   about: what it means
SELECT s.name, s.value,
    s.about || coalesce((SELECT CASE s.name
            WHEN 'model' THEN format('; taken: %s%s, %s: %s', m.model, CASE WHEN m.season IS NOT NULL THEN ' with season' END, m.forecast_quality, m.reason)
            WHEN 'season' THEN '; taken: ' || coalesce(m.season, 'none') END
        FROM :schema.model AS m WHERE m.reason IS NOT NULL), '') AS about
FROM (VALUES :settings) AS s (place, name, value, about)
