-- Amounts that are text: what reads them.

-- What values of a column are, once blanks and currencies are gone: "formats" that
-- read all of them, of plain numbers, those with commas between thousands, and
-- those with a comma before the decimals; "example" is one that none reads.
CREATE FUNCTION clv_internal_view_number_formats(relation regclass, named name, OUT formats text[], OUT example text, OUT has_signs boolean, OUT has_empty boolean)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    plain CONSTANT text := '^[-+]?(\d+(\.\d*)?|\.\d+)$';
    thousands CONSTANT text := '^[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?$';
    continental CONSTANT text := '^[-+]?(\d{1,3}(\.\d{3})+|\d+)(,\d*)?$';
    seen record;
BEGIN
    EXECUTE format($query$
        SELECT coalesce(bool_and(v.value ~ $1), true) AS plain, coalesce(bool_and(v.value ~ $2), true) AS thousands, coalesce(bool_and(v.value ~ $3), true) AS continental,
            coalesce(bool_or(v.value LIKE '%%.%%'), false) AS has_point, (array_agg(v.written) FILTER (WHERE v.value !~ $1 AND v.value !~ $2 AND v.value !~ $3))[1] AS example,
            coalesce(bool_or(v.value <> btrim(v.written)), false) AS has_signs, (SELECT EXISTS (SELECT FROM %2$s AS o WHERE btrim(o.%1$I::text) = '')) AS has_empty
        FROM (SELECT regexp_replace(o.%1$I::text, $4, '', 'g') AS value, o.%1$I::text AS written FROM %2$s AS o WHERE btrim(o.%1$I::text) <> '') AS v
        $query$, named, relation) INTO seen USING plain, thousands, continental, @extschema@.clv_internal_view_number_signs();
    has_signs := seen.has_signs;
    has_empty := seen.has_empty;
    example := seen.example;
    -- 5.301 may be five, or five thousand
    formats := CASE WHEN seen.plain AND NOT (seen.continental AND seen.has_point) THEN '{plain}'::text[]
                    ELSE array_remove(ARRAY[CASE WHEN seen.plain THEN 'plain' END, CASE WHEN seen.thousands AND NOT seen.plain THEN 'thousands' END, CASE WHEN seen.continental THEN 'continental' END], NULL) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_number_formats(regclass, name) IS
    'support of clv_create_views: how numbers in text are written';

-- What stands beside a number and says nothing of its size.
CREATE FUNCTION clv_internal_view_number_signs() RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- those of the euro, the pound and the yen, and blanks that do not break a line
    RETURN format('[[:space:]$%s]|EUR|USD|GBP|CHF', CASE WHEN getdatabaseencoding() = 'UTF8' THEN chr(8364) || chr(163) || chr(165) || chr(160) || chr(8239) END);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_number_signs() IS
    'support of clv_create_views: signs beside numbers, as a regular expression';

-- The expression that reads a column of text as a number; with a place to fill
-- where its values do not say which it is.
CREATE FUNCTION clv_internal_view_number_query(relation regclass, named name) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    seen record;
    value text := quote_ident(named);
    read_by text[];
BEGIN
    IF NOT has_column_privilege(relation, named::text, 'SELECT') THEN
        RETURN format('%I::numeric', named);
    END IF;
    SELECT * INTO seen FROM @extschema@.clv_internal_view_number_formats(relation, named);
    value := CASE WHEN seen.has_signs THEN format('regexp_replace(%s, %L, '''', ''g'')', value, @extschema@.clv_internal_view_number_signs()) ELSE value END;
    value := CASE WHEN seen.has_empty THEN format('nullif(%s, '''')', CASE WHEN seen.has_signs THEN value ELSE format('btrim(%s)', value) END) ELSE value END;
    read_by := ARRAY(SELECT format(CASE f WHEN 'plain' THEN '%s::numeric' WHEN 'thousands' THEN 'replace(%s, '','', '''')::numeric'
                                          ELSE 'replace(replace(%s, ''.'', ''''), '','', ''.'')::numeric' END, value) FROM unnest(seen.formats) AS f);
    RETURN CASE cardinality(read_by)
        WHEN 1 THEN read_by[1]
        WHEN 0 THEN format('<what reads values such as %L>', left(seen.example, 40))
        ELSE format('<%s: all values fit>', array_to_string(read_by, ' or ')) END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_number_query(regclass, name) IS
    'support of clv_create_views: how a view reads numbers that are text, in SQL';
