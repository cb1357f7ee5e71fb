import js from '@eslint/js';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * For what never runs inside n8n: core's command line, tests, benches and scripts. n8n's strict rules hold at the
 * root, for nodes and credentials, and on the packed bundle; here they would forbid files, timers and processes.
 */
export default tseslint.config(globalIgnores(['dist']), {
	files: ['**/*.ts'],
	extends: [js.configs.recommended, tseslint.configs.recommended],
	rules: {
		// Replies of a server are read as they come.
		'@typescript-eslint/no-explicit-any': 'off',
		// n8n-core reads its environment when it is loaded: some tests load it late.
		'@typescript-eslint/no-require-imports': 'off',
		// Keys and file names are cleared of characters that cannot be seen.
		'no-control-regex': 'off',
		'no-misleading-character-class': 'off',
	},
});
