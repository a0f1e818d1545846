/*
 * items.h
 *		A table of order items that the user names: the common parts of
 *		queries.
 */
#ifndef CLV_ITEMS_H
#define CLV_ITEMS_H

#include "clv.h"

#include "source/source.h"

typedef struct ClvItems
{
	ClvSource	source;
	const char *amount;			/* as numeric: exact, however it is summed */
	const char *same_customer;	/* the equality operators of GROUP BY */
	const char *same_product;
	const char *customer_text;	/* o.customer and o.product as text */
	const char *product_text;
	Oid			histories;		/* read too, if valid */
} ClvItems;

extern void clv_items_open(ClvItems *items, const ClvArgs *args);
extern DateADT clv_items_as_of(ClvItems *items, const ClvArgs *args);
extern char *clv_items_lines(const ClvItems *items, DateADT until);
extern char *clv_items_top_tier(const ClvArgs *args);
extern char *clv_items_level(const ClvArgs *args);
extern int	clv_items_plan_safely(void);
extern Datum clv_items_rows(FunctionCallInfo fcinfo, const ClvItems *items,
							const char *query);

#endif							/* CLV_ITEMS_H */
