import type { FaultDetail, FaultKind } from '../outcome';

/** What a reply without an image shows of itself. */
export interface Facts {
	/** The HTTP status, or the one that an error in it speaks of; 0 where a success holds an error that names none. */
	readonly status: number;
	readonly form: Form;
	/** Google's `status`, `reason`, `finishReason`, `blockReason`; `code` and `type` of proxies. */
	readonly names: readonly string[];
	/** `quotaId=quotaValue` of each limit that was hit. */
	readonly quotas: readonly string[];
	readonly words: string;
}

/** The form of a reply: errors first, then answers. */
export type Form =
	/** An error of Google's, one of a proxy's, words or a page that is no JSON, nothing. */
	| 'google'
	| 'json'
	| 'page'
	| 'empty'
	/** A redirect to another origin. */
	| 'moved'
	/** The prompt was blocked; a candidate ended with a reason; nothing of the kind. */
	| 'blocked'
	| 'finished'
	| 'answer'
	/** The picture is an address or an id; another API's answer; a picture without its end; compression that is none. */
	| 'address'
	| 'foreign'
	| 'cutPicture'
	| 'garbled'
	/** The body is longer than it may be, broke off, or was given up. */
	| 'overLimit'
	| 'brokenOff'
	| 'aborted';

/** A row matches where all that it names does. Of several the first counts. */
export interface VerdictRow extends Verdict {
	readonly status?: RegExp;
	readonly form?: RegExp;
	readonly name?: RegExp;
	readonly quota?: RegExp;
	readonly words?: RegExp;
}

export interface Verdict {
	readonly kind: FaultKind | 'refused';
	readonly detail?: FaultDetail;
	/** True where it concerns only this model, whatever the quota's id says. */
	readonly perModel?: boolean;
}

const CLIENT = /^[04]/;
const ERROR = /^[045]/;
const ERROR_FORM = /^(?:google|json|page|empty)$/;

