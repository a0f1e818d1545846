/*
 * satisfaction_agg.c
 *		clv_nps() and clv_csat(): scores that customers give in surveys.
 *
 * A state is three counts, whatever the question, so it is exact and
 * mergeable, and answers can be removed again.
 */
#include "clv.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "utils/lsyscache.h"

#include "common/aggregate_input.h"
#include "common/money.h"
#include "common/numbers.h"
#include "common/row.h"

#define SERIAL_VERSION	1

#define NPS_TOP			10
#define CSAT_TOP		5
#define CSAT_MIN_TOP	3
#define CSAT_MAX_TOP	100
/* the highest scores of a scale that count as satisfied */
#define CSAT_BOXES		2

/* category of an answer */
typedef enum Band
{
	BAND_LOW,					/* detractor; not satisfied */
	BAND_MIDDLE,				/* passive */
	BAND_HIGH					/* promoter; satisfied */
} Band;
#define N_BANDS			(BAND_HIGH + 1)

typedef struct ScoreState
{
	int64		counts[N_BANDS];
} ScoreState;

static const uint8 nps_bands[NPS_TOP + 1] = {
	BAND_LOW, BAND_LOW, BAND_LOW, BAND_LOW, BAND_LOW, BAND_LOW, BAND_LOW,
	BAND_MIDDLE, BAND_MIDDLE, BAND_HIGH, BAND_HIGH
};

pg_noreturn static void
score_out_of_range(const char *score, int bottom, int top)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("score is out of range: %.60s%s", score,
					strlen(score) > 60 ? "..." : ""),
			 errdetail("Scores are whole numbers from %d to %d.", bottom, top),
			 errhint("Leave other answers out with a WHERE or FILTER clause, or make them NULL.")));
	pg_unreachable();
}

/* a numeric that is a whole number within the bounds */
static int64
whole_score(Numeric num, int bottom, int top)
{
	int64		value;
	int			scale;

	if (clv_numeric_to_int64(num, &value, &scale))
	{
		if (scale == 0)
			return value;
		if (value % (int64) clv_pow10[scale] == 0)
			return value / (int64) clv_pow10[scale];
	}
	else
	{
		/* the score may have too many zeros after the decimal point */
		Datum		plain = DirectFunctionCall1(numeric_trim_scale,
												NumericGetDatum(num));

		if (clv_numeric_to_int64(DatumGetNumeric(plain), &value, &scale) &&
			scale == 0)
			return value;
	}
	score_out_of_range(DatumGetCString(DirectFunctionCall1(numeric_out,
														   NumericGetDatum(num))),
					   bottom, top);
	return 0;
}

/* argument 1, which has to be a whole number within the bounds */
static inline int
read_score(FunctionCallInfo fcinfo, int bottom, int top)
{
	Datum		datum = PG_GETARG_DATUM(1);
	/*
	 * the OID of the type is looked up once per call site, and kept as a
	 * pointer
	 */
	Oid			type = (Oid) (uintptr_t) fcinfo->flinfo->fn_extra;
	int64		score;

	if (unlikely(type == InvalidOid))
	{
		type = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, 1));
		fcinfo->flinfo->fn_extra = (void *) (uintptr_t) type;
	}
	switch (type)
	{
		case INT4OID:
			score = DatumGetInt32(datum);
			break;
		case INT2OID:
			score = DatumGetInt16(datum);
			break;
		case INT8OID:
			score = DatumGetInt64(datum);
			break;
		case NUMERICOID:
			score = whole_score((Numeric) PG_DETOAST_DATUM_PACKED(datum), bottom, top);
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("unsupported type of score: %s", format_type_be(type)),
					 errhint("Scores can be of type smallint, integer, bigint or numeric.")));
			score = 0;
	}
	if (unlikely(score < bottom || score > top))
		score_out_of_range(psprintf(INT64_FORMAT, score), bottom, top);
	return (int) score;
}

static inline Band
nps_band(FunctionCallInfo fcinfo)
{
	return nps_bands[read_score(fcinfo, 0, NPS_TOP)];
}

