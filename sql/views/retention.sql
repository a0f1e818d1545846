-- retention: one row per cohort and period since then: how many bought again
--
--   cohort: first day of the calendar period in which these customers bought for the first time
--   cohort_size: customers of the cohort
--   period_number: calendar periods since that of the first purchase, which is 0
--   active_customers: customers of the cohort who bought in the period
--   retention_rate: active_customers / observed, a share from 0 to 1
--   observed: customers that the rate is a share of: the whole cohort
--   complete: whether the period is over; until then the figures may still change
--
-- A cohort is the customers of one calendar period of the first purchase.
SELECT r.cohort, r.cohort_size, r.period_number, r.value::bigint AS active_customers,
    round(r.rate, :rate) AS retention_rate, r.observed, r.complete
FROM :clv.clv_retention(:histories, 'customer_id'::name, 'history'::name, NULL::name, as_of => :as_of,
    period => :period, kind => 'classic'::text, measure => 'customers'::text, base => 'cohort'::text, elapsed => false,
    further => NULL::integer, brackets => NULL::text, periods => NULL::integer, acquired_from => NULL::date,
    acquired_to => NULL::date, summary => false, group_by => NULL::name, week_start => :week_start,
    time_zone => NULL::text, order_id => NULL::name) AS r
WHERE :as_of IS NOT NULL
