-- The type clv_recurring: input, output, operators, operator classes.
--
-- Values are compared by their bytes, as histories are, and by the same
-- functions of the library.

CREATE TYPE clv_recurring;

CREATE FUNCTION clv_recurring_in(cstring) RETURNS clv_recurring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_in(cstring) IS 'I/O';

CREATE FUNCTION clv_recurring_out(clv_recurring) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_out(clv_recurring) IS 'I/O';

CREATE FUNCTION clv_recurring_recv(internal) RETURNS clv_recurring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_recv(internal) IS 'I/O';

CREATE FUNCTION clv_recurring_send(clv_recurring) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_send(clv_recurring) IS 'I/O';

CREATE TYPE clv_recurring (
    INPUT = clv_recurring_in,
    OUTPUT = clv_recurring_out,
    RECEIVE = clv_recurring_recv,
    SEND = clv_recurring_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE clv_recurring IS
    'what a customer pays a month from each day on, exactly: MRR as steps';

CREATE FUNCTION clv_recurring_eq(clv_recurring, clv_recurring) RETURNS boolean
    AS 'MODULE_PATHNAME', 'clv_history_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_eq(clv_recurring, clv_recurring) IS 'implementation of = operator';

CREATE FUNCTION clv_recurring_ne(clv_recurring, clv_recurring) RETURNS boolean
    AS 'MODULE_PATHNAME', 'clv_history_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_ne(clv_recurring, clv_recurring) IS 'implementation of <> operator';

CREATE FUNCTION clv_recurring_lt(clv_recurring, clv_recurring) RETURNS boolean
    AS 'MODULE_PATHNAME', 'clv_history_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_lt(clv_recurring, clv_recurring) IS 'implementation of < operator';

CREATE FUNCTION clv_recurring_le(clv_recurring, clv_recurring) RETURNS boolean
    AS 'MODULE_PATHNAME', 'clv_history_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_le(clv_recurring, clv_recurring) IS 'implementation of <= operator';

CREATE FUNCTION clv_recurring_gt(clv_recurring, clv_recurring) RETURNS boolean
    AS 'MODULE_PATHNAME', 'clv_history_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_gt(clv_recurring, clv_recurring) IS 'implementation of > operator';

CREATE FUNCTION clv_recurring_ge(clv_recurring, clv_recurring) RETURNS boolean
    AS 'MODULE_PATHNAME', 'clv_history_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_ge(clv_recurring, clv_recurring) IS 'implementation of >= operator';

CREATE FUNCTION clv_recurring_cmp(clv_recurring, clv_recurring) RETURNS integer
    AS 'MODULE_PATHNAME', 'clv_history_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_cmp(clv_recurring, clv_recurring) IS 'less-equal-greater';

CREATE FUNCTION clv_recurring_hash(clv_recurring) RETURNS integer
    AS 'MODULE_PATHNAME', 'clv_history_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_hash(clv_recurring) IS 'hash';

CREATE FUNCTION clv_recurring_hash_extended(clv_recurring, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'clv_history_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_recurring_hash_extended(clv_recurring, bigint) IS 'hash';

CREATE OPERATOR = (
    LEFTARG = clv_recurring, RIGHTARG = clv_recurring, FUNCTION = clv_recurring_eq,
    COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (clv_recurring, clv_recurring) IS 'equal';

CREATE OPERATOR <> (
    LEFTARG = clv_recurring, RIGHTARG = clv_recurring, FUNCTION = clv_recurring_ne,
    COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (clv_recurring, clv_recurring) IS 'not equal';

CREATE OPERATOR < (
    LEFTARG = clv_recurring, RIGHTARG = clv_recurring, FUNCTION = clv_recurring_lt,
    COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (clv_recurring, clv_recurring) IS 'less than, in an arbitrary but fixed order';

CREATE OPERATOR <= (
    LEFTARG = clv_recurring, RIGHTARG = clv_recurring, FUNCTION = clv_recurring_le,
    COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (clv_recurring, clv_recurring) IS 'less than or equal, in an arbitrary but fixed order';

CREATE OPERATOR > (
    LEFTARG = clv_recurring, RIGHTARG = clv_recurring, FUNCTION = clv_recurring_gt,
    COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (clv_recurring, clv_recurring) IS 'greater than, in an arbitrary but fixed order';

CREATE OPERATOR >= (
    LEFTARG = clv_recurring, RIGHTARG = clv_recurring, FUNCTION = clv_recurring_ge,
    COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (clv_recurring, clv_recurring) IS 'greater than or equal, in an arbitrary but fixed order';

CREATE OPERATOR CLASS clv_recurring_btree_ops
    DEFAULT FOR TYPE clv_recurring USING btree AS
    OPERATOR 1 <,
    OPERATOR 2 <=,
    OPERATOR 3 =,
    OPERATOR 4 >=,
    OPERATOR 5 >,
    FUNCTION 1 clv_recurring_cmp(clv_recurring, clv_recurring);
COMMENT ON OPERATOR CLASS clv_recurring_btree_ops USING btree IS
    'order by stored bytes';
COMMENT ON OPERATOR FAMILY clv_recurring_btree_ops USING btree IS
    'order by stored bytes';

CREATE OPERATOR CLASS clv_recurring_hash_ops
    DEFAULT FOR TYPE clv_recurring USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 clv_recurring_hash(clv_recurring),
    FUNCTION 2 clv_recurring_hash_extended(clv_recurring, bigint);
COMMENT ON OPERATOR CLASS clv_recurring_hash_ops USING hash IS
    'hash of stored bytes';
COMMENT ON OPERATOR FAMILY clv_recurring_hash_ops USING hash IS
    'hash of stored bytes';

CREATE FUNCTION clv_recurring_add(clv_recurring, clv_recurring) RETURNS clv_recurring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_recurring_add(clv_recurring, clv_recurring) IS
    'implementation of + operator';

CREATE OPERATOR + (
    LEFTARG = clv_recurring, RIGHTARG = clv_recurring, FUNCTION = clv_recurring_add,
    COMMUTATOR = +
);
COMMENT ON OPERATOR + (clv_recurring, clv_recurring) IS 'merge two values: both are paid';

CREATE FUNCTION clv_recurring_subtract(clv_recurring, clv_recurring) RETURNS clv_recurring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION clv_recurring_subtract(clv_recurring, clv_recurring) IS
    'implementation of - operator';

CREATE OPERATOR - (
    LEFTARG = clv_recurring, RIGHTARG = clv_recurring,
    FUNCTION = clv_recurring_subtract
);
COMMENT ON OPERATOR - (clv_recurring, clv_recurring) IS
    'take back the terms of the right value, which the left one must contain';
