/*
 * float_sum.h
 *		Sums of doubles that do not depend on the order of what is added.
 */
#ifndef CLV_FLOAT_SUM_H
#define CLV_FLOAT_SUM_H

#include "clv.h"

#include "math/u256.h"

/*
 * A number not below 0 in units of 2^-96: what is added loses what is below
 * that, and so is the same whatever is added before.  It must be below 2^120,
 * and 2^39 of those still fit.
 */
#define CLV_FLOAT_SUM_BITS	96
#define CLV_FLOAT_SUM_MAX	1.329227995784916e36	/* 2^120 */

typedef ClvU256 ClvFloatSum;

extern void clv_float_sum_add(ClvFloatSum *sum, double value);
extern double clv_float_sum_value(const ClvFloatSum *sum);

#endif							/* CLV_FLOAT_SUM_H */
