/*
 * history_state.c
 *		A history being built: the state that aggregates keep for each group.
 *
 * Rows are appended as they come, about five bytes each.  When the buffer is
 * full, entries of the same day are folded into one; if that does not free
 * half of it, it grows.  So memory is bounded by the number of days rather
 * than rows, and the work per row is constant on average.
 *
 *		entry	(zigzag(day - day of the entry before) << 2) | kind, then the
 *				fields of the kind (see history.h)
 *
 * The result depends neither on the order of the entries nor on the folding:
 * sums are exact, and finishing sorts.
 */
#include "history/history_state.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/aggregate_input.h"
#include "history/day_table.h"

/* the first chunk: 64 bytes, about eight rows */
#define INITIAL_ROOM	(64 - offsetof(ClvState, days))
/* folding buffers smaller than this saves too little */
#define MIN_FOLD_ROOM	256
#define MAX_ROOM		(MaxAllocSize - offsetof(ClvState, days))

#define SERIAL_VERSION	1

/* an entry found in the buffer: its day, and where its payload starts */
typedef struct Entry
{
	DateADT		day;
	uint32		at;				/* offset << 2 | kind */
} Entry;

/* entries on the stack for finishing small states without palloc */
#define SMALL_ENTRIES	64

#define ST_SORT sort_entries
#define ST_ELEMENT_TYPE Entry
#define ST_COMPARE(a, b) ((a)->day < (b)->day ? -1 : (a)->day > (b)->day)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

ClvState *
clv_state_create(MemoryContext context)
{
	ClvState   *state = MemoryContextAlloc(context,
										   offsetof(ClvState, days) + INITIAL_ROOM);

	state->used = 0;
	state->room = INITIAL_ROOM;
	state->day = 0;
	state->scale = 0;
	state->in_order = true;
	return state;
}

/* the bytes of a state were written here, so this cannot happen */
pg_noreturn static void
broken_state(void)
{
	elog(ERROR, "broken state of a purchase history");
	pg_unreachable();
}

/* read the day and kind of an entry, "day" being that of the entry before */
static inline const uint8 *
read_head(const uint8 *p, const uint8 *end, DateADT *day, int *kind)
{
	uint64		head;

	p = clv_varint_read_u64(p, end, &head);
	if (unlikely(p == NULL))
		broken_state();
	*day = (DateADT) (*day + clv_unzigzag(head >> 2));
	*kind = head & 3;
	return p;
}

/* step over a payload without decoding it */
static inline const uint8 *
skip_payload(const uint8 *p, int kind)
{
	static const uint8 numbers[4] = {1, 2, 1, 3};
	int			n = numbers[kind];

	if (unlikely(kind == CLV_MANY_ORDERS && *p == 0))
	{
		/* a signed day, whose parts the second byte tells */
		n = 2 + 2 * ((p[1] & CLV_PART_ORDERS) != 0) +
			2 * ((p[1] & CLV_PART_LOSSES) != 0) +
			((p[1] & CLV_PART_EXTRA) != 0) + ((p[1] & CLV_PART_REFUNDS) != 0);
	}
	while (n > 0)
		n -= *p++ < 0x80;
	return p;
}

/* read the entry at p and step over it, "last" being the day before */
static inline const uint8 *
read_entry(const ClvState *state, const uint8 *p, DateADT *last, ClvDay *day)
{
	const uint8 *end = state->days + state->used;
	int			kind;

	p = read_head(p, end, last, &kind);
	day->day = *last;
	p = clv_read_payload(p, end, kind, true, day);
	if (unlikely(p == NULL))
		broken_state();
	return p;
}

/* step over the entry at *p, "day" being the one before; returns its Entry.at */
static inline uint32
skip_entry(const ClvState *state, const uint8 **p, DateADT *day)
{
	int			kind;
	uint32		at;

	*p = read_head(*p, state->days + state->used, day, &kind);
	at = (uint32) (*p - state->days) << 2 | kind;
	*p = skip_payload(*p, kind);
	return at;
}

