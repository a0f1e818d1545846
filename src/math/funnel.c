/*
 * funnel.c
 *		How far events get through steps in order, within a span of time.
 */
#include "math/funnel.h"

/* going forward, before any chain; going backward, where none goes on */
#define NO_CHAIN	INT64_MIN
#define NEVER		INT64_MAX

static inline bool
has_step(uint64_t happened, int step)
{
	return (happened >> step & 1) != 0;
}

void
clv_funnel_init(ClvFunnel *funnel, int steps)
{
	int			i;

	funnel->steps = steps;
	funnel->reached = 0;
	funnel->start = 0;
	funnel->walked = 0;
	for (i = 0; i < steps; i++)
		funnel->at[i] = NO_CHAIN;
}

/*
 * The next moment.  "limit" is that of a chain that starts here, and is used
 * only if step 1 happened.  Of all chains that have reached a step, the one
 * with the latest limit can do whatever the others can.
 */
void
clv_funnel_forward(ClvFunnel *funnel, int64_t moment, uint64_t happened,
				   int64_t limit)
{
	int			i;

	if (has_step(happened, 0))
	{
		if (limit > funnel->at[0])
			funnel->at[0] = limit;
		if (funnel->reached == 0)
			funnel->reached = 1;
	}
	for (i = 1; i < funnel->steps && i <= funnel->reached; i++)
	{
		if (!has_step(happened, i) || funnel->at[i - 1] < moment)
			continue;
		if (funnel->at[i - 1] > funnel->at[i])
			funnel->at[i] = funnel->at[i - 1];
		if (funnel->reached == i)
			funnel->reached = i + 1;
	}
}

/* all moments were shown going forward; now they come in reverse */
void
clv_funnel_turn(ClvFunnel *funnel)
{
	int			i;

	for (i = 0; i < funnel->steps; i++)
		funnel->at[i] = NEVER;
}

/*
 * The previous moment.  A chain that continues from an earlier moment reaches
 * every step no later than one that continues from a later moment, so the new
 * figures replace the old ones.
 */
void
clv_funnel_backward(ClvFunnel *funnel, int64_t moment, uint64_t happened,
					int64_t limit)
{
	int			last = funnel->reached - 1;
	int			i;

	for (i = last; i >= 0; i--)
	{
		if (has_step(happened, i))
			funnel->at[i] = i == last ? moment : funnel->at[i + 1];
	}
	if (last >= 0 && has_step(happened, 0) && funnel->at[0] != NEVER &&
		funnel->at[0] <= limit)
		funnel->start = moment;
}

/*
 * A moment in order of time again, including those before the start.  False
 * if all steps that are reached have their moments, in at[0 .. reached - 1].
 */
bool
clv_funnel_walk(ClvFunnel *funnel, int64_t moment, uint64_t happened)
{
	if (moment >= funnel->start)
	{
		while (funnel->walked < funnel->reached &&
			   has_step(happened, funnel->walked))
			funnel->at[funnel->walked++] = moment;
	}
	return funnel->walked < funnel->reached;
}
