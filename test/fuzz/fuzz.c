/*
 * Mutates text and binary input of a type against a running server, and prints TAP.
 *
 *     fuzz [CORPUS_DIRECTORY]
 *
 * connects as PGHOST and its like say, to a database with the extension.  CLV_FUZZ_TYPE is the type
 * (default clv_history), CLV_FUZZ the number of mutations, CLV_FUZZ_SEED the seed: the same seed gives
 * the same mutations, so a failure can be had again.
 *
 * The corpus, in a directory by the name of the type: valid.txt and rejected.txt, texts that must and may not be accepted; binary.txt, messages in
 * hex that once were trouble.
 *
 * Every rejected input must come with an SQLSTATE that blames the input, and never the server.  Every
 * accepted one must come back the same through text and through binary, and obey the laws of its type.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#define MAX_SIZE	2048		/* of an input */
#define BATCH		250			/* queries on their way at once */
#define POOL		256			/* inputs to mutate, of each form */

#define TEXT_FORM	0			/* as libpq counts formats */
#define BINARY_FORM 1

typedef struct
{
	int			form;
	int			size;
	char		bytes[MAX_SIZE + 1];
} Input;

/*
 * What is asked of a type.  All queries take one value of it: "value" reads it; "round_trip" may not fail
 * for one that was accepted, nor be anything but true; "laws" may fail for an overflow or for a value that
 * it does not apply to, otherwise the columns "law..." must be true; "functions" may fail likewise.
 */
typedef struct
{
	const char *name;
	int			mutations;
	const char *value;
	const char *round_trip;
	const char *laws;
	const char *functions;
} Type;

