/*
 * cross_sell.c
 *		clv_cross_sell(): products to offer to customers, by what the most
 *		valuable ones bought together.
 */
#include "clv.h"

#include "executor/tuptable.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "common/args.h"
#include "common/numbers.h"
#include "common/row.h"
#include "math/binomial.h"
#include "products/items.h"
#include "source/query.h"
#include "source/source.h"

/* confidence that all lifts taken as above 1 really are */
#define CONFIDENCE	0.95
/* 240 MB */
#define MAX_RULES	10000000
#define NONE		(-1)

/*
 * All counting is left to the executor, since there may be a lot to count.
 * It yields rules, which are pairs of products of which the one makes the
 * other more likely, the best first.  Customers and products get numbers, by
 * which the rest is joined. Then come the customers one by one with what they
 * bought, and C looks up the best rules for each: as a join, each would have
 * thousands of rows.
 *
 *		1 schema of the extension	5 share that is the top tier
 *		2 lines						6 times bought together, at least
 *		3 equality of customers		7 confidence
 *		4 equality of products		8 condition on the customer p
 *		9 the customer as text		10 the product as text
 */
static const char *const cross_sell_query =
"WITH pairs AS MATERIALIZED ("
"	SELECT o.customer, o.product, %1$s.clv(o.amount, o.at) AS net,"
"		pg_catalog.bool_or(o.amount " CLV_GE " 0) AND o.product IS DISTINCT FROM NULL AS bought,"
"		pg_catalog.min((%9$s) " CLV_C ") AS customer_label,"
"		pg_catalog.min((%10$s) " CLV_C ") AS product_label"
"	FROM (%2$s) AS o WHERE o.customer IS DISTINCT FROM NULL GROUP BY o.customer, o.product"
"), people AS MATERIALIZED ("
"	SELECT p.customer, p.label, pg_catalog.row_number() OVER ()::pg_catalog.int4 AS id,"
"		%1$s.clv_internal_tier_numeric(p.net, ARRAY[%5$s], 'customers'::pg_catalog.text, ARRAY['top', 'rest']::pg_catalog.text[])"
"			OVER () " CLV_EQ " 'top' AS top"
"	FROM (SELECT customer, pg_catalog.sum(net) AS net, pg_catalog.min(customer_label) AS label"
"		FROM pairs GROUP BY customer) AS p"
"), goods AS MATERIALIZED ("
"	SELECT product, pg_catalog.min(product_label) AS label, pg_catalog.row_number() OVER ()::pg_catalog.int4 AS id"
"	FROM pairs WHERE bought GROUP BY product"
"), bought AS MATERIALIZED ("
/*
 * including products that were only returned: they were bought before the
 * table begins
 */
