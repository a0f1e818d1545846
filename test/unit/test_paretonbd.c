/*
 * test_paretonbd.c
 *		Unit tests of math/paretonbd.c; prints TAP.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "math/likelihood.h"
#include "math/paretonbd.h"

#include "arrival_checks.h"
#include "tap.h"

/* computed with 60 digits, the integral by tanh-sinh quadrature in pieces */
/* r, alpha, s, beta, x, t_x, T; log-likelihood, P(alive), its log-odds */
static const double exact[][10] = {
	{0.553, 10.578, 0.606, 11.669, 7.0, 5.5, 34.25,
		-15.396055874702371, 0.0033808664691631907, 5.686236656003947},
	{0.553, 74.0, 0.606, 81.7, 2e+03, 4999.0, 5e+03,
		-3865.958465254384, 0.9998538143960336, -8.830487287288994},
	{0.553, 10.578, 0.606, 10.578, 3.0, 2e+01, 39.0,
		-12.052430179148502, 0.515024734918264, -0.0601170386724095},
	{0.553, 10.578, 0.606, 10.578000001, 3.0, 2e+01, 39.0,
		-12.05243017911926, 0.5150247349264138, -0.060117038705038046},
	{0.553, 1e-06, 0.606, 1e+06, 0.0, 0.0, 39.0,
		-9.665897726649302, 0.9999471514632602, -9.848027683139332},
	{0.553, 1e+06, 0.606, 1e-06, 0.0, 0.0, 39.0,
		-1.3729578017225779e-09, 2.5107615877733193e-05,
		10.592314228494795},
	{0.553, 1e+06, 0.606, 1e-06, 3.0, 0.001, 39.0,
		-44.84817724077642, 0.0016520301331110767, 6.404096967428032},
	{0.01, 0.001, 5.0, 2.0, 0.0, 0.0, 1e+03,
		-0.05524550612568167, 2.9161118974998214e-14, 31.16594011487825},
	{5.0, 0.001, 0.01, 2e+03, 1.0, 0.5, 1e+03,
		-43.28941884623067, 3.144576870438181e-14, 31.09051196121679},
	{1e-12, 1e-12, 1e-12, 1e+12, 0.0, 0.0, 1e+07,
		-4.3749116766886866e-11, 1.0, -39.143951580876944},
	{1e+12, 1e+12, 0.6, 11.0, 2.0, 0.5, 3.0,
		-2.6781896707209687, 0.6271888651514805, -0.5201757650911814},
	{1e+06, 1e+07, 1e+06, 1e+08, 5.0, 2e+01, 39.0,
		-15.305743600280893, 0.6082412495852637, -0.43992537762742706},
	{0.553, 10.578, 1e+12, 1e+12, 4.0, 3e+01, 39.0,
		-43.607717692664494, 5.501654539163743e-05, 9.807821574609306},
	{0.553, 10.578, 1e-12, 1e-12, 4.0, 3e+01, 39.0,
		-14.415594286124021, 0.9999999999995696, -28.473928804709566},
	{1e+12, 1e-12, 1e+12, 1e-12, 1.0, 1e-09, 1e+07,
		-13817509558582.781, 0.0, 73680723975179.44},
	{3e+01, 1.0, 0.5, 3.0, 1e+06, 9e+06, 1e+07,
		-3197389.8163586617, 0.0, 105349.20935363365},
	{0.0029, 0.000284, 2874.0, 47.1, 2e+03, 10.02, 30.31,
		8027.907429510186, 0.0, 3085.7377114330825},
	{0.553, 10.578, 0.606, 11.669, 3e+01, 1.0, 4e+02,
		-4.939748877935325, 3.0360337212538904e-47, 107.11094740411608},
	{0.553, 10.578, 1e-08, 1e+08, 1.0, 38.999999, 39.0,
		-5.350202724716641, 1.0, -50.65687242273149},

	/* in seconds, and others at the ends of time */
	{0.553, 6397574.4, 0.606, 7057411.2, 0, 0, 10179100,
		-0.3922150928111814, 0.5089464395092487, -0.03578957776864668},
	{0.553, 6397574.4, 0.606, 7057411.2, 12, 9.9e+08, 1e+09,
		-236.1613185217245, 0.9935785646378231, -5.041671468138963},
	{0.5, 1e+18, 0.75, 0.001, 2, 1e+08, 1e+09,
		-102.1770724384741, 0.1778279407433796, 1.531133233211066},
	{1e-12, 1e-12, 1e-12, 1e+18, 0, 0, 1e+09,
		-4.835428695287496e-11, 1.0, -48.35428695337396}
};