/** What a reply without an image means. Each row has its fixture in `test/support/fixtures`. */
export const ROWS: readonly VerdictRow[] = [
	// The request went somewhere else, or did not come through.
	{ form: /^moved$/, kind: 'wrongUrl', detail: 'moved' },
	{ form: /^aborted$/, kind: 'aborted' },
	{ form: /^garbled$/, kind: 'notGemini', detail: 'garbled' },

	// Full for now, whatever code stands beside it.
	{ form: ERROR_FORM, status: /^429$/, words: /负载(?:已|过)?(?:饱和|高)/, kind: 'throttled' },

	// Money, at any status: the key's, not the endpoint's. Google's own words for a rate limit speak of "billing" too.
	{
		form: ERROR_FORM,
		status: ERROR,
		name: /^(?:budget_exceeded|billing_hard_limit_reached|spend(?:ing)?_(?:cap|limit)\w*)$/i,
		kind: 'billing',
		detail: 'spendingCap',
	},
	{
		form: ERROR_FORM,
		status: ERROR,
		words:
			/\bspend(?:ing)?[ -](?:cap|limit)\b|\b(?:monthly|daily|weekly) spend\b|exceeded (?:its |your |the )?(?:monthly |daily |weekly )?(?:spending|billing)/i,
		kind: 'billing',
		detail: 'spendingCap',
	},
	{
		form: ERROR_FORM,
		status: ERROR,
		words:
			/(?<!thinking[ _]|token )\bbudget (?:(?:for|of) [^.:]{1,40} )?(?:has been |have been |was |is |limit )?(?:exceeded|reached|used up|exhausted)|Exceeded(?:Token)?Budget|\b(?:over|crossed|exceed(?:s|ed)? (?:its|your|the|max|\w+'s)(?: max| monthly| daily)?) budget\b|hard limit has been reached|\bmax budget\b/i,
		kind: 'billing',
		detail: 'spendingCap',
	},
	{
		form: ERROR_FORM,
		status: ERROR,
		// A limit that lasts minutes is one of pace.
		words:
			/^(?![^]*(?:\bper (?:second|minute|hour)\b|\bRPM\b|\b(?:retry|again|wait)\b[^.;]{0,20} \d))[^]*\b(?:key|usage|credit) limits? (?:has been |was )?(?:exceeded|reached)\b/i,
		kind: 'billing',
		detail: 'spendingCap',
	},
	{
		form: ERROR_FORM,
		status: CLIENT,
		words:
			/\bfree[ -](?:tier|plan|quota)\b[^.]{0,60}\bnot (?:be )?(?:available|offered|supported|enabled|included)|\bnot (?:available|offered|included|supported) (?:on|in|for|with) (?:the |your )?free\b|\b(?:only|requires?)\b[^.]{0,40}\bpaid (?:tier|plan|account)|\bupgrade to (?:a |the )?paid\b/i,
		kind: 'billing',
		detail: 'noFreeTier',
	},
	{
		form: ERROR_FORM,
		status: CLIENT,
		name: /^BILLING_(?:DISABLED|NOT_\w+|ACCOUNT_\w+)$/,
		kind: 'billing',
		detail: 'noBilling',
	},
	{
		form: ERROR_FORM,
		status: CLIENT,
		words:
			/\bbilling (?:account )?(?:is |has |was )?(?:not |been )?(?:been )?(?:not |disabled|enabled|closed|set up|active|configured|found|suspended)|\b(?:enable|set ?up|activate) billing\b|\bbilling (?:to be|must be) enabled\b|\bbilling account\b[^.]{0,40}\b(?:disabled|closed|delinquent)|\bwithout (?:a |an )?(?:linked |active )?billing\b|\bbilled users\b|\bno (?:active )?billing\b/i,
		kind: 'billing',
		detail: 'noBilling',
	},
	{ status: /^402$/, form: ERROR_FORM, kind: 'billing' },
	{
		form: ERROR_FORM,
		status: ERROR,
		name: /^(?:insufficient_(?:user_)?(?:quota|balance|funds|credits?)|(?:pre_consume_)?token_quota_failed|pre_consume_token_quota_failed|payment_required|arrearage|out_of_credits?|\w*overdue\w*|\w*not_enough_balance)$/i,
		kind: 'billing',
	},
	{
		form: ERROR_FORM,
		status: ERROR,
		words:
			/\bcredits? (?:(?:balance )?(?:are|is|have been|has been|was) )?(?:depleted|exhausted|used up|insufficient|too low)|\b(?:insufficient|not enough|no (?:more|remaining)|out of|requires more) (?:account )?(?:credits?|balance|funds?)\b|\b(?:balance|token quota|user quota) (?:is |has been )?(?:not enough|insufficient|too low|exhausted|depleted|used up)|payment required|\boverdue\b|(?:余额|额度|积分|点数)已?(?:不足|用尽|用完|耗尽)|预扣费?(?:额度)?失败|欠费|请先?充值/i,
		kind: 'billing',
	},

	// Whose place, whose project, which API: each has something of its own to mend.
	{
		form: ERROR_FORM,
		status: CLIENT,
		name: /^(?:SERVICE_DISABLED|API_DISABLED|accessNotConfigured)$/,
		kind: 'forbidden',
		detail: 'apiDisabled',
	},
	{
		form: ERROR_FORM,
		status: CLIENT,
		words:
			/\bAPI has not been (?:used in|enabled)\b|\bAPI is (?:not enabled|disabled)\b|\bit is disabled\. Enable it\b/i,
		kind: 'forbidden',
		detail: 'apiDisabled',
	},
	{
		form: ERROR_FORM,
		status: CLIENT,
		name: /^(?:CONSUMER_SUSPENDED|CONSUMER_INVALID|ACCOUNT_STATE_INVALID|(?:USER_)?PROJECT_(?:DENIED|SUSPENDED|DELETED|INVALID)\w*|account_(?:suspended|deactivated|disabled)|VALIDATION_REQUIRED)$/i,
		kind: 'forbidden',
		detail: 'projectDenied',
	},
	{
		form: ERROR_FORM,
		status: CLIENT,
		words:
			/\b(?:project|account|consumer|organization|user)\b[^.]{0,80}\b(?:denied access|(?:been |is )deleted|scheduled for deletion|suspended|deactivated|banned|terminated|has been (?:disabled|blocked|denied|restricted)|is (?:disabled|blocked|banned))|\b(?:disabled|suspended|blocked|banned) (?:in|for) (?:this|your|the) (?:account|project)\b|(?:用户|账户|账号|帐号)[^，。]{0,4}(?:封禁|禁用|冻结|停用)/i,
		kind: 'forbidden',
		detail: 'projectDenied',
	},
	{ form: ERROR_FORM, status: /^451$/, kind: 'regionBlocked' },
	{
		form: ERROR_FORM,
		status: CLIENT,
		name: /^unsupported_country_region_territory$/,
		kind: 'regionBlocked',
	},
	{
		form: ERROR_FORM,
		status: /^(?:0|400|403|451)$/,
		words:
			/\b(?:location|country|region|territory|area)\b[^.]{0,40}(?:\bnot|n't|n’t) (?:supported|available|allowed|served)|(?:\bnot|n't|n’t) (?:supported|available|allowed|served|offered) (?:in|from|for) (?:your|this|the) (?:\w+ )?(?:location|country|region|territory|area)|\bunsupported (?:country|region|location)\b|(?:地区|区域|国家)[^，。]{0,8}(?:不支持|不可用|无法使用|受限)|不支持[^，。]{0,8}(?:地区|区域|国家)/i,
		kind: 'regionBlocked',
	},

	// The model, here or for this key.
	{
		form: ERROR_FORM,
		status: CLIENT,
		name: /^(?:key|team|user|org|project)_model_access_denied$|^model_(?:not_allowed|access_denied)$/i,
		kind: 'forbidden',
		detail: 'modelDenied',
	},
	{
		form: ERROR_FORM,
		status: /^(?:0|400|401|403)$/,
		words:
			/\b(?:not allowed|not permitted|no (?:access|permission)|does not have access|not authorized|can only access|may not use|not have permission)\b[^.]{0,60}\bmodels?\b|无权(?:访问|使用)/i,
		kind: 'forbidden',
		detail: 'modelDenied',
	},
	{
		form: ERROR_FORM,
		status: ERROR,
		name: /^model_(?:not_(?:found|supported|exist|available)|price_error)$/i,
		kind: 'modelMissing',
	},
	{
		form: ERROR_FORM,
		// With a 429 what serves it is only resting.
		status: /^(?:[05]|4(?!29))/,
		words:
			/\bno available channels? for (?:the )?model\b|\bno (?:such|healthy deployments? for(?: this)?|deployments? available for(?: selected)?|provider\w* (?:found )?(?:for|supports?)(?: the)?) model\b|\bno (?:endpoints|allowed providers) (?:found|available|are available)\b|\bprovider not provided\b|\bratio or price not set\b|(?:无可用渠道|可用渠道不存在)|不支持(?:的|该|此)模型|模型[^，。]{0,80}(?:不存在|未找到|已下架|已停用|价格未配置)/i,
		kind: 'modelMissing',
	},
	{
		form: ERROR_FORM,
		status: /^(?:0|400|403|404|410|422)$/,
		words:
			/\bmodels?\b[\s:`'"“(=]{0,4}[\w./:@-]{0,80}[`'"”)]{0,2} (?:is |are |was )?(?:not (?:supported|found|available|offered|enabled|recogni[sz]ed|a valid)|(?:has |have )?(?:been )?(?:retired|discontinued|shut down|removed)|(?:does|do) not exist|doesn't exist|unknown|unsupported|invalid|deprecated|no longer)|\b(?:unknown|invalid|unsupported|unrecogni[sz]ed|not a valid) model\b/i,
		kind: 'modelMissing',
	},

	// The key.
	{
		form: ERROR_FORM,
		status: /^(?:0|400|403)$/,
		name: /^(?:API_KEY_INVALID|API_KEY_\w+|invalid_api_key|KEY_INVALID)$/,
		kind: 'badKey',
	},
	{
		form: ERROR_FORM,
		status: /^(?:0|400|403)$/,
		words:
			/(?:密钥|令牌|API ?Key) ?(?:无效|不存在|错误|已过期|已失效)|(?:无效|错误|过期)的 ?(?:密钥|令牌|API ?(?:Key|密钥))|\bnot authenticated\b/i,
		kind: 'badKey',
	},
	{
		form: ERROR_FORM,
		status: /^(?:0|400)$/,
		words:
			/\bapi[ _-]?key (?:is )?(?:not valid|invalid|expired|not found|missing|required)|\b(?:invalid|incorrect|expired|missing|wrong) (?:api[ _-]?)?key\b|API_KEY_INVALID/i,
		kind: 'badKey',
	},
	{ form: ERROR_FORM, status: /^401$/, kind: 'badKey' },
	{ form: /^(?:google|json)$/, status: /^403$/, words: /api[ _-]?key/i, kind: 'badKey' },

	// Google declined, as relays report it.
	{
		form: /^(?:google|json)$/,
		status: CLIENT,
		name: /^(?:prompt_blocked|content_policy_violation|content_filter|content_violation|moderation_blocked|sensitive_words?_detected|data_?inspection_?failed|IMAGE_SAFETY|PROHIBITED_CONTENT|IMAGE_PROHIBITED_CONTENT|BLOCKLIST|SPII)$/i,
		kind: 'refused',
	},
	{
		form: /^(?:google|json)$/,
		status: CLIENT,
		words:
			/\b(?:IMAGE_)?PROHIBITED_CONTENT\b|\bIMAGE_SAFETY\b|\bcontent[ _]policy|\bcontent (?:management|filter)|\bblocked (?:by|due to|for) (?:our |the )?(?:safety|security|content|moderation|policy)|\b(?:input|prompt|request|content|image)s? (?:was |were |is |has been |have been )?flagged\b|\bsensitive words?\b|\binappropriate content\b|敏感(?:词|内容|信息)|违规|不当内容|\bsafety (?:system|filter|policy|settings blocked)|\bResponsible AI\b/i,
		kind: 'refused',
	},

	// Quotas, by their id and never by the word.
	{
		form: ERROR_FORM,
		status: /^429$/,
		quota: /-FreeTier=0?$/i,
		kind: 'modelMissing',
		detail: 'noFreeTier',
	},
	{ form: ERROR_FORM, status: /^429$/, quota: /=0$/, kind: 'modelMissing' },
	{ form: ERROR_FORM, status: /^429$/, words: /\blimit: ?0(?!\.?\d)/i, kind: 'modelMissing' },
	{ form: ERROR_FORM, status: /^429$/, quota: /PerDay/i, kind: 'dailyQuota' },
	{
		form: ERROR_FORM,
		status: /^429$/,
		name: /^MODEL_CAPACITY_EXHAUSTED$/,
		kind: 'throttled',
		perModel: true,
	},
	{ form: ERROR_FORM, status: /^429$/, kind: 'throttled' },

	// The endpoint.
	{ form: /^page$/, status: /^403$/, kind: 'wrongUrl', detail: 'guarded' },
	{ form: ERROR_FORM, status: /^403$/, kind: 'forbidden' },
	{ form: /^google$/, status: /^404$/, kind: 'modelMissing' },
	{ form: ERROR_FORM, status: /^40[45]$/, kind: 'wrongUrl' },
	{
		form: /^(?:json|page)$/,
		status: /^400$/,
		words:
			/\bHTTP request (?:was sent )?to (?:an )?HTTPS\b|\bplease configure\b|\binvalid provider\b|\bheaders? (?:is|are) required\b|\b(?:missing|no) (?:required )?(?:\S+ )?header\b|\binvalid url\b|\b(?:path|route|endpoint) (?:is )?not (?:found|supported)\b|\bprovider (?:is )?(?:required|missing|not (?:set|configured|found))/i,
		kind: 'wrongUrl',
	},
	{ form: ERROR_FORM, status: /^524$/, kind: 'gatewayTimeout' },
	{ form: /^(?:json|page|empty)$/, status: /^504$/, kind: 'gatewayTimeout' },

	// The request.
	{ form: ERROR_FORM, status: /^413$/, kind: 'badRequest' },
	{ form: ERROR_FORM, status: /^4(?:08|09|25|99)$/, kind: 'serverFault' },
	{
		form: /^google$/,
		status: /^400$/,
		words: /\bInvalid JSON payload\b|\bUnknown name "/,
		kind: 'badRequest',
		detail: 'field',
	},
	{ form: /^(?:google|json)$/, status: /^4/, kind: 'badRequest' },
	// A page was not written by the API: someone on the way answered instead.
	{ form: /^(?:google|json|page)$/, kind: 'serverFault' },
	{ form: /^empty$/, status: /^[1345]/, kind: 'serverFault' },

	// Answers. Google declined for good: the same prompt would be declined again.
	{ form: /^blocked$/, kind: 'refused' },
	{
		form: /^finished$/,
		name: /^(?:SAFETY|IMAGE_SAFETY|PROHIBITED_CONTENT|IMAGE_PROHIBITED_CONTENT|RECITATION|IMAGE_RECITATION|BLOCKLIST|SPII|LANGUAGE|content_filter)$/i,
		kind: 'refused',
	},
	{ form: /^finished$/, name: /^MAX_TOKENS$/i, kind: 'badRequest' },
	{ form: /^overLimit$/, kind: 'badRequest' },
	{ form: /^(?:brokenOff|cutPicture)$/, kind: 'truncated' },
	{ form: /^address$/, kind: 'notGemini', detail: 'address' },
	{ form: /^foreign$/, kind: 'notGemini' },
	{
		form: /^finished$/,
		name: /^(?:STOP|NO_IMAGE|IMAGE_OTHER|OTHER|MALFORMED_\w+|CONTINUATION|\w*UNSPECIFIED|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS)$/i,
		kind: 'noImage',
	},
	{ form: /^finished$/, words: /\S/, kind: 'refused' },
	{ kind: 'noImage' },
];

const holds = (pattern: RegExp | undefined, values: readonly string[]) =>
	pattern === undefined || values.some((value) => pattern.test(value));

/** The row that a reply falls under. */
export const verdictOf = ({ status, form, names, quotas, words }: Facts): VerdictRow =>
	ROWS.find(
		(row) =>
			holds(row.status, [String(status)]) &&
			holds(row.form, [form]) &&
			holds(row.name, names) &&
			holds(row.quota, quotas) &&
			holds(row.words, [words]),
	)!;

/** Whether the limits that a row speaks of are all counted per model: of several one that counts all stops the whole lane. */
export function isPerModel(
	{ quota, perModel = false }: VerdictRow,
	quotas: readonly string[],
): boolean {
	const hit = quota === undefined ? quotas : quotas.filter((one) => quota.test(one));
	return perModel || (hit.length > 0 && hit.every((one) => /PerModel/i.test(one)));
}
