# Whatever takes long can be cancelled: where the time is spent, and not only before or after.
#
# Every query here would run for many minutes on any machine, and is cancelled by a time limit. Where it was then is
# told by the stack that the server logs with the error (backtrace_functions): it must have been in the library. An
# aggregate over rows has no loop worth it in one call: there the server looks at the next row, and it is enough that
# rows come one by one, so that the aggregate is at work from the start.
use strict;
use warnings;
use Test::More;
use Time::HiRes 'time';

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

# how long after the limit the end may come on a busy machine; without a way out it would be the end of the query
my $patience = 60;

my $node = PostgreSQL::Test::Cluster->new('cancel');
$node->init;
# compiled queries have functions of the library in them, and no names
$node->append_conf('postgresql.conf', "jit = off\nmax_parallel_workers_per_gather = 0\nbacktrace_functions = 'ProcessInterrupts'");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION clv;
	-- without end, and row by row: a function in FROM would first be read to its end
	CREATE VIEW many AS SELECT generate_series(1, 1000000000000) AS x;
	CREATE VIEW many_orders AS SELECT x % 1000000 AS customer, date '2000-01-01' + (x % 9000)::integer AS day, x % 100 AS amount FROM many;

	-- as many purchase days as make a long loop over one history
	CREATE TABLE h AS SELECT 1 AS customer, clv_history(x % 100 + 1, date '0001-01-01' + x) AS history
		FROM generate_series(1, 1000000) x;
	CREATE TABLE basket AS SELECT 1 AS customer, date '2024-01-01' AS day, x AS product, 1 AS amount FROM generate_series(1, 100000) x;
	CREATE TABLE long_ago AS SELECT x AS customer, date '1990-01-01' + x AS day FROM generate_series(1, 3000) x
		UNION ALL SELECT 0, '2001-01-01';
	CREATE TABLE events AS SELECT x, timestamptz '2024-01-01' - x * interval '1 s' AS at, x % 3 = 1 AS stage FROM generate_series(1, 1000000) x;
	CREATE TABLE numbers AS SELECT x AS v FROM generate_series(1, 300000) x;
	-- no two customers alike, so that a fit has to look at each
	CREATE TABLE unlike AS SELECT clv_sample(x % 40, CASE WHEN x % 40 = 0 THEN 0 ELSE 50 + x * 1e-5 END, 100 + x * 1e-4) AS sample
		FROM generate_series(1, 500000) x;
	CREATE TABLE spend AS SELECT x % 9 AS x, 1 + x % 997 + x * 1e-6 AS m_x FROM generate_series(1, 300000) x;
	CREATE TABLE model AS SELECT clv_fit(clv_sample(x % 5, (x % 5) * x * 1e-3, x * 1e-2), 'paretonbd') AS model FROM generate_series(1, 1000) x;
	CREATE TABLE bought AS SELECT customer_id AS customer, clv_history(amount, ordered_at) AS history FROM clv_simulate(30000, '2022-01-01', '2023-12-31') GROUP BY 1;
	CREATE TABLE dated AS SELECT clv_fit(clv_sample(history, '2023-12-31', 'day'), 'mbgnbd') AS model FROM bought;
});

