package Check;
# A session of psql, and the comparison of two queries in it.
use strict;
use warnings;
use IPC::Open2;

# What each plan sets, beside the table it reads: books.book, or books.book_parts which is partitioned
my @reset = map { "SET $_" } 'max_parallel_workers_per_gather = 0', 'enable_hashagg = on', 'enable_sort = on',
	'enable_partitionwise_aggregate = off';
my %plan = (
	serial => [],
	sorted => ['enable_hashagg = off'],
	hashed => ['enable_sort = off'],
	parallel => [ 'max_parallel_workers_per_gather = 2' ],
	'parallel and sorted' => [ 'max_parallel_workers_per_gather = 2', 'enable_hashagg = off' ],
	partitioned => ['enable_partitionwise_aggregate = on'],
	'partitioned and parallel' => [ 'enable_partitionwise_aggregate = on', 'max_parallel_workers_per_gather = 2' ],
);
# what EXPLAIN has to show of them
my %shows = (
	sorted => qr/GroupAggregate/,
	hashed => qr/HashAggregate/,
	parallel => qr/Gather/,
	'parallel and sorted' => qr/Gather/,
	partitioned => qr/Append.*Aggregate/s,
	'partitioned and parallel' => qr/Gather/,
);

sub new
{
	my ($class, %arg) = @_;
	my $psql = 'psql -Xq -v ON_ERROR_STOP=1';
	system("$psql -c 'SET client_min_messages = error' -c 'DROP DATABASE IF EXISTS $arg{database}' -c 'CREATE DATABASE $arg{database}'") == 0
		or die "books.pl: no database\n";
	$ENV{PGDATABASE} = $arg{database};
	my $self = bless { seen => {}, columns => {}, perturbed => 0, unseen => [], plans => {}, planned => {} }, $class;
	$self->{pid} = open2($self->{from}, $self->{to}, 'psql -XAtq 2>&1');
	$self->run('CREATE EXTENSION clv', 'SET check_function_bodies = off', 'SET client_min_messages = warning', "SET timezone = 'UTC'", 'SET jit = off',
		'SET parallel_setup_cost = 0', 'SET parallel_tuple_cost = 0', 'SET min_parallel_table_scan_size = 0',
		"DO 'BEGIN LOAD ''auto_explain''; EXCEPTION WHEN undefined_file THEN END'");
	return $self;
}

# Output of some statements
sub query
{
	my ($self, @statements) = @_;
	my $to = $self->{to};
	print $to map { "$_\n;\n" } @statements;
	print $to "\\echo :end:\n";
	$to->flush;
	my $answer = '';
	while (my $line = readline $self->{from})
	{
		return $answer if $line eq ":end:\n";
		$answer .= $line;
	}
	die "books.pl: psql has ended: $answer\n";
}

sub run
{
	my ($self, @statements) = @_;
	my $answer = $self->query(@statements);
	die "books.pl: $answer\n", $answer =~ /ERROR/ ? map { substr($_, 0, 3000) . "\n" } @statements : () if $answer =~ /\b(ERROR|FATAL):/;
	return $answer;
}

sub run_file { my ($self, $file) = @_; $self->run("\\i $file"); }

