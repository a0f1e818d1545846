-- cohorts_by_group: one row per group, cohort and age: value per customer so far
-- needs group_by
--
--   customer_group: group of these customers, by the columns of group_by in the first order
--   cohort: first day of the calendar period in which these customers bought for the first time
--   cohort_size: customers of the cohort
--   period_number: age of the customers: whole periods since each one's first purchase, from 0
--   currency: currency of all money; NULL if none was given
--   value_per_customer: money: gross less refunds from the first purchase to the end of this age, per observed customer
--   observed: customers who have reached the end of this age; only these are counted
--   complete: whether all customers of the cohort have reached it; until then the value may still change
SELECT r.customer_group, r.cohort, r.cohort_size, r.period_number, :currency AS currency, round(r.value, :money) AS value_per_customer, r.observed, r.complete
FROM :clv.clv_retention(:histories_by_group, 'customer_id'::name, 'history'::name, NULL::name, as_of => :as_of,
    period => :period, kind => 'classic'::text, measure => 'value_per_customer'::text, base => 'cohort'::text,
    elapsed => true, further => NULL::integer, brackets => NULL::text, periods => NULL::integer,
    acquired_from => NULL::date, acquired_to => NULL::date, summary => false, group_by => 'customer_group'::name,
    week_start => :week_start, time_zone => NULL::text, order_id => NULL::name) AS r
WHERE :as_of IS NOT NULL AND r.customer_group IS NOT NULL
