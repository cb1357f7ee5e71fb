/** What was asked for cannot be done as it stands: one or more sentences that say what to change. Exit code 2. */
export class UsageInvalid extends Error {
	override readonly name = 'UsageInvalid';
}
