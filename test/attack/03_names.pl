# Schemas, tables and columns with hostile names, in every argument that takes a name: the same figures as with plain ones.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::RealBin;
use Attack;
use Encode qw(encode_utf8);
use Test::More;

my @hostile = (
	q{"; DROP TABLE x; --}, q{a"b}, q{a'b}, '$function$', q{%s %I %1$s}, '{clv}', '{?spend', '{!spend', '?}', q{E'\''}, q{\\}, q{'; SELECT pg_sleep(100); --},
	q{/*}, q{)::text}, "new\nline", 'UPPER', ' blank ', ('名' x 20) . 'abc', '$1', ':spend', '" OR "1"="1', '[1]', '.', "\x{202e}");
my @reserved = qw(select table user order group where case end null true all any both limit offset window union when from desc grant with having);

# in each shop all that has a name has another of these; as many times as there are of them, each had every one
srand($seed);
my %order = map { $_ => rand } 0 .. $#hostile;
my @turns = sort { $order{$a} <=> $order{$b} } keys %order;
my %shops;
for my $turn (grep { defined } @turns[ 0 .. int(6 * $factor) - 1 ])
{
	$shops{"hostile names, turned by $turn"} = shop_names(map { encode_utf8($hostile[ ($_ + $turn) % @hostile ]) } 0 .. 22);
}
$shops{'reserved words'} = shop_names(@reserved);
# what views call their own columns, and queries of ours their parts
$shops{'names of ours'} = shop_names('clv_shop', qw(customers customer day amount value history as_of cohort spend_channel period h o v c t r label id clv at s span));

my $node = server('names');
$node->safe_psql('postgres', 'ALTER ROLE CURRENT_USER SET search_path = tools, pg_catalog; CREATE TABLE public.x (); ALTER ROLE CURRENT_USER SET statement_timeout = 60000');
my $plain = shop_names();
make_shop($node, $plain, 40);

# all columns that clv_create_views takes; a view for who reads them, and a table for the next call
sub create
{
	my ($names, $schema, $more) = @_;
	my %n = map { $_ => literal($names->{$_}) } keys %$names;
	my %t = map { $_ => literal(ident($names->{shop}) . '.' . ident($names->{$_})) } qw(orders spend feedback items customers terms);
	return 'clv_create_views(' . literal($schema) . ", $t{orders}, $n{customer}, $n{ordered_at}, $n{amount}, order_id => $n{order_id}, currency_column => $n{currency}, margin => 0.4,
		channel => $n{region}, customers => $t{customers}, customers_key => $n{customer}, spend => $t{spend}, spend_channel => $n{channel}, spend_at => $n{spent_on}, spend_amount => $n{spent},
		leads => $n{leads}, feedback => $t{feedback}, feedback_customer => $n{customer}, feedback_at => $n{answered_at}, feedback_score => $n{score}, items => $t{items}, items_customer => $n{customer},
		items_at => $n{ordered_at}, items_product => $n{product}, items_amount => $n{amount}, items_order_id => $n{order_id}, currency => " . literal(q({clv} '\\'%s$1)) . ", model => 'none',
		subscriptions => $t{terms}, subscriptions_customer => $n{customer}, subscriptions_amount => $n{amount}, subscriptions_interval => $n{leads}, subscriptions_starts_on => $n{ordered_at}, subscriptions_ends_on => $n{ended_at},
		subscriptions_plan => $n{channel}, same_customer => $t{customers}, same_customer_old => $n{customer}, same_customer_new => $n{customer}, refunded_orders => 'leave out', $more)";
}

sub digest { my ($from) = @_; return "SELECT md5(string_agg(r::text, E'\\n' ORDER BY r::text)), count(*) > 0 FROM $from AS r" }

# all that comes out of a shop, as pairs of what and what it is
sub figures
{
	my ($names, $settings, $more) = @_;
	my %calls = table_calls($names);
	my $schema = $names->{history};
	my $made = ident($schema);
	my $sql = "\\set VERBOSITY terse\nSET client_encoding = 'UTF8'; SET client_min_messages = error; $settings;\n";
	$sql .= "\\echo $_\n" . digest($calls{$_}) . ";\n" for sort keys %calls;
	# twice: what is there is found by its names again
	$sql .= "\\echo made\nSELECT count(*) FROM " . create($names, $schema, $more) . ";\n" for 1, 2;
	$sql .= "\\echo refitted\nSELECT model FROM clv_refit_views(" . literal($schema) . ");\n";
	$sql .= "\\echo refreshed\nSELECT count(*) FROM clv_refresh_views(" . literal($schema) . ");\n" if $more =~ /upkeep/;
	$sql .= "\\echo $_\n" . digest("$made.${_}('2024-06-30')") . ";\n"
	  for qw(customers_as_of segments_as_of retention_as_of cohorts_as_of channels_as_of products_as_of warnings_as_of lifecycle_as_of kpis_as_of audit_as_of segment_moves_as_of tiers_as_of segment_history_as_of);
	# what depends on the day is too slow a question for each; that it can be read is not
	$sql .= "\\echo $_\nSELECT count(*) > 0 FROM $made.$_;\n" for qw(customers kpis retention);
	if ($more =~ /live/)
	{
		# an order that comes and goes, through triggers and the queue
		my %n = map { $_ => ident($names->{$_}) } keys %$names;
		my ($view_schema, $consumer, $orders) = (literal($schema), literal($names->{customer}), "$n{shop}.$n{orders}");
		my $columns = "$n{customer}, $n{ordered_at}, $n{amount}, $n{order_id}, $n{channel}, $n{currency}";
		my $worth = "SELECT sum(value), count(*) FROM $made.customers;\n";
		$sql .= "\\echo live\nINSERT INTO $orders ($columns) SELECT $n{customer}, $n{ordered_at}, 7777, -1, $n{channel}, $n{currency} FROM $orders WHERE $n{order_id} = 1 LIMIT 1;\n$worth"
		  . "SELECT count(*) FROM clv_refresh_views($view_schema);\n$worth"
		  . "SELECT count(*), clv_acknowledge_changes($view_schema, $consumer, max(id)) FROM clv_take_changes($view_schema, $consumer, 1000);\n"
		  . "DELETE FROM $orders WHERE $n{order_id} = -1;\n${worth}SELECT count(*) FROM clv_verify_views($view_schema, 1);\n";
	}
	$sql .= "\\echo dropped\nSELECT count(*) > 10 FROM clv_drop_views(" . literal($schema) . ");\n";
	my ($printed, $status, $errors) = psql_file($node, scalar getpwuid($<), $sql);
	return "$errors$printed";
}

# no function that takes a name is left out; those of ours are called by the views
my %calls = table_calls($plain);
my $called = join ',', sort(map { /^(\w+)/ } keys %calls), qw(clv_create_views clv_drop_views clv_refit_views clv_refresh_views clv_verify_views clv_take_changes clv_acknowledge_changes);
is($node->safe_psql('postgres', qq(SELECT string_agg(DISTINCT proname, ' ') FROM pg_proc JOIN pg_depend ON classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
	WHERE pronamespace = 'tools'::regnamespace AND 'name'::regtype = ANY (proargtypes::oid[]) AND proname NOT LIKE E'clv\\\\_internal\\\\_%' AND proname <> ALL ('{$called}'))),
	'', 'all functions that take names are called');

my %expected;
my %more = (ordinary => q{security => 'invoker'}, stored => q{security => 'owner', upkeep => 'refresh'}, live => q{security => 'owner', upkeep => 'live', value_thresholds => '{5000}'});
for my $how (sort keys %more)
{
	$expected{$how} = figures($plain, '', $more{$how});
	unlike($expected{$how}, qr/ERROR|\|f$/m, "plain names, $how");
	is(scalar(() = $expected{$how} =~ /\|t$/mg), 35, "$how: figures");
}
my $n = 0;
for my $shop (sort keys %shops)
{
	make_shop($node, $shops{$shop}, 40);
	my $how = (qw(live ordinary stored))[ $n % 3 ];
	my $settings = $n % 4 < 2 ? '' : 'SET standard_conforming_strings = off; SET escape_string_warning = off';
	$settings .= '; SET quote_all_identifiers = on' if $n % 5 == 0;
	$n++;
	is(figures($shops{$shop}, $settings, $more{$how}), $expected{$how}, "$shop, $how" . ($settings =~ /standard/ ? ', backslashes escape' : ''));
}

# roles: what they were granted is granted again when a view becomes a table
my @roles = map { encode_utf8($_) } @hostile[ grep { $hostile[$_] !~ /^pg_/ } 0 .. $#hostile ];
my ($create, $stored) = map { 'SELECT count(*) FROM ' . create($plain, 'granted', $_) . ';' } @more{qw(ordinary stored)};
$node->safe_psql('postgres', "SET client_encoding = 'UTF8'; $create" . join '', map { 'CREATE ROLE ' . ident($_) . '; GRANT SELECT ON granted.customers TO ' . ident($_) . ' WITH GRANT OPTION;' } @roles);
$node->safe_psql('postgres', "SET standard_conforming_strings = off; SET client_min_messages = error; $stored");
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_class, aclexplode(relacl) WHERE oid = 'granted.customers'::regclass AND is_grantable}), scalar @roles, 'roles of such names keep their grants');

is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_class WHERE oid = to_regclass('public.x')}), '1', 'nothing else was dropped');
is_unharmed($node);
$node->stop('immediate');
done_testing();
