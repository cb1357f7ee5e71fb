import { type Received } from './localServer';

/** An OpenAI-compatible chat model: it calls the first tool it is offered, then repeats what that answered. */
export function chatModel({ body }: Received) {
	const { messages, tools } = JSON.parse(body.toString());
	const last = messages.at(-1);
	const isAnswered = last.role === 'tool';
	const call = {
		name: tools[0].function.name,
		arguments: JSON.stringify({ prompt: 'a red kite', fileName: 'red kite' }),
	};
	const message = isAnswered
		? { role: 'assistant', content: last.content }
		: { role: 'assistant', tool_calls: [{ id: 'call-1', type: 'function', function: call }] };
	const finish_reason = isAnswered ? 'stop' : 'tool_calls';
	return {
		id: 'chat-1',
		object: 'chat.completion',
		created: 0,
		model: 'test',
		choices: [{ index: 0, message, finish_reason }],
		usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
	};
}
