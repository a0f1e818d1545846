-- How customers are scored: against each other, or by thresholds that were given.
-- A threshold is the largest figure that still has the worse score, or, of days
-- since the last purchase, the better one.

-- Raises an error for thresholds of scores that are not a number for each step
-- from one score to the next, in ascending order.
CREATE FUNCTION clv_internal_view_check_scores(given jsonb) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    steps CONSTANT integer := (given ->> 'rfm_bins')::integer - 1;
    thresholds CONSTANT jsonb := given ->> 'rfm_thresholds';
    hint CONSTANT text := format('Give %s thresholds of each, such as ''{"days_since_last": %s, "orders": %s, "value": %s}''.', steps,
        to_json((ARRAY[3, 7, 14, 21, 30, 90, 180, 365])[9 - steps:]), to_json((ARRAY[1, 2, 4, 9, 15, 25, 50, 100])[:steps]), to_json((ARRAY[50, 200, 500, 1000, 2000, 5000, 10000, 20000])[:steps]));
    problem text;
    figure record;
BEGIN
    IF thresholds IS NULL THEN
        RETURN;
    END IF;
    IF jsonb_typeof(thresholds) <> 'object' THEN
        problem := 'It has to be an object.';
    ELSE
        problem := (SELECT format('There is no figure %s: scores are of days_since_last, orders and value.', to_json(min(k COLLATE "C"))) FROM jsonb_object_keys(thresholds) AS k
                    WHERE k <> ALL ('{days_since_last, orders, value}'::text[]) HAVING count(*) > 0);
    END IF;
    FOR figure IN
        SELECT p.part, p.smallest, p.largest, p.said, thresholds -> p.part AS listed
        FROM (VALUES (1, 'days_since_last', 0::numeric, 2147483647::numeric, 'whole numbers from 0 to 2147483647'), (2, 'orders', 1, 2147483647, 'whole numbers from 1 to 2147483647'), (3, 'value', NULL, NULL, 'numbers')) AS p (place, part, smallest, largest, said)
        ORDER BY p.place
    LOOP
        EXIT WHEN problem IS NOT NULL;
        IF figure.listed IS NULL THEN
            problem := format('"%s" is missing.', figure.part);
        ELSIF jsonb_typeof(figure.listed) <> 'array' THEN
            problem := format('"%s" has to be an array of %s.', figure.part, figure.said);
        ELSIF jsonb_array_length(figure.listed) <> steps THEN
            problem := format('"%s" has %s thresholds, and rfm_bins => %s needs %s.', figure.part, jsonb_array_length(figure.listed), steps + 1, steps);
        ELSIF EXISTS (SELECT FROM jsonb_array_elements(figure.listed) AS e WHERE jsonb_typeof(e) <> 'number') THEN
            problem := format('"%s" has to be an array of %s.', figure.part, figure.said);
        ELSIF EXISTS (SELECT FROM jsonb_array_elements(figure.listed) AS e
                      WHERE NOT e::numeric BETWEEN figure.smallest AND figure.largest OR figure.smallest IS NOT NULL AND trunc(e::numeric) <> e::numeric) THEN
            problem := format('"%s" has to be an array of %s.', figure.part, figure.said);
        ELSIF EXISTS (SELECT FROM jsonb_array_elements(figure.listed) WITH ORDINALITY AS e (threshold, n) JOIN jsonb_array_elements(figure.listed) WITH ORDINALITY AS o (threshold, n)
                      ON o.n = e.n + 1 AND o.threshold::numeric <= e.threshold::numeric) THEN
            problem := format('"%s" is not in ascending order.', figure.part);
        END IF;
    END LOOP;
    IF problem IS NOT NULL THEN
        PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('invalid rfm_thresholds: %s', left(thresholds::text, 200)), problem, hint);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_scores(jsonb) IS
    'support of clv_create_views: raises an error for thresholds of scores that do not fit';

