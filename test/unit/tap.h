/*
 * tap.h
 *		What the unit tests print: Test Anything Protocol.
 */
#ifndef CLV_TAP_H
#define CLV_TAP_H

#include <stdbool.h>
#include <stdio.h>

static int	tests;
static int	failures;

static inline void
ok(bool condition, const char *what)
{
	if (!condition)
		failures++;
	printf("%sok %d - %s\n", condition ? "" : "not ", ++tests, what);
}

/* the plan, which may come last; returns the exit code */
static inline int
done_testing(void)
{
	printf("1..%d\n", tests);
	return failures > 0;
}

#endif							/* CLV_TAP_H */
