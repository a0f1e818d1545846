/*
 * test_bgbb.c
 *		Unit tests of math/bgbb.c and math/bgbb_predict.c; prints TAP.
 *
 * Parameters are those Fader, Hardie & Shang 2010 publish for donations to a
 * non-profit organisation.  Figures are their formulas evaluated with 30
 * digits or more; those of predictions, sums over when the donor dies.
 */
#include "math/bgbb.h"

#include "derivatives.h"
#include "tap.h"

static const double donations[4] = {1.204, 0.75, 0.657, 2.783};

#define GAMMA	2
#define DELTA	3

static void
set_theta(double *theta, const double *p)
{
	int			i;

	for (i = 0; i < 4; i++)
		theta[i] = log(p[i]);
}

static void
test_likelihood(void)
{
	static const double gone[] = {
		-5.195697601042647,
		-0.28289919261563824, 0.61570889887917238, -0.34071391566692422,
		0.33074456767209876,
		-0.80796112043727589, 0.44806477932736031, 0.079793594291963246,
		-0.032164701738759005, -0.3473644963534515, -0.049690663765586791,
		0.020105419268214392, -0.3518045549903681, 0.30238621890399295,
		-0.2288194205083779};
	static const double uniform[] = {
		-0.41846592028541591,
		-0.19328127198536654, 0.14898691430983537, 0.3263472632615731,
		-0.28917264668636556,
		0.038450473346086195, -0.022766398174329718, 0.15588683713417662,
		-0.15165979636800235, 0.022620450135973568, -0.099103273726070542,
		0.10764381927825029, -0.16376040406815762, 0.13770731833760451,
		-0.12623819213509932};
	static const double lasting[] = {
		-55.041671176537247,
		1.4679290717675827, -3.7199887737133957, 0.9894391456166852,
		-0.5867466536165859,
		0.33012468913638321, 0.36262635757344265, 2.3248064245770533e-6,
		-6.9889400747590577e-5, -3.5557401036761879, -3.1279353439691353e-5,
		0.00094082878630512775, -0.010558968520215809, 0.0082463329244016528,
		-0.24581765783492951};
	static const double always[] = {
		-2.1822484476182998,
		0.68723515829607778, -1.21261255420814, -0.72790209093853613,
		0.48327902173545774,
		-0.15716069061711513, 0.47868433560680421, 0.0, 0.0,
		-0.9144287903334696, 0.0, 0.0, -0.63067818439885031,
		0.41183277305927802, -0.17976476611818817};
	static const double one[4] = {1.0, 1.0, 1.0, 1.0};
	static const double long_lived[4] = {0.4, 7.0, 0.02, 90.0};
	double		theta[4];

	set_theta(theta, donations);
	ok(has_figures(clv_bgbb_add, theta, 4, (ClvPattern) {2, 4, 6, 1}, gone,
				   1e-14), "log-likelihood and derivatives");
	ok(has_figures(clv_bgbb_add, theta, 4, (ClvPattern) {6, 6, 6, 1}, always,
				   1e-14), "of who gave each year");
	set_theta(theta, one);
	ok(has_figures(clv_bgbb_add, theta, 4, (ClvPattern) {0, 0, 5, 1}, uniform,
				   1e-14), "of who never did, all parameters being 1");
	set_theta(theta, long_lived);
	ok(has_figures(clv_bgbb_add, theta, 4, (ClvPattern) {30, 60, 200, 1},
				   lasting, 1e-13), "over 200 periods");
}

/* all patterns of all n there are; returns how many */
static size_t
all_patterns(ClvPattern *patterns, int max_n)
{
	size_t		n_patterns = 0;
	int			x;
	int			t_x;
	int			n;

	for (x = 0; x <= max_n; x++)
		for (t_x = x; t_x <= (x == 0 ? 0 : max_n); t_x++)
			for (n = t_x > 1 ? t_x : 1; n <= max_n; n++)
				patterns[n_patterns++] =
					(ClvPattern) {x, t_x, n, 1.0 + (x + t_x) % 3};
	return n_patterns;
}

