/**
 * What bundled libraries see in place of `globalThis`, which n8n Cloud forbids: the standard parts they look for, and
 * nothing of the process they run in. So the SDK finds no environment to read and no dispatcher to replace.
 */
const surroundings = { Buffer, fetch, Headers, Request, Response };

export { surroundings as globalThis };
