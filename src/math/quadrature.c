/*
 * quadrature.c
 *		Averages over beta and gamma distributions with any parameters.
 *
 * The trapezoidal rule over the whole line, for the logit of a beta and the
 * log of a gamma variable.  Their densities are log-concave there, and
 * analytic where the imaginary part is below pi / 2, and so are the kernels
 * of the models: the error falls as exp(-2 pi d / h) times the growth of the
 * integrand at the distance d from the real line (Trefethen & Weideman 2014,
 * "The Exponentially Convergent Trapezoidal Rule", SIAM Review 56(3),
 * theorem 5.1), whatever the parameters.
 *
 * With tiny parameters a density falls so slowly that it would take 1e12
 * points to reach its end.  But there it is a plain exponential, and the rest
 * of the sum a geometric series.
 *
 * Weights are relative to the one at the mode, from where the logs of both
 * are computed as differences, and divided by their sum.  So no beta or gamma
 * function is needed, whose relative error would grow with its argument, and
 * an error of a weight matters only in proportion to the distance of a kernel
 * from its mean.
 */
#include <math.h>

#include "math/quadrature.h"

const double clv_rule_node[CLV_RULE_NODES] = {
	0.0013680690752592181, 0.0071942442273658326, 0.017618872206246784,
	0.032546962031130153, 0.051839422116973941, 0.075316193133715015,
	0.10275810201602879, 0.13390894062985517, 0.16847786653489241,
	0.20614212137961885, 0.24655004553388529, 0.28932436193468231,
	0.33406569885893617, 0.38035631887393145, 0.42776401920860174,
	0.47584616715613082, 0.52415383284386918, 0.57223598079139826,
	0.61964368112606849, 0.66593430114106378, 0.71067563806531764,
	0.75344995446611474, 0.79385787862038115, 0.83152213346510762,
	0.86609105937014486, 0.89724189798397125, 0.92468380686628493,
	0.9481605778830261, 0.96745303796886983, 0.98238112779375319,
	0.99280575577263419, 0.99863193092474078
};

const double clv_rule_weight[CLV_RULE_NODES] = {
	0.0035093050047350482, 0.0081371973654528352, 0.012696032654631029,
	0.017136931456510716, 0.021417949011113342, 0.025499029631188087,
	0.029342046739267776, 0.032911111388180925, 0.036172897054424252,
	0.039096947893535156, 0.041655962113473381, 0.043826046502201906,
	0.045586939347881945, 0.046922199540402283, 0.04781936003963743,
	0.048270044257363899, 0.048270044257363899, 0.04781936003963743,
	0.046922199540402283, 0.045586939347881945, 0.043826046502201906,
	0.041655962113473381, 0.039096947893535156, 0.036172897054424252,
	0.032911111388180925, 0.029342046739267776, 0.025499029631188087,
	0.021417949011113342, 0.017136931456510716, 0.012696032654631029,
	0.0081371973654528352, 0.0035093050047350482
};

/* weights below this, relative to the mode, do not count */
#define NEGLIGIBLE		1e-19

/*
 * clv_trapezoid_step
 *		The distance of points for an integrand whose log has this second
 *		derivative (with the sign changed) at its maximum.
 *
 * The growth of the gamma density of that shape, cos(d)^-shape, is the
 * largest of those in question.  Any d is valid; this is close to the best
 * one.
 */
double
clv_trapezoid_step(double curvature)
{
	double		d = sqrt(64.0 / (curvature + 28.0));

	return 2.0 * 3.141592653589793 * d / (34.0 - curvature * log(cos(d)));
}

/* a power from 0 to 2 */
static double
raised(double x, int power)
{
	return power == 0 ? 1.0 : power == 1 ? x : x * x;
}

static void
put(ClvNodes *nodes, double at, double rest, double weight)
{
	if (nodes->n < CLV_MAX_NODES)
	{
		nodes->at[nodes->n] = at;
		nodes->rest[nodes->n] = rest;
		nodes->weight[nodes->n] = weight;
		nodes->n++;
	}
}

