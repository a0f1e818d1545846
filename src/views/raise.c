/*
 * raise.c
 *		Errors of clv_create_views() that are about its arguments.
 */
#include "clv.h"

#include "utils/builtins.h"

#include "common/problem.h"

/*
 * clv_internal_view_raise
 *		Raise an error of which PL/pgSQL does not say where it comes from.
 *
 * CONTEXT is made by the callbacks of the functions that are under way.  Code
 * that catches the error, or the main loop, restores them.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_raise);
Datum
clv_internal_view_raise(PG_FUNCTION_ARGS)
{
	char	   *state;
	ClvProblem	problem;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("state and message must not be null")));
	state = text_to_cstring(PG_GETARG_TEXT_PP(0));
	problem.message = text_to_cstring(PG_GETARG_TEXT_PP(1));
	problem.detail = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	problem.hint = PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3));
	/* what arguments can be wrong in: nobody is to see another error from here */
	if (strlen(state) != 5 || strspn(state, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5 ||
		(strncmp(state, "0A", 2) != 0 && strncmp(state, "22", 2) != 0 && strncmp(state, "2B", 2) != 0 &&
		 strncmp(state, "42", 2) != 0 && strncmp(state, "55", 2) != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid SQLSTATE: \"%s\"", state)));
	problem.state = MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4]);
	error_context_stack = NULL;
	clv_problem_raise(&problem);
	PG_RETURN_VOID();
}
