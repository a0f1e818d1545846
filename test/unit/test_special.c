/*
 * test_special.c
 *		Unit tests of math/special.c and math/accumulate.h; prints TAP.
 *
 * Wanted values were computed with 120 digits from the functions themselves,
 * not from their asymptotic series.
 */
#include <math.h>
#include <string.h>

#include "math/accumulate.h"
#include "math/special.h"

#include "tap.h"

static const double lgamma_of[][2] = {
	{1e-12, 27.63102111592797},
	{1e-05, 11.512919692895826},
	{0.1, 2.252712651734206},
	{0.5, 0.5723649429247001},
	{0.75, 0.20328095143129538},
	{0.999999999, 5.77215649399226e-10},
	{1.0, 0.0},
	{1.000000001, -5.772157118381039e-10},
	{1.25, -0.09827183642181316},
	{1.4616321449683622, -0.12148629053584961},
	{1.5, -0.12078223763524522},
	{1.75, -0.08440112102048555},
	{1.999999999, -4.227843697573328e-10},
	{2.0, 0.0},
	{2.000000001, 4.2278437040226697e-10},
	{2.5, 0.2846828704729192},
	{3.0, 0.6931471805599453},
	{5.5, 3.9578139676187165},
	{9.99, 12.779315214350193},
	{1e+01, 12.801827480081469},
	{10.5, 13.940625219403763},
	{37.0, 95.7196945421432},
	{1000.25, 5906.9472682711175},
	{1e+06, 12815504.569147611},
	{1e+12, 26631021115915.652}
};

static const double digamma_of[][2] = {
	{1e-12, -1000000000000.5773},
	{1e-05, -100000.57719921567},
	{0.1, -10.423754940411076},
	{0.5, -1.9635100260214235},
	{0.75, -1.0858608797864722},
	{0.999999999, -0.5772156665464668},
	{1.0, -0.5772156649015329},
	{1.000000001, -0.5772156632565987},
	{1.25, -0.22745353337626542},
	{1.4616321449683622, -9.241265521729427e-17},
	{1.5, 0.03648997397857652},
	{1.75, 0.24747245354686118},
	{1.999999999, 0.42278433445353303},
	{2.0, 0.42278433509846713},
	{2.000000001, 0.42278433574340124},
	{2.5, 0.7031566406452432},
	{3.0, 0.9227843350984671},
	{5.5, 1.6110931485817512},
	{9.99, 2.250700372831201},
	{1e+01, 2.251752589066721},
	{10.5, 2.3030010342976865},
	{37.0, 3.5973435318931064},
	{1000.25, 6.907505289414428},
	{1e+06, 13.815510057964191},
	{1e+12, 27.63102111592805}
};

static const double trigamma_of[][2] = {
	{1e-12, 1e+24},
	{1e-05, 10000000001.644909},
	{0.1, 101.43329915079275},
	{0.5, 4.934802200544679},
	{0.75, 2.5418796476716063},
	{0.999999999, 1.6449340692523402},
	{1.0, 1.6449340668482264},
	{1.000000001, 1.6449340644441124},
	{1.25, 1.1973291545071107},
	{1.4616321449683622, 0.9676722454476212},
	{1.5, 0.9348022005446793},
	{1.75, 0.7641018698938287},
	{1.999999999, 0.6449340672523403},
	{2.0, 0.6449340668482264},
	{2.000000001, 0.6449340664441126},
	{2.5, 0.49035775610023485},
	{3.0, 0.39493406684822646},
	{5.5, 0.19934238698962767},
	{9.99, 0.10527695014824179},
	{1e+01, 0.10516633568168575},
	{10.5, 0.09991695605912673},
	{37.0, 0.027395547002757682},
	{1000.25, 0.0010002499791197934},
	{1e+06, 1.0000005000001667e-06},
	{1e+12, 1.0000000000005e-12}
};

