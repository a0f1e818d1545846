# A full disk, and temp_file_limit: an error that says so, nothing half done, and all well when there is room again.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Attack;
use Test::More;

my $node = server('disk', "work_mem = '64kB'\nhash_mem_multiplier = 1\nmax_parallel_workers_per_gather = 0\n");
make_shop($node, shop_names(), int(3000 * ($factor < 4 ? $factor : 4)) || 1);
$node->safe_psql('postgres', q{
	CREATE ROLE visitor LOGIN;
	GRANT USAGE ON SCHEMA shop TO visitor;
	GRANT SELECT ON ALL TABLES IN SCHEMA shop TO visitor;
	GRANT CREATE ON DATABASE postgres TO visitor;
	ALTER ROLE visitor SET search_path = tools, shop;
	ALTER ROLE visitor SET client_min_messages = error;
});

my %over = table_calls(shop_names());
my %calls = map { $_ => "SELECT md5(string_agg(r::text, ',' ORDER BY r::text)) FROM $over{$_} AS r" } keys %over;
$calls{clv_simulate} = q{SELECT count(*), sum(amount) FROM clv_simulate(20000, '2023-01-01', '2024-06-30')};
$calls{clv_days} = q{SELECT count(*), sum(gross) FROM clv_days((SELECT clv_history(x % 100 + 1, date '0001-01-01' + x) FROM generate_series(1, 50000) AS x))};
$calls{'windows'} = q{SELECT count(*), max(s), min(t) FROM (SELECT clv_score(amount) OVER w AS s, clv_tier(amount) OVER w AS t, clv_value_share(amount) OVER w AS v FROM orders WINDOW w AS ()) AS q};
$calls{'a sort of histories'} = q{SELECT md5(string_agg(history::text, ',')) FROM (SELECT history FROM histories ORDER BY history OFFSET 0) AS s};
$calls{clv_thresholds} = q{SELECT clv_thresholds(amount, 5) FROM orders};
$calls{clv_fit} = q{SELECT (clv_model_summary(clv_fit(clv_sample(clv_history, '2024-06-30', 'week'), 'mbgnbd'))).status FROM (SELECT clv_history(amount, ordered_at) FROM orders GROUP BY customer) AS h};

# each call between others, in one session: its errors, and what is the answer afterwards
my $plain = '';
$plain .= "\\echo $_\n$calls{$_};\n" for sort keys %calls;
my ($expected, undef, $errors) = psql_file($node, 'visitor', $plain);
is($errors, '', 'with room all calls succeed');

# how many of the calls end for want of room; the others must answer as ever
sub with_little_room
{
	my ($what, $state, $limit, $release) = @_;
	my ($printed, $status, $errors) = psql_file($node, 'visitor', "\\set VERBOSITY sqlstate\n$limit\n$plain$release\n\\echo again\n$plain");
	is($status, 0, "$what: the session goes on");
	my ($first, $again) = split /^again\n/m, $printed;
	is($again, $expected, "$what: all succeeds when there is room again");
	my @states = $errors =~ /ERROR: +(\S+)$/mg;
	is(join(' ', grep { $_ ne $state } @states), '', "$what: no error but $state");
	cmp_ok(scalar @states, '>', 5, "$what: calls run into it");
	my %answer = map { /^(.*)\n(.*)$/ ? ($1 => $2) : () } $first =~ /^(\S[^\n|]*\n(?!clv_|windows|a sort)\S[^\n]*)$/mg;
	my %right = map { /^(.*)\n(.*)$/ ? ($1 => $2) : () } $expected =~ /^(\S[^\n|]*\n(?!clv_|windows|a sort)\S[^\n]*)$/mg;
	is(join(' ', grep { $answer{$_} ne $right{$_} } sort keys %answer), '', "$what: no answer from half of it");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_tablespace AS t, pg_ls_tmpdir(t.oid) WHERE spcname <> 'pg_global'}), '0', "$what: no file is left behind");
}

# the limit can only be set by a superuser, and holds for all
$node->append_conf('postgresql.conf', 'temp_file_limit = 100kB');
$node->reload;
my $lift = '\\! ' . "psql -Xq -U " . getpwuid($<) . " -d '" . $node->connstr('postgres') . q{' -c "ALTER SYSTEM SET temp_file_limit = -1" -c "SELECT pg_reload_conf()" >/dev/null} . "\nSELECT pg_sleep(1) \\g /dev/null\n";
with_little_room('temp_file_limit', '53400', '', $lift);

SKIP:
{
	my $disk = $ENV{CLV_SMALL_DISK} // '';
	skip 'NO SMALL DISK: needs root, and a tmpfs may be mounted', 15 unless $disk ne '' && -d $disk && -w $disk;
	mkdir "$disk/space" or die "$disk/space: $!";
	$node->safe_psql('postgres', "CREATE TABLESPACE small LOCATION '$disk/space'");
	$node->safe_psql('postgres', 'GRANT CREATE ON TABLESPACE small TO visitor');
	# all but so many kB are taken
	my $fill = sub {
		my ($left) = @_;
		my $free = (split ' ', (split /\n/, `df -Pk $disk`)[1])[3];
		system('dd', 'if=/dev/zero', "of=$disk/filler", 'bs=1024', 'count=' . ($free - $left), 'status=none') == 0 or die 'dd failed';
	};

	$fill->(200);
	with_little_room('a full disk of temporary files', '53100', 'SET temp_tablespaces = small;', "\\! rm $disk/filler");

	# and of tables
	my $make = q{SET default_tablespace = small; SELECT count(*) > 20 FROM clv_create_views('stored', 'shop.orders', 'customer', upkeep => 'refresh')};
	my $now = q{SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('stored')};
	my $sum = q{SELECT count(*), sum(clv_orders(history)), md5(string_agg(h::text, ',' ORDER BY h::text)) FROM stored.histories AS h};
	$fill->(200);
	my $told = sub { my ($sql) = @_; my ($printed, undef, $errors) = psql_file($node, 'visitor', "\\set VERBOSITY sqlstate\n$sql;\n"); return $printed . ($errors =~ s/^psql:\S+ //mgr) };
	is($told->($make), "ERROR:  53100\n", 'a full disk: views over a table are not made');
	is($told->($now), "0\n", 'not even some');
	unlink "$disk/filler";
	is($told->($make), "t\n", 'with room they are made');
	my $before = $told->($sum);
	$node->safe_psql('postgres', 'INSERT INTO shop.orders SELECT customer + 1000000 * n, ordered_at, amount, order_id, channel, currency FROM shop.orders, generate_series(1, 9) AS n');
	$fill->(200);
	is($told->(q{SELECT * FROM clv_refresh_views('stored')}), "ERROR:  53100\n", 'a full disk: the table is not brought up to date');
	is($told->($sum), $before, 'not even a part of it');
	my $refit = $told->(q{SELECT status FROM clv_refit_views('stored')});
	is($refit, "converged\n", 'what needs no room goes on');
	unlink "$disk/filler";
	like($told->(q{SELECT inserted > 0 AND deleted = 0 FROM clv_refresh_views('stored')}), qr/\At\n\z/, 'with room it is');
	isnt($told->($sum), $before, 'all of it');
	is($told->(q{SELECT count(*) > 20 FROM clv_drop_views('stored')}), "t\n", 'and dropped');
}
is_unharmed($node);
$node->stop('immediate');
done_testing();
