-- customers: one row per customer, with everything about the customer as of today
--
--   customer_id: customer, as in the orders
--   segment: segment that the rules assign to the score
--   tier: high, medium or low, by rank of value among all customers
--   stage: new, active, cooling, silent or lapsed, by the usual gap (settings: stage_measure)
--   warning: high, medium or low for a customer to act on; NULL: no warning, or too late
--   value: gross less refunds, in currency
--   orders: number of orders
--   last_purchase: day of the last purchase
--   days_since_last: days since the last purchase
--   p_alive: probability that the customer has not left, from 0 to 1; NULL as of a day before the fit, without a model, and
--       where the fit does not tell who has left
--   expected_value_12m: expected value in the next 12 months, in currency; NULL without a model
--   currency: currency of all money; NULL if none was given
--   first_purchase: day of the first purchase; NULL: refunds only
--   purchase_days: number of days with an order
--   average_order_value: (value + refunds) / orders, in currency: refunds do not lower it
--   refunds: refunds, in currency
--   mean_gap: mean days between purchase days; NULL with fewer than two of them
--   overdue: days since the last purchase divided by the usual gap, which is the customer's own mean gap, shrunk
--       towards that of all customers; above 1 the customer is late
--   silence_percentile: share of the customer's gaps so far that were shorter than the current silence, from 0 to 1
--   r: score of the last purchase day, among all customers or by rfm_thresholds; the highest is best
--   f: score of the number of orders
--   m: score of the value
--   rfm_score: the three scores, digit by digit
--   value_rank: rank by value; 1 is the largest
--   value_share: share of the total value that customers of at least this value have, from 0 to 1
--   expected_purchases_12m: expected number of purchase days in the next 12 months; NULL without a model
--   total_value: value so far plus expected value in the next 12 months, in currency; NULL without a model
--   next_purchase: day by which the next purchase has come with a probability of one half; NULL: more likely there
--       is none, or there is no model
--   model_fitted_to: last day included in the fit of the model; NULL without a model
--   forecast_quality: whether predictions can be believed: good, usable with care, do not use, or not tested; NULL without a model
--   channel: channel of the first order; NULL if no channel was given
--   customer_group: group of the customer, by the columns of group_by in the first order; NULL if none was given
--   cac: spend on the channel in the month of the first purchase, divided by the customers acquired, in
--       currency; NULL without a table of spend
--   clv_to_cac: margin on the value so far, divided by the acquisition cost; NULL without a table of spend or a margin
--   last_score: score of the last answer, from 0 to 10; NULL without a table of feedback
--   last_score_on: day of the last answer; NULL without a table of feedback
--   as_of: day that the row describes
--   ranks_as_of: day on which the thresholds of segment (unless rfm_thresholds gives them) and tier, value_rank, value_share
--       and cac were found
--
-- Ranks, costs and answers are joined by a second name of the key: by the first, a constant that the key is compared
-- with would reach them, and from PostgreSQL 16 on such a join is not removed when its columns are unused.  They are
-- grouped by customer, since such a join is removed only if GROUP BY proves one row per customer.  They are lateral for
-- customers in the queue, who have their ranks by kept thresholds.
SELECT b.customer_id,
    :clv.clv_rfm_segment(:score, :rfm_rules, :rfm_bins) AS segment,
    (r.ranks).tier AS tier,
    (b.rhythm).stage AS stage,
    (b.rhythm).warning AS warning,
    :clv.clv_internal_view_pad((b.profile).value, :amounts) AS value,
    (b.profile).orders AS orders,
    (b.profile).last_purchase AS last_purchase,
    (b.profile).days_since_last AS days_since_last,
    CASE WHEN :tells_who_left THEN :clv.clv_internal_view_round((b.forecast).p_alive, :probability) END AS p_alive,
    :clv.clv_internal_view_money((b.forecast).expected_value, :money) AS expected_value_12m,
    :currency AS currency,
    (b.profile).first_purchase AS first_purchase,
    (b.profile).purchase_days AS purchase_days,
    round((b.profile).average_order_value, :money) AS average_order_value,
    :clv.clv_internal_view_pad((b.profile).refunds, :amounts) AS refunds,
    :clv.clv_internal_view_round((b.profile).mean_gap, :days) AS mean_gap,
    :clv.clv_internal_view_round((b.rhythm).overdue, :factor) AS overdue,
    :clv.clv_internal_view_round((b.rhythm).silence_percentile, :rate) AS silence_percentile,
    :score / 100 AS r,
    :score / 10 % 10 AS f,
    :score % 10 AS m,
    CAST(:score AS text) AS rfm_score,
    (r.ranks).place AS value_rank,
    :clv.clv_internal_view_round((r.ranks).share, :rate) AS value_share,
    :clv.clv_internal_view_round((b.forecast).expected_purchases, :probability) AS expected_purchases_12m,
    :clv.clv_internal_view_money((b.profile).value::double precision + (b.forecast).expected_value, :money) AS total_value,
    (b.forecast).next_purchase,
    :model_fitted_to AS model_fitted_to,
    :forecast_quality AS forecast_quality,
    b.channel AS channel,
    CASE WHEN (b.profile).first_purchase IS NOT NULL THEN g.customer_group END AS customer_group,
    round(:clv.clv_cac(w.spend, w.customers), :money) AS cac,
    round((b.profile).value * :margin * w.customers / nullif(w.spend, 0), :factor) AS clv_to_cac,
    a.score::integer AS last_score,
    a.day AS last_score_on,
    :as_of AS as_of,
    :ranks_as_of AS ranks_as_of
FROM (
    WITH evaluated_once AS (SELECT 1)
    SELECT k.customer_id, k.customer_id AS again, k.channel,
        :clv.clv_profile(k.history, :as_of) AS profile,
        :clv.clv_rhythm(k.history, :as_of, :stage_thresholds, :stage_measure, NULL::integer, :population_gap, 3::double precision) AS rhythm,
        :clv.clv_forecast(:buying_model, :spend_model, k.history, :as_of, '1 year'::interval) AS forecast
    FROM :known AS k
) AS b
LEFT JOIN LATERAL (
    :ranks
) AS r ON r.customer_id :equals b.again
LEFT JOIN LATERAL (
    :costs
) AS w ON w.customer_id :equals b.again
LEFT JOIN (
    SELECT f.customer_id, (array_agg(f.score ORDER BY f.answered_at DESC, f.score))[1] AS score, max(f.answered_at)::date AS day
    FROM :schema.adapter_feedback AS f
    WHERE f.answered_at < :as_of + 1 AND f.score BETWEEN 0 AND 10 AND f.score = trunc(f.score)
    GROUP BY f.customer_id
) AS a ON a.customer_id :feedback_equals b.again
LEFT JOIN :schema.adapter_groups AS g ON g.customer_id :equals b.again
