/*
 * aggregate_input.h
 *		The input of aggregates: amount, time, context, states of workers.
 *
 * One transition function serves every combination of types: it is declared
 * over "any", and looks up the types of its arguments once per call site.
 */
#ifndef CLV_AGGREGATE_INPUT_H
#define CLV_AGGREGATE_INPUT_H

#include "clv.h"

#include "lib/stringinfo.h"
#include "utils/typcache.h"

#include "common/money.h"

typedef enum ClvAmountType
{
	CLV_AMOUNT_NUMERIC,
	CLV_AMOUNT_INT2,
	CLV_AMOUNT_INT4,
	CLV_AMOUNT_INT8,
	CLV_AMOUNT_FLOAT4,
	CLV_AMOUNT_FLOAT8
} ClvAmountType;

typedef enum ClvTimeType
{
	CLV_TIME_DATE,
	CLV_TIME_TIMESTAMP,
	CLV_TIME_TIMESTAMPTZ
} ClvTimeType;

typedef struct ClvInput
{
	ClvAmountType amount;
	ClvTimeType time;
} ClvInput;

extern const ClvInput *clv_input_resolve(FunctionCallInfo fcinfo);
extern ClvAmountType clv_amount_type(FunctionCallInfo fcinfo, int argument);
extern ClvTimeType clv_time_type(FunctionCallInfo fcinfo, int argument);
extern TypeCacheEntry *clv_ordered_type(Oid type);
extern MemoryContext clv_aggregate_context(FunctionCallInfo fcinfo);
extern void clv_serial_open(StringInfo buf, bytea *bytes, int version);
extern void clv_check_time_zone(void);
extern DateADT clv_day_of_timestamptz(TimestampTz time);
pg_noreturn extern void clv_time_not_finite(void);
pg_noreturn extern void clv_day_out_of_range(DateADT day);

/* the state in argument 0 as it is, for a row that adds nothing */
static inline Datum
clv_same_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* the types of arguments 1 and 2 */
static inline const ClvInput *
clv_input(FunctionCallInfo fcinfo)
{
	if (likely(fcinfo->flinfo->fn_extra != NULL))
		return fcinfo->flinfo->fn_extra;
	return clv_input_resolve(fcinfo);
}

static inline void
clv_read_amount_of(ClvAmountType type, Datum datum, ClvAmount *amount)
{
	switch (type)
	{
		case CLV_AMOUNT_NUMERIC:
			clv_amount_from_numeric((Numeric) PG_DETOAST_DATUM_PACKED(datum),
									amount);
			break;
		case CLV_AMOUNT_INT2:
			clv_amount_from_int64(DatumGetInt16(datum), amount);
			break;
		case CLV_AMOUNT_INT4:
			clv_amount_from_int64(DatumGetInt32(datum), amount);
			break;
		case CLV_AMOUNT_INT8:
			clv_amount_from_int64(DatumGetInt64(datum), amount);
			break;
		case CLV_AMOUNT_FLOAT4:
			clv_amount_from_float4(DatumGetFloat4(datum), amount);
			break;
		case CLV_AMOUNT_FLOAT8:
			clv_amount_from_float8(DatumGetFloat8(datum), amount);
			break;
	}
}

static inline void
clv_read_amount(const ClvInput *input, Datum datum, ClvAmount *amount)
{
	clv_read_amount_of(input->amount, datum, amount);
}

/*
 * Is a row an order?  An argument may say so; if it is NULL or there is none,
 * the sign does.
 */
static inline bool
clv_row_is_order(FunctionCallInfo fcinfo, int argument, const ClvAmount *amount)
{
	if (PG_NARGS() <= argument || PG_ARGISNULL(argument))
		return !amount->negative;
	return PG_GETARG_BOOL(argument);
}

static inline bool
clv_time_is_finite(ClvTimeType type, Datum datum)
{
	return type == CLV_TIME_DATE ?
		!DATE_NOT_FINITE(DatumGetDateADT(datum)) :
		!TIMESTAMP_NOT_FINITE(DatumGetTimestamp(datum));
}

static inline void
clv_check_time(const ClvInput *input, Datum datum)
{
	if (!clv_time_is_finite(input->time, datum))
		clv_time_not_finite();
}

/* a time as a number in its own unit: days of a date, else microseconds */
static inline int64
clv_time_number(ClvTimeType type, Datum datum)
{
	return type == CLV_TIME_DATE ?
		(int64) DatumGetDateADT(datum) : DatumGetTimestamp(datum);
}

/* the day a time falls on; timestamptz in the session's time zone */
static inline DateADT
clv_read_day(const ClvInput *input, Datum datum)
{
	DateADT		day;

	clv_check_time(input, datum);
	if (input->time == CLV_TIME_DATE)
		day = DatumGetDateADT(datum);
	else if (input->time == CLV_TIME_TIMESTAMPTZ)
		day = clv_day_of_timestamptz(DatumGetTimestampTz(datum));
	else
	{
		Timestamp	time = DatumGetTimestamp(datum);

		day = (DateADT) (time / USECS_PER_DAY - (time % USECS_PER_DAY < 0));
	}
	/* west of Greenwich the first moment falls on a day before the first */
	if (unlikely(day < CLV_MIN_DAY || day >= CLV_END_DAY))
		clv_day_out_of_range(day);
	return day;
}

#endif							/* CLV_AGGREGATE_INPUT_H */
