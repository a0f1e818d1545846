/*
 * test_sbg.c
 *		Unit tests of math/sbg.c and math/betageometric.c; prints TAP.
 *
 * Parameters are those Fader & Hardie 2007 publish for their "Regular" data,
 * 0.704 and 1.182.  Figures are the formulas evaluated with 30 digits or more.
 */
#include "math/betageometric.h"
#include "math/sbg.h"

#include "derivatives.h"
#include "tap.h"

static const double regular[2] = {0.704, 1.182};

static void
test_likelihood(void)
{
	static const double lost[] = {
		-2.4552371119475023, 0.20162383004933335, 0.20124941349429008,
		-0.56671564032631267, 0.38895276422725341, -0.43915188830704488};
	static const double stayed[] = {
		-1.4310798595662341, -1.2535757050936603, 0.67495974290684569,
		-0.96842729080700953, 0.4787577069415074, -0.1482041252782482};
	static const double loyal[] = {
		-6.4539562711280192e-6, -6.4539562607110162e-6,
		6.2502018059931266e-6, -6.4539562398770103e-6,
		6.2502017858098571e-6, -5.8597598992702459e-6};
	ClvPattern	patterns[40];
	double		theta[2] = {log(0.704), log(1.182)};
	double		value;
	double		sum = 0.0;
	bool		right = true;
	int			i;

	ok(has_figures(clv_sbg_add, theta, 2, (ClvPattern) {3, 0, 8, 1}, lost,
				   1e-15), "log-likelihood of a loss, and derivatives");
	ok(has_figures(clv_sbg_add, theta, 2, (ClvPattern) {0, 0, 7, 1}, stayed,
				   1e-15), "and of staying");
	theta[0] = log(1e-4);
	theta[1] = log(3e4);
	ok(has_figures(clv_sbg_add, theta, 2, (ClvPattern) {0, 0, 2000, 1}, loyal,
				   1e-16), "nobody leaves");

	for (i = 0; i < 40; i++)
	{
		patterns[i] = (ClvPattern) {i / 3, 0, 5 + i, 1.0 + 0.5 * i};
		clv_sbg_log_likelihood(regular, patterns[i].x, patterns[i].T, &value);
		sum += patterns[i].weight * value;
	}
	for (i = 0; i < 12; i++)
	{
		theta[0] = -4.0 + 0.7 * i;
		theta[1] = -3.0 + 0.5 * (i * 7 % 12);
		right &= has_slopes(clv_sbg_add, theta, 2, patterns, 40, 1e-9);
	}
	ok(right, "derivatives are slopes");
	theta[0] = log(regular[0]);
	theta[1] = log(regular[1]);
	ok(is_near(likelihood_of(clv_sbg_add, theta, patterns, 40).value, sum,
			   1e-14), "a book is the sum of its customers");
}

static void
test_survival(void)
{
	double		s[4];
	double		r;
	double		product = 1.0;
	bool		right = true;
	int			t;

	clv_sbg_survival(regular, 1, &s[0]);
	clv_sbg_survival(regular, 7, &s[1]);
	clv_sbg_survival(regular, 12, &s[2]);
	clv_sbg_survival(regular, 1000, &s[3]);
	ok(is_near(s[0], 0.6267232237539767, 1e-15) &&
	   is_near(s[1], 0.2390506416932444, 1e-15) &&
	   is_near(s[2], 0.1700625768060506, 1e-15) &&
	   fabs(s[3] / 0.008004704019307646 - 1.0) < 1e-13, "survival");
	for (t = 1; t <= 50; t++)
	{
		clv_sbg_renewal(regular, t, &r);
		product *= r;
		clv_sbg_survival(regular, t, &s[0]);
		right &= fabs(s[0] / product - 1.0) < 1e-13;
	}
	ok(right, "survival is the product of renewals");
}

/* of a large b, both differences of log Gamma are much larger than this */
static void
test_far(void)
{
	ok(fabs(clv_betageometric_log(1e12, 1e5, 1e5) / -0.00999999900000511667 -
			1.0) < 1e-15 &&
	   fabs(clv_betageometric_log(2e4, 1e4, 1e4) / -3398.03962812022209 -
			1.0) < 1e-15 &&
	   fabs(clv_betageometric_log(1e8, 1e-3, 1e20) / -0.0276310211209245482 -
			1.0) < 1e-15, "survival of those who hardly leave");
}

static void
test_lifetime(void)
{
	static const double short_lived[2] = {2.5, 4.0};
	double		value;
	double		sum;
	double		survival;
	double		at;
	int			t;

	clv_sbg_del(regular, 0.1, &value);
	ok(fabs(value / 3.6951474055745741 - 1.0) < 2e-15,
	   "discounted expected lifetime");
	clv_sbg_derl(regular, 4, 0.1, &value);
	ok(fabs(value / 5.4423913221203954 - 1.0) < 2e-15,
	   "discounted expected residual lifetime");

	clv_sbg_survival(regular, 3, &at);
	for (t = 2000, sum = 0.0; t >= 4; t--)
	{
		clv_sbg_survival(regular, t, &survival);
		sum += survival / at * pow(1.05, 4 - t);
	}
	clv_sbg_derl(regular, 4, 0.05, &value);
	ok(fabs(value / sum - 1.0) < 1e-13, "which is a sum over the future");

	clv_sbg_expected_renewals(regular, 5, 10, &value);
	ok(fabs(value / 6.2478306483622892 - 1.0) < 1e-14,
	   "renewals within ten periods");
	ok(clv_sbg_expected_renewals(regular, 5, 0, &value) == CLV_OK &&
	   value == 0.0, "and within none");
	ok(clv_sbg_lifetime(regular, 1, &value) == CLV_INFINITE &&
	   clv_sbg_del(regular, 0.0, &value) == CLV_INFINITE &&
	   clv_sbg_derl(regular, 3, 0.0, &value) == CLV_INFINITE,
	   "infinite lifetimes are said to be");

	clv_sbg_lifetime(short_lived, 3, &value);
	clv_sbg_expected_renewals(short_lived, 3, CLV_MAX_PERIODS_AHEAD, &sum);
	ok(value == 4.0 && sum < 4.0 && sum > 3.9999,
	   "lifetime of those who leave");
	clv_sbg_derl(short_lived, 3, 0.0, &value);
	clv_sbg_derl(short_lived, 3, CLV_MIN_PERIOD_RATE, &sum);
	ok(is_near(value, 4.0, 1e-15) && fabs(sum - 4.0) < 1e-7,
	   "nothing jumps as the rate goes to 0");
}

static void
test_domain(void)
{
	double		bad[2] = {0.0, 1.0};
	double		value;

	ok(clv_sbg_survival(bad, 1, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_sbg_survival(regular, 1.5, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_sbg_survival(regular, -1, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_sbg_renewal(regular, 0, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_sbg_derl(regular, NAN, 0.1, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_sbg_derl(regular, 1, -0.1, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_sbg_derl(regular, 1, NAN, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_sbg_expected_renewals(regular, 1, -1, &value) == CLV_OUT_OF_DOMAIN,
	   "arguments out of bounds");
	ok(clv_sbg_expected_renewals(regular, 1, CLV_MAX_PERIODS_AHEAD + 1,
								 &value) == CLV_LIMIT_EXCEEDED,
	   "and of the work that is done");
}

int
main(void)
{
	test_likelihood();
	test_survival();
	test_far();
	test_lifetime();
	test_domain();

	return done_testing();
}