-- A score by the thresholds that were given, in SQL: NULL without a purchase.
CREATE FUNCTION clv_internal_view_score(shop jsonb, days text, orders text, value text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (
        -- the most recent have the highest score
        SELECT format('(100 * (%s - :clv.clv_internal_score_at_bigint(CAST(%s AS bigint), CAST(%L AS bigint[]))) + 10 * :clv.clv_internal_score_at_bigint(%s, CAST(%L AS bigint[])) + :clv.clv_internal_score_at_numeric(%s, CAST(%L AS numeric[])))',
                      (shop ->> 'rfm_bins')::integer + 1, days, max(c.cuts) FILTER (WHERE c.part = 'days_since_last'), orders, max(c.cuts) FILTER (WHERE c.part = 'orders'), value, max(c.cuts) FILTER (WHERE c.part = 'value'))
        FROM (SELECT p.part, array_agg(trim_scale(e::numeric) ORDER BY n) AS cuts
              FROM jsonb_each((shop ->> 'rfm_thresholds')::jsonb) AS p (part, listed), jsonb_array_elements(p.listed) WITH ORDINALITY AS a (e, n) GROUP BY p.part) AS c);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_score(jsonb, text, text, text) IS
    'support of clv_create_views: a score by given thresholds, in SQL';

-- The parts of queries that score customers.  By thresholds that were given, a
-- customer is scored alone, and moves alone.
CREATE FUNCTION clv_internal_view_score_fragments(shop jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF shop ->> 'rfm_thresholds' IS NULL THEN
        RETURN jsonb_build_object(
            'score', '(r.ranks).score',
            'month_score', ':clv.clv_rfm_score(r.rfm, :rfm_bins) OVER ()',
            'moves', $$:clv.clv_segment_moves(:histories, 'customer_id'::name, 'history'::name, NULL::name, d.from_day, d.to_day,
    :rfm_rules, :rfm_bins, NULL::text, NULL::name)$$,
            'equal_scores', 'SELECT NULL::text AS part, NULL::integer AS score, NULL::bigint AS n WHERE false');
    END IF;
    RETURN jsonb_build_object(
        'score', @extschema@.clv_internal_view_score(shop, '(b.profile).days_since_last'::text, '(b.profile).orders'::text, '(b.profile).value'::text),
        'month_score', @extschema@.clv_internal_view_score(shop, 'e.month_end - (r.rfm).last_purchase'::text, '(r.rfm).orders'::text, '(r.rfm).value'::text),
        'moves', format($sql$(
    SELECT CASE WHEN n.score_from IS NULL THEN 'not yet a customer' ELSE coalesce(n.segment_from, 'no segment') END AS from_segment,
        coalesce(n.segment_to, 'no segment') AS to_segment, count(*) AS customers, sum(n.from_value) AS from_value, sum(n.to_value) AS to_value,
        count(*) FILTER (WHERE n.score_from IS NULL OR n.segment_to IS DISTINCT FROM n.segment_from) AS moved, 0::bigint AS moved_by_others
    FROM (
        SELECT s.from_value, s.to_value, s.score_from, :clv.clv_rfm_segment(s.score_from, :rfm_rules, :rfm_bins) AS segment_from,
            :clv.clv_rfm_segment(s.score_to, :rfm_rules, :rfm_bins) AS segment_to
        FROM (
            SELECT (r.a).value AS from_value, (r.b).value AS to_value, %s AS score_from, %s AS score_to
            FROM (
                SELECT :clv.clv_rfm_at(h.history, d.from_day) AS a, :clv.clv_rfm_at(h.history, d.to_day) AS b FROM :all_histories AS h OFFSET 0
            ) AS r WHERE (r.b).last_purchase IS NOT NULL OFFSET 0
        ) AS s OFFSET 0
    ) AS n
    GROUP BY 1, 2 ORDER BY 1, 2
)$sql$, @extschema@.clv_internal_view_score(shop, 'd.from_day - (r.a).last_purchase'::text, '(r.a).orders'::text, '(r.a).value'::text),
        @extschema@.clv_internal_view_score(shop, 'd.to_day - (r.b).last_purchase'::text, '(r.b).orders'::text, '(r.b).value'::text)),
        -- the score that most customers share whom other thresholds could tell apart
        'equal_scores', format($sql$
    SELECT p.part, p.score, count(*) AS n
    FROM (
        SELECT :as_of - v.last_day AS days, v.orders, v.value, %s AS score
        FROM (SELECT k.last_day, k.orders, :clv.clv(k.h) AS value FROM known AS k WHERE k.last_day IS NOT NULL OFFSET 0) AS v OFFSET 0
    ) AS s CROSS JOIN LATERAL (VALUES ('days_since_last', s.score / 100, s.days::numeric), ('orders', s.score / 10 %% 10, s.orders::numeric), ('value', s.score %% 10, s.value)) AS p (part, score, figure)
    GROUP BY p.part, p.score HAVING min(p.figure) < max(p.figure)
    ORDER BY count(*) DESC, p.part LIMIT 1$sql$, @extschema@.clv_internal_view_score(shop, ':as_of - v.last_day'::text, 'v.orders'::text, 'v.value'::text)));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_score_fragments(jsonb) IS
    'support of clv_create_views: parts of queries that score customers';
