-- model_quality: how well models and simple rules predicted the last part of the book, which was held out
--
--   method: model, with season if its times are measured by one; or simple rule: last_year, naive, last_span; given: the model that was passed in
--   chosen: whether it is the one behind predictions
--   verdict: good, usable with care, do not use, or not tested
--   measure: purchases (purchase days), value, or p_alive: the probability of a purchase against the share who bought
--   bucket: all customers, or for p_alive a tenth of them by P(alive), from the lowest on
--   customers: number of customers tested
--   actual: what came in the test; for p_alive the share who bought
--   predicted: what was predicted of it; for p_alive the mean probability of a purchase
--   bias: predicted / actual - 1
--   mae: mean absolute error per customer; for p_alive the distance of predicted and actual, over all customers its mean by tenths
--   rmse: root of the mean square error
--   rank_correlation: correlation of the ranks of predicted and actual
--   top_capture: share of the actual total from the tenth of customers with the highest predictions
--   p_alive: mean P(alive), for the measure p_alive
--   regularity: k of a model of regular buyers, 1 being random
--   calibration_end: last day before the test; NULL: not tested
--   tested_to: last day of the test; NULL: not tested
--   status: how the fit before the test ended, rule, given, or why there is none
--   reason: why the verdict is what it is, the main reason first
--   advice: what to do about the main reason; NULL: nothing
SELECT q.method, q.chosen, q.verdict, q.measure, q.bucket, q.customers,
    :clv.clv_internal_view_round(q.actual, 4) AS actual, :clv.clv_internal_view_round(q.predicted, 4) AS predicted,
    :clv.clv_internal_view_round(q.bias, 4) AS bias, :clv.clv_internal_view_round(q.mae, 4) AS mae,
    :clv.clv_internal_view_round(q.rmse, 4) AS rmse, :clv.clv_internal_view_round(q.rank_correlation, 4) AS rank_correlation,
    :clv.clv_internal_view_round(q.top_capture, 4) AS top_capture, :clv.clv_internal_view_round(q.p_alive, 4) AS p_alive,
    q.regularity, q.calibration_end, q.tested_to, q.status, q.reason, q.advice
FROM ROWS FROM (jsonb_to_recordset(:quality::jsonb) AS (method text, chosen boolean, verdict text, measure text, bucket text, customers bigint,
    actual double precision, predicted double precision, bias double precision, mae double precision, rmse double precision,
    rank_correlation double precision, top_capture double precision, p_alive double precision, regularity integer,
    calibration_end date, tested_to date, status text, reason text, advice text)) WITH ORDINALITY AS q
ORDER BY q.ordinality
