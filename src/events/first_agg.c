/*
 * first_agg.c
 *		clv_first(): the value at the earliest time; and
 *		clv_internal_first_order(): at equal times, that of the lowest number.
 *
 * The transition function looks at times first, so nearly every row costs a
 * comparison of two integers; a number or value is only looked at if its time
 * is the earliest so far, and only copied if it stays.
 *
 * For the result not to depend on the order of rows, one more rule is needed
 * than the documented ones: values that are equal and yet differ, such as 1.0
 * and 1.00, are ordered by their bytes.
 */
#include "clv.h"

#include "catalog/pg_collation.h"
#include "libpq/pqformat.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"

#include "common/aggregate_input.h"

#define SERIAL_VERSION	1

/* a value in the memory of a state */
typedef struct Kept
{
	Datum		datum;
	bool		isnull;
} Kept;

typedef struct FirstState
{
	int64		time;
	Kept		number;			/* NULL if rows have none */
	Kept		value;
	Oid			type;			/* the other support functions do not know them */
	Oid			number_type;	/* or InvalidOid */
	bool		tied;			/* other values stood where this one does */
} FirstState;

/* a row, or a state to be combined with another */
typedef struct FirstRow
{
	int64		time;
	Kept		number;
	Kept		value;
	bool		tied;
} FirstRow;

/* the types of a state, looked up once per call site */
typedef struct FirstTypes
{
	ClvTimeType time;			/* only known to the transition function */
	TypeCacheEntry *value;
	TypeCacheEntry *number;		/* or NULL */
} FirstTypes;

static FirstTypes *
make_types(FunctionCallInfo fcinfo, Oid value, Oid number)
{
	FirstTypes *types = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(FirstTypes));

	types->value = clv_ordered_type(value);
	if (OidIsValid(number))
		types->number = clv_ordered_type(number);
	return types;
}

/* those of the arguments of the transition function */
static const FirstTypes *
input_types(FunctionCallInfo fcinfo)
{
	if (unlikely(fcinfo->flinfo->fn_extra == NULL))
	{
		FirstTypes *types;

		types = make_types(fcinfo, getBaseType(get_fn_expr_argtype(fcinfo->flinfo, 1)),
						   PG_NARGS() > 3 ? get_fn_expr_argtype(fcinfo->flinfo, 3) : InvalidOid);
		types->time = clv_time_type(fcinfo, 2);
		fcinfo->flinfo->fn_extra = types;
	}
	return fcinfo->flinfo->fn_extra;
}

/* those of a state */
static const FirstTypes *
state_types(FunctionCallInfo fcinfo, const FirstState *state)
{
	const FirstTypes *types = fcinfo->flinfo->fn_extra;

	if (unlikely(types == NULL || types->value->type_id != state->type))
		fcinfo->flinfo->fn_extra = make_types(fcinfo, state->type, state->number_type);
	return fcinfo->flinfo->fn_extra;
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

/* NULL comes last */
static int
compare(TypeCacheEntry *type, Oid collation, const Kept *a, const Kept *b)
{
	if (a->isnull || b->isnull)
		return (int) a->isnull - (int) b->isnull;
	return DatumGetInt32(FunctionCall2Coll(&type->cmp_proc_finfo, collation,
										   flatten(type, a->datum), b->datum));
}

/* texts of numbers have the same order on every server */
static int
compare_numbers(const FirstTypes *types, const FirstRow *row, const FirstState *state)
{
	if (types->number == NULL)
		return 0;
	return compare(types->number, C_COLLATION_OID, &row->number, &state->number);
}

static int
compare_values(const FirstTypes *types, Oid collation, const FirstRow *row, const FirstState *state)
{
	int			cmp = compare(types->value, collation, &row->value, &state->value);

	if (cmp == 0 && !row->value.isnull)
		cmp = compare_images(types->value, flatten(types->value, row->value.datum), state->value.datum);
	return cmp;
}

/* put a copy of a value into the place of another */
static void
keep(Kept *place, const Kept *value, TypeCacheEntry *type, MemoryContext context)
{
	Kept		old = *place;

	*place = *value;
	if (type == NULL || !is_reference(type))
		return;
	if (!value->isnull)
	{
		Datum		flat = flatten(type, value->datum);
		MemoryContext before = MemoryContextSwitchTo(context);

		place->datum = datumCopy(flat, false, type->typlen);
		MemoryContextSwitchTo(before);
	}
	if (!old.isnull)
		pfree(DatumGetPointer(old.datum));
}

/* add a row; returns the state, which is created if there is none */
static inline FirstState *
add(FirstState *state, const FirstRow *row, const FirstTypes *types, Oid collation,
	MemoryContext context)
{
	int			cmp = -1;

	if (state == NULL)
	{
		state = MemoryContextAllocZero(context, sizeof(FirstState));
		state->type = types->value->type_id;
		if (types->number != NULL)
			state->number_type = types->number->type_id;
		state->number.isnull = state->value.isnull = true;
	}
	else if (row->time > state->time)
		return state;
	else if (row->time == state->time)
		cmp = compare_numbers(types, row, state);
	if (cmp > 0)
		return state;
	if (cmp < 0)
		state->tied = row->tied;
	else
	{
		cmp = compare_values(types, collation, row, state);
		state->tied = state->tied || row->tied || cmp != 0;
		if (cmp >= 0)
			return state;
	}
	state->time = row->time;
	keep(&state->number, &row->number, types->number, context);
	keep(&state->value, &row->value, types->value, context);
	return state;
}

PG_FUNCTION_INFO_V1(clv_internal_first_accum);
Datum
clv_internal_first_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	FirstState *state = PG_ARGISNULL(0) ? NULL : (FirstState *) PG_GETARG_POINTER(0);
	const FirstTypes *types;
	FirstRow	row;

	if (PG_ARGISNULL(2))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	types = input_types(fcinfo);
	if (!clv_time_is_finite(types->time, PG_GETARG_DATUM(2)))
		clv_time_not_finite();
	row.time = clv_time_number(types->time, PG_GETARG_DATUM(2));
	row.value.datum = PG_GETARG_DATUM(1);
	row.value.isnull = PG_ARGISNULL(1);
	row.number.isnull = types->number == NULL || PG_ARGISNULL(3);
	row.number.datum = row.number.isnull ? (Datum) 0 : PG_GETARG_DATUM(3);
	row.tied = false;
	PG_RETURN_POINTER(add(state, &row, types, PG_GET_COLLATION(), context));
}

