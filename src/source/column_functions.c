/*
 * column_functions.c
 *		What clv_create_views() asks of tables and columns, and has errors
 *		about in common with functions over a table.
 */
#include "clv.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "common/row.h"
#include "source/column.h"
#include "source/table.h"

/* kinds, columns and types, as SQL passes them */
#define TEXT_ARG(n)		text_to_cstring(PG_GETARG_TEXT_PP(n))
#define NAME_ARG(n)		NameStr(*PG_GETARG_NAME(n))

PG_FUNCTION_INFO_V1(clv_internal_view_suits);
Datum
clv_internal_view_suits(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(clv_kind_suits(TEXT_ARG(0), PG_GETARG_OID(1), PG_GETARG_BOOL(2)));
}

PG_FUNCTION_INFO_V1(clv_internal_view_cast);
Datum
clv_internal_view_cast(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(clv_kind_advice(TEXT_ARG(0), NAME_ARG(1), PG_GETARG_OID(2))));
}

PG_FUNCTION_INFO_V1(clv_internal_view_cannot_be);
Datum
clv_internal_view_cannot_be(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(clv_column_cannot_be(PG_GETARG_OID(0), NAME_ARG(1),
														  TEXT_ARG(2), TEXT_ARG(3))));
}

/*
 * clv_internal_view_wrong_type
 *		What is said of the type of a column: message, advice.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_wrong_type);
Datum
clv_internal_view_wrong_type(PG_FUNCTION_ARGS)
{
	char	   *name = NAME_ARG(3);
	HeapTuple	tuple = SearchSysCacheAttName(PG_GETARG_OID(0), name);
	ClvColumn	column = {.relation = PG_GETARG_OID(0), .argument = TEXT_ARG(1), .name = name};
	ClvProblem	problem;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (!HeapTupleIsValid(tuple))
		PG_RETURN_NULL();
	column.declared = ((Form_pg_attribute) GETSTRUCT(tuple))->atttypid;
	column.type = getBaseType(column.declared);
	ReleaseSysCache(tuple);
	problem = clv_column_type_problem(&column, TEXT_ARG(2));
	values[0] = CStringGetTextDatum(problem.message);
	values[1] = CStringGetTextDatum(problem.hint);
	return clv_row_make(fcinfo, 2, values, nulls);
}

/*
 * clv_internal_view_missing
 *		What is said of a column that does not exist: message, detail, advice.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_missing);
Datum
clv_internal_view_missing(PG_FUNCTION_ARGS)
{
	ClvProblem	problem;
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	clv_column_missing(PG_GETARG_OID(0), TEXT_ARG(1), NAME_ARG(2), &problem);
	values[0] = CStringGetTextDatum(problem.message);
	values[1] = CStringGetTextDatum(problem.detail);
	nulls[2] = problem.hint == NULL;
	values[2] = nulls[2] ? (Datum) 0 : CStringGetTextDatum(problem.hint);
	return clv_row_make(fcinfo, 3, values, nulls);
}

/*
 * clv_internal_view_has_no_zone
 *		The error about a time zone, without context as in
 *		clv_internal_view_raise().
 */
PG_FUNCTION_INFO_V1(clv_internal_view_has_no_zone);
Datum
clv_internal_view_has_no_zone(PG_FUNCTION_ARGS)
{
	error_context_stack = NULL;
	clv_column_has_no_zone(NAME_ARG(0), PG_GETARG_OID(1));
	PG_RETURN_VOID();
}

/*
 * clv_internal_view_relation
 *		The name of a table, in SQL; an error, without context, if views cannot
 *		be made over it.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_relation);
Datum
clv_internal_view_relation(PG_FUNCTION_ARGS)
{
	ErrorContextCallback *callbacks = error_context_stack;
	Oid			oid = PG_GETARG_OID(0);
	HeapTuple	tuple;
	Form_pg_class form;
	char	   *name;

	error_context_stack = NULL;
	/* without a lock: the schema may be somebody else's, and then nobody waits */
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(oid));
	if (!HeapTupleIsValid(tuple))
		clv_table_missing(oid);
	form = (Form_pg_class) GETSTRUCT(tuple);
	clv_table_check(oid, form->relkind);
	if (form->relpersistence == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("cannot create permanent views over temporary relation %s",
						clv_relation_text(oid))));
	name = quote_qualified_identifier(get_namespace_name(form->relnamespace), NameStr(form->relname));
	ReleaseSysCache(tuple);
	error_context_stack = callbacks;
	PG_RETURN_TEXT_P(cstring_to_text(name));
}
