/*
 * optimize.c
 *		The maximum of a smooth function of one to 64 unknowns in a box.
 *
 * Newton's method in a trust region (Conn, Gould & Toint, "Trust-Region
 * Methods", 2000).  With so few unknowns the eigenvectors of the Hessian cost
 * next to nothing compared with an evaluation, and with them the best step
 * within the region is exact whatever the curvature: chapter 7.3.
 *
 * Bounds are handled by an active set.  An unknown at its bound whose slope
 * points beyond it is held fixed; if a step hits another bound, that unknown
 * is set to it and the step is recomputed in the others.
 *
 * Near the maximum of a sum over millions of customers a step gains less than
 * the rounding of the sum.  There the gradient decides whether the step was
 * good.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "math/optimize.h"

#define N	CLV_MAX_UNKNOWNS

#define FIRST_RADIUS	1.0
#define LARGEST_RADIUS	8.0
#define SMALLEST_RADIUS 1e-13

/*
 * The difference of two sums of log-likelihoods may be off by this part of
 * them: rounding errors of similar customers add up.
 */
#define VALUE_NOISE		(256.0 * DBL_EPSILON)

/* a gain below this is not significant */
#define NO_GAIN			(8.0 * DBL_EPSILON)

/*
 * An eigenvalue below this part of the largest may be rounding.  Squared
 * correlation coefficients differ from 1 by no less.
 */
#define FLAT			1e-13

/* rounding hides a step of at most this, near enough to a maximum */
#define SHORT_STEP		1e-3

/* eigenvalues and -vectors of a symmetric matrix of order n */
typedef struct Eigen
{
	int			n;
	double		value[N];
	double		vector[N][N];	/* [k] belongs to value[k] */
} Eigen;

/*
 * Turn rows and columns p and q of a so that a[p][q] becomes 0: a rotation of
 * Jacobi (Golub & Van Loan, "Matrix Computations", 8.5).
 */
static void
rotate(double a[N][N], Eigen *eigen, int p, int q)
{
	double		tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
	double		t = (tau >= 0.0 ? 1.0 : -1.0) / (fabs(tau) + hypot(1.0, tau));
	double		c = 1.0 / sqrt(1.0 + t * t);
	double		s = t * c;
	double		pq = a[p][q];
	int			k;

	a[p][p] -= t * pq;
	a[q][q] += t * pq;
	a[p][q] = a[q][p] = 0.0;
	for (k = 0; k < eigen->n; k++)
	{
		double		x = eigen->vector[p][k];
		double		y = eigen->vector[q][k];

		eigen->vector[p][k] = c * x - s * y;
		eigen->vector[q][k] = s * x + c * y;
		if (k == p || k == q)
			continue;
		x = a[k][p];
		y = a[k][q];
		a[k][p] = a[p][k] = c * x - s * y;
		a[k][q] = a[q][k] = s * x + c * y;
	}
}

static void
find_eigen(Eigen *eigen, int n, double a[N][N])
{
	int			sweep;
	int			p;
	int			q;

	eigen->n = n;
	for (p = 0; p < n; p++)
	{
		memset(eigen->vector[p], 0, sizeof(double) * (size_t) n);
		eigen->vector[p][p] = 1.0;
	}

	/* it converges quadratically; about five sweeps are enough */
	for (sweep = 0; sweep < 30; sweep++)
	{
		bool		done = true;

		for (p = 0; p < n; p++)
		{
			for (q = p + 1; q < n; q++)
			{
				double		least = 1e-3 * DBL_EPSILON *
					sqrt(fabs(a[p][p])) * sqrt(fabs(a[q][q]));

				if (fabs(a[p][q]) <= fmax(least, DBL_MIN))
					continue;
				rotate(a, eigen, p, q);
				done = false;
			}
		}
		if (done)
			break;
	}
	for (p = 0; p < n; p++)
		eigen->value[p] = a[p][p];
}

