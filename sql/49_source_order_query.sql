-- The query that makes histories of the rows of a table of orders: see
-- src/source/order_query.c.
CREATE FUNCTION clv_internal_order_query(order_rows text, customer text, ordered_at text, amount text, is_order text,
        tells_is_order boolean, kept text, order_id text, number text, kept_lines text, counts text, kept_orders text,
        channel text, also text) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_order_query(text, text, text, text, text, boolean, text, text, text, text, text, text, text, text) IS
    'support of clv_create_views: the query of orders or histories over rows, of its parts in SQL';