static const double lgamma_diff_of[][3] = {
	{1e-12, 0.001, -20.723842231544694},
	{1e-12, 1.0, -27.631021115928547},
	{1e-12, 1e+06, 12815476.938126495},
	{0.243, 1.0, -1.4146938356415886},
	{0.243, 26.0, 57.473730085162266},
	{0.5, 1e-09, -1.9635100235540225e-09},
	{2.5, 0.25, 0.19053179644201798},
	{9.5, 3.0, 7.045014091139177},
	{9.99, 12.0, 32.57014457925101},
	{1e+01, 1e-08, 2.251752589592553e-08},
	{1e+01, 1e+06, 12815629.922470711},
	{55.0, 7.5, 30.48048610999194},
	{1e+03, 1e-06, 6.907255196149062e-06},
	{1e+06, 2.0, 27.631022115928047},
	{1e+06, 1e+06, 14201804.572510533},
	{1e+09, 0.001, 0.020723265836446913},
	{1e+12, 1.0, 27.631021115928547},
	{1e+12, 2e+03, 55262.0422338561},
	{1e+12, 1e+12, 28017315477048.094}
};

static const double digamma_diff_of[][3] = {
	{1e-12, 0.001, 999999999000.0017},
	{1e-12, 1.0, 1e+12},
	{1e-12, 1e+06, 1000000000014.3927},
	{0.243, 1.0, 4.11522633744856},
	{0.243, 26.0, 7.599319467232855},
	{0.5, 1e-09, 4.934802192130281e-09},
	{2.5, 0.25, 0.11574438433018941},
	{9.5, 3.0, 0.2874577748719625},
	{9.99, 12.0, 0.8169775263959393},
	{1e+01, 1e-08, 1.0516633562643656e-09},
	{1e+01, 1e+06, 11.56376746885247},
	{55.0, 7.5, 0.12893049511235252},
	{1e+03, 1e-06, 1.000500166166133e-09},
	{1e+06, 2.0, 1.999999000001e-06},
	{1e+06, 1e+06, 0.6931474305600078},
	{1e+09, 0.001, 1.0000000004995e-12},
	{1e+12, 1.0, 1e-12},
	{1e+12, 2e+03, 1.999999998001e-09},
	{1e+12, 1e+12, 0.6931471805601953}
};

static const double trigamma_diff_of[][3] = {
	{1e-12, 0.001, -1e+24},
	{1e-12, 1.0, -1e+24},
	{1e-12, 1e+06, -1e+24},
	{0.243, 1.0, -16.93508780843029},
	{0.243, 26.0, -18.102939157856017},
	{0.5, 1e-09, -1.6828796595529776e-08},
	{2.5, 0.25, -0.052786498451304106},
	{9.5, 3.0, -0.02771206386752066},
	{9.99, 12.0, -0.05875206922333928},
	{1e+01, 1e-08, -1.1049834959202561e-10},
	{1e+01, 1e+06, -0.10516533569118565},
	{55.0, 7.5, -0.0022194264931478993},
	{1e+03, 1e-06, -1.0010004989983323e-12},
	{1e+06, 2.0, -1.999998000003e-12},
	{1e+06, 1e+06, -5.000003750001459e-07},
	{1e+09, 0.001, -1.000000000999e-21},
	{1e+12, 1.0, -1e-24},
	{1e+12, 2e+03, -1.999999996002e-21},
	{1e+12, 1e+12, -5.00000000000375e-13}
};

static const double lbeta_of[][3] = {
	{1e-12, 1e-12, 28.324168296488494},
	{1e-12, 1e+12, 27.63102111590034},
	{0.5, 0.5, 1.1447298858494002},
	{0.793, 2.426, -0.5115692885937033},
	{3.0, 9.0, -6.20455776256869},
	{11.0, 10.5, -14.806888068195882},
	{1.0, 1e+12, -27.631021115928547},
	{2.5e+02, 1e+12, -5779.231508140271},
	{1e+12, 1e+12, -1386294361132.4407},
	{1e+06, 2.0, -27.631022115928047}
};

