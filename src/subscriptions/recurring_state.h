/*
 * recurring_state.h
 *		A clv_recurring being built of terms and of other such values.
 */
#ifndef CLV_RECURRING_STATE_H
#define CLV_RECURRING_STATE_H

#include "clv.h"

#include "math/billing.h"
#include "math/u256.h"

/* What is paid a month, from one day to the day before another. */
typedef struct ClvTerm
{
	DateADT		starts;
	DateADT		ends;			/* CLV_END_DAY: open */
	union
	{
		int64		narrow;		/* signed */
		ClvU256    *wide;		/* magnitude, a chunk of its own */
	}			price;
	uint32		per;			/* see math/billing.h */
	uint8		scale;
	bool		is_wide;
	bool		negative;		/* a credit */
} ClvTerm;

/*
 * One chunk of memory per group with the last terms.  When there are many, they
 * are folded into a part, which is a value.  Parts of similar size are merged,
 * so that each is at most half as large as the one before it, and that the
 * cost grows no faster than n log n.
 */
typedef struct ClvRecurringState
{
	uint32		n;
	uint32		room;
	int			n_parts;
	int			parts_room;
	struct varlena **parts;
	ClvTerm		terms[FLEXIBLE_ARRAY_MEMBER];
} ClvRecurringState;

extern ClvRecurringState *clv_recurring_create(MemoryContext context);
extern ClvRecurringState *clv_recurring_add_term(ClvRecurringState *state,
												 const ClvTerm *term);
extern ClvRecurringState *clv_recurring_add_steps(ClvRecurringState *state,
												  const struct varlena *value);
extern void clv_recurring_add_value(ClvRecurringState *state, const struct varlena *value);
extern struct varlena *clv_recurring_finish(const ClvRecurringState *state);

#endif							/* CLV_RECURRING_STATE_H */