/* length of the step along each eigenvector that the multiplier mu gives */
static double
step_length(const Eigen *eigen, const double *along, double mu,
			double *lengths)
{
	double		sum = 0.0;
	int			k;

	for (k = 0; k < eigen->n; k++)
	{
		double		d = mu - eigen->value[k];

		lengths[k] = along[k] == 0.0 ? 0.0 : along[k] / d;
		sum = hypot(sum, lengths[k]);
	}
	return sum;
}

/*
 * The step s within the radius with the largest g's + s'As / 2.
 *
 * It solves (mu - A) s = g for a mu >= 0 not below any eigenvalue, where
 * mu = 0 or |s| = radius (Conn, Gould & Toint, theorem 7.2.1).  |s| falls as
 * mu rises, so that bisection finds it.
 */
static void
model_step(const Eigen *eigen, const double *gradient, double radius,
		   double *step)
{
	int			n = eigen->n;
	double		along[N];
	double		lengths[N];
	double		norm = 0.0;
	double		low = 0.0;
	double		high;
	double		length;
	int			top = 0;
	int			i;
	int			k;

	if (n == 0)
		return;
	for (k = 0; k < n; k++)
	{
		along[k] = 0.0;
		for (i = 0; i < n; i++)
			along[k] += eigen->vector[k][i] * gradient[i];
		norm = hypot(norm, along[k]);
		if (eigen->value[k] > eigen->value[top])
			top = k;
	}

	if (eigen->value[top] >= 0.0 ||
		step_length(eigen, along, 0.0, lengths) > radius)
	{
		if (eigen->value[top] > 0.0)
			low = eigen->value[top];
		high = low + norm / radius;
		for (i = 0; i < 200; i++)
		{
			double		middle = low + (high - low) / 2.0;

			if (middle <= low || middle >= high)
				break;
			if (step_length(eigen, along, middle, lengths) > radius)
				low = middle;
			else
				high = middle;
		}
		length = step_length(eigen, along, high, lengths);
		if (!isfinite(lengths[top]) || norm == 0.0)
		{
			for (k = 0; k < n; k++)
				lengths[k] = 0.0;
			length = 0.0;
		}

		/*
		 * The hard case: there is no slope in the direction of largest upward
		 * curvature.  Go along it as far as allowed.
		 */
		if (eigen->value[top] > 0.0 && length < 0.99 * radius)
		{
			double		rest = sqrt((radius - length) * (radius + length));

			lengths[top] += lengths[top] < 0.0 ? -rest : rest;
		}
	}

	for (i = 0; i < n; i++)
	{
		step[i] = 0.0;
		for (k = 0; k < n; k++)
			step[i] += lengths[k] * eigen->vector[k][i];
	}
}

/* the eigenvalues and -vectors by the unknowns that are not in "out" */
static void
free_eigen(const ClvOptimizer *o, uint64_t out, Eigen *eigen, int *unknown)
{
	double		a[N][N];
	int			n = 0;
	int			i;
	int			j;

	for (i = 0; i < o->n; i++)
	{
		if ((out >> i & 1) == 0)
			unknown[n++] = i;
	}
	for (i = 0; i < n; i++)
	{
		for (j = 0; j < n; j++)
			a[i][j] = o->at_best.hessian[unknown[i]][unknown[j]];
	}
	find_eigen(eigen, n, a);
}

static double
model_gain(const ClvOptimizer *o, const double *step)
{
	double		gain = 0.0;
	int			i;
	int			j;

	for (i = 0; i < o->n; i++)
	{
		double		slope = o->at_best.gradient[i];

		for (j = 0; j < o->n; j++)
			slope += 0.5 * o->at_best.hessian[i][j] * step[j];
		gain += slope * step[i];
	}
	return gain;
}

/* how far an unknown may go in the direction of a step */
static double
room_towards(const ClvOptimizer *o, int i, double step)
{
	return (step > 0.0 ? o->upper[i] : o->lower[i]) - o->best[i];
}

