/*
 * season_fit.h
 *		The season of a book of customers.
 */
#ifndef CLV_SEASON_FIT_H
#define CLV_SEASON_FIT_H

#include "math/season.h"
#include "math/status.h"

/* fewest repeat purchases for each weight */
#define CLV_SEASON_FEWEST	10

#define CLV_AGE_BINS		64

/*
 * Customers whose first purchases are near each other are taken together once
 * that is long ago: by weeks after eight weeks, by four weeks after a year.
 */
#define CLV_COHORT_YOUNG	56
#define CLV_COHORT_OLD		365
#define CLV_COHORT_WEEKS	7
#define CLV_COHORT_MONTHS	28

/* repeat purchases; days are counted from the first one of the book */
typedef struct ClvSeasonCount
{
	int32_t		cohort;
	int32_t		day;
	double		n;
} ClvSeasonCount;

typedef struct ClvSeasonBook
{
	ClvSeasonKind kind;
	int64_t		first;			/* day, a multiple of CLV_COHORT_MONTHS */
	int			days;
	const double *starts;		/* first purchases of each day */
	const ClvSeasonCount *counts;
	size_t		n;
} ClvSeasonBook;

typedef struct ClvSeasonFit
{
	ClvSeasonBook book;
	int			slots;
	int			table;			/* length of "rate" and "bin" */

	/* memory of the caller */
	int		   *slot;			/* of each day */
	double	   *until;			/* operational time: days + 1 */
	double	   *before;			/* first purchases before each day: days + 1 */
	double	   *rate;			/* by whole operational days since the first
								 * purchase */
	int		   *bin;			/* the same */

	double		weight[CLV_SEASON_SLOTS];
	double		error[CLV_SEASON_SLOTS];
	double		found[CLV_SEASON_SLOTS];	/* purchases */
	double		expected[CLV_SEASON_SLOTS];
	double		share[CLV_SEASON_SLOTS];	/* of the days of the calendar */
	int			bins;
	double		place[CLV_AGE_BINS];	/* middles */
	double		log_rate[CLV_AGE_BINS];
	double		found_at[CLV_AGE_BINS];
	double		expected_at[CLV_AGE_BINS];
	double		both[CLV_SEASON_SLOTS][CLV_AGE_BINS];
} ClvSeasonFit;

/* whole operational days that a fit needs tables for */
#define CLV_SEASON_TABLE(days)	(2 * (days) + 800)

/* where a first purchase counts, once so many days have passed */
static inline int64_t
clv_season_cohort(int64_t first, int64_t age)
{
	int64_t		width = age < CLV_COHORT_YOUNG ? 1 : age < CLV_COHORT_OLD ? CLV_COHORT_WEEKS :
		CLV_COHORT_MONTHS;
	int64_t		rest = first % width;

	return first - (rest < 0 ? rest + width : rest);
}

/*
 * CLV_OUT_OF_DOMAIN if there are too few purchases, or if the book does not
 * determine the weights; the weights of "fit" otherwise.  CLV_LIMIT_EXCEEDED
 * if it does not converge.
 */
extern ClvStatus clv_season_fit(ClvSeasonFit *fit);

#endif							/* CLV_SEASON_FIT_H */
