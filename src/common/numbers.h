/*
 * numbers.h
 *		Plain numbers of the type numeric: checked, and divided.
 */
#ifndef CLV_NUMBERS_H
#define CLV_NUMBERS_H

#include "clv.h"

/* the range of a number, which must be finite as well */
typedef enum ClvNumberRange
{
	CLV_ANY_NUMBER,
	CLV_NOT_NEGATIVE,
	CLV_ZERO_TO_ONE
} ClvNumberRange;

/* a whole number, and a comparison of two numbers, as numerics */
static inline Datum
clv_integer(int value)
{
	return NumericGetDatum(int64_to_numeric(value));
}

static inline bool
clv_less(Datum a, Datum b)
{
	return DatumGetBool(DirectFunctionCall2(numeric_lt, a, b));
}

extern double clv_check_level(double level);
extern Datum clv_check_number(Datum number, const char *name,
							  ClvNumberRange range);
extern Numeric clv_numeric_divide(Numeric num, Numeric by);
extern Numeric clv_numeric_divide_int64(Numeric num, int64 by);

#endif							/* CLV_NUMBERS_H */
