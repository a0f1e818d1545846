-- histories: one row per customer: all orders as one value, a clv_history
--
--   customer_id: customer, as in the orders
--   history: orders, gross and refunds by day, as a clv_history
--   channel: channel of the first order; NULL if no channel was given
SELECT k.customer_id, k.history, k.channel FROM :known AS k
