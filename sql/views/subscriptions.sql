-- subscriptions: one row per customer who has a subscription or had one: what they pay, since when, and until when
-- needs subscriptions
--
--   customer_id: customer, as in the table of subscriptions
--   currency: currency of all money; NULL if none was given
--   status: subscriber; free: only what costs nothing, such as a trial; ended
--   mrr: money: monthly recurring revenue
--   plan: plans of what runs, by name; NULL if no column was given
--   subscribed_since: first day since the last gap; NULL if not a subscriber
--   renews_on: first day that is not paid yet of what ends first; NULL: nothing that runs has an end
--   renewal: chance that this is renewed, from 0 to 1; NULL: not known, see the view renewals
--   value_so_far: money: what subscriptions have brought in
--   remaining_value: money: what renewals are expected to bring, discounted; NULL: not known
--   arr: money: annual recurring revenue, 12 times mrr
--   subscriptions: number of subscriptions with a price
--   free_subscriptions: number of those without one
--   first_subscribed: first day as a subscriber
--   last_subscribed: last day as a subscriber, if they are none any more
--   tenure_days: days as a subscriber
--   mrr_changes: number of times that mrr has changed
--
-- Terms that start later are not known yet.  What was known of an end on a past day is not kept: it is the end of today.
-- Money is rounded for each customer; the view mrr has exact totals.
SELECT k.customer_id, :currency AS currency,
    CASE WHEN (k.subscriber).is_subscriber THEN 'subscriber' WHEN (k.subscriber).free_subscriptions > 0 THEN 'free' ELSE 'ended' END AS status,
    round((k.subscriber).mrr, :money) AS mrr, k.plan, (k.subscriber).subscribed_since, d.renews_on,
    :clv.clv_internal_view_round(d.renewal, :probability) AS renewal,
    round(:clv.clv_recurring_value(k.recurring, k.starts_on, :as_of), :money) AS value_so_far,
    :clv.clv_internal_view_round(d.remaining_value, :money) AS remaining_value, round((k.subscriber).arr, :money) AS arr,
    (k.subscriber).subscriptions, (k.subscriber).free_subscriptions, (k.subscriber).first_subscribed,
    CASE WHEN NOT (k.subscriber).is_subscriber THEN (k.subscriber).last_subscribed END AS last_subscribed,
    (k.subscriber).tenure_days, (k.subscriber).mrr_changes
FROM (
    WITH evaluated_once AS (SELECT 1)
    SELECT b.customer_id, b.plan, b.starts_on, b.recurring, :clv.clv_subscriber(b.recurring, :as_of) AS subscriber
    FROM (
        WITH evaluated_once AS (SELECT 1)
        SELECT a.customer_id, a.plan, a.starts_on,
            CASE WHEN :grace IS NULL THEN a.recurring ELSE :clv.clv_with_grace(a.recurring, :grace) END AS recurring
        FROM (
            SELECT t.customer_id, min(t.starts_on) AS starts_on,
                string_agg(DISTINCT t.plan, ', ' ORDER BY t.plan) FILTER (WHERE t.ends_on IS NULL OR t.ends_on > :as_of) AS plan,
                :clv.clv_recurring(t.amount, t.billing_interval, t.starts_on, t.ends_on) AS recurring
            FROM :schema.terms AS t WHERE t.starts_on <= :as_of
            GROUP BY t.customer_id
        ) AS a
    ) AS b
) AS k LEFT JOIN (
    -- several contracts may be due; the chance is that of the first
    SELECT r.customer_id, min(r.due_on) AS renews_on, (array_agg(r.renewal ORDER BY r.due_on, r.mrr DESC, r.billed))[1] AS renewal,
        sum(r.remaining_value ORDER BY r.due_on, r.mrr, r.billed) AS remaining_value
    FROM :clv.clv_renewals(:terms_table, 'customer_id'::name, 'starts_on'::name, 'amount'::name, 'ends_on'::name,
        'billing_interval'::name, as_of => :as_of, due_within => '36500 days'::interval, discount => 0.1::double precision,
        billed_every => NULL::interval, grace => :grace, group_by => :terms_plan, time_zone => NULL::text) AS r
    WHERE r.status = 'due' AND :as_of IS NOT NULL
    GROUP BY r.customer_id
) AS d ON d.customer_id = :customer_text
