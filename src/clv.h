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
 * Decimals an amount can have, and digits before its decimal point.  A sum
 * of 4e8 of the largest amounts still fits 256 bits, so that no sum in reach
 * overflows, and whether one does cannot depend on the order of the rows.
 */
#define CLV_MAX_SCALE		30
#define CLV_MAX_DIGITS		37

/* days are counted as PostgreSQL's dates are: from 2000-01-01 */
#define CLV_MIN_DAY			(DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE)
#define CLV_END_DAY			(DATE_END_JULIAN - POSTGRES_EPOCH_JDATE)

#endif							/* CLV_H */