static void
test_sums(void)
{
	ClvPattern	patterns[300];
	size_t		n = all_patterns(patterns, 9);
	double		theta[4];
	double		value;
	double		sum = 0.0;
	double		total = 0.0;
	bool		right = true;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		ClvDonor	donor = {patterns[i].x, patterns[i].t_x, patterns[i].T};
		double		ways = 1.0;
		int			k;

		clv_bgbb_log_likelihood(donations, donor, &value);
		sum += patterns[i].weight * value;

		/* of t_x - 1 periods before the last gift, choose those of the rest */
		for (k = 1; k < donor.x; k++)
			ways *= (donor.t_x - k) / k;
		if (donor.n == 9.0)
			total += ways * exp(value);
	}
	ok(is_near(total, 1.0, 1e-14), "probabilities of all patterns make 1");
	set_theta(theta, donations);
	ok(is_near(likelihood_of(clv_bgbb_add, theta, patterns, n).value, sum,
			   1e-14), "a book is the sum of its donors");

	for (i = 0; i < 12; i++)
	{
		theta[0] = -2.0 + 0.4 * (double) (i * 5 % 12);
		theta[1] = -2.0 + 0.4 * (double) (i * 7 % 12);
		theta[2] = -3.0 + 0.4 * (double) (i * 11 % 12);
		theta[3] = -1.0 + 0.4 * (double) i;
		right &= has_slopes(clv_bgbb_add, theta, 4, patterns, n, 1e-9);
	}
	ok(right, "derivatives are slopes");
}

/* cohorts by the hundred, so that recursions get into each other's way */
static void
test_cohorts(void)
{
	ClvPattern	patterns[400];
	ClvLikelihood one;
	ClvLikelihood all;
	double		theta[4];
	double		sum = 0.0;
	int			i;

	for (i = 0; i < 400; i++)
		patterns[i] = (ClvPattern) {2, 2 + i / 100, 10 + 7 * (i % 100), 1};
	set_theta(theta, donations);
	for (i = 0; i < 400; i++)
	{
		one = likelihood_of(clv_bgbb_add, theta, &patterns[i], 1);
		sum += one.hessian[GAMMA][DELTA];
	}
	all = likelihood_of(clv_bgbb_add, theta, patterns, 400);
	ok(is_near(all.hessian[GAMMA][DELTA], sum, 1e-13), "a hundred cohorts");
}

static void
test_predictions(void)
{
	const ClvDonor donor = {2, 4, 6};
	const ClvDonor newcomer = {0, 0, 0};
	static const double want[4] = {0.47937053270452061, 0.096917777444105092,
	0.091789218538747324, 0.086516515848967973};
	double		p[11];
	double		value;
	double		variance;
	double		sum = 0.0;
	double		mean = 0.0;
	double		square = 0.0;
	bool		right = true;
	int			k;

	clv_bgbb_p_alive(donations, donor, 0, &value);
	ok(is_near(value, 0.63361189333190346, 1e-15), "P(alive) at n");
	clv_bgbb_p_alive(donations, donor, 1, &value);
	ok(is_near(value, 0.589514116433698, 1e-14), "P(alive) at n + 1, eq. 11");
	clv_bgbb_expected(donations, donor, 10, &value);
	ok(is_near(value, 1.8895558933913143, 1e-15), "expected gifts, eq. 13");
	clv_bgbb_variance(donations, donor, 10, &variance);
	ok(is_near(variance, 5.5994721559907771, 1e-14), "and their variance");

	clv_bgbb_probabilities(donations, donor, 10, 11, p);
	for (k = 0; k < 11; k++)
	{
		if (k < 4)
			right &= is_near(p[k], want[k], 1e-15);
		sum += p[k];
		mean += k * p[k];
		square += k * k * p[k];
	}
	ok(right, "probabilities, eq. 12");
	ok(is_near(sum, 1.0, 1e-15) && is_near(mean, value, 1e-14) &&
	   is_near(square - mean * mean, variance, 1e-14),
	   "which have the moments");

	clv_bgbb_expected(donations, newcomer, 6, &value);
	clv_bgbb_probabilities(donations, newcomer, 6, 11, p);
	ok(is_near(value, 2.2196313934872989, 1e-15) &&
	   is_near(p[0], 0.31121774326384935, 1e-15) &&
	   is_near(p[3], 0.10026311502480369, 1e-15) && p[7] == 0.0,
	   "of a new donor");

	clv_bgbb_dert(donations, donor, 0.1, &value);
	ok(is_near(value, 1.66506990259371, 1e-13), "DERT, eq. 14");
	clv_bgbb_dert(donations, (ClvDonor) {1, 2, 6}, 0.1, &value);
	ok(is_near(value, 0.494585632407493, 1e-13), "of who gave but once");
}

