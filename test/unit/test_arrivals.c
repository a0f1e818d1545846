/*
 * test_arrivals.c
 *		Unit tests of math/arrivals.c: known values; prints TAP.
 *
 * The values were computed with mpmath, 40 digits, from integrals other than
 * those of the code:
 *
 *		BG/NBD and MBG/NBD: mean and second factorial moment by 3F2 at -y;
 *		tail of the negative binomial by the incomplete beta function;
 *		discounted orders by the integral of
 *		exp(-rate u) 2F1(R + 1, a; a + b; -u / A) over u
 *
 *		Pareto/NBD: everything by the trapezoidal rule over the logit (log) of
 *		the time of leaving, and again with half the step: 19 digits agree
 *
 * with a variance as the plain difference of moments.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "math/arrivals.h"

#include "tap.h"

#define MAX_PMF		41

typedef struct Known
{
	ClvModelKind kind;
	double		p[4];
	ClvCustomer customer;
	double		horizon;
	double		rate;

	/* P(alive), E Y, Var Y, P(Y = 0), never, dert, P(Y = 1), (5), (40) */
	double		value[9];
} Known;

static const Known known[] = {
	{
		CLV_BGNBD, {0.243, 4.414, 0.793, 2.426},
		{2, 30.43, 38.86}, 39, 0.0027,
		{
			0.72657857008067291, 1.2260281747671445, 2.5289385914479433,
			0.44537286208299556, 0.27342142991932709, 5.1563798261540373,
			0.23931893743502776, 0.022863812898119037,
			2.7235603439896422e-13
		}
	},
	{
		CLV_BGNBD, {0.243, 4.414, 1, 2.426},
		{2, 30.43, 38.86}, 39, 0.0027,
		{
			0.67817561485440387, 1.1021367860399558, 2.2666136056468595,
			0.48232081737555231, 0.32182438514559613, 4.0244657475153495,
			0.23460363335318333, 0.019268959501118365,
			1.6173824980302367e-13
		}
	},
	{
		CLV_BGNBD, {0.243, 4.414, 1.0000000009313226, 2.426},
		{7, 20, 20}, 500, 0.0027,
		{
			0.89391046034028019, 23.618987034210183, 1520.2727467194279,
			0.10608953986079666, 0.10608953965971981, 17.922564933308138,
			0.085738583731132672, 0.043504021147480528,
			0.0035928788954506279
		}
	},
	{
		CLV_BGNBD, {0.243, 4.414, 0.793, 2.426},
		{0, 0, 0}, 104, 0.0027,
		{
			1.0, 2.2028051144016666, 24.511615109717379, 0.4593762216878911,
			0.0, 3.6478096301374227, 0.21388609690076728,
			0.026026040098166713, 0.00019374097328440753
		}
	},
	{
		CLV_BGNBD, {0.243, 4.414, 0.793, 2.426},
		{0, 0, 30}, 0.001, 0.5,
		{
			1.0, 7.0610483789585033e-6, 7.0611907293981664e-6,
			0.99999293904772377, 0.0, 0.013883539123819494,
			7.0608561752009379e-6, 7.286780442430928e-25,
			5.6680880555946828e-185
		}
	},
	{
		CLV_BGNBD, {1.5, 0.25, 3, 0.75},
		{0, 0, 0}, 3000, 0.0625,
		{
			1.0, 1.3749967601361454, 1.5457019932921225,
			7.6063069349526222e-7, 0.0, 1.3212101857725237,
			0.79999961966563907, 0.0075785263693293955,
			3.7451050880121921e-6
		}
	},
	{
		CLV_BGNBD, {1.5, 0.25, 0.03125, 0.75},
		{1, 0.5, 2}, 3000, 0.001,
		{
			0.60623731400937689, 1622.7005764352614, 4754746.4789073562,
			0.39376269531203771, 0.39376268599062311, 552.55381826781798,
			0.010635765065052491, 0.0031364546151898447,
			0.00041884859133136817
		}
	},
	{
		CLV_BGNBD, {0.5, 8, 0.125, 40},
		{2000, 500, 512}, 26, 0.0027,
		{
			8.4756828066057647e-17, 8.4522762114829984e-15,
			8.5341817744211496e-13, 0.99999999999999992,
			0.99999999999999992, 1.1406853350803194e-13,
			5.1931148867139052e-21, 5.1816836524326791e-21,
			5.0836533124372436e-21
		}
	},
	{
		CLV_BGNBD, {0.0078125, 10, 0.25, 0.5},
		{0, 0, 100}, 50, 0.01,
		{
			1.0, 0.003326345287269591, 0.0043226387733386316,
			0.99707698776952083, 0.0, 0.0059755583355587903,
			0.0025971840699408446, 2.3310251203085393e-6,
			3.4726401594764865e-25
		}
	},
	{
		CLV_BGNBD, {60, 100, 1, 3},
		{3, 40, 50}, 200, 0.0027,
		{
			0.060818599446216099, 1.01291236708917, 49.137120740402773,
			0.9391814005537839, 0.9391814005537839, 1.0532904555184509,
			0.0086883713494594427, 0.0033173781516117874,
			0.00017663983637913648
		}
	},
	{
		CLV_BGNBD, {1, 1, 30, 50},
		{20, 35, 36}, 10, 0.1,
		{
			0.56402917796890728, 1.5250601835076354, 3.6825907418446173,
			0.43968175201144134, 0.43597082203109272, 1.182202331965271,
			0.17970200007978562, 0.040681807002364085,
			2.3333423509702389e-19
		}
	},
	{
		CLV_BGNBD, {2, 5000, 2, 5},
		{4, 3, 4}, 1, 0.0009765625,
		{
			0.79980806528018146, 0.00095888053530606912,
			0.00095905850413285212, 0.99904166793147145,
			0.20019193471981854, 0.79535416934421735,
			0.00095778384523476667, 3.16984163437924e-17,
			3.9454491989542028e-144
		}
	},
	{
		CLV_MBGNBD, {0.525, 6.183, 0.891, 1.614},
		{2, 30.43, 38.86}, 39, 0.0027,
		{
			0.70620226511848728, 1.2629606232673657, 2.6311446699128964,
			0.44000590917770685, 0.29379773488151272, 4.9130273191279829,
			0.23422405642628645, 0.024376067466719024,
			1.9709242667727899e-13
		}
	},
	{
		CLV_MBGNBD, {0.525, 6.183, 0.891, 1.614},
		{0, 0, 38.86}, 39, 0.0027,
		{
			0.3897350809187629, 0.15401274667514669, 0.26812216419832915,
			0.89117060122253188, 0.6102649190812371, 0.72283633828683542,
			0.078704132912308732, 0.00076607808748823052,
			1.1231051014383565e-16
		}
	},
	{
		CLV_MBGNBD, {0.525, 6.183, 0.891, 1.614},
		{0, 0, 0}, 104, 0.0027,
		{
			0.64431137724550899, 2.1150012343751629, 21.012401210643039,
			0.49771376839884079, 0.35568862275449101, 3.2801360231894717,
			0.18017341616243156, 0.026705894269418831,
			0.00015699995351005675
		}
	},
	{
		CLV_MBGNBD, {0.525, 6.183, 1, 1.614},
		{10, 38, 38.86}, 1000, 0.0027,
		{
			0.90459149170569506, 33.825638148268831, 3368.7894728509064,
			0.095408508294308783, 0.095408508294304942, 19.604365327021937,
			0.066445680307490761, 0.03899178589969365, 0.0042025052265572952
		}
	},
	{
		CLV_MBGNBD, {10, 0.5, 0.75, 0.125},
		{0, 0, 0.5}, 20000, 0.001,
		{
			0.00016273393002441009, 0.013236032050131191,
			1132.0498639124382, 0.99983726606997559, 0.99983726606997559,
			0.0053477526058294738, 6.5093572009764036e-5,
			6.2868266959662426e-6, 1.9006259726794879e-7
		}
	},
	{
		CLV_MBGNBD, {0.25, 1000, 1.25, 0.0625},
		{1, 1, 3}, 40, 3,
		{
			0.45883987038830081, 0.022494628423842502, 0.023235389137566058,
			0.97811031621736742, 0.54116012961169919,
			0.00019055768999722948, 0.021302603368459419,
			1.6825726262361745e-8, 6.9296244184040632e-59
		}
	},
	{
		CLV_MBGNBD, {3, 2, 5, 0.25},
		{300, 100, 101}, 6, 0.0027,
		{
			0.75750637651783201, 11.640361245532527, 69.42180339710925,
			0.24249365032550493, 0.24249362348216799, 53.028122811137245,
			0.012367891014567976, 0.01170697499628389, 1.6545831515894199e-6
		}
	},
	{
		CLV_PARETONBD, {0.55, 10.58, 0.61, 11.67},
		{26, 30.86, 31}, 52, 0.0027,
		{
			0.99790507257603924, 25.411499383315938, 185.11459033401891,
			0.023966822682171036, 0.023966822416287793, 85.551554156189922,
			0.020649545587169522, 0.016716537388628452, 0.019530654444992617
		}
	},
	{
		CLV_PARETONBD, {0.55, 10.58, 0.61, 11.67},
		{0, 0, 0}, 104, 0.0027,
		{
			1.0, 2.2496896359388231, 24.188645451214169,
			0.54437282031676641, 0.51272306702120036, 3.898055551176529,
			0.1490365104759668, 0.025168877010519303, 0.00018614765725189472
		}
	},
	{
		CLV_PARETONBD, {0.55, 10.58, 1, 11.67},
		{2, 30.43, 38.86}, 39, 0.0027,
		{
			0.79468780547267328, 1.1847004781592812, 2.7842085433139156,
			0.4997566752438205, 0.42644037786000905, 3.6715281212941171,
			0.19817915662536715, 0.024836000777687767,
			1.4389714144249837e-13
		}
	},
	{
		CLV_PARETONBD, {0.55, 10.58, 0.9999999990686774, 10.58},
		{0, 0, 20}, 39, 0.0027,
		{
			0.27042416316964612, 0.12227824369918338, 0.31629036218090224,
			0.93087508076451256, 0.9040430388176308, 0.32271977231961048,
			0.041277396183307171, 0.0015087901697016681,
			8.0279474618562138e-13
		}
	},
	{
		CLV_PARETONBD, {0.55, 0.0078125, 0.61, 2000},
		{3, 1, 1.5}, 39, 0.0027,
		{
			0.9996767941042768, 91.252193153514988, 2482.4208063799085,
			0.00051151842395469929, 0.00050321819276160866,
			793.80266678561818, 0.00020823985157823577,
			0.00043291485378450026, 0.0071950485645905495
		}
	},
	{
		CLV_PARETONBD, {0.55, 2000, 0.61, 0.0078125},
		{1, 1, 1.5}, 39, 0.0027,
		{
			0.78207691595894606, 0.006109129302116393, 0.006290547178912576,
			0.99399803906177489, 0.97541644991259335, 0.015509467854674181,
			0.0058969486879824602, 8.712620512362338e-10,
			1.6032486379208632e-69
		}
	},
	{
		CLV_PARETONBD, {20, 4, 30, 6},
		{1, 2, 3}, 5, 0.25,
		{
			0.0022091018712124685, 0.0020567444139851131,
			0.0062077950029366931, 0.99895628863837337, 0.99895628863835229,
			0.0019041545646737583, 0.00053971018103777272,
			3.0623648056392857e-5, 3.0916302999983834e-13
		}
	},
	{
		CLV_PARETONBD, {0.03125, 1, 0.015625, 1},
		{0, 0, 0}, 5000, 0.01,
		{
			1.0, 138.94704754338461, 691655.05825933051,
			0.78054739536614239, 0.33333333333333333, 2.932568110598509,
			0.02392155896535301, 0.0049762339534012054,
			0.00063767094288115085
		}
	},
	{
		CLV_PARETONBD, {5, 20, 2, 100},
		{400, 70, 72}, 13, 0.0027,
		{
			0.04849748885962791, 2.5803969425089215, 140.3634617499185,
			0.95163042091439222, 0.95163042091439222, 20.295149989460686,
			0.00012740383113467006, 0.00012540656281054977,
			0.00029944281115456211
		}
	},
	{
		CLV_PARETONBD, {1, 16, 8, 2},
		{9, 5, 5.5}, 1000000, 0.0027,
		{
			0.54341866349164173, 0.27080664293603408, 0.54385099487965349,
			0.82866166308585444, 0.82866166308585444, 0.26989635349036847,
			0.11172638970863023, 0.0021706506248685123,
			1.9846814417113485e-9
		}
	},
	{
		CLV_PARETONBD, {0.5, 3, 2, 8},
		{12, 9, 10}, 0.0009765625, 100,
		{
			0.82663552374246899, 0.00077617063394687422,
			0.00077635531103773086, 0.99922422278217417,
			0.26046272193206737, 0.0079396016080899115,
			0.00077538394451408571, 1.0297540979666063e-17,
			8.8217951245492081e-155
		}
	}
};

