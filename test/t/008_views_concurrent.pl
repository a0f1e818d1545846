# Views that are made, fitted, refreshed and dropped while others read them, or do what they can to get in between. All that
# runs at once is bounded by counts; what fails does so in words, and never runs as another.
use strict;
use warnings;
use Test::More;
use List::Util qw(sum);

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; require IPC::Run; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

my $node = PostgreSQL::Test::Cluster->new('views_concurrent');
$node->init;
# who waits for a lock is to be told of a deadlock soon
$node->append_conf('postgresql.conf', "deadlock_timeout = '100ms'\nmax_locks_per_transaction = 256\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE ROLE team LOGIN;
	CREATE ROLE stranger LOGIN;
	GRANT CREATE ON DATABASE postgres TO team;
	CREATE SCHEMA tools;
	GRANT USAGE ON SCHEMA tools TO PUBLIC;
	CREATE EXTENSION clv SCHEMA tools;
	CREATE TABLE orders AS SELECT customer_id, order_id, ordered_at, amount FROM tools.clv_simulate(40, '2023-01-01', '2023-12-31', refund_share => 0.1);
	GRANT SELECT ON orders TO PUBLIC;
});

# Sessions that run at once, by files, since nobody feeds them all: statements of each in order. What they print and the
# errors that they get, by SQLSTATE.
my $sessions = 0;
sub at_once
{
	my ($users, @scripts) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir();
	my @runs;
	for my $n (0 .. $#scripts)
	{
		my $file = "$dir/session" . $sessions++;
		PostgreSQL::Test::Utils::append_to_file("$file.sql", "\\set VERBOSITY sqlstate\n" . join('', map { "$_;\n" } @{ $scripts[$n] }));
		push @runs, { file => $file, harness => IPC::Run::start([ 'psql', '-XAtq', '-U', $users->[$n], '-d', $node->connstr('postgres'), '-f', "$file.sql" ], '<', '/dev/null', '>', "$file.out", '2>', "$file.err") };
	}
	$_->{harness}->finish for @runs;
	return map {
		my $err = PostgreSQL::Test::Utils::slurp_file("$_->{file}.err");
		{ lines => [ split /\n/, PostgreSQL::Test::Utils::slurp_file("$_->{file}.out") ], states => [ $err =~ /(?:ERROR|FATAL): +(\w+)/g ], err => $err }
	} @runs;
}

sub tally
{
	my %times;
	$times{$_}++ for @_;
	return join ', ', map { "$_: $times{$_}" } sort keys %times;
}

sub views
{
	my ($schema, $options) = @_;
	return "SELECT count(*) > 15 FROM tools.clv_create_views('$schema', 'orders'" . ($options ? ", $options" : '') . ')';
}

# --- who owns a schema puts others in its place, again and again, while a superuser works on it

$node->safe_psql('postgres', views('team_views', q{upkeep => 'refresh'}));
$node->safe_psql('postgres', q{
	ALTER SCHEMA team_views OWNER TO team;
	SET ROLE team;
	CREATE SCHEMA trap;
	CREATE FUNCTION trap.spring() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN IF current_user <> 'team' THEN RAISE LOG 'sprung by %', current_user; END IF; RETURN true; END$$;
	CREATE FUNCTION trap.spring_row() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring(); RETURN NEW; END$$;
	CREATE VIEW trap.settings AS SELECT name, value FROM team_views.settings WHERE trap.spring();
	CREATE VIEW trap.model AS SELECT NULL::text AS buying_model, NULL::text AS spend_model WHERE trap.spring();
	CREATE VIEW trap.fresh_histories AS SELECT 1::bigint AS customer_id, '{2024-01-01: 1}'::tools.clv_history AS history, NULL::text AS channel WHERE trap.spring();
	CREATE TABLE trap.kept_histories AS SELECT * FROM trap.fresh_histories;
	CREATE TRIGGER spring BEFORE INSERT OR UPDATE OR DELETE ON trap.kept_histories FOR EACH ROW EXECUTE FUNCTION trap.spring_row();
	COMMENT ON VIEW trap.settings IS ' (made by clv_create_views)';
	COMMENT ON VIEW trap.model IS ' (made by clv_create_views)';
	COMMENT ON VIEW trap.fresh_histories IS ' (made by clv_create_views)';
	COMMENT ON TABLE trap.kept_histories IS ' (made by clv_create_views)';
} . join '', map { "REVOKE ALL ON trap.$_ FROM PUBLIC; " } qw(settings model));
my $log_start = -s $node->logfile;
my ($team, $refresh, $refit, $create) = at_once([ 'team', 'postgres', 'postgres', 'postgres' ],
	[ map { ('BEGIN', 'ALTER SCHEMA team_views RENAME TO away', 'ALTER SCHEMA trap RENAME TO team_views', 'COMMIT', 'BEGIN', 'ALTER SCHEMA team_views RENAME TO trap', 'ALTER SCHEMA away RENAME TO team_views', 'COMMIT') } 1 .. 400 ],
	[ map { q{SELECT FROM tools.clv_refresh_views('team_views')} } 1 .. 60 ],
	[ map { q{SELECT FROM tools.clv_refit_views('team_views')} } 1 .. 60 ],
	[ map { views('team_views', q{upkeep => 'refresh'}) } 1 .. 30 ]);
is(tally(@{ $team->{states} }), '', 'the owner renames');
is(tally(@{ $refresh->{states} }), '42501: 60', 'no refresh');
is(tally(@{ $refit->{states} }), '42501: 60', 'no refit');
is(tally(@{ $create->{states} }), '42501: 30', 'and nothing is made');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile, $log_start), qr/sprung by/, 'nothing of the owner runs as another');
is($node->safe_psql('postgres', q{SET ROLE team; DROP SCHEMA trap CASCADE; RESET ROLE; SELECT count(*) > 15 FROM tools.clv_drop_views('team_views')}), 't', 'it can be dropped');

