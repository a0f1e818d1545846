/*
 * test_effects.c
 *		Unit tests of math/effects.c, math/effects_fit.c and math/chisquare.c;
 *		prints TAP.
 */
#include <math.h>
#include <string.h>

#include "math/chisquare.h"
#include "math/effects.h"
#include "math/likelihood.h"

#include "tap.h"

/* a covariate of three levels, of which the second is the base, and a number */
static const double values[4][2] = {{0, 0.5}, {1, -1}, {1, 2}, {2, 0}};

static const ClvPattern patterns[24] = {
	{0, 0, 20, 4}, {0, 0, 39, 5}, {1, 10.5, 39, 3}, {2, 30, 38, 2}, {3, 12, 30, 2}, {5, 35.25, 39, 1},
	{0, 0, 39, 9}, {1, 2, 35, 4}, {1, 30, 33, 3}, {2, 21, 39, 3}, {4, 9.5, 36, 2}, {7, 38, 39, 1},
	{0, 0, 39, 3}, {1, 1.5, 20, 2}, {2, 4, 39, 1}, {3, 30, 39, 4}, {6, 33, 38, 3}, {9, 38.5, 39, 2},
	{0, 0, 12, 6}, {0, 0, 39, 12}, {1, 5, 39, 3}, {1, 14, 28, 1}, {2, 6, 39, 2}, {3, 16, 39, 1}
};

static const ClvCovariateCell cells[4] = {
	{values[0], 0, 6}, {values[1], 6, 6}, {values[2], 12, 6}, {values[3], 18, 6}
};

static ClvDesign
make_design(void)
{
	ClvDesign	design = {0};

	design.covariates = 2;
	design.code[0].levels = 3;
	design.code[0].base = 1;
	design.code[0].first[CLV_ODDS] = design.code[1].first[CLV_ODDS] = -1;
	clv_design_number(&design);
	return design;
}

/* patterns of all cells in the order of fits; equal ones are counted once */
static size_t
merge(ClvPattern *merged)
{
	size_t		n = 0;
	size_t		i;
	size_t		j;

	for (i = 0; i < 24; i++)
	{
		const ClvPattern *p = &patterns[i];

		for (j = 0; j < n; j++)
		{
			if (merged[j].x > p->x ||
				(merged[j].x == p->x &&
				 (merged[j].t_x > p->t_x ||
				  (merged[j].t_x == p->t_x && merged[j].T >= p->T))))
				break;
		}
		if (j < n && merged[j].x == p->x && merged[j].t_x == p->t_x && merged[j].T == p->T)
		{
			merged[j].weight += p->weight;
			continue;
		}
		memmove(&merged[j + 1], &merged[j], (n - j) * sizeof(ClvPattern));
		merged[j] = *p;
		n++;
	}
	return n;
}

static ClvEffectsFit fit;
static ClvPattern merged[24];
static ClvSample survey;
static ClvDesign design;

static void
run(ClvModelKind kind, int k, double penalty, double effect_penalty)
{
	static const double near[4] = {1.0, 20.0, 1.0, 3.0};
	ClvEffectsOptions options = {penalty, effect_penalty, CLV_FIT_MAX_ITERATIONS, k, near, NULL};
	ClvStatus	status = CLV_OK;

	clv_sample_survey(&survey, kind, merged, merge(merged), penalty > 0);
	design = make_design();
	clv_design_survey(&design, cells, 4, patterns);
	clv_effects_start(&fit, kind, &survey, &design, patterns, 24, cells, 4, &options);
	while (status == CLV_OK)
		status = clv_effects_step(&fit);
}

/* the log-likelihood at some parameters and effects */
static double
likelihood(ClvModelKind kind, int k, const double *parameters, const double *effects)
{
	double		sum = 0.0;
	int			i;
	int			j;

	for (i = 0; i < 4; i++)
	{
		double		p[CLV_MAX_PARAMETERS];
		double		theta[CLV_MAX_PARAMETERS];
		ClvLikelihood part = {0};

		clv_design_parameters(&design, kind, parameters, effects, cells[i].values, p);
		for (j = 0; j < CLV_MAX_PARAMETERS; j++)
			theta[j] = log(p[j]);
		clv_likelihood_add(kind, k, theta, patterns + cells[i].first, cells[i].n, &part);
		sum += part.value + part.value_rest;
	}
	return sum;
}

/*
 * The maximum of 24 patterns with penalties, by mpmath with 34 digits: Newton's
 * method from other starts, the likelihood in its textbook form (of Pareto/NBD
 * by 2F1), all derivatives by differences.
 */
