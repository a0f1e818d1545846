# The views of clv_create_views through pg_dump: the same figures, grants and comments, and they can be renewed; and what
# dropping the extension says.
use strict;
use warnings;
use Test::More;

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

my $node = PostgreSQL::Test::Cluster->new('views');
$node->init;
$node->start;
$node->safe_psql('postgres', q{
	CREATE ROLE maker;
	CREATE ROLE dashboard LOGIN;
	GRANT CREATE ON DATABASE postgres TO maker;
	CREATE SCHEMA tools;
	CREATE EXTENSION clv SCHEMA tools;
	GRANT USAGE ON SCHEMA tools TO maker, dashboard;
	CREATE TABLE "My Orders" ("Customer" text, at timestamptz, "Amount" numeric(10,2), line int, source text);
	INSERT INTO "My Orders" SELECT 'c' || customer_id, ordered_at AT TIME ZONE 'UTC', amount, order_id, (ARRAY['search', 'tv'])[1 + customer_id % 2]
		FROM tools.clv_simulate(300, '2023-01-01', '2024-12-31', refund_share => 0.1);
	CREATE TABLE spend (channel text, month date, cost numeric);
	INSERT INTO spend VALUES ('tv', '2023-01-01', 500), ('search', '2023-02-01', 200);
	GRANT SELECT ON "My Orders", spend TO maker;
	SET ROLE maker;
	SELECT tools.clv_create_views('Invoker views', '"My Orders"', time_zone => 'Asia/Jakarta', order_id => 'line', channel => 'source', spend => 'spend', margin => 0.5, currency => 'EUR');
	SELECT tools.clv_create_views('owner_views', '"My Orders"', time_zone => 'Asia/Jakarta', order_id => 'line', security => 'owner');
	SELECT tools.clv_create_views('stored_views', '"My Orders"', time_zone => 'Asia/Jakarta', order_id => 'line', channel => 'source', security => 'owner', upkeep => 'refresh');
	GRANT USAGE ON SCHEMA stored_views TO dashboard;
	GRANT SELECT ON stored_views.customers, stored_views.histories TO dashboard;
	GRANT USAGE ON SCHEMA owner_views TO dashboard;
	GRANT SELECT ON ALL TABLES IN SCHEMA owner_views TO dashboard;
	GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA owner_views TO dashboard;
});

# a database, what is in it, and whose the objects are
my %states = (
	views => q{SELECT md5(string_agg(v::text, ',' ORDER BY v::text)) FROM (SELECT c::text AS v FROM "Invoker views".customers AS c UNION ALL SELECT c::text FROM owner_views.customers AS c
		UNION ALL SELECT s::text FROM "Invoker views".segments AS s UNION ALL SELECT t::text FROM owner_views.tiers AS t UNION ALL SELECT m::text FROM owner_views.segment_moves AS m
		UNION ALL SELECT c::text FROM stored_views.customers AS c UNION ALL SELECT h::text FROM stored_views.histories AS h
		UNION ALL SELECT m::text FROM "Invoker views".model AS m UNION ALL SELECT s::text FROM owner_views.settings AS s) AS v},
	functions => q{SELECT md5(string_agg(v::text, ',' ORDER BY v::text)) FROM (SELECT c::text AS v FROM "Invoker views".customers_as_of('2024-03-31') AS c UNION ALL SELECT c::text FROM owner_views.segment_history_as_of('2024-06-30') AS c) AS v},
	relations => q{SELECT string_agg(concat_ws(' ', relnamespace::regnamespace, relname, relkind, relowner::regrole, reloptions, relacl, obj_description(oid, 'pg_class')), E'\n' ORDER BY relnamespace::regnamespace::text, relname)
		FROM pg_class WHERE relnamespace::regnamespace::text IN ('"Invoker views"', 'owner_views', 'stored_views') AND relkind IN ('v', 'r', 'i')},
	routines => q{SELECT string_agg(concat_ws(' ', oid::regprocedure, proowner::regrole, prosecdef, proacl, obj_description(oid, 'pg_proc')), E'\n' ORDER BY oid::regprocedure::text)
		FROM pg_proc WHERE pronamespace::regnamespace::text IN ('"Invoker views"', 'owner_views', 'stored_views')},
	columns => q{SELECT count(col_description(attrelid, attnum)) FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid WHERE relnamespace::regnamespace::text IN ('"Invoker views"', 'owner_views', 'stored_views')});
