/*
 * test_bdw.c
 *		Unit tests of math/bdw.c and math/bdw_lifetime.c; prints TAP.
 *
 * Parameters are those that Fader, Hardie, Liu, Davin & Steenburgh 2018 find
 * for four renewals of the "Regular" and "High End" data.  Figures are the
 * formulas evaluated with 40 digits or more; sums by the formula of Euler and
 * Maclaurin with a numerical integral.
 */
#include "math/bdw.h"
#include "math/betageometric.h"
#include "math/fit.h"

#include "books.h"
#include "derivatives.h"
#include "tap.h"

static const double regular[3] = {0.5231, 0.8944, 1.1963};
static const double high_end[3] = {0.2593, 1.7225, 1.5844};

static ClvFit fit;

static bool
has(const double *p, ClvPattern pattern, const double *want, double tolerance)
{
	double		theta[3] = {log(p[0]), log(p[1]), log(p[2])};

	return has_figures(clv_bdw_add, theta, 3, pattern, want, tolerance);
}

static void
test_likelihood(void)
{
	static const double lost[] = {
		-2.4395586815281729, 2.0354761305636587e-1, 2.6470380169216779e-1,
		7.4799801624446236e-1, -5.8173755466427505e-1, 3.6414416226917957e-1,
		-3.6438021213148057e-1, -3.8342739933197976e-1,
		3.1905492080456543e-1, -5.2125067749569907e-1};
	static const double at_once[] = {
		-9.9687738522534175e-1, 6.309700176366843e-1, -6.309700176366843e-1,
		0.0, -2.328468544802466e-1, 2.328468544802466e-1, 0.0,
		-2.328468544802466e-1, 0.0, 0.0};
	static const double stayed[] = {
		-7.3172438541064794e-1, -7.0993328932028913e-1,
		2.9893827424198659e-1, -7.5270129894377288e-1,
		-6.6895439318912103e-1, 2.722180817043465e-1, -7.4850786480217531e-1,
		-7.7896217538107536e-2, 5.592143960564663e-2,
		-8.8871378424389673e-1};
	static const double alike[] = {
		-7.9676190725470878, 6.6231464732324894e-1, -6.6231342660381208e-1,
		2.0865663052164232, -3.1690546699882682e-1, 3.1690523670080658e-1,
		-4.863128496336894e-1, -3.169062271206005e-1, 4.8631464850728767e-1,
		2.8873675324635991e-1};
	static const double flat[] = {
		-2.1369779439892923e+1, 9.9977413181965969e-1,
		-7.2854294722257412e-1, 1.0967286668832626, -2.2583838474052588e-4,
		2.0501350023676951e-4, -1.8367119706945752e-5,
		-2.0831170610094942e-1, 5.2586095593875558e-2,
		8.9499824324595835e-2};
	static const double steep[] = {
		-1.1346729668890108e+1, -1.0338380530659133e+1, 9.346511535206238,
		-9.3848220112237466e+1, -1.1248124168780255e+1,
		1.006981937419308e+1, -1.0213247232459475e+2, -8.1852296419117256,
		8.3020777167662601e+1, -9.3660551534577828e+2};
	static const double extremes[2][3] = {{2e5, 3e6, 0.3}, {3e-4, 2, 0.02}};
	static const double rising[3] = {50, 1e5, 3};

	ok(has(regular, (ClvPattern) {3, 0, 9, 1}, lost, 1e-14) &&
	   has(regular, (ClvPattern) {1, 0, 0, 1}, at_once, 1e-15) &&
	   has(high_end, (ClvPattern) {0, 0, 7, 1}, stayed, 1e-14),
	   "log-likelihoods of a loss and of staying, and derivatives");
	ok(has(extremes[0], (ClvPattern) {200, 0, 0, 1}, alike, 1e-13) &&
	   has(extremes[1], (ClvPattern) {5000, 0, 0, 1}, flat, 1e-11) &&
	   has(rising, (ClvPattern) {30, 0, 0, 1}, steep, 1e-13),
	   "customers alike, a retention that hardly changes, one that falls");
}

