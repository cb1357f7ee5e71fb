/** A request that cannot be sent as it is. The message says what to change; no call was made. */
export class RequestInvalid extends Error {
	override readonly name = 'RequestInvalid';
}