# COPY rows of text fields
sub copy
{
	my ($self, $table, @rows) = @_;
	my $to = $self->{to};
	print $to "COPY $table FROM STDIN;\n", map({ join("\t", map { $_ // '\N' } @$_) . "\n" } @rows), "\\.\n";
	$self->run;
}

sub begin { my ($self, $book) = @_; @$self{qw(book comparisons rows problems)} = ($book, 0, 0, []); }
sub result { my ($self) = @_; return ($self->{comparisons}, $self->{rows}, @{ $self->{problems} }); }

# The rows of query GOT are those of query WANT, in any order. GOT reads books.book, and is run under a serial and
# two other plans; or as it stands once, if plans => 0.
sub same
{
	my ($self, $name, $want, $got, %arg) = @_;
	my $answer = $self->query('DROP TABLE IF EXISTS want', "CREATE TEMP TABLE want AS $want");
	if ($answer =~ /ERROR/) { push @{ $self->{problems} }, "$name: by hand: $answer\n$want"; return }
	my @plans = ('serial');
	if ($arg{plans} // 1)
	{
		my @others = grep { $_ ne 'serial' } sort keys %plan;
		push @plans, splice @others, $self->{book}->below(scalar @others), 1 for 1 .. $arg{plans} // 2;
	}
	$self->one($name, $_, $got, $want) for @plans;
	$self->note_columns($name);
	$self->perturb($name) unless $self->{seen}{$name}++;
}

my $difference = q{
	SELECT (SELECT count(*) FROM got), (SELECT count(*) FROM want),
	       (SELECT count(*) FROM (TABLE got EXCEPT ALL TABLE want) AS d) + (SELECT count(*) FROM (TABLE want EXCEPT ALL TABLE got) AS d)};

sub one
{
	my ($self, $name, $plan, $got, $want) = @_;
	$got =~ s/\bbooks\.book\b/books.book_parts/g if $plan =~ /partitioned/;
	$self->run(@reset, map { "SET $_" } @{ $plan{$plan} });
	$self->see_plan($name, $plan, $got);
	my $answer = $self->query('DROP TABLE IF EXISTS got', "CREATE TEMP TABLE got AS $got");
	$self->{comparisons}++;
	my ($rows, $wanted, $different) = (0, 0, '');
	if ($answer !~ /\S/)
	{
		$answer = $self->query($difference);
		($rows, $wanted, $different) = $answer =~ /^(\d+)\|(\d+)\|(\d+)$/;
	}
	$self->{rows} += $wanted // 0;
	return if defined $different && $different eq '0';
	my $examples = $answer =~ /ERROR/ ? $answer
		: $self->query('SELECT $$clv     $$ || d::text FROM (TABLE got EXCEPT ALL TABLE want ORDER BY 1, 2 LIMIT 3) AS d',
			'SELECT $$by hand $$ || d::text FROM (TABLE want EXCEPT ALL TABLE got ORDER BY 1, 2 LIMIT 3) AS d');
	# of a comparison that fails the same way under every plan, one is enough
	if ($self->{failed}{$self->{book}}{$want}++) { $self->{problems}[-1] =~ s/: /; $plan: /; return }
	push @{ $self->{problems} }, "$name, $plan: $rows rows, $wanted by hand, $different differ\n$examples$got\n$want";
}

# Once for each comparison: every column of "want" changed in a row makes a difference
sub perturb
{
	my ($self, $name) = @_;
	my $state = $self->query($difference);
	unless ($state =~ /^\d+\|[1-9]\d*\|0$/)
	{
		$self->{seen}{$name} = 0;    # nothing to change yet
		return;
	}
	my $columns = $self->run(q{SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
		WHERE attrelid = 'want'::regclass AND attnum > 0 ORDER BY attnum});
	for (split /\n/, $columns)
	{
		my ($column, $type) = split /\|/;
		my $other = $type eq 'boolean' ? "NOT coalesce($column, false)"
			: $type eq 'date' ? "coalesce($column, '2000-01-01') + 1"
			: $type eq 'text' ? "coalesce($column, '') || '!'"
			: $type =~ /^(integer|bigint|numeric|double precision|smallint)$/ ? "coalesce($column, 0) + 1" : 'NULL';
		my $answer = $self->query('BEGIN',
			"UPDATE want SET $column = $other WHERE ctid = (SELECT ctid FROM want ORDER BY $column IS NULL LIMIT 1)",
			$difference, 'ROLLBACK');
		$self->{perturbed}++;
		push @{ $self->{unseen} }, "$name.$column: $answer" unless $answer =~ /^\d+\|\d+\|[1-9]\d*$/;
	}
}

# Values of a column over all books, to know of columns that tell nothing
sub note_columns
{
	my ($self, $name) = @_;
	my $rows = $self->query("SELECT e.key, md5(coalesce(min(e.value), '')), md5(coalesce(max(e.value), '')) FROM want, jsonb_each_text(to_jsonb(want)) AS e GROUP BY e.key");
	for (split /\n/, $rows) { my ($column, $least, $most) = split /\|/; @{ $self->{columns}{$name}{$column} }{ $least, $most } = (); }
}

sub constant_columns
{
	my ($self) = @_;
	my @constant;
	for my $name (sort keys %{ $self->{columns} })
	{
		my $columns = $self->{columns}{$name};
		push @constant, map { "$name.$_" } grep { keys %{ $columns->{$_} } < 2 && !/^(same|compared|nothing|out_of)/ } sort keys %$columns;
	}
	return @constant;
}

# Once for each plan: the query that clv generates has it
sub see_plan
{
	my ($self, $name, $plan, $got) = @_;
	return if !$shows{$plan} || $self->{planned}{"$name $plan"}++ || $name !~ /^(retention|retention of orders|history|products|revenue_retention of rows|customer_retention of orders|channels of rows)$/;
	my $answer = $self->query("SET auto_explain.log_min_duration = 0", 'SET auto_explain.log_nested_statements = on', 'SET client_min_messages = log',
		"SELECT count(*) FROM ($got) AS g", 'SET client_min_messages = warning', 'SET auto_explain.log_min_duration = -1');
	return if $answer !~ /Query Text/;
	# which one is taken is a matter of cost too: it has to be seen somewhere
	$self->{plans}{$plan} //= "no query is $plan, such as $name:\n$answer";
	$self->{plans}{$plan} = '' if $answer =~ $shows{$plan};
}

# comparisons that never had a row
sub empty { my ($self) = @_; return grep { !$self->{seen}{$_} } sort keys %{ $self->{seen} }; }
sub plans_seen { my ($self) = @_; return scalar grep { $_ eq '' } values %{ $self->{plans} }; }
sub plans_missed { my ($self) = @_; return grep { $_ ne '' } values %{ $self->{plans} }; }
sub perturbations { my ($self) = @_; return ($self->{perturbed}, @{ $self->{unseen} }); }

1;
