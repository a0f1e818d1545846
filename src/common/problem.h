/*
 * problem.h
 *		An error about arguments, as parts that can be passed on before it is
 *		raised.
 */
#ifndef CLV_PROBLEM_H
#define CLV_PROBLEM_H

#include "clv.h"

typedef struct ClvProblem
{
	int			state;			/* SQLSTATE */
	const char *message;
	const char *detail;			/* or NULL */
	const char *hint;			/* or NULL */
} ClvProblem;

extern void clv_problem_raise(const ClvProblem *problem);

#endif							/* CLV_PROBLEM_H */
