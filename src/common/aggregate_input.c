/*
 * aggregate_input.c
 *		The input of aggregates: amount, time, context, states of workers.
 */
#include "common/aggregate_input.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "utils/datetime.h"
#include "utils/float.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "common/calendar.h"

/* the context of an aggregate's states; an error outside an aggregate */
MemoryContext
clv_aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	return context;
}

/* start reading a state that another process of the same query wrote */
void
clv_serial_open(StringInfo buf, bytea *bytes, int version)
{
	initStringInfo(buf);
	appendBinaryStringInfo(buf, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	if (pq_getmsgbyte(buf) != version)
		elog(ERROR, "unknown version of a serialized state");
}

/* the type of an argument, which has to be a time */
ClvTimeType
clv_time_type(FunctionCallInfo fcinfo, int argument)
{
	Oid			type = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, argument));

	switch (type)
	{
		case DATEOID:
			return CLV_TIME_DATE;
		case TIMESTAMPOID:
			return CLV_TIME_TIMESTAMP;
		case TIMESTAMPTZOID:
			return CLV_TIME_TIMESTAMPTZ;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("unsupported type of time: %s", format_type_be(type)),
			 errhint("Times can be of type date, timestamp or timestamptz.")));
	return CLV_TIME_DATE;
}

/* the type of an argument, which has to be an amount */
ClvAmountType
clv_amount_type(FunctionCallInfo fcinfo, int argument)
{
	Oid			type = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, argument));

	switch (type)
	{
		case NUMERICOID:
			return CLV_AMOUNT_NUMERIC;
		case INT2OID:
			return CLV_AMOUNT_INT2;
		case INT4OID:
			return CLV_AMOUNT_INT4;
		case INT8OID:
			return CLV_AMOUNT_INT8;
		case FLOAT4OID:
			return CLV_AMOUNT_FLOAT4;
		case FLOAT8OID:
			return CLV_AMOUNT_FLOAT8;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("unsupported type of amount: %s", format_type_be(type)),
			 errhint("Amounts can be numeric, smallint, integer, bigint, real or double precision.")));
	return CLV_AMOUNT_NUMERIC;
}

const ClvInput *
clv_input_resolve(FunctionCallInfo fcinfo)
{
	ClvInput   *input = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt,
										   sizeof(ClvInput));

	input->amount = clv_amount_type(fcinfo, 1);
	input->time = clv_time_type(fcinfo, 2);
	fcinfo->flinfo->fn_extra = input;
	return input;
}

void
clv_time_not_finite(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("time of an order is infinite"),
			 errhint("Leave such rows out with a WHERE or FILTER clause.")));
	pg_unreachable();
}

void
clv_day_out_of_range(DateADT day)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("day of an order is out of range: %s", clv_day_text(day)),
			 errdetail("The first day is %s.", clv_day_text(CLV_MIN_DAY))));
	pg_unreachable();
}

/*
 * Is this a session that another server opened to run a part of its query?
 * PostgreSQL takes every aggregate for immutable, so that postgres_fdw and
 * Citus run those over a timestamptz there, though not in the time zone of
 * whoever asks.  postgres_fdw is known by its name, which users can change, or
 * by what it sets in every session (configure_remote_session()); Citus by its
 * name.
 */
static bool
is_session_of_server(void)
{
	if (strcmp(application_name, "postgres_fdw") == 0 ||
		strncmp(application_name, "citus_internal", strlen("citus_internal")) == 0)
		return true;
	return extra_float_digits == 3 &&
		strcmp(namespace_search_path, "pg_catalog") == 0 &&
		strcmp(pg_get_timezone_name(session_timezone), "GMT") == 0;
}

/* an error if the session's time zone is not that of whoever asks */
void
clv_check_time_zone(void)
{
	static const pg_tz *checked = NULL;

	if (likely(checked == session_timezone))
		return;
	if (is_session_of_server())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot tell on which day a timestamptz falls for another server"),
				 errdetail("That server asks in a session with the time zone \"%s\", whatever its own is.",
						   pg_get_timezone_name(session_timezone)),
				 errhint("Name the zone, as in clv_history(amount, ordered_at AT TIME ZONE 'Europe/Berlin').")));
	checked = session_timezone;
}

/* the day a moment falls on in the session's time zone */
DateADT
clv_day_of_timestamptz(TimestampTz time)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;

	clv_check_time_zone();
	if (timestamp2tm(time, &tz, &tm, &fsec, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("time of an order is out of range")));
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
}

/* the type cache entry of a type; an error if it has no ordering */
TypeCacheEntry *
clv_ordered_type(Oid type)
{
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_CMP_PROC_FINFO);

	if (!OidIsValid(entry->cmp_proc_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("cannot order values of type %s",
						format_type_be(type)),
				 errhint("Cast the values to a type that has one, such as text.")));
	return entry;
}
