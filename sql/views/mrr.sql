-- mrr: one row per period: monthly recurring revenue and subscribers, and how they moved
-- needs subscriptions
--
--   period_start: first day of the calendar period, by default a month
--   currency: currency of all money; NULL if none was given
--   opening_mrr: money: monthly recurring revenue before the first day
--   new_mrr: money: of customers who subscribed for the first time
--   expansion: money: of subscribers who pay more
--   contraction: money: of subscribers who pay less; 0 or below
--   churned_mrr: money: of those who left; 0 or below
--   reactivated_mrr: money: of those who are back
--   closing_mrr: money: at the end: the sum of the six columns before
--   subscribers: customers who pay at the end
--   new_subscribers: customers who subscribed for the first time
--   churned_subscribers: customers who left
--   reactivated_subscribers: customers who are back
--   gross_retention: GRR: share of opening_mrr that is left without any expansion
--   net_retention: NRR: what those who paid before pay now / opening_mrr
--   subscriber_churn: logo churn: share of subscribers who left
--   quick_ratio: what was gained / what was lost
--   arpa: money: closing_mrr / subscribers
--   arr: money: annual recurring revenue, 12 times closing_mrr
--   complete: whether the period is over; until then the figures may still change
--
-- Each sum is exact before it is rounded.
SELECT m.period_start, :currency AS currency, round(m.opening_mrr, :money) AS opening_mrr, round(m.new_mrr, :money) AS new_mrr,
    round(m.expansion, :money) AS expansion, round(m.contraction, :money) AS contraction, round(m.churned_mrr, :money) AS churned_mrr,
    round(m.reactivated_mrr, :money) AS reactivated_mrr, round(m.closing_mrr, :money) AS closing_mrr, m.closing_subscribers AS subscribers,
    m.new_subscribers, m.churned_subscribers, m.reactivated_subscribers, round(m.gross_retention, :rate) AS gross_retention,
    round(m.net_retention, :rate) AS net_retention, round(m.subscriber_churn, :rate) AS subscriber_churn, round(m.quick_ratio, :factor) AS quick_ratio,
    round(m.arpa, :money) AS arpa, round(m.arr, :money) AS arr, m.complete
FROM :clv.clv_mrr_moves(:terms_table, 'customer_id'::name, 'starts_on'::name, 'amount'::name, 'ends_on'::name,
    'billing_interval'::name, subscription => NULL::name, as_of => :as_of, period => :period, billed_every => NULL::interval,
    grace => :grace, changes => 'net'::text, group_by => NULL::name, week_start => :week_start, time_zone => NULL::text) AS m
WHERE :as_of IS NOT NULL
