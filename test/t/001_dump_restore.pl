# A table of histories through pg_dump: equal as text, as bytes and by =, indexes included.
use strict;
use warnings;
use Test::More;

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

my $node = PostgreSQL::Test::Cluster->new('dump');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->safe_psql('postgres', q{
	CREATE EXTENSION clv;
	CREATE TABLE h (id int PRIMARY KEY, history clv_history);
	INSERT INTO h VALUES
		(1, '{}'), (2, NULL),
		(3, '{2024-01-05: 29.33, 2024-01-18: 59.46 (2) -10, 2024-02-01: -5}'),
		(4, '{0044-03-15 BC: 1, 0001-01-01: 2.50, 294276-12-31: 0}'),
		(5, '{2024-02-29: 999999999999999999999999999999999999}'),
		(6, '{2024-02-29: 0.000000000000000000000000000001 (7)}');
	-- one beyond what TOAST leaves alone
	INSERT INTO h
		SELECT 7, clv_history((x * 7919 % 100003)::numeric / 100, date '1990-01-01' + x % 9000)
		FROM generate_series(1, 20000) x;
	INSERT INTO h
		SELECT 100 + c, clv_history((c * x - 20)::numeric / 3, date '2020-01-01' + c * x)
		FROM generate_series(1, 200) c, generate_series(0, 5) x GROUP BY c;
	CREATE INDEX h_btree ON h (history) WHERE id <> 7;
	CREATE INDEX h_hash ON h USING hash (history);
	CREATE VIEW best AS SELECT id, clv(history) AS clv FROM h ORDER BY 2 DESC, 1 LIMIT 10;
});

my %states = (
	text  => q{SELECT md5(string_agg(id || ' ' || history::text, ',' ORDER BY id)), count(*) FROM h},
	bytes => q{SELECT md5(string_agg(id || ' ' || clv_history_send(history)::text, ',' ORDER BY id)), count(*) FROM h},
	view  => q{SELECT * FROM best});

for my $format ('plain', 'custom')
{
	my $file = PostgreSQL::Test::Utils::tempdir() . "/$format.dump";
	$node->safe_psql('postgres', 'DROP DATABASE copy');
	$node->safe_psql('postgres', 'CREATE DATABASE copy');
	$node->command_ok([ 'pg_dump', "--format=$format", "--file=$file", 'postgres' ], "$format dump");
	$node->command_ok(
		$format eq 'plain'
		? [ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'copy', '-f', $file ]
		: [ 'pg_restore', '--exit-on-error', '-d', 'copy', $file ],
		"$format restore");
	for my $what (sort keys %states)
	{
		is($node->safe_psql('copy', $states{$what}), $node->safe_psql('postgres', $states{$what}),
			"$format: the same $what");
	}

	# by =, against the text of the original
	my $pairs = $node->safe_psql('postgres',
		q{SELECT string_agg(format('(%s, %L::clv_history)', id, history), ', ') FROM h WHERE history IS NOT NULL});
	is($node->safe_psql('copy', "SELECT bool_and(h.history = o.history), count(*) FROM h JOIN (VALUES $pairs) o (id, history) USING (id)"),
		't|206', "$format: equal histories");

	for my $index ([ 'h_btree', 'h_hash' ], [ 'h_hash', 'h_btree' ])
	{
		my ($name, $other) = @$index;
		my $query = q{FROM h WHERE id <> 7 AND history = '{2024-01-05: 29.33, 2024-01-18: 59.46 (2) -10, 2024-02-01: -5}'};
		my $alone = "SET enable_seqscan = off; BEGIN; DROP INDEX $other";
		is($node->safe_psql('copy', "$alone; SELECT string_agg(id::text, ',') $query"),
			'3', "$format: found through $name");
		like($node->safe_psql('copy', "$alone; EXPLAIN SELECT id $query"),
			qr/$name/, "$format: and that is what the plan used");
	}
}
$node->stop;
done_testing();
