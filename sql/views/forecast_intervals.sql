-- forecast_intervals: expected value of the next 12 months with intervals, of all, by segment and by tier
--
--   kind: all, segment or tier
--   name: name of the segment or the tier; all
--   currency: currency of all money; NULL if none was given
--   customers: number of customers
--   expected_value_12m: expected value of these customers in the next 12 months, in currency; NULL without a model
--   low_80: with probability 0.8 the value will be from here to high_80, in currency; NULL where the error of the forecast is not known:
--       the model is a rule or takes a mean for all amounts, or is not to be used
--   high_80: with probability 0.8 the value will be up to here, in currency; NULL likewise
--   low_95: with probability 0.95 the value will be from here to high_95, in currency; NULL likewise
--   high_95: with probability 0.95 the value will be up to here, in currency; NULL likewise
--   model_fitted_to: last day included in the fit of the model; NULL without a model
--   forecast_quality: whether predictions can be believed: good, usable with care, do not use, or not tested; NULL without a model
--
-- What customers do by chance and the errors of the parameters are in it, that the model may be wrong is not.  Each
-- customer is predicted once, and at points around the parameters: that takes longer than all of customers.
WITH models AS MATERIALIZED (
    SELECT m.buying, m.spend
    FROM (SELECT :buying_model AS buying, :spend_model AS spend, :forecast_quality AS quality) AS m
    WHERE m.quality IS DISTINCT FROM 'do not use' AND (:clv.clv_model_summary(m.spend)).model = 'gammagamma'
        AND (:clv.clv_model_summary(m.buying)).model <> ALL ('{last_year, naive, last_span}'::text[])
), parts AS MATERIALIZED (
    SELECT coalesce(c.segment, CASE WHEN c.rfm_score IS NULL THEN 'no purchase' ELSE 'no segment' END) AS segment, coalesce(c.tier, 'no purchase') AS tier,
        count(*) AS customers, sum(c.expected_value_12m) AS expected_value_12m,
        :clv.clv_internal_interval_part((SELECT m.buying FROM models AS m), (SELECT m.spend FROM models AS m), k.history, :as_of, '1 year'::interval, 0.8::double precision) AS part
    FROM :known AS k JOIN :customers AS c ON c.customer_id :equals k.customer_id
    GROUP BY 1, 2
)
SELECT v.kind, v.name, :currency AS currency, v.customers,
    v.expected_value_12m,
    :clv.clv_internal_view_money((v.of_80).low, :money) AS low_80, :clv.clv_internal_view_money((v.of_80).high, :money) AS high_80,
    :clv.clv_internal_view_money((v.of_95).low, :money) AS low_95, :clv.clv_internal_view_money((v.of_95).high, :money) AS high_95,
    :model_fitted_to AS model_fitted_to,
    :forecast_quality AS forecast_quality
FROM (
    SELECT CASE GROUPING(p.segment, p.tier) WHEN 1 THEN 'segment' WHEN 2 THEN 'tier' ELSE 'all' END AS kind,
        CASE GROUPING(p.segment, p.tier) WHEN 1 THEN p.segment WHEN 2 THEN p.tier ELSE 'all' END AS name,
        sum(p.customers)::bigint AS customers, sum(p.expected_value_12m) AS expected_value_12m,
        :clv.clv_internal_interval_total(p.part, 0.8::double precision ORDER BY p.segment, p.tier) AS of_80,
        :clv.clv_internal_interval_total(p.part, 0.95::double precision ORDER BY p.segment, p.tier) AS of_95
    FROM parts AS p
    GROUP BY GROUPING SETS ((), (p.segment), (p.tier))
    HAVING count(*) > 0
) AS v