/*
 * The part of "step" at which it hits the first bound; 1, and -1 in *first,
 * if it hits none.
 */
static double
first_bound(const ClvOptimizer *o, uint64_t out, const double *step,
			int *first)
{
	double		part = 1.0;
	int			i;

	*first = -1;
	for (i = 0; i < o->n; i++)
	{
		double		room = fabs(room_towards(o, i, step[i]));
		double		length = fabs(step[i]);

		if ((out >> i & 1) == 0 && length > room && room / length < part)
		{
			part = room / length;
			*first = i;
		}
	}
	return part;
}

/*
 * Choose the step, within the radius and, where it hits bounds, along them.
 */
static void
choose_step(ClvOptimizer *o, double radius)
{
	double		straight[N] = {0.0};
	double		straight_part = 1.0;
	double		step[N] = {0.0};
	uint64_t	out = o->fixed;
	int			first;
	int			i;
	int			k;

	for (;;)
	{
		Eigen		eigen;
		int			unknown[N];
		double		gradient[N] = {0.0};
		double		free_step[N] = {0.0};
		double		part;

		free_eigen(o, out, &eigen, unknown);
		for (k = 0; k < eigen.n; k++)
		{
			const double *row = o->at_best.hessian[unknown[k]];

			/* those set to a bound have changed the slopes of the others */
			gradient[k] = o->at_best.gradient[unknown[k]];
			for (i = 0; i < o->n; i++)
			{
				if ((out >> i & 1) != 0)
					gradient[k] += row[i] * step[i];
			}
		}
		model_step(&eigen, gradient, radius, free_step);
		for (k = 0; k < eigen.n; k++)
			step[unknown[k]] = free_step[k];

		part = first_bound(o, out, step, &first);
		if (out == o->fixed)
		{
			memcpy(straight, step, sizeof(straight));
			straight_part = part;
		}
		if (first < 0)
			break;
		step[first] = room_towards(o, first, step[first]);
		out |= UINT64_C(1) << first;
	}

	/* along a straight step the model rises from start to end */
	for (i = 0; i < o->n; i++)
		straight[i] *= straight_part;
	o->predicted = model_gain(o, step);
	if (!(o->predicted >= model_gain(o, straight)))
	{
		memcpy(step, straight, sizeof(step));
		o->predicted = model_gain(o, step);
	}
	memcpy(o->step, step, sizeof(step));

	for (i = 0; i < o->n; i++)
	{
		double		x = o->best[i] + step[i];

		/* exactly at the bound, without a rounding error */
		if (x - o->lower[i] <= 4.0 * DBL_EPSILON * fabs(o->lower[i]))
			x = o->lower[i];
		if (o->upper[i] - x <= 4.0 * DBL_EPSILON * fabs(o->upper[i]))
			x = o->upper[i];
		o->point[i] = x;
	}
}

/* everything about the best point that decisions depend on */
static void
examine_best(ClvOptimizer *o)
{
	Eigen		eigen;
	int			unknown[N];
	double		gradient[N] = {0.0};
	double		step[N] = {0.0};
	double		largest = 0.0;
	int			i;
	int			k;

	o->fixed = 0;
	for (i = 0; i < o->n; i++)
	{
		double		slope = o->at_best.gradient[i];

		if ((o->best[i] <= o->lower[i] && slope <= 0.0) ||
			(o->best[i] >= o->upper[i] && slope >= 0.0))
			o->fixed |= UINT64_C(1) << i;
	}

	free_eigen(o, o->fixed, &eigen, unknown);
	o->gradient_norm = 0.0;
	o->curved = true;
	for (k = 0; k < eigen.n; k++)
	{
		gradient[k] = o->at_best.gradient[unknown[k]];
		if (fabs(gradient[k]) > o->gradient_norm)
			o->gradient_norm = fabs(gradient[k]);
		if (-eigen.value[k] > largest)
			largest = -eigen.value[k];
	}
	for (k = 0; k < eigen.n; k++)
	{
		if (!(eigen.value[k] < -FLAT * largest))
			o->curved = false;
	}

	memset(o->newton, 0, sizeof(o->newton));
	o->decrement = INFINITY;
	if (!o->curved)
		return;
	model_step(&eigen, gradient, INFINITY, step);
	o->decrement = 0.0;
	for (k = 0; k < eigen.n; k++)
	{
		o->newton[unknown[k]] = step[k];
		o->decrement += 0.5 * step[k] * gradient[k];
	}
}

