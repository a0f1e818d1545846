/*
 * rhythm.h
 *		A customer's own rhythm: how late they are, and whether they buy less
 *		than they used to.
 */
#ifndef CLV_RHYTHM_H
#define CLV_RHYTHM_H

#include "clv.h"

#include "utils/array.h"

#include "history/span_totals.h"

/* what counts towards the rhythm besides the customer's own gaps */
typedef struct ClvPrior
{
	bool		known;
	double		gap;			/* of the population; if known */
	double		gaps;			/* number of gaps it counts as */
} ClvPrior;

/* where a customer stops being active, cooling and silent */
#define CLV_STAGE_THRESHOLDS	3
extern const double clv_rhythm_thresholds[CLV_STAGE_THRESHOLDS];

/* recent purchases, and those in the equally long time before */
typedef struct ClvTrend
{
	bool		is_customer;
	DateADT		first;			/* purchase day, if is_customer */
	bool		later;			/* something came after as_of */
	int			scale;			/* of the spans */
	bool		comparable;		/* was a customer before both */
	int64		recent_days;	/* length of both */
	int64		before_days;
	ClvSpanTotals recent;
	ClvSpanTotals before;
} ClvTrend;

/* when to warn about a customer */
typedef struct ClvWarningRules
{
	const double *thresholds;	/* of overdue */
	ClvPrior	prior;
	const Interval *span;
	int			min_purchase_days;
} ClvWarningRules;

typedef struct ClvWarning
{
	const char *severity;		/* NULL: none */
	bool		is_silent;
	bool		is_rarer;
	bool		is_cheaper;
	int64		gaps;
	int64		silence;		/* days */
	double		overdue;
	double		percentile;
	ClvTrend	trend;
} ClvWarning;

extern void clv_read_prior(FunctionCallInfo fcinfo, int gap_arg, ClvPrior *prior);
extern const double *clv_check_thresholds(ArrayType *array);
extern void clv_trend_read(Datum history, DateADT as_of, const Interval *span,
						   ClvTrend *trend);
extern Numeric clv_trend_value(Datum history, DateADT as_of, const ClvTrend *trend,
							   const ClvSpanTotals *totals);
extern void clv_warn(Datum history, DateADT as_of, const ClvWarningRules *rules,
					 ClvWarning *warning);

#endif							/* CLV_RHYTHM_H */
