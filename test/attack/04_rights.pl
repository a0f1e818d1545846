# Roles of few rights try everything: no row that they must not see, and no code that another has put in the way, run with
# the rights of who calls, or the other way around.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Attack;
use Test::More;

my $node = server('rights');
make_shop($node, shop_names(), 60);
$node->safe_psql('postgres', q{
	CREATE ROLE keeper; CREATE ROLE maker LOGIN; CREATE ROLE host LOGIN; CREATE ROLE north LOGIN; CREATE ROLE dashboard LOGIN; CREATE ROLE some_columns LOGIN;
	CREATE ROLE nobody LOGIN; CREATE ROLE member LOGIN; GRANT maker TO member;
	SET search_path = shop, tools;
	-- who a customer is, is in the name; as types that PostgreSQL converts before it compares
	CREATE TABLE sales AS SELECT (CASE customer % 2 WHEN 0 THEN 'north' ELSE 'south' END || customer)::varchar AS customer_id, ordered_at, amount, order_id,
		channel::varchar, 'EUR'::varchar AS currency FROM orders;
	CREATE TABLE contracts AS SELECT (CASE customer % 2 WHEN 0 THEN 'north' ELSE 'south' END || customer)::varchar AS customer_id, amount AS price, leads AS billing_interval, ordered_at AS starts_on, ended_at AS ends_on FROM terms;
	CREATE TABLE answers AS SELECT (CASE customer % 2 WHEN 0 THEN 'north' ELSE 'south' END || customer)::varchar AS customer_id, answered_at, score::smallint FROM feedback;
	CREATE TABLE lines AS SELECT (CASE customer % 2 WHEN 0 THEN 'north' ELSE 'south' END || customer)::varchar AS customer_id, ordered_at, amount, order_id, product::varchar FROM items;
	-- a product that only the south buys
	UPDATE lines SET product = 'southern ' || product WHERE customer_id LIKE 'south%';
	CREATE TABLE plain AS TABLE sales;
	CREATE TABLE kept AS SELECT customer_id, clv_history(amount, ordered_at) AS history FROM sales GROUP BY 1;
	ALTER SCHEMA shop OWNER TO keeper;
	ALTER TABLE sales OWNER TO keeper; ALTER TABLE answers OWNER TO keeper; ALTER TABLE lines OWNER TO keeper; ALTER TABLE contracts OWNER TO keeper; ALTER TABLE kept OWNER TO keeper;
	ALTER TABLE sales ENABLE ROW LEVEL SECURITY; ALTER TABLE answers ENABLE ROW LEVEL SECURITY; ALTER TABLE lines ENABLE ROW LEVEL SECURITY; ALTER TABLE contracts ENABLE ROW LEVEL SECURITY; ALTER TABLE kept ENABLE ROW LEVEL SECURITY;
	CREATE POLICY everything ON sales TO maker USING (true);
	CREATE POLICY everything ON answers TO maker USING (true);
	CREATE POLICY everything ON lines TO maker USING (true);
	CREATE POLICY everything ON contracts TO maker USING (true);
	CREATE POLICY mine ON sales TO north USING (customer_id LIKE 'north%');
	CREATE POLICY mine ON answers TO north USING (customer_id LIKE 'north%');
	CREATE POLICY mine ON lines TO north USING (customer_id LIKE 'north%');
	CREATE POLICY mine ON contracts TO north USING (customer_id LIKE 'north%');
	CREATE POLICY mine ON kept TO north USING (customer_id LIKE 'north%');
	GRANT USAGE ON SCHEMA shop TO maker, north;
	GRANT SELECT ON sales, answers, lines, spend, plain, contracts TO maker;
	GRANT SELECT ON sales, answers, lines, spend, kept, contracts TO north;
	GRANT CREATE ON DATABASE postgres TO maker, dashboard, host;

	SET client_min_messages = error;
	SET ROLE maker;
	SELECT clv_create_views('asked', 'shop.sales', order_id => 'order_id', channel => 'channel', spend => 'shop.spend', spend_at => 'spent_on', spend_amount => 'spent', leads => 'leads', margin => 0.4,
		feedback => 'shop.answers', feedback_at => 'answered_at', items => 'shop.lines', items_order_id => 'order_id', subscriptions => 'shop.contracts');
	SELECT clv_create_views('shown', 'shop.plain', channel => 'channel', spend => 'shop.spend', spend_at => 'spent_on', spend_amount => 'spent', margin => 0.4, security => 'owner');
	SELECT clv_create_views('stored', 'shop.plain', channel => 'channel', security => 'owner', upkeep => 'refresh');
	GRANT USAGE ON SCHEMA asked TO north;
	GRANT SELECT ON ALL TABLES IN SCHEMA asked TO north;
	GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA asked TO north;
	GRANT USAGE ON SCHEMA shown, stored TO dashboard, some_columns;
	GRANT SELECT ON ALL TABLES IN SCHEMA shown TO dashboard;
	GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA shown TO dashboard;
	GRANT SELECT (customer_id, segment) ON shown.customers TO some_columns;
	GRANT SELECT ON stored.segments TO some_columns;
	RESET ROLE;
});
# a schema that another owns now: views are made only in one's own, or in that of a role that may act as oneself
my $hosted = q{
	SET client_min_messages = error;
	DROP SCHEMA IF EXISTS hosted CASCADE;
	SET ROLE maker;
	SELECT count(*) FROM tools.clv_create_views('hosted', 'shop.plain', security => 'owner', upkeep => 'refresh');
	RESET ROLE;
	ALTER SCHEMA hosted OWNER TO host;
	GRANT CREATE, USAGE ON SCHEMA hosted TO maker;
};
$node->safe_psql('postgres', $hosted);