static const Type types[] = {
	{
		"clv_history", 200000,
		"SELECT $1::clv_history",
		"SELECT $1 AS value, ($1::text)::clv_history = $1 AS text_equal,"
		" clv_history_send(($1::text)::clv_history) = clv_history_send($1) AS text_same_bytes,"
		" clv_history_hash(($1::text)::clv_history) = clv_history_hash($1) AS hash_equal",
		"SELECT $1 - $1 = '{}' AS law_minus_itself, ($1 + $1) - $1 = $1 AS law_plus_minus,"
		" clv_at($1, 'infinity') = $1 AS law_at_the_end,"
		" clv_at($1, '2024-01-10') + clv_between($1, '2024-01-11', 'infinity') = $1 AS law_split,"
		" (SELECT coalesce(sum(gross - refunds), 0) FROM clv_days($1)) = clv($1) AS law_days_net,"
		" (SELECT coalesce(sum(orders), 0) FROM clv_days($1)) = clv_orders($1) AS law_days_orders,"
		" clv_frequency($1) = greatest(clv_purchase_days($1) - 1, 0) OR clv_frequency($1) IS NULL AS law_frequency,"
		" (SELECT clv_rollup(h) FROM (VALUES ($1), ('{}')) v (h)) = $1 AS law_rollup",
		"SELECT clv($1, '1 year'), clv_recency($1, 'week'), clv_age($1, '2024-06-01'),"
		" clv_days_since_last($1, '2024-06-01'), clv_first_purchase($1), clv_last_purchase($1), clv_average_order_value($1),"
		" clv_repeat_value($1), clv_refunds($1), clv_mean_gap($1), clv_gap_cv($1), clv_purchase_days($1),"
		" clv_trend($1, '2024-06-01'), clv_payback($1, '2024-06-01', 10, 1), clv_value_by_age($1, '2024-06-01', '30 days'),"
		" clv_rfm($1) = clv_rfm_at($1, 'infinity') AS law_rfm, $1 + '{2024-01-05: -5 (1) +3}' - '{2024-01-05: -5 (1) +3}' = $1 AS law_signed,"
		" (SELECT coalesce(sum(refunds), 0) FROM clv_days($1)) = clv_refunds($1) AS law_days_refunds"
	},
	{
		"clv_sample", 30000,
		"SELECT $1::clv_sample",
		"SELECT $1 AS value, ($1::text)::clv_sample::text = $1::text AS text_equal,"
		" clv_sample_send(($1::text)::clv_sample) = clv_sample_send($1) AS text_same_bytes",
		"SELECT (SELECT clv_rollup(s) FROM (VALUES ($1)) v (s))::text = $1::text AS law_rollup",
		"SELECT (clv_model_summary(m)).status <> 'given' AS law_fitted, m::text::clv_model = m AS law_model"
		" FROM unnest(CASE substring($1::text FROM '\"kind\": \"([a-z]+)\"') WHEN 'spend' THEN '{gammagamma}' WHEN 'discrete' THEN '{bgbb}'"
		" WHEN 'survival' THEN '{sbg,bdw}' WHEN 'contracts' THEN '{sbg,bdw}' ELSE '{bgnbd,mbgnbd,paretonbd,mbgcnbd-3}' END::text[]) AS kind, clv_fit($1, kind, 0.1) AS m"
	},
	{
		"clv_model", 30000,
		"SELECT $1::clv_model",
		"SELECT $1 AS value, ($1::text)::clv_model = $1 AS text_equal,"
		" clv_model_send(($1::text)::clv_model) = clv_model_send($1) AS text_same_bytes,"
		" ($1::jsonb)::clv_model = $1 AS jsonb_equal, (SELECT count(*) FROM clv_model_parameters($1)) = (SELECT count(*) FROM jsonb_object_keys($1::jsonb -> 'parameters')) AS has_parameters",
		"SELECT clv_p_alive($1, 2, 3, 5) BETWEEN 0 AND 1 AS law_alive,"
		" clv_expected_purchases($1, 2, 3, 5, 7) >= 0 AS law_expected, clv_purchase_probability($1, 2, 3, 5, 1, 7) BETWEEN 0 AND 1 AS law_probability,"
		" (SELECT ((i).low <= (i).high) IS NOT FALSE FROM (SELECT clv_predict_interval($1, 2, 3, 5, 7, 0.8) AS i FROM (VALUES (1), (2)) v (n)) q) AS law_interval",
		"SELECT (clv_model_summary($1)).aic, (clv_model_summary($1)).bic, (clv_model_summary($1)).log_likelihood, (SELECT count(*) FROM clv_model_effects($1)), (SELECT count(*) FROM clv_model_correlations($1)), clv_dert($1, 2, 3, 5, 0.1), clv_next_purchase($1, 2, 3, 5, 0.5)"
	},
	{
		"clv_season", 30000,
		"SELECT $1::clv_season",
		"SELECT $1 AS value, ($1::text)::clv_season = $1 AS text_equal,"
		" clv_season_send(($1::text)::clv_season) = clv_season_send($1) AS text_same_bytes,"
		" ($1::jsonb)::clv_season = $1 AS jsonb_equal, clv_season_hash(($1::text)::clv_season) = clv_season_hash($1) AS hash_equal",
		"SELECT abs(clv_season_days($1, '2023-12-31', '2024-12-31') - (SELECT sum(weight) FROM clv_season_curve($1, '2024-01-01', '2024-12-31'))) < 1e-6 AS law_sum,"
		" clv_season_days($1, '1900-01-01', '2000-01-01') > 0 AS law_forward, clv_season_days($1, '2000-01-01', '2000-01-01') = 0 AS law_zero",
		"SELECT clv_season_weight($1, '2024-11-29') > 0 AS law_weight, clv_season_days($1, '4714-11-24 BC', '5874897-12-31'),"
		" clv_season_with($1, '2090-01-01', '2090-01-02', 3) <> $1 AS law_span, (SELECT count(*) FROM clv_season_weights($1))"
	},
	{
		"clv_recurring", 60000,
		"SELECT $1::clv_recurring",
		"SELECT $1 AS value, ($1::text)::clv_recurring = $1 AS text_equal,"
		" clv_recurring_send(($1::text)::clv_recurring) = clv_recurring_send($1) AS text_same_bytes,"
		" clv_recurring_hash(($1::text)::clv_recurring) = clv_recurring_hash($1) AS hash_equal",
		"SELECT $1 - $1 = '{}' AS law_minus_itself, ($1 + $1) - $1 = $1 AS law_plus_minus,"
		" (SELECT clv_rollup(r) FROM (VALUES ($1), ('{}')) v (r)) = $1 AS law_rollup,"
		" $1 + '{2024-01-05: 100/3 (2) -1/7 free, 2024-06-01: 0}' - '{2024-01-05: 100/3 (2) -1/7 free, 2024-06-01: 0}' = $1 AS law_other,"
		" clv_with_grace(clv_with_grace($1, '9 days'), '9 days') = clv_with_grace($1, '9 days') AS law_grace",
		"SELECT (SELECT bool_and(mrr = clv_mrr($1, from_day) AND subscriptions = clv_active_subscriptions($1, from_day) AND (mrr >= 0 OR NOT clv_is_subscriber($1, from_day))) IS NOT FALSE FROM clv_mrr_steps($1)) AS law_steps,"
		" (SELECT bool_and(mrr = clv_mrr($1, day)) IS NOT FALSE FROM clv_mrr_changes($1)) AS law_changes,"
		" (s).tenure_days = coalesce(clv_tenure($1, '2024-06-01'), 0) AND (s).mrr_changes >= 0 AND ((s).subscribed_since <= (s).last_subscribed) IS NOT FALSE AND ((s).last_subscribed < (s).subscribed_until) IS NOT FALSE AS law_subscriber,"
		" abs(clv_recurring_value($1, '2024-01-10', '2024-02-20') - clv_recurring_value($1, '2024-01-10', '2024-01-31') - clv_recurring_value($1, '2024-02-01', '2024-02-20')) < 1e-15 AS law_value,"
		" clv_arr($1, '2024-06-01'), clv_first_subscribed($1), clv_subscribed_until($1, '2024-06-01') FROM clv_subscriber($1, '2024-06-01') AS s"
	}
};

