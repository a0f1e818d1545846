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
		SELECT order_id, customer_id, channel, ordered_at, amount, extract(week FROM ordered_at) AS week, ordered_at + interval '40 days' AS ends_on
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
	'clv_mrr_moves' => q{clv_mrr_moves('orders', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15', ends_on => 'ends_on', billed_every => '1 month', group_by => 'channel')},
	'clv_mrr_cohorts' => q{clv_mrr_cohorts('orders', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15', ends_on => 'ends_on', billed_every => '1 month', group_by => 'channel')},
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

# histories that are one per customer, by an index or a GROUP BY, are not grouped once more, nor behind views that only leave
# out rows and columns; what a view may show twice is grouped
$node->safe_psql('postgres', q{
	CREATE TABLE kept AS SELECT 0 AS pad, customer_id % 500 AS region, clv_history(amount, ordered_at) AS history, customer_id FROM orders GROUP BY customer_id;
	ALTER TABLE kept ADD PRIMARY KEY (customer_id), DROP pad;
	CREATE TABLE parent (LIKE kept INCLUDING ALL);
	CREATE TABLE child (PRIMARY KEY (customer_id)) INHERITS (parent);
	INSERT INTO parent SELECT * FROM kept;
	INSERT INTO child SELECT * FROM kept WHERE customer_id % 3 = 0;
	CREATE VIEW shown AS SELECT customer_id, region, history FROM kept;
	CREATE VIEW half AS SELECT history, customer_id FROM kept WHERE region < 250;
});
my %seen = (
	'all columns' => 'SELECT * FROM kept',
	'some rows' => 'SELECT history, customer_id FROM kept WHERE region % 7 > 2',
	'a view of a view' => 'SELECT customer_id, history FROM shown WHERE region < 250',
	'the first rows' => 'SELECT customer_id, history FROM kept ORDER BY customer_id LIMIT 5000',
	'an alias' => 'SELECT k.customer_id, clv_at(k.history, \'2024-03-31\') AS history FROM kept AS k WHERE EXISTS (SELECT FROM half AS h WHERE h.customer_id = k.customer_id)',
	'grouped' => 'SELECT customer_id, clv_history(amount, ordered_at) AS history FROM orders GROUP BY customer_id',
	'a view of a grouped one' => 'SELECT g.customer_id, g.history FROM grouped AS g WHERE g.customer_id > 100');
my %not_seen = (
	'a join' => 'SELECT k.customer_id, k.history FROM kept AS k JOIN generate_series(1, 2) AS n ON n <= k.region',
	'a join by a comma' => 'SELECT k.customer_id, k.history FROM kept AS k, generate_series(1, 2) AS n',
	'a left join' => 'SELECT k.customer_id, k.history FROM kept AS k LEFT JOIN orders AS o USING (customer_id) WHERE o.week = 3',
	'UNION ALL' => 'SELECT customer_id, history FROM kept UNION ALL SELECT customer_id, history FROM half',
	'GROUPING SETS' => 'SELECT customer_id, clv_rollup(history) AS history FROM kept GROUP BY GROUPING SETS ((customer_id), (customer_id, region))',
	'grouped by more' => 'SELECT customer_id, clv_history(amount, ordered_at) AS history FROM orders GROUP BY customer_id, week',
	'rows twice' => 'SELECT customer_id, history, generate_series(1, 2) AS n FROM kept',
	'an expression' => 'SELECT customer_id / 2 AS customer_id, history FROM kept',
	'another column' => 'SELECT region AS customer_id, history FROM kept',
	'a subquery' => 'SELECT customer_id, history FROM (SELECT customer_id, history FROM kept UNION ALL SELECT customer_id, history FROM kept) AS k',
	'tables that inherit' => 'SELECT customer_id, history FROM parent',
	'a table of pieces' => 'SELECT customer_id, history FROM histories');
$node->safe_psql('postgres', "CREATE VIEW grouped AS $seen{grouped}");
for my $what (sort(keys %seen), sort(keys %not_seen))
{
	my $query = $seen{$what} // $not_seen{$what};
	$node->safe_psql('postgres', "DROP VIEW IF EXISTS asked; DROP TABLE IF EXISTS copy; CREATE VIEW asked AS $query; CREATE TABLE copy AS SELECT * FROM asked");
	my ($answer, $plans) = answer_and_plans(q{clv_retention('asked', 'customer_id', 'history', measure => 'value', as_of => '2024-06-15')});
	my ($expected, $plans_of_copy) = answer_and_plans(q{clv_retention('copy', 'customer_id', 'history', measure => 'value', as_of => '2024-06-15')});
	is($answer, $expected, "a view of $what: the figures of its rows");
	like($plans_of_copy, qr/Query Text: .*clv_rollup\(/, 'which a table without a key does not give away');
	exists $seen{$what} ? unlike($plans, qr/Query Text: .*clv_rollup\(/, "a view of $what: not grouped again") : like($plans, qr/Query Text: .*clv_rollup\(/, "a view of $what: grouped");
}
# views that read each other have no rows, nor an end
$node->safe_psql('postgres', q{CREATE OR REPLACE VIEW half AS SELECT history, customer_id FROM shown; CREATE OR REPLACE VIEW shown AS SELECT customer_id, 1::bigint AS region, history FROM half});
my (undef, undef, $endless) = $node->psql('postgres', q{SELECT * FROM clv_retention('shown', 'customer_id', 'history')});
like($endless, qr/ERROR: +(?:stack depth limit exceeded|infinite recursion)/, 'two views that read each other are an error');

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
