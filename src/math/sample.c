/*
 * sample.c
 *		What a fit needs to know about a book before it starts.
 */
#include <math.h>
#include <string.h>

#include "math/bgbb.h"
#include "math/gammagamma.h"
#include "math/sample.h"
#include "math/sbg.h"

/*
 * Bounds of parameters; those with a unit are measured in the scale of the
 * book.  Beyond them no book of any size can distinguish the models from
 * their limits (all customers alike, no customer ever leaving ...).
 */
#define SHAPE_BOUND		1e6
#define SCALE_BOUND		1e9

/* of c of BdW, where the largest period to the power of c must be a number */
#define BDW_C_MIN		1e-4
#define BDW_C_MAX		100.0
#define BDW_LOG_MAX		200.0

/* sums over a book */
typedef struct Sums
{
	double		customers;
	double		repeaters;		/* of them with x > 0 */
	double		x;
	double		xx;
	double		t_x;
	double		T;
	double		max_x;
	double		max_T;
	double		min_t_x;
	double		max_t_x;
	double		taken;			/* customers with x = T */
	double		lost_first;		/* customers with x = 1 */
} Sums;

/* within the bounds of the model; false for NaN too */
static bool
is_valid(ClvModelKind kind, const ClvPattern *p)
{
	if (!(p->weight > 0.0 && p->weight <= 1e15))
		return false;
	switch (kind)
	{
		case CLV_BGNBD:
		case CLV_MBGNBD:
		case CLV_PARETONBD:
		case CLV_BGCNBD:
		case CLV_MBGCNBD:
			return clv_is_arrivals(p->x, p->t_x, p->T);
		case CLV_GAMMAGAMMA:
			return clv_is_whole(p->x, CLV_MAX_X) && p->x > 0.0 &&
				p->t_x >= CLV_SPEND_MIN && p->t_x <= CLV_SPEND_MAX;
		case CLV_BGBB:
			return clv_is_donor(p->x, p->t_x, p->T);
		case CLV_SBG:
		case CLV_BDW:
			return clv_is_whole(p->x, CLV_MAX_SBG_PERIOD) &&
				(p->x > 0.0 || (clv_is_whole(p->T, CLV_MAX_SBG_PERIOD) &&
								p->T > 0.0));
		default:				/* rules are not fitted */
			break;
	}
	return false;
}

static bool
is_of_contracts(ClvModelKind kind)
{
	return kind == CLV_SBG || kind == CLV_BDW;
}

/* does b come after a? */
static bool
is_after(const ClvPattern *a, const ClvPattern *b)
{
	if (a->x != b->x)
		return a->x < b->x;
	if (a->t_x != b->t_x)
		return a->t_x < b->t_x;
	return a->T < b->T;
}

static bool
sum_up(Sums *sums, ClvModelKind kind, const ClvPattern *patterns, size_t n)
{
	size_t		i;

	memset(sums, 0, sizeof(*sums));
	sums->min_t_x = HUGE_VAL;
	for (i = 0; i < n; i++)
	{
		const ClvPattern *p = &patterns[i];
		double		w = p->weight;
		double		T = kind == CLV_GAMMAGAMMA ? 0.0 : p->T;

		if (!is_valid(kind, p))
			return false;
		if (i > 0 && kind != CLV_GAMMAGAMMA && !is_of_contracts(kind) &&
			!is_after(p - 1, p))
			return false;
		if (i > 0 && p->x < p[-1].x)
			return false;
		if (is_of_contracts(kind) && p->x > 0.0)
			T = p->x;

		sums->customers += w;
		sums->x += w * p->x;
		sums->xx += w * p->x * p->x;
		sums->t_x += w * p->t_x;
		sums->T += w * T;
		sums->repeaters += p->x > 0.0 ? w : 0.0;
		sums->taken += p->x == T ? w : 0.0;
		sums->lost_first += p->x == 1.0 ? w : 0.0;
		sums->max_x = fmax(sums->max_x, p->x);
		sums->max_T = fmax(sums->max_T, T);
		sums->max_t_x = fmax(sums->max_t_x, p->t_x);
		sums->min_t_x = fmin(sums->min_t_x, p->t_x);
	}
	return true;
}

/* problems that no penalty can fix */
static ClvFitProblem
find_problem(ClvModelKind kind, const Sums *sums)
{
	if (sums->customers <= 0.0)
		return CLV_FIT_NO_CUSTOMERS;
	if (is_of_contracts(kind))
		return CLV_FIT_NO_PROBLEM;
	if (kind != CLV_GAMMAGAMMA && sums->T <= 0.0)
		return CLV_FIT_NO_TIME;
	if (sums->repeaters <= 0.0)
		return CLV_FIT_NO_REPEAT;
	return CLV_FIT_NO_PROBLEM;
}

