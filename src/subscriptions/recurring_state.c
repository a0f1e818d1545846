/*
 * recurring_state.c
 *		A clv_recurring being built of terms and of other such values.
 */
#include "subscriptions/recurring_state.h"

#include "utils/memutils.h"

#include "subscriptions/recurring.h"
#include "subscriptions/recurring_ops.h"

/* the first chunk has 128 bytes, with what palloc needs */
#define INITIAL_TERMS	3
/* as many are folded */
#define FOLD_TERMS		64
/* a value of this size is read as terms */
#define SMALL_VALUE		64

ClvRecurringState *
clv_recurring_create(MemoryContext context)
{
	ClvRecurringState *state = MemoryContextAlloc(context,
												  offsetof(ClvRecurringState, terms) +
												  INITIAL_TERMS * sizeof(ClvTerm));

	state->n = 0;
	state->room = INITIAL_TERMS;
	state->n_parts = state->parts_room = 0;
	state->parts = NULL;
	return state;
}

/* a term starts or ends on a day */
typedef struct Event
{
	DateADT		day;
	uint8		term;
	bool		is_end;
} Event;

/*
 * Ends come before starts of the same day: what replaces a price is not added
 * to it.
 */
static inline bool
is_later(const Event *a, const Event *b)
{
	return a->day > b->day || (a->day == b->day && !a->is_end && b->is_end);
}

/* insertion sort, for few */
static void
sort_events(Event *events, int n)
{
	int			i;

	for (i = 1; i < n; i++)
	{
		Event		event = events[i];
		int			j = i;

		for (; j > 0 && is_later(&events[j - 1], &event); j--)
			events[j] = events[j - 1];
		events[j] = event;
	}
}

/* starts and ends in order; returns how many */
static int
list_events(const ClvRecurringState *state, Event *events)
{
	int			n = 0;
	uint32		i;

	for (i = 0; i < state->n; i++)
	{
		const ClvTerm *term = &state->terms[i];

		events[n++] = (Event) {term->starts, (uint8) i, false};
		if (term->ends < CLV_END_DAY)
			events[n++] = (Event) {term->ends, (uint8) i, true};
	}
	sort_events(events, n);
	return n;
}

/* the price of a term, without its sign, in units of 10^-scale / per */
static inline void
term_price(const ClvTerm *term, int scale, uint32 per, ClvU256 *price)
{
	ClvPriceScale to = {scale - term->scale, per / term->per};

	if (unlikely(term->is_wide))
		*price = *term->price.wide;
	else
		clv_u256_set(price, term->negative ?
					 -(uint64) term->price.narrow : (uint64) term->price.narrow);
	clv_price_scale(price, &to);
}

/* what is paid once a term starts or ends */
static void
apply(ClvStep *step, const ClvTerm *term, bool is_end, const ClvU256 *price)
{
	ClvU256    *sum = term->negative ? &step->credit : &step->price;
	uint64	   *count = clv_u256_is_zero(price) ? &step->free : &step->paid;

	if (is_end)
		(void) clv_u256_sub(sum, price);
	else if (unlikely(clv_u256_add(sum, price)))
		clv_mrr_overflow();
	/* a credit is not a subscription */
	if (!term->negative)
		*count += is_end ? -1 : 1;
}

/* The value of the terms, in the current context. */
static struct varlena *
fold_terms(const ClvRecurringState *state)
{
	Event		events[2 * FOLD_TERMS];
	int			n = list_events(state, events);
	int			scale = 0;
	uint32		per = 1;
	ClvStepWriter writer;
	ClvStep		step;
	int			i;

	for (i = 0; i < (int) state->n; i++)
	{
		scale = Max(scale, state->terms[i].scale);
		per = clv_common_per(per, state->terms[i].per);
	}
	clv_steps_write(&writer, scale, per, n * 8);
	clv_step_set_nothing(&step, 0);
	for (i = 0; i < n; i++)
	{
		const ClvTerm *term = &state->terms[events[i].term];
		ClvU256		price;

		term_price(term, scale, per, &price);
		apply(&step, term, events[i].is_end, &price);
		if (i + 1 < n && events[i + 1].day == events[i].day)
			continue;
		step.day = events[i].day;
		clv_steps_put(&writer, &step);
	}
	return clv_steps_finish(&writer);
}

