/**
 * n8n's strict rules for what ships, ours for the rest. Strict mode wants the root's configuration as it comes, so the
 * other folders bring their own, which ESLint 9 looks up only with this flag.
 */
import { spawnSync } from 'node:child_process';

const env = { ...process.env, ESLINT_FLAGS: 'unstable_config_lookup_from_file' };
for (const command of ['n8n-node lint', 'prettier --check .']) {
	const { status } = spawnSync(command, { shell: true, stdio: 'inherit', env });
	if (status !== 0) process.exit(status ?? 1);
}
