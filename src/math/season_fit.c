/*
 * season_fit.c
 *		The season of a book of customers.
 *
 * Whatever a customer does in operational time, a customer whose first
 * purchase was on the day f is expected to buy on the day d
 *
 *		g(S(d) - S(f)) s(d)
 *
 * times: g, by the time since the first purchase, is the same for all, and s
 * is the season.  g falls as customers leave, and its average over customers
 * changes as the book grows, so it is estimated besides: it is interpolated
 * between values in bins of age.  Weights and values are such that as many
 * repeat purchases are expected as were found, in each slot of the calendar and
 * in each bin.  That is the maximum of a Poisson likelihood with two factors,
 * and an unbiased equation for any process of this kind, Poisson or not.
 *
 * S depends on s: both are found in turn.
 */
#include <math.h>
#include <string.h>

#include "math/season_fit.h"

/* bins of age end at 7 (2^(i / 2) - 1) days */
#define AGE_UNIT		7.0
#define BINS_OF_OCTAVE	2.0

/* fewest purchases in a bin */
#define FEWEST_OF_BIN	50.0

/* as many purchases as that are added to each weight, at a weight of 1 */
#define PRIOR			0.5

/* times at which S is renewed, and most steps */
#define RENEWALS		30
#define MAX_STEPS		400
#define PRECISION		1e-9

/* a pivot that is so small against its diagonal is 0 */
#define SINGULAR		1e-9

static double
place_of(double days)
{
	return BINS_OF_OCTAVE * log2(1.0 + days / AGE_UNIT);
}

static inline int
row_of(const ClvSeasonFit *fit, double days)
{
	return days >= fit->table ? fit->table - 1 : (int) days;
}

static inline int
row_of_count(const ClvSeasonFit *fit, const ClvSeasonCount *count)
{
	return row_of(fit, fit->until[count->day + 1] - fit->until[count->cohort + 1]);
}

static void
set_times(ClvSeasonFit *fit)
{
	int			i;

	fit->until[0] = 0.0;
	for (i = 0; i < fit->book.days; i++)
		fit->until[i + 1] = fit->until[i] + fit->weight[fit->slot[i]];
}

/* bins with enough purchases, from narrow ones, as if there were no season */
static void
set_bins(ClvSeasonFit *fit)
{
	double		found[CLV_AGE_BINS] = {0};
	int			merged[CLV_AGE_BINS];
	double		low = 0.0;
	double		sum = 0.0;
	size_t		k;
	int			i;

	for (k = 0; k < fit->book.n; k++)
	{
		int			narrow = (int) place_of(row_of_count(fit, &fit->book.counts[k]));

		found[narrow < CLV_AGE_BINS ? narrow : CLV_AGE_BINS - 1] += fit->book.counts[k].n;
	}
	fit->bins = 0;
	for (i = 0; i < CLV_AGE_BINS; i++)
	{
		merged[i] = fit->bins;
		sum += found[i];
		if (sum < FEWEST_OF_BIN)
			continue;
		fit->place[fit->bins++] = (low + i + 1) / 2.0;
		low = i + 1;
		sum = 0.0;
	}
	for (i = 0; i < fit->table; i++)
	{
		int			narrow = (int) place_of(i);
		int			bin = merged[narrow < CLV_AGE_BINS ? narrow : CLV_AGE_BINS - 1];

		/* what is left belongs to the last one */
		fit->bin[i] = bin < fit->bins ? bin : fit->bins - 1;
	}
}

static void
set_rates(ClvSeasonFit *fit)
{
	int			bin = 0;
	int			i;

	for (i = 0; i < fit->table; i++)
	{
		double		place = place_of(i + 0.5);
		double		part;

		while (bin < fit->bins - 2 && fit->place[bin + 1] < place)
			bin++;
		if (fit->bins == 1)
			part = 0.0;
		else
			part = (place - fit->place[bin]) / (fit->place[bin + 1] - fit->place[bin]);
		part = part < 0.0 ? 0.0 : part > 1.0 ? 1.0 : part;
		fit->rate[i] = exp(fit->log_rate[bin] +
						   (part > 0.0 ? part * (fit->log_rate[bin + 1] - fit->log_rate[bin]) : 0.0));
	}
}

