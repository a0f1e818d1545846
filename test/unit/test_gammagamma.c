/*
 * test_gammagamma.c
 *		Unit tests of math/gammagamma.c; prints TAP.
 *
 * Figures are the formulas of Fader & Hardie 2013 evaluated with 60 digits,
 * variances by integration over nu; parameters are those they publish for
 * CDNOW (section 4).
 */
#include "math/gammagamma.h"

#include "derivatives.h"
#include "tap.h"

static const double cdnow[3] = {6.25, 3.74, 15.44};

static void
test_likelihood(void)
{
	static const double spread[] = {
		-3.5511891641399508,
		-0.31976833774051257, 0.59552971809669316, -0.43005820721769499,
		-3.4094813041405494, 2.1752538603691711, -3.2097122900382505,
		-1.226993096015751, 2.0364310660236155, -3.0992832409871743};
	static const double heavy[] = {
		-19.971531819964382,
		-19.554783645694907, 0.0029027960406079791, -9.6555573770491803,
		-20.555703703113863, 0.00095941246967630765, -9.8360655737704918,
		0.0029012334584512498, 0.00018032786885245902, -1.9216742811072292};
	static const double alike[] = {
		-729.93416425254184,
		12865.583312276604, -13596.771573671093, 13145.232867753539,
		-107134.73668815895, 119999.51999948, -112112.86027934788,
		-133595.9915732511, 125257.46685663568, -117025.35913215436};
	double		theta[3] = {log(6.25), log(2.74), log(15.44)};
	double		value;

	ok(has_figures(clv_gammagamma_add, theta, 3,
				   (ClvPattern) {2, 22.345, 0, 1}, spread, 1e-14),
	   "log-likelihood and derivatives at CDNOW's parameters");
	clv_gammagamma_log_likelihood(cdnow, 2, 22.345, &value);
	ok(is_near(value, spread[0], 1e-15), "log-likelihood of one customer");

	theta[0] = log(0.3);
	theta[1] = log(0.001);
	theta[2] = log(1000.0);
	ok(has_figures(clv_gammagamma_add, theta, 3,
				   (ClvPattern) {40, 5.5, 0, 1}, heavy, 1e-14),
	   "q next to 1");
	theta[0] = log(1e5);
	theta[1] = log(2e5 - 1.0);
	theta[2] = log(40.0);
	ok(has_figures(clv_gammagamma_add, theta, 3,
				   (ClvPattern) {3, 22.345, 0, 1}, alike, 1e-12),
	   "customers all but alike");
}

static void
test_sums(void)
{
	ClvPattern	patterns[600];
	const size_t n = 600;
	double		theta[3];
	double		sum = 0.0;
	double		value;
	bool		right = true;
	ClvLikelihood is;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		patterns[i].x = 1.0 + (double) (i / 200);
		patterns[i].t_x = 0.5 * exp((double) (i * 37 % 101) / 20.0);
		patterns[i].weight = 1.0 + (double) (i % 3);
	}
	for (i = 0; i < 12; i++)
	{
		theta[0] = -2.0 + (double) (i * 5 % 12) / 2.0;
		theta[1] = -3.0 + (double) (i * 7 % 12) / 2.0;
		theta[2] = -3.0 + (double) i / 2.0;
		right &= has_slopes(clv_gammagamma_add, theta, 3, patterns, n, 1e-9);
	}
	ok(right, "derivatives are slopes");

	theta[0] = log(cdnow[0]);
	theta[1] = log(cdnow[1] - 1.0);
	theta[2] = log(cdnow[2]);
	for (i = 0; i < n; i++)
	{
		clv_gammagamma_log_likelihood(cdnow, patterns[i].x, patterns[i].t_x,
									  &value);
		sum += patterns[i].weight * value;
	}
	is = likelihood_of(clv_gammagamma_add, theta, patterns, n);
	ok(is_near(is.value, sum, 1e-14), "a book is the sum of its customers");
}

static void
test_predictions(void)
{
	static const double heavy[3] = {0.5, 3.5, 10.0};
	static const double heavier[3] = {0.5, 1.0, 10.0};
	double		mean;
	double		of_mean;
	double		of_purchase;

	clv_gammagamma_mean(cdnow, 0, 0, &mean);
	ok(is_near(mean, 6.25 * 15.44 / 2.74, 1e-15), "mean of the population");
	clv_gammagamma_mean(cdnow, 1, 35, &mean);
	ok(is_near(mean, 35.0667408231368, 1e-14), "mean after one purchase");
	clv_gammagamma_mean(cdnow, 7, 73.5, &mean);
	ok(is_near(mean, 71.2438158743816, 1e-14), "mean after seven");

	clv_gammagamma_variances(cdnow, 2, 22.345, &of_mean, &of_purchase);
	ok(is_near(of_mean, 42.70340635176189, 1e-14) &&
	   is_near(of_purchase, 146.8313923998981, 1e-14), "variances");
	clv_gammagamma_variances(heavy, 0, 0, &of_mean, &of_purchase);
	ok(is_near(of_mean, 8.0 / 3.0, 1e-15) && is_near(of_purchase, 16.0, 1e-15),
	   "variances of the population");
	ok(clv_gammagamma_mean(heavier, 0, 0, &mean) == CLV_INFINITE &&
	   clv_gammagamma_mean(heavier, 1, 5, &mean) == CLV_OK &&
	   clv_gammagamma_variances(heavier, 2, 5, &of_mean, &of_purchase) ==
	   CLV_INFINITE &&
	   clv_gammagamma_variances(heavier, 3, 5, &of_mean, &of_purchase) ==
	   CLV_OK, "infinite moments are said to be");
}

static void
test_domain(void)
{
	static const double extreme[3] = {CLV_PARAMETER_MAX, CLV_PARAMETER_MAX,
	CLV_SCALE_MAX};
	static const double tiny[3] = {CLV_PARAMETER_MIN, CLV_PARAMETER_MIN,
	CLV_PARAMETER_MIN};
	double		bad[3] = {1.0, NAN, 1.0};
	double		a;
	double		b;

	ok(clv_gammagamma_mean(bad, 1, 1, &a) == CLV_OUT_OF_DOMAIN &&
	   clv_gammagamma_mean(cdnow, 1.5, 1, &a) == CLV_OUT_OF_DOMAIN &&
	   clv_gammagamma_mean(cdnow, -1, 1, &a) == CLV_OUT_OF_DOMAIN &&
	   clv_gammagamma_mean(cdnow, 1, -1, &a) == CLV_OUT_OF_DOMAIN &&
	   clv_gammagamma_log_likelihood(cdnow, 1, 0, &a) == CLV_OUT_OF_DOMAIN &&
	   clv_gammagamma_mean(cdnow, 1, NAN, &a) == CLV_OUT_OF_DOMAIN &&
	   clv_gammagamma_log_likelihood(cdnow, 0, 0, &a) == CLV_OUT_OF_DOMAIN,
	   "arguments out of bounds");
	ok(clv_gammagamma_variances(extreme, CLV_MAX_X, CLV_SPEND_MAX, &a, &b) ==
	   CLV_OK && isfinite(a) && isfinite(b) &&
	   clv_gammagamma_log_likelihood(extreme, CLV_MAX_X, CLV_SPEND_MIN, &a) ==
	   CLV_OK && isfinite(a) &&
	   clv_gammagamma_log_likelihood(tiny, 1, CLV_SPEND_MAX, &a) == CLV_OK &&
	   isfinite(a), "finite at the ends of the bounds");
}

int
main(void)
{
	test_likelihood();
	test_sums();
	test_predictions();
	test_domain();

	return done_testing();
}
