/*
 * column.c
 *		What a column of a table can be, and the messages that all functions
 *		have for those that cannot be what they were given for.
 *
 * A kind is what a column is wanted for, such as "amount" or "spend time":
 * those that end in "time" are times.
 */
#include "source/column.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* is it one of these words? */
static bool
is_one_of(const char *kind, const char *const *words)
{
	for (; *words != NULL; words++)
	{
		if (strcmp(kind, *words) == 0)
			return true;
	}
	return false;
}

static bool
is_time(const char *kind)
{
	size_t		len = strlen(kind);

	return len >= 4 && strcmp(kind + len - 4, "time") == 0;
}

static bool
is_number(const char *kind)
{
	static const char *const words[] = {"amount", "unit price", "price", "spend", "leads", "tax", "quantity", "cost", NULL};

	return is_one_of(kind, words);
}

static bool
is_text_type(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID || type == NAMEOID;
}

static bool
is_whole_or_numeric(Oid type)
{
	return type == NUMERICOID || type == INT2OID || type == INT4OID || type == INT8OID;
}

static bool
is_amount_type(Oid type)
{
	return is_whole_or_numeric(type) || type == FLOAT4OID || type == FLOAT8OID;
}

/*
 * clv_kind_suits
 *		Can a column of the type be of the kind?
 *
 * One that was named may have any type that can be grouped by, which is looked
 * at later.
 */
bool
clv_kind_suits(const char *kind, Oid type, bool is_named)
{
	if (is_time(kind))
		return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
	if (is_number(kind) || (is_named && strcmp(kind, "refund") == 0))
		return is_amount_type(type);
	if (strcmp(kind, "score") == 0)
		return is_whole_or_numeric(type);
	if (strcmp(kind, "billing interval") == 0)
		return type == INTERVALOID;
	if (is_named)
		return true;
	if (strcmp(kind, "currency") == 0)
		return is_text_type(type) || get_typtype(type) == TYPTYPE_ENUM;
	return type != JSONOID && type != JSONBOID && type != XMLOID;
}

/*
 * clv_kind_advice
 *		How a view can make the type of a column suitable, which begins with "A
 *		view can", or which types are.
 */
char *
clv_kind_advice(const char *kind, const char *column, Oid type)
{
	static const char *const countable[] = {"quantity", "refund", NULL};
	bool		is_text = is_text_type(type) || type == UNKNOWNOID;
	bool		is_amount = is_number(kind) || strcmp(kind, "refund") == 0;
	const char *name = quote_identifier(column);

	if (is_time(kind))
	{
		if (type == INT4OID || type == INT8OID || type == NUMERICOID || type == FLOAT8OID)
			return psprintf("A view can cast it: to_timestamp(%s) if it counts seconds since 1970, and a thousandth of it for milliseconds.", name);
		if (is_text)
			return psprintf("A view can cast it: to_timestamp(nullif(btrim(%s), ''), '...')::timestamp, with the format of its values.", name);
		return pstrdup("Supported types are date, timestamp and timestamptz.");
	}
	if (is_one_of(kind, countable) && type == BOOLOID)
		return pstrdup("It must be a number. For a flag, give status and status_values.");
	if ((is_amount || strcmp(kind, "score") == 0) && (is_text || type == CASHOID))
		return psprintf(type == CASHOID ? "A view can cast it: %s::numeric." : "A view can cast it: %s::numeric, if that is how its values are written.", name);
	if (strcmp(kind, "score") == 0)
		return pstrdup("Supported types are numeric, smallint, integer and bigint.");
	if (is_amount)
		return pstrdup("Supported types are numeric, smallint, integer, bigint, real and double precision.");
	if (strcmp(kind, "billing interval") == 0)
		return psprintf(is_text ? "A view can cast it: ('1 ' || %s)::interval for units such as month." :
						"A view can make an interval of it: %s * interval '1 month' for a number of months.", name);
	if (strstr(kind, "customer") != NULL && (type == JSONOID || type == JSONBOID))
		return psprintf("A view can take the key from it: %s ->> 'id'.", name);
	return psprintf("A view can cast it: %s::text.", name);
}

