/*
 * period.h
 *		Calendar periods, and periods since a customer's first purchase.
 */
#ifndef CLV_PERIOD_H
#define CLV_PERIOD_H

#include "clv.h"

typedef enum ClvPeriodUnit
{
	CLV_PERIOD_DAY,
	CLV_PERIOD_WEEK,
	CLV_PERIOD_MONTH,
	CLV_PERIOD_QUARTER,
	CLV_PERIOD_YEAR
} ClvPeriodUnit;

/* days whose periods are looked up and not computed: 45 years up to "last" */
#define CLV_PERIOD_TABLE_SIZE	16384

/*
 * Calendar periods are numbered in order of time; the origin has no meaning,
 * and numbers may be negative.
 */
typedef struct ClvPeriods
{
	ClvPeriodUnit unit;
	int			week_offset;	/* a day on which a week starts, 0 to 6 */
	DateADT		last;			/* day of table[0] */
	int32	   *table;			/* periods of last, last - 1, ...; or NULL */
} ClvPeriods;

extern void clv_periods_init(ClvPeriods *periods, text *unit,
							 text *week_start);
extern int	clv_periods_code(const ClvPeriods *periods);
extern void clv_periods_decode(ClvPeriods *periods, int code);
extern void clv_periods_cache(ClvPeriods *periods, DateADT last);
extern int32 clv_period_compute(const ClvPeriods *periods, DateADT day);
extern int64 clv_period_start(const ClvPeriods *periods, int64 number);
extern int32 clv_periods_elapsed(const ClvPeriods *periods, DateADT first,
								 DateADT day);
extern int64 clv_period_after(const ClvPeriods *periods, DateADT first,
							  int64 n);

/* the number of the calendar period that a day is in */
static inline int32
clv_period_of(const ClvPeriods *periods, DateADT day)
{
	int64		back = (int64) periods->last - day;

	if (likely(periods->table != NULL && back >= 0 && back < CLV_PERIOD_TABLE_SIZE))
		return periods->table[back];
	return clv_period_compute(periods, day);
}

#endif							/* CLV_PERIOD_H */
