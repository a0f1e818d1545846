-- What the other tests use: what an erroneous command says.
CREATE FUNCTION error_of(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE command;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;
-- The SQLSTATE alone, of errors that are PostgreSQL's: its words differ between releases.
CREATE FUNCTION state_of(command text) RETURNS text LANGUAGE sql AS $$SELECT split_part(error_of(command), ' | ', 1)$$;
-- Support functions: some releases find no such function (42883), others no value of type internal (0A000).
CREATE FUNCTION refused(call text) RETURNS boolean LANGUAGE sql AS $$SELECT state_of('SELECT ' || call) IN ('42883', '0A000')$$;
SELECT clv_version() = extversion AS versions_agree FROM pg_extension WHERE extname = 'clv';
