/*
 * median.h
 *		The median of numbers.
 */
#ifndef CLV_MEDIAN_H
#define CLV_MEDIAN_H

#include <stddef.h>

/*
 * The middle one of n > 0 numbers, none of them NaN, or the mean of the two in
 * the middle, as percentile_cont(0.5) has it.  It changes their order.
 */
extern double clv_median(double *values, size_t n);

#endif							/* CLV_MEDIAN_H */
