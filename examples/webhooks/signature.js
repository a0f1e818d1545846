// The signature of a post: when it was made, and an HMAC-SHA256 of that time and the body, with a secret that only
// sender and receiver know.
//
//     Clv-Signature: t=1735689600,v1=5257a869e7...
'use strict';

const { createHmac, timingSafeEqual } = require('node:crypto');

const header = 'clv-signature';
const oldest = 300;     // seconds; what was recorded on the way cannot be sent again later

const seconds_now = () => Math.floor(Date.now() / 1000);
const hmac = (secret, seconds, body) => createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();

function sign(secret, body, seconds = seconds_now()) {
    return `t=${seconds},v1=${hmac(secret, seconds, body).toString('hex')}`;
}

// "body" as it came, before anything parses it
function verify(secret, body, signature, seconds = seconds_now()) {
    const [, at, given] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature ?? '') ?? [];
    if (at === undefined || Math.abs(seconds - at) > oldest) return false;
    // takes equally long wherever the two differ, so that nobody can find the right one byte by byte
    return timingSafeEqual(Buffer.from(given, 'hex'), hmac(secret, at, body));
}

module.exports = { header, sign, verify };
