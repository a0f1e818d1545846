/*
 * query.h
 *		Queries that the extension generates: checked, and run as the caller.
 */
#ifndef CLV_QUERY_H
#define CLV_QUERY_H

#include "clv.h"

#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "tcop/dest.h"

/* operators in a query, found regardless of the search path */
#define CLV_EQ	"OPERATOR(pg_catalog.=)"
#define CLV_LT	"OPERATOR(pg_catalog.<)"
#define CLV_GT	"OPERATOR(pg_catalog.>)"
#define CLV_LE	"OPERATOR(pg_catalog.<=)"
#define CLV_GE	"OPERATOR(pg_catalog.>=)"
#define CLV_ADD	"OPERATOR(pg_catalog.+)"
#define CLV_SUB	"OPERATOR(pg_catalog.-)"
#define CLV_MUL	"OPERATOR(pg_catalog.*)"
#define CLV_DIV	"OPERATOR(pg_catalog./)"
/* the highest confidence below 1 */
#define CLV_SUREST	"'0.9999999999999999'::pg_catalog.float8"
#define CLV_C	"COLLATE pg_catalog.\"C\""

/* takes a row of a query */
typedef void (*ClvTakeRow) (void *state, struct TupleTableSlot *slot);

/* takes the value of a customer, and their group, which can be NULL */
typedef void (*ClvTakeValue) (void *state, Datum value, text *group);

extern void clv_query_run(const char *text, List *relations, DestReceiver *dest);
extern void clv_query_stream(const char *text, List *relations, ClvTakeRow take,
							 void *state);
extern void clv_query_values(const char *text, List *relations, ClvTakeValue take,
							 void *state);
extern Datum clv_query_rows(FunctionCallInfo fcinfo, const char *text,
							List *relations);
extern bool clv_is_system_type(Oid type);
extern void clv_set_locally(const char *name, const char *value);

#endif							/* CLV_QUERY_H */
