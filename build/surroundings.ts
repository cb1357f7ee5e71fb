/**
 * What bundled libraries see in place of `globalThis`, which n8n Cloud forbids: the standard parts they look for, and
 * nothing of the process they run in. So the SDK finds no environment to read and no dispatcher to replace. Each is looked
 * up when it is asked for: Node loads its `fetch` at the first mention, which takes longer than all else n8n loads of us.
 */
const surroundings = {
	get Buffer() {
		return Buffer;
	},
	get fetch() {
		return fetch;
	},
	get Headers() {
		return Headers;
	},
	get Request() {
		return Request;
	},
	get Response() {
		return Response;
	},
};

export { surroundings as globalThis };
