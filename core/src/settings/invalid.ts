/** Settings that cannot work, in one sentence that names the place and what to change. Holds no key. */
export class SettingsInvalid extends Error {
	override readonly name = 'SettingsInvalid';
}
