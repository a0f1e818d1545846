-- Which values of a status count, as far as their words tell: what clv_create_views()
-- proposes, and nothing that it takes.

-- The values of a column of states, the most frequent first, each with whether all
-- of its rows are below 0: those that seem to count, those that do not, and those
-- whose rows count as refunds.  None of more values than a status has.
CREATE FUNCTION clv_internal_view_status_judged(named name, states text[], are_back boolean[], OUT counting text[], OUT others text[], OUT back text[])
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    most CONSTANT integer := 20;
    stopped CONSTANT text := 'cancel|void|fail|refus|declin|reject|draft|pending|open|abandon|delet|trash|test|expir|error|cart|quot|^sent$|unpaid|not.?paid|hold|refund|return|credit|dispute|chargeback|fraud|incomplete|invalid|inactive|^new$|wait';
    -- a flag says one of two things
    is_bad CONSTANT boolean := named::text ~* '(cancel|void|delet|draft|fail|declin|disput|chargeback|fraud|refund|return|test|credit)';
BEGIN
    SELECT coalesce(array_agg(v.value ORDER BY v.place) FILTER (WHERE v.is_back OR v.counts), '{}'),
           coalesce(array_agg(v.value ORDER BY v.place) FILTER (WHERE NOT v.is_back AND NOT v.counts), '{}'),
           coalesce(array_agg(v.value ORDER BY v.place) FILTER (WHERE v.is_back), '{}')
    INTO counting, others, back
    FROM (
        SELECT u.*, CASE WHEN lower(u.value) = ANY ('{true, t, yes, y, 1}') THEN NOT is_bad WHEN lower(u.value) = ANY ('{false, f, no, n, 0}') THEN is_bad ELSE u.value !~* stopped END AS counts
        FROM unnest(states, are_back) WITH ORDINALITY AS u (value, is_back, place)
    ) AS v
    WHERE cardinality(states) <= most;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_status_judged(name, text[], boolean[]) IS
    'support of clv_create_views: which values of a status seem to count';

-- Whether a row of the table "o" is below 0, in SQL; false if there is no amount.
CREATE FUNCTION clv_internal_view_is_back(relation regclass, amount name) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    type CONSTANT regtype := @extschema@.clv_internal_view_type(relation, amount);
BEGIN
    RETURN CASE WHEN @extschema@.clv_internal_view_suits('amount'::text, type, true) THEN format('o.%I::%s < 0', amount, type) ELSE 'false' END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_is_back(regclass, name) IS
    'support of clv_create_views: whether a row is below 0, in SQL';

-- The values of a column of the orders, judged likewise: for a call that needs them,
-- in a scan of its own.
CREATE FUNCTION clv_internal_view_status_values(relation regclass, named name, amount name, OUT counting text[], OUT others text[], OUT back text[])
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    -- one more than a status has
    query CONSTANT text := format('SELECT (%s) COLLATE "C" AS value, count(*) AS n, coalesce(bool_and(%s), false) AS is_back FROM %s AS o WHERE o.%I IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT 21',
        @extschema@.clv_internal_view_text('o'::text, named::text, @extschema@.clv_internal_view_type(relation, named)), @extschema@.clv_internal_view_is_back(relation, amount), relation, named);
    states text[];
    are_back boolean[];
BEGIN
    PERFORM @extschema@.clv_internal_view_check_query(query);
    EXECUTE format('SELECT coalesce(array_agg(s.value ORDER BY s.n DESC, s.value), ''{}''), coalesce(array_agg(s.is_back ORDER BY s.n DESC, s.value), ''{}'') FROM (%s) AS s', query) INTO states, are_back;
    SELECT j.counting, j.others, j.back INTO counting, others, back FROM @extschema@.clv_internal_view_status_judged(named, states, are_back) AS j;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_status_values(regclass, name, name) IS
    'support of clv_create_views: values of a status that seem to count';

