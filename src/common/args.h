/*
 * args.h
 *		Arguments of functions: found by name, checked, and named in errors.
 *
 * A function that is called once per query, such as one over a table, opens
 * its arguments and asks for each by its name, which is also what errors call
 * it.  Where it stands is said in SQL alone.  A function that is called for
 * each row knows the positions of its arguments.
 */
#ifndef CLV_ARGS_H
#define CLV_ARGS_H

#include "clv.h"

#include "nodes/pg_list.h"
#include "utils/array.h"

#include "common/period.h"

/* the arguments of a call */
typedef struct ClvArgs
{
	FunctionCallInfo fcinfo;
	int			n;
	char	  **names;			/* by position; NULL: has none */
} ClvArgs;

extern void clv_args_open(ClvArgs *args, FunctionCallInfo fcinfo);
extern bool clv_args_have(const ClvArgs *args, const char *name);
extern int	clv_arg_position(const ClvArgs *args, const char *name);

/* NULL or not; only clv_arg_is_given() may ask for what a function has not */
extern bool clv_arg_is_given(const ClvArgs *args, const char *name);
extern bool clv_arg_is_null(const ClvArgs *args, const char *name);
extern void clv_arg_given(const ClvArgs *args, const char *name, const char *hint);

/* these raise an error for NULL */
extern Datum clv_arg_datum(const ClvArgs *args, const char *name);
extern text *clv_arg_text(const ClvArgs *args, const char *name);
extern bool clv_arg_bool(const ClvArgs *args, const char *name);
extern int32 clv_arg_integer(const ClvArgs *args, const char *name);
extern int32 clv_arg_count(const ClvArgs *args, const char *name);
extern DateADT clv_arg_day(const ClvArgs *args, const char *name);
extern Oid	clv_arg_relation(const ClvArgs *args, const char *name);
extern const char *clv_arg_column(const ClvArgs *args, const char *name);
extern const Interval *clv_arg_span(const ClvArgs *args, const char *name);
extern const Interval *clv_arg_span_or_null(const ClvArgs *args, const char *name);
extern int	clv_arg_option(const ClvArgs *args, const char *name,
						   const char *const *words, int n);
extern void clv_arg_periods(const ClvArgs *args, ClvPeriods *periods);

/* and these have something else for it */
extern const char *clv_arg_column_or_null(const ClvArgs *args, const char *name);
extern const char *clv_arg_cstring_or_null(const ClvArgs *args, const char *name);
extern int32 clv_arg_count_or(const ClvArgs *args, const char *name, int32 otherwise);
extern DateADT clv_arg_day_or(const ClvArgs *args, const char *name, DateADT otherwise);
extern void clv_arg_days(const ClvArgs *args, const char *from_name, const char *to_name,
						 DateADT *from, DateADT *to);

/* by position, for functions that are called for each row */
extern void clv_nth_required(FunctionCallInfo fcinfo, int n, const char *name);
extern void clv_nth_given(FunctionCallInfo fcinfo, int n, const char *name, const char *hint);

extern List *clv_oid_list(ArrayType *array);

#endif							/* CLV_ARGS_H */
