# What the files of this folder share: a server with a shop in it, and what must hold after any attack.
#
# Environment: CLV_ATTACK       how many times as much as by default (1)
#              CLV_ATTACK_SEED  another seed, other attacks (1)
#              CLV_SMALL_DISK   an empty folder on a file system of a few MB
package Attack;
use strict;
use warnings;
use Test::More;
use Exporter 'import';

our @EXPORT = qw($factor $seed server shop_names make_shop table_calls ident literal is_unharmed any_of psql_file);
our $factor = $ENV{CLV_ATTACK} || 1;
our $seed = $ENV{CLV_ATTACK_SEED} || 1;

BEGIN
{
	eval { require PostgreSQL::Test::Cluster; require PostgreSQL::Test::Utils; 1 }
	  or plan skip_all => 'PostgreSQL::Test::Cluster or IPC::Run is missing';
}

# one of them; srand($seed) first
sub any_of { return $_[ rand @_ ] }

# as SQL, whatever standard_conforming_strings says
sub ident { my ($name) = @_; $name =~ s/"/""/g; return qq("$name") }
sub literal { my ($text) = @_; $text =~ s/([\\'])/\\$1/g; return "E'$text'" }

# A started server with the extension in the schema tools. Its log shows the SQLSTATE of each error.
sub server
{
	my ($name, $conf) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node->append_conf('postgresql.conf', q{
log_statement = none
log_line_prefix = '%m [%p] %e '
restart_after_crash = on
timezone = 'UTC'
jit = off
} . ($conf // ''));
	$node->start;
	$node->safe_psql('postgres', 'CREATE SCHEMA tools; CREATE EXTENSION clv SCHEMA tools; GRANT USAGE ON SCHEMA tools TO PUBLIC');
	return $node;
}

# What a shop's schema, tables and columns are called. With a list of other names, by these.
sub shop_names
{
	my @wanted = @_;
	my @roles = qw(shop orders customer ordered_at amount order_id channel currency spend spent_on spent leads feedback answered_at score items product customers region histories history terms ended_at);
	my %name;
	@name{@roles} = @wanted ? @wanted : @roles;
	return \%name;
}

# The same figures, whatever the names are: orders with lines, spend, answers, items, customers, histories, terms.
sub make_shop
{
	my ($node, $names, $customers) = @_;
	my %n = map { $_ => ident($names->{$_}) } keys %$names;
	$node->safe_psql('postgres', qq{
		SET client_encoding = 'UTF8';
		SET search_path = tools, public;
		CREATE SCHEMA $n{shop};
		CREATE TABLE $n{shop}.$n{orders} ($n{customer} bigint, $n{ordered_at} timestamp, $n{amount} numeric(10,2), $n{order_id} bigint, $n{channel} text, $n{currency} text);
		INSERT INTO $n{shop}.$n{orders} SELECT customer_id, ordered_at, amount, order_id, channel, 'EUR'
			FROM clv_simulate($customers, '2023-01-01', '2024-06-30', refund_share => 0.1, acquired_to => '2024-03-31');
		CREATE TABLE $n{shop}.$n{spend} ($n{channel} text, $n{spent_on} date, $n{spent} numeric, $n{leads} int);
		INSERT INTO $n{shop}.$n{spend} SELECT c, m, 100 + length(c), 50 FROM unnest('{search,social,email,radio}'::text[]) AS c, generate_series('2023-01-01', '2024-05-01', interval '1 month') AS m;
		CREATE TABLE $n{shop}.$n{feedback} AS SELECT $n{customer}, $n{ordered_at}::date + 3 AS $n{answered_at}, (abs($n{customer} * 7 + $n{order_id}) % 11)::int AS $n{score}
			FROM $n{shop}.$n{orders} WHERE $n{order_id} % 5 = 0;
		CREATE TABLE $n{shop}.$n{items} AS SELECT $n{customer}, $n{ordered_at}, $n{amount}, $n{order_id}, 'product ' || CASE p WHEN 1 THEN $n{customer} % 3 * 4 + $n{order_id} % 5 ELSE $n{customer} % 7 END AS $n{product}
			FROM $n{shop}.$n{orders}, generate_series(1, 2) AS p;
		CREATE TABLE $n{shop}.$n{customers} AS SELECT DISTINCT $n{customer}, $n{channel} AS $n{region} FROM $n{shop}.$n{orders};
		CREATE TABLE $n{shop}.$n{terms} AS SELECT $n{customer}, $n{ordered_at}, abs($n{amount}) AS $n{amount}, $n{channel}, $n{ordered_at} + interval '1 month' AS $n{ended_at}, interval '1 month' AS $n{leads} FROM $n{shop}.$n{orders}
			UNION ALL SELECT $n{customer}, min($n{ordered_at}) - interval '14 days', 0, min($n{channel}), min($n{ordered_at}), interval '1 month' FROM $n{shop}.$n{orders} GROUP BY $n{customer};
		CREATE TABLE $n{shop}.$n{histories} AS SELECT $n{customer}, clv_history($n{amount}, $n{ordered_at}) AS $n{history} FROM $n{shop}.$n{orders} GROUP BY 1;
		ANALYZE;
	});
}

# What there is to ask of the shop of these names: each function that takes names, and its arguments, as what follows FROM.
# The first word of a key is the function.
sub table_calls
{
	my ($names) = @_;
	my %n = map { $_ => literal($names->{$_}) } keys %$names;
	my %t = map { $_ => literal(ident($names->{shop}) . '.' . ident($names->{$_})) } qw(orders spend feedback items customers histories terms);
	my $columns = "$t{orders}, $n{customer}, $n{ordered_at}, $n{amount}";
	my $terms = "$t{terms}, $n{customer}, $n{ordered_at}, $n{amount}, ends_on => $n{ended_at}, billed_every => '1 month', group_by => $n{channel}";
	my $stored = "$t{histories}, $n{customer}, $n{history}";
	my $lines = "$t{items}, $n{customer}, $n{ordered_at}, $n{amount}, $n{product}";
	my $spent = "channel => $n{channel}, spend => $t{spend}, spend_channel => $n{channel}, spend_at => $n{spent_on}, spend_amount => $n{spent}, margin => 0.4, as_of => '2024-06-30'";
	my $model = "'{\"model\": \"mbgnbd\", \"unit\": \"week\", \"parameters\": {\"r\": 0.5, \"alpha\": 6, \"a\": 0.9, \"b\": 1.6}, \"from\": \"2023-01-01\", \"as_of\": \"2024-06-30\"}'";
	my $as_of = "as_of => '2024-06-30'";
	my $days = "from_day => '2024-03-31', to_day => '2024-06-30'";
	my %arguments = (
		clv_retention => "$columns, group_by => $n{channel}, order_id => $n{order_id}, measure => 'value', $as_of",
		clv_customer_retention => "$columns, group_by => $n{channel}, order_id => $n{order_id}, $as_of",
		clv_revenue_retention => "$columns, group_by => $n{channel}, order_id => $n{order_id}, $as_of",
		clv_lifecycle_periods => "$columns, group_by => $n{channel}, order_id => $n{order_id}, $as_of",
		clv_channels => "$columns, $spent, order_id => $n{order_id}, leads => $n{leads}, by_period => true",
		clv_payback_curve => "$columns, $spent, order_id => $n{order_id}",
		clv_products => "$lines, order_id => $n{order_id}, $as_of",
		clv_first_products => "$lines, order_id => $n{order_id}, $as_of, horizon => '90 days'",
		clv_cross_sell => "$lines, $as_of, min_together => 1, top_tier => 1",
		clv_backtest => "$columns, calibration_end => '2023-12-31', order_id => $n{order_id}, $as_of",
		clv_choose_model => "$columns, order_id => $n{order_id}, $as_of",
		clv_frequency_check => "$columns, model => $model, $as_of, order_id => $n{order_id}",
		clv_tracking => "$columns, model => $model, $as_of, order_id => $n{order_id}",
		clv_segment_moves => "$columns, $days, order_id => $n{order_id}",
		'clv_segment_moves of histories' => "$stored, $days",
		clv_warnings => "$columns, $as_of, order_id => $n{order_id}",
		clv_mrr_moves => "$columns, $as_of, billed_every => '1 month', group_by => $n{channel}",
		'clv_mrr_moves of lines' => "$columns, $as_of, billed_every => '1 month', grace => '5 days', subscription => $n{channel}",
		clv_mrr_cohorts => "$columns, $as_of, billed_every => '1 month', group_by => $n{channel}",
		clv_renewals => "$terms, $as_of, grace => '3 days'",
		clv_trial_conversion => "$terms, $as_of",
		'clv_warnings of histories' => "$stored, $as_of",
	);
	return map { $_ => (/^(\w+)/)[0] . "($arguments{$_})" } keys %arguments;
}

# Run statements one by one through a psql that goes on after errors; what it printed, its exit status
# (0, or 2 if the connection was lost), and its errors.
sub psql_file
{
	my ($node, $role, $sql) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/attack.sql';
	open my $out, '>:raw', $file or die "$file: $!";
	print $out $sql;
	close $out or die "$file: $!";
	IPC::Run::run([ 'psql', '-XAtq', '-U', $role, '-d', $node->connstr('postgres'), '-f', $file ], '>', \my $stdout, '2>', \my $stderr);
	return ($stdout, $? >> 8, $stderr);
}

# Nothing crashed, and no error was one of XX000 and its like, by the server's log. Allowed may be a signal, and
# messages of PostgreSQL's own, each with its reason.
sub is_unharmed
{
	my ($node, %allowed) = @_;
	my @crashes;
	my @internal;
	my $take = 0;
	# of a query that was cancelled
	my $ended = qr/background worker "parallel worker" \(PID \d+\) exited with exit code 1$/;
	open my $log, '<:raw', $node->logfile or die $node->logfile . ": $!";
	while (my $line = <$log>)
	{
		# a message of several lines goes on without a prefix
		my ($pid, $state, $message) = $line =~ /^\d{4}-\d\d-\d\d \S+ \S+ \[(\d+)\] (\S{5}) (.*)/;
		if ($take && (!defined $pid || $message =~ /^(DETAIL|HINT|CONTEXT|STATEMENT|QUERY): /))
		{
			$internal[-1] .= $line if length $internal[-1] < 4000;
			next;
		}
		$take = 0;
		push @crashes, $line
		  if $line =~ /^TRAP: |runtime error:|AddressSanitizer/
		  || defined $message
		  && ($message =~ /^PANIC: /
			|| $message =~ /^LOG: .*(terminated by signal|was terminated by exception|exited with exit code)/
			&& $message !~ $ended
			&& !(defined $allowed{signal} && $message =~ /terminated by signal $allowed{signal}\b/));
		next unless defined $state && $state =~ /^XX/ && $message =~ /^(ERROR|FATAL|WARNING): +(.*)/;
		my $text = $2;
		next if grep { $text =~ $_->[0] } @{ $allowed{messages} || [] };
		push @internal, $line;
		$take = 1;
	}
	is(join('', @crashes), '', 'no crash, no failed assertion');
	is(join('', @internal[ 0 .. ($#internal < 9 ? $#internal : 9) ]), '', 'no internal error');
	is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server answers');
}

1;
