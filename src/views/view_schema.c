/*
 * view_schema.c
 *		What clv_create_views() needs from C: whether the schema that it
 *		writes into can be trusted, and locks.
 */
#include "clv.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "common/shortest_dec.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "common/args.h"
#include "common/money.h"

/* pg_database_owner stands for the owner of the database */
static Oid
acting_owner(Oid owner)
{
	HeapTuple	tuple;

	if (owner != ROLE_PG_DATABASE_OWNER)
		return owner;
	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for database %u", MyDatabaseId);
	owner = ((Form_pg_database) GETSTRUCT(tuple))->datdba;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * The owner of a schema can put another in its place at any time, by renaming
 * both, and the contents of that would be read, and written to, with the
 * rights of the caller.  So the owner has to be the caller, or a role that
 * can become the caller anyway.
 */
static void
check_owner(Oid schema, const char *name, bool to_drop)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid			owner;

	/* just dropped or renamed: the caller looks again */
	if (!HeapTupleIsValid(tuple))
		return;
	owner = acting_owner(((Form_pg_namespace) GETSTRUCT(tuple))->nspowner);
	ReleaseSysCache(tuple);
	if (to_drop && has_privs_of_role(GetUserId(), owner))
		return;
	if (!clv_can_become(owner, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("schema %s belongs to %s",
						quote_identifier(name),
						quote_identifier(GetUserNameFromId(owner, false))),
				 errdetail("Its owner could cause other code to run with the rights of %s.",
						   quote_identifier(GetUserNameFromId(GetUserId(), false))),
				 clv_can_become(GetUserId(), owner) ?
				 errhint("Call this as that role: SET ROLE %s.",
						 quote_identifier(GetUserNameFromId(owner, false))) :
				 errhint("Its owner can call this, or you can call it in a schema of your own.")));
	if (clv_schema_aclcheck(schema, GetUserId(), ACL_CREATE) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_SCHEMA, name);
}

/* the server's own words would be of locks that a standby has not */
static void
refuse_read_only(const char *name)
{
	if (XactReadOnly || RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot change the views of schema %s in a read-only transaction",
						quote_identifier(name)),
				 RecoveryInProgress() ?
				 errhint("This server is a standby. Call this on the primary.") : 0));
}

/*
 * clv_internal_view_lock_schema
 *		Keep others from creating, refitting, refreshing and dropping views in
 *		a schema until the transaction ends; NULL if there is no such schema.
 *
 * The lock is on the schema itself, and of a kind that blocks neither readers
 * nor new objects in it.  Dropping objects of a schema is safe for its owner
 * and for those with the rights of the owner.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_lock_schema);
Datum
clv_internal_view_lock_schema(PG_FUNCTION_ARGS)
{
	const char *name = NameStr(*PG_GETARG_NAME(0));
	bool		to_drop = PG_GETARG_BOOL(1);
	Oid			schema = get_namespace_oid(name, true);

	refuse_read_only(name);
	while (OidIsValid(schema))
	{
		Oid			locked = schema;

		check_owner(schema, name, to_drop);
		LockDatabaseObject(NamespaceRelationId, schema, 0, ShareUpdateExclusiveLock);
		/* it may have been dropped or renamed while we waited */
		schema = get_namespace_oid(name, true);
		if (schema == locked)
		{
			check_owner(schema, name, to_drop);
			PG_RETURN_OID(schema);
		}
		UnlockDatabaseObject(NamespaceRelationId, locked, 0, ShareUpdateExclusiveLock);
	}
	PG_RETURN_NULL();
}

/*
 * Does a table have a trigger whose function is the caller's?  To drop that
 * function, and the trigger with it, takes no other right.
 */
static bool
has_own_trigger(Oid relation)
{
	Relation	triggers = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relation));
	scan = systable_beginscan(triggers, TriggerRelidNameIndexId, true, NULL, 1, &key);
	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
		found = clv_owns_function(((Form_pg_trigger) GETSTRUCT(tuple))->tgfoid, GetUserId());
	systable_endscan(scan);
	table_close(triggers, AccessShareLock);
	return found;
}

/* check that the caller may drop a relation, or a trigger of it */
static void
check_ownership(Oid relation)
{
	if (!clv_owns_relation(relation, GetUserId()) && !has_own_trigger(relation) &&
		!clv_owns_schema(get_rel_namespace(relation), GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_VIEW, get_rel_name(relation));
}

/*
 * clv_internal_view_lock_readers
 *		Lock relations of the caller exclusively until the transaction ends.
 *
 * Queries take their locks in an order of their own, so waiting for one lock
 * while holding another could lead to a deadlock.  So we only wait while
 * holding none: if a lock is not available at once, all are released.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_lock_readers);
Datum
clv_internal_view_lock_readers(PG_FUNCTION_ARGS)
{
	List	   *relations = clv_oid_list(PG_GETARG_ARRAYTYPE_P(0));
	int			n = list_length(relations);
	int			first = 0;		/* the one to wait for */
	int			held;
	int			i;

	for (i = 0; i < n; i++)
		check_ownership(list_nth_oid(relations, i));
	if (n == 0)
		PG_RETURN_VOID();
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		LockRelationOid(list_nth_oid(relations, first), AccessExclusiveLock);
		for (held = 1; held < n; held++)
		{
			if (!ConditionalLockRelationOid(list_nth_oid(relations, (first + held) % n),
											AccessExclusiveLock))
				break;
		}
		if (held == n)
			break;
		for (i = 0; i < held; i++)
			UnlockRelationOid(list_nth_oid(relations, (first + i) % n), AccessExclusiveLock);
		first = (first + held) % n;
	}
	PG_RETURN_VOID();
}

/*
 * clv_internal_live_owns
 *		Does a schema have all these tables, and do they belong to the role
 *		whose rights are in force?  Asked for each statement that writes orders,
 *		so the catalog's caches have to do.
 */
PG_FUNCTION_INFO_V1(clv_internal_live_owns);
Datum
clv_internal_live_owns(PG_FUNCTION_ARGS)
{
	Oid			schema = get_namespace_oid(NameStr(*PG_GETARG_NAME(0)), true);
	Datum	   *names;
	bool	   *nulls;
	int			n;
	bool		owns = OidIsValid(schema);

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, &names, &nulls, &n);
	for (int i = 0; i < n && owns; i++)
	{
		Oid			relation = nulls[i] ? InvalidOid : get_relname_relid(NameStr(*DatumGetName(names[i])), schema);
		HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));

		owns = HeapTupleIsValid(tuple) && ((Form_pg_class) GETSTRUCT(tuple))->relowner == GetUserId();
		if (HeapTupleIsValid(tuple))
			ReleaseSysCache(tuple);
	}
	PG_RETURN_BOOL(owns);
}

/*
 * clv_internal_view_real
 *		A real as numeric: the shortest decimal number that gives the same
 *		real, whatever extra_float_digits is when a view is read.
 */
PG_FUNCTION_INFO_V1(clv_internal_view_real);
Datum
clv_internal_view_real(PG_FUNCTION_ARGS)
{
	char		digits[FLOAT_SHORTEST_DECIMAL_LEN];

	clv_amount_check_finite(PG_GETARG_FLOAT4(0));
	float_to_shortest_decimal_buf(PG_GETARG_FLOAT4(0), digits);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(digits),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}
