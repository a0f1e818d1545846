# Whatever takes long can be cancelled.
use strict;
use warnings;
use Test::More;
use Time::HiRes 'time';

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

my $node = PostgreSQL::Test::Cluster->new('cancel');
$node->init;
$node->start;
# as many purchase days as make a long loop over one history
$node->safe_psql('postgres', q{
	CREATE EXTENSION clv;
	CREATE TABLE h AS SELECT 1 AS customer, clv_history(x % 100 + 1, date '0001-01-01' + x) AS history
		FROM generate_series(1, 1000000) x;
	CREATE VIEW many_orders AS SELECT x % 1000000 AS customer, date '2000-01-01' + x % 9000 AS day, x % 100 AS amount
		FROM generate_series(1, 300000000) x;
	CREATE TABLE basket AS SELECT 1 AS customer, date '2024-01-01' AS day, x AS product, 1 AS amount FROM generate_series(1, 10000) x;
	CREATE TABLE long_ago AS SELECT x AS customer, date '1990-01-01' + x AS day FROM generate_series(1, 3000) x
		UNION ALL SELECT 0, '2001-01-01';
	-- no two customers alike, so that a fit has to look at each
	CREATE TABLE unlike AS SELECT clv_sample(x % 40, CASE WHEN x % 40 = 0 THEN 0 ELSE 50 + x * 1e-5 END, 100 + x * 1e-4) AS sample
		FROM generate_series(1, 500000) x;
	CREATE TABLE model AS SELECT clv_fit(clv_sample(x % 5, (x % 5) * x * 1e-3, x * 1e-2), 'paretonbd') AS model FROM generate_series(1, 1000) x;
	CREATE TABLE bought AS SELECT customer_id AS customer, clv_history(amount, ordered_at) AS history FROM clv_simulate(30000, '2022-01-01', '2023-12-31') GROUP BY 1;
	CREATE TABLE dated AS SELECT clv_fit(clv_sample(history, '2023-12-31', 'day'), 'mbgnbd') AS model FROM bought;
});

