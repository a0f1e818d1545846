# Where else figures are read: on a standby, on a subscriber, through a pooler; and who refreshes them at night.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(usleep);

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

# rows of a query, whatever their order, to the byte
sub digest { "SELECT md5(string_agg(r::text, ';' ORDER BY r::text COLLATE \"C\")) FROM ($_[0]) AS r" }

sub finds { my ($program) = grep { -x $_ } map { "$_/$_[0]" } split(/:/, $ENV{PATH}), '/usr/sbin'; return $program }

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 'logical');
$primary->append_conf('postgresql.conf', "timezone = 'UTC'\njit = off\n");
$primary->start;
my $has_cron = $primary->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_cron'});
if ($has_cron)
{
	$primary->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_cron'\ncron.database_name = 'postgres'\ncron.use_background_workers = on\n");
	$primary->restart;
}
$primary->safe_psql('postgres', q{
	CREATE EXTENSION clv;
	CREATE TABLE orders AS SELECT order_id, customer_id, channel, ordered_at, amount FROM clv_simulate(1000, '2022-01-01', '2024-06-30', refund_share => 0.05, seed => 3);
	CREATE INDEX ON orders (customer_id);
	CREATE TABLE spend AS SELECT DISTINCT channel, date_trunc('month', ordered_at)::date AS day, 100 AS cost FROM orders;
	SELECT count(*) FROM clv_create_views('plain', 'orders', order_id => 'order_id', channel => 'channel', spend => 'spend', margin => 0.4, today => 'last order');
	SELECT count(*) FROM clv_create_views('live', 'orders', order_id => 'order_id', channel => 'channel', spend => 'spend', margin => 0.4, today => 'last order', upkeep => 'live');
	SELECT clv_refresh_views('live');
});

# --- the night's work: begun now, looked at in the end, since a job runs at a full minute

if ($has_cron)
{
	$primary->safe_psql('postgres', q{
		CREATE EXTENSION pg_cron;
		CREATE ROLE shop_owner LOGIN;
		GRANT USAGE, CREATE ON SCHEMA public TO shop_owner;
		GRANT CREATE ON DATABASE postgres TO shop_owner;
		CREATE TABLE shop_orders AS SELECT order_id, customer_id, ordered_at, amount FROM orders;
		CREATE INDEX ON shop_orders (customer_id);
		ALTER TABLE shop_orders OWNER TO shop_owner;
		SET ROLE shop_owner;
		SELECT count(*) FROM clv_create_views('shop', 'shop_orders', order_id => 'order_id', today => 'last order', upkeep => 'live');
		SELECT clv_refresh_views('shop');
		INSERT INTO shop_orders SELECT max(order_id) + 1, 1, max(ordered_at), 77 FROM shop_orders;
		RESET ROLE;
		SELECT cron.schedule_in_database('refresh shop', '* * * * *', $$SELECT clv_refresh_views('shop')$$, 'postgres', 'shop_owner');
		SELECT cron.schedule_in_database('fit shop', '* * * * *', $$SELECT * FROM clv_refit_views('shop')$$, 'postgres', 'shop_owner');
		SELECT cron.schedule_in_database('not mine', '* * * * *', $$SELECT clv_refresh_views('live')$$, 'postgres', 'shop_owner');
	});
}

# --- a hot standby reads what the primary reads

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
# orders that came since the last refresh are in the queue, which the standby has too
$primary->safe_psql('postgres', q{INSERT INTO orders SELECT max(order_id) + 1, 5, 'tv', max(ordered_at), 50 FROM orders});
$primary->wait_for_catchup($standby);