# what takes long there: loops of the library, and queries that these run, or the rows of an aggregate
my ($loop, $rows) = (1, 0);
my @slow = (
	[ 'clv_simulate', $loop, q{SELECT count(*) FROM clv_simulate(100000000, '2020-01-01', '2024-01-01')} ],
	[ 'clv() of many rows', $rows, q{SELECT clv(x, date '2024-01-01' + (x % 1000)::integer) FROM many} ],
	[ 'clv_history() of many days', $rows, q{SELECT clv_orders(clv_history(x, date '0001-01-01' + (x % 3000000)::integer)) FROM many} ],
	[ 'clv_rollup() of large histories', $loop, q{SELECT clv_orders(clv_rollup(history)) FROM many, h} ],
	[ 'clv_days() of a large history', $loop, q{SELECT count(*) FROM many, h, clv_days(clv_at(history, date '3000-01-01' + (x % 1000)::integer))} ],
	[ '+ of large histories', $loop, q{SELECT count(history + clv_at(history, date '1000-01-01' + (x % 1000)::integer)) FROM many, h} ],
	[ 'text of large histories', $loop, q{SELECT sum(length(clv_at(history, date '2000-01-01' + (x % 1000)::integer)::text)) FROM many, h} ],
	[ 'large histories from text', $loop, q{SELECT sum(length((t || left('x', (x % 2)::integer - 1))::clv_history::text)) FROM (SELECT history::text AS t FROM h OFFSET 0) s, many} ],
	[ 'clv_first() of many rows', $rows, q{SELECT clv_first(x, date '2024-01-01' - (x % 1000)::integer) FROM many} ],
	[ 'clv_funnel() of many rows', $rows, q{SELECT clv_funnel('1 day', timestamp '2024-01-01' + x % 7919 * interval '1 s', x % 3 = 0, x % 3 = 1) FROM many} ],
	# sorts and walks through all events so far, again and again
	[ 'clv_funnel_times() over a frame', $loop, q{SELECT count(f) FROM (SELECT clv_funnel_times('1 month', at, true, stage) OVER (ROWS UNBOUNDED PRECEDING) AS f FROM events) s} ],
	[ 'clv() over a moving frame', $rows, q{SELECT sum(c) FROM (SELECT clv(x, date '2024-01-01' + (x % 1000000)::integer) OVER (ROWS 1000 PRECEDING) AS c FROM many) s} ],
	[ 'clv_rfm_score() of many rows', $loop, q{SELECT count(s) FROM many, LATERAL (SELECT clv_rfm_score(date '2024-01-01' + (v % 999 + x % 1000)::integer, v, v * 1.1) OVER () AS s FROM numbers OFFSET 0) AS l} ],
	[ 'clv_score() of text', $loop, q{SELECT count(s) FROM many, LATERAL (SELECT clv_score((v + x)::text) OVER () AS s FROM numbers OFFSET 0) AS l} ],
	[ 'clv_tier() by value', $loop, q{SELECT count(s) FROM many, LATERAL (SELECT clv_tier(v + x, method => 'value') OVER () AS s FROM numbers OFFSET 0) AS l} ],
	[ 'clv_value_share()', $loop, q{SELECT count(s) FROM many, LATERAL (SELECT clv_value_share(v * 1e20 + x) OVER () AS s FROM numbers OFFSET 0) AS l} ],
	[ 'clv_retention() of many orders', $loop, q{SELECT count(*) FROM clv_retention('many_orders', 'customer', 'day', 'amount', measure => 'value', as_of => '2024-01-01')} ],
	[ 'clv_channels() of many orders', $loop, q{SELECT count(*) FROM clv_channels('many_orders', 'customer', 'day', 'amount', 'customer', margin => 1, as_of => '2024-01-01')} ],
	[ 'clv_retention() of many cells', $loop, q{SELECT count(*) FROM many, clv_retention('long_ago', 'customer', 'day', period => 'day', elapsed => true, as_of => date '2001-01-01' + (x % 100)::integer)} ],
	[ 'clv_retention() of large histories', $loop, q{SELECT count(*) FROM many, clv_retention('h', 'customer', 'history', as_of => date '3000-01-01' + (x % 1000)::integer)} ],
	[ 'clv_lifecycle_periods() of many orders', $loop, q{SELECT count(*) FROM clv_lifecycle_periods('many_orders', 'customer', 'day', 'amount', as_of => '2024-01-01')} ],
	[ 'clv_recurring() of many terms', $rows, q{SELECT clv_recurring(x, '1 year', date '0001-01-01' + (x % 700000)::integer, date '0001-01-01' + (x % 700000 + 1 + x % 400)::integer) FROM many} ],
	[ 'clv_mrr_cohorts() of many payments', $loop, q{SELECT count(*) FROM clv_mrr_cohorts('many_orders', 'customer', 'day', 'amount', as_of => '2024-01-01', billed_every => '1 month')} ],
	[ 'clv_mrr_moves() of many payments', $loop, q{SELECT count(*) FROM clv_mrr_moves('many_orders', 'customer', 'day', 'amount', as_of => '2024-01-01', billed_every => '1 month')} ],
	[ 'clv_customer_retention() with a long window', $loop, q{SELECT count(*) FROM many,
		clv_customer_retention('long_ago', 'customer', 'day', period => 'day', active_window => '30 years', as_of => date '2024-01-01' + (x % 1000)::integer)} ],
	[ 'clv_products() of many lines', $loop, q{SELECT count(*) FROM clv_products('many_orders', 'customer', 'day', 'amount', 'amount', as_of => '2024-01-01')} ],
	[ 'clv_first_products() of many lines', $loop, q{SELECT count(*) FROM clv_first_products('many_orders', 'customer', 'day', 'amount', 'amount', as_of => '2024-01-01')} ],
	# every pair of the products of a customer
	[ 'clv_cross_sell() of a large basket', $loop, q{SELECT count(*) FROM many, clv_cross_sell('basket', 'customer', 'day', 'amount', 'product', min_together => 1, offers => 3000, as_of => date '2024-01-01' + (x % 1000)::integer)} ],
	[ 'clv_sample() of customers who are all unlike', $rows, q{SELECT clv_sample(1, x, x + 1) FROM many WHERE x < 100000000} ],
	[ 'clv_fit() of customers who are all unlike, MBG/NBD', $loop, q{SELECT count(clv_fit(sample, 'mbgnbd', x * 1e-3)) FROM unlike, many WHERE x < 100000} ],
	[ 'clv_fit() of customers who are all unlike, Pareto/NBD', $loop, q{SELECT count(clv_fit(sample, 'paretonbd', x * 1e-3)) FROM unlike, many WHERE x < 100000} ],
	[ 'clv_fit() of what customers spend', $loop, q{SELECT count((SELECT clv_fit(clv_spend_sample(s.x, s.m_x + many.x), 'gammagamma') FROM spend s)) FROM many} ],
	[ 'text of a large sample', $loop, q{SELECT count(length(sample::text || x)) FROM unlike, many} ],
	[ 'a large sample from text', $loop, q{SELECT count((t || left('x', (x % 2)::integer - 1))::clv_sample) FROM (SELECT sample::text AS t FROM unlike OFFSET 0) s, many} ],
	[ 'clv_rollup() of large samples', $loop, q{SELECT clv_rollup(sample) FROM unlike, many} ],
	[ 'clv_predict_interval() of many customers', $rows, q{SELECT clv_predict_interval(model, x % 5, (x % 5) * x * 1e-7, x * 1e-6, 10, 0.8) FROM model, many WHERE x < 1000000000} ],
	[ 'clv_purchase_probability() of many purchases', $rows, q{SELECT sum(clv_purchase_probability(model, 900, 5000, 5000, 50000 + (x % 1000)::integer, 9000000)) FROM model, many} ],
	[ 'clv_backtest() of many orders', $loop, q{SELECT count(*) FROM clv_backtest('many_orders', 'customer', 'day', 'amount', calibration_end => '2020-01-01', as_of => '2024-01-01')} ],
	[ 'clv_backtest() of many histories', $loop, q{SELECT count(*) FROM many, clv_backtest('bought', 'customer', 'history', calibration_end => date '2022-06-30' + (x % 300)::integer, model => 'paretonbd')} ],
	[ 'clv_tracking() of many periods', $loop, q{SELECT count(*) FROM many, dated, clv_tracking('bought', 'customer', 'history', model => model, period => 'day', as_of => date '2023-12-31' + (x % 1000)::integer)} ],
	[ 'clv_frequency_check() of many orders', $loop, q{SELECT count(*) FROM many, dated, clv_frequency_check('bought', 'customer', 'history', model => model, max_repeat_purchases => 1000 + (x % 1000)::integer)} ],
);

