# What reads a table of the user's leaves the work to PostgreSQL: workers, spilling, foreign servers; and
# keeps nothing of a customer.
use strict;
use warnings;
use Test::More;

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

my $node = PostgreSQL::Test::Cluster->new('sources');
$node->init;
# few shared buffers, so that the memory of a process is its own
$node->append_conf('postgresql.conf', q{
shared_buffers = 1MB
max_parallel_workers_per_gather = 2
min_parallel_table_scan_size = 0
parallel_setup_cost = 0
parallel_tuple_cost = 0
work_mem = 64MB
jit = off
});
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION clv;
	CREATE TABLE orders AS
		SELECT order_id, customer_id, channel, ordered_at, amount, extract(week FROM ordered_at) AS week
		FROM clv_simulate(20000, '2023-01-01', '2024-06-30', refund_share => 0.1);
	CREATE TABLE histories AS
		SELECT customer_id, clv_history(amount, ordered_at) AS history FROM orders GROUP BY customer_id, order_id % 2;
	ANALYZE;
});

my %calls = (
	'clv_retention'      => q{clv_retention('orders', 'customer_id', 'ordered_at', 'amount', measure => 'value', group_by => 'channel', as_of => '2024-06-15')},
	'clv_retention of customers' => q{clv_retention('orders', 'customer_id', 'ordered_at', 'amount', group_by => 'channel')},
	'clv_retention of weeks' => q{clv_retention('orders', 'customer_id', 'ordered_at', 'amount', period => 'week', base => 'previous')},
	'clv_retention of histories' => q{clv_retention('histories', 'customer_id', 'history', as_of => '2024-06-15')},
	'clv_retention of lines of orders' => q{clv_retention('orders', 'customer_id', 'ordered_at', 'amount', measure => 'orders', order_id => 'order_id', as_of => '2024-06-15')},
	'clv_customer_retention' => q{clv_customer_retention('orders', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15')},
	'clv_revenue_retention' => q{clv_revenue_retention('orders', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15')},
	'clv_lifecycle_periods' => q{clv_lifecycle_periods('orders', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15')},
	'clv_products' => q{clv_products('orders', 'customer_id', 'ordered_at', 'amount', 'channel', as_of => '2024-06-15')},
	'clv_first_products' => q{clv_first_products('orders', 'customer_id', 'ordered_at', 'amount', 'channel', horizon => '90 days', as_of => '2024-06-15')},
	'clv_cross_sell' => q{clv_cross_sell('orders', 'customer_id', 'ordered_at', 'amount', 'week', top_tier => 1, as_of => '2024-06-15')},
);

# the answer, and the plans of the queries inside
sub answer_and_plans
{
	my ($call, @settings) = @_;
	my ($status, $answer, $plans) = $node->psql('postgres',
		join('', map { "SET $_;\n" } @settings)
		. q{LOAD 'auto_explain'; SET auto_explain.log_nested_statements = on; SET auto_explain.log_analyze = on;
			SET auto_explain.log_level = notice; SET auto_explain.log_min_duration = 0;}
		. "\nSELECT md5(string_agg(r::text, ';' ORDER BY r::text)) FROM $call AS r");
	return ($answer, $plans);
}

for my $what (sort keys %calls)
{
	my ($serial, $plans) = answer_and_plans($calls{$what}, 'max_parallel_workers_per_gather = 0');
	unlike($plans, qr/Workers Launched/, "$what: a serial plan");
	my ($parallel, $parallel_plans) = answer_and_plans($calls{$what});
	like($parallel_plans, qr/Workers Launched: 2/, "$what: two workers");
	is($parallel, $serial, "$what: the same answer");
	my ($spilled, $spilled_plans) = answer_and_plans($calls{$what}, q{work_mem = '64kB'}, 'hash_mem_multiplier = 1',
		'enable_sort = off', 'max_parallel_workers_per_gather = 0');
	like($spilled_plans, qr/HashAggregate.*Disk Usage/s, "$what: spills at work_mem = 64kB");
	is($spilled, $serial, "$what: the same answer");
	my ($sorted, $sorted_plans) = answer_and_plans($calls{$what}, 'enable_hashagg = off');
	like($sorted_plans, qr/GroupAggregate/, "$what: a sorted plan");
	is($sorted, $serial, "$what: the same answer");
}

# memory: ten times the customers, the same cohorts
SKIP:
{
	skip 'no /proc/self/status', 2 unless -r '/proc/self/status';
	$node->safe_psql('postgres', q{
		CREATE TABLE few AS SELECT customer_id, ordered_at::date AS day, amount FROM clv_simulate(20000, '2023-01-01', '2024-06-30');
		CREATE TABLE many AS SELECT customer_id + n * 20000 AS customer_id, day, amount FROM few, generate_series(0, 9) AS n;
		ANALYZE;
	});
	for my $call (q{clv_retention('%s', 'customer_id', 'day', 'amount', measure => 'value')},
		q{clv_revenue_retention('%s', 'customer_id', 'day', 'amount')})
	{
		my @peak = map {
			$node->safe_psql('postgres', "SET max_parallel_workers_per_gather = 0; SET work_mem = '64kB'; SET hash_mem_multiplier = 1;\n"
				. 'DO $$BEGIN PERFORM FROM ' . sprintf($call, $_) . '; END$$;'
				. "\nSELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\\s*(\\d+) kB')");
		} 'few', 'many';
		cmp_ok($peak[1] - $peak[0], '<', 4096, sprintf '%s: %d kB with ten times the customers, %d kB before', $call =~ s/\(.*//r, $peak[1], $peak[0]);
	}
}

# a foreign table, grouped where it lives
SKIP:
{
	my ($status) = $node->psql('postgres', 'CREATE EXTENSION postgres_fdw');
	skip 'postgres_fdw is not installed', 5 if $status != 0;
	my ($port, $host) = ($node->port, $node->host);
	$node->safe_psql('postgres', qq{
		CREATE SERVER loopback FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname 'postgres', extensions 'clv');
		CREATE USER MAPPING FOR CURRENT_USER SERVER loopback;
		CREATE FOREIGN TABLE orders_there (order_id bigint, customer_id bigint, channel text, ordered_at timestamp, amount numeric)
			SERVER loopback OPTIONS (table_name 'orders');
		ANALYZE orders_there;
	});
	for my $options (q{measure => 'value'}, q{measure => 'customers'}, q{measure => 'orders', order_id => 'order_id'})
	{
		my $call = qq{clv_retention('%s', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15', $options)};
		my ($here) = answer_and_plans(sprintf $call, 'orders');
		my ($there, $plans) = answer_and_plans(sprintf $call, 'orders_there');
		is($there, $here, "a foreign table, $options: the same answer");
		like($plans, qr/Foreign Scan.*Relations: Aggregate on \(orders_there/s, 'grouped by the other server') unless $options =~ /order_id/;
	}
}
$node->stop;
done_testing();
