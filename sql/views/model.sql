-- model: one row: the models behind all predictions
--
--   buying_model: model of when customers buy: text form of a clv_model
--   spend_model: model of what customers spend: text form of a clv_model
--   model: model of when customers buy: mbgnbd, bgnbd, paretonbd, mbgcnbd or bgcnbd, or a rule: last_year, naive or last_span
--   unit: unit of time of the parameters of that model
--   fitted_to: last day included in the fit
--   predicts_from: first day as of which there are predictions; -infinity for models that were passed in
--   status: how the fit of the buying model ended, or why there is none
--   spend_status: how the fit of the spend model ended, or why there is none
--   customers: number of customers included
--   buying_parameters: parameters of the buying model, in readable form
--   spend_parameters: parameters of the spend model, in readable form
--   population_gap: median over all customers of their days between purchases, by which short rhythms are judged
--   measured_to: last day with an order that was included
--   forecast_quality: whether predictions can be believed: good, usable with care, do not use, or not tested; NULL without a model
--   reason: why, the main reason first
--   advice: what to do about the main reason; NULL: nothing
--   tells_who_left: whether the fit tells who has left; if not, there is no p_alive
--   season: season by which the model measures times: text form of a clv_season; NULL: none
SELECT :buying::text AS buying_model, :spend::text AS spend_model, :kind::text AS model, :unit::text AS unit,
    :fitted_to::date AS fitted_to, :predicts_from::date AS predicts_from, :status::text AS status,
    :spend_status::text AS spend_status, :customers_seen::bigint AS customers, :buying_parameters::text AS buying_parameters,
    :spend_parameters::text AS spend_parameters, :gap::double precision AS population_gap, :measured_to::date AS measured_to,
    :verdict::text AS forecast_quality, :reason::text AS reason, :advice::text AS advice, :tells_alive::boolean AS tells_who_left,
    :season::text AS season