/*
 * put the downward part in front of the upward one, and normalize weights to
 * a sum of 1
 */
static void
finish(ClvNodes *nodes, int lower)
{
	double		sum = 0.0;
	int			i;

	for (i = 0; i < lower / 2; i++)
	{
		int			j = lower - 1 - i;
		double		at = nodes->at[i];
		double		rest = nodes->rest[i];
		double		weight = nodes->weight[i];

		nodes->at[i] = nodes->at[j];
		nodes->rest[i] = nodes->rest[j];
		nodes->weight[i] = nodes->weight[j];
		nodes->at[j] = at;
		nodes->rest[j] = rest;
		nodes->weight[j] = weight;
	}
	for (i = 0; i < nodes->n; i++)
		sum += nodes->weight[i];
	for (i = 0; i < nodes->n; i++)
		nodes->weight[i] /= sum;
}

/*
 * clv_beta_nodes
 *		Beta(a, b), for a kernel that is constant below "left" and within
 *		"right" of 1, does not increase, and grows towards 0 at most like the
 *		inverse of this power, 0 to 2.
 */
void
clv_beta_nodes(double a, double b, double left, double right, int power,
			   ClvNodes *nodes)
{
	double		p0 = a / (a + b);
	double		q0 = b / (a + b);
	double		h = clv_trapezoid_step(a * q0);
	double		plain = 1e-17 / (1.0 + a + b);
	int			lower = 0;
	int			direction;
	int			k;

	if (left > plain)
		left = plain;
	if (right > plain)
		right = plain;
	nodes->n = 0;
	for (direction = -1; direction <= 1; direction += 2)
	{
		for (k = direction < 0 ? 1 : 0; nodes->n < CLV_MAX_NODES - 1; k++)
		{
			double		delta = direction * k * h;
			double		odds = exp(delta);
			double		change = p0 * expm1(delta);
			double		sum = q0 + p0 * odds;
			double		p = p0 * odds / sum;
			double		q = q0 / sum;
			double		weight;

			weight = exp(a * delta - (a + b) *
						 (fabs(change) < 0.5 ? log1p(change) : log(sum)));
			put(nodes, p, q, weight);
			if (direction < 0)
			{
				if (weight * raised(p0 / p, power) < NEGLIGIBLE)
					break;
				if (p < left)
				{
					put(nodes, 0.0, 1.0, weight / expm1(a * h));
					break;
				}
			}
			else
			{
				if (weight < NEGLIGIBLE)
					break;
				if (q < right)
				{
					put(nodes, 1.0, 0.0, weight / expm1(b * h));
					break;
				}
			}
		}
		if (direction < 0)
			lower = nodes->n;
	}
	finish(nodes, lower);
}

/*
 * clv_gamma_nodes
 *		Gamma(shape, 1), for kernels as above.
 */
void
clv_gamma_nodes(double shape, double left, int power, ClvNodes *nodes)
{
	double		h = clv_trapezoid_step(shape);
	int			lower = 0;
	int			direction;
	int			k;

	if (left > 1e-17)
		left = 1e-17;
	nodes->n = 0;
	for (direction = -1; direction <= 1; direction += 2)
	{
		for (k = direction < 0 ? 1 : 0; nodes->n < CLV_MAX_NODES - 1; k++)
		{
			double		delta = direction * k * h;
			double		at = shape * exp(delta);
			double		weight = exp(shape * (delta - expm1(delta)));

			put(nodes, at, 0.0, weight);
			if (weight * (direction < 0 ? raised(shape / at, power) : 1.0) <
				NEGLIGIBLE)
				break;
			if (direction < 0 && at < left)
			{
				put(nodes, 0.0, 0.0, weight / expm1(shape * h));
				break;
			}
		}
		if (direction < 0)
			lower = nodes->n;
	}
	finish(nodes, lower);
}