"	SELECT p.id AS customer, g.id AS product, p.top, b.bought"
"	FROM pairs AS b JOIN people AS p ON b.customer %3$s p.customer"
"		JOIN goods AS g ON b.product %4$s g.product"
"), size AS ("
"	SELECT pg_catalog.count(*) AS n FROM people WHERE top"
"), buyers AS MATERIALIZED ("
"	SELECT product, pg_catalog.count(*) AS n FROM bought WHERE top AND bought GROUP BY product"
"), popular AS MATERIALIZED ("
/* a product with few buyers has no frequent pairs */
"	SELECT b.customer, b.product FROM bought AS b JOIN buyers AS g ON g.product " CLV_EQ " b.product"
"	WHERE b.top AND b.bought AND g.n " CLV_GE " %6$d"
"), together AS MATERIALIZED ("
"	SELECT a.product AS one, b.product AS other, pg_catalog.count(*) AS n"
"	FROM popular AS a JOIN popular AS b ON a.customer " CLV_EQ " b.customer AND a.product " CLV_LT " b.product"
"	GROUP BY a.product, b.product HAVING pg_catalog.count(*) " CLV_GE " %6$d"
"), trials AS ("
"	SELECT n, least(1 " CLV_SUB " ((1 " CLV_SUB " %7$s) " CLV_DIV " n), " CLV_SUREST ") AS confidence"
"	FROM (SELECT greatest(2 " CLV_MUL " pg_catalog.count(*), 1) AS n FROM together) AS t"
"), rules AS ("
"	SELECT r.because, r.product, r.n, pg_catalog.row_number() OVER ("
"		ORDER BY r.lift_low DESC, r.n DESC, g.label, b.label, r.product, r.because) AS place"
"	FROM (SELECT t.because, t.product, t.n,"
"			(%1$s.clv_internal_share_low(t.n, b.n, q.confidence::pg_catalog.float8)::pg_catalog.numeric " CLV_MUL " s.n) " CLV_DIV " g.n AS lift_low"
"		FROM (SELECT one AS because, other AS product, n FROM together"
"				UNION ALL SELECT other, one, n FROM together) AS t"
"			JOIN buyers AS b ON b.product " CLV_EQ " t.because"
"			JOIN buyers AS g ON g.product " CLV_EQ " t.product,"
"			size AS s, trials AS q"
"		OFFSET 0) AS r JOIN goods AS b ON b.id " CLV_EQ " r.because JOIN goods AS g ON g.id " CLV_EQ " r.product"
"	WHERE r.lift_low " CLV_GT " 1"
") "
"SELECT r.kind, r.id, r.product, r.n, r.label FROM ("
"	SELECT 0 AS kind, 0 AS id, 0 AS product, n, NULL::pg_catalog.text AS label, 0 AS place FROM size"
"	UNION ALL SELECT 1, 0, 0, n, NULL, 0 FROM trials"
"	UNION ALL SELECT 2, g.id, 0, coalesce(b.n, 0), coalesce(g.label, ''), 0"
"	FROM goods AS g LEFT JOIN buyers AS b ON b.product " CLV_EQ " g.id"
"	UNION ALL SELECT 3, because, product, n, NULL, place FROM rules"
"	UNION ALL SELECT 4, b.customer, b.product, b.bought::pg_catalog.int4, coalesce(p.label, ''), 0"
"	FROM bought AS b JOIN people AS p ON p.id " CLV_EQ " b.customer WHERE %8$s"
") AS r ORDER BY r.kind, CASE WHEN r.kind " CLV_EQ " 4 THEN r.label END " CLV_C ", r.place, r.id, r.product";

/* the kinds of rows, in this order */
enum
{
	ROW_SIZE,					/* n customers are the top tier */
	ROW_TRIALS,					/* n lifts were tested */
	ROW_PRODUCT,				/* product id has this label and n buyers */
	ROW_RULE,					/* of buyers of id, n bought product; best first */
	ROW_BOUGHT					/* customer id bought (n) or returned product */
};

typedef struct Product
{
	text	   *label;
	int64		buyers;
	int32		first_rule;		/* of those from it, or NONE */
	int32		last_rule;
	int32		owner;			/* the current customer, if a buyer of it */
} Product;

typedef struct Rule
{
	int64		together;
	int32		because;
	int32		product;
	int32		next;			/* from the same product, or NONE */
} Rule;

/* reads the rows of the query, and returns those of the function */
typedef struct CrossSell
{
	MemoryContext context;
	MemoryContext row_context;
	ReturnSetInfo *rsinfo;
	double		tail;			/* of what is seen, if the lift is not as high */
	int64		top_customers;
	Product    *products;		/* by number, from 1 on */
	int32		n_products;
	int32		products_room;
	Rule	   *rules;
	int32		n_rules;
	int32		rules_room;

	/* the current customer */
	int32		customer;		/* from 1 on, or 0 */
	text	   *label;
	int32	   *owned;			/* products */
	int32		n_owned;
	int32	   *offers;			/* the best rules so far, best first */
	int32		n_offers;
	int32		max_offers;
} CrossSell;

/*
 * Add a rule to the best if it is one of them; each product is in them once.
 * False if no worse rule can be among them.
 */
