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
 * Decimals an amount can have, digits before its decimal point, and digits
 * before the decimal point of what a day's purchases or refunds sum up to.
 * The last is 10^9 of the largest amounts; with all decimals it fits 256
 * bits.  Purchases and refunds only grow, so whether they leave a bound does
 * not depend on the order of rows or merges.
 */
#define CLV_MAX_SCALE		30
#define CLV_MAX_DIGITS		37
#define CLV_MAX_DAY_DIGITS	46

/* days are counted as PostgreSQL's dates are: from 2000-01-01 */
#define CLV_MIN_DAY			(DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE)
#define CLV_END_DAY			(DATE_END_JULIAN - POSTGRES_EPOCH_JDATE)

#endif							/* CLV_H */