typedef struct Reference
{
	ClvModelKind kind;
	int			k;
	const char *name;
	double		log_likelihood;
	double		penalty;
	double		estimate[10];
	double		error[10];
} Reference;

static const Reference references[4] = {
	{CLV_MBGNBD, 0, "MBG/NBD", -417.19451992788709335, 0.77169040656581592815,
	{4.2460367495661496, 32.4326953942392, 1.3353414232789602, 1.6527329188589959,
	-0.53836591193766511, -0.28876118804908986, 0.045260454750980688, 0.03062438518093056, 1.0651809723262367, -1.0426068867258924},
	{4.989893530518702, 39.424475265204346, 1.1790796327529298, 1.7543382620578785,
	0.43219622807717487, 1.1626860130221382, 0.12518434155587583, 1.152498569300038, 1.1725944614672034, 0.54590858502507051}},
	{CLV_BGNBD, 0, "BG/NBD", -419.92278335500972234, 1.136095401033751781,
	{0.58936190022009603, 7.062756120219657, 1.218520628569906, 3.5857576626133579,
	-0.73319114163487735, -1.2358257770406747, 0.1951676153904427, 0.2455498736376178, 0.39926663295369297, -1.1635853830430477},
	{0.21469902356515763, 3.8761187846915982, 1.521864400326504, 4.7254117113321793,
	0.48163255259882558, 0.53097777814203855, 0.18994528514119344, 1.3223431995391985, 1.2836229991648962, 0.74156889884986329}},
	{CLV_MBGCNBD, 2, "MBG/CNBD-2", -574.29849509224434942, 0.82701175529177335556,
	{2.5450925100817811, 7.4643731011170695, 1.6078003793733658, 1.863170421536766,
	-0.51540391594064812, -0.11467011432341558, 0.012451303671599406, 0.3249887282880327, 1.0857768998757845, -1.0009974303672213},
	{1.3623801608000955, 4.586908387055714, 1.4276299778222793, 1.8581807272718018,
	0.36667996206197761, 0.46132234742318428, 0.11683119916411487, 1.032812534732353, 1.0960605302522164, 0.51175011150459349}},
	{CLV_PARETONBD, 0, "Pareto/NBD", -412.58051528967533838, 0.95085127998688620347,
	{3.384778156273209, 41.189591423411261, 4.2320852846318504, 137.06362627393296,
	-0.61329369203598859, -0.47223054738612001, 0.17154209112757406, 0.14261350833852935, 1.3481057812691197, -0.42393259775903977},
	{2.832055174052313, 33.711242204760692, 5.9200467794683927, 222.77484993210704,
	0.37809349989839837, 0.45685083054326135, 0.12247761515343124, 0.73469591452858265, 0.53868634588453362, 0.26741199993052598}}
};

static void
test_maximum(const Reference *want)
{
	const ClvEffectsResult *got = &fit.result;
	char		name[100];
	double		worst = 0.0;
	int			i;

	run(want->kind, want->k, 0.05, 0.25);
	for (i = 0; i < 10; i++)
	{
		double		estimate = i < 4 ? got->parameters[i] : got->effects[i - 4];

		worst = fmax(worst, fabs(estimate - want->estimate[i]) / want->error[i]);
		worst = fmax(worst, fabs(sqrt(got->covariance[i][i]) / want->error[i] - 1.0));
	}
	snprintf(name, sizeof(name), "%s: the maximum and its errors", want->name);
	ok(got->outcome == CLV_FIT_CONVERGED && got->has_covariance && got->n == 10 &&
	   worst < 1e-7, name);
	snprintf(name, sizeof(name), "%s: its log-likelihood, and the penalty", want->name);
	ok(fabs((got->log_likelihood - got->penalty) /
			(want->log_likelihood - want->penalty) - 1.0) < 1e-13 &&
	   fabs(got->penalty / want->penalty - 1.0) < 1e-7, name);
	snprintf(name, sizeof(name), "%s: it is that of the parameters of each cell", want->name);
	ok(fabs(likelihood(want->kind, want->k, got->parameters, got->effects) /
			got->log_likelihood - 1.0) < 1e-13, name);
}