/*
 * List the entries with their days; returns how many.  "entries" must have
 * room for used / 2 of them, since an entry has at least two bytes.
 */
static int
list_entries(const ClvState *state, Entry *entries)
{
	const uint8 *p = state->days;
	const uint8 *end = state->days + state->used;
	DateADT		day = 0;
	int			n = 0;

	while (p < end)
	{
		if ((n & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		entries[n].at = skip_entry(state, &p, &day);
		entries[n++].day = day;
	}
	return n;
}

/*
 * Iterates over the days of a state in order, each once.  Few entries are
 * sorted on the stack; many that share few days go through a table, in linear
 * time; only many sparse ones are sorted in a list.
 */
typedef struct DayWalk
{
	const ClvState *state;
	const uint8 *p;				/* next entry, if the state is in order */
	DateADT		last;
	Entry	   *entries;		/* else all of them, sorted */
	int			n;
	ClvDayTable *table;			/* or added up */
	int			next;			/* of either; if in order, the steps taken */
	Entry		small[SMALL_ENTRIES];
} DayWalk;

/* insertion sort, for few */
static void
sort_few(Entry *entries, int n)
{
	int			i;

	for (i = 1; i < n; i++)
	{
		Entry		entry = entries[i];
		int			j = i;

		for (; j > 0 && entries[j - 1].day > entry.day; j--)
			entries[j] = entries[j - 1];
		entries[j] = entry;
	}
}

/* first and last day of all entries; returns how many there are */
static int
entry_range(const ClvState *state, DateADT *first, DateADT *last)
{
	const uint8 *p = state->days;
	const uint8 *end = state->days + state->used;
	DateADT		day = 0;
	int			n = 0;

	*first = CLV_END_DAY;
	*last = CLV_MIN_DAY;
	while (p < end)
	{
		if ((n & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		(void) skip_entry(state, &p, &day);
		*first = Min(*first, day);
		*last = Max(*last, day);
		n++;
	}
	return n;
}

static void
walk_start(DayWalk *walk, const ClvState *state)
{
	DateADT		first;
	DateADT		last;

	walk->state = state;
	walk->p = state->days;
	walk->last = 0;
	walk->next = 0;
	walk->entries = NULL;
	walk->table = NULL;
	if (state->in_order)
		return;

	if (state->used / 2 <= SMALL_ENTRIES)
	{
		walk->entries = walk->small;
		walk->n = list_entries(state, walk->entries);
		sort_few(walk->entries, walk->n);
		return;
	}

	walk->n = entry_range(state, &first, &last);
	if ((int64) last - first < Min(CLV_DAY_TABLE_MAX_SPAN, 2 * (int64) walk->n))
	{
		const uint8 *p = state->days;
		DateADT		today = 0;
		ClvDay		day;
		int			n = 0;

		walk->table = clv_day_table_create(CurrentMemoryContext, first, last);
		while (p < state->days + state->used)
		{
			if ((n++ & 0xfff) == 0)
				CHECK_FOR_INTERRUPTS();
			p = read_entry(state, p, &today, &day);
			clv_day_table_add(walk->table, &day);
		}
		return;
	}
	walk->entries = MemoryContextAllocHuge(CurrentMemoryContext,
										   walk->n * sizeof(Entry));
	(void) list_entries(state, walk->entries);
	sort_entries(walk->entries, walk->n);
}

/* the next of the sorted entries, with those of the same day */
static bool
next_sorted(DayWalk *walk, ClvDay *day)
{
	const ClvState *state = walk->state;
	DateADT		today;
	bool		first = true;

	if (walk->next >= walk->n)
		return false;
	if ((walk->next & 0xfff) == 0)
		CHECK_FOR_INTERRUPTS();
	today = walk->entries[walk->next].day;
	for (; walk->next < walk->n && walk->entries[walk->next].day == today;
		 walk->next++)
	{
		uint32		at = walk->entries[walk->next].at;
		ClvDay		entry;

		if (clv_read_payload(state->days + (at >> 2), state->days + state->used,
							 at & 3, true, first ? day : &entry) == NULL)
			broken_state();
		if (!first)
			clv_day_add(day, &entry);
		first = false;
	}
	day->day = today;
	return true;
}

static bool
walk_next(DayWalk *walk, ClvDay *day)
{
	const ClvState *state = walk->state;

	if (state->in_order)
	{
		if (walk->p >= state->days + state->used)
			return false;
		if ((walk->next++ & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		walk->p = read_entry(state, walk->p, &walk->last, day);
		return true;
	}
	if (walk->table == NULL)
		return next_sorted(walk, day);
	while (walk->next < walk->table->span)
	{
		const ClvDay *slot = &walk->table->days[walk->next++];

		if (!clv_day_is_empty(slot))
		{
			*day = *slot;
			return true;
		}
	}
	return false;
}

static void
walk_end(DayWalk *walk)
{
	if (walk->table != NULL)
		pfree(walk->table);
	else if (walk->entries != NULL && walk->entries != walk->small)
		pfree(walk->entries);
}

static ClvState *
resize(ClvState *state, uint32 room)
{
	state = repalloc(state, offsetof(ClvState, days) + room);
	state->room = room;
	return state;
}

static ClvState *
grow(ClvState *state)
{
	uint64		room = ((uint64) state->room + offsetof(ClvState, days)) * 2;

	if (state->room >= MAX_ROOM - CLV_DAY_MAX_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("purchase history too large"),
				 errdetail("A history can have at most 1 GB.")));
	return resize(state, Min(room - offsetof(ClvState, days), MAX_ROOM));
}

/* most bytes of a distance and a kind */
#define HEAD_MAX	5

/* write the distance and kind of a day, and make it the last day */
static inline uint8 *
write_head(ClvState *state, DateADT day, int kind)
{
	int64		distance = (int64) day - state->day;

	state->in_order &= distance > 0 || state->used == 0;
	state->day = day;
	return clv_varint_write_u64(state->days + state->used,
								clv_zigzag(distance) << 2 | kind);
}

/* write an entry at the end, which must have room for its head and payload */
static void
append_entry(ClvState *state, const ClvDay *day, const uint8 *payload, uint32 size)
{
	uint8	   *p = write_head(state, day->day, clv_day_kind(day));

	memcpy(p, payload, size);
	state->used = p + size - state->days;
}

/*
 * Rewrite all days: in order, each once, in units of 10^-scale.  The result
 * may need more bytes than before, so it is built in new memory.
 */
static ClvState *
rewrite(ClvState *state, int scale)
{
	MemoryContext context = GetMemoryChunkContext(state);
	ClvState   *copy;
	DayWalk		walk;
	ClvDay		day;
	uint32		room = state->room;
	uint8		payload[CLV_DAY_MAX_SIZE];
	uint32		size;

	walk_start(&walk, state);
	copy = MemoryContextAlloc(context, offsetof(ClvState, days) + room);
	copy->used = 0;
	copy->room = room;
	copy->day = 0;
	copy->scale = scale;
	copy->in_order = true;
	while (walk_next(&walk, &day))
	{
		if (scale > state->scale)
			clv_day_rescale(&day, scale - state->scale);
		size = clv_write_payload(payload, &day) - payload;
		while (copy->room - copy->used < HEAD_MAX + size)
			copy = grow(copy);
		append_entry(copy, &day, payload, size);
	}
	walk_end(&walk);
	pfree(state);
	return copy;
}

/* make room for "need" bytes, at most HEAD_MAX + CLV_DAY_MAX_SIZE */
static pg_noinline ClvState *
make_room(ClvState *state, uint32 need)
{
	if (!state->in_order && state->room >= MIN_FOLD_ROOM)
	{
		uint32		before = state->room;

		state = rewrite(state, state->scale);
		if (state->room > before || state->used <= state->room / 2)
			return state->room - state->used >= need ? state : grow(state);
	}
	while (state->room - state->used < need)
		state = grow(state);
	return state;
}

/*
 * Express an amount in units of 10^-scale; false if that needs more than the
 * lowest word or smaller units.
 */
static inline bool
fits_scale(const ClvAmount *amount, int scale, uint64 *value)
{
	int			places = scale - amount->scale;

	if (amount->is_wide)
		return false;
	*value = amount->negative ? -(uint64) amount->narrow : (uint64) amount->narrow;
	if (likely(places == 0))
		return true;
	if (places < 0 || places > 4 || *value >= clv_pow10[CLV_POW10_MAX - 5])
		return false;
	*value *= clv_pow10[places];
	return true;
}

/*
 * Add a row.  Returns the state, which may have moved.
 */
ClvState *
clv_state_add_row(ClvState *state, DateADT day, const ClvAmount *amount)
{
	uint64		value;
	uint8	   *p;

	if (unlikely(state->used == 0))
		state->scale = amount->scale;
	if (unlikely(!fits_scale(amount, state->scale, &value)))
	{
		ClvDay		entry;

		entry.day = day;
		entry.is_signed = false;
		entry.orders = amount->negative ? 0 : 1;
		clv_u256_set(&entry.gross, 0);
		clv_u256_set(&entry.refunds, 0);
		clv_amount_magnitude(amount,
							 amount->negative ? &entry.refunds : &entry.gross);
		return clv_state_add_day(state, &entry, amount->scale);
	}

	/* a 64-bit amount has at most ten bytes */
	if (unlikely(state->room - state->used < HEAD_MAX + 10))
		state = make_room(state, HEAD_MAX + 10);
	p = write_head(state, day, amount->negative ? CLV_REFUNDS : CLV_ONE_ORDER);
	p = clv_varint_write_u64(p, value);
	state->used = p - state->days;
	return state;
}

/*
 * Add a row of which is known whether it is an order.  Returns the state,
 * which may have moved.
 */
ClvState *
clv_state_add_signed_row(ClvState *state, DateADT day, const ClvAmount *amount,
						 bool is_order)
{
	ClvDay		entry;

	/* mostly the sign says the same */
	if (is_order != amount->negative)
		return clv_state_add_row(state, day, amount);
	if (!is_order && !amount->is_wide && amount->narrow == 0)
		return state;
	entry.day = day;
	entry.is_signed = false;
	entry.orders = 0;
	clv_u256_set(&entry.gross, 0);
	clv_u256_set(&entry.refunds, 0);
	clv_day_set_signed(&entry);
	if (is_order)
		entry.orders = entry.loss_orders = 1;
	clv_amount_magnitude(amount, is_order ? &entry.losses : &entry.extra);
	return clv_state_add_day(state, &entry, amount->scale);
}

/*
 * Add a day whose money is in units of 10^-scale.  Returns the state, which
 * may have moved.
 */
ClvState *
clv_state_add_day(ClvState *state, const ClvDay *day, int scale)
{
	ClvDay		scaled;
	uint8		payload[CLV_DAY_MAX_SIZE];
	uint32		size;

	if (scale > state->scale)
	{
		if (state->used > 0)
			state = rewrite(state, scale);
		else
			state->scale = scale;
	}
	else if (scale < state->scale)
	{
		scaled = *day;
		clv_day_rescale(&scaled, state->scale - scale);
		day = &scaled;
	}
	size = clv_write_payload(payload, day) - payload;
	if (unlikely(state->room - state->used < HEAD_MAX + size))
		state = make_room(state, HEAD_MAX + size);
	append_entry(state, day, payload, size);
	return state;
}

/* Fold "from" into "into"; "from" is not changed. */
ClvState *
clv_state_merge(ClvState *into, const ClvState *from)
{
	const uint8 *p = from->days;
	const uint8 *end = from->days + from->used;
	DateADT		last = 0;
	ClvDay		day;
	int			n = 0;

	if (into->used == 0)
	{
		if (into->room < from->used)
			into = resize(into, from->used);
		memcpy(into->days, from->days, from->used);
		into->used = from->used;
		into->day = from->day;
		into->scale = from->scale;
		into->in_order = from->in_order;
		return into;
	}
	while (p < end)
	{
		if ((n++ & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		p = read_entry(from, p, &last, &day);
		into = clv_state_add_day(into, &day, from->scale);
	}
	return into;
}

/* The history of all rows so far, in the current context. */
struct varlena *
clv_state_finish(const ClvState *state)
{
	ClvWriter	writer;
	DayWalk		walk;
	ClvDay		day;

	walk_start(&walk, state);
	clv_writer_start(&writer, state->scale, state->used);
	while (walk_next(&walk, &day))
		clv_writer_add(&writer, &day);
	walk_end(&walk);
	return clv_writer_finish(&writer);
}

/*
 * Make the first day with an order that of the only one, which is worth all
 * that its lines of the day come to.  All else is money without an order.
 */
static void
make_one_order(ClvDay *day, bool *found)
{
	ClvU256		gross = day->gross;
	ClvU256		refunds = day->refunds;

	if (day->orders == 0)
		return;
	clv_day_set_signed(day);
	clv_money_add(&gross, &day->extra);
	clv_money_add(&refunds, &day->losses);
	clv_u256_set(&day->gross, 0);
	clv_u256_set(&day->losses, 0);
	day->orders = day->loss_orders = 0;
	if (*found)
	{
		day->extra = gross;
		day->refunds = refunds;
	}
	else
	{
		*found = true;
		day->orders = 1;
		clv_u256_set(&day->refunds, 0);
		clv_u256_set(&day->extra, 0);
		if (clv_u256_cmp(&gross, &refunds) >= 0)
		{
			(void) clv_u256_sub(&gross, &refunds);
			day->gross = gross;
		}
		else
		{
			(void) clv_u256_sub(&refunds, &gross);
			day->losses = refunds;
			day->loss_orders = 1;
		}
	}
	clv_day_settle(day);
}

/*
 * The history of an order whose lines are the rows so far, in the current
 * context.
 */
struct varlena *
clv_state_finish_order(const ClvState *state)
{
	ClvWriter	writer;
	DayWalk		walk;
	ClvDay		day;
	bool		found = false;

	walk_start(&walk, state);
	clv_writer_start(&writer, state->scale, state->used);
	while (walk_next(&walk, &day))
	{
		make_one_order(&day, &found);
		clv_writer_add(&writer, &day);
	}
	walk_end(&walk);
	return clv_writer_finish(&writer);
}

bytea *
clv_state_serialize(const ClvState *state)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	pq_sendbyte(&buf, state->scale);
	pq_sendbyte(&buf, state->in_order);
	pq_sendint32(&buf, state->day);
	pq_sendbytes(&buf, (const char *) state->days, state->used);
	return pq_endtypsend(&buf);
}

ClvState *
clv_state_deserialize(MemoryContext context, bytea *bytes)
{
	StringInfoData buf;
	ClvState   *state;
	uint32		size;

	clv_serial_open(&buf, bytes, SERIAL_VERSION);
	state = clv_state_create(context);
	state->scale = pq_getmsgbyte(&buf);
	state->in_order = pq_getmsgbyte(&buf) != 0;
	state->day = pq_getmsgint(&buf, 4);
	size = buf.len - buf.cursor;
	if (size > state->room)
		state = resize(state, size);
	pq_copymsgbytes(&buf, (char *) state->days, size);
	state->used = size;
	pq_getmsgend(&buf);
	return state;
}