/*
 * x, t_x and T in days of customers of the public CDNOW sample;
 * log-likelihood and P(alive) at the parameters that Fader, Hardie & Lee
 * (2005) publish, computed with 30 digits.
 */
static const double cdnow[][5] = {
	{2, 213, 272, -9.55412282414903, 0.869186154651162},
	{1, 12, 272, -4.45081302819036, 0.16812715101767},
	{0, 0, 272, -0.521036856410157, 0.295303374265796},
	{26, 216, 217, -39.1316269761166, 0.997874260609941},
	{7, 39, 240, -15.431725613705, 0.00348098595873956},
	{10, 205, 243, -26.0296069816523, 0.856996815198455}
};
static const double published[] = {0.553, 10.578, 0.606, 11.669};

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

static double
log_likelihood(const double *p, double x, double t_x, double T)
{
	return clv_paretonbd_log_likelihood(p[0], p[1], p[2], p[3], x, t_x, T);
}

static double
p_alive(const double *p, double x, double t_x, double T)
{
	return clv_paretonbd_p_alive(p[0], p[1], p[2], p[3], x, t_x, T);
}

static void
test_exact(void)
{
	bool		values = true;
	bool		sums = true;
	bool		alive = true;
	bool		odds = true;
	int			i;

	for (i = 0; i < LENGTH(exact); i++)
	{
		const double *e = exact[i];
		ClvPattern	p = {e[4], e[5], e[6], 1.0};
		double		z = clv_paretonbd_log_odds_dead(e[0], e[1], e[2], e[3],
													e[4], e[5], e[6]);

		values &= is_near(log_likelihood(e, e[4], e[5], e[6]), e[7], 2e-14);
		/* theta is rounded, which moves r of 1e12 by 1e-3 */
		sums &= is_near(evaluate_at(clv_paretonbd_add, e, &p, 1).value, e[7],
					 1e-13);
		alive &= fabs(p_alive(e, e[4], e[5], e[6]) - e[8]) <= 1e-12 * e[8];
		odds &= is_near(z, e[9], 1e-14);
		if (!values || !sums || !alive || !odds)
			printf("# pattern %d: %.17g %.17g %.17g\n", i,
				   log_likelihood(e, e[4], e[5], e[6]),
				   p_alive(e, e[4], e[5], e[6]), z);
	}
	ok(values, "log-likelihood of single customers");
	ok(sums, "log-likelihood with derivatives");
	ok(alive, "P(alive)");
	ok(odds, "its log-odds");
}

static void
test_published(void)
{
	bool		good = true;
	int			i;

	for (i = 0; i < LENGTH(cdnow); i++)
	{
		const double *c = cdnow[i];

		good &= is_near(log_likelihood(published, c[0], c[1] / 7, c[2] / 7),
					 c[3], 1e-13);
		good &= is_near(p_alive(published, c[0], c[1] / 7, c[2] / 7), c[4],
					 1e-13);
	}
	ok(good, "as published");
}