static const double log1mexp_of[][2] = {
	{1e-300, -690.7755278982137},
	{1e-14, -32.23619130191665},
	{0.001, -6.908255237315471},
	{0.5, -0.9327521295671886},
	{0.6931471805599453, -0.6931471805599453},
	{1.0, -0.4586751453870819},
	{36.0, -2.3195228302435696e-16},
};

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

typedef double (*Function) (double);
typedef double (*Function2) (double, double);

/* the largest relative error, in units of DBL_EPSILON; near zeros absolute */
static double
error_in_units(double is, double wanted, double floor_at)
{
	double		size = fmax(fabs(wanted), floor_at);

	return is == wanted ? 0.0 : fabs(is - wanted) / size / 2.220446e-16;
}

static void
ok_function(Function f, const double (*table)[2], int n, double floor_at,
			double units, const char *what)
{
	double		worst = 0.0;
	int			i;

	for (i = 0; i < n; i++)
	{
		double		error = error_in_units(f(table[i][0]), table[i][1],
										   floor_at);

		if (!(error <= units))
			printf("# of %.17g: %.17g, not %.17g\n", table[i][0],
				   f(table[i][0]), table[i][1]);
		worst = fmax(worst, error);
	}
	printf("# %s: %.1f units\n", what, worst);
	ok(worst <= units, what);
}

static void
ok_function2(Function2 f, const double (*table)[3], int n, double floor_at,
			 double units, const char *what)
{
	double		worst = 0.0;
	int			i;

	for (i = 0; i < n; i++)
	{
		double		is = f(table[i][0], table[i][1]);
		double		error = error_in_units(is, table[i][2], floor_at);

		if (!(error <= units))
			printf("# of %.17g, %.17g: %.17g, not %.17g\n", table[i][0],
				   table[i][1], is, table[i][2]);
		worst = fmax(worst, error);
	}
	printf("# %s: %.1f units\n", what, worst);
	ok(worst <= units, what);
}

static void
test_values(void)
{
	ok_function(clv_lgamma, lgamma_of, LENGTH(lgamma_of), 0.0, 4.0,
				"log-gamma, also beside its zeros");
	ok_function(clv_digamma, digamma_of, LENGTH(digamma_of), 0.5, 12.0,
				"digamma");
	ok_function(clv_trigamma, trigamma_of, LENGTH(trigamma_of), 0.0, 6.0,
				"trigamma");
	ok_function2(clv_lgamma_diff, lgamma_diff_of, LENGTH(lgamma_diff_of), 0.0,
				 8.0, "differences of log-gamma");
	ok_function2(clv_digamma_diff, digamma_diff_of, LENGTH(digamma_diff_of),
				 0.0, 6.0, "differences of digamma");
	ok_function2(clv_trigamma_diff, trigamma_diff_of,
				 LENGTH(trigamma_diff_of), 0.0, 8.0,
				 "differences of trigamma");
	ok_function2(clv_lbeta, lbeta_of, LENGTH(lbeta_of), 0.0, 12.0,
				 "log-beta");
	ok_function(clv_log1mexp, log1mexp_of, LENGTH(log1mexp_of), 0.0, 3.0,
				"log(1 - exp(-x))");
}

/* values on both sides of where the way of computing changes */
static void
test_seams(void)
{
	static const double seams[] = {0.5, 1.5, 2.5, 3.5, 10.0};
	bool		smooth = true;
	bool		steps = true;
	int			i;

	for (i = 0; i < LENGTH(seams); i++)
	{
		double		a = seams[i];
		double		below = a - 1e-9;

		smooth &= fabs(clv_lgamma(a) - clv_lgamma(below) -
					   1e-9 * clv_digamma(a)) < 1e-14;
		smooth &= fabs(clv_digamma(a) - clv_digamma(below) -
					   1e-9 * clv_trigamma(a)) < 1e-14;
		smooth &= fabs(clv_lgamma_diff(a, 9.5) - clv_lgamma_diff(below, 9.5) -
					   1e-9 * clv_digamma_diff(a, 9.5)) < 4e-14;
		smooth &= fabs(clv_lgamma_diff(a, 10.0) -
					   clv_lgamma_diff(a, 10.0 - 1e-9) -
					   1e-9 * clv_digamma(a + 10.0)) < 4e-14;
	}
	ok(smooth, "no steps where series and recurrences meet");

	/* Gamma(a + 1) = a Gamma(a) */
	for (i = 1; i < 4000; i++)
	{
		double		a = i * 0.00625;

		steps &= fabs(clv_lgamma_diff(a, 1.0) - log(a)) < 4e-15 * (4.0 + a);
		steps &= fabs(clv_digamma_diff(a, 1.0) * a - 1.0) < 4e-15;
		steps &= fabs(clv_trigamma_diff(a, 1.0) * a * a + 1.0) < 4e-15;
	}
	ok(steps, "recurrences of gamma, digamma and trigamma");
}

