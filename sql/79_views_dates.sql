-- Times that are text, or numbers such as 20240105: what reads them.

-- Formats of to_date() and to_timestamp(), and the values that each of them reads
-- right. Years of two digits can stand first, too.
CREATE FUNCTION clv_internal_view_time_formats() RETURNS TABLE (pattern text, format text)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 300
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH part (letters, digits) AS (
        VALUES ('YYYY', '\d{4}'), ('YY', '\d{2}'), ('MM', '(0?[1-9]|1[0-2])'), ('DD', '(0?[1-9]|[12]\d|3[01])'),
               ('Mon', '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)'),
               ('Month', '(january|february|march|april|may|june|july|august|september|october|november|december)')
    ), day AS (
        SELECT concat_ws(regexp_replace(separator, '([.])', '\\\1'), a.digits, b.digits, c.digits) AS pattern,
               concat_ws(separator, a.letters, b.letters, c.letters) AS format, a.letters = 'YYYY' AND separator = '-' AS is_iso
        FROM (VALUES ('YYYY', 'MM', 'DD', '-/.'), ('DD', 'MM', 'YYYY', '-/.'), ('MM', 'DD', 'YYYY', '-/.'), ('DD', 'MM', 'YY', '-/.'), ('MM', 'DD', 'YY', '-/.'), ('YY', 'MM', 'DD', '-/.'),
                     ('DD', 'Mon', 'YYYY', '- '), ('DD', 'Mon', 'YY', '- '), ('DD', 'Month', 'YYYY', ' ')) AS o (first, second, third, separators),
             unnest(string_to_array(separators, NULL)) AS separator, part AS a, part AS b, part AS c
        WHERE a.letters = first AND b.letters = second AND c.letters = third
        UNION ALL
        SELECT m.digits || ' ' || d.digits || ', \d{4}', m.letters || ' DD, YYYY', false FROM part AS m, part AS d WHERE m.letters IN ('Mon', 'Month') AND d.letters = 'DD'
        UNION ALL
        VALUES ('\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])', 'YYYYMMDD', false)
    ), clock (pattern, format, for_iso) AS (
        VALUES ('', '', false), (' +\d{1,2}:\d{2}', ' HH24:MI', false), (' +\d{1,2}:\d{2}:\d{2}', ' HH24:MI:SS', false), (' +\d{1,2}:\d{2}:\d{2}\.\d{1,6}', ' HH24:MI:SS.US', false),
               (' +\d{1,2}:\d{2} ?[ap]m', ' HH12:MI AM', false), (' +\d{1,2}:\d{2}:\d{2} ?[ap]m', ' HH12:MI:SS AM', false),
               ('T\d{2}:\d{2}', '"T"HH24:MI', true), ('T\d{2}:\d{2}:\d{2}', '"T"HH24:MI:SS', true), ('T\d{2}:\d{2}:\d{2}\.\d{1,6}', '"T"HH24:MI:SS.US', true)
    )
    SELECT format('^\s*%s%s\s*$', day.pattern, clock.pattern), day.format || clock.format FROM day, clock WHERE day.is_iso OR NOT clock.for_iso
    UNION ALL
    -- a time with its zone is read by a cast
    VALUES ('^\s*\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)? ?(Z|[+-]\d{2}(:?\d{2})?)\s*$', 'timestamptz');
END
$function$;
COMMENT ON FUNCTION clv_internal_view_time_formats() IS
    'support of clv_create_views: formats of times in text, and what they read';

-- The formats that read all values of a column: none, one, or those that the
-- values do not tell apart, as no day after the 12th does. The first values leave
-- a few formats, which all values are then read for until one does not fit.
CREATE FUNCTION clv_internal_view_fitting_formats(relation regclass, named name, OUT formats text[], OUT example text, OUT odd text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    present CONSTANT text := format('(SELECT o.%1$I::text AS value FROM %2$s AS o WHERE length(btrim(o.%1$I::text)) > 0)', named, relation);
    few text[];
    candidate record;
    fits boolean;
    patterns text;
BEGIN
    formats := '{}';
    EXECUTE format('SELECT array_agg(v.value) FROM (SELECT v.value FROM %s AS v LIMIT 1000) AS v', present) INTO few;
    example := btrim(few[1]);
    FOR candidate IN SELECT f.pattern, f.format FROM @extschema@.clv_internal_view_time_formats() AS f WHERE example ~* f.pattern AND NOT EXISTS (SELECT FROM unnest(few) AS u (value) WHERE u.value !~* f.pattern) ORDER BY f.format LOOP
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s AS v WHERE v.value !~* $1)', present) INTO fits USING candidate.pattern;
        formats := CASE WHEN fits THEN formats || candidate.format ELSE formats END;
    END LOOP;
    -- where nothing fits all, also a value that has none of the formats of the first
    IF formats = '{}' AND example IS NOT NULL THEN
        SELECT string_agg(format('(%s)', f.pattern), '|') INTO patterns FROM @extschema@.clv_internal_view_time_formats() AS f WHERE example ~* f.pattern;
        EXECUTE format('SELECT btrim(v.value) FROM %s AS v WHERE v.value !~* $1 LIMIT 1', present) INTO odd USING patterns;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_fitting_formats(regclass, name) IS
    'support of clv_create_views: formats that read all values of a column';

-- The expression that reads a column as a time, and what its values have to do
-- with it in a comment; with a place to fill where they do not say which it is.
CREATE FUNCTION clv_internal_view_time_query(relation regclass, named name, type regtype) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    may_read CONSTANT boolean := has_column_privilege(relation, named::text, 'SELECT');
    is_text CONSTANT boolean := type = ANY ('{text, varchar, character, name}'::regtype[]);
    value CONSTANT text := CASE WHEN is_text THEN format('nullif(btrim(%I), '''')', named) ELSE format('%I::text', named) END;
    formats text[];
    example text;
    odd text;
    one text;
BEGIN
    IF may_read THEN
        SELECT f.formats, f.example, f.odd INTO formats, example, odd FROM @extschema@.clv_internal_view_fitting_formats(relation, named) AS f;
        one := CASE WHEN cardinality(formats) = 1 THEN formats[1] END;
    END IF;
    RETURN CASE
        WHEN one = 'timestamptz' THEN format('%s::timestamptz', value)
        WHEN one IS NOT NULL THEN format(CASE WHEN one ~ 'HH' THEN 'to_timestamp(%s, %L)::timestamp' ELSE 'to_date(%s, %L)' END || ' /* fits all values */', value, one)
        WHEN NOT is_text THEN NULL
        WHEN cardinality(formats) > 1 THEN
            format('to_timestamp(%s, <%s: all values fit>)::timestamp', value, (SELECT string_agg(quote_literal(f), ' or ' ORDER BY place) FROM unnest(formats) WITH ORDINALITY AS u (f, place)))
        WHEN length(example) > 0 THEN format('to_timestamp(%s, <format of values such as %s>)::timestamp', value, concat_ws(' and ', quote_literal(left(example, 40)), quote_literal(left(odd, 40))))
        ELSE format('to_timestamp(%s, <format of its values, such as ''MM/DD/YYYY HH24:MI''>)::timestamp', value) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_time_query(regclass, name, regtype) IS
    'support of clv_create_views: how a view reads times in text, in SQL';
