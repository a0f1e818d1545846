# Histories that earlier releases stored: read, equal to what they say, and equal to what is stored now.
use strict;
use warnings;
use FindBin;
use Test::More;

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

my $node = PostgreSQL::Test::Cluster->new('formats');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION clv');

# Each file is a COPY BINARY of (text, clv_history), as test/upgrade/README.md says.
for my $file (sort glob "$FindBin::Bin/../upgrade/*.copy")
{
	my ($release) = $file =~ m{([^/]*)\.copy$};
	$node->safe_psql('postgres', "CREATE TABLE \"$release\" (written text, history clv_history)");
	$node->safe_psql('postgres', "\\copy \"$release\" FROM '$file' BINARY");
	is($node->safe_psql('postgres', qq{SELECT count(*) > 100 AND bool_and(history::text = written) FROM "$release"}),
		't', "histories of $release say what they said");
	is($node->safe_psql('postgres', qq{SELECT bool_and(history = written::clv_history) FROM "$release"}),
		't', "histories of $release equal those of today");
}

done_testing();
