import path from 'node:path';

const off = [
	'N8N_DIAGNOSTICS_ENABLED',
	'N8N_VERSION_NOTIFICATIONS_ENABLED',
	'N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED',
	'N8N_DYNAMIC_BANNERS_ENABLED',
	'N8N_TEMPLATES_ENABLED',
	'N8N_HIRING_BANNER_ENABLED',
	'N8N_PERSONALIZATION_ENABLED',
	'N8N_LICENSE_AUTO_RENEW_ENABLED',
	'N8N_VERIFIED_PACKAGES_ENABLED',
	'N8N_AI_ENABLED',
	'N8N_SECURE_COOKIE',
];

const modulesThatCallOut =
	'mcp-registry,instance-ai,chat-hub,mcp,workflow-builder,source-control,external-secrets,otel,token-exchange,promotions,insights';

/**
 * The environment of an n8n that listens on loopback only and calls no one by itself. Nothing of the
 * caller's environment but PATH reaches it, so that a developer's own N8N_ settings or keys do not.
 */
export function quietEnvironment(options: {
	readonly folder: string;
	readonly node: string;
	readonly port: number;
	readonly brokerPort: number;
}): Record<string, string> {
	const { folder, node, port, brokerPort } = options;
	const url = `http://127.0.0.1:${port}`;
	return {
		PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
		HOME: folder,
		TZ: 'UTC',
		GENERIC_TIMEZONE: 'UTC',
		NO_COLOR: '1',
		N8N_USER_FOLDER: folder,
		N8N_HOST: '127.0.0.1',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_PROTOCOL: 'http',
		N8N_PORT: String(port),
		N8N_EDITOR_BASE_URL: url,
		N8N_WEBHOOK_URL: `${url}/`,
		// Two n8n on one machine need two.
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		N8N_ENCRYPTION_KEY: 'a-key-for-demo-and-tests-only',
		N8N_DISABLED_MODULES: modulesThatCallOut,
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '5',
		...Object.fromEntries(off.map((name) => [name, 'false'])),
	};
}
