/*
 * args.c
 *		Arguments of functions: found by name, checked, and named in errors.
 *
 * These functions are not strict: NULL means "not given" for some arguments,
 * and is an error for the others.
 */
#include "common/args.h"

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/syscache.h"

#include "common/calendar.h"
#include "common/option.h"

/* the names by which the function that was called declares its arguments */
void
clv_args_open(ClvArgs *args, FunctionCallInfo fcinfo)
{
	Oid			function = fcinfo->flinfo->fn_oid;
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Datum		names;
	Datum		modes;
	bool		no_names;
	bool		no_modes;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	names = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proargnames, &no_names);
	modes = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proargmodes, &no_modes);
	args->fcinfo = fcinfo;
	args->n = no_names ? 0 :
		get_func_input_arg_names(names, no_modes ? (Datum) 0 : modes, &args->names);
	ReleaseSysCache(tuple);
}

/* the position of an argument, or -1 */
static int
find(const ClvArgs *args, const char *name)
{
	int			i;

	for (i = 0; i < args->n; i++)
	{
		if (args->names[i] != NULL && strcmp(args->names[i], name) == 0)
			return i;
	}
	return -1;
}

/* does the function have such an argument? */
bool
clv_args_have(const ClvArgs *args, const char *name)
{
	return find(args, name) >= 0;
}

int
clv_arg_position(const ClvArgs *args, const char *name)
{
	int			position = find(args, name);

	if (position < 0)
		elog(ERROR, "function %u has no argument \"%s\"",
			 args->fcinfo->flinfo->fn_oid, name);
	return position;
}

/*
 * is it there, and not NULL?  An argument that the function does not have is
 * as if not given.
 */
bool
clv_arg_is_given(const ClvArgs *args, const char *name)
{
	return clv_args_have(args, name) && !clv_arg_is_null(args, name);
}

bool
clv_arg_is_null(const ClvArgs *args, const char *name)
{
	return args->fcinfo->args[clv_arg_position(args, name)].isnull;
}

/* raise an error if an argument is NULL */
void
clv_nth_required(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
}

/*
 * Raise an error if a required argument is NULL.  Its default is NULL only
 * because arguments before it have defaults; "hint" can be NULL.
 */
void
clv_nth_given(FunctionCallInfo fcinfo, int n, const char *name, const char *hint)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must be given", name),
				 hint == NULL ? 0 : errhint("%s", hint)));
}

void
clv_arg_given(const ClvArgs *args, const char *name, const char *hint)
{
	clv_nth_given(args->fcinfo, clv_arg_position(args, name), name, hint);
}

/* the value of an argument that must not be NULL */
Datum
clv_arg_datum(const ClvArgs *args, const char *name)
{
	int			n = clv_arg_position(args, name);

	clv_nth_required(args->fcinfo, n, name);
	return args->fcinfo->args[n].value;
}

text *
clv_arg_text(const ClvArgs *args, const char *name)
{
	return DatumGetTextPP(clv_arg_datum(args, name));
}

bool
clv_arg_bool(const ClvArgs *args, const char *name)
{
	return DatumGetBool(clv_arg_datum(args, name));
}

int32
clv_arg_integer(const ClvArgs *args, const char *name)
{
	return DatumGetInt32(clv_arg_datum(args, name));
}

Oid
clv_arg_relation(const ClvArgs *args, const char *name)
{
	return DatumGetObjectId(clv_arg_datum(args, name));
}

/* the name of a column */
const char *
clv_arg_column(const ClvArgs *args, const char *name)
{
	return NameStr(*DatumGetName(clv_arg_datum(args, name)));
}

const char *
clv_arg_column_or_null(const ClvArgs *args, const char *name)
{
	return clv_arg_is_null(args, name) ? NULL : clv_arg_column(args, name);
}

const char *
clv_arg_cstring_or_null(const ClvArgs *args, const char *name)
{
	return clv_arg_is_null(args, name) ? NULL : text_to_cstring(clv_arg_text(args, name));
}

/* a number that must not be negative */
int32
clv_arg_count(const ClvArgs *args, const char *name)
{
	int32		count = clv_arg_integer(args, name);

	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative: %d", name, count)));
	return count;
}

int32
clv_arg_count_or(const ClvArgs *args, const char *name, int32 otherwise)
{
	return clv_arg_is_null(args, name) ? otherwise : clv_arg_count(args, name);
}

/* a finite day */
DateADT
clv_arg_day(const ClvArgs *args, const char *name)
{
	return clv_finite_day(DatumGetDateADT(clv_arg_datum(args, name)), name);
}

DateADT
clv_arg_day_or(const ClvArgs *args, const char *name, DateADT otherwise)
{
	return clv_arg_is_null(args, name) ? otherwise : clv_arg_day(args, name);
}

/* the days of a range, which has no end where none is given */
void
clv_arg_days(const ClvArgs *args, const char *from_name, const char *to_name,
			 DateADT *from, DateADT *to)
{
	*from = clv_arg_day_or(args, from_name, CLV_MIN_DAY);
	*to = clv_arg_day_or(args, to_name, CLV_END_DAY - 1);
	if (*from > *to)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is after %s: %s, %s", from_name, to_name,
						clv_day_text(*from), clv_day_text(*to))));
}

/* a length of time */
const Interval *
clv_arg_span(const ClvArgs *args, const char *name)
{
	return clv_check_span(DatumGetIntervalP(clv_arg_datum(args, name)), name);
}

const Interval *
clv_arg_span_or_null(const ClvArgs *args, const char *name)
{
	return clv_arg_is_given(args, name) ? clv_arg_span(args, name) : NULL;
}

/* the position of a word in a list */
int
clv_arg_option(const ClvArgs *args, const char *name, const char *const *words, int n)
{
	return clv_option(name, clv_arg_text(args, name), words, n);
}

/* the calendar periods by which the function counts */
void
clv_arg_periods(const ClvArgs *args, ClvPeriods *periods)
{
	text	   *unit = clv_arg_text(args, "period");

	clv_periods_init(periods, unit, clv_arg_text(args, "week_start"));
}

/* an array of OIDs; an error if one is NULL */
List *
clv_oid_list(ArrayType *array)
{
	Datum	   *oids;
	int			n;
	int			i;
	List	   *result = NIL;

	deconstruct_array(array, OIDOID, sizeof(Oid), true, TYPALIGN_INT, &oids, NULL, &n);
	for (i = 0; i < n; i++)
		result = lappend_oid(result, DatumGetObjectId(oids[i]));
	return result;
}
