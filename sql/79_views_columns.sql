-- Which columns of the tables of clv_create_views() are what: found by name
-- where only one reading makes sense, and asked for where there are several.

-- Raises an error that has no CONTEXT: the call stack inside the extension does
-- not help the caller.
CREATE FUNCTION clv_internal_view_raise(state text, message text, detail text, hint text) RETURNS void
    AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_raise(text, text, text, text) IS
    'support of clv_create_views: raises an error without context';

CREATE FUNCTION clv_internal_view_require_argument(argument text, is_missing boolean) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF is_missing THEN
        PERFORM @extschema@.clv_internal_view_raise('22004'::text, format('%s must not be null', argument), NULL::text, NULL::text);
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_require_argument(text, boolean) IS
    'support of clv_create_views: raises an error if an argument that must be given is null';

-- The names of columns of tables beside the orders by what they are, as those
-- below.
CREATE FUNCTION clv_internal_view_side_names() RETURNS TABLE (kind text, rank integer, names text[], beside text[], why text)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 12
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN QUERY SELECT v.kind, v.rank, v.names::text[], '{}'::text[], NULL::text FROM (VALUES
    ('answer time', 1, '{feedbackat, answeredat, answeredon, answerdate, askedon, askedat, respondedat, responsedate, surveydate, submittedat}'),
    ('answer time', 2, '{createdat, createdon, created, date, day, at, timestamp}'),
    ('spend', 1, '{spend, cost, costs, amount, spendamount, adspend, spent}'),
    ('spend time', 1, '{spendat, spenton, spentat, spentondate, spenddate, day, date, month, week, period, at}'),
    ('score', 1, '{score, nps, rating, recommend, npsscore}'),
    ('billing interval', 1, '{billinginterval, billingperiod, billingcycle, billingfrequency, billedevery, interval, planinterval, recurringinterval, term, cycle, frequency, period}'),
    ('price', 1, '{amount, price, planamount, planprice, unitamount, unitprice, subscriptionamount, recurringamount, mrr, monthlyamount, monthlyprice, total}'),
    ('start time', 1, '{startson, startsat, startedat, startedon, startat, starton, startdate, datestart, periodstart, validfrom, activefrom, servicestart, termstart, beginson, begindate, starts, start}'),
    ('start time', 2, '{currentperiodstart, subscribedat, subscribedon, activatedat}'),
    ('end time', 1, '{endson, endsat, endedat, endedon, endat, endon, enddate, dateend, periodend, validto, validuntil, activeto, activeuntil, serviceend, termend, ends, "end"}'),
    ('end time', 2, '{currentperiodend, currenttermend, expiresat, expireson, expirydate, expirationdate, expiredat}')
    ) AS v (kind, rank, names);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_side_names() IS
    'support of clv_create_views: names of columns beside the orders by what they are';

