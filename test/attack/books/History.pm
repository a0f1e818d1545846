package History;
# clv_history, clv, clv_rfm and the functions of a history, of each customer
use strict;
use warnings;

sub setup { return }

my $figures = 'clv(h) AS value, clv_orders(h) AS orders, clv_purchase_days(h) AS purchase_days, clv_frequency(h) AS frequency, clv_recency(h)::numeric AS recency,
	clv_age(h, DAY)::numeric AS age, clv_days_since_last(h, DAY) AS days_since_last, clv_first_purchase(h) AS first_purchase, clv_last_purchase(h) AS last_purchase,
	round(clv_average_order_value(h), 12) AS order_value, round(clv_repeat_value(h), 12) AS repeat_value, clv_refunds(h) AS refunds, books.near(clv_mean_gap(h)) AS mean_gap,
	books.near(clv_gap_cv(h)) AS gap_cv';

sub compare
{
	my ($class, $check, $book) = @_;
	my $all = "'3001-01-01'";
	my ($from, $day) = ($book->day(0, 0.4), $book->day(0.3, 1));
	$check->same('history', "SELECT * FROM books.days($all)",
		'SELECT c, d.* FROM (SELECT customer::text AS c, clv_history(amount, at) AS h FROM books.book GROUP BY customer OFFSET 0) AS b, clv_days(h) AS d', plans => 6);
	for my $part ("clv_history(amount, at)|$all", "clv_at(clv_history(amount, at), $day)|$day", "clv_between(clv_history(amount, at), $from, $day)|$day, $from",
		"clv_history(amount, at) FILTER (WHERE " . ($book->is_moments ? "(at AT TIME ZONE '$book->{zone}')" : 'at') . "::date <= $day)|$day")
	{
		my ($h, $arguments) = split /\|/, $part;
		my ($as_of) = $arguments =~ /^([^,]+)/;
		(my $columns = $figures) =~ s/DAY/$as_of/g;
		(my $name = "figures of $h") =~ s/ FILTER.*| ?'.*?'/.../g;
		$check->same($name, "SELECT * FROM books.figures($arguments)",
			"SELECT c, $columns FROM (SELECT customer::text AS c, $h AS h FROM books.book GROUP BY customer OFFSET 0) AS b WHERE h <> '{}'");
	}
	# what was bought: without a history, and a day's rows over a window
	my $float = $book->{amount} =~ /real|double/;
	my $value = $float ? 'sum(amount)::float8' : 'sum(amount)';
	$check->same('value', "SELECT c, $value AS value FROM books.line GROUP BY c", 'SELECT customer::text AS c, clv(amount, at) AS value FROM books.book GROUP BY customer HAVING clv(amount, at) IS NOT NULL', plans => 6);
	$check->same('running value', "SELECT line_no, (sum(amount) OVER (PARTITION BY c ORDER BY at, line_no ROWS 3 PRECEDING))" . ($float ? '::float8' : '') . ' AS value FROM books.line',
		'SELECT line_no, clv(amount, at) OVER (PARTITION BY customer ORDER BY at, line_no ROWS 3 PRECEDING) AS value FROM books.book WHERE amount IS NOT NULL AND at IS NOT NULL');
	$check->same('rfm', "SELECT c, last_purchase, orders, value FROM books.figures($all)",
		'SELECT c, (r).last_purchase, (r).orders, (r).value FROM (SELECT customer::text AS c, clv_rfm(amount, at) AS r FROM books.book GROUP BY customer) AS b WHERE r IS NOT NULL OR (r).orders = 0');
	$check->same('profile', "SELECT c, first_purchase, last_purchase, days_since_last, orders, purchase_days, value, order_value, refunds, mean_gap FROM books.figures($day)",
		"SELECT c, p.first_purchase, p.last_purchase, p.days_since_last, p.orders, p.purchase_days, p.value, round(p.average_order_value, 12) AS order_value, p.refunds, books.near(p.mean_gap) AS mean_gap
		 FROM (SELECT customer::text AS c, clv_rollup(history) AS h FROM books.histories GROUP BY customer OFFSET 0) AS b, clv_profile(h, $day) AS p WHERE clv_at(h, $day) <> '{}'", plans => 0);
	$check->same('first', "SELECT customer::text AS c, (array_agg(channel ORDER BY at, channel))[1]::text AS channel FROM books.book WHERE amount >= 0 AND at IS NOT NULL GROUP BY customer",
		'SELECT customer::text AS c, clv_first(channel, at)::text AS channel FROM books.book WHERE amount >= 0 AND at IS NOT NULL GROUP BY customer');
}

1;
