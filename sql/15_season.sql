-- The type clv_season: how much faster or slower than usual customers buy, by the calendar.

CREATE TYPE clv_season;

CREATE FUNCTION clv_season_in(cstring) RETURNS clv_season
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_in(cstring) IS 'I/O';

CREATE FUNCTION clv_season_out(clv_season) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_out(clv_season) IS 'I/O';

CREATE FUNCTION clv_season_recv(internal) RETURNS clv_season
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_recv(internal) IS 'I/O';

CREATE FUNCTION clv_season_send(clv_season) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_send(clv_season) IS 'I/O';

CREATE TYPE clv_season (
    INPUT = clv_season_in,
    OUTPUT = clv_season_out,
    RECEIVE = clv_season_recv,
    SEND = clv_season_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = plain
);
COMMENT ON TYPE clv_season IS
    'how much faster or slower than usual customers buy, by the calendar';

CREATE FUNCTION clv_season_eq(clv_season, clv_season) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_eq(clv_season, clv_season) IS 'implementation of = operator';

CREATE FUNCTION clv_season_ne(clv_season, clv_season) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_ne(clv_season, clv_season) IS 'implementation of <> operator';

CREATE OPERATOR = (
    LEFTARG = clv_season, RIGHTARG = clv_season, FUNCTION = clv_season_eq,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (clv_season, clv_season) IS 'equal';

CREATE OPERATOR <> (
    LEFTARG = clv_season, RIGHTARG = clv_season, FUNCTION = clv_season_ne,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (clv_season, clv_season) IS 'not equal';

CREATE FUNCTION clv_season_hash(clv_season) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_hash(clv_season) IS 'hash';

CREATE FUNCTION clv_season_hash_extended(clv_season, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_hash_extended(clv_season, bigint) IS 'hash';

CREATE OPERATOR CLASS clv_season_hash_ops DEFAULT FOR TYPE clv_season USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 clv_season_hash(clv_season),
    FUNCTION 2 clv_season_hash_extended(clv_season, bigint);
COMMENT ON OPERATOR CLASS clv_season_hash_ops USING hash IS 'seasons by their content';
COMMENT ON OPERATOR FAMILY clv_season_hash_ops USING hash IS 'seasons by their content';

CREATE FUNCTION clv_season_to_jsonb(clv_season) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_to_jsonb(clv_season) IS 'implementation of cast';

CREATE FUNCTION clv_season_from_jsonb(jsonb) RETURNS clv_season
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_from_jsonb(jsonb) IS 'implementation of cast';

CREATE CAST (clv_season AS jsonb) WITH FUNCTION clv_season_to_jsonb(clv_season);
COMMENT ON CAST (clv_season AS jsonb) IS 'season as JSON';

CREATE CAST (jsonb AS clv_season) WITH FUNCTION clv_season_from_jsonb(jsonb);
COMMENT ON CAST (jsonb AS clv_season) IS 'season from JSON';

CREATE FUNCTION clv_season_weight(season clv_season, day date) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_season_weight(clv_season, date) IS
    'rate of purchases on a day, relative to that of an average day';

CREATE FUNCTION clv_season_days(season clv_season, after_day date, to_day date) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_season_days(clv_season, date, date) IS
    'operational time from the end of one day to the end of another: the sum of the weights of the days between';

-- A row of clv_season_curve.
CREATE TYPE clv_season_day AS (
    day date,
    weight double precision,
    operational_days double precision
);
COMMENT ON TYPE clv_season_day IS 'a day of a season';
COMMENT ON COLUMN clv_season_day.day IS 'the day';
COMMENT ON COLUMN clv_season_day.weight IS 'rate of purchases on it, relative to that of an average day';
COMMENT ON COLUMN clv_season_day.operational_days IS 'sum of the weights so far: days of operational time';

CREATE FUNCTION clv_season_curve(season clv_season, from_day date, to_day date) RETURNS SETOF clv_season_day
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 365;
COMMENT ON FUNCTION clv_season_curve(clv_season, date, date) IS
    'a season day by day, for plots';

-- A row of clv_season_weights.
CREATE TYPE clv_season_weight AS (
    slot integer,
    label text,
    weight double precision,
    standard_error double precision
);
COMMENT ON TYPE clv_season_weight IS 'a weight of a season';
COMMENT ON COLUMN clv_season_weight.slot IS 'number of the weight, from 1';
COMMENT ON COLUMN clv_season_weight.label IS 'the month, the week, or month and weekday';
COMMENT ON COLUMN clv_season_weight.weight IS 'rate of purchases in it, relative to that of an average day';
COMMENT ON COLUMN clv_season_weight.standard_error IS 'standard error of the weight; NULL if it was not estimated';

CREATE FUNCTION clv_season_weights(season clv_season) RETURNS SETOF clv_season_weight
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 12;
COMMENT ON FUNCTION clv_season_weights(clv_season) IS
    'the weights of a season, with standard errors if they were estimated';

CREATE FUNCTION clv_season_with(season clv_season, from_day date, to_day date, factor double precision)
    RETURNS clv_season
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_season_with(clv_season, date, date, double precision) IS
    'a season in which the weights of some days are multiplied, for a campaign or a movable holiday';
