/*
 * query.c
 *		Queries that the extension generates: checked, and run as the caller.
 *
 * Names in a generated query are qualified, but a qualified name can still
 * refer to another user's function: whoever may create functions in the
 * extension's schema can add an overload that is a better match than ours.
 * So a query is parsed and analyzed, everything that it would call is checked
 * by OID, and that very analysis, not the text, is planned and executed.
 *
 * A generated query may call members of the extension, members of pg_catalog,
 * and the operator by which the type of a key compares for equality, which is
 * the one that GROUP BY also calls.  It reads the tables that the user named,
 * and none that have taken over their names since.
 */
#include "source/query.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/executor.h"
#include "executor/tstoreReceiver.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "common/args.h"

/*
 * is a type in pg_catalog, so that no other user can have created its casts?
 */
bool
clv_is_system_type(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	bool		result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", type);
	result = ((Form_pg_type) GETSTRUCT(tuple))->typnamespace == PG_CATALOG_NAMESPACE;
	ReleaseSysCache(tuple);
	return result;
}

/* what a query may refer to */
typedef struct Scope
{
	Oid			extension;
	bool		any_relation;
	List	   *relations;		/* OIDs, or NULL if any will do */
	List	   *functions;		/* OIDs, besides those of the extension */
} Scope;

/* is a function outside the scope?  For check_functions_in_node(). */
static bool
is_foreign_function(Oid function, void *context)
{
	const Scope *scope = context;

	return get_func_namespace(function) != PG_CATALOG_NAMESPACE &&
		getExtensionOfObject(ProcedureRelationId, function) != scope->extension &&
		!list_member_oid(scope->functions, function);
}

/*
 * raise an error if a function is outside the scope; for
 * check_functions_in_node()
 */
static bool
check_function(Oid function, void *context)
{
	if (is_foreign_function(function, context))
		ereport(ERROR,
				(errcode(ERRCODE_AMBIGUOUS_FUNCTION),
				 errmsg("generated query would call %s, which is not part of the extension clv",
						format_procedure(function)),
				 errhint("Drop that function, operator or cast, and do not let other users create functions in the schema of the extension.")));
	return false;
}

/*
 * raise an error if a conversion to a type would run anything outside the
 * scope
 */
static void
check_result_type(Oid type, const Scope *scope)
{
	if (!clv_is_system_type(type) &&
		getExtensionOfObject(TypeRelationId, type) != scope->extension)
		ereport(ERROR,
				(errcode(ERRCODE_AMBIGUOUS_FUNCTION),
				 errmsg("generated query would convert to type %s, which is not part of the extension clv",
						format_type_be(type))));
}

/* is it the operator by which GROUP BY compares values of the type? */
static bool
is_own_equality(const OpExpr *expr)
{
	Oid			type;

	if (!IsA(expr, OpExpr) || list_length(expr->args) != 2)
		return false;
	type = getBaseType(exprType(linitial(expr->args)));
	return lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr == expr->opno;
}

static void
check_relation(const RangeTblEntry *rte, const Scope *scope)
{
	if (rte->rtekind == RTE_RELATION && !scope->any_relation &&
		!list_member_oid(scope->relations, rte->relid))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("relation \"%s\" was replaced concurrently",
						get_rel_name(rte->relid)),
				 errhint("Try again.")));
}

/* raise an error if a part of a query refers to anything beyond the scope */
static bool
check_walker(Node *node, Scope *scope)
{
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Query:
			return query_tree_walker((Query *) node, check_walker, scope,
									 QTW_EXAMINE_RTES_BEFORE);
		case T_RangeTblEntry:
			check_relation((RangeTblEntry *) node, scope);
			return false;
		case T_CoerceViaIO:
			/* output functions are those of the type itself */
			check_result_type(((CoerceViaIO *) node)->resulttype, scope);
			break;
		case T_CoerceToDomain:
			check_result_type(((CoerceToDomain *) node)->resulttype, scope);
			break;
		case T_OpExpr:
			if (!is_own_equality((OpExpr *) node))
				(void) check_functions_in_node(node, check_function, scope);
			break;
		default:
			(void) check_functions_in_node(node, check_function, scope);
	}
	return expression_tree_walker(node, check_walker, scope);
}

