/*
 * mrr.h
 *		MRR as a number, and what a difference of two MRRs is called.
 */
#ifndef CLV_MRR_H
#define CLV_MRR_H

#include "clv.h"

#include "subscriptions/recurring.h"

/* decimals of an MRR that has no end as a decimal number, or as many as its units have */
#define CLV_MRR_DECIMALS	16

typedef enum ClvMrrMove
{
	CLV_MRR_NEW,
	CLV_MRR_EXPANSION,
	CLV_MRR_CONTRACTION,
	CLV_MRR_CHURNED,
	CLV_MRR_REACTIVATED
} ClvMrrMove;

#define CLV_MRR_MOVES	5

typedef struct ClvMrrUnits
{
	uint8		scale;
	uint32		per;
} ClvMrrUnits;

/* rows of a result */
#define CLV_MAX_MRR_PERIODS	1000000

extern void clv_mrr_balance_add(ClvBalance *total, const ClvBalance *part, uint32 times);
extern Numeric clv_mrr_balance_numeric(const ClvBalance *balance, int scale, int64 per);
extern Numeric clv_mrr_numeric(const ClvU256 *price, const ClvU256 *credit,
							   int scale, uint32 per, int months);
extern bool clv_mrr_equal(const ClvStep *a, const ClvStep *b);
extern bool clv_mrr_less(const ClvStep *a, const ClvStep *b);
extern ClvMrrMove clv_mrr_move(const ClvStep *before, const ClvStep *after, bool ever);
extern const char *clv_mrr_move_name(ClvMrrMove move);
extern Numeric clv_mrr_units(const ClvBalance *mrr);
extern bool clv_mrr_is_over(int64 last, const Interval *grace, DateADT as_of);

/*
 * Units of money from several values, 10^-scale / per, made small enough for
 * one that is read, which *read brings to them.  True if they have become
 * smaller: then *kept brings what is kept to them.
 */
static inline bool
clv_mrr_fit_units(ClvMrrUnits *units, const ClvStepReader *reader, ClvPriceScale *read,
				  ClvPriceScale *kept)
{
	ClvMrrUnits before = *units;
	bool		smaller = unlikely(reader->scale > units->scale || units->per % reader->per != 0);

	if (smaller)
	{
		units->scale = Max(units->scale, reader->scale);
		units->per = clv_common_per(units->per, reader->per);
		*kept = (ClvPriceScale) {units->scale - before.scale, units->per / before.per};
	}
	*read = (ClvPriceScale) {units->scale - reader->scale, units->per / reader->per};
	return smaller;
}

/* add what is paid to a balance, or take it back */
static inline void
clv_mrr_add_paid(ClvBalance *to, const ClvStep *step)
{
	if (unlikely(clv_u256_add(&to->plus, &step->price) |
				 clv_u256_add(&to->minus, &step->credit)))
		clv_mrr_overflow();
}

static inline void
clv_mrr_take_paid(ClvBalance *to, const ClvStep *step)
{
	if (unlikely(clv_u256_add(&to->plus, &step->credit) |
				 clv_u256_add(&to->minus, &step->price)))
		clv_mrr_overflow();
}

static inline void
clv_mrr_balance_scale(ClvBalance *balance, const ClvPriceScale *to)
{
	clv_price_scale(&balance->plus, to);
	clv_price_scale(&balance->minus, to);
}

#endif							/* CLV_MRR_H */
