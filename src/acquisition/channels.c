/*
 * channels.c
 *		What customers cost and brought in, by channel and period of
 *		acquisition.
 *
 * A cell is a channel and the calendar period of a first purchase.  Whether
 * it is old enough to be judged is decided as a whole: if those who came on
 * the last day of the period have reached the horizon, all its customers
 * count, and so does all spend in the period; otherwise nothing does.  Only
 * this gives a ratio of value to cost that young customers cannot distort.
 */
#include "acquisition/channels.h"

#include "miscadmin.h"
#include "utils/fmgrprotos.h"

#include "common/calendar.h"
#include "common/money.h"
#include "history/history.h"

#define GROUP_TABLE channels
#define GROUP_ENTRY ClvChannelCell
#include "common/group_table.h"

ClvChannels *
clv_channels_create(const ClvChannelRules *rules)
{
	ClvChannels *channels = palloc0(sizeof(ClvChannels));

	channels->rules = rules;
	channels->context = CurrentMemoryContext;
	channels->hash = channels_create(CurrentMemoryContext, 64, NULL);
	return channels;
}

/*
 * The cell of a channel and a day.  A new cell is mature if the last day that
 * can be in it is, by the rule of clv_value_by_age().
 */
static ClvChannelCell *
find_cell(ClvChannels *channels, text *channel, DateADT day)
{
	const ClvChannelRules *rules = channels->rules;
	ClvGroupKey key = {clv_period_of(&rules->periods, day), channel};
	ClvChannelCell *cell;
	bool		found;
	int64		last;

	cell = channels_insert(channels->hash, key, &found);
	if (likely(found))
		return cell;

	cell->key.group = clv_group_copy(channels->context, channel);
	cell->scale = 0;
	cell->customers = 0;
	cell->spend = cell->leads = NULL;
	memset(&cell->value, 0, sizeof(ClvBalance));
	cell->ages = NULL;
	last = Min(clv_period_start(&rules->periods, (int64) key.number + 1),
			   CLV_END_DAY) - 1;
	cell->is_mature = last <= rules->as_of &&
		clv_calendar_back((DateADT) last, rules->horizon, -1) <= rules->as_of;
	cell->n_ages = cell->is_mature ?
		clv_periods_elapsed(&rules->periods, (DateADT) last, rules->as_of) : 0;
	channels->n_ages += cell->n_ages + CLV_CHANNEL_CELL_AGES;
	if (channels->n_ages > CLV_MAX_CHANNEL_AGES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many combinations of channel, period and age: more than %d",
						CLV_MAX_CHANNEL_AGES),
				 errhint("Choose longer periods, fewer channels, or a shorter time of acquisition.")));
	return cell;
}

/* express the money of a cell in the smaller units of 10^-scale */
static void
rescale(ClvChannelCell *cell, int scale)
{
	int			places = scale - cell->scale;

	clv_balances_rescale(&cell->value, 1, places);
	if (cell->ages != NULL)
		clv_balances_rescale(cell->ages, cell->n_ages, places);
	cell->scale = scale;
}

/* Add a customer, with the channel of acquisition. */
void
clv_channels_add(ClvChannels *channels, Datum history, text *channel)
{
	const ClvChannelRules *rules = channels->rules;
	ClvReader	reader;
	ClvDay		day;
	ClvChannelCell *cell;
	DateADT		first;
	int64		end;

	clv_reader_open(&reader, history);
	if (!clv_reader_first_purchase(&reader, &day))
		return;
	first = day.day;
	if (first > rules->as_of ||
		first < rules->acquired_from || first > rules->acquired_to)
		return;

	cell = find_cell(channels, channel, first);
	cell->customers++;
	if (cell->ages == NULL && cell->n_ages > 0)
		cell->ages = MemoryContextAllocExtended(channels->context,
												cell->n_ages * sizeof(ClvBalance),
												MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (reader.scale > cell->scale)
		rescale(cell, reader.scale);
	end = clv_calendar_back(first, rules->horizon, -1);
	do
	{
		bool		in_horizon = day.day < end;
		int32		age = cell->n_ages;

		if (day.day > rules->as_of)
			break;
		if (cell->n_ages > 0)
			age = clv_periods_elapsed(&rules->periods, first, day.day);
		if (!in_horizon && age >= cell->n_ages)
			break;
		if (reader.scale < cell->scale)
			clv_day_rescale(&day, cell->scale - reader.scale);
		if (in_horizon)
			clv_balance_add_day(&cell->value, &day);
		if (age < cell->n_ages)
			clv_balance_add_day(&cell->ages[age], &day);
	} while (clv_reader_next(&reader, &day));
}

/* a + b, either of which may be unknown */
static Numeric
add_known(Numeric a, Numeric b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	return DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(a),
											   NumericGetDatum(b)));
}

