-- renewals: one row per contract that ends within 30 days or has ended in the last 30: what it is worth, and how likely it is renewed
-- needs subscriptions
--
--   customer_id: customer, as in the table of subscriptions
--   currency: currency of all money; NULL if none was given
--   due_on: first day that is not paid
--   status: due; in grace: has ended and can still be renewed; lapsed; changed: the customer pays by another billing interval
--   mrr: money: monthly recurring revenue on the last day that is paid
--   renewal: chance that it is renewed by the same billing interval, from 0 to 1; NULL: see reason
--   remaining_value: money: what renewals are expected to bring, discounted by 0.1 a year; NULL: see reason
--   value_so_far: money: what the contract has brought in
--   periods: billing intervals that the contract has lasted when it ends
--   billed: billing interval, such as 1 month
--   plan: plan of its first term; NULL if no column was given
--   renewal_low: lower end of the 95 % interval of the chance
--   renewal_high: upper end of that interval
--   reason: why there is no chance
--
-- A contract is what a customer pays by one billing interval without a gap.  What has no end is not due.
SELECT k.customer_id, :currency AS currency, r.due_on, r.status, round(r.mrr, :money) AS mrr,
    :clv.clv_internal_view_round(r.renewal, :probability) AS renewal, :clv.clv_internal_view_round(r.remaining_value, :money) AS remaining_value,
    round(r.value_so_far, :money) AS value_so_far, r.periods,
    CASE WHEN extract(days FROM r.billed) > 0 THEN :clv.clv_internal_view_count(extract(days FROM r.billed)::bigint, 'day'::text)
         WHEN extract(months FROM r.billed) > 0 THEN :clv.clv_internal_view_count((12 * extract(years FROM r.billed) + extract(months FROM r.billed))::bigint, 'month'::text)
         ELSE :clv.clv_internal_view_count(extract(years FROM r.billed)::bigint, 'year'::text) END AS billed, r.customer_group AS plan,
    :clv.clv_internal_view_round(r.renewal_low, :probability) AS renewal_low, :clv.clv_internal_view_round(r.renewal_high, :probability) AS renewal_high, r.reason
FROM :clv.clv_renewals(:terms_table, 'customer_id'::name, 'starts_on'::name, 'amount'::name, 'ends_on'::name,
    'billing_interval'::name, as_of => :as_of, due_within => '30 days'::interval, discount => 0.1::double precision,
    billed_every => NULL::interval, grace => :grace, group_by => :terms_plan, time_zone => NULL::text) AS r
JOIN (SELECT DISTINCT t.customer_id FROM :schema.terms AS t) AS k ON r.customer_id = :customer_text
WHERE :as_of IS NOT NULL
ORDER BY r.due_on, k.customer_id
