-- channels: one row per channel and month: what customers cost and bring at equal age
-- needs channel, margin
--
--   label: name of the channel for display: its own, unknown, or all channels
--   channel: channel of the first order; null if it is unknown, and in the rows for all channels
--   is_total: whether the row is the total of all channels: do not add it to the others
--   period_start: first day of the month of acquisition; null for all months
--   is_all_periods: whether the row is the total of all months: do not add it to the others
--   currency: currency of all money; NULL if none was given
--   new_customers: customers acquired, in months that are at least as old as the horizon
--   leads: leads of these months; null if unknown
--   conversion_rate: new_customers / leads; null if unknown
--   spend: money spent in these months; null if unknown
--   cac: money: cost per customer, spend / new_customers
--   value: money: margin on what these customers bought by the horizon
--   value_per_customer: money: value / new_customers
--   clv_to_cac: value / spend; at 1 the money has come back
--   rating: loses money, thin, healthy or underinvesting
--   ceiling: money: the most a customer may cost if their value is to be 3 times that
--   roi: (value - spend) / spend; at 0 the money has come back
--   payback_period: month of a customer's life, from 1, by whose end the margin has covered the cost for good; null if it has not yet
--   immature_customers: customers of months that are younger than the horizon, not counted above
--   immature_leads: leads of those months; null if unknown
--   immature_spend: money spent in those months
--   immature_value: money: margin on what those customers have bought so far
--
-- Months are those of acquisition; there are totals over the months and over the channels.
SELECT CASE WHEN c.is_total THEN 'all channels' WHEN c.channel IS NULL THEN 'unknown' ELSE c.channel END AS label,
    c.channel, c.is_total, c.period_start, c.period_start IS NULL AS is_all_periods,
    :currency AS currency, c.new_customers, c.leads, round(c.conversion_rate, :rate) AS conversion_rate,
    :clv.clv_internal_view_pad(trim_scale(c.spend), greatest(:amounts, max(min_scale(c.spend)) OVER ())) AS spend, round(c.cac, :money) AS cac, round(c.value, :money) AS value, round(c.value_per_customer, :money) AS value_per_customer,
    round(c.clv_to_cac, :factor) AS clv_to_cac, c.rating, round(c.ceiling, :money) AS ceiling, round(c.roi, :rate) AS roi, c.payback_period,
    c.immature_customers, c.immature_leads, :clv.clv_internal_view_pad(trim_scale(c.immature_spend), greatest(:amounts, max(min_scale(c.immature_spend)) OVER ())) AS immature_spend, round(c.immature_value, :money) AS immature_value
FROM :clv.clv_channels(:histories, 'customer_id'::name, 'history'::name, NULL::name, 'channel'::name,
    spend => :spend_table, spend_channel => :spend_channel, spend_at => :spend_day, spend_amount => :spend_amount,
    leads => :spend_leads, margin => :margin, horizon => :horizon, period => 'month'::text, by_period => true,
    as_of => :as_of, time_zone => NULL::text, order_id => NULL::name, acquired_from => NULL::date,
    acquired_to => NULL::date, week_start => 'monday'::text, target => 3::numeric, ample => 5::numeric) AS c
WHERE :as_of IS NOT NULL
