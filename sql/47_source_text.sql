CREATE FUNCTION clv_internal_text(value anyelement) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    SET "DateStyle" = 'ISO, MDY'
    SET "IntervalStyle" = 'postgres'
    SET "TimeZone" = 'UTC'
    SET extra_float_digits = 1
    SET bytea_output = 'hex'
    SET lc_monetary = 'C';
COMMENT ON FUNCTION clv_internal_text(anyelement) IS
    'support of functions over a table: a value as text, the same under all settings';
