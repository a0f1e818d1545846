/*
 * decimal.h
 *		Doubles as decimal numbers.
 */
#ifndef CLV_DECIMAL_H
#define CLV_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

extern bool clv_double_to_decimal(double x, int64_t *value, int *scale);
extern double clv_round_decimal(double x, int digits);

#endif							/* CLV_DECIMAL_H */
