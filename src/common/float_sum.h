/*
 * float_sum.h
 *		Sums of doubles that do not depend on the order of addition.
 */
#ifndef CLV_FLOAT_SUM_H
#define CLV_FLOAT_SUM_H

#include "clv.h"

#include "math/u256.h"

/*
 * A number that is not negative, in units of 2^-96: whatever is added loses
 * its digits below that, so the order of addition does not matter.  Each
 * number must be below 2^120, and the sum of 2^39 of those still fits.
 */
#define CLV_FLOAT_SUM_BITS	96
#define CLV_FLOAT_SUM_MAX	1.329227995784916e36	/* 2^120 */

typedef ClvU256 ClvFloatSum;

extern void clv_float_sum_add(ClvFloatSum *sum, double value);
extern double clv_float_sum_value(const ClvFloatSum *sum);

#endif							/* CLV_FLOAT_SUM_H */