#define TYPES	((int) (sizeof(types) / sizeof(types[0])))

static const Type *type = &types[0];

enum
{
	VALUE, ROUND_TRIP, LAWS, FUNCTIONS, QUERIES
};

static const char *const query_name[] = {"value", "round_trip", "laws", "functions"};

static PGconn *conn;
static uint64_t random_state;
static Input *pool[2];
static int	pool_size[2];
static int	test_number;
static int	tests_failed;

/* ---- small things ---- */

static uint64_t
random_bits(void)
{
	uint64_t	z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 .. limit - 1 */
static int
below(int limit)
{
	return (int) (random_bits() % (uint64_t) limit);
}

static void
ok(bool holds, const char *what)
{
	test_number++;
	tests_failed += !holds;
	printf("%sok %d - %s\n", holds ? "" : "not ", test_number, what);
	fflush(stdout);
}

/* the first line of an error */
static const char *
error_line(const PGresult *result)
{
	const char *line = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	return line ? line : "no message";
}

static void
bail_out(const char *why)
{
	printf("Bail out! %s: %s", why, PQerrorMessage(conn));
	fflush(stdout);
	exit(1);
}

/* the first few of a kind of failure are enough */
static void
complain(const Input *input, const char *format,...)
{
	static int	complaints = 0;
	va_list		args;

	if (++complaints > 8)
		return;
	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n#   %s: ", input->form == TEXT_FORM ? "text" : "binary, hex");
	for (int i = 0; i < input->size; i++)
	{
		unsigned char c = (unsigned char) input->bytes[i];

		if (input->form == BINARY_FORM)
			printf("%02x", c);
		else if (c < 0x20 || c > 0x7e)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
	printf("\n");
}

static void
set_input(Input *input, int form, const char *bytes, int size)
{
	input->form = form;
	input->size = size < MAX_SIZE ? size : MAX_SIZE;
	memcpy(input->bytes, bytes, input->size);
	input->bytes[input->size] = '\0';
}

static void
add_to_pool(const Input *input)
{
	int			form = input->form;
	int			slot = pool_size[form] < POOL ? pool_size[form]++ : below(POOL);

	pool[form][slot] = *input;
}

/* ---- mutation ---- */

/* replace `removed` bytes at `at` by others, as far as they fit */
static void
replace(Input *input, int at, int removed, const char *bytes, int size)
{
	char		tail[MAX_SIZE];
	int			tail_size = input->size - at - removed;

	if (at + size + tail_size > MAX_SIZE)
		return;
	memcpy(tail, input->bytes + at + removed, tail_size);
	memcpy(input->bytes + at, bytes, size);
	memcpy(input->bytes + at + size, tail, tail_size);
	input->size = at + size + tail_size;
}

/* what a parser or a decoder of variable-length integers may stumble upon */
static void
insert_interesting(Input *input, int at)
{
	static const char *const words[] = {
		"{", "}", "{}", ",", ": ", " ", "-", "--", "+", " +5", " -5 (1)", " -0 (1)", "(", ")", "(0)", "(1)", "(2)", " (2147483648)",
		" (9223372036854775807)", " (9223372036854775808)", " (18446744073709551616)", ".", "0", "00", "1e5",
		"NaN", "inf", "infinity", "-infinity", " BC", "BC", "0000-00-00", "0000-01-01", "0001-01-01 BC",
		"4714-11-24 BC", "4714-11-23 BC", "5874897-12-31", "5874898-01-01", "294276-12-31", "294277-01-01",
		"2024-02-30", "2024-01-18", "2024-01-18: 1, ", "[", "]", "[1, 2, 3, 4]", ", [", "\"", "null", "1e-12", "1e12", "1e308", "week",
		"\"unit\": \"day\", ", "boundary", "99999999999999999999-01-01", "-5", "\t", "\n", "free", " free (2)", "/3", "/21", "/999999999", "/2", ": 0, ",
		"0.000000000000000000000000000001", "999999999999999999", "1000000000000000000",
		"170141183460469231731687303715884105728", "999999999999999999999999999999999999999"
	};
	static const uint64_t numbers[] = {
		0, 1, 0x7f, 0x80, 0xff, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
		UINT64_C(0x7fffffffffffffff), UINT64_C(0x8000000000000000), UINT64_C(0xffffffffffffffff)
	};
	char		bytes[10];
	int			size = 0;
	uint64_t	number;

	if (input->form == TEXT_FORM)
	{
		const char *word = words[below(sizeof(words) / sizeof(words[0]))];

		replace(input, at, 0, word, (int) strlen(word));
		return;
	}
	number = numbers[below(sizeof(numbers) / sizeof(numbers[0]))];
	if (below(2))
	{
		/* seven bits a byte */
		do
		{
			bytes[size++] = (char) ((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
			number >>= 7;
		} while (number > 0);
	}
	else
	{
		/* fixed width, network order */
		for (int width = 1 << below(4); size < width; size++)
			bytes[size] = (char) (number >> (8 * (width - size - 1)));
	}
	replace(input, at, below(2) && at + size <= input->size ? size : 0, bytes, size);
}

static void
mutate_once(Input *input)
{
	int			at = below(input->size + 1);
	int			rest = input->size - at;
	char		run[80];
	int			length;
	const Input *other;

	switch (below(9))
	{
		case 0:
			if (rest > 0)
				input->bytes[at] ^= (char) (1 << below(8));
			break;
		case 1:
			run[0] = (char) below(256);
			replace(input, at, rest > 0 ? below(2) : 0, run, 1);
			break;
		case 2:					/* cut out */
			replace(input, at, rest > 0 ? below(rest < 12 ? rest : 12) + 1 : 0, run, 0);
			break;
		case 3:					/* say twice */
			length = rest > 0 ? below(rest < 64 ? rest : 64) + 1 : 0;
			memcpy(run, input->bytes + at, length);
			replace(input, at, 0, run, length);
			break;
		case 4:					/* continue as another one does */
			other = &pool[input->form][below(pool_size[input->form])];
			length = below(other->size + 1);
			replace(input, at, rest, other->bytes + length, other->size - length);
			break;
		case 5:
			input->size = at;
			break;
		case 6:					/* many digits, or one byte many times */
			length = below(60) + 1;
			if (input->form == TEXT_FORM)
				for (int i = 0; i < length; i++)
					run[i] = (char) ('0' + below(10));
			else
				memset(run, below(256), length);
			replace(input, at, 0, run, length);
			break;
		default:
			insert_interesting(input, at);
			break;
	}
}

static void
mutate(Input *input)
{
	*input = pool[input->form][below(pool_size[input->form])];
	for (int times = 1 + below(4); times > 0; times--)
		mutate_once(input);
	if (input->form == TEXT_FORM)
	{
		/* mostly ASCII: other bytes seldom make UTF-8, and would get no further than that check */
		bool		ascii = below(16) != 0;

		for (int i = 0; i < input->size; i++)
		{
			if (ascii)
				input->bytes[i] &= 0x7f;
			if (input->bytes[i] == '\0')
				input->bytes[i] = '0';
		}
	}
	input->bytes[input->size] = '\0';
}

/* ---- the server ---- */

typedef void (*Receiver) (int query, int number, const Input *input, PGresult *result);

/* Run one query for each input, each in a transaction of its own, and hand over the results. */
static void
run_batch(int query, const Input *inputs, int count, Receiver receive)
{
	for (int i = 0; i < count; i++)
	{
		const char *value = inputs[i].bytes;

		if (!PQsendQueryPrepared(conn, query_name[query], 1, &value, &inputs[i].size, &inputs[i].form, BINARY_FORM) ||
			!PQpipelineSync(conn))
			bail_out("sending");
	}
	for (int i = 0; i < count; i++)
	{
		PGresult   *result = PQgetResult(conn);

		if (result == NULL || PQstatus(conn) != CONNECTION_OK)
		{
			complain(&inputs[i], "query %s: the server is gone", query_name[query]);
			bail_out("connection lost");
		}
		receive(query, i, &inputs[i], result);
		PQclear(result);
		if (PQgetResult(conn) != NULL)
			bail_out("more results than expected");
		result = PQgetResult(conn);
		if (PQresultStatus(result) != PGRES_PIPELINE_SYNC)
		{
			complain(&inputs[i], "query %s: the server is gone", query_name[query]);
			bail_out("connection lost");
		}
		PQclear(result);
	}
}

/* SQLSTATEs seen, for the report, and whether each of them blames the input */
static struct
{
	char		code[6];
	int			times;
}			states[100];
static int	bad_states;

static void
note_error(int query, const Input *input, const PGresult *result)
{
	/* 08 connection, 53 resources, 57 cancelled or shut down, XX internal */
	static const char *const server_classes[] = {"08", "53", "57", "XX"};
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	bool		bad = code == NULL || strlen(code) != 5;
	int			i;

	for (i = 0; i < 4 && !bad; i++)
		bad = strncmp(code, server_classes[i], 2) == 0;
	if (bad)
	{
		bad_states++;
		complain(input, "query %s: %s", query_name[query], error_line(result));
	}
	for (i = 0; code && i < 99 && states[i].times > 0 && strcmp(states[i].code, code) != 0; i++)
		;
	if (code)
		snprintf(states[i].code, sizeof(states[i].code), "%s", code);
	states[i].times++;
}

/* what the server made of the last batch: accepted values in its own bytes */
static Input *accepted;
static int	accepted_count;
static int	accepted_total[2];

static void
receive_value(int query, int number, const Input *input, PGresult *result)
{
	(void) number;
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
	{
		note_error(query, input, result);
		return;
	}
	accepted_total[input->form]++;
	if (PQgetlength(result, 0, 0) > MAX_SIZE)
		return;
	set_input(&accepted[accepted_count++], BINARY_FORM, PQgetvalue(result, 0, 0), PQgetlength(result, 0, 0));
	/* an input that got through is a good one to go on from */
	if (below(20) == 0)
		add_to_pool(input);
}

static int	round_trip_failures;

static void
receive_round_trip(int query, int number, const Input *input, PGresult *result)
{
	(void) number;
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
	{
		round_trip_failures++;
		complain(input, "query %s: %s", query_name[query], error_line(result));
		return;
	}
	if (PQgetlength(result, 0, 0) != input->size || memcmp(PQgetvalue(result, 0, 0), input->bytes, input->size) != 0)
	{
		round_trip_failures++;
		complain(input, "sent, received and sent again: other bytes");
	}
	for (int column = 1; column < PQnfields(result); column++)
	{
		if (PQgetisnull(result, 0, column) || PQgetvalue(result, 0, column)[0] != 1)
		{
			round_trip_failures++;
			complain(input, "not %s", PQfname(result, column));
		}
	}
}

static int	laws_broken;
static int	laws_held;

static void
receive_laws(int query, int number, const Input *input, PGresult *result)
{
	(void) number;
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
	{
		note_error(query, input, result);
		return;
	}
	laws_held++;
	for (int column = 0; column < PQnfields(result); column++)
	{
		if (strncmp(PQfname(result, column), "law_", 4) == 0 &&
			(PQgetisnull(result, 0, column) || PQgetvalue(result, 0, column)[0] != 1))
		{
			laws_broken++;
			complain(input, "not %s", PQfname(result, column));
		}
	}
}

static void
try_inputs(const Input *inputs, int count)
{
	accepted_count = 0;
	run_batch(VALUE, inputs, count, receive_value);
	run_batch(ROUND_TRIP, accepted, accepted_count, receive_round_trip);
	run_batch(LAWS, accepted, accepted_count, receive_laws);
	run_batch(FUNCTIONS, accepted, accepted_count, receive_laws);
}

static void
prepare(Oid oid)
{
	const char *const texts[QUERIES] = {type->value, type->round_trip, type->laws, type->functions};

	for (int query = 0; query < QUERIES; query++)
	{
		PGresult   *result = PQprepare(conn, query_name[query], texts[query], 1, &oid);

		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			bail_out(query_name[query]);
		PQclear(result);
	}
}

/* One input a line, binary ones in hex; returns the number of lines. */
static int
read_corpus(const char *directory, const char *file, int form, Input *inputs)
{
	char		path[1024];
	char		line[2 * MAX_SIZE + 2];
	FILE	   *f;
	int			count = 0;

	snprintf(path, sizeof(path), "%s/%s/%s", directory, type->name, file);
	if ((f = fopen(path, "r")) == NULL)
	{
		printf("Bail out! cannot read %s\n", path);
		exit(1);
	}
	while (count < BATCH && fgets(line, sizeof(line), f))
	{
		int			size = (int) strcspn(line, "\n");

		if (form == BINARY_FORM)
		{
			size /= 2;
			for (int i = 0; i < size; i++)
			{
				unsigned int byte = 0;

				sscanf(line + 2 * i, "%2x", &byte);
				line[i] = (char) byte;
			}
		}
		set_input(&inputs[count++], form, line, size);
	}
	fclose(f);
	return count;
}

static void
connect_and_prepare(void)
{
	char		text[200];
	PGresult   *result;

	conn = PQconnectdb("");
	if (PQstatus(conn) != CONNECTION_OK)
		bail_out("no connection");
	/* no input of this size may take long, on however busy a machine */
	snprintf(text, sizeof(text), "SET statement_timeout = '60s'; SELECT '%s'::regtype::oid", type->name);
	result = PQexec(conn, text);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		bail_out("no such type");
	prepare((Oid) strtoul(PQgetvalue(result, 0, 0), NULL, 10));
	PQclear(result);
	if (!PQenterPipelineMode(conn))
		bail_out("no pipeline mode");
}

/* the corpus as it is; what the server sends for it is the corpus of binary forms */
static void
try_corpus(const char *directory, Input *batch)
{
	int			count = read_corpus(directory, "rejected.txt", TEXT_FORM, batch);

	try_inputs(batch, count);
	ok(accepted_total[TEXT_FORM] == 0, "every text of rejected.txt is rejected");
	count = read_corpus(directory, "valid.txt", TEXT_FORM, batch);
	accepted_total[TEXT_FORM] = 0;
	try_inputs(batch, count);
	ok(accepted_total[TEXT_FORM] == count, "every text of valid.txt is accepted");
	for (int i = 0; i < count; i++)
		add_to_pool(&batch[i]);
	for (int i = 0; i < accepted_count; i++)
		add_to_pool(&accepted[i]);
	count = read_corpus(directory, "binary.txt", BINARY_FORM, batch);
	try_inputs(batch, count);
	for (int i = 0; i < count; i++)
		add_to_pool(&batch[i]);
	ok(round_trip_failures == 0 && laws_broken == 0, "the corpus round-trips and obeys the laws");
	if (pool_size[BINARY_FORM] == 0)
		bail_out("nothing to start from");
	accepted_total[TEXT_FORM] = accepted_total[BINARY_FORM] = 0;
}

static void
try_mutations(int mutations, Input *batch)
{
	int			count;

	for (int done = 0; done < mutations; done += count)
	{
		count = mutations - done < BATCH ? mutations - done : BATCH;
		for (int i = 0; i < count; i++)
		{
			batch[i].form = i % 2;
			mutate(&batch[i]);
		}
		try_inputs(batch, count);
	}
}

int
main(int argc, char **argv)
{
	const char *directory = argc > 1 ? argv[1] : "test/fuzz/corpus";
	const char *wanted = getenv("CLV_FUZZ");
	const char *seed = getenv("CLV_FUZZ_SEED");
	const char *name = getenv("CLV_FUZZ_TYPE");
	int			mutations;
	Input	   *batch = calloc(BATCH, sizeof(Input));
	char		text[200];

	for (int i = 0; i < TYPES && name && *name; i++)
	{
		if (strcmp(types[i].name, name) == 0)
			type = &types[i];
	}
	mutations = wanted && *wanted ? atoi(wanted) : type->mutations;
	accepted = calloc(BATCH, sizeof(Input));
	pool[TEXT_FORM] = calloc(POOL, sizeof(Input));
	pool[BINARY_FORM] = calloc(POOL, sizeof(Input));
	random_state = seed && *seed ? strtoull(seed, NULL, 10) : 1;

	connect_and_prepare();
	try_corpus(directory, batch);
	try_mutations(mutations, batch);

	snprintf(text, sizeof(text), "%d mutations, of which %d texts and %d binary messages were accepted: the server stands",
			 mutations, accepted_total[TEXT_FORM], accepted_total[BINARY_FORM]);
	ok(true, text);
	ok(mutations < 10000 || (accepted_total[TEXT_FORM] > 0 && accepted_total[BINARY_FORM] > 0),
	   "some mutations of each form get through");
	ok(bad_states == 0, "every rejection has an SQLSTATE that blames the input");
	ok(round_trip_failures == 0, "what was accepted comes back the same through text and binary");
	ok(laws_broken == 0 && laws_held > 0, "what was accepted obeys the laws of its type");
	for (int i = 0; i < 100 && states[i].times > 0; i++)
		printf("# SQLSTATE %s: %d times\n", states[i].code, states[i].times);
	printf("1..%d\n", test_number);
	PQfinish(conn);
	free(accepted);
	free(batch);
	free(pool[TEXT_FORM]);
	free(pool[BINARY_FORM]);
	return tests_failed != 0;
}