/* problems that leave the likelihood without a single maximum */
static ClvFitProblem
find_doubt(ClvModelKind kind, const Sums *sums, size_t n)
{
	if (is_of_contracts(kind) && sums->repeaters <= 0.0)
		return CLV_FIT_NO_LOSS;
	if (is_of_contracts(kind) && sums->lost_first >= sums->customers)
		return CLV_FIT_ALL_LOST;
	if (sums->customers < clv_model_info(kind)->parameters)
		return CLV_FIT_FEW_CUSTOMERS;
	if (kind == CLV_BGBB && sums->taken >= sums->customers)
		return CLV_FIT_ALL_ALWAYS;
	if (n == 1 || (kind == CLV_GAMMAGAMMA && sums->min_t_x == sums->max_t_x))
		return CLV_FIT_ALIKE;

	/* only a / (a + b) matters until a second chance to leave comes */
	if ((kind == CLV_BGNBD || kind == CLV_BGCNBD) && sums->max_x < 2.0)
		return CLV_FIT_ONE_REPEAT;

	/*
	 * one period of contracts determines alpha / (alpha + beta), two
	 * determine two numbers, and two of BG/BB three
	 */
	if ((kind == CLV_SBG && sums->max_T < 2.0) ||
		((kind == CLV_BGBB || kind == CLV_BDW) && sums->max_T < 3.0))
		return CLV_FIT_FEW_PERIODS;
	return CLV_FIT_NO_PROBLEM;
}

static void
add_start(ClvSample *sample, double a, double b, double c, double d)
{
	double	   *start = sample->start[sample->starts++];

	start[0] = log(a);
	start[1] = log(b);
	start[2] = log(c);
	start[3] = log(d);
}

static double
clamp(double x, double low, double high)
{
	return fmin(fmax(x, low), high);
}

/*
 * Rates from the mean m of x, and their spread from the variance of a
 * negative binomial x.  For leaving: most leave late, few leave, many leave
 * soon, all alike, or some at once and others never.
 */
static void
start_arrivals(ClvSample *sample, ClvModelKind kind, const Sums *sums)
{
	double		m = sums->x / sums->customers;
	double		variance = fmax(sums->xx / sums->customers - m * m, 0.0);
	double		r = variance > m ? m * m / (variance - m) : 10.0;
	double		leave = 0.5 / (1.0 + sums->x / sums->repeaters);

	r = clamp(r, 0.1, 10.0);
	if (kind == CLV_PARETONBD)
	{
		add_start(sample, r, 0.6 * r / m, 0.7, 1.0);
		add_start(sample, r, r / m, 0.2, 1.0);
		add_start(sample, 1.0, 0.3 / m, 1.0, 0.3);
		add_start(sample, 0.3, 0.2 / m, 3.0, 6.0);
		add_start(sample, 3.0, 2.0 / m, 0.1, 1e-3);
	}
	else
	{
		add_start(sample, r, 0.7 * r / m, 0.8, 0.8 * (1.0 / leave - 1.0));
		add_start(sample, r, r / m, 0.1, 2.0);
		add_start(sample, 1.0, 0.3 / m, 1.0, 1.0);
		add_start(sample, 0.3, 0.2 / m, 5.0, 5.0 * (1.0 / leave - 1.0));
		add_start(sample, 3.0, 2.0 / m, 0.03, 0.1);
	}
}

/*
 * spread within and between customers; the mean p gamma / (q - 1) as observed
 */
static void
start_spend(ClvSample *sample)
{
	add_start(sample, 3.0, 2.0, 2.0 / 3.0, 1.0);
	add_start(sample, 1.0, 1.0, 1.0, 1.0);
	add_start(sample, 10.0, 4.0, 0.4, 1.0);
	add_start(sample, 0.5, 10.0, 20.0, 1.0);
	add_start(sample, 20.0, 0.5, 0.025, 1.0);
}

/* purchases from their share up to t_x, the last seen alive, or up to n */
static void
start_donors(ClvSample *sample, const Sums *sums)
{
	double		high = clamp(sums->x / sums->t_x, 0.02, 0.98);
	double		low = clamp(sums->x / sums->T, 0.02, 0.98);
	double		mean = sqrt(high * low);
	double		n = sums->T / sums->customers;

	add_start(sample, 2.0 * mean, 2.0 * (1.0 - mean), 0.5, 0.5 * n);
	add_start(sample, 2.0 * high, 2.0 * (1.0 - high), 1.0, n);
	add_start(sample, 4.0 * low, 4.0 * (1.0 - low), 0.1, n);
	add_start(sample, 0.7, 0.7, 0.5, 1.0);
	add_start(sample, 10.0 * mean, 10.0 * (1.0 - mean), 3.0, 3.0 * n);
	/* some die at once and others never; or all alike in that */
	add_start(sample, 2.0 * high, 2.0 * (1.0 - high), 0.1, 0.1);
	add_start(sample, 2.0 * mean, 2.0 * (1.0 - mean), 50.0, 50.0 * n);
}