-- The names of columns by what they are, as clv_internal_view_plain() gives
-- them.  The lowest rank that a table has counts, and several names of it are
-- several readings.  Rank 0 is what a column with the name is not.  Some names
-- have their rank only beside others: a column for each element, which may be
-- alternatives.  A name that begins with ~ is a regular expression.
CREATE FUNCTION clv_internal_view_names() RETURNS TABLE (kind text, rank integer, names text[], beside text[], why text)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 50
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    quantities CONSTANT text := 'quantity, qty, units, pieces, count, nights, seats, menge, anzahl, stueck, cantidad, quantite, unitssold, quantitysold, orderqty, orderquantity, qtyordered, quantityordered, itemquantity, itemqty';
BEGIN
    RETURN QUERY SELECT v.kind, v.rank, v.names::text[], v.beside::text[], v.why FROM (VALUES
    ('amount', 0, '{unitprice, priceperunit, priceeach, itemprice, listprice, pricelist}', '{}', 'the price of a unit'),
    ('amount', 0, '{price, saleprice, salesprice, sellingprice}', format('{%s}', replace(quantities, ', ', '|')),
     'the price of a unit, beside a quantity'),
    ('amount', 0, '{~^(shipping|freight|tax|discount|delivery).*(refunded|invoiced|canceled|cancelled|costs?|amount|total|price)$, freight, shipping, shippingcost, shippingcosts, shippingamount, shippingtotal, shippingprice, delivery, deliveryfee, fee, fees, tax, taxes, taxamount, totaltax, taxtotal, amounttax, vat,
        taxamt, discount, discounts, discountamount, discounttotal, totaldiscount, totaldiscounts, tip, margin, profit, refund, refunded, amountrefunded, totalrefunded, refundedamount}', '{}', 'never the amount'),
    ('amount', 0, '{amountuntaxed, amounttotal}', '{movetype, amountuntaxedsigned}', 'above 0 in credit notes, too'),
    ('amount', 1, '{amountuntaxedsigned, amounttotalsigned}', '{movetype}', NULL),
    ('amount', 1, '{amount, total, revenue, sales, value, turnover, gmv, sum,
        ordertotal, totalamount, orderamount, amounttotal, grandtotal, basegrandtotal, totalprice, pricetotal, totalvalue, ordervalue, ordersum, orderprice,
        totalrevenue, salesamount, totalsales, salestotal, saleamount, salesvalue, transactionamount, transactionvalue, invoiceamount, invoicetotal, chargeamount,
        netamount, grossamount, amountnet, amountgross, nettotal, grosstotal, totalnet, totalgross, totalnetamount, totalgrossamount, netsales, grosssales, netrevenue,
        grossrevenue, netvalue, grossvalue, totalincltax, totalexcltax, totalinctax, totalextax, amountuntaxed, amountincltax, amountexcltax,
        subtotal, basesubtotal, subtotalprice, currentsubtotalprice, currenttotalprice, ordersubtotal, itemtotal,
        totalpaid, basetotalpaid, amountpaid, paidamount, paymenttotal, paymentamount, paymentvalue, totalchargedamount,
        totalpaidreal, totalproducts, totalproductswt, calctotal, calcsubtotal, amountmoneyamount, totalmoneyamount, amountmoney, totalmoney,
        linetotal, lineamount, linevalue, extendedprice, extendedamount, lineprice, linerevenue, linepriceincltax, linepriceexcltax, ototalprice}', '{}', NULL),
    ('unit price', 1, '{unitprice, priceperunit, priceeach, itemprice, listprice, price, saleprice, salesprice, sellingprice, unitamount, rate}', '{}', NULL),
    -- beside a price, these may be a number of pieces
    ('amount', 1, '{price, saleprice, salesprice, sellingprice}', '{amount|sales}', NULL),
    ('amount', 1, '{ordertotal, orderamount, ordervalue, ordersum, orderprice, grandtotal, invoicetotal, totalamount}', '{linetotal|lineamount|linevalue|lineprice|extendedprice|extendedamount}', 'The total of an order may stand on each of its lines.'),
    -- what is still to be paid, unless it stands beside the freight that it includes
    ('amount', 1, '{totaldue}', '{freight}', NULL),
    ('amount', 2, '{price, saleprice, salesprice, sellingprice}', '{}', NULL),
    ('channel', 1, '{channel, acquisitionchannel, source, utmsource, firstchannel, spendchannel}', '{}', NULL),
    ('currency', 1, '{currency, currencycode, currencyiso, isocurrency, currencyisocode, isocurrencycode, ordercurrency, ordercurrencycode}', '{}', NULL),
    -- who took the order, or who placed it
    ('customer', 2, '{customeremail, clientemail, buyeremail, customername, clientname, buyername}', '{userid|staffid|employeeid}', NULL),
    ('customer', 0, '{userid}', '{partnerid, dateorder}', 'the salesperson'),
    ('customer', 0, '{userid}', '{customerid, financialstatus|displayfinancialstatus}', 'the member of staff'),
    ('customer', 1, '{billingemail}', '{customerid, billingemail, datecreatedgmt}', NULL),
    ('customer', 1, '{customerid}', '{customerid, billingemail, datecreatedgmt}', 'In WooCommerce, customer_id is 0 for every guest.'),
    ('customer', 2, '{customerid, customerkey, customerno, customernr, customernumber, customercode, customeruid, customeruuid, customeruniqueid, customersk, idcustomer, custid,
        custkey, custno, userid, useruuid, clientid, clientno, clientnumber, buyerid, memberid, accountid, partnerid, shopperid, consumerid, contactid, purchaserid, subscriberid, patientid, donorid, guestid, ocustkey}', '{}', NULL),
    ('customer', 3, '{customer, client, buyer, member, account, shopper, consumer}', '{}', NULL),
    ('customer', 4, '{email, emailaddress, customeremail, useremail, buyeremail, clientemail, contactemail, billingemail, receiptemail, guestemail}', '{}', NULL),
    -- the names of customers come after these, one rank lower
    ('customer key', 3, '{id}', '{}', NULL),
    ('new customer', 1, '{new, newid, newkey, newno, newcustomer, newcustomerid, newcustomerno, newcustomerkey, to, toid, into, intoid, tocustomer, tocustomerid, mergedinto, mergedintoid, duplicateof, mergedto, mergedtoid,
        masterid, mastercustomerid, canonicalid, canonicalcustomerid, mainid, maincustomerid, primaryid, primarycustomerid, keptid, keepid, survivorid, winnerid, targetid}', '{}', NULL),
    ('old customer', 1, '{old, oldid, oldkey, oldno, oldcustomer, oldcustomerid, oldcustomerno, oldcustomerkey, from, fromid, fromcustomer, fromcustomerid, mergedfrom, mergedfromid, mergedid, mergedcustomerid,
        duplicate, duplicateid, duplicatecustomerid, aliasid, loserid, sourceid, secondaryid}', '{}', NULL),
    ('old customer', 3, '{id}', '{}', NULL),
    ('order', 2, '{invoiceno, invoiceid, invoicenumber, invoicenr, invoice, receiptno, receiptid, receiptnumber, receipt, transactionid, transactionno, basketid, charge, chargeid, parentorderid, saleid, salesid, billno, billnumber, documentno, documentnumber, ticketid, ticketno}', '{}', NULL),
    ('order', 1, '{orderid, orderno, ordernumber, ordernr, orderkey, idorder, order, salesorderid, salesorderno, salesordernumber, orderref, orderreference, orderuuid, ordercode}', '{}', NULL),
    ('product', 1, '{product, productid, productname, productkey, productcode, productsku, sku, item, itemid, itemname, itemcode, stockcode, variantid, article, articleid, articleno}', '{}', NULL),
    ('quantity', 1, format('{%s}', quantities), '{}', NULL),
    ('time', 1, '{completedat}', '{itemtotal, paymentstate|paymenttotal}', 'In Spree and Solidus, created_at is the time of the cart.'),
    ('time', 1, '{processedat}', '{financialstatus|displayfinancialstatus}', 'In Shopify, created_at of an imported order is the time of the import.'),
    ('time', 1, '{datecreated}', '{datecreatedgmt}', 'In WooCommerce, date_completed is the time of fulfilment.'),
    ('time', 1, '{dateadd}', '{idorder, idcart}', 'In PrestaShop, invoice_date is empty until there is an invoice.'),
    ('time', 1, '{invoicedate}', '{movetype, amountuntaxedsigned}', 'In Odoo, date is that of the accounts.'),
    ('time', 2, '{checkoutcompletedat, orderedat, orderedon, orderdate, dateordered, dateorder, ordertime, orderdatetime, ordertimestamp, orderts, orderday, placedat, placedon, dateplaced, orderplacedat,
        purchasedat, purchasedon, purchasedate, purchasetime, purchasetimestamp, orderpurchasetimestamp, ordercreatedat, soldat, saledate, salesdate, saletime, transactiondate, transactiontime,
        transactionat, transactedat, oorderdate}', '{}', NULL),
    ('time', 3, '{createdat, createdon, created, createddate, createdate, createdtime, datecreated, creationdate, creationtime, insertedat, completedat, datecompleted, completedon,
        invoicedate, invoicedat, invoicedon, billedat, billingdate, bookedat, bookingdate, date, day, time, datetime, timestamp, at, ts, moment, processedat,
        ~^(?!customer|user|client|account|subscri|product|cart|row|record|first|last|email|ship|deliver|cancel|refund|return|updat|modif|delet|due|expir|clos).*(placed|purchased|sold|completed?|ordered|submitted|booked|created?|added)(at|on|date|time|timestamp|ts)?$,
        ~^date(placed|purchased|sold|completed?|ordered|submitted|booked|created?|added?)$}', '{}', NULL),
    ('time', 4, '{datecreatedgmt, createdatgmt, createdatutc, paidat, paidon, paymentdate, datepaid, chargedat}', '{}', NULL),
    -- what matters, and is not used
    ('other currency', 1, '{currency, curr, ccy, currencycode, currencyid, currencyiso, isocurrency, currencyisocode, isocurrencycode, ordercurrency, ordercurrencycode, presentmentcurrency, presentmentcurrencycode,
        basecurrencycode, storecurrencycode, idcurrency, defaultcurrencycode, channelcurrencycode, cur, curcode, valuta, waehrung, devise, moneda, exchangerate, fxrate}', '{}', NULL),
    ('refund time', 1, '{refundedat, refundedon, refundat, refunddate, daterefunded}', '{}', NULL),
    ('refund time', 2, '{createdat, createdon, created, datecreated, processedat, date, day, at, timestamp}', '{}', NULL),
    ('refund', 2, '{amount, total, value, sum}', '{}', NULL),
    ('refund', 1, '{~^(?!tax|shipping|qty|quantity|discount|last|first|date).*refund(ed|s)?(amount|total|value|money|moneyamount)?$}', '{}', NULL),
    ('state', 1, '{~^(transaction|tx|txn|trx|order|record|doc|document|invoice|move|entry|event|line|sale|sales|movement|posting)?(type|kind)$, event, eventname, result, response, outcome, environment, mode, direction, debitcredit, creditdebit, drcr, isrefund, iscreditnote, creditnote, sandbox, isreturn, refundedflag, returnedflag, refundflag, returnflag,
        ~^(?!fulfil|displayfulfil|ship|deliver|bill|customer|address|home|tax|inventory|email|marketing).*(status|state)(id|code|name|key)?$,
        ~^(is)?(paid|cancelled|canceled|void|voided|deleted|draft|draftorder|captured|completed?|valid|active|archived|confirmed|approved|accepted|failed|declined|success|successful|settled|disputed|chargeback|fraud|fraudulent)(flag|ind|indicator|yn)?$}', '{}', NULL),
    ('state time', 1, '{cancelledat, canceledat, cancelledon, canceledon, datecancelled, datecanceled, deletedat, voidedat, refundedat, canceldate, cancelleddate, canceleddate, voiddate}', '{}', NULL),
    ('tax', 1, '{~^tax[0-9]*(total|sum|value)$, tax, taxes, taxamount, taxamt, totaltax, taxtotal, amounttax, salestax, vat, vatamount, totalvat, includedtaxtotal, additionaltaxtotal}', '{}', NULL),
    ('tenant', 1, '{tenant, tenantkey, idshop, idstore, shopid, storeid, tenantid, companyid, siteid, websiteid, organizationid, organisationid, orgid, merchantid}', '{}', NULL),
    ('test', 1, '{test, istest, testmode, istestorder, testorder, livemode}', '{}', NULL)
    ) AS v (kind, rank, names, beside, why)
    UNION ALL SELECT * FROM @extschema@.clv_internal_view_side_names() AS t;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_names() IS
    'support of clv_create_views: names of columns by what they are';

