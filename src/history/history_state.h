/*
 * history_state.h
 *		A history being built: the state that aggregates keep for each group.
 */
#ifndef CLV_HISTORY_STATE_H
#define CLV_HISTORY_STATE_H

#include "clv.h"

#include "common/money.h"
#include "history/history.h"

/*
 * One chunk of memory per group, header and days together, so that a million
 * customers cost a million small chunks and a row touches one or two cache
 * lines.  The days are in the order in which they came, encoded as in the
 * stored form but with signed distances; see history_state.c.
 */
typedef struct ClvState
{
	uint32		used;			/* bytes of days[] */
	uint32		room;
	DateADT		day;			/* of the last entry */
	uint8		scale;
	bool		in_order;		/* each day after the one before */
	uint8		days[FLEXIBLE_ARRAY_MEMBER];
} ClvState;

extern ClvState *clv_state_create(MemoryContext context);
extern ClvState *clv_state_add_row(ClvState *state, DateADT day,
								   const ClvAmount *amount);
extern ClvState *clv_state_add_signed_row(ClvState *state, DateADT day,
										  const ClvAmount *amount, bool is_order);
extern ClvState *clv_state_add_day(ClvState *state, const ClvDay *day, int scale);
extern ClvState *clv_state_merge(ClvState *into, const ClvState *from);
extern struct varlena *clv_state_finish(const ClvState *state);
extern struct varlena *clv_state_finish_order(const ClvState *state);

extern bytea *clv_state_serialize(const ClvState *state);
extern ClvState *clv_state_deserialize(MemoryContext context, bytea *bytes);

#endif							/* CLV_HISTORY_STATE_H */
