/*
 * term_source.h
 *		A table of terms, of payments or of clv_recurring that the user names,
 *		read customer by customer.
 */
#ifndef CLV_TERM_SOURCE_H
#define CLV_TERM_SOURCE_H

#include "clv.h"

#include "common/args.h"
#include "source/query.h"
#include "source/table.h"

/* the table, looked up: everything that a query over it needs, quoted */
typedef struct ClvTermSource
{
	const char *clv;			/* schema of the extension */
	Oid			relation;
	const char *from;			/* its name in SQL */
	ClvColumn	customer;
	ClvColumn	starts;			/* or clv_recurring */
	ClvColumn	amount;
	ClvColumn	ends;			/* if there is one: terms, else payments */
	ClvColumn	interval;		/* if there is one */
	ClvColumn	subscription;	/* if there is one */
	const char *group_text;		/* or NULL */
	const char *starts_on;		/* as dates */
	const char *ends_on;
	const char *billing;		/* an interval */
	bool		is_stored;		/* clv_recurring */
	bool		is_unique;		/* one row per customer */
	bool		has_ends;
	bool		has_subscription;
	DateADT		today;			/* in the time zone of the terms */
} ClvTermSource;

extern void clv_terms_open(ClvTermSource *source, const ClvArgs *args);
extern void clv_terms_run(const ClvTermSource *source, DateADT as_of,
						  ClvTakeValue take, void *state);

#endif							/* CLV_TERM_SOURCE_H */
