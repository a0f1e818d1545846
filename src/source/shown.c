/*
 * shown.c
 *		Which column of which table a column of a view shows.
 */
#include "source/shown.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

/*
 * clv_view_shows
 *		The column that a column of the view shows; false if its rows are not
 *		those of one table, or the column is calculated.
 */
bool
clv_view_shows(Relation view, AttrNumber column, ClvShown *shown)
{
	Query	   *query = get_view_query(view);
	FromExpr   *from = query->jointree;
	TargetEntry *entry = get_tle_by_resno(query->targetList, column);
	RangeTblEntry *read;
	Expr	   *shows;
	Var		   *var;
	int			place;

	if (query->setOperations != NULL || query->hasTargetSRFs || list_length(from->fromlist) != 1 ||
		!IsA(linitial(from->fromlist), RangeTblRef) || entry == NULL)
		return false;
	place = linitial_node(RangeTblRef, from->fromlist)->rtindex;
	read = rt_fetch(place, query->rtable);
	/* what is shown as another type may have the same bytes, such as varchar as text */
	for (shows = entry->expr; IsA(shows, RelabelType);)
		shows = ((RelabelType *) shows)->arg;
	var = (Var *) shows;
	if (read->rtekind != RTE_RELATION || !IsA(var, Var) || var->varlevelsup != 0 || var->varno != place ||
		var->varattno <= 0)
		return false;
	shown->relation = read->relid;
	shown->column = var->varattno;
	shown->as_it_is = shows == entry->expr && query->groupClause == NIL && query->groupingSets == NIL;
	shown->alone = query->cteList == NIL && !query->hasSubLinks && !query->hasDistinctOn && !query->hasWindowFuncs &&
		query->groupingSets == NIL && read->tablesample == NULL &&
		query->limitCount == NULL && query->limitOffset == NULL;
	return true;
}

/*
 * clv_internal_view_base
 *		The table, and its column, that a column of a relation shows through
 *		views.  A relation that is no such view is its own.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_base);
Datum
clv_internal_view_base(PG_FUNCTION_ARGS)
{
	ClvShown	shown = {PG_GETARG_OID(0), InvalidAttrNumber, true, true};
	Datum		values[2];
	bool		nulls[2] = {false, false};
	TupleDesc	desc;
	int			depth = 0;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	shown.column = get_attnum(shown.relation, NameStr(*PG_GETARG_NAME(1)));
	while (shown.column > 0 && get_rel_relkind(shown.relation) == RELKIND_VIEW)
	{
		Relation	view;
		ClvShown	below;
		bool		is_simple;

		CHECK_FOR_INTERRUPTS();
		/* views can be replaced so that each reads the other */
		if (++depth > 1000)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
					 errmsg("infinite recursion in views that read \"%s\"", get_rel_name(shown.relation))));
		view = relation_open(shown.relation, AccessShareLock);
		is_simple = clv_view_shows(view, shown.column, &below) && below.alone;

		relation_close(view, AccessShareLock);
		if (!is_simple)
			break;
		shown = below;
	}
	if (shown.column <= 0)
		PG_RETURN_NULL();
	values[0] = ObjectIdGetDatum(shown.relation);
	values[1] = DirectFunctionCall1(namein, CStringGetDatum(get_attname(shown.relation, shown.column, false)));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
