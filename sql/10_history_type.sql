-- The type clv_history: input, output, operators, operator classes.

CREATE TYPE clv_history;

CREATE FUNCTION clv_history_in(cstring) RETURNS clv_history
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_in(cstring) IS 'I/O';

CREATE FUNCTION clv_history_out(clv_history) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_out(clv_history) IS 'I/O';

CREATE FUNCTION clv_history_recv(internal) RETURNS clv_history
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_recv(internal) IS 'I/O';

CREATE FUNCTION clv_history_send(clv_history) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_send(clv_history) IS 'I/O';

CREATE TYPE clv_history (
    INPUT = clv_history_in,
    OUTPUT = clv_history_out,
    RECEIVE = clv_history_recv,
    SEND = clv_history_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE clv_history IS
    'orders of a customer: number of orders, gross and refunds of each day, exactly';

CREATE FUNCTION clv_history_eq(clv_history, clv_history) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_eq(clv_history, clv_history) IS 'implementation of = operator';

CREATE FUNCTION clv_history_ne(clv_history, clv_history) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_ne(clv_history, clv_history) IS 'implementation of <> operator';

CREATE FUNCTION clv_history_lt(clv_history, clv_history) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_lt(clv_history, clv_history) IS 'implementation of < operator';

CREATE FUNCTION clv_history_le(clv_history, clv_history) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_le(clv_history, clv_history) IS 'implementation of <= operator';

CREATE FUNCTION clv_history_gt(clv_history, clv_history) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_gt(clv_history, clv_history) IS 'implementation of > operator';

CREATE FUNCTION clv_history_ge(clv_history, clv_history) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_ge(clv_history, clv_history) IS 'implementation of >= operator';

CREATE FUNCTION clv_history_cmp(clv_history, clv_history) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_cmp(clv_history, clv_history) IS 'less-equal-greater';

CREATE FUNCTION clv_history_hash(clv_history) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_hash(clv_history) IS 'hash';

CREATE FUNCTION clv_history_hash_extended(clv_history, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_history_hash_extended(clv_history, bigint) IS 'hash';

CREATE OPERATOR = (
    LEFTARG = clv_history, RIGHTARG = clv_history, FUNCTION = clv_history_eq,
    COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (clv_history, clv_history) IS 'equal';

CREATE OPERATOR <> (
    LEFTARG = clv_history, RIGHTARG = clv_history, FUNCTION = clv_history_ne,
    COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (clv_history, clv_history) IS 'not equal';

CREATE OPERATOR < (
    LEFTARG = clv_history, RIGHTARG = clv_history, FUNCTION = clv_history_lt,
    COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (clv_history, clv_history) IS 'less than, in an arbitrary but fixed order';

CREATE OPERATOR <= (
    LEFTARG = clv_history, RIGHTARG = clv_history, FUNCTION = clv_history_le,
    COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (clv_history, clv_history) IS 'less than or equal, in an arbitrary but fixed order';

CREATE OPERATOR > (
    LEFTARG = clv_history, RIGHTARG = clv_history, FUNCTION = clv_history_gt,
    COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (clv_history, clv_history) IS 'greater than, in an arbitrary but fixed order';

CREATE OPERATOR >= (
    LEFTARG = clv_history, RIGHTARG = clv_history, FUNCTION = clv_history_ge,
    COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (clv_history, clv_history) IS 'greater than or equal, in an arbitrary but fixed order';

CREATE OPERATOR CLASS clv_history_btree_ops
    DEFAULT FOR TYPE clv_history USING btree AS
    OPERATOR 1 <,
    OPERATOR 2 <=,
    OPERATOR 3 =,
    OPERATOR 4 >=,
    OPERATOR 5 >,
    FUNCTION 1 clv_history_cmp(clv_history, clv_history);
COMMENT ON OPERATOR CLASS clv_history_btree_ops USING btree IS
    'order by stored bytes';
COMMENT ON OPERATOR FAMILY clv_history_btree_ops USING btree IS
    'order by stored bytes';

CREATE OPERATOR CLASS clv_history_hash_ops
    DEFAULT FOR TYPE clv_history USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 clv_history_hash(clv_history),
    FUNCTION 2 clv_history_hash_extended(clv_history, bigint);
COMMENT ON OPERATOR CLASS clv_history_hash_ops USING hash IS
    'hash of stored bytes';
COMMENT ON OPERATOR FAMILY clv_history_hash_ops USING hash IS
    'hash of stored bytes';

CREATE FUNCTION clv_history_add(clv_history, clv_history) RETURNS clv_history
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_history_add(clv_history, clv_history) IS
    'implementation of + operator';

CREATE OPERATOR + (
    LEFTARG = clv_history, RIGHTARG = clv_history, FUNCTION = clv_history_add,
    COMMUTATOR = +
);
COMMENT ON OPERATOR + (clv_history, clv_history) IS 'merge two histories';

CREATE FUNCTION clv_history_subtract(clv_history, clv_history) RETURNS clv_history
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_history_subtract(clv_history, clv_history) IS
    'implementation of - operator';

CREATE OPERATOR - (
    LEFTARG = clv_history, RIGHTARG = clv_history,
    FUNCTION = clv_history_subtract
);
COMMENT ON OPERATOR - (clv_history, clv_history) IS
    'take back the orders of the right history, which the left one must contain';
