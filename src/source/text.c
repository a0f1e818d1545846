/*
 * text.c
 *		Values of a table as text, the same for every reader.
 */
#include "source/text.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "source/query.h"

/* is the text of the type's values the same under all settings? */
static bool
has_one_text(Oid type)
{
	Oid			base = getBaseType(type);

	switch (base)
	{
		case BOOLOID:
		case BPCHAROID:
		case CHAROID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NAMEOID:
		case NUMERICOID:
		case OIDOID:
		case TEXTOID:
		case UUIDOID:
		case VARCHAROID:
			return true;
	}
	/* those of extensions, such as citext */
	return get_typtype(base) == TYPTYPE_ENUM ||
		(get_typtype(base) == TYPTYPE_BASE && !clv_is_system_type(base) &&
		 !OidIsValid(get_element_type(base)));
}

/*
 * clv_text_of
 *		A value as text, in SQL: "ref" is of the type, "clv" is the schema of
 *		the extension.
 *
 * By its output function: the owner of a type can also create a cast to text,
 * which would run with the rights of whoever reads the table.  And not under
 * the settings of the session: a channel of type date that is stored under
 * one DateStyle would not be found again under another.
 */
char *
clv_text_of(const char *clv, const char *ref, Oid type)
{
	if (!has_one_text(type))
		return psprintf("%s.clv_internal_text(%s)", clv, ref);
	if (clv_is_system_type(type))
		return psprintf("%s::pg_catalog.text", ref);
	return psprintf("CASE WHEN %s IS DISTINCT FROM NULL THEN pg_catalog.format('%%s', %s) END",
					ref, ref);
}

/*
 * clv_number_of
 *		The number of an order, in SQL, as clv_internal_first_order() takes it:
 *		what is a number in its own order, anything else as text, which that
 *		orders by its bytes.
 *
 * A type's own comparison would be another function to take for ours.
 */
char *
clv_number_of(const char *clv, const char *ref, Oid type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
			return psprintf("%s::pg_catalog.int8", ref);
		case NUMERICOID:
		case FLOAT4OID:
		case FLOAT8OID:
			return psprintf("%s::pg_catalog.numeric", ref);
	}
	return clv_text_of(clv, ref, type);
}

/*
 * clv_internal_text
 *		A value as text by its output function.  The settings on which that
 *		depends are those of the function.
 */
PG_FUNCTION_INFO_V1(clv_internal_text);
Datum
clv_internal_text(PG_FUNCTION_ARGS)
{
	FmgrInfo   *output = fcinfo->flinfo->fn_extra;

	if (output == NULL)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 0);
		Oid			function;
		bool		is_varlena;

		if (!OidIsValid(type))
			ereport(ERROR,
					(errcode(ERRCODE_INDETERMINATE_DATATYPE),
					 errmsg("could not determine the type of the value")));
		getTypeOutputInfo(type, &function, &is_varlena);
		output = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(FmgrInfo));
		fmgr_info_cxt(function, output, fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = output;
	}
	PG_RETURN_TEXT_P(cstring_to_text(OutputFunctionCall(output, PG_GETARG_DATUM(0))));
}

/* an expression in SQL for the column that arguments 0 and 1 name, of type 2 */
static Datum
of_column(FunctionCallInfo fcinfo, char *(*expression) (const char *clv, const char *ref, Oid type))
{
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	char	   *ref = quote_qualified_identifier(text_to_cstring(PG_GETARG_TEXT_PP(0)),
												 text_to_cstring(PG_GETARG_TEXT_PP(1)));

	return CStringGetTextDatum(expression(quote_identifier(get_namespace_name(schema)),
										  ref, PG_GETARG_OID(2)));
}

/*
 * clv_internal_view_text
 *		A column as text, in SQL.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_text);
Datum
clv_internal_view_text(PG_FUNCTION_ARGS)
{
	return of_column(fcinfo, clv_text_of);
}

/*
 * clv_internal_view_number_of
 *		A column of order numbers as clv_internal_first_order() takes it, in
 *		SQL.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_number_of);
Datum
clv_internal_view_number_of(PG_FUNCTION_ARGS)
{
	return of_column(fcinfo, clv_number_of);
}