static void
test_cdnow(void)
{
	static ClvPattern patterns[3000];
	static const double mle[] = {
		0.553275508683, 10.5776122386, 0.606213568719, 11.6679112394
	};
	static const double errors[] = {
		0.0476287502651, 0.842723904533, 0.187279488808, 6.21102657705
	};
	size_t		n = read_cdnow(patterns, LENGTH(patterns));

	if (n == 2357)
		ok(is_maximum(clv_paretonbd_add, patterns, n, mle, -9594.97392983,
					  errors), "maximum for CDNOW");
	else
		ok(true, "maximum for CDNOW # SKIP no data");
}

static void
test_derivatives(void)
{
	double		worst[2] = {0.0, 0.0};
	bool		symmetric = true;
	bool		finite = true;
	int			i;
	int			j;

	for (i = 0; i < 3000; i++)
	{
		bool		wide = i >= 1500;
		double		reach = wide ? 27.6 : 4.0;
		ClvPattern	p = random_pattern(wide ? 1e6 : 2e3, wide ? CLV_MAX_TIME : 5e3);
		double		theta[4];
		ClvLikelihood at;
		double		error;

		for (j = 0; j < 4; j++)
			theta[j] = reach * (2.0 * uniform() - 1.0);
		if (i % 10 == 0)
			theta[3] = theta[1];
		if (i % 10 == 1)
			theta[3] = theta[1] + 1e-6 * uniform();
		at = likelihood_of(clv_paretonbd_add, theta, &p, 1);
		finite &= is_finite(&at);
		symmetric &= is_symmetric(&at);
		error = derivative_error(clv_paretonbd_add, theta, &p);
		if (!(error < 1.0))
			printf("# at %.17g %.17g %.17g %.17g, %g %.17g %.17g: %g\n",
				   theta[0], theta[1], theta[2], theta[3], p.x, p.t_x, p.T,
				   error);
		worst[wide] = fmax(worst[wide], error);
	}
	printf("# errors %g, %g\n", worst[0], worst[1]);
	ok(worst[0] < 1.0, "derivatives are those of the value");
	ok(worst[1] < 1.0, "also with parameters of all orders of magnitude");
	ok(symmetric, "Hessians are symmetric");
	ok(finite, "nothing overflows");
}

/* all corners of parameters and patterns */
static void
test_corners(void)
{
	bool		finite = true;
	int			i;

	for (i = 0; i < CORNERS; i++)
	{
		double		p[4];
		const ClvPattern *c = corner(i, CLV_PARETONBD, p);
		ClvLikelihood at;
		double		alive;

		at = evaluate_at(clv_paretonbd_add, p, c, 1);
		finite &= is_finite(&at);
		finite &= isfinite(log_likelihood(p, c->x, c->t_x, c->T)) != 0;
		alive = p_alive(p, c->x, c->t_x, c->T);
		finite &= alive >= 0.0 && alive <= 1.0;
	}
	ok(finite, "results are finite in all corners");
}