static double
longest(const double *step, int n)
{
	double		result = 0.0;
	int			i;

	for (i = 0; i < n; i++)
	{
		if (fabs(step[i]) > result)
			result = fabs(step[i]);
	}
	return result;
}

static double
length_of(const double *step, int n)
{
	double		result = 0.0;
	int			i;

	for (i = 0; i < n; i++)
		result = hypot(result, step[i]);
	return result;
}

/* possible rounding error of the difference of two values */
static double
noise(const ClvOptimizer *o)
{
	return VALUE_NOISE * fabs(o->at_best.value);
}

static bool
is_finite(const ClvEvaluation *evaluation, int n)
{
	int			i;
	int			j;
	double		sum = evaluation->value;

	for (i = 0; i < n; i++)
	{
		sum += evaluation->gradient[i];
		for (j = 0; j < n; j++)
			sum += evaluation->hessian[i][j];
	}
	return isfinite(sum);
}

/* no step is left with a measurable gain */
static ClvOptimizerState
give_up(const ClvOptimizer *o)
{
	if (o->curved && o->decrement <= NO_GAIN * fabs(o->at_best.value) &&
		longest(o->newton, o->n) <= SHORT_STEP)
		return CLV_OPTIMIZER_CONVERGED;
	return CLV_OPTIMIZER_STALLED;
}

ClvOptimizerState
clv_optimizer_start(ClvOptimizer *optimizer, int n, const double *start,
					const double *lower, const double *upper)
{
	int			i;

	memset(optimizer, 0, sizeof(*optimizer));
	optimizer->n = n;
	optimizer->gradient_tolerance = 1e-7;
	optimizer->step_tolerance = 1e-8;
	optimizer->radius = FIRST_RADIUS;
	for (i = 0; i < n; i++)
	{
		optimizer->lower[i] = lower[i];
		optimizer->upper[i] = upper[i];
		optimizer->point[i] = fmin(fmax(start[i], lower[i]), upper[i]);
		optimizer->best[i] = optimizer->point[i];
	}
	optimizer->at_best.value = -INFINITY;
	return CLV_OPTIMIZER_EVALUATE;
}

/* is the point just evaluated better than the best? */
static bool
is_better(const ClvOptimizer *o, const ClvEvaluation *evaluation)
{
	double		gain = evaluation->value - o->at_best.value;
	ClvOptimizer other;

	if (o->predicted > noise(o))
		return gain > 0.0;
	if (gain < -noise(o))
		return false;

	/* the values cannot decide */
	other = *o;
	memcpy(other.best, o->point, sizeof(other.best));
	other.at_best = *evaluation;
	examine_best(&other);
	if (!other.curved || other.gradient_norm == o->gradient_norm)
		return gain > 0.0;
	return !o->curved || other.gradient_norm < o->gradient_norm;
}

/* update after a step to where the function is "evaluation", taken or not */
static void
adjust_radius(ClvOptimizer *o, const ClvEvaluation *evaluation, bool taken)
{
	double		gain = evaluation->value - o->at_best.value;
	double		length = length_of(o->step, o->n);

	if (!taken || (o->predicted > noise(o) && gain < 0.25 * o->predicted))
		o->radius = 0.25 * length;
	else if (gain > 0.75 * o->predicted && length > 0.9 * o->radius)
		o->radius = fmin(3.0 * o->radius, LARGEST_RADIUS);
}