/* the start makes no difference, nor does how a cell is divided */
static void
test_invariance(void)
{
	static ClvPattern doubled[24];
	static const ClvCovariateCell divided[5] = {
		{values[0], 0, 6}, {values[1], 6, 2}, {values[1], 8, 4}, {values[2], 12, 6}, {values[3], 18, 6}
	};
	static const double near[4] = {0.2, 100.0, 5.0, 0.5};
	ClvEffectsOptions options = {0.05, 0.25, CLV_FIT_MAX_ITERATIONS, 0, near, NULL};
	ClvEffectsResult before;
	ClvStatus	status = CLV_OK;
	double		worst = 0.0;
	int			i;

	run(CLV_MBGNBD, 0, 0.05, 0.25);
	before = fit.result;
	memcpy(doubled, patterns, sizeof(doubled));
	clv_effects_start(&fit, CLV_MBGNBD, &survey, &design, doubled, 24, divided, 5, &options);
	while (status == CLV_OK)
		status = clv_effects_step(&fit);
	for (i = 0; i < 4; i++)
		worst = fmax(worst, fabs(fit.result.parameters[i] / before.parameters[i] - 1.0));
	for (i = 0; i < 6; i++)
		worst = fmax(worst, fabs(fit.result.effects[i] - before.effects[i]));
	ok(worst < 1e-7, "neither the start nor the division into cells makes a difference");
}

static void
test_boundary(void)
{
	bool		agree = true;
	int			i;

	run(CLV_MBGNBD, 0, 0, 0);
	ok(fit.result.outcome == CLV_FIT_BOUNDARY && fit.result.at_bound >> 4 != 0,
	   "an effect that the book does not bound ends at its bound");
	for (i = 0; i < fit.result.n; i++)
		agree = agree && (fit.result.covariance[i][i] > 0.0) == ((fit.result.at_bound >> i & 1) == 0);
	ok(fit.result.has_covariance && agree, "and has no error, unlike the others");
	run(CLV_MBGNBD, 0, 0, 100);
	ok(fit.result.outcome == CLV_FIT_CONVERGED && fabs(fit.result.effects[4]) < 0.05,
	   "and a penalty keeps it small");
}

static void
test_design(void)
{
	ClvDesign	d = make_design();
	ClvCoded	coded[CLV_MAX_COVARIATES];
	double		same[4][2] = {{0, 1}, {1, 1}, {1, 1}, {2, 1}};
	double		follows[4][2] = {{0, 2}, {1, 3}, {1, 3}, {2, 4}};
	ClvCovariateCell		other[4];
	int			i;

	ok(d.effects == 6 && clv_design_count(&d) == 6 && d.code[0].first[CLV_DROPOUT] == 3 &&
	   d.code[1].first[CLV_DROPOUT] == 5, "effects of purchases come first");
	ok(clv_design_code(&d, CLV_PURCHASE, values[3], coded) == 2 && coded[0].effect == 1 &&
	   coded[0].z == 1.0 && coded[1].z == 0.0, "a level after the base");
	ok(clv_design_code(&d, CLV_DROPOUT, values[1], coded) == 1 && coded[0].effect == 5,
	   "the base has no effect");
	memcpy(other, cells, sizeof(other));
	for (i = 0; i < 4; i++)
		other[i].values = same[i];
	ok(clv_design_survey(&d, other, 4, patterns) == 1, "a constant is found");
	for (i = 0; i < 4; i++)
		other[i].values = follows[i];
	ok(clv_design_survey(&d, other, 4, patterns) == 1, "a number that follows from levels is found");
	ok(clv_design_survey(&d, cells, 4, patterns) == -1,
	   "others are fine");
}

/* by mpmath, gammainc(df / 2, x / 2, regularized) with 30 digits */
static void
test_chi_square(void)
{
	ok(fabs(clv_chi_square_tail(1, 3.5) / 0.061368829139402173 - 1.0) < 1e-13, "chi-square, 1 degrees of freedom");
	ok(fabs(clv_chi_square_tail(2, 37.58198350076054) / 6.9051954122272653e-9 - 1.0) < 1e-13, "chi-square, 2 degrees of freedom");
	ok(fabs(clv_chi_square_tail(4, 54.07) / 5.0880250659528933e-11 - 1.0) < 1e-13, "chi-square, 4 degrees of freedom");
	ok(fabs(clv_chi_square_tail(7, 2.25) / 0.94471834539536308 - 1.0) < 1e-13, "chi-square, 7 degrees of freedom");
	ok(fabs(clv_chi_square_tail(60, 71.5) / 0.14700913921293264 - 1.0) < 1e-13, "chi-square, 60 degrees of freedom");
	ok(clv_chi_square_tail(3, 0.0) == 1.0 && clv_chi_square_tail(5, 1e6) == 0.0,
	   "chi-square at its ends");
	ok(fabs(clv_normal_tails(-1.959963984540054) / 0.05 - 1.0) < 1e-13, "normal tails");
}

int
main(void)
{
	int			i;

	for (i = 0; i < 4; i++)
		test_maximum(&references[i]);
	test_invariance();
	test_boundary();
	test_design();
	test_chi_square();
	return done_testing();
}
