/*
 * problem.c
 *		An error about arguments, as parts that can be passed on before it is
 *		raised.
 *
 * clv_create_views() collects what is wrong with columns and says all of it at
 * once; other functions raise the first problem as it is.
 */
#include "common/problem.h"

void
clv_problem_raise(const ClvProblem *problem)
{
	ereport(ERROR,
			(errcode(problem->state),
			 errmsg_internal("%s", problem->message),
			 problem->detail == NULL ? 0 : errdetail_internal("%s", problem->detail),
			 problem->hint == NULL ? 0 : errhint("%s", problem->hint)));
}
