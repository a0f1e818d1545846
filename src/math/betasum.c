/*
 * betasum.c
 *		The part of a log-likelihood that depends on the chances to leave that
 *		were not taken.
 */
#include <math.h>

#include "math/betasum.h"
#include "math/gammasum.h"
#include "math/special.h"

/*
 * f by gamma functions, as differences by the smaller of a and m: those are
 * small if f is.
 */
static void
set_f(ClvBetaSum *sum)
{
	double		a = sum->a;
	double		b = sum->b;
	double		m = sum->m;
	double		step = a < m ? a : m;
	double		other = a < m ? m : a;
	double		psi = clv_digamma_diff(a + b, m);
	double		psi_1 = clv_trigamma_diff(a + b, m);

	sum->f = clv_lgamma_diff(b, step) - clv_lgamma_diff(b + other, step);
	sum->f_a = -a * psi;
	sum->f_b = b * (clv_digamma_diff(b, step) -
					clv_digamma_diff(b + other, step));
	sum->f_aa = -a * psi - a * a * psi_1;
	sum->f_ab = -a * b * psi_1;
	sum->f_bb = sum->f_b + b * b * (clv_trigamma_diff(b, step) -
									clv_trigamma_diff(b + other, step));
}

/* f with one more factor, number i from 0 */
static void
add_f(ClvBetaSum *sum, double i)
{
	double		from_b = 1.0 / (sum->b + i);
	double		from_ab = 1.0 / (sum->a + sum->b + i);
	double		a = sum->a * from_ab;
	double		b = sum->b * from_ab;
	double		both = a * sum->b * from_b;

	sum->f -= log1p(sum->a * from_b);
	sum->f_a -= a;
	sum->f_b += both;
	sum->f_aa -= a * (sum->b + i) * from_ab;
	sum->f_ab += a * b;
	sum->f_bb += both * (1.0 - sum->b * from_b - b);
}

void
clv_beta_sum_init(ClvBetaSum *sum, double a, double b)
{
	sum->a = a;
	sum->b = b;
	sum->m = -1.0;
}

void
clv_beta_sum_set(ClvBetaSum *sum, double m)
{
	double		i = sum->m;

	sum->m = m;
	if (i < 0.0 || i > m)
	{
		i = 0.0;
		sum->f = sum->f_a = sum->f_b = 0.0;
		sum->f_aa = sum->f_ab = sum->f_bb = 0.0;
	}
	if (m <= CLV_SUM_MAX && m - i <= CLV_SUM_STEPS &&
		m == floor(m) && i == floor(i))
	{
		for (; i < m; i += 1.0)
			add_f(sum, i);
	}
	else
		set_f(sum);

	if (m > 0.0)
	{
		double		last = sum->b + (m - 1.0);

		sum->log_ratio = log(sum->a / last);
		sum->share = sum->b / last;
	}
}

double
clv_beta_sum_value(double a, double b, double m)
{
	/* as in set_f */
	return clv_lgamma_diff(b, a < m ? a : m) -
		clv_lgamma_diff(b + (a < m ? m : a), a < m ? a : m);
}
