#!/usr/bin/env perl
# Random customer books: every figure of clv against a plain-SQL reading of docs/reference/, under several plans.
# Prints TAP. Needs a running server, given by PG* in the environment, and makes a database clv_books of its own:
#
#     tools/with-cluster -- test/attack/books.pl
#
# Environment: CLV_ATTACK_SEED   another seed, other books (default 1)
#              CLV_ATTACK_BOOKS  how many books (default 4)
#              CLV_ATTACK_BOOK   only the one of this number
#              CLV_ATTACK_TOPIC  only this topic, such as retention
#
# books/*.pm has a topic each: the reading by hand, as SQL functions, and the calls that are compared with it.
# A topic is a test of a book; it fails if a row differs, or if no row was compared. The last tests see every
# comparison fail, once for each column of what is expected.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/books";
use Check;
use Generate;

my $seed = $ENV{CLV_ATTACK_SEED} // 1;
my $books = $ENV{CLV_ATTACK_BOOKS} // 4;
my @topics = qw(History Algebra Retention Base Rfm Tiers Rhythm Channels Satisfaction Products);
@topics = grep { lc eq lc $ENV{CLV_ATTACK_TOPIC} } @topics if $ENV{CLV_ATTACK_TOPIC};
die "books.pl: unknown topic\n" unless @topics;

my $check = Check->new(database => 'clv_books');
$check->run_file("$FindBin::Bin/books/setup.sql");
for my $topic (@topics)
{
	require "$topic.pm";
	$check->run($topic->setup);
}

my @numbers = $ENV{CLV_ATTACK_BOOK} ? $ENV{CLV_ATTACK_BOOK} : 1 .. $books;
my $test = 0;
my $failed = 0;
sub ok
{
	my ($ok, $name) = @_;
	$failed++ unless $ok;
	printf "%sok %d - %s\n", $ok ? '' : 'not ', ++$test, $name;
}

for my $number (@numbers)
{
	my $book = Generate->new($seed, $number);
	$book->load($check);
	for my $topic (@topics)
	{
		$check->begin($book);
		$topic->compare($check, $book);
		my ($comparisons, $rows, @problems) = $check->result;
		push @problems, 'no row was compared' unless $rows;
		ok(!@problems, sprintf 'book %d, %s: %d comparisons, %d rows', $number, lc $topic, $comparisons, $rows);
		next unless @problems;
		print "# seed $seed, book $number: ", $book->describe, "\n";
		print map { s/^/#   /gmr . "\n" } splice @problems, 0, 6;
		print '#   and ', scalar @problems, " more\n" if @problems;
	}
}

my ($perturbed, @unseen) = $check->perturbations;
ok($perturbed && !@unseen, "$perturbed columns: each comparison fails when what is expected is changed");
print map { "#   not seen: $_\n" } @unseen;
ok(!$check->plans_missed, $check->plans_seen . ' plans are seen in queries, those that clv generates among them'
	. ($check->plans_seen ? '' : ' # SKIP without auto_explain, or without a query to look at'));
print map { "#   $_\n" } $check->plans_missed;
print "# comparisons without a row: ", join(', ', $check->empty), "\n" if $check->empty;
print "# columns that never varied: ", join(', ', $check->constant_columns), "\n" if $check->constant_columns;
print "1..$test\n";
exit($failed ? 1 : 0);
