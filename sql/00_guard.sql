-- complain if the script is sourced in psql instead of by CREATE EXTENSION
\echo Use "CREATE EXTENSION clv" to load this file. \quit

CREATE FUNCTION clv_version() RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_version() IS 'version of the loaded clv library';