static bool
offer(CrossSell *state, int32 rule)
{
	int32	   *offers = state->offers;
	int32		product = state->rules[rule].product;
	int32		i;
	int32		place;

	if (state->n_offers == state->max_offers &&
		(state->n_offers == 0 || offers[state->n_offers - 1] < rule))
		return false;
	for (i = 0; i < state->n_offers; i++)
	{
		if (state->rules[offers[i]].product == product)
			break;
	}
	if (i < state->n_offers)
	{
		/* offered by a better rule already, or now by this one */
		if (offers[i] < rule)
			return true;
	}
	else if (state->n_offers < state->max_offers)
		i = state->n_offers++;
	else
		i = state->n_offers - 1;
	for (place = i; place > 0 && offers[place - 1] > rule; place--)
		offers[place] = offers[place - 1];
	offers[place] = rule;
	return true;
}

static Numeric
times(int64 a, int64 b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul,
											   NumericGetDatum(int64_to_numeric(a)),
											   NumericGetDatum(int64_to_numeric(b))));
}

static void
put_offer(const CrossSell *state, int32 rank)
{
	const Rule *rule = &state->rules[state->offers[rank]];
	const Product *because = &state->products[rule->because];
	const Product *product = &state->products[rule->product];
	ClvRow		row = {.n = 0};
	Numeric		lift;
	Datum		low_share;

	lift = clv_numeric_divide(times(rule->together, state->top_customers),
							  times(because->buyers, product->buyers));
	low_share = DirectFunctionCall1(float8_numeric,
									Float8GetDatum(clv_binomial_low((double) rule->together,
																	(double) because->buyers,
																	state->tail)));
	clv_put(&row, PointerGetDatum(state->label), false);
	clv_put(&row, Int32GetDatum(rank + 1), false);
	clv_put(&row, PointerGetDatum(product->label), false);
	clv_put(&row, PointerGetDatum(because->label), false);
	clv_put_count(&row, rule->together);
	clv_put_number(&row, clv_numeric_divide_int64(int64_to_numeric(rule->together),
												  because->buyers));
	clv_put_number(&row, lift);
	clv_put_number(&row, clv_numeric_divide_int64(
		DatumGetNumeric(DirectFunctionCall2(numeric_mul, low_share,
											NumericGetDatum(int64_to_numeric(state->top_customers)))),
		product->buyers));
	clv_row_keep(&row, state->rsinfo);
}

/* return the offers to the current customer, who is then done */
static void
finish_customer(CrossSell *state)
{
	MemoryContext old = MemoryContextSwitchTo(state->row_context);
	int32		i;
	int32		rule;

	state->n_offers = 0;
	for (i = 0; i < state->n_owned; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (rule = state->products[state->owned[i]].first_rule; rule != NONE;
			 rule = state->rules[rule].next)
		{
			if (state->products[state->rules[rule].product].owner != state->customer &&
				!offer(state, rule))
				break;
		}
	}
	for (i = 0; i < state->n_offers; i++)
		put_offer(state, i);
	state->n_owned = 0;
	MemoryContextSwitchTo(old);
	MemoryContextReset(state->row_context);
}

static void
take_product(CrossSell *state, int64 buyers, text *label)
{
	Product    *product;

	if (++state->n_products >= state->products_room)
	{
		state->products_room *= 2;
		state->products = repalloc_huge(state->products,
										state->products_room * sizeof(Product));
	}
	product = &state->products[state->n_products];
	product->label = (text *) DatumGetPointer(datumCopy(PointerGetDatum(label), false, -1));
	product->buyers = buyers;
	product->first_rule = product->last_rule = NONE;
	product->owner = 0;
}

static void
take_rule(CrossSell *state, int32 because, int32 product, int64 together)
{
	Product    *from = &state->products[because];
	Rule	   *rule;

	if (state->n_rules == MAX_RULES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many pairs of products: more than %d", MAX_RULES),
				 errhint("Raise min_together, or give a column of broader groups of products.")));
	if (state->n_rules == state->rules_room)
	{
		state->rules_room *= 2;
		state->rules = repalloc_huge(state->rules, state->rules_room * sizeof(Rule));
	}
	rule = &state->rules[state->n_rules];
	rule->because = because;
	rule->product = product;
	rule->together = together;
	rule->next = NONE;
	if (from->first_rule == NONE)
		from->first_rule = state->n_rules;
	else
		state->rules[from->last_rule].next = state->n_rules;
	from->last_rule = state->n_rules++;
}

