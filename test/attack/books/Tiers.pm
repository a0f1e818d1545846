package Tiers;
# clv_tier by each method, and clv_value_share
use strict;
use warnings;

sub setup { return <<'SQL' }
-- values that customers have: value, or number of orders, which has many ties
CREATE FUNCTION books.tiers(what text, cuts numeric[], method text, labels text[]) RETURNS TABLE (c text, tier text, share numeric) LANGUAGE sql STABLE AS $$
    WITH v AS MATERIALIZED (SELECT c, CASE what WHEN 'value' THEN value ELSE orders END AS v FROM books.figures('3001-01-01') WHERE c IS NOT NULL),
    whole AS (SELECT count(*) AS customers, sum(v) FILTER (WHERE v > 0) AS money, max(v) AS best, cardinality(cuts) AS n FROM v),
    -- with all that are not smaller: how many, and what they make
    down AS (SELECT *, count(*) OVER (ORDER BY v DESC) AS place, sum(greatest(v, 0)) OVER (ORDER BY v DESC) AS made FROM v)
    SELECT c,
           labels[CASE WHEN v <= 0 AND cardinality(labels) = n + 2 THEN n + 2
                       WHEN method = 'thresholds' THEN 1 + (SELECT count(*) FROM unnest(cuts) AS cut WHERE v < cut)
                       WHEN v <= 0 THEN n + 1
                       WHEN v = best THEN 1
                       -- the first tier that all down to this one fit wholly
                       ELSE 1 + (SELECT count(*) FROM unnest(cuts) AS cut WHERE CASE method WHEN 'customers' THEN place > cut * customers ELSE made > cut * money END) END],
           CASE WHEN money IS NULL THEN NULL WHEN v <= 0 THEN 1 ELSE books.near((made / money)::double precision) END
    FROM down, whole $$;
SQL

sub compare
{
	my ($class, $check, $book) = @_;
	for my $what ('value', 'orders')
	{
		my $got = 'SELECT customer::text AS c, ' . ($what eq 'value' ? 'clv_history(amount, at)' : 'clv_history(amount, at)')
			. ' AS h FROM books.book WHERE customer::text IS NOT NULL GROUP BY customer HAVING clv_history(amount, at) IS NOT NULL';
		my $v = $what eq 'value' ? 'clv(h)' : 'clv_orders(h)';
		for my $method ('customers', 'value', 'thresholds')
		{
			my $share = sub { my %seen = (1 => 1); join ", ", sort { $a <=> $b } grep { !$seen{$_}++ } map { $book->below(1001) / 1000 } 1 .. $_[0] };
			my $n = $book->pick(1, 2, 2, 3, 5);
			my $shares = $share->($n);
			$n = 1 + ($shares =~ tr{,}{}) if $method ne "thresholds" && length $shares;
			my $given = $method ne 'thresholds' && $book->chance(30) ? undef
				: $method ne "thresholds" ? $shares : join ", ", (400, 50.5, 20, 10, 3, 2, 1, 0, -5)[ map { $_ - 1 + $book->below(5) * ($_ == $n) } 1 .. $n ];
			$n = 2 unless defined $given;
			my $cuts = $given // ($method eq 'customers' ? '0.2, 0.5' : '0.8, 0.95');
			my $named = $n != 2 || $book->chance(60);
			my @labels = $named ? map { "'tier $_'" } 1 .. $n + 1 + $book->below(2) : ("'high'", "'medium'", "'low'");
			my $arguments = (defined $given ? ", thresholds => ARRAY[$cuts]::numeric[]" : '') . ", method => '$method'" . ($named ? ', labels => ARRAY[' . join(', ', @labels) . ']' : '');
			$check->same("tiers by $method", "SELECT * FROM books.tiers('$what', ARRAY[$cuts]::numeric[], '$method', ARRAY[" . join(', ', @labels) . '])',
				"SELECT c, clv_tier($v$arguments) OVER () AS tier, books_share AS share
				 FROM (SELECT *, books.near(clv_value_share($v) OVER ()) AS books_share FROM ($got) AS h) AS h");
		}
	}
}

1;
