# Orders on several servers: what the others group, what they send, and that the answers are those of one server.
use strict;
use warnings;
use Test::More;

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

# the first is asked; all of them live in zones of their own
my @zones = ('Asia/Jakarta', 'America/New_York', 'Europe/Berlin', 'Pacific/Auckland');
my @nodes = map { PostgreSQL::Test::Cluster->new("server$_") } 0 .. 3;
for my $n (0 .. 3)
{
	$nodes[$n]->init;
	$nodes[$n]->append_conf('postgresql.conf', "timezone = '$zones[$n]'\njit = off\nmax_parallel_workers_per_gather = 0\n");
	$nodes[$n]->start;
	$nodes[$n]->safe_psql('postgres', 'CREATE EXTENSION clv');
}
my $asked = $nodes[0];
my ($missing) = $asked->psql('postgres', 'CREATE EXTENSION postgres_fdw');
if ($missing)
{
	$_->stop for @nodes;
	plan skip_all => 'postgres_fdw is not installed';
}

# the same orders in one table, by customer on three servers, and by time on three servers
my $columns = 'order_id bigint, customer_id bigint, channel text, ordered_at timestamptz, local_at timestamp, amount numeric';
$asked->safe_psql('postgres', qq{
	CREATE TABLE here ($columns);
	INSERT INTO here SELECT order_id, customer_id, channel, at, at AT TIME ZONE 'Asia/Jakarta', amount
		FROM clv_simulate(3000, '2023-01-01', '2024-06-30', refund_share => 0.05, seed => 11) AS o,
			LATERAL (SELECT ordered_at::timestamp AT TIME ZONE 'UTC' + order_id % 24 * interval '1 hour' AS at) AS t;
	CREATE TABLE by_customer ($columns) PARTITION BY HASH (customer_id);
	CREATE TABLE by_time ($columns) PARTITION BY RANGE (ordered_at);
});
my @bounds = ("MINVALUE", "'2023-07-01'", "'2024-01-01'", "MAXVALUE");
for my $n (1 .. 3)
{
	my ($port, $host) = ($nodes[$n]->port, $nodes[$n]->host);
	$nodes[$n]->safe_psql('postgres', "CREATE TABLE by_customer ($columns); CREATE TABLE by_time ($columns)");
	$asked->safe_psql('postgres', qq{
		CREATE SERVER server$n FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname 'postgres', extensions 'clv');
		CREATE USER MAPPING FOR CURRENT_USER SERVER server$n;
		CREATE FOREIGN TABLE by_customer$n PARTITION OF by_customer FOR VALUES WITH (MODULUS 3, REMAINDER @{[ $n - 1 ]}) SERVER server$n OPTIONS (table_name 'by_customer');
		CREATE FOREIGN TABLE by_time$n PARTITION OF by_time FOR VALUES FROM ($bounds[$n - 1]) TO ($bounds[$n]) SERVER server$n OPTIONS (table_name 'by_time');
	});
}
$asked->safe_psql('postgres', 'INSERT INTO by_customer SELECT * FROM here; INSERT INTO by_time SELECT * FROM here; ANALYZE');
is($nodes[$_]->safe_psql('postgres', 'SELECT count(*) > 100 FROM by_customer'), 't', "server $_ has orders") for 1 .. 3;

my $settings = 'SET enable_partitionwise_aggregate = on;';
sub answer { $asked->safe_psql('postgres', "$settings $_[0]") }
sub plan_of { $asked->safe_psql('postgres', "$settings EXPLAIN (VERBOSE, COSTS OFF) $_[0]") }
# rows of a query, whatever their order, to the byte
sub digest { "SELECT md5(string_agg(r::text, ';' ORDER BY r::text COLLATE \"C\")) FROM ($_[0]) AS r" }

# histories, grouped where the orders are: a column without a zone says the same everywhere
my $histories = "SELECT customer_id, clv_history(amount, local_at) AS h FROM %s GROUP BY customer_id";
my $here = answer(digest(sprintf $histories, 'here'));
is(answer(digest(sprintf $histories, 'by_customer')), $here, 'by customer: the histories are the same');
my @sent = plan_of(sprintf $histories, 'by_customer') =~ /Remote SQL: SELECT.*clv_history/g;
is(scalar @sent, 3, 'and each server makes its own');
is(answer(digest(sprintf $histories, 'by_time')), $here, 'by time: the histories are the same');
my $bytes = 'SELECT customer_id, encode(clv_history_send(h), \'hex\') AS h FROM (%s) AS s';
is(answer(digest(sprintf $bytes, sprintf $histories, 'by_customer')), answer(digest(sprintf $bytes, sprintf $histories, 'here')), 'to the byte');