static void
test_slopes(void)
{
	ClvPattern	patterns[40];
	double		theta[3];
	double		value;
	double		sum = 0.0;
	bool		right = true;
	int			i;

	for (i = 0; i < 40; i++)
	{
		patterns[i] = (ClvPattern) {i / 3, 0, 1 + i, 1.0 + 0.5 * i};
		clv_bdw_log_likelihood(regular, patterns[i].x, patterns[i].T, &value);
		sum += patterns[i].weight * value;
	}
	for (i = 0; i < 12; i++)
	{
		theta[0] = -4.0 + 0.7 * i;
		theta[1] = -3.0 + 0.5 * (i * 7 % 12);
		theta[2] = -2.0 + 0.3 * (i * 5 % 12);
		right &= has_slopes(clv_bdw_add, theta, 3, patterns, 40, 1e-8);
	}
	ok(right, "derivatives are slopes");
	for (i = 0; i < 3; i++)
		theta[i] = log(regular[i]);
	ok(is_near(likelihood_of(clv_bdw_add, theta, patterns, 40).value, sum,
			   1e-14), "a book is the sum of its customers");
}

static void
test_survival(void)
{
	static const double geometric[3] = {0.704, 1.182, 1.0};
	static const double huge[3] = {1e-12, 1e12, 1e12};
	double		product = 1.0;
	double		lost = 0.0;
	double		gradient[3];
	double		s;
	double		r;
	double		p;
	double		other;
	bool		right = true;
	bool		same = true;
	bool		whole = true;
	int			t;

	for (t = 1; t <= 60; t++)
	{
		clv_bdw_renewal(high_end, t, &r);
		clv_bdw_survival(high_end, t, &s);
		clv_bdw_log_likelihood(high_end, t, 0, &p);
		product *= r;
		lost += exp(p);
		right &= fabs(s / product - 1.0) < 1e-13;
		whole &= fabs(lost + s - 1.0) < 1e-14;
		clv_bdw_survival(geometric, t, &s);
		clv_sbg_survival(geometric, t, &other);
		same &= fabs(s / other - 1.0) < 1e-13;
		clv_bdw_renewal(geometric, t, &s);
		clv_sbg_renewal(geometric, t, &other);
		same &= fabs(s / other - 1.0) < 1e-14;
	}
	ok(right, "survival is the product of renewals");
	ok(whole, "who is not lost has stayed");
	ok(same, "with c = 1 it is sBG");

	/* log 2^c is 6.9e11, of which the 1e-12th part is left */
	clv_bdw_survival(huge, 2, &s);
	clv_bdw_renewal(huge, 1000000000, &r);
	ok(fabs(s - 0.5) < 1e-9 && fabs(r - (1.0 - 1e-9)) < 1e-12 &&
	   clv_bdw_gradient(huge, 0, 2, gradient) == CLV_LIMIT_EXCEEDED,
	   "t^c beyond all numbers");
	clv_bdw_gradient(high_end, 0, 7, gradient);
	ok(is_near(gradient[0], -7.0993328932028913e-1, 1e-14) &&
	   is_near(gradient[2], -7.5270129894377288e-1, 1e-14),
	   "gradient of survival");
}

static bool
is_lifetime(double a, double b, double c, double n, double rate, double want)
{
	const double p[3] = {a, b, c};
	double		value;
	ClvStatus	status = n > 0.0 ? clv_bdw_derl(p, n, rate, &value) :
		clv_bdw_del(p, rate, &value);

	return status == CLV_OK && fabs(value / want - 1.0) < 1e-13;
}

static void
test_lifetime(void)
{
	static const double decades[3] = {1e12, 1e12, 1e-3};
	double		value;
	double		other;
	bool		right = true;
	int			i;

	ok(is_lifetime(0.5231, 0.8944, 1.1963, 0, 0.1, 3.69162401437241235) &&
	   is_lifetime(0.5231, 0.8944, 1.1963, 5, 0.1, 6.0350094577926361) &&
	   is_lifetime(0.2593, 1.7225, 1.5844, 0, 0.1, 5.99459844134673729) &&
	   is_lifetime(0.2593, 1.7225, 1.5844, 5, 0.1, 7.31783586432841224),
	   "the published lifetimes");
	ok(is_lifetime(0.5231, 0.8944, 1.1963, 0, 1e-4, 60.4383845951855713) &&
	   is_lifetime(0.5231, 0.8944, 1.1963, 0, 1e-9, 4576.92956563141175) &&
	   is_lifetime(1e5, 1e12, 2.5, 1000, 0.001, 99.4574335940546259) &&
	   is_lifetime(0.3, 20, 2, 100000, 1e-6, 347150.187044361535),
	   "little discount");
	ok(is_lifetime(2, 3, 0.8, 0, 0, 7.10622536499624831) &&
	   is_lifetime(1.2, 3, 1.5, 0, 0, 3.98520941651786945) &&
	   is_lifetime(4, 0.5, 0.3, 2, 0, 78.8587731492839632) &&
	   is_lifetime(50, 1e5, 3, 0, 0, 11.8021509877726133) &&
	   is_lifetime(1.01, 2, 1, 0, 0, 201.0), "and none");

	/* c = 1 has a closed form */
	for (i = 0; i < 60; i++)
	{
		double		p[3] = {exp(i % 5 * 2.3 - 3.0), exp(i % 7 * 2.0 - 4.0), 1.0};
		double		n = i % 4 * 300;
		double		rate = exp(2.0 - i % 11 * 2.0);

		if (n > 0)
		{
			clv_bdw_derl(p, n, rate, &value);
			clv_sbg_derl(p, n, rate, &other);
		}
		else
		{
			clv_bdw_del(p, rate, &value);
			clv_sbg_del(p, rate, &other);
		}
		right &= fabs(value / other - 1.0) < 1e-12;
	}
	ok(right, "the closed forms of sBG");
	ok(clv_bdw_del(regular, 0.0, &value) == CLV_INFINITE &&
	   clv_bdw_derl(high_end, 3, 0.0, &value) == CLV_INFINITE &&
	   clv_bdw_del(decades, 0.0, &value) == CLV_LIMIT_EXCEEDED,
	   "infinite lifetimes, and one of 2567 digits");
}