static const char *const kinds[] = {"BG/NBD", "MBG/NBD", "Pareto/NBD"};

static bool
close_to(double got, double expected, double tolerance)
{
	bool		result = fabs(got - expected) <= tolerance * fabs(expected);

	if (!result)
		printf("# got %.17g, expected %.17g\n", got, expected);
	return result;
}

/* one row of known values, relative to them within 2e-14 */
static void
test_known(const Known *row)
{
	ClvArrivals model;
	double		pmf[MAX_PMF];
	double		got[9];
	bool		good;
	char		what[100];
	int			i;

	good = clv_arrivals_init(&model, row->kind, row->p) == CLV_OK &&
		clv_arrivals_p_alive(&model, row->customer, &got[0]) == CLV_OK &&
		clv_arrivals_moments(&model, row->customer, row->horizon, &got[1],
							 &got[2]) == CLV_OK &&
		clv_arrivals_none(&model, row->customer, row->horizon,
						  &got[3]) == CLV_OK &&
		clv_arrivals_never(&model, row->customer, &got[4]) == CLV_OK &&
		clv_arrivals_dert(&model, row->customer, row->rate,
						  &got[5]) == CLV_OK &&
		clv_arrivals_probabilities(&model, row->customer, row->horizon,
								   MAX_PMF, pmf) == CLV_OK;
	if (good)
	{
		got[6] = pmf[1];
		got[7] = pmf[5];
		got[8] = pmf[40];
		for (i = 0; i < 9; i++)
			good = close_to(got[i], row->value[i], 2e-14) && good;
		good = close_to(pmf[0], row->value[3], 2e-14) && good;
	}
	snprintf(what, sizeof(what), "%s, x = %g, t_x = %g, T = %g, t = %g",
			 kinds[row->kind], row->customer.x, row->customer.t_x,
			 row->customer.T, row->horizon);
	ok(good, what);
}