/* argument 2, if there is one: the highest score of the scale */
static inline Band
csat_band(FunctionCallInfo fcinfo)
{
	int			scale_max = CSAT_TOP;

	if (PG_NARGS() > 2)
	{
		if (PG_ARGISNULL(2))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("scale_max must not be null")));
		scale_max = PG_GETARG_INT32(2);
		if (scale_max < CSAT_MIN_TOP || scale_max > CSAT_MAX_TOP)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("scale_max is out of range: %d", scale_max),
					 errdetail("The highest score of a scale that starts at 1 must be between %d and %d.",
							   CSAT_MIN_TOP, CSAT_MAX_TOP)));
	}
	return read_score(fcinfo, 1, scale_max) > scale_max - CSAT_BOXES ? BAND_HIGH : BAND_LOW;
}

/*
 * The transition functions also serve moving frames, for which they must not
 * return NULL: so a state is created whether or not the first row counts.
 */
static inline ScoreState *
get_state(FunctionCallInfo fcinfo)
{
	if (likely(!PG_ARGISNULL(0)))
		return (ScoreState *) PG_GETARG_POINTER(0);
	return MemoryContextAllocZero(clv_aggregate_context(fcinfo), sizeof(ScoreState));
}

static inline ScoreState *
get_state_to_take(FunctionCallInfo fcinfo)
{
	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		elog(ERROR, "inverse transition function called with NULL state");
	return (ScoreState *) PG_GETARG_POINTER(0);
}