static void
take_bought(CrossSell *state, int32 customer, int32 product, bool bought, text *label)
{
	if (state->owned == NULL)
	{
		/*
		 * neither a customer's products nor offers are more than there are
		 * products
		 */
		state->owned = palloc_extended((state->n_products + 1) * sizeof(int32), MCXT_ALLOC_HUGE);
		state->max_offers = Min(state->max_offers, state->n_products);
		state->offers = palloc_extended((state->max_offers + 1) * sizeof(int32), MCXT_ALLOC_HUGE);
	}
	if (customer != state->customer)
	{
		if (state->customer != 0)
		{
			finish_customer(state);
			pfree(state->label);
		}
		state->customer = customer;
		state->label = (text *) DatumGetPointer(datumCopy(PointerGetDatum(label), false, -1));
	}
	if (bought)
		state->owned[state->n_owned++] = product;
	state->products[product].owner = customer;
}

/*
 * take a row of that query; what is kept goes into the context of the whole
 */
static void
take_row(void *data, TupleTableSlot *slot)
{
	CrossSell  *state = data;
	MemoryContext old;
	int32		id;
	int32		product;
	int64		n;
	text	   *label;

	slot_getallattrs(slot);
	id = DatumGetInt32(slot->tts_values[1]);
	product = DatumGetInt32(slot->tts_values[2]);
	n = DatumGetInt64(slot->tts_values[3]);
	label = slot->tts_isnull[4] ? NULL : DatumGetTextPP(slot->tts_values[4]);
	old = MemoryContextSwitchTo(state->context);
	switch (DatumGetInt32(slot->tts_values[0]))
	{
		case ROW_SIZE:
			state->top_customers = n;
			break;
		case ROW_TRIALS:
			state->tail = (1 - CONFIDENCE) / n / 2;
			break;
		case ROW_PRODUCT:
			take_product(state, n, label);
			Assert(state->n_products == id);
			break;
		case ROW_RULE:
			take_rule(state, id, product, n);
			break;
		case ROW_BOUGHT:
			take_bought(state, id, product, n != 0, label);
			break;
	}
	MemoryContextSwitchTo(old);
}

static void
cross_sell_init(CrossSell *state, FunctionCallInfo fcinfo, int32 max_offers)
{
	memset(state, 0, sizeof(CrossSell));
	state->context = CurrentMemoryContext;
	state->row_context = AllocSetContextCreate(CurrentMemoryContext,
											   "clv_cross_sell customer",
											   ALLOCSET_DEFAULT_SIZES);
	state->rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	state->max_offers = max_offers;
	state->products_room = state->rules_room = 64;
	state->products = palloc(state->products_room * sizeof(Product));
	state->rules = palloc(state->rules_room * sizeof(Rule));
}

PG_FUNCTION_INFO_V1(clv_cross_sell);
Datum
clv_cross_sell(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvItems	items;
	CrossSell	state;
	const char *top;
	int32		max_offers;
	int32		min_together;
	const char *for_customer;
	const char *asked = "true";
	DateADT		as_of;
	int			nest_level;

	clv_args_open(&args, fcinfo);
	top = clv_items_top_tier(&args);
	max_offers = clv_arg_count(&args, "offers");
	min_together = clv_arg_count(&args, "min_together");
	for_customer = clv_arg_cstring_or_null(&args, "for_customer");
	if (for_customer != NULL)
		asked = psprintf("p.label " CLV_EQ " %s", quote_literal_cstr(for_customer));
	clv_items_open(&items, &args);
	as_of = clv_items_as_of(&items, &args);
	InitMaterializedSRF(fcinfo, 0);
	cross_sell_init(&state, fcinfo, max_offers);
	nest_level = clv_items_plan_safely();
	clv_query_stream(psprintf(cross_sell_query, items.source.clv,
							  clv_items_lines(&items, as_of), items.same_customer,
							  items.same_product, top, min_together,
							  psprintf("%.17g", CONFIDENCE), asked,
							  items.customer_text, items.product_text),
					 list_make1_oid(items.source.relation), take_row, &state);
	AtEOXact_GUC(true, nest_level);
	if (state.customer != 0)
		finish_customer(&state);
	return (Datum) 0;
}
