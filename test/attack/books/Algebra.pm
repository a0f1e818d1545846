package Algebra;
# Histories merged, taken back, split and read again are those of the rows, to the byte
use strict;
use warnings;

sub setup { return }

sub compare
{
	my ($class, $check, $book) = @_;
	# a history of each customer, written by hand as text: the days of clv_days are compared in History
	my $want = q{SELECT c, ('{' || string_agg(day || ': ' || CASE WHEN orders = 0 THEN -refunds || '' ELSE gross || ' (' || orders || ')' || CASE WHEN refunds > 0 THEN ' -' || refunds ELSE '' END END, ', ' ORDER BY md5(day::text)) || '}')::clv_history AS h
		FROM books.days('3001-01-01') GROUP BY c};
	my $cut = $book->day(0.2, 0.8);
	my $share = 2 + $book->below(4);
	my %way = (
		'one pass' => 'SELECT customer::text AS c, clv_history(amount, at) AS h FROM books.book GROUP BY customer HAVING clv_history(amount, at) IS NOT NULL',
		'ordered rows' => 'SELECT customer::text AS c, clv_history(amount, at ORDER BY amount, at DESC) AS h FROM books.book GROUP BY customer HAVING clv_history(amount, at) IS NOT NULL',
		'stored histories' => 'SELECT customer::text AS c, clv_rollup(history) AS h FROM books.histories GROUP BY customer',
		'rows of a group rolled up' => "SELECT c, clv_rollup(h) AS h FROM (SELECT customer::text AS c, hashtext(coalesce(amount::text, '') || coalesce(at::text, '')) % $share, clv_history(amount, at) AS h
			FROM books.book GROUP BY 1, 2) AS b GROUP BY c HAVING clv_rollup(h) IS NOT NULL",
		'one row at a time' => 'SELECT c, clv_rollup(h) AS h FROM (SELECT customer::text AS c, clv_history(amount, at) AS h FROM books.book GROUP BY customer, line_no) AS b GROUP BY c HAVING clv_rollup(h) IS NOT NULL',
		'until a day and after it' => "SELECT c, clv_at(h, $cut) + clv_between(h, $cut\::date + 1, 'infinity') AS h
			FROM (SELECT customer::text AS c, clv_history(amount, at) AS h FROM books.book GROUP BY customer) AS b WHERE h IS NOT NULL",
		'two filters added' => "SELECT c, coalesce(a, '{}') + coalesce(b, '{}') AS h FROM (SELECT customer::text AS c, clv_history(amount, at) FILTER (WHERE amount < 15) AS a,
			clv_history(amount, at) FILTER (WHERE amount >= 15) AS b FROM books.book GROUP BY customer) AS b WHERE a IS NOT NULL OR b IS NOT NULL",
		'what others did taken back' => q{SELECT h.c, (everybody - others) AS h FROM
			(SELECT clv_history(amount, at) AS everybody FROM books.book) AS e,
			(SELECT c, (SELECT coalesce(clv_history(amount, at), '{}') FROM books.book WHERE customer::text IS DISTINCT FROM c) AS others
			 FROM (SELECT DISTINCT customer::text AS c FROM books.book WHERE at IS NOT NULL AND amount IS NOT NULL) AS c OFFSET 0) AS h},
		'there and back as text' => 'SELECT customer::text AS c, clv_history(amount, at)::text::clv_history AS h FROM books.book GROUP BY customer HAVING clv_history(amount, at) IS NOT NULL',
	);
	$check->same("a history: $_", $want, $way{$_}, $_ eq 'what others did taken back' ? (plans => 0) : ()) for sort keys %way;
	# through COPY, in both formats; a file of the server's, gone with it
	for my $format ('binary', 'text')
	{
		my $file = "current_setting('data_directory') || '/clv_books.copy'";
		$check->run('DROP TABLE IF EXISTS books.trip', 'CREATE TABLE books.trip (c text, h clv_history)',
			"DO \$\$ BEGIN EXECUTE format('COPY (SELECT customer::text, clv_history(amount, at) FROM books.book GROUP BY customer) TO %L (FORMAT $format)', $file);
			 EXECUTE format('COPY books.trip FROM %L (FORMAT $format)', $file); END \$\$");
		$check->same("a history: copied as $format", $want, 'SELECT c, h FROM books.trip WHERE h IS NOT NULL', plans => 0);
	}
	# equal in bytes, in hash, and in every comparison
	$check->same('equal histories', "SELECT c, true AS same_bytes, true AS same_hash, 0 AS compared, true AS nothing_left FROM ($want) AS w",
		"SELECT a.c, clv_history_send(a.h) = clv_history_send(b.h) AS same_bytes, clv_history_hash(a.h) = clv_history_hash(b.h) AND clv_history_hash_extended(a.h, 7) = clv_history_hash_extended(b.h, 7) AS same_hash,
		        clv_history_cmp(a.h, b.h) AS compared, a.h - b.h = '{}' AS nothing_left
		 FROM ($way{'rows of a group rolled up'}) AS a JOIN ($want) AS b ON a.c IS NOT DISTINCT FROM b.c");
	# different ones differ, and are in one order
	$check->same('different histories', "SELECT count(*) AS distinct_histories FROM (SELECT DISTINCT days FROM (SELECT array_agg(ROW(day, orders, gross, refunds) ORDER BY day) AS days FROM books.days('3001-01-01') GROUP BY c) AS d) AS d",
		'SELECT count(DISTINCT h) AS distinct_histories FROM (SELECT clv_history(amount, at) AS h FROM books.book GROUP BY customer) AS b');
}

1;
