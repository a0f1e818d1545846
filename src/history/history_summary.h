/*
 * history_summary.h
 *		Totals of a history, complete or up to a day.
 */
#ifndef CLV_HISTORY_SUMMARY_H
#define CLV_HISTORY_SUMMARY_H

#include "clv.h"

#include "common/money.h"

/* every day there is */
#define CLV_EVER DATEVAL_NOEND

/* totals of a customer, except for money */
typedef struct ClvActivity
{
	int64		orders;
	DateADT		first;			/* purchase days; unset without orders */
	DateADT		last;
} ClvActivity;

/* a history added up day by day */
typedef struct ClvSummary
{
	ClvActivity activity;
	int64		purchase_days;
	uint8		scale;
	ClvBalance	net;
	ClvBalance	repeat;			/* of this, what belongs to repeat purchase days */
	ClvU256		losses;			/* in net.minus, and not refunds */
	/* running mean and sum of squared deviations of the gaps */
	double		gap_mean;
	double		gap_squares;
} ClvSummary;

extern int	clv_scale_until(Datum history, DateADT until);
extern int64 clv_activity_until(Datum history, DateADT until,
								ClvActivity *activity);
extern int64 clv_repeat_until(Datum history, DateADT until, double *mean,
							  DateADT *first_day);
extern bool clv_summarize(Datum history, DateADT until, ClvSummary *summary);
extern void clv_summarize_at(Datum history, DateADT until, ClvSummary *summary);
extern Numeric clv_summary_net(const ClvSummary *summary);
extern Numeric clv_summary_repeat(const ClvSummary *summary);
extern Numeric clv_summary_gross(const ClvSummary *summary);
extern Numeric clv_summary_refunds(const ClvSummary *summary);

#endif							/* CLV_HISTORY_SUMMARY_H */
