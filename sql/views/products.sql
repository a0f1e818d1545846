-- products: one row per product: how much more often the best customers buy it
-- needs items
--
--   label: name of the product for display: its own, or unknown
--   product: product; null for lines that have none
--   currency: currency of all money; NULL if none was given
--   customers: customers who bought it
--   top_customers: of these, customers in the highest tier: by default the fifth with the highest value
--   rest_customers: of these, all others
--   top_share: share of customers in the highest tier who bought it
--   rest_share: share of all other customers who bought it
--   lift: share of its buyers who are in the highest tier, divided by that of all customers; 1 means no difference
--   lift_low: lower end of the 95 % interval of the lift; sort by it
--   lift_high: upper end of that interval
--   orders: orders with a purchase of it
--   value: money: purchases less returns of it
--   lines_without_customer: lines without a customer, not counted in any other column
SELECT coalesce(p.product, 'unknown') AS label, p.product, :currency AS currency, p.customers, p.top_customers, p.rest_customers,
    p.top_share, p.rest_share, p.lift, p.lift_low, p.lift_high, p.orders, p.value, p.lines_without_customer
FROM :clv.clv_products(:items_table, 'customer_id'::name, 'ordered_at'::name, 'amount'::name, 'product'::name,
    top_tier => coalesce((:tier_cuts)[1], 0.2), confidence => 0.95::double precision, as_of => :as_of,
    time_zone => NULL::text, order_id => :items_order_id) AS p
WHERE :as_of IS NOT NULL
