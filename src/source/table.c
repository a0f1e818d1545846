/*
 * table.c
 *		A table that the user names, and its columns.
 */
#include "source/table.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "common/calendar.h"
#include "source/query.h"

/*
 * views_of
 *		The schemas of views by clv_create_views that read the relation, or NULL.
 *
 * Their calls name columns, so that renaming a column breaks them.
 */
static char *
views_of(Relation relation)
{
	Oid			types[] = {OIDOID};
	Datum		values[] = {ObjectIdGetDatum(RelationGetRelid(relation))};
	MemoryContext caller = CurrentMemoryContext;
	char	   *found = NULL;
	char	   *schemas = NULL;

	SPI_connect();
	if (SPI_execute_with_args("SELECT pg_catalog.string_agg(DISTINCT c.relnamespace::pg_catalog.regnamespace::pg_catalog.text, ', ') "
							  "FROM pg_catalog.pg_depend AS d "
							  "JOIN pg_catalog.pg_rewrite AS w ON w.oid OPERATOR(pg_catalog.=) d.objid "
							  "JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) w.ev_class "
							  "WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass "
							  "AND d.refobjid OPERATOR(pg_catalog.=) $1 "
							  "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass "
							  "AND pg_catalog.obj_description(c.oid, 'pg_class') OPERATOR(pg_catalog.~~) '% (made by clv_create_views)'",
							  1, types, values, NULL, true, 0) == SPI_OK_SELECT)
		found = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (found != NULL)
		schemas = MemoryContextStrdup(caller, found);
	SPI_finish();
	return schemas;
}

static void
column_not_found(Relation relation, const char *argument, const char *name)
{
	char	   *views = views_of(relation);
	ClvProblem	problem;

	clv_column_missing(RelationGetRelid(relation), argument, name, &problem);
	if (views != NULL)
		problem.hint = psprintf("%s If one was renamed, run clv_create_views() again for %s.",
								problem.hint, views);
	clv_problem_raise(&problem);
}

/* the column of that name, which an argument gives */
void
clv_table_column(Relation relation, const char *argument, const char *name, ClvColumn *column)
{
	TupleDesc	desc = RelationGetDescr(relation);
	int			i;

	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (!attribute->attisdropped &&
			strcmp(NameStr(attribute->attname), name) == 0)
		{
			column->relation = RelationGetRelid(relation);
			column->argument = argument;
			column->number = attribute->attnum;
			column->declared = attribute->atttypid;
			column->type = getBaseType(attribute->atttypid);
			column->collation = attribute->attcollation;
			column->not_null = attribute->attnotnull;
			column->name = pstrdup(NameStr(attribute->attname));
			column->ref = psprintf("o.%s", quote_identifier(column->name));
			/*
			 * cast to the type that is compared for equality; an overload
			 * could take a domain
			 */
			if (column->type != attribute->atttypid)
				column->ref = psprintf("%s::%s", column->ref,
									   format_type_extended(column->type, -1,
															FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
			return;
		}
	}
	column_not_found(relation, argument, name);
}

/* the column that an argument names; false if it names none, or there is no such argument */
bool
clv_table_find(Relation relation, const ClvArgs *args, const char *argument, ClvColumn *column)
{
	if (!clv_arg_is_given(args, argument))
		return false;
	clv_table_column(relation, argument, clv_arg_column(args, argument), column);
	return true;
}

/* raise an error about a table that does not exist */
void
clv_table_missing(Oid oid)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("there is no table with OID %u", oid)));
}

/* raise an error if a relation of that kind cannot be selected from */
void
clv_table_check(Oid oid, char relkind)
{
	switch (relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_VIEW:
		case RELKIND_MATVIEW:
		case RELKIND_FOREIGN_TABLE:
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("\"%s\" is not a table or view", clv_relation_text(oid))));
	}
}

/* lock the relation and check that it can be selected from */
Relation
clv_table_open(Oid oid)
{
	Relation	relation = try_relation_open(oid, AccessShareLock);

	if (relation == NULL)
		clv_table_missing(oid);
	clv_table_check(oid, relation->rd_rel->relkind);
	return relation;
}

/* a column of amounts as numeric: exact, however it is summed */
const char *
clv_column_number(const ClvColumn *column)
{
	if (column->type == FLOAT8OID)
		return psprintf("%s::pg_catalog.numeric", column->ref);
	/* the shortest number that is the same real */
	if (column->type == FLOAT4OID)
		return psprintf("%s::pg_catalog.text::pg_catalog.numeric", column->ref);
	return column->ref;
}

/* the relation as a query names it */
char *
clv_table_name(Relation relation)
{
	return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)),
									  RelationGetRelationName(relation));
}

/* the time of a column that has one, in its time zone */
const char *
clv_column_time(const ClvColumn *column, const char *time_zone)
{
	if (column->type != TIMESTAMPTZOID)
		return column->ref;
	/* not timezone() with the session's zone: "CET" would lose summer time */
	if (time_zone == NULL)
		return psprintf("%s::pg_catalog.timestamp", column->ref);
	return psprintf("pg_catalog.timezone(%s, %s)",
					quote_literal_cstr(time_zone), column->ref);
}

/* a day as SQL */
char *
clv_day_literal(DateADT day)
{
	return psprintf("'%s'::pg_catalog.date", clv_day_text(day));
}

/* an interval as SQL: by its parts, so that IntervalStyle does not matter */
char *
clv_interval_literal(const Interval *interval)
{
	return psprintf("'%d months %d days " INT64_FORMAT " microseconds'::pg_catalog.interval",
					interval->month, interval->day, interval->time);
}

/*
 * a double as SQL: the shortest decimal that gives it back, whatever
 * extra_float_digits is
 */
char *
clv_float8_literal(double number)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(number, digits);
	return psprintf("'%s'::pg_catalog.float8", digits);
}

/*
 * " AND time >= day", or with "<", for the time in the column; nothing if the
 * day excludes nothing
 */
char *
clv_time_condition(const ClvColumn *column, const char *time, const char *operator,
				   DateADT day)
{
	bool		dates = column->type == DATEOID;

	if (day <= CLV_MIN_DAY ||
		day >= (dates ? CLV_END_DAY : TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE))
		return "";
	return psprintf(" AND %s OPERATOR(pg_catalog.%s) %s%s", time, operator,
					clv_day_literal(day), dates ? "" : "::pg_catalog.timestamp");
}
