# The files of a cluster linked into another one by pg_upgrade --link: the same values, and live views that go on.
use strict;
use warnings;
use Test::More;

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

my $state = q{
	SELECT md5(string_agg(id || ' ' || history::text || clv_history_send(history)::text, ',' ORDER BY id)),
		count(*), clv(clv_rollup(history)) FROM h};

my $old = PostgreSQL::Test::Cluster->new('old');
$old->init;
$old->start;
$old->safe_psql('postgres', q{
	CREATE EXTENSION clv;
	CREATE TABLE h (id int PRIMARY KEY, history clv_history);
	INSERT INTO h VALUES (-1, '{}'), (-2, '{0044-03-15 BC: 1, 2024-01-05: 29.33 (2) -10}');
	INSERT INTO h
		SELECT 0, clv_history((x * 7919 % 100003)::numeric / 100, date '1990-01-01' + x % 9000)
		FROM generate_series(1, 20000) x;
	INSERT INTO h
		SELECT c, clv_history((c * x - 20)::numeric / 3, date '2020-01-01' + c * x)
		FROM generate_series(1, 200) c, generate_series(0, 5) x GROUP BY c;
	CREATE INDEX h_hash ON h USING hash (history);
});
my $before = $old->safe_psql('postgres', $state);
# live views, with an order in the queue and a consumer who has read a part of the changes
my $live = q{
	SELECT (SELECT md5(string_agg(c::text, ',' ORDER BY customer_id)) FROM live.customers AS c), (SELECT md5(string_agg(h::text, ',' ORDER BY customer_id)) FROM live.histories AS h),
		(SELECT md5(string_agg(c::text, ',' ORDER BY id)) FROM live.changes AS c), (SELECT count(*) FROM live.queue), (SELECT acknowledged FROM live.consumers)};
$old->safe_psql('postgres', q{
	CREATE TABLE sale AS SELECT customer_id, ordered_at::timestamp, amount FROM clv_simulate(200, '2024-01-01', '2025-12-31', seed => 2);
	CREATE INDEX ON sale (customer_id);
	SELECT clv_create_views('live', 'sale', upkeep => 'live', today => 'last order');
	SELECT clv_refresh_views('live');
	INSERT INTO sale VALUES (1, '2025-12-31 23:00', 50), (201, '2025-12-31 23:00', 60);
	SELECT clv_refresh_views('live');
	SELECT clv_acknowledge_changes('live', 'a', 3);
	INSERT INTO sale VALUES (2, '2025-12-31 23:30', 70)});
my $live_before = $old->safe_psql('postgres', $live);
$old->stop;

my $new = PostgreSQL::Test::Cluster->new('new');
$new->init;
my $bindir = (PostgreSQL::Test::Utils::run_command([ 'pg_config', '--bindir' ]))[0];
chdir PostgreSQL::Test::Utils::tempdir() or die $!;    # where pg_upgrade writes
PostgreSQL::Test::Utils::command_ok(
	[
		'pg_upgrade', '--link', '--no-sync',
		'-b', $bindir, '-B', $bindir, '-d', $old->data_dir, '-D', $new->data_dir,
		'-s', $new->host, '-p', $old->port, '-P', $new->port ],
	'pg_upgrade --link');
$new->start;
is($new->safe_psql('postgres', $state), $before, 'the same values in the linked files');
is($new->safe_psql('postgres', q{
	SET enable_seqscan = off;
	SELECT id FROM h WHERE history = '{0044-03-15 BC: 1, 2024-01-05: 29.33 (2) -10}'}),
	'-2', 'found through the hash index');
is($new->safe_psql('postgres', $live), $live_before, 'live views are as they were');
is($new->safe_psql('postgres', q{SELECT min(id) FROM clv_take_changes('live', 'a')}), '4', 'and so are their consumers');
$new->safe_psql('postgres', q{INSERT INTO sale VALUES (3, '2025-12-31 23:40', 80)});
is($new->safe_psql('postgres', 'SELECT string_agg(customer_id::text, $$,$$ ORDER BY customer_id) FROM live.queue'), '2,3', 'orders go into the queue');
is($new->safe_psql('postgres', q{SELECT inserted, updated, deleted, changes > 0 FROM clv_refresh_views('live')}), '0|2|0|t', 'which is refreshed');
is($new->safe_psql('postgres', q{SELECT count(*) FROM clv_verify_views('live', 1)}), '0', 'and nothing is amiss');
$new->safe_psql('postgres', q{INSERT INTO sale VALUES (3, '2026-01-01 10:00', 80); SELECT clv_refresh_views('live')});
is($new->safe_psql('postgres', q{SELECT max(as_of), count(*) FROM live.customers}), '2026-01-01|201', 'the daily refresh runs too');
$new->stop;
done_testing();