-- What is said of a column of states that is not used, by its values.
CREATE FUNCTION clv_internal_view_status_hint(named name, states text[], are_back boolean[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    -- the order, and not a row of its money
    given_back CONSTANT text := 'refunded|returned|disputed|charged.?back';
    seen record;
BEGIN
    SELECT * INTO seen FROM @extschema@.clv_internal_view_status_judged(named, states, are_back);
    IF cardinality(seen.back) > 0 AND cardinality(seen.counting) + cardinality(seen.others) <= cardinality(seen.back) + 1 THEN
        RETURN format('Rows of %s are all below 0: they count as refunds, which needs no status.', array_to_string(seen.back, ', '));
    ELSIF cardinality(seen.counting) = 0 THEN
        RETURN format('If some do not count, give status => %L and status_values, those that do.', named);
    END IF;
    RETURN format('If some do not count, give those that do, such as status => %L, status_values => %L.', named, seen.counting::text)
        || coalesce((SELECT format(' What was given back was an order: give %s, too, if the money is in rows below 0, in refunded or in refunds.', string_agg(o, ', ' ORDER BY place))
                     FROM unnest(seen.others) WITH ORDINALITY AS u (o, place) WHERE o ~* given_back HAVING count(*) > 0), '')
        || CASE WHEN EXISTS (SELECT FROM unnest(seen.others) AS o WHERE o ~* 'refund|return|credit' AND o !~* given_back) THEN ' Refunds need amounts below 0, which a view can give them.' ELSE '' END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_status_hint(name, text[], boolean[]) IS
    'support of clv_create_views: what is said of states that are not used';

-- Raises an error for a status without the values that count, or values without a
-- column, with the call that has both.
CREATE FUNCTION clv_internal_view_require_status(shop jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    orders CONSTANT regclass := (shop ->> 'orders')::oid::regclass;
    wanted CONSTANT text[] := shop ->> 'status_values';
    column_name name := shop ->> 'status';
    seen record;
    call text;
BEGIN
    IF (column_name IS NULL) = (wanted IS NULL) THEN
        RETURN;
    ELSIF column_name IS NULL THEN
        -- the column that has most of these values
        SELECT c.named INTO column_name
        FROM @extschema@.clv_internal_view_candidates(orders, 'state'::text, NULL::name) AS c,
             LATERAL (SELECT v.counting || v.others AS found FROM @extschema@.clv_internal_view_status_values(orders, c.named, ''::name) AS v) AS v
        WHERE c.rank = 1 AND has_column_privilege(orders, c.place, 'SELECT') AND c.type = ANY ('{text, varchar, character, name, boolean, smallint, integer, bigint}'::regtype[])
        ORDER BY (SELECT count(*) FROM unnest(wanted) AS w WHERE w = ANY (v.found)) DESC, c.place LIMIT 1;
        call := CASE WHEN column_name IS NULL THEN 'Name the column of the orders: status => ''...''.'
            ELSE format('Name it: %s;', @extschema@.clv_internal_view_repeat_call(shop || jsonb_build_object('status', column_name))) END;
        PERFORM @extschema@.clv_internal_view_raise('22004'::text, 'status_values requires a column of the status'::text, NULL::text, call);
    END IF;
    SELECT * INTO seen FROM @extschema@.clv_internal_view_status_values(orders, column_name, (shop ->> 'amount')::name);
    call := @extschema@.clv_internal_view_repeat_call(shop || jsonb_build_object('status_values', (CASE WHEN seen.counting = '{}' THEN coalesce(nullif(seen.others, '{}'), '{...}') ELSE seen.counting END)::text));
    PERFORM @extschema@.clv_internal_view_raise('22004'::text, 'status requires the values that count'::text,
        CASE WHEN seen.counting || seen.others <> '{}' THEN format('Values of column %I are %s.', column_name, array_to_string(seen.counting || seen.others, ', ')) END,
        format('Give them: %s;', call));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_require_status(jsonb) IS
    'support of clv_create_views: raises an error for a status without values, or values without a status';