/* sums over all periods to come, and limits where formulas have 0 / 0 */
static void
test_identities(void)
{
	const ClvDonor donor = {3, 5, 7};
	double		p[4] = {1.204, 0.75, 2.657, 2.783};
	double		value;
	double		sum = 0.0;
	double		at_one;
	double		near_one;
	int			m;

	for (m = 1; m <= 3000; m++)
	{
		clv_bgbb_p_alive(p, donor, m, &value);
		sum += value * (1.204 + 3) / (1.204 + 0.75 + 7) * pow(1.02, -m);
	}
	clv_bgbb_dert(p, donor, 0.02, &value);
	ok(is_near(value, sum, 1e-13), "DERT is a sum over the future");
	clv_bgbb_dert(p, donor, 0.0, &value);
	clv_bgbb_expected(p, donor, 100000, &sum);
	ok(is_near(value, sum, 1e-5) && sum < value, "without discount too");

	p[2] = 1.0;
	ok(clv_bgbb_dert(p, donor, 0.0, &value) == CLV_INFINITE,
	   "infinite if enough donors never die");
	clv_bgbb_expected(p, donor, 40, &at_one);
	p[2] = 1.0 + 1e-9;
	clv_bgbb_expected(p, donor, 40, &near_one);
	ok(fabs(at_one / near_one - 1.0) < 1e-8, "gamma = 1 is like any other");
}

static void
test_bounds(void)
{
	static double p[3000];
	static const double fair[4] = {1e6, 1e6, 1e-6, 1e6};
	double		extreme[4] = {CLV_PARAMETER_MIN, CLV_PARAMETER_MAX,
	CLV_PARAMETER_MIN, CLV_PARAMETER_MAX};
	const ClvDonor old = {50000, 90000, 100000};
	const ClvDonor idle = {1, 2, 100000};
	ClvPattern	pattern = {1500, 2500, 5000, 1};
	ClvLikelihood l;
	double		theta[4];
	double		value;
	double		sum = 0.0;
	int			k;

	/* a term of the most likely number is 2^-3000 times a huge binomial */
	clv_bgbb_probabilities(fair, (ClvDonor) {0, 0, 0}, 2999, 3000, p);
	for (k = 0; k < 3000; k++)
		sum += p[k];
	ok(is_near(sum, 1.0, 1e-10) && p[1499] > 0.014 && p[2999] == 0.0,
	   "thousands of periods ahead");

	set_theta(theta, donations);
	l = likelihood_of(clv_bgbb_add, theta, &pattern, 1);
	clv_bgbb_log_likelihood(donations, (ClvDonor) {1500, 2500, 5000}, &value);
	ok(isfinite(l.value) && is_near(l.value, value, 1e-13) &&
	   isfinite(l.hessian[3][3]), "thousands of periods behind");
	ok(clv_bgbb_log_likelihood(extreme, old, &value) == CLV_OK &&
	   isfinite(value) &&
	   clv_bgbb_p_alive(extreme, idle, 1, &value) == CLV_OK &&
	   value >= 0.0 && value <= 1.0 &&
	   clv_bgbb_dert(extreme, idle, 0.01, &value) == CLV_OK &&
	   isfinite(value), "finite at the ends of the bounds");

	ok(clv_bgbb_p_alive(donations, (ClvDonor) {2, 1, 6}, 0, &value) ==
	   CLV_OUT_OF_DOMAIN &&
	   clv_bgbb_p_alive(donations, (ClvDonor) {0, 1, 6}, 0, &value) ==
	   CLV_OUT_OF_DOMAIN &&
	   clv_bgbb_p_alive(donations, (ClvDonor) {1, 7, 6}, 0, &value) ==
	   CLV_OUT_OF_DOMAIN &&
	   clv_bgbb_p_alive(donations, (ClvDonor) {1, 1.5, 6}, 0, &value) ==
	   CLV_OUT_OF_DOMAIN &&
	   clv_bgbb_p_alive(donations, (ClvDonor) {1, 1, NAN}, 0, &value) ==
	   CLV_OUT_OF_DOMAIN &&
	   clv_bgbb_expected(donations, (ClvDonor) {1, 1, 6}, -1, &value) ==
	   CLV_OUT_OF_DOMAIN &&
	   clv_bgbb_dert(donations, (ClvDonor) {1, 1, 6}, -0.1, &value) ==
	   CLV_OUT_OF_DOMAIN, "arguments out of bounds");
	ok(clv_bgbb_probabilities(donations, (ClvDonor) {1, 1, 6}, 100000, 1001,
							  p) == CLV_LIMIT_EXCEEDED,
	   "and of the work that is done");
}

int
main(void)
{
	test_likelihood();
	test_sums();
	test_cohorts();
	test_predictions();
	test_identities();
	test_bounds();

	return done_testing();
}
