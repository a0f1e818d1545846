/*
 * mrr_cohorts_functions.c
 *		clv_mrr_cohorts(): what is left of subscribers and of their MRR, by the
 *		period in which they first subscribed, as rows.
 */
#include "clv.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/args.h"
#include "common/numbers.h"
#include "common/row.h"
#include "subscriptions/mrr_cohorts.h"
#include "subscriptions/term_source.h"

/* the end of a period of a cohort, by what its differences have come to */
static void
put_period(const ClvMrrCohorts *cohorts, const ClvMrrCohort *cohort, int i,
		   const ClvMrrCohortPeriod *total, ClvRow *row)
{
	int64		start = clv_period_start(cohorts->calendar, cohort->key.number);
	int64		end = clv_period_start(cohorts->calendar, (int64) cohort->key.number + i + 1);
	Numeric		first = clv_mrr_units(&cohort->first);

	clv_put(row, PointerGetDatum(cohort->key.group), cohort->key.group == NULL);
	clv_put(row, DateADTGetDatum((DateADT) Max(start, CLV_MIN_DAY)), false);
	clv_put_count(row, cohort->size);
	clv_put_number(row, clv_mrr_balance_numeric(&cohort->first, cohorts->units.scale, cohorts->units.per));
	clv_put(row, Int32GetDatum(i), false);
	clv_put_count(row, total->subscribers);
	clv_put_number(row, clv_mrr_balance_numeric(&total->mrr, cohorts->units.scale, cohorts->units.per));
	clv_put_ratio(row, int64_to_numeric(total->subscribers), int64_to_numeric(cohort->size));
	clv_put_ratio(row, clv_mrr_units(&total->kept), first);
	clv_put_ratio(row, clv_mrr_units(&total->mrr), first);
	clv_put(row, BoolGetDatum(clv_mrr_is_over(end - 1, cohorts->grace, cohorts->as_of)), false);
}

/* every period of a cohort up to that of as_of */
static void
put_cohort(const ClvMrrCohorts *cohorts, const ClvMrrCohort *cohort, ReturnSetInfo *rsinfo,
		   MemoryContext row_context)
{
	int			periods = cohorts->last_number - cohort->key.number + 1;
	ClvMrrCohortPeriod total;
	int			i;

	memset(&total, 0, sizeof(total));
	for (i = 0; i < periods; i++)
	{
		ClvRow		row = {.n = 0};

		CHECK_FOR_INTERRUPTS();
		if (i < cohort->n)
		{
			clv_mrr_balance_add(&total.mrr, &cohort->periods[i].mrr, 1);
			clv_mrr_balance_add(&total.kept, &cohort->periods[i].kept, 1);
			total.subscribers += cohort->periods[i].subscribers;
		}
		put_period(cohorts, cohort, i, &total, &row);
		clv_row_keep(&row, rsinfo);
		MemoryContextReset(row_context);
	}
}

static void
take_recurring(void *state, Datum recurring, text *group)
{
	clv_mrr_cohorts_add((ClvMrrCohorts *) state, recurring, group);
}

PG_FUNCTION_INFO_V1(clv_mrr_cohorts);
Datum
clv_mrr_cohorts(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	ClvPeriods	periods;
	ClvTermSource source;
	ClvMrrCohorts *cohorts;
	ClvMrrCohort **sorted;
	const Interval *grace;
	MemoryContext row_context;
	MemoryContext old;
	DateADT		as_of;
	int			n;
	int			i;

	clv_args_open(&args, fcinfo);
	clv_arg_periods(&args, &periods);
	grace = clv_arg_span_or_null(&args, "grace");
	clv_terms_open(&source, &args);
	as_of = clv_arg_day_or(&args, "as_of", source.today);

	InitMaterializedSRF(fcinfo, 0);
	clv_periods_cache(&periods, as_of);
	cohorts = clv_mrr_cohorts_create(&periods, grace, as_of);
	clv_terms_run(&source, as_of, take_recurring, cohorts);

	sorted = clv_mrr_cohorts_finish(cohorts, &n);
	row_context = AllocSetContextCreate(CurrentMemoryContext, "clv_mrr_cohorts row",
										ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(row_context);
	for (i = 0; i < n; i++)
		put_cohort(cohorts, sorted[i], (ReturnSetInfo *) fcinfo->resultinfo, row_context);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	return (Datum) 0;
}