PG_FUNCTION_INFO_V1(clv_internal_first_combine);
Datum
clv_internal_first_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = clv_aggregate_context(fcinfo);
	FirstState *into = PG_ARGISNULL(0) ? NULL : (FirstState *) PG_GETARG_POINTER(0);
	const FirstState *from = PG_ARGISNULL(1) ? NULL : (FirstState *) PG_GETARG_POINTER(1);

	if (from != NULL)
	{
		FirstRow	row = {from->time, from->number, from->value, from->tied};

		into = add(into, &row, state_types(fcinfo, from), PG_GET_COLLATION(), context);
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

/* write a value; its size comes first */
static void
send_value(StringInfo buf, const Kept *value, TypeCacheEntry *type)
{
	Size		size;

	pq_sendbyte(buf, value->isnull);
	if (value->isnull)
		return;
	size = is_reference(type) ? datumGetSize(value->datum, false, type->typlen) : sizeof(Datum);
	pq_sendint64(buf, size);
	pq_sendbytes(buf, is_reference(type) ? DatumGetPointer(value->datum) : (const char *) &value->datum,
				 size);
}

/*
 * Values are serialized as they are in memory, like rows between the
 * processes of a query.  Not every type has a send function, and what can be
 * sent cannot always be received, such as an anonymous record.
 */
PG_FUNCTION_INFO_V1(clv_internal_first_serial);
Datum
clv_internal_first_serial(PG_FUNCTION_ARGS)
{
	const FirstState *state;
	const FirstTypes *types;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	state = (FirstState *) PG_GETARG_POINTER(0);
	types = state_types(fcinfo, state);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SERIAL_VERSION);
	pq_sendint32(&buf, state->type);
	pq_sendint32(&buf, state->number_type);
	pq_sendint64(&buf, state->time);
	pq_sendbyte(&buf, state->tied);
	send_value(&buf, &state->number, types->number);
	send_value(&buf, &state->value, types->value);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* read what send_value() wrote */
static void
receive_value(StringInfo buf, Kept *value, TypeCacheEntry *type)
{
	int64		size;
	const char *bytes;
	char	   *copy;

	value->isnull = pq_getmsgbyte(buf) != 0;
	if (value->isnull)
		return;
	size = pq_getmsgint64(buf);
	if (type == NULL || size <= 0 || size > buf->len - buf->cursor)
		elog(ERROR, "broken state of a first value");
	bytes = pq_getmsgbytes(buf, size);
	if (!is_reference(type))
	{
		if (size != sizeof(Datum))
			elog(ERROR, "broken state of a first value");
		memcpy(&value->datum, bytes, sizeof(Datum));
		return;
	}
	copy = palloc(size);
	memcpy(copy, bytes, size);
	value->datum = PointerGetDatum(copy);
	if (datumGetSize(value->datum, false, type->typlen) != (Size) size)
		elog(ERROR, "broken state of a first value");
}

PG_FUNCTION_INFO_V1(clv_internal_first_deserial);
Datum
clv_internal_first_deserial(PG_FUNCTION_ARGS)
{
	FirstState *state;
	const FirstTypes *types;
	StringInfoData buf;

	(void) clv_aggregate_context(fcinfo);
	clv_serial_open(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION);
	state = palloc0(sizeof(FirstState));
	state->type = pq_getmsgint(&buf, 4);
	state->number_type = pq_getmsgint(&buf, 4);
	types = state_types(fcinfo, state);
	state->time = pq_getmsgint64(&buf);
	state->tied = pq_getmsgbyte(&buf) != 0;
	receive_value(&buf, &state->number, types->number);
	receive_value(&buf, &state->value, types->value);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(clv_internal_first_final);
Datum
clv_internal_first_final(PG_FUNCTION_ARGS)
{
	const FirstState *state;

	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (FirstState *) PG_GETARG_POINTER(0);
	if (state->value.isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(state->value.datum);
}

/* did other values stand where the first one does? */
PG_FUNCTION_INFO_V1(clv_internal_first_order_is_tied_final);
Datum
clv_internal_first_order_is_tied_final(PG_FUNCTION_ARGS)
{
	(void) clv_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(((FirstState *) PG_GETARG_POINTER(0))->tied);
}