# --- a stranger is in nobody's way

$node->safe_psql('postgres', views('shop_views', q{upkeep => 'refresh'}));
my @locks = map { "SELECT pg_advisory_lock($_)" } map { ("hashtext('clv_create_views'), hashtext('$_')", "hashtext('$_')", "'$_'::regnamespace::oid::bigint") } qw(shop_views public);
my $stranger = { in => join('', map { "$_;\n" } @locks, q{\echo held}), out => '', err => '' };
$stranger->{in} .= "\n";
$stranger->{harness} = IPC::Run::start([ 'psql', '-XAtq', '-U', 'stranger', '-d', $node->connstr('postgres') ], '<', \$stranger->{in}, '>', \$stranger->{out}, '2>', \$stranger->{err});
$stranger->{harness}->pump until $stranger->{out} =~ /held/;
for my $call (views('shop_views', q{upkeep => 'refresh'}), q{SELECT count(*) = 1 FROM tools.clv_refit_views('shop_views')}, q{SELECT count(*) = 1 FROM tools.clv_refresh_views('shop_views')}, views('others_views'), q{SELECT count(*) > 15 FROM tools.clv_drop_views('others_views')})
{
	my ($status, $out, $err) = $node->psql('postgres', "SET lock_timeout = '20s'; $call");
	is($out, 't', "advisory locks of a stranger do not stop: $call");
}
$stranger->{harness}->finish;
for my $call (q{tools.clv_internal_view_lock_schema('shop_views', false)}, q{tools.clv_internal_view_lock_schema('shop_views', true)}, q{tools.clv_internal_view_lock_schema('public', true)}, map { "tools.clv_internal_view_lock_readers(ARRAY[$_])" } q{(SELECT 'shop_views.customers'::regclass::oid)}, q{'orders'::regclass::oid}, q{'pg_class'::regclass::oid}, q{NULL::oid}, q{1::oid})
{
	my ($status, $out, $err) = $node->psql('postgres', "GRANT USAGE ON SCHEMA shop_views TO stranger; SET ROLE stranger; SELECT $call");
	isnt($status, 0, "a stranger cannot call $call");
}

# --- readers, while views are made in turn over orders and over a table

