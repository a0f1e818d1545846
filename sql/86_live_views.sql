-- Live views: what is kept in tables, and how the queue is read through.

-- The query of "queued_histories": each customer of the queue, by the index.
CREATE FUNCTION clv_internal_live_queued_query(shop jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- the idle WITH keeps the inner query apart, so that the customer reaches the orders
    RETURN format($query$SELECT q.customer_id, h.history, h.channel
FROM (SELECT DISTINCT p.customer_id FROM %1$I.queue AS p WHERE p.customer_id IS DISTINCT FROM NULL) AS q
CROSS JOIN LATERAL (
    WITH evaluated_once AS (SELECT 1)
    SELECT f.history, f.channel FROM %1$I.fresh_histories AS f WHERE f.customer_id %2$s q.customer_id
) AS h$query$, shop ->> 'schema', shop ->> 'equals');
END
$function$;
COMMENT ON FUNCTION clv_internal_live_queued_query(jsonb) IS
    'support of clv_create_views: the query of the histories of customers in the queue';

-- The query of "upkeep".
CREATE FUNCTION clv_internal_live_upkeep_query(view_schema name) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format($query$SELECT k.as_of, k.refreshed_at, q.queued, q.queued_customers, q.queued_since, q.unknown_changes, c.last_change,
    CASE WHEN s.acknowledged IS NOT NULL THEN (SELECT count(*) FROM %1$I.changes AS b WHERE b.id > s.acknowledged) END AS behind,
    (SELECT sum(pg_total_relation_size(r.oid))::bigint FROM pg_class AS r JOIN pg_namespace AS n ON n.oid = r.relnamespace WHERE n.nspname = %1$L AND r.relkind = 'r' AND r.relname LIKE 'kept\_%%') AS kept_bytes,
    pg_total_relation_size(%2$L::regclass) AS queue_bytes
FROM (SELECT count(*) AS queued, count(DISTINCT p.customer_id) AS queued_customers, min(p.queued_at) AS queued_since, count(*) FILTER (WHERE p.customer_id IS NOT DISTINCT FROM NULL) AS unknown_changes FROM %1$I.queue AS p) AS q
    CROSS JOIN (SELECT max(b.id) AS last_change FROM %1$I.changes AS b) AS c
    CROSS JOIN (SELECT min(a.acknowledged) AS acknowledged FROM %1$I.consumers AS a) AS s
    LEFT JOIN %1$I.kept_thresholds AS k ON true$query$, view_schema, format('%I.queue', view_schema));
END
$function$;
COMMENT ON FUNCTION clv_internal_live_upkeep_query(name) IS
    'support of clv_create_views: the query of the view "upkeep"';

-- Makes a table for live views, or keeps that of an earlier run.  "selected" is
-- a list of columns of kept_histories k.
CREATE FUNCTION clv_internal_live_table(view_schema name, table_name text, selected text, changes text[], about text, columns text[]) RETURNS oid
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    mark CONSTANT text := ' (made by clv_create_views)';
    table_id CONSTANT text := format('%I.%I', view_schema, table_name);
    comment text;
    change text;
BEGIN
    SELECT coalesce(obj_description(t.typrelid, 'pg_class'), '') INTO comment
    FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
    WHERE n.nspname = view_schema AND t.typname = table_name;
    IF comment NOT LIKE '%' || mark THEN
        PERFORM @extschema@.clv_internal_view_refuse(false, table_id);
    ELSIF comment IS NULL THEN
        EXECUTE format('CREATE TABLE %s AS SELECT %s FROM %I.kept_histories AS k WITH NO DATA', table_id, selected, view_schema);
        FOREACH change IN ARRAY changes LOOP
            EXECUTE format(change, table_id);
        END LOOP;
        EXECUTE format('COMMENT ON TABLE %s IS %L', table_id, about || mark);
        PERFORM @extschema@.clv_internal_view_comment(table_id::regclass, columns);
        PERFORM @extschema@.clv_internal_view_revoke(table_id::regclass, false);
    END IF;
    RETURN table_id::regclass::oid;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_table(name, text, text, text[], text, text[]) IS
    'support of clv_create_views: makes a table for live views';

-- Makes the tables of live views that no view fills.
CREATE FUNCTION clv_internal_live_tables(view_schema name) RETURNS TABLE (id oid, name text, about text)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE ROWS 4
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN QUERY
        SELECT @extschema@.clv_internal_live_table(view_schema, v.name, v.selected, v.changes, v.about, v.columns::text[]), v.name, v.about
        FROM (VALUES
            (1, 'queue', 'k.customer_id',
             ARRAY['ALTER TABLE %s ADD COLUMN queued_at timestamptz NOT NULL DEFAULT now(), SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)',
                   -- long keys are in a hash index as numbers
                   format('CREATE INDEX ON %%s USING %s (customer_id)', CASE WHEN @extschema@.clv_internal_view_type(format('%I.kept_histories', view_schema)::regclass, 'customer_id'::name) = ANY ('{text, varchar, uuid}'::regtype[]) THEN 'hash' ELSE 'btree' END)],
             'customers to be read again, because rows of theirs were written since the last refresh',
             '{customer_id: customer; NULL: a change whose customers are not known, queued_at: start of the transaction that wrote}'),
            (2, 'kept_thresholds', 'NULL::date AS as_of, NULL::timestamptz AS refreshed_at, NULL::date[] AS last_days, NULL::bigint[] AS orders, NULL::numeric[] AS amounts, NULL::numeric AS high_from, NULL::numeric AS medium_from, NULL::date AS model_fitted_to, NULL::date AS changed_from, NULL::text AS definitions',
             '{}'::text[],
             'thresholds by which new scores and tiers are judged until the next daily refresh',
             '{as_of: day of the refresh, refreshed_at: its time, last_days: thresholds of the last purchase day; NULL with rfm_thresholds, orders: thresholds of the number of orders, '
             'amounts: thresholds of the value, high_from: lowest value in the highest tier, medium_from: lowest value in the tier below, model_fitted_to: last day included in the fit of the model, changed_from: first day whose orders have changed since the day of the refresh; NULL: none has, definitions: digest of the settings by which customers were judged}'),
            (3, 'changes', 'NULL::bigint AS id, NULL::timestamptz AS at, k.customer_id, NULL::text AS kind, NULL::text AS old_value, NULL::text AS new_value, '
             'NULL::numeric AS value, NULL::numeric AS expected_value, NULL::date AS as_of, NULL::jsonb AS payload',
             ARRAY['ALTER TABLE %s ALTER id SET NOT NULL, ALTER at SET NOT NULL, ALTER customer_id SET NOT NULL, ALTER kind SET NOT NULL, ALTER as_of SET NOT NULL, ALTER payload SET NOT NULL',
                   'ALTER TABLE %s ALTER id ADD GENERATED ALWAYS AS IDENTITY, ADD PRIMARY KEY (id), ADD UNIQUE (customer_id, kind, at)'],
             'changes of customers, as refreshes found them',
             '{id: number of the change; later changes have larger ones, at: time of the refresh, customer_id: customer, kind: what has changed, old_value: before the change; NULL: new customer, '
             'new_value: after it; NULL: the customer has no rows any longer, value: gross less refunds after the change, expected_value: expected value in the next 12 months, as_of: day as of which the customer was judged, payload: all of the above as JSON}'),
            (4, 'consumers', 'NULL::text AS consumer, NULL::bigint AS acknowledged, NULL::timestamptz AS acknowledged_at',
             ARRAY['ALTER TABLE %s ADD PRIMARY KEY (consumer), ALTER acknowledged SET NOT NULL'],
             'how far consumers have read changes',
             '{consumer: name of the consumer, acknowledged: id of the last change that it has dealt with, acknowledged_at: when it said so}')
            ) AS v (place, name, selected, changes, about, columns)
        ORDER BY v.place;
    -- the next refresh is the first one: it reads everything
    EXECUTE format('UPDATE %I.kept_thresholds SET as_of = NULL', view_schema);
END
$function$;
COMMENT ON FUNCTION clv_internal_live_tables(name) IS
    'support of clv_create_views: makes the tables of live views that no view fills';

-- What stands in customers in the place of ranks and costs for those in the
-- queue: scores and tiers by the kept thresholds, ranks and costs as they were.
-- OFFSET keeps look-ups by the index, whatever is guessed of the queue's length.
CREATE FUNCTION clv_internal_live_fragments() RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN jsonb_build_object(
        'all_histories', ':schema.queued_histories',
        'ranks_as_of', '(SELECT c.as_of FROM :schema.kept_thresholds AS c)',
        'costs', 'SELECT p.customer_id, p.cac AS spend, 1::numeric AS customers FROM :schema.kept_customers AS p WHERE p.customer_id :equals b.customer_id AND p.cac IS NOT NULL OFFSET 0',
        'ranks', $$
    SELECT b.again AS customer_id, CAST(ROW(
        CASE WHEN (b.profile).last_purchase IS NOT NULL
             THEN 100 * :clv.clv_internal_score_at_date((b.profile).last_purchase, c.last_days) + 10 * :clv.clv_internal_score_at_bigint((b.profile).orders, c.orders) + :clv.clv_internal_score_at_numeric((b.profile).value, c.amounts) END,
        CASE WHEN (b.profile).last_purchase IS NULL THEN NULL WHEN (b.profile).value >= c.high_from THEN 'high' WHEN (b.profile).value >= c.medium_from THEN 'medium' ELSE 'low' END,
        p.value_rank, p.value_share) AS :clv.clv_internal_view_rank) AS ranks
    FROM :schema.kept_thresholds AS c
        LEFT JOIN LATERAL (SELECT k.value_rank, k.value_share FROM :schema.kept_customers AS k WHERE k.customer_id :equals b.customer_id OFFSET 0) AS p ON true
$$);
END
$function$;
COMMENT ON FUNCTION clv_internal_live_fragments() IS
    'support of clv_create_views: parts of queries over customers in the queue';

-- Makes what a view is kept with: the view "fresh_NAME" that a refresh reads, and
-- the table "kept_NAME"; for customers also those in the queue.
CREATE FUNCTION clv_internal_live_write(view_schema name, is_owner boolean, view_name text, view_query text, about text, columns text[], fragments jsonb, variables jsonb)
    RETURNS TABLE (id oid, name text, kind text, said text)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE ROWS 2
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    of_kept CONSTANT jsonb := '{"all_histories": ":schema.kept_histories", "customers": ":schema.kept_customers"}';
    of_taken CONSTANT jsonb := jsonb_build_object('all_histories', $$(
        SELECT h.customer_id, h.history, h.channel FROM (SELECT DISTINCT q.customer_id FROM :schema.queue AS q WHERE q.queued_at = '-infinity'::timestamptz) AS t
            CROSS JOIN LATERAL (SELECT k.customer_id, k.history, k.channel FROM :schema.kept_histories AS k WHERE k.customer_id :equals t.customer_id OFFSET 0) AS h
    )$$);
    kept_variables CONSTANT jsonb := variables || jsonb_build_object('histories', format('%L::regclass', format('%I.kept_histories', view_schema)));
BEGIN
    name := 'fresh_' || view_name; kind := 'view'; said := format('what clv_refresh_views() updates kept_%s to', view_name);
    id := @extschema@.clv_internal_view_make(view_schema, name, @extschema@.clv_internal_view_fill(view_query, fragments || of_kept, kept_variables), said, columns, is_owner);
    RETURN NEXT;
    name := 'kept_' || view_name; kind := 'table'; said := format('the view %I as of the last refresh', view_name);
    id := @extschema@.clv_internal_view_keep(view_schema, view_name, said, columns, is_owner);
    RETURN NEXT;
    IF view_name = 'customers' THEN
        IF NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = id AND a.attname = 'due_on') THEN
            -- the daily refresh writes every row anew: in its own page, so that the index stays as it is
            EXECUTE format('ALTER TABLE %s ADD COLUMN due_on date, SET (fillfactor = 45)', id::regclass);
        END IF;
        EXECUTE format('COMMENT ON COLUMN %s.due_on IS %L', id::regclass, 'day by which the next purchase was expected after the last one');
        name := 'queued_customers'; kind := 'view'; said := 'customers in the queue, judged by the kept thresholds';
        id := @extschema@.clv_internal_view_make_adapter(view_schema, name, @extschema@.clv_internal_view_fill(view_query, fragments || @extschema@.clv_internal_live_fragments(), variables), said, columns, is_owner);
        RETURN NEXT;
        -- nobody but a refresh sees the keys that it has put into the queue and not yet taken out
        name := 'taken_customers'; said := 'customers whom a refresh has just read again, judged by the kept thresholds';
        id := @extschema@.clv_internal_view_make(view_schema, name, @extschema@.clv_internal_view_fill(view_query, fragments || @extschema@.clv_internal_live_fragments() || of_taken, variables), said, columns, is_owner);
        RETURN NEXT;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_write(name, boolean, text, text, text, text[], jsonb, jsonb) IS
    'support of clv_create_views: makes what a view is kept with';
