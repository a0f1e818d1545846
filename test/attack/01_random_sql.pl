# SQLsmith: random queries over columns of our types, our views and our functions.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Attack;
use POSIX 'WNOHANG';
use Test::More;

plan skip_all => 'SQLSMITH IS MISSING: no random queries (tools/install-deps attack gets it)'
  if system('sqlsmith --version >/dev/null 2>&1') != 0;

my $timeout = 2;    # seconds, of a query
my $hang = 30;      # what no query may take, on the slowest machine

my $node = server('random', q{
max_parallel_workers_per_gather = 2
parallel_setup_cost = 0
parallel_tuple_cost = 0
min_parallel_table_scan_size = 0
work_mem = '1MB'
});
make_shop($node, shop_names(), 60);
$node->safe_psql('postgres', q{
	CREATE ROLE smith LOGIN;
	SET search_path = tools, shop;
	SELECT clv_create_views('views', 'shop.orders', 'customer', order_id => 'order_id', channel => 'channel', spend => 'shop.spend', spend_at => 'spent_on', spend_amount => 'spent', margin => 0.4, leads => 'leads',
		feedback => 'shop.feedback', feedback_at => 'answered_at', feedback_score => 'score', items => 'shop.items', items_order_id => 'order_id');
	SELECT clv_create_views('stored', 'shop.orders', 'customer', channel => 'channel', upkeep => 'refresh', security => 'owner');
	CREATE TABLE shop.kept AS SELECT customer, clv_history(amount, ordered_at) AS history, clv_rfm(amount, ordered_at) AS rfm, date '2024-06-30' AS as_of FROM orders GROUP BY 1;
	INSERT INTO shop.kept VALUES (NULL, NULL, NULL, NULL), (0, '{}', NULL, '-infinity'), (1, '{4714-11-24 BC: 1, 5874897-12-31: 0.000000000000000000000000000001}', NULL, 'infinity');
	CREATE TABLE shop.models AS
		SELECT clv_fit(clv_sample(history, '2024-06-30', 'week'), 'mbgnbd') AS buying, clv_fit(clv_spend_sample(history, '2024-06-30'), 'gammagamma') AS spending, clv_sample(history, '2024-06-30', 'week') AS sample FROM kept WHERE customer > 1
		UNION ALL SELECT clv_fit(clv_sample(history, '2024-06-30', 'day'), 'paretonbd'), NULL::clv_model, clv_sample(history, '2024-06-30', 'day') FROM kept WHERE customer > 1
		UNION ALL SELECT '{"model": "sbg", "parameters": {"alpha": 0.7, "beta": 1.2}}', '{"model": "gammagamma", "parameters": {"p": 6.25, "q": 0.001, "gamma": 1e9}}', NULL
		UNION ALL SELECT '{"model": "bgbb", "unit": "quarter", "parameters": {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8}}', NULL, NULL;
	GRANT USAGE ON SCHEMA shop, views, stored TO smith;
	GRANT SELECT ON ALL TABLES IN SCHEMA shop, views, stored TO smith;
	GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA views, stored TO smith;

	-- it takes functions from what it finds as pg_proc: all of ours, and only a few others
	CREATE SCHEMA lens;
	GRANT USAGE ON SCHEMA lens TO smith;
	CREATE VIEW lens.pg_proc AS SELECT * FROM pg_catalog.pg_proc
		WHERE oid IN (SELECT objid FROM pg_depend JOIN pg_extension AS e ON refobjid = e.oid WHERE extname = 'clv' AND classid = 'pg_catalog.pg_proc'::regclass)
		OR pronamespace::regnamespace::text IN ('views', 'stored')
		OR proname IN ('abs', 'length', 'lower', 'date_part', 'round', 'count', 'sum', 'max', 'array_agg', 'row_number', 'lag', 'first_value', 'upper', 'jsonb_build_array', 'age');
	-- and takes operators of polymorphic ranges for those of types of these names
	CREATE VIEW lens.pg_type AS SELECT oid, CASE typname WHEN 'anyrange' THEN 'int4range' WHEN 'anymultirange' THEN 'int4multirange' ELSE typname END::name AS typname,
		typnamespace, typdelim, typrelid, typelem, typarray, CASE WHEN typname IN ('anyrange', 'anymultirange') THEN 'r' ELSE typtype END AS typtype FROM pg_catalog.pg_type;
	GRANT SELECT ON lens.pg_proc, lens.pg_type TO smith;
	ALTER ROLE smith SET search_path = lens, pg_catalog, shop, views, stored, tools;
});
$node->safe_psql('postgres', "ALTER ROLE smith SET statement_timeout = '${timeout}s'");

# so many queries, or as many as there is time for
my ($queries, $left) = (int(4000 * $factor), 20 * $factor + 5);
my $said = PostgreSQL::Test::Utils::tempdir() . '/sqlsmith';
my $pid = fork // die "fork: $!";
if ($pid == 0)
{
	open STDOUT, '>', $said;
	open STDERR, '>&', \*STDOUT;
	exec 'sqlsmith', '--target=' . $node->connstr('postgres') . ' user=smith', "--seed=$seed", '--exclude-catalog', "--max-queries=$queries", '--verbose' or die;
}
my ($hung, $start, $ended) = ('', time, 0);
until (($ended = waitpid($pid, WNOHANG)) || $hung ne '' || time - $start > $left)
{
	sleep 1;
	# no query ends here: a crash shows in the log
	(undef, my $late) = $node->psql('postgres', "SELECT query FROM pg_stat_activity WHERE usename = 'smith' AND state = 'active' AND clock_timestamp() - query_start > interval '$hang s'");
	$hung = $late // '';
}
kill 'KILL', $pid and waitpid $pid, 0 unless $ended;
is($hung, '', "no query goes on for $hang seconds with a statement_timeout of $timeout");
my $output = PostgreSQL::Test::Utils::slurp_file($said);
# it prints a mark for each: well, or which kind of error
my $done = length join '', $output =~ /^([.a-zA-Z]+)$/mg;
cmp_ok($done, '>', 100, 'queries were run') or diag $output;
note "$done queries in ", time - $start, " s";
is_unharmed($node);
$node->stop('immediate');
done_testing();