static void
test_domain(void)
{
	double		bad[3] = {1.0, 1.0, 0.0};
	double		value;

	ok(clv_bdw_survival(bad, 1, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_bdw_survival(regular, 1.5, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_bdw_renewal(regular, 0, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_bdw_derl(regular, NAN, 0.1, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_bdw_derl(regular, 1, -0.1, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_bdw_del(regular, NAN, &value) == CLV_OUT_OF_DOMAIN &&
	   clv_bdw_gradient(regular, 2, 2, &value) == CLV_OUT_OF_DOMAIN,
	   "arguments out of bounds");
}

/* all results of any valid parameters are numbers */
static void
test_extremes(void)
{
	static const double few[] = {1e-12, 1e-3, 1.0, 1e3, 1e12};
	static const double periods[] = {1, 2, 1000, 1e9};
	static const double rates[] = {0.0, 1e-9, 0.1, 1e9};
	bool		finite = true;
	int			i;
	int			j;

	for (i = 0; i < 125; i++)
	{
		double		p[3] = {few[i % 5], few[i / 5 % 5], few[i / 25]};

		for (j = 0; j < 4; j++)
		{
			double		s = 0.0;
			double		r = 0.0;
			double		del = 1.0;
			double		derl = 0.0;

			clv_bdw_survival(p, periods[j], &s);
			clv_bdw_renewal(p, periods[j], &r);
			if (clv_bdw_del(p, rates[j], &del) != CLV_OK)
				del = 1.0;
			if (clv_bdw_derl(p, periods[j], rates[3 - j], &derl) != CLV_OK)
				derl = 0.0;
			finite &= s >= 0.0 && s <= 1.0 && r >= 0.0 && r <= 1.0 &&
				del >= 1.0 && isfinite(del) && derl >= 0.0 && isfinite(derl);
		}
	}
	ok(finite, "results are numbers, and probabilities between 0 and 1");
}

static ClvFitOutcome
fit_to(const ClvPattern *patterns, size_t n)
{
	ClvFitOptions options = {0.0, CLV_FIT_MAX_ITERATIONS, 0, NULL};
	ClvStatus	status = clv_fit_start(&fit, CLV_BDW, patterns, n, &options);

	while (status == CLV_OK)
		status = clv_fit_step(&fit);
	return fit.result.outcome;
}

static bool
fits(const int *survivors, int n, const double *want, const double *error,
	 double log_likelihood)
{
	ClvPattern	patterns[20];
	bool		right;
	int			i;

	patterns[0] = (ClvPattern) {0, 0, n, survivors[n - 1]};
	for (i = 0; i < n; i++)
		patterns[i + 1] = (ClvPattern) {
			i + 1, 0, 0, (i == 0 ? 1000 : survivors[i - 1]) - survivors[i]};
	right = fit_to(patterns, (size_t) n + 1) == CLV_FIT_CONVERGED &&
		fabs(fit.result.log_likelihood - log_likelihood) < 1e-8;
	for (i = 0; i < 3; i++)
	{
		right &= fabs(fit.result.parameters[i] / want[i] - 1.0) < 1e-9;
		right &= fabs(sqrt(fit.result.covariance[i][i]) / error[i] - 1.0) <
			1e-7;
	}
	return right;
}

/*
 * Published, to 4 digits: 0.5231, 0.8944, 1.1963, -1401.3831; 0.2593, 1.7225,
 * 1.5844, -1222.7493; 0.5083, 0.8688, 1.2094, -1930.9297; 0.2496, 1.6542,
 * 1.5968, -2004.8169.
 */
static void
test_published(void)
{
	static const int r[] = {
		631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173};
	static const int h[] = {
		869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394};

	ok(fits(r, 4, (double[]) {0.5230293129088, 0.8942826589103, 1.196398711359},
			(double[]) {0.309038064731, 0.524819761033, 0.374086147557},
			-1401.383051679) &&
	   fits(h, 4, (double[]) {0.2593357315112, 1.722551488087, 1.584361515023},
			(double[]) {0.120169290997, 0.776941644096, 0.353023296953},
			-1222.749318241), "fits to four renewals");
	ok(fits(r, 12, (double[]) {0.5083087046441, 0.868846336722, 1.209377875945},
			(double[]) {0.152239782238, 0.256174394186, 0.230055695523},
			-1930.929728569) &&
	   fits(h, 12, (double[]) {0.249640733987, 1.654180958358, 1.59679646784},
			(double[]) {0.0572112452292, 0.357659075171, 0.233654768348},
			-2004.816888502), "and to twelve");
}

/* a contract of someone whose renewals are seen n times */
static ClvPattern
draw(ClvRandom *random, const double *p, int n)
{
	ClvPattern	contract = {0, 0, n, 1};
	double		leaves = draw_beta(random, p[0], p[1]);
	double		time = -clv_random_exponential(random) / log1p(-leaves);
	double		t = ceil(pow(time, 1.0 / p[2]));

	if (t <= n)
		contract.x = fmax(t, 1.0);
	return contract;
}

static void
test_coverage(void)
{
	static ClvPattern book[4000];
	static const double truth[3] = {0.6, 2.4, 1.4};
	ClvRandom	random;
	int			covered[3] = {0, 0, 0};
	int			converged = 0;
	int			round;
	int			i;

	clv_random_seed(&random, 17, 0);
	for (round = 0; round < 400; round++)
	{
		/* nine cohorts, of 4 to 12 periods */
		for (i = 0; i < 4000; i++)
			book[i] = draw(&random, truth, 4 + i % 9);
		if (fit_to(book, make_patterns(book, 4000)) != CLV_FIT_CONVERGED)
			continue;
		converged++;
		for (i = 0; i < 3; i++)
		{
			double		p = fit.result.parameters[i];
			double		error = sqrt(fit.result.covariance[i][i]) / p;

			covered[i] += fabs(log(truth[i] / p)) <= 1.959964 * error;
		}
	}
	ok(converged == 400, "400 books of nine cohorts have a maximum");
	ok(covered[0] >= 368 && covered[0] <= 392 && covered[1] >= 368 &&
	   covered[1] <= 392 && covered[2] >= 368 && covered[2] <= 392,
	   "92 to 98 % of their intervals contain the truth");
}

static void
test_bounds(void)
{
	ClvPattern	book[5];

	/* after the first period nobody leaves but one */
	book[0] = (ClvPattern) {0, 0, 6, 500};
	book[1] = (ClvPattern) {1, 0, 0, 499};
	ok(fit_to(book, 2) == CLV_FIT_BOUNDARY && (fit.result.at_bound & 4) != 0 &&
	   !fit.result.has_covariance, "nobody leaves after the first period");

	/* the same share in each period, then more */
	book[0] = (ClvPattern) {0, 0, 4, 100};
	book[1] = (ClvPattern) {1, 0, 0, 100};
	book[2] = (ClvPattern) {2, 0, 0, 300};
	book[3] = (ClvPattern) {3, 0, 0, 600};
	book[4] = (ClvPattern) {4, 0, 0, 400};
	ok(fit_to(book, 5) == CLV_FIT_BOUNDARY && (fit.result.at_bound & 3) != 0,
	   "customers are alike");

	book[0] = (ClvPattern) {0, 0, 3, 0.5};
	ok(fit_to(book, 1) == 0 && fit.problem != CLV_FIT_NO_PROBLEM,
	   "nobody was lost");
}

int
main(void)
{
	test_likelihood();
	test_slopes();
	test_survival();
	test_lifetime();
	test_domain();
	test_extremes();
	test_published();
	test_coverage();
	test_bounds();

	return done_testing();
}
