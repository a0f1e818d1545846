/*
 * clv.h
 *		What every file of the extension includes: limits and headers.
 */
#ifndef CLV_H
#define CLV_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "compat.h"

/*
 * Bounds of an amount, and of the purchases, refunds and orders of a day.
 * With all its decimals such an amount is below 10^67, a history has fewer than
 * 2^31 days, and a day has at most two sums of either sign (see ClvDay), so that
 * no total exceeds 256 bits.  The sums of a day
 * only grow, so whether they exceed their bounds depends neither on the order
 * of rows nor on that of merges.
 */
#define CLV_MAX_DIGITS		37	/* before the decimal point */
#define CLV_MAX_SCALE		30	/* after it */
#define CLV_MAX_DAY_ORDERS	PG_UINT32_MAX

/* days are counted as PostgreSQL's dates are: from 2000-01-01 */
#define CLV_MIN_DAY			(DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE)
#define CLV_END_DAY			(DATE_END_JULIAN - POSTGRES_EPOCH_JDATE)

#endif							/* CLV_H */
