/*
 * formula.h
 *		Checks that functions over plain numbers share.
 */
#ifndef CLV_FORMULA_H
#define CLV_FORMULA_H

#include "clv.h"

/* what a number has to be besides finite */
typedef enum ClvNumberRange
{
	CLV_ANY_NUMBER,
	CLV_NOT_NEGATIVE,
	CLV_ZERO_TO_ONE
} ClvNumberRange;

extern Datum clv_check_number(Datum number, const char *name,
							  ClvNumberRange range);

#endif							/* CLV_FORMULA_H */