my @readable = split /\n/, $primary->safe_psql('postgres', q{
	SELECT format('%I.%I', n.nspname, relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
	WHERE nspname IN ('plain', 'live') AND relkind = 'v' ORDER BY 1});
push @readable, map { my $schema = $_; map { "$schema.${_}_as_of('2023-12-31')" } 'customers', 'kpis', 'audit' } 'plain', 'live';
push @readable, q{clv_retention('orders', 'customer_id', 'ordered_at', 'amount')}, q{clv_channels('orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'spend', spend_at => 'day', spend_amount => 'cost', margin => 0.4)},
  q{clv_choose_model('orders', 'customer_id', 'ordered_at', 'amount')}, q{clv_warnings('orders', 'customer_id', 'ordered_at', 'amount')},
  q{(SELECT clv_fit(clv_sample(clv_history, '2024-06-30', 'week'), 'mbgnbd') FROM (SELECT clv_history(amount, ordered_at) FROM orders GROUP BY customer_id) AS h) AS fit};
cmp_ok(scalar @readable, '>', 40, 'views and functions are read');
my @differ = grep { my $query = digest("SELECT * FROM $_"); $standby->safe_psql('postgres', $query) ne $primary->safe_psql('postgres', $query) } @readable;
is("@differ", '', 'a standby gives the same figures, in all of them');
is($standby->safe_psql('postgres', q{SELECT value - (SELECT value FROM live.kept_customers WHERE customer_id = 5) FROM live.customers WHERE customer_id = 5}), '50.00', 'it reads the queue through');
for my $call (q{clv_refresh_views('live')}, q{clv_refit_views('plain')}, q{clv_create_views('more', 'orders')}, q{clv_drop_views('plain')}, q{clv_verify_views('live', repair => true)}, q{clv_take_changes('live', 'me')}, q{clv_acknowledge_changes('live', 'me', 0)})
{
	my ($failed, undef, $said) = $standby->psql('postgres', "SELECT count(*) FROM $call", extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	is($said, 'psql:<stdin>:1: ERROR:  25006', "it refuses to write: $call");
}
$standby->promote;
is($standby->safe_psql('postgres', q{SELECT count(*) > 0 FROM clv_refresh_views('live')}), 't', 'promoted, it refreshes');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM live.histories AS h FULL JOIN live.fresh_histories AS f USING (customer_id) WHERE h.history IS DISTINCT FROM f.history'), '0', 'and is right');
$standby->stop;

# --- logical replication: stored values arrive to the byte, as text and in binary

$primary->safe_psql('postgres', q{
	CREATE TABLE stored (id text PRIMARY KEY, history clv_history, model clv_model, sample clv_sample, season clv_season);
	ALTER TABLE stored REPLICA IDENTITY FULL;
	INSERT INTO stored (id, history) SELECT customer_id, clv_history(amount, ordered_at) FROM orders GROUP BY 1;
	INSERT INTO stored (id, sample) SELECT 'sample', clv_sample(history, '2024-06-30', 'week') FROM stored;
	INSERT INTO stored (id, model) SELECT 'model ' || kind, clv_fit(sample, kind) FROM stored, unnest('{mbgnbd, paretonbd}'::text[]) AS kind WHERE id = 'sample';
	INSERT INTO stored (id, season) SELECT 'season', clv_season(history, '2024-06-30', 'month') FROM stored WHERE history IS NOT NULL;
	CREATE PUBLICATION stored FOR TABLE stored;
});
my @subscribers;
for my $binary ('off', 'on')
{
	my $subscriber = PostgreSQL::Test::Cluster->new("subscriber_$binary");
	$subscriber->init;
	# a zone, and a format of days and of numbers, of its own
	$subscriber->append_conf('postgresql.conf', "timezone = 'Asia/Tokyo'\ndatestyle = 'German'\nextra_float_digits = 0\nintervalstyle = 'sql_standard'\n");
	$subscriber->start;
	$subscriber->safe_psql('postgres', 'CREATE EXTENSION clv; CREATE TABLE stored (id text PRIMARY KEY, history clv_history, model clv_model, sample clv_sample, season clv_season)');
	$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION stored_$binary CONNECTION 'host=" . $primary->host . " port=" . $primary->port . " dbname=postgres' PUBLICATION stored WITH (binary = $binary)");
	$subscriber->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_subscription_rel WHERE srsubstate IN ('r', 's')});
	push @subscribers, [ $subscriber, $binary ];
}
$primary->safe_psql('postgres', q{
	UPDATE stored SET history = history + '{2024-07-01: 12.50}' WHERE history IS NOT NULL AND length(id) = 2;
	DELETE FROM stored WHERE history IS NOT NULL AND length(id) = 1;
	INSERT INTO stored (id, history) VALUES ('new', '{2024-07-02: 5, 2024-07-03: -5}');
});
my $bytes = q{SELECT md5(string_agg(concat_ws(' ', id, md5(clv_history_send(history)), md5(clv_model_send(model)), md5(clv_sample_send(sample)), md5(clv_season_send(season))), ',' ORDER BY id COLLATE "C")) || ' ' || count(*) FROM stored};
for my $subscriber (@subscribers)
{
	my ($node, $binary) = @$subscriber;
	$node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM stored WHERE id = 'new')});
	is($node->safe_psql('postgres', $bytes), $primary->safe_psql('postgres', $bytes), "histories, models, samples and seasons arrive to the byte: binary = $binary");
	$node->safe_psql('postgres', "DROP SUBSCRIPTION stored_$binary");
	$node->stop;
}