/* the losses of the first period, or those of all periods as if in one */
static void
start_contracts(ClvSample *sample, const Sums *sums)
{
	double		first = clamp(sums->lost_first / sums->customers, 1e-3, 0.9);
	double		mean = clamp(sums->repeaters / sums->T, 1e-3, 0.9);

	add_start(sample, 1.0, 1.0 / first - 1.0, 1.0, 1.0);
	add_start(sample, 10.0, 10.0 * (1.0 / mean - 1.0), 1.0, 1.0);
	add_start(sample, 0.2, 0.2 * (1.0 / first - 1.0), 1.0, 1.0);
}

/*
 * Of BdW, the share lost in the first period is alpha / (alpha + beta)
 * whatever c is.  Differences between customers and c < 1 look alike, so both
 * are tried.
 */
static void
start_durations(ClvSample *sample, const Sums *sums)
{
	double		first = clamp(sums->lost_first / sums->customers, 1e-3, 0.9);
	double		odds = 1.0 / first - 1.0;

	add_start(sample, 1.0, odds, 1.0, 1.0);
	add_start(sample, 0.3, 0.3 * odds, 1.5, 1.0);
	add_start(sample, 10.0, 10.0 * odds, 0.7, 1.0);
	add_start(sample, 0.1, 0.1 * odds, 2.5, 1.0);
	add_start(sample, 100.0, 100.0 * odds, 2.0, 1.0);

	/* at its bound c is so large that nobody is left, but t^c is a number */
	sample->lower[2] = log(BDW_C_MIN);
	sample->upper[2] = log(fmin(BDW_C_MAX,
								BDW_LOG_MAX / log(fmax(sums->max_T, 2.0))));
}

/* the mean of time or money in which parameter number i is measured */
static void
set_shift(ClvSample *sample, int i, double mean)
{
	sample->shift[i] = log(mean);
	sample->lower[i] = log(fmax(CLV_PARAMETER_MIN / mean, 1.0 / SCALE_BOUND));
	sample->upper[i] = log(fmin(CLV_SCALE_MAX / mean, SCALE_BOUND));
}

/*
 * clv_sample_survey
 *		Find problems that prevent a fit, or its starts and bounds.
 *
 * Patterns must be sorted by x, t_x and T, each there once; those of
 * Gamma-Gamma and sBG only need to be sorted by x.
 */
ClvFitProblem
clv_sample_survey(ClvSample *sample, ClvModelKind kind,
				  const ClvPattern *patterns, size_t n, bool penalised)
{
	Sums		sums;
	ClvFitProblem problem;
	int			i;

	memset(sample, 0, sizeof(*sample));
	if (!sum_up(&sums, kind, patterns, n))
		return CLV_FIT_BAD_PATTERN;
	problem = find_problem(kind, &sums);
	if (problem == CLV_FIT_NO_PROBLEM && !penalised)
		problem = find_doubt(kind, &sums, n);
	if (problem != CLV_FIT_NO_PROBLEM)
		return problem;

	sample->customers = sums.customers;
	for (i = 0; i < CLV_MAX_PARAMETERS; i++)
	{
		sample->lower[i] = -log(SHAPE_BOUND);
		sample->upper[i] = log(SHAPE_BOUND);
	}
	switch (kind)
	{
		case CLV_BGNBD:
		case CLV_MBGNBD:
		case CLV_BGCNBD:
		case CLV_MBGCNBD:
			set_shift(sample, 1, sums.T / sums.customers);
			start_arrivals(sample, kind, &sums);
			break;
		case CLV_PARETONBD:
			set_shift(sample, 1, sums.T / sums.customers);
			set_shift(sample, 3, sums.T / sums.customers);
			start_arrivals(sample, kind, &sums);
			break;
		case CLV_GAMMAGAMMA:
			set_shift(sample, 2, sums.t_x / sums.customers);
			start_spend(sample);
			break;
		case CLV_BGBB:
			start_donors(sample, &sums);
			break;
		case CLV_SBG:
			start_contracts(sample, &sums);
			break;
		case CLV_BDW:
			start_durations(sample, &sums);
			break;
		default:				/* rules are not fitted */
			return CLV_FIT_BAD_OPTIONS;
	}
	return CLV_FIT_NO_PROBLEM;
}
