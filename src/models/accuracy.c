/*
 * accuracy.c
 *		How far predictions are from actual outcomes.
 */
#include "models/accuracy.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/float.h"

/* a total order, so that sums do not depend on the order of the input */
static inline int
compare_actual(const ClvOutcome *a, const ClvOutcome *b)
{
	if (a->actual != b->actual)
		return a->actual < b->actual ? -1 : 1;
	return a->predicted < b->predicted ? -1 : a->predicted > b->predicted;
}

static inline int
compare_predicted(const ClvOutcome *a, const ClvOutcome *b)
{
	if (a->predicted != b->predicted)
		return a->predicted < b->predicted ? -1 : 1;
	return a->actual < b->actual ? -1 : a->actual > b->actual;
}

#define ST_SORT sort_by_actual
#define ST_ELEMENT_TYPE ClvOutcome
#define ST_COMPARE(a, b) compare_actual(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_by_predicted
#define ST_ELEMENT_TYPE ClvOutcome
#define ST_COMPARE(a, b) compare_predicted(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * Spearman's correlation: Pearson's of the ranks, where equal values share
 * their mean rank.  Ranks by actual are in "rank"; the outcomes are in the
 * order of their predictions.
 */
static double
rank_correlation(const ClvOutcome *outcomes, uint64 n)
{
	double		mean = ((double) n + 1) / 2;
	double		xy = 0;
	double		xx = 0;
	double		yy = 0;
	uint64		i = 0;

	while (i < n)
	{
		uint64		end = i;
		double		x;

		while (end < n && outcomes[end].predicted == outcomes[i].predicted)
			end++;
		x = ((double) i + 1 + (double) end) / 2 - mean;
		for (; i < end; i++)
		{
			double		y = outcomes[i].rank - mean;

			xy += x * y;
			xx += x * x;
			yy += y * y;
		}
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx) / sqrt(yy) : get_float8_nan();
}

/*
 * The share of the actual total that came from the tenth with the highest
 * predictions; customers with equal predictions at its boundary each count in
 * part.
 */
static double
top_capture(const ClvOutcome *outcomes, uint64 n, double total)
{
	double		left = (double) n / 10;
	double		caught = 0;
	uint64		end = n;

	while (left > 0 && end > 0)
	{
		uint64		i = end;
		double		sum = 0;
		double		part;

		while (i > 0 && outcomes[i - 1].predicted == outcomes[end - 1].predicted)
			sum += outcomes[--i].actual;
		part = Min(1, left / (double) (end - i));
		caught += part * sum;
		left -= (double) (end - i);
		end = i;
	}
	return total > 0 ? caught / total : get_float8_nan();
}

/* reorders the outcomes */
void
clv_accuracy(ClvOutcome *outcomes, uint64 n, ClvAccuracy *accuracy)
{
	uint64		i = 0;
	double		squares = 0;

	memset(accuracy, 0, sizeof(ClvAccuracy));
	sort_by_actual(outcomes, n);
	while (i < n)
	{
		uint64		end = i;
		double		rank;

		while (end < n && outcomes[end].actual == outcomes[i].actual)
			end++;
		rank = ((double) i + 1 + (double) end) / 2;
		for (; i < end; i++)
		{
			outcomes[i].rank = rank;
			/* in an order that does not depend on predictions */
			accuracy->actual += outcomes[i].actual;
		}
	}
	sort_by_predicted(outcomes, n);
	for (i = 0; i < n; i++)
	{
		double		error = outcomes[i].predicted - outcomes[i].actual;

		accuracy->predicted += outcomes[i].predicted;
		accuracy->mae += fabs(error);
		squares += error * error;
	}
	accuracy->mean_error = (accuracy->predicted - accuracy->actual) / (double) n;
	accuracy->mae /= (double) n;
	accuracy->rmse = sqrt(squares / (double) n);
	accuracy->rank_correlation = rank_correlation(outcomes, n);
	accuracy->top_capture = top_capture(outcomes, n, accuracy->actual);
}