# --- a pooler in transaction mode: every statement may meet another session

SKIP:
{
	my $pgbouncer = finds('pgbouncer') or skip 'pgbouncer is not installed', 3;
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my ($host, $server_port, $user) = ($primary->host, $primary->port, $primary->safe_psql('postgres', 'SELECT current_user'));
	PostgreSQL::Test::Utils::append_to_file("$directory/users", qq{"$user" ""\n});
	PostgreSQL::Test::Utils::append_to_file("$directory/pgbouncer.ini", qq{
[databases]
postgres = host=$host port=$server_port
[pgbouncer]
listen_addr =
listen_port = $port
unix_socket_dir = $directory
auth_type = trust
auth_file = $directory/users
pool_mode = transaction
default_pool_size = 3
server_lifetime = 0
logfile = $directory/log
});
	my $process = IPC::Run::start([ $pgbouncer, '-q', "$directory/pgbouncer.ini" ], '<', \undef, '>&', \my $said);
	my $through = sub {
		my ($script) = @_;
		IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', "host=$directory port=$port dbname=postgres user=$user" ], '<', \$script, '>', \my $out, '2>', \my $err);
		$out =~ s/\n$//;
		return $out . $err;
	};
	for (1 .. 600) { last if $through->('SELECT 1') eq '1'; usleep(100_000) }
	isnt($through->("SELECT pg_backend_pid();\n" x 6), $through->("SELECT pg_backend_pid();\n" x 6), 'statements meet other sessions');
	my @wrong = grep { my $query = digest("SELECT * FROM $_"); $through->($query) ne $primary->safe_psql('postgres', $query) } @readable;
	is("@wrong", '', 'a pooler gives the same figures, in all of them');
	my $changes = $through->(q{
		SELECT clv_refresh_views('live', everything => true) IS NOT NULL;
		INSERT INTO orders SELECT max(order_id) + 1, 5, 'tv', max(ordered_at), 5000 FROM orders;
		SELECT count(*) > 0 FROM clv_refresh_views('live');
		SELECT count(*) > 0 FROM clv_take_changes('live', 'pooled');
		SELECT clv_acknowledge_changes('live', 'pooled', (SELECT max(id) FROM clv_take_changes('live', 'pooled', 100000))) IS NOT NULL;
		SELECT count(*) FROM clv_take_changes('live', 'pooled');
	});
	like($changes, qr/\At\nt\nt\nt\n0(?:NOTICE: .*is new|\z)/, 'refreshes, and changes that are taken and acknowledged, need no session');
	$process->signal('TERM');
	$process->finish;
}

# --- the night's work

SKIP:
{
	skip 'pg_cron is not installed', 3 unless $has_cron;
	ok($primary->poll_query_until('postgres', q{SELECT count(DISTINCT jobid) = 3 FROM cron.job_run_details WHERE status IN ('succeeded', 'failed')}), 'the jobs have run');
	is($primary->safe_psql('postgres', q{SELECT DISTINCT jobname, status FROM cron.job_run_details JOIN cron.job USING (jobid) WHERE status <> 'running' ORDER BY 1}),
		"fit shop|succeeded\nnot mine|failed\nrefresh shop|succeeded", 'as the owner of the views, and of no others');
	is($primary->safe_psql('postgres', q{SELECT (SELECT count(*) FROM shop.queue), (SELECT count(*) FROM shop.kept_customers AS k JOIN shop.customers AS c USING (customer_id) WHERE k.value <> c.value)}), '0|0', 'all is refreshed');
}
$primary->stop;
done_testing();
