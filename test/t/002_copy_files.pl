# The files of a cluster linked into another one by pg_upgrade --link: the same values.
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
$new->stop;
done_testing();
