/*
 * history_summary.c
 *		Totals of a history, complete or up to a day.
 */
#include "history/history_summary.h"

#include "history/history.h"

/* a gap between purchase days, by Welford's recurrence */
static void
count_gap(ClvSummary *summary, double gap)
{
	double		delta = gap - summary->gap_mean;

	summary->gap_mean += delta / (double) summary->purchase_days;
	summary->gap_squares += delta * (gap - summary->gap_mean);
}

static void
count_day(ClvSummary *summary, const ClvDay *day)
{
	clv_balance_add_day(&summary->net, day);
	if (unlikely(day->is_signed))
		clv_money_add(&summary->losses, &day->losses);
	if (day->orders > 0)
	{
		ClvActivity *activity = &summary->activity;

		if (summary->purchase_days == 0)
			activity->first = day->day;
		else
			count_gap(summary, (double) day->day - activity->last);
		activity->last = day->day;
		activity->orders += day->orders;
		summary->purchase_days++;
	}
	/*
	 * refunds, and money without an order, belong to the latest purchase day
	 * on or before them
	 */
	if (summary->purchase_days > 1)
		clv_balance_add_day(&summary->repeat, day);
}

/* add up all days up to "until"; returns whether there are later ones */
bool
clv_summarize(Datum history, DateADT until, ClvSummary *summary)
{
	ClvReader	reader;
	ClvDay		day;

	memset(summary, 0, sizeof(ClvSummary));
	clv_reader_open(&reader, history);
	summary->scale = reader.scale;
	while (clv_reader_next(&reader, &day))
	{
		if (day.day > until)
			return true;
		count_day(summary, &day);
	}
	return false;
}

/* only first, last and number of purchase days, and orders: no money */
int64
clv_activity_until(Datum history, DateADT until, ClvActivity *activity)
{
	ClvReader	reader;
	ClvDay		day;
	int64		n = 0;

	memset(activity, 0, sizeof(ClvActivity));
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= until)
	{
		if (day.orders == 0)
			continue;
		if (n++ == 0)
			activity->first = day.day;
		activity->last = day.day;
		activity->orders += day.orders;
	}
	return n;
}

/*
 * Repeat purchase days up to a day, and the mean of their values:
 * clv_frequency() and clv_repeat_value() of clv_at().  Returns -1, and no
 * first day, if there is no purchase day.
 */
int64
clv_repeat_until(Datum history, DateADT until, double *mean, DateADT *first_day)
{
	ClvSummary	summary;

	clv_summarize(history, until, &summary);
	*first_day = summary.activity.first;
	*mean = summary.purchase_days < 2 ? 0 :
		clv_money_net_float8(&summary.repeat.plus, &summary.repeat.minus,
							 summary.scale) / (double) (summary.purchase_days - 1);
	return summary.purchase_days - 1;
}

/* of a summary: gross less refunds */
Numeric
clv_summary_net(const ClvSummary *summary)
{
	return clv_money_net(&summary->net.plus, &summary->net.minus,
						 summary->scale, summary->scale);
}

/* the same of repeat purchase days */
Numeric
clv_summary_repeat(const ClvSummary *summary)
{
	return clv_money_net(&summary->repeat.plus, &summary->repeat.minus,
						 summary->scale, summary->scale);
}

/* of a summary: purchases, before refunds */
Numeric
clv_summary_gross(const ClvSummary *summary)
{
	return clv_money_net(&summary->net.plus, &summary->losses,
						 summary->scale, summary->scale);
}

/* of a summary: refunds, as a positive number */
Numeric
clv_summary_refunds(const ClvSummary *summary)
{
	return clv_money_net(&summary->net.minus, &summary->losses,
						 summary->scale, summary->scale);
}

/*
 * Decimals that a history needs up to a day.  Later days must not be visible,
 * and so must not show in the decimals either.
 */
int
clv_scale_until(Datum history, DateADT until)
{
	ClvReader	reader;
	ClvDay		day;
	int			zeros;

	clv_reader_open(&reader, history);
	zeros = reader.scale;
	/* mostly the first amounts decide */
	while (zeros > 0 && clv_reader_next(&reader, &day) && day.day <= until)
		zeros = clv_day_zeros(&day, zeros);
	return reader.scale - zeros;
}

/*
 * Add up all days up to a day, in the units that these need: later days must
 * not show in the decimals.
 */
void
clv_summarize_at(Datum history, DateADT until, ClvSummary *summary)
{
	int			decimals;

	if (!clv_summarize(history, until, summary) || summary->scale == 0)
		return;
	decimals = clv_scale_until(history, until);
	if (decimals == summary->scale)
		return;
	(void) clv_u256_div_pow10(&summary->net.plus, summary->scale - decimals);
	(void) clv_u256_div_pow10(&summary->net.minus, summary->scale - decimals);
	(void) clv_u256_div_pow10(&summary->repeat.plus, summary->scale - decimals);
	(void) clv_u256_div_pow10(&summary->repeat.minus, summary->scale - decimals);
	(void) clv_u256_div_pow10(&summary->losses, summary->scale - decimals);
	summary->scale = decimals;
}