/* what customers of a cohort are expected to buy on a day */
static inline void
expect(ClvSeasonFit *fit, int cohort, int day, double customers)
{
	int			row = row_of(fit, fit->until[day + 1] - fit->until[cohort + 1]);
	int			slot = fit->slot[day];
	double		e = customers * fit->weight[slot] * fit->rate[row];

	fit->expected[slot] += e;
	fit->expected_at[fit->bin[row]] += e;
	fit->both[slot][fit->bin[row]] += e;
}

/* those who began from "first" up to "last" */
static inline double
started(const ClvSeasonFit *fit, int first, int last)
{
	return first > last || last < 0 ? 0.0 :
		fit->before[last + 1] - fit->before[first < 0 ? 0 : first];
}

static inline int
larger(int a, int b)
{
	return a > b ? a : b;
}

static inline int
smaller(int a, int b)
{
	return a < b ? a : b;
}

/* expectations of a day from cohorts of a width, by their age: [from, to) */
static void
expect_cohorts(ClvSeasonFit *fit, int day, int width, int from, int to)
{
	int			cohort = larger(day - to + 1, 0);

	for (cohort -= cohort % width; cohort <= day - from; cohort += width)
	{
		double		n = started(fit, larger(cohort, day - to + 1),
								smaller(cohort + width - 1, day - from));

		if (n > 0.0)
			expect(fit, cohort, day, n);
	}
}

static void
expect_all(ClvSeasonFit *fit)
{
	int			day;

	memset(fit->expected, 0, sizeof(fit->expected));
	memset(fit->expected_at, 0, sizeof(fit->expected_at));
	memset(fit->both, 0, sizeof(fit->both));
	for (day = 1; day < fit->book.days; day++)
	{
		expect_cohorts(fit, day, 1, 1, CLV_COHORT_YOUNG);
		expect_cohorts(fit, day, CLV_COHORT_WEEKS, CLV_COHORT_YOUNG, CLV_COHORT_OLD);
		expect_cohorts(fit, day, CLV_COHORT_MONTHS, CLV_COHORT_OLD, fit->book.days + 1);
	}
}

static void
count_ages(ClvSeasonFit *fit)
{
	size_t		k;

	memset(fit->found_at, 0, sizeof(fit->found_at));
	for (k = 0; k < fit->book.n; k++)
		fit->found_at[fit->bin[row_of_count(fit, &fit->book.counts[k])]] += fit->book.counts[k].n;
}

/* new rates, then new weights; returns how much the logarithm of one changed at most */
static double
step(ClvSeasonFit *fit)
{
	double		most = 0.0;
	double		mean = 0.0;
	double		next[CLV_SEASON_SLOTS];
	int			i;

	for (i = 0; i < fit->bins; i++)
	{
		if (fit->found_at[i] > 0.0 && fit->expected_at[i] > 0.0)
		{
			double		change = log(fit->found_at[i] / fit->expected_at[i]);

			fit->log_rate[i] += change;
			most = fmax(most, fabs(change));
		}
	}
	set_rates(fit);
	expect_all(fit);
	for (i = 0; i < fit->slots; i++)
	{
		next[i] = (fit->found[i] + PRIOR) / (fit->expected[i] / fit->weight[i] + PRIOR);
		mean += next[i] * fit->share[i];
	}
	for (i = 0; i < fit->slots; i++)
	{
		next[i] /= mean;
		most = fmax(most, fabs(log(next[i] / fit->weight[i])));
		fit->weight[i] = next[i];
	}
	return most;
}

/* the lower triangle L with L L' = a; false if that is singular */
static bool
decompose(double a[][CLV_SEASON_SLOTS], int n)
{
	int			i;
	int			j;
	int			k;

	for (i = 0; i < n; i++)
	{
		double		diagonal = a[i][i];

		for (j = 0; j <= i; j++)
		{
			double		sum = a[i][j];

			for (k = 0; k < j; k++)
				sum -= a[i][k] * a[j][k];
			if (i > j)
				a[i][j] = sum / a[j][j];
			else if (!(sum > SINGULAR * diagonal))
				return false;
			else
				a[i][i] = sqrt(sum);
		}
	}
	return true;
}