/* merge parts while the last is not much smaller than the one before it */
static void
merge_parts(ClvRecurringState *state)
{
	while (state->n_parts > 1)
	{
		struct varlena **last = &state->parts[state->n_parts - 2];
		struct varlena *merged;

		if (VARSIZE(last[1]) <= VARSIZE(last[0]) / 2)
			break;
		merged = clv_recurring_merge(PointerGetDatum(last[0]), PointerGetDatum(last[1]));
		pfree(last[0]);
		pfree(last[1]);
		last[0] = merged;
		state->n_parts--;
	}
}

/* add a part, which is in the memory of the state */
static void
add_part(ClvRecurringState *state, struct varlena *part)
{
	if (state->n_parts == state->parts_room)
	{
		state->parts_room = Max(4, 2 * state->parts_room);
		if (state->parts == NULL)
			state->parts = palloc(state->parts_room * sizeof(struct varlena *));
		else
			state->parts = repalloc(state->parts, state->parts_room * sizeof(struct varlena *));
	}
	state->parts[state->n_parts++] = part;
	merge_parts(state);
}

/* fold all terms into a part */
static pg_noinline void
fold(ClvRecurringState *state)
{
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(state));
	struct varlena *part = fold_terms(state);
	uint32		i;

	for (i = 0; i < state->n; i++)
	{
		if (state->terms[i].is_wide)
			pfree(state->terms[i].price.wide);
	}
	state->n = 0;
	add_part(state, part);
	MemoryContextSwitchTo(old);
}

/*
 * Add a term; if its price is wide, that is copied.  Returns the state, which
 * may have moved.
 */
ClvRecurringState *
clv_recurring_add_term(ClvRecurringState *state, const ClvTerm *term)
{
	ClvTerm    *added;

	if (unlikely(state->n == state->room))
	{
		if (state->n >= FOLD_TERMS)
			fold(state);
		else
		{
			/* with the header, 128, 256, ... bytes */
			state->room = Min(2 * state->room + 2, FOLD_TERMS);
			state = repalloc(state, offsetof(ClvRecurringState, terms) +
							 state->room * sizeof(ClvTerm));
		}
	}
	added = &state->terms[state->n++];
	*added = *term;
	if (unlikely(term->is_wide))
	{
		added->price.wide = MemoryContextAlloc(GetMemoryChunkContext(state), sizeof(ClvU256));
		*added->price.wide = *term->price.wide;
	}
	return state;
}

/* the steps of a value are terms, if each is one subscription or nothing */
static bool
is_of_terms(const struct varlena *value)
{
	ClvStepReader reader;
	ClvStep		step;

	clv_steps_open(&reader, PointerGetDatum(value));
	while (clv_steps_next(&reader, &step))
	{
		if (step.paid > 1 || step.free > 0 || !clv_u256_is_zero(&step.credit) ||
			!clv_u256_is_word(&step.price) || step.price.w[0] > PG_INT64_MAX)
			return false;
	}
	return true;
}

/*
 * Add a value.  Most are small and consist of terms, of which many are folded
 * at once; others are copied.  Returns the state, which may have moved.
 */
ClvRecurringState *
clv_recurring_add_steps(ClvRecurringState *state, const struct varlena *value)
{
	ClvStepReader reader;
	ClvStep		step;
	ClvTerm		term;
	bool		more;

	if (VARSIZE_ANY_EXHDR(value) > SMALL_VALUE || !is_of_terms(value))
	{
		clv_recurring_add_value(state, value);
		return state;
	}
	clv_steps_open(&reader, PointerGetDatum(value));
	term.per = reader.per;
	term.scale = reader.scale;
	term.is_wide = term.negative = false;
	for (more = clv_steps_next(&reader, &step); more;)
	{
		bool		paid = step.paid > 0;

		term.starts = step.day;
		term.price.narrow = (int64) step.price.w[0];
		more = clv_steps_next(&reader, &step);
		term.ends = more ? step.day : CLV_END_DAY;
		if (paid)
			state = clv_recurring_add_term(state, &term);
	}
	return state;
}

/* Add a value, which is copied. */
void
clv_recurring_add_value(ClvRecurringState *state, const struct varlena *value)
{
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(state));

	add_part(state, cstring_to_text_with_len(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
	MemoryContextSwitchTo(old);
}

/* The value of all terms and values so far, in the current context. */
struct varlena *
clv_recurring_finish(const ClvRecurringState *state)
{
	struct varlena *result = fold_terms(state);
	int			i;

	for (i = state->n_parts - 1; i >= 0; i--)
	{
		struct varlena *merged = clv_recurring_merge(PointerGetDatum(state->parts[i]),
													 PointerGetDatum(result));

		pfree(result);
		result = merged;
	}
	return result;
}