/* as printed in papers and manuals */
static void
test_published(void)
{
	static const double bgnbd[] = {0.243, 4.414, 0.793, 2.426};
	static const double btyd[] = {0.5534, 10.5802, 0.6061, 11.6562};
	static const double manual[] = {0.55, 10.56, 0.61, 11.64};
	static const ClvCustomer fader = {2, 30.43, 38.86};
	static const ClvCustomer loyal = {26, 30.86, 31};
	static const ClvCustomer new = {0, 0, 0};
	static const double year = 52.0;
	static const double quarters = 39.0;
	static const double week = 1.0;
	ClvArrivals model;
	double		pmf[12];
	double		value;

	clv_arrivals_init(&model, CLV_BGNBD, bgnbd);
	clv_arrivals_expected(&model, fader, &quarters, 1, &value);
	ok(fabs(value - 1.226) < 0.0005,
	   "Fader, Hardie & Lee: 1.226 orders in 39 weeks");
	clv_arrivals_probabilities(&model, new, 39, 1, pmf);
	ok(fabs(pmf[0] - 0.5737864) < 5e-8, "BTYD manual: P(X(39) = 0)");
	clv_arrivals_probabilities(&model, new, 30, 12, pmf);
	ok(fabs(pmf[11] - 0.0019995214) < 5e-11, "BTYD manual: P(X(30) = 11)");
	clv_arrivals_probabilities(&model, new, 2, 11, pmf);
	ok(fabs(pmf[10] - 1.07869e-07) < 5e-13, "BTYD manual: P(X(2) = 10)");

	clv_arrivals_init(&model, CLV_PARETONBD, btyd);
	clv_arrivals_p_alive(&model, loyal, &value);
	ok(fabs(value - 0.9979) < 5e-5, "BTYD vignette: P(alive) of 26 orders");
	clv_arrivals_expected(&model, loyal, &year, 1, &value);
	ok(fabs(value - 25.46) < 0.01, "BTYD vignette: 25.46 orders in a year");
	clv_arrivals_init(&model, CLV_PARETONBD, manual);
	clv_arrivals_expected(&model, new, &week, 1, &value);
	ok(fabs(value - 0.05077821) < 5e-9, "BTYD manual: E X(1)");
}