/*
 * Standard errors from the information of log weights and log rates, the
 * latter eliminated.  A change of all weights by one factor makes no
 * difference: it is added as known, and taken out again by the mean, which is
 * 1.
 */
static bool
set_errors(ClvSeasonFit *fit)
{
	double		a[CLV_SEASON_SLOTS][CLV_SEASON_SLOTS];
	double		scale = 0.0;
	int			n = fit->slots;
	int			i;
	int			j;
	int			b;

	for (i = 0; i < n; i++)
		scale += fit->expected[i] / n / n;
	for (i = 0; i < n; i++)
	{
		for (j = 0; j <= i; j++)
		{
			double		sum = (i == j ? fit->expected[i] : 0.0) + scale;

			for (b = 0; b < fit->bins; b++)
			{
				if (fit->expected_at[b] > 0.0)
					sum -= fit->both[i][b] * fit->both[j][b] / fit->expected_at[b];
			}
			a[i][j] = sum;
		}
	}
	if (!decompose(a, n))
		return false;
	for (i = 0; i < n; i++)
	{
		double		row[CLV_SEASON_SLOTS];
		double		variance = 0.0;

		/* log weight i less the mean of all: L y = row, variance y'y */
		for (j = 0; j < n; j++)
		{
			double		y = (i == j ? 1.0 : 0.0) - fit->share[j] * fit->weight[j];

			for (b = 0; b < j; b++)
				y -= a[j][b] * row[b];
			row[j] = y / a[j][j];
			variance += row[j] * row[j];
		}
		fit->error[i] = fit->weight[i] * sqrt(variance);
	}
	return true;
}

static void
set_start(ClvSeasonFit *fit)
{
	const ClvSeasonBook *book = &fit->book;
	double		days[CLV_SEASON_SLOTS];
	size_t		k;
	int			i;

	fit->slots = clv_season_slots(book->kind);
	clv_season_slot_days(book->kind, days);
	/* there is hardly a week 53: it is as the one before */
	if (book->kind == CLV_SEASON_WEEK)
	{
		fit->slots = 52;
		days[51] += days[52];
	}
	memset(fit->found, 0, sizeof(fit->found));
	fit->before[0] = 0.0;
	for (i = 0; i < book->days; i++)
	{
		fit->slot[i] = smaller(clv_season_slot(book->kind, book->first + i), fit->slots - 1);
		fit->before[i + 1] = fit->before[i] + book->starts[i];
	}
	for (i = 0; i < fit->slots; i++)
	{
		fit->weight[i] = 1.0;
		fit->share[i] = days[i] / CLV_CYCLE_DAYS;
	}
	for (k = 0; k < book->n; k++)
		fit->found[fit->slot[book->counts[k].day]] += book->counts[k].n;
	set_times(fit);
}

ClvStatus
clv_season_fit(ClvSeasonFit *fit)
{
	double		all = 0.0;
	double		change = HUGE_VAL;
	int			i;

	set_start(fit);
	for (i = 0; i < fit->slots; i++)
		all += fit->found[i];
	if (all < (double) CLV_SEASON_FEWEST * fit->slots)
		return CLV_OUT_OF_DOMAIN;
	set_bins(fit);
	memset(fit->log_rate, 0, sizeof(fit->log_rate));
	set_rates(fit);
	expect_all(fit);
	for (i = 0; i < MAX_STEPS && (i <= RENEWALS || change > PRECISION); i++)
	{
		if (i < RENEWALS)
			set_times(fit);
		count_ages(fit);
		change = step(fit);
		expect_all(fit);
	}
	if (change > PRECISION)
		return CLV_LIMIT_EXCEEDED;
	return set_errors(fit) ? CLV_OK : CLV_OUT_OF_DOMAIN;
}