-- What the views need of each table, and whether a column is used that nobody
-- named: it has to be found, it may be found, or it is only used if it is given.
-- "same" is a column of the orders, whose name comes before all others, or after
-- them, where the table may have both.
CREATE FUNCTION clv_internal_view_purposes() RETURNS TABLE (place bigint, source text, purpose text, kind text, found text, same text)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN QUERY SELECT row_number() OVER (), v.* FROM (VALUES
        ('orders', 'customer', 'customer', 'always', NULL),
        ('orders', 'ordered_at', 'time', 'always', NULL),
        ('orders', 'amount', 'amount', 'always', NULL),
        ('orders', 'order_id', 'order', 'if given', NULL),
        ('orders', 'currency_column', 'currency', 'if one', NULL),
        ('orders', 'quantity', 'quantity', 'if given', NULL),
        ('orders', 'cost', 'cost', 'if given', NULL),
        ('orders', 'status', 'state', 'if given', NULL),
        ('orders', 'refunded', 'refund', 'if given', NULL),
        ('orders', 'channel', 'channel', 'if given', NULL),
        ('customers', 'channel', 'channel', 'always', NULL),
        ('customers', 'customers_key', 'customer key', 'always', 'customer'),
        ('spend', 'spend_channel', 'channel', 'always', 'channel'),
        ('spend', 'spend_at', 'spend time', 'always', 'ordered_at'),
        ('spend', 'spend_amount', 'spend', 'always', 'amount'),
        ('spend', 'leads', 'leads', 'if given', NULL),
        ('feedback', 'feedback_customer', 'customer', 'always', 'customer'),
        ('feedback', 'feedback_at', 'answer time', 'always', 'ordered_at'),
        ('feedback', 'feedback_score', 'score', 'always', NULL),
        ('items', 'items_customer', 'customer', 'always', 'customer'),
        ('items', 'items_at', 'time', 'always', 'ordered_at'),
        ('items', 'items_order_id', 'order', 'if given', 'order_id'),
        ('items', 'items_product', 'product', 'always', NULL),
        ('items', 'items_amount', 'amount', 'always', 'amount'),
        ('refunds', 'refunds_order_id', 'order', 'always', 'order_id'),
        ('refunds', 'refunds_at', 'refund time', 'always', 'ordered_at'),
        ('refunds', 'refunds_amount', 'refund', 'always', 'amount'),
        ('subscriptions', 'subscriptions_customer', 'customer', 'always', 'customer'),
        ('subscriptions', 'subscriptions_amount', 'price', 'always', NULL),
        ('subscriptions', 'subscriptions_interval', 'billing interval', 'always', NULL),
        ('subscriptions', 'subscriptions_starts_on', 'start time', 'always', NULL),
        ('subscriptions', 'subscriptions_ends_on', 'end time', 'always', NULL),
        ('subscriptions', 'subscriptions_plan', 'plan', 'if given', NULL),
        ('same_customer', 'same_customer_old', 'old customer', 'always', NULL),
        ('same_customer', 'same_customer_new', 'new customer', 'always', NULL)
        ) AS v (source, purpose, kind, found, same);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_purposes() IS
    'support of clv_create_views: the columns that the views need';

