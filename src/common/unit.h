/*
 * unit.h
 *		Units of model time.
 */
#ifndef CLV_UNIT_H
#define CLV_UNIT_H

#include "clv.h"

/* stored in samples and models: never renumber */
typedef enum ClvUnit
{
	CLV_UNIT_NONE = 0,			/* bare numbers: known only to the user */
	CLV_UNIT_DAY,
	CLV_UNIT_WEEK,
	CLV_UNIT_MONTH,
	CLV_UNIT_YEAR,
	CLV_UNIT_QUARTER			/* only of calendar periods */
} ClvUnit;

#define CLV_UNITS 6

extern ClvUnit clv_unit(const text *name);
extern int	clv_unit_find(const char *name, int len);
extern const char *clv_unit_name(ClvUnit unit);
extern double clv_unit_days(ClvUnit unit);

#endif							/* CLV_UNIT_H */
