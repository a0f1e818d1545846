/*
 * args.c
 *		Arguments of set-returning functions over a table: checked, and named
 *		in errors.
 *
 * These functions are not strict: NULL means "not given" for some arguments,
 * and is an error for the others.
 */
#include "common/args.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "common/calendar.h"

/* raise an error if an argument is NULL */
void
clv_arg_required(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
}

/*
 * Raise an error if a required argument is NULL.  Its default is NULL only
 * because arguments before it have defaults; "hint" can be NULL.
 */
void
clv_arg_given(FunctionCallInfo fcinfo, int arg, const char *name, const char *hint)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must be given", name),
				 hint == NULL ? 0 : errhint("%s", hint)));
}

text *
clv_arg_text(FunctionCallInfo fcinfo, int arg, const char *name)
{
	clv_arg_required(fcinfo, arg, name);
	return PG_GETARG_TEXT_PP(arg);
}

bool
clv_arg_bool(FunctionCallInfo fcinfo, int arg, const char *name)
{
	clv_arg_required(fcinfo, arg, name);
	return PG_GETARG_BOOL(arg);
}

Oid
clv_arg_relation(FunctionCallInfo fcinfo, int arg, const char *name)
{
	clv_arg_required(fcinfo, arg, name);
	return PG_GETARG_OID(arg);
}

/* the name of a column; NULL if it is optional ("name" NULL) and not given */
const char *
clv_arg_name(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (name != NULL)
		clv_arg_required(fcinfo, arg, name);
	else if (PG_ARGISNULL(arg))
		return NULL;
	return NameStr(*PG_GETARG_NAME(arg));
}

/* an optional text */
const char *
clv_arg_cstring(FunctionCallInfo fcinfo, int arg)
{
	if (PG_ARGISNULL(arg))
		return NULL;
	return text_to_cstring(PG_GETARG_TEXT_PP(arg));
}

/* a number that must not be negative */
int32
clv_arg_count(FunctionCallInfo fcinfo, int arg, const char *name, int32 otherwise)
{
	int32		count;

	if (PG_ARGISNULL(arg))
		return otherwise;
	count = PG_GETARG_INT32(arg);
	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative: %d", name, count)));
	return count;
}

/* a finite day */
DateADT
clv_arg_day(FunctionCallInfo fcinfo, int arg, const char *name, DateADT otherwise)
{
	DateADT		day;

	if (PG_ARGISNULL(arg))
		return otherwise;
	day = PG_GETARG_DATEADT(arg);
	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite date", name)));
	return day;
}

/* an array of OIDs; an error if one is NULL */
List *
clv_arg_oids(FunctionCallInfo fcinfo, int arg)
{
	Datum	   *oids;
	int			n;
	int			i;
	List	   *result = NIL;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(arg), OIDOID, sizeof(Oid), true, TYPALIGN_INT,
					  &oids, NULL, &n);
	for (i = 0; i < n; i++)
		result = lappend_oid(result, DatumGetObjectId(oids[i]));
	return result;
}

/* the days of a range, which has no end where none is given */
void
clv_arg_days(FunctionCallInfo fcinfo, int from_arg, const char *from_name,
			 int to_arg, const char *to_name, DateADT *from, DateADT *to)
{
	*from = clv_arg_day(fcinfo, from_arg, from_name, CLV_MIN_DAY);
	*to = clv_arg_day(fcinfo, to_arg, to_name, CLV_END_DAY - 1);
	if (*from > *to)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is after %s: %s, %s", from_name, to_name,
						clv_day_text(*from), clv_day_text(*to))));
}