/* the same, with the result stored in a cell */
static void
add_kept(ClvChannels *channels, Numeric *to, Numeric more)
{
	MemoryContext old = MemoryContextSwitchTo(channels->context);
	Numeric		before = *to;

	if (before == NULL && more != NULL)
		*to = DatumGetNumericCopy(NumericGetDatum(more));
	else if (more != NULL)
	{
		*to = add_known(before, more);
		pfree(before);
	}
	MemoryContextSwitchTo(old);
}

/* Add the spend on a channel on a day, and its leads. */
void
clv_channels_spend(ClvChannels *channels, text *channel, DateADT day,
				   Numeric spend, Numeric leads)
{
	ClvChannelCell *cell;

	if (spend == NULL && leads == NULL)
		return;
	cell = find_cell(channels, channel, day);
	add_kept(channels, &cell->spend, spend);
	add_kept(channels, &cell->leads, leads);
}

static int
compare_by_period(const void *a, const void *b, void *arg)
{
	const ClvChannelCell *x = *(ClvChannelCell *const *) a;
	const ClvChannelCell *y = *(ClvChannelCell *const *) b;

	return (x->key.number > y->key.number) - (x->key.number < y->key.number);
}

/* All cells by channel and period, their money in the same unit. */
ClvChannelCell **
clv_channels_finish(ClvChannels *channels, int *n)
{
	ClvChannelCell **cells = channels_sorted(channels->hash, n);
	int			i;

	for (i = 0; i < *n; i++)
		channels->scale = Max(channels->scale, cells[i]->scale);
	for (i = 0; i < *n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (cells[i]->scale < channels->scale)
			rescale(cells[i], channels->scale);
	}
	return cells;
}

/* the same cells by period, for sums over channels */
void
clv_channels_by_period(ClvChannelCell **cells, int n)
{
	qsort_interruptible(cells, n, sizeof(*cells), compare_by_period, NULL);
}

/*
 * Sum up cells.  The curve covers the ages that all mature cells have
 * reached.
 */
void
clv_channels_sum(ClvChannelCell *const *cells, int n, ClvChannelSum *sum)
{
	bool		any = false;
	int			i;
	int			age;

	memset(sum, 0, sizeof(ClvChannelSum));
	for (i = 0; i < n; i++)
	{
		const ClvChannelCell *cell = cells[i];

		if (!cell->is_mature)
		{
			sum->immature_customers += cell->customers;
			sum->immature_spend = add_known(sum->immature_spend, cell->spend);
			sum->immature_leads = add_known(sum->immature_leads, cell->leads);
			clv_balance_add(&sum->immature_value, &cell->value.plus, &cell->value.minus);
			continue;
		}
		sum->customers += cell->customers;
		if (cell->leads != NULL)
			sum->converted += cell->customers;
		sum->spend = add_known(sum->spend, cell->spend);
		sum->leads = add_known(sum->leads, cell->leads);
		clv_balance_add(&sum->value, &cell->value.plus, &cell->value.minus);
		/* leads alone have neither cost nor value */
		if (cell->customers == 0 && cell->spend == NULL)
			continue;
		sum->n_ages = any ? Min(sum->n_ages, cell->n_ages) : cell->n_ages;
		any = true;
	}

	if (sum->n_ages == 0)
		return;
	sum->ages = palloc_extended(sum->n_ages * sizeof(ClvBalance),
								MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (age = 0; cells[i]->ages != NULL && age < sum->n_ages; age++)
			clv_balance_add(&sum->ages[age], &cells[i]->ages[age].plus, &cells[i]->ages[age].minus);
	}
	for (age = 1; age < sum->n_ages; age++)
		clv_balance_add(&sum->ages[age], &sum->ages[age - 1].plus, &sum->ages[age - 1].minus);
}
