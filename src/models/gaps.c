/*
 * gaps.c
 *		The gaps between purchase days of all customers of a book.
 *
 * Models of regular buyers need the sum of their logarithms.  Kept as numbers
 * by length they can be added up exactly, whatever the order of rows, and are
 * few: no more than the book has days.  In operational time hardly two are of
 * the same length; there the logarithms are added up, in days and as whole
 * billionths, which is as exact.
 */
#include "models/gaps.h"

#include <math.h>

#include "common/int.h"

#include "history/history.h"

/* the logarithm of no gap is further from 0 */
#define MAX_LOG		50

#define MIN_SIZE	8

/* most gaps are short, so that their lengths themselves spread well */
static ClvGap *
find_slot(const ClvGaps *gaps, int64 days)
{
	uint64		mask = gaps->size - 1;
	uint64		i = (uint64) days & mask;

	while (gaps->slots[i].number != 0 && gaps->slots[i].days != days)
		i = (i + 1) & mask;
	return &gaps->slots[i];
}

static void
grow(ClvGaps *gaps)
{
	ClvGap	   *old = gaps->slots;
	uint64		size = gaps->size;
	uint64		i;

	gaps->size = size == 0 ? MIN_SIZE : size * 2;
	gaps->slots = MemoryContextAllocZero(gaps->context, gaps->size * sizeof(ClvGap));
	for (i = 0; i < size; i++)
	{
		if (old[i].number != 0)
			*find_slot(gaps, old[i].days) = old[i];
	}
	if (old != NULL)
		pfree(old);
}

void
clv_gaps_add(ClvGaps *gaps, int64 days, int64 number)
{
	ClvGap	   *slot;

	/* three quarters full */
	if (unlikely(gaps->n * 4 >= gaps->size * 3))
		grow(gaps);
	slot = find_slot(gaps, days);
	if (slot->number == 0)
	{
		slot->days = days;
		gaps->n++;
	}
	slot->number += number;
	gaps->total += number;
	if (unlikely(gaps->total > CLV_MAX_GAPS))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("too many repeat purchases: more than 10^15")));
}

/* add gaps in operational time */
void
clv_gaps_add_logs(ClvGaps *gaps, int64 number, ClvGapLogs logs)
{
	gaps->total += number;
	if (unlikely(gaps->total > CLV_MAX_GAPS ||
				 pg_add_s64_overflow(gaps->logs.gaps, logs.gaps, &gaps->logs.gaps) ||
				 pg_add_s64_overflow(gaps->logs.weights, logs.weights, &gaps->logs.weights)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("too many repeat purchases for a sample with a season")));
}

/* can these be so many gaps in operational time? */
bool
clv_gap_logs_valid(int64 number, ClvGapLogs logs)
{
	double		most = (double) number * MAX_LOG * 1e9;

	return number >= 0 && number <= CLV_MAX_GAPS &&
		fabs((double) logs.gaps) <= most && fabs((double) logs.weights) <= most;
}

void
clv_gaps_merge(ClvGaps *into, const ClvGaps *from)
{
	uint64		i;

	for (i = 0; i < from->size; i++)
	{
		if (from->slots[i].number != 0)
			clv_gaps_add(into, from->slots[i].days, from->slots[i].number);
	}
	if (from->n == 0)
		clv_gaps_add_logs(into, from->total, from->logs);
}

static int
compare_gaps(const void *a, const void *b)
{
	const ClvGap *x = a;
	const ClvGap *y = b;

	return x->days < y->days ? -1 : x->days > y->days;
}

/* by length, in the current context */
ClvGap *
clv_gaps_sorted(const ClvGaps *gaps)
{
	ClvGap	   *sorted = palloc(Max(gaps->n, 1) * sizeof(ClvGap));
	uint64		n = 0;
	uint64		i;

	for (i = 0; i < gaps->size; i++)
	{
		if (gaps->slots[i].number != 0)
			sorted[n++] = gaps->slots[i];
	}
	Assert(n == gaps->n);
	qsort(sorted, n, sizeof(ClvGap), compare_gaps);
	return sorted;
}

/* a product of positive numbers, as a logarithm if it leaves the usual range */
typedef struct Product
{
	double		rest;
	double		log;
} Product;

static inline void
multiply(Product *product, double by)
{
	product->rest *= by;
	if (unlikely(product->rest > 1e200 || product->rest < 1e-200))
	{
		product->log += log(product->rest);
		product->rest = 1;
	}
}

static inline int64
log_of(const Product *product)
{
	return (int64) rint((product->log + log(product->rest)) * 1e9);
}

/* the same with a season: a logarithm for each history, not each gap */
static int64
gaps_by_clock(ClvGaps *gaps, const ClvSeasonClock *clock, Datum history, DateADT until,
			  ClvActivity *activity)
{
	Product		length = {1, 0};
	Product		weight = {1, 0};
	int64		before = 0;
	ClvReader	reader;
	ClvDay		day;
	int64		n = 0;

	memset(activity, 0, sizeof(ClvActivity));
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= until)
	{
		int64		time;

		if (day.orders == 0)
			continue;
		time = clv_clock_at(clock, day.day);
		if (n++ == 0)
			activity->first = day.day;
		else
		{
			multiply(&length, (double) (time - before) / 1e9);
			multiply(&weight, (double) (time - clv_clock_at(clock, (int64) day.day - 1)) / 1e9);
		}
		before = time;
		activity->last = day.day;
		activity->orders += day.orders;
	}
	if (n > 1)
		clv_gaps_add_logs(gaps, n - 1, (ClvGapLogs) {log_of(&length), log_of(&weight)});
	return n;
}

/* clv_activity_until() that also adds the gaps of the history */
int64
clv_gaps_until(ClvGaps *gaps, const ClvSeasonClock *clock, Datum history, DateADT until,
			   ClvActivity *activity)
{
	ClvReader	reader;
	ClvDay		day;
	int64		n = 0;

	if (clock != NULL)
		return gaps_by_clock(gaps, clock, history, until, activity);
	memset(activity, 0, sizeof(ClvActivity));
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= until)
	{
		if (day.orders == 0)
			continue;
		if (n++ == 0)
			activity->first = day.day;
		else
			clv_gaps_add(gaps, (int64) day.day - activity->last, 1);
		activity->last = day.day;
		activity->orders += day.orders;
	}
	return n;
}

/* can these be the gaps of a sample? and how many they are */
bool
clv_gaps_valid(const ClvGap *gaps, uint64 n, double *total)
{
	uint64		i;

	*total = 0;
	for (i = 0; i < n; i++)
	{
		if (gaps[i].days < 1 || gaps[i].days > CLV_MAX_GAP ||
			(i > 0 && gaps[i].days <= gaps[i - 1].days) ||
			gaps[i].number < 1 || gaps[i].number > CLV_MAX_GAPS)
			return false;
		*total += gaps[i].number;
	}
	return *total <= CLV_MAX_GAPS;
}

/* the sum of the logarithms of the gaps, in units of so many days */
double
clv_gaps_log(const ClvGap *gaps, uint64 n, double unit_days)
{
	double		sum = 0;
	uint64		i;

	for (i = 0; i < n; i++)
		sum += gaps[i].number * log(gaps[i].days / unit_days);
	return sum;
}