PG_FUNCTION_INFO_V1(clv_internal_nps_accum);
Datum
clv_internal_nps_accum(PG_FUNCTION_ARGS)
{
	ScoreState *state = get_state(fcinfo);

	if (!PG_ARGISNULL(1))
		state->counts[nps_band(fcinfo)]++;
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_nps_inverse);
Datum
clv_internal_nps_inverse(PG_FUNCTION_ARGS)
{
	ScoreState *state = get_state_to_take(fcinfo);

	if (!PG_ARGISNULL(1))
		state->counts[nps_band(fcinfo)]--;
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_csat_accum);
Datum
clv_internal_csat_accum(PG_FUNCTION_ARGS)
{
	ScoreState *state = get_state(fcinfo);

	if (!PG_ARGISNULL(1))
		state->counts[csat_band(fcinfo)]++;
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_csat_inverse);
Datum
clv_internal_csat_inverse(PG_FUNCTION_ARGS)
{
	ScoreState *state = get_state_to_take(fcinfo);

	if (!PG_ARGISNULL(1))
		state->counts[csat_band(fcinfo)]--;
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_satisfaction_combine);
Datum
clv_internal_satisfaction_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	ScoreState *into = PG_ARGISNULL(0) ? NULL : (ScoreState *) PG_GETARG_POINTER(0);
	const ScoreState *from = PG_ARGISNULL(1) ? NULL : (ScoreState *) PG_GETARG_POINTER(1);
	int			i;

	if (into == NULL)
	{
		if (from == NULL)
			PG_RETURN_NULL();
		into = MemoryContextAllocZero(context, sizeof(ScoreState));
	}
	for (i = 0; from != NULL && i < N_BANDS; i++)
		into->counts[i] += from->counts[i];
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(clv_internal_satisfaction_serial);
Datum
clv_internal_satisfaction_serial(PG_FUNCTION_ARGS)
{
	const ScoreState *state;
	StringInfoData buf;
	int			i;

	(void) clv_aggregate_context(fcinfo);
	state = (ScoreState *) PG_GETARG_POINTER(0);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	for (i = 0; i < N_BANDS; i++)
		pq_sendint64(&buf, state->counts[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(clv_internal_satisfaction_deserial);
Datum
clv_internal_satisfaction_deserial(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	ScoreState *state;
	int			i;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	state = palloc(sizeof(ScoreState));
	for (i = 0; i < N_BANDS; i++)
		state->counts[i] = pq_getmsgint64(&buf);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

/* the state to finish; NULL if there were no answers */
static const ScoreState *
answers(FunctionCallInfo fcinfo, int64 *n)
{
	const ScoreState *state;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		return NULL;
	state = (ScoreState *) PG_GETARG_POINTER(0);
	*n = state->counts[BAND_LOW] + state->counts[BAND_MIDDLE] +
		state->counts[BAND_HIGH];
	return *n > 0 ? state : NULL;
}

/* 100 * count / n */
static Datum
percent(int64 count, int64 n)
{
	Datum		hundred = NumericGetDatum(int64_to_numeric(100));
	Datum		product = DirectFunctionCall2(numeric_mul, hundred,
											  NumericGetDatum(int64_to_numeric(count)));

	return NumericGetDatum(clv_numeric_divide_int64(DatumGetNumeric(product), n));
}

static Datum
nps(const ScoreState *state, int64 n)
{
	return percent(state->counts[BAND_HIGH] - state->counts[BAND_LOW], n);
}

static Datum
csat(const ScoreState *state, int64 n)
{
	return percent(state->counts[BAND_HIGH], n);
}

/*
 * stddev_samp / sqrt(n) of answers that count as -100, 0 and 100, or as 0 and
 * 100. n times the sum of squares less the square of the sum is a sum of
 * products of counts, so there is no cancellation:
 *
 *		n (h + l) - (h - l)^2 = 4 h l + m (h + l)
 *		n h - h^2 = h l				where m = 0, and l counts 0
 */
static Datum
standard_error(double squares, int64 n)
{
	return Float8GetDatum(100 * sqrt(squares / ((double) n - 1)) / (double) n);
}

PG_FUNCTION_INFO_V1(clv_internal_nps_final);
Datum
clv_internal_nps_final(PG_FUNCTION_ARGS)
{
	int64		n;
	const ScoreState *state = answers(fcinfo, &n);

	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(nps(state, n));
}

PG_FUNCTION_INFO_V1(clv_internal_csat_final);
Datum
clv_internal_csat_final(PG_FUNCTION_ARGS)
{
	int64		n;
	const ScoreState *state = answers(fcinfo, &n);

	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(csat(state, n));
}

PG_FUNCTION_INFO_V1(clv_internal_nps_stats_final);
Datum
clv_internal_nps_stats_final(PG_FUNCTION_ARGS)
{
	int64		n;
	const ScoreState *state = answers(fcinfo, &n);
	Datum		values[6];
	bool		nulls[6] = {false};
	double		high;
	double		middle;
	double		low;

	if (state == NULL)
		PG_RETURN_NULL();
	high = (double) state->counts[BAND_HIGH];
	middle = (double) state->counts[BAND_MIDDLE];
	low = (double) state->counts[BAND_LOW];
	values[0] = Int64GetDatum(n);
	values[1] = Int64GetDatum(state->counts[BAND_HIGH]);
	values[2] = Int64GetDatum(state->counts[BAND_MIDDLE]);
	values[3] = Int64GetDatum(state->counts[BAND_LOW]);
	values[4] = nps(state, n);
	nulls[5] = n < 2;
	values[5] = nulls[5] ? (Datum) 0 :
		standard_error(4 * high * low + middle * (high + low), n);
	return clv_row_make(fcinfo, lengthof(values), values, nulls);
}

PG_FUNCTION_INFO_V1(clv_internal_csat_stats_final);
Datum
clv_internal_csat_stats_final(PG_FUNCTION_ARGS)
{
	int64		n;
	const ScoreState *state = answers(fcinfo, &n);
	Datum		values[4];
	bool		nulls[4] = {false};

	if (state == NULL)
		PG_RETURN_NULL();
	values[0] = Int64GetDatum(n);
	values[1] = Int64GetDatum(state->counts[BAND_HIGH]);
	values[2] = csat(state, n);
	nulls[3] = n < 2;
	values[3] = nulls[3] ? (Datum) 0 :
		standard_error((double) state->counts[BAND_HIGH] *
					   (double) state->counts[BAND_LOW], n);
	return clv_row_make(fcinfo, lengthof(values), values, nulls);
}
