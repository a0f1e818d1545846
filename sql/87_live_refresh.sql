-- The refresh of live views: folds the queue, judges who has changed, and once a
-- day everybody.

-- The first day on which two histories differ.
CREATE FUNCTION clv_internal_first_difference(history clv_history, other clv_history) RETURNS date
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_first_difference(clv_history, clv_history) IS
    'support of clv_refresh_views: the first day on which two histories differ';

-- Columns of a relation as a list, each with a prefix.
CREATE FUNCTION clv_internal_live_columns(relation regclass, prefix text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (SELECT string_agg(prefix || quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped);
END
$function$;
COMMENT ON FUNCTION clv_internal_live_columns(regclass, text) IS
    'support of clv_refresh_views: columns of a relation, in SQL';

-- The parts of a statement that take the queue and fold it into the histories.
-- All parts of one statement see the same rows, so that exactly the customers
-- are taken that are read; what is written meanwhile stays in the queue.  The
-- thresholds remember the first day that has changed: months that were over by
-- then are judged again by the next daily refresh.
CREATE FUNCTION clv_internal_live_take_query(view_schema name, equals text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN format($query$keys AS MATERIALIZED (
    SELECT DISTINCT q.customer_id FROM %1$I.queue AS q WHERE q.customer_id IS DISTINCT FROM NULL
), taken AS (
    -- a change whose customers are not known is for a refresh that reads everything
    DELETE FROM %1$I.queue AS q WHERE q.customer_id IS DISTINCT FROM NULL
), read_again AS MATERIALIZED (
    SELECT q.customer_id, q.history, q.channel FROM %1$I.queued_histories AS q
), folded AS (
    INSERT INTO %1$I.kept_histories AS k (customer_id, history, channel) SELECT r.customer_id, r.history, r.channel FROM read_again AS r
    ON CONFLICT (customer_id) DO UPDATE SET history = excluded.history, channel = excluded.channel
    WHERE k.history OPERATOR(%2$s.<>) excluded.history OR k.channel IS DISTINCT FROM excluded.channel
), vanished AS MATERIALIZED (
    SELECT p.place, p.history FROM keys CROSS JOIN LATERAL (SELECT h.ctid AS place, h.history FROM %1$I.kept_histories AS h WHERE h.customer_id %3$s keys.customer_id OFFSET 0) AS p
    WHERE NOT EXISTS (SELECT FROM read_again AS r WHERE r.customer_id %3$s keys.customer_id)
), changed AS MATERIALIZED (
    SELECT min(d.day) AS day FROM (
        SELECT %2$s.clv_internal_first_difference(b.history, r.history) AS day
        FROM read_again AS r LEFT JOIN LATERAL (SELECT h.history FROM %1$I.kept_histories AS h WHERE h.customer_id %3$s r.customer_id OFFSET 0) AS b ON true
        UNION ALL
        SELECT %2$s.clv_internal_first_difference(v.history, NULL::%2$s.clv_history) FROM vanished AS v
    ) AS d
), remembered AS (
    UPDATE %1$I.kept_thresholds AS c SET changed_from = d.day FROM changed AS d WHERE d.day < coalesce(c.changed_from, 'infinity'::date)
), emptied AS (
    DELETE FROM %1$I.kept_histories AS k
    WHERE k.ctid = ANY (ARRAY(SELECT v.place FROM vanished AS v))
)$query$, view_schema, $schema$@extschema@$schema$, equals);
END
$function$;
COMMENT ON FUNCTION clv_internal_live_take_query(name, text) IS
    'support of clv_refresh_views: folds the queue into the histories, in SQL';

-- The parts of a statement that compare the customers of "fresh" with those that
-- are kept of them ("before": a table, or a part of the statement), and write what
-- has changed, of kinds "e" and customers "m" for whom "told" is true.  Everybody
-- is written by a join, and the few of the queue by the index.
CREATE FUNCTION clv_internal_live_judge_query(view_schema name, equals text, fresh text, before text, at timestamptz, thresholds numeric[], told text, is_everybody boolean) RETURNS text
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    kept CONSTANT regclass := format('%I.kept_customers', view_schema)::regclass;
    fresh_customers CONSTANT regclass := format('%I.fresh_customers', view_schema)::regclass;
    customer_text CONSTANT text := @extschema@.clv_internal_view_text('m'::text, 'customer_id'::text, @extschema@.clv_internal_view_type(kept, 'customer_id'::name));
    columns CONSTANT text := @extschema@.clv_internal_live_columns(fresh_customers, ''::text);
    clauses CONSTANT text := (SELECT string_agg(format('%1$I = %%1$s.%1$I', a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
                              WHERE a.attrelid = fresh_customers AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'customer_id');
    steps CONSTANT text := (SELECT format('%L::numeric[]', array_agg(DISTINCT t ORDER BY t)) FROM unnest(thresholds) AS t);
BEGIN
    RETURN format($query$compared AS MATERIALIZED (
    SELECT f.*, b.customer_id IS NOT DISTINCT FROM NULL AS is_new, b.segment AS old_segment, b.tier AS old_tier, b.stage AS old_stage, b.warning AS old_warning,
        b.first_purchase AS old_first, b.last_purchase AS old_last, b.due_on AS old_due_on, b.as_of AS old_as_of, b.value AS old_worth
    FROM %4$s AS f LEFT JOIN %5$s AS b ON b.customer_id %2$s f.customer_id
), told AS MATERIALIZED (
    -- nearly nobody has changed on a day
    SELECT c.* FROM compared AS c
    WHERE c.is_new OR c.old_segment IS DISTINCT FROM c.segment OR c.old_tier IS DISTINCT FROM c.tier OR c.old_stage IS DISTINCT FROM c.stage OR c.old_warning IS DISTINCT FROM c.warning
        OR c.old_first IS DISTINCT FROM c.first_purchase OR c.old_last IS DISTINCT FROM c.last_purchase OR c.old_due_on < c.as_of AND c.old_due_on >= c.old_as_of
        OR width_bucket(c.old_worth, %3$s) IS DISTINCT FROM width_bucket(c.value, %3$s)
), judged AS (
    INSERT INTO %1$I.kept_customers AS k (%9$s, due_on)
    SELECT %10$s, c.next_purchase FROM %14$s AS c WHERE c.is_new OR %11$L::boolean
    ON CONFLICT (customer_id) DO UPDATE SET %12$s, due_on = CASE WHEN k.last_purchase = excluded.last_purchase THEN k.due_on ELSE excluded.due_on END
    RETURNING (k.xmax = 0) AS is_new
), judged_again AS (
    UPDATE %1$I.kept_customers AS k SET %13$s, due_on = CASE WHEN c.old_last = c.last_purchase THEN c.old_due_on ELSE c.next_purchase END
    FROM compared AS c WHERE k.customer_id %2$s c.customer_id AND NOT c.is_new AND NOT %11$L::boolean
    RETURNING 1
), gone AS (
    SELECT b.* FROM %5$s AS b
    -- mostly nobody is, and counting is cheaper than looking for each of them, but not by an index of rows that were just written
    WHERE (SELECT count(*) FROM judged AS j WHERE NOT j.is_new) + (SELECT count(*) FROM judged_again) < (SELECT count(a.as_of) FROM %5$s AS a)
        AND NOT EXISTS (SELECT FROM compared AS f WHERE f.customer_id %2$s b.customer_id)
), moved AS (
    SELECT c.customer_id, c.old_segment, c.segment, c.old_tier, c.tier, c.old_stage, c.stage, c.old_warning, c.warning, c.old_first, c.first_purchase AS first, c.old_last, c.last_purchase AS last,
        c.old_due_on, c.old_as_of, c.as_of, c.old_worth, c.value, c.expected_value_12m
    FROM told AS c
    UNION ALL
    SELECT b.customer_id, b.segment, NULL, b.tier, NULL, b.stage, NULL, b.warning, NULL, b.first_purchase, NULL, b.last_purchase, NULL,
        b.due_on, b.as_of, (SELECT t.day FROM %1$I.adapter_today AS t), b.value, NULL, NULL
    FROM gone AS b
), said AS (
    INSERT INTO %1$I.changes AS c (at, customer_id, kind, old_value, new_value, value, expected_value, as_of, payload)
    SELECT %6$L::timestamptz, m.customer_id, e.kind, e.old_value, e.new_value, m.value, m.expected_value_12m, m.as_of,
        jsonb_build_object('customer_id', %7$s, 'kind', e.kind, 'old_value', e.old_value, 'new_value', e.new_value, 'value', m.value, 'expected_value', m.expected_value_12m, 'as_of', m.as_of)
    FROM (SELECT n.*, (%3$s)[width_bucket(n.old_worth, %3$s)] AS old_reached, (%3$s)[width_bucket(n.value, %3$s)] AS reached FROM moved AS n) AS m CROSS JOIN LATERAL (VALUES
        ('segment', m.old_segment, m.segment, m.old_segment IS DISTINCT FROM m.segment),
        ('tier', m.old_tier, m.tier, m.old_tier IS DISTINCT FROM m.tier),
        ('stage', m.old_stage, m.stage, m.old_stage IS DISTINCT FROM m.stage),
        ('warning', m.old_warning, m.warning, m.old_warning IS DISTINCT FROM m.warning),
        ('first purchase', NULL, m.first::text, m.old_first IS NULL AND m.first IS NOT NULL),
        ('reactivated', m.old_last::text, m.last::text, m.old_stage = ANY ('{silent, lapsed}'::text[]) AND m.last > m.old_last),
        ('value', m.old_reached::text, m.reached::text, m.old_reached IS DISTINCT FROM m.reached),
        ('purchase missed', m.old_due_on::text, NULL, m.old_due_on < m.as_of AND m.old_due_on >= m.old_as_of AND m.last = m.old_last)
        ) AS e (kind, old_value, new_value, is_change)
    WHERE e.is_change AND %8$s
    RETURNING c.id
), dropped AS (
    DELETE FROM %1$I.kept_customers AS k
    WHERE k.ctid = ANY (ARRAY(SELECT p.place FROM gone AS v CROSS JOIN LATERAL (SELECT h.ctid AS place FROM %1$I.kept_customers AS h WHERE h.customer_id %2$s v.customer_id OFFSET 0) AS p))
    RETURNING 1
)
SELECT (SELECT count(*) FROM judged AS j WHERE j.is_new) AS inserted, (SELECT count(*) FROM judged AS j WHERE NOT j.is_new) + (SELECT count(*) FROM judged_again) AS updated, (SELECT count(*) FROM dropped) AS deleted,
    (SELECT count(*) FROM said) AS changes, (SELECT max(s.id) FROM said AS s) AS last_id$query$,
        view_schema, equals, steps, fresh, before, at, customer_text, told, columns, @extschema@.clv_internal_live_columns(fresh_customers, 'c.'::text), NOT is_everybody,
        format(clauses, 'excluded'), format(clauses, 'c'), CASE WHEN is_everybody THEN 'told' ELSE 'compared' END);
END
$function$;
COMMENT ON FUNCTION clv_internal_live_judge_query(name, text, text, text, timestamptz, numeric[], text, boolean) IS
    'support of clv_refresh_views: compares customers with what is kept, in SQL';

-- A digest of the settings that say what customers are worth, and by what they
-- are judged.
CREATE FUNCTION clv_internal_live_definitions(view_schema name) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    digest text;
BEGIN
    EXECUTE format('SELECT md5(jsonb_object_agg(s.name, s.value)::text) FROM %I.settings AS s WHERE s.name = ANY ($1)', view_schema) INTO digest
        USING '{orders, customer, ordered_at, amount, order_id, time_zone, tier_thresholds, rfm_rules, rfm_bins, rfm_thresholds, stage_thresholds, stage_measure, today, quantity, status, status_values, zero, '
              'refunded, refunded_orders, refunds, refunds_order_id, refunds_at, refunds_amount, same_customer, same_customer_old, same_customer_new, cost}'::text[];
    RETURN digest;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_definitions(name) IS
    'support of clv_refresh_views: a digest of what customers are judged by';

-- Which changes of customers are told, in SQL: none when there was nothing to
-- compare with, and when definitions have changed, those of customers of whom
-- rows were written, or that time has brought.
CREATE FUNCTION clv_internal_live_told(view_schema name, equals text, is_first boolean, is_redefined boolean) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF is_redefined AND NOT is_first THEN
        RAISE NOTICE USING MESSAGE = format('the definitions of schema %I have changed since its last refresh', view_schema),
            DETAIL = 'No change is recorded for customers who are judged differently only for that reason.',
            HINT = 'Consumers that remember segments, tiers or stages should read customers again.';
    END IF;
    RETURN CASE WHEN is_first THEN 'false' WHEN is_redefined
        THEN format('(e.kind = ''purchase missed'' OR EXISTS (SELECT FROM %I.queue AS q WHERE q.customer_id %s m.customer_id AND q.queued_at = ''-infinity''::timestamptz))', view_schema, equals)
        ELSE 'true' END;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_told(name, text, boolean, boolean) IS
    'support of clv_refresh_views: which changes are told, in SQL';

-- Fills the table of a view.  Months that were over before "changed_from", the
-- first day that has changed, stay, and so do the moves between two of them.
CREATE FUNCTION clv_internal_live_keep_view(view_schema name, kept text, changed_from date) RETURNS void
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    columns CONSTANT text := @extschema@.clv_internal_live_columns(format('%I.%I', view_schema, 'fresh_' || kept)::regclass, ''::text);
    is_kept boolean;
BEGIN
    IF kept = 'segment_moves' THEN
        EXECUTE format('WITH today AS (SELECT t.day FROM %1$I.adapter_today AS t), kept AS (UPDATE %1$I.kept_segment_moves AS k SET as_of = t.day FROM today AS t '
                       'WHERE k.to_day = date_trunc(''month'', (t.day + 1)::timestamp)::date - 1 AND k.to_day < $1 RETURNING 1) SELECT EXISTS (SELECT FROM kept)', view_schema)
            INTO is_kept USING coalesce(changed_from, 'infinity'::date);
        IF is_kept THEN
            RETURN;
        END IF;
    END IF;
    EXECUTE format('DELETE FROM %I.%I AS k%s', view_schema, 'kept_' || kept,
        -- the last order may be an earlier one than it was
        CASE WHEN kept = 'segment_history' THEN format(' WHERE k.month_end >= %L::date OR k.month_end > (SELECT t.day FROM %I.adapter_today AS t)', coalesce(changed_from, 'infinity'), view_schema) ELSE '' END);
    EXECUTE format('INSERT INTO %1$I.%3$I (%4$s) SELECT %4$s FROM %1$I.%2$I%5$s', view_schema, 'fresh_' || kept, 'kept_' || kept, columns,
        CASE WHEN kept = 'segment_history' THEN format(' AS f WHERE f.month_end > coalesce((SELECT max(k.month_end) FROM %I.%I AS k), ''-infinity''::date)', view_schema, 'kept_' || kept) ELSE '' END);
END
$function$;
COMMENT ON FUNCTION clv_internal_live_keep_view(name, text, date) IS
    'support of clv_refresh_views: fills the table of a view';

-- Fills the tables of all other views, and finds the thresholds by which
-- customers are judged until the next day.
CREATE FUNCTION clv_internal_live_keep_views(view_schema name, changed_from date, has_audit boolean, at timestamptz) RETURNS void
    LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    bins integer;
    is_given boolean;
    kept text;
BEGIN
    EXECUTE format('SELECT max(s.value) FILTER (WHERE s.name = ''rfm_bins'')::integer, bool_or(s.name = ''rfm_thresholds'' AND s.value IS NOT NULL) FROM %I.settings AS s', view_schema) INTO bins, is_given;
    EXECUTE format('SELECT least($1, (SELECT c.changed_from FROM %I.kept_thresholds AS c))', view_schema) INTO changed_from USING changed_from;
    EXECUTE format('DELETE FROM %I.kept_thresholds', view_schema);
    EXECUTE format($query$
        INSERT INTO %1$I.kept_thresholds (as_of, refreshed_at, last_days, orders, amounts, high_from, medium_from, model_fitted_to, definitions)
        SELECT (SELECT t.day FROM %1$I.adapter_today AS t), $2, %3$s,
            min(k.value) FILTER (WHERE k.tier = 'high'), min(k.value) FILTER (WHERE k.tier = ANY ('{high, medium}'::text[])), max(k.model_fitted_to), $3
        FROM %1$I.kept_customers AS k WHERE k.first_purchase IS NOT NULL
        $query$, view_schema, $schema$@extschema@$schema$,
        CASE WHEN is_given THEN 'NULL::date[], NULL::bigint[], NULL::numeric[]' ELSE format('%1$s.clv_internal_thresholds_date(k.last_purchase, $1), %1$s.clv_internal_thresholds_bigint(k.orders, $1), %1$s.clv_internal_thresholds_numeric(k.value, $1)', $schema$@extschema@$schema$) END) USING bins, at, @extschema@.clv_internal_live_definitions(view_schema);
    FOR kept IN
        SELECT substr(o.name, 7) FROM @extschema@.clv_internal_view_objects(view_schema) AS o
        WHERE o.kind = 'view' AND o.name LIKE 'fresh\_%' AND o.name <> ALL ('{fresh_histories, fresh_customers}'::text[]) AND (has_audit OR o.name <> ALL ('{fresh_audit, fresh_forecast_intervals}'::text[]))
        ORDER BY o.id
    LOOP
        PERFORM @extschema@.clv_internal_live_keep_view(view_schema, kept, changed_from);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_keep_views(name, date, boolean, timestamptz) IS
    'support of clv_refresh_views: fills the tables of views';

-- The condition of views over kept tables.  A transaction that began before they
-- were filled would take them for empty ones.
CREATE FUNCTION clv_internal_live_is_filled(as_of date) RETURNS boolean
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF as_of IS NULL THEN
        RAISE serialization_failure USING
            MESSAGE = 'the figures of these views were filled in after this transaction began',
            HINT = 'Try again.';
    END IF;
    RETURN true;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_is_filled(date) IS
    'support of clv_create_views: raises an error for a transaction that does not see what is kept';

-- Lets the views read what is kept, once it is there.
CREATE FUNCTION clv_internal_live_switch(view_schema name, equals text) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    read_through CONSTANT text := 'SELECT %3$s FROM %1$I.%4$I AS k WHERE %7$s AND NOT EXISTS (SELECT FROM %1$I.queue AS q WHERE q.customer_id %2$s k.customer_id) UNION ALL SELECT %5$s FROM %1$I.%6$I AS q';
    is_filled CONSTANT text := format('(SELECT %s.clv_internal_live_is_filled(max(c.as_of)) FROM %I.kept_thresholds AS c)', $schema$@extschema@$schema$, view_schema);
    is_owner CONSTANT boolean := @extschema@.clv_internal_view_is_owner(view_schema);
    view record;
    source regclass;
BEGIN
    PERFORM @extschema@.clv_internal_view_lock_readers(array_agg(o.id))
    FROM @extschema@.clv_internal_view_objects(view_schema) AS o
    WHERE o.kind = 'view' AND EXISTS (SELECT FROM pg_class AS c WHERE c.oid = to_regclass(format('%I.%I', view_schema, 'fresh_' || o.name)));
    FOR view IN SELECT s.name, s.about, s.columns FROM @extschema@.clv_internal_view_dated_sources() AS s ORDER BY s.place LOOP
        source := to_regclass(format('%I.%I', view_schema, 'fresh_' || view.name));
        CONTINUE WHEN source IS NULL;
        PERFORM @extschema@.clv_internal_view_make(view_schema, view.name,
            CASE WHEN view.name = ANY ('{customers, histories}'::text[])
                 THEN format(read_through, view_schema, equals, @extschema@.clv_internal_live_columns(source, 'k.'::text), 'kept_' || view.name, @extschema@.clv_internal_live_columns(source, 'q.'::text), 'queued_' || view.name, is_filled)
                 ELSE format('SELECT %s FROM %I.%I AS k WHERE %s', @extschema@.clv_internal_live_columns(source, 'k.'::text), view_schema, 'kept_' || view.name, is_filled) END,
            -- with the comments that the view has
            (SELECT left(d, -length(' (made by clv_create_views)')) FROM obj_description(to_regclass(format('%I.%I', view_schema, view.name)), 'pg_class') AS d),
            ARRAY(SELECT format('%s: %s', a.attname, col_description(a.attrelid, a.attnum)) FROM pg_attribute AS a WHERE a.attrelid = to_regclass(format('%I.%I', view_schema, view.name)) AND a.attnum > 0), is_owner);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_switch(name, text) IS
    'support of clv_refresh_views: lets live views read what is kept';

-- Tells the planner how many customers are in the queue, if they are more than
-- a few: statistics of a table that is emptied all the time are of another time.
CREATE FUNCTION clv_internal_live_count_queue(view_schema name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    is_long boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.queue OFFSET 500)', view_schema) INTO is_long;
    IF is_long THEN
        EXECUTE format('ANALYZE %I.queue', view_schema);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_count_queue(name) IS
    'support of clv_refresh_views: statistics of a long queue';

-- The refresh.  Others that refresh wait, and nobody else does.
CREATE FUNCTION clv_internal_live_refresh(view_schema name, everything boolean, OUT inserted bigint, OUT updated bigint, OUT deleted bigint, OUT changes bigint)
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    SET DateStyle = 'ISO, YMD'
    SET jit = off
AS $function$
DECLARE
    at CONSTANT timestamptz := clock_timestamp();
    equals CONSTANT text := @extschema@.clv_internal_view_equals(@extschema@.clv_internal_view_type(format('%I.kept_histories', view_schema)::regclass, 'customer_id'::name));
    take CONSTANT text := @extschema@.clv_internal_live_take_query(view_schema, equals);
    day date;
    kept_day date;
    is_lost boolean;
    is_empty boolean;
    is_silent boolean;
    is_redefined boolean;
    -- too few customers to be judged by
    is_young boolean;
    is_dated boolean;
    is_last_order boolean;
    audited_day date;
    is_asked CONSTANT boolean := everything;
    thresholds numeric[];
    changed_from date;
    last_id bigint;
    query text;
BEGIN
    EXECUTE format('SELECT (SELECT t.day FROM %1$I.adapter_today AS t), (SELECT c.as_of FROM %1$I.kept_thresholds AS c), EXISTS (SELECT FROM %1$I.queue AS q WHERE q.customer_id IS NOT DISTINCT FROM NULL), '
                   'NOT EXISTS (SELECT FROM %1$I.kept_customers) AND NOT EXISTS (SELECT FROM %1$I.kept_thresholds), (SELECT s.value::numeric[] FROM %1$I.settings AS s WHERE s.name = ''value_thresholds''), '
                   'NOT EXISTS (SELECT FROM %1$I.kept_thresholds AS c WHERE c.high_from IS NOT NULL) AND EXISTS (SELECT FROM %1$I.queue), '
                   'EXISTS (SELECT FROM %1$I.settings AS s WHERE s.name = ''refunded_orders'' AND s.value = ''leave out'' OR s.name IN (''refunds'', ''same_customer'', ''order_id'') AND s.value IS NOT NULL), '
                   'EXISTS (SELECT FROM %1$I.settings AS s WHERE s.name = ''today'' AND s.value = ''last order''), (SELECT max(a.as_of) FROM %1$I.kept_audit AS a), EXISTS (SELECT FROM %1$I.kept_thresholds AS c WHERE c.definitions <> $1)', view_schema)
        INTO day, kept_day, is_lost, is_silent, thresholds, is_young, is_dated, is_last_order, audited_day, is_redefined
        USING @extschema@.clv_internal_live_definitions(view_schema);
    -- the day of a session in another time zone may be the one before
    everything := everything OR is_lost OR is_young OR kept_day IS NULL OR day > kept_day OR day <> kept_day AND is_last_order;
    -- which orders were given back depends on the day; which customer a refund or a key belongs to, on what others have just written
    is_lost := is_lost OR is_asked OR everything AND is_dated;
    IF NOT everything THEN
        -- they take as long as all the rest, and neither events nor figures should wait for them
        PERFORM @extschema@.clv_internal_live_keep_view(view_schema, k.kept, NULL::date) FROM unnest('{forecast_intervals, audit}'::text[]) AS k (kept) WHERE audited_day IS DISTINCT FROM kept_day;
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM %I.queue)', view_schema) INTO is_empty;
        IF is_empty THEN
            SELECT 0, 0, 0, 0 INTO inserted, updated, deleted, changes;
            RETURN;
        END IF;
        -- the next statement sees what was folded, but also later keys: those of this one are marked
        -- plans for a few customers take hours for many
        PERFORM @extschema@.clv_internal_live_count_queue(view_schema);
        query := format('WITH %1$s, marked AS (INSERT INTO %2$I.queue (customer_id, queued_at) SELECT keys.customer_id, ''-infinity''::timestamptz FROM keys) SELECT FROM keys LIMIT 0', take, view_schema);
        PERFORM @extschema@.clv_internal_view_check_query(query);
        EXECUTE query;
        PERFORM @extschema@.clv_internal_live_count_queue(view_schema);
        query := format('WITH before AS MATERIALIZED (SELECT b.* FROM (SELECT q.customer_id FROM %1$I.queue AS q WHERE q.queued_at = ''-infinity''::timestamptz) AS t '
            'CROSS JOIN LATERAL (SELECT k.* FROM %1$I.kept_customers AS k WHERE k.customer_id %2$s t.customer_id OFFSET 0) AS b), %3$s',
            view_schema, equals, @extschema@.clv_internal_live_judge_query(view_schema, equals, format('%I.taken_customers', view_schema), 'before'::text, at, thresholds, 'true'::text, false));
        PERFORM @extschema@.clv_internal_view_check_query(query);
        EXECUTE query INTO inserted, updated, deleted, changes, last_id;
        EXECUTE format('DELETE FROM %I.queue AS q WHERE q.queued_at = ''-infinity''::timestamptz', view_schema);
        EXECUTE format('UPDATE %I.kept_thresholds SET refreshed_at = $1', view_schema) USING at;
    ELSE
        IF is_lost OR kept_day IS NULL THEN
            -- what this statement takes from the queue it has read
            SELECT h.changed_from INTO changed_from FROM @extschema@.clv_internal_view_refresh_histories(view_schema) AS h;
        ELSE
            PERFORM @extschema@.clv_internal_live_count_queue(view_schema);
            EXECUTE format('WITH %s SELECT FROM keys LIMIT 0', take);
        END IF;
        query := 'WITH ' || @extschema@.clv_internal_live_judge_query(view_schema, equals, format('%I.fresh_customers', view_schema), format('%I.kept_customers', view_schema), at, thresholds, @extschema@.clv_internal_live_told(view_schema, equals, is_silent, is_redefined), true);
        PERFORM @extschema@.clv_internal_view_check_query(query);
        EXECUTE query INTO inserted, updated, deleted, changes, last_id;
        EXECUTE format('DELETE FROM %I.queue AS q WHERE q.queued_at = ''-infinity''::timestamptz', view_schema);
        IF (SELECT min(c.reltuples) < 0.9 * (inserted + updated) OR max(c.reltuples) > 1.1 * (inserted + updated) FROM pg_class AS c
            WHERE c.oid = ANY (ARRAY[format('%I.kept_histories', view_schema), format('%I.kept_customers', view_schema)]::regclass[])) THEN
            EXECUTE format('ANALYZE %1$I.kept_histories, %1$I.kept_customers', view_schema);
        END IF;
        -- the next refresh makes intervals and the audit, unless none came after the last daily one
        PERFORM @extschema@.clv_internal_live_keep_views(view_schema, CASE WHEN kept_day IS NULL THEN '-infinity'::date ELSE changed_from END, is_asked OR kept_day IS NULL OR audited_day IS DISTINCT FROM kept_day, at);
        IF kept_day IS NULL THEN
            PERFORM @extschema@.clv_internal_live_switch(view_schema, equals);
        END IF;
    END IF;
    PERFORM pg_notify('clv_changes', json_build_object('schema', view_schema, 'last_id', last_id)::text) WHERE last_id IS NOT NULL;
END
$function$;
COMMENT ON FUNCTION clv_internal_live_refresh(name, boolean) IS
    'support of clv_refresh_views: the refresh of live views';
