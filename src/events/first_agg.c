/*
 * first_agg.c
 *		clv_first(): the value at the earliest time.
 *
 * The transition function looks at times first, so nearly every row costs a
 * comparison of two integers; a value is only looked at if its time is the
 * earliest so far, and only copied if it stays.
 *
 * For the result not to depend on the order of rows, one more rule is needed
 * than the documented ones: values that are equal and yet differ, such as 1.0
 * and 1.00, are ordered by their bytes.
 */
#include "clv.h"

#include "libpq/pqformat.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"

#include "common/aggregate_input.h"

#define SERIAL_VERSION	1

typedef struct FirstState
{
	int64		time;
	Datum		value;
	Oid			type;			/* the other support functions do not know it */
	bool		isnull;
} FirstState;

/* types of the arguments at a call site of the transition function */
typedef struct FirstInput
{
	ClvTimeType time;
	TypeCacheEntry *type;
} FirstInput;

static const FirstInput *
first_input(FunctionCallInfo fcinfo)
{
	FirstInput *input = fcinfo->flinfo->fn_extra;

	if (unlikely(input == NULL))
	{
		input = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(FirstInput));
		input->type = clv_ordered_type(getBaseType(get_fn_expr_argtype(fcinfo->flinfo, 1)));
		input->time = clv_time_type(fcinfo, 2);
		fcinfo->flinfo->fn_extra = input;
	}
	return input;
}

/* the type of a state's value, looked up once per call site */
static TypeCacheEntry *
state_type(FunctionCallInfo fcinfo, Oid oid)
{
	TypeCacheEntry *type = fcinfo->flinfo->fn_extra;

	if (unlikely(type == NULL || type->type_id != oid))
		fcinfo->flinfo->fn_extra = type = clv_ordered_type(oid);
	return type;
}

static inline bool
is_reference(TypeCacheEntry *type)
{
	return !type->typbyval;
}

/* values in the form in which they are compared and kept: detoasted */
static inline Datum
flatten(TypeCacheEntry *type, Datum value)
{
	if (type->typlen == -1)
		return PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
	return value;
}

/* the bytes of a value, without the header of a varlena */
static const char *
image(TypeCacheEntry *type, Datum value, Size *size)
{
	if (type->typlen == -1)
	{
		*size = VARSIZE_ANY_EXHDR(DatumGetPointer(value));
		return VARDATA_ANY(DatumGetPointer(value));
	}
	*size = datumGetSize(value, false, type->typlen);
	return DatumGetPointer(value);
}

static int
compare_images(TypeCacheEntry *type, Datum a, Datum b)
{
	const char *bytes_a;
	const char *bytes_b;
	Size		size_a;
	Size		size_b;
	int			cmp;

	if (!is_reference(type))
		return a < b ? -1 : a > b;
	bytes_a = image(type, a, &size_a);
	bytes_b = image(type, b, &size_b);
	cmp = memcmp(bytes_a, bytes_b, Min(size_a, size_b));
	if (cmp != 0)
		return cmp;
	return size_a < size_b ? -1 : size_a > size_b;
}

/* does a value come before that of the state, if times are equal? */
static bool
goes_before(const FirstState *state, Datum value, bool isnull,
			TypeCacheEntry *type, Oid collation)
{
	int			cmp;

	if (isnull || state->isnull)
		return !isnull;
	value = flatten(type, value);
	cmp = DatumGetInt32(FunctionCall2Coll(&type->cmp_proc_finfo, collation,
										  value, state->value));
	if (cmp == 0)
		cmp = compare_images(type, value, state->value);
	return cmp < 0;
}

static void
keep(FirstState *state, int64 time, Datum value, bool isnull,
	 TypeCacheEntry *type, MemoryContext context)
{
	if (is_reference(type))
	{
		Pointer		old = state->isnull ? NULL : DatumGetPointer(state->value);

		if (!isnull)
		{
			MemoryContext before;

			value = flatten(type, value);
			before = MemoryContextSwitchTo(context);
			value = datumCopy(value, false, type->typlen);
			MemoryContextSwitchTo(before);
		}
		if (old != NULL)
			pfree(old);
	}
	state->time = time;
	state->value = isnull ? (Datum) 0 : value;
	state->isnull = isnull;
}