my %slow = (
	'clv_simulate'              => q{SELECT count(*) FROM clv_simulate(50000000, '2020-01-01', '2024-01-01')},
	'clv() of many rows'        => q{SELECT clv(x, date '2024-01-01' + x % 1000) FROM generate_series(1, 300000000) x},
	'clv_history() of many days' => q{SELECT clv_orders(clv_history(x, date '0001-01-01' + x % 3000000)) FROM generate_series(1, 300000000) x},
	'clv_rollup() of large histories' => q{SELECT clv_orders(clv_rollup(history)) FROM h, generate_series(1, 3000)},
	'clv_days() of a large history'   => q{SELECT count(*) FROM h, generate_series(1, 3000) x, clv_days(clv_at(history, current_date + x))},
	'+ of large histories'      => q{SELECT count(history + clv_at(history, date '1000-01-01' + x)) FROM h, generate_series(1, 3000) x},
	'text of large histories'   => q{SELECT sum(length((clv_at(history, date '2000-01-01' + x)::text::clv_history)::text)) FROM h, generate_series(1, 3000) x},
	'clv_first() of many rows'  => q{SELECT clv_first(x, date '2024-01-01' - x % 1000) FROM generate_series(1, 300000000) x},
	'clv_funnel() of many rows' => q{SELECT clv_funnel('1 day', timestamp '2024-01-01' + x % 7919 * interval '1 s', x % 3 = 0, x % 3 = 1) FROM generate_series(1, 300000000) x},
	# sorts and walks through all events so far, again and again
	'clv_funnel_times() over a frame' => q{SELECT count(f) FROM (SELECT clv_funnel_times('1 month', timestamptz '2024-01-01' - x * interval '1 s', true, x % 3 = 1) OVER (ORDER BY x) AS f
		FROM generate_series(1, 100000) x) s},
	'clv() over a moving frame' => q{SELECT sum(c) FROM (SELECT clv(x, date '2024-01-01' + x) OVER (ORDER BY x ROWS 1000 PRECEDING) AS c
		FROM generate_series(1, 3000000) x) s},
	'clv_retention() of many orders' => q{SELECT count(*) FROM clv_retention('many_orders', 'customer', 'day', 'amount', measure => 'value')},
	'clv_channels() of many orders'  => q{SELECT count(*) FROM clv_channels('many_orders', 'customer', 'day', 'amount', 'customer', margin => 1)},
	'clv_retention() of many cells'  => q{SELECT count(*) FROM clv_retention('long_ago', 'customer', 'day', period => 'day', elapsed => true)},
	'clv_retention() of large histories' => q{SELECT count(*) FROM generate_series(1, 3000), clv_retention('h', 'customer', 'history', as_of => '3000-01-01')},
	'clv_lifecycle_periods() of many orders' => q{SELECT count(*) FROM clv_lifecycle_periods('many_orders', 'customer', 'day', 'amount')},
	'clv_customer_retention() with a long window' => q{SELECT count(*) FROM generate_series(1, 3000),
		clv_customer_retention('long_ago', 'customer', 'day', period => 'day', active_window => '30 years')},
	'clv_products() of many lines' => q{SELECT count(*) FROM clv_products('many_orders', 'customer', 'day', 'amount', 'amount')},
	'clv_first_products() of many lines' => q{SELECT count(*) FROM clv_first_products('many_orders', 'customer', 'day', 'amount', 'amount', as_of => '2024-01-01')},
	# every pair of the products of a customer
	'clv_cross_sell() of a large basket' => q{SELECT count(*) FROM clv_cross_sell('basket', 'customer', 'day', 'amount', 'product', min_together => 1)},
	'clv_sample() of customers who are all unlike' => q{SELECT clv_fit(clv_sample(1, x, x + 1), 'mbgnbd') FROM generate_series(1, 9000000) x},
	'clv_fit() of customers who are all unlike, MBG/NBD' => q{SELECT count(clv_fit(sample, 'mbgnbd', x * 1e-3)) FROM unlike, generate_series(1, 100) x},
	'clv_fit() of customers who are all unlike, Pareto/NBD' => q{SELECT clv_fit(sample, 'paretonbd') FROM unlike},
	'clv_spend_sample() and clv_fit()' => q{SELECT count(m) FROM (SELECT clv_fit(clv_spend_sample(x % 9, 1 + x % 997 + x * 1e-6), 'gammagamma') AS m FROM generate_series(1, 1000000) x, generate_series(1, 10) y) s},
	'clv_rollup() and text of a large sample' => q{SELECT count(length(sample::text::clv_sample::text)) FROM unlike, generate_series(1, 100) x},
	'clv_predict_interval() of many customers' => q{SELECT clv_predict_interval(model, x % 5, (x % 5) * x * 1e-7, x * 1e-6, 10, 0.8) FROM model, generate_series(1, 10000000) x},
	'clv_order_probability() of many orders' => q{SELECT sum(clv_order_probability(model, 900, 5000, 5000, 50000 + x, 9000000)) FROM model, generate_series(1, 10000) x},
	'clv_backtest() of many orders' => q{SELECT count(*) FROM clv_backtest('many_orders', 'customer', 'day', 'amount', calibration_end => '2020-01-01')},
	'clv_backtest() of many histories' => q{SELECT count(*) FROM generate_series(1, 300) x, clv_backtest('bought', 'customer', 'history', calibration_end => date '2022-06-30' + x, model => 'paretonbd')},
	'clv_tracking() of many periods' => q{SELECT count(*) FROM generate_series(1, 300) x, dated, clv_tracking(model, 'bought', 'customer', 'history', period => 'day', as_of => date '2023-12-31' + x)},
	'clv_frequency_check() of many orders' => q{SELECT count(*) FROM generate_series(1, 300) x, dated, clv_frequency_check(model, 'bought', 'customer', 'history', max_orders => 1000 + x)},
);
for my $what (sort keys %slow)
{
	my $start = time;
	my ($status, undef, $stderr) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nSET max_parallel_workers_per_gather = 0; SET statement_timeout = '500ms'; $slow{$what}");
	my $seconds = time - $start;
	like($stderr, qr/ERROR: +57014/, "$what: cancelled");
	cmp_ok($seconds, '<', 2.5, sprintf '%s: after %.1f s', $what, $seconds);
}
$node->stop;
done_testing();