-- A name as it is compared: without case, blanks and signs; that of an amount
-- without a currency, cents and whether tax is in it at its end.
CREATE FUNCTION clv_internal_view_plain(named name, kind text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    plain CONSTANT text := regexp_replace(lower(named::text), '[[:space:]_.-]', '', 'g');
BEGIN
    RETURN CASE WHEN kind = ANY ('{amount, spend}'::text[])
                -- with and without tax are two readings of one name
                THEN regexp_replace(regexp_replace(plain, '((with|without|incl|including|inc|excl|excluding|exc|ex|before|after)(tax|taxes|vat|gst)|(tax|vat)(incl|inc|excl|ex))$', ''),
                    '(in)?(localcurrency|cents|minorunits|minor|usd|eur|gbp|chf|jpy|cny|inr|aud|cad|nzd|sek|nok|dkk|pln|czk|huf|brl|mxn|zar|try|idr|sgd|hkd|krw|thb|aed|ils)$', '')
                ELSE plain END;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_plain(name, text) IS
    'support of clv_create_views: the name of a column as it is compared';

-- Whether a column of the type can be of the kind.  One that was named may have
-- any type that the views can group by, which is looked at later.
CREATE FUNCTION clv_internal_view_suits(kind text, type regtype, is_named boolean) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_suits(text, regtype, boolean) IS
    'support of clv_create_views: whether a column of a type can be of a kind';

-- The columns of a table, with their rank among those of a kind; NULL: the name
-- says nothing.  "same" is the name of such a column in the orders.
CREATE FUNCTION clv_internal_view_candidates(relation regclass, kind text, same name)
    RETURNS TABLE (named name, place smallint, type regtype, is_suitable boolean, rank integer, why text)
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE ROWS 30
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    -- the name in the orders comes after the others: the other tables have days and amounts of their own
    after CONSTANT text[] := '{answer time, spend time, refund time, amount, spend, refund}';
BEGIN
    RETURN QUERY
    WITH own AS (
        SELECT a.attname, a.attnum, @extschema@.clv_internal_view_type(a.attrelid::regclass, a.attname) AS type,
               @extschema@.clv_internal_view_plain(a.attname, 'name'::text) AS whole, @extschema@.clv_internal_view_plain(a.attname, clv_internal_view_candidates.kind) AS plain
        FROM pg_attribute AS a
        WHERE a.attrelid = clv_internal_view_candidates.relation AND a.attnum > 0 AND NOT a.attisdropped
    ), rule AS (
        SELECT n.rank + CASE WHEN n.kind <> clv_internal_view_candidates.kind THEN 1 ELSE 0 END AS rank, n.names, n.why
        FROM @extschema@.clv_internal_view_names() AS n
        WHERE (n.kind = clv_internal_view_candidates.kind OR clv_internal_view_candidates.kind = ANY ('{customer key, old customer, new customer}'::text[]) AND n.kind = 'customer')
            AND NOT EXISTS (SELECT FROM unnest(n.beside) AS b WHERE NOT EXISTS (SELECT FROM own WHERE own.whole = ANY (string_to_array(b, '|'))))
    )
    SELECT o.attname, o.attnum, o.type, @extschema@.clv_internal_view_suits(clv_internal_view_candidates.kind, o.type, false),
           CASE WHEN o.whole IS DISTINCT FROM @extschema@.clv_internal_view_plain(clv_internal_view_candidates.same, 'name'::text)
                -- a table has an id of its own
                OR o.whole = 'id' AND clv_internal_view_candidates.kind = 'order' THEN r.rank
                WHEN clv_internal_view_candidates.kind = ANY (after) THEN coalesce(r.rank, 9) ELSE 1 END, r.why
    FROM own AS o LEFT JOIN LATERAL (
        SELECT rule.rank + CASE WHEN clv_internal_view_candidates.same IS NOT NULL AND rule.rank > 0 AND clv_internal_view_candidates.kind <> ALL (after) THEN 1 ELSE 0 END AS rank, rule.why
        FROM rule WHERE o.whole = ANY (rule.names) OR o.plain = ANY (rule.names)
            OR EXISTS (SELECT FROM unnest(rule.names) AS n WHERE n ^@ '~' AND o.whole ~ substr(n, 2))
        ORDER BY rule.rank, rule.why LIMIT 1) AS r ON true;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_candidates(regclass, text, name) IS
    'support of clv_create_views: the columns of a table, ranked for a purpose';

-- How a view can make a column of a type suitable, or which types are.
CREATE FUNCTION clv_internal_view_cast(kind text, named name, type regtype) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_cast(text, name, regtype) IS
    'support of clv_create_views: how a view makes the type of a column suitable';

-- What is said of a column that does not exist, is of a type that does not suit,
-- or cannot be used for another reason: see src/source/column.c.
CREATE FUNCTION clv_internal_view_missing(relation regclass, purpose text, named name,
        OUT message text, OUT detail text, OUT advice text)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_missing(regclass, text, name) IS
    'support of clv_create_views: what is said of a column that does not exist';

CREATE FUNCTION clv_internal_view_wrong_type(relation regclass, purpose text, kind text, named name,
        OUT message text, OUT advice text)
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_wrong_type(regclass, text, text, name) IS
    'support of clv_create_views: what is said of a column of the wrong type';

CREATE FUNCTION clv_internal_view_cannot_be(relation regclass, named name, purpose text, why text) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_cannot_be(regclass, name, text, text) IS
    'support of clv_create_views: what is said of a column that cannot be used';

-- Raises the error about a time zone that no column needs.
CREATE FUNCTION clv_internal_view_has_no_zone(named name, type regtype) RETURNS void
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION clv_internal_view_has_no_zone(name, regtype) IS
    'support of clv_create_views: raises an error about a time zone for a column that has none';

-- A column that was named for a purpose: an error that is to be raised if it
-- does not exist, or is of a type that does not suit.
CREATE FUNCTION clv_internal_view_check_column(relation regclass, purpose text, kind text, named name,
        OUT state text, OUT message text, OUT detail text, OUT advice text, OUT bad name)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attname = named AND a.attnum > 0 AND NOT a.attisdropped) THEN
        SELECT '42703', p.message, p.detail, p.advice INTO state, message, detail, advice FROM @extschema@.clv_internal_view_missing(relation, purpose, named) AS p;
    ELSIF NOT @extschema@.clv_internal_view_suits(kind, @extschema@.clv_internal_view_type(relation, named), true) THEN
        SELECT '42804', p.message, p.advice INTO state, message, advice FROM @extschema@.clv_internal_view_wrong_type(relation, purpose, kind, named) AS p;
        bad := named;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_check_column(regclass, text, text, name) IS
    'support of clv_create_views: whether a column that was named can be used';

-- The column for a purpose that was not named, or an error that is to be raised
-- and what to write for the argument: the columns to choose from.  One that only
-- needs a cast is "bad".
CREATE FUNCTION clv_internal_view_find(relation regclass, purpose text, kind text, same name, taken name[],
        OUT chosen name, OUT state text, OUT message text, OUT detail text, OUT advice text, OUT proposal text, OUT bad name)
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    best name[];
    choices name[];
    readings text;
    whys text;
    price text;
    quantity text;
    fitting text;
    every text;
    lone text;