/* add a value; returns the state, which is created if there is none */
static inline FirstState *
add(FirstState *state, int64 time, Datum value, bool isnull,
	TypeCacheEntry *type, Oid collation, MemoryContext context)
{
	if (state == NULL)
	{
		state = MemoryContextAlloc(context, sizeof(FirstState));
		state->type = type->type_id;
		state->isnull = true;
		keep(state, time, value, isnull, type, context);
	}
	else if (time < state->time ||
			 (time == state->time &&
			  goes_before(state, value, isnull, type, collation)))
		keep(state, time, value, isnull, type, context);
	return state;
}

PG_FUNCTION_INFO_V1(clv_first_accum);
Datum
clv_first_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	FirstState *state = PG_ARGISNULL(0) ? NULL : (FirstState *) PG_GETARG_POINTER(0);
	const FirstInput *input;

	if (PG_ARGISNULL(2))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	input = first_input(fcinfo);
	if (!clv_time_is_finite(input->time, PG_GETARG_DATUM(2)))
		clv_time_not_finite();
	state = add(state, clv_time_number(input->time, PG_GETARG_DATUM(2)),
				PG_GETARG_DATUM(1), PG_ARGISNULL(1), input->type,
				PG_GET_COLLATION(), context);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_first_combine);
Datum
clv_first_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	FirstState *into = PG_ARGISNULL(0) ? NULL : (FirstState *) PG_GETARG_POINTER(0);
	const FirstState *from = PG_ARGISNULL(1) ? NULL : (FirstState *) PG_GETARG_POINTER(1);

	if (from != NULL)
		into = add(into, from->time, from->value, from->isnull,
				   state_type(fcinfo, from->type), PG_GET_COLLATION(), context);
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

/*
 * Values are serialized as they are in memory, like rows between the
 * processes of a query.  Not every type has a send function, and what can be
 * sent cannot always be received, such as an anonymous record.
 */
PG_FUNCTION_INFO_V1(clv_first_serial);
Datum
clv_first_serial(PG_FUNCTION_ARGS)
{
	const FirstState *state;
	TypeCacheEntry *type;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	state = (FirstState *) PG_GETARG_POINTER(0);
	type = state_type(fcinfo, state->type);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	pq_sendint32(&buf, state->type);
	pq_sendint64(&buf, state->time);
	pq_sendbyte(&buf, state->isnull);
	if (!state->isnull)
	{
		if (is_reference(type))
			pq_sendbytes(&buf, DatumGetPointer(state->value),
						 datumGetSize(state->value, false, type->typlen));
		else
			pq_sendbytes(&buf, (const char *) &state->value, sizeof(Datum));
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* read the rest of a message as a value */
static Datum
receive_value(StringInfo buf, TypeCacheEntry *type)
{
	int			size = buf->len - buf->cursor;
	const char *bytes = pq_getmsgbytes(buf, size);
	Datum		value;
	char	   *copy;

	if (!is_reference(type))
	{
		if (size != sizeof(Datum))
			elog(ERROR, "broken state of a first value");
		memcpy(&value, bytes, sizeof(Datum));
		return value;
	}
	copy = palloc(Max(size, 1));
	memcpy(copy, bytes, size);
	value = PointerGetDatum(copy);
	if (size == 0 || datumGetSize(value, false, type->typlen) != (Size) size)
		elog(ERROR, "broken state of a first value");
	return value;
}

PG_FUNCTION_INFO_V1(clv_first_deserial);
Datum
clv_first_deserial(PG_FUNCTION_ARGS)
{
	FirstState *state;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	state = palloc0(sizeof(FirstState));
	state->type = pq_getmsgint(&buf, 4);
	state->time = pq_getmsgint64(&buf);
	state->isnull = pq_getmsgbyte(&buf) != 0;
	if (!state->isnull)
		state->value = receive_value(&buf, state_type(fcinfo, state->type));
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_first_final);
Datum
clv_first_final(PG_FUNCTION_ARGS)
{
	const FirstState *state;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (FirstState *) PG_GETARG_POINTER(0);
	if (state->isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(state->value);
}
