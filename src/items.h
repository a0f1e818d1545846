/*
 * items.h
 *		A table of order items that the user names: what queries over it share.
 */
#ifndef CLV_ITEMS_H
#define CLV_ITEMS_H

#include "clv.h"

#include "source.h"

/* operators in a query, found whatever the search path is */
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

typedef struct ClvItems
{
	ClvSource	source;
	const char *amount;			/* as numeric: exact, whatever it is summed by */
	const char *same_customer;	/* the operators by which GROUP BY goes */
	const char *same_product;
} ClvItems;

extern void clv_items_open(ClvItems *items, FunctionCallInfo fcinfo,
						   const ClvSourceArgs *args);
extern char *clv_items_lines(const ClvItems *items, DateADT until);
extern char *clv_items_top(FunctionCallInfo fcinfo, int arg);
extern char *clv_items_confidence(FunctionCallInfo fcinfo, int arg);
extern int	clv_items_plan_safely(void);
extern Datum clv_items_rows(FunctionCallInfo fcinfo, const char *query);

#endif							/* CLV_ITEMS_H */
