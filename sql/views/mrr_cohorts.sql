-- mrr_cohorts: one row per cohort and period since then: how many subscribers, and how much of their first price, are left
-- needs subscriptions
--
--   cohort: first day of the calendar period in which these customers first subscribed
--   cohort_size: customers of the cohort
--   currency: currency of all money; NULL if none was given
--   first_mrr: money: what they first paid a month
--   period_number: calendar periods since the first, which is 0
--   subscribers: customers of the cohort who pay at the end of the period
--   mrr: money: what these pay a month
--   subscriber_retention: subscribers / cohort_size
--   gross_retention: share of first_mrr that is left without any expansion
--   net_retention: mrr / first_mrr
--   complete: whether the period is over; until then the figures may still change
SELECT c.cohort, c.cohort_size, :currency AS currency, round(c.first_mrr, :money) AS first_mrr, c.period_number, c.subscribers, round(c.mrr, :money) AS mrr,
    round(c.subscriber_retention, :rate) AS subscriber_retention, round(c.gross_retention, :rate) AS gross_retention,
    round(c.net_retention, :rate) AS net_retention, c.complete
FROM :clv.clv_mrr_cohorts(:terms_table, 'customer_id'::name, 'starts_on'::name, 'amount'::name, 'ends_on'::name,
    'billing_interval'::name, subscription => NULL::name, as_of => :as_of, period => :period, billed_every => NULL::interval,
    grace => :grace, group_by => NULL::name, week_start => :week_start, time_zone => NULL::text) AS c
WHERE :as_of IS NOT NULL
