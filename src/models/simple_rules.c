/*
 * simple_rules.c
 *		Rules that predict a customer by what they did: last year again, the
 *		last span again, the pace so far.
 *
 * Models are compared with them, and where one of them does better than all
 * models, it is the model.
 */
#include "models/simple_rules.h"

#include "common/calendar.h"
#include "history/history.h"

/*
 * The spans of days as of a day, for the time to come up to "end".  first_day
 * is that of the book, or CLV_MIN_DAY if it is not known.
 */
void
clv_ruler_set(ClvRuler *ruler, DateADT as_of, DateADT end, DateADT first_day)
{
	Interval	years = {0, 0, 12};
	int64		days = (int64) end - as_of;
	int64		known = (int64) as_of - first_day + 1;
	int64		rest_to = clv_calendar_back(end, &years, 1);

	ruler->as_of = as_of;
	ruler->end = end;
	ruler->span_after = (DateADT) Max(as_of - days, CLV_MIN_DAY - 1);
	ruler->span_weight = known > 0 && known < days ? (double) days / (double) known : 1;
	ruler->year_after = (DateADT) clv_calendar_back(as_of, &years, 1);
	ruler->knows_year = first_day <= ruler->year_after + 1;
	for (ruler->years = 0; rest_to > as_of; ruler->years++)
	{
		years.month += 12;
		rest_to = clv_calendar_back(end, &years, 1);
	}
	ruler->rest_to = (DateADT) rest_to;
}

static inline void
add_day(ClvSpell *spell, const ClvDay *day, double value, double times)
{
	if (day->orders > 0)
		spell->purchases += times;
	spell->value += times * value;
}

/* the spans of a customer, and the days since the first and last purchase */
void
clv_pace_read(const ClvRuler *ruler, Datum history, bool has_amount, ClvPace *pace)
{
	ClvReader	reader;
	ClvDay		day;
	bool		seen = false;

	memset(pace, 0, sizeof(ClvPace));
	clv_reader_open(&reader, history);
	while (clv_reader_next(&reader, &day) && day.day <= ruler->end)
	{
		/* money as a double, which is exact enough to compare predictions */
		double		value = has_amount ? clv_day_net_float8(&day, reader.scale) : 0;

		if (day.day > ruler->as_of)
		{
			add_day(&pace->outcome, &day, value, 1);
			continue;
		}
		if (seen)
			add_day(&pace->past, &day, value, 1);
		if (day.day > ruler->span_after)
			add_day(&pace->last_span, &day, value, 1);
		if (day.day > ruler->year_after)
			add_day(&pace->last_year, &day, value,
					ruler->years + (day.day <= ruler->rest_to));
		if (day.orders > 0)
		{
			pace->days_since_last = ruler->as_of - day.day;
			if (!seen)
				pace->days_since_first = pace->days_since_last;
			seen = true;
		}
	}
}

static ClvSpell
times(ClvSpell spell, double factor)
{
	ClvSpell	result = {spell.purchases * factor, spell.value * factor};

	return result;
}

static ClvSpell
by_rule(const ClvRuler *ruler, const ClvPace *pace, ClvModelKind rule)
{
	double		days = (double) ruler->end - ruler->as_of;

	if (rule == CLV_LAST_YEAR && ruler->knows_year)
		return pace->last_year;
	if (rule != CLV_NAIVE)
		return times(pace->last_span, ruler->span_weight);

	/*
	 * Customers who came on the last day have no pace yet.  In days, so that
	 * equal paces are equal numbers.
	 */
	return pace->days_since_first <= 0 ? (ClvSpell) {0, 0} :
		(ClvSpell) {pace->past.purchases / pace->days_since_first * days,
		pace->past.value / pace->days_since_first * days};
}

/* as with models, refunds cannot make the value to come negative */
ClvSpell
clv_rule_predict(const ClvRuler *ruler, const ClvPace *pace, ClvModelKind rule)
{
	ClvSpell	spell = by_rule(ruler, pace, rule);

	spell.value = Max(spell.value, 0);
	return spell;
}
