/*
 * bdw_lifetime.c
 *		Sums of survival without an end, by the beta-discrete-Weibull model.
 *
 * There is no closed form.  The sum of f(t) = S(t) / S(n) / (1 + rate)^(t -
 * n) over t >= n is taken term by term up to a period N from which f hardly
 * changes from one period to the next.  The rest is the integral of f from N
 * on, corrected by Gregory's formula: with the forward differences of f at N,
 *
 *		f(N) / 2 - D f(N) / 12 + D^2 f(N) / 24 - 19 D^3 f(N) / 720 + ...
 *
 * As f falls by at most 5 % from N to N + 1, what is left out is below 1e-15
 * of the sum.  The integral is over y = log(t / N), by the Gauss-Legendre
 * rule of 32 points on panels over which the integrand falls by a few powers
 * of e at most; without a discount, f ends as a power of t, whose integral is
 * known.
 */
#include <math.h>

#include "math/accumulate.h"
#include "math/bdw.h"
#include "math/betageometric.h"
#include "math/quadrature.h"
#include "math/special.h"

/* from where on f may be integrated: its terms change slowly */
#define FIRST_SMOOTH	256.0
#define SMOOTH_SLOPE	0.05

/* bounds of the work; no model has come near them */
#define MAX_TERMS		1000000
#define MAX_PANELS		20000

/* a rest of this part of the sum is left out */
#define NEGLIGIBLE		1e-17

/* beyond this log of t^c, t^c is so large that beta and alpha do not matter */
#define LOG_POWER		150.0

/* logs of results beyond this are out of range */
#define LOG_MAX			700.0

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

/* coefficients of f and its forward differences */
static const double gregory[] = {
	1.0 / 2.0, -1.0 / 12.0, 1.0 / 24.0, -19.0 / 720.0, 3.0 / 160.0,
	-863.0 / 60480.0, 275.0 / 24192.0, -33953.0 / 3628800.0,
	8183.0 / 1036800.0
};

typedef struct Sum
{
	ClvBdwStart start;
	double		discount;		/* log(1 + rate) */
	double		total;
	double		rest;			/* rounding errors of the total */
} Sum;

/* the log of what is left by a discount; without one, t may be infinite */
static double
log_discount(const Sum *sum, double after)
{
	return sum->discount > 0.0 ? sum->discount * after : 0.0;
}

/* log f of "after" periods after the start */
static double
log_term(const Sum *sum, double after)
{
	double		from = sum->start.from;

	if (after == 0.0)
		return 0.0;
	return clv_bdw_stay(&sum->start, from > 0.0 ? log1p(after / from) :
						log(after)) - log_discount(sum, after);
}

/* t times the rate at which customers leave at t, by the log of t^c */
static double
elasticity(const Sum *sum, double log_u)
{
	const ClvBdwStart *s = &sum->start;
	double		u = exp(log_u);

	if (log_u > LOG_POWER)
		return s->c * s->alpha;
	return s->c * u * clv_digamma_diff(s->b - s->u + u, s->alpha);
}

/*
 * An upper bound of what is left of the integral over t from where t f(t) is
 * "height"; infinity if none is known.  The elasticity of f is at least the
 * lesser of what it is at t and what it becomes in the end.
 */
static double
rest_of(const Sum *sum, double t, double leaving, double height)
{
	double		least = fmin(leaving, sum->start.c * sum->start.alpha) - 1.0;

	least += log_discount(sum, t);
	if (least > 0.0)
		return height / least;
	return sum->discount > 0.0 ? height / (sum->discount * t) : HUGE_VAL;
}

