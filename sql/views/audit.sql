-- audit: one row per check of the orders, to read before trusting a figure
--
--   number: number of the check, to sort by
--   check_name: what is counted
--   severity: ok, note, warning or error; not looked at: the finding says what the check needs
--   count: how many; null if unknown
--   share: count as a share, from 0 to 1, of the total that the finding names; null if there is no total
--   finding: what was found, in words
--   advice: what to do about it; null if severity is ok
--
-- Each check is a row of VALUES: what is counted, out of what, and from which figures on it deserves a note, a warning
-- or an error.  Rows that no history can hold are counted, and left out of all other checks.  As of a past day, rows
-- without a time and rows after today are not counted, since nothing tells whether they existed then.
WITH rows_read AS MATERIALIZED (
    SELECT count(*) AS n,
        count(*) FILTER (WHERE r.customer_id IS NOT DISTINCT FROM NULL AND r.source <> 'refunds') AS without_customer,
        count(*) FILTER (WHERE r.customer_id IS NOT DISTINCT FROM NULL AND r.source <> 'refunds' AND r.paid < 0) AS lost_refunds,
        count(*) FILTER (WHERE r.customer_id IS NOT DISTINCT FROM NULL AND r.source = 'refunds') AS unknown_refunds,
        count(*) FILTER (WHERE r.source = 'refunds') AS refunds_read,
        count(*) FILTER (WHERE r.ordered_at < '1990-01-01') AS ancient,
        count(*) FILTER (WHERE r.ordered_at IS NULL) AS without_time,
        count(*) FILTER (WHERE r.amount IS NULL) AS without_amount,
        count(*) FILTER (WHERE NOT r.is_sound) AS out_of_range,
        count(*) FILTER (WHERE r.source = 'orders' AND r.paid >= 0 AND r.counts) AS bought,
        count(*) FILTER (WHERE r.source = 'orders' AND r.paid >= 0 AND r.counts AND r.cost IS NULL) AS without_cost,
        count(*) FILTER (WHERE r.source = 'orders' AND r.paid >= 0 AND r.counts AND (r.cost < 0 OR r.cost > r.paid)) AS odd_cost,
        count(*) FILTER (WHERE NOT r.counts) AS left_out,
        count(*) FILTER (WHERE isfinite(r.ordered_at) AND r.ordered_at >= :today + 1) AS after_today,
        coalesce(bool_and(r.ordered_at = r.ordered_at::date) FILTER (WHERE isfinite(r.ordered_at)), true) AS are_days
    FROM :audited_rows AS r
    WHERE :as_of >= :today OR r.ordered_at < :as_of + 1
), orphans AS MATERIALIZED (
    SELECT coalesce(sum(o.n) FILTER (WHERE o.is_known), 0)::bigint AS n
    FROM (
        SELECT count(*) FILTER (WHERE r.customer_id IS NOT DISTINCT FROM NULL AND r.paid < 0) AS n, bool_or(r.customer_id IS DISTINCT FROM NULL) AS is_known
        FROM :audited_rows AS r
        WHERE :has_order_id AND r.order_id IS DISTINCT FROM NULL AND r.ordered_at < :as_of + 1
        GROUP BY r.order_id
    ) AS o
), repeated_refunds AS MATERIALIZED (
    SELECT count(*) AS n
    FROM (
        SELECT FROM :audited_rows AS r
        WHERE :has_refunded AND r.source = 'refunded' AND r.of_order IS DISTINCT FROM NULL AND r.ordered_at < :as_of + 1
        GROUP BY r.of_order, r.amount HAVING count(*) > 1
    ) AS o
), same_customers AS MATERIALIZED (
    SELECT count(*) AS n, count(*) FILTER (WHERE s.problem = 'no key') AS without_key,
        count(*) FILTER (WHERE s.problem = 'several new keys') AS several, count(*) FILTER (WHERE s.problem = 'circle') AS in_circles
    FROM :schema.adapter_same_customer AS s
), given_back AS MATERIALIZED (
    SELECT coalesce(sum(g.n), 0)::bigint AS n FROM (:given_back) AS g
), given_twice AS MATERIALIZED (
    :given_twice
), refund_signs AS MATERIALIZED (
    :refund_signs
), alike AS MATERIALIZED (
    SELECT r.customer_id, r.order_id, r.ordered_at, r.amount, r.paid, count(*) AS n
    FROM :raw_rows AS r
    WHERE :has_order_id AND r.ordered_at < :as_of + 1
    GROUP BY r.customer_id, r.order_id, r.ordered_at, r.amount, r.paid
), repeats AS MATERIALIZED (
    SELECT coalesce(sum(a.n), 0)::bigint AS n, coalesce(sum(a.n - 1), 0)::bigint AS same_all FROM alike AS a
), numbers AS MATERIALIZED (
    SELECT c.order_id, count(*) AS customers, min(c.first_at) AS first_at, max(c.last_at) AS last_at
    FROM (
        SELECT a.order_id, a.customer_id, min(a.ordered_at) FILTER (WHERE a.paid >= 0) AS first_at, max(a.ordered_at) FILTER (WHERE a.paid >= 0) AS last_at
        FROM alike AS a WHERE a.order_id IS DISTINCT FROM NULL GROUP BY a.order_id, a.customer_id
    ) AS c GROUP BY c.order_id
), order_numbers AS MATERIALIZED (
    SELECT count(*) AS n, count(*) FILTER (WHERE o.customers > 1) AS of_customers,
        count(*) FILTER (WHERE o.last_at::date > o.first_at::date) AS of_days
    FROM numbers AS o
), adopted AS MATERIALIZED (
    SELECT coalesce(sum(a.n), 0)::bigint AS n,
        coalesce(sum(a.n) FILTER (WHERE o.customers > 1), 0)::bigint AS of_several
    FROM (
        SELECT r.of_order, count(*) AS n FROM :audited_rows AS r
        WHERE :has_adopted AND r.source <> 'refunded' AND r.of_order IS DISTINCT FROM NULL AND r.ordered_at < :as_of + 1 GROUP BY r.of_order
    ) AS a LEFT JOIN numbers AS o ON o.order_id :order_equals a.of_order AND o.customers > 1
), placed AS MATERIALIZED (
    SELECT o.customer_id, o.ordered_at, o.amount, o.is_order, o.channel, :order_number_of_order AS number, o.is_order OR o.order_id IS NOT DISTINCT FROM NULL AS is_whole
    FROM :sound_orders AS o WHERE o.ordered_at < :as_of + 1
), marked AS (
    SELECT p.customer_id, p.ordered_at, p.amount, p.is_order, p.channel, p.number, p.is_whole,
        lag(CASE WHEN p.is_whole THEN p.ordered_at END) OVER w AS at_before, lag(p.amount) OVER w AS amount_before
    FROM placed AS p WINDOW w AS (PARTITION BY p.customer_id ORDER BY p.ordered_at, p.is_whole, p.amount)
), amounts AS MATERIALIZED (
    SELECT p.amount, p.is_order, count(*) AS n FROM placed AS p GROUP BY p.amount, p.is_order
), usual_amount AS MATERIALIZED (
    SELECT min(r.amount) AS p99
    FROM (SELECT a.amount, sum(a.n) OVER (ORDER BY a.amount) AS upto, sum(a.n) OVER () AS total
          FROM amounts AS a WHERE a.is_order AND a.amount > 0) AS r
    WHERE r.upto >= 0.99 * r.total
), sizes AS MATERIALIZED (
    SELECT coalesce(sum(a.n), 0)::bigint AS n,
        coalesce(sum(a.n) FILTER (WHERE a.is_order), 0)::bigint AS orders,
        coalesce(sum(a.n) FILTER (WHERE NOT a.is_order AND a.amount < 0), 0)::bigint AS refunds,
        coalesce(sum(a.n) FILTER (WHERE a.is_order AND a.amount = 0), 0)::bigint AS free,
        coalesce(sum(a.n) FILTER (WHERE a.is_order AND a.amount > 10 * u.p99), 0)::bigint AS outliers,
        trim_scale(max(u.p99)) AS p99,
        sum(a.n * a.amount) FILTER (WHERE a.is_order AND a.amount > 10 * u.p99)
            / nullif(sum(a.n * a.amount) FILTER (WHERE a.is_order AND a.amount > 0), 0) AS outlier_value
    FROM amounts AS a CROSS JOIN usual_amount AS u
), known AS MATERIALIZED (
    SELECT k.h, k.channel, CASE WHEN :has_text_customers THEN lower(btrim(:customer_text)) END AS plain_key, k.same_time, k.same_all, k.whole, lower(btrim(:customer_text)) = ANY ('{"", 0, -1, guest, unknown, anonymous, none, "null", n/a, na, test}'::text[]) AS is_placeholder, k.first_day, k.last_day, k.orders, k.days,
        k.first_day IS NOT NULL AND k.refunds > 0 AND :clv.clv_refunds(:clv.clv_at(k.h, k.first_day - 1)) > 0 AS gave_back_before
    FROM (
        SELECT c.h, c.customer_id, c.channel, c.same_time, c.same_all, c.whole,
            :clv.clv_first_purchase(c.h) AS first_day, :clv.clv_last_purchase(c.h) AS last_day,
            :clv.clv_orders(c.h) AS orders, :clv.clv_purchase_days(c.h) AS days, :clv.clv_refunds(c.h) AS refunds
        FROM (
            SELECT :clv.clv_history(q.amount, q.ordered_at, q.is_order) AS h, q.customer_id,
                :clv.clv_internal_first_order(q.channel COLLATE "default", q.ordered_at, q.number) FILTER (WHERE q.is_order) AS channel,
                count(*) FILTER (WHERE q.is_whole) AS whole,
                count(*) FILTER (WHERE q.is_whole AND q.at_before = q.ordered_at) AS same_time,
                count(*) FILTER (WHERE q.is_whole AND q.at_before = q.ordered_at AND q.amount_before = q.amount) AS same_all
            FROM marked AS q GROUP BY q.customer_id OFFSET 0
        ) AS c OFFSET 0
    ) AS k
), people AS MATERIALIZED (
    SELECT count(*) AS n,
        count(*) FILTER (WHERE k.first_day IS NULL) AS gave_back_only,
        count(*) FILTER (WHERE k.gave_back_before) AS gave_back_before,
        count(k.first_day) AS customers,
        count(*) FILTER (WHERE k.orders = 1) AS one_time,
        count(*) FILTER (WHERE k.days > 1) AS came_back,
        coalesce(sum(k.days), 0)::bigint AS days, coalesce(sum(k.whole), 0)::bigint AS whole,
        coalesce(sum(k.same_time), 0)::bigint AS same_time, coalesce(sum(k.same_all), 0)::bigint AS same_all,
        count(*) FILTER (WHERE k.first_day IS NOT NULL AND k.channel IS NULL) AS without_channel,
        coalesce(max(k.orders), 0) AS most_orders, coalesce(sum(k.orders) FILTER (WHERE k.is_placeholder), 0)::bigint AS placeholder_orders,
        coalesce(max(k.last_day) - min(k.first_day) + 1, 0)::bigint AS history_days,
        max(k.last_day) AS last_day, min(k.first_day) AS first_day,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY :clv.clv_mean_gap(k.h)) AS gap,
        -- a model takes no more than 15 digits
        :clv.clv_spend_dependence(k.h, :as_of) FILTER (WHERE abs(:clv.clv_repeat_value(k.h)) < 1e15) AS dependence,
        :clv.clv_regularity(k.h, :as_of) AS regularity,
        :clv.clv_rollup(k.h) AS h
    FROM known AS k
), spellings AS MATERIALIZED (
    SELECT coalesce(sum(s.n), 0)::bigint AS n
    FROM (
        SELECT count(*) AS n FROM known AS k WHERE :has_text_customers AND NOT k.is_placeholder GROUP BY k.plain_key HAVING count(*) > 1
    ) AS s
), merged AS MATERIALIZED (
    SELECT count(*) AS n
    FROM known AS k CROSS JOIN LATERAL :clv.clv_days(k.h) AS d
    WHERE k.orders > k.days AND d.orders > 1
), ties AS MATERIALIZED (
    SELECT coalesce(max(t.orders), 0)::bigint AS same_orders, coalesce(max(t.last), 0)::bigint AS same_last
    FROM (
        SELECT count(*) AS orders, NULL::bigint AS last FROM known AS k WHERE k.first_day IS NOT NULL GROUP BY k.orders
        UNION ALL
        SELECT NULL, count(*) FROM known AS k WHERE k.first_day IS NOT NULL GROUP BY k.last_day
    ) AS t
), equal_scores AS MATERIALIZED (
    :equal_scores
), tied AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE c.is_tied) AS n
    FROM (
        SELECT :clv.clv_internal_first_order_is_tied(r.channel COLLATE "default", r.ordered_at, :order_number) AS is_tied
        FROM :sound_rows AS r WHERE :has_channel AND r.paid >= 0 AND r.ordered_at < :as_of + 1
        GROUP BY r.customer_id
    ) AS c
), months AS MATERIALIZED (
    SELECT count(*) AS n, count(*) FILTER (WHERE m.orders IS NULL) AS empty,
        min(m.month) FILTER (WHERE m.orders IS NULL) AS first_empty
    FROM (
        SELECT g.month::date AS month, s.orders
        FROM people AS p
            CROSS JOIN LATERAL generate_series(date_trunc('month', p.first_day::timestamp), p.last_day::timestamp, '1 month') AS g (month)
            LEFT JOIN (
                SELECT date_trunc('month', d.day::timestamp) AS month, sum(d.orders) AS orders
                FROM people AS q CROSS JOIN LATERAL :clv.clv_days(q.h) AS d
                WHERE d.orders > 0 GROUP BY 1
            ) AS s ON s.month = g.month
    ) AS m
), currencies AS MATERIALIZED (
    SELECT sum(c.n)::bigint AS n, (sum(c.n) - max(c.n))::bigint AS others,
        array_agg(coalesce(c.currency, 'none') ORDER BY c.n DESC, c.currency) AS names
    FROM (SELECT nullif(upper(btrim(r.currency)), '') AS currency, count(*) AS n
          FROM :sound_rows AS r WHERE :has_currency AND r.source <> 'refunds' AND r.ordered_at < :as_of + 1 GROUP BY 1) AS c
), spend_read AS MATERIALIZED (
    SELECT count(*) AS n, count(*) FILTER (WHERE NOT isfinite(e.day) OR e.amount NOT BETWEEN -1e24 AND 1e24) AS out_of_range
    FROM :schema.adapter_spend AS e WHERE e.day <= :as_of
), spending AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE c.customers IS NULL) AS n, count(*) AS channels,
        sum(w.amount) FILTER (WHERE c.customers IS NULL) / sum(w.amount) AS share
    FROM (SELECT e.channel, sum(e.amount) AS amount FROM :schema.adapter_spend AS e
          WHERE e.day <= :as_of AND e.amount BETWEEN -1e24 AND 1e24 GROUP BY e.channel HAVING sum(e.amount) > 0) AS w
        LEFT JOIN (
            SELECT k.channel, count(*) AS customers FROM known AS k WHERE k.first_day IS NOT NULL GROUP BY k.channel
        ) AS c ON c.channel = w.channel OR (c.channel IS NULL AND w.channel IS NULL)
), answers AS MATERIALIZED (
    SELECT count(f.score) AS n, max(f.score) FILTER (WHERE f.score BETWEEN 0 AND 10) AS highest,
        count(*) FILTER (WHERE NOT f.score BETWEEN 0 AND 10 OR trunc(f.score) <> f.score) AS wrong
    FROM :schema.adapter_feedback AS f WHERE f.answered_at < :as_of + 1
), terms_read AS MATERIALIZED (
    SELECT count(*) AS n,
        count(*) FILTER (WHERE t.customer_id IS NOT DISTINCT FROM NULL OR t.amount IS NULL OR t.billing_interval IS NULL OR t.starts_on IS NULL) AS incomplete,
        count(*) FILTER (WHERE t.ends_on <= t.starts_on) AS without_day,
        count(*) FILTER (WHERE t.starts_on < t.plan_ends_on) AS overlapping,
        count(*) FILTER (WHERE t.starts_on > t.all_end_on AND t.starts_on <= t.all_end_on + 31 AND (:grace IS NULL OR t.starts_on > t.all_end_on + :grace)) AS gaps
    FROM (
        SELECT t.customer_id, t.amount, t.billing_interval, t.starts_on, t.ends_on,
            max(coalesce(t.ends_on, 'infinity')) OVER (PARTITION BY t.customer_id, t.plan, t.amount > 0 ORDER BY t.starts_on, t.ends_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS plan_ends_on,
            max(coalesce(t.ends_on, 'infinity')) OVER (PARTITION BY t.customer_id ORDER BY t.starts_on, t.ends_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS all_end_on
        FROM :schema.adapter_subscriptions AS t
        WHERE :as_of >= :today OR t.starts_on <= :as_of
    ) AS t
)
SELECT v.number, v.check_name, CASE WHEN n.needs IS NULL THEN v.severity ELSE 'not looked at' END AS severity,
    CASE WHEN n.needs IS NULL THEN v.count END AS count, CASE WHEN n.needs IS NULL THEN round(v.share, :rate) END AS share,
    coalesce(n.needs, v.finding) AS finding,
    CASE WHEN n.needs IS NULL AND v.severity <> 'ok' THEN v.advice END AS advice
FROM rows_read AS r CROSS JOIN orphans AS h CROSS JOIN repeated_refunds AS i CROSS JOIN repeats AS e CROSS JOIN order_numbers AS b CROSS JOIN adopted AS c CROSS JOIN sizes AS s CROSS JOIN people AS p
CROSS JOIN merged AS d CROSS JOIN spellings AS y CROSS JOIN tied AS l CROSS JOIN ties AS t CROSS JOIN months AS m CROSS JOIN currencies AS u CROSS JOIN :schema.model AS f
CROSS JOIN same_customers AS j CROSS JOIN given_back AS g CROSS JOIN given_twice AS k CROSS JOIN refund_signs AS o CROSS JOIN spending AS w CROSS JOIN spend_read AS z CROSS JOIN answers AS a CROSS JOIN terms_read AS tr LEFT JOIN equal_scores AS q ON true
CROSS JOIN LATERAL (
    SELECT :clv.clv_internal_view_count(r.n, 'row'::text) AS rows_said,
           :clv.clv_internal_view_count(s.orders, 'order'::text) AS orders_said,
           :clv.clv_internal_view_count(p.customers, 'customer'::text) AS customers_said,
           :clv.clv_internal_view_count(b.n, 'order number'::text) AS numbers_said,
           :clv.clv_internal_view_count(p.history_days, 'day'::text) || ' from the first order to the last' AS days_said,
           r.without_customer::numeric / nullif(r.n, 0) AS without_customer,
           r.without_time::numeric / nullif(r.n, 0) AS without_time,
           r.without_amount::numeric / nullif(r.n, 0) AS without_amount,
           r.out_of_range::numeric / nullif(r.n, 0) AS out_of_range,
           r.after_today::numeric / nullif(r.n, 0) AS after_today,
           s.refunds::numeric / nullif(s.n, 0) AS refunds,
           s.free::numeric / nullif(s.orders, 0) AS free,
           s.outliers::numeric / nullif(s.orders, 0) AS outliers,
           p.same_time::numeric / nullif(p.whole, 0) AS same_time,
           CASE WHEN :has_order_id THEN e.same_all::numeric / nullif(e.n, 0) ELSE p.same_all::numeric / nullif(p.whole, 0) END AS same_all,
           b.of_customers::numeric / nullif(b.n, 0) AS of_customers,
           b.of_days::numeric / nullif(b.n, 0) AS of_days,
           t.same_orders::numeric / nullif(p.customers, 0) AS same_orders,
           t.same_last::numeric / nullif(p.customers, 0) AS same_last,
           q.n::numeric / nullif(p.customers, 0) AS same_score,
           p.gave_back_only::numeric / nullif(p.n, 0) AS gave_back_only,
           p.gave_back_before::numeric / nullif(p.customers, 0) AS gave_back_before,
           p.one_time::numeric / nullif(p.customers, 0) AS one_time,
           p.without_channel::numeric / nullif(p.customers, 0) AS without_channel,
           p.came_back::numeric / nullif(p.customers, 0) AS came_back,
           p.most_orders::numeric / nullif(s.orders, 0) AS most_orders,
           d.n::numeric / nullif(p.days, 0) AS merged,
           m.empty::numeric / nullif(m.n, 0) AS empty_months,
           floor(p.history_days / nullif(p.gap, 0))::bigint AS gaps,
           (:as_of - p.last_day)::bigint AS silent,
           s.orders > 0 AND :clv.clv(p.h) < 0 AS is_negative,
           round((p.dependence).rank_correlation::numeric, 2) AS correlation,
           CASE WHEN s.orders = 0 THEN 0 WHEN :as_of < f.predicts_from THEN NULL
                ELSE (f.status NOT IN ('given', 'converged', 'rule'))::integer + (f.spend_status NOT IN ('given', 'converged'))::integer END::bigint AS unfitted
) AS x
CROSS JOIN LATERAL (VALUES
    (10, 'orders', CASE WHEN s.orders = 0 THEN 'error' ELSE 'ok' END,
     s.orders, NULL::numeric, format('%s of %s', x.orders_said, x.customers_said),
     'There are no orders to check. Check whether this is the right table and whether you may read its rows.'),
    (20, 'rows without a customer', CASE WHEN x.without_customer >= 0.2 THEN 'error' WHEN x.without_customer >= 0.01 THEN 'warning'
                                         WHEN r.without_customer > 0 THEN 'note' ELSE 'ok' END,
     r.without_customer, x.without_customer, format('%s of %s', r.without_customer, x.rows_said) || CASE WHEN r.lost_refunds > 0 THEN format(', %s of them refunds', r.lost_refunds) ELSE '' END,
     'They are left out everywhere: '
     || CASE WHEN r.lost_refunds < r.without_customer THEN 'revenue lacks what they bought. If they are guests, identify them by another key, such as the email address. ' ELSE '' END
     || CASE WHEN r.lost_refunds > 0 THEN 'Refunds without a customer make value too high: a view can give each the customer of its order' || CASE WHEN :has_order_id THEN '.' ELSE ', as order_id does if they have the number of that order.' END ELSE '' END),
    (22, 'merged customers', CASE WHEN j.several + j.in_circles > 0 THEN 'error' WHEN j.without_key > 0 THEN 'note' ELSE 'ok' END,
     j.several + j.in_circles + j.without_key, (j.several + j.in_circles + j.without_key)::numeric / nullif(j.n, 0),
     format('%s of keys: %s in circles, %s with a second new key, %s without a key', :clv.clv_internal_view_count(j.n, 'pair'::text), j.in_circles, j.several, j.without_key),
     'Customers who lead to a circle stay apart, of several new keys the smallest counts, and pairs without a key have no effect: see problem in adapter_same_customer.'),
    (25, 'refunds without the customer of their order', CASE WHEN h.n > 0 THEN 'error' ELSE 'ok' END,
     h.n, h.n::numeric / nullif(r.n, 0), format('%s of %s', h.n, x.rows_said),
     'They are left out, so value is too high: other rows of these orders have a customer. Run clv_create_views() again: it gives them that customer.'),
    (26, 'refunds of orders with several customers', CASE WHEN c.of_several > 0 THEN 'warning' ELSE 'ok' END,
     c.of_several, c.of_several::numeric / nullif(c.n, 0), format('%s of %s with the customer of their order', c.of_several, :clv.clv_internal_view_count(c.n, 'refund'::text)),
     'Each is a refund of one of these customers, the one with the smallest key, which may be the wrong one.'),
    (27, 'refunds of no known order', CASE WHEN r.unknown_refunds >= 0.1 * r.refunds_read AND r.unknown_refunds > 0 THEN 'error' WHEN r.unknown_refunds > 0 THEN 'warning' ELSE 'ok' END,
     r.unknown_refunds, r.unknown_refunds::numeric / nullif(r.refunds_read, 0), format('%s of %s', r.unknown_refunds, :clv.clv_internal_view_count(r.refunds_read, 'refund'::text)),
     'They are left out, so value is too high. Check that refunds_order_id and order_id are the same numbers.'),
    (28, 'refunds in two places', CASE WHEN k.same > 0 AND :has_order_id THEN 'error' WHEN k.n > 0 THEN 'warning' ELSE 'ok' END,
     k.n, NULL, format(CASE WHEN :has_order_id THEN 'orders with refunds in rows below 0 and elsewhere: %s, with the same amount: %s' ELSE 'customers with refunds of one amount in rows below 0 and elsewhere: %s' END, k.n, k.same),
     'If these are the same refunds, they count twice, so value is too low. Leave one of the two out: rows below 0 in a view, or refunds or refunded.'),
    (29, 'refunds of both signs', CASE WHEN o.above > 0 AND o.below > 0 THEN 'warning' ELSE 'ok' END,
     least(o.above, o.below), least(o.above, o.below)::numeric / nullif(o.above + o.below, 0), format('%s above 0, %s below 0', o.above, o.below),
     'Each lowers value, whatever its sign. If some are payments that were taken back, leave them out in a view, with the refunds that they undo.'),
    (30, 'rows without a time', CASE WHEN x.without_time >= 0.2 THEN 'error' WHEN x.without_time >= 0.01 THEN 'warning'
                                     WHEN r.without_time > 0 THEN 'note' ELSE 'ok' END,
     r.without_time, x.without_time, format('%s of %s', r.without_time, x.rows_said),
     'They are left out everywhere, which is right if these orders were never completed.'),
    (40, 'rows without an amount', CASE WHEN x.without_amount >= 0.2 THEN 'error' WHEN x.without_amount >= 0.01 THEN 'warning'
                                        WHEN r.without_amount > 0 THEN 'note' ELSE 'ok' END,
     r.without_amount, x.without_amount, format('%s of %s', r.without_amount, x.rows_said),
     'They are left out everywhere. If they are free orders, give them an amount of 0 in a view.'),
    (42, 'costs of rows', CASE WHEN r.without_cost >= 0.2 * r.bought AND r.without_cost > 0 THEN 'error' WHEN r.without_cost > 0 OR r.odd_cost >= 0.2 * r.bought AND r.odd_cost > 0 THEN 'warning'
                               WHEN r.odd_cost > 0 THEN 'note' ELSE 'ok' END,
     r.without_cost + r.odd_cost, (r.without_cost + r.odd_cost)::numeric / nullif(r.bought, 0),
     format('of %s: %s without a cost, %s with one below 0 or above the amount; refunds not counted', :clv.clv_internal_view_count(r.bought, 'row'::text), r.without_cost, r.odd_cost),
     'Without a cost the whole amount counts as profit: a view can give an estimate. Costs above the amount are sales at a loss, or are of the order instead of the line or unit.'),
    (45, 'rows left out by their status or amount', CASE WHEN r.left_out + g.n > 0 THEN 'note' ELSE 'ok' END,
     r.left_out + g.n, (r.left_out + g.n)::numeric / nullif(r.n, 0), format('%s of %s', r.left_out + g.n, x.rows_said),
     'They do not count because of their status, their amount of 0, or because the whole order was given back.'),
    (47, 'columns that are not used, and other notes', CASE WHEN :unused IS NULL THEN 'ok' ELSE 'warning' END,
     NULL, NULL, coalesce('not looked at since the views were made: ' || :unused, 'none when the views were made'),
     'All of it counts as it is: other currencies are added up, orders that were cancelled count. Say so with currency_column, status, refunded or their like, or leave rows out in a view.'),
    (50, 'rows out of range', CASE WHEN r.out_of_range > 0 THEN 'error' ELSE 'ok' END,
     r.out_of_range, x.out_of_range, format('%s of %s', r.out_of_range, x.rows_said),
     'An amount that is NaN, infinite, or has more than 24 digits or more than 30 decimals, or an infinite time, makes other views fail, or may do so once amounts are added up. Leave such rows out in a view; the checks below leave them out.'),
    (60, 'rows after today', CASE WHEN x.after_today >= 0.01 THEN 'warning'
                                  WHEN r.after_today > 0 THEN 'note' ELSE 'ok' END,
     r.after_today, x.after_today, format('%s of %s', r.after_today, x.rows_said),
     CASE WHEN :is_last_order THEN 'Today is the day of the last order: refunds that came later are not seen. Read the views as of a later day, NAME_as_of(day).'
          ELSE 'They count from their day on. They may be planned orders, or come from a wrong year or a wrong time zone.' END),
    (62, 'rows before 1990', CASE WHEN r.ancient > 0 THEN 'warning' ELSE 'ok' END,
     r.ancient, r.ancient::numeric / nullif(r.n, 0), format('%s of %s', r.ancient, x.rows_said),
     'Their times may have been read in a wrong format.'),
    (65, 'rows in another currency', CASE WHEN u.others > 0 OR u.names[1] <> upper(:currency) AND :currency ~ '^[A-Za-z]{3}$' THEN 'error' ELSE 'ok' END,
     coalesce(u.others, 0), u.others::numeric / nullif(u.n, 0),
     format('%s of %s%s', coalesce(u.others, 0), :clv.clv_internal_view_count(coalesce(u.n, 0), 'row'::text), ' are not in ' || u.names[1] || ': '
            || nullif(array_to_string(u.names[2:6], ', '), '') || CASE WHEN cardinality(u.names) > 6 THEN ', ...' ELSE '' END)
            || CASE WHEN u.names[1] <> upper(:currency) AND :currency ~ '^[A-Za-z]{3}$' THEN format('; the label is %s, and most rows are in %s', :currency, u.names[1]) ELSE '' END,
     'Amounts in several currencies are added up as if they were in one. Create a schema of views for each currency, over a view of its orders, or convert the amounts in a view.'),
    (70, 'refunds', CASE WHEN x.is_negative THEN 'error' WHEN x.refunds >= 0.3 THEN 'warning' WHEN x.refunds >= 0.1 THEN 'note'
                         WHEN s.refunds = 0 AND r.lost_refunds > 0 THEN 'warning' WHEN s.refunds = 0 AND s.orders >= 1000 THEN 'note' ELSE 'ok' END,
     s.refunds, x.refunds, format('%s of %s orders and refunds', s.refunds, s.n) || CASE WHEN x.is_negative THEN ', and more was given back than was bought' ELSE '' END,
     CASE WHEN x.is_negative THEN 'Check whether refunds are in another unit, such as cents, or recorded twice: in rows of the orders and in refunds or refunded.'
          WHEN s.refunds = 0 AND r.lost_refunds > 0 THEN format('The refunds are left out, since they have no customer: %s. Value is gross.', r.lost_refunds)
          WHEN s.refunds = 0 THEN 'It is unusual for this many orders to have no refund at all. If refunds are in another table or marked by a status column, value is gross.'
          ELSE 'Much is returned: judge by value, not by the number of orders.' END),
    (75, 'orders with the same refunded amount on several lines', CASE WHEN i.n > 0 THEN 'error' ELSE 'ok' END,
     i.n, NULL, :clv.clv_internal_view_count(i.n, 'order'::text),
     'It is subtracted once for each line. If it is what was given back of the whole order, keep it on one line in a view.'),
    (80, 'customers with refunds only', CASE WHEN x.gave_back_only >= 0.05 THEN 'warning' WHEN p.gave_back_only > 0 THEN 'note' ELSE 'ok' END,
     p.gave_back_only, x.gave_back_only, format('%s of %s', p.gave_back_only, p.n),
     'Their orders are missing: these are older than the table, or recorded under another customer. Without an order they do not count as customers.'),
    (90, 'customers with a refund before the first order', CASE WHEN x.gave_back_before >= 0.05 THEN 'warning' WHEN p.gave_back_before > 0 THEN 'note' ELSE 'ok' END,
     p.gave_back_before, x.gave_back_before, format('%s of %s', p.gave_back_before, x.customers_said),
     'They bought before the table begins, so they are not as new as they look. The same may hold for others in its first months.'),
    (100, 'orders with an amount of 0', CASE WHEN x.free >= 0.05 THEN 'warning' WHEN s.free > 0 THEN 'note' ELSE 'ok' END,
     s.free, x.free, format('%s of %s', s.free, x.orders_said),
     'They count as orders. If they are samples, trials or cancelled orders, give zero => ''ignore''.'),
    (110, 'several orders on one day', CASE WHEN x.merged >= 0.2 THEN 'warning' WHEN d.n > 0 THEN 'note' ELSE 'ok' END,
     d.n, x.merged, format('on %s of %s on which a customer bought', d.n, :clv.clv_internal_view_count(p.days, 'day'::text)),
     'Rhythm is measured in days, so these count as one purchase.' || CASE WHEN :has_order_id THEN '' ELSE ' If rows are lines of orders, give order_id.' END),
    (120, 'rows of the same customer and time', CASE WHEN x.same_time >= 0.01 AND NOT r.are_days THEN 'warning' WHEN p.same_time > 0 THEN 'note' ELSE 'ok' END,
     p.same_time, x.same_time, format('%s of %s, beyond the first%s', p.same_time, p.whole, CASE WHEN r.are_days THEN '; times are whole days' END),
     CASE WHEN :has_order_id THEN 'They are different orders: check that they were not loaded under two numbers.'
          ELSE 'They may be lines of one order, or orders that were loaded twice. For lines, give order_id.' END),
    (125, 'order numbers with several customers', CASE WHEN x.of_customers >= 0.01 THEN 'warning' WHEN b.of_customers > 0 THEN 'note' ELSE 'ok' END,
     b.of_customers, x.of_customers, format('%s of %s', b.of_customers, x.numbers_said),
     'Each customer gets an order of that number. Numbers may start again in each shop or year, or the customer may be the recipient.'),
    (127, 'order numbers with several days', CASE WHEN x.of_days >= 0.05 THEN 'warning' WHEN b.of_days > 0 THEN 'note' ELSE 'ok' END,
     b.of_days, x.of_days, format('%s of %s, refunds not counted', b.of_days, x.numbers_said),
     'An order stands on the day of its first line. Numbers that are used again would be one order.'),
    (130, CASE WHEN :has_order_id THEN 'rows of the same order, customer, time and amount' ELSE 'rows of the same customer, time and amount' END,
     CASE WHEN x.same_all >= CASE WHEN :has_order_id THEN 0.5 ELSE 0.4 END THEN 'error' WHEN x.same_all >= CASE WHEN :has_order_id THEN 0.1 ELSE 0.2 END THEN 'warning'
          WHEN x.same_all >= 0.05 AND NOT r.are_days AND NOT :has_order_id THEN 'error'
          WHEN x.same_all >= 0.001 AND NOT r.are_days AND NOT :has_order_id THEN 'warning'
          WHEN x.same_all > 0 THEN 'note' ELSE 'ok' END,
     CASE WHEN :has_order_id THEN e.same_all ELSE p.same_all END, x.same_all,
     format('%s of %s, beyond the first%s', CASE WHEN :has_order_id THEN e.same_all ELSE p.same_all END, CASE WHEN :has_order_id THEN e.n ELSE p.whole END, CASE WHEN r.are_days THEN '; times are whole days' END),
     CASE WHEN x.same_all >= 0.5 OR NOT :has_order_id THEN 'They are probably duplicates: a file that was loaded twice, or a join in the view that multiplies rows'
              || CASE WHEN :has_order_id THEN '; or each line has the total of its order.' ELSE '.' END
          ELSE 'They may be different products of the same price, or duplicates, or each line may have the total of its order: compare all columns of the table.' END),
    (140, 'very large orders', CASE WHEN s.outlier_value >= 0.05 THEN 'warning' WHEN s.outliers > 0 THEN 'note' ELSE 'ok' END,
     s.outliers, x.outliers, format('%s of %s%s', s.outliers, x.orders_said,
                                    ' above 10 times ' || s.p99 || ', the 99th percentile'
                                    || format('; %s %% of the value', coalesce(round(100 * s.outlier_value, 1), 0))),
     'They may be amounts in cents, test orders or wholesale. They dominate means and the model of spend: compare with medians.'),
    (150, 'orders of the busiest customer', CASE WHEN x.most_orders >= 0.05 AND p.most_orders > 50 * s.orders / nullif(p.customers, 0) OR x.most_orders >= 0.1 AND p.customers >= 20 THEN 'warning'
                                                 WHEN x.most_orders >= 0.01 AND p.most_orders > 50 * s.orders / nullif(p.customers, 0) THEN 'note' ELSE 'ok' END,
     p.most_orders, x.most_orders, format('%s of %s', p.most_orders, x.orders_said),
     'Check that this is a single customer. If the key stands for guests, a till or a reseller, leave it out.'),
    (155, 'orders whose customer is a placeholder, such as 0 or guest', CASE WHEN p.placeholder_orders >= 0.01 * s.orders AND p.placeholder_orders > 0 THEN 'error' WHEN p.placeholder_orders > 0 THEN 'warning' ELSE 'ok' END,
     p.placeholder_orders, p.placeholder_orders::numeric / nullif(s.orders, 0), format('%s of %s', p.placeholder_orders, x.orders_said),
     'Such a key stands for many people, who would be one very good customer. Make it NULL in a view, or take another column for the customer.'),
    (157, 'customers whose keys differ only in case or blanks', CASE WHEN y.n >= 0.01 * p.n AND y.n > 0 THEN 'warning' WHEN y.n > 0 THEN 'note' ELSE 'ok' END,
     y.n, y.n::numeric / nullif(p.n, 0), format('%s of %s', y.n, :clv.clv_internal_view_count(p.n, 'customer'::text)),
     'Each spelling is a customer of its own, who looks newer and less loyal. If they are the same, as email addresses are, give a view with lower(btrim(key)) as the customer.'),
    (160, 'customers with one order', CASE WHEN x.one_time >= 0.8 THEN 'warning' WHEN x.one_time >= 0.5 THEN 'note' ELSE 'ok' END,
     p.one_time, x.one_time, format('%s of %s', p.one_time, x.customers_said),
     'Mean gaps, and whatever else needs repeat purchases, describe only the other customers. If one person has several keys, this share is too high.'),
    (164, 'customers with the same number of orders', CASE WHEN p.customers < 20 THEN 'ok' WHEN x.same_orders >= 0.95 THEN 'warning' WHEN x.same_orders >= 0.8 THEN 'note' ELSE 'ok' END,
     t.same_orders, x.same_orders, format('%s of %s', t.same_orders, x.customers_said),
     'The score of the number of orders cannot tell these customers apart.'),
    (166, 'customers with the same last day', CASE WHEN p.customers < 20 THEN 'ok' WHEN x.same_last >= 0.5 THEN 'warning' WHEN x.same_last >= 0.2 THEN 'note' ELSE 'ok' END,
     t.same_last, x.same_last, format('%s of %s', t.same_last, x.customers_said),
     'The score of the last purchase cannot tell these customers apart. If all of them pay on one day, they are subscriptions.'),
    (168, 'customers with the same score', CASE WHEN p.customers < 20 THEN 'ok' WHEN x.same_score >= 0.95 THEN 'warning' WHEN x.same_score >= 0.8 THEN 'note' ELSE 'ok' END,
     q.n, x.same_score, CASE WHEN NOT :has_rfm_thresholds THEN 'customers are scored against each other' WHEN q.n IS NULL THEN 'no thresholds would tell more of them apart' ELSE format('%s of %s with score %s of %s', q.n, x.customers_said, q.score, q.part) END,
     'The thresholds do not tell these customers apart, and others would. Give other rfm_thresholds: clv_thresholds() gives those of scores with equally many customers.'),
    (170, 'days of history', CASE WHEN s.orders = 0 THEN 'ok' WHEN p.history_days < 90 THEN 'warning' WHEN p.history_days < 730 THEN 'note' ELSE 'ok' END,
     p.history_days, NULL, x.days_said,
     'With less than two years, no season has been seen twice; with less than one, the value of customers over a year is not known yet.'),
    (180, 'median gaps in the history', CASE WHEN s.orders = 0 THEN 'ok' WHEN coalesce(x.gaps, 0) < 3 THEN 'warning' WHEN x.gaps < 6 THEN 'note' ELSE 'ok' END,
     x.gaps, NULL, CASE WHEN p.gap IS NULL THEN 'no customer has come back' ELSE format('median gap of customers who came back: %s day%s', trim_scale(round(p.gap::numeric, 1)), CASE WHEN round(p.gap::numeric, 1) <> 1 THEN 's' END) END,
     'The history is short compared with the rhythm of these customers: those who will come back cannot be told from those who have left.'),
    (185, 'stage thresholds and rhythm', CASE WHEN :stage_measure = 'days' AND p.gap > (coalesce(:stage_thresholds, '{60, 120, 365}'))[1] THEN 'warning' ELSE 'ok' END,
     NULL, NULL, CASE WHEN :stage_measure <> 'days' THEN 'stages follow the rhythm' WHEN p.gap IS NULL THEN 'no customer has come back' ELSE format('in days: active up to %s, median gap %s', (coalesce(:stage_thresholds, '{60, 120, 365}'))[1], trim_scale(round(p.gap::numeric, 1))) END,
     'Customers with an ordinary gap are called cooling. Give longer stage_thresholds, or measure stages by rhythm.'),
    (190, 'customers who came back', CASE WHEN s.orders = 0 THEN 'ok' WHEN p.came_back < 100 THEN 'warning' WHEN p.came_back < 500 THEN 'note' ELSE 'ok' END,
     p.came_back, x.came_back, format('%s of %s; 100 are few, 500 are enough', p.came_back, x.customers_said),
     'A model learns from customers who bought on two or more days. With so few, it is a rough guess: look at its standard errors.'),
    (195, 'regular buyers', CASE WHEN f.model IN ('bgcnbd', 'mbgcnbd') THEN 'ok' WHEN (p.regularity).regularity - 2 * (p.regularity).standard_error >= 1.5 THEN 'note' ELSE 'ok' END,
     (p.regularity).customers, NULL, CASE WHEN (p.regularity).regularity IS NULL THEN 'unknown: no customer has bought on three days'
                                          ELSE format('k about %s, give or take %s, of %s; 1 is random', round((p.regularity).regularity::numeric, 1), round((2 * (p.regularity).standard_error)::numeric, 1), :clv.clv_internal_view_count((p.regularity).customers, 'customer'::text)) END,
     'Customers buy more regularly than at random, so P(alive) falls too late after they have left. Compare with a model of regular buyers: model => ''auto'', or ''mbgcnbd''.'),
    (200, 'spend correlates with frequency', CASE WHEN abs(x.correlation) >= 0.3 THEN 'warning' WHEN abs(x.correlation) >= 0.15 THEN 'note' ELSE 'ok' END,
     (p.dependence).customers, NULL, CASE WHEN x.correlation IS NULL THEN 'unknown with so few customers' ELSE format('rank correlation %s over %s', x.correlation, :clv.clv_internal_view_count((p.dependence).customers, 'customer'::text)) END,
     'The model of spend assumes that the two are independent: predicted value is off for the most and the least frequent customers. Fit it by segment.'),
    (205, 'models without a sound fit', CASE WHEN x.unfitted > 0 THEN 'warning' ELSE 'ok' END,
     x.unfitted, NULL, CASE WHEN x.unfitted IS NULL THEN 'fitted later, so there are no predictions as of that day'
                            ELSE format('when customers buy: %s; what they spend: %s', rtrim(f.status, '.'), rtrim(f.spend_status, '.')) END,
     'A fit that ended at a boundary or did not finish is a rough guess, without a fit predictions are NULL, and without a model of spend everybody spends the mean. The next check says what to do.'),
    (206, 'quality of the forecast', CASE WHEN f.forecast_quality = 'do not use' AND :as_of >= f.predicts_from THEN 'warning'
                                          WHEN f.forecast_quality <> 'good' AND :as_of >= f.predicts_from THEN 'note' ELSE 'ok' END,
     NULL, NULL, CASE WHEN s.orders = 0 THEN 'no orders' WHEN :as_of < f.predicts_from THEN 'fitted later, so there are no predictions as of that day'
                      ELSE coalesce(f.model || CASE WHEN f.season IS NULL THEN '' ELSE ' with season' END || ', ' || f.forecast_quality || ': ' || f.reason, 'no model') END,
     coalesce(f.advice, 'See the view model_quality.')),
    (210, 'months without an order', CASE WHEN m.empty > 0 THEN 'warning' ELSE 'ok' END,
     m.empty, x.empty_months, format('%s of %s from the first order to the last%s', m.empty, :clv.clv_internal_view_count(m.n, 'month'::text), ', the first in ' || to_char(m.first_empty, 'YYYY-MM')),
     'The shop may have been closed, or data may be missing. Retention, rhythm and warnings cannot tell a gap in the data from customers who stayed away.'),
    (220, 'days since the last order', CASE WHEN x.silent >= 31 THEN 'warning' WHEN x.silent >= 7 THEN 'note' ELSE 'ok' END,
     x.silent, NULL, coalesce('last order on ' || to_char(p.last_day, 'YYYY-MM-DD'), 'no order'),
     'All customers look more silent than they are. If the table is loaded late, read the views as of its last day: NAME_as_of(day).'),
    (230, 'customers without a channel', CASE WHEN x.without_channel >= 0.1 THEN 'warning' WHEN p.without_channel > 0 THEN 'note' ELSE 'ok' END,
     p.without_channel, x.without_channel, format('%s of %s', p.without_channel, x.customers_said),
     'The cost of channels is divided by too few customers, so channels look more expensive than they are.'),
    (235, 'customers with several first channels', CASE WHEN l.n >= 0.05 * p.customers AND l.n > 0 THEN 'warning' WHEN l.n > 0 THEN 'note' ELSE 'ok' END,
     l.n, l.n::numeric / nullif(p.customers, 0),
     CASE WHEN :has_order_id THEN format('%s of %s with a first order of several channels, or several first orders without a number', l.n, x.customers_said)
          ELSE format('%s of %s with first orders of the same time from several channels', l.n, x.customers_said) END,
     'The first channel by name is taken, which may be unfair to the others. Give times instead of days, ' || CASE WHEN :has_order_id THEN '' ELSE 'order_id if numbers go up, ' END || 'or the channel in a table of customers.'),
    (238, 'history and horizon of channels', CASE WHEN p.first_day + :horizon > p.last_day + 1 THEN 'warning' ELSE 'ok' END,
     NULL, NULL, format('%s, horizon %s', x.days_said, extract(days FROM (p.first_day + :horizon) - p.first_day::timestamp)),
     'No month is as old as the horizon, so that channels have no customers yet. Give a shorter horizon.'),
    (240, 'channels with spend and no customer', CASE WHEN w.n > 0 THEN 'warning' ELSE 'ok' END,
     w.n, w.share, format('%s of %s, %s %% of the spend', w.n, :clv.clv_internal_view_count(w.channels, 'channel'::text), coalesce(round(100 * w.share, 1), 0)),
     'Check that channels are spelled identically in both tables. If they are, the money acquired no customers.'),
    (245, 'rows of spend out of range', CASE WHEN z.out_of_range > 0 THEN 'error' ELSE 'ok' END,
     z.out_of_range, z.out_of_range::numeric / nullif(z.n, 0), format('%s of %s', z.out_of_range, :clv.clv_internal_view_count(z.n, 'row'::text)),
     'An amount that is NaN, infinite or has more than 24 digits, or an infinite time, makes the view "channels" fail. Leave such rows out in a view.'),
    (250, 'scores other than 0 to 10', CASE WHEN a.wrong > 0 THEN 'warning' ELSE 'ok' END,
     a.wrong, a.wrong::numeric / nullif(a.n, 0), format('%s of %s', a.wrong, :clv.clv_internal_view_count(a.n, 'answer'::text)),
     'The Net Promoter Score takes whole numbers from 0 to 10. These answers are left out of it.'),
    (260, 'highest score', CASE WHEN a.highest <= 5 AND a.n >= 20 THEN 'warning' ELSE 'ok' END,
     floor(a.highest)::bigint, NULL, CASE WHEN a.highest IS NULL THEN 'no answers' ELSE format('%s, of %s', trim_scale(a.highest), :clv.clv_internal_view_count(a.n, 'answer'::text)) END,
     'No score is above 5: stars or satisfaction from 1 to 5 do not answer the question of the Net Promoter Score.'),
    (270, 'terms without customer, price or days', CASE WHEN tr.incomplete > 0 THEN 'warning' ELSE 'ok' END,
     tr.incomplete, tr.incomplete::numeric / nullif(tr.n, 0), format('%s of %s', tr.incomplete, :clv.clv_internal_view_count(tr.n, 'term'::text)),
     'A term needs a customer, a price, a billing interval and a first day. These are left out of all views.'),
    (272, 'terms that end when they start', CASE WHEN tr.without_day > 0 THEN 'warning' ELSE 'ok' END,
     tr.without_day, tr.without_day::numeric / nullif(tr.n, 0), format('%s of %s', tr.without_day, :clv.clv_internal_view_count(tr.n, 'term'::text)),
     'These are left out of all views. If the end is the last day that is paid, all terms are a day too short: give a view that adds 1.'),
    (274, 'terms of one plan that overlap', CASE WHEN tr.overlapping > 0 THEN 'note' ELSE 'ok' END,
     tr.overlapping, tr.overlapping::numeric / nullif(tr.n, 0), format('%s of %s', tr.overlapping, :clv.clv_internal_view_count(tr.n, 'term'::text)),
     'Each counts as a subscription of its own. If a customer has only one, the older term should end when the newer one starts.'),
    (276, 'short gaps between terms', CASE WHEN tr.gaps > 0 THEN 'note' ELSE 'ok' END,
     tr.gaps, tr.gaps::numeric / nullif(tr.n, 0), format('%s of %s after a gap of 1 to 31 days', tr.gaps, :clv.clv_internal_view_count(tr.n, 'term'::text)),
     'Each is a customer who left and came back. If they only paid late, give grace, such as 7 days.')
) AS v (number, check_name, severity, count, share, finding, advice)
LEFT JOIN (VALUES
    (22, CASE WHEN NOT :has_same_customer THEN 'needs same_customer' END),
    (27, CASE WHEN NOT :has_refunds THEN 'needs refunds' END),
    (28, CASE WHEN NOT :says_refunds THEN 'needs refunds or refunded' END),
    (29, CASE WHEN NOT :says_refunds THEN 'needs refunds or refunded' END),
    (238, CASE WHEN NOT :has_channel THEN 'needs channel' END),
    (25, CASE WHEN NOT :has_order_id THEN 'needs order_id' END),
    (26, CASE WHEN NOT :has_order_id THEN 'needs order_id' END),
    (30, CASE WHEN :as_of < :today THEN 'not known as of a past day' END),
    (42, CASE WHEN NOT :has_cost THEN 'needs cost' END),
    (60, CASE WHEN :as_of < :today THEN 'not known as of a past day' END),
    (45, CASE WHEN NOT :has_status THEN 'needs status: orders that were cancelled count' END),
    (65, CASE WHEN NOT :has_currency THEN 'needs currency_column' END),
    (125, CASE WHEN NOT :has_order_id THEN 'needs order_id' END),
    (127, CASE WHEN NOT :has_order_id THEN 'needs order_id' END),
    (205, CASE WHEN NOT :has_model THEN 'needs a model' END),
    (206, CASE WHEN NOT :has_model THEN 'needs a model' END),
    (235, CASE WHEN NOT :has_channel THEN 'needs channel' END),
    (230, CASE WHEN NOT :has_channel THEN 'needs channel' END),
    (240, CASE WHEN NOT :has_spend THEN 'needs spend' END),
    (245, CASE WHEN NOT :has_spend THEN 'needs spend' END),
    (250, CASE WHEN NOT :has_feedback THEN 'needs feedback' END),
    (260, CASE WHEN NOT :has_feedback THEN 'needs feedback' END),
    (270, CASE WHEN NOT :has_subscriptions THEN 'needs subscriptions' END),
    (272, CASE WHEN NOT :has_subscriptions THEN 'needs subscriptions' END),
    (274, CASE WHEN NOT :has_subscriptions THEN 'needs subscriptions' END),
    (276, CASE WHEN NOT :has_subscriptions THEN 'needs subscriptions' END)
) AS n (number, needs) ON n.number = v.number
WHERE :as_of IS NOT NULL
ORDER BY array_position('{error, warning, note, not looked at, ok}'::text[], CASE WHEN n.needs IS NULL THEN v.severity ELSE 'not looked at' END), v.number