/*
 * clv_optimizer_next
 *		Process the function at "point", and return what to do next.
 */
ClvOptimizerState
clv_optimizer_next(ClvOptimizer *optimizer, const ClvEvaluation *evaluation)
{
	ClvOptimizer *o = optimizer;
	bool		first = o->evaluations++ == 0;
	bool		finite = is_finite(evaluation, o->n);
	bool		better;

	if (first && !finite)
		return CLV_OPTIMIZER_STALLED;
	better = first || (finite && is_better(o, evaluation));
	if (!first)
	{
		adjust_radius(o, evaluation, better);
		if (!better &&
			(o->predicted <= noise(o) || o->radius < SMALLEST_RADIUS))
			return give_up(o);
	}
	if (better)
	{
		memcpy(o->best, o->point, sizeof(o->best));
		o->at_best = *evaluation;
		examine_best(o);
	}

	if (o->gradient_norm <= o->gradient_tolerance && o->curved &&
		longest(o->newton, o->n) <= o->step_tolerance)
		return CLV_OPTIMIZER_CONVERGED;

	choose_step(o, o->radius);
	if (memcmp(o->point, o->best, sizeof(o->point[0]) * (size_t) o->n) == 0)
		return give_up(o);

	/* steps whose gain is hidden by rounding must not become tiny */
	if (o->predicted <= noise(o) && o->curved)
		choose_step(o, LARGEST_RADIUS);

	return CLV_OPTIMIZER_EVALUATE;
}

void
clv_optimizer_suggest(ClvOptimizer *optimizer, const double *point,
					  double gain)
{
	int			i;

	for (i = 0; i < optimizer->n; i++)
	{
		optimizer->point[i] = point[i];
		optimizer->step[i] = point[i] - optimizer->best[i];
	}
	optimizer->predicted = fmax(optimizer->predicted, gain);
}

uint64_t
clv_optimizer_at_bound(const ClvOptimizer *optimizer)
{
	uint64_t	result = 0;
	int			i;

	for (i = 0; i < optimizer->n; i++)
	{
		if (optimizer->best[i] <= optimizer->lower[i] ||
			optimizer->best[i] >= optimizer->upper[i])
			result |= UINT64_C(1) << i;
	}
	return result;
}

bool
clv_optimizer_covariance(int n, uint64_t fixed,
						 double hessian[][CLV_MAX_UNKNOWNS],
						 double covariance[][CLV_MAX_UNKNOWNS])
{
	double		a[N][N];
	double		scale[N];
	int			unknown[N];
	int			m = 0;
	Eigen		eigen;
	int			i;
	int			j;
	int			k;

	for (i = 0; i < n; i++)
	{
		if ((fixed >> i & 1) != 0)
			continue;
		if (!(hessian[i][i] < 0.0))
			return false;
		scale[m] = 1.0 / sqrt(-hessian[i][i]);
		unknown[m++] = i;
	}

	/* of correlations, so that different scales do not look like flatness */
	for (i = 0; i < m; i++)
	{
		for (j = 0; j < m; j++)
			a[i][j] = -hessian[unknown[i]][unknown[j]] * scale[i] * scale[j];
	}
	find_eigen(&eigen, m, a);
	for (k = 0; k < m; k++)
	{
		if (!(eigen.value[k] > FLAT))
			return false;
	}

	for (i = 0; i < n; i++)
	{
		for (j = 0; j < n; j++)
			covariance[i][j] = 0.0;
	}
	for (i = 0; i < m; i++)
	{
		for (j = 0; j < m; j++)
		{
			double		sum = 0.0;

			for (k = 0; k < m; k++)
			{
				sum += eigen.vector[k][i] * eigen.vector[k][j] /
					eigen.value[k];
			}
			covariance[unknown[i]][unknown[j]] = sum * scale[i] * scale[j];
		}
	}
	return true;
}