static ClvStatus
add_integral(Sum *sum, double first)
{
	const ClvBdwStart *s = &sum->start;
	double		log_first = log(first);
	double		log_from = s->from > 0.0 ? log(s->from) : 0.0;
	double		y = 0.0;
	int			panel;
	int			i;

	for (panel = 0; panel < MAX_PANELS; panel++)
	{
		double		log_t = log_first + y;
		double		t = exp(log_t);
		double		log_u = s->c * log_t;
		double		leaving = elasticity(sum, log_u);
		double		log_height = clv_bdw_stay(s, log_t - log_from) -
			log_discount(sum, t - s->from) + log_t;
		double		height = exp(log_height);
		double		width;
		double		part = 0.0;

		if (!(log_height < LOG_MAX))
			return CLV_LIMIT_EXCEEDED;
		if (rest_of(sum, t, leaving, height) <= NEGLIGIBLE * sum->total)
			return CLV_OK;
		if (sum->discount == 0.0 && log_u > LOG_POWER)
		{
			clv_accumulate(&sum->total, &sum->rest,
						   height / (s->c * s->alpha - 1.0));
			return CLV_OK;
		}

		width = 8.0 / fmax(fabs(leaving + log_discount(sum, t) - 1.0), 1e-300);
		if (log_u <= LOG_POWER)
			width = fmin(width, 2.0 / s->c);
		if (sum->discount > 0.0)
			width = fmin(width, 0.5);
		for (i = 0; i < CLV_RULE_NODES; i++)
		{
			double		at = log_t + width * clv_rule_node[i];

			part += clv_rule_weight[i] *
				exp(clv_bdw_stay(s, at - log_from) + at -
					log_discount(sum, exp(at) - s->from));
		}
		clv_accumulate(&sum->total, &sum->rest, part * width);
		y += width;
	}
	return CLV_LIMIT_EXCEEDED;
}

/* Gregory's corrections of the integral from "after" periods on */
static void
add_corrections(Sum *sum, double after)
{
	double		f[LENGTH(gregory)];
	int			n = LENGTH(gregory);
	int			i;
	int			k;

	for (i = 0; i < n; i++)
		f[i] = exp(log_term(sum, after + i));
	for (k = 0; k < n; k++)
	{
		clv_accumulate(&sum->total, &sum->rest, gregory[k] * f[0]);
		for (i = 0; i + 1 < n - k; i++)
			f[i] = f[i + 1] - f[i];
	}
}

static ClvStatus
sum_from(const double *parameters, double from, double rate, double *result)
{
	Sum			sum = {.total = 0.0, .rest = 0.0};
	ClvStatus	status = CLV_LIMIT_EXCEEDED;
	int			k;

	if (rate == 0.0 && parameters[0] * parameters[2] <= 1.0)
		return CLV_INFINITE;
	if (rate != 0.0 &&
		!(rate >= CLV_MIN_PERIOD_RATE && rate <= CLV_MAX_PERIOD_RATE))
		return CLV_OUT_OF_DOMAIN;
	clv_bdw_start(parameters, from, &sum.start);
	sum.discount = log1p(rate);

	for (k = 0; k < MAX_TERMS; k++)
	{
		double		t = from + k;
		double		term = exp(log_term(&sum, k));
		double		leaving;

		if (t > 0.0)
		{
			leaving = elasticity(&sum, sum.start.c * log(t));
			if (k > 0 && rest_of(&sum, t, leaving, term * t) + term <=
				NEGLIGIBLE * sum.total)
			{
				status = CLV_OK;
				break;
			}
			if (t >= FIRST_SMOOTH && leaving / t + sum.discount <= SMOOTH_SLOPE)
			{
				add_corrections(&sum, k);
				status = add_integral(&sum, t);
				break;
			}
		}
		clv_accumulate(&sum.total, &sum.rest, term);
	}
	*result = sum.total + sum.rest;
	if (status == CLV_OK && !isfinite(*result))
		status = CLV_LIMIT_EXCEEDED;
	return status;
}

ClvStatus
clv_bdw_del(const double *parameters, double rate, double *result)
{
	if (!clv_model_is_valid(CLV_BDW, parameters))
		return CLV_OUT_OF_DOMAIN;
	return sum_from(parameters, 0.0, rate, result);
}

ClvStatus
clv_bdw_derl(const double *parameters, double n, double rate, double *result)
{
	double		renewal;
	ClvStatus	status = clv_bdw_renewal(parameters, n, &renewal);

	if (status != CLV_OK)
		return status;
	status = sum_from(parameters, n, rate, result);
	if (status == CLV_OK)
		*result *= renewal;
	return status;
}