/*
 * Plan the query that was analyzed and checked, and run it with the caller's
 * snapshot. Its rows go to "dest".
 */
static void
execute(Query *query, const char *text, DestReceiver *dest)
{
	PlannedStmt *plan;
	QueryDesc  *desc;

	query = linitial_node(Query, QueryRewrite(query));
	plan = pg_plan_query(query, text, CURSOR_OPT_PARALLEL_OK, NULL);
	if (!CommandIsReadOnly(plan))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot read a view that locks or changes rows")));
	PushActiveSnapshot(GetActiveSnapshot());
	desc = CreateQueryDesc(plan, text, GetActiveSnapshot(), InvalidSnapshot,
						   dest, NULL, NULL, 0);
	ExecutorStart(desc, 0);
	clv_executor_run(desc);
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
	PopActiveSnapshot();
}

/* names the query in the context of errors */
static void
query_error_context(void *arg)
{
	const char *text = arg;
	int			position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery(text);
	}
	else
		errcontext("generated query \"%s\"", text);
}

/*
 * clv_query_run
 *		Run a generated query as the caller; its rows go to "dest".
 *
 * "relations" are the OIDs of the tables that it may read, which are locked.
 * Texts of floating-point numbers are the shortest that give back the same
 * number, whatever the settings of the session.
 */
void
clv_query_run(const char *text, List *relations, DestReceiver *dest)
{
	Scope		scope = {get_extension_oid("clv", false), false, relations, NIL};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "clv query",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	int			nest_level = NewGUCNestLevel();
	ErrorContextCallback callback;
	Query	   *query;

	clv_set_locally("extra_float_digits", "1");
	callback.callback = query_error_context;
	callback.arg = unconstify(char *, text);
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	query = parse_analyze_fixedparams(linitial_node(RawStmt, pg_parse_query(text)),
									  text, NULL, 0, NULL);
	(void) check_walker((Node *) query, &scope);
	execute(query, text, dest);

	error_context_stack = callback.previous;
	AtEOXact_GUC(true, nest_level);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* hands the rows of a query to a callback */
typedef struct RowReceiver
{
	DestReceiver pub;
	ClvTakeRow	take;
	void	   *state;
	MemoryContext row_context;
} RowReceiver;

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;
	MemoryContext old;

	CHECK_FOR_INTERRUPTS();
	old = MemoryContextSwitchTo(receiver->row_context);
	receiver->take(receiver->state, slot);
	MemoryContextSwitchTo(old);
	MemoryContextReset(receiver->row_context);
	return true;
}

static void
receiver_startup(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
receiver_nothing(DestReceiver *self)
{
}

/*
 * clv_query_stream
 *		Run a generated query and pass its rows to "take" as they come, in a
 *		context that is reset after each: none is kept.
 */
void
clv_query_stream(const char *text, List *relations, ClvTakeRow take, void *state)
{
	RowReceiver receiver;

	memset(&receiver, 0, sizeof(receiver));
	receiver.pub.receiveSlot = receive_row;
	receiver.pub.rStartup = receiver_startup;
	receiver.pub.rShutdown = receiver_nothing;
	receiver.pub.rDestroy = receiver_nothing;
	receiver.pub.mydest = DestNone;
	receiver.take = take;
	receiver.state = state;
	receiver.row_context = AllocSetContextCreate(CurrentMemoryContext, "clv row",
												 ALLOCSET_DEFAULT_SIZES);
	clv_query_run(text, relations, &receiver.pub);
	MemoryContextDelete(receiver.row_context);
}

/* the receiver of values */
typedef struct ValueTaker
{
	ClvTakeValue take;
	void	   *state;
} ValueTaker;

static void
take_value(void *state, TupleTableSlot *slot)
{
	const ValueTaker *taker = state;
	bool		no_group;
	Datum		group = slot_getattr(slot, 2, &no_group);
	bool		isnull;
	Datum		value = slot_getattr(slot, 1, &isnull);

	if (!isnull)
		taker->take(taker->state, value, no_group ? NULL : DatumGetTextPP(group));
}

/*
 * clv_query_values
 *		The same for a query whose rows are the value of a customer and the
 *		group; rows without a value are left out.
 */
void
clv_query_values(const char *text, List *relations, ClvTakeValue take, void *state)
{
	ValueTaker	taker = {take, state};

	clv_query_stream(text, relations, take_value, &taker);
}

/*
 * clv_query_rows
 *		Return the rows of a generated query as those of a set-returning
 *		function; without a query there are no rows.
 */
Datum
clv_query_rows(FunctionCallInfo fcinfo, const char *text, List *relations)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	DestReceiver *dest;

	InitMaterializedSRF(fcinfo, 0);
	if (text == NULL)
		return (Datum) 0;
	dest = CreateTuplestoreDestReceiver();
	SetTuplestoreDestReceiverParams(dest, rsinfo->setResult,
									rsinfo->econtext->ecxt_per_query_memory, false,
									rsinfo->setDesc,
									"row type of the query differs from that of the function");
	clv_query_run(text, relations, dest);
	dest->rDestroy(dest);
	return (Datum) 0;
}