BEGIN
    -- a column of a type that no cast makes suitable is not meant, unless there is no other
    WITH free AS (
        SELECT c.*, c.is_suitable OR @extschema@.clv_internal_view_cast(kind, c.named, c.type) LIKE 'A view can%' AS is_usable
        FROM @extschema@.clv_internal_view_candidates(relation, kind, same) AS c WHERE c.named <> ALL (taken)
    ), ranked AS (
        SELECT f.*, coalesce(min(f.rank) FILTER (WHERE f.rank > 0 AND f.is_usable) OVER (), min(f.rank) FILTER (WHERE f.rank > 0) OVER ()) AS lowest,
               bool_or(f.is_usable AND f.rank > 0) OVER () AS has_usable
        FROM free AS f
    )
    SELECT array_agg(f.named ORDER BY f.place) FILTER (WHERE f.rank = f.lowest AND f.is_suitable),
           (array_agg(f.named ORDER BY f.place) FILTER (WHERE f.rank = f.lowest AND NOT f.is_suitable AND (f.is_usable OR NOT f.has_usable)))[1],
           -- what has a catch is not proposed first
           array_agg(f.named ORDER BY f.rank, f.why IS NOT NULL, f.place) FILTER (WHERE f.rank > 0 AND f.is_suitable),
           string_agg(quote_ident(f.named), ', ' ORDER BY f.rank, f.why IS NOT NULL, f.place) FILTER (WHERE f.rank > 0 AND f.is_suitable),
           string_agg(format('Column %I is %s.', f.named, f.why), ' ' ORDER BY f.place) FILTER (WHERE f.rank = 0),
           quote_ident(min(f.named::text) FILTER (WHERE f.why LIKE 'the price%')),
           string_agg(quote_ident(f.named), ', ' ORDER BY f.place) FILTER (WHERE f.is_suitable AND f.rank IS DISTINCT FROM 0),
           CASE WHEN count(*) FILTER (WHERE f.is_suitable) = 1 THEN min(f.named::text) FILTER (WHERE f.is_suitable) END
    INTO best, bad, choices, readings, whys, price, fitting, lone
    FROM ranked AS f;
    IF cardinality(best) = 1 THEN
        chosen := best[1];
        RETURN;
    END IF;
    state := '22023';
    message := format('cannot tell which column of %s is the %s', relation, purpose);
    proposal := @extschema@.clv_internal_view_choice(purpose, choices::text[]);
    IF cardinality(best) > 1 THEN
        detail := concat_ws(' ', format('It could be %s.', readings), (SELECT string_agg(DISTINCT c.why, ' ') FROM @extschema@.clv_internal_view_candidates(relation, kind, same) AS c WHERE c.named = ANY (best)));
        bad := NULL;
    ELSIF bad IS NOT NULL THEN
        state := '42804';
        SELECT p.message, p.advice INTO message, advice FROM @extschema@.clv_internal_view_wrong_type(relation, purpose, kind, bad) AS p;
        detail := CASE WHEN readings IS NOT NULL THEN format('It could also be %s.', readings) END;
        -- a cast that nobody knows is no call, and what needs none comes first
        bad := CASE WHEN readings IS NULL THEN bad END;
    ELSE
        SELECT string_agg(quote_ident(c.named), ', ' ORDER BY c.place) INTO every FROM @extschema@.clv_internal_view_candidates(relation, kind, same) AS c;
        SELECT quote_ident(min(c.named::text)) INTO quantity
        FROM @extschema@.clv_internal_view_candidates(relation, 'quantity'::text, NULL::name) AS c WHERE price IS NOT NULL AND c.rank = 1;
        detail := concat_ws(' ', coalesce(whys, 'No column has a usual name.'),
            CASE WHEN price IS NOT NULL OR whys IS NOT NULL AND fitting IS NULL THEN NULL
                 WHEN fitting IS NULL THEN format('No column has a suitable type; the columns are %s.', every)
                 ELSE format('Columns of a suitable type are %s.', fitting) END);
        -- a lone time is likely to be it, but a lone number may be a discount
        proposal := CASE WHEN price IS NOT NULL AND purpose = 'amount' AND quantity IS NOT NULL THEN format('amount => %L, quantity => %L', (parse_ident(price))[1], (parse_ident(quantity))[1])
                         WHEN kind LIKE '%time' AND lone IS NOT NULL THEN format('%s => %L', purpose, lone) END;
        advice := CASE WHEN price IS NOT NULL AND purpose = 'amount' AND quantity IS NOT NULL THEN format('Give both: amount => %L, quantity => %L.', (parse_ident(price))[1], (parse_ident(quantity))[1])
                       WHEN price IS NOT NULL THEN format('A view can multiply it: SELECT *, %s * %s AS amount FROM %s.', coalesce(quantity, '...'), price, relation)
                       WHEN kind = 'billing interval' THEN format('A view can add it: SELECT *, interval ''1 month'' AS billing_interval FROM %s.', relation)
                       WHEN fitting IS NULL THEN 'Give a view that has it, by a cast or a join.'
                       WHEN purpose = ANY ('{items_customer, items_at, feedback_customer, feedback_at}'::text[]) THEN 'If there is none, give a view that joins the table to the orders.' END;
    END IF;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_find(regclass, text, text, name, name[]) IS
    'support of clv_create_views: finds the column for a purpose';

-- The column of a table with the number of an order, if there is one: that of
-- the name that it has in the orders, or one that no other table has.
CREATE FUNCTION clv_internal_view_order_column(relation regclass, same name) RETURNS name
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (SELECT c.named FROM @extschema@.clv_internal_view_candidates(relation, 'order'::text, same) AS c WHERE c.rank <= CASE WHEN same IS NULL THEN 1 ELSE 2 END AND c.rank > 0 ORDER BY c.rank, c.place LIMIT 1);
END
$function$;
COMMENT ON FUNCTION clv_internal_view_order_column(regclass, name) IS
    'support of clv_create_views: the column with the number of an order';

-- Whether a table has the number of an order.
CREATE FUNCTION clv_internal_view_has_order_id(relation regclass, given text, same name) RETURNS boolean
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN given IS NOT NULL OR @extschema@.clv_internal_view_order_column(relation, same) IS NOT NULL;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_has_order_id(regclass, text, name) IS
    'support of clv_create_views: whether a table has the number of an order';

