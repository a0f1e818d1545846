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

/*
 * clv_internal_view_text
 *		A column as text, in SQL; NULL if no column is named.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_text);
Datum
clv_internal_view_text(PG_FUNCTION_ARGS)
{
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	char	   *ref = quote_qualified_identifier(text_to_cstring(PG_GETARG_TEXT_PP(0)),
												 text_to_cstring(PG_GETARG_TEXT_PP(1)));

	PG_RETURN_TEXT_P(cstring_to_text(clv_text_of(quote_identifier(get_namespace_name(schema)),
												 ref, PG_GETARG_OID(2))));
}
