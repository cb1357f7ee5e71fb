/** One project a level: `unit` needs nothing, `integration` the packed tarball, `e2e` and `chaos` a real n8n. */
const shared = {
	testEnvironment: 'node',
	transform: {
		'\\.[cm]?[jt]s$': [
			'@swc/jest',
			{
				jsc: {
					target: 'es2022',
					parser: { syntax: 'typescript', explicitResourceManagement: true },
				},
			},
		],
	},
	// These ship ES modules only.
	transformIgnorePatterns: [
		'/node_modules/(?!(@google/genai|p-limit|yocto-queue|limiter|image-size)/)',
	],
	moduleNameMapper: {
		'^gemini-t2i$': '<rootDir>/core/src/index.ts',
		'^gemini-t2i/pool$': '<rootDir>/core/src/index.pool.ts',
	},
};

module.exports = {
	// A promise that never settles is found all the same; a busy machine is not taken for one.
	testTimeout: 60_000,
	projects: ['unit', 'integration', 'e2e', 'chaos', 'queue'].map((level) => ({
		...shared,
		displayName: level,
		testMatch: [`<rootDir>/test/${level}/**/*.test.ts`],
		setupFiles: ['<rootDir>/test/support/sameSeedInCi.ts'],
		// One n8n serves all tests of a run.
		...(['e2e', 'chaos'].includes(level) && {
			globalSetup: '<rootDir>/test/e2e/setup.ts',
			globalTeardown: '<rootDir>/test/e2e/teardown.ts',
		}),
	})),
};
