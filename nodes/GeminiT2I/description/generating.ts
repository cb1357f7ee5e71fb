import type { IDisplayOptions, INodeProperties, NodeHint } from 'n8n-workflow';

export const whenGenerating: IDisplayOptions = {
	show: { operation: ['generate', 'generateBatch'] },
};

export const whenInBatch: IDisplayOptions = { show: { operation: ['generateBatch'] } };

/** For an option of a call of its own: a batch has no such thing. */
export const whenAtOnce: IDisplayOptions = { show: { '/operation': ['generate'] } };

export const errorOutputNotice: INodeProperties = {
	displayName:
		'For lists, open Settings and set On Error to "Continue (using error output)": every finished image is passed on, and items without an image arrive at the second output with the reason. With "Stop Workflow", one prompt that Google declines ends the whole run.',
	name: 'errorOutputNotice',
	type: 'notice',
	default: '',
	displayOptions: { show: { operation: ['generate'] } },
};

export const batchNotice: INodeProperties = {
	displayName:
		'Half price, but not at once: items leave by Not Ready Yet until Google is done, often in ten minutes, at most in a day. Connect Not Ready Yet to a Wait node and that to this node again. Nothing is paid twice, however often an item comes back.',
	name: 'batchNotice',
	type: 'notice',
	default: '',
	displayOptions: whenInBatch,
};

/** From here on a run is long enough to be worth splitting. */
export const LONG_LIST = 50;

export const LONG_LIST_ADVICE =
	'For long lists, put this node into Loop Over Items with batches of 20: each batch is passed on and saved before the next begins, so that stopping the workflow, or its time limit, costs no finished image.';

export const longListHint: NodeHint = {
	message: LONG_LIST_ADVICE,
	type: 'info',
	location: 'outputPane',
	whenToDisplay: 'beforeExecution',
	displayCondition: `={{ $parameter["operation"] === "generate" && $input.all().length > ${LONG_LIST} }}`,
};
