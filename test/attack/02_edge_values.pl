# Every member of the extension that can be called, with edge values of each argument's type: as plain calls, aggregates,
# over moving frames, in grouping sets, and by parallel workers. What there is to call is read from the catalogue.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Attack;
use Test::More;

my $timeout = 1;     # seconds, of a call; and of one that makes views
my $making = 10;
my $hang = 30;       # what no call may take, on the slowest machine
my $calls = int(15 * $factor) || 1;    # of each function

# types: ordinary values, and odd ones
my $long = "repeat('x', 100000)";
my %values = (
	smallint => [ [ 1, 5, 9 ], [ 0, -1, -32768, 32767 ] ],
	integer => [ [ 1, 2, 5, 30 ], [ 0, -1, '-2147483648', 2147483647, 1000000, 100000000 ] ],
	bigint => [ [ 1, 3, 100 ], [ 0, -1, "'-9223372036854775808'", "'9223372036854775807'" ] ],
	oid => [ [1259], [ 0, 4294967295 ] ],
	real => [ [ 1, 2.5, 10 ], [ 0, -1, "'NaN'", "'Infinity'", "'-Infinity'", '1e-37', '3e38', "'-0'" ] ],
	'double precision' => [ [ 0.5, 1, 3, 10, 52 ], [ 0, -1, "'NaN'", "'Infinity'", "'-Infinity'", '1e-307', '5e-324', '1e308', '-1e308', "'-0'", 1e15, 1e-9 ] ],
	numeric => [ [ 0.2, 0.5, 1, 10, 29.99 ], [ 0, -1, "'NaN'", "'Infinity'", "'-Infinity'", "('1' || repeat('0', 1000))", '1e37', '-1e36', '1e-30', '1e-31', '1e-16000', "repeat('9', 131072)" ] ],
	text => [ [ "'day'", "'a'", "'high'" ], [ "''", $long, "'NaN'", "E'\\\\'", "''''", "'%s %I %1\$s'", "'{clv}'", "' day '", "E'\\u00e4'", "'now'" ] ],
	name => [ [ "'customer'", "'ordered_at'" ], [ "''", "'no such'", "'ctid'", "'tableoid'", "'a\"b'", "''''", "repeat('x', 63)" ] ],
	boolean => [ [ 'true', 'false' ], [] ],
	date => [ [ "'2023-06-30'", "'2024-01-31'", "'2024-06-30'" ], [ "'infinity'", "'-infinity'", "'0001-01-01'", "'4714-11-24 BC'", "'5874897-12-31'", "'0001-12-31 BC'", "'294277-01-01'" ] ],
	'timestamp without time zone' => [ [ "'2023-06-30 12:00'", "'2024-01-31'" ], [ "'infinity'", "'-infinity'", "'4714-11-24 BC'", "'294276-12-31 23:59:59.999999'", "'0001-01-01'" ] ],
	'timestamp with time zone' => [ [ "'2023-06-30 12:00+00'", "'2024-01-31 23:59+14'" ], [ "'infinity'", "'-infinity'", "'4714-11-24 00:00+00 BC'", "'294276-12-31 23:59:59.999999+00'" ] ],
	interval => [ [ "'90 days'", "'1 year'", "'1 month'", "'7 days'" ],
		[ "'0'", "'-1 day'", "'178000000 years'", "'-178000000 years'", "'2147483647 days'", "'-2147483648 days'", "'1 microsecond'", "'2562047788:00:54.775807'", "'1 month -31 days'", "'1 year -12 months'" ] ],
	clv_history => [ [ "'{2023-01-05: 29.33, 2023-01-18: 59.46 (2) -10, 2023-02-01: -5, 2023-09-09: 3}'", "'{2023-03-03: 5, 2023-04-04: 6, 2023-05-05: 7, 2023-06-06: 8, 2023-07-07: 9}'", "'{2024-01-01: 10}'" ],
		[ "'{}'", "'{2024-01-01: -5}'", "'{2024-01-01: 0}'", "'{4714-11-24 BC: 1}'", "'{5874897-12-31: 1}'", "'{4714-11-24 BC: 1, 5874897-12-31: 2}'", "'{2024-01-01: 1 (2147483647), 2024-01-02: 1 (1000000)}'",
			"'{2024-02-29: 9999999999999999999999999999999999999, 2024-03-01: 0.000000000000000000000000000001 -9999999999999999999999999999999999999}'",
			"'{2024-01-01: 1 -9999999999999999999999999999999999999}'", '(SELECT history FROM huge)' ] ],
	clv_model => [ [ q('{"model": "bgnbd", "parameters": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}}'), q('{"model": "mbgnbd", "unit": "week", "parameters": {"r": 0.5248, "alpha": 6.183, "a": 0.8913, "b": 1.614}}'),
			q('{"model": "gammagamma", "parameters": {"p": 6.25, "q": 3.74, "gamma": 15.44}}'), q('{"model": "paretonbd", "unit": "day", "parameters": {"r": 0.55, "alpha": 10.6, "s": 0.6, "beta": 11.7}}'),
			q('{"model": "bgbb", "unit": "quarter", "parameters": {"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.783}}'), q('{"model": "sbg", "parameters": {"alpha": 0.704, "beta": 1.182}}'), q('{"model": "mbgnbd", "unit": "week", "parameters": {"r": 0.5, "alpha": 6, "a": 0.9, "b": 1.6}, "covariates": {"a": {"base": "b", "purchase": {"c": 1}, "odds": {"c": -1}}}}'), q('{"model": "bdw", "parameters": {"alpha": 0.26, "beta": 1.72, "c": 1.58}}'), q('{"model": "mbgcnbd", "unit": "week", "parameters": {"k": 3, "r": 1.3, "alpha": 1.7, "a": 0.4, "b": 0.8}}'), '(SELECT fitted FROM huge)' ],
		[ q('{"model": "paretonbd", "unit": "day", "parameters": {"r": 1e-12, "alpha": 1e12, "s": 1, "beta": 1e12}}'), q('{"model": "bgnbd", "unit": "year", "parameters": {"r": 1e12, "alpha": 1e-12, "a": 1e-12, "b": 1e12}}'),
			q('{"model": "mbgnbd", "unit": "day", "parameters": {"r": 1e-12, "alpha": 1e-12, "a": 1e12, "b": 1e-12}}'), q('{"model": "gammagamma", "parameters": {"p": 1e-12, "q": 1, "gamma": 1e12}}'),
			q('{"model": "gammagamma", "parameters": {"p": 1e12, "q": 1e-12, "gamma": 1e-12}}'), q('{"model": "bgbb", "unit": "year", "parameters": {"alpha": 1e-12, "beta": 1e12, "gamma": 1e12, "delta": 1e-12}}'),
			q('{"model": "bdw", "parameters": {"alpha": 1e-12, "beta": 1e12, "c": 1e12}}'), q('{"model": "bdw", "parameters": {"alpha": 1e12, "beta": 1, "c": 1e-12}}'),
			q('{"model": "paretonbd", "parameters": {"r": 1, "alpha": 1, "s": 1, "beta": 1}, "covariates": {"a": {"base": "c", "purchase": {"b": 1e100}, "dropout": {"b": -1e100}}}}'), q('{"model": "sbg", "parameters": {"alpha": 1e-12, "beta": 1e12}}'), q('{"model": "sbg", "parameters": {"alpha": 1e12, "beta": 1e-12}}'),
			q('{"model": "bgcnbd", "unit": "day", "parameters": {"k": 12, "r": 1e12, "alpha": 1e-12, "a": 1e-12, "b": 1e12}}'), q('{"model": "mbgcnbd", "unit": "year", "parameters": {"k": 2, "r": 1e-12, "alpha": 1e18, "a": 1e12, "b": 1e-12}}') ] ],
	clv_season => [ [ q('{"weights": [0.8, 0.8, 0.9, 1, 1, 1, 0.9, 0.9, 1, 1, 1.3, 1.4]}'), q('{"weights": [5, 4, 4, 5, 9, 12, 1], "spans": [["2023-11-24", "2023-11-27", 2.5]]}') ],
		[ q('{"weights": [1, 1, 1, 1, 1, 1, 1]}'), q('{"weights": [1000000, 1, 1, 1, 1, 1, 1000]}'), q('{"weights": [1, 1, 1, 1, 1, 1, 2], "spans": [["4714-11-24 BC", "4714-11-25 BC", 100], ["5874897-12-01", "5874897-12-31", 0.01]]}') ] ],
	clv_sample => [ [ '(SELECT sample FROM huge)', q('{"unit": "week", "from": "1997-01-01", "as_of": "1997-09-30", "patterns": [[0, 0, 38.8, 12], [2, 30.4, 38.8, 1], [3, 1, 20, 4], [1, 7, 8, 5], [5, 30, 33, 2]]}'), q('{"groups": [{"covariates": {"a": "b"}, "patterns": [[0, 0, 38.8, 12], [3, 1, 20, 4]]}, {"covariates": {"a": "c"}, "patterns": [[2, 30.4, 38.8, 1], [5, 30, 33, 2]]}]}') ],
		[ q('{"patterns": []}'), q('{"patterns": [[1, 1, 1, 1], [1, 1, 1, 1], [1000000, 10000000, 10000000, 1000000000000000]]}'), q('{"unit": "year", "from": "2024-01-01", "as_of": "2024-01-01", "patterns": [[0, 0, 0, 3]]}'),
			q('{"patterns": [[0, 0, 1e-12, 1e-12]]}'), q('{"groups": [{"covariates": {"a": 1e100}, "patterns": [[1000000, 1e9, 1e9, 1000000000000000]]}, {"covariates": {"a": -1e100}, "patterns": [[0, 0, 0, 1]]}]}') ] ],
	clv_recurring => [ [ "'{2023-01-05: free, 2023-01-18: 59.46 (2) -10, 2023-09-09: 250/3, 2024-02-01: 0}'", "'{2024-01-01: 10}'", '(SELECT recurring FROM huge)' ],
		[ "'{}'", "'{2024-01-01: -5}'", "'{4714-11-24 BC: 1, 5874897-12-31: 0}'", "'{2024-01-01: 1 (4294967295) free (4294967295)}'", "'{2024-01-01: 9999999999999999999999999999999999999 -0.000000000000000000000000000001}'", "'{2024-01-01: 1/999999999}'" ] ],
	clv_rfm => [ [ "'(2024-01-01,3,50)'" ], [ "'(,,)'", "'(infinity,-1,NaN)'", "'(-infinity,9223372036854775807,Infinity)'", "'(2024-01-01,,5)'" ] ],
	regclass => [ ["'shop.orders'"], [ "'shop.histories'", "'shop.plain_view'", "'shop.an_index'", "'shop.a_sequence'", "'shop.nothing'", "'shop.parted'", "'pg_class'", 0, "'4294967295'", "'1'", "'shop.composite'" ] ],
	regtype => [ [ "'numeric'", "'text'" ], [ 0, "'4294967295'", "'record'", "'anyelement'" ] ],
	jsonb => [ [ q('{"a": "b"}'), q('{"model": "sbg", "parameters": {"alpha": 0.7, "beta": 1.2}}') ], [ "'null'", "'[]'", "'{}'", "'1e400'", q('{"": ""}'), q('{"a": {"b": [null]}}') ] ],
	cstring => [ ["'{}'"], [ "''", "'{'", "'NaN'", "'{2024-01-01: 1e400}'" ] ],
	bytea => [ ["'\\x01'"], ["''"] ],
);
$values{'"char"'} = [ ["'a'"], ["''"] ];
# of arguments of these names
my %named = (
	unit => [ "'day'", "'week'", "'month'", "'YEAR'" ],
	period => [ "'month'", "'week'", "'quarter'", "'year'", "'day'" ],
	model => [ "'mbgnbd'", "'bgnbd'", "'paretonbd'", "'mbgcnbd'", "'bgcnbd-2'", "'none'" ],
	covariates => [ q('{"a": "b"}'), q('{"a": "c"}'), q('{"a": 1}') ], 'purchase_covariates[]' => [ 'NULL', "'{a}'", "'{}'" ], 'dropout_covariates[]' => [ 'NULL', "'{a}'", "'{}'" ], 'odds_covariates[]' => [ "'{}'", 'NULL', "'{a}'" ],
	regularity => [ "1", "2", "100", "0" ],
	method => [ "'customers'", "'value'", "'quantile'", "'rank'" ],
	measure => [ "'customers'", "'value'", "'orders'", "'value_per_customer'", "'days'", "'own'" ],
	kind => [ "'classic'", "'full'", "'rolling'", "'month'", "'weekday'" ],
	base => [ "'cohort'", "'previous'" ],
	subscriptions => [ "'shop.orders'", "'shop.orders'", "'shop.paid'" ], starts_on => [ "'ordered_at'", "'recurring'" ], ends_on => [ "'ended_at'", 'NULL' ], billing_interval => [ "'billed'", 'NULL' ], subscription => [ 'NULL', "'channel'" ], changes => [ "'net'", "'all'" ],
	brackets => [ "'0,1,2-3'", "'1-3,4-6'" ],
	week_start => [ "'monday'", "'sunday'" ],
	time_zone => [ "'Europe/Berlin'", 'NULL', 'NULL' ],
	rules => [ "'classic11'", "'111-555=all'" ],
	rfm_rules => ["'classic11'"],
	stage_measure => ["'days'"],
	security => [ "'invoker'", "'owner'" ],
	bins => [ 5, 3, 9 ],
	rfm_bins => [ 5, 3 ],
	discount => [ 0.1, 0 ],
	margin => [ 0.4, 1 ],
	tier_thresholds => ["'{0.2, 0.5}'"],
	season => [ "'auto'", "'none'", q('{"weights": [0.8, 0.8, 0.9, 1, 1, 1, 0.9, 0.9, 1, 1, 1.3, 1.4]}') ],
	rfm_thresholds => [ q('{"days_since_last": [30, 90, 180, 365], "orders": [1, 2, 4, 9], "value": [50, 200, 500, 1000]}'), 'NULL', 'NULL' ],
	(map { $_ => ["'$_'"] } qw(customer ordered_at amount order_id channel leads score)),
	product => ["'product'"], history => ["'history'"],
	group_by => [ "'channel'", 'NULL' ],
	'group_by[]' => [ 'NULL', "'{channel}'", "'{channel,currency}'" ],
	customers_key => [ "'customer'", 'NULL' ],
	spend => ["'shop.spend'"], items => ["'shop.items'"], histories => ["'shop.histories'"], feedback => ["'shop.feedback'"], customers => ["'shop.customers'"],
	spend_channel => ["'channel'"], spend_at => ["'spent_on'"], spend_amount => ["'spent'"],
	feedback_customer => ["'customer'"], feedback_at => ["'answered_at'"], feedback_score => ["'score'"],
	items_customer => ["'customer'"], items_at => ["'ordered_at'"], items_product => ["'product'"], items_amount => ["'amount'"], items_order_id => [ "'order_id'", 'NULL' ],
	currency_column => [ "'currency'", 'NULL' ],
	quantity => [ "'pieces'", 'NULL' ], cost => [ "'cost'", 'NULL' ], decimals => [ 2, 0, 30 ], 'stage_thresholds[]' => [ "'{1,2,4}'", 'NULL' ],
	status => ["'state'"], 'status_values[]' => [ "'{paid}'", "'{paid,sent}'" ], refunded => [ "'given_back'", 'NULL' ], refunds => ["'shop.refunds'"], refunds_order_id => ["'order_id'"], refunds_at => ["'returned_at'"], refunds_amount => ["'amount'"],
	refunded_orders => [ "'count'", "'leave out'" ], zero => [ "'order'", "'ignore'" ], today => [ "'today'", "'last order'" ],
	same_customer => ["'shop.merged'"], same_customer_old => ["'old_key'"], same_customer_new => ["'new_key'"],
	(map { $_->[0] => [ "'$_->[1]'" ] } [ subscriptions => 'shop.orders' ], [ subscriptions_customer => 'customer' ], [ subscriptions_amount => 'cost' ], [ subscriptions_interval => 'billed' ], [ subscriptions_starts_on => 'ordered_at' ],
		[ subscriptions_ends_on => 'ended_at' ], [ subscriptions_plan => 'state' ]),
	upkeep => [ "'live'", "'live'", "'refresh'", "'none'" ], 'value_thresholds[]' => ["'{100,500.5}'"], consumer => [ "'shop'", "'crm'" ],
	schema => [ "'attacked'", "'attacked too'" ], view_schema => [ "'attacked'", "'attacked too'" ],
);