/* what arguments are refused, and how */
static void
test_domain(void)
{
	static const double good[] = {0.5, 10, 0.7, 12};
	static const double bad[][4] = {
		{0, 1, 1, 1}, {1, -1, 1, 1}, {1, 1, NAN, 1}, {1, 1, 1, INFINITY},
		{1, 1, 1e-13, 1}, {1, 1e13, 1, 1}
	};
	static const ClvCustomer strange[] = {
		{-1, 1, 2}, {1, 3, 2}, {1, -1, 2}, {0, 1, 2}, {1.5, 1, 2}, {NAN, 1, 2},
		{1, NAN, 2}, {1, 1, NAN}, {1, 1, INFINITY}, {2e6, 1, 2}, {1, 1, 2e7}
	};
	static const ClvCustomer usual = {1, 1, 2};
	static const double falling[] = {2, 1};
	static const double rates[] = {-1, NAN, INFINITY, 1e-13, 1e13};
	ClvArrivals model;
	double		result[2];
	bool		refused = true;
	int			i;

	for (i = 0; i < 6; i++)
		refused = refused && clv_arrivals_init(&model, CLV_BGNBD, bad[i]) ==
			CLV_OUT_OF_DOMAIN;
	ok(refused && clv_arrivals_init(&model, CLV_GAMMAGAMMA, good) ==
	   CLV_OUT_OF_DOMAIN, "parameters out of bounds are refused");
	clv_arrivals_init(&model, CLV_MBGNBD, good);
	for (i = 0; i < 11; i++)
		refused = refused &&
			clv_arrivals_p_alive(&model, strange[i], result) ==
			CLV_OUT_OF_DOMAIN &&
			clv_arrivals_log_likelihood(&model, strange[i], result) ==
			CLV_OUT_OF_DOMAIN &&
			clv_arrivals_expected(&model, strange[i], good, 1, result) ==
			CLV_OUT_OF_DOMAIN &&
			clv_arrivals_never(&model, strange[i], result) ==
			CLV_OUT_OF_DOMAIN &&
			clv_arrivals_next(&model, strange[i], 0.5, result) ==
			CLV_OUT_OF_DOMAIN;
	ok(refused, "customers that cannot be are refused");
	ok(clv_arrivals_expected(&model, usual, falling, 2, result) ==
	   CLV_OUT_OF_DOMAIN, "horizons that fall are refused");
	for (i = 0; i < 5; i++)
		refused = refused && clv_arrivals_dert(&model, usual, rates[i],
											   result) == CLV_OUT_OF_DOMAIN;
	for (i = 0; i < 3; i++)
		refused = refused && clv_arrivals_none(&model, usual, rates[i],
											   result) == CLV_OUT_OF_DOMAIN;
	ok(refused, "rates and horizons out of bounds are refused");
	ok(clv_arrivals_probabilities(&model, usual, 1,
								  CLV_MAX_ORDER_PROBABILITIES + 1,
								  result) == CLV_LIMIT_EXCEEDED,
	   "too many probabilities are refused");
	ok(clv_arrivals_dert(&model, usual, 0, result) == CLV_INFINITE,
	   "without discount, what is to come is infinite for a <= 1");
}

int
main(void)
{
	size_t		i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		test_known(&known[i]);
	test_published();
	test_domain();
	return done_testing();
}