# run until the limit, in seconds; returns what came of it, how long after the limit, and where it was
sub cancel
{
	my ($query, $limit) = @_;
	my $offset = -s $node->logfile;
	my $start = time;
	my ($status, undef, $stderr) = $node->psql('postgres', "\\set VERBOSITY sqlstate\nSET statement_timeout = '${limit}s';\n$query");
	my $late = time - $start - $limit;
	my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset);
	return ($stderr, $late, $log =~ /BACKTRACE:(.*?)STATEMENT:/s ? $1 : '');
}

is($node->safe_psql('postgres', 'SELECT x FROM many LIMIT 1'), '1', 'rows without end come one by one');
my (undef, undef, $stack) = cancel('SELECT pg_sleep(1000)', 0.1);
my $has_stack = $stack =~ /pg_sleep/;
my $library = qr/\bclv\.\w+\(/;
note('no stacks here: where a query was cancelled is not looked at') unless $has_stack;

for (@slow)
{
	my ($what, $kind, $query) = @$_;
	my $plan = $node->safe_psql('postgres', "EXPLAIN (VERBOSE, COSTS OFF) $query");
	my @calls = $plan =~ /Function Call: (.*)/g;
	# a function that does not depend on the row is called once, and its rows are kept
	ok($plan !~ /Function Scan on \S*generate_series/ && ($plan !~ /Nested Loop/ || !grep({ !/generate_series|many\.x/ } @calls)),
		"$what: all of the time is for it") or diag($plan);

	my ($error, $late);
	# what a call is given has to be read too: a limit may be met there, but not all of them
	for my $try (0 .. 9)
	{
		($error, $late, $stack) = cancel($query, sprintf '%.2f', 0.5 * 1.3**$try);
		last if $kind == $rows || !$has_stack || $stack =~ /$library/;
	}
	like($error, qr/ERROR: +57014/, "$what: cancelled");
	cmp_ok($late, '<', $patience, sprintf '%s: %.1f s after the limit', $what, $late);
	next if $kind == $rows;
  SKIP:
	{
		skip 'no stacks here', 1 unless $has_stack;
		ok($stack =~ /$library/, "$what: in the library") or diag($stack);
	}
}
$node->stop;
done_testing();