# what a role is told, rows and errors
sub told
{
	my ($role, $sql) = @_;
	my ($printed, undef, $errors) = psql_file($node, $role, "\\set VERBOSITY verbose\nSET search_path = tools, pg_catalog;\n$sql");
	return $printed . join '', $errors =~ /^psql:\S+ ((?:ERROR|WARNING|NOTICE): .*\n)/mg;
}
sub relations { my ($schema) = @_; return split /\n/, $node->safe_psql('postgres', "SELECT oid::regclass FROM pg_class WHERE relnamespace = '$schema'::regnamespace AND relkind IN ('v', 'r') ORDER BY 1") }
sub functions { my ($schema) = @_; return split /\n/, $node->safe_psql('postgres', "SELECT DISTINCT oid::regproc FROM pg_proc WHERE pronamespace = '$schema'::regnamespace ORDER BY 1") }

# all that can be asked of tables of orders by name
my $over = q{'shop.sales', 'customer_id', 'ordered_at', 'amount'};
my $kept = q{'shop.kept', 'customer_id', 'history'};
my $items = q{'shop.lines', 'customer_id', 'ordered_at', 'amount', 'product'};
my $model = q('{"model": "bgnbd", "unit": "week", "parameters": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}}');
my @over = ("clv_retention($over, group_by => 'customer_id')", "clv_customer_retention($over, group_by => 'customer_id')", "clv_revenue_retention($over, group_by => 'customer_id')",
	"clv_lifecycle_periods($over, group_by => 'customer_id')", "clv_channels('shop.sales', 'customer_id', 'ordered_at', 'amount', 'customer_id', 'shop.spend', 'channel', 'spent_on', 'spent', margin => 0.4)",
	"clv_payback_curve('shop.sales', 'customer_id', 'ordered_at', 'amount', 'customer_id', 'shop.spend', 'channel', 'spent_on', 'spent', margin => 0.4)", "clv_products($items)", "clv_first_products($items)", "clv_cross_sell($items)",
	"clv_backtest($over, calibration_end => '2023-12-31')", "clv_choose_model($over)", "clv_frequency_check($over, model => $model, as_of => '2024-06-30')", "clv_tracking($over, model => $model, as_of => '2024-06-30')",
	"clv_mrr_moves($over, as_of => '2024-06-30', billed_every => '1 month', group_by => 'customer_id')", "clv_warnings($over)", "clv_segment_moves($over, '2024-03-31', '2024-06-30')",
	"clv_warnings($kept, as_of => '2024-06-30')", "clv_segment_moves($kept, from_day => '2024-03-31', to_day => '2024-06-30')");

# --- rows

