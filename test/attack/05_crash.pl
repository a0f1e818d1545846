# A backend that is killed in the middle of what makes, refits or refreshes views, and a server that stops there: afterwards
# all is as before or as it should be, and the call can be repeated.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Attack;
use POSIX 'WNOHANG';
use Time::HiRes qw(time sleep);
use Test::More;

my $points = int($factor) || 1;    # of each call

my $node = server('crash');
make_shop($node, shop_names(), 1000);
$node->safe_psql('postgres', q{
	CREATE TABLE shop.later AS SELECT 1000000 + customer % 200 AS customer, ordered_at, amount, 1000000 + order_id AS order_id, channel, currency FROM shop.orders;
	ALTER ROLE CURRENT_USER SET client_min_messages = error;
	ALTER ROLE CURRENT_USER SET search_path = tools, public;
});

my $make = q{SELECT count(*) FROM clv_create_views('crashed', 'shop.orders', 'customer', order_id => 'order_id', channel => 'channel', %s)};
my $ordinary = sprintf $make, 'currency => NULL';
my $stored = sprintf $make, q{upkeep => 'refresh'};
# what is there before, and what is called
my %calls = (
	'made' => [ '', $ordinary ],
	'made as a table' => [ '', $stored ],
	'made again' => [ $ordinary, sprintf($make, q{tier_thresholds => '{0.1, 0.3}', currency => 'EUR'}) ],
	'turned into a table' => [ "$ordinary; GRANT SELECT ON crashed.customers TO PUBLIC", $stored ],
	'turned back' => [ "$stored; GRANT SELECT ON crashed.kept_histories TO PUBLIC", $ordinary ],
	'refitted' => [ $ordinary, q{SELECT * FROM clv_refit_views('crashed')} ],
	'refreshed' => [ $stored, q{SELECT * FROM clv_refresh_views('crashed')} ],
	'dropped' => [ $stored, q{SELECT count(*) FROM clv_drop_views('crashed')} ],
);

# all that is in the schema: definitions, rights, comments, and the rows of the table
my $state = q{
	SELECT count(*), md5(string_agg(x, E'\n' ORDER BY x)) FROM (
		SELECT concat_ws(' ', nspname, nspacl, obj_description(oid, 'pg_namespace')) AS x FROM pg_namespace WHERE nspname = 'crashed'
		UNION ALL SELECT concat_ws(' ', relname, relkind, relacl, obj_description(oid, 'pg_class'), CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) END) FROM pg_class WHERE relnamespace = to_regnamespace('crashed')
		UNION ALL SELECT concat_ws(' ', proname, proacl, obj_description(oid, 'pg_proc'), pg_get_functiondef(oid)) FROM pg_proc WHERE pronamespace = to_regnamespace('crashed')) AS s;
	SELECT to_regclass('crashed.kept_histories') IS NOT NULL AS is_stored \gset
	\if :is_stored
	SELECT md5(string_agg(h::text, ',' ORDER BY h::text)) FROM crashed.kept_histories AS h;
	\endif
};
sub state_now { return $node->safe_psql('postgres', $state) }

# the postmaster may not have seen yet that a backend is dead
sub wait_for_restart
{
	my ($from) = @_;
	for (1 .. 600)
	{
		return if PostgreSQL::Test::Utils::slurp_file($node->logfile, $from) =~ /database system is ready to accept connections/;
		sleep 0.1;
	}
}

srand($seed);
my ($n, $cut, $as_before, $done) = (0, 0, 0, 0);
for my $what (sort keys %calls)
{
	my ($before, $call) = @{ $calls{$what} };
	for my $point (1 .. $points)
	{
		# a call has both, if there are two points or more
		my $is_kill = $n++ % 3 != 2;
		$node->safe_psql('postgres', "DROP SCHEMA IF EXISTS crashed CASCADE; DELETE FROM shop.orders WHERE customer >= 1000000; $before; INSERT INTO shop.orders SELECT * FROM shop.later");
		my $old = state_now();
		my $start = time;
		my $new = $node->safe_psql('postgres', "BEGIN; DO \$do\$ BEGIN EXECUTE \$call\$$call\$call\$; END \$do\$; $state\nROLLBACK");
		my $took = time - $start;
		isnt($new, $old, "$what: there is something to do");

		my $pid = fork // die "fork: $!";
		if ($pid == 0)
		{
			open STDERR, '>', '/dev/null';
			open STDOUT, '>', '/dev/null';
			exec 'psql', '-XAtq', '-d', $node->connstr('postgres') . ' application_name=victim', '-c', $call or POSIX::_exit(1);
		}
		my $backend = '';
		for (1 .. 1000)
		{
			$backend = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' AND state = 'active' AND query LIKE 'SELECT %'});
			last if $backend ne '' || waitpid($pid, WNOHANG);
		}
		sleep $took * rand() * 0.6;
		my $from = -s $node->logfile;
		if ($is_kill) { $backend ne '' and kill 'KILL', $backend and ++$cut and wait_for_restart($from) }
		else { $node->stop('immediate'); $node->start }
		waitpid $pid, 0;

		my $is = state_now();
		$is eq $old ? $as_before++ : $done++;
		ok($is eq $old || $is eq $new, "$what, " . ($is_kill ? 'backend killed' : 'server stopped') . ': all or nothing') or diag "before: $old\nafter: $new\nis: $is";
		my ($status, undef, $errors) = $node->psql('postgres', $call);
		# what is done needs not be done twice
		if ($what eq 'dropped' && $is eq $new) { like($errors, qr/there is no schema crashed/, "$what, and it is told that it was") }
		else { is($errors, '', "$what, called again") }
		is(state_now(), $new, "$what, and all is there");
	}
}
cmp_ok($cut, '>', 0, 'backends were killed');
cmp_ok($as_before, '>', 0, "in the middle: $as_before calls were undone, $done done");
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE l.locktype IN ('advisory', 'relation') AND a.pid <> pg_backend_pid() AND backend_type = 'client backend'}), '0', 'nothing is locked');
is_unharmed($node, signal => 9);
$node->stop('immediate');
done_testing();