/* a relation as the reader of a message has to write it */
char *
clv_relation_text(Oid relation)
{
	return DatumGetCString(DirectFunctionCall1(regclassout, ObjectIdGetDatum(relation)));
}

/* the message about a column that cannot be what an argument says */
char *
clv_column_cannot_be(Oid relation, const char *column, const char *argument, const char *why)
{
	return psprintf("column %s of %s cannot be the %s: %s", quote_identifier(column),
					clv_relation_text(relation), argument, why);
}

/* a column that does not exist; the hint names those that do */
void
clv_column_missing(Oid relation, const char *argument, const char *column, ClvProblem *problem)
{
	char	   *named = clv_relation_text(relation);
	StringInfoData list;
	AttrNumber	number;
	HeapTuple	tuple;

	/* without a lock: who asks may not be allowed to wait for one */
	initStringInfo(&list);
	for (number = 1; HeapTupleIsValid(tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(number))); number++)
	{
		Form_pg_attribute attribute = (Form_pg_attribute) GETSTRUCT(tuple);

		if (!attribute->attisdropped)
			appendStringInfo(&list, "%s%s", list.len == 0 ? "" : ", ",
							 quote_identifier(NameStr(attribute->attname)));
		ReleaseSysCache(tuple);
	}
	problem->state = ERRCODE_UNDEFINED_COLUMN;
	problem->message = psprintf("column \"%s\" of relation \"%s\" does not exist", column, named);
	problem->detail = psprintf("It was given as the argument %s.", argument);
	problem->hint = list.len == 0 ? NULL : psprintf("The columns of %s are %s.", named, list.data);
}

/* the message about the type of a column, and what can be done */
ClvProblem
clv_column_type_problem(const ClvColumn *column, const char *kind)
{
	ClvProblem	problem = {.state = ERRCODE_DATATYPE_MISMATCH};
	char	   *why = psprintf("it is of type %s", format_type_be(column->declared));

	problem.message = clv_column_cannot_be(column->relation, column->name, column->argument, why);
	problem.hint = clv_kind_advice(kind, column->name, column->type);
	return problem;
}

/* raise that error; "also" says what else the type can be, or is NULL */
void
clv_column_wrong_type(const ClvColumn *column, const char *kind, const char *also)
{
	ClvProblem	problem = clv_column_type_problem(column, kind);

	if (also != NULL)
		problem.hint = psprintf("%s %s", problem.hint, also);
	clv_problem_raise(&problem);
}

/* raise an error if the type of a column does not suit */
void
clv_column_check(const ClvColumn *column, const char *kind)
{
	if (!clv_kind_suits(kind, column->type, true))
		clv_column_wrong_type(column, kind, NULL);
}

/* raise an error if a column cannot be grouped by */
void
clv_column_check_comparable(const ClvColumn *column)
{
	ClvProblem	problem = {.state = ERRCODE_DATATYPE_MISMATCH};
	char	   *why;

	if (OidIsValid(lookup_type_cache(column->type, TYPECACHE_EQ_OPR)->eq_opr))
		return;
	why = psprintf("type %s cannot be compared", format_type_be(column->declared));
	problem.message = clv_column_cannot_be(column->relation, column->name, column->argument, why);
	problem.hint = "A view can cast it, for example to text.";
	clv_problem_raise(&problem);
}

/* raise an error about a time zone for a column whose values do not need one */
void
clv_column_has_no_zone(const char *column, Oid type)
{
	ClvProblem	problem = {.state = ERRCODE_INVALID_PARAMETER_VALUE};

	problem.message = "time_zone is for columns of type timestamp with time zone";
	problem.detail = psprintf("Column %s is of type %s, whose values fall on a day without a time zone.",
							  quote_identifier(column), format_type_be(type));
	clv_problem_raise(&problem);
}