static void
test_differences_of_beta(void)
{
	double		is = clv_lbeta_diff(0.793, 2.426, 1.0, 6.0);
	double		wanted = clv_lbeta(1.793, 8.426) - clv_lbeta(0.793, 2.426);

	ok(fabs(is - wanted) < 1e-14, "differences of log-beta");
	ok(clv_lgamma_diff(0.7, 0.0) == 0.0 && clv_digamma_diff(0.7, 0.0) == 0.0 &&
	   clv_trigamma_diff(0.7, 0.0) == 0.0 && clv_lgamma_diff(1e12, 0.0) == 0.0,
	   "no difference from a to a");
}

static void
test_logs(void)
{
	bool		good = true;
	double		d;

	ok(clv_logaddexp(-HUGE_VAL, -HUGE_VAL) == -HUGE_VAL &&
	   clv_logaddexp(-HUGE_VAL, 3.0) == 3.0 &&
	   clv_logaddexp(3.0, -HUGE_VAL) == 3.0, "log 0 adds nothing");
	ok(fabs(clv_logaddexp(1e9, 1e9) - 1e9 - log(2.0)) < 2e-7 &&
	   clv_logaddexp(0.0, -800.0) == 0.0 &&
	   fabs(clv_logaddexp(-1000.0, -1001.0) + 1000.0 - log1p(exp(-1.0))) < 2e-13,
	   "sums in logs do not overflow");
	ok(clv_log1mexp(0.0) == -HUGE_VAL && clv_log1mexp(HUGE_VAL) == 0.0,
	   "log(1 - exp(-x)) at its ends");
	for (d = 1e-18; d < 1e19; d *= 1.37)
		good &= fabs(clv_log1p(d, 1.0 / (1.0 + d)) / log1p(d) - 1.0) < 5e-16;
	ok(good, "log1p by way of log");
}

static void
test_sums(void)
{
	ClvLikelihood sum;
	ClvLikelihood part;
	int			i;

	memset(&sum, 0, sizeof(sum));
	memset(&part, 0, sizeof(part));
	clv_likelihood_add_value(&sum, 1e17);
	clv_likelihood_add_gradient(&part, 1, 1.0);
	for (i = 0; i < 1000; i++)
	{
		clv_likelihood_add_value(&sum, 0.125);
		clv_likelihood_add_gradient(&part, 1, 1e-17);
	}
	clv_likelihood_add_value(&part, -1e17);
	part.hessian[2][3] = 7.0;
	clv_likelihood_combine(&sum, &part);
	clv_likelihood_combine(&sum, &part);
	clv_likelihood_add_value(&sum, 1e17);
	clv_likelihood_add_gradient(&sum, 1, -2.0);
	clv_likelihood_finish(&sum);
	ok(sum.value == 125.0, "the sum of values keeps what rounding takes");
	ok(fabs(sum.gradient[1] - 2e-14) < 1e-26, "so do the sums of gradients");
	ok(sum.hessian[2][3] == 14.0 && sum.value_rest == 0.0 &&
	   sum.gradient_rest[1] == 0.0, "parts are put together");
}

int
main(void)
{
	test_values();
	test_seams();
	test_differences_of_beta();
	test_logs();
	test_sums();
	return done_testing();
}
