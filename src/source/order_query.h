/*
 * order_query.h
 *		The query that makes histories of the rows of a table of orders.
 */
#ifndef CLV_ORDER_QUERY_H
#define CLV_ORDER_QUERY_H

#include "clv.h"

#include "source/table.h"

/*
 * The parts of the query, as SQL: what is NULL is left out.  "rows" is what
 * stands after FROM, and the others are expressions over it.
 */
typedef struct ClvOrderParts
{
	const char *clv;			/* schema of the extension */
	const char *rows;
	const char *customer;
	const char *at;				/* the time without a zone */
	const char *amount;
	const char *is_order;		/* whether a row is an order, or a line that was bought */
	bool		tells_is_order; /* aggregates are told so; if not, the amount says it */
	const char *kept;			/* which rows are read */

	/* if rows with equal order numbers are lines of one order */
	const char *order;
	bool		not_null;		/* all rows have a number */
	const char *number;			/* by which orders of one time are sorted */
	const char *kept_lines;		/* which of them are read */
	const char *counts;			/* and which of those count */
	const char *kept_orders;	/* which orders do, over their lines */

	/* if the channel of the first order is asked for, as text */
	const char *channel;
	Oid			collation;		/* of the channel; invalid: the default */
	const ClvColumn *time;		/* what "at" is of; NULL: it may be the first order at any time */
	DateADT		from;			/* or else the first from here on */
	DateADT		until;			/* to this day */

	bool		with_customer;	/* the query yields the customer */
	Oid			customer_type;	/* as text, if this is not invalid */
	const char *history;		/* instead of a history, where no order has lines */
} ClvOrderParts;

extern char *clv_lines_query(const ClvOrderParts *parts, const char *also);
extern char *clv_histories_query(const ClvOrderParts *parts);

#endif							/* CLV_ORDER_QUERY_H */