/*
 * set a parameter until the nest level opened before is closed, also by an
 * error
 */
void
clv_set_locally(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/*
 * What is in an object that another role owns can be changed by that role at
 * any time: somebody who may create objects in the schema has created it while
 * we were at work.
 */
static void
check_made_by_caller(Oid owner, Oid class, Oid object)
{
	const ObjectAddress address = {class, object, 0};

	if (owner != GetUserId())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("%s belongs to %s",
						getObjectDescription(&address, false),
						quote_identifier(GetUserNameFromId(owner, false))),
				 errhint("Drop it, and revoke the privilege CREATE on the schema from that role.")));
}

/* the queries of a function with a body in SQL */
static Node *
function_queries(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Node	   *queries = NULL;
	Datum		body;
	bool		isnull;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("there is no function with OID %u", function)));
	check_made_by_caller(((Form_pg_proc) GETSTRUCT(tuple))->proowner,
						 ProcedureRelationId, function);
	body = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosqlbody, &isnull);
	if (!isnull)
		queries = stringToNode(TextDatumGetCString(body));
	ReleaseSysCache(tuple);
	return queries;
}

/* the query of a view */
static Node *
view_query(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Relation	view;
	Node	   *query = NULL;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("there is no relation with OID %u", relation)));
	check_made_by_caller(((Form_pg_class) GETSTRUCT(tuple))->relowner,
						 RelationRelationId, relation);
	ReleaseSysCache(tuple);
	view = relation_open(relation, AccessShareLock);
	if (view->rd_rel->relkind == RELKIND_VIEW)
		query = copyObject((Node *) get_view_query(view));
	relation_close(view, NoLock);
	return query;
}

/*
 * clv_internal_view_check_calls
 *		Raise an error if a view, or a function with a body in SQL, calls
 *		anything that is neither ours nor in pg_catalog nor among "functions",
 *		or is not the caller's.
 *
 * The view has been created but not read yet: what it calls is fixed, and has
 * not run.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_check_calls);
Datum
clv_internal_view_check_calls(PG_FUNCTION_ARGS)
{
	Scope		scope = {get_extension_oid("clv", false), true, NIL,
		clv_oid_list(PG_GETARG_ARRAYTYPE_P(2))};

	(void) check_walker(PG_GETARG_BOOL(1) ? function_queries(PG_GETARG_OID(0)) :
						view_query(PG_GETARG_OID(0)), &scope);
	PG_RETURN_VOID();
}

/*
 * clv_internal_view_check_query
 *		Raise an error if a query cannot be run, or calls anything that is
 *		neither ours nor in pg_catalog.  It is neither run nor planned, since
 *		planning can call functions.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_check_query);
Datum
clv_internal_view_check_query(PG_FUNCTION_ARGS)
{
	Scope		scope = {get_extension_oid("clv", false), true, NIL, NIL};
	char	   *sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
	List	   *statements = pg_parse_query(sql);
	Query	   *query = NULL;

	if (list_length(statements) == 1)
		query = parse_analyze_fixedparams(linitial_node(RawStmt, statements),
										  sql, NULL, 0, NULL);
	/* nothing is looked at in another command */
	if (query == NULL || query->commandType != CMD_SELECT)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("query must be one SELECT")));
	(void) check_walker((Node *) query, &scope);
	PG_RETURN_VOID();
}
