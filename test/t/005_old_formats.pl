# Values that earlier releases stored: read, equal to what they say, and equal to what is stored now.
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

# Each file is a COPY BINARY of (text, value), as test/upgrade/README.md says.
for my $file (sort glob "$FindBin::Bin/../upgrade/*.copy")
{
	my ($name) = $file =~ m{([^/]*)\.copy$};
	my $type = $name =~ /\.recurring$/ ? 'clv_recurring' : 'clv_history';
	$node->safe_psql('postgres', "CREATE TABLE \"$name\" (written text, value $type)");
	$node->safe_psql('postgres', "\\copy \"$name\" FROM '$file' BINARY");
	is($node->safe_psql('postgres', qq{SELECT count(*) > 100 AND bool_and(value::text = written) FROM "$name"}),
		't', "values of $name say what they said");
	is($node->safe_psql('postgres', qq{SELECT bool_and(value = written::$type) FROM "$name"}),
		't', "values of $name equal those of today");
}

done_testing();