my $sql = '';
$sql .= "SELECT * FROM $_;\n" for relations('asked'), map { "$_('2024-06-30')" } grep { $_ !~ /segment_moves_as_of/ } functions('asked');
$sql .= "SELECT * FROM $_;\n" for @over;
# a function that shows what it is asked about, before any condition
$sql = q{CREATE FUNCTION pg_temp.peek(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE NOTICE 'peeked at %', $1; RETURN true; END $$;
} . $sql . join '', map { "SELECT count(*) FROM $_ AS v WHERE pg_temp.peek(v::text);\n" } relations('asked'), 'shop.sales', 'shop.kept';
my $north = told('north', $sql);
like($north, qr/\bnorth\d+/, 'whoever reads with their own rights sees their customers');
like($north, qr/peeked at .*north\d+/, 'and can look at each');
unlike($north, qr/south/, 'and not those of another');
unlike($north, qr/ERROR/, 'and all of it can be read');
# what is stored would show it; a policy forbids that
like(told('maker', q{SELECT clv_create_views('asked', 'shop.sales', upkeep => 'refresh')}), qr/ERROR: +55000/, 'rows that policies hide do not go into a table for all');

my @denied = map { "SELECT * FROM $_" } @over, relations('asked'), relations('shown'), relations('stored'), (map { "$_('2024-06-30')" } functions('shown'), functions('stored')),
	map { "clv_${_}_views('stored')" } qw(refit refresh drop);
push @denied, map { "SELECT clv_create_views('$_', 'shop.sales')" } qw(stored asked mine shop);
for my $role ('nobody')
{
	my $answer = told($role, join '', map { "$_;\n" } @denied);
	my @errors = $answer =~ /ERROR: +(\w+):/mg;
	is(scalar @errors, scalar @denied, "$role gets errors only");
	is(join(' ', grep { $_ ne '42501' } @errors), '', "$role is told that rights are missing");
	unlike($answer, qr/north|south/, "$role sees nobody");
}
like(told('dashboard', 'SELECT * FROM shown.customers'), qr/south\d/, 'who is shown the views by their owner sees all');
for my $try ('SELECT * FROM shop.plain', 'SELECT * FROM shop.sales', 'SELECT * FROM stored.histories', 'SELECT * FROM stored.customers', 'SELECT * FROM stored.kept_histories', 'DELETE FROM stored.kept_histories',
	q{SELECT clv_create_views('shown', 'shop.plain')}, q{SELECT clv_create_views('dashboards', 'shop.plain')}, q{SELECT clv_refit_views('shown')}, q{SELECT clv_drop_views('shown')}, q{SELECT clv_retention('shop.plain', 'customer_id', 'ordered_at')},
	q{SELECT clv_cross_sell('shown.customers', 'segment', 'ordered_at', 'value', 'customer_id'), 1 / 0 FROM shop.plain}, 'CREATE VIEW shown.mine AS SELECT 1', 'DROP VIEW shown.customers CASCADE', 'ALTER FUNCTION shown.customers_as_of SECURITY INVOKER')
{
	like(told('dashboard', $try), qr/\A(?:.*WARNING.*\n)?ERROR: +42501: .*\n\z/, "a dashboard may not: $try");
}
for my $try ('SELECT value FROM shown.customers', 'SELECT * FROM shown.customers', 'SELECT * FROM stored.customers', 'SELECT * FROM stored.histories', 'SELECT * FROM stored.kept_histories', 'SELECT * FROM stored.fresh_histories', q{SELECT * FROM stored.segments_as_of('2024-06-30')}, 'SELECT customers FROM shown.customers')
{
	like(told('some_columns', $try), qr/\AERROR: +42501: .*\n\z/, "who has a few columns may not: $try");
}
unlike(told('some_columns', 'SELECT customer_id, segment FROM shown.customers; SELECT * FROM stored.segments'), qr/ERROR/, 'and may read these');
# members of the role that owns: by SET ROLE only
for my $try (q{SELECT clv_refresh_views('stored')}, q{SELECT clv_refit_views('stored')}, q{SELECT clv_create_views('stored', 'shop.plain')})
{
	like(told($_, $try), qr/\AERROR: +42501: .*\n\z/, "$_ may not: $try") for 'member', scalar getpwuid $<;
	unlike(told('member', "BEGIN; SET client_min_messages = error; SET ROLE maker; $try; ROLLBACK"), qr/ERROR/, "but as the owner: $try");
}

# --- code

# nothing of ours has the rights of another, or claims to tell nothing
is($node->safe_psql('postgres', q{SELECT string_agg(oid::regprocedure::text, ' ') FROM pg_proc WHERE pronamespace = 'tools'::regnamespace AND (prosecdef OR proleakproof)}), '', 'no function of the extension runs as its owner, or is leakproof');

# a schema of traps: all operators, and functions of text, that PostgreSQL has not for just these types but by a conversion.
# Its own would be better in all other places.
sub set_traps
{
	my ($role, $schema) = @_;
	return psql_file($node, $role, qq{
	SET client_min_messages = error;
	CREATE SCHEMA IF NOT EXISTS $schema;
	GRANT USAGE ON SCHEMA $schema TO PUBLIC;
	SET search_path = pg_catalog;
	DO \$do\$
	DECLARE
		types text[] := '{smallint,integer,bigint,numeric,real,"double precision",text,varchar,name,date,timestamp,timestamptz,interval,boolean,"smallint[]","integer[]","numeric[]","text[]"}';
		l text; r text; o text; f record; n int := 0;
	BEGIN
		FOREACH l IN ARRAY types LOOP FOREACH r IN ARRAY types LOOP
			n := n + 1;
			EXECUTE format(\$f\$CREATE FUNCTION $schema.snap_%s(%s, %s) RETURNS boolean LANGUAGE plpgsql COST 0.001 AS 'BEGIN RAISE WARNING ''snapped as %% by an operator'', current_user; RETURN true; END'\$f\$, n, l, r);
			FOREACH o IN ARRAY '{=,<>,<,<=,>,>=,+,-,*,/,||,%,~~,~,^@}'::text[] LOOP
				EXECUTE format('CREATE OPERATOR $schema.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = $schema.snap_%s)', o, l, r, n);
			END LOOP;
		END LOOP; END LOOP;
		FOR f IN SELECT DISTINCT proname, replace(pg_get_function_identity_arguments(p.oid), 'text', other) AS arguments FROM pg_proc AS p, unnest('{varchar,name}'::text[]) AS other
			WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND pronargs > 0 AND pg_get_function_identity_arguments(p.oid) ~ '\\mtext\\M' AND 'internal'::regtype <> ALL (proargtypes::oid[]) AND pg_get_function_identity_arguments(p.oid) !~ 'OUT|VARIADIC'
			UNION SELECT v.f, v.a FROM (VALUES ('count', 'varchar'), ('sum', 'varchar'), ('date', 'timestamptz'), ('date_trunc', 'text, date'), ('round', 'integer'), ('round', 'bigint'), ('abs', 'date'), ('greatest_of', 'date, date'), ('make_interval', 'bigint'),
				('age', 'date'), ('extract', 'text, time'), ('length', 'varchar'), ('floor', 'integer'), ('power', 'integer, integer'), ('coalesce', 'varchar, varchar'), ('format', 'text, name'), ('format', 'text, varchar'), ('concat_ws', 'text, text, text'), ('to_char', 'date, text'),
				('generate_series', 'date, date, interval'), ('min', 'varchar'), ('max', 'varchar'), ('array_agg', 'varchar'), ('unnest', 'name[]'), ('cardinality', 'numeric[]'), ('isfinite', 'varchar')) AS v (f, a)
		LOOP
			BEGIN
				EXECUTE format(\$f\$CREATE FUNCTION $schema.%I(%s) RETURNS text LANGUAGE plpgsql COST 0.001 AS 'BEGIN RAISE WARNING ''snapped as %% by a function'', current_user; RETURN NULL; END'\$f\$, f.proname, f.arguments);
			EXCEPTION WHEN OTHERS THEN NULL;
			END;
		END LOOP;
		-- casts of types that are not theirs they may not make; tables and types of the names that we use they may
		FOR f IN SELECT unnest('{orders,customers,histories,settings,model,pg_class,pg_proc,pg_extension,pg_namespace,clv_history,clv_model,date,numeric}'::text[]) AS n LOOP
			EXECUTE format('CREATE VIEW $schema.%I AS SELECT $schema.snap_1(1::smallint, 1::smallint) AS snapped', f.n);
		END LOOP;
	END
	\$do\$;
	SELECT count(*) FROM pg_operator WHERE oprnamespace = '$schema'::regnamespace;
	SELECT count(*) FROM pg_proc WHERE pronamespace = '$schema'::regnamespace;
	});
}
my ($set, undef, $errors) = set_traps('host', 'traps');
like($set, qr/\A4860\n1\d\d\d\n\z/, 'traps are set') or diag $errors;
like(told('host', q{SET search_path = traps, pg_catalog; SELECT 'a'::varchar = 'a'::varchar, lower('A'::varchar), 1::bigint * 1.0}), qr/snapped as host by an operator.*\n.*snapped as host by a function/, 'and snap');
$node->safe_psql('postgres', 'GRANT SELECT ON shop.plain, shop.sales, shop.lines, shop.kept, shop.answers TO maker; CREATE POLICY everything ON shop.kept TO maker USING (true)');
my $trapped = "SET search_path = traps, tools, pg_catalog, public;\n";
my %victims = (
	'calls over a table' => join('', map { "SELECT count(*) FROM tools.$_;\n" } @over),
	'what makes views' => q{SELECT count(*) FROM tools.clv_create_views('trapped', 'shop.sales', order_id => 'order_id', channel => 'channel', spend => 'shop.spend', spend_at => 'spent_on', spend_amount => 'spent', leads => 'leads', margin => 0.4,
		feedback => 'shop.answers', feedback_at => 'answered_at', items => 'shop.lines', items_order_id => 'order_id', subscriptions => 'shop.contracts', security => 'owner');
		SELECT count(*) FROM tools.clv_refit_views('trapped');
		SELECT count(*) FROM tools.clv_create_views('trapped', 'shop.sales', channel => 'channel', security => 'owner', upkeep => 'refresh');
		SELECT count(*) FROM tools.clv_refresh_views('trapped');
		SELECT count(*) FROM tools.clv_drop_views('trapped');},
	'views, and functions of theirs' => join('', map { "SELECT count(*) FROM $_;\n" } (map { relations($_) } 'asked', 'shown', 'stored'), map { "$_('2024-06-30')" } grep { $_ !~ /segment_moves_as_of/ } (map { functions($_) } 'asked', 'shown', 'stored')),
);
for my $what (sort keys %victims)
{
	my $answer = told('maker', "$trapped$victims{$what}");
	unlike($answer, qr/snapped/, "$what run nothing that is in the way");
	unlike($answer, qr/ERROR/, "$what work as without it");
}
# who reads puts his own in the way of functions that have the rights of their owner
set_traps('dashboard', 'own_traps');
my $answer = told('dashboard', "SET search_path = own_traps, pg_temp, pg_catalog;\nCREATE TEMP TABLE orders AS SELECT 1; CREATE TEMP TABLE pg_class AS SELECT 1; CREATE TEMP VIEW plain AS SELECT 1 / 0 AS customer_id;\n"
	. join '', map { "SELECT * FROM $_;\n" } relations('shown'), map { "$_('2024-06-30')" } grep { $_ !~ /segment_moves_as_of/ } functions('shown'));
unlike($answer, qr/snapped as maker/, 'nobody lends the rights of the owner to what is his own');
unlike($answer, qr/ERROR/, 'and the functions work');

# whose the schema is has his own in place of the views
my $trap = q{CREATE FUNCTION hosted.snap() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'snapped as %', current_user; RETURN 1; END $$; GRANT EXECUTE ON FUNCTION hosted.snap TO PUBLIC;
	GRANT USAGE ON SCHEMA hosted TO PUBLIC;};
told('host', $trap);
for my $view (qw(settings fresh_histories kept_histories model histories customers))
{
	for my $kind ('VIEW', 'TABLE')
	{
		my $definition = $kind eq 'VIEW' ? "CREATE VIEW hosted.$view AS SELECT hosted.snap() AS customer_id, hosted.snap() AS history, hosted.snap() AS settings"
		  : "CREATE TABLE hosted.$view (customer_id text, history tools.clv_history DEFAULT hosted.snap()::text::tools.clv_history, settings jsonb); GRANT ALL ON hosted.$view TO PUBLIC; INSERT INTO hosted.$view VALUES ('a', '{}', '{}');
			CREATE FUNCTION hosted.bite() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM hosted.snap(); RETURN NULL; END'; CREATE TRIGGER bite AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON hosted.$view EXECUTE FUNCTION hosted.bite()";
		my $replaced = told('host', "SET search_path = pg_catalog; DO \$\$ BEGIN EXECUTE (SELECT format('DROP %s %s CASCADE', CASE relkind WHEN 'r' THEN 'TABLE' ELSE 'VIEW' END, oid::regclass) FROM pg_class WHERE relname = '$view' AND relnamespace = 'hosted'::regnamespace); END \$\$;
			$definition; COMMENT ON $kind hosted.$view IS 'all (made by clv_create_views)'; GRANT SELECT ON hosted.$view TO PUBLIC;");
		for my $victim ('maker', scalar getpwuid $<)
		{
			my $answer = told($victim, "SET client_min_messages = warning;\n" . join '', map { "BEGIN; $_; ROLLBACK;\n" } q{SELECT * FROM tools.clv_refresh_views('hosted')}, q{SELECT * FROM tools.clv_refit_views('hosted')},
				q{SELECT * FROM tools.clv_create_views('hosted', 'shop.plain', security => 'owner', upkeep => 'refresh')}, q{SELECT * FROM tools.clv_drop_views('hosted')});
			unlike($answer, qr/snapped/, "$victim runs nothing of a $kind $view that is whose the schema is");
			like($answer, qr/ERROR: +(?:42501|42P01|42P07|40001|2BP01)/, "and is told of it") or diag $replaced;
		}
		told('host', "DROP $kind hosted.$view CASCADE; DROP FUNCTION IF EXISTS hosted.bite()");
		$node->safe_psql('postgres', $hosted);
		told('host', $trap);
	}
}
is_unharmed($node);
$node->stop('immediate');
done_testing();
