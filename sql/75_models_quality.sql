-- Which model predicts a book best, and whether its forecast can be believed.

-- A row of clv_choose_model.
CREATE TYPE clv_model_quality AS (
    method text,
    chosen boolean,
    verdict text,
    measure text,
    bucket text,
    customers bigint,
    actual double precision,
    predicted double precision,
    bias double precision,
    mae double precision,
    rmse double precision,
    rank_correlation double precision,
    top_capture double precision,
    p_alive double precision,
    calibration_end date,
    tested_to date,
    status text,
    regularity integer,
    reason text,
    advice text,
    model clv_model
);
COMMENT ON TYPE clv_model_quality IS 'how well a model or a simple rule predicted what was held out';
COMMENT ON COLUMN clv_model_quality.method IS 'model or simple rule: last_year, naive, last_span; or given';
COMMENT ON COLUMN clv_model_quality.chosen IS 'whether it is the one to use';
COMMENT ON COLUMN clv_model_quality.verdict IS 'good, usable with care, do not use, or not tested';
COMMENT ON COLUMN clv_model_quality.measure IS
    'purchases (purchase days), value, or p_alive: the probability of a purchase against the share who bought';
COMMENT ON COLUMN clv_model_quality.bucket IS 'all customers, or for p_alive a tenth of them by P(alive), from the lowest on';
COMMENT ON COLUMN clv_model_quality.customers IS 'number of customers tested';
COMMENT ON COLUMN clv_model_quality.actual IS 'what came in the test; for p_alive the share who bought';
COMMENT ON COLUMN clv_model_quality.predicted IS 'what was predicted of it; for p_alive the mean probability of a purchase';
COMMENT ON COLUMN clv_model_quality.bias IS 'predicted / actual - 1';
COMMENT ON COLUMN clv_model_quality.mae IS
    'mean absolute error per customer; for p_alive the distance of predicted and actual, over all customers its mean by tenths';
COMMENT ON COLUMN clv_model_quality.rmse IS 'root of the mean square error';
COMMENT ON COLUMN clv_model_quality.rank_correlation IS 'correlation of the ranks of predicted and actual';
COMMENT ON COLUMN clv_model_quality.top_capture IS 'share of the actual total from the tenth of customers with the highest predictions';
COMMENT ON COLUMN clv_model_quality.p_alive IS 'mean P(alive), for the measure p_alive';
COMMENT ON COLUMN clv_model_quality.calibration_end IS 'last day before the test; NULL: not tested';
COMMENT ON COLUMN clv_model_quality.tested_to IS 'last day of the test; NULL: not tested';
COMMENT ON COLUMN clv_model_quality.status IS 'how the fit before the test ended, rule, given, or why there is none';
COMMENT ON COLUMN clv_model_quality.regularity IS 'k, of models of regular buyers';
COMMENT ON COLUMN clv_model_quality.reason IS 'why the verdict is what it is, the main reason first';
COMMENT ON COLUMN clv_model_quality.advice IS 'what to do about the main reason; NULL: nothing';
COMMENT ON COLUMN clv_model_quality.model IS 'the chosen model, fitted to all days, in its first row; NULL in others';

CREATE FUNCTION clv_choose_model(
    orders regclass,
    customer name,
    ordered_at name,
    amount name DEFAULT NULL,
    as_of date DEFAULT NULL,
    horizon interval DEFAULT '1 year',
    candidates text[] DEFAULT NULL,
    unit text DEFAULT 'week',
    season text DEFAULT 'auto',
    time_zone text DEFAULT NULL,
    order_id name DEFAULT NULL)
    RETURNS SETOF clv_model_quality
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 5000000 ROWS 60;
COMMENT ON FUNCTION clv_choose_model(regclass, name, name, name, date, interval, text[], text, text, text, name) IS
    'which model or simple rule predicts the last part of a book best, and whether its forecast can be believed';

CREATE FUNCTION clv_internal_choose_accum(internal, clv_history, interval, text, clv_model, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_choose_accum(internal, clv_history, interval, text, clv_model, text) IS 'aggregate transition function';

CREATE FUNCTION clv_internal_choose_final(internal) RETURNS clv_model_quality[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_choose_final(internal) IS 'aggregate final function';

CREATE AGGREGATE clv_internal_choose(history clv_history, horizon interval, kind text, given clv_model, season text) (
    SFUNC = clv_internal_choose_accum, STYPE = internal, SSPACE = 65536,
    FINALFUNC = clv_internal_choose_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE clv_internal_choose(clv_history, interval, text, clv_model, text) IS
    'support of clv_create_views: clv_choose_model() of histories';

CREATE FUNCTION clv_internal_dropout_is_known(model clv_model) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_dropout_is_known(clv_model) IS
    'support of clv_create_views: whether a fit tells who has left';
