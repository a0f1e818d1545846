/*
 * column.h
 *		A column of a table that the user names, what it can be, and the errors
 *		about it.
 */
#ifndef CLV_COLUMN_H
#define CLV_COLUMN_H

#include "clv.h"

#include "access/attnum.h"

#include "common/problem.h"

/* a column of the table */
typedef struct ClvColumn
{
	Oid			relation;
	const char *argument;		/* which names the column */
	AttrNumber	number;
	Oid			declared;
	Oid			type;			/* below any domains */
	Oid			collation;
	bool		not_null;
	const char *name;			/* as in the catalog */
	char	   *ref;			/* o."name", cast to "type" */
} ClvColumn;

extern bool clv_kind_suits(const char *kind, Oid type, bool is_named);
extern char *clv_kind_advice(const char *kind, const char *column, Oid type);

extern char *clv_relation_text(Oid relation);
extern char *clv_column_cannot_be(Oid relation, const char *column, const char *argument,
								  const char *why);
extern ClvProblem clv_column_type_problem(const ClvColumn *column, const char *kind);
extern void clv_column_missing(Oid relation, const char *argument, const char *column,
							   ClvProblem *problem);

extern void clv_column_check(const ClvColumn *column, const char *kind);
extern void clv_column_check_comparable(const ClvColumn *column);
extern void clv_column_wrong_type(const ClvColumn *column, const char *kind, const char *also);
extern void clv_column_has_no_zone(const char *column, Oid type);

#endif							/* CLV_COLUMN_H */