# of an argument of clv_create_views: the one without which it is refused
my %needs = (
	customers_key => 'customers', status_values => 'status', refunded_orders => 'order_id', refunds => 'order_id',
	(map { $_ => 'spend' } qw(spend_channel spend_at spend_amount leads)), spend => 'channel', customers => 'channel',
	map { my $of = $_; map { ("${of}_$_" => $of) } qw(customer at score product amount order_id old new interval starts_on ends_on plan) } qw(feedback items refunds same_customer subscriptions));

my $node = server('edges', q{
max_parallel_workers_per_gather = 2
min_parallel_table_scan_size = 0
parallel_setup_cost = 0
parallel_tuple_cost = 0
log_min_messages = warning
log_min_error_statement = panic
temp_file_limit = '200MB'
});
make_shop($node, shop_names(), 40);
$node->safe_psql('postgres', q{
	CREATE ROLE attacker LOGIN;
	GRANT CREATE ON DATABASE postgres TO attacker;
	CREATE SCHEMA own AUTHORIZATION attacker;
	SET search_path = shop, tools;
	ALTER TABLE orders ADD cost numeric DEFAULT 1.5, ADD pieces int DEFAULT 1, ADD state text DEFAULT 'paid', ADD given_back numeric, ADD billed interval DEFAULT '1 month', ADD ended_at timestamp;
	UPDATE orders SET state = 'sent', given_back = amount / 2 WHERE order_id % 7 = 0 AND amount > 0;
	UPDATE orders SET ended_at = ordered_at + interval '40 days' WHERE order_id % 3 > 0;
	CREATE TABLE paid AS SELECT customer, clv_recurring(amount, billed, ordered_at, ended_at) AS recurring FROM orders GROUP BY customer;
	CREATE TABLE refunds AS SELECT order_id, ordered_at + interval '3 days' AS returned_at, amount FROM orders WHERE order_id % 11 = 0 AND amount > 0;
	CREATE TABLE merged AS SELECT customer AS old_key, customer + 1 AS new_key FROM customers WHERE customer % 10 = 0;
	CREATE VIEW plain_view AS SELECT * FROM orders;
	CREATE INDEX an_index ON orders (customer);
	CREATE SEQUENCE a_sequence;
	CREATE TABLE nothing (LIKE orders);
	CREATE TABLE parted (LIKE orders) PARTITION BY LIST (channel);
	CREATE TYPE composite AS (customer int);
	CREATE TABLE huge AS SELECT clv_history(x % 100 + 1, date '0001-01-01' + x) AS history,
			(SELECT clv_fit(clv_sample(history, '2024-06-30', 'week'), 'mbgnbd') FROM histories) AS fitted, (SELECT clv_sample(history, '2024-06-30', 'week') FROM histories) AS sample,
			clv_recurring(x % 100 + 1, '1 year', date '0001-01-01' + x, date '0001-01-01' + x + x % 50 + 1) AS recurring
		FROM generate_series(1, 20000) AS x;
	GRANT USAGE ON SCHEMA shop TO attacker;
	GRANT SELECT, TRIGGER ON ALL TABLES IN SCHEMA shop TO attacker;
	ALTER ROLE attacker SET search_path = tools, shop, pg_catalog;
});
my $debug = $node->safe_psql('postgres', q{SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')});

# name, kind, number of arguments with a default, whether it is variadic, names of arguments, their types, whether it
# returns a set, and numbers
my @members = map { [ split /\|/, $_, -1 ] } split /\n/, $node->safe_psql('postgres', q{
	SELECT p.oid::regproc, p.prokind, p.pronargdefaults, p.provariadic <> 0, array_to_string(p.proargnames[:p.pronargs], ',', ''),
		(SELECT string_agg(format_type(t, NULL), ',' ORDER BY n) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (t, n)), p.proretset,
		EXISTS (SELECT FROM unnest(p.prorettype || p.proallargtypes) AS t JOIN pg_type AS y ON y.oid = t
			WHERE t::regtype::text ~ '^(numeric|double precision|real)' OR y.typtype = 'c' OR t IN ('anyelement'::regtype, 'anyarray'::regtype))
	FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
	WHERE e.extname = 'clv' AND 'internal'::regtype <> ALL (p.proargtypes::oid[]) AND p.prorettype <> 'internal'::regtype
		-- views are there until all else was called
		ORDER BY p.proname = 'clv_drop_views', p.proname, p.oid::regprocedure::text});
cmp_ok(scalar @members, '>', 250, 'members that can be called');

srand($seed);
my $element;    # what polymorphic arguments are in this call

# an argument, as SQL: an ordinary value, an odd one, or NULL
sub argument
{
	my ($type, $name, $is_odd) = @_;
	$type = any_of('numeric', 'integer', 'date') if $type eq '"any"';
	$type = $element if $type eq 'anyelement';
	$type = "${element}[]" if $type eq 'anyarray';
	return "NULL::$type" if $is_odd && rand() < 0.2;
	$type =~ s/^(?:tools|shop)\.//;
	if ($type =~ /^(.*)\[\]$/)
	{
		my $of = $1;
		my $lists = $named{"${name}[]"} || $named{$name};
		return any_of(@$lists) . "::$type" if !$is_odd && $lists && "@$lists" =~ /'\{/;
		return any_of("'{}'::$type", "ARRAY[NULL]::$type", "ARRAY[[" . argument($of, '', 0) . ', ' . argument($of, '', 0) . "]]::$type", "array_fill(" . argument($of, '', 0) . ", '{1000}')::$type",
			"'[-5:-4]={" . ($of =~ /date|time/ ? '2024-01-01,2024-01-02' : $of eq 'boolean' ? 'true,false' : '1,2') . "}'::$type") if $is_odd && $of !~ /clv/;
		return 'ARRAY[' . join(', ', map { argument($of, '', 0) } 1 .. 1 + int rand 4) . "]::$type";
	}
	my $values = $values{$type};
	if (!$values)
	{
		# composite types of ours, and what is new
		return "NULL::$type";
	}
	# what is meant by the name of an argument, if it is of such a type
	my $is_word = $type =~ /^(?:text|name|regclass)$/;
	my $meant = $named{$name};
	undef $meant unless $meant && $type =~ /^(?:text|name|regclass|integer|numeric|double precision)$/ && !!$is_word == !!($meant->[0] =~ /^'/);
	my @from = $is_odd ? (@{ $values->[1] }, @{ $values->[0] }) : @{ $meant || $values->[0] };
	return any_of(@from) . "::$type";
}

# odd values of arguments of a member that are still to come: each once, before any comes again
my %left;
sub next_odd
{
	my ($key, @types) = @_;
	my $left = $left{$key} //= [];
	if (!@$left)
	{
		for my $n (0 .. $#types)
		{
			push @$left, map { [ rand, $n, $_ . "::$types[$n]" ] } 'NULL', @{ ($values{ $types[$n] =~ s/^(?:tools|shop)\.//r } || [ [], [] ])->[1] } if $types[$n] !~ /^any|"any"/;
		}
		@$left = sort { $a->[0] <=> $b->[0] } @$left;
	}
	my $next = shift @$left || [ 0, 0, '' ];
	return @$next[ 1, 2 ];
}

my $n = 0;
my @texts;

# an odd number of a result shows; not where a value comes back that was passed
sub call
{
	my ($name, $kind, $defaults, $is_variadic, $names, $types, $is_set, $has_numbers) = @_;
	my @names = split /,/, $names;
	my @types = split /,/, $types;
	$element = any_of('integer', 'numeric', 'double precision', 'text', 'date', 'interval', 'clv_history', 'boolean');
	my $given = @types;
	# of so many arguments one that is odd is nearly always an error
	my $is_usual = @types > 30 && rand() < 0.6;
	$given -= int rand($defaults + 1) if rand() < 0.5 && !$is_usual;
	my ($one, $value) = $is_usual ? (0, '') : next_odd("$name $types", @types);
	$given = @types if $value ne '' && $one >= $given;
	my $odd = $is_usual ? 0 : any_of(0, 0, 0, 1, scalar @types);
	my %odd;
	while (keys %odd < $odd && keys %odd < $given) { $odd{ int rand $given } = 1 }
	my @arguments = map { argument($types[$_], $names[$_] // '', $odd{$_}) } 0 .. $given - 1;
	$arguments[$one] = $value and $odd{$one} = 1 if $value ne '';
	$arguments[-1] = 'VARIADIC ' . $arguments[-1] if $is_variadic eq 't' && $given == @types;
	# what takes long is not for each time
	$arguments[0] = any_of(0, 1, 7) . '::integer' if $name =~ /clv_simulate(?:_subscriptions)?$/ && rand() < 0.8;
	my $echoes = $name =~ /clv_(?:first|thresholds|internal_thresholds_numeric|internal_view_round|internal_view_money|internal_view_pad|internal_view_fit\w*)$/ || "@types" =~ /"any"/;
	my $shown = $echoes || $has_numbers eq 'f' ? 'false' : q{r::text ~ '\m(NaN|-?Infinity)\M'};
	my $set = '';
	if ($kind eq 'f')
	{
		my $list = join ', ', @arguments;
		my @named = grep { $_ < @types - $defaults || $odd{$_} || rand() < 0.3 } 0 .. $given - 1;
		if ($is_usual)
		{
			my %is_named = map { $names[$_] => 1 } @named;
			$is_named{upkeep} = 1;
			my ($is_live) = map { $arguments[$_] =~ /live/ } grep { $names[$_] eq 'upkeep' } 0 .. $#types;
			$is_named{status_values} = 1 if $is_named{status};
			delete $is_named{$_} for qw(buying_model spend_model), $is_named{margin} ? 'cost' : (), $is_named{refunds} ? 'refunded' : (), $is_live ? () : 'value_thresholds';
			for (1, 2) { $needs{$_} && !$is_named{ $needs{$_} } and delete $is_named{$_} for keys %is_named }
			@named = grep { $is_named{ $names[$_] } } 0 .. $#types;
		}
		$list = join ', ', map { "$names[$_] => $arguments[$_]" } @named if $defaults > 3;
		my $call = "$name($list)";
		# a table that functions are planned for, as views do
		return $is_set eq 't'
		  ? "SELECT 'odd result', r FROM $call AS r WHERE $shown"
		  : "SELECT 'odd result', r FROM (SELECT $call AS r) AS s WHERE $shown";
	}
	# rows of values, ordinary but for those
	my @rows = map {
		my $row = $_;
		'(' . join(', ', $row, map { $row == 1 && $_ == $one && $value ne '' ? $value : argument($types[$_], $names[$_] // '', rand() < 0.1) } 0 .. $#types) . ')'
	} 1 .. any_of(0, 1, 2, 5) || 1;
	# what must be the same in all rows, in most calls
	my @columns = map {
		     $types[$_] =~ /text|interval|\[\]|anyarray/ && $types[$_] ne 'anyelement'
		  || ($names[$_] // '') =~ /^(as_of|until|bins|periods|horizon|level|scale_max)$/
		  || $odd{$_} && rand() < 0.5 ? $arguments[$_] // argument($types[$_], $names[$_] // '', 0) : 'v.a' . $_
	} 0 .. $given - 1;
	s/^(?:VARIADIC )?/VARIADIC / for $is_variadic eq 't' ? $columns[-1] : ();
	my $from = '(VALUES ' . join(', ', @rows) . ') AS v (n' . join('', map { ", a$_" } 0 .. $#types) . ')';
	my $call = "$name(" . join(', ', @columns) . ')';
	my $how = $kind eq 'w' ? any_of(1, 2, 3) : any_of(0 .. 6);
	my $frame = any_of('ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING', 'ROWS 2 PRECEDING', 'GROUPS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING', 'ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW', '');
	return "SELECT 'odd result', r FROM (SELECT $call OVER (ORDER BY n $frame) AS r FROM $from) AS s WHERE $shown" if $how == 1;
	return "SELECT 'odd result', r FROM (SELECT $call OVER () AS r FROM $from) AS s WHERE $shown" if $how == 2;
	return "SELECT 'odd result', r FROM (SELECT $call OVER (PARTITION BY n % 2 ORDER BY n DESC) AS r FROM $from) AS s WHERE $shown" if $how == 3;
	return "SELECT 'odd result', r FROM (SELECT $call AS r FROM $from GROUP BY GROUPING SETS ((), (n), (n % 2), CUBE (n % 3, n % 2))) AS s WHERE $shown" if $how == 4;
	return "SELECT 'odd result', r FROM (SELECT $call FILTER (WHERE n <> 1) AS r FROM $from WHERE n < 4) AS s WHERE $shown" if $how == 5;
	# by workers: the rows have to be in a table
	if ($how == 6 && $call !~ /v\.a\d+.*SELECT/ && $types !~ /cstring|"any"/)
	{
		return "BEGIN; CREATE TABLE own.rows AS SELECT v.* FROM $from, generate_series(1, 50); SELECT 'odd result', r FROM (SELECT $call AS r FROM own.rows AS v GROUP BY n % 2) AS s WHERE $shown; ROLLBACK";
	}
	return "SELECT 'odd result', r FROM (SELECT $call AS r FROM $from) AS s WHERE $shown";
}

my (@lost, @slow, @odd, %states);
my %reached;
my %refused;
for my $debugging (0, 1)
{
	my $sql = "SET client_min_messages = error;\n\\set VERBOSITY sqlstate\nSET statement_timeout = '${timeout}s';\n\\timing on\n" . ($debugging ? "SET $debug = on;\n" : '');
	my $from = $n + 1;
	for my $member (@members)
	{
		my ($name) = @$member;
		# each makes or drops dozens of views; most that would make them are refused, since arguments don't go together
		my $few = $name =~ /create_views$/ ? 2 * $calls : $name =~ /_views$/ ? ($calls + 4) / 5 : $calls;
		$few = ($few + 3) / 4 if $debugging;
		for (1 .. $few)
		{
			my $text = call(@$member);
			$texts[ ++$n ] = $text;
			my $more = $name =~ /_views$/ ? $making : 0;
			$sql .= "\\echo :$n\n\\warn :$n\n" . ($more ? "SET statement_timeout = '${more}s';\n" : '') . "$text;\n" . ($more ? "SET statement_timeout = '${timeout}s';\n" : '');
		}
	}
	my ($printed, $warned, $status) = run_calls($sql);
	push @lost, $status if $status != 0;
	my $at = 0;
	for (split /\n/, $printed)
	{
		if (/^:(\d+)$/) { $at = $1 }
		elsif (/^Time: ([\d.]+) ms/) { push @slow, "$1 ms: $texts[$at]" if $1 > 1000 * $hang; $reached{$at} = 1 }
		elsif (/^odd result/) { push @odd, "$_\n  of $texts[$at]" }
	}
	for (split /\n/, $warned)
	{
		if (/^:(\d+)$/) { $at = $1 }
		elsif (/ERROR: +(\S{5})$/) { $refused{$at} = 1; $states{$1}++; push @{ $states{"$1 of"} }, $texts[$at] }
	}
}

sub run_calls
{
	my ($sql) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir();
	open my $file, '>:raw', "$dir/calls.sql" or die $!;
	print $file $sql;
	close $file or die $!;
	system("psql -XAtq -U attacker -d '" . $node->connstr('postgres') . "' -f $dir/calls.sql >$dir/printed 2>$dir/warned");
	my $status = $? >> 8;
	return (PostgreSQL::Test::Utils::slurp_file("$dir/printed"), PostgreSQL::Test::Utils::slurp_file("$dir/warned"), $status);
}

is("@lost", '', 'no session was lost');
is(join("\n", @slow), '', "no call goes on for $hang seconds with a statement_timeout of $timeout");
is(join("\n", @odd[ 0 .. ($#odd < 9 ? $#odd : 9) ]), '', 'no result is NaN or infinite');
my @internal = map { @{ $states{$_} } } grep { /^XX... of/ } keys %states;
is(join("\n", @internal[ 0 .. ($#internal < 9 ? $#internal : 9) ]), '', 'no call ends in an internal error');
# else it is the calls that are wrong: syntax, no such function
my $wrong = 0;
$wrong += $states{$_} // 0 for '42601', '42883', '42P18';
cmp_ok($wrong, '<', $n / 5, "few of $n calls are not even tried");
my @live = grep { $texts[$_] =~ /clv_create_views.*'live'/ && !$refused{$_} } 1 .. $n;
cmp_ok(scalar @live, '>', 0, 'live views were made');
my $failed = 0;
$failed += $states{$_} for grep { length == 5 } keys %states;
cmp_ok($failed, '<', $n * 0.8, 'many calls succeed');
note "$n calls: ", join ', ', map { "$states{$_} $_" } sort { $states{$b} <=> $states{$a} } grep { length == 5 } keys %states;
if ($ENV{CLV_ATTACK_SHOW}) { diag join "\n", map { substr $_, 0, 500 } @{ $states{"$ENV{CLV_ATTACK_SHOW} of"} || [] } }
is_unharmed($node);
$node->stop('immediate');
done_testing();
