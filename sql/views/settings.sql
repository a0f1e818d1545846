-- settings: the definitions behind every figure of these views
--
--   name: argument of clv_create_views
--   value: value that was given, found or taken by default
--   about: what it means
SELECT s.name, s.value, s.about FROM (VALUES :settings) AS s (place, name, value, about)