-- What is wrong with a column that was given, and the one that would be found.
CREATE FUNCTION clv_internal_view_given_problem(relation regclass, purpose text, kind text, same name, named name, taken name[]) RETURNS jsonb
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    problem jsonb;
BEGIN
    SELECT to_jsonb(c) INTO problem FROM @extschema@.clv_internal_view_check_column(relation, purpose, kind, named) AS c WHERE c.state IS NOT NULL;
    IF problem ->> 'state' = '42703' THEN
        SELECT problem || jsonb_build_object('proposal', CASE WHEN f.chosen IS NULL THEN f.proposal ELSE format('%s => %L', purpose, f.chosen) END) INTO problem
        FROM @extschema@.clv_internal_view_find(relation, purpose, kind, same, taken) AS f;
    END IF;
    RETURN problem;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_given_problem(regclass, text, text, name, name, name[]) IS
    'support of clv_create_views: what is wrong with a column that was named';

-- The parts of the call that name a column: what is chosen, or what is proposed
-- where there is a problem, with the cast that it takes.
CREATE FUNCTION clv_internal_view_call_parts(relation regclass, source text, purpose text, kind text, problem jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    bad CONSTANT name := problem ->> 'bad';
    expression text;
    alias name;
BEGIN
    IF bad IS NOT NULL THEN
        SELECT c.expression, c.alias INTO expression, alias
        FROM @extschema@.clv_internal_view_cast_query(relation, kind, bad, @extschema@.clv_internal_view_type(relation, bad)) AS c;
    END IF;
    IF expression IS NULL THEN
        RETURN jsonb_build_array(jsonb_build_object('argument', coalesce(problem ->> 'proposal', format('%s => ''...''', purpose))));
    END IF;
    RETURN jsonb_build_array(jsonb_build_object('source', source, 'cast', format('%s AS %I', expression, alias)), jsonb_build_object('argument', format('%s => %L', purpose, alias)));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_call_parts(regclass, text, text, text, jsonb) IS
    'support of clv_create_views: the arguments that answer a problem';

-- The columns of all tables: those that were given, and those that are found.
-- "relations" has the OID of each table that is given, "given" the columns that
-- are, "options" the other arguments of the call as the user can repeat them.
-- With "may_join", items may be without a customer and a time if they have the
-- number of an order: then by_order is true, and the column NULL.  What was given
-- as '' is not looked for.
CREATE FUNCTION clv_internal_view_columns(schema name, relations jsonb, given jsonb, options text, may_join boolean)
    RETURNS TABLE (source text, purpose text, relation regclass, named name, type regtype, is_chosen boolean, by_order boolean)
    LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    part record;
    problem jsonb;
    problems jsonb := '[]';
    parts jsonb := '[]';
    cols jsonb;
    taken name[];
    same name;
    kind text;
    without CONSTANT jsonb := coalesce(given -> 'without', '[]');
BEGIN
    -- what is given and can be used is no candidate for anything else
    SELECT coalesce(jsonb_object_agg(p.purpose, given ->> p.purpose), '{}') INTO cols
    FROM (SELECT p.*, (relations ->> p.source)::oid::regclass AS relation FROM @extschema@.clv_internal_view_purposes() AS p WHERE given ->> p.purpose IS NOT NULL AND relations ->> p.source IS NOT NULL) AS p,
         LATERAL @extschema@.clv_internal_view_check_column(p.relation, p.purpose, p.kind, (given ->> p.purpose)::name) AS c
    WHERE c.state IS NULL;
    FOR part IN SELECT p.*, lag(p.source) OVER (ORDER BY p.place) IS DISTINCT FROM p.source AS is_first
                FROM @extschema@.clv_internal_view_purposes() AS p ORDER BY p.place LOOP
        source := part.source;
        purpose := part.purpose;
        relation := (relations ->> source)::oid::regclass;
        named := (given ->> purpose)::name;
        is_chosen := named IS NULL;
        by_order := false;
        type := NULL;
        problem := NULL;
        kind := CASE WHEN purpose = 'amount' AND given ->> 'quantity' IS NOT NULL THEN 'unit price' ELSE part.kind END;
        same := CASE WHEN part.kind = 'currency' AND cols ->> 'amount' ^@ 'base' THEN 'base_currency_code'
                     -- the price of a unit is no amount of a row elsewhere
                     WHEN part.same = 'amount' AND given ->> 'quantity' IS NOT NULL THEN NULL ELSE (cols ->> part.same)::name END;
        SELECT coalesce(array_agg((cols ->> p.purpose)::name), '{}') INTO taken
        FROM @extschema@.clv_internal_view_purposes() AS p WHERE p.source = part.source AND cols ? p.purpose AND p.kind <> ALL ('{channel, currency, product}'::text[]);
        IF part.is_first AND relation IS NOT NULL THEN
            parts := parts || jsonb_build_object('source', source, 'table', relation::oid);
        END IF;
        -- the channel is a column of the customers if these are given
        CONTINUE WHEN part.kind = 'channel' AND source = ANY ('{orders, customers}'::text[]) AND (source = 'orders') = (relations ->> 'customers' IS NOT NULL);
        IF relation IS NULL THEN
            IF named IS NOT NULL OR without ? purpose THEN
                PERFORM @extschema@.clv_internal_view_raise('22023'::text, format('%s names a column of %s, which is not given', purpose, source), NULL::text, NULL::text);
            END IF;
        ELSIF named IS NOT NULL THEN
            problem := @extschema@.clv_internal_view_given_problem(relation, purpose, part.kind, same, named, taken);
        ELSIF without ? purpose THEN
            by_order := purpose = ANY ('{items_at, items_customer}'::text[]);
            parts := parts || jsonb_build_object('argument', format('%s => ''''', purpose));
        ELSIF part.found <> 'if given' THEN
            -- customers that were given for their groups need no channel
            SELECT f.chosen, CASE WHEN f.chosen IS NULL AND part.found = 'always' AND NOT (purpose = 'channel' AND given ->> 'group_by' IS NOT NULL) THEN to_jsonb(f) END INTO named, problem
            FROM @extschema@.clv_internal_view_find(relation, purpose, kind, same, taken) AS f;
            by_order := may_join AND named IS NULL AND purpose = ANY ('{items_at, items_customer}'::text[])
                AND NOT without ? 'items_order_id' AND @extschema@.clv_internal_view_has_order_id(relation, given ->> 'items_order_id', (given ->> 'order_id')::name)
                AND @extschema@.clv_internal_view_has_order_id((relations ->> 'orders')::oid::regclass, given ->> 'order_id', NULL::name);
        ELSIF purpose = 'order_id' THEN
            SELECT to_jsonb(l) INTO problem FROM @extschema@.clv_internal_view_find_lines(relation, (cols ->> 'amount')::name) AS l WHERE l.state IS NOT NULL;
        END IF;
        is_chosen := is_chosen AND named IS NOT NULL;
        IF problem IS NOT NULL AND NOT by_order THEN
            problems := problems || (problem || jsonb_build_object('purpose', purpose, 'relation', relation::text));
            parts := parts || @extschema@.clv_internal_view_call_parts(relation, source, purpose, kind, problem);
        ELSIF named IS NOT NULL THEN
            -- what need not be given is found again
            parts := parts || CASE WHEN NOT is_chosen OR part.found = 'always' THEN jsonb_build_array(jsonb_build_object('argument', format('%s => %L', purpose, named))) ELSE '[]' END;
            type := @extschema@.clv_internal_view_type(relation, named);
            cols := cols || jsonb_build_object(purpose, named);
        END IF;
        RETURN NEXT;
    END LOOP;
    PERFORM @extschema@.clv_internal_view_raise_columns(problems, @extschema@.clv_internal_view_call(schema, parts, options)) WHERE problems <> '[]';
END
$function$;
COMMENT ON FUNCTION clv_internal_view_columns(name, jsonb, jsonb, text, boolean) IS
    'support of clv_create_views: the columns of all tables';

-- The columns by which customers are grouped: of the orders or of the customers,
-- which a name can say, as customers.country.
CREATE FUNCTION clv_internal_view_group_columns(shop jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    tables CONSTANT text := concat_ws('" or "', shop ->> 'orders_table', shop ->> 'customers_table');
    named text;
    found jsonb;
    groups jsonb := '[]';
BEGIN
    FOREACH named IN ARRAY coalesce((shop ->> 'group_by')::text[], '{}') LOOP
        SELECT jsonb_agg(jsonb_build_object('source', s.source, 'group_column', a.attname, 'group_column_type', @extschema@.clv_internal_view_type(a.attrelid::regclass, a.attname)) ORDER BY s.source DESC) INTO found
        FROM unnest('{orders, customers}'::text[]) AS s (source) JOIN pg_attribute AS a ON a.attrelid = (shop ->> s.source)::oid
        WHERE a.attnum > 0 AND NOT a.attisdropped AND (a.attname = named OR s.source || '.' || a.attname = named);
        IF found IS NULL THEN
            PERFORM @extschema@.clv_internal_view_raise('42703'::text, format('column "%s" of relation "%s" does not exist', named, tables),
                'It was given in the argument group_by.'::text,
                (SELECT string_agg(format('The columns of %s are %s.', shop ->> (c.source || '_table'), c.columns), ' ' ORDER BY c.source DESC)
                 FROM (SELECT s.source, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
                       FROM unnest('{orders, customers}'::text[]) AS s (source) JOIN pg_attribute AS a ON a.attrelid = (shop ->> s.source)::oid AND a.attnum > 0 AND NOT a.attisdropped
                       GROUP BY s.source) AS c));
        ELSIF jsonb_array_length(found) > 1 THEN
            PERFORM @extschema@.clv_internal_view_raise('42702'::text, format('group_by is ambiguous: both %s and %s have a column %I', shop ->> 'orders_table', shop ->> 'customers_table', named),
                NULL::text, format('Give orders.%1$s or customers.%1$s.', named));
        END IF;
        groups := groups || found;
    END LOOP;
    RETURN groups;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_group_columns(jsonb) IS
    'support of clv_create_views: the columns by which customers are grouped';

-- Columns of the orders that no view reads although they tell rows apart that
-- hardly all count the same, with what they say and how often, in one scan: of
-- those that the caller may read.  "states" has the most frequent values, one more
-- than a status has, and "are_back" whether all rows of each are below 0.
CREATE FUNCTION clv_internal_view_unused_values(relation regclass, used name[], customer name, amount name)
    RETURNS TABLE (named name, kind text, values_said text, n_values bigint, n_rows bigint, n_all bigint, states text[], are_back boolean[])
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    columns text[];
    expressions text[];
BEGIN
    SELECT array_agg(format('%L::pg_catalog.name, %L::pg_catalog.text', c.named, k.kind) ORDER BY c.place, k.kind),
           array_agg(CASE WHEN k.is_number THEN format('CASE WHEN o.%I::%s <> 0 THEN ''not 0''::pg_catalog.text END', c.named, c.type)
                          WHEN k.kind = 'state time' THEN format('CASE WHEN o.%I IS NOT NULL THEN ''set''::pg_catalog.text END', c.named)
                          ELSE @extschema@.clv_internal_view_text('o'::text, c.named::text, c.type) END ORDER BY c.place, k.kind)
    INTO columns, expressions
    FROM (SELECT v.kind, v.is_number
          FROM (VALUES ('other currency', false), ('refund', true), ('refund', false), ('state', false), ('state time', false), ('tax', true), ('tenant', false), ('test', false)) AS v (kind, is_number)) AS k,
         LATERAL @extschema@.clv_internal_view_candidates(clv_internal_view_unused_values.relation, k.kind, NULL::name) AS c
    WHERE c.rank = 1 AND (c.named <> ALL (used) OR k.kind = 'other currency') AND has_column_privilege(clv_internal_view_unused_values.relation, c.place, 'SELECT')
        AND CASE WHEN k.is_number OR k.kind = 'refund' AND c.type <> 'boolean'::regtype THEN k.is_number AND @extschema@.clv_internal_view_suits('amount'::text, c.type, false)
                 WHEN k.kind = 'state time' THEN c.is_suitable
                 ELSE c.type = ANY ('{text, varchar, character, name, boolean, smallint, integer, bigint, numeric, uuid}'::regtype[])
                     OR EXISTS (SELECT FROM pg_type AS t WHERE t.oid = c.type AND t.typtype = 'e') END;
    -- guests, if there is an address to know them by
    IF EXISTS (SELECT FROM pg_attribute AS a
               WHERE a.attrelid = clv_internal_view_unused_values.relation AND a.attname = customer AND NOT a.attnotnull
                   AND EXISTS (SELECT FROM @extschema@.clv_internal_view_candidates(a.attrelid::regclass, 'customer'::text, NULL::name) AS c WHERE c.rank = 4 AND c.named <> a.attname)) THEN
        columns := columns || format('%L::pg_catalog.name, ''guest''::pg_catalog.text', customer);
        expressions := expressions || format('CASE WHEN o.%I IS NOT DISTINCT FROM NULL THEN ''NULL''::pg_catalog.text END', customer);
    END IF;
    IF columns IS NULL THEN
        RETURN;
    END IF;
    -- the rows are grouped by all of them at once, and what is left, mostly a few rows, by each
    RETURN QUERY EXECUTE format($query$
        SELECT named, kind,
               pg_catalog.string_agg(pg_catalog.format('%%s (%%s)', coalesce(pg_catalog."left"(value, 40), 'NULL'), pg_catalog.to_char(n, 'FM999,999,999,999,999')), ', ' ORDER BY place)
                   FILTER (WHERE place <= 5) || CASE WHEN pg_catalog.count(*) > 5 THEN ', ...' ELSE '' END,
               pg_catalog.count(*), pg_catalog.sum(n) FILTER (WHERE value IS NOT NULL)::pg_catalog.int8, pg_catalog.sum(n)::pg_catalog.int8,
               coalesce(pg_catalog.array_agg(value::pg_catalog.text ORDER BY place) FILTER (WHERE value IS NOT NULL AND place <= 22), '{}'),
               coalesce(pg_catalog.array_agg(is_back ORDER BY place) FILTER (WHERE value IS NOT NULL AND place <= 22), '{}')
        FROM (SELECT v.named, v.kind, v.value, pg_catalog.sum(g.n) AS n, pg_catalog.bool_and(g.is_back) AS is_back,
                     pg_catalog.row_number() OVER (PARTITION BY v.named, v.kind ORDER BY pg_catalog.sum(g.n) DESC, v.value) AS place
              FROM (SELECT pg_catalog.count(*) AS n, %s, coalesce(pg_catalog.bool_and(%s), false) AS is_back FROM %s AS o GROUP BY %s) AS g CROSS JOIN LATERAL (VALUES %s) AS v (named, kind, value)
              GROUP BY v.named, v.kind, v.value) AS counted
        GROUP BY named, kind$query$,
        (SELECT string_agg(format('(%s) COLLATE pg_catalog."C" AS v%s', e, i), ', ' ORDER BY i) FROM unnest(expressions) WITH ORDINALITY AS u (e, i)), @extschema@.clv_internal_view_is_back(relation, amount), relation,
        (SELECT string_agg((i + 1)::text, ', ' ORDER BY i) FROM unnest(expressions) WITH ORDINALITY AS u (e, i)),
        (SELECT string_agg(format('(%s, g.v%s)', c, i), ', ' ORDER BY i) FROM unnest(columns) WITH ORDINALITY AS u (c, i)));
END
$function$;
COMMENT ON FUNCTION clv_internal_view_unused_values(regclass, name[], name, name) IS
    'support of clv_create_views: what columns say that are not used';

-- The same as one line each, with a notice: what the user may have meant to leave
-- out or to convert.  Amounts that look like cents are in it, too.  A table without
-- a customer is one of refunds.
CREATE FUNCTION clv_internal_view_unused(relation regclass, used name[], customer name, amount name)
    RETURNS TABLE (named name, about text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    counts CONSTANT text := 'FM999,999,999,999,999';
    part record;
BEGIN
    FOR part IN
        SELECT u.named, a.attnum, CASE WHEN u.is_flag THEN format('%s in %s of %s rows', u.values_said_alone, to_char(u.n_rows, counts), to_char(u.n_all, counts)) ELSE u.values_said END AS said,
               CASE WHEN u.kind = 'guest' THEN 'column %I of %s, the customer, is %s'
                    WHEN u.named = ANY (used) THEN 'column %I of %s is not used to convert amounts: %s'
                    ELSE 'column %I of %s is not used: %s' END AS message,
               CASE u.kind WHEN 'other currency' THEN 'Amounts are added up as they are. A view can convert them, or leave all but one currency out.'
                           WHEN 'tax' THEN 'If amounts include it and should not, a view can subtract it.'
                           WHEN 'refund' THEN CASE WHEN u.is_flag THEN format('If the amount does not show it, give refunded => %L.', u.named) ELSE 'If the amount does not show it, give a view with a row below 0 for each refund.' END
                           WHEN 'tenant' THEN 'If each has customers of its own, make views of one alone, or a key of both columns: see "Several tenants" in docs/recipes.md.'
                           WHEN 'guest' THEN 'These rows are left out. If they are orders of guests, a view can take another column for the customer, such as an email address; if they are refunds, a view can join them to their order.'
                           WHEN 'state' THEN CASE WHEN customer = '' THEN 'All count. Give a view that leaves out those that do not.' ELSE @extschema@.clv_internal_view_status_hint(u.named, u.states, u.are_back) END
                           ELSE 'Give a view that leaves out rows that do not count.' END AS hint
        FROM (SELECT v.*, v.values_said ~ '(^|, )(not 0|set) \(' OR v.kind = 'guest' AS is_flag,
                     CASE WHEN v.kind = 'guest' THEN 'NULL' WHEN v.kind = 'state time' THEN 'set' ELSE 'not 0' END AS values_said_alone
              FROM @extschema@.clv_internal_view_unused_values(relation, used, customer, amount) AS v) AS u
            JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = u.named
        WHERE (customer <> '' OR u.kind = ANY ('{other currency, state, state time, test}'::text[]))
            AND CASE WHEN u.is_flag OR u.kind = ANY ('{tax, state time}'::text[]) THEN u.n_rows > 0 ELSE u.n_values > 1 END
        UNION ALL
        SELECT c.named, c.place, 'whole numbers that look like cents', 'column %I of %s is used as it is: %s', 'All money is then in cents. A view can divide it by 100.'
        FROM @extschema@.clv_internal_view_candidates(relation, 'amount'::text, NULL::name) AS c
        WHERE c.named = amount AND c.type = ANY ('{smallint, integer, bigint}'::regtype[])
            AND (c.named::text ~* '(cents|minor|minor_?units)$' OR EXISTS (
                SELECT FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attname = ANY ('{amount_refunded, amount_due, amount_captured}'::name[]) AND NOT a.attisdropped))
        ORDER BY 2
    LOOP
        RAISE NOTICE USING MESSAGE = format(part.message, part.named, relation, part.said), HINT = part.hint;
        named := part.named;
        about := part.said;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION clv_internal_view_unused(regclass, name[], name, name) IS
    'support of clv_create_views: columns that are not used although they matter, with a notice each';
