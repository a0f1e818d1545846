-- All that belongs to the extension, one line a fact, without OIDs: two installations are the same if these lines are.
WITH member AS (
    SELECT d.classid, d.objid, pg_identify_object(d.classid, d.objid, 0) AS i
      FROM pg_depend AS d JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e' AND d.objsubid = 0
     WHERE e.extname = 'clv'
), named AS (
    SELECT m.classid, m.objid, (m.i).type || ' ' || (m.i).identity AS name FROM member AS m
)
SELECT (n.name || ': ' || f.fact) COLLATE "C" AS line
  FROM named AS n, LATERAL (
    SELECT 'member' AS fact
    UNION ALL SELECT 'comment ' || coalesce(obj_description(n.objid, n.classid::regclass::name), 'none')
    UNION ALL SELECT pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '')
      FROM pg_proc AS p WHERE n.classid = 'pg_proc'::regclass AND p.oid = n.objid AND p.prokind <> 'a'
    -- columns of the row that belongs to an aggregate, those that are OIDs as what they are of
    UNION ALL SELECT format('%s returns %s %s', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), concat_ws(' ', p.provolatile, p.proparallel, p.proisstrict, p.procost, p.prosupport, p.proacl))
      FROM pg_proc AS p WHERE n.classid = 'pg_proc'::regclass AND p.oid = n.objid AND p.prokind = 'a'
    UNION ALL SELECT concat_ws(' ', a.aggkind, a.aggnumdirectargs, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn,
                               a.aggfinalextra, a.aggmfinalextra, a.aggfinalmodify, a.aggmfinalmodify, a.aggsortop::regoperator, a.aggtranstype::regtype, a.aggtransspace, a.aggmtranstype::regtype, a.aggmtransspace, a.agginitval, a.aggminitval)
      FROM pg_aggregate AS a WHERE n.classid = 'pg_proc'::regclass AND a.aggfnoid = n.objid
    UNION ALL SELECT concat_ws(' ', t.typlen, t.typbyval, t.typtype, t.typcategory, t.typispreferred, t.typdelim, t.typinput, t.typoutput, t.typreceive, t.typsend, t.typalign, t.typstorage, t.typcollation)
      FROM pg_type AS t WHERE n.classid = 'pg_type'::regclass AND t.oid = n.objid
    UNION ALL SELECT format('column %s %s %s: %s', row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum))
      FROM pg_type AS t JOIN pg_attribute AS a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped WHERE n.classid = 'pg_type'::regclass AND t.oid = n.objid
    UNION ALL SELECT concat_ws(' ', o.oprcanmerge, o.oprcanhash, o.oprresult::regtype, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprcode, o.oprrest, o.oprjoin)
      FROM pg_operator AS o WHERE n.classid = 'pg_operator'::regclass AND o.oid = n.objid
    UNION ALL SELECT concat_ws(' ', c.castcontext, c.castmethod, c.castfunc::regprocedure) FROM pg_cast AS c WHERE n.classid = 'pg_cast'::regclass AND c.oid = n.objid
    UNION ALL SELECT concat_ws(' ', c.opcdefault, c.opcintype::regtype, c.opckeytype::regtype) FROM pg_opclass AS c WHERE n.classid = 'pg_opclass'::regclass AND c.oid = n.objid
    UNION ALL SELECT concat_ws(' ', 'operator', o.amopstrategy, o.amopopr::regoperator) FROM pg_amop AS o WHERE n.classid = 'pg_opfamily'::regclass AND o.amopfamily = n.objid
    UNION ALL SELECT concat_ws(' ', 'function', o.amprocnum, o.amproc::regprocedure) FROM pg_amproc AS o WHERE n.classid = 'pg_opfamily'::regclass AND o.amprocfamily = n.objid
  ) AS f
 ORDER BY line;
