package Generate;
# A random book of orders, of an unusual shape.
use strict;
use warnings;
use Time::Local;

# zones whose days differ from those of UTC, some with a day that has two midnights (St. John's, until 2011)
my @zones = ('UTC', 'Asia/Jakarta', 'America/New_York', 'Europe/Berlin', 'America/St_Johns', 'Asia/Beirut', 'Pacific/Kiritimati', 'Australia/Lord_Howe');
my %starts = ('America/St_Johns' => [ 2010, 6 ], 'Asia/Beirut' => [ 2022, 11 ]);
my @customers = qw(integer bigint text uuid books.pair);
my @amounts = ('numeric', 'numeric(12,2)', 'integer', 'bigint', 'smallint', 'real', 'double precision');
my @times = ('date', 'timestamp', 'timestamptz');
# of a group that ties with another the one that sorts first as text counts: by the collation of a text, and 10 before 9
my @channels = ('text', 'text COLLATE books.natural', 'integer');
my %number = (search => 10, social => 9, Email => 100, friend => 2, TV => 11, radio => 30);
my @shapes = ('usual', 'refunds', 'crowded', 'once', 'ties', 'gaps', 'single', 'usual');

# a generator of our own: rand() is not the same everywhere
sub new
{
	my ($class, $seed, $number) = @_;
	my $self = bless { state => ($seed * 7919 + $number * 104729 + 12345) & 0xffffffff, number => $number }, $class;
	$self->below(2) for 1 .. 5;
	# each type and shape comes soon, whatever the seed
	$self->{customer} = $customers[ ($number + $seed) % @customers ];
	$self->{time} = $times[ ($number + $seed) % @times ];
	$self->{amount} = $amounts[ ($number + 2 * $seed) % @amounts ];
	$self->{shape} = $shapes[ ($number + $seed - 2) % @shapes ];
	$self->{channel} = $channels[ ($number + $seed + int(($number + $seed) / 3)) % @channels ];
	$self->{zone} = $self->{time} eq 'timestamptz' ? $self->pick(@zones) : 'UTC';
	my ($year, $month) = @{ $starts{ $self->{zone} } // [ 2023, $self->below(12) ] };
	$self->{start} = timegm(0, 0, 0, 1, $month, $year);
	$self->{days} = $self->{shape} eq 'gaps' ? 4000 : $self->pick(60, 200, 500);
	return $self;
}

# a number from 0 to n - 1
sub below
{
	my ($self, $n) = @_;
	$self->{state} = ($self->{state} * 1664525 + 1013904223) & 0xffffffff;
	return int(($self->{state} >> 4) / (1 << 28) * $n);
}

sub pick { my ($self, @from) = @_; return $from[ $self->below(scalar @from) ]; }
sub chance { my ($self, $percent) = @_; return $self->below(100) < $percent; }
sub describe { my ($self) = @_; return join ', ', map { "$_ $self->{$_}" } qw(customer time amount channel shape zone days); }

sub is_moments { return $_[0]{time} eq 'timestamptz'; }
sub zone_argument { my ($self) = @_; return $self->is_moments ? ", time_zone => '$self->{zone}'" : ''; }

# a day of the book as SQL, from share of its length to share
sub day
{
	my ($self, $from, $to) = @_;
	my @at = gmtime($self->{start} + 86400 * int($self->{days} * ($from + ($to - $from) * $self->below(1000) / 1000)));
	return sprintf "'%04d-%02d-%02d'", $at[5] + 1900, $at[4] + 1, $at[3];
}

sub middle { my ($self) = @_; return $self->{start} + 43200 + 86400 * int($self->{days} / 2); }

# the last day of the period of a day, or that day and some time: where it is decided what is over
sub edge
{
	my ($self, $check, $day, $period, $after) = @_;
	my $edge = $check->run("SELECT ((books.starts($day, '$period', 'monday') + books.step('$period'))::date - 1 + interval '$after')::date - " . $self->pick(0, 0, 1, -1));
	chomp $edge;
	return "'$edge'";
}

sub customer_value
{
	my ($self, $n) = @_;
	my $type = $self->{customer};
	return $type eq 'text' ? (qw(a B aa), 'x y', "\xc3\x9f", '0', '')[$n] // "c$n"
		: $type eq 'uuid' ? sprintf('%08x-0000-4000-8000-%012x', $n * 2654435761 & 0xffffffff, $n)
		: $type eq 'books.pair' ? '(' . int($n / 3) . ',' . (qw(a b), '')[ $n % 3 ] . ')'
		: $type eq 'bigint' ? ($n - 5) * 3000000000
		: $n - 5;
}

sub amount_value
{
	my ($self) = @_;
	return undef if $self->chance(3);
	return 0 if $self->chance(6);
	my $sign = $self->chance($self->{shape} eq 'refunds' ? 40 : 12) ? '-' : '';
	return $sign . $self->pick(10, 10, 20) if $self->{shape} eq 'ties';
	my $type = $self->{amount};
	return $sign . ($self->below($self->pick(5, 100, 30000)) + 1) if $type =~ /int/;
	my $whole = $self->below($self->pick(3, 100, 3000));
	return "$sign$whole." . sprintf('%02d', $self->below(100)) if $type ne 'numeric' && $self->chance(60);
	my $decimals = join '', map { $self->below(10) } 1 .. $self->pick(1, 3, 7, $type eq 'numeric' ? 19 : 5);
	return "$sign$whole.${decimals}";
}

sub channel
{
	my ($self, $name) = @_;
	return defined $name && $self->{channel} eq 'integer' ? $number{$name} : $name;
}

sub time_value
{
	my ($self, $moment) = @_;
	my @at = gmtime($moment);
	my $text = sprintf '%04d-%02d-%02d', $at[5] + 1900, $at[4] + 1, $at[3];
	return $text if $self->{time} eq 'date';
	$text .= sprintf ' %02d:%02d:%02d', @at[ 2, 1, 0 ];
	return $self->is_moments ? "$text+00" : $text;
}

sub rows
{
	my ($self) = @_;
	my $shape = $self->{shape};
	my @rows;
	my $order = 0;
	my $customers = $shape eq 'single' ? 1 : $shape eq 'crowded' ? 12 : 25 + $self->below(20);
	my $end = $self->{start} + 86400 * $self->{days};
	my @moments = map { $self->{start} + $self->below(86400 * $self->{days}) } 1 .. 6;
	for my $n (0 .. $customers - 1)
	{
		my $customer = $self->customer_value($n);
		my $at = $self->chance(15) ? $self->pick(@moments) : $self->{start} + $self->below(86400 * int($self->{days} * 0.8));
		my $lines = $shape eq 'once' ? 1 : $shape eq 'single' ? 40 : $shape eq 'crowded' ? 30
			: $self->chance(35) ? 1 : 1 + $self->below($self->pick(3, 6, 20));
		my $usual = 1 + $self->below($self->pick(3, 20, 90));
		# some come like clockwork, until they come less often, spend less or stay away: whom clv_warnings is about
		my $regular = $shape !~ /once|single|gaps/ && $self->chance(35);
		my $turns = 0;
		my $halves = $self->chance(50);
		if ($regular)
		{
			$lines = 10 + $self->below(25);
			$turns = int($lines * (60 + $self->below(40)) / 100);
			$usual = 1 + int($self->{days} * 0.9 / $lines);
			$at = $self->{start} + $self->below(86400 * (3 + int($self->{days} * 0.15)));
		}
		# in a crowded book most come every so many days until the middle of it, and then half as often
		my $step = $shape eq 'crowded' && $n > 1 ? (1, 2, 3, 4, 6)[ $n % 5 ] : 0;
		$at = $self->middle - 86400 * 24 + 86400 * $step if $step;
		my @channels = map { $self->channel($_) } $self->pick('search', 'social', 'Email', 'friend', undef), $self->pick('search', 'TV', undef);
		for my $line (1 .. $lines)
		{
			my $amount = $shape eq 'once' ? $self->pick($self->amount_value, 10, 20) : $self->amount_value;
			$amount = $self->pick(1, 2) if $regular && defined $amount && $line > $turns;
			$amount = 10 if $n == 0 && $line <= 2 || $shape eq 'once' && $n < 3;
			my $time = $self->chance(2) ? undef : $self->time_value($at);
			$time = $self->time_value($at) if $n == 0;
			my $number = $self->chance(15) ? undef : $order;
			my $product = $self->chance(10) ? undef : $self->pick('beans', 'beans', 'pot', 'Cup', 'tea', "p$n");
			push @rows, [ $self->chance(2) && $n ? undef : $customer, $time, $amount, $self->pick($channels[0], @channels), $number, $product ];
			push @rows, [ @{ $rows[-1] } ] if $self->chance(3);    # a double
			$order++ unless $self->chance(25);                     # the next line is of the same order, at another time
			# the time of the next: at once, on the same day, about midnight, by rhythm, after a long silence
			my $way = $self->below(100);
			if ($step) { $at += 86400 * $step * ($at < $self->middle ? 1 : 2); next }
			if ($regular && $way >= 15)
			{
				$at += 86400 * $usual * ($line < $turns ? 1 : $halves ? 2 : 1 + $self->below(4)) + $self->below(30000);
				$way = 0;
			}
			if ($way < 8) { }
			elsif ($way < 20) { $at += $self->below(40000) }
			elsif ($way < 35) { $at = (int($at / 86400) + 1 + $self->below($usual)) * 86400 + $self->pick(-1, 0, 1, -3600, 3600, 9030, -61200, 18000) }
			elsif ($way < 92) { $at += 86400 * ($usual + $self->below(1 + int($usual / 2))) + $self->below(86400) }
			else { $at += 86400 * ($shape eq 'gaps' ? 300 + $self->below(1200) : 40 + $self->below(150)) }
		}
		$order++;
	}
	# one who only gave back, one far in the future, one with nothing known
	push @rows, [ $self->customer_value($customers), $self->time_value($end - 864000), '-5', $self->channel('search'), undef, 'beans' ] unless $shape eq 'single';
	push @rows, [ $self->customer_value($customers + 1), $self->time_value(32503680000), '7', $self->channel('TV'), undef, 'beans' ] if $self->chance(50);
	push @rows, [ undef, undef, undef, undef, undef, undef ];
	# one who gave back before he bought: until then in no group
	my $late = $self->customer_value($customers + 2);
	push @rows, [ $late, $self->time_value($self->{start} + 86400 * int($self->{days} * 0.15)), '-6', $self->channel('social'), undef, 'tea' ],
		[ $late, $self->time_value($end - 86400), '60', $self->channel('social'), undef, 'tea' ] unless $shape eq 'single';
	# two who bought in two channels at once
	for my $n ($shape eq 'single' ? () : (0, 1))
	{
		my $at = $self->time_value($self->{start} + 86400 * int($self->{days} * (0.2 + 0.2 * $n)));
		push @rows, map { [ $self->customer_value($customers + 3 + $n), $at, 10, $self->channel($_), undef, 'pot' ] } 'search', $n ? 'social' : 'TV';
	}
	# in any order
	for my $i (reverse 1 .. $#rows) { my $j = $self->below($i + 1); @rows[ $i, $j ] = @rows[ $j, $i ] }
	return @rows;
}

sub load
{
	my ($self, $check) = @_;
	my $columns = "customer $self->{customer}, at $self->{time}, amount $self->{amount}, channel $self->{channel}, order_no integer, product text, line_no integer";
	my $moment = $self->is_moments ? "at AT TIME ZONE 'UTC'" : 'at::timestamp';
	my $day = $self->is_moments ? "(at AT TIME ZONE '$self->{zone}')::date" : 'at::date';
	my $amount = $self->{amount} eq 'real' ? 'amount::text::numeric' : 'amount::numeric';
	$check->run('DROP TABLE IF EXISTS books.book, books.book_parts, books.line, books.clock, books.histories, books.customers, books.places CASCADE',
		"CREATE UNLOGGED TABLE books.book ($columns)",
		"CREATE TABLE books.book_parts ($columns) PARTITION BY HASH (customer)",
		map { "CREATE UNLOGGED TABLE books.book_part$_ PARTITION OF books.book_parts FOR VALUES WITH (MODULUS 3, REMAINDER $_)" } 0 .. 2);
	my $line = 0;
	$check->copy('books.book', map { [ @$_, ++$line ] } $self->rows);
	# the session's zone is that of the book, for aggregates that know no other
	$check->run("SET timezone = '$self->{zone}'",
		'INSERT INTO books.book_parts TABLE books.book',
		# what a row means: one whose customer, time or amount is not known does not count
		"CREATE UNLOGGED TABLE books.line AS SELECT customer::text AS c, $moment AS at, $day AS day, $amount AS amount, channel::text, order_no, product,
		    line_no FROM books.book WHERE at IS NOT NULL AND amount IS NOT NULL",
		"CREATE UNLOGGED TABLE books.clock AS SELECT customer::text AS c, $moment AS at, $day AS day, channel::text FROM books.book WHERE at IS NOT NULL",
		'CREATE UNLOGGED TABLE books.places AS SELECT channel::text AS customer_group, row_number() OVER (ORDER BY channel::text)::integer AS place FROM books.book WHERE channel IS NOT NULL GROUP BY channel',
		# histories as a shop might keep them: several rows of a customer, each of a channel
		"CREATE UNLOGGED TABLE books.histories AS SELECT customer, channel, clv_history(amount, at) AS history FROM books.book
		    GROUP BY customer, channel HAVING count(at) > 0 AND count(amount) > 0",
		# and with one row of a customer, which clv can tell from the index
		"CREATE UNLOGGED TABLE books.customers AS SELECT customer, max(channel) AS channel, clv_history(amount, at) AS history FROM books.book
		    GROUP BY customer HAVING count(at) > 0 AND count(amount) > 0",
		'CREATE UNIQUE INDEX ON books.customers (customer)',
		'ANALYZE books.book, books.book_parts, books.line, books.clock, books.histories, books.customers');
	$self->{last_purchase} = $check->run("SELECT max(day) FROM books.line WHERE amount >= 0 AND c IS NOT NULL AND day <= current_date");
	chomp $self->{last_purchase};
}

1;
