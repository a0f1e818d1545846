/*
 * compat.h
 *		All differences between PostgreSQL 15 and 18 that affect clv.
 */
#ifndef CLV_COMPAT_H
#define CLV_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "clv needs PostgreSQL 15 or later"
#endif

#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#else

/*
 * Soft errors came with 16: before that, an input function can report bad
 * input only with ereport(ERROR).
 */
#define ereturn(context, dummy_value, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy_value; \
	} while (0)
#endif

/*
 * call an input function of the server; false if it reported an error to
 * "context"
 */
#if PG_VERSION_NUM >= 160000
#define clv_call_input(function, text, context, result) \
	DirectInputFunctionCallSafe(function, text, InvalidOid, -1, context, result)
#else
#define clv_call_input(function, text, context, result) \
	(*(result) = DirectFunctionCall1(function, CStringGetDatum(text)), true)
#endif

/* intervals can be infinite from 17 on */
#ifndef INTERVAL_NOT_FINITE
#define INTERVAL_NOT_FINITE(interval) false
#endif

/*
 * 18 has this before a declaration; earlier versions have an attribute after
 * it
 */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* 18 knows the name and version of a loaded module */
#if PG_VERSION_NUM >= 180000
#define CLV_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "clv", .version = CLV_VERSION)
#else
#define CLV_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/* run a query to its end, once */
#if PG_VERSION_NUM >= 180000
#define clv_executor_run(desc) ExecutorRun(desc, ForwardScanDirection, 0)
#else
#define clv_executor_run(desc) ExecutorRun(desc, ForwardScanDirection, 0, true)
#endif

/* rights on a schema, a relation and a function, and to become another role */
#if PG_VERSION_NUM >= 160000
#define clv_can_become(member, role) member_can_set_role(member, role)
#define clv_owns_schema(schema, role) \
	object_ownercheck(NamespaceRelationId, schema, role)
#define clv_owns_relation(relation, role) \
	object_ownercheck(RelationRelationId, relation, role)
#define clv_owns_function(function, role) \
	object_ownercheck(ProcedureRelationId, function, role)
#define clv_schema_aclcheck(schema, role, mode) \
	object_aclcheck(NamespaceRelationId, schema, role, mode)
#else
#define clv_can_become(member, role) is_member_of_role(member, role)
#define clv_owns_schema(schema, role) pg_namespace_ownercheck(schema, role)
#define clv_owns_relation(relation, role) pg_class_ownercheck(relation, role)
#define clv_owns_function(function, role) pg_proc_ownercheck(function, role)
#define clv_schema_aclcheck(schema, role, mode) \
	pg_namespace_aclcheck(schema, role, mode)
#endif

#endif							/* CLV_COMPAT_H */
