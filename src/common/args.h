/*
 * args.h
 *		Arguments of set-returning functions over a table: checked, and named
 *		in errors.
 */
#ifndef CLV_ARGS_H
#define CLV_ARGS_H

#include "clv.h"

#include "nodes/pg_list.h"

extern void clv_arg_required(FunctionCallInfo fcinfo, int arg, const char *name);
extern void clv_arg_given(FunctionCallInfo fcinfo, int arg, const char *name, const char *hint);
extern text *clv_arg_text(FunctionCallInfo fcinfo, int arg, const char *name);
extern bool clv_arg_bool(FunctionCallInfo fcinfo, int arg, const char *name);
extern Oid	clv_arg_relation(FunctionCallInfo fcinfo, int arg, const char *name);
extern const char *clv_arg_name(FunctionCallInfo fcinfo, int arg, const char *name);
extern const char *clv_arg_cstring(FunctionCallInfo fcinfo, int arg);
extern int32 clv_arg_count(FunctionCallInfo fcinfo, int arg, const char *name,
						   int32 otherwise);
extern DateADT clv_arg_day(FunctionCallInfo fcinfo, int arg, const char *name,
						   DateADT otherwise);
extern List *clv_arg_oids(FunctionCallInfo fcinfo, int arg);
extern void clv_arg_days(FunctionCallInfo fcinfo, int from_arg, const char *from_name,
						 int to_arg, const char *to_name, DateADT *from, DateADT *to);

#endif							/* CLV_ARGS_H */
