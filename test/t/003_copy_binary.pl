# COPY BINARY out and in again: the same bytes. A damaged file: an error, and the server stays up.
use strict;
use warnings;
use Test::More;

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

my $node = PostgreSQL::Test::Cluster->new('binary');
$node->init;
$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir();
$node->safe_psql('postgres', q{
	CREATE EXTENSION clv;
	CREATE TABLE h (id int, history clv_history);
	CREATE TABLE back (LIKE h);
	INSERT INTO h VALUES (1, '{}'), (2, NULL), (3, '{0044-03-15 BC: 1, 2024-01-05: 29.33 (2) -10}');
	INSERT INTO h VALUES (4, '{0044-03-15 BC: -1 (2), 2024-01-05: 29.33 (2) -7 (3) +8 -10, 2024-01-06: +5}');
	INSERT INTO h
		SELECT 100 + c, clv_history((c * x - 20)::numeric / 3, date '2020-01-01' + c * x)
		FROM generate_series(1, 50) c, generate_series(0, 5) x GROUP BY c;
});
$node->safe_psql('postgres', "COPY (SELECT * FROM h ORDER BY id) TO '$dir/1' BINARY; COPY back FROM '$dir/1' BINARY");
$node->safe_psql('postgres', "COPY (SELECT * FROM back ORDER BY id) TO '$dir/2' BINARY");
my $bytes = PostgreSQL::Test::Utils::slurp_file("$dir/1");
ok($bytes eq PostgreSQL::Test::Utils::slurp_file("$dir/2"), 'the same file again');
is($node->safe_psql('postgres', q{
	SELECT bool_and(h.history IS NOT DISTINCT FROM back.history), count(*) FROM h JOIN back USING (id)}),
	't|54', 'the same values');

# what happens to a file of these bytes: '' or the SQLSTATE
sub load
{
	my ($content) = @_;
	open my $out, '>:raw', "$dir/damaged" or die $!;
	print $out $content;
	close $out or die $!;
	my ($status, $stdout, $stderr) = $node->psql('postgres',
		"\\set VERBOSITY sqlstate\nBEGIN; COPY back FROM '$dir/damaged' BINARY; SELECT count(history::text) FROM back; ROLLBACK;");
	return '' if $status == 0;
	return $stderr =~ /(?:ERROR|FATAL): +(\w{5})\s*$/m ? $1 : "without SQLSTATE: $stderr";
}

is(load($bytes), '', 'the file as it is');
is(load(substr $bytes, 0, int(length($bytes) / 2)), '22P04', 'a file cut in half');

# the bytes of two histories, one by one, without touching the frame around them
my %seen;
for my $id (3, 4)
{
	my $history = $node->safe_psql('postgres', "SELECT encode(clv_history_send(history), 'hex') FROM h WHERE id = $id");
	my $at = index $bytes, pack 'H*', $history;
	cmp_ok($at, '>', 0, "history $id found in the file");
	for my $offset (0 .. length($history) / 2 - 1)
	{
		for my $bit (0, 3, 7)
		{
			my $damaged = $bytes;
			substr($damaged, $at + $offset, 1) ^= chr(1 << $bit);
			$seen{ load($damaged) }++;
		}
	}
}
is(join(' ', grep { $_ !~ /^(|22\w{3}|0A000)$/ } sort keys %seen), '', 'damaged histories are rejected for what they are');
ok((grep { $_ ne '' } keys %seen), 'and some are');
note join ', ', map { ($_ || 'accepted') . ": $seen{$_}" } sort keys %seen;
is($node->safe_psql('postgres', 'SELECT count(*) FROM back'), '54', 'the server is there');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'and no crash in its log');
$node->stop;
done_testing();