my %made = (orders => q{currency => 'EUR', security => 'owner'}, table => q{currency => 'USD', security => 'owner', upkeep => 'refresh'});
my @queries = map { "SELECT '$_ ' || md5(coalesce(string_agg(v::text, ',' ORDER BY v::text), '')) FROM shop_views.$_ AS v" }
  'customers', q{customers_as_of('2023-11-30')}, 'segments', q{segments_as_of('2023-11-30')}, 'kpis', q{kpis_as_of('2023-11-30')}, q{retention_as_of('2023-11-30')}, q{warnings_as_of('2023-11-30')};
s/SELECT '(.*?) ' \|\|/my $name = $1; $name =~ s{'}{''}g; "SELECT '$name ' ||"/e for @queries;
my %expected;
my $rounds = 60;    # of readers, where nobody waits for them
for my $kind (sort keys %made)
{
	$node->safe_psql('postgres', views('shop_views', $made{$kind}));
	$expected{ $node->safe_psql('postgres', $_) } .= $kind for @queries;
}
cmp_ok(scalar(keys %expected), '>=', 12, 'the two can be told apart');
# Readers go round until the maker is done, and the maker, after each of its states, waits until each of them has gone round
# twice: so all states are read, however fast who is.
$node->safe_psql('postgres', q{
	CREATE TABLE rounds (reader integer PRIMARY KEY, n integer NOT NULL DEFAULT 0);
	CREATE TABLE made (is_done boolean);
	INSERT INTO rounds SELECT generate_series(1, 4);
	CREATE PROCEDURE wait_for_readers() LANGUAGE plpgsql AS $$
	DECLARE
		before integer[] := ARRAY(SELECT r.n FROM rounds AS r ORDER BY r.reader);
		until timestamptz := clock_timestamp() + interval '1 hour';
	BEGIN
		WHILE EXISTS (SELECT FROM rounds AS r WHERE r.n < before[r.reader] + 2) LOOP
			COMMIT;
			IF clock_timestamp() > until THEN RAISE 'readers have stopped'; END IF;
			PERFORM pg_sleep(0.01);
		END LOOP;
	END $$;
});
my $most = 2000;
my ($flip, @readers) = at_once([ ('postgres') x 5 ],
	[ (map { (views('shop_views', $made{orders}), 'CALL wait_for_readers()', views('shop_views', $made{table}), 'CALL wait_for_readers()', views('shop_views', $made{table}), q{SELECT count(*) = 1 FROM tools.clv_refresh_views('shop_views')}, 'CALL wait_for_readers()') } 1 .. 6),
		'INSERT INTO made VALUES (true)' ],
	map { [ (@queries[ $_ .. $#queries ], @queries[ 0 .. $_ - 1 ], "UPDATE rounds SET n = n + 1 WHERE reader = $_;\nSELECT count(*) > 0 AS done FROM made \\gset\n\\if :done\n\\q\n\\endif\n") x $most ] } 1 .. 4);
my @gone_round = split /\n/, $node->safe_psql('postgres', 'SELECT n FROM rounds');
note 'rounds: ', join ', ', @gone_round;
is(tally(@{ $flip->{states} }), '', 'they are made, 18 times');
is(tally(@{ $flip->{lines} }), 't: 24', 'each time all');
my @states = map { @{ $_->{states} } } @readers;
my @lines = map { @{ $_->{lines} } } @readers;
is(tally(grep { $_ !~ /^(?:55006|40001)$/ } @states), '', 'readers get no error but those that say try again');
is(scalar(@states) + scalar(@lines), @queries * sum(@gone_round), 'every question is answered');
is(tally(grep { !$expected{$_} } @lines), '', 'by the figures of the one or of the other');
cmp_ok(scalar(@lines), '>', scalar(@states), 'most of them without an error');
for my $kind (sort keys %made)
{
	cmp_ok(scalar(grep { $expected{$_} eq $kind } @lines), '>', 20, "some of them those of $kind");
}
note 'readers: ' . tally(@states, map { $expected{$_} } @lines);

# --- one that began before there was a table, and reads it: an error, and no shop without customers

$node->safe_psql('postgres', views('shop_views', $made{orders}));
my $early = { in => "\\set VERBOSITY verbose\nBEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT count(*) FROM orders;\n\\echo begun\n", out => '', err => '' };
$early->{harness} = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') ], '<', \$early->{in}, '>', \$early->{out}, '2>', \$early->{err});
$early->{harness}->pump until $early->{out} =~ /begun/;
$node->safe_psql('postgres', views('shop_views', $made{table}));
$early->{in} .= "SELECT count(*) || ' customers' FROM shop_views.customers;\nROLLBACK;\n$queries[0];\n";
$early->{harness}->finish;
like($early->{err}, qr/ERROR: +40001: table shop_views\.kept_histories was made after this query began/, 'who began before the table was made is told so');
unlike($early->{out}, qr/customers$/m, 'and sees no shop without customers');
ok($expected{ (split /\n/, $early->{out})[-1] }, 'and then all of them');

# --- readers, while views are dropped and made again

my ($drop, @callers) = at_once([ ('postgres') x 4 ],
	[ map { (q{SELECT count(*) > 15 FROM tools.clv_drop_views('shop_views')}, views('shop_views', $made{orders})) } 1 .. 8 ],
	map { [ (@queries[ $_ .. $#queries ], @queries[ 0 .. $_ - 1 ]) x $rounds ] } 1 .. 3);
is(tally(@{ $drop->{states} }), '', 'views are dropped and made again');
@states = map { @{ $_->{states} } } @callers;
# XX000 is PostgreSQL's own, for a function that waited for what was dropped
is(tally(grep { $_ !~ /^(?:3F000|42P01|42883|XX000)$/ } @states), '', 'callers are told that they are not there, and of no deadlock');
is(tally(grep { !$expected{$_} } map { @{ $_->{lines} } } @callers), '', 'and no other figures');
note 'callers while views are dropped: ' . tally(@states, map { 'answered' } map { @{ $_->{lines} } } @callers);

# --- first calls for one schema at once: one makes it, the others make it again

for my $round (1 .. 4)
{
	my @first = at_once([ ('postgres') x 3 ], map { [ views('first_views', q{model => 'none'}) ] } 1 .. 3);
	is(tally(map { @{ $_->{lines} } } @first), 't: 3', "three first calls at once, $round") or diag $first[0]{err}, $first[1]{err}, $first[2]{err};
	$node->safe_psql('postgres', q{SELECT FROM tools.clv_drop_views('first_views')});
	is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'first_views'}), '0', "dropped, $round");
}

# --- the extension is dropped with all that needs it, and comes back: what is left of the table is repaired

$node->safe_psql('postgres', views('shop_views', $made{table}));
$node->safe_psql('postgres', 'GRANT SELECT ON shop_views.kept_histories TO stranger');
my ($status, $out, $err) = $node->psql('postgres', 'DROP EXTENSION clv CASCADE; CREATE EXTENSION clv SCHEMA tools');
is($status, 0, 'dropped with all that needs it');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_class WHERE oid = to_regclass('shop_views.kept_histories')}), '1', 'something is left');
for my $call (q{clv_refit_views('shop_views')}, q{clv_refresh_views('shop_views')})
{
	(undef, undef, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT tools.$call");
	like($err, qr/ERROR: +42P01: there is no (?:view|table) .*Call clv_create_views/s, "and says what to do: $call");
}
($status, $out, $err) = $node->psql('postgres', views('shop_views', $made{table}));
is($out, 't', 'and all is made over it') or diag $err;
is($node->safe_psql('postgres', q{SELECT has_table_privilege('stranger', 'shop_views.kept_histories', 'SELECT')}), 't', 'with what was granted on the table');
$node->safe_psql('postgres', 'REVOKE SELECT ON shop_views.kept_histories FROM stranger');
($status, $out, $err) = $node->psql('postgres', $queries[0]);
ok($expected{$out}, 'customers are what they were');

# --- somebody who may create objects in the schema makes one of the views first, while the call waits

$node->safe_psql('postgres', q{CREATE SCHEMA open_views; GRANT USAGE, CREATE ON SCHEMA open_views TO stranger});
for my $what ('segments', 'segments_as_of')
{
	my $holder = { in => "BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;\n\\echo held\n", out => '', err => '' };
	$holder->{harness} = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') ], '<', \$holder->{in}, '>', \$holder->{out}, '2>', \$holder->{err});
	$holder->{harness}->pump until $holder->{out} =~ /held/;
	my %call = (in => '', out => '', err => '');
	$call{harness} = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', '\set VERBOSITY verbose', '-c', views('open_views', q{model => 'none'}) ], '<', \$call{in}, '>', \$call{out}, '2>', \$call{err});
	$node->poll_query_until('postgres', 'SELECT count(*) > 0 FROM pg_locks WHERE NOT granted') or die 'nobody waits';
	# what would be replaced by CREATE OR REPLACE, and stay the stranger's
	my $columns = $node->safe_psql('postgres', q{SELECT string_agg(format('NULL::%s AS %I', format_type(a.atttypid, a.atttypmod), a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a WHERE a.attrelid = 'shop_views.segments'::regclass AND a.attnum > 0});
	my $returns = $node->safe_psql('postgres', q{SELECT pg_get_function_result('shop_views.segments_as_of(date)'::regprocedure)});
	my $made = $what eq 'segments' ? "VIEW open_views.segments AS SELECT $columns" : "FUNCTION open_views.segments_as_of(as_of date) RETURNS $returns LANGUAGE sql BEGIN ATOMIC SELECT $columns; END";
	my $comment = $what eq 'segments' ? 'VIEW open_views.segments' : 'FUNCTION open_views.segments_as_of(date)';
	$node->safe_psql('postgres', "SET ROLE stranger; CREATE $made; COMMENT ON $comment IS 'x (made by clv_create_views)'");
	$holder->{in} .= "COMMIT;\n\\q\n";
	$holder->{harness}->finish;
	$call{harness}->finish;
	like($call{err}, qr/ERROR: +42501: .*\Q$what\E.* belongs to stranger/, "what a stranger made meanwhile is not taken for ours: $what") or diag $call{out};
	$node->safe_psql('postgres', 'SET ROLE stranger; DROP ' . $comment);
}

# --- the schema of the extension is renamed, and somebody's is in its place

$node->safe_psql('postgres', q{ALTER SCHEMA tools RENAME TO kit; CREATE SCHEMA tools AUTHORIZATION stranger});
for my $call (q{clv_create_views('other_views', 'orders')}, q{clv_refit_views('shop_views')}, q{clv_refresh_views('shop_views')}, q{clv_drop_views('shop_views')})
{
	(undef, undef, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT kit.$call");
	like($err, qr/ERROR: +55000: the schema of the extension clv was renamed/, "nothing under the old name is called: $call");
}
$node->safe_psql('postgres', q{DROP SCHEMA tools; ALTER SCHEMA kit RENAME TO tools});

# --- from 16 on a member of a role is not always one who can become it

SKIP:
{
	skip 'membership has no options in this release', 2 if $node->safe_psql('postgres', 'SHOW server_version_num') < 160000;
	$node->safe_psql('postgres', q{CREATE ROLE dba SUPERUSER; CREATE SCHEMA lent_views AUTHORIZATION team; GRANT dba TO team WITH INHERIT FALSE, SET FALSE});
	(undef, undef, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSET ROLE dba;\n" . views('lent_views', q{model => 'none'}));
	like($err, qr/ERROR: +42501: schema lent_views belongs to team/, 'a member that cannot become the caller');
	$node->safe_psql('postgres', 'GRANT dba TO team WITH SET TRUE');
	is($node->safe_psql('postgres', "SET ROLE dba;\n" . views('lent_views', q{model => 'none'})), 't', 'and one that can');
}

# --- old string constants bring no warnings

($status, $out, $err) = $node->psql('postgres', 'SET standard_conforming_strings = off; ' . join '; ', views('shop_views', $made{orders}), views('shop_views', $made{table}), q{SELECT FROM tools.clv_refit_views('shop_views')}, q{SELECT FROM tools.clv_refresh_views('shop_views')}, q{SELECT FROM tools.clv_drop_views('shop_views')});
unlike($err, qr{WARNING}, 'without standard_conforming_strings there are no warnings');

$node->stop;
done_testing();