cmp_ok($node->safe_psql('postgres', $states{columns}), '>', 100, 'columns have comments');

for my $format ('plain', 'custom')
{
	my $file = PostgreSQL::Test::Utils::tempdir() . "/$format.dump";
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS copy');
	$node->safe_psql('postgres', 'CREATE DATABASE copy');
	$node->command_ok([ 'pg_dump', "--format=$format", "--file=$file", 'postgres' ], "$format dump");
	$node->command_ok(
		$format eq 'plain'
		? [ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'copy', '-f', $file ]
		: [ 'pg_restore', '--exit-on-error', '-d', 'copy', $file ],
		"$format restore");
	for my $what (sort keys %states)
	{
		is($node->safe_psql('copy', $states{$what}), $node->safe_psql('postgres', $states{$what}), "$format: the same $what");
	}
}

# what came back is of use: to who may only read the views, and to renew and drop
is($node->safe_psql('copy', 'SELECT count(*) > 100 FROM owner_views.customers, owner_views.segment_moves', extra_params => [ '-U', 'dashboard' ]), 't', 'a dashboard reads the views');
is($node->safe_psql('copy', 'SELECT count(*) > 100 FROM stored_views.customers', extra_params => [ '-U', 'dashboard' ]), 't', 'and those over a table of histories');
my ($status, $out, $err) = $node->psql('copy', "\\set VERBOSITY sqlstate\nSELECT * FROM \"My Orders\"", extra_params => [ '-U', 'dashboard' ]);
like($err, qr/42501/, 'and not the orders');
is($node->safe_psql('copy', q{SET ROLE maker; SELECT model, status FROM tools.clv_refit_views('Invoker views')}), 'mbgnbd|converged', 'models are fitted anew');
is($node->safe_psql('copy', q{INSERT INTO "My Orders" VALUES ('new', '2024-12-31', 5, 1000000, 'tv'); SET ROLE maker; SELECT * FROM tools.clv_refresh_views('stored_views')}), '1|0|0|', 'the table is refreshed');
# two at once: the second waits, and finds nothing to do; who reads does not wait
{
	$node->safe_psql('copy', q{INSERT INTO "My Orders" VALUES ('newer', '2024-12-31', 5, 1000001, 'tv')});
	my $first = $node->background_psql('copy');
	$first->query_safe(q{BEGIN; SET ROLE maker}) if $first->can('query_safe');
	SKIP:
	{
		skip 'no sessions in the background in this release', 3 unless $first->can('query_safe');
		is($first->query_safe(q{SELECT * FROM tools.clv_refresh_views('stored_views')}), '1|0|0|', 'one refreshes');
		is($node->safe_psql('copy', q{SET statement_timeout = '3min'; SELECT count(*) FROM stored_views.customers WHERE customer_id = 'newer'}), '0', 'another reads meanwhile what was there');
		my $second = $node->background_psql('copy');
		$second->query_until(qr/started/, "\\echo started\nSET ROLE maker;\nSELECT * FROM tools.clv_refresh_views('stored_views');\n\\echo done\n");
		$node->poll_query_until('copy', q{SELECT count(*) > 0 FROM pg_locks WHERE NOT granted}) or die 'nobody waits';
		$first->query_safe('COMMIT');
		like($second->query_until(qr/done/, ''), qr/0\|0\|0/, 'a third one waits, and finds nothing to do');
		$second->quit;
	}
	$first->quit if $first->can('quit');
}
# a reader who has a view already waits for no other that the call has; and a refresh waits for a call that waits
{
	my $reader = $node->background_psql('copy');
	SKIP:
	{
		skip 'no sessions in the background in this release', 8 unless $reader->can('query_safe');
		my %calls = (
			'made again' => q{SELECT count(*) > 20 FROM tools.clv_create_views('stored_views', '"My Orders"', time_zone => 'Asia/Jakarta', order_id => 'line', channel => 'source', security => 'owner', upkeep => 'refresh')},
			'over orders' => q{SELECT count(*) > 20 FROM tools.clv_create_views('stored_views', '"My Orders"', time_zone => 'Asia/Jakarta', order_id => 'line', channel => 'source', security => 'owner')},
			'dropped' => q{SELECT count(*) > 20 FROM tools.clv_drop_views('stored_views')});
		for my $what (sort keys %calls)
		{
			# as a query that has opened a view, and not yet those that it reads
			$reader->query_safe('BEGIN');
			$reader->query_safe('COMMENT ON VIEW stored_views.segments IS NULL');
			my $caller = $node->background_psql('copy');
			$caller->query_until(qr/started/, "\\echo started\nBEGIN;\nSET ROLE maker;\n$calls{$what};\nROLLBACK;\n\\echo done\n");
			$node->poll_query_until('copy', q{SELECT count(*) > 0 FROM pg_locks WHERE NOT granted}) or die 'nobody waits';
			is($node->safe_psql('copy', q{SELECT string_agg(relation::regclass::text, ', ') FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted
				AND relation IN ('stored_views.customers'::regclass, 'stored_views.model'::regclass, 'stored_views.histories'::regclass, 'stored_views.kept_histories'::regclass)}), '', "$what: what a view reads is not locked before it");
			$reader->query_safe('ROLLBACK');
			like($caller->query_until(qr/done/, ''), qr/^t$/m, "$what, when nobody reads");
			$caller->quit;
		}
		my $refresh = q{SELECT inserted FROM tools.clv_refresh_views('stored_views')};
		$reader->query_safe('BEGIN; SET ROLE maker');
		$reader->query_safe($refresh);
		my @others = map { $node->background_psql('copy') } 1, 2;
		for my $n (0, 1)
		{
			$others[$n]->query_until(qr/started/, "\\echo started\nSET ROLE maker;\n" . ($n == 0 ? $calls{'made again'} : $refresh) . ";\n\\echo done\n");
			$node->poll_query_until('copy', "SELECT count(*) > $n FROM pg_locks WHERE NOT granted") or die 'nobody waits';
		}
		$reader->query_safe('COMMIT');
		like($others[0]->query_until(qr/done/, ''), qr/^t$/m, 'made again between two refreshes');
		like($others[1]->query_until(qr/done/, ''), qr/^0$/m, 'and the second goes on then');
		$_->quit for @others;
	}
	$reader->quit if $reader->can('quit');
}
# a schema of somebody who could have the caller run any code: not touched, but dropped by whoever has the owner's rights
$node->safe_psql('copy', q{SELECT tools.clv_create_views('given_views', '"My Orders"', upkeep => 'refresh'); ALTER SCHEMA given_views OWNER TO dashboard});
for my $call (q{clv_refresh_views('given_views')}, q{clv_refit_views('given_views')}, q{clv_create_views('given_views', '"My Orders"', upkeep => 'refresh')})
{
	(undef, undef, $err) = $node->psql('copy', "\\set VERBOSITY verbose\nSELECT * FROM tools.$call");
	like($err, qr/ERROR: +42501: schema given_views belongs to dashboard\n/, "in a schema of another: $call");
}
is($node->safe_psql('copy', q{SELECT count(*) > 20 FROM tools.clv_drop_views('given_views')}), 't', 'and it is dropped');
# who could act as the caller anyway may be whose the schema is
$node->safe_psql('copy', q{CREATE ROLE deputy; GRANT maker TO deputy; GRANT CREATE ON DATABASE copy TO maker; SET ROLE maker; SELECT tools.clv_create_views('lent_views', '"My Orders"', upkeep => 'refresh');
	RESET ROLE; ALTER SCHEMA lent_views OWNER TO deputy; GRANT USAGE, CREATE ON SCHEMA lent_views TO maker});
