-- products: one row per product: how much more often the best customers buy it
-- needs items
--
--   label: name of the product for display: its own, or unknown
--   product: product; null for lines that have none
--   currency: currency of all money; NULL if none was given
--   customers: customers with an order who bought it
--   top_customers: of these, customers in the tier "high" of the view "tiers"
--   rest_customers: of these, all others
--   top_share: share of all customers in that tier who bought it
--   rest_share: share of all other customers who bought it
--   lift: share of its buyers who are in the highest tier, divided by that of all customers; 1 means no difference
--   lift_low: lower end of the 95 % interval of the lift; sort by it
--   lift_high: upper end of that interval
--   orders: orders with a purchase of it
--   value: money: gross of its lines less what was returned
--   lines_without_customer: lines without a customer, not counted in any other column
--
-- Customers and tiers are those of the orders, whatever the items say of their value.
SELECT coalesce(p.product, 'unknown') AS label, p.product, :currency AS currency, p.customers, p.top_customers, p.rest_customers,
    round(p.top_share, :rate) AS top_share, round(p.rest_share, :rate) AS rest_share, round(p.lift, :factor) AS lift,
    round(p.lift_low, :factor) AS lift_low, round(p.lift_high, :factor) AS lift_high, p.orders, :clv.clv_internal_view_pad(trim_scale(p.value), greatest(:amounts, max(min_scale(p.value)) OVER ())) AS value, p.lines_without_customer
FROM :clv.clv_internal_products(:items_table, 'customer_id'::name, 'ordered_at'::name, 'amount'::name, 'product'::name,
    histories => :histories, tier_thresholds => :tier_thresholds, as_of => :as_of, level => 0.95::double precision,
    time_zone => NULL::text, order_id => :items_order_id) AS p
WHERE :as_of IS NOT NULL
