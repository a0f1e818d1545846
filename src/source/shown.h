/*
 * shown.h
 *		Which column of which table a column of a view shows.
 */
#ifndef CLV_SHOWN_H
#define CLV_SHOWN_H

#include "clv.h"

#include "access/attnum.h"
#include "utils/relcache.h"

/* a column of a table, or of a view below the view */
typedef struct ClvShown
{
	Oid			relation;
	AttrNumber	column;
	bool		as_it_is;		/* not as another type, and no groups of rows */
	bool		alone;			/* nothing else decides which rows there are: no other table, nor other rows */
} ClvShown;

extern bool clv_view_shows(Relation view, AttrNumber column, ClvShown *shown);

#endif							/* CLV_SHOWN_H */