is($node->safe_psql('copy', q{SET ROLE maker; SELECT inserted FROM tools.clv_refresh_views('lent_views'); SELECT model FROM tools.clv_refit_views('lent_views')}), "0\nmbgnbd", 'in a schema of one who may act as the caller');
$node->safe_psql('copy', q{SELECT tools.clv_drop_views('lent_views')});
# another schema in the place of one's own has to wait for a call that waits
{
	my $holder = $node->background_psql('copy');
	SKIP:
	{
		skip 'no sessions in the background in this release', 5 unless $holder->can('query_safe');
		$node->safe_psql('copy', q{SELECT tools.clv_create_views('moved_views', '"My Orders"')});
		# older minor releases rename a schema without a lock: then only its owner can, who can become the caller anyway
		$holder->query_safe('BEGIN; CREATE TABLE moved_views.probe ()');
		my ($renamed) = $node->psql('copy', "BEGIN; SET LOCAL lock_timeout = '1s'; ALTER SCHEMA moved_views RENAME TO old_views; ROLLBACK");
		$holder->query_safe('ROLLBACK');
		$node->safe_psql('copy', q{SELECT tools.clv_drop_views('moved_views')}) if $renamed == 0;
		skip 'ALTER SCHEMA takes no lock in this minor release', 5 if $renamed == 0;
		$holder->query_safe('BEGIN; LOCK TABLE "My Orders" IN ACCESS EXCLUSIVE MODE');
		my @calls = map { { sql => $_, in => '', out => '', err => '' } } q{SELECT model, status FROM tools.clv_refit_views('moved_views')},
			'BEGIN; ALTER SCHEMA moved_views RENAME TO old_views; CREATE SCHEMA moved_views; CREATE VIEW moved_views.model AS SELECT 1 / 0 AS snapped; COMMIT';
		for my $n (0, 1)
		{
			my $call = $calls[$n];
			$call->{run} = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('copy'), '-c', $call->{sql} ], '<', \$call->{in}, '>', \$call->{out}, '2>', \$call->{err});
			$node->poll_query_until('copy', "SELECT count(*) > $n FROM pg_locks WHERE NOT granted") or die 'nobody waits';
		}
		is($node->safe_psql('copy', q{SELECT locktype || ' ' || classid::regclass FROM pg_locks WHERE NOT granted AND locktype = 'object'}), 'object pg_namespace', 'who renames waits for the schema');
		$holder->query_safe('COMMIT');
		$_->{run}->finish for @calls;
		is($calls[0]{out} . $calls[0]{err} =~ s/^NOTICE: .*\n(?:(?!ERROR|WARNING|FATAL|NOTICE).*\n)*//mgr, "mbgnbd|converged\n", 'a refit stays with the schema that it began with');
		is($calls[1]{err}, '', 'which is renamed after it');
		is($node->safe_psql('copy', 'SELECT model FROM old_views.model'), 'mbgnbd', 'with what it made');
		(undef, undef, $err) = $node->psql('copy', "\\set VERBOSITY verbose\nSELECT * FROM tools.clv_refit_views('moved_views')");
		like($err, qr/ERROR: +42P01: there is no view "model" made by clv_create_views in schema moved_views/, 'and what is in its place is not read');
		$node->safe_psql('copy', q{DROP SCHEMA moved_views CASCADE; SELECT tools.clv_drop_views('old_views')});
	}
	$holder->quit if $holder->can('quit');
}
# what is in a schema of somebody else's is not read, nor waited for: its owner could put another in its place meanwhile
{
	my $trapper = $node->background_psql('copy');
	SKIP:
	{
		skip 'no sessions in the background in this release', 6 unless $trapper->can('query_safe');
		$node->safe_psql('copy', q{SELECT tools.clv_create_views('held_views', '"My Orders"', upkeep => 'refresh'); ALTER SCHEMA held_views OWNER TO dashboard});
		$trapper->query_safe('BEGIN; LOCK TABLE "My Orders" IN ACCESS EXCLUSIVE MODE; SET ROLE dashboard');
		for my $call (q{clv_refresh_views('held_views')}, q{clv_refit_views('held_views')}, q{clv_create_views('held_views', '"My Orders"', 'Customer', 'at', 'Amount', upkeep => 'refresh')})
		{
			($status, $out, $err) = $node->psql('copy', "SET lock_timeout = '60s'; SELECT * FROM tools.$call");
			like($err, qr/schema held_views belongs to dashboard/, "refused at once: $call");
		}
		# to drop what is there is safe, and what has another's name by then stays
		$trapper->query_safe('DROP VIEW held_views.settings; CREATE VIEW held_views.settings AS SELECT 1 / 0 AS snapped');
		my ($in, $drop_out, $drop_err) = ('', '', '');
		my $run = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('copy'), '-c', q{SELECT count(*) > 15 FROM tools.clv_drop_views('held_views')} ], '<', \$in, '>', \$drop_out, '2>', \$drop_err);
		$node->poll_query_until('copy', q{SELECT count(*) > 0 FROM pg_locks WHERE NOT granted}) or die 'nobody waits';
		$trapper->query_safe('COMMIT');
		$run->finish;
		is("$drop_out$drop_err", "t\n", 'a drop does not read anything');
		is($node->safe_psql('copy', q{SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'held_views'::regnamespace}), 'settings', 'and leaves what it did not make');
		$trapper->query_safe('RESET ROLE');
		$node->safe_psql('copy', 'DROP SCHEMA held_views CASCADE');
		# a member may act as the owner, by becoming it
		$node->safe_psql('copy', q{GRANT maker TO dashboard});
		($status, $out, $err) = $node->psql('copy', q{SELECT * FROM tools.clv_refit_views('owner_views')}, extra_params => [ '-U', 'dashboard' ]);
		like($err, qr/belongs to maker.*SET ROLE maker/s, 'a member is told how');
		$node->safe_psql('copy', q{REVOKE maker FROM dashboard});
	}
	$trapper->quit if $trapper->can('quit');
}
# two first calls, or fits, at once: the second waits, and replaces what the first has made
{
	local $ENV{PGOPTIONS} = "-c client_min_messages=warning";
	my $first = $node->background_psql('copy');
	SKIP:
	{
		skip 'no sessions in the background in this release', 2 unless $first->can('query_safe');
		for my $call (q{SELECT count(*) > 20 FROM tools.clv_create_views('together', '"My Orders"', model => 'none')}, q{SELECT model FROM tools.clv_refit_views('together')})
		{
			$first->query_safe('BEGIN');
			my $made = $first->query_safe($call);
			my $second = $node->background_psql('copy');
			$second->query_until(qr/started/, "\\echo started\n$call;\n\\echo done\n");
			$node->poll_query_until('copy', q{SELECT count(*) > 0 FROM pg_locks WHERE NOT granted}) or die 'nobody waits';
			$first->query_safe('COMMIT');
			like($second->query_until(qr/done/, ''), qr/^$made$/m, "twice at once: $call");
			$second->quit;
		}
		$node->safe_psql('copy', q{SELECT tools.clv_drop_views('together')});
	}
	$first->quit if $first->can('quit');
}
is($node->safe_psql('copy', q{GRANT CREATE ON DATABASE copy TO maker; SET ROLE maker; SELECT count(*) > 10 FROM tools.clv_create_views('owner_views', '"My Orders"', security => 'owner')}), 't', 'made again');
is($node->safe_psql('copy', q{SELECT has_table_privilege('dashboard', 'owner_views.customers', 'SELECT')}), 't', 'the grants are still there');
($status, $out, $err) = $node->psql('copy', 'DROP EXTENSION clv');
like($err, qr/\bowner_views\.customers\b/, 'dropping the extension names the views');
like($err, qr/\bowner_views\.customers_as_of\(date\)/, 'and the functions');
is($node->safe_psql('copy', q{SET ROLE maker; SELECT count(*) FILTER (WHERE kind = 'schema') FROM (SELECT * FROM tools.clv_drop_views('owner_views') UNION ALL SELECT * FROM tools.clv_drop_views('Invoker views') UNION ALL SELECT * FROM tools.clv_drop_views('stored_views')) AS d}), '3', 'all of it is dropped');
is($node->safe_psql('copy', 'DROP EXTENSION clv; SELECT count(*) > 0 FROM "My Orders"'), 't', 'then the extension too, and the orders stay');

$node->stop;
done_testing();
