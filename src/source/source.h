/*
 * source.h
 *		A table of orders or of histories that the user names, read customer by
 *		customer.
 */
#ifndef CLV_SOURCE_H
#define CLV_SOURCE_H

#include "clv.h"

#include "common/args.h"
#include "common/period.h"
#include "source/query.h"
#include "source/table.h"

/* what to read of the table */
typedef struct ClvReading
{
	DateADT		from;			/* groups are of the first order from here on */
	DateADT		until;			/* rows after this day need not be read */

	bool		with_key;		/* the customer's key as text comes first */

	/*
	 * If not NULL, the calendar periods with a purchase are enough.
	 * Histories may have any day of each period, but the last day of all must
	 * be right.
	 */
	const ClvPeriods *periods_only;
} ClvReading;

/* The table, looked up: everything that a query over it needs, quoted. */
typedef struct ClvSource
{
	const char *clv;			/* schema of the extension */
	Oid			relation;
	const char *from;			/* its name in SQL */
	ClvColumn	customer;
	ClvColumn	time;			/* or history */
	ClvColumn	amount;			/* if there is one */
	ClvColumn	order;			/* if there is one */
	ClvColumn	product;		/* if there is one */
	ClvColumn	group;			/* if there is one */
	const char *group_text;		/* as text */
	const char *at;				/* the time without a zone */
	const char *value;			/* the amount, or 1 */
	bool		is_stored;		/* histories, not orders */
	bool		is_unique;		/* one row per customer */
	bool		has_amount;
	bool		has_order;
	bool		has_group;
	DateADT		today;			/* time zone of the orders */
} ClvSource;

extern void clv_source_open(ClvSource *source, const ClvArgs *args);
extern void clv_source_open_sharing_zone(ClvSource *source, const ClvArgs *args);
extern bool clv_source_is_unique(Relation relation, const ClvColumn *column);
extern DateADT clv_source_current_day(const char *time_zone);
extern void clv_source_check_zone(const ClvColumn *column, const char *time_zone);
extern void clv_source_require_amount(const ClvSource *source, const char *what);
extern bool clv_source_as_of(const ClvSource *source, const ClvArgs *args, DateADT *as_of);
extern char *clv_source_histories(const ClvSource *source, const ClvReading *reading);
extern void clv_source_run(const ClvSource *source, const ClvReading *reading,
						   ClvTakeValue take, void *state);

#endif							/* CLV_SOURCE_H */