/* weeks or days; many patterns at once, sorted or not, or each alone */
static void
test_sums(void)
{
	static ClvPattern patterns[1500];
	static ClvPattern days[1500];
	int			n = LENGTH(patterns);
	double		p[4] = {0.6, 11.0, 0.7, 9.0};
	ClvLikelihood weeks;
	ClvLikelihood by_day;
	ClvLikelihood each;
	double		x = 0.0;
	double		value = 0.0;
	bool		units = true;
	bool		parts = true;
	int			i;
	int			j;

	/* 400 patterns of one x, then all kinds, with gaps and falls in x */
	memset(&each, 0, sizeof(each));
	for (i = 0; i < n; i++)
	{
		ClvLikelihood one;

		patterns[i] = random_pattern(1e4, 400.0);
		if (i < 400)
			patterns[i].x = 1.0;
		if (patterns[i].x > 0.0 && patterns[i].t_x == 0.0)
			patterns[i].t_x = patterns[i].T;
		patterns[i].weight = 1.0 + i % 3;
		days[i] = patterns[i];
		days[i].t_x *= 7.0;
		days[i].T *= 7.0;
		x += patterns[i].x * patterns[i].weight;
		one = evaluate_at(clv_paretonbd_add, p, &patterns[i], 1);
		clv_likelihood_combine(&each, &one);
		value += patterns[i].weight *
			log_likelihood(p, patterns[i].x, patterns[i].t_x, patterns[i].T);
	}
	clv_likelihood_finish(&each);
	weeks = evaluate_at(clv_paretonbd_add, p, patterns, n);
	p[1] *= 7.0;
	p[3] *= 7.0;
	by_day = evaluate_at(clv_paretonbd_add, p, days, n);
	units &= is_near(by_day.value, weeks.value - x * log(7.0), 1e-13);
	parts &= is_near(value, weeks.value, 1e-13);
	for (i = 0; i < 4; i++)
	{
		units &= is_near(by_day.gradient[i], weeks.gradient[i], 1e-11);
		parts &= is_near(each.gradient[i], weeks.gradient[i], 1e-12);
		for (j = 0; j < 4; j++)
			parts &= is_near(each.hessian[i][j], weeks.hessian[i][j], 1e-12);
	}
	ok(units, "LL(days) = LL(weeks) - sum of x log 7");
	ok(parts, "patterns together are as each of them");
}

/*
 * With alpha equal to beta the integral is elementary (Fader & Hardie 2005,
 * "A Note on Deriving the Pareto/NBD Model", case alpha = beta).
 */
static void
test_equal(void)
{
	bool		values = true;
	bool		alive = true;
	int			i;

	for (i = 0; i < 2000; i++)
	{
		ClvPattern	c = random_pattern(2e3, 5e3);
		double		p[4];
		double		all;
		double		ratio;
		double		gone;
		double		wanted;

		p[0] = uniform_log(1e-2, 1e2);
		p[1] = p[3] = uniform_log(1e-3, 1e4);
		p[2] = uniform_log(1e-3, 1e2);
		all = p[0] + p[2] + c.x;
		/* survivors, of those alive at t_x, and of them the dead */
		ratio = -all * log1p((c.T - c.t_x) / (p[1] + c.t_x));
		gone = -p[2] / all * expm1(ratio);
		wanted = lgamma(p[0] + c.x) - lgamma(p[0]) +
			(p[0] + p[2]) * log(p[1]) - all * log(p[1] + c.t_x) +
			log(exp(ratio) + gone);
		/* cancellation is of the formula here */
		values &= fabs(log_likelihood(p, c.x, c.t_x, c.T) - wanted) <
			1e-14 * (1.0 + 40.0 * all);
		if (ratio > -600.0)
			alive &= fabs(p_alive(p, c.x, c.t_x, c.T) *
						  (1.0 + gone * exp(-ratio)) - 1.0) <
				1e-13 - 1e-15 * ratio;
	}
	ok(values, "alpha = beta, written out");
	ok(alive, "P(alive) with alpha = beta");
}

static void
test_limits(void)
{
	double		p[4] = {0.5, 7.0, 1e-12, 1e12};

	/* nobody leaves: NBD */
	ok(is_near(log_likelihood(p, 4.0, 20.0, 31.0),
			log(0.5 * 1.5 * 2.5 * 3.5 * sqrt(7.0)) - 4.5 * log(38.0), 1e-14),
	   "NBD is a limit");
	ok(p_alive(p, 4.0, 31.0, 31.0) == 1.0 && p_alive(p, 0.0, 0.0, 0.0) == 1.0,
	   "who has just bought is alive");
	ok(clv_paretonbd_log_odds_dead(0.5, 7.0, 0.6, 9.0, 4.0, 31.0, 31.0) ==
	   -HUGE_VAL, "for certain");
}

int
main(void)
{
	test_exact();
	test_published();
	test_cdnow();
	test_derivatives();
	test_corners();
	test_sums();
	test_equal();
	test_limits();
	return done_testing();
}
