-- lifecycle: one row per period: customers by their place in the lifecycle
--
--   period_start: first day of the calendar period, by default a month
--   new_customers: customers who bought for the first time
--   returning_customers: customers who bought in this period and in the one before
--   reactivated: customers who bought in this period, not in the one before, but earlier
--   dormant: customers who bought in the period before and not in this one; until the period is over, those who have not bought yet
--   active_customers: customers who bought: new, returning and reactivated
--   quick_ratio: (new_customers + reactivated) / dormant; above 1 the base grows; null if no customer went dormant
--   complete: whether the period is over; until then the figures may still change
SELECT l.period_start, l.new_customers, l.returning_customers, l.reactivated, l.dormant, l.active_customers,
    round(l.quick_ratio, :factor) AS quick_ratio, l.complete
FROM :clv.clv_lifecycle_periods(:histories, 'customer_id'::name, 'history'::name, NULL::name, period => :period,
    group_by => NULL::name, as_of => :as_of, week_start => :week_start, time_zone => NULL::text, order_id => NULL::name) AS l
WHERE :as_of IS NOT NULL