# by time, each server makes a history of its part, and the parts are merged here
for my $n (1 .. 3)
{
	$nodes[$n]->safe_psql('postgres', sprintf "CREATE VIEW parts AS $histories", 'by_time');
	$asked->safe_psql('postgres', "CREATE FOREIGN TABLE parts$n (customer_id bigint, h clv_history) SERVER server$n OPTIONS (table_name 'parts')");
}
my $merged = 'SELECT customer_id, clv_rollup(h) AS h FROM (SELECT * FROM parts1 UNION ALL SELECT * FROM parts2 UNION ALL SELECT * FROM parts3) AS p GROUP BY customer_id';
is(answer(digest($merged)), $here, 'by time: histories of parts, merged, are the same');

# a moment has a day in a zone only, and the session there has another
for my $aggregate ("clv_history(amount, ordered_at)", "clv(amount, ordered_at, '1 year')", 'clv_rfm(amount, ordered_at)')
{
	my $query = "SELECT customer_id, $aggregate AS a FROM by_customer GROUP BY customer_id";
	like(plan_of($query), qr/Remote SQL: SELECT.*clv/, "$aggregate goes to the other server");
	my ($status, $out, $error) = $asked->psql('postgres', $settings . digest($query));
	like($error, qr/cannot tell on which day a timestamptz falls for another server.*AT TIME ZONE/s, "and there it is an error");
}
is(answer(digest('SELECT customer_id, clv(amount, ordered_at) AS a FROM by_customer GROUP BY customer_id')),
	answer(digest('SELECT customer_id, clv(amount, ordered_at) AS a FROM here GROUP BY customer_id')), 'a sum needs no day');
# the same when the session of the other server does not say whose it is
$asked->safe_psql('postgres', "ALTER SERVER server$_ OPTIONS (ADD application_name 'shop')") for 1 .. 3;
my ($status, $out, $error) = $asked->psql('postgres', $settings . digest('SELECT customer_id, clv_history(amount, ordered_at) AS a FROM by_customer GROUP BY customer_id'));
like($error, qr/cannot tell on which day a timestamptz falls for another server/, 'also under another name');
# rows that come here fall on days of here
$asked->safe_psql('postgres', "ALTER SERVER server$_ OPTIONS (DROP extensions)") for 1 .. 3;
my $zoned = 'SELECT customer_id, clv_history(amount, ordered_at) AS h FROM %s GROUP BY customer_id';
is(answer(digest(sprintf $zoned, 'by_customer')), answer(digest(sprintf $zoned, 'here')), 'without "extensions" rows are grouped here, in the zone of here');
$asked->safe_psql('postgres', "ALTER SERVER server$_ OPTIONS (ADD extensions 'clv')") for 1 .. 3;

# functions over a table, fits and views
my @calls = (
	q{clv_retention('%s', 'customer_id', 'ordered_at', 'amount', measure => 'value', group_by => 'channel', as_of => '2024-06-15', time_zone => 'Asia/Jakarta')},
	q{clv_customer_retention('%s', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15')},
	q{clv_revenue_retention('%s', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15', time_zone => 'Asia/Jakarta')},
	q{clv_lifecycle_periods('%s', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15')},
	q{clv_mrr_moves('%s', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15', billed_every => '1 month', time_zone => 'Asia/Jakarta')},
	q{clv_segment_moves('%s', 'customer_id', 'ordered_at', 'amount', '2024-03-31', '2024-06-15')},
	q{clv_warnings('%s', 'customer_id', 'ordered_at', 'amount', as_of => '2024-06-15')},
);
for my $call (@calls)
{
	my ($name) = $call =~ /^(\w+)/;
	my $wanted = answer(digest('SELECT * FROM ' . sprintf $call, 'here'));
	is(answer(digest('SELECT * FROM ' . sprintf $call, $_)), $wanted, "$name over $_") for qw(by_customer by_time);
}
my $fit = "SELECT clv_fit(clv_sample(h, '2024-06-30', 'week'), 'mbgnbd')::text AS fitted FROM (%s) AS s";
is(answer(sprintf $fit, sprintf $histories, 'by_customer'), answer(sprintf $fit, sprintf $histories, 'here'), 'a model is the same to the last digit');
my $spend = "SELECT clv_fit(clv_spend_sample(h, '2024-06-30'), 'gammagamma')::text AS fitted FROM (%s) AS s";
is(answer(sprintf $spend, $merged), answer(sprintf $spend, sprintf $histories, 'here'), 'and so is one of spend, from merged parts');
for my $table (qw(here by_customer by_time))
{
	answer("SELECT count(*) FROM clv_create_views('v_$table', '$table', order_id => 'order_id', channel => 'channel', currency => 'EUR', time_zone => 'Asia/Jakarta', model => 'mbgnbd')");
}
for my $view (qw(customers segments tiers kpis cohorts retention lifecycle warnings))
{
	my $wanted = answer(digest("SELECT * FROM v_here.${view}_as_of('2024-06-30')"));
	is(answer(digest("SELECT * FROM v_$_.${view}_as_of('2024-06-30')")), $wanted, "the view $view over $_") for qw(by_customer by_time);
}
$_->stop for @nodes;
done_testing();
